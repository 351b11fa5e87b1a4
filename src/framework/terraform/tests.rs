//! Whole configurations, evaluated.

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
fn functions_give_what_their_documentation_says() {
    for (expression, expected) in [
        ("abs(-12.4)", "12.4"),
        ("ceil(5.1)", "6"),
        ("floor(4.9)", "4"),
        ("log(16, 2)", "4"),
        ("max(5, 12, 9)", "12"),
        ("min([12, 54, 3]...)", "3"),
        ("parseint(\"100\", 10)", "100"),
        ("parseint(\"FF\", 16)", "255"),
        ("pow(3, 2)", "9"),
        ("signum(-13)", "-1"),
        ("signum(0)", "0"),
        ("chomp(\"hello\\n\")", "'hello'"),
        ("endswith(\"hello world\", \"world\")", "true"),
        ("format(\"Hello, %s!\", \"Ander\")", "'Hello, Ander!'"),
        ("format(\"There are %d lights\", 4)", "'There are 4 lights'"),
        ("format(\"%05d|%-4s|%5.1f|%%|%x\", 42, \"a\", 3.14159, 255)", "'00042|a   |  3.1|%|ff'"),
        ("formatlist(\"Hello, %s!\", [\"Valentina\", \"Ander\"])", "['Hello, Valentina!', 'Hello, Ander!']"),
        ("formatlist(\"%s-%s\", \"a\", [\"x\", \"y\"])", "['a-x', 'a-y']"),
        ("indent(2, \"a\\nb\")", "'a\n  b'"),
        ("join(\"-\", [\"foo\", \"bar\", \"baz\"])", "'foo-bar-baz'"),
        ("lower(\"HELLO\")", "'hello'"),
        ("replace(\"1 + 2 + 3\", \"+\", \"-\")", "'1 - 2 - 3'"),
        ("replace(\"hello world\", \"/w.*d/\", \"everybody\")", "'hello everybody'"),
        ("replace(\"a-b\", \"/(\\\\w)-(\\\\w)/\", \"$2-$1\")", "'b-a'"),
        ("split(\",\", \"foo,bar,baz\")", "['foo', 'bar', 'baz']"),
        ("startswith(\"hello world\", \"hello\")", "true"),
        ("strcontains(\"hello world\", \"wor\")", "true"),
        ("strrev(\"hello\")", "'olleh'"),
        ("substr(\"hello world\", 1, 4)", "'ello'"),
        ("substr(\"hello world\", -5, -1)", "'world'"),
        ("title(\"hello world\")", "'Hello World'"),
        ("trim(\"?!hello?!\", \"!?\")", "'hello'"),
        ("trimprefix(\"helloworld\", \"hello\")", "'world'"),
        ("trimsuffix(\"helloworld\", \"world\")", "'hello'"),
        ("trimspace(\"  hello\\n\\n\")", "'hello'"),
        ("upper(\"hello\")", "'HELLO'"),
        ("alltrue([\"true\", true])", "true"),
        ("anytrue([])", "false"),
        ("chunklist([1, 2, 3], 2)", "[[1, 2], [3]]"),
        ("coalesce(\"\", \"b\")", "'b'"),
        ("coalesce(null, 2)", "2"),
        ("coalescelist([], [\"c\"])", "['c']"),
        ("compact([\"a\", \"\", null, \"b\"])", "['a', 'b']"),
        ("concat([\"a\", \"\"], [\"b\"])", "['a', '', 'b']"),
        ("contains([\"a\", \"b\"], \"a\")", "true"),
        ("distinct([\"a\", \"b\", \"a\"])", "['a', 'b']"),
        ("element([\"a\", \"b\", \"c\"], 3)", "'a'"),
        ("flatten([[\"a\", \"b\"], [], [\"c\"]])", "['a', 'b', 'c']"),
        ("flatten([[[1], [2]], 3])", "[1, 2, 3]"),
        ("index([\"a\", \"b\"], \"b\")", "1"),
        ("keys({b = 1, a = 2})", "['a', 'b']"),
        ("length(\"hello\")", "5"),
        ("length({a = 1})", "1"),
        ("list(1, 2)", "[1, 2]"),
        ("lookup({a = \"ay\"}, \"c\", \"what?\")", "'what?'"),
        ("map(\"a\", 1)", "{a: 1}"),
        ("matchkeys([\"i-1\", \"i-2\"], [\"a\", \"b\"], [\"b\"])", "['i-2']"),
        ("merge({a = 1, b = 2}, {b = 3})", "{a: 1, b: 3}"),
        ("one([])", "null"),
        ("one([1])", "1"),
        ("range(3)", "[0, 1, 2]"),
        ("range(1, 8, 2)", "[1, 3, 5, 7]"),
        ("range(4, 1)", "[4, 3, 2]"),
        ("reverse([1, 2, 3])", "[3, 2, 1]"),
        ("setintersection([\"a\", \"b\"], [\"b\", \"c\"])", "['b']"),
        ("setproduct([\"a\", \"b\"], [1, 2])", "[['a', 1], ['a', 2], ['b', 1], ['b', 2]]"),
        ("setsubtract([\"a\", \"b\", \"c\"], [\"a\", \"c\"])", "['b']"),
        ("setunion([\"a\", \"b\"], [\"b\", \"c\"])", "['a', 'b', 'c']"),
        ("slice([\"a\", \"b\", \"c\", \"d\"], 1, 3)", "['b', 'c']"),
        ("sort([\"e\", \"d\", \"a\"])", "['a', 'd', 'e']"),
        ("sum([10, 13, 6, 4.5])", "33.5"),
        ("tobool(\"true\")", "true"),
        ("tolist([1, 2])", "[1, 2]"),
        ("tomap({a = 1})", "{a: 1}"),
        ("tonumber(\"1\")", "1"),
        ("toset([\"c\", \"b\", \"b\"])", "['b', 'c']"),
        ("toset([3, 10, 3])", "[3, 10]"),
        ("tostring(1)", "'1'"),
        ("transpose({a = [\"1\", \"2\"], b = [\"2\", \"3\"]})", "{1: ['a'], 2: ['a', 'b'], 3: ['b']}"),
        ("values({a = 3, c = 2, d = 1})", "[3, 2, 1]"),
        ("zipmap([\"a\", \"b\"], [1, 2])", "{a: 1, b: 2}"),
        ("sensitive(\"x\")", "'x'"),
        ("base64encode(\"Hello World\")", "'SGVsbG8gV29ybGQ='"),
        ("base64decode(\"SGVsbG8gV29ybGQ=\")", "'Hello World'"),
        ("base64encode(jsonencode({a = 1}))", "?"),
        ("csvdecode(\"a,b,c\\n1,2,3\\n4,5,6\\n\")", "[{a: '1', b: '2', c: '3'}, {a: '4', b: '5', c: '6'}]"),
        ("csvdecode(\"a,b\\n\\\"x, \\\"\\\"y\\\"\\\"\\\",\\n\")", "[{a: 'x, \"y\"', b: ''}]"),
        ("regex(\"[a-z]+\", \"53453453.345345aaabbbccc23454\")", "'aaabbbccc'"),
        ("regex(\"(\\\\d\\\\d\\\\d\\\\d)-(\\\\d\\\\d)-(\\\\d\\\\d)\", \"2019-02-01\")", "['2019', '02', '01']"),
        (
            "regex(\"^(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?\", \"https://terraform.io/docs/\")",
            "{scheme: 'https', authority: 'terraform.io'}",
        ),
        ("try(regex(\"z\", \"a\"), \"none\")", "'none'"),
        ("regexall(\"[a-z]+\", \"1234abcd5678efgh9\")", "['abcd', 'efgh']"),
        ("length(regexall(\"[a-z]+\", \"123456789\"))", "0"),
        ("basename(\"foo/bar/baz.txt\")", "'baz.txt'"),
        ("dirname(\"foo/bar/baz.txt\")", "'foo/bar'"),
        ("parseint(\"-FFFFFFFFFFFFFFFFFF\", 16)", "-4722366482869645213695"),
        ("parseint(\"1011111011101111\", 2)", "48879"),
        ("try(parseint(\"x\", 10), 0)", "0"),
        ("formatdate(\"DD MMM YYYY hh:mm ZZZ\", \"2018-01-02T23:12:01Z\")", "'02 Jan 2018 23:12 UTC'"),
        ("formatdate(\"EEEE, DD-MMM-YY hh:mm:ss ZZZ\", \"2018-01-02T23:12:01Z\")", "'Tuesday, 02-Jan-18 23:12:01 UTC'"),
        (
            "formatdate(\"EEE, DD MMM YYYY hh:mm:ss ZZZ\", \"2018-01-02T23:12:01-08:00\")",
            "'Tue, 02 Jan 2018 23:12:01 -0800'",
        ),
        ("formatdate(\"MMM DD, YYYY\", \"2018-01-02T23:12:01Z\")", "'Jan 02, 2018'"),
        ("formatdate(\"HH:mmaa\", \"2018-01-02T23:12:01Z\")", "'11:12pm'"),
        ("formatdate(\"h'h'mm\", \"2018-01-02T03:12:01Z\")", "'3h12'"),
        ("timeadd(\"2017-11-22T00:00:00Z\", \"10m\")", "'2017-11-22T00:10:00Z'"),
        ("timeadd(\"2020-02-28T23:30:00+01:00\", \"1h30m\")", "'2020-02-29T01:00:00+01:00'"),
        ("timeadd(\"2017-01-01T00:00:00Z\", \"-1s\")", "'2016-12-31T23:59:59Z'"),
        ("timecmp(\"2017-11-22T00:00:00Z\", \"2017-11-22T00:00:00Z\")", "0"),
        ("timecmp(\"2017-11-22T00:00:00Z\", \"2017-11-22T01:00:00Z\")", "-1"),
        ("timecmp(\"2017-11-22T01:00:00Z\", \"2017-11-22T00:59:00Z\")", "1"),
        ("timecmp(\"2017-11-22T01:00:00Z\", \"2017-11-22T01:00:00-01:00\")", "-1"),
        ("cidrhost(\"fd00:fd12:3456:7890:00a2::/72\", 34)", "'fd00:fd12:3456:7890::22'"),
        ("cidrhost(\"10.12.112.0/20\", 268)", "'10.12.113.12'"),
        ("cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)", "'fd00:fd12:3456:7800:a200::/72'"),
        ("cidrsubnet(\"0.0.0.0/0\", 8, 10)", "'10.0.0.0/8'"),
        (
            "cidrsubnets(\"fd00:fd12:3456:7890::/56\", 16, 16, 16, 32)",
            "['fd00:fd12:3456:7800::/72', 'fd00:fd12:3456:7800:100::/72', 'fd00:fd12:3456:7800:200::/72', 'fd00:fd12:3456:7800:300::/88']",
        ),
        ("cidrnetmask(\"0.0.0.0/0\")", "'0.0.0.0'"),
        ("cidrcontains(\"192.168.2.0/20\", \"192.168.2.1\")", "true"),
        ("cidrcontains(\"192.168.2.0/20\", \"192.126.2.1\")", "false"),
        ("cidrcontains(\"fe80::/48\", \"fe80::/16\")", "false"),
        ("try(cidrsubnet(\"10.0.0.0/8\", 2, 4), \"none\")", "'none'"),
        ("try(cidrsubnets(\"10.0.0.0/30\", 1, 1, 1), \"none\")", "'none'"),
        ("element([\"a\", \"b\", \"c\"], -1)", "'c'"),
        ("1.50", "1.5"),
        ("\"${1e3}\"", "1000"),
        ("jsonencode({a = 1})", "{a: 1}"),
        ("yamldecode(\"a: [1, b]\")", "{a: [1, b]}"),
        ("urlencode(\"Hello World!\")", "'Hello+World%21'"),
        ("cidrhost(\"10.12.112.0/20\", 16)", "'10.12.112.16'"),
        ("cidrhost(\"10.1.2.0/24\", -1)", "'10.1.2.255'"),
        ("cidrnetmask(\"172.16.0.0/12\")", "'255.240.0.0'"),
        ("cidrsubnet(\"172.16.0.0/12\", 4, 2)", "'172.18.0.0/16'"),
        ("cidrsubnet(\"10.1.2.0/24\", 4, 15)", "'10.1.2.240/28'"),
        ("cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)", "['10.1.0.0/20', '10.1.16.0/20', '10.1.32.0/24', '10.1.48.0/20']"),
    ] {
        assert_eq!(value("", expression), expected, "{expression}");
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

#[test]
fn hostile_configurations_end() {
    // Modules that call themselves and each other, huge counts, values that double with each step, deep chains of locals.
    let mut doubling = String::from("locals {\n  a0 = [\"x\", \"x\"]\n");
    for level in 1..60 {
        writeln!(doubling, "  a{level} = concat(local.a{0}, local.a{0})", level - 1).unwrap();
    }
    doubling.push_str("}\nresource \"x_y\" \"z\" {\n  v = local.a59\n}\n");
    let mut chain = String::from("locals {\n  b0 = 1\n");
    for level in 1..5_000 {
        writeln!(chain, "  b{level} = local.b{}", level - 1).unwrap();
    }
    chain.push_str("}\nresource \"x_y\" \"w\" {\n  v = local.b4999\n}\n");
    let files = [
        ("a/main.tf", "module \"a\" { source = \"./\" }\nmodule \"b\" {\n  source = \"../b\"\n  count = 100\n}\n"),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n  count = 100\n}\n"),
        ("c/main.tf", "resource \"x_y\" \"n\" { count = 1000000 }\nresource \"x_y\" \"m\" { count = 1e300 }\n"),
        ("d/main.tf", doubling.as_str()),
        ("e/main.tf", chain.as_str()),
        (
            "f/main.tf",
            "locals {\n  r = range(1000)\n}\nresource \"x_y\" \"p\" {\n  v = setproduct(local.r, local.r, local.r)\n}\n",
        ),
    ];
    let evaluated = evaluated(&files);
    assert!(evaluated.gaps.iter().any(|gap| gap.is_cut));
    let found = |address: &str| evaluated.declared.iter().find(|declared| &*declared.address == address).unwrap();
    assert_eq!(found("x_y.w").body.get("v").map(shown).unwrap(), "?");
    assert_eq!(found("x_y.p").body.get("v").map(shown).unwrap(), "?");
    assert_eq!(evaluated.declared.iter().filter(|declared| declared.address.starts_with("x_y.n[")).count(), 256);
}

/// As much stack as the threads of a scan have.
fn with_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(8 << 20).spawn(run).unwrap().join().unwrap();
}

