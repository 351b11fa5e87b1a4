//! Plans, alone and beside their configuration.

use super::{evaluated, resources};
use crate::document::node::Node;

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
