//! What a secret's regex tells about itself: whether it compiles, where it can be tried, what of a match is public.
//!
//! A regex whose matches all begin with known literals is tried right where the shared automaton saw one of them, which is
//! several times faster than searching around a keyword and loses nothing. The literals are read from the regex, so a rule
//! cannot get them wrong.

use std::collections::BTreeSet;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal, Seq};
use regex_syntax::hir::{Hir, HirKind};

use super::schema::{Pattern, Trigger};

/// Shortest literal that may trigger a regex; shorter ones are hit so often that they cost more than they save.
pub const MIN_LITERAL: usize = 3;
/// Literals are cut to this length: the regex tells the rest at once, and every further byte makes the automaton larger,
/// slower to build and worse to cache.
const MAX_LITERAL: usize = 6;
/// A shorter first part of a name is seen together with its second.
const MIN_NAME_PART: usize = 4;
/// How many literals one regex may contribute: the fewer the better, so the first of these that can be had.
const FEW_LITERALS: [usize; 3] = [4, 24, 128];
/// Most steps of a regex once its repetitions are written out. It keeps what the engine compiles far below the memory that
/// it allows a regex, so that a rule whose regex loads is a rule that runs.
const MAX_STEPS: usize = 20_000;
/// Name of the capture group that holds the secret.
pub const SECRET_GROUP: &str = "secret";

/// Parses `regex` the way the engine compiles it: bytes, ASCII classes.
///
/// # Errors
///
/// The parser's message, or that the regex is too large.
pub fn parse(regex: &str) -> Result<Hir, String> {
    let parsed = ParserBuilder::new().unicode(false).utf8(false).nest_limit(100).build().parse(regex);
    let hir = parsed.map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    })?;
    if steps(&hir) > MAX_STEPS {
        return Err(format!(
            "the regex is too large once its repetitions are written out (more than {MAX_STEPS} steps); \
             use smaller counts, or `*` and `+`"
        ));
    }
    Ok(hir)
}

/// Steps of an automaton for `hir`, estimated: a repetition counts as often as it must be written out.
fn steps(hir: &Hir) -> usize {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(regex_syntax::hir::Class::Bytes(class)) => 1 + class.ranges().len() / 8,
        // A range of code points becomes up to a few sequences of up to four bytes.
        HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => 4 * (1 + class.ranges().len()),
        HirKind::Capture(capture) => 2 + steps(&capture.sub),
        HirKind::Repetition(repetition) => {
            let times = repetition.max.unwrap_or(repetition.min.saturating_add(1)).max(1);
            (1 + steps(&repetition.sub)).saturating_mul(usize::try_from(times).unwrap_or(usize::MAX))
        }
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(steps).fold(1, usize::saturating_add),
    }
}

/// Checks a secret's regex and finds its trigger. `keywords` and `file_only` are what the rule offers beside it.
///
/// # Errors
///
/// What is wrong with the regex, for the author of the rule.
pub fn compile(regex: &str, keywords: &[String], file_only: bool) -> Result<Pattern, String> {
    let hir = parse(regex)?;
    if secret_group(&hir).is_none() {
        return Err(format!("the pattern has no group `(?<{SECRET_GROUP}>…)`"));
    }
    let trigger = match prefixes(&hir) {
        Some(literals) => Trigger::Prefix(literals),
        None if !keywords.is_empty() => Trigger::Keyword(keywords.to_vec()),
        None if file_only => Trigger::File,
        None => {
            return Err(format!(
                "the pattern does not begin with literal text of {MIN_LITERAL} bytes or more: give `keywords` \
                 that stand near every match"
            ));
        }
    };
    Ok(Pattern { regex: regex.to_owned(), trigger, public_prefix: public_prefix(&hir) })
}

/// The literals with which every match begins, lower case, when there are few enough and all are long enough. Where a class
/// behind the fixed text makes too many, they are cut to the fixed text.
fn prefixes(hir: &Hir) -> Option<Vec<String>> {
    let seq = extract(hir);
    let whole = seq.literals()?;
    let cuts: Vec<Vec<String>> = (MIN_LITERAL..=MAX_LITERAL).rev().filter_map(|length| cut(whole, length)).collect();
    // Long literals are hit seldom, few make a small automaton: long comes first unless there are too many.
    FEW_LITERALS.iter().find_map(|&most| cuts.iter().find(|literals| literals.len() <= most).cloned())
}

