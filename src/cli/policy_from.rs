//! `--policy-from`: configuration, baseline, rule packs and ignore files from a commit in which the author of a change has
//! no say, and what the change does to its own copies of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::CommandError;
use super::ci::{self, Detected};
use crate::config::{self, Config};
use crate::input::git::{Authority, BaseError, Repository, Snapshot, SnapshotError};
use crate::input::{GivenIgnoreFiles, Inside, read_inside};
use crate::rules::packs;
use crate::suppress::baseline::{self, Baseline};
use crate::trust::{self, Attempt, Means, Versions};

/// Most bytes of an ignore file or a file of attributes that are compared; of a longer one, that it changed is named.
const MAX_LINES: usize = 1 << 20;
/// Most files that are compared.
const MAX_COMPARED: usize = 5000;
/// Most ignore files of the commit that count, and most packs.
const MAX_FILES: usize = 20_000;

/// Most links that are followed on the way to a file.
const MAX_LINKS: usize = 8;

/// The ignore files of other scanners, and what to say of them.
const OF_OTHERS: &[&str] =
    &[".gitleaksignore", ".ignore", ".rgignore", ".semgrepignore", ".trivyignore", ".trivyignore.yaml"];

/// The commit that the policy is taken from, opened.
pub(super) struct PolicySource {
    pub(super) authority: Authority,
    repository: Repository,
    snapshot: Snapshot,
    /// The top of the work tree.
    top: PathBuf,
    /// Paths from the top of the work tree.
    paths: Paths,
}

/// Where the parts of the policy stand in the commit.
#[derive(Default)]
struct Paths {
    configuration: String,
    baseline: String,
    /// Files, and directories as they were named.
    packs: Vec<String>,
}

/// Rule packs of the policy.
pub(super) struct Packs {
    /// Those of the commit, each with its name and its text.
    pub(super) texts: Vec<(String, String)>,
    /// Those that lie outside of the repository, where no change reaches.
    pub(super) outside: Vec<PathBuf>,
}

impl PolicySource {
    /// Opens the commit that `revision` names in the repository that `root` lies in.
    pub(super) fn open(revision: &str, root: &Path) -> Result<Self, CommandError> {
        let failed = |error: &dyn std::fmt::Display| CommandError::new(format!("--policy-from {revision}: {error}"));
        let repository = Repository::discover(root).map_err(|error| failed(&error))?;
        let Some(top) = repository.work_tree() else {
            return Err(failed(&format!("{} is a bare repository, without files to scan", root.display())));
        };
        let base = base(revision, &repository)?;
        let authority = match Authority::resolve(&repository, &base.candidates) {
            Ok(authority) => authority,
            Err(BaseError::Missing | BaseError::Unrelated) => return Err(missing(revision, &base, &repository)),
            Err(BaseError::Git(error)) => return Err(failed(&error)),
        };
        let snapshot = repository.snapshot(authority.commit).map_err(|error| failed(&error))?;
        Ok(Self { authority, repository, snapshot, top, paths: Paths::default() })
    }

    /// The configuration of the commit: `given`, which must be a path in the repository, or the one at the scan root.
    pub(super) fn config(&mut self, given: Option<&Path>) -> Result<Config, CommandError> {
        let path = match given {
            None => format!("{}{}", self.snapshot.prefix(), config::FILE_NAME),
            Some(path) => self.repository.path_below(path).ok_or_else(|| {
                CommandError::new(format!(
                    "--config {}: lies outside of the repository, where --policy-from {} does not reach; leave one of the \
                     two options out",
                    path.display(),
                    self.authority.name
                ))
            })?,
        };
        let bytes = self.read(&path, bound(config::MAX_SIZE.bytes()))?;
        if bytes.is_none() && given.is_some() {
            return Err(self.fail(&path, "is not there"));
        }
        let base = self.top.join(&path).parent().map(Path::to_path_buf).unwrap_or_default();
        let config = Config::parse(&bytes.unwrap_or_default(), &self.called(&path), &base)
            .map_err(|errors| super::invocation::several(&errors))?;
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        self.paths.baseline = below(directory, &config.settings.baseline.path.value);
        let packs = &config.settings.rules.packs;
        self.paths.packs = packs.iter().map(|pack| below(directory, &pack.value)).collect();
        self.paths.configuration = path;
        Ok(config)
    }

