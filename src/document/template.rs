//! YAML that is the template of another language: Helm (Go templates) and Jinja.
//!
//! The actions are taken out at equal length, so that all positions stay true, and what is left is read as YAML. What an
//! action gives is not known: scalars that hold one are unknown, and collections that one adds to are open.

use std::collections::HashMap;

use super::node::{Mapping, Node, Value};
use super::template_actions::{Effect, actions, blanked, column, line_before};
use super::{Document, yaml};
use crate::span::Span;

/// Ends of the names of files that are templates whatever they hold.
const EXTENSIONS: &[&str] = &[".j2", ".jinja", ".jinja2", ".tpl", ".gotmpl"];
/// What stands right behind `{{` or `{{-` in charts, and hardly anywhere else.
const HELM: &[&str] = &[".Values", ".Release", ".Chart", ".Capabilities", "include \"", "toYaml"];

/// Whether `text`, the content of the file at `path`, is a template that only its own language makes YAML.
///
/// A text whose `{{ … }}` all stand inside of scalars (`${{ … }}` of workflows, those of Ansible in quotes) is not: it is
/// YAML as it is.
#[must_use]
pub fn is_template(path: &str, text: &str) -> bool {
    if EXTENSIONS.iter().any(|extension| path.ends_with(extension)) {
        return true;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_chart = folder.split('/').any(|part| part == "templates");
    text.lines().any(|line| {
        let begins = line.trim_start().trim_start_matches("- ").trim_start();
        if begins.starts_with("{%") && line.contains("%}") {
            return true;
        }
        line.match_indices("{{").any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            let rest = line.get(at + 2..).unwrap_or_default();
            if before.ends_with(['$', '{']) || before.trim_start().starts_with('#') {
                return false;
            }
            let code = rest.strip_prefix('-').unwrap_or(rest).trim_start();
            let is_bare = matches!(before.trim_end(), "" | "-") || before.ends_with(": ");
            is_chart || HELM.iter().any(|word| code.starts_with(word)) || (is_bare && rest.contains("}}"))
        })
    })
}

/// Reads the template `text` as YAML without its expressions.
#[must_use]
pub fn read_yaml(text: &str) -> Document {
    let actions = actions(text);
    let without = blanked(text, &actions);
    let mut document = yaml::read(&without);
    document.is_template = true;
    for error in &mut document.errors {
        error.offset = text.floor_char_boundary(error.offset);
        error.message = format!("as a template with its expressions left out: {}", error.message);
    }
    let filler = Filler { text, without: &without };
    for action in actions.iter().filter(|action| action.is_alone && action.effect == Effect::Output) {
        filler.fill_document(&mut document.roots, action.span);
    }
    let inside: Vec<Span> =
        actions.iter().filter(|action| action.effect != Effect::Comment).map(|action| action.span).collect();
    for root in &mut document.roots {
        forget(root, &inside);
    }
    document
}

/// Whether one of `spans`, which are in order, shares a byte with `span`.
fn overlaps_any(span: Span, spans: &[Span]) -> bool {
    let next = spans.partition_point(|other| other.end <= span.start);
    spans.get(next).is_some_and(|other| other.overlaps(span))
}

/// Makes every scalar that overlaps one of `actions` unknown, and every key that stands in two branches.
fn forget(node: &mut Node, actions: &[Span]) {
    match &mut node.value {
        Value::Scalar { .. } => {
            if overlaps_any(node.span, actions) {
                node.value = Value::Unknown;
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| forget(item, actions)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                forget(&mut entry.key, actions);
                forget(&mut entry.value, actions);
                mapping.is_open |= entry.key.value == Value::Unknown;
            }
            forget_branches(mapping);
        }
        Value::Unknown => {}
    }
}

