//! The `CODEOWNERS` file of the scanned tree.

use std::path::Path;

use crate::finding::Finding;
use crate::input;
use crate::owners::{Dialect, MAX_SIZE, Owners, PLACES};

/// Gives each of `findings` the owners of its file. A file that is missing, too large or no text names nobody.
pub(super) fn assign(root: &Path, findings: &mut [Finding]) {
    if findings.is_empty() {
        return;
    }
    let Some(owners) = load(root) else { return };
    for finding in findings {
        finding.owners = owners.of(&finding.location.path);
    }
}

/// The first file that is there, as both systems take it.
fn load(root: &Path) -> Option<Owners> {
    // A repository of GitLab has its pipeline there, and nothing of GitHub.
    let is_of_gitlab = root.join(".gitlab-ci.yml").exists() && !root.join(".github").exists();
    let on = if is_of_gitlab { Dialect::GitLab } else { Dialect::GitHub };
    for place in PLACES {
        let path = root.join(place);
        // Neither the file nor its directory may be a link, which could lead out of the tree.
        let in_tree = path.parent().is_some_and(|parent| parent == root || is_directory(parent));
        if in_tree && let Ok(bytes) = input::read_bytes(&path, MAX_SIZE) {
            let text = String::from_utf8(bytes).ok()?;
            return Some(Owners::parse(&text, Owners::dialect(place, &text, on)));
        }
    }
    None
}

fn is_directory(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}
