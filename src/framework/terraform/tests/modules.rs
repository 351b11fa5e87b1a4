//! Calls of modules: their resources, their providers, what is not there.

use super::{evaluated, resources, shown, sources};
use crate::framework::{self, Project};

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
fn a_call_from_elsewhere_does_not_hide_a_configuration() {
    // Somebody adds a directory that calls the configuration of production no times.
    let files = [
        ("prod/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n"),
        ("x/main.tf", "module \"prod\" {\n  source = \"../prod\"\n  count  = 0\n}\n"),
    ];
    assert!(resources(&files).contains("aws_s3_bucket.b {acl: 'public-read'}"));
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