/// `x` in `count` nested `open` … `close`.
fn nest(open: &str, x: &str, close: &str, count: usize) -> String {
    format!("{}{x}{}", open.repeat(count), close.repeat(count))
}

#[test]
fn deep_configurations_end() {
    with_stack(|| {
        for (open, close) in [
            ("merge({a=1}, ", ")"),
            ("[for x in [1] : ", "]"),
            ("{for k, x in {a=1} : k => ", "}"),
            ("true ? ", " : 1"),
            ("-", ""),
            ("1 + (", ")"),
            ("{a = ", "}"),
            ("\"x${", "}\""),
            ("\"%{if true}${", "}%{endif}\""),
            ("tolist([", "])[0]"),
            ("[1][", "]"),
            ("try(", ")"),
        ] {
            for count in [20, 60, 100, 200, 1_000] {
                let text = format!("resource \"x_y\" \"z\" {{\n  v = {}\n}}\n", nest(open, "var.x", close, count));
                evaluated(&[("main.tf", &text)]);
            }
        }
    });
}

#[test]
fn chains_of_deep_values_end() {
    with_stack(|| {
        // Each resource asks for a value that nests a little deeper than the one before.
        for link in ["[local.a@]", "{b = local.a@}", "merge({a = 1}, {b = local.a@})", "[for x in [1] : local.a@]"] {
            let mut text = String::from("locals {\n  a0 = 1\n");
            for level in 1..3_000 {
                writeln!(text, "  a{level} = {}", link.replace('@', &(level - 1).to_string())).unwrap();
            }
            text.push_str("}\n");
            for level in (0..3_000).step_by(10) {
                writeln!(text, "resource \"x_y\" \"r{level}\" {{\n  v = local.a{level}\n}}").unwrap();
            }
            let evaluated = evaluated(&[("main.tf", &text)]);
            assert!(evaluated.gaps.iter().any(|gap| gap.is_cut), "{link}");
        }
        // Modules in modules, each with expressions that go through all of them.
        let mut files: Vec<(String, String)> = (0..40)
            .map(|level| {
                let text = format!(
                    "variable \"x\" {{}}\nmodule \"m\" {{\n  source = \"./m\"\n  x = merge({{a = 1}}, {{b = [var.x]}})\n}}\n\
                     output \"o\" {{\n  value = [module.m.o, var.x]\n}}\n"
                );
                (format!("{}main.tf", "m/".repeat(level)), text)
            })
            .collect();
        files[0].1.push_str("resource \"x_y\" \"z\" {\n  v = module.m.o\n}\n");
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert!(evaluated(&files).gaps.iter().any(|gap| gap.is_cut));
    });
}

