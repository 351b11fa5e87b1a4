//! The compiled form of all secret rules: every literal that triggers one, and what it calls.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use regex_automata::meta;
use regex_automata::util::syntax;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::announced;
use super::gitleaks::GitleaksRules;
use super::literals::{Literal, Literals};
use super::places::Places;
use super::{generic, pem};
use crate::engine::regex;
use crate::rules::catalogue::Catalogue;
use crate::rules::pattern::{self, SECRET_GROUP};
use crate::rules::schema::{Detect, Near, Pattern, Prefix, Rule, SecretRule, Source, Trigger};

/// What the engine does where a literal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    /// Try this matcher's regex right here.
    Anchored(u32),
    /// Search this matcher's regex around here.
    Around(u32),
    /// A name of this matcher's provider may begin here: look for it, and for a value behind it.
    Name(u32),
    /// Read the private key block that begins here.
    PrivateKey,
    /// Note the place for the generic detector.
    Generic,
    /// Note the place for the decoder.
    Encoded,
    /// Let this rule of gitleaks look at the text.
    Gitleaks(u32),
}

/// A regex of a rule, compiled on first use.
pub(super) struct Matcher {
    /// Index of the rule in [`Index::rules`].
    pub(super) rule: usize,
    regex: String,
    compiled: OnceLock<Option<(meta::Regex, usize)>>,
    extent: OnceLock<Extent>,
    /// How many leading bytes of the secret may be shown.
    pub(super) public_prefix: usize,
    /// Matches begin at the beginning of a word only.
    pub(super) starts_word: bool,
}

impl Matcher {
    fn new(rule: usize, regex: String) -> Self {
        Self { rule, regex, compiled: OnceLock::new(), extent: OnceLock::new(), public_prefix: 0, starts_word: false }
    }

    /// Bytes of the longest match of the regex; the maximum where there is no bound.
    pub(super) fn longest(&self) -> usize {
        self.extent().longest
    }

    /// Bytes of the shortest secret that the regex matches.
    pub(super) fn shortest(&self) -> usize {
        self.extent().shortest
    }

    /// Whether no match of the regex holds the end of a line.
    pub(super) fn keeps_to_line(&self) -> bool {
        self.extent().keeps_to_line
    }

    fn extent(&self) -> Extent {
        *self.extent.get_or_init(|| Extent::of(&self.regex))
    }

    /// The regex and the index of its secret group. `None` never for a rule that was loaded: the loader refuses what does
    /// not compile or would need more memory than the bound allows.
    pub(super) fn regex(&self) -> Option<&(meta::Regex, usize)> {
        let compile = || {
            let regex = regex::compile(&self.regex).ok()?;
            let group = regex.group_info().to_index(regex_automata::PatternID::ZERO, SECRET_GROUP).unwrap_or_default();
            Some((regex, group))
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

/// How far the matches of a regex reach.
#[derive(Clone, Copy)]
struct Extent {
    shortest: usize,
    longest: usize,
    keeps_to_line: bool,
}

impl Extent {
    fn of(regex: &str) -> Self {
        let syntax = syntax::Config::new().unicode(false).utf8(false);
        // A regex that does not parse matches nothing, and none such was loaded.
        let Ok(parsed) = syntax::parse_with(regex, &syntax) else {
            return Self { shortest: 0, longest: usize::MAX, keeps_to_line: false };
        };
        let longest = parsed.properties().maximum_len().unwrap_or(usize::MAX);
        let shortest = shortest_secret(&parsed).unwrap_or(0);
        Self { shortest, longest, keeps_to_line: !may_hold_line_end(&parsed) }
    }
}

/// Bytes of the shortest text that the secret group in `hir` matches.
fn shortest_secret(hir: &Hir) -> Option<usize> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some(SECRET_GROUP) => {
            capture.sub.properties().minimum_len()
        }
        HirKind::Capture(capture) => shortest_secret(&capture.sub),
        HirKind::Repetition(repetition) => shortest_secret(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().filter_map(shortest_secret).min(),
        HirKind::Empty | HirKind::Look(_) | HirKind::Literal(_) | HirKind::Class(_) => None,
    }
}

/// Whether a match of `hir` may hold a line feed.
fn may_hold_line_end(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => false,
        HirKind::Literal(literal) => literal.0.contains(&b'\n'),
        HirKind::Class(Class::Bytes(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&b'\n'))
        }
        HirKind::Class(Class::Unicode(class)) => {
            class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'\n'))
        }
        HirKind::Repetition(repetition) => may_hold_line_end(&repetition.sub),
        HirKind::Capture(capture) => may_hold_line_end(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().any(may_hold_line_end),
    }
}