    /// The packs of the configuration, and those of `given`.
    pub(super) fn packs(&mut self, given: &[PathBuf]) -> Result<Packs, CommandError> {
        let mut outside = Vec::new();
        for path in given {
            match self.repository.path_below(path) {
                Some(inside) => self.paths.packs.push(inside),
                None => outside.push(path.clone()),
            }
        }
        let mut texts = Vec::new();
        for path in &self.paths.packs {
            let files = self.pack_files(path)?;
            if files.is_empty() {
                return Err(self.fail(path, "no rule pack (`*.yaml`) is there"));
            }
            for file in files {
                let bytes = self.read(&file, bound(packs::MAX_PACK))?.unwrap_or_default();
                let text = String::from_utf8(bytes).map_err(|_| self.fail(&file, "the text is not UTF-8"))?;
                texts.push((self.called(&file), text));
                if texts.len() > MAX_FILES {
                    return Err(self.fail(path, &format!("holds more than {MAX_FILES} rule packs")));
                }
            }
        }
        Ok(Packs { texts, outside })
    }

    /// The pack files of the commit at `path`.
    fn pack_files(&self, path: &str) -> Result<Vec<String>, CommandError> {
        let mut files = self.snapshot.below(path).map_err(|error| self.fail_for(path, &error))?.unwrap_or_default();
        if files.as_slice() != [path] {
            // Where the path itself is a link, the names of the files are those of its target.
            let common = files.first().map_or(0, |first| first.rfind('/').unwrap_or(0));
            let start = files.iter().map(|file| shared(file, &files[0])).min().unwrap_or(common).min(common);
            files.retain(|file| packs::is_pack(file.get(start..).unwrap_or(file)));
        }
        Ok(files)
    }

    /// The baseline: `given`, read from the commit when it lies in the repository, else the one that the configuration
    /// names, if the commit has it.
    pub(super) fn baseline(&mut self, given: Option<&Path>) -> Result<Option<Baseline>, CommandError> {
        let failed = |error: &dyn std::fmt::Display| CommandError::new(error.to_string());
        if let Some(path) = given {
            match self.repository.path_below(path) {
                Some(inside) => self.paths.baseline = inside,
                None => return Baseline::load(path).map(Some).map_err(|error| failed(&error)),
            }
        }
        let path = &self.paths.baseline;
        let bytes = self.read(path, bound(baseline::MAX_SIZE))?;
        match bytes {
            None if given.is_some() => Err(self.fail(path, "is not there")),
            None => Ok(None),
            Some(bytes) => Baseline::parse(&bytes, &self.called(path)).map(Some).map_err(|error| failed(&error)),
        }
    }

    /// The ignore files of the commit.
    pub(super) fn ignore_files(&self) -> Result<Arc<GivenIgnoreFiles>, CommandError> {
        let all = self.snapshot.files().map_err(|error| self.fail_for(".", &SnapshotError::from(error)))?;
        let mut files = BTreeMap::new();
        for file in all.iter().filter(|file| GivenIgnoreFiles::is_one(&file.path)).take(MAX_FILES) {
            // What is longer than an ignore file may be is cut where it is compiled, as in the tree.
            let bytes = self.snapshot.blob(file.id, usize::MAX);
            files.insert(file.path.to_string(), bytes.map_err(|error| self.fail_for(&file.path, &error))?);
        }
        Ok(Arc::new(GivenIgnoreFiles { top: self.top.clone(), files }))
    }

    /// What the change does to its copies of all this, and to the files that other tools obey.
    pub(super) fn attempts(&self) -> Result<Vec<Attempt>, CommandError> {
        let base = match self.authority.merge_base.filter(|base| *base != self.authority.commit) {
            Some(base) => self.repository.snapshot(base).ok(),
            None => None,
        };
        let now = match self.authority.head {
            Some(head) => self.repository.snapshot(head).ok(),
            None => None,
        };
        let mut paths: BTreeSet<String> = BTreeSet::new();
        paths.insert(self.paths.configuration.clone());
        paths.insert(self.paths.baseline.clone());
        for pack in &self.paths.packs {
            paths.extend(self.pack_files(pack)?);
        }
        for snapshot in [Some(&self.snapshot), now.as_ref()].into_iter().flatten() {
            let files = snapshot.files().map_err(|error| self.fail_for(".", &SnapshotError::from(error)))?;
            paths.extend(files.iter().filter(|file| kind(&file.path).is_some()).map(|file| file.path.to_string()));
        }
        // Not everything that lies there is committed.
        for name in [config::FILE_NAME, ".gitignore", ".lockgateignore", ".gitattributes"].iter().chain(OF_OTHERS) {
            paths.insert(format!("{}{name}", self.snapshot.prefix()));
        }
        let mut attempts = Vec::new();
        for path in paths.iter().take(MAX_COMPARED) {
            attempts.extend(self.compare(path, base.as_ref()));
        }
        if paths.len() > MAX_COMPARED {
            let detail =
                format!("{} more files that could suppress something were not compared", paths.len() - MAX_COMPARED);
            attempts.push(Attempt { path: ".".to_owned(), line: None, means: Means::Configuration, detail });
        }
        Ok(attempts)
    }

