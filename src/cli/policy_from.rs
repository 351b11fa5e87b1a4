//! `--policy-from`: configuration, baseline, rule packs and ignore files from a commit in which the author of a change has
//! no say, and what the change does to its own copies of them.

mod attempts;
mod revision;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::revision::{base, missing};
use super::invocation::{self, Loaded, several};
use super::{CommandError, extends, rules};
use crate::config::{self, Config};
use crate::input::GivenIgnoreFiles;
use crate::input::git::{Authority, BaseError, Repository, Snapshot, SnapshotError};
use crate::rules::packs;
use crate::suppress::baseline::{self, Baseline};
use crate::tree_path;

/// Most ignore files of the commit that count, and most packs.
const MAX_FILES: usize = 20_000;
/// Most bytes of a file of another scanner.
const MAX_TEXT: usize = 16 << 20;

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
    /// What the configuration extends in the same commit.
    extended: Vec<String>,
    baseline: String,
    /// Files, and directories as they were named.
    packs: Vec<String>,
    /// The files of these, links resolved.
    pack_files: BTreeSet<String>,
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

    /// The configuration of the commit at `given`, else the one for the scan of `root`, with what it extends, and the rules of
    /// its packs and of the packs `own`.
    pub(super) fn load(&mut self, given: Option<&Path>, root: &Path, own: &[PathBuf]) -> Result<Loaded, CommandError> {
        let config = self.config(given)?;
        // What the configuration extends stands in the same commit, or in one that it names.
        let first = extends::identity(self.authority.commit, &self.paths.configuration);
        let of_commit = extends::identity(self.authority.commit, "");
        let mut extended = Vec::new();
        let config = config
            .with_extended(&mut |what, from, by| {
                let found = extends::read(root, what, Some(from.unwrap_or(&first)), by)?;
                extended.extend(found.identity.strip_prefix(&of_commit).map(str::to_owned));
                Ok(found)
            })
            .map_err(|errors| several(&errors))?;
        self.paths.extended = extended;
        self.place(&config);
        let Packs { texts, outside } = self.packs(own)?;
        let catalogue = rules::catalogue_with(&outside, &texts)?;
        invocation::check_rule_ids(&config, &catalogue)?;
        let packs = self.paths.packs.iter().map(PathBuf::from).chain(outside).collect();
        Ok(Loaded { config, catalogue, packs })
    }

    /// Notes where `config` says that baseline and packs stand.
    fn place(&mut self, config: &Config) {
        let directory = tree_path::directory(&self.paths.configuration);
        // The configuration has checked that neither leaves its directory.
        self.paths.baseline = tree_path::join_confined(directory, &config.settings.baseline.path.value);
        let packs = &config.settings.rules.packs;
        self.paths.packs = packs.iter().map(|pack| tree_path::join_confined(directory, &pack.value)).collect();
    }

    /// The configuration of the commit: `given`, which must be a path in the repository, or the one at the scan root.
    fn config(&mut self, given: Option<&Path>) -> Result<Config, CommandError> {
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
        let config =
            Config::parse(&bytes.unwrap_or_default(), &self.called(&path), &base).map_err(|errors| several(&errors))?;
        self.paths.configuration = path;
        Ok(config)
    }

    /// The packs of the configuration, and those of `given`.
    fn packs(&mut self, given: &[PathBuf]) -> Result<Packs, CommandError> {
        let mut outside = Vec::new();
        for path in given {
            match self.repository.path_below(path) {
                Some(inside) => self.paths.packs.push(inside),
                None => outside.push(path.clone()),
            }
        }
        let mut texts = Vec::new();
        let mut all = BTreeSet::new();
        for path in &self.paths.packs {
            let files = self.pack_files(path)?;
            if files.is_empty() {
                return Err(self.fail(path, "no rule pack (`*.yaml`) is there"));
            }
            for file in files {
                let bytes = self.read(&file, bound(packs::MAX_PACK))?.unwrap_or_default();
                let text = String::from_utf8(bytes).map_err(|_| self.fail(&file, "the text is not UTF-8"))?;
                texts.push((self.called(&file), text));
                all.insert(file);
                if texts.len() > MAX_FILES {
                    return Err(self.fail(path, &format!("holds more than {MAX_FILES} rule packs")));
                }
            }
        }
        self.paths.pack_files = all;
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

    /// The text of `file` at the scan root of the commit, if there is one.
    pub(super) fn text(&self, file: &str) -> io::Result<Option<String>> {
        let path = format!("{}{file}", self.snapshot.prefix());
        let bytes = self.snapshot.read(&path, MAX_TEXT).map_err(|error| io::Error::other(error.to_string()))?;
        let text = bytes.map(String::from_utf8).transpose();
        text.map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "the text is not UTF-8"))
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

/// How many bytes two paths have in common at their beginning, up to a slash.
fn shared(one: &str, other: &str) -> usize {
    let same = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    one.get(..same).and_then(|same| same.rfind('/')).unwrap_or(0)
}

fn bound(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
