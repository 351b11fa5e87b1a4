//! The data of Kubernetes secrets: keys below `data` of a manifest of `kind: Secret`, whose values are in base64
//! (<https://kubernetes.io/docs/concepts/configuration/secret/>). A guess at the structure from the lines around, so that
//! lists, templates and the output of programs are read alike.

use crate::document::braces::closing;
use crate::span::Span;

/// How far the manifest is looked at in front of and behind a key.
const WINDOW: usize = 2 * 1024;

/// Whether the key at `name` stands below `data` of a secret.
pub(super) fn is_secret_data(bytes: &[u8], name: Span) -> bool {
    let from = name.start.saturating_sub(WINDOW);
    let before = bytes.get(from..name.start).unwrap_or_default();
    let after = bytes.get(name.end..bytes.len().min(name.end + WINDOW)).unwrap_or_default();
    in_lines(before, after) || in_json(before, after)
}

/// In a manifest as YAML: the line above with less indentation is `data:`, and `kind: Secret` stands beside that.
fn in_lines(before: &[u8], after: &[u8]) -> bool {
    let mut above = before.rsplit(|&byte| byte == b'\n').map(Line::of);
    let Some(own) = above.next().filter(|own| matches!(own.text, b"" | b"\"" | b"'")) else { return false };
    let mut above = above.filter(|line| !line.text.is_empty() && !line.text.starts_with(b"#")).peekable();
    let Some(data) = above.find(|line| line.indent < own.indent) else { return false };
    if !matches!(data.text, b"data:" | b"\"data\":") {
        return false;
    }
    let names_secret = |line: &Line<'_>| {
        line.indent == data.indent
            && line.text.strip_prefix(b"kind:").map(<[u8]>::trim_ascii).is_some_and(|kind| {
                matches!(kind.split(|&byte| byte == b' ').next(), Some(b"Secret" | b"\"Secret\"" | b"'Secret'"))
            })
    };
    let mut item_began = data.begins_item;
    for line in above {
        if item_began || line.indent < data.indent || line.text.starts_with(b"---") {
            break;
        }
        if names_secret(&line) {
            return true;
        }
        item_began = line.begins_item && line.indent == data.indent;
    }
    let below = after.split(|&byte| byte == b'\n').skip(1).map(Line::of).filter(|line| !line.text.is_empty());
    for line in below {
        if line.indent < data.indent
            || (line.begins_item && line.indent == data.indent)
            || line.text.starts_with(b"---")
        {
            break;
        }
        if names_secret(&line) {
            return true;
        }
    }
    false
}

/// A line of YAML.
struct Line<'a> {
    /// Column of the text; the dash of a list item counts as a blank.
    indent: usize,
    text: &'a [u8],
    begins_item: bool,
}

impl<'a> Line<'a> {
    fn of(line: &'a [u8]) -> Self {
        let blanks = |line: &[u8]| line.iter().take_while(|&&byte| byte == b' ').count();
        let mut indent = blanks(line);
        let mut begins_item = false;
        while line[indent..].starts_with(b"- ") {
            indent += 1;
            indent += blanks(&line[indent..]);
            begins_item = true;
        }
        Self { indent, text: line[indent..].trim_ascii_end(), begins_item }
    }
}

/// In a manifest as JSON: the object around the key is that of `data`, and the object around that one has the kind.
fn in_json(before: &[u8], after: &[u8]) -> bool {
    let is_data = |object: usize| {
        let name = before[..object].trim_ascii_end();
        name.strip_suffix(b":").is_some_and(|name| name.trim_ascii_end().ends_with(b"\"data\""))
    };
    let Some(data) = opening(before).filter(|&object| is_data(object)) else { return false };
    let outer = opening(&before[..data]).map_or(0, |at| at + 1);
    let end = closing(after).unwrap_or(after.len());
    let behind = after.get(end + 1..).unwrap_or_default();
    let behind = &behind[..closing(behind).unwrap_or(behind.len())];
    [&before[outer..data], behind].iter().any(|part| {
        memchr::memmem::find_iter(part, b"\"kind\"").any(|at| {
            let value = part[at + b"\"kind\"".len()..].trim_ascii_start();
            value.strip_prefix(b":").is_some_and(|value| value.trim_ascii_start().starts_with(b"\"Secret\""))
        })
    })
}

/// The last brace of `text` that opens an object and is not closed in it.
fn opening(text: &[u8]) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, &byte) in text.iter().enumerate().rev() {
        match byte {
            b'}' => depth += 1,
            b'{' if depth == 0 => return Some(at),
            b'{' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_data(text: &str) -> bool {
        let start = text.find("password").unwrap();
        is_secret_data(text.as_bytes(), Span::new(start, start + "password".len()))
    }

    #[test]
    fn keys_of_the_data_of_secrets_are_told() {
        for text in [
            "kind: Secret\ndata:\n  password: eA==\n",
            "apiVersion: v1\nkind: \"Secret\" # one\nmetadata:\n  name: a\ntype: Opaque\ndata:\n  # here\n  user: eA==\n\n  \"password\": eA==\n",
            "data:\n  password: eA==\n  z: eA==\nkind: Secret\n",
            "items:\n- apiVersion: v1\n  kind: Secret\n  data:\n    password: eA==\n",
            "items:\n  - data:\n      password: eA==\n    kind: Secret\n",
            "{\"kind\": \"Secret\", \"metadata\": {\"name\": \"a\"}, \"data\": {\"user\": \"eA==\", \"password\": \"eA==\"}}",
            "{\"items\": [{\"data\": {\"password\": \"eA==\"}, \"metadata\": {\"a\": {}}, \"kind\": \"Secret\"}]}",
        ] {
            assert!(is_data(text), "{text}");
        }
    }

    #[test]
    fn other_keys_are_not() {
        for text in [
            "kind: ConfigMap\ndata:\n  password: eA==\n",
            "kind: Secret\nstringData:\n  password: eA==\n",
            "kind: Secret\ndata:\n  a:\n    password: eA==\n",
            "kind: Secret\n---\ndata:\n  password: eA==\n",
            "- kind: Secret\n- data:\n    password: eA==\n",
            "- data:\n    password: eA==\n- kind: Secret\n",
            "data:\n  password: eA==\n---\nkind: Secret\n",
            "password: eA==\nkind: Secret\n",
            "{\"kind\": \"Secret\", \"stringData\": {\"password\": \"eA==\"}}",
            "[{\"kind\": \"Secret\"}, {\"data\": {\"password\": \"eA==\"}}]",
            "password",
        ] {
            assert!(!is_data(text), "{text}");
        }
    }
}