    /// What the change does to the file at `path`.
    fn compare(&self, path: &str, base: Option<&Snapshot>) -> Vec<Attempt> {
        let kind = if path == self.paths.configuration {
            Kind::Configuration
        } else if path == self.paths.baseline {
            Kind::Baseline
        } else if self.paths.packs.iter().any(|pack| path == pack || path.starts_with(&format!("{pack}/"))) {
            Kind::Pack
        } else {
            match kind(path) {
                Some(kind) => kind,
                None => return Vec::new(),
            }
        };
        let max = match kind {
            Kind::Configuration | Kind::Unread => bound(config::MAX_SIZE.bytes()),
            Kind::Baseline => bound(baseline::MAX_SIZE),
            Kind::Pack => bound(packs::MAX_PACK),
            _ => MAX_LINES,
        };
        let shown = self.shown(path);
        let whole = |detail: &str| {
            vec![Attempt { path: shown.clone(), line: None, means: kind.means(), detail: detail.to_owned() }]
        };
        let policy = self.snapshot.read(path, max).ok().flatten();
        let base = base.and_then(|base| base.read(path, max).ok().flatten());
        let now = match self.now(path, max) {
            Inside::File(bytes) => Some(bytes),
            Inside::Nothing => None,
            Inside::Link { .. } => return whole("puts a symbolic link there"),
            Inside::Unreadable(reason) => return whole(&format!("puts something there that cannot be read: {reason}")),
        };
        let versions = Versions { path: &shown, before: [policy.as_deref(), base.as_deref()], now: now.as_deref() };
        if versions.is_unchanged() {
            return Vec::new();
        }
        match kind {
            Kind::Configuration => trust::overruled(&versions),
            Kind::Baseline => trust::accepted(&versions),
            Kind::Ignore => trust::ignored(&versions, ""),
            Kind::OfOthers => trust::ignored(&versions, " (for another tool; the scan does not heed it)"),
            Kind::Attributes => trust::attributes(&versions),
            Kind::Pack if now.is_none() => whole("removes the rule pack"),
            Kind::Pack => whole("changes the rule pack"),
            Kind::Unread if now.is_none() => Vec::new(),
            Kind::Unread => whole("puts a configuration where none is read"),
        }
    }

    /// What stands at `path` now. A link that the commit has as well is followed, inside of the work tree.
    fn now(&self, path: &str, max: usize) -> Inside {
        let mut path = path.to_owned();
        for _ in 0..MAX_LINKS {
            match read_inside(&self.top, &path, max as u64) {
                Inside::Link { at, target, rest } if self.snapshot.link(&at).as_ref() == Some(&target) => {
                    let directory = at.rsplit_once('/').map_or("", |(directory, _)| directory);
                    path = below(directory, &format!("{target}/{rest}"));
                }
                other => return other,
            }
        }
        Inside::Nothing
    }

    /// `path` as it reads from the scan root.
    fn shown(&self, path: &str) -> String {
        let prefix = self.snapshot.prefix();
        match path.strip_prefix(prefix) {
            Some(below) => below.to_owned(),
            None => format!("{}{path}", "../".repeat(prefix.matches('/').count())),
        }
    }

    /// The file at `path` as errors call it.
    fn called(&self, path: &str) -> String {
        format!("{}:{path}", self.authority.name)
    }

    fn read(&self, path: &str, max: usize) -> Result<Option<Vec<u8>>, CommandError> {
        self.snapshot.read(path, max).map_err(|error| self.fail_for(path, &error))
    }

    fn fail(&self, path: &str, what: &str) -> CommandError {
        CommandError::new(format!("{}: {what}", self.called(path)))
    }

