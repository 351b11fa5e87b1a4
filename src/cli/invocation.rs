//! Arguments and configuration, resolved once into an [`Invocation`].

use std::path::{Path, PathBuf};

use super::CommandError;
use super::args::{InputArgs, ScanArgs};
use super::policy_from::PolicySource;
use super::{extends, policy, rules, waivers};
use crate::config::{Config, Located, RulePattern};
use crate::date::Date;
use crate::framework::PlatformGlobs;
use crate::gate::{Policy, Threshold};
use crate::input::{self, Root, WalkOptions};
use crate::platform::Platform;
use crate::rules::catalogue::Catalogue;
use crate::rules::schema::Profile;
use crate::suppress::external::ExternalIgnores;
use crate::suppress::waiver::Waiver;
use crate::{HistoryOptions, Invocation, Mode};

/// The variable that names the environment where `--environment` does not.
const ENVIRONMENT: &str = "LOCKGATE_ENVIRONMENT";

/// What a command that scans needs beside the invocation.
pub(super) struct Resolved {
    pub(super) invocation: Invocation,
    pub(super) config: Config,
    /// The scan root.
    pub(super) root: PathBuf,
    /// What blocks.
    pub(super) policy: Policy,
    /// What is reported even where it cannot block.
    pub(super) reported: Threshold,
    /// Findings that somebody answers for.
    pub(super) waivers: Vec<Waiver>,
    /// The day on which they must hold.
    pub(super) today: Date,
    /// What the policy demands of a run and this one lacks.
    pub(super) lacking: Vec<String>,
    /// The commit that the policy comes from, where it is not that of the scanned tree.
    pub(super) source: Option<PolicySource>,
}

/// Resolves `args`. The command line outranks the configuration, which outranks the defaults.
pub(super) fn resolve(args: &InputArgs) -> Result<Resolved, CommandError> {
    resolve_from(args, None)
}

/// The same, with the policy of the commit that `policy_from` names in place of that of the scanned tree.
pub(super) fn resolve_from(args: &InputArgs, policy_from: Option<&str>) -> Result<Resolved, CommandError> {
    let mut walk = WalkOptions {
        root: args.root.clone(),
        no_ignore: args.no_ignore,
        global_ignore: input::git_global_ignore(),
        ..WalkOptions::default()
    };
    let stdin = args.paths.iter().any(|path| path.as_os_str() == "-");
    // A hook names the files of a commit, and one of them may be called `-`: it is scanned as well as standard input.
    let is_scanned = |path: &&PathBuf| path.as_os_str() != "-" || Path::new("./-").exists();
    let paths: Vec<PathBuf> = args.paths.iter().filter(is_scanned).cloned().collect();
    // Where the configuration stands follows from the paths, and what it excludes is needed to walk them.
    let root = Root::open(&paths, &walk).map_err(|error| CommandError::new(error.to_string()))?.path;
    let mut source = policy_from.map(|revision| PolicySource::open(revision, &root)).transpose()?;
    let Loaded { mut config, catalogue, packs } = match &mut source {
        Some(source) => {
            walk.ignore_files = Some(source.ignore_files()?);
            source.load(args.config.as_deref(), &root, &args.rules)?
        }
        None => load(args.config.as_deref(), &root, &args.rules)?,
    };
    override_rules(args, &mut config)?;
    for pattern in patterns(&args.enable)?.iter().chain(&patterns(&args.disable)?) {
        check_pattern(pattern, &catalogue)?;
    }
    let environment = environment(args.environment.clone(), &config)?;
    let (policy, reported) = thresholds(args, &config, environment.as_deref());
    let policy = policy::by_present_ids(policy, &catalogue);
    let lacking = policy::lacking(&config, &catalogue, &packs);
    let waivers = waivers::by_present_ids(config.waivers(&root), &catalogue);
    if let Some(depth) = args.archive_depth {
        config.settings.scan.archive_depth = depth;
    }
    walk.excludes.clone_from(&config.settings.scan.exclude);
    // What other scanners accept is as much a part of the policy as what this one does.
    let ignores = match &source {
        Some(source) => ExternalIgnores::of(|file| source.text(file)),
        None => ExternalIgnores::load(&root),
    };
    let invocation = Invocation {
        paths,
        mode: Mode::default(),
        policy_from: source.as_ref().map(|source| source.authority.clone()),
        stdin: stdin.then(|| args.stdin_name.clone()),
        walk,
        settings: config.settings.clone(),
        catalogue,
        platforms: platforms(&args.read_as)?,
        ignores,
        threads: args.threads.unwrap_or(0),
    };
    let today = args.today.unwrap_or_else(waivers::today);
    Ok(Resolved { invocation, config, root, policy, reported, waivers, today, lacking, source })
}

