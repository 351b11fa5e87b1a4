//! Where packages come from: URLs of git, of registries and of their indices.

/// The index of crates.io, as lock files name it.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// Whether `source`, the `source` of a package of a lock file, is crates.io.
pub(super) fn is_crates_io(source: &str) -> bool {
    CRATES_IO.contains(&source)
}

/// Whether what `url` names is fetched without encryption, over plain HTTP or git's own protocol, from another machine.
pub(super) fn is_plain(url: &str) -> bool {
    let url = ["registry+", "sparse+", "git+"].iter().find_map(|kind| url.strip_prefix(kind)).unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let is_plain = ["http", "git", "ftp"].iter().any(|plain| scheme.eq_ignore_ascii_case(plain));
    is_plain && !is_loopback(rest)
}

/// Whether the authority that `rest` begins with is this machine.
fn is_loopback(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(inner) = host.strip_prefix('[') {
        return inner.starts_with("::1]");
    }
    let name = host.split(':').next().unwrap_or_default();
    let is_address = name.starts_with("127.") && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_address || name.eq_ignore_ascii_case("localhost")
}

/// How firmly a revision of git is named.
pub(super) fn pin(rev: &str) -> &'static str {
    let is_hexadecimal = rev.bytes().all(|byte| byte.is_ascii_hexdigit());
    match rev.len() {
        40 | 64 if is_hexadecimal => "commit",
        7..=39 if is_hexadecimal => "short-commit",
        _ => "reference",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_is_what_anyone_on_the_way_can_read() {
        for url in
            ["http://git.example/a", "git://git.example/a", "sparse+http://index.example/", "HTTP://a@git.example:80/"]
        {
            assert!(is_plain(url), "{url}");
        }
        for url in [
            "https://git.example/a",
            "ssh://git@git.example/a",
            "git@git.example:a/b",
            "file:///srv/git",
            "http://localhost:8080/",
            "http://127.0.0.1/index",
            "registry+http://[::1]:3000/",
            "../http://",
        ] {
            assert!(!is_plain(url), "{url}");
        }
    }

    #[test]
    fn a_revision_is_a_commit_or_a_name() {
        assert_eq!(pin(&"0a".repeat(20)), "commit");
        assert_eq!(pin("0a1b2c3"), "short-commit");
        assert_eq!(pin("main"), "reference");
        assert_eq!(pin("refs/pull/493/head"), "reference");
        assert_eq!(pin("abc"), "reference");
    }
}
