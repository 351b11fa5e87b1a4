//! Findings of other tools on the files that they are about: source lines with secrets masked, and what comments in the
//! files silence.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::excerpt::Excerpts;
use super::{Scanner, secret_spans};
use crate::coverage::{Cause, CoverageEntry};
use crate::finding::{Category, Finding};
use crate::input::{self, Root, WalkOptions};
use crate::rules::catalogue::Catalogue;
use crate::span::{LineIndex, Position, Span};
use crate::suppress::inline::{InlineSuppressions, Target};

impl Scanner<'_> {
    /// Looks up the files of `findings` below the scan root that `options` set, and gives each finding its bytes, its source
    /// lines, and the suppression that a comment there says. `catalogue` holds the rules of the findings.
    ///
    /// A file that is not there, or not below the root, leaves its findings as they are. An entry comes back for each file
    /// that the configuration excludes: its findings are to be left out.
    pub fn look_up<'f>(
        &self,
        findings: impl Iterator<Item = &'f mut Finding>,
        catalogue: &Catalogue,
        options: &WalkOptions,
    ) -> Vec<CoverageEntry> {
        let mut by_path: BTreeMap<Arc<str>, Vec<&mut Finding>> = BTreeMap::new();
        for finding in findings {
            by_path.entry(Arc::clone(&finding.location.path)).or_default().push(finding);
        }
        let mut entries = Vec::new();
        let mut buffer = Vec::new();
        // What is excluded is known by its name, be it there or not.
        let root = options.root.clone().and_then(|root| Root::open(&[root], options).ok());
        for (path, mut of_file) in by_path {
            match root.as_ref().and_then(|root| root.excludes(&path)) {
                Some(glob) => {
                    let number = of_file.len();
                    let detail = format!("[scan] exclude `{glob}`: {number} findings of reports were left out");
                    entries.push(CoverageEntry { path: path.to_string(), cause: Cause::Excluded, detail });
                }
                None => {
                    if let Some(root) = &root {
                        self.look_up_file(&path, &mut of_file, catalogue, (&root.path, options), &mut buffer);
                    }
                }
            }
        }
        entries
    }

    /// [`Scanner::look_up`] for the `findings` of one file below `base`.
    fn look_up_file(
        &self,
        path: &Arc<str>,
        findings: &mut [&mut Finding],
        catalogue: &Catalogue,
        (base, options): (&Path, &WalkOptions),
        buffer: &mut Vec<u8>,
    ) {
        // A name that leads elsewhere is not even looked for.
        let leads_away =
            path.starts_with('/') || path.contains(['\\', ':']) || path.split('/').any(|name| name == "..");
        let location = base.join(&**path);
        if leads_away || !location.symlink_metadata().is_ok_and(|metadata| metadata.is_file()) {
            return;
        }
        let Ok(root) = Root::open(&[location], options) else { return };
        if let Some(file) = root.start.files.iter().find(|file| file.path() == path)
            && let Ok(text) = input::read(file, &self.limits, buffer)
        {
            self.complete(path, (&text.content, text.cut.is_some()), findings, catalogue);
        }
    }

    fn complete(&self, path: &str, (text, is_cut): (&str, bool), findings: &mut [&mut Finding], catalogue: &Catalogue) {
        let lines = LineIndex::new(text);
        for finding in findings.iter_mut() {
            place(finding, text, &lines);
        }
        let outcome = self.secrets.scan(path, text);
        let mut secrets = secret_spans(text, &outcome);
        // What another tool calls a secret is one, also where no rule of ours knows it.
        let of_others = findings.iter().filter(|finding| finding.category == Category::Secret);
        secrets.extend(of_others.map(|finding| finding.location.span).filter(|span| !span.is_empty()));
        let secrets = self.hidden(path, text, is_cut, secrets);
        let suppressions = InlineSuppressions::parse(text, &secrets);
        let excerpts = Excerpts::new(text, &lines, secrets);
        for finding in findings {
            let (span, region) = (finding.location.span, finding.location.region);
            if region.start.line == 0 || region.start.line > lines.line_count() {
                continue;
            }
            finding.excerpt = excerpts.around(span, region);
            if finding.suppression.is_none() {
                let rule = catalogue.get(&finding.rule);
                let (aliases, equivalents) =
                    rule.map_or((&[][..], &[][..]), |rule| (&rule.aliases[..], &rule.details.equivalents[..]));
                // Where the resource ends is what other tools report as the place.
                let target = Target::new(finding, aliases, equivalents);
                let (first, last) = (target.first_line, target.last_line);
                let found = suppressions.find(&target.within(first, last));
                finding.suppression = found;
            }
        }
    }
}

/// Sets the bytes of `finding` by its lines and columns. An end that no column tells is the end of its line.
fn place(finding: &mut Finding, text: &str, lines: &LineIndex) {
    let region = &mut finding.location.region;
    let Some(first) = lines.line_span(text, region.start.line) else { return };
    let Some(last) = lines.line_span(text, region.end.line.min(lines.line_count())) else { return };
    let start = offset(text, first, region.start.column);
    let has_end = region.end.column > 1 && region.end != region.start;
    let end = if has_end { offset(text, last, region.end.column) } else { last.end };
    let end = end.max(start);
    finding.location.span = Span::new(start, end);
    let Position { line, column } = lines.position(text, end);
    region.end = Position { line: line.max(region.start.line), column };
}

/// The offset of the character in `column` (from 1) of the line `span`.
fn offset(text: &str, span: Span, column: u32) -> usize {
    let line = text.get(span.start..span.end).unwrap_or_default();
    let skipped = column.saturating_sub(1) as usize;
    span.start + line.char_indices().nth(skipped).map_or(line.len(), |(at, _)| at)
}
