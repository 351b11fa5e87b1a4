//! One file to text, within bounds.
//!
//! A file may have become anything since the walk saw it, and may claim any size. It is opened so that neither a FIFO
//! blocks nor a link leads elsewhere, checked again once open, and read until its end or the bound.

use std::borrow::Cow;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::Path;

use super::archive::detect::is_compressed;
use super::decode::{Encoding, SNIFF_LEN};
use super::{FileRef, Limits};
use crate::coverage::{Cause, CoverageEntry};

/// Room for the first read: most source files come whole with one call.
const FIRST_READ: usize = 64 * 1024;

/// The text of one input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<'b> {
    /// The text in UTF-8, without byte order mark. A byte that is not UTF-8 stands as one U+001A, so that byte offsets are
    /// those of the file (behind its mark); UTF-16 and UTF-32 are transcoded.
    pub content: Cow<'b, str>,
    /// Set when `content` is only the beginning: what the bound cut.
    pub cut: Option<CoverageEntry>,
}

/// Reads `file` into `buffer` and decodes it. The buffer is scratch space that serves one file after the other.
///
/// # Errors
///
/// The entry for coverage when there is no text: binary, unreadable, no longer a regular file, vanished.
pub fn read<'b>(file: &FileRef, limits: &Limits, buffer: &'b mut Vec<u8>) -> Result<Text<'b>, CoverageEntry> {
    let left_out = |cause, detail| CoverageEntry { path: file.path().to_string(), cause, detail };
    let (mut source, metadata) = match open_regular(file.location()) {
        Ok(opened) => opened,
        Err(error) => return Err(left_out(error.cause(), error.to_string())),
    };
    text(file.path(), &mut source, Some(metadata.len()), limits.max_file_size, buffer)
}

/// Decodes `bytes`, all that there is of the input at `path`, as [`read`] decodes a file.
///
/// # Errors
///
/// The entry for coverage when they are not text.
pub fn decode<'b>(path: &str, bytes: &'b [u8], limits: &Limits) -> Result<Text<'b>, CoverageEntry> {
    let Some(encoding) = text_encoding(bytes) else {
        let detail = "its first bytes are not text".to_owned();
        return Err(CoverageEntry { path: path.to_owned(), cause: Cause::Binary, detail });
    };
    let bound = usize::try_from(limits.max_file_size).unwrap_or(usize::MAX);
    let Some(begin) = bytes.get(..bound).filter(|begin| begin.len() < bytes.len()) else {
        return Ok(Text { content: encoding.decode(bytes), cut: None });
    };
    let end = encoding.cut(begin);
    let detail = format!("{} bytes, above the bound of {bound} bytes: scanned the first {end} bytes", bytes.len());
    let cut = CoverageEntry { path: path.to_owned(), cause: Cause::TooLarge, detail };
    Ok(Text { content: encoding.decode(&bytes[..end]), cut: Some(cut) })
}

/// Reads at most `max` bytes of `source` and decodes them. `size` is what the source claims, for messages alone.
pub(super) fn text<'b>(
    path: &str,
    source: &mut impl Read,
    size: Option<u64>,
    max: u64,
    buffer: &'b mut Vec<u8>,
) -> Result<Text<'b>, CoverageEntry> {
    let entry = |cause, detail| CoverageEntry { path: path.to_owned(), cause, detail };
    let bound = usize::try_from(max).unwrap_or(usize::MAX);
    let (encoding, len) = match fill(source, bound, buffer) {
        Ok(Filled { encoding: Some(encoding), len }) => (encoding, len),
        Ok(_) => return Err(entry(Cause::Binary, "its first bytes are not text".to_owned())),
        Err(error) => return Err(entry(Cause::Unreadable, error.to_string())),
    };
    if len <= bound {
        return Ok(Text { content: encoding.decode(&buffer[..len]), cut: None });
    }
    let end = encoding.cut(&buffer[..bound]);
    let size = match size {
        Some(size) if size > max => format!("{size} bytes"),
        _ => "longer".to_owned(),
    };
    let detail = format!("{size}, above the bound of {bound} bytes: scanned the first {end} bytes");
    Ok(Text { content: encoding.decode(&buffer[..end]), cut: Some(entry(Cause::TooLarge, detail)) })
}

/// What [`fill`] put into the buffer.
struct Filled {
    /// `None` for binary data, of which only the beginning was read.
    encoding: Option<Encoding>,
    /// Bytes read; one more than the bound when the source goes on behind it.
    len: usize,
}

/// Reads until the end, one byte behind `bound`, or the proof that the data is binary. The buffer grows with what was
/// read, never by a claimed size, and keeps its length afterwards, so that it is cleared only once.
fn fill(source: &mut impl Read, bound: usize, buffer: &mut Vec<u8>) -> io::Result<Filled> {
    let most = bound.saturating_add(1);
    let mut encoding = None;
    let mut len = 0;
    while len < most {
        if encoding.is_none() && len >= SNIFF_LEN {
            encoding = text_encoding(&buffer[..len]);
            if encoding.is_none() {
                return Ok(Filled { encoding, len });
            }
        }
        if len == buffer.len() {
            buffer.resize((len * 2).max(FIRST_READ).min(most), 0);
        }
        let end = buffer.len().min(most);
        match source.read(&mut buffer[len..end]) {
            Ok(0) => break,
            Ok(count) => len = (len + count).min(end),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let encoding = encoding.or_else(|| text_encoding(&buffer[..len]));
    Ok(Filled { encoding, len })
}

/// The encoding of text that begins with `bytes`. A small archive may be without NUL and is no text all the same.
fn text_encoding(bytes: &[u8]) -> Option<Encoding> {
    if is_compressed(bytes) { None } else { Encoding::detect(bytes) }
}

/// Why a path could not be opened as a regular file.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is gone, or a directory on its path is.
    #[error("it vanished after the walk: {0}")]
    Vanished(io::Error),
    /// It is a link now.
    #[error("it became a symbolic link after the walk")]
    Link,
    /// It is a FIFO, a device or a directory now.
    #[error("it is no longer a regular file")]
    NotRegular,
    /// The operating system refuses.
    #[error("{0}")]
    Refused(io::Error),
}

impl OpenError {
    pub(super) fn cause(&self) -> Cause {
        match self {
            OpenError::Vanished(_) | OpenError::Link => Cause::Vanished,
            OpenError::NotRegular => Cause::NotRegular,
            OpenError::Refused(_) => Cause::Unreadable,
        }
    }

    fn from_open(error: io::Error) -> Self {
        #[cfg(unix)]
        if error.raw_os_error() == Some(libc::ELOOP) {
            return OpenError::Link;
        }
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => OpenError::Vanished(error),
            _ => OpenError::Refused(error),
        }
    }
}

/// The bytes of the file at `path`, which is to be changed: all of them, or an error.
///
/// # Errors
///
/// It is no regular file, longer than `max`, or cannot be read.
pub fn read_bytes(path: &Path, max: u64) -> Result<Vec<u8>, OpenError> {
    let (file, _) = open_regular(path)?;
    let mut bytes = Vec::new();
    file.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(OpenError::Refused)?;
    if bytes.len() as u64 > max {
        return Err(OpenError::Refused(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}

/// Opens `path` if it is a regular file and not a link, without ever waiting for a writer.
pub(super) fn open_regular(path: &Path) -> Result<(File, Metadata), OpenError> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_NOCTTY);
    let file = options.open(path).map_err(OpenError::from_open)?;
    let metadata = file.metadata().map_err(OpenError::Refused)?;
    if metadata.is_file() { Ok((file, metadata)) } else { Err(OpenError::NotRegular) }
}
