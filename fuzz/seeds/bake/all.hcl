variable "TAG" { default = "1.0" }
variable "BOTH" { default = "${TAG}-${NONE}" }
function "f" { params = [x]  result = upper(x) }
group "default" { targets = ["web", "api"] }
target "base" {
  args = { A = "x", "B" = TAG, (C) = null }
  secret = ["id=a"]
  labels = { n = 1.5 }
}
target "web" {
  inherits = ["base", "_other"]
  tags = ["web:${TAG}", f("x"), TAG == "1.0" ? "a" : "b"]
  platforms = [for p in ["a"] : p]
  dockerfile-inline = <<EOT
FROM ${TAG}
RUN x
EOT
  entitlements = ["security.insecure"]
  no-cache = true
}
target "matrix" {
  matrix = { TAG = ["1", "2"] }
  name = "m-${TAG}"
  tags = ["m:${TAG}"]
}
