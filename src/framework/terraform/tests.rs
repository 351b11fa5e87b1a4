//! Whole configurations, evaluated.

mod bounds;
mod functions;
mod modules;
mod plans;
mod values;

use std::fmt::Write as _;
use std::sync::Arc;

use crate::document::node::{Node, Value};
use crate::framework::declared::{Evaluated, marked};
use crate::framework::{self, Source};
use crate::platform::Platform;

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files.iter().map(|(path, text)| framework::read(Platform::Terraform, &Arc::from(*path), text)).collect()
}

fn evaluated(files: &[(&str, &str)]) -> Evaluated {
    framework::prepare(&mut sources(files))
}

/// A value in short: `?` for an unknown one, `→` in front of what comes from another resource.
fn shown(node: &Node) -> String {
    let mark = if marked(node).is_some() { "→" } else { "" };
    match &node.value {
        Value::Unknown => format!("{mark}?"),
        Value::Scalar { text, plain: true } => format!("{mark}{text}"),
        Value::Scalar { text, plain: false } => format!("{mark}'{text}'"),
        Value::Sequence(items) => format!("{mark}[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Mapping(mapping) => {
            let mut entries: Vec<String> = mapping
                .entries
                .iter()
                .map(|entry| format!("{}: {}", entry.key.as_str().unwrap_or("?"), shown(&entry.value)))
                .collect();
            if mapping.is_open {
                entries.push("…".to_owned());
            }
            format!("{mark}{{{}}}", entries.join(", "))
        }
    }
}

/// The resources of `files`, one a line: address and body.
fn resources(files: &[(&str, &str)]) -> String {
    let mut out = String::new();
    for declared in &evaluated(files).declared {
        let is_view = declared.behind > 0;
        let is_setting = ["variable", "output", "module", "terraform"].contains(&&*declared.kind);
        if !is_view && !is_setting {
            writeln!(out, "{} {}", declared.address, shown(&declared.body)).unwrap();
        }
    }
    out
}

/// The value of `expression` after the `declarations`.
fn value(declarations: &str, expression: &str) -> String {
    let text = format!("{declarations}\nresource \"x_y\" \"z\" {{\n  v = {expression}\n}}\n");
    let evaluated = evaluated(&[("main.tf", &text)]);
    let found = evaluated.declared.iter().find(|declared| &*declared.address == "x_y.z").unwrap();
    found.body.get("v").map_or_else(|| "-".to_owned(), shown)
}