/// A secret rule as the engine needs it.
pub(super) struct CompiledRule {
    /// Index in the catalogue.
    pub(super) catalogue: usize,
    /// What narrows its matches.
    pub(super) narrow: SecretRule,
    allow: OnceLock<Vec<meta::Regex>>,
    /// The rule's own confidence.
    pub(super) confidence: crate::rating::Confidence,
    /// Severity `info`: an identifier rather than a secret, which gives way to anything else on the same bytes.
    pub(super) informational: bool,
}

impl CompiledRule {
    /// Whether one of the rule's `allow` regexes matches the secret.
    pub(super) fn allows(&self, secret: &[u8]) -> bool {
        let compile = || self.narrow.allow.iter().filter_map(|regex| regex::compile(regex).ok()).collect();
        self.allow.get_or_init(compile).iter().any(|regex: &meta::Regex| regex.is_match(secret))
    }

    /// The companion that must stand near.
    pub(super) fn near(&self) -> Option<&Near> {
        self.narrow.near.as_ref()
    }
}

/// All secret rules of a run, compiled.
pub(super) struct Index {
    pub(super) rules: Vec<CompiledRule>,
    pub(super) matchers: Vec<Matcher>,
    /// The native private key rules: check name to index in `rules`.
    pub(super) private_keys: BTreeMap<String, usize>,
    /// The native generic rules: check name to index in `rules`.
    pub(super) generic: BTreeMap<&'static str, usize>,
    /// Matchers that run over the whole of a file whose path fits.
    pub(super) whole_file: Vec<u32>,
    /// Rules of gitleaks and betterleaks.
    pub(super) gitleaks: GitleaksRules,
    /// What tokens that a rule knows by form begin with, sorted.
    claims: Vec<String>,
    /// The matchers of rules that know a form, by the provider that their ids begin with.
    by_provider: BTreeMap<String, Vec<u32>>,
    literals: Literals,
    /// Bytes of the longest of them.
    pub(super) longest_literal: usize,
    /// By literal.
    calls: Vec<Vec<Call>>,
    /// Which files the rules look at that do not look at all of them.
    places: Places,
}

impl Index {
    /// Indexes the rules of `catalogue` that are `enabled`.
    pub(super) fn new(catalogue: &Catalogue, enabled: &[bool]) -> Self {
        let mut build = Builder::default();
        for (position, rule) in catalogue.rules().iter().enumerate() {
            if let (Some(true), Detect::Secret(secret)) = (enabled.get(position), &rule.detect) {
                build.add(position, rule, secret);
            }
        }
        build.finish()
    }

    /// Calls `visit` for every trigger in `text`: what to do, where the literal stands, and how many bytes it has.
    pub(super) fn visit(&self, text: &[u8], mut visit: impl FnMut(Call, usize, usize)) {
        self.literals.find(text, |literal, at, len| {
            for call in &self.calls[literal] {
                visit(*call, at, len);
            }
        });
    }

    /// Whether `value` begins like a token that a rule knows by form.
    pub(super) fn claims_to_be_known(&self, value: &[u8]) -> bool {
        // A JSON Web Token has no separator at its beginning, and an unmistakable one all the same.
        if value.starts_with(b"eyJ") && value.contains(&b'.') {
            return true;
        }
        // What `value` begins with sorts before it, and begins with the same byte.
        let end = self.claims.partition_point(|claim| claim.as_bytes() <= value);
        let same_start = |claim: &&String| claim.as_bytes().first() == value.first();
        self.claims[..end].iter().rev().take_while(same_start).any(|claim| value.starts_with(claim.as_bytes()))
    }

    /// Bytes of the shortest credential of `provider` that a rule knows the form of.
    pub(super) fn shortest_of(&self, provider: &str) -> Option<usize> {
        let matchers = self.by_provider.get(provider)?;
        matchers.iter().filter_map(|&id| self.matchers.get(id as usize)).map(Matcher::shortest).min()
    }

    /// Which rules apply to the file at `path`.
    pub(super) fn applicable(&self, path: &str) -> Applicable {
        Applicable { rules: self.places.rules(path) }
    }
}

/// The path-bound rules that apply to one file.
pub(super) struct Applicable {
    /// Indices of rules, in no order.
    pub(super) rules: Vec<usize>,
}

impl Applicable {
    /// Whether the rule of matcher `id` applies.
    pub(super) fn has(&self, index: &Index, id: u32) -> bool {
        let rule = index.matchers[id as usize].rule;
        index.rules[rule].narrow.paths.is_empty() || self.rules.contains(&rule)
    }
}

#[derive(Default)]
struct Builder {
    rules: Vec<CompiledRule>,
    matchers: Vec<Matcher>,
    private_keys: BTreeMap<String, usize>,
    generic: BTreeMap<&'static str, usize>,
    whole_file: Vec<u32>,
    gitleaks: GitleaksRules,
    /// In the order of the rules; a literal may stand there many times.
    triggers: Vec<(Literal, Call)>,
    claims: BTreeSet<String>,
    by_provider: BTreeMap<String, Vec<u32>>,
    places: Places,
}

