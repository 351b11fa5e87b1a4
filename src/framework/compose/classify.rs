//! Which files are Compose files.

use memchr::memmem;

/// Keys of a Compose file that stand at the beginning of a line.
const KEYS: &[&str] = &["services", "networks", "volumes", "secrets", "configs", "include", "name", "version"];
/// Keys that say at the beginning of a line that a file is something else: a workflow, a manifest, a pipeline.
const FOREIGN_KEYS: &[&str] =
    &["jobs", "apiVersion", "runs", "steps", "pipeline", "stages", "definitions", "pipelines"];
/// Names of Compose files up to the extension, or up to a `.`, `-` or `_`.
const STEMS: &[&str] = &["docker-compose", "docker_compose", "podman-compose", "compose"];

/// Whether the file at `path` is a Compose file, by its name or by what its text declares.
#[must_use]
pub fn is_compose(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    if is_compose_stem(stem) {
        let is_json = text.trim_start().starts_with('{') && memmem::find(text.as_bytes(), b"\"services\"").is_some();
        return is_json || (has_key(text, KEYS) && !has_key(text, FOREIGN_KEYS));
    }
    // The cheap look first: most files have no such word.
    memmem::find(text.as_bytes(), b"services").is_some() && declares_services(text) && !has_key(text, FOREIGN_KEYS)
}

fn is_compose_stem(stem: &str) -> bool {
    let begins = STEMS.iter().filter_map(|name| stem.strip_prefix(name)).any(|rest| {
        rest.is_empty() || rest.starts_with(['.', '-', '_']) || rest.bytes().all(|byte| byte.is_ascii_digit())
    });
    begins || stem.ends_with(".compose") || stem.ends_with("docker-compose")
}

/// Whether one of `keys` begins a line.
fn has_key(text: &str, keys: &[&str]) -> bool {
    text.lines().any(|line| line_key(line).is_some_and(|(key, _)| keys.contains(&key)))
}

/// The key that a line begins with, without its quotes, and what stands behind its colon.
fn line_key(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_prefix('\u{FEFF}').unwrap_or(line);
    let (key, rest) = line.split_once(':')?;
    let is_key = !key.is_empty() && !key.starts_with([' ', '\t', '#', '-']);
    is_key.then(|| (key.trim_end().trim_matches(['"', '\'']), rest))
}

/// Whether there is a top-level mapping `services` with an entry that has an image or is built.
fn declares_services(text: &str) -> bool {
    let mut lines = text.lines().skip_while(|line| {
        line_key(line).is_none_or(|(key, rest)| {
            let rest = rest.trim_start();
            key != "services" || !(rest.is_empty() || rest.starts_with('#'))
        })
    });
    if lines.next().is_none() {
        return false;
    }
    let mut services_at = None;
    for line in lines {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indent = line.len() - content.len();
        // A list of services is a pipeline of GitLab; a line that is not indented ends the block.
        if indent == 0 || (services_at.is_none() && content.starts_with('-')) {
            return false;
        }
        let services_at = *services_at.get_or_insert(indent);
        if indent > services_at && (content.starts_with("image:") || content.starts_with("build:")) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVICES: &str = "services:\n  web:\n    image: nginx\n";

    #[test]
    fn names_of_compose_files() {
        for path in [
            "docker-compose.yml",
            "a/b/docker-compose.prod.yaml",
            "compose.yaml",
            "compose.override.yml",
            "Docker-Compose.yml",
            "podman-compose.yml",
            "dev.compose.yml",
            "compose-test.yml",
            "dev/stack.yml",
        ] {
            assert!(is_compose(path, SERVICES), "{path}");
        }
        assert!(is_compose("compose.yml", "volumes:\n  data:\n"));
        assert!(is_compose("compose.yml", "{\"services\": {}}"));
        assert!(!is_compose("compose.yml.bak", SERVICES));
        assert!(!is_compose("README.md", SERVICES));
        assert!(!is_compose("composer.yml", "name: x\n"));
    }

    #[test]
    fn other_files_with_services() {
        for (path, text) in [
            (".github/workflows/docker-compose.yml", "name: x\non: push\njobs:\n  a:\n    steps: []\n"),
            (".github/workflows/ci.yml", "jobs:\n  a:\n    services:\n      db:\n        image: postgres\n"),
            (".gitlab-ci.yml", "services:\n  - docker:dind\nbuild:\n  image: alpine\n"),
            (".woodpecker.yml", "steps:\n  a:\n    image: x\nservices:\n  db:\n    image: postgres\n"),
            ("config/services.yaml", "services:\n  app.mailer:\n    class: Mailer\n"),
            ("compose.yml", "- hosts: all\n  tasks: []\n"),
            ("compose.yaml", "apiVersion: v1\nkind: Pod\nname: x\n"),
        ] {
            assert!(!is_compose(path, text), "{path}");
        }
    }

    #[test]
    fn comments_and_quotes_do_not_hide_services() {
        let text = "# A stack\n\"services\":  # all of them\n\n  # one\n  db:\n    restart: always\n    build: .\n";
        assert!(is_compose("deploy/stack.yaml", text));
        assert!(!is_compose("deploy/stack.yaml", "services:\nimage: x\n"));
    }
}