/// `literals` cut to `length` bytes, lower case; `None` when one of them cannot serve as a trigger.
fn cut(literals: &[Literal], length: usize) -> Option<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    let short = |literal: &Literal| {
        let bytes = literal.as_bytes();
        let bytes = &bytes[..bytes.len().min(length)];
        let usable = bytes.is_ascii() && bytes.len() >= MIN_LITERAL && bytes.iter().any(u8::is_ascii_alphanumeric);
        usable.then(|| String::from_utf8_lossy(bytes).to_ascii_lowercase())
    };
    for literal in literals.iter().map(short).collect::<Option<BTreeSet<String>>>()? {
        // One that begins with another adds nothing: the shorter is seen wherever the longer is, and sorts first.
        if !kept.last().is_some_and(|shorter| literal.starts_with(shorter.as_str())) {
            kept.push(literal);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

fn extract(hir: &Hir) -> Seq {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(10).limit_total(1024);
    extractor.extract(hir)
}

/// The part of the regex inside the secret group.
fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some(SECRET_GROUP) => Some(&capture.sub),
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
        _ => None,
    }
}

/// The fixed text with which every secret begins.
fn public_prefix(hir: &Hir) -> String {
    let common = secret_group(hir).and_then(|group| extract(group).longest_common_prefix().map(<[u8]>::to_vec));
    common.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// The literals under which a name of an `assigned` rule is seen: its beginning, up to the first free separator (`_`); where
/// that is too short, with each separator and what follows.
#[must_use]
pub fn name_literals(name: &str) -> Vec<String> {
    let cut = |text: String| text.get(..MAX_LITERAL).map(str::to_owned).unwrap_or(text);
    match name.split_once('_') {
        Some((first, rest)) if first.len() < MIN_NAME_PART => {
            let rest = rest.split('_').next().unwrap_or(rest);
            ["", "_", "-", ".", " "].iter().map(|separator| cut(format!("{first}{separator}{rest}"))).collect()
        }
        Some((first, _)) => vec![cut(first.to_owned())],
        None => vec![cut(name.to_owned())],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(regex: &str) -> Trigger {
        compile(regex, &[], false).unwrap().trigger
    }

    #[test]
    fn literals_in_front_become_the_trigger() {
        assert_eq!(trigger(r"\b(?<secret>ghp_[0-9A-Za-z]{36})\b"), Trigger::Prefix(vec!["ghp_".into()]));
        assert_eq!(
            trigger(r"\b(?<secret>(?:AKIA|ASIA)[A-Z2-7]{16})\b"),
            Trigger::Prefix(vec!["akia".into(), "asia".into()])
        );
        assert_eq!(trigger(r"(?<secret>xoxb-[0-9]{8})"), Trigger::Prefix(vec!["xoxb-".into()]));
        assert_eq!(trigger(r"(?<secret>ntn_[0-9]{11})"), Trigger::Prefix(vec!["ntn_".into()]));
        assert_eq!(trigger(r"(?i)x-api-key: (?<secret>\w{8})"), Trigger::Prefix(vec!["x-api-".into()]));
    }

    #[test]
    fn without_a_literal_a_keyword_is_wanted() {
        let regex = r"\b(?<secret>[0-9a-f]{32})\b";
        assert!(compile(regex, &[], false).unwrap_err().contains("keywords"));
        assert_eq!(compile(regex, &[], true).unwrap().trigger, Trigger::File);
        assert_eq!(compile(regex, &["acme".into()], false).unwrap().trigger, Trigger::Keyword(vec!["acme".into()]));
        assert!(compile("abc[0-9]", &[], false).unwrap_err().contains("(?<secret>"));
    }

    #[test]
    fn the_fixed_part_of_a_secret_is_public() {
        assert_eq!(compile(r"token=(?<secret>abc_\w{9})", &[], false).unwrap().public_prefix, "abc_");
        assert_eq!(compile(r"token=(?<secret>\w{9})", &[], false).unwrap().public_prefix, "");
    }

    #[test]
    fn a_name_is_seen_by_its_beginning() {
        assert_eq!(name_literals("acme"), ["acme"]);
        assert_eq!(name_literals("data_gov"), ["data"]);
        assert_eq!(name_literals("cryptocompare_api"), ["crypto"]);
        assert_eq!(name_literals("cf_token"), ["cftoke", "cf_tok", "cf-tok", "cf.tok", "cf tok"]);
    }
}
