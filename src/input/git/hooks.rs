//! Where git looks for the hooks of a repository.

use std::path::{Component, Path, PathBuf};

use gix::ThreadSafeRepository;
use gix::discover::upwards;
use gix::open::Permissions;
use gix::open::permissions::{Config, Environment};
use gix::sec::{Permission, Trust, trust};

use super::GitError;
use super::repository::cause;

/// The hooks directory of a repository with a work tree (githooks(5)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookDirectory {
    /// The top of the work tree, where git starts hooks.
    pub work_tree: PathBuf,
    /// The directory. It need not exist.
    pub path: PathBuf,
    /// Whether `core.hooksPath` says so; otherwise it is `hooks` in the directory that all work trees share.
    pub is_configured: bool,
    /// Whether it lies, links followed, neither in the work tree nor in the repository: other repositories may use it too.
    pub is_outside: bool,
}

impl HookDirectory {
    /// The hooks directory of the repository that `directory` lies in. Other than [`Repository`](super::Repository), this
    /// reads the configuration of the user and the system, because `core.hooksPath` often stands there.
    ///
    /// # Errors
    ///
    /// There is no repository, it is broken, it is bare, or `core.hooksPath` means nothing.
    pub fn of(directory: &Path) -> Result<Self, GitError> {
        let broken = |reason: String| GitError::Open { path: directory.to_path_buf(), reason };
        let options = upwards::Options { trust: upwards::TrustPolicy::Assume(Trust::Full), ..Default::default() };
        let by_trust = trust::Mapping { full: open(), reduced: open() };
        let repository = ThreadSafeRepository::discover_with_environment_overrides_opts(directory, options, by_trust)
            .map_err(|error| {
                if error.is_not_found() {
                    GitError::NoRepository(directory.to_path_buf())
                } else {
                    broken(cause(&error))
                }
            })?
            .to_thread_local();
        let Some(work_tree) = repository.workdir().map(Path::to_path_buf) else {
            return Err(broken("it is bare, so nothing is committed in it".to_owned()));
        };
        let work_tree = work_tree.canonicalize().map_err(|error| broken(error.to_string()))?;
        let configured = repository
            .config_snapshot()
            .trusted_path("core.hooksPath")
            .map_err(|error| broken(format!("core.hooksPath: {}", cause(&error))))?;
        let is_configured = configured.is_some();
        let path = match configured {
            // git-config(1): "relative to the directory where the hooks are run".
            Some(path) => work_tree.join(path),
            None => repository.common_dir().join("hooks"),
        };
        let inside = [Some(work_tree.clone()), real(repository.common_dir()), real(repository.git_dir())];
        let is_outside = match real(&path) {
            Some(real) => !inside.iter().flatten().any(|directory| real.starts_with(directory)),
            None => true,
        };
        let path = real(&path).unwrap_or(path);
        Ok(Self { work_tree, path, is_configured, is_outside })
    }
}

/// Configuration of the repository, the user and the environment, as git itself reads it.
fn open() -> gix::open::Options {
    let environment = Environment {
        git_prefix: Permission::Allow,
        home: Permission::Allow,
        xdg_config_home: Permission::Allow,
        ..Environment::isolated()
    };
    // On Windows the way to the configuration of the system is asked of the git program, and no program is run here.
    let config = Config { git_binary: false, system: cfg!(unix), ..Config::all() };
    gix::open::Options::isolated()
        .permissions(Permissions { env: environment, config, ..Permissions::isolated() })
        .lossy_config(true)
}

/// `path` with its links followed as far as it exists. `None` where what does not exist goes upwards.
fn real(path: &Path) -> Option<PathBuf> {
    let (existing, real) = path.ancestors().find_map(|above| Some((above, above.canonicalize().ok()?)))?;
    let rest = path.strip_prefix(existing).ok()?;
    let is_plain = rest.components().all(|part| matches!(part, Component::Normal(_)));
    is_plain.then(|| real.join(rest))
}
