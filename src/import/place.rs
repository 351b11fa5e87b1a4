//! Where a result stands: URIs of other tools as paths of the scanned tree.

use std::collections::BTreeMap;

use super::sarif::{Artifact, ArtifactLocation};

/// How many base ids may refer to one another (SARIF 2.1.0, section 3.14.14).
const MAX_BASES: usize = 8;
/// A longer path is none.
const MAX_PATH: usize = 4096;

/// The places of one run.
pub(super) struct Places<'a> {
    pub(super) artifacts: &'a [Artifact],
    pub(super) bases: Option<&'a BTreeMap<String, ArtifactLocation>>,
    /// Absolute directories, with `/`, where the tree stood when a tool looked at it: the scan root, and what the user adds.
    pub(super) roots: &'a [String],
}

impl Places<'_> {
    /// The path of `location`, relative to the scan root with `/`. What lies elsewhere stays absolute, or keeps its `..`.
    pub(super) fn path(&self, location: &ArtifactLocation) -> Option<String> {
        let of_index = |index: i64| self.artifacts.get(usize::try_from(index).ok()?)?.location.as_ref();
        let location = match (&location.uri, location.index) {
            (None, Some(index)) => of_index(index)?,
            _ => location,
        };
        let uri = location.uri.as_deref()?;
        let mut path = path_of(uri)?;
        let mut base = location.uri_base_id.as_deref();
        for _ in 0..MAX_BASES {
            let Some(found) = base.and_then(|id| self.bases?.get(id)) else { break };
            if is_absolute(&path) {
                break;
            }
            // A base without a place is the root, wherever that is.
            let Some(uri) = &found.uri else { break };
            let directory = path_of(uri)?;
            let joined = format!("{}/{path}", directory.trim_end_matches('/'));
            if is_absolute(&directory) && self.below_root(&joined).is_none() {
                // It was looked at elsewhere, as in a container: what is relative to its root is relative to ours.
                break;
            }
            path = joined;
            base = found.uri_base_id.as_deref();
        }
        let path = normal(&path);
        let path = self.below_root(&path).unwrap_or(path);
        (!path.is_empty() && path.len() <= MAX_PATH).then_some(path)
    }

    /// What is left of an absolute path behind one of the roots, the longest first.
    fn below_root(&self, path: &str) -> Option<String> {
        let path = normal(path);
        let behind = |root: &String| {
            let rest = path.strip_prefix(root.trim_end_matches('/'))?.strip_prefix('/')?;
            Some((root.len(), rest.to_owned()))
        };
        self.roots.iter().filter_map(behind).max().map(|(_, rest)| rest)
    }
}

/// Whether `path` begins at a root: `/x`, or `C:/x`.
fn is_absolute(path: &str) -> bool {
    path.starts_with('/') || is_drive(path)
}

fn is_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && bytes[2] == b'/'
}

/// The path in `uri`: what is percent-encoded decoded, `file:` and a host taken away, `\` as `/`. `None` for another
/// scheme, which is no file of the tree.
fn path_of(uri: &str) -> Option<String> {
    // A Windows path is written as it is by tools that do not encode it.
    let text = uri.replace('\\', "/");
    if is_drive(&text) {
        return Some(text);
    }
    let rest = match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => match rest.strip_prefix("//") {
            Some(rest) => {
                let path = rest.find('/').map_or("", |at| &rest[at..]);
                // `file:///C:/x`
                path.strip_prefix('/').filter(|path| is_drive(&decoded(path))).unwrap_or(path)
            }
            None => rest,
        },
        Some((scheme, rest)) if is_scheme(scheme) && rest.starts_with("//") => return None,
        _ => &text,
    };
    Some(decoded(rest))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `text` with `%41` as `A`. A percent sign that begins no byte, or bytes that are no text, stay as they are.
