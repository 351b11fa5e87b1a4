//! Terraform from the command line: a layout with modules in modules, files with values, a plan; findings at the attribute,
//! with the address of the resource and the calls that lead to it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use cli::Sandbox;
use serde_json::Value;

const PACK: &str = "
defaults: {category: public-exposure, severity: high}
rules:
  - id: public-acl
    title: Bucket is public
    description: Anyone can read it.
    remediation: Make it private.
    equivalents: [checkov:CKV_AWS_20, trivy:AVD-AWS-0092, kics:38c5ee0d-7f22-4260-ab72-5073048df100]
    applies:
      - terraform: [aws_s3_bucket]
        deny: {at: acl, matches: '^public-'}
  - id: no-block
    title: Bucket without a public access block
    severity: low
    description: A policy may make it public.
    remediation: Add one.
    applies:
      - terraform: [aws_s3_bucket]
        require: {linked: [aws_s3_bucket_public_access_block], via: bucket}
";

/// A configuration with workspaces, three modules deep.
const FILES: &[(&str, &str)] = &[
    (
        "live/main.tf",
        r#"terraform {
  backend "s3" {}
}

module "platform" {
  source      = "../modules/platform"
  environment = var.environment
  site_acl    = var.site_acl
}
"#,
    ),
    (
        "live/variables.tf",
        "variable \"environment\" {\n  type = string\n}\n\nvariable \"site_acl\" {\n  type    = string\n  default = \"private\"\n}\n",
    ),
    ("live/env/prod.tfvars", "environment = \"prod\"\nsite_acl    = \"public-read\"\n"),
    ("live/env/test.tfvars", "environment = \"test\"\n"),
    (
        "modules/platform/main.tf",
        r#"variable "environment" {}
variable "site_acl" {}

locals {
  buckets = {
    logs = { block = true }
    site = { acl = var.site_acl }
  }
}

module "storage" {
  source  = "../storage"
  buckets = { for name, bucket in local.buckets : "${var.environment}-${name}" => bucket }
}
"#,
    ),
    (
        "modules/storage/main.tf",
        r#"variable "buckets" {
  type = map(object({
    acl   = optional(string, "private")
    block = optional(bool, false)
  }))
}

module "bucket" {
  source   = "./bucket"
  for_each = var.buckets
  name     = each.key
  acl      = each.value.acl
  block    = each.value.block
}
"#,
    ),
    (
        "modules/storage/bucket/main.tf",
        r#"variable "name" {}
variable "acl" {}
variable "block" {}

resource "aws_s3_bucket" "this" {
  bucket = var.name
  acl    = var.acl
}

resource "aws_s3_bucket_public_access_block" "this" {
  count             = var.block ? 1 : 0
  bucket            = aws_s3_bucket.this.id
  block_public_acls = true
}
"#,
    ),
];

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.pack(), PACK).unwrap();
    for (path, text) in files {
        sandbox.write(path, text);
    }
    sandbox
}

fn scan(sandbox: &Sandbox) -> Value {
    let pack = sandbox.pack();
    let arguments = ["--rules", pack.to_str().unwrap(), "--format", "json", "."];
    let outcome = sandbox.scan(arguments);
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|error| panic!("{error}: {outcome:#?}"))
}

/// Rule, place, resource and message of each finding of the pack, a line each, and a line for each related place.
fn shown(report: &Value) -> String {
    let mut out = Vec::new();
    let place = |location: &Value| {
        let start = &location["region"]["start"];
        format!("{}:{}:{}", location["path"].as_str().unwrap(), start["line"], start["column"])
    };
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap();
        if ["public-acl", "no-block"].contains(&rule) {
            let silenced = if finding["suppression"].is_null() { "" } else { " (silenced)" };
            let resource = finding["resource"].as_str().unwrap();
            out.push(format!("{rule} {} {resource}{silenced}", place(&finding["location"])));
            for related in finding["related"].as_array().into_iter().flatten() {
                out.push(format!("  {} at {}", related["message"].as_str().unwrap(), place(&related["location"])));
            }
        }
    }
    out.join("\n")
}

