//! Which files are Kubernetes manifests, told by name and a quick look at the text.

use memchr::memmem;

use super::kustomize::is_kustomization;

/// Ends of names of files that may hold manifests, templates of other languages over YAML included.
const EXTENSIONS: &[&str] = &[".yaml", ".yml", ".json"];
/// Ends of templates, in front of which one of [`EXTENSIONS`] stands.
const TEMPLATES: &[&str] = &[".tpl", ".tmpl", ".gotmpl", ".j2", ".template"];
/// Names of files that may have both keys and belong to other tools.
const OTHERS: &[&str] = &["chart.yaml", "values.yaml", "values.yml", "package.json", "package-lock.json"];

/// Whether the file at `path` holds Kubernetes objects, going by its name and by the keys `apiVersion` and `kind`, or is a
/// kustomization of some.
///
/// In block style both stand at the indentation of the document; in JSON anywhere, if the version looks like one.
#[must_use]
pub fn is_kubernetes(path: &str, text: &str) -> bool {
    if is_kustomization(path) {
        return true;
    }
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let stem = TEMPLATES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    if !EXTENSIONS.iter().any(|end| stem.ends_with(end)) || OTHERS.contains(&stem) {
        return false;
    }
    let is_flow = text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) && !is_template_action(text);
    let indentation = if is_flow { 0 } else { indentation(text) };
    ["apiVersion", "kind"].iter().all(|key| {
        memmem::find_iter(text.as_bytes(), key).any(|at| {
            let (before, after) = (&text[..at], &text[at + key.len()..]);
            is_key(after) && if is_flow { is_in_flow(key, before, after) } else { is_in_block(before, indentation) }
        })
    })
}

/// Whether the text begins with an action of a template (`{{- if`), which is not JSON.
fn is_template_action(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("{{") || text.starts_with("{%") || text.starts_with("{#")
}

/// Columns in front of the first line with content.
fn indentation(text: &str) -> usize {
    let text = text.trim_start_matches('\u{feff}');
    let is_content = |line: &&str| {
        let line = line.trim_start();
        !line.is_empty() && !["#", "---", "%", "{{", "{%"].iter().any(|start| line.starts_with(start))
    };
    text.lines().find(is_content).map_or(0, |line| line.len() - line.trim_start_matches(' ').len())
}

/// Whether what follows a word makes it a key.
fn is_key(after: &str) -> bool {
    let after = after.strip_prefix(['"', '\'']).unwrap_or(after);
    after.trim_start_matches([' ', '\t', '\r', '\n']).starts_with(':')
}

/// Whether only the indentation stands between the start of the line and a key.
fn is_in_block(before: &str, indentation: usize) -> bool {
    let before = before.strip_suffix(['"', '\'']).unwrap_or(before);
    let line_start = before.trim_end_matches(' ');
    let columns = before.len() - line_start.len();
    match line_start.strip_suffix("---") {
        Some(above) if columns > 0 => is_line_start(above),
        _ => is_line_start(line_start) && (columns == 0 || columns == indentation),
    }
}

fn is_line_start(before: &str) -> bool {
    before.is_empty() || before.ends_with(['\n', '\u{feff}'])
}

/// Whether a key is quoted, and a version is one of Kubernetes (`v1`, `apps/v1`) and not a date as in ARM templates.
fn is_in_flow(key: &str, before: &str, after: &str) -> bool {
    let value = after.trim_start_matches(|c: char| c == '"' || c == ':' || c.is_ascii_whitespace());
    before.trim_end().ends_with(['"', '{', ','])
        && (key != "apiVersion" || value.starts_with(|c: char| c.is_ascii_alphabetic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_are_known_by_their_keys() {
        for (path, text) in [
            ("a.yaml", "apiVersion: v1\nkind: Pod\n"),
            ("a.yml", "# a comment\n---\nkind: Pod\n'apiVersion' : v1\n"),
            ("a.yaml", "  apiVersion: v1\n  kind: Pod\n"),
            ("a.yaml", "\u{feff}apiVersion: v1\r\nkind: Pod\r\n"),
            ("a.yaml", "--- \nfoo: 1\n---\napiVersion: v1\nkind: Pod\n"),
            ("a.yaml", "--- apiVersion: v1\nkind: Pod\n"),
            ("a.json", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}"),
            ("a.json", "{\n  \"kind\": \"List\",\n  \"apiVersion\": \"v1\", \"items\": []\n}"),
            ("templates/a.yaml", "{{- if .Values.x }}\napiVersion: v1\nkind: Pod\n{{- end }}\n"),
            ("overlay/kustomization.yaml", "resources: [a.yaml]\n"),
            ("a.yaml.j2", "apiVersion: v1\nkind: Pod\n"),
        ] {
            assert!(is_kubernetes(path, text), "{path}: {text}");
        }
    }

    #[test]
    fn other_files_are_not() {
        let manifest = "apiVersion: v1\nkind: Pod\n";
        for (path, text) in [
            ("a.txt", manifest),
            ("chart/Chart.yaml", manifest),
            ("values.yaml", manifest),
            ("package.json", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}"),
            ("a.yaml", "apiVersion: v1\n"),
            ("a.yaml", "scaler:\n  apiVersion: v1\n  kind: Pod\n"),
            ("a.yaml", "# apiVersion: v1\n# kind: Pod\nx: apiVersion\n"),
            ("arm.json", "{\"resources\": [{\"apiVersion\": \"2021-04-01\", \"kind\": \"StorageV2\"}]}"),
        ] {
            assert!(!is_kubernetes(path, text), "{path}: {text}");
        }
    }
}
