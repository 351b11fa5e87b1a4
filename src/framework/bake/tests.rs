use std::fmt::Write;

use super::{resources as resources_of, *};
use crate::document::node::Value;
use crate::platform::Platform;

fn source(path: &str, text: &str) -> Source {
    Source {
        path: path.into(),
        text: text.into(),
        platform: Platform::Bake,
        document: read(path, text),
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    }
}

fn list(source: &Source) -> Vec<Resource<'_>> {
    let mut resources = Vec::new();
    resources_of(0, source, &mut resources);
    resources
}

/// The value at `keys` of the resource at `address`, as short text.
fn show_at(resources: &[Resource<'_>], address: &str, keys: &[&str]) -> String {
    let resource = resources.iter().find(|resource| &*resource.address == address).unwrap();
    resource.body.at(keys).map_or_else(|| "-".to_owned(), show)
}

fn show(node: &Node) -> String {
    match &node.value {
        Value::Unknown => "?".to_owned(),
        Value::Scalar { text, .. } => text.clone(),
        Value::Sequence(items) => items.iter().map(show).collect::<Vec<_>>().join(" "),
        Value::Mapping(mapping) => {
            let entries = mapping.entries.iter().map(|entry| format!("{}={}", show(&entry.key), show(&entry.value)));
            entries.collect::<Vec<_>>().join(" ")
        }
    }
}

fn is_open(resources: &[Resource<'_>], address: &str) -> bool {
    let resource = resources.iter().find(|resource| &*resource.address == address).unwrap();
    matches!(&resource.body.value, Value::Mapping(mapping) if mapping.is_open)
}

const BAKE: &str = r#"# Images of the shop
variable "TAG" {
  default = "1.4"
}
variable "REGISTRY" { default = "ghcr.io/acme" }
variable "IMAGE" { default = "${REGISTRY}/web" }
variable "COMMIT" {}

group "default" {
  targets = ["app", "tools"]
}

target "base" {
  dockerfile = "Dockerfile"
  args = {
    GO_VERSION = "1.24"
    MODE       = "dev"
  }
  secret = ["id=npm,src=.npmrc"] # lockgate: ignore[generic-secret] the specification of a mount
}

target "app" {
  inherits  = ["base"]
  context   = "./app"
  args      = { MODE = "prod", COMMIT = COMMIT }
  tags      = ["${IMAGE}:${TAG}", "${IMAGE}:${COMMIT}", TAG]
  platforms = ["linux/amd64", "linux/arm64"]
  secret    = ["id=token,env=TOKEN"]
  no-cache  = true
  output    = [notequal("", COMMIT) ? "type=registry" : "type=docker"]
  entitlements = ["security.insecure"]
}

target "tools" {
  name = "tools-${tgt}"
  matrix = { tgt = ["lint", "test"], TAG = ["a"] }
  target = tgt
  tags = [TAG]
  cache-from = true ? ["type=gha"] : []
}
"#;

#[test]
fn names_of_bake_files() {
    for path in [
        "docker-bake.hcl",
        "ci/docker-bake.json",
        "docker-bake.override.hcl",
        "docker-bake.override.json",
        "dev.bake.hcl",
    ] {
        assert!(is_bake(path), "{path}");
    }
    for path in ["main.hcl", "bake.json", "docker-bake.hcl.md", "docker-baker.hcl"] {
        assert!(!is_bake(path), "{path}");
    }
}

#[test]
fn targets_have_what_they_inherit_and_the_defaults_of_variables() {
    let source = source("docker-bake.hcl", BAKE);
    assert_eq!(source.document.errors, []);
    let resources = list(&source);
    let addresses: Vec<&str> = resources.iter().map(|resource| &*resource.address).collect();
    assert_eq!(addresses, ["bake", "group.default", "target.base", "target.app", "target.tools"]);
    for (keys, expected) in [
        (["dockerfile"].as_slice(), "Dockerfile"),
        (&["context"], "./app"),
        (&["args", "GO_VERSION"], "1.24"),
        (&["args", "MODE"], "prod"),
        (&["args", "COMMIT"], "?"),
        (&["tags"], "ghcr.io/acme/web:1.4 ? 1.4"),
        (&["secret"], "id=npm,src=.npmrc id=token,env=TOKEN"),
        (&["no-cache"], "true"),
        (&["output"], "?"),
        (&["entitlements"], "security.insecure"),
    ] {
        assert_eq!(show_at(&resources, "target.app", keys), expected, "{keys:?}");
    }
    assert_eq!(show_at(&resources, "target.tools", &["name"]), "?");
    assert_eq!(show_at(&resources, "target.tools", &["tags"]), "?");
    assert_eq!(show_at(&resources, "target.tools", &["cache-from"]), "type=gha");
    assert!(!is_open(&resources, "target.app"));
}

#[test]
fn values_stand_where_they_are_written() {
    let source = source("docker-bake.hcl", BAKE);
    let resources = list(&source);
    let app = resources.iter().find(|resource| &*resource.address == "target.app").unwrap();
    let text = |span: Span| &source.text[span.start..span.end];
    assert_eq!(text(app.header), "\"app\"");
    assert!(text(app.extent).ends_with('}'), "{}", text(app.extent));
    let context = app.body.entry("context").unwrap();
    assert_eq!((text(context.key.span), text(context.value.span)), ("context", "\"./app\""));
    let tags = app.body.get("tags").and_then(Node::as_sequence).unwrap();
    assert_eq!(text(tags[0].span), "\"${IMAGE}:${TAG}\"");
    assert_eq!(text(tags[2].span), "TAG");
}

#[test]
fn json_says_the_same() {
    let text = r#"{
  "variable": {"TAG": {"default": "1.4"}, "COMMIT": {}},
  "group": {"default": {"targets": ["app"]}},
  "target": {
    "base": {"dockerfile": "Dockerfile"},
    "app": {"inherits": ["base"], "tags": ["acme/web:${TAG}", "acme/web:${COMMIT}"], "no-cache": true}
  }
}"#;
    let source = source("docker-bake.json", text);
    let resources = list(&source);
    assert_eq!(show_at(&resources, "target.app", &["tags"]), "acme/web:1.4 ?");
    assert_eq!(show_at(&resources, "target.app", &["dockerfile"]), "Dockerfile");
    assert_eq!(show_at(&resources, "target.app", &["no-cache"]), "true");
    assert_eq!(show_at(&resources, "group.default", &["targets"]), "app");
}

#[test]
fn what_cannot_be_inherited_leaves_a_target_open() {
    for inherits in ["[\"missing\"]", "[\"app\"]", "[name]", "parents()"] {
        let source =
            source("docker-bake.hcl", &format!("target \"app\" {{\n  inherits = {inherits}\n  context = \".\"\n}}\n"));
        let resources = list(&source);
        assert!(is_open(&resources, "target.app"), "{inherits}");
        assert_eq!(show_at(&resources, "target.app", &["context"]), ".", "{inherits}");
    }
}

#[test]
fn a_broken_file_says_where() {
    let document = read("docker-bake.hcl", "target \"app\" {\n  context = \n}\n");
    assert_eq!(document.errors.len(), 1);
    assert!(document.errors[0].offset > 10);
}

#[test]
fn hostile_files_end() {
    let nested = format!("a = {}1{}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(read("docker-bake.hcl", &nested).errors.len(), 1);
    assert_eq!(read("docker-bake.hcl", &format!("a = {}true\n", "!".repeat(100_000))).errors.len(), 1);
    assert_eq!(read("docker-bake.hcl", &format!("a = 1{}\n", " + 1".repeat(100_000))).errors.len(), 1);

    // Each variable is ten of the one before, and so is the number of its copies.
    let mut bomb = String::from("v0 = \"0123456789\"\n");
    for level in 1..8 {
        let before = format!("v{},", level - 1).repeat(10);
        writeln!(bomb, "v{level} = [{before}]").unwrap();
    }
    bomb += "target \"app\" {\n  tags = v7\n}\n";
    let source_of_bomb = source("docker-bake.hcl", &bomb);
    assert_eq!(list(&source_of_bomb).len(), 2);

    let mut text = String::from("target \"t0\" {\n  secret = [\"id=a\"]\n}\n");
    for level in 1..40 {
        let parent = level - 1;
        writeln!(text, "target \"t{level}\" {{\n  inherits = [\"t{parent}\", \"t{parent}\"]\n}}").unwrap();
    }
    let source_of_targets = source("docker-bake.hcl", &text);
    assert_eq!(list(&source_of_targets).len(), 41);
}
