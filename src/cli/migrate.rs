//! `lockgate migrate`: what other tools are told to leave alone becomes waivers and a baseline.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use super::args::MigrateArgs;
use super::invocation::{self, Resolved};
use super::{CommandError, print, scan};
use crate::config::{self, Config};
use crate::finding::{Finding, SuppressionKind};
use crate::migrate::{self, Exceptions, NewWaiver, Source, Translation};
use crate::report::{atomic, count, harmless_lines};
use crate::selector::PathGlob;
use crate::suppress::baseline::Baseline;

/// Most bytes of a configuration of another tool.
const MAX_SIZE: u64 = 8 << 20;
/// Where the tools look for a configuration that nobody names.
const GITLEAKS: [&str; 2] = [".gitleaks.toml", ".betterleaks.toml"];

/// `lockgate migrate`
pub(super) fn run(args: &MigrateArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let mut resolved = invocation::resolve(&args.input)?;
    let mut translations = Vec::new();
    for (file, source) in Source::FILES {
        if let Some(text) = read(&resolved, file)? {
            translations.push(source.translate(file, &text, &resolved.invocation.catalogue));
        }
    }
    let mut packs = Vec::new();
    for file in GITLEAKS {
        let Some(text) = read(&resolved, file)? else { continue };
        let said = Exceptions::read(file, &text, &resolved.invocation.catalogue);
        let Exceptions { translation, lists, has_rules } = said.map_err(|errors| invocation::several(&errors))?;
        resolved.invocation.ignores = resolved.invocation.ignores.with_lists(file, &lists);
        translations.push(translation);
        packs.extend(has_rules.then_some(file));
    }
    let is_asked = !resolved.invocation.ignores.is_empty() || translations.iter().any(|one| !one.waivers.is_empty());
    let findings = if is_asked { today(&resolved)? } else { Vec::new() };
    for translation in &mut translations {
        drop_needless(translation, &findings);
    }
    let found: Vec<Finding> = findings.into_iter().filter(is_external).collect();
    let mut by_file: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &found {
        *by_file.entry(source_of(finding)).or_default() += 1;
    }
    let problems = resolved.invocation.ignores.problems().iter();
    let problems = problems.map(|problem| format!("{}: {}", problem.file, problem.message));
    let sum = summary(&translations, &by_file, problems);
    let (configuration, baseline) = write(&resolved, args, &translations, &packs, &found)?;
    print(out, |out| {
        let nothing = "nothing to carry over: no list or configuration of another tool at the root";
        let done = [sum, configuration, baseline].concat();
        let lines = if done.is_empty() { vec![nothing.to_owned()] } else { done };
        lines.iter().try_for_each(|line| writeln!(out, "{}", harmless_lines(line)))
    })?;
    Ok(0)
}

/// The text of `file` at the root of the scan, `None` where there is none. Symbolic links are not followed.
fn read(resolved: &Resolved, file: &str) -> Result<Option<String>, CommandError> {
    let path = resolved.root.join(file);
    let failed = |error: io::Error| CommandError::new(format!("{file}: cannot be read: {error}"));
    match path.symlink_metadata() {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Err(CommandError::new(format!("{file}: is not a regular file"))),
        Err(_) => return Ok(None),
    }
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(MAX_SIZE + 1).read_to_string(&mut text)).map_err(failed)?;
    if text.len() as u64 > MAX_SIZE {
        return Err(CommandError::new(format!("{file}: is larger than {} MiB", MAX_SIZE >> 20)));
    }
    Ok(Some(text))
}

/// The findings of today.
fn today(resolved: &Resolved) -> Result<Vec<Finding>, CommandError> {
    let report = scan::findings(resolved, true)?;
    match report.coverage.failures().next() {
        Some(entry) => Err(CommandError::new(format!("{entry}; nothing was written"))),
        None => Ok(report.findings),
    }
}

/// Whether the list of another tool silences `finding`.
fn is_external(finding: &Finding) -> bool {
    finding.suppression.as_ref().is_some_and(|suppression| suppression.kind == SuppressionKind::External)
}

