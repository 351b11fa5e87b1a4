//! Which Rust files are worth parsing: those that hold the words without which no selected rule finds anything in them.
//!
//! What a rule binds to has to be written in the file: a path with all of its segments, by an import if not in full, a method, a
//! macro. So have sources of values, names and texts that its conditions ask for. Where a condition does not tell, the file is
//! parsed.

use std::collections::HashMap;

use aho_corasick::AhoCorasick;

use crate::framework::rust::words_of_source;
use crate::rules::condition::{Binding, Check, Condition, Operand, Test};
use crate::rules::path::{Path, Segment};

/// What kinds of items begin with.
const KEYWORDS: &[(&str, &str)] = &[
    ("attribute", "#"),
    ("enum", "enum"),
    ("function", "fn"),
    ("impl", "impl"),
    ("import", "use"),
    ("static", "static"),
    ("struct", "struct"),
    ("trait", "trait"),
    ("unsafe-block", "unsafe"),
];

/// Which files the Rust rules of a run can find something in.
#[derive(Debug, Default)]
pub struct RustFilter {
    words: Option<AhoCorasick>,
    /// By word, whether it has to stand alone.
    are_whole: Vec<bool>,
    asks: Vec<Vec<Clause>>,
}

/// One of these has to be so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Clause {
    /// By their positions in [`RustFilter::words`], the words one of which stands in the file.
    words: Vec<usize>,
    /// It is a build script.
    is_build_script: bool,
}

/// Numbers the words.
#[derive(Default)]
struct Words {
    numbers: HashMap<(String, bool), usize>,
    texts: Vec<String>,
    are_whole: Vec<bool>,
}

impl Words {
    /// One of these is a part of the text.
    fn parts<W: AsRef<str>>(&mut self, words: impl IntoIterator<Item = W>) -> Clause {
        self.clause(words, false)
    }

    /// One of these is a name or a keyword in it.
    fn names<W: AsRef<str>>(&mut self, words: impl IntoIterator<Item = W>) -> Clause {
        self.clause(words, true)
    }

    fn clause<W: AsRef<str>>(&mut self, words: impl IntoIterator<Item = W>, is_whole: bool) -> Clause {
        let words = words.into_iter().map(|word| {
            let next = self.texts.len();
            let number = *self.numbers.entry((word.as_ref().to_owned(), is_whole)).or_insert(next);
            if number == next {
                self.texts.push(word.as_ref().to_owned());
                self.are_whole.push(is_whole);
            }
            number
        });
        Clause { words: words.collect(), is_build_script: false }
    }
}

impl RustFilter {
    /// The filter for rules with these `bindings`.
    pub(super) fn new<'b>(bindings: impl Iterator<Item = &'b Binding>) -> Self {
        let mut words = Words::default();
        let mut asks = Vec::new();
        for binding in bindings {
            let demand = &binding.demand;
            let mut always = demand.when.as_ref().map(|when| clauses(when, &mut words)).unwrap_or_default();
            if let Check::Deny(condition) = &demand.check {
                always.extend(clauses(condition, &mut words));
            }
            for kind in &binding.types {
                let mut ask = of_kind(kind, &mut words);
                ask.extend(always.iter().cloned());
                asks.push(ask);
            }
        }
        // Without words nothing can be told apart.
        let are_whole = words.are_whole;
        let words = AhoCorasick::new(&words.texts).ok();
        Self { words, are_whole, asks }
    }

    /// Whether a rule may find something in the file at `path`.
    #[must_use]
    pub fn admits(&self, path: &str, text: &str) -> bool {
        let Some(words) = &self.words else { return !self.asks.is_empty() };
        let mut present = vec![false; words.patterns_len()];
        let is_of_name = |at: Option<usize>| {
            let byte = at.and_then(|at| text.as_bytes().get(at));
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        for found in words.find_overlapping_iter(text) {
            let number = found.pattern().as_usize();
            let Some(present) = present.get_mut(number).filter(|present| !**present) else { continue };
            let is_whole = self.are_whole.get(number) == Some(&true);
            *present = !is_whole || !(is_of_name(found.start().checked_sub(1)) || is_of_name(Some(found.end())));
        }
        let is_build_script = path.rsplit('/').next() == Some("build.rs");
        let holds = |clause: &Clause| {
            (clause.is_build_script && is_build_script)
                || clause.words.iter().any(|&word| present.get(word).copied().unwrap_or(true))
        };
        self.asks.iter().any(|ask| ask.iter().all(holds))
    }
}

/// What a file holds where there is something of `kind`.
fn of_kind(kind: &str, words: &mut Words) -> Vec<Clause> {
    if let Some(name) = kind.strip_prefix('.') {
        return vec![words.names([name])];
    }
    if let Some((_, keyword)) = KEYWORDS.iter().find(|(known, _)| *known == kind) {
        return vec![if *keyword == "#" { words.parts([keyword]) } else { words.names([keyword]) }];
    }
    let path = kind.strip_suffix('!').or_else(|| kind.strip_suffix("{}")).unwrap_or(kind);
    if path == kind && !kind.contains("::") {
        return Vec::new();
    }
    // The standard library has other names for itself, and some of it is there without an import.
    let segments =
        path.split("::").filter(|segment| !segment.is_empty() && !matches!(*segment, "std" | "core" | "alloc"));
    let mut clauses: Vec<Clause> = segments.map(|segment| words.names([segment])).collect();
    if kind.ends_with('!') {
        // Or an import gives it another name.
        let name = path.rsplit("::").next().unwrap_or(path);
        clauses.push(words.parts([format!("{name}!"), format!("{name} as ")]));
    }
    clauses
}

