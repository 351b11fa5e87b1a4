//! `lockgate scan`: scan, write every report, and turn the verdict into an exit code.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::mem;
use std::path::{Path, PathBuf};

use super::args::{Color, ScanArgs};
use super::invocation::{self, Resolved};
use super::progress::Progress;
use super::{CommandError, UNDECIDED, complain, has_color, policy, since, waivers};
use crate::Mode;
use crate::gate::Outcome;
use crate::input::git::Repository;
use crate::report::{self, Format, Run, Style, Verbosity, atomic, count, harmless_lines, summary_markdown};
use crate::scan::{ScanReport, Undecided};
use crate::suppress::baseline::Baseline;

/// A report and where it goes.
struct Target {
    format: Format,
    /// `None` for standard output.
    path: Option<PathBuf>,
}

/// `lockgate scan`
pub(super) fn run(args: &ScanArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    let targets = targets(args)?;
    let mode = invocation::mode(args)?;
    let mut resolved = invocation::resolve(&args.input)?;
    resolved.invocation.mode = mode;
    if let Some(revision) = &args.since {
        resolved.invocation.mode = since::mode(revision, &resolved.root)?;
    }
    let baseline = baseline(args.baseline.as_deref(), &resolved.config)?;
    let mut scan = findings(&resolved, !args.quiet)?;
    if args.staged && scan.coverage.seen == 0 {
        // A commit may delete files alone. But under `--all-files`, the pre-commit tool runs the hook without any change.
        let deletes = Repository::discover(&resolved.root)
            .and_then(|repository| repository.staged())
            .is_ok_and(|staged| !staged.is_empty());
        if !deletes && std::env::var_os("PRE_COMMIT").is_some_and(|set| set == "1") {
            let _ = writeln!(stderr, "note: nothing is staged: scanning the files");
            resolved.invocation.mode = Mode::Tree;
            scan = findings(&resolved, !args.quiet)?;
        } else if !args.quiet {
            let _ = writeln!(stderr, "note: nothing is staged that could be scanned");
        }
    }
    let unused = baseline.as_ref().map(|baseline| baseline.apply(&mut scan.findings).len()).unwrap_or_default();
    let verdict = policy::judge(&resolved, baseline.as_ref(), &mut scan);
    let Resolved { invocation, policy, .. } = resolved;
    let root = root_name(args);
    let report = Run {
        scan: &scan,
        verdict: &verdict,
        policy: &policy,
        catalogue: &invocation.catalogue,
        root: &root,
        version: env!("CARGO_PKG_VERSION"),
        homepage: None,
        category: None,
        max_results: args.max_results,
        all_rules: false,
    };
    let mut code = exit_code(verdict.outcome, args.exit_zero);
    let mut text_printed = false;
    for target in &targets {
        let written = match &target.path {
            None => {
                text_printed |= target.format == Format::Text;
                super::print(stdout, |out| {
                    report::write(target.format, &report, out, style(args, has_color(&io::stdout())))
                })
                .map_err(|error| error.to_string())
            }
            Some(path) => {
                let fill = |out: &mut dyn Write| report::write(target.format, &report, out, Style::default());
                atomic::write(path, fill).map_err(|error| error.to_string())
            }
        };
        if let Err(error) = written {
            complain(stderr, &error);
            code = UNDECIDED;
        }
    }
    let annotates = targets.iter().any(|target| target.format == Format::Github);
    if let Err(error) = if annotates { append_summary(&report) } else { Ok(()) } {
        complain(stderr, &error);
        code = UNDECIDED;
    }
    // A report for machines still leaves a word for the person who reads the log.
    if !text_printed {
        let style = Style { verbosity: Verbosity::Quiet, ..style(args, has_color(&io::stderr())) };
        let _ = report::write(Format::Text, &report, stderr, style);
    }
    if args.show_unknown {
        list_undecided(&scan, stderr);
    }
    // Most of what a baseline holds stands in files that are not staged.
    if unused > 0 && !args.quiet && invocation.mode == Mode::Tree {
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
    let mut scan = scanned.map_err(|error| CommandError::new(error.to_string()))?;
    // Before anything is left out: a waiver may be about what is not reported.
    waivers::apply(resolved, &mut scan, waivers::is_whole(resolved));
    scan.findings.retain(|finding| resolved.policy.reports(resolved.reported, finding));
    if let Some(comparison) = &mut scan.comparison {
        comparison.fixed.retain(|finding| resolved.policy.reports(resolved.reported, finding));
    }
    Ok(scan)
}

/// `--exit-zero` forgives findings, never what left the verdict open.
fn exit_code(outcome: Outcome, exit_zero: bool) -> u8 {
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

fn targets(args: &ScanArgs) -> Result<Vec<Target>, CommandError> {
    let format = |name: &str| name.parse::<Format>().map_err(CommandError::new);
    let path = args.output.clone().filter(|path| path.as_os_str() != "-");
    let mut targets = vec![Target { format: format(&args.format)?, path }];
    for report in &args.report {
        let Some((name, path)) = report.split_once('=').filter(|(_, path)| !path.is_empty()) else {
            return Err(CommandError::new(format!("--report {report}: expected FORMAT=FILE, such as sarif=out.sarif")));
        };
        targets.push(Target { format: format(name)?, path: (path != "-").then(|| PathBuf::from(path)) });
    }
    for (index, target) in targets.iter().enumerate() {
        let place = target.path.as_deref().map(same_place);
        if targets[..index].iter().any(|other| other.path.as_deref().map(same_place) == place) {
            let name = target.path.as_deref().map_or("standard output".into(), |path| path.display().to_string());
            return Err(CommandError::new(format!("two reports go to {name}; give one of them another FILE")));
        }
    }
    Ok(targets)
}

/// The file that `path` names, however it is spelt; `path` itself where its directory does not exist.
fn same_place(path: &Path) -> PathBuf {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (std::fs::canonicalize(directory), path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        _ => path.to_path_buf(),
    }
}

fn style(args: &ScanArgs, by_default: bool) -> Style {
    let wanted = match args.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => by_default,
    };
    let verbosity = match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    Style { color: wanted, verbosity, ..Style::default() }
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
fn root_name(args: &ScanArgs) -> String {
    let name = |path: &Path| match path.file_name().or_else(|| path.as_os_str().is_empty().then(|| OsStr::new("."))) {
        Some(name) => name.to_string_lossy().into_owned(),
        None => ".".to_owned(),
    };
    args.input.paths.iter().map(|path| name(path)).collect::<Vec<_>>().join(", ")
}

/// Adds the summary of the run to the job summary, where GitHub asks for one.
/// (GitHub documentation, "Workflow commands for GitHub Actions", "Adding a job summary".)
fn append_summary(report: &Run<'_>) -> Result<(), String> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let path = PathBuf::from(path);
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(summary_markdown(report).as_bytes()))
        .map_err(|error| format!("cannot add to the job summary {}: {error}", path.display()))
}