#[test]
fn what_grows_is_cut() {
    let big = "x".repeat(500_000);
    let keys: String = (0..1_000).fold(String::new(), |text, key| text + &format!("k{key} = {key}\n"));
    let blocks: String = (0..3_000).fold(String::new(), |text, number| text + &format!("  b{number} {{}}\n"));
    let attributes: String =
        (0..3_000).fold(String::new(), |text, number| text + &format!("a{number} = optional(string)\n"));
    for text in [
        // A large text, many times.
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : local.big]\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = setproduct([local.big], range(1000))\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = formatlist(\"%s%s\", range(1000), local.big)\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  count = 250\n  v = \"${{count.index}}${{local.big}}\"\n}}\n"),
        // Many values for each step.
        "resource \"x_y\" \"z\" {\n  v = [for i in range(1000) : [for j in range(1000) : range(1000)]]\n}\n".to_owned(),
        "resource \"x_y\" \"z\" {\n  v = [for i in range(1000) : [for j in range(1000) : [for k in range(1000) : k]]]\n}\n".to_owned(),
        "resource \"x_y\" \"z\" {\n  v = setproduct(range(120), range(120))\n  w = [for i in range(1000) : setproduct(range(100), range(100))]\n}\n".to_owned(),
        // Large objects, many times over: merged, compared, looked into.
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : merge(local.m, {{a = i}})]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : [for j in range(100) : local.m == local.m]]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : [for k, v in local.m : local.m[k]]]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : zipmap(keys(local.m), values(local.m))]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  for_each = local.m\n  v = local.m\n  w = each.value\n}}\n"),
        // Bodies and types with much in them.
        format!("resource \"x_y\" \"z\" {{\n  count = 256\n{blocks}}}\n"),
        format!("variable \"v\" {{\n  type = list(object({{\n{attributes}}}))\n  default = [{}]\n}}\nresource \"x_y\" \"z\" {{\n  v = var.v\n}}\n", "{},".repeat(5_000)),
        // More blocks than one would write.
        "resource \"x_y\" \"z\" {\n  dynamic \"a\" {\n    for_each = range(1000)\n    content {\n      dynamic \"b\" {\n        for_each = range(1000)\n        content {\n          dynamic \"c\" {\n            for_each = range(1000)\n            content {}\n          }\n        }\n      }\n    }\n  }\n}\n".to_owned(),
    ] {
        let evaluated = evaluated(&[("main.tf", &text)]);
        let start: String = text.chars().take(200).collect();
        assert!(evaluated.gaps.iter().any(|gap| gap.is_cut), "{start}");
        let size: usize = evaluated.declared.iter().map(|declared| shown(&declared.body).len()).sum();
        assert!(size < 200 << 20, "{size}: {start}");
    }
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
