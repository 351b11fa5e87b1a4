//! Caches that steps restore, and steps and jobs that publish. A cache is shared by all branches that can reach it, so what a
//! release restores may have been put there by whoever could run code in another workflow.

use super::attributes::Attributes;
use super::expression::{self, Comparison, Expression, Kind};
use super::files::get;
use super::triggers::Triggers;
use super::uses::Uses;
use crate::document::node::Node;
use crate::span::Span;

/// When an action restores a cache.
enum Mode {
    /// Always.
    Always,
    /// Unless one of the inputs has one of the values.
    Unless(&'static str, &'static [&'static str]),
    /// When the input is there and says so.
    When(&'static str),
    /// `package-manager-cache`, on since version 5, and `cache`.
    SetupNode,
    /// `enable-cache`, which since version 10 leaves releases alone unless it is `true`.
    SetupUv,
    /// The program itself is cached, when a version is asked for.
    SetupBuildx,
}

const FALSE: &[&str] = &["false"];
const TRUE: &[&str] = &["true", "yes", "1"];

const ACTIONS: &[(&str, Mode)] = &[
    ("actions-rust-lang/setup-rust-toolchain", Mode::Unless("cache", FALSE)),
    ("actions/cache", Mode::Unless("lookup-only", TRUE)),
    ("actions/setup-dotnet", Mode::When("cache")),
    ("actions/setup-go", Mode::Unless("cache", FALSE)),
    ("actions/setup-java", Mode::When("cache")),
    ("actions/setup-node", Mode::SetupNode),
    ("actions/setup-python", Mode::When("cache")),
    ("astral-sh/setup-uv", Mode::SetupUv),
    ("determinatesystems/magic-nix-cache-action", Mode::Unless("use-gha-cache", FALSE)),
    ("docker/setup-buildx-action", Mode::SetupBuildx),
    ("golangci/golangci-lint-action", Mode::Unless("skip-cache", TRUE)),
    ("graalvm/setup-graalvm", Mode::When("cache")),
    ("gradle/actions/setup-gradle", Mode::Unless("cache-disabled", TRUE)),
    ("gradle/gradle-build-action", Mode::Unless("cache-disabled", TRUE)),
    ("jdx/mise-action", Mode::Unless("cache", FALSE)),
    ("leafo/gh-actions-lua", Mode::Unless("buildcache", FALSE)),
    ("mlugg/setup-zig", Mode::Unless("use-cache", FALSE)),
    ("mozilla-actions/sccache-action", Mode::Always),
    ("nix-community/cache-nix-action", Mode::Unless("lookup-only", TRUE)),
    ("oven-sh/setup-bun", Mode::Unless("no-cache", TRUE)),
    ("pyo3/maturin-action", Mode::When("sccache")),
    ("ramsey/composer-install", Mode::Unless("ignore-cache", TRUE)),
    ("ruby/setup-ruby", Mode::When("bundler-cache")),
    ("swatinem/rust-cache", Mode::Unless("lookup-only", TRUE)),
];

/// Actions that give a release, a package, an image or a site to others.
const PUBLISHERS: &[&str] = &[
    "actions/create-release",
    "actions/upload-release-asset",
    "aws-actions/amazon-ecs-deploy-task-definition",
    "aws-actions/aws-cloudformation-github-deploy",
    "azure/aci-deploy",
    "azure/container-apps-deploy-action",
    "azure/functions-action",
    "azure/k8s-deploy",
    "azure/static-web-apps-deploy",
    "azure/webapps-deploy",
    "cloudflare/pages-action",
    "cloudflare/wrangler-action",
    "cycjimmy/semantic-release-action",
    "docker/bake-action",
    "docker/build-push-action",
    "firebaseextended/action-hosting-deploy",
    "google-github-actions/deploy-appengine",
    "google-github-actions/deploy-cloud-functions",
    "google-github-actions/deploy-cloudrun",
    "goreleaser/goreleaser-action",
    "jamesives/github-pages-deploy-action",
    "js-devtools/npm-publish",
    "marvinpinto/action-automatic-releases",
    "ncipollo/release-action",
    "peaceiris/actions-gh-pages",
    "pypa/gh-action-pypi-publish",
    "rubygems/release-gem",
    "softprops/action-gh-release",
    "superfly/flyctl-actions",
    "svenstaro/upload-release-action",
];

/// The cache that a step restores: `{state, input}`, where `state` is `on` (for certain, by default or by an expression) or
/// `off`.
pub(super) fn node(step: &Node, version: Option<&str>, triggers: &Triggers<'_>) -> Option<Node> {
    let name = step.get("uses").and_then(Node::as_str).and_then(Uses::parse)?.name()?;
    let (_, mode) = ACTIONS.iter().find(|(action, _)| *action == name)?;
    let with = step.get("with");
    let input = |name: &str| with.and_then(|with| get(with, name)).filter(|value| value.as_str().is_some());
    let major = version.and_then(major);
    let (is_on, at) = match mode {
        Mode::Always => (true, None),
        Mode::Unless(name, values) => {
            let value = input(name);
            let text = value.and_then(Node::as_str).unwrap_or_default();
            let off = match condition(text) {
                Some(parsed) => {
                    let wanted = values.contains(&"true");
                    triggers.releases_are_tags() && on_tags(&parsed) == Some(wanted)
                }
                None => values.iter().any(|off| text.eq_ignore_ascii_case(off)),
            };
            (!off, value)
        }
        Mode::When(name) => {
            let value = input(name);
            (value.is_some_and(|value| is_asked_for(value, triggers)), value)
        }
        Mode::SetupNode => {
            let cache = input("cache");
            let manager = input("package-manager-cache");
            let by_default = major.is_none_or(|major| major >= 5);
            match (cache.filter(|value| is_asked_for(value, triggers)), manager) {
                (Some(value), _) => (true, Some(value)),
                (None, Some(value)) => (is_asked_for(value, triggers), Some(value)),
                (None, None) => (by_default, None),
            }
        }
        Mode::SetupUv => {
            let value = input("enable-cache");
            let leaves_releases = major.is_some_and(|major| major >= 10);
            match value.and_then(Node::as_str) {
                None | Some("auto") => (!leaves_releases, value),
                Some(_) => (value.is_some_and(|value| is_asked_for(value, triggers)), value),
            }
        }
        Mode::SetupBuildx => {
            let is_off =
                input("cache-binary").and_then(Node::as_str).is_some_and(|text| text.eq_ignore_ascii_case("false"));
            let version = input("version");
            (version.is_some() && !is_off, version)
        }
    };
    let span = at.map_or(step.span, |value| value.span);
    let mut attributes = Attributes::default();
    attributes.text("state", span, if is_on { "on" } else { "off" });
    Some(attributes.finish(span))
}

/// Whether the value of an input asks for a cache; an expression may, unless it is false for tags and releases are tags.
fn is_asked_for(value: &Node, triggers: &Triggers<'_>) -> bool {
    let text = value.as_str().unwrap_or_default();
    match condition(text) {
        Some(parsed) => !(triggers.releases_are_tags() && on_tags(&parsed) == Some(false)),
        None => !text.trim().is_empty() && !text.eq_ignore_ascii_case("false"),
    }
}

/// The expression that a value consists of.
fn condition(text: &str) -> Option<Expression> {
    let text = text.trim();
    let fences = expression::fences(text);
    let [fence] = fences.as_slice() else { return None };
    (fence.outer == (0..text.len())).then(|| expression::parse(text.get(fence.inner.clone())?)).flatten()
}

/// The value of a condition in a run for a pushed tag, as far as it asks for that.
fn on_tags(expression: &Expression) -> Option<bool> {
    match &expression.kind {
        Kind::Boolean(value) => Some(*value),
        Kind::Not(part) => on_tags(part).map(|value| !value),
        Kind::And(parts) => {
            let values: Vec<Option<bool>> = parts.iter().map(on_tags).collect();
            if values.contains(&Some(false)) {
                Some(false)
            } else {
                values.iter().all(|value| *value == Some(true)).then_some(true)
            }
        }
        Kind::Or(parts) => {
            let values: Vec<Option<bool>> = parts.iter().map(on_tags).collect();
            if values.contains(&Some(true)) {
                Some(true)
            } else {
                values.iter().all(|value| *value == Some(false)).then_some(false)
            }
        }
        Kind::Call(name, arguments) if name == "startswith" => match arguments.as_slice() {
            [context, Expression { kind: Kind::Text(prefix), .. }] => {
                (context.path()?.as_slice() == ["github", "ref"] && prefix.starts_with("refs/tags")).then_some(true)
            }
            _ => None,
        },
        Kind::Compare(comparison, left, right) => {
            let Kind::Text(text) = &right.kind else { return None };
            let is_equal = match left.path()?.as_slice() {
                ["github", "ref_type"] => text == "tag",
                ["github", "event_name"] if text == "push" => true,
                _ => return None,
            };
            match comparison {
                Comparison::Equal => Some(is_equal),
                Comparison::NotEqual => Some(!is_equal),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The first number of a version.
fn major(version: &str) -> Option<u32> {
    let digits = version.trim_start_matches('v');
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Where the step publishes: its `uses`.
pub(super) fn publishes(step: &Node) -> Option<Span> {
    let uses = step.get("uses")?;
    let name = uses.as_str().and_then(Uses::parse)?.name()?;
    let is_kept = ["push", "publish", "upload"].iter().any(|input| {
        step.at(&["with", input]).and_then(Node::as_str).is_some_and(|text| text.eq_ignore_ascii_case("false"))
    });
    (PUBLISHERS.contains(&name.as_str()) && !is_kept).then_some(uses.span)
}
