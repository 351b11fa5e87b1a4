# one
variable "v" { default = "1.0" } // two
locals {
  a = -1.5e3 + (2 * 3) / 4 % 5 - var.v
  b = [for k, v in var.m : "${k}-${v}" if v != null && !v.off || v >= 1]
  c = { for k in toset(["x"]) : k => k ==
    "x" ? true : false... }
  d = { a = 1, "b" : [], (var.c) = {}, a = 2 }
  e = aws_s3_bucket.a[0].b["c"].*.d[*].e.0
  f = ns::f(1, [2]...) /* three */
  g = <<-EOT
    %{ for x in var.l ~}
      ${x} $${y} %%{z}
    %{~ endfor }
    %{ if a }b%{ else }c%{ endif }
  EOT
}
resource "aws_s3_bucket" b {
  bucket = "x\n\u00e4${upper("y")}"
  dynamic "rule" {
    for_each = []
    content {}
  }
}
broken {
  x = [
resource "t" "n" {
}
