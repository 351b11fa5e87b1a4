//! The secrets engine: credentials in any text.
//!
//! One pass over the text finds every literal that a rule asks for (`literals`). At a hit the rule's regex is tried
//! right there (or around it, where the regex does not begin with the literal), then what narrows the rule decides:
//! placeholders, entropy, offline validators, allow-lists, companions. Names of providers and of secrets lead to values
//! that have no form of their own. What is encoded is decoded and read the same way (`encoded`). Where several rules match the
//! same bytes, the most specific one speaks.

mod announced;
mod assigned;
mod decode;
mod difference;
mod encoded;
pub mod entropy;
mod follow;
pub mod generic;
mod gitleaks;
mod index;
mod literals;
mod named;
mod overlap;
mod pem;
pub mod placeholder;
mod places;
mod published;
mod validate;
mod wrapped;

use std::sync::OnceLock;

use regex_automata::util::captures::Captures;
use regex_automata::{Anchored, Input};

pub use self::follow::Follower;
use self::index::{Applicable, Call, CompiledRule, Index};
use self::validate::Opinion;
use crate::engine::Detection;
use crate::rating::Confidence;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::{Near, Rule};
use crate::secret::Secret;
use crate::span::Span;

/// Longest match of a regex that begins with its literal.
const MAX_ANCHORED: usize = 8 * 1024;
/// How far around a keyword its regex is searched.
const AROUND: usize = 512;
/// How much of a file the regexes without any literal see; their files are small.
const MAX_WHOLE_FILE: usize = 1 << 20;
/// How far the lines of a companion may reach from the match.
const MAX_NEAR_BYTES: usize = 4 * 1024;
/// Most detections in one file; what comes behind is cut, and said to be cut.
pub const MAX_DETECTIONS: usize = 10_000;

/// How specific the kinds of recognition are.
mod specificity {
    pub(super) const HINT: u8 = 0;
    pub(super) const IDENTIFIER: u8 = 1;
    pub(super) const GENERIC: u8 = 2;
    pub(super) const ASSIGNED: u8 = 3;
    pub(super) const PLACED: u8 = 4;
    pub(super) const PATTERN: u8 = 5;
    pub(super) const PROVEN: u8 = 6;
    pub(super) const STRUCTURE: u8 = 7;
}

/// The secret rules of a run, ready to look at texts. Shared between threads.
pub struct SecretEngine<'a> {
    catalogue: &'a Catalogue,
    /// By rule of the catalogue.
    enabled: Vec<bool>,
    /// Built for the first text: a run that finds nothing to look at should not wait for it.
    index: OnceLock<Index>,
}

/// What the engine found in one text.
#[derive(Debug, Default)]
pub struct Outcome {
    /// In order of appearance; no two share a byte.
    pub detections: Vec<Detection>,
    /// Set when more than [`MAX_DETECTIONS`] matched: from this byte on the text may hold secrets that are not listed.
    pub unexamined_from: Option<usize>,
}

impl<'a> SecretEngine<'a> {
    /// An engine for the secret rules of `catalogue` that `enabled` accepts. They are indexed for the first text, and each
    /// regex is compiled when it is first needed.
    #[must_use]
    pub fn new(catalogue: &'a Catalogue, enabled: impl Fn(&Rule) -> bool) -> Self {
        Self { catalogue, enabled: catalogue.rules().iter().map(enabled).collect(), index: OnceLock::new() }
    }

    /// Looks at one decoded text. `path` is relative to the scan root, with `/`.
    #[must_use]
    pub fn scan(&self, path: &str, text: &str) -> Outcome {
        let index = self.index();
        let applicable = index.applicable(path);
        let mut pass = Pass::new(index, &applicable, text.as_bytes());
        index.visit(text.as_bytes(), |call, at, _| pass.call(call, at));
        pass.finish(path, text)
    }

