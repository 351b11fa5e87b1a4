//! A file that is to be edited: opened where no link leads, and replaced as a whole.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::input;
use crate::report::atomic;

/// The byte order mark of UTF-8, which is no part of the text and stays.
const MARK: &str = "\u{feff}";

/// A file as it stands.
pub(super) struct Original {
    root: PathBuf,
    location: PathBuf,
    /// With the byte order mark.
    content: String,
}

impl Original {
    /// Opens the file at `path` below `root`, which is without links. `base` is the BLAKE3 of the text that was scanned.
    ///
    /// # Errors
    ///
    /// Why it cannot be edited, in words that follow its name.
    pub(super) fn open(root: &Path, path: &str, max: u64, base: &[u8; 32]) -> Result<Self, String> {
        let location = root.join(path);
        check_way(root, &location)?;
        let bytes = input::read_bytes(&location, max).map_err(|error| error.to_string())?;
        let content = String::from_utf8(bytes).map_err(|_| "it is not UTF-8, and only that is edited".to_owned())?;
        let original = Self { root: root.to_path_buf(), location, content };
        if blake3::hash(original.text().as_bytes()).as_bytes() != base {
            return Err("it changed since it was scanned; run `lockgate fix` again".to_owned());
        }
        Ok(original)
    }

    /// Its text, without the byte order mark.
    pub(super) fn text(&self) -> &str {
        self.content.strip_prefix(MARK).unwrap_or(&self.content)
    }

    /// Puts `text` in its place, with the same permissions.
    ///
    /// # Errors
    ///
    /// Why that cannot be done, in words that follow its name.
    pub(super) fn replace(&self, text: &str) -> Result<(), String> {
        check_way(&self.root, &self.location)?;
        let mark = if self.content.starts_with(MARK) { MARK } else { "" };
        atomic::write(&self.location, |out| {
            out.write_all(mark.as_bytes())?;
            out.write_all(text.as_bytes())
        })
        .map_err(|error| error.to_string())
    }
}

/// Makes sure that the way from `root` to `location` has no link and does not lead up.
fn check_way(root: &Path, location: &Path) -> Result<(), String> {
    let below = location.strip_prefix(root).map_err(|_| "it lies outside of the scan root".to_owned())?;
    let mut way = root.to_path_buf();
    for component in below.components() {
        let Component::Normal(name) = component else { return Err("it lies outside of the scan root".to_owned()) };
        way.push(name);
        let metadata = fs::symlink_metadata(&way).map_err(|error| error.to_string())?;
        if metadata.is_symlink() {
            return Err("a link leads to it".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(root: &Path, path: &str, text: &str) -> Result<Original, String> {
        Original::open(root, path, 1000, blake3::hash(text.as_bytes()).as_bytes())
    }

    #[test]
    fn what_is_not_what_was_scanned_is_not_opened() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        fs::write(root.join("a.yaml"), format!("{MARK}a: 1\n")).unwrap();
        fs::write(root.join("long"), "x".repeat(2000)).unwrap();
        let reason = |path: &str, text: &str| open(&root, path, text).err().unwrap_or_default();
        assert!(reason("a.yaml", "a: 2\n").starts_with("it changed since it was scanned"));
        assert_eq!(reason("../a.yaml", "a: 1\n"), "it lies outside of the scan root");
        assert_ne!(reason("b.yaml", "a: 1\n"), "");
        assert_ne!(reason("long", &"x".repeat(2000)), "");
        open(&root, "a.yaml", "a: 1\n").unwrap().replace("b: 1\n").unwrap();
        assert_eq!(fs::read_to_string(root.join("a.yaml")).unwrap(), format!("{MARK}b: 1\n"));
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_not_opened() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        fs::write(root.join("real/a"), "a").unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        std::os::unix::fs::symlink(root.join("real/a"), root.join("file")).unwrap();
        for path in ["link/a", "file"] {
            assert_eq!(open(&root, path, "a").err().as_deref(), Some("a link leads to it"), "{path}");
        }
        let original = open(&root, "real/a", "a").unwrap();
        // A link takes the place of the directory behind our back.
        fs::rename(root.join("real"), root.join("other")).unwrap();
        std::os::unix::fs::symlink(root.join("other"), root.join("real")).unwrap();
        assert!(original.replace("b").is_err());
        assert_eq!(fs::read_to_string(root.join("other/a")).unwrap(), "a");
    }
}
