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
    /// Opens the file at `path` below `root`, which is without links.
    ///
    /// # Errors
    ///
    /// Why it cannot be edited, in words that follow its name.
    pub(super) fn open(root: &Path, path: &str, max: u64) -> Result<Self, String> {
        let location = root.join(path);
        check_way(root, &location)?;
        let bytes = input::read_bytes(&location, max).map_err(|error| error.to_string())?;
        let content =
            String::from_utf8(bytes).map_err(|_| "it is not UTF-8, and only that is edited".to_owned())?;
        Ok(Self { root: root.to_path_buf(), location, content })
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
