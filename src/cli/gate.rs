//! `lockgate gate`: the reports of other tools, and Lockgate's own, as one report with one verdict.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::args::{GateArgs, InputArgs, JudgeArgs};
use super::invocation::{self, Resolved};
use super::output::{Clock, Outputs};
use super::{CommandError, owners, policy, scan, waivers};
use crate::coverage::{Cause, CoverageEntry};
use crate::import::{self, Compared, Equivalents, ImportError, Imported, MAX_REPORTS, MAX_SIZE, Reader, Recorded};
use crate::input::{self, OpenError, WalkOptions};
use crate::report::{atomic, count};
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Rule;
use crate::scan::{Comparison, ScanReport, Scanner};
use crate::suppress::baseline::Baseline;

/// Reports that were read, before they are judged.
pub(super) struct Gathered {
    pub(super) resolved: Resolved,
    pub(super) scan: ScanReport,
    /// The rules of ours, and those of other tools that no rule of ours means.
    pub(super) catalogue: Catalogue,
    /// What was scanned, where a report of ours says so.
    pub(super) root_name: Option<String>,
    /// The verdict of a report of ours, when it is the only one.
    pub(super) recorded: Option<Recorded>,
}

/// `lockgate gate`
pub(super) fn run(args: &GateArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    let outputs = Outputs::of(&args.out)?;
    let clock = Clock::start();
    let Gathered { mut resolved, mut scan, catalogue, root_name, .. } = gather(&args.judge, &args.reports)?;
    let baseline = match &args.write_baseline {
        Some(path) => {
            // As with `baseline create`: what could not be read would pass as new later on.
            if let Some(entry) = scan.coverage.failures().next() {
                return Err(CommandError::new(format!("{entry}; no baseline was written")));
            }
            let baseline = Baseline::from_findings(&scan.findings);
            let json = baseline.to_json();
            atomic::write(path, |file| file.write_all(json.as_bytes()))
                .map_err(|error| CommandError::new(error.to_string()))?;
            Some(baseline)
        }
        None => scan::baseline_of(&mut resolved, args.judge.baseline.as_deref())?,
    };
    // What a baseline lists of a scan is in no report of other tools, so nothing is said of entries that match nothing.
    baseline.as_ref().map(|baseline| baseline.apply(&mut scan.findings).len());
    scan::name_attempts(&resolved, &mut scan)?;
    let verdict = policy::judge(&resolved, baseline.as_ref(), &mut scan);
    let name = root_name.unwrap_or_else(|| root_of(&args.judge));
    let report = outputs.run(&scan, &verdict, &resolved.policy, &catalogue, &name, Some(clock.stop()));
    Ok(outputs.write(&report, stdout, stderr).unwrap_or(scan::exit_code(verdict.outcome, args.exit_zero)))
}

/// What the tree is called in reports.
pub(super) fn root_of(judge: &JudgeArgs) -> String {
    scan::root_name(std::slice::from_ref(&judge.root))
}

/// Reads `reports`, and combines what they hold. A report that cannot be read is an entry of the coverage.
pub(super) fn gather(judge: &JudgeArgs, reports: &[PathBuf]) -> Result<Gathered, CommandError> {
    if reports.len() > MAX_REPORTS {
        return Err(CommandError::new(format!("{} reports; at most {MAX_REPORTS} are read", reports.len())));
    }
    let input = InputArgs {
        paths: vec![judge.root.clone()],
        root: Some(judge.root.clone()),
        config: judge.config.clone(),
        rules: judge.rules.clone(),
        severity: judge.severity,
        confidence: judge.confidence,
        environment: judge.environment.clone(),
        ..InputArgs::default()
    };
    let resolved = invocation::resolve_from(&input, judge.policy_from.as_deref())?;
    let invocation = &resolved.invocation;
    let scanner = crate::scanner(invocation).map_err(|error| CommandError::new(error.to_string()))?;
    let equivalents = Equivalents::new(&invocation.catalogue);
    let rules = &invocation.settings.rules;
    let roots = roots(&resolved.root, judge);
    let reader = Reader {
        catalogue: &invocation.catalogue,
        equivalents: &equivalents,
        severity_of: &|rule| rules.severity_of(rule),
        roots: &roots,
        mask: &|text| scanner.masked("report.txt", text).join("\n"),
    };
    let mut scan = ScanReport::default();
    let mut imported: Vec<Imported> = Vec::new();
    let mut foreign: Vec<Rule> = Vec::new();
    let (mut root_name, mut recorded) = (None, None);
    for path in reports {
        let name = name_of(path);
        let read = input::read_bytes(path, MAX_SIZE)
            .map_err(|error| unreadable(&error))
            .and_then(|bytes| reader.read(&bytes, &name).map_err(|error| without(&name, &error)));
        match read {
            Ok(report) => {
                imported.extend(report.findings);
                scan.coverage.absorb(report.coverage);
                foreign.extend(report.rules);
                root_name = root_name.or(report.root);
                let comparison = report.comparison.map(|Compared { base, fixed }| Comparison {
                    base,
                    fixed_elsewhere: fixed,
                    ..Comparison::default()
                });
                scan.comparison = scan.comparison.or(comparison);
                recorded = report.recorded;
            }
            Err(error) => {
                scan.coverage.seen += 1;
                scan.coverage.entries.push(CoverageEntry { path: name, cause: Cause::Unreadable, detail: error });
            }
        }
    }
    foreign.sort_by(|a, b| a.id.cmp(&b.id));
    foreign.dedup_by(|a, b| a.id == b.id);
    let catalogue = Catalogue::new(invocation.catalogue.rules().iter().cloned().chain(foreign).collect());
    let recorded = recorded.filter(|_| reports.len() == 1);
    if recorded.is_some() {
        // A report of ours as it is: nothing is joined, looked up or left out, so the verdict's indices hold.
        scan.findings = imported.into_iter().map(|one| one.finding).collect();
        return Ok(Gathered { resolved, scan, catalogue, root_name, recorded });
    }
    drop_disabled(&mut imported, &invocation.catalogue, &resolved, &mut scan.coverage.entries);
    look_up(&scanner, &mut imported, &catalogue, &resolved, &mut scan.coverage.entries);
    scan.findings = import::combine(imported);
    crate::hold_others_to_policy(&scanner, invocation, &mut scan)
        .map_err(|error| CommandError::new(error.to_string()))?;
    // That nothing in the reports falls to a waiver makes it not needless.
    waivers::apply(&resolved, &mut scan, false);
    scan.join_parts(&catalogue);
    scan.findings.retain(|finding| resolved.policy.reports(resolved.reported, finding));
    owners::assign(&resolved.root, &mut scan.findings);
    scan.coverage.entries.sort_unstable();
    drop(scanner);
    Ok(Gathered { resolved, scan, catalogue, root_name, recorded })
}

