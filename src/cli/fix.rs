//! `lockgate fix`: scan, and carry out the edits that mend what was found.

mod file;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use self::file::Original;
use super::args::FixArgs;
use super::invocation::{self, Resolved};
use super::{CommandError, UNDECIDED, complain, print, scan};
use crate::config::RulePattern;
use crate::finding::{Finding, Fix, Origin};
use crate::fix::{self, Edit};
use crate::report::{count, harmless_lines, unified_diff};

/// Most scans: edits that touch each other are made one after the other.
const MAX_ROUNDS: usize = 10;

/// `lockgate fix`
pub(super) fn run(args: &FixArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(CommandError::new("standard input cannot be fixed in place; name files or directories"));
    }
    let mut input = args.input.clone();
    input.enable.extend(args.rule.iter().cloned());
    let resolved = invocation::resolve(&input)?;
    let wanted = invocation::patterns(&args.rule)?;
    for pattern in &wanted {
        invocation::check_pattern(pattern, &resolved.invocation.catalogue)?;
    }
    let mut work = Work::new(args, &resolved, &wanted);
    let mut rounds = 0;
    while work.round(rounds == 0)? && !args.check {
        rounds += 1;
        if rounds == MAX_ROUNDS {
            work.is_unfinished = true;
            break;
        }
    }
    work.report(stdout, stderr)
}

/// What was done so far.
struct Work<'a> {
    args: &'a FixArgs,
    resolved: &'a Resolved,
    wanted: &'a [RulePattern],
    /// Files as they were, with their new text, by path.
    files: BTreeMap<String, Mended>,
    /// Why a file was left alone, by path.
    left_alone: BTreeMap<String, String>,
    /// Fixes that may break something and that nobody asked for.
    unsafe_left: usize,
    /// There may be more to do.
    is_unfinished: bool,
}

/// A file with its changes.
struct Mended {
    before: String,
    after: String,
    /// `line: rule: what was done`, in the order in which it was done.
    changes: Vec<String>,
}

impl<'a> Work<'a> {
    fn new(args: &'a FixArgs, resolved: &'a Resolved, wanted: &'a [RulePattern]) -> Self {
        let (files, left_alone) = (BTreeMap::new(), BTreeMap::new());
        Self { args, resolved, wanted, files, left_alone, unsafe_left: 0, is_unfinished: false }
    }

