//! What a secret's regex tells about itself: whether it compiles, where it can be tried, what of a match is public.
//!
//! A regex whose matches all begin with known literals is tried right where the shared prefilter saw one of them, which is
//! several times faster than searching around a keyword and loses nothing. The literals are read from the regex, so a rule
//! cannot get them wrong.

use std::collections::BTreeSet;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Literal, Seq};
use regex_syntax::hir::{Capture, Class, Hir, HirKind, Look, Repetition};

use super::schema::{Pattern, Prefix, Trigger};

/// Shortest literal that may trigger a regex; shorter ones are hit so often that they cost more than they save.
pub const MIN_LITERAL: usize = 3;
/// Literals are cut to this length: beyond it, the regex tells as soon.
const MAX_LITERAL: usize = 16;
/// How many literals one regex should contribute, and how many it may: long ones are hit seldom, so they are cut shorter only
/// where there would be too many.
const FEW_LITERALS: [usize; 2] = [32, 128];
/// A shorter beginning (`sk-`) is shared by too many things to claim anything.
const MIN_CLAIM: usize = 4;
/// Least length of one that no separator sets off: chance makes it once in 60 million values.
const MIN_BARE_CLAIM: usize = 5;
/// Beginnings that say what a token is for and not whose it is.
const ANYBODYS: &[&str] = &[
    "api_", "api-", "app_", "key_", "key-", "live_", "mobile_", "pat_", "prod_", "server_", "test_", "token_", "web_",
];
/// Most beginnings that one regex may claim.
const MAX_CLAIMS: usize = 16;
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
#[must_use]
pub fn steps(hir: &Hir) -> usize {
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
    Ok(Pattern {
        regex: regex.to_owned(),
        trigger,
        public_prefix: public_prefix(&hir),
        claims: claims(&hir),
        starts_word: starts_word(&hir),
    })
}

/// The literals with which every match begins, when there are few enough and all are long enough. Where a class behind the
/// fixed text makes too many, they are cut to the fixed text.
fn prefixes(hir: &Hir) -> Option<Vec<Prefix>> {
    let folded = few(&extract(&fold(hir)), true)?;
    // As they stand, if case counts in each of them: otherwise there are more of them, or shorter ones.
    let exact = few(&extract(hir), false).filter(|exact| {
        let lower: BTreeSet<String> = exact.iter().map(|text| text.to_ascii_lowercase()).collect();
        exact.len() == folded.len() && lower.iter().eq(&folded)
    });
    let is_exact = exact.is_some();
    Some(exact.unwrap_or(folded).into_iter().map(|text| Prefix { text, exact: is_exact }).collect())
}

/// The literals of `seq`, sorted and cut to the greatest length at which there are few of them.
fn few(seq: &Seq, lower: bool) -> Option<Vec<String>> {
    let whole = seq.literals()?;
    let cuts: Vec<Vec<String>> =
        (MIN_LITERAL..=MAX_LITERAL).rev().filter_map(|length| cut(whole, length, lower)).collect();
    FEW_LITERALS.iter().find_map(|&most| cuts.iter().find(|literals| literals.len() <= most).cloned())
}

/// `literals` cut to `length` bytes; `None` when one of them cannot serve as a trigger.
fn cut(literals: &[Literal], length: usize, lower: bool) -> Option<Vec<String>> {
    let mut kept: Vec<String> = Vec::new();
    let short = |literal: &Literal| {
        let bytes = literal.as_bytes();
        let bytes = &bytes[..bytes.len().min(length)];
        let usable = bytes.is_ascii() && bytes.len() >= MIN_LITERAL && bytes.iter().any(u8::is_ascii_alphanumeric);
        let text = usable.then(|| String::from_utf8_lossy(bytes).into_owned())?;
        Some(if lower { text.to_ascii_lowercase() } else { text })
    };
    for literal in literals.iter().map(short).collect::<Option<BTreeSet<String>>>()? {
        // One that begins with another adds nothing: the shorter is seen wherever the longer is, and sorts first.
        if !kept.last().is_some_and(|shorter| literal.starts_with(shorter.as_str())) {
            kept.push(literal);
        }
    }
    (!kept.is_empty()).then_some(kept)
}

/// `hir` with every letter that stands for both of its cases as that letter, small. The prefilter compares without regard
/// to case, so nothing is lost, and a regex with `(?i)` keeps long literals instead of a bush of variants.
fn fold(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Class(Class::Bytes(class)) => match class.ranges() {
            [upper, lower]
                if upper.start() == upper.end()
                    && lower.start() == lower.end()
                    && upper.start().is_ascii_uppercase()
                    && upper.start().to_ascii_lowercase() == lower.start() =>
            {
                Hir::literal([lower.start()])
            }
            _ => hir.clone(),
        },
        HirKind::Repetition(repetition) => {
            Hir::repetition(Repetition { sub: Box::new(fold(&repetition.sub)), ..repetition.clone() })
        }
        HirKind::Capture(capture) => Hir::capture(Capture { sub: Box::new(fold(&capture.sub)), ..capture.clone() }),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(fold).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(fold).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) | HirKind::Class(_) => hir.clone(),
    }
}

