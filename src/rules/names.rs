//! Names that rules may use and that the engine must know: one list, so that a pack with any other name fails to load.

use crate::platform::Platform;

/// Offline validators of secrets. The engine has one function for each.
pub const VALIDATORS: &[&str] = &[
    "aws-access-key-id",
    "base62-crc32",
    "base64",
    "base64-64",
    "base64-json",
    "base64-text",
    "bech32",
    "bip39",
    "crc32-hex",
    "high-variety",
    "json-object",
    "jwt",
    "luhn",
    "nkey",
    "pypi-macaroon",
    "uuid",
];

/// Checks that are code in the engine.
pub const NATIVE_CHECKS: &[&str] = &[
    "basic-authorization-header",
    "bearer-authorization-header",
    "command-line-password",
    "connection-string-password",
    "generic-api-key",
    "generic-password",
    "generic-secret",
    "pem-private-key-dsa",
    "pem-private-key-ec",
    "pem-private-key-openssh",
    "pem-private-key-other",
    "pem-private-key-pgp",
    "pem-private-key-pkcs8",
    "pem-private-key-pkcs8-encrypted",
    "pem-private-key-putty",
    "pem-private-key-rsa",
    "pem-private-key-ssh2",
    "sql-password",
    "url-password",
];

/// Checks of resources that are code of the engine.
pub const POLICY_CHECKS: &[&str] =
    &["dangling-environment-reference", "duplicate-environment-variable", "unsorted-keys"];

/// Checks of suppressions: of waivers, and of comments that silence findings.
pub const SUPPRESSION_CHECKS: &[&str] =
    &["expired-waiver", "suppression-without-reason", "unused-suppression", "unused-waiver"];

/// Fixes that are code, by name.
pub const FIXERS: &[&str] = &["through-env"];

/// Kinds of links between resources.
pub const RELATIONS: &[&str] = &[
    "binds",
    "depends-on",
    "governs",
    "in-namespace",
    "limits",
    "locks",
    "owns",
    "routes",
    "runs-as",
    "scales",
    "selects",
    "shares-account",
    "shares-volume",
    "stores",
    "subject",
    "targets",
    "uses",
];

/// Types of resources of Cargo.
const CARGO_KINDS: &[&str] = &[
    "build-script",
    "config",
    "deny-file",
    "dependency",
    "environment-variable",
    "lock",
    "lock-package",
    "manifest",
    "package",
    "path-override",
    "profile",
    "program",
    "registry",
    "rustflags",
    "source",
    "workspace",
];

/// Kinds of pieces of Rust that have a name of their own; those that code names are without number.
const RUST_KINDS: &[&str] = &[
    "assignment",
    "attribute",
    "comparison",
    "enum",
    "file",
    "function",
    "impl",
    "import",
    "static",
    "struct",
    "trait",
    "unsafe-block",
];

/// Types of resources of `platform`, views included. Of Kubernetes only the views and what runs a control plane: it has
/// kinds without end.
#[must_use]
pub fn resource_kinds(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Bake => &["file", "group", "target"],
        Platform::Cargo => CARGO_KINDS,
        Platform::GithubActions => &[
            "action",
            "condition",
            "dependabot",
            "dependabot-update",
            "expansion",
            "expression",
            "image",
            "job",
            "reusable-call",
            "step",
            "workflow",
        ],
        Platform::AzurePipelines
        | Platform::BitbucketPipelines
        | Platform::Circleci
        | Platform::GitlabCi
        | Platform::Jenkins => &["container", "include", "job", "pipeline", "script", "step"],
        Platform::Cloudformation => &["iam-policy", "iam-statement", "parameter", "resource", "template"],
        Platform::Compose => &["config", "file", "network", "secret", "service", "volume"],
        Platform::Dockerfile => &[
            "ADD",
            "ARG",
            "CMD",
            "COPY",
            "ENTRYPOINT",
            "ENV",
            "EXPOSE",
            "FROM",
            "HEALTHCHECK",
            "LABEL",
            "MAINTAINER",
            "ONBUILD",
            "RUN",
            "SHELL",
            "STOPSIGNAL",
            "USER",
            "VOLUME",
            "WORKDIR",
            "command",
            "file",
            "stage",
        ],
        Platform::Kubernetes => &[
            "container",
            "ephemeral-container",
            "etcd",
            "ingress-backend",
            "init-container",
            "kube-apiserver",
            "kube-controller-manager",
            "kube-proxy",
            "kube-scheduler",
            "kubelet",
            "main-container",
            "network-policy-peer",
            "object",
            "pod",
            "rbac-rule",
            "role",
            "role-binding",
            "service-port",
            "subject",
            "volume-mount",
            "workload",
        ],
        Platform::Rust => RUST_KINDS,
        Platform::Terraform => &["iam-policy", "iam-statement", "module", "output", "terraform", "variable"],
    }
}

