//! The platforms whose files Lockgate understands: what a rule binds to, and what a file is classified as.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of file with resources of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Platform {
    /// Pipelines of Azure DevOps (`azure-pipelines.yml`) and their templates.
    AzurePipelines,
    /// Bake files of Docker Buildx (`docker-bake.hcl`, `docker-bake.json`).
    Bake,
    /// Pipelines of Bitbucket (`bitbucket-pipelines.yml`).
    BitbucketPipelines,
    /// Manifests, lock files and configuration of Cargo (`Cargo.toml`), and `deny.toml` of cargo-deny.
    Cargo,
    /// Pipelines of `CircleCI` (`.circleci/config.yml`).
    Circleci,
    /// Templates of AWS CloudFormation and the Serverless Application Model, in YAML and JSON.
    Cloudformation,
    /// Docker Compose files (compose-spec).
    Compose,
    /// Dockerfiles and Containerfiles.
    Dockerfile,
    /// Workflows, actions and Dependabot configuration of GitHub.
    GithubActions,
    /// Pipelines of GitLab (`.gitlab-ci.yml`) and what they include.
    GitlabCi,
    /// Declarative pipelines of Jenkins (`Jenkinsfile`).
    Jenkins,
    /// Kubernetes manifests, kubelet and control plane configuration included.
    Kubernetes,
    /// Rust source.
    Rust,
    /// Configuration of Terraform and OpenTofu, their variable files and plans.
    Terraform,
}

impl Platform {
    /// Every platform, in the order of reports.
    pub const ALL: &'static [Self] = &[
        Self::AzurePipelines,
        Self::Bake,
        Self::BitbucketPipelines,
        Self::Cargo,
        Self::Circleci,
        Self::Cloudformation,
        Self::Compose,
        Self::Dockerfile,
        Self::GithubActions,
        Self::GitlabCi,
        Self::Jenkins,
        Self::Kubernetes,
        Self::Rust,
        Self::Terraform,
    ];

    /// The stable name, as used in rules and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AzurePipelines => "azure-pipelines",
            Self::Bake => "bake",
            Self::BitbucketPipelines => "bitbucket-pipelines",
            Self::Cargo => "cargo",
            Self::Circleci => "circleci",
            Self::Cloudformation => "cloudformation",
            Self::Compose => "compose",
            Self::Dockerfile => "dockerfile",
            Self::GithubActions => "github-actions",
            Self::GitlabCi => "gitlab-ci",
            Self::Jenkins => "jenkins",
            Self::Kubernetes => "kubernetes",
            Self::Rust => "rust",
            Self::Terraform => "terraform",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Platform {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|platform| platform.name() == text).ok_or(())
    }
}
