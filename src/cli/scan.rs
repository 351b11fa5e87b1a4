//! `lockgate scan`: scan, write every report, and turn the verdict into an exit code.

use std::ffi::OsStr;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use super::args::ScanArgs;
use super::invocation::{self, Resolved};
use super::output::{Clock, Outputs};
use super::progress::Progress;
use super::{CommandError, owners, policy, shard, since, waivers};
use crate::Mode;
use crate::gate::{Outcome, Response};
use crate::input::git::Repository;
use crate::report::{count, harmless_lines};
use crate::scan::{ScanReport, Undecided};
use crate::suppress::baseline::Baseline;

/// `lockgate scan`
pub(super) fn run(args: &ScanArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    match args.shard {
        Some(shard) => shard::run(args, shard, stdout, stderr),
        None => conclude(args, None, stdout, stderr),
    }
}

/// What a scan established, from elsewhere than a scan of this process.
pub(super) type Established<'a> = Box<dyn FnOnce(&Resolved) -> Result<ScanReport, CommandError> + 'a>;

/// Judges and reports what a scan established, or what is `established` otherwise.
pub(super) fn conclude(
    args: &ScanArgs,
    established: Option<Established<'_>>,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    let outputs = Outputs::of(&args.out)?;
    let clock = Clock::start();
    let mode = invocation::mode(args)?;
    let mut resolved = invocation::resolve_from(&args.input, args.policy_from.as_deref())?;
    resolved.invocation.mode = mode;
    if let Some(revision) = &args.since {
        resolved.invocation.mode = since::mode(revision, &resolved.root)?;
    }
    let baseline = baseline_of(&mut resolved, args.baseline.as_deref())?;
    let mut scan = match established {
        Some(established) => {
            let mut whole = established(&resolved)?;
            crate::scanner(&resolved.invocation)
                .and_then(|scanner| crate::hold_to_policy(&scanner, &resolved.invocation, &mut whole))
                .map_err(|error| CommandError::new(error.to_string()))?;
            shown(&resolved, whole)
        }
        None => findings(&resolved, !args.out.quiet)?,
    };
    if args.staged && scan.coverage.seen == 0 {
        // A commit may delete files alone. But under `--all-files`, the pre-commit tool runs the hook without any change.
        let deletes = Repository::discover(&resolved.root)
            .and_then(|repository| repository.staged())
            .is_ok_and(|staged| !staged.is_empty());
        if !deletes && std::env::var_os("PRE_COMMIT").is_some_and(|set| set == "1") {
            let _ = writeln!(stderr, "note: nothing is staged: scanning the files");
            resolved.invocation.mode = Mode::Tree;
            scan = findings(&resolved, !args.out.quiet)?;
        } else if !args.out.quiet {
            let _ = writeln!(stderr, "note: nothing is staged that could be scanned");
        }
    }
    name_attempts(&resolved, &mut scan)?;
    let mut unused = 0;
    if args.no_suppress {
        scan.findings.iter_mut().for_each(|finding| finding.suppression = None);
    } else if let Some(baseline) = &baseline {
        unused = baseline.apply(&mut scan.findings).len();
    }
    owners::assign(&resolved.root, &mut scan.findings);
    let verdict = policy::judge(&resolved, baseline.as_ref(), &mut scan);
    let Resolved { invocation, policy, .. } = resolved;
    let name = root_name(&args.input.paths);
    let report = outputs.run(&scan, &verdict, &policy, &invocation.catalogue, &name, Some(clock.stop()));
    let code = outputs.write(&report, stdout, stderr).unwrap_or(exit_code(verdict.outcome, args.exit_zero));
    if args.show_unknown {
        list_undecided(&scan, stderr);
    }
    // Most of what a baseline holds stands in files that are not staged.
    if unused > 0 && !args.out.quiet && invocation.mode == Mode::Tree {
        let (entries, ends) = if unused == 1 { ("entry", "es") } else { ("entries", "") };
        let _ = writeln!(
            stderr,
            "note: {unused} {entries} of the baseline match{ends} nothing any more; `lockgate baseline create` drops what \
             is not needed"
        );
    }
    // As with the scanner: the operating system takes back thousands of rules at once.
    mem::forget(invocation);
    Ok(code)
}