/// A configuration with the rules that it asks for.
pub(super) struct Loaded {
    pub(super) config: Config,
    pub(super) catalogue: Catalogue,
    /// The packs beside the built-in ones.
    pub(super) packs: Vec<PathBuf>,
}

/// Reads the configuration at `given`, else the one in `root`, with what it extends, and the rules of its packs and of
/// the packs `own`.
pub(super) fn load(given: Option<&Path>, root: &Path, own: &[PathBuf]) -> Result<Loaded, CommandError> {
    let config = match given {
        Some(path) => Config::load(path),
        None => Config::discover(&as_named(root)),
    };
    let config = config
        .and_then(|config| config.with_extended(&mut |what, from, by| extends::read(root, what, from, by)))
        .map_err(|errors| several(&errors))?;
    let mut packs = config.pack_paths().map_err(|errors| several(&errors))?;
    packs.extend(own.iter().cloned());
    let catalogue = rules::catalogue(&packs)?;
    check_rule_ids(&config, &catalogue)?;
    Ok(Loaded { config, catalogue, packs })
}

/// Refuses a configuration that names rules which `catalogue` does not have.
pub(super) fn check_rule_ids(config: &Config, catalogue: &Catalogue) -> Result<(), CommandError> {
    let known = catalogue.rules().iter().flat_map(|rule| std::iter::once(&rule.id).chain(&rule.aliases));
    let unknown = config.check_rule_ids(known.map(String::as_str));
    if unknown.is_empty() { Ok(()) } else { Err(several(&unknown)) }
}

/// The environment that was asked for, on the command line or in a variable. Where the policy knows environments, it must be
/// one of them: another would leave out entries that were meant.
pub(super) fn environment(given: Option<String>, config: &Config) -> Result<Option<String>, CommandError> {
    named_environment(given.or_else(|| std::env::var(ENVIRONMENT).ok().filter(|name| !name.is_empty())), config)
}

/// The same for the environment `given`, whatever the variable says.
pub(super) fn named_environment(given: Option<String>, config: &Config) -> Result<Option<String>, CommandError> {
    let Some(name) = given else { return Ok(None) };
    let known = config.settings.environments();
    if known.is_empty() || known.contains(name.as_str()) {
        return Ok(Some(name));
    }
    let known: Vec<&str> = known.into_iter().collect();
    Err(CommandError::new(format!(
        "no entry of the policy is for the environment `{name}`; use one of: {}",
        known.join(", ")
    )))
}

/// Which state of the inputs `args` ask for.
pub(super) fn mode(args: &ScanArgs) -> Result<Mode, CommandError> {
    let mode = match &args.history {
        Some(revisions) => Mode::History(HistoryOptions {
            revisions: revisions.split_whitespace().map(ToOwned::to_owned).collect(),
            since_commit: args.since_commit.clone(),
            max_commits: args.max_commits,
        }),
        None if args.staged => Mode::Staged,
        None => return Ok(Mode::Tree),
    };
    if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
        let option = if args.staged { "--staged" } else { "--history" };
        return Err(CommandError::new(format!(
            "{option} reads the repository, not standard input; leave one of `{option}` and `-` out"
        )));
    }
    Ok(mode)
}