    fn fail_for(&self, path: &str, error: &SnapshotError) -> CommandError {
        let mend = match error {
            SnapshotError::Object(_) => {
                "\n  an object of that commit is not here; to mend: git fetch --refetch --no-filter"
            }
            _ => "",
        };
        self.fail(path, &format!("{error}{mend}"))
    }
}

/// What a file that could suppress something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Configuration,
    Baseline,
    Pack,
    Ignore,
    OfOthers,
    Attributes,
    /// A configuration that is not read, because of its place or its name.
    Unread,
}

impl Kind {
    fn means(self) -> Means {
        match self {
            Kind::Configuration | Kind::Unread => Means::Configuration,
            Kind::Baseline => Means::Baseline,
            Kind::Pack => Means::RulePack,
            Kind::Ignore | Kind::OfOthers => Means::IgnoreFile,
            Kind::Attributes => Means::Attributes,
        }
    }
}

/// What the name of the file at `path` says. Case makes no difference: some file systems make none.
fn kind(path: &str) -> Option<Kind> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.as_str() {
        config::FILE_NAME => Some(Kind::Unread),
        ".gitignore" | ".lockgateignore" => Some(Kind::Ignore),
        ".gitattributes" => Some(Kind::Attributes),
        other if OF_OTHERS.contains(&other) => Some(Kind::OfOthers),
        _ => None,
    }
}

/// `path`, which is relative to `directory`, from the top of the work tree. It stays inside of `directory`, as the
/// configuration has checked.
fn below(directory: &str, path: &str) -> String {
    let mut names: Vec<&str> = directory.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    names.join("/")
}

/// How many bytes two paths have in common at their beginning, up to a slash.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.get(..same).and_then(|same| same.rfind('/')).unwrap_or(0)
}

fn bound(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The names that `revision` may have here. Where there is a remote, a short name is that of a branch or tag of it: the
/// branch of that name that is here may hold the change that is judged, as some systems check it out. Its full name
/// (`refs/heads/…`) means it all the same.
fn base(revision: &str, repository: &Repository) -> Result<ci::Base, CommandError> {
    let rename = |error: CommandError| CommandError::new(error.0.replace("--since", "--policy-from"));
    if revision == "auto" {
        let detected = ci::detect(&|name| std::env::var(name).ok()).map_err(rename)?;
        let Detected::Base(mut base) = detected else {
            return Err(CommandError::new(
                "--policy-from auto: nothing tells a branch that the change is for; name a revision, or leave the option out \
                 where no change is judged",
            ));
        };
        base.candidates.retain(|name| !name.starts_with("refs/heads/"));
        return Ok(base);
    }
    let remotes = repository.remotes();
    let mut base = ci::Base::named(revision, &remotes).map_err(rename)?;
    let name = revision.strip_prefix("refs/remotes/").unwrap_or(revision);
    let is_below = |remote: &String| name.strip_prefix(remote.as_str()).is_some_and(|rest| rest.starts_with('/'));
    if remotes.iter().any(is_below) {
        base.candidates = vec![format!("refs/remotes/{name}")];
    } else if !revision.starts_with("refs/") && base.branch.is_some() && revision != "HEAD" {
        let place = match base.remote(&remotes) {
            Some(remote) => format!("refs/remotes/{remote}"),
            None => "refs/heads".to_owned(),
        };
        base.candidates = vec![format!("{place}/{name}"), format!("refs/tags/{name}")];
    }
    Ok(base)
}

/// The error for a revision that is not here, with the command that brings it.
fn missing(revision: &str, base: &ci::Base, repository: &Repository) -> CommandError {
    let remotes = repository.remotes();
    let source = if revision == "auto" { format!(" (from {})", base.source) } else { String::new() };
    let mend = match base.remote(&remotes) {
        None => "there is no remote to fetch it from; name a revision that is here".to_owned(),
        Some(remote) => {
            let depth = if repository.is_shallow() { "--depth=1 " } else { "" };
            let what = match (&base.branch, base.candidates.first()) {
                (Some(branch), _) => format!("+refs/heads/{branch}:refs/remotes/{remote}/{branch}"),
                (None, Some(id)) if ci::is_whole_id(id) => id.clone(),
                _ => format!("'+refs/heads/*:refs/remotes/{remote}/*'"),
            };
            format!("to mend: git fetch {depth}{remote} {what}")
        }
    };
    let names = base.candidates.join(", ");
    CommandError::new(format!(
        "--policy-from {revision}{source}: this repository has no commit by the name of {names}\n  {mend}"
    ))
}