/// What a file holds for which `condition` holds, as far as that can be told.
fn clauses(condition: &Condition, words: &mut Words) -> Vec<Clause> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(|part| clauses(part, words)).collect(),
        Condition::Any(parts) => {
            let mut one = Clause::default();
            for part in parts {
                let Some(first) = clauses(part, words).into_iter().next() else { return Vec::new() };
                one.words.extend(first.words);
                one.is_build_script |= first.is_build_script;
            }
            vec![one]
        }
        Condition::At { path, test } => at(path, test, words).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn at(path: &Path, test: &Test, words: &mut Words) -> Option<Clause> {
    let mut keys = path.alternatives.iter().map(|alternative| match alternative.segments.last() {
        Some(Segment::Key(key)) => Some((alternative.scope.as_deref(), key.as_str())),
        _ => None,
    });
    let (scope, key) = keys.next()??;
    if keys.next().is_some() {
        return None;
    }
    let (Test::In(Operand::Literal(literals)) | Test::Contains(Operand::Literal(literals))) = test else { return None };
    let is_true = literals.iter().all(|literal| literal == "true");
    match (scope, key, test) {
        (Some("file"), "is_build_script", _) if is_true => Some(Clause { words: Vec::new(), is_build_script: true }),
        (Some("file"), "is_proc_macro", _) if is_true => Some(words.parts(["proc_macro"])),
        (None, "taint", Test::In(_)) => {
            let sources: Option<Vec<&[&str]>> = literals.iter().map(|source| words_of_source(source)).collect();
            Some(words.parts(sources?.concat()))
        }
        // Names and texts are those of the file, and what a path has in it stands in an import at least.
        (None, "name", Test::In(_)) | (None, "text" | "from" | "path" | "chain" | "calls", Test::Contains(_)) => {
            Some(words.parts(literals))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::load;
    use crate::rules::schema::Detect;

    /// The files among `files` that the filter of a rule with this binding admits.
    fn admitted<'f>(binding: &str, files: &[(&'f str, &'f str)]) -> Vec<&'f str> {
        let pack = format!(
            "rules:\n- id: x\n  title: t\n  category: code\n  description: d\n  remediation: r\n  applies:\n  - {binding}\n"
        );
        let Detect::Policy(policy) = load("p", &pack).unwrap().remove(0).detect else {
            unreachable!("it has `applies`")
        };
        let filter = RustFilter::new(policy.bindings.iter());
        files.iter().filter(|(path, text)| filter.admits(path, text)).map(|(_, text)| *text).collect()
    }

    #[test]
    fn what_a_rule_binds_to_has_to_be_written_in_the_file() {
        let files =
            [("a.rs", "use std::env; env::args()"), ("a.rs", "use std::env;"), ("a.rs", "x.open()"), ("a.rs", "y!()")];
        let always = "deny: {at: used_as, equals: call}";
        assert_eq!(admitted(&format!("{{rust: ['std::env::args'], {always}}}"), &files), [files[0].1]);
        assert_eq!(admitted(&format!("{{rust: ['.open', 'y!'], {always}}}"), &files), [files[2].1, files[3].1]);
        assert_eq!(admitted(&format!("{{rust: [comparison], {always}}}"), &files).len(), 4);
        assert_eq!(admitted(&format!("{{rust: [unsafe-block], {always}}}"), &files), [""; 0]);
    }

    #[test]
    fn what_its_conditions_ask_for_has_to_be_there_too() {
        let files = [
            ("a.rs", "use axum::extract::Query; x.open(q)"),
            ("a.rs", "x.open(q)"),
            ("a.rs", "#[get(\"/<q>\")] fn f(q: &str) { x.open(q) }"),
            ("a/build.rs", "x.open(build)"),
            ("a.rs", "let validate_exp = x.open(y)"),
        ];
        let of = |rest: &str| admitted(&format!("{{rust: ['.open'], {rest}}}"), &files);
        assert_eq!(of("deny: {at: 'arguments[0].taint', equals: request}"), [files[0].1, files[2].1]);
        assert_eq!(of("when: {at: $file.is_build_script, equals: true}, deny: {at: a, equals: 1}"), [files[3].1]);
        assert_eq!(of("deny: {at: name, in: [validate_exp, validate_aud]}"), [files[4].1]);
        let any = "{any: [{at: name, equals: validate_exp}, {at: $file.is_build_script, equals: true}]}";
        assert_eq!(of(&format!("deny: {any}")), [files[3].1, files[4].1]);
        // What is denied, or told by a pattern, may be missing.
        assert_eq!(of("deny: {not: {at: name, equals: none}}").len(), 5);
        assert_eq!(of("deny: {at: name, matches: none}").len(), 5);
        assert_eq!(of("require: {at: name, equals: none}").len(), 5);
    }
}
