//! Writes a report to a file so that a reader finds the old one or the new one, whole.

use std::fs::{self, Permissions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A report could not be written. What stood at its path before still stands there.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{}`: {source}; {mend}", path.display())]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
    mend: &'static str,
}

impl WriteError {
    fn new(path: &Path, source: io::Error) -> Self {
        let mend = match source.kind() {
            io::ErrorKind::NotFound => "create its directory first",
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                "choose a directory that the user who runs Lockgate may write to"
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free space or choose another file system",
            _ => "choose another path",
        };
        Self { path: path.to_owned(), source, mend }
    }
}

/// Lets `fill` write the report, and puts it at `path` when all of it is on the disk. An existing file keeps its
/// permissions; a new one gets those of any new file.
///
/// A symbolic link at `path` is refused, and so is anything else that is no regular file: the scanned tree may have put
/// it there to have another file overwritten, and a device such as `/dev/stdout` would be replaced.
pub fn write(path: &Path, fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), WriteError> {
    let permissions = existing_permissions(path)?;
    write_beside(path, permissions, fill).map_err(|error| WriteError::new(path, error))
}

/// Like [`write`], for a script: whoever may read it may run it.
pub fn write_executable(
    path: &Path,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> Result<(), WriteError> {
    existing_permissions(path)?;
    #[cfg(unix)]
    let permissions = Some(std::os::unix::fs::PermissionsExt::from_mode(0o755));
    #[cfg(not(unix))]
    let permissions = None;
    write_beside(path, permissions, fill).map_err(|error| WriteError::new(path, error))
}

/// The permissions of the file at `path`, `None` when nothing is there.
fn existing_permissions(path: &Path) -> Result<Option<Permissions>, WriteError> {
    let refuse = |what: &str, mend| {
        let source = io::Error::new(io::ErrorKind::InvalidInput, what);
        Err(WriteError { path: path.to_owned(), source, mend })
    };
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_file() => Ok(Some(metadata.permissions())),
        Ok(metadata) if metadata.is_symlink() => {
            refuse("it is a symbolic link", "remove the link, name its target, or use `-` for standard output")
        }
        Ok(metadata) if metadata.is_dir() => refuse("it is a directory", "name a file"),
        Ok(_) => refuse("it is no regular file", "name a file, or use `-` for standard output"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(WriteError::new(path, error)),
    }
}

/// Writes to a temporary file in the same directory (a rename is atomic only within one file system) and renames it. The
/// temporary file goes away when a step fails.
fn write_beside(
    path: &Path,
    permissions: Option<Permissions>,
    fill: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut out = BufWriter::new(create_in(directory)?);
    fill(&mut out)?;
    out.flush()?;
    let temporary = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions)?;
    }
    temporary.as_file().sync_all()?;
    temporary.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A temporary file that may be read by whom the umask allows; the default is the owner alone, and a report is for others.
fn create_in(directory: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".lockgate-report-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(words: &'static str) -> impl FnOnce(&mut dyn io::Write) -> io::Result<()> {
        move |out| out.write_all(words.as_bytes())
    }

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_report_replaces_the_one_before() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.sarif");
        write(&path, text("one, and longer")).unwrap();
        write(&path, text("two")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(dir.path()), ["r.sarif"]);
    }

    #[test]
    fn a_write_that_fails_leaves_the_old_report_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.sarif");
        write(&path, text("old")).unwrap();
        let full = |out: &mut dyn io::Write| {
            out.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        };
        let error = write(&path, full).unwrap_err().to_string();
        assert!(error.contains("r.sarif") && error.contains("free space"), "{error}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(names(dir.path()), ["r.sarif"]);
    }

    #[test]
    fn a_missing_directory_is_named_with_its_mend() {
        let dir = tempfile::tempdir().unwrap();
        let error = write(&dir.path().join("no/r.json"), text("x")).unwrap_err().to_string();
        assert!(error.contains("no/r.json") && error.ends_with("create its directory first"), "{error}");
        let error = write(dir.path(), text("x")).unwrap_err().to_string();
        assert!(error.contains("it is a directory; name a file"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_is_neither_followed_nor_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let (target, link) = (dir.path().join("precious"), dir.path().join("r.sarif"));
        fs::write(&target, "precious").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let error = write(&link, text("x")).unwrap_err().to_string();
        assert!(error.contains("symbolic link"), "{error}");
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
        fs::remove_file(&target).unwrap();
        assert!(write(&link, text("x")).is_err());
        assert_eq!(names(dir.path()), ["r.sarif"]);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_are_those_of_the_file_before_or_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let (plain, report) = (dir.path().join("plain"), dir.path().join("r.json"));
        fs::File::create(&plain).unwrap();
        write(&report, text("x")).unwrap();
        assert_eq!(mode(&report), mode(&plain));
        fs::set_permissions(&report, Permissions::from_mode(0o600)).unwrap();
        write(&report, text("y")).unwrap();
        assert_eq!(mode(&report), 0o600);
    }
}