/// Leaves out what a rule finds that the configuration turns off by its name. Which profiles run does not count here: the
/// other tool was asked to look for it.
fn drop_disabled(
    imported: &mut Vec<Imported>,
    catalogue: &Catalogue,
    resolved: &Resolved,
    entries: &mut Vec<CoverageEntry>,
) {
    let rules = &resolved.invocation.settings.rules;
    let is_disabled = |rule: &Rule| {
        let named = std::iter::once(&rule.id).chain(&rule.aliases);
        let is_named = rules.disable.iter().any(|pattern| named.clone().any(|name| pattern.value.matches(name)));
        is_named && !rules.selects(rule)
    };
    let mut dropped = BTreeMap::<String, usize>::new();
    imported.retain(|one| {
        let rule = catalogue.get(&one.finding.rule).filter(|rule| is_disabled(rule));
        if let Some(rule) = rule {
            *dropped.entry(rule.id.clone()).or_default() += 1;
        }
        rule.is_none()
    });
    for (rule, number) in dropped {
        let findings = count(number, "finding");
        let detail = format!("[rules] disable `{rule}`: {findings} of reports left out");
        entries.push(CoverageEntry { path: ".".to_owned(), cause: Cause::Excluded, detail });
    }
}

/// Looks up the files that the findings of other tools are about.
fn look_up(
    scanner: &Scanner<'_>,
    imported: &mut Vec<Imported>,
    catalogue: &Catalogue,
    resolved: &Resolved,
    entries: &mut Vec<CoverageEntry>,
) {
    let options = WalkOptions { root: Some(resolved.root.clone()), ..resolved.invocation.walk.clone() };
    // Our own reports have it all, and were excluded from what they exclude.
    let others = imported.iter_mut().filter(|one| one.tool != "lockgate").map(|one| &mut one.finding);
    let excluded = scanner.look_up(others, catalogue, &options);
    let paths: BTreeSet<&str> = excluded.iter().map(|entry| entry.path.as_str()).collect();
    imported.retain(|one| one.tool == "lockgate" || !paths.contains(&*one.finding.location.path));
    entries.extend(excluded);
}

/// Why a report cannot be read. It was named, and not met on a walk.
fn unreadable(error: &OpenError) -> String {
    match error {
        OpenError::Link => "it is a symbolic link; name what it leads to".to_owned(),
        OpenError::NotRegular => "it is no regular file".to_owned(),
        OpenError::Refused(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            format!("it is larger than {} MiB, the most that a report may have", MAX_SIZE >> 20)
        }
        OpenError::Vanished(error) | OpenError::Refused(error) => error.to_string(),
    }
}

/// `error` without the name of the report, which stands in front of it already.
fn without(name: &str, error: &ImportError) -> String {
    let text = error.to_string();
    text.strip_prefix(name).map_or(text.clone(), |rest| rest.trim_start_matches(':').trim_start().to_owned())
}

/// Where the tree may have stood when a tool looked at it, absolute and with `/`.
fn roots(root: &Path, judge: &JudgeArgs) -> Vec<String> {
    let slashes = |path: &Path| {
        let text = path.to_string_lossy().replace('\\', "/");
        text.strip_prefix("//?/").map_or(text.clone(), ToOwned::to_owned)
    };
    // As it is, and as it was named by way of links.
    let named = std::path::absolute(&judge.root).ok();
    let mut roots: Vec<String> = std::iter::once(root).chain(named.as_deref()).map(slashes).collect();
    roots.extend(judge.strip_prefix.iter().map(|prefix| prefix.replace('\\', "/")));
    roots.retain(|root| !root.trim_matches('/').is_empty());
    roots
}

/// `path` as reports call it: as it was given, but for absolute ones, which tell of the machine.
fn name_of(path: &Path) -> String {
    let shown = if path.is_absolute() { path.file_name().map_or(path, Path::new) } else { path };
    shown.to_string_lossy().replace('\\', "/")
}
