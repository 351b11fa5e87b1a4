//! Values of expressions, and of references.

use super::{resources, sources, value};
use crate::framework::{self, Project};

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