#[test]
fn findings_in_modules_name_the_instance_and_its_calls() {
    let report = scan(&sandbox(FILES));
    assert_eq!(
        shown(&report),
        "\
no-block modules/storage/bucket/main.tf:5:1 module.platform.module.storage.module.bucket[\"prod-site\"].aws_s3_bucket.this
  module.platform.module.storage.module.bucket[\"prod-site\"] is called at modules/storage/main.tf:8:1
  module.platform.module.storage is called at modules/platform/main.tf:11:1
  module.platform is called at live/main.tf:5:1
  values of variables are given at live/env/prod.tfvars:1:1
  module.platform.module.storage.module.bucket[\"test-site\"] is called at modules/storage/main.tf:8:1
  values of variables are given at live/env/test.tfvars:1:1
public-acl modules/storage/bucket/main.tf:7:12 module.platform.module.storage.module.bucket[\"prod-site\"].aws_s3_bucket.this
  module.platform.module.storage.module.bucket[\"prod-site\"] is called at modules/storage/main.tf:8:1
  module.platform.module.storage is called at modules/platform/main.tf:11:1
  module.platform is called at live/main.tf:5:1
  values of variables are given at live/env/prod.tfvars:1:1"
    );
}

const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.9.0",
  "planned_values": {"root_module": {"child_modules": [
    {"address": "module.platform", "child_modules": [
      {"address": "module.platform.module.storage", "child_modules": [
        {"address": "module.platform.module.storage.module.bucket[\"stage-site\"]", "resources": [
          {"address": "module.platform.module.storage.module.bucket[\"stage-site\"].aws_s3_bucket.this", "mode": "managed",
           "type": "aws_s3_bucket", "name": "this", "values": {"bucket": "stage-site", "acl": "public-read-write"}}
        ]}
      ]}
    ]}
  ]}},
  "resource_changes": []
}"#;

#[test]
fn a_plan_of_the_same_configuration() {
    let mut files = FILES.to_vec();
    files.retain(|(path, _)| !path.ends_with("prod.tfvars"));
    files.push(("live/plan.json", PLAN));
    let report = scan(&sandbox(&files));
    let of_plan = "\
public-acl modules/storage/bucket/main.tf:7:12 module.platform.module.storage.module.bucket[\"stage-site\"].aws_s3_bucket.this
  module.platform.module.storage.module.bucket[\"stage-site\"] is called at modules/storage/main.tf:8:1
  module.platform.module.storage is called at modules/platform/main.tf:11:1
  module.platform is called at live/main.tf:5:1
  module.platform.module.storage.module.bucket[\"stage-site\"].aws_s3_bucket.this is planned at live/plan.json:8:23";
    let shown = shown(&report);
    let (_, found) = shown.split_at(shown.find("public-acl").unwrap());
    assert_eq!(found, of_plan);
}

#[test]
fn comments_silence_findings() {
    for (text, is_silenced) in [
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  # checkov:skip=CKV_AWS_20:a website\n  bucket = \"b\"\n  acl = \"public-read\"\n}\n",
            true,
        ),
        ("resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\" #checkov:skip=CKV_AWS_20:a website\n}\n", true),
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  // checkov:skip=CKV_AWS_99: another\n  acl = \"public-read\"\n}\n",
            false,
        ),
        (
            "resource \"aws_s3_bucket\" \"a\" {\n  # checkov:skip=CKV_AWS_20: that one\n}\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n",
            false,
        ),
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  /* checkov:skip=CKV_AWS_20: a website */\n  acl = \"public-read\"\n}\n",
            true,
        ),
        ("resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\" #tfsec:ignore:AVD-AWS-0092\n}\n", true),
        ("resource \"aws_s3_bucket\" \"b\" {\n  #trivy:ignore:AVD-AWS-0092\n  acl = \"public-read\"\n}\n", true),
        ("#trivy:ignore:AVD-AWS-0092\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n", true),
        ("#tfsec:ignore:AVD-AWS-0001\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n", false),
        ("resource \"aws_s3_bucket\" \"b\" {\n  # kics-scan ignore-line\n  acl = \"public-read\"\n}\n", true),
        ("# kics-scan ignore-block\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n", true),
        (
            "# kics-scan disable=38c5ee0d-7f22-4260-ab72-5073048df100\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n",
            true,
        ),
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\" # lockgate: ignore[public-acl] a website\n}\n",
            true,
        ),
        (
            "# lockgate: ignore-block[public-acl] a website\nresource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n# lockgate: end-ignore\n",
            true,
        ),
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  tags = { x = \"# checkov:skip=CKV_AWS_20:no\" }\n  acl = \"public-read\"\n}\n",
            false,
        ),
        (
            "resource \"aws_s3_bucket\" \"b\" {\n  x = <<E\n# checkov:skip=CKV_AWS_20:no\nE\n  acl = \"public-read\"\n}\n",
            false,
        ),
    ] {
        let report = scan(&sandbox(&[("main.tf", text)]));
        let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["rule"] == "public-acl");
        assert_eq!(!finding.unwrap()["suppression"].is_null(), is_silenced, "{text}");
    }
}