#[test]
fn expansion_of_resources() {
    let files = [(
        "main.tf",
        r#"
variable "buckets" {
  type = map(object({ acl = optional(string, "private"), tags = optional(map(string)) }))
  default = {
    logs = {}
    site = { acl = "public-read", tags = { a = "b" } }
  }
}
variable "enabled" { default = false }
variable "many" {}
resource "aws_s3_bucket" "each" {
  for_each = var.buckets
  bucket   = each.key
  acl      = each.value.acl
}
resource "aws_s3_bucket" "none" { count = var.enabled ? 1 : 0 }
resource "aws_s3_bucket" "two" {
  count  = 2
  bucket = "b-${count.index}"
}
resource "aws_s3_bucket" "unknown" {
  count  = var.many
  bucket = "u-${count.index}"
}
resource "aws_s3_bucket_policy" "p" {
  bucket = aws_s3_bucket.each["site"].id
}
resource "aws_s3_bucket_policy" "q" {
  bucket = aws_s3_bucket.two[1].bucket
}
resource "aws_s3_bucket_policy" "r" {
  bucket = aws_s3_bucket.unknown[0].id
}
"#,
    )];
    assert_eq!(
        resources(&files),
        "\
aws_s3_bucket.each[\"logs\"] {for_each: ?, bucket: 'logs', acl: 'private'}
aws_s3_bucket.each[\"site\"] {for_each: ?, bucket: 'site', acl: 'public-read'}
aws_s3_bucket.two[0] {count: 2, bucket: 'b-0'}
aws_s3_bucket.two[1] {count: 2, bucket: 'b-1'}
aws_s3_bucket.unknown {count: ?, bucket: ?}
aws_s3_bucket_policy.p {bucket: →?}
aws_s3_bucket_policy.q {bucket: →'b-1'}
aws_s3_bucket_policy.r {bucket: →?}
"
    );
}

#[test]
fn dynamic_blocks() {
    let files = [(
        "main.tf",
        r#"
variable "unknown" {}
resource "aws_security_group" "known" {
  dynamic "ingress" {
    for_each = { ssh = 22, http = 80 }
    iterator = rule
    content {
      description = rule.key
      from_port   = rule.value
    }
  }
  ingress {
    from_port = 443
  }
}
resource "aws_security_group" "unknown" {
  dynamic "ingress" {
    for_each = var.unknown
    content {
      from_port   = ingress.value.port
      cidr_blocks = ["0.0.0.0/0"]
    }
  }
}
resource "aws_security_group" "none" {
  dynamic "ingress" {
    for_each = []
    content {}
  }
}
"#,
    )];
    assert_eq!(
        resources(&files),
        "\
aws_security_group.known {ingress: [{description: 'ssh', from_port: 22}, {description: 'http', from_port: 80}, \
{from_port: 443}]}
aws_security_group.unknown {ingress: [{from_port: ?, cidr_blocks: ['0.0.0.0/0']}]}
aws_security_group.none {}
"
    );
}

#[test]
fn policies_with_unknown_parts_keep_the_rest() {
    let text = "variable \"account\" {}\nresource \"aws_s3_bucket\" \"b\" {}\nresource \"aws_s3_bucket_policy\" \"p\" {\n\
                policy = <<EOT\n{\"Statement\": [{\n  \"Effect\": \"Allow\",\n  \"Action\": \"s3:*\",\n  \
                \"Resource\": \"${aws_s3_bucket.b.arn}/*\",\n  \"Principal\": {\"AWS\": \"arn:aws:iam::${var.account}:root\"}\n}]}\nEOT\n}\n";
    let evaluated = evaluated(&[("main.tf", text)]);
    let policy = evaluated.declared.iter().find(|declared| &*declared.address == "aws_s3_bucket_policy.p").unwrap();
    let statement = &policy.body.at(&["policy", "Statement"]).unwrap().as_sequence().unwrap()[0];
    assert_eq!(shown(statement), "{Effect: 'Allow', Action: 's3:*', Resource: ?, Principal: {AWS: ?}}");
    let action = statement.get("Action").unwrap().span;
    assert_eq!(&text[action.start..action.end], "\"s3:*\"");
}

#[test]
fn files_with_values_of_variables() {
    let files = [
        (
            "main.tf",
            "variable \"acl\" { default = \"private\" }\nvariable \"name\" {}\nvariable \"size\" { default = 1 }\n\
             resource \"aws_s3_bucket\" \"b\" {\n  acl = var.acl\n  bucket = var.name\n  size = var.size\n}\n",
        ),
        ("b.auto.tfvars", "size = 3\n"),
        ("terraform.tfvars", "name = \"shop\"\nsize = 2\n"),
        ("env/prod.tfvars", "acl = \"public-read\"\n"),
        ("env/test.tfvars.json", "{\"name\": \"test\"}"),
    ];
    assert_eq!(
        resources(&files),
        "\
aws_s3_bucket.b {acl: 'private', bucket: 'shop', size: 3}
aws_s3_bucket.b {acl: 'public-read', bucket: 'shop', size: 3}
aws_s3_bucket.b {acl: 'private', bucket: 'test', size: 3}
"
    );
}

#[test]
fn override_files() {
    let files = [
        (
            "main.tf",
            "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"private\"\n  bucket = \"x\"\n  logging {\n    target = \"a\"\n  }\n}\n",
        ),
        ("override.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n"),
        ("z_override.tf", "resource \"aws_s3_bucket\" \"b\" {\n  logging {\n    target = \"b\"\n  }\n}\n"),
    ];
    assert_eq!(resources(&files), "aws_s3_bucket.b {acl: 'public-read', bucket: 'x', logging: [{target: 'b'}]}\n");
}