    /// What a path means to the engine: texts at two paths with equal answers are looked at in the same way.
    #[must_use]
    pub fn kind_of(&self, path: &str) -> impl Ord + std::hash::Hash + Send + use<> {
        let mut rules = self.index().applicable(path).rules;
        rules.sort_unstable();
        // The regexes of gitleaks' rules may see anything in a path.
        let regexes_see = (self.index().gitleaks.len() > 0).then(|| path.to_owned());
        (rules, generic::kind_of(path), regexes_see)
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.catalogue, &self.enabled))
    }
}

/// One look at one text.
struct Pass<'a> {
    index: &'a Index,
    text: &'a [u8],
    applicable: &'a Applicable,
    found: Vec<Detection>,
    /// By matcher: up to where it has looked, so that close hits do not make it look twice.
    done: Vec<usize>,
    generic_hits: Vec<usize>,
    /// Words that say that something on their line is encoded.
    encoded_hits: Vec<usize>,
    /// By number of a rule of gitleaks: whether one of its keywords was seen.
    gitleaks_called: Vec<bool>,
    /// Names of providers behind which no credential of the known form stands, with the length of the shortest that would.
    unmet: Vec<(Span, usize)>,
    private_key_end: usize,
    /// Set once the bound on detections is reached: what begins behind this byte was not looked at.
    stopped_at: Option<usize>,
}

impl<'a> Pass<'a> {
    fn new(index: &'a Index, applicable: &'a Applicable, text: &'a [u8]) -> Self {
        Self {
            index,
            text,
            applicable,
            found: Vec::new(),
            done: vec![0; index.matchers.len()],
            generic_hits: Vec::new(),
            encoded_hits: Vec::new(),
            gitleaks_called: vec![false; index.gitleaks.len()],
            unmet: Vec::new(),
            private_key_end: 0,
            stopped_at: None,
        }
    }

    /// What came of the triggers of all of the text.
    fn finish(mut self, path: &str, text: &str) -> Outcome {
        self.whole_file();
        self.generic(path, text);
        self.gitleaks(path);
        self.encoded();
        let mut unexamined_from = self.stopped_at;
        let mut detections = overlap::resolve(self.found);
        if let Some(first_left_out) = detections.get(MAX_DETECTIONS) {
            let start = first_left_out.span.start;
            unexamined_from = Some(unexamined_from.map_or(start, |at| at.min(start)));
            detections.truncate(MAX_DETECTIONS);
        }
        Outcome { detections, unexamined_from }
    }

    /// Whether the bound on detections keeps what stands at `at`, or begins up to [`AROUND`] before, from being examined.
    fn stops(&mut self, at: usize) -> bool {
        let stops = self.found.len() >= MAX_DETECTIONS;
        if stops {
            let at = at.saturating_sub(AROUND);
            self.stopped_at = Some(self.stopped_at.map_or(at, |earlier| earlier.min(at)));
        }
        stops
    }

    fn call(&mut self, call: Call, start: usize) {
        if let Call::Gitleaks(number) = call {
            if let Some(called) = self.gitleaks_called.get_mut(number as usize) {
                *called = true;
            }
            return;
        }
        if self.stops(start) {
            return;
        }
        match call {
            Call::Gitleaks(_) => {}
            Call::Generic => {
                if self.generic_hits.last() != Some(&start) {
                    self.generic_hits.push(start);
                }
            }
            Call::Encoded => self.encoded_hits.push(start),
            Call::Anchored(id) => self.anchored(id, start),
            Call::Around(id) => self.around(id, start),
            Call::Name(id) => self.name(id, start),
            Call::PrivateKey => self.private_key(start),
        }
    }

    /// Whether the rule of matcher `id` applies to this file.
    fn applies(&self, id: u32) -> bool {
        self.applicable.has(self.index, id)
    }

