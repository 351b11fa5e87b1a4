//! A stream to text, with the bounds of a file. The caller owns the stream; nothing here touches the process's own.

use std::io::Read;

use super::archive::detect::{MAGIC_LEN, is_archive};
use super::read::text;
use super::{Limits, Text};
use crate::coverage::{Cause, CoverageEntry};

/// Most bytes of an archive that comes as a stream: it is held in memory, because the directory of a zip archive stands at
/// its end.
const MAX_ARCHIVE: u64 = 256 << 20;

/// What a stream holds.
#[derive(Debug, PartialEq, Eq)]
pub enum Stream<'b> {
    /// A text.
    Text(Text<'b>),
    /// An archive, for [`expand`](super::archive::expand).
    Archive(&'b [u8]),
}

/// Reads `source` up to the bound: a text, which it decodes, or an archive, unless archives are turned off. `name` is the
/// path that findings and coverage show, such as the one given for standard input.
///
/// # Errors
///
/// The entry for coverage when there is neither: binary, unreadable, or an archive too large to be held.
pub fn read_stdin<'b>(
    source: impl Read,
    name: &str,
    limits: &Limits,
    buffer: &'b mut Vec<u8>,
) -> Result<Stream<'b>, CoverageEntry> {
    read_bounded(source, name, limits, MAX_ARCHIVE, buffer)
}