/// The globs of `--as`, each with its platform.
fn platforms(given: &[String]) -> Result<PlatformGlobs, CommandError> {
    let mut globs = PlatformGlobs::default();
    for option in given {
        let known = Platform::ALL.iter().map(|platform| platform.name()).collect::<Vec<_>>().join(", ");
        let Some((name, glob)) = option.split_once('=') else {
            let message = format!("--as {option}: expected PLATFORM=GLOB, such as dockerfile=docker/*.build");
            return Err(CommandError::new(message));
        };
        let platform = name.parse::<Platform>();
        let platform = platform
            .map_err(|()| CommandError::new(format!("--as {option}: unknown platform; use one of: {known}")))?;
        globs
            .add(platform, glob)
            .map_err(|reason| CommandError::new(format!("--as {option}: not a glob: {reason}")))?;
    }
    Ok(globs)
}

/// `root` as errors should call it: relative to the working directory where it lies in it.
fn as_named(root: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    here.and_then(|here| root.strip_prefix(here).ok()).map_or_else(|| root.to_path_buf(), Path::to_path_buf)
}

/// A level on the command line moves both limits: nothing below it is reported, so nothing below it can block.
fn thresholds(args: &InputArgs, config: &Config, environment: Option<&str>) -> (Policy, Threshold) {
    let policy = config.settings.policy(environment).at_least(args.severity, args.confidence);
    let mut reported = config.settings.report_threshold();
    reported.severity = args.severity.unwrap_or(reported.severity);
    reported.confidence = args.confidence.unwrap_or(reported.confidence);
    (policy, reported)
}

fn override_rules(args: &InputArgs, config: &mut Config) -> Result<(), CommandError> {
    let rules = &mut config.settings.rules;
    if !args.profile.is_empty() {
        rules.profiles = profiles(&args.profile)?;
    }
    let (enable, disable) = (patterns(&args.enable)?, patterns(&args.disable)?);
    // What the file says otherwise goes first; between the two options the ranks of ids and globs decide as in the file.
    let keeps = |over: &[RulePattern], other: &RulePattern| {
        !over.iter().any(|pattern| pattern.matches(other.as_str()) || pattern == other)
    };
    rules.disable.retain(|other| keeps(&enable, &other.value));
    rules.enable.retain(|other| keeps(&disable, &other.value));
    rules.enable.extend(enable.into_iter().map(Located::unplaced));
    rules.disable.extend(disable.into_iter().map(Located::unplaced));
    Ok(())
}

/// An id or a glob that means no rule would silently do nothing.
pub(super) fn check_pattern(pattern: &RulePattern, catalogue: &Catalogue) -> Result<(), CommandError> {
    if !pattern.is_glob() {
        return rules::find(catalogue, pattern.as_str()).map(drop);
    }
    let mut names = catalogue.rules().iter().flat_map(|rule| std::iter::once(&rule.id).chain(&rule.aliases));
    if names.any(|name| pattern.matches(name)) {
        return Ok(());
    }
    Err(CommandError::new(format!("`{pattern}` matches no rule; `lockgate rules list` shows them all")))
}

pub(super) fn patterns(given: &[String]) -> Result<Vec<RulePattern>, CommandError> {
    let parse = |text: &String| text.parse().map_err(|reason| CommandError::new(format!("`{text}` {reason}")));
    given.iter().map(parse).collect()
}

fn profiles(names: &[String]) -> Result<Vec<Profile>, CommandError> {
    let mut profiles = Vec::new();
    for name in names {
        match name.as_str() {
            "default" => profiles.push(Profile::Default),
            "hardening" => profiles.push(Profile::Hardening),
            "style" => profiles.push(Profile::Style),
            "all" => profiles.extend([Profile::Default, Profile::Hardening, Profile::Style]),
            other => {
                let message = format!("unknown profile `{other}`; use one of: default, hardening, style, all");
                return Err(CommandError::new(message));
            }
        }
    }
    Ok(profiles)
}

pub(super) fn several<E: std::fmt::Display>(errors: &[E]) -> CommandError {
    CommandError::new(errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\nerror: "))
}
