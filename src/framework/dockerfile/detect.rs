//! Which files are Dockerfiles, by name and by a look at the text.

use crate::document::dockerfile::Keyword;

/// Lines that a look at the text takes at most.
const MAX_LINES: usize = 200;
/// Extensions of files that are about Dockerfiles or made from them, and are none.
const OTHER_EXTENSIONS: &[&str] = &[
    "md",
    "txt",
    "rst",
    "adoc",
    "html",
    "json",
    "yml",
    "yaml",
    "toml",
    "xml",
    "sh",
    "py",
    "js",
    "ts",
    "go",
    "rs",
    "rb",
    "java",
    "php",
    "c",
    "h",
    "cpp",
    "ps1",
    "j2",
    "jinja",
    "jinja2",
    "erb",
    "tmpl",
    "tpl",
    "gotmpl",
    "mustache",
    "hbs",
    "dockerignore",
    "patch",
    "diff",
    "bak",
    "swp",
    "orig",
    "lock",
    "png",
    "svg",
    "gz",
    "zip",
];

/// Whether the file is a Dockerfile or a Containerfile.
#[must_use]
pub fn is_dockerfile(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    if matches!(extension, "dockerfile" | "containerfile") && !stem.is_empty() {
        return true;
    }
    if OTHER_EXTENSIONS.contains(&extension) {
        return false;
    }
    let is_named = |word: &str| name.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if is_named("dockerfile") || is_named("containerfile") {
        return true;
    }
    // `Dockerfile-alpine`, `build/docker`: the text must say it.
    let is_odd = extension.is_empty() || name.contains("dockerfile") || name.contains("containerfile");
    is_odd && begins_like_one(text)
}

/// Whether the first instructions are `FROM`, perhaps behind `ARG`, and another one.
fn begins_like_one(text: &str) -> bool {
    let mut has_from = false;
    let mut continues = false;
    for line in text.lines().take(MAX_LINES) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let is_continuation = continues;
        continues = line.ends_with(['\\', '`']);
        if is_continuation {
            continue;
        }
        let mut words = line.split_whitespace();
        // In capitals: a text in prose may begin a line with `from`.
        let first = words.next().unwrap_or_default();
        let keyword = Keyword::of(first).filter(|keyword| keyword.as_str() == first);
        match keyword {
            Some(Keyword::From) if words.next().is_some() => has_from = true,
            Some(Keyword::Arg) if !has_from => {}
            Some(_) if has_from => return true,
            _ => return false,
        }
    }
    false
}
