//! What the users of a platform call an attribute.

use super::{Resource, github_actions};
use crate::platform::Platform;

/// What the users of `platform` call the `attribute` of `resource`; `None` where nothing that they know has that name.
///
/// A Dockerfile has instructions, which are lines, and Rust has code: the attributes of both are made for rules.
#[must_use]
pub fn attribute_name<'a>(platform: Platform, resource: &'a Resource<'_>, attribute: &'a str) -> Option<&'a str> {
    let name = match platform {
        Platform::Dockerfile | Platform::Rust => "",
        Platform::GithubActions => github_actions::attribute_name(resource, attribute),
        Platform::AzurePipelines
        | Platform::Bake
        | Platform::BitbucketPipelines
        | Platform::Cargo
        | Platform::Circleci
        | Platform::Cloudformation
        | Platform::Compose
        | Platform::GitlabCi
        | Platform::Jenkins
        | Platform::Kubernetes
        | Platform::Terraform => attribute,
    };
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::framework::declared::Evaluated;
    use crate::framework::{Project, read};

    /// What the attribute `key` of each resource of that kind is called.
    fn names(platform: Platform, text: &str, kind: &str) -> Vec<Option<String>> {
        let sources = [read(platform, &Arc::from("file"), text)];
        let evaluated = Evaluated::default();
        let project = Project::new(&sources, &evaluated);
        let of_kind = project.resources.iter().filter(|resource| resource.kind == kind);
        of_kind.map(|resource| attribute_name(platform, resource, "key").map(str::to_owned)).collect()
    }

    #[test]
    fn attributes_that_are_made_for_rules_have_no_name() {
        assert_eq!(names(Platform::Compose, "services: {a: {image: b}}", "service"), [Some("key".to_owned())]);
        assert_eq!(names(Platform::Dockerfile, "FROM scratch\nUSER 1\n", "USER"), [None]);
    }

    #[test]
    fn an_expression_of_a_workflow_is_called_what_it_stands_in() {
        let text = "on: push\njobs:\n  a:\n    steps:\n    - {run: make, env: {A: '${{ github.ref }}'}}\n";
        assert_eq!(names(Platform::GithubActions, text, "expression"), [Some("env.A".to_owned())]);
        assert_eq!(names(Platform::GithubActions, text, "job"), [Some("key".to_owned())]);
    }
}