/// Whether `kind` is a type of resource of a platform whose types are too many to list: the kinds of Kubernetes, the
/// resource types of Terraform's providers (with `data.` in front for data sources, and `provider.` or `backend.` for their
/// configuration), those of CloudFormation, and in Rust what code names: `a::b`, `.method`, `name!` and `Name{}`.
#[must_use]
pub fn is_open_kind(platform: Platform, kind: &str) -> bool {
    match platform {
        Platform::Kubernetes => kind.starts_with(|c: char| c.is_ascii_uppercase()),
        Platform::Terraform => {
            let configured = kind.strip_prefix("provider.").or_else(|| kind.strip_prefix("backend."));
            let declared = kind.strip_prefix("data.").unwrap_or(kind);
            let is_word = |text: &str| {
                text.starts_with(|c: char| c.is_ascii_lowercase())
                    && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
            };
            configured.map_or_else(|| declared.contains('_') && is_word(declared), is_word)
        }
        Platform::Cloudformation => {
            kind.contains("::") && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ':' | '_' | '-'))
        }
        Platform::Rust => {
            let path = kind.strip_suffix('!').or_else(|| kind.strip_suffix("{}"));
            let path = path.or_else(|| kind.strip_prefix('.')).or_else(|| kind.contains("::").then_some(kind));
            let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
            path.is_some_and(|path| path.strip_prefix("::").unwrap_or(path).split("::").all(is_name))
        }
        Platform::AzurePipelines
        | Platform::Bake
        | Platform::BitbucketPipelines
        | Platform::Cargo
        | Platform::Circleci
        | Platform::Compose
        | Platform::Dockerfile
        | Platform::GithubActions
        | Platform::GitlabCi
        | Platform::Jenkins => false,
    }
}

/// Whether links of `platform` are named after the attribute that makes the reference, so that any name may be one.
#[must_use]
pub fn has_open_relations(platform: Platform) -> bool {
    matches!(platform, Platform::Cloudformation | Platform::Terraform)
}

/// Trees of `platform` that a path may begin in, without the `$`. `resource` is the resource that a rule binds to, for
/// conditions on its items; `key` is the key of the entry in hand, in conditions on the values of a mapping; `this` is, in conditions on a linked resource, the one that asks.
#[must_use]
pub fn scopes(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Bake | Platform::Cargo | Platform::Compose => &["file", "key", "resource", "this"],
        Platform::GithubActions => &["job", "key", "resource", "this", "workflow"],
        Platform::AzurePipelines
        | Platform::BitbucketPipelines
        | Platform::Circleci
        | Platform::GitlabCi
        | Platform::Jenkins => &["job", "key", "pipeline", "resource", "this"],
        Platform::Cloudformation => &["definition", "key", "object", "policy", "resource", "template", "this"],
        Platform::Dockerfile => &["file", "key", "resource", "run", "stage", "this"],
        Platform::Kubernetes => {
            &["annotations", "container", "key", "object", "pod", "resource", "template", "this", "volume"]
        }
        Platform::Rust => &["file", "function", "key", "resource", "this"],
        Platform::Terraform => &["key", "object", "policy", "provider", "resource", "this"],
    }
}