fn read_bounded<'b>(
    mut source: impl Read,
    name: &str,
    limits: &Limits,
    max_archive: u64,
    buffer: &'b mut Vec<u8>,
) -> Result<Stream<'b>, CoverageEntry> {
    let left_out = |cause, detail| CoverageEntry { path: name.to_owned(), cause, detail };
    let unreadable = |error: std::io::Error| left_out(Cause::Unreadable, error.to_string());
    let mut head = Vec::new();
    source.by_ref().take(MAGIC_LEN as u64).read_to_end(&mut head).map_err(unreadable)?;
    if limits.archive_depth == 0 || !is_archive(&head) {
        return text(name, &mut head.chain(source), None, limits.max_file_size, buffer).map(Stream::Text);
    }
    buffer.clear();
    head.chain(source).take(max_archive + 1).read_to_end(buffer).map_err(unreadable)?;
    if buffer.len() as u64 > max_archive {
        let detail = format!(
            "an archive of more than {} MiB on standard input, none of which was examined: write it to a file and scan that",
            max_archive >> 20
        );
        return Err(left_out(Cause::TooLarge, detail));
    }
    Ok(Stream::Archive(buffer))
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Hands out one byte at a time, between interruptions, and fails at the end if told so.
    struct Trickle<'a> {
        bytes: &'a [u8],
        interrupt: bool,
        error: Option<io::ErrorKind>,
    }

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.interrupt = !self.interrupt;
            if self.interrupt {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match (self.bytes, self.error) {
                ([first, rest @ ..], _) => {
                    buffer[0] = *first;
                    self.bytes = rest;
                    Ok(1)
                }
                ([], Some(error)) => Err(error.into()),
                ([], None) => Ok(0),
            }
        }
    }

    /// The text of `source`.
    fn read_text<'b>(
        source: impl Read,
        name: &str,
        limits: &Limits,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Text<'b>, CoverageEntry> {
        match read_stdin(source, name, limits, buffer)? {
            Stream::Text(text) => Ok(text),
            Stream::Archive(bytes) => panic!("an archive of {} bytes", bytes.len()),
        }
    }

    fn trickle(bytes: &[u8]) -> Trickle<'_> {
        Trickle { bytes, interrupt: false, error: None }
    }

    #[test]
    fn short_reads_make_one_text() {
        let mut buffer = Vec::new();
        let text = read_text(trickle(b"\xEF\xBB\xBFone\ntwo"), "-", &Limits::default(), &mut buffer).expect("text");
        assert_eq!(text.content, "one\ntwo");
        assert_eq!(text.cut, None);
    }

    #[test]
    fn bound_cuts_at_a_line_break() {
        let mut buffer = Vec::new();
        let limits = Limits { max_file_size: 6, ..Limits::default() };
        let text = read_text(trickle(b"one\ntwo\n"), "-", &limits, &mut buffer).expect("text");
        assert_eq!(text.content, "one\n");
        let cut = text.cut.expect("a cut");
        assert_eq!((cut.path.as_str(), cut.cause), ("-", Cause::TooLarge));
        assert_eq!(cut.detail, "longer, above the bound of 6 bytes: scanned the first 4 bytes");
    }

    #[test]
    fn input_as_long_as_the_bound_is_whole() {
        let mut buffer = Vec::new();
        let limits = Limits { max_file_size: 3, ..Limits::default() };
        let text = read_text(trickle(b"one"), "-", &limits, &mut buffer).expect("text");
        assert_eq!((text.content.as_ref(), text.cut), ("one", None));
    }

    #[test]
    fn buffer_holds_nothing_of_an_earlier_input() {
        let mut buffer = Vec::new();
        let limits = Limits::default();
        read_text(trickle(b"a longer text"), "-", &limits, &mut buffer).expect("text");
        assert_eq!(read_text(trickle(b"short"), "-", &limits, &mut buffer).expect("text").content, "short");
        assert_eq!(read_text(trickle(b""), "-", &limits, &mut buffer).expect("text").content, "");
    }

    #[test]
    fn binary_and_broken_streams_are_named() {
        let mut buffer = Vec::new();
        let limits = Limits::default();
        let binary = read_text(trickle(b"\x89PNG\0\0"), "blob", &limits, &mut buffer).expect_err("binary");
        assert_eq!((binary.path.as_str(), binary.cause), ("blob", Cause::Binary));
        let broken = Trickle { error: Some(io::ErrorKind::ConnectionReset), ..trickle(b"begin") };
        let broken = read_text(broken, "pipe", &limits, &mut buffer).expect_err("an error");
        assert_eq!((broken.path.as_str(), broken.cause), ("pipe", Cause::Unreadable));
    }

    #[test]
    fn endless_binary_is_read_only_to_its_proof() {
        let mut buffer = Vec::new();
        let binary =
            read_text(io::repeat(0), "-", &Limits { max_file_size: u64::MAX, ..Limits::default() }, &mut buffer);
        assert_eq!(binary.expect_err("binary").cause, Cause::Binary);
        assert!(buffer.len() <= FIRST_BUFFER);
    }

    #[test]
    fn an_archive_is_read_whole_or_not_at_all() {
        let archive = [b"PK\x03\x04".as_slice(), &[0; 2000]].concat();
        let mut buffer = vec![1; 7];
        let limits = Limits { max_file_size: 6, ..Limits::default() };
        assert_eq!(read_stdin(trickle(&archive), "-", &limits, &mut buffer), Ok(Stream::Archive(&archive)));
        let bounded = |max| read_bounded(trickle(&archive), "-", &limits, max, &mut Vec::new()).map(|_| ());
        assert_eq!(bounded(2004), Ok(()));
        assert_eq!(bounded(2003).map_err(|entry| entry.cause), Err(Cause::TooLarge));
        let broken = Trickle { error: Some(io::ErrorKind::ConnectionReset), ..trickle(&archive) };
        let broken = read_stdin(broken, "-", &limits, &mut buffer).expect_err("an error");
        assert_eq!(broken.cause, Cause::Unreadable);
        let closed = Limits { archive_depth: 0, ..limits };
        let closed = read_stdin(trickle(&archive), "-", &closed, &mut buffer).expect_err("binary");
        assert_eq!(closed.cause, Cause::Binary);
    }

    /// What one read of binary data may take.
    const FIRST_BUFFER: usize = 64 * 1024;
}
