//! Whole configurations, evaluated.

mod bounds;
mod functions;

use std::fmt::Write as _;
use std::sync::Arc;

use crate::document::node::{Node, Value};
use crate::framework::declared::{Evaluated, marked};
use crate::framework::{self, Project, Source};
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
fn expressions() {
    let declarations = r#"
variable "known" { default = "prod" }
variable "unknown" {}
variable "map" { default = { a = { port = 1 }, b = { port = 2 } } }
locals {
  list  = [1, 2, 3]
  chain = local.next
  next  = "${var.known}-x"
  cycle = local.cycle2
  cycle2 = local.cycle
}
"#;
    for (expression, expected) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("-local.list[0]", "-1"),
        ("7 % 4", "3"),
        ("1 / 4", "0.25"),
        ("!true", "false"),
        ("var.known == \"prod\" ? \"a\" : \"b\"", "'a'"),
        ("var.unknown == \"prod\" ? \"a\" : \"b\"", "?"),
        ("var.unknown == \"prod\" ? \"a\" : \"a\"", "'a'"),
        ("false && var.unknown", "false"),
        ("true && var.unknown", "?"),
        ("true || var.unknown", "true"),
        ("\"${var.known}/${1 + 1}\"", "'prod/2'"),
        ("\"${var.unknown}/x\"", "?"),
        ("local.chain", "'prod-x'"),
        ("local.cycle", "?"),
        ("local.list[1]", "2"),
        ("local.list[*]", "[1, 2, 3]"),
        ("var.map[\"a\"].port", "1"),
        ("var.map.b.port", "2"),
        ("values(var.map)[*].port", "[1, 2]"),
        ("[for k, v in var.map : \"${k}=${v.port}\"]", "['a=1', 'b=2']"),
        ("{for k, v in var.map : k => v.port if v.port > 1}", "{b: 2}"),
        ("{for n in local.list : (n > 1 ? \"big\" : \"small\") => n...}", "{small: [1], big: [2, 3]}"),
        ("[for n in local.list : n if var.unknown]", "[?, ?, ?]"),
        ("[var.known, var.unknown]", "['prod', ?]"),
        ("{(var.unknown) = 1, b = 2}", "{b: 2, …}"),
        ("try(var.map.c.port, 9)", "9"),
        ("try(var.map.a.port, 9)", "1"),
        ("can(var.map.c.port)", "false"),
        ("lookup(var.map, \"c\", null)", "null"),
        ("merge(var.map.a, {x = true})", "{port: 1, x: true}"),
        ("merge(var.map.a, var.unknown)", "{port: ?, …}"),
        ("concat([1], var.unknown)", "[1, ?]"),
        ("length(local.list)", "3"),
        ("x_none.y.id", "?"),
        ("data.aws_region.current.name", "?"),
        ("\"%{ if var.known == \"prod\" }p%{ else }q%{ endif }\"", "'p'"),
        ("\"%{ for n in local.list }${n},%{ endfor }\"", "'1,2,3,'"),
        ("<<-EOT\n    a ${var.known}\n      b\n  EOT\n", "'a prod\n  b\n'"),
        ("timestamp()", "?"),
        ("file(\"x\")", "?"),
        ("path.module", "?"),
        ("terraform.workspace == \"prod\"", "?"),
        ("jsondecode(\"{\\\"a\\\": [1]}\").a[0]", "1"),
        ("null", "null"),
        ("False", "false"),
    ] {
        assert_eq!(value(declarations, expression), expected, "{expression}");
    }
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
fn three_nested_modules_with_addresses_and_links() {
    let files = [
        (
            "live/main.tf",
            r#"
module "platform" {
  source      = "../modules/platform"
  environment = "prod"
}
resource "aws_s3_bucket_public_access_block" "logs" {
  bucket = module.platform.log_bucket_ids["audit"]
}
"#,
        ),
        (
            "modules/platform/main.tf",
            r#"
variable "environment" {}
module "storage" {
  source   = "../storage"
  for_each = toset(["audit", "access"])
  name     = "${var.environment}-${each.key}"
}
output "log_bucket_ids" {
  value = { for name, storage in module.storage : name => storage.bucket_id }
}
"#,
        ),
        (
            "modules/storage/main.tf",
            "variable \"name\" {}\nmodule \"bucket\" {\n  source = \"./bucket\"\n  name   = var.name\n}\n\
             output \"bucket_id\" { value = module.bucket.id }\n",
        ),
        (
            "modules/storage/bucket/main.tf",
            "variable \"name\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  bucket = var.name\n}\n\
             output \"id\" { value = aws_s3_bucket.this.id }\n",
        ),
    ];
    assert_eq!(
        resources(&files),
        "\
aws_s3_bucket_public_access_block.logs {bucket: →?}
module.platform.module.storage[\"access\"].module.bucket.aws_s3_bucket.this {bucket: 'prod-access'}
module.platform.module.storage[\"audit\"].module.bucket.aws_s3_bucket.this {bucket: 'prod-audit'}
"
    );
    let mut sources = sources(&files);
    let evaluated = framework::prepare(&mut sources);
    let project = Project::new(&sources, &evaluated);
    let number = |address: &str| project.resources.iter().position(|resource| &*resource.address == address).unwrap();
    let block = number("aws_s3_bucket_public_access_block.logs");
    let linked: Vec<(&str, &str)> =
        project.links[block].iter().map(|link| (link.relation, &*project.resources[link.to].address)).collect();
    assert_eq!(linked, [("bucket", "module.platform.module.storage[\"audit\"].module.bucket.aws_s3_bucket.this")]);
    let bucket = number(linked[0].1);
    assert_eq!(&*sources[project.resources[bucket].source].path, "modules/storage/bucket/main.tf");
    assert_eq!((project.links[bucket][0].relation, project.links[bucket][0].to), ("bucket", block));
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
fn references_by_name() {
    let text = "variable \"name\" {}\nresource \"aws_s3_bucket\" \"a\" {\n  bucket = \"shop-logs\"\n}\n\
                resource \"aws_s3_bucket\" \"b\" {\n  bucket = var.name\n}\nresource \"aws_s3_bucket\" \"c\" {\n  bucket = \"${var.name}-c\"\n}\n\
                resource \"aws_s3_bucket_versioning\" \"a\" {\n  bucket = \"shop-logs\"\n}\n\
                resource \"aws_s3_bucket_versioning\" \"b\" {\n  bucket = var.name\n}\n\
                resource \"aws_s3_bucket_versioning\" \"d\" {\n  bucket = \"${var.name}-d\"\n  comment = \"shop-logs\"\n}\n\
                resource \"aws_sqs_queue\" \"q\" {\n  name = \"shop-logs\"\n}\n";
    let mut sources = sources(&[("main.tf", text)]);
    let evaluated = framework::prepare(&mut sources);
    let project = Project::new(&sources, &evaluated);
    let mut found: Vec<String> = Vec::new();
    for (number, resource) in project.resources.iter().enumerate() {
        for link in &project.links[number] {
            if resource.kind.ends_with("versioning") {
                found.push(format!("{} {} {}", resource.address, link.relation, project.resources[link.to].address));
            }
        }
    }
    assert_eq!(
        found,
        ["aws_s3_bucket_versioning.a bucket aws_s3_bucket.a", "aws_s3_bucket_versioning.b bucket aws_s3_bucket.b",]
    );
}

#[test]
fn a_call_from_elsewhere_does_not_hide_a_configuration() {
    // Somebody adds a directory that calls the configuration of production no times.
    let files = [
        ("prod/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n"),
        ("x/main.tf", "module \"prod\" {\n  source = \"../prod\"\n  count  = 0\n}\n"),
    ];
    assert!(resources(&files).contains("aws_s3_bucket.b {acl: 'public-read'}"));
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

#[test]
fn a_provider_is_that_of_the_nearest_caller() {
    let files = [
        (
            "main.tf",
            "provider \"aws\" {\n  default_tags {\n    tags = { team = \"a\" }\n  }\n}\n\
             provider \"aws\" {\n  alias = \"west\"\n  region = \"us-west-2\"\n}\n\
             resource \"aws_vpc\" \"w\" {\n  provider = aws.west\n}\nmodule \"m\" { source = \"./m\" }\n",
        ),
        ("m/main.tf", "variable \"x\" {}\nresource \"aws_vpc\" \"v\" {}\n"),
    ];
    let evaluated = evaluated(&files);
    let provider = |address: &str| {
        let found = evaluated.declared.iter().find(|declared| &*declared.address == address).unwrap();
        shown(&found.scopes.iter().find(|(name, ..)| *name == "provider").unwrap().1)
    };
    assert_eq!(provider("aws_vpc.w"), "{alias: 'west', region: 'us-west-2'}");
    assert_eq!(provider("module.m.aws_vpc.v"), "{default_tags: [{tags: {team: 'a'}}]}");
}

#[test]
fn what_is_not_here_is_said() {
    let files = [(
        "main.tf",
        "module \"vpc\" {\n  source  = \"terraform-aws-modules/vpc/aws\"\n  version = \"5.0.0\"\n}\n\
         module \"gone\" { source = \"./gone\" }\n",
    )];
    let gaps: Vec<String> =
        evaluated(&files).gaps.iter().map(|gap| format!("{}: {}", gap.offset, gap.detail)).collect();
    assert_eq!(
        gaps,
        [
            "81: module `gone`: no configuration in `./gone`: not examined",
            "0: module `vpc` comes from `terraform-aws-modules/vpc/aws`: not fetched, not examined",
        ]
    );
}

const PLAN: &str = r#"{
  "format_version": "1.2",
  "terraform_version": "1.9.0",
  "planned_values": {"root_module": {
    "resources": [
      {"address": "aws_s3_bucket_public_access_block.b", "mode": "managed", "type": "aws_s3_bucket_public_access_block",
       "name": "b", "values": {"block_public_acls": true}}
    ],
    "child_modules": [{"address": "module.store[\"a\"]", "resources": [
      {"address": "module.store[\"a\"].aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "name": "this",
       "values": {"acl": "public-read", "tags": null, "versioning": [{"enabled": false}]}}
    ]}]
  }},
  "resource_changes": [
    {"address": "aws_s3_bucket_public_access_block.b", "change": {"after_unknown": {"bucket": true, "id": true}}}
  ],
  "configuration": {"root_module": {
    "resources": [{"address": "aws_s3_bucket_public_access_block.b",
      "expressions": {"bucket": {"references": ["aws_s3_bucket.c.id", "aws_s3_bucket.c"]}}}],
    "module_calls": {"store": {"module": {"resources": [{"address": "aws_s3_bucket.this"}]}}}
  }}
}"#;

#[test]
fn a_plan_alone() {
    assert_eq!(
        resources(&[("plan.json", PLAN)]),
        "\
aws_s3_bucket_public_access_block.b {block_public_acls: true, bucket: →?, id: ?}
module.store[\"a\"].aws_s3_bucket.this {acl: 'public-read', versioning: [{enabled: false}]}
"
    );
}

#[test]
fn the_values_of_a_plan_stand_where_the_configuration_has_them() {
    let main = "variable \"acl\" {}\nmodule \"store\" {\n  source   = \"./store\"\n  for_each = { a = var.acl }\n  acl = each.value\n}\n\
                resource \"aws_s3_bucket_public_access_block\" \"b\" {\n  bucket = \"x\"\n}\n";
    let store = "variable \"acl\" {}\nresource \"aws_s3_bucket\" \"this\" {\n  acl = var.acl\n  versioning {\n    enabled = false\n  }\n}\n";
    let files = [("live/main.tf", main), ("live/store/main.tf", store), ("out/plan.json", PLAN)];
    let evaluated = evaluated(&files);
    let known = evaluated.declared.iter().find(|declared| {
        declared.kind.as_ref() == "aws_s3_bucket" && declared.body.get("acl").and_then(Node::as_str).is_some()
    });
    let declared = known.unwrap();
    assert_eq!((declared.source, &*declared.address), (1, "module.store[\"a\"].aws_s3_bucket.this"));
    let cut = |node: &Node| &store[node.span.start..node.span.end];
    assert_eq!(cut(declared.body.get("acl").unwrap()), "var.acl");
    assert_eq!(
        cut(declared.body.at(&["versioning"]).unwrap().as_sequence().unwrap()[0].get("enabled").unwrap()),
        "false"
    );
    assert_eq!(&store[declared.header.start..declared.header.end], "resource \"aws_s3_bucket\" \"this\"");
}

#[test]
fn semantics_of_values() {
    let declarations = r#"
variable "unknown" {}
variable "open" { type = map(string) }
variable "ports" {
  type    = set(number)
  default = ["443", 80, 80]
}
variable "flags" {
  type    = map(bool)
  default = { a = "true" }
}
variable "nothing" { default = null }
variable "typed" {
  type    = object({ name = string, size = optional(number, 3), inner = optional(object({ on = optional(bool, true) }), {}) })
  default = { name = 1, more = 2 }
}
variable "any" {
  type    = list(any)
  default = [1, "a"]
}
variable "pair" {
  type    = tuple([string, number])
  default = [1, "2"]
}
locals {
  object = { b = 2, a = 1 }
}
"#;
    for (expression, expected) in [
        ("var.ports", "[80, 443]"),
        ("[for p in var.ports : p + 1]", "[81, 444]"),
        ("var.flags.a", "true"),
        ("var.typed", "{name: '1', size: 3, inner: {on: true}}"),
        ("var.any", "[1, 'a']"),
        ("var.pair", "['1', 2]"),
        ("\"1\" == 1", "false"),
        ("\"1\" + 1", "2"),
        ("\"true\" || false", "true"),
        ("\"${true}-${1}-${\"a\"}\"", "'true-1-a'"),
        ("\"${local.object}\"", "{b: 2, a: 1}"),
        ("[for k, v in local.object : k]", "['a', 'b']"),
        ("{a = 1, a = 2}", "{a: 2}"),
        ("var.nothing[*]", "[]"),
        ("var.nothing == null", "true"),
        ("\"x\"[*]", "['x']"),
        ("[{a = 1}, {a = 2}].*.a", "[1, 2]"),
        ("try([1, 2][2], \"none\")", "'none'"),
        ("try([1, 2][-1], \"none\")", "'none'"),
        ("try(local.object.c, \"none\")", "'none'"),
        ("try(var.unknown.c, \"none\")", "?"),
        ("can(local.object.a)", "true"),
        ("can(var.unknown)", "?"),
        ("coalesce(var.nothing, \"\", \"x\")", "'x'"),
        ("null == \"\"", "false"),
        ("[1, 2] == [1, 2]", "true"),
        ("{a = 1} == {a = 1, b = 2}", "false"),
        ("var.open", "?"),
        ("keys(var.open)", "?"),
        ("[for k, v in merge({a = 1}, var.unknown) : k]", "['a', ?]"),
        ("{for k, v in merge({a = 1}, var.unknown) : k => 1}", "{a: 1, …}"),
        ("ephemeral.random_password.p.result", "?"),
        ("try(ephemeral.random_password.p.result, \"x\")", "?"),
        ("provider::aws::arn_parse(\"x\")", "?"),
        ("nonsense(\"x\")", "?"),
        ("5 % 0", "?"),
        ("1 / 0", "?"),
    ] {
        assert_eq!(value(declarations, expression), expected, "{expression}");
    }
}

#[test]
fn references_to_resources_and_modules_as_a_whole() {
    let files = [
        (
            "main.tf",
            r#"
variable "unknown" {}
resource "a_b" "each" {
  for_each = { x = 1, y = 2 }
  size     = each.value
}
resource "a_b" "counted" {
  count = 2
  size  = count.index
}
resource "a_b" "some" {
  for_each = var.unknown
  size     = 7
}
module "m" {
  source = "./m"
  count  = 2
  size   = count.index
}
module "n" {
  source   = "./m"
  for_each = toset(["q", "p"])
  size     = 5
}
resource "c_d" "chained" {
  for_each = a_b.each
  size     = each.value.size
  id       = each.value.id
}
resource "c_d" "unknown" {
  for_each = a_b.some
  key      = each.key
  size     = each.value.size
  id       = each.value.id
}
resource "c_d" "of" {
  depends_on = [a_b.each, module.m]
  each       = [for k, b in a_b.each : b.size]
  one        = a_b.each["x"].size
  splat      = a_b.counted[*].size
  last       = a_b.counted[1].size
  gone       = try(a_b.counted[2].id, "none")
  some       = [for k, b in a_b.some : b.size]
  somes      = { for k, b in a_b.some : k => b.id }
  m          = module.m[*].size
  m1         = module.m[1].size
  whole      = module.m
  ms         = [for m in module.m : m.size]
  n          = { for k, n in module.n : k => n.size }
  ns         = values(module.n)[*].size
  text       = "x-${a_b.each["x"].id}"
  known      = "x-${a_b.each["x"].size}"
}
"#,
        ),
        (
            "m/main.tf",
            "variable \"size\" {}\nresource \"a_b\" \"in\" {\n  size = var.size\n}\noutput \"size\" { value = a_b.in.size }\n",
        ),
    ];
    let resources = resources(&files);
    let lines: Vec<&str> = resources.lines().filter(|line| line.starts_with("c_d")).collect();
    assert_eq!(
        lines,
        [
            "c_d.chained[\"x\"] {for_each: ?, size: →1, id: →?}",
            "c_d.chained[\"y\"] {for_each: ?, size: →2, id: →?}",
            "c_d.unknown {for_each: ?, key: ?, size: →7, id: →?}",
            "c_d.of {depends_on: [→?, ?], each: [→1, →2], one: →1, splat: [→0, →1], last: →1, gone: 'none', some: [→7], \
             somes: {…}, m: [→0, →1], m1: →1, whole: [{size: →0}, {size: →1}], ms: [→0, →1], n: {p: →5, q: →5}, \
             ns: [→5, →5], text: →?, known: →'x-1'}",
        ]
    );
}

#[test]
fn providers_that_calls_hand_on() {
    let files = [
        (
            "main.tf",
            "provider \"aws\" {\n  region = \"a\"\n}\nprovider \"aws\" {\n  alias = \"west\"\n  region = \"w\"\n}\n\
             module \"m\" {\n  source = \"./m\"\n  providers = {\n    aws = aws.west\n    aws.other = aws\n  }\n}\n\
             resource \"aws_vpc\" \"old\" {\n  provider = \"aws.west\"\n}\n",
        ),
        (
            "m/main.tf",
            "variable \"x\" {}\nresource \"aws_vpc\" \"v\" {}\nresource \"aws_vpc\" \"o\" {\n  provider = aws.other\n}\n\
             resource \"aws_vpc\" \"gone\" {\n  provider = aws.west\n}\n",
        ),
    ];
    let evaluated = evaluated(&files);
    let provider = |address: &str| {
        let found = evaluated.declared.iter().find(|declared| &*declared.address == address).unwrap();
        let scope = found.scopes.iter().find(|(name, ..)| *name == "provider");
        scope.map_or("-".to_owned(), |(_, node, _)| shown(node.get("region").unwrap()))
    };
    assert_eq!(provider("module.m.aws_vpc.v"), "'w'");
    assert_eq!(provider("module.m.aws_vpc.o"), "'a'");
    assert_eq!(provider("module.m.aws_vpc.gone"), "-");
    assert_eq!(provider("aws_vpc.old"), "'w'");
}

#[test]
fn scripts_in_base64_stand_as_what_they_say() {
    let text = "resource \"aws_launch_template\" \"a\" {\n  user_data = base64encode(\"#!/bin/sh\\necho hello\")\n}\n\
                resource \"aws_instance\" \"b\" {\n  user_data = \"echo hello\"\n  user_data_base64 = \"ZWNobyBoZWxsbw==\"\n}\n\
                resource \"aws_instance\" \"c\" {\n  user_data = \"abcd\"\n}\n";
    assert_eq!(
        resources(&[("main.tf", text)]),
        "\
aws_launch_template.a {user_data: '#!/bin/sh
echo hello'}
aws_instance.b {user_data: 'echo hello', user_data_base64: 'echo hello'}
aws_instance.c {user_data: 'abcd'}
"
    );
}