    fn anchored(&mut self, id: u32, start: usize) {
        let inside_word = || start > 0 && is_word(self.text[start - 1]) && is_word(self.text[start]);
        if start < self.done[id as usize]
            || (self.index.matchers[id as usize].starts_word && inside_word())
            || !self.applies(id)
        {
            return;
        }
        let end = self.text.len().min(start + MAX_ANCHORED);
        if let Some(matched) = self.search(id, Span::new(start, end), Anchored::Yes) {
            self.done[id as usize] = matched.end;
        }
    }

    fn around(&mut self, id: u32, start: usize) {
        let from = start.saturating_sub(AROUND).max(self.done[id as usize]);
        let to = self.text.len().min(start + AROUND);
        self.search_all(id, Span::new(from, to));
    }

    fn whole_file(&mut self) {
        for &id in &self.index.whole_file {
            self.search_all(id, Span::new(0, self.text.len().min(MAX_WHOLE_FILE)));
        }
    }

    fn search_all(&mut self, id: u32, window: Span) {
        if !self.applies(id) {
            return;
        }
        let mut from = window.start;
        while from < window.end && !self.stops(from) {
            let Some(matched) = self.search(id, Span::new(from, window.end), Anchored::No) else { break };
            from = matched.end.max(from + 1);
            self.done[id as usize] = from;
        }
    }

    /// Tries matcher `id` in `window` and judges what it matched; gives the whole match.
    fn search(&mut self, id: u32, window: Span, anchored: Anchored) -> Option<Span> {
        let matcher = &self.index.matchers[id as usize];
        let (regex, group) = matcher.regex()?;
        let input = Input::new(self.text).span(window.start..window.end).anchored(anchored);
        // Most tries fail, and finding that out is cheaper without captures.
        regex.search_half(&input)?;
        let mut captures: Captures = regex.create_captures();
        regex.search_captures(&input, &mut captures);
        let whole = captures.get_match()?;
        if let Some(secret) = captures.get_group(*group).filter(|secret| !secret.is_empty()) {
            let span = Span::new(secret.start, secret.end);
            let rule = &self.index.rules[matcher.rule];
            let kind = if rule.narrow.paths.is_empty() { specificity::PATTERN } else { specificity::PLACED };
            if let Some(detection) = self.judge(rule, span, matcher.public_prefix, kind) {
                self.found.push(detection);
            }
        }
        Some(Span::new(whole.start(), whole.end()))
    }

    fn private_key(&mut self, start: usize) {
        if start < self.private_key_end {
            return;
        }
        let Some(key) = pem::read(self.text, start) else { return };
        self.private_key_end = key.span.end;
        let Some(&index) = self.index.private_keys.get(key.check) else { return };
        let rule = &self.index.rules[index];
        let confidence = if key.is_usable() { rule.confidence } else { rule.confidence.min(Confidence::Medium) };
        self.found.push(self.detection(rule, key.span, 0, confidence, key.facts(), specificity::STRUCTURE));
    }

    fn generic(&mut self, path: &str, text: &str) {
        if self.generic_hits.is_empty() {
            return;
        }
        for candidate in generic::scan(path, text, &self.generic_hits) {
            let Some(&index) = self.index.generic.get(candidate.kind.rule()) else { continue };
            let rule = &self.index.rules[index];
            let written = candidate.span.slice(self.text).unwrap_or_default();
            let secret = candidate.decoded.as_deref().unwrap_or(written);
            let mut reasons: Vec<String> = candidate.reasons.iter().map(|&reason| reason.to_owned()).collect();
            let Some(mut confidence) = candidate.confidence else { continue };
            if published::is_published(written) || published::is_published(secret) {
                continue;
            }
            if self.index.claims_to_be_known(secret) {
                // Had it also the form, the checksum and the rest, its own rule would speak here.
                confidence = Confidence::Low;
                reasons.push("begins like a known token and is none".to_owned());
            } else if self.falls_short(&candidate) {
                confidence = Confidence::Low;
                reasons.push("shorter than what the provider issues".to_owned());
            }
            let kind = if confidence == Confidence::Low { specificity::HINT } else { specificity::GENERIC };
            if candidate.decoded.is_some() {
                reasons.push("decoded from base64".to_owned());
            }
            let secret = Secret::new(secret);
            let detection = self.detection(rule, candidate.span, 0, confidence, reasons, kind);
            self.found.push(Detection { secret, ..detection });
        }
    }

