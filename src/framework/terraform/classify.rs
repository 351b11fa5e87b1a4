//! Which files are of Terraform or OpenTofu.

use memchr::memmem;

/// Ends of names of configuration and of values of variables.
const NAMES: &[&str] = &[".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"];

/// Whether the file at `path` is configuration, values of variables or a plan in JSON: the former by its name, a plan by a
/// look at its text.
#[must_use]
pub fn is_terraform(path: &str, text: &str) -> bool {
    NAMES.iter().any(|end| path.ends_with(end)) || is_plan(path, text) || is_synthesized(path, text)
}

/// Whether the file holds configuration that the Cloud Development Kit for Terraform wrote, under whatever name it was kept.
fn is_synthesized(path: &str, text: &str) -> bool {
    let has = |key: &str| memmem::find(text.as_bytes(), key.as_bytes()).is_some();
    is_json(path) && has("\"stackName\"") && has("\"resource\"") && has("\"terraform\"") && has("\"//\"")
}

/// Whether the file is JSON, by its name.
pub(super) fn is_json(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "json")
}

/// Whether the file holds a plan as `terraform show -json` prints it (JSON Output Format, "Plan Representation").
#[must_use]
pub(in crate::framework) fn is_plan(path: &str, text: &str) -> bool {
    is_json(path)
        && memmem::find(text.as_bytes(), b"\"planned_values\"").is_some()
        && memmem::find(text.as_bytes(), b"\"format_version\"").is_some()
}
