//! Image references: `registry/team/api-token:1.2@sha256:…` is no name with its value, though the repository ends like a
//! name and a tag follows its colon.

use super::Kind;
use super::pairs::Pair;
use super::reader::line_start;
use crate::span::Span;

/// How far back on its line a reference and what stands before it are read.
const WINDOW: usize = 512;

/// Longest tag, in bytes (OCI distribution specification).
const LONGEST_TAG: usize = 128;

/// A part of a tag of this length and more is a commit, a digest, or no part of a tag.
const LONG_PART: usize = 16;

/// Schemes under which tools take image references.
const SCHEMES: [&[u8]; 4] = [b"docker", b"oci", b"docker-daemon", b"containers-storage"];

/// Whether the name of `pair` is the end of a repository, and its value the tag or digest behind it.
///
/// A digest, or a place that takes an image (`image:`, `FROM`), is proof enough. Anywhere else the repository must have
/// a path and the tag the look of a version or a commit, and `user/password:value` stays what it says.
pub(super) fn is_reference(bytes: &[u8], pair: &Pair, kind: Kind) -> bool {
    let (Some(name), Some(value)) = (pair.name.slice(bytes), pair.value.slice(bytes)) else { return false };
    if ends_with_digest(value) {
        return true;
    }
    if !pair.tight_colon || !is_tag(value) {
        return false;
    }
    let line = line_start(bytes, pair.name.start, WINDOW);
    let lead = Span::new(line, pair.name.start).slice(bytes).unwrap_or_default();
    let length = lead.iter().rev().take_while(|&&byte| is_reference_byte(byte)).count();
    let (before, path) = lead.split_at(lead.len() - length);
    takes_image(before)
        || (kind != Kind::Password
            && !name.iter().any(u8::is_ascii_uppercase)
            && is_repository_path(before, path)
            && is_version(value))
}

/// `…@sha256:<hex>`.
fn ends_with_digest(value: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'@', value) else { return false };
    let digest = &value[at + 1..];
    [&b"sha256:"[..], b"sha512:"].iter().any(|algorithm| {
        digest.strip_prefix(*algorithm).is_some_and(|hex| !hex.is_empty() && hex.iter().all(u8::is_ascii_hexdigit))
    })
}

/// Whether `value` has the form of a tag.
fn is_tag(value: &[u8]) -> bool {
    value.len() <= LONGEST_TAG
        && value.first().is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        && value.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// Whether `tag` is made of short parts and commits, as versions are.
fn is_version(tag: &[u8]) -> bool {
    tag.split(|&byte| matches!(byte, b'_' | b'.' | b'-'))
        .all(|part| part.len() < LONG_PART || (matches!(part.len(), 40 | 64) && part.iter().all(u8::is_ascii_hexdigit)))
}

fn is_reference_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'/' | b':' | b'@')
}

/// Whether `path`, which stands behind `before`, is the registry and the namespaces of a repository: no path of the file
/// system, no address of another kind, no user at a host.
fn is_repository_path(before: &[u8], path: &[u8]) -> bool {
    let path = match memchr::memmem::find(path, b"://") {
        Some(at) if SCHEMES.contains(&&path[..at]) => &path[at + 3..],
        Some(_) => return false,
        None => path,
    };
    let Some(parent) = path.strip_suffix(b"/") else { return false };
    // The registry may be a variable: `${REGISTRY}/team/api-token:1.2`.
    let parent = if matches!(before.last(), Some(b'}' | b')')) {
        parent.strip_prefix(b"/").unwrap_or(parent)
    } else if parent.is_empty() {
        return false;
    } else {
        parent
    };
    !parent.contains(&b'@') && !parent.starts_with(b"/") && !parent.starts_with(b".")
}

/// Whether what follows `before` on its line is an image: `image: `, `"baseImage": "`, `FROM --platform=x `, `--from=`.
fn takes_image(before: &[u8]) -> bool {
    let mut words = before.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    if words.next().is_some_and(|word| word.eq_ignore_ascii_case(b"from")) && words.all(|word| word.starts_with(b"--"))
    {
        return true;
    }
    let key = without_quote(before);
    let Some(key) = key.strip_suffix(b":").or_else(|| key.strip_suffix(b"=")) else { return false };
    let key = without_quote(key);
    [&b"image"[..], b"--from"]
        .iter()
        .any(|taker| key.len().checked_sub(taker.len()).is_some_and(|from| key[from..].eq_ignore_ascii_case(taker)))
}

/// `text` without a quote and blanks at its end.
fn without_quote(text: &[u8]) -> &[u8] {
    let text = text.trim_ascii_end();
    text.strip_suffix(b"\"").or_else(|| text.strip_suffix(b"'")).unwrap_or(text).trim_ascii_end()
}
