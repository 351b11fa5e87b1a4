//! What a change does to its own copies of the policy, and to the files that keep things from being seen.

use std::collections::BTreeSet;

use super::{PolicySource, bound};
use crate::cli::CommandError;
use crate::config;
use crate::input::git::{Snapshot, SnapshotError};
use crate::input::{Inside, read_inside};
use crate::rules::packs;
use crate::suppress::baseline;
use crate::tree_path;
use crate::trust::{self, Attempt, Means, Versions};

/// Most bytes of an ignore file or a file of attributes that are compared; of a longer one, that it changed is named.
const MAX_LINES: usize = 1 << 20;
/// Most files that are compared.
const MAX_COMPARED: usize = 5000;
/// Most links that are followed on the way to a file.
const MAX_LINKS: usize = 8;

/// The ignore files of other tools that Lockgate does not heed.
const OF_OTHERS: &[&str] = &[".ignore", ".rgignore", ".semgrepignore", ".trivyignore", ".trivyignore.yaml"];
/// The lists of other scanners that Lockgate heeds.
const LISTS: &[&str] = &[".betterleaksignore", ".gitleaksignore", ".secrets.baseline"];

impl PolicySource {
    /// What the change does to its copies of the policy, and to the files that other tools obey.
    pub(in crate::cli) fn attempts(&self) -> Result<Vec<Attempt>, CommandError> {
        let base = match self.authority.merge_base.filter(|base| *base != self.authority.commit) {
            Some(base) => self.repository.snapshot(base).ok(),
            None => None,
        };
        let now = match self.authority.head {
            Some(head) => self.repository.snapshot(head).ok(),
            None => None,
        };
        let mut attempts: Vec<Attempt> = self.paths.packs.iter().filter_map(|pack| self.relinked(pack)).collect();
        let own = [&self.paths.configuration, &self.paths.baseline].into_iter();
        let own = own.chain(&self.paths.extended).chain(&self.paths.pack_files);
        let own: BTreeSet<&String> = own.collect();
        for path in &own {
            attempts.extend(self.compare(path, base.as_ref()));
        }
        let mut paths: BTreeSet<String> = BTreeSet::new();
        for snapshot in [Some(&self.snapshot), now.as_ref()].into_iter().flatten() {
            let files = snapshot.files().map_err(|error| self.fail_for(".", &SnapshotError::from(error)))?;
            paths.extend(files.iter().filter(|file| kind(&file.path).is_some()).map(|file| file.path.to_string()));
        }
        // Not everything that lies there is committed.
        for name in
            [config::FILE_NAME, ".gitignore", ".lockgateignore", ".gitattributes"].iter().chain(OF_OTHERS).chain(LISTS)
        {
            paths.insert(format!("{}{name}", self.snapshot.prefix()));
        }
        paths.retain(|path| !own.contains(path));
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
        let kind = if path == self.paths.configuration || self.paths.extended.iter().any(|extended| extended == path) {
            Kind::Configuration
        } else if path == self.paths.baseline {
            Kind::Baseline
        } else if self.paths.pack_files.contains(path) {
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
                    path = tree_path::join_confined(tree_path::directory(&at), &format!("{target}/{rest}"));
                }
                other => return other,
            }
        }
        Inside::Nothing
    }

    /// A link to rule packs that leads elsewhere now.
    fn relinked(&self, pack: &str) -> Option<Attempt> {
        let before = self.snapshot.link(pack)?;
        let is_kept = match read_inside(&self.top, pack, 0) {
            Inside::Link { at, target, .. } => at == pack && target == before,
            _ => false,
        };
        let detail = "changes the link to rule packs".to_owned();
        (!is_kept).then(|| Attempt { path: self.shown(pack), line: None, means: Means::RulePack, detail })
    }

    /// `path` as it reads from the scan root.
    fn shown(&self, path: &str) -> String {
        let prefix = self.snapshot.prefix();
        match path.strip_prefix(prefix) {
            Some(below) => below.to_owned(),
            None => format!("{}{path}", "../".repeat(prefix.matches('/').count())),
        }
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
        other if LISTS.contains(&other) => Some(Kind::Ignore),
        other if OF_OTHERS.contains(&other) => Some(Kind::OfOthers),
        _ => None,
    }
}