    /// Lets the rules of gitleaks and betterleaks look at all of the text.
    fn gitleaks(&mut self, path: &str) {
        let left = MAX_DETECTIONS.saturating_sub(self.found.len());
        let mut found = Vec::new();
        let rules = &self.index.gitleaks;
        let has_more = rules.scan(&self.gitleaks_called, path, self.text, left, |one| found.push(one));
        for one in found {
            let rule = &self.index.rules[one.rule];
            let kind = match (one.is_generic, one.has_parts) {
                (true, _) => specificity::GENERIC,
                (false, true) => specificity::PROVEN,
                (false, false) => specificity::PATTERN,
            };
            self.found.push(self.detection(rule, one.span, 0, rule.confidence, one.facts, kind));
        }
        if has_more {
            // Rules that were not asked may match anywhere.
            self.stopped_at = Some(0);
        }
    }

    /// Applies everything that narrows a rule to the secret at `span`.
    fn judge(&self, rule: &CompiledRule, span: Span, public_prefix: usize, kind: u8) -> Option<Detection> {
        let secret = span.slice(self.text)?;
        if !rule.narrow.keep_placeholders && placeholder::overwhelming(secret).is_some() {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, reason = "an entropy is at most 8")]
        if rule.narrow.entropy.is_some_and(|least| (entropy::shannon(secret) as f32) < least) {
            return None;
        }
        if rule.allows(secret)
            || published::is_published(secret)
            || !rule.near().is_none_or(|near| self.stands_near(near, span))
        {
            return None;
        }
        let mut facts = Vec::new();
        for name in &rule.narrow.validate {
            match validate::ask(name, secret) {
                Opinion::Accepted(more) => facts.extend(more),
                Opinion::Rejected => return None,
            }
        }
        let mut kind = kind;
        if rule.informational {
            kind = specificity::IDENTIFIER;
        } else if kind == specificity::PATTERN && (!rule.narrow.validate.is_empty() || rule.near().is_some()) {
            kind = specificity::PROVEN;
        }
        Some(self.detection(rule, span, public_prefix, rule.confidence, facts, kind))
    }

    fn detection(
        &self,
        rule: &CompiledRule,
        span: Span,
        public_prefix: usize,
        confidence: Confidence,
        facts: Vec<String>,
        specificity: u8,
    ) -> Detection {
        Detection {
            rule: rule.catalogue,
            span,
            secret: Secret::new(span.slice(self.text).unwrap_or_default()),
            public_prefix,
            confidence,
            facts,
            specificity,
        }
    }

    /// Whether one of the words of `near` stands within its number of lines of `span`.
    fn stands_near(&self, near: &Near, span: Span) -> bool {
        let lines = near.lines as usize + 1;
        let before = &self.text[span.start.saturating_sub(MAX_NEAR_BYTES)..span.start];
        let start = memchr::memrchr_iter(b'\n', before).nth(lines - 1).map_or(0, |at| at + 1);
        let after = &self.text[span.end..self.text.len().min(span.end + MAX_NEAR_BYTES)];
        let end = memchr::memchr_iter(b'\n', after).nth(lines - 1).unwrap_or(after.len());
        // The secret itself is no companion of itself.
        let around = [&before[start..], b"\n", &after[..end]].concat().to_ascii_lowercase();
        near.any.iter().any(|word| memchr::memmem::find(&around, word.as_bytes()).is_some())
    }
}

/// A character of a word, as `\b` sees it.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
