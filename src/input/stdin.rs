//! A stream to text, with the bounds of a file. The caller owns the stream; nothing here touches the process's own.

use std::io::Read;

use super::read::text;
use super::{Limits, Text};
use crate::coverage::CoverageEntry;

/// Reads `source` up to the bound and decodes it. `name` is the path that findings and coverage show, such as the one
/// given for standard input.
///
/// # Errors
///
/// The entry for coverage when there is no text: binary, or unreadable.
pub fn read_stdin<'b>(
    mut source: impl Read,
    name: &str,
    limits: &Limits,
    buffer: &'b mut Vec<u8>,
) -> Result<Text<'b>, CoverageEntry> {
    text(name, &mut source, None, limits.max_file_size, buffer)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::coverage::Cause;

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

    fn trickle(bytes: &[u8]) -> Trickle<'_> {
        Trickle { bytes, interrupt: false, error: None }
    }

    #[test]
    fn short_reads_make_one_text() {
        let mut buffer = Vec::new();
        let text = read_stdin(trickle(b"\xEF\xBB\xBFone\ntwo"), "-", &Limits::default(), &mut buffer).expect("text");
        assert_eq!(text.content, "one\ntwo");
        assert_eq!(text.cut, None);
    }

    #[test]
    fn bound_cuts_at_a_line_break() {
        let mut buffer = Vec::new();
        let limits = Limits { max_file_size: 6, ..Limits::default() };
        let text = read_stdin(trickle(b"one\ntwo\n"), "-", &limits, &mut buffer).expect("text");
        assert_eq!(text.content, "one\n");
        let cut = text.cut.expect("a cut");
        assert_eq!((cut.path.as_str(), cut.cause), ("-", Cause::TooLarge));
        assert_eq!(cut.detail, "longer, above the bound of 6 bytes: scanned the first 4 bytes");
    }

    #[test]
    fn input_as_long_as_the_bound_is_whole() {
        let mut buffer = Vec::new();
        let limits = Limits { max_file_size: 3, ..Limits::default() };
        let text = read_stdin(trickle(b"one"), "-", &limits, &mut buffer).expect("text");
        assert_eq!((text.content.as_ref(), text.cut), ("one", None));
    }

    #[test]
    fn buffer_holds_nothing_of_an_earlier_input() {
        let mut buffer = Vec::new();
        let limits = Limits::default();
        read_stdin(trickle(b"a longer text"), "-", &limits, &mut buffer).expect("text");
        assert_eq!(read_stdin(trickle(b"short"), "-", &limits, &mut buffer).expect("text").content, "short");
        assert_eq!(read_stdin(trickle(b""), "-", &limits, &mut buffer).expect("text").content, "");
    }

    #[test]
    fn binary_and_broken_streams_are_named() {
        let mut buffer = Vec::new();
        let limits = Limits::default();
        let binary = read_stdin(trickle(b"\x89PNG\0\0"), "blob", &limits, &mut buffer).expect_err("binary");
        assert_eq!((binary.path.as_str(), binary.cause), ("blob", Cause::Binary));
        let broken = Trickle { error: Some(io::ErrorKind::ConnectionReset), ..trickle(b"begin") };
        let broken = read_stdin(broken, "pipe", &limits, &mut buffer).expect_err("an error");
        assert_eq!((broken.path.as_str(), broken.cause), ("pipe", Cause::Unreadable));
    }

    #[test]
    fn endless_binary_is_read_only_to_its_proof() {
        let mut buffer = Vec::new();
        let binary =
            read_stdin(io::repeat(0), "-", &Limits { max_file_size: u64::MAX, ..Limits::default() }, &mut buffer);
        assert_eq!(binary.expect_err("binary").cause, Cause::Binary);
        assert!(buffer.len() <= FIRST_BUFFER);
    }

    /// What one read of binary data may take.
    const FIRST_BUFFER: usize = 64 * 1024;
}