/// A key that stands twice, once in each branch of a condition, has a value that is not known.
fn forget_branches(mapping: &mut Mapping) {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut twice = Vec::new();
    for (index, entry) in mapping.entries.iter().enumerate() {
        let Some(name) = entry.key.as_str() else { continue };
        match first.get(name) {
            Some(&other) => twice.extend([other, index]),
            None => drop(first.insert(name.to_owned(), index)),
        }
    }
    for index in twice {
        if let Some(entry) = mapping.entries.get_mut(index) {
            entry.value.value = Value::Unknown;
        }
    }
}

/// Marks what the output of an action may add to.
struct Filler<'t> {
    text: &'t str,
    /// The text without its actions.
    without: &'t str,
}

impl Filler<'_> {
    fn fill_document(&self, roots: &mut [Node], action: Span) {
        let next = roots.partition_point(|root| root.span.start <= action.start);
        let last = next.saturating_sub(1);
        // A marker in between begins the next document.
        let is_behind = roots.get(last).is_some_and(|root| {
            let between = self.without.get(root.span.end..action.start).unwrap_or_default();
            between.lines().any(|line| line.starts_with("---"))
        });
        let column = column(self.text, action);
        if let Some(root) = roots.get_mut(if is_behind { next } else { last }) {
            self.fill(root, action.start, column);
        }
    }

    /// Marks what in `node` a text at the offset `at`, which begins at `column`, may add to.
    fn fill(&self, node: &mut Node, at: usize, column: usize) {
        let is_flow = matches!(self.without.as_bytes().get(node.span.start), Some(b'[' | b'{'));
        match &mut node.value {
            Value::Mapping(mapping) => {
                let before = mapping.entries.partition_point(|entry| entry.key.span.start < at);
                let entry = before.checked_sub(1).and_then(|last| mapping.entries.get_mut(last));
                let Some(entry) = entry else {
                    mapping.is_open = true;
                    return;
                };
                let own = self.column_of(entry.key.span.start);
                // A list may stand in the column of its key.
                let may_be_list =
                    column == own && (entry.value.is_null() || matches!(entry.value.value, Value::Sequence(_)));
                if column > own || may_be_list || (is_flow && entry.value.span.end > at) {
                    self.fill(&mut entry.value, at, column);
                }
                mapping.is_open |= column <= own || is_flow;
            }
            Value::Sequence(items) => {
                let before = items.partition_point(|item| item.span.start < at);
                let item = before.checked_sub(1).and_then(|last| items.get_mut(last));
                if let Some(item) = item.filter(|item| column > self.dash_before(item.span.start) && !is_flow) {
                    self.fill(item, at, column);
                } else {
                    items.push(Node::unknown(Span::new(at, at)));
                }
            }
            Value::Scalar { .. } => node.value = Value::Unknown,
            Value::Unknown => {}
        }
    }

    fn column_of(&self, at: usize) -> usize {
        line_before(self.without, at).len()
    }

    /// The column of the dash in front of the item at `at`.
    fn dash_before(&self, at: usize) -> usize {
        let line = line_before(self.without, at);
        line.rfind('-').unwrap_or(line.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Node {
        let mut document = read_yaml(text);
        assert_eq!(document.errors, [], "{text}");
        assert!(document.is_template);
        assert_eq!(document.roots.len(), 1, "{text}");
        document.roots.remove(0)
    }

    fn is_open(node: &Node) -> bool {
        matches!(&node.value, Value::Mapping(mapping) if mapping.is_open)
    }

    fn is_unknown(node: Option<&Node>) -> bool {
        node.is_some_and(|node| node.value == Value::Unknown)
    }

    const DEPLOYMENT: &str = r#"{{- $full := include "app.fullname" . -}}
{{- /* The workload. */}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "app.fullname" . }}
  labels:
    {{- include "app.labels" . | nindent 4 }}
spec:
  {{- if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "app.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      {{- with .Values.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      labels:
        app: web
        {{- include "app.labels" . | nindent 8 }}
        {{- with .Values.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      {{- with .Values.imagePullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      serviceAccountName: {{ include "app.serviceAccountName" . }}
      containers:
        - name: {{ .Chart.Name }}
          {{- with .Values.securityContext }}
          securityContext:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          args: ["--port", {{ .Values.port | quote }}]
          ports:
            - name: http
              containerPort: {{ .Values.service.port }}
              protocol: TCP
          env:
            - name: A
              value: plain
            {{- range $key, $value := .Values.env }}
            - name: {{ $key }}
              value: {{ $value | quote }}
            {{- end }}
            {{- toYaml .Values.extraEnv | nindent 12 }}
          {{- with .Values.livenessProbe }}
          livenessProbe:
            {{- toYaml . | nindent 12 }}
          {{- end }}
      volumes:
{{ toYaml .Values.volumes | indent 8 }}
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
"#;

    #[test]
    fn a_usual_chart_parses_and_its_gaps_are_known() {
        let root = one(DEPLOYMENT);
        assert_eq!(root.get("kind").unwrap().as_str(), Some("Deployment"));
        assert!(!is_open(&root) && !is_open(root.get("spec").unwrap()));
        assert!(is_unknown(root.at(&["metadata", "name"])));
        assert!(is_unknown(root.at(&["metadata", "labels"])));
        assert!(is_unknown(root.at(&["spec", "replicas"])));
        let labels = root.at(&["spec", "template", "metadata", "labels"]).unwrap();
        assert!(is_open(labels) && labels.get("app").unwrap().as_str() == Some("web"));
        let pod = root.at(&["spec", "template", "spec"]).unwrap();
        assert!(!is_open(pod));
        assert!(is_unknown(pod.get("volumes")) && is_unknown(pod.get("nodeSelector")));
        let containers = pod.get("containers").unwrap().as_sequence().unwrap();
        assert_eq!(containers.len(), 1);
        let container = &containers[0];
        assert!(!is_open(container));
        assert!(is_unknown(container.get("securityContext")) && is_unknown(container.get("image")));
        let args = container.get("args").unwrap().as_sequence().unwrap();
        assert_eq!(args[0].as_str(), Some("--port"));
        assert!(is_unknown(args.get(1)));
        let env = container.get("env").unwrap().as_sequence().unwrap();
        assert_eq!(env.len(), 3);
        assert!(!is_open(&env[1]) && is_unknown(env.last()));
        let place = container.entry("image").unwrap().value.span;
        assert!(DEPLOYMENT[place.start..place.end].starts_with("\"{{ .Values.image.repository"));
    }

    #[test]
    fn an_output_opens_what_its_column_says() {
        let root = one("a:\n  b: 1\n{{ include \"x\" . }}\nc: 2\n");
        assert!(is_open(&root) && !is_open(root.get("a").unwrap()));
        let root = one("a:\n  b: 1\n  {{- include \"x\" . | nindent 2 }}\nc: 2\n");
        assert!(!is_open(&root) && is_open(root.get("a").unwrap()));
        let root = one("a:\n  {{- include \"x\" . | nindent 2 }}\n  b: 1\n");
        assert!(!is_open(&root) && is_open(root.get("a").unwrap()));
        let root = one("a:\n- b\n{{ .Values.more }}\n");
        assert!(is_open(&root) && is_unknown(root.get("a").unwrap().as_sequence().unwrap().last()));
        let root = one("a:\n- b: 1\n  {{- .Values.more | nindent 2 }}\nc: 2\n");
        assert!(is_open(&root.get("a").unwrap().as_sequence().unwrap()[0]) && !is_open(&root));
        let root = one("a: {\n  b: 1,\n  {{ .Values.more }}\n}\n");
        assert!(is_open(root.get("a").unwrap()));
    }

    #[test]
    fn block_scalars_with_actions_are_unknown() {
        let root = one(
            "data:\n  a: |\n    text\n    {{ .Values.x }}\n  b: |-\n    {{- .Files.Get \"x\" | nindent 4 }}\n  c: |\n    safe\n  d: |\n    {{- if .Values.y }}\n    y\n    {{- end }}\n    z\n",
        );
        let data = root.get("data").unwrap();
        assert!(is_unknown(data.get("a")) && is_unknown(data.get("b")) && is_unknown(data.get("d")));
        assert_eq!(data.get("c").unwrap().as_str(), Some("safe\n"));
    }

    #[test]
    fn keys_and_branches_that_are_not_known() {
        let root = one("{{ .Values.key }}: 1\nb: 2\n");
        assert!(is_open(&root) && root.get("b").is_some());
        let root = one("{{- if .x }}\ntype: A\n{{- else }}\ntype: B\n{{- end }}\nkind: C {{- end }}\n");
        assert!(is_unknown(root.get("type")));
        assert_eq!(root.get("kind").unwrap().as_str(), Some("C"));
    }

    #[test]
    fn outputs_belong_to_their_document() {
        let document = read_yaml("a: 1\n---\n{{ include \"x\" . }}\nb: 2\n---\nc: 3\n---\n{{ include \"x\" . }}\n");
        assert_eq!(document.errors, []);
        let open: Vec<bool> = document.roots.iter().map(is_open).collect();
        assert_eq!(open, [false, true, false, false]);
        assert_eq!(document.roots[3].value, Value::Unknown);
    }

    #[test]
    fn jinja_is_read_too() {
        let root = one(
            "{% set port = 80 %}\nservices:\n{% for s in all %}\n  web: # {{ s }}\n    image: {{ s.image }}\n    privileged: true\n{% endfor %}\n{# note #}\nx: '{{ y }}'\n",
        );
        assert!(is_unknown(root.at(&["services", "web", "image"])) && is_unknown(root.get("x")));
        assert_eq!(root.at(&["services", "web", "privileged"]).unwrap().as_str(), Some("true"));
    }

    #[test]
    fn what_still_does_not_parse_says_that_it_was_a_template() {
        let document = read_yaml("a: 1\n{{ x }}\n  b\n c: 'open {{ y }}\n");
        assert!(document.errors[0].message.starts_with("as a template with its expressions left out: "));
    }

    #[test]
    fn templates_are_told_from_texts_that_hold_braces() {
        for (path, text) in [
            ("charts/app/templates/service.yaml", "a: \"{{ .Values.x }}\"\n"),
            ("deploy.yaml", "a: {{ .Values.x }}\n"),
            ("deploy.yaml", "{{- include \"x\" . }}\n"),
            ("deploy.yaml", "a: 'x {{ .Release.Name }}'\n"),
            ("compose.yaml", "{% if x %}\na: 1\n{% endif %}\n"),
            ("compose.yml", "image: {{ image }}\n"),
            ("compose.yml.j2", "a: 1\n"),
        ] {
            assert!(is_template(path, text), "{path} {text}");
        }
        for (path, text) in [
            (".github/workflows/ci.yml", "run: echo ${{ github.sha }}\nx: ${{ y }}\n"),
            ("templates/steps.yml", "run: ${{ parameters.x }}\n"),
            ("playbook.yml", "name: \"{{ user }}\"\nwhen: x\n"),
            (".github/workflows/ci.yml", "run: docker ps --format '{{.Names}}'\n"),
            (".github/workflows/ci.yml", "run: |\n  docker inspect -f '{{range .x}}{{.y}}{{end}}'\n"),
            ("rules.yml", "summary: 'on {{ $labels.instance }}'\n"),
            ("a.yaml", "a: {b: {c: 1}}\n"),
            ("templates/NOTES.yaml", "a: 1\n"),
        ] {
            assert!(!is_template(path, text), "{path} {text}");
        }
    }

    #[test]
    fn hostile_templates_end_quickly() {
        for text in [
            "{{",
            "{{ \"",
            "{{ ` }}",
            "{{ ' }} ",
            "{% {{ {# ",
            "{{/* ",
            "a: {{ x }}\n",
            "{{ x }}\n",
            "{{{{ }}",
            "- {{ x }}\n",
        ] {
            let document = read_yaml(&text.repeat(20_000));
            assert!(document.errors.len() <= 100);
        }
    }
}
