//! Comments that silence findings: which were needed, and which say why.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::excerpt::Excerpts;
use super::{Origin, ScanReport, Scanner};
use crate::coverage::Consequence;
use crate::finding::{Excerpt, Finding, Location};
use crate::rules::catalogue::Catalogue;
use crate::span::{LineIndex, Region, Span};
use crate::suppress::inline::InlineSuppressions;
use crate::suppress::practice::{self, Check};

/// The comments for Lockgate in the files of a scan, until they are judged.
#[derive(Clone, Debug, Default)]
pub struct Markers {
    /// By path, and place in the text.
    found: BTreeMap<(Arc<str>, usize), Marker>,
    used: BTreeSet<(Arc<str>, usize)>,
}

#[derive(Clone, Debug)]
struct Marker {
    origin: Origin,
    span: Span,
    region: Region,
    excerpt: Excerpt,
    /// The rules that it names; none means every rule.
    rules: Vec<String>,
    has_reason: bool,
    /// Why it silences nothing, whatever there is to silence.
    problem: Option<String>,
}

impl Markers {
    /// Takes in what another part of the run met.
    pub(super) fn absorb(&mut self, other: Self) {
        self.found.extend(other.found);
        self.used.extend(other.used);
    }

    /// Notes that the comment at `at` of the file at `path` silences something.
    pub(super) fn note_use(&mut self, path: &Arc<str>, at: Option<usize>) {
        self.used.extend(at.map(|at| (Arc::clone(path), at)));
    }

    /// Notes the comments that `suppressions` read from `text`, the file at `path`.
    pub(super) fn list(
        &mut self,
        (path, origin): (&Arc<str>, Origin),
        (text, lines, excerpts): (&str, &LineIndex, &Excerpts<'_>),
        suppressions: &InlineSuppressions,
    ) {
        let own = suppressions.own().iter().map(|own| (own.span, own.rules.clone(), own.has_reason, None));
        let malformed = suppressions.malformed().iter().map(|one| {
            let end = lines.line_span(text, one.line).map_or(one.at, |line| line.end);
            let end = text.get(one.at..end).map_or(one.at, |rest| one.at + rest.trim_end().len());
            (Span::new(one.at, end.max(one.at)), Vec::new(), true, Some(one.message.clone()))
        });
        for (span, rules, has_reason, problem) in own.chain(malformed) {
            let region = lines.region(text, span);
            let excerpt = excerpts.around(span, region);
            let marker = Marker { origin, span, region, excerpt, rules, has_reason, problem };
            self.found.insert((Arc::clone(path), span.start), marker);
        }
    }
}

/// The rules about comments that run, by their positions in the catalogue.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MarkerRules {
    unused: Option<usize>,
    unreasoned: Option<usize>,
}

impl MarkerRules {
    /// Those of `catalogue` that `runs` says run.
    pub(super) fn of(catalogue: &Catalogue, runs: &[bool]) -> Self {
        let rule = |check: Check| check.rule(catalogue).filter(|&rule| runs.get(rule) == Some(&true));
        Self { unused: rule(Check::UnusedSuppression), unreasoned: rule(Check::SuppressionWithoutReason) }
    }

    pub(super) fn any(self) -> bool {
        self.unused.is_some() || self.unreasoned.is_some()
    }
}

impl Scanner<'_> {
    /// Turns what is wrong with the comments of `report` into findings. Unless everything was scanned that the comments could
    /// be about (`is_whole`), none is held to silence nothing.
    pub(super) fn judge_markers(&self, report: &mut ScanReport, is_whole: bool) {
        let Markers { found, used } = std::mem::take(&mut report.markers);
        if found.is_empty() {
            return;
        }
        let unread: BTreeSet<&str> = report
            .coverage
            .entries
            .iter()
            .filter(|entry| entry.cause.consequence() != Consequence::Skipped)
            .map(|entry| entry.path.as_str())
            .collect();
        let mut ordinals = BTreeMap::new();
        let mut findings = Vec::new();
        for ((path, at), marker) in found {
            if marker.problem.is_none() && !marker.has_reason {
                let message = "The comment does not say why it silences what it silences.".to_owned();
                findings.extend(self.of_marker(self.marker_rules.unreasoned, &path, &marker, message, &mut ordinals));
            }
            let message = match &marker.problem {
                Some(problem) => Some(format!("The comment silences nothing: {problem}.")),
                None if !is_whole || unread.contains(&*path) || used.contains(&(Arc::clone(&path), at)) => None,
                None => self.unused_words(&marker.rules),
            };
            if let Some(message) = message {
                findings.extend(self.of_marker(self.marker_rules.unused, &path, &marker, message, &mut ordinals));
            }
        }
        report.findings.extend(findings);
        report.findings.sort_by(Finding::order);
    }

    /// What is said of a comment for `rules` that silenced nothing; `None` when rules that do not run may need it. The names
    /// are not repeated: they could be anything.
    fn unused_words(&self, rules: &[String]) -> Option<String> {
        let known: Vec<&str> =
            rules.iter().filter_map(|id| self.catalogue.get(id)).map(|rule| rule.id.as_str()).collect();
        if !rules.is_empty() && known.is_empty() {
            return Some("The comment silences nothing: no rule has such an id.".to_owned());
        }
        let runs = |id: &&str| {
            let position = self.catalogue.rules().binary_search_by(|rule| rule.id.as_str().cmp(id));
            position.is_ok_and(|position| self.runs.get(position) == Some(&true))
        };
        let is_judged = known.is_empty() || known.iter().any(runs);
        is_judged.then(|| "The comment silences nothing: there is no such finding.".to_owned())
    }

    fn of_marker(
        &self,
        rule: Option<usize>,
        path: &Arc<str>,
        marker: &Marker,
        message: String,
        ordinals: &mut BTreeMap<(usize, Arc<str>, Vec<String>), u32>,
    ) -> Option<Finding> {
        let position = rule?;
        let rule = self.catalogue.rules().get(position)?;
        let severity = self.severities.get(position).copied()?;
        let ordinal = ordinals.entry((position, Arc::clone(path), marker.rules.clone())).or_default();
        let location = Location { path: Arc::clone(path), span: marker.span, region: marker.region };
        let subject = marker.rules.join(",");
        let finding = practice::finding(rule, severity, message, (location, marker.origin), (&subject, *ordinal));
        *ordinal += 1;
        Some(Finding { excerpt: marker.excerpt.clone(), ..finding })
    }
}