/// Whether every match begins at the beginning of a word: with `\b`, and then with a word's character.
fn starts_word(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Look(look) => matches!(look, Look::WordAscii | Look::WordStartAscii),
        HirKind::Concat(parts) => parts.first().is_some_and(starts_word),
        HirKind::Capture(capture) => starts_word(&capture.sub),
        _ => false,
    }
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

/// Length of the fixed text with which every secret begins.
fn public_prefix(hir: &Hir) -> usize {
    secret_group(hir).and_then(|group| extract(group).longest_common_prefix().map(<[u8]>::len)).unwrap_or(0)
}

/// What the secrets begin with, each cut behind its last separator: set off by one, it is no part of a word. Or all of it
/// where it is long.
fn claims(hir: &Hir) -> Vec<String> {
    let Some(seq) = secret_group(hir).map(extract) else { return Vec::new() };
    let claim = |literal: &Literal| {
        let bytes = literal.as_bytes();
        let end = bytes.iter().rposition(|b| matches!(b, b'_' | b'-' | b'.' | b':' | b'/' | b'$'))? + 1;
        let claim = std::str::from_utf8(&bytes[..end]).ok()?;
        (end >= MIN_CLAIM && !ANYBODYS.contains(&claim)).then(|| claim.to_owned())
    };
    let mut claims: BTreeSet<String> = seq.literals().into_iter().flatten().filter_map(claim).collect();
    if let Some(whole) = seq.longest_common_prefix().and_then(|prefix| std::str::from_utf8(prefix).ok())
        && claims.is_empty()
        && whole.len() >= MIN_BARE_CLAIM
        && !ANYBODYS.contains(&whole)
    {
        claims.insert(whole.to_owned());
    }
    claims.into_iter().take(MAX_CLAIMS).collect()
}

/// The literals under which a name of an `assigned` rule is seen: all of it, or its first two parts with each of the
/// separators that `_` stands for.
#[must_use]
pub fn name_literals(name: &str) -> Vec<String> {
    let mut parts = name.split('_');
    match (parts.next(), parts.next()) {
        (Some(first), Some(second)) => {
            ["", "_", "-", ".", " "].iter().map(|separator| format!("{first}{separator}{second}")).collect()
        }
        _ => vec![name.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The literals of the trigger; exact ones in quotes.
    fn literals(regex: &str) -> String {
        let Trigger::Prefix(prefixes) = compile(regex, &[], false).unwrap().trigger else { panic!("no prefix") };
        let show = |prefix: &Prefix| if prefix.exact { format!("'{}'", prefix.text) } else { prefix.text.clone() };
        prefixes.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn literals_in_front_become_the_trigger() {
        assert_eq!(literals(r"\b(?<secret>ghp_[0-9A-Za-z]{36})\b"), "'ghp_'");
        assert_eq!(literals(r"\b(?<secret>(?:AKIA|ASIA)[A-Z2-7]{16})\b"), "'AKIA' 'ASIA'");
        let digits: Vec<String> = (0..10).map(|digit| format!("'ntn_{digit}'")).collect();
        assert_eq!(literals(r"(?<secret>ntn_[0-9]{11})"), digits.join(" "));
        assert_eq!(literals(r"(?i)jwt[^a-z](?<secret>\w{8})"), "jwt");
        assert_eq!(literals(r"(?i)x-api-key: (?<secret>\w{8})"), "x-api-key: ");
        assert_eq!(literals(r"(?i)\b(?:acme|apex)_?key=(?<secret>\w{8})"), "acme_key= acmekey= apex_key= apexkey=");
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
        assert_eq!(compile(r"token=(?<secret>abc_\w{9})", &[], false).unwrap().public_prefix, 4);
        assert_eq!(compile(r"token=(?<secret>\w{9})", &[], false).unwrap().public_prefix, 0);
    }

    #[test]
    fn a_token_claims_its_kind_by_what_it_begins_with() {
        let claims = |regex: &str| compile(regex, &[], false).unwrap().claims;
        assert_eq!(claims(r"(?<secret>xox[pe]-[0-9]{9})"), ["xoxe-", "xoxp-"]);
        assert_eq!(claims(r"(?<secret>sk_live_ab[0-9a-z]{9})"), ["sk_live_"]);
        assert_eq!(claims(r"(?<secret>acmeq[0-9a-z]{9})"), ["acmeq"]);
        assert!(claims(r"(?<secret>acme[0-9a-z]{9})").is_empty());
        assert_eq!(claims(r"(?<secret>(?:test|live)_[0-9a-z]{9})"), [""; 0]);
        assert!(claims(r"(?<secret>AKIA[A-Z2-7]{16})").is_empty());
    }

    #[test]
    fn a_name_is_seen_with_every_separator() {
        assert_eq!(name_literals("acme"), ["acme"]);
        assert_eq!(name_literals("data_gov_key"), ["datagov", "data_gov", "data-gov", "data.gov", "data gov"]);
    }
}
