//! What git tells a pre-push hook on its standard input (githooks(5), "pre-push").

use std::io::Read;

use crate::cli::CommandError;

/// Most bytes of it: a mirror of a hundred thousand references has about a quarter of this.
const MAX_INPUT: u64 = 64 * 1024 * 1024;

/// A reference that is pushed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pushed {
    /// The object that the remote is to have.
    pub(super) local: String,
    /// What the remote has there; `None` where it has nothing.
    pub(super) remote: Option<String>,
}

/// Reads lines of `<local ref> <local oid> <remote ref> <remote oid>`. Deletions push nothing and are left out.
///
/// # Errors
///
/// A line is none of these, or standard input does not end.
pub(super) fn read(input: impl Read) -> Result<Vec<Pushed>, CommandError> {
    let mut text = String::new();
    let failed = |reason: String| {
        CommandError::new(format!(
            "hook run pre-push: standard input {reason}; git writes it, so let git call the hook (githooks(5))"
        ))
    };
    input.take(MAX_INPUT + 1).read_to_string(&mut text).map_err(|error| failed(format!("cannot be read: {error}")))?;
    if text.len() as u64 > MAX_INPUT {
        return Err(failed(format!("is longer than {MAX_INPUT} bytes")));
    }
    let mut pushed = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = || {
            let number = index + 1;
            failed(format!("has a line {number} that is not `<local ref> <local oid> <remote ref> <remote oid>`"))
        };
        // The local reference is as the user wrote it, and so may hold blanks, as in `HEAD@{1 day ago}`.
        let mut words = line.rsplit(' ');
        let (Some(remote), Some(_), Some(local), Some(_)) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(wrong());
        };
        if !is_object_id(remote) || !is_object_id(local) {
            return Err(wrong());
        }
        if !is_null(local) {
            pushed.push(Pushed { local: local.to_owned(), remote: (!is_null(remote)).then(|| remote.to_owned()) });
        }
    }
    Ok(pushed)
}

/// A whole id: 40 digits of SHA-1, or 64 of SHA-256.
fn is_object_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_null(id: &str) -> bool {
    id.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "67890abcdef1234567890abcdef1234567890abc";
    const NULL: &str = "0000000000000000000000000000000000000000";

    #[test]
    fn lines_are_read_and_deletions_left_out() {
        let b = "b".repeat(64);
        let text = format!(
            "refs/heads/main {A} refs/heads/foreign {b}\n(delete) {NULL} refs/heads/old {A}\nHEAD@{{1 day ago}} {A} \
             refs/heads/new {NULL}\n\n"
        );
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            [Pushed { local: A.to_owned(), remote: Some(b) }, Pushed { local: A.to_owned(), remote: None }]
        );
        assert_eq!(read(&b""[..]).unwrap(), []);
    }

    #[test]
    fn a_line_that_is_none_is_an_error_that_repeats_nothing_of_it() {
        for line in ["hunter2", "a b c d", &format!("a {A} b --all"), &format!("{A} b {A}"), "\u{1b}[2J a b c"] {
            let error = read(format!("r {A} r {A}\n{line}\n").as_bytes()).unwrap_err().to_string();
            assert!(error.contains("has a line 2 that is not `<local ref>"), "{error}");
            assert!(!error.contains("hunter2") && !error.contains('\u{1b}'), "{error}");
        }
        assert!(read(&b"\xff\n"[..]).unwrap_err().to_string().contains("cannot be read"));
        let error = read(std::io::repeat(b'a')).unwrap_err().to_string();
        assert!(error.contains("is longer than 67108864 bytes"), "{error}");
    }
}