impl Builder {
    fn add(&mut self, catalogue: usize, rule: &Rule, secret: &SecretRule) {
        let index = self.rules.len();
        for path in &secret.paths {
            self.places.add(path, index);
        }
        self.rules.push(CompiledRule {
            catalogue,
            narrow: secret.clone(),
            allow: OnceLock::new(),
            confidence: rule.confidence,
            informational: rule.severity == crate::rating::Severity::Info,
        });
        let first = self.matchers.len();
        match &secret.source {
            Source::Patterns(patterns) => {
                for pattern in patterns {
                    let Pattern { public_prefix, starts_word, .. } = *pattern;
                    let matcher = Matcher::new(index, pattern.regex.clone());
                    let id = self.matcher(Matcher { public_prefix, starts_word, ..matcher });
                    self.claims.extend(pattern.claims.iter().cloned());
                    match &pattern.trigger {
                        Trigger::Prefix(prefixes) => {
                            for Prefix { text, exact } in prefixes {
                                self.trigger(text, *exact, Call::Anchored(id));
                            }
                        }
                        Trigger::Keyword(keywords) => self.triggers(keywords, Call::Around(id)),
                        Trigger::File => self.whole_file.push(id),
                    }
                }
            }
            Source::Assigned(assigned) => {
                // Not `\b`: a value may begin or end with `-` or `=`.
                let value = &assigned.value;
                let regex = format!(r"(?:^|[^0-9A-Za-z_])(?<{SECRET_GROUP}>(?:{value}))(?:[^0-9A-Za-z_]|$)");
                let id = self.matcher(Matcher::new(index, regex));
                for name in &assigned.names {
                    self.triggers(&pattern::name_literals(name), Call::Name(id));
                }
            }
            Source::Native { check, keywords } => {
                if check.starts_with(pem::CHECK_PREFIX) {
                    self.private_keys.insert(check.clone(), index);
                    self.triggers(keywords, Call::PrivateKey);
                } else if let Some(kind) = generic::Kind::ALL.iter().find(|kind| kind.rule() == check) {
                    self.generic.insert(kind.rule(), index);
                    for keyword in generic::KEYWORDS {
                        self.trigger(keyword, false, Call::Generic);
                    }
                }
            }
            Source::Gitleaks(foreign) => {
                if foreign.is_hidden {
                    return;
                }
                let (number, keywords) = self.gitleaks.add(index, &rule.id, foreign);
                let call = Call::Gitleaks(u32::try_from(number).unwrap_or(u32::MAX));
                for keyword in keywords {
                    self.trigger(keyword, false, call);
                }
            }
        }
        let provider = rule.id.split('-').next().unwrap_or_default();
        let matchers = (first..self.matchers.len()).filter_map(|id| u32::try_from(id).ok());
        self.by_provider.entry(provider.to_owned()).or_default().extend(matchers);
    }

    fn matcher(&mut self, matcher: Matcher) -> u32 {
        self.matchers.push(matcher);
        u32::try_from(self.matchers.len() - 1).unwrap_or(u32::MAX)
    }

    fn triggers(&mut self, literals: &[String], call: Call) {
        for literal in literals {
            self.trigger(literal, false, call);
        }
    }

    fn trigger(&mut self, literal: &str, exact: bool, call: Call) {
        self.triggers.push((Literal { bytes: literal.as_bytes().into(), exact }, call));
    }

    fn finish(mut self) -> Index {
        if !self.rules.is_empty() {
            for word in announced::WORDS {
                self.trigger(word, false, Call::Encoded);
            }
        }
        // Stable: the calls of a literal stay in the order of the rules.
        self.triggers.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut literals: Vec<Literal> = Vec::new();
        let mut calls: Vec<Vec<Call>> = Vec::new();
        for (literal, call) in self.triggers {
            match calls.last_mut() {
                Some(of_literal) if literals.last() == Some(&literal) => {
                    if !of_literal.contains(&call) {
                        of_literal.push(call);
                    }
                }
                _ => {
                    literals.push(literal);
                    calls.push(vec![call]);
                }
            }
        }
        Index {
            rules: self.rules,
            matchers: self.matchers,
            private_keys: self.private_keys,
            generic: self.generic,
            whole_file: self.whole_file,
            gitleaks: self.gitleaks,
            claims: self.claims.into_iter().collect(),
            by_provider: self.by_provider,
            longest_literal: literals.iter().map(|literal| literal.bytes.len()).max().unwrap_or(0),
            literals: Literals::new(literals),
            calls,
            places: self.places,
        }
    }
}
