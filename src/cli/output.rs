//! Where reports go: standard output, files, the job summary of GitHub.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::args::{Color, OutputArgs};
use super::{CommandError, UNDECIDED, complain, has_color};
use crate::gate::{Policy, Verdict};
use crate::report::{self, Format, Run, Style, Timing, Verbosity, atomic, summary_markdown};
use crate::rules::catalogue::Catalogue;
use crate::scan::ScanReport;

/// A report and where it goes.
struct Target {
    format: Format,
    /// `None` for standard output.
    path: Option<PathBuf>,
}

/// The reports of a run.
pub(super) struct Outputs<'a> {
    args: &'a OutputArgs,
    targets: Vec<Target>,
}

impl<'a> Outputs<'a> {
    /// What `args` ask for, before anything is scanned.
    pub(super) fn of(args: &'a OutputArgs) -> Result<Self, CommandError> {
        Ok(Self { args, targets: targets(args)? })
    }

    /// What the reports tell: what `verdict` makes of `scan` by `policy`, and how long that took. `root` is what was scanned, as
    /// a person would call it.
    pub(super) fn run<'r>(
        &self,
        scan: &'r ScanReport,
        verdict: &'r Verdict,
        policy: &'r Policy,
        catalogue: &'r Catalogue,
        root: &'r str,
        timing: Option<Timing>,
    ) -> Run<'r> {
        Run {
            scan,
            verdict,
            policy,
            catalogue,
            root,
            version: env!("CARGO_PKG_VERSION"),
            homepage: None,
            category: None,
            max_results: self.args.max_results,
            all_rules: false,
            group_by: self.args.group_by,
            timing,
        }
    }

    /// Writes every report, and says on `stderr` what could not be written: then, the exit code is in the result.
    pub(super) fn write(&self, run: &Run<'_>, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Option<u8> {
        let args = self.args;
        let mut code = None;
        let mut text_printed = false;
        for target in &self.targets {
            let written = match &target.path {
                None => {
                    text_printed |= target.format == Format::Text;
                    let style = style(args, has_color(&io::stdout()));
                    super::print(stdout, |out| report::write(target.format, run, out, style))
                        .map_err(|error| error.to_string())
                }
                Some(path) => {
                    let fill = |out: &mut dyn Write| report::write(target.format, run, out, Style::default());
                    atomic::write(path, fill).map_err(|error| error.to_string())
                }
            };
            if let Err(error) = written {
                complain(stderr, &error);
                code = Some(UNDECIDED);
            }
        }
        let annotates = self.targets.iter().any(|target| target.format == Format::Github);
        if let Err(error) = if annotates { append_summary(run) } else { Ok(()) } {
            complain(stderr, &error);
            code = Some(UNDECIDED);
        }
        // A report for machines still leaves a word for the person who reads the log.
        if !text_printed {
            let style = Style { verbosity: Verbosity::Quiet, ..style(args, has_color(&io::stderr())) };
            let _ = report::write(Format::Text, run, stderr, style);
        }
        code
    }
}

/// The time that a run takes, for the reports that tell it.
pub(super) struct Clock {
    started: u64,
    at: Instant,
}

impl Clock {
    /// Begins to measure.
    pub(super) fn start() -> Self {
        Self { started: now(), at: Instant::now() }
    }

    /// What has passed since.
    pub(super) fn stop(&self) -> Timing {
        Timing { started: self.started, finished: now().max(self.started), scan: self.at.elapsed() }
    }
}

/// Seconds since 1970 in UTC; of `SOURCE_DATE_EPOCH` where it is set, for reports that are the same each time.
/// (Reproducible Builds, "`SOURCE_DATE_EPOCH` specification".)
fn now() -> u64 {
    let fixed = std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|text| text.parse().ok());
    fixed.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
}

fn targets(args: &OutputArgs) -> Result<Vec<Target>, CommandError> {
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

fn style(args: &OutputArgs, by_default: bool) -> Style {
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
