//! Which files are pipelines of GitLab.

use crate::framework::pipeline::{has_key, line_key, yaml_stem};
use crate::tree_path;

/// Keys at the beginning of a line that other systems have.
const FOREIGN: &[&str] =
    &["apiVersion", "on", "jobs", "steps", "pipelines", "pool", "trigger", "orbs", "kind", "language", "os", "dist"];

/// Whether the file at `path` is a pipeline or a part of one, by its name, or by the folder of such parts and a job in it.
#[must_use]
pub fn is_gitlab_ci(path: &str, text: &str) -> bool {
    let Some(stem) = yaml_stem(path) else { return false };
    if stem == ".gitlab-ci" || stem.ends_with(".gitlab-ci") || stem.starts_with(".gitlab-ci") || stem == "gitlab-ci" {
        return true;
    }
    let is_part = tree_path::directory(path)
        .split('/')
        .any(|folder| matches!(folder, ".gitlab" | ".gitlab-ci" | "gitlab-ci" | "ci"))
        || stem.contains("gitlab")
        || path.starts_with("templates/");
    if is_part {
        return (declares_job(text) || has_key(text, &["include"])) && !has_key(text, FOREIGN);
    }
    // Elsewhere a file has to look like nothing else: jobs of stages.
    declares_job(text) && has_stage(text) && !has_key(text, FOREIGN)
}

/// Whether a top-level mapping has a script.
fn declares_job(text: &str) -> bool {
    let mut in_job = false;
    for line in text.lines() {
        if let Some((_, value)) = line_key(line) {
            in_job = value.is_empty() || value.starts_with(['#', '&']);
        } else if in_job {
            let content = line.trim_start();
            let indent = line.len() - content.len();
            let is_script = ["script:", "before_script:", "extends:"].iter().any(|key| content.starts_with(key));
            if (1..=8).contains(&indent) && is_script {
                return true;
            }
        }
    }
    false
}

/// Whether there are stages, or a job names its stage.
fn has_stage(text: &str) -> bool {
    has_key(text, &["stages"]) || text.lines().any(|line| line.trim_start().starts_with("stage:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_jobs() {
        let job = "test:\n  stage: test\n  script:\n    - make\n";
        for path in [".gitlab-ci.yml", "a/.gitlab-ci.yaml", "deploy.gitlab-ci.yml", "ci/test.yml", "pipelines/a.yml"] {
            assert!(is_gitlab_ci(path, job), "{path}");
        }
        assert!(is_gitlab_ci(".gitlab/ci.yml", "test: &t\n  script: make\n"));
    }

    #[test]
    fn other_files() {
        for (path, text) in [
            (".travis.yml", "language: rust\nscript:\n  - make\n"),
            ("a.yml", "services:\n  web:\n    image: x\n"),
            ("ci/values.yaml", "web:\n  image: x\n"),
            ("ci/pod.yaml", "apiVersion: v1\nkind: Pod\n"),
            (".github/workflows/ci.yml", "on: push\njobs:\n  a:\n    steps: []\n"),
            ("package.json", "{}"),
            ("eslint.yml", "rules:\n  extends: x\n"),
        ] {
            assert!(!is_gitlab_ci(path, text), "{path}");
        }
    }
}