    /// Scans, and carries out what can be carried out at once. Whether anything was.
    fn round(&mut self, is_first: bool) -> Result<bool, CommandError> {
        let mut report = scan::findings(self.resolved, is_first && !self.args.quiet)?;
        if let Some(baseline) = scan::baseline(None, &self.resolved.config)? {
            baseline.apply(&mut report.findings);
        }
        let mut by_file: BTreeMap<&str, Vec<(&Finding, &Fix)>> = BTreeMap::new();
        self.unsafe_left = 0;
        for finding in &report.findings {
            let Some(fix) = finding.fix.as_ref().filter(|_| self.is_wanted(finding)) else { continue };
            if fix.is_unsafe && !self.args.r#unsafe {
                self.unsafe_left += 1;
            } else {
                by_file.entry(&finding.location.path).or_default().push((finding, fix));
            }
        }
        let mut is_changed = false;
        for (path, fixes) in by_file {
            if self.left_alone.contains_key(path) {
                continue;
            }
            match self.mend(path, &fixes) {
                Ok(done) => is_changed |= done,
                Err(reason) => drop(self.left_alone.insert(path.to_owned(), reason)),
            }
        }
        Ok(is_changed)
    }

    fn is_wanted(&self, finding: &Finding) -> bool {
        let names = self.resolved.invocation.catalogue.get(&finding.rule);
        let is_named = |pattern: &RulePattern| {
            pattern.matches(&finding.rule)
                || names.is_some_and(|rule| rule.aliases.iter().any(|alias| pattern.matches(alias)))
        };
        finding.is_active()
            && finding.origin == Origin::Tree
            && (self.wanted.is_empty() || self.wanted.iter().any(is_named))
    }

    /// Carries out those of `fixes` in the file at `path` that do not touch each other.
    fn mend(&mut self, path: &str, fixes: &[(&Finding, &Fix)]) -> Result<bool, String> {
        let Some((_, first)) = fixes.first() else { return Ok(false) };
        let original = Original::open(&self.resolved.root, path, self.resolved.max_file_size(), &first.base)?;
        let edits: Vec<Vec<Edit>> = fixes
            .iter()
            .map(|(_, fix)| {
                let edit = |one: &crate::finding::Replacement| Edit { span: one.span, text: one.text.clone() };
                fix.replacements.iter().map(edit).collect()
            })
            .collect();
        let applied = fix::apply(original.text(), &edits).ok_or("an edit lies outside of it")?;
        if applied.text == original.text() {
            return Ok(false);
        }
        if !self.args.check {
            original.replace(&applied.text)?;
        }
        let mended = self.files.entry(path.to_owned()).or_insert_with(|| Mended {
            before: original.text().to_owned(),
            after: String::new(),
            changes: Vec::new(),
        });
        mended.after = applied.text;
        let done = fixes.iter().zip(applied.is_done).filter(|(_, is_done)| *is_done);
        mended.changes.extend(done.map(|((finding, fix), _)| {
            format!("{path}:{}: {}: {}", finding.location.region.start.line, finding.rule, fix.description)
        }));
        Ok(true)
    }

    fn report(self, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
        let number: usize = self.files.values().map(|mended| mended.changes.len()).sum();
        let sum = format!("{} in {}", count(number, "finding"), count(self.files.len(), "file"));
        let did = if self.args.check { "would be fixed" } else { "fixed" };
        let diffs = if self.args.diff { self.diffs()? } else { String::new() };
        print(stdout, |out| {
            if self.args.diff {
                out.write_all(diffs.as_bytes())?;
            }
            Ok(())
        })?;
        let lines: BTreeSet<&String> = self.files.values().flat_map(|mended| &mended.changes).collect();
        // A diff is for programs, too, and stands alone.
        let words: &mut dyn Write = if self.args.diff { &mut *stderr } else { &mut *stdout };
        print(words, |out| {
            if !self.args.quiet {
                for line in lines {
                    writeln!(out, "{}", harmless_lines(line))?;
                }
            }
            writeln!(out, "{sum} {did}")?;
            if self.unsafe_left > 0 {
                let more = count(self.unsafe_left, "more finding");
                writeln!(out, "{more} can be fixed with `--unsafe`, which may break what a file is there for")?;
            }
            if self.is_unfinished {
                writeln!(out, "there may be more to do: run `lockgate fix` again")?;
            }
            Ok(())
        })?;
        for (path, reason) in &self.left_alone {
            complain(stderr, &format!("{path} was left alone: {reason}"));
        }
        Ok(match (self.left_alone.is_empty(), self.args.check && number > 0) {
            (false, _) => UNDECIDED,
            (true, would_change) => u8::from(would_change),
        })
    }

    fn diffs(&self) -> Result<String, CommandError> {
        let scanner =
            crate::scanner(&self.resolved.invocation).map_err(|error| CommandError::new(error.to_string()))?;
        let diff = |(path, mended): (&String, &Mended)| {
            let (before, after) = (scanner.masked(path, &mended.before), scanner.masked(path, &mended.after));
            let shown = |text, lines| unified_diff::Shown { text, lines };
            unified_diff::unified(path, shown(&mended.before, &before), shown(&mended.after, &after))
        };
        Ok(self.files.iter().map(diff).collect())
    }
}

impl Resolved {
    fn max_file_size(&self) -> u64 {
        self.invocation.settings.scan.max_file_size.bytes()
    }
}
