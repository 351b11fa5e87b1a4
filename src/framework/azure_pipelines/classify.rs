//! Which files are pipelines of Azure DevOps.

use crate::framework::pipeline::{has_key, yaml_stem};

/// Keys of a pipeline or of a template of one.
const KEYS: &[&str] = &["steps", "jobs", "stages", "extends", "resources", "variables"];
/// Keys of other systems.
const FOREIGN: &[&str] = &["on", "orbs", "workflows", "pipelines", "apiVersion", "runs", "services", "image", "kind"];

/// Whether the file at `path` is a pipeline or a template of one, by its name or by the steps in it.
#[must_use]
pub fn is_azure_pipeline(path: &str, text: &str) -> bool {
    let Some(stem) = yaml_stem(path) else { return false };
    if path.contains(".github/") || path.contains(".circleci/") || has_key(text, FOREIGN) {
        return false;
    }
    let is_named = stem.contains("azure-pipeline") || stem.contains("azure_pipeline") || stem.contains("azurepipeline");
    if is_named {
        return has_key(text, KEYS);
    }
    let is_inside = path.split('/').any(|folder| {
        let folder = folder.to_ascii_lowercase();
        folder.contains("azure-pipelines") || matches!(folder.as_str(), ".azuredevops" | ".azure-pipelines" | ".ado")
    });
    has_key(text, &["steps", "jobs", "stages", "extends"]) && (is_inside || has_pool(text) || has_step(text))
}

/// Whether a pipeline says what machine it runs on.
fn has_pool(text: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with("vmImage:"))
}

/// Whether a step runs a task of a version, as only these pipelines have.
fn has_step(text: &str) -> bool {
    text.lines().any(|line| {
        let task = line.trim_start().strip_prefix("- ").unwrap_or_default().trim_start().strip_prefix("task:");
        task.and_then(|name| name.trim().trim_matches(['"', '\'']).rsplit_once('@'))
            .is_some_and(|(_, version)| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_steps() {
        for (path, text) in [
            ("azure-pipelines.yml", "steps:\n- script: make\n"),
            (".azure-pipelines-release.yaml", "extends:\n  template: a.yml\n"),
            ("build/ci.yml", "pool:\n  vmImage: ubuntu-latest\nsteps:\n- script: make\n"),
            ("templates/build.yml", "parameters: []\nsteps:\n- task: Npm@1\n"),
            (".azuredevops/pr.yml", "jobs:\n- job: a\n"),
        ] {
            assert!(is_azure_pipeline(path, text), "{path}");
        }
    }

    #[test]
    fn other_files() {
        for (path, text) in [
            (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    steps:\n    - run: make\n"),
            (".circleci/config.yml", "jobs:\n  a:\n    steps: []\n"),
            ("recipe.yml", "steps:\n- mix\n"),
            ("azure-pipelines.md", "steps:\n"),
            ("action.yml", "runs:\n  steps: []\nsteps:\n- task: A@1\n"),
        ] {
            assert!(!is_azure_pipeline(path, text), "{path}");
        }
    }
}