fn decoded(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|&byte| char::from(byte).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if let (b'%', Some(high), Some(low)) = (byte, digit(at + 1), digit(at + 2)) {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
            at += 3;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

/// `path` without empty names and `.`, and with each `..` taken against what stands before it.
fn normal(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." if names.last().is_some_and(|last| *last != "..") => {
                names.pop();
            }
            ".." if path.starts_with('/') => {}
            name => names.push(name),
        }
    }
    let joined = names.join("/");
    if path.starts_with('/') { format!("/{joined}") } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(uri: &str, base: Option<&str>, bases: &[(&str, Option<&str>, Option<&str>)]) -> Option<String> {
        let location = |uri: Option<&str>, base: Option<&str>| ArtifactLocation {
            uri: uri.map(ToOwned::to_owned),
            uri_base_id: base.map(ToOwned::to_owned),
            index: None,
        };
        let bases: BTreeMap<String, ArtifactLocation> =
            bases.iter().map(|(id, uri, base)| ((*id).to_owned(), location(*uri, *base))).collect();
        let roots = ["/home/me/shop".to_owned(), "C:/work/shop".to_owned()];
        let places = Places { artifacts: &[], bases: Some(&bases), roots: &roots };
        places.path(&location(Some(uri), base))
    }

    #[test]
    fn uris_of_every_kind_become_paths_of_the_tree() {
        for (uri, expected) in [
            ("src/main.rs", "src/main.rs"),
            ("./src//a/../main.rs", "src/main.rs"),
            ("a%20b/50%25.txt", "a b/50%.txt"),
            ("100%/x", "100%/x"),
            ("file:///home/me/shop/src/a.rs", "src/a.rs"),
            ("file:///home/me/shopping/a.rs", "/home/me/shopping/a.rs"),
            ("/home/me/shop/a.rs", "a.rs"),
            ("file://host/home/me/shop/a.rs", "a.rs"),
            ("src\\win\\a.cs", "src/win/a.cs"),
            ("C:\\work\\shop\\a.cs", "a.cs"),
            ("file:///C:/work/shop/a.cs", "a.cs"),
            ("../outside", "../outside"),
            ("/home/me/shop/../../../../etc/passwd", "/etc/passwd"),
            ("a:b/c", "a:b/c"),
        ] {
            assert_eq!(path(uri, None, &[]).as_deref(), Some(expected), "{uri}");
        }
        for uri in ["https://example.com/x", "", ".", "file:///home/me/shop/", &"x/".repeat(3000)] {
            assert!(path(uri, None, &[]).is_none_or(|path| path == "/home/me/shop"), "{uri}");
        }
    }

    #[test]
    fn bases_are_followed_within_a_bound() {
        let root = ("%SRCROOT%", Some("file:///home/me/shop/"), None);
        let elsewhere = ("%SRCROOT%", Some("file:///src/"), None);
        let sub = ("SUB", Some("backend/"), Some("%SRCROOT%"));
        assert_eq!(path("a.rs", Some("%SRCROOT%"), &[root]).as_deref(), Some("a.rs"));
        assert_eq!(path("a.rs", Some("SUB"), &[root, sub]).as_deref(), Some("backend/a.rs"));
        assert_eq!(path("a.rs", Some("%SRCROOT%"), &[elsewhere]).as_deref(), Some("a.rs"));
        assert_eq!(path("a.rs", Some("SUB"), &[elsewhere, sub]).as_deref(), Some("backend/a.rs"));
        assert_eq!(path("a.rs", Some("NONE"), &[]).as_deref(), Some("a.rs"));
        assert_eq!(path("a.rs", Some("%SRCROOT%"), &[("%SRCROOT%", None, None)]).as_deref(), Some("a.rs"));
        let circle = [("A", Some("a/"), Some("B")), ("B", Some("b/"), Some("A"))];
        assert_eq!(path("x", Some("A"), &circle).as_deref(), Some("b/a/b/a/b/a/b/a/x"));
    }

    #[test]
    fn an_index_leads_to_the_list_of_artifacts() {
        let listed =
            Artifact { location: Some(ArtifactLocation { uri: Some("a/b".to_owned()), ..Default::default() }) };
        let places = Places { artifacts: &[listed], bases: None, roots: &[] };
        let at = |index| places.path(&ArtifactLocation { index: Some(index), ..Default::default() });
        assert_eq!((at(0).as_deref(), at(1), at(-1)), (Some("a/b"), None, None));
    }
}