/// Takes out the waivers that mean none of `findings`: what silences nothing is itself a finding.
fn drop_needless(translation: &mut Translation, findings: &[Finding]) {
    let mut needless = BTreeSet::new();
    translation.waivers.retain(|waiver| {
        let glob = waiver.path.parse::<PathGlob>();
        let is_meant = |finding: &Finding| {
            *finding.rule == *waiver.rule && glob.as_ref().is_ok_and(|glob| glob.matches(&finding.location.path))
        };
        let is_needed = findings.iter().any(is_meant);
        if !is_needed {
            needless.insert(waiver.rule.clone());
        }
        is_needed
    });
    if !needless.is_empty() {
        let rules: Vec<String> = needless.into_iter().collect();
        translation.left.push(format!("nothing of today for {}", rules.join(", ")));
    }
}

/// The file that silences `finding`.
fn source_of(finding: &Finding) -> &str {
    let justification = finding.suppression.as_ref().and_then(|suppression| suppression.justification.as_deref());
    justification.and_then(|text| text.split(':').next()).unwrap_or_default()
}

/// What became of each file.
fn summary(
    translations: &[Translation],
    by_file: &BTreeMap<&str, usize>,
    problems: impl Iterator<Item = String>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for Translation { file, waivers, left } in translations {
        lines.push(format!("{file}: {}", count(waivers.len(), "waiver")));
        lines.extend(left.iter().map(|left| format!("  not carried over: {left}")));
    }
    lines.extend(by_file.iter().map(|(file, number)| {
        format!("{file}: {} of today for the baseline; what comes later is reported", count(*number, "finding"))
    }));
    lines.extend(problems);
    lines
}

/// Writes both files, unless this is a dry run; gives what it says of each.
fn write(
    resolved: &Resolved,
    args: &MigrateArgs,
    translations: &[Translation],
    packs: &[&str],
    found: &[Finding],
) -> Result<(Vec<String>, Vec<String>), CommandError> {
    let fail = |path: &Path, message: &str| CommandError::new(format!("{}: {message}", path.display()));
    let verb = if args.dry_run { "would write" } else { "wrote" };
    let waivers: Vec<&NewWaiver> = translations.iter().flat_map(|translation| &translation.waivers).collect();
    let path = args.input.config.clone().unwrap_or_else(|| resolved.root.join(config::FILE_NAME));
    let before = present_text(&path).map_err(|message| fail(&path, &message))?;
    let edited = migrate::add(&before, &waivers, packs).map_err(|message| fail(&path, &message))?;
    let changes = edited.text != before;
    let mut said = (Vec::new(), Vec::new());
    if changes {
        let name = path.display();
        // What would be refused by the next scan is not written.
        Config::parse(edited.text.as_bytes(), &name.to_string(), &resolved.root)
            .map_err(|errors| invocation::several(&errors))?;
        said.0.push(format!("{verb} {name}: {}, {}", count(edited.waivers, "waiver"), count(edited.packs, "pack")));
        let listed = waivers.iter().map(|one| format!("  {} at {}: {}", one.rule, one.path, one.reason));
        said.0.extend(listed.filter(|_| args.dry_run));
        said.0.extend(packs.iter().filter(|_| args.dry_run).map(|pack| format!("  pack {pack}")));
    }
    let baseline = (!found.is_empty()).then(|| baseline(resolved, found)).transpose()?;
    if let Some((path, baseline)) = &baseline {
        said.1.push(format!("{verb} {}: {}", path.display(), count(baseline.entries().len(), "finding")));
    }
    if args.dry_run {
        return Ok(said);
    }
    if changes {
        atomic::write(&path, |file| file.write_all(edited.text.as_bytes()))
            .map_err(|error| CommandError::new(error.to_string()))?;
    }
    if let Some((path, baseline)) = baseline {
        let json = baseline.to_json();
        atomic::write(&path, |file| file.write_all(json.as_bytes()))
            .map_err(|error| CommandError::new(error.to_string()))?;
    }
    Ok(said)
}

/// The text of the configuration at `path`; empty when there is none.
fn present_text(path: &Path) -> Result<String, String> {
    if path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(String::new());
    }
    let bytes = config::read(path).map_err(|problem| problem.to_string())?;
    String::from_utf8(bytes).map_err(|_| "the text is not UTF-8".to_owned())
}

/// The baseline that there is, with `found` in it, and where it stands.
fn baseline(resolved: &Resolved, found: &[Finding]) -> Result<(std::path::PathBuf, Baseline), CommandError> {
    let path = resolved.config.baseline_path().map_err(|error| CommandError::new(error.to_string()))?;
    let old = scan::baseline(None, &resolved.config)?.unwrap_or_default();
    Ok((path, old.merged(Baseline::of(found.iter()))))
}
