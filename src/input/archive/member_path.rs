//! Names of members, which may hold anything, as paths for people and fingerprints.

/// `name` without what would lead out of the archive (`/` in front, `..`), empty parts, and control characters. Nothing is
/// ever opened by this path.
pub(super) fn clean(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name);
    let parts: Vec<&str> = name.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
    if parts.is_empty() {
        return "unnamed".to_owned();
    }
    parts.join("/").chars().map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char }).collect()
}

/// The path of the member `name` of the archive at `archive`.
pub(super) fn inside(archive: &str, name: &str) -> String {
    format!("{archive}!/{name}")
}

/// The name of what is compressed in the file at `path`: its own without any of `extensions`.
pub(super) fn unpacked_name<'p>(path: &'p str, extensions: &[&str]) -> &'p str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension))
            if !stem.is_empty() && extensions.iter().any(|own| own.eq_ignore_ascii_case(extension)) =>
        {
            stem
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        for (name, cleaned) in [
            (&b"a/b"[..], "a/b"),
            (b"./a//b", "a/b"),
            (b"/etc/passwd", "etc/passwd"),
            (b"../../etc/passwd", "etc/passwd"),
            (b"a\x1b[2Jb\nc", "a\u{fffd}[2Jb\u{fffd}c"),
            (b"\xff.txt", "\u{fffd}.txt"),
            (b"..", "unnamed"),
        ] {
            assert_eq!(clean(name), cleaned);
        }
        assert_eq!(unpacked_name("dir/x.log.gz", &["gz"]), "x.log");
        assert_eq!(unpacked_name("dir/.gz", &["gz"]), ".gz");
        assert_eq!(unpacked_name("a.zip!/data", &["gz"]), "data");
    }
}