/// Adds what the change does to its own copies of the policy, where that is taken from elsewhere.
pub(super) fn name_attempts(resolved: &Resolved, scan: &mut ScanReport) -> Result<(), CommandError> {
    if let (Some(source), Some(trust)) = (&resolved.source, &mut scan.trust) {
        trust.add(source.attempts()?);
        trust.blocks = resolved.policy.self_suppression == Response::Block;
    }
    Ok(())
}

/// The baseline at `given`, else the one that the configuration names, if it exists: that of the commit which the policy is
/// taken from, where it is taken from one.
pub(super) fn baseline_of(resolved: &mut Resolved, given: Option<&Path>) -> Result<Option<Baseline>, CommandError> {
    match &mut resolved.source {
        Some(source) => source.baseline(given),
        None => baseline(given, &resolved.config),
    }
}

/// Scans as `resolved` says, without gate or report: every finding that is to be shown.
pub(super) fn findings(resolved: &Resolved, shows_progress: bool) -> Result<ScanReport, CommandError> {
    let progress = Progress::new(shows_progress);
    let invocation = &resolved.invocation;
    let scanned = crate::scanner(invocation).and_then(|scanner| {
        let scanned = crate::scan_with(&scanner, invocation, &mut io::stdin().lock(), &|| progress.tick());
        // The program ends soon. Giving back piece by piece what the engines built takes as long as looking at a few files.
        mem::forget(scanner);
        scanned
    });
    progress.finish();
    Ok(shown(resolved, scanned.map_err(|error| CommandError::new(error.to_string()))?))
}

/// What of `scan` is to be shown.
fn shown(resolved: &Resolved, mut scan: ScanReport) -> ScanReport {
    // Before anything is left out: a waiver may be about what is not reported, and a part of a credential is not lost.
    waivers::apply(resolved, &mut scan, waivers::is_whole(resolved));
    scan.join_parts(&resolved.invocation.catalogue);
    scan.findings.retain(|finding| resolved.policy.reports(resolved.reported, finding));
    if let Some(comparison) = &mut scan.comparison {
        comparison.fixed.retain(|finding| resolved.policy.reports(resolved.reported, finding));
    }
    scan
}

/// `--exit-zero` forgives findings, never what left the verdict open.
pub(super) fn exit_code(outcome: Outcome, exit_zero: bool) -> u8 {
    if exit_zero && outcome == Outcome::Block { 0 } else { outcome.exit_code() }
}

/// Says what policy rules could not decide.
fn list_undecided(scan: &ScanReport, stderr: &mut dyn Write) {
    for Undecided { path, line, rule, resource } in &scan.undecided {
        let text = format!("unknown: {path}:{line}: {rule} depends on a value of {resource} that is not known");
        let _ = writeln!(stderr, "{}", harmless_lines(&text));
    }
    let _ = writeln!(stderr, "{} on values that are not known", count(scan.undecided.len(), "outcome"));
}

/// The baseline at `given`, else the one that `config` names, if it exists.
pub(super) fn baseline(given: Option<&Path>, config: &crate::config::Config) -> Result<Option<Baseline>, CommandError> {
    let path = match given {
        Some(path) => path.to_path_buf(),
        // The configured one need not exist: most repositories have none.
        None => match config.baseline_path().map_err(|error| CommandError::new(error.to_string()))? {
            path if path.exists() => path,
            _ => return Ok(None),
        },
    };
    Baseline::load(&path).map(Some).map_err(|error| CommandError::new(error.to_string()))
}

/// What was scanned, without the machine's own paths.
pub(super) fn root_name(paths: &[PathBuf]) -> String {
    let name = |path: &Path| match path.file_name().or_else(|| path.as_os_str().is_empty().then(|| OsStr::new("."))) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => ".".to_owned(),
    };
    paths.iter().map(|path| name(path)).collect::<Vec<_>>().join(", ")
}
