//! What configurations of Terraform cost: reading, evaluating, listing their resources, evaluating every rule on them.
//!
//! `cargo bench --bench terraform`. The configurations are generated, the same in every run: modules, and roots that call four of
//! them each.

use std::sync::{Arc, LazyLock};

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use lockgate::engine::policy::{ParameterValues, PolicyEngine, PolicyOutcome};
use lockgate::framework::declared::Evaluated;
use lockgate::framework::{self, Project, Source};
use lockgate::platform::Platform;
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;

const MODULES: usize = 300;
const ROOTS: usize = 200;

const VARIABLES: &str = r#"variable "name" { default = "shop" }
variable "environment" {
  type    = string
  default = "test"
}
variable "ports" {
  type    = list(number)
  default = [443, 80]
}
variable "sizes" {
  type    = map(string)
  default = { test = "small", prod = "large" }
}
"#;

const LOCALS: &str = r#"locals {
  tags = merge({ team = "a", environment = var.environment }, var.environment == "prod" ? { backup = "yes" } : {})
}
"#;

const RESOURCES: &str = r#"resource "aws_s3_bucket" "logs" {
  bucket = "${var.name}-logs"
  tags   = local.tags
}

resource "aws_s3_bucket_public_access_block" "logs" {
  bucket              = aws_s3_bucket.logs.id
  block_public_acls   = true
  block_public_policy = var.environment == "prod"
}

resource "aws_security_group" "web" {
  name = format("%s-web", var.name)
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      to_port     = ingress.value
      protocol    = "tcp"
      cidr_blocks = [cidrsubnet("10.0.0.0/8", 8, ingress.key)]
    }
  }
  tags = local.tags
}

resource "aws_iam_role" "web" {
  name = "${var.name}-web"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_instance" "web" {
  count         = 2
  instance_type = lookup(var.sizes, var.environment, "small")
  tags          = merge(local.tags, { Name = "${var.name}-${count.index}" })
  root_block_device {
    encrypted = true
  }
}
"#;

fn main() {
    divan::main();
}

fn texts() -> Vec<(Arc<str>, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let files = [("variables.tf", VARIABLES), ("locals.tf", LOCALS), ("main.tf", RESOURCES)];
    for module in 0..MODULES {
        texts.extend(files.map(|(name, text)| (format!("modules/m{module}/{name}"), text.to_owned())));
    }
    for root in 0..ROOTS {
        texts.extend(files.map(|(name, text)| (format!("live/r{root}/{name}"), text.to_owned())));
        let calls = (0..4).map(|call| {
            let module = (root * 7 + call * 31) % MODULES;
            format!(
                "module \"m{call}\" {{\n  source      = \"../../modules/m{module}\"\n  name        = \"${{var.name}}-{call}\"\n  \
                 environment = var.environment\n}}\n"
            )
        });
        texts.push((format!("live/r{root}/modules.tf"), calls.collect()));
        texts.push((format!("live/r{root}/prod.tfvars"), "environment = \"prod\"\nports = [443]\n".to_owned()));
    }
    texts.into_iter().map(|(path, text)| (Arc::from(path), text)).collect()
}

fn read(texts: &[(Arc<str>, String)]) -> Vec<Source> {
    texts.iter().map(|(path, text)| framework::read(Platform::Terraform, path, text)).collect()
}

/// The sources and what they declare, made once.
fn prepared() -> &'static (Vec<Source>, Evaluated) {
    static PREPARED: LazyLock<(Vec<Source>, Evaluated)> = LazyLock::new(|| {
        let mut sources = read(&texts());
        let evaluated = framework::prepare(&mut sources);
        (sources, evaluated)
    });
    &PREPARED
}

#[divan::bench(sample_count = 10)]
fn parse(bencher: Bencher) {
    let texts = texts();
    let bytes = BytesCount::new(texts.iter().map(|(_, text)| text.len()).sum::<usize>());
    bencher.counter(bytes).bench(|| read(black_box(&texts)));
}

#[divan::bench(sample_count = 10)]
fn evaluate(bencher: Bencher) {
    let sources = read(&texts());
    let bencher = bencher.counter(ItemsCount::new(prepared().1.declared.len()));
    bencher.with_inputs(|| sources.clone()).bench_values(|mut sources| framework::prepare(&mut sources).declared.len());
}

#[divan::bench(sample_count = 10)]
fn list_resources_and_links(bencher: Bencher) {
    let (sources, evaluated) = prepared();
    bencher.bench(|| Project::new(black_box(sources), evaluated).resources.len());
}

#[divan::bench(sample_count = 10)]
fn evaluate_every_rule(bencher: Bencher) {
    let (sources, evaluated) = prepared();
    let project = Project::new(sources, evaluated);
    let catalogue = Catalogue::new(builtin::rules());
    let engine = PolicyEngine::new(&catalogue, |_| true, &ParameterValues::new()).unwrap_or_default();
    bencher.counter(ItemsCount::new(project.resources.len())).bench(|| {
        let mut found = 0;
        for resource in 0..project.resources.len() {
            // The bound on what is looked at holds for one file.
            let mut outcome = PolicyOutcome::default();
            engine.evaluate(black_box(&project), resource, &mut outcome);
            found += outcome.detections.len();
        }
        found
    });
}
