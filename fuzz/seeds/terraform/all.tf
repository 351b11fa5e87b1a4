terraform {
  required_version = ">= 1.5"
  backend "s3" { bucket = "state" }
}
provider "aws" {
  default_tags {
    tags = { team = var.team }
  }
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
variable "team" { default = "a" }
variable "unknown" {}
variable "buckets" {
  type    = map(object({ acl = optional(string, "private"), tags = optional(map(string), {}), ports = optional(set(number)) }))
  default = { logs = {}, site = { acl = "public-read", ports = [3, 1, 3] } }
}
locals {
  names  = { for k, b in var.buckets : "${var.team}-${k}" => b... if b.acl != "x" }
  list   = concat([1, 2], flatten([[3], [var.unknown]]))
  cycle  = local.cycle2
  cycle2 = [local.cycle]
  text   = <<-EOT
    %{for n in local.list~}
    a ${n}
    %{endfor~}
    %{if var.unknown}x%{else}y%{endif}
  EOT
}
module "m" {
  source    = "./m"
  for_each  = toset(["b", "a"])
  providers = { aws = aws.west }
  name      = each.key
  settings  = { port = 1 + length(local.list) }
}
resource "aws_s3_bucket" "b" {
  for_each = var.buckets
  bucket   = each.key
  acl      = each.value.acl
  depends_on = [module.m, aws_s3_bucket.c]
  dynamic "rule" {
    for_each = { ssh = 22 }
    iterator = it
    content { port = it.value }
  }
  lifecycle { prevent_destroy = true }
}
resource "aws_s3_bucket" "c" {
  count    = var.team == "a" ? 2 : 0
  provider = aws.west
  bucket   = format("%s-%03d", var.team, count.index)
}
resource "aws_s3_bucket_policy" "p" {
  for_each = aws_s3_bucket.b
  bucket   = each.value.id
  policy   = data.aws_iam_policy_document.d.json
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = aws_s3_bucket.c[*].arn }] })
  inline = "{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"${var.unknown}\"}]}"
}
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:*"]
    resources = [for b in aws_s3_bucket.b : "${b.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}
resource "kubernetes_pod" "k" {
  metadata { name = module.m["a"].id }
  spec {
    container {
      name = try(var.unknown.x, replace("a-b", "/-(.)/", "$1"), "n")
      security_context { privileged = can(local.missing) || false }
    }
  }
}
output "ids" { value = [values(module.m)[*].id, cidrsubnet("10.0.0.0/8", 8, 2), element(local.list, -1)] }
check "c" {
  data "http" "h" { url = "http://example.com" }
}
# next file
variable "name" { type = string }
variable "settings" {
  type     = any
  nullable = false
  default  = {}
}
resource "aws_s3_bucket" "this" {
  bucket = var.name
  port   = var.settings.port
}
module "up" {
  source = "../m"
  count  = 1
  name   = var.name
}
output "id" { value = aws_s3_bucket.this.id }
# next file
team    = "prod"
unknown = { x = [1, "two", null] }
# next file
{"resource": {"aws_s3_bucket": {"b": {"acl": "${lower(\"PRIVATE\")}"}}}}
# next file
{"format_version": "1.2", "planned_values": {"root_module": {"resources": [{"address": "aws_s3_bucket.b[\"logs\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {"acl": "private", "tags": null, "rule": [{"port": 22}]}}], "child_modules": [{"address": "module.m[\"a\"]", "resources": [{"address": "module.m[\"a\"].aws_s3_bucket.this", "mode": "managed", "type": "aws_s3_bucket", "name": "this", "values": {}}]}]}}, "resource_changes": [{"address": "aws_s3_bucket.b[\"logs\"]", "change": {"after_unknown": {"id": true}}}], "configuration": {"root_module": {"resources": [{"address": "aws_s3_bucket.b", "expressions": {"bucket": {"references": ["aws_s3_bucket.c.id", "aws_s3_bucket.c"]}}}]}}}
