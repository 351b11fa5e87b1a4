//! Templates as they are usually written, and hostile ones.

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
fn what_a_key_gets_by_an_action_is_added_to_the_block_below_it() {
    let root = one(
        "metadata:\n  labels: {{- include \"x\" . | nindent 4 }}\n    a: 1\n  name: web\nspec:\n  - probe: {{ include \"x\" .\n      \
         | nindent 6 }} # note\n      port: 80\n    args: {{- toYaml .a | nindent 6 }}\n      - b\n    text: {{ .x }}\n",
    );
    let metadata = root.get("metadata").unwrap();
    let labels = metadata.get("labels").unwrap();
    assert!(is_open(labels) && labels.get("a").unwrap().as_str() == Some("1") && !is_open(metadata));
    let item = &root.get("spec").unwrap().as_sequence().unwrap()[0];
    let probe = item.get("probe").unwrap();
    assert!(is_open(probe) && probe.get("port").unwrap().as_str() == Some("80") && !is_open(item));
    let args = item.get("args").unwrap().as_sequence().unwrap();
    assert!(args[0].as_str() == Some("b") && is_unknown(args.get(1)) && is_unknown(item.get("text")));
    let conditional = one("a: {{- if .x }}\n  b: 1\n{{- end }}\nc: 2\n");
    assert_eq!(conditional.at(&["a", "b"]).unwrap().as_str(), Some("1"));
    let text = one("a: |\n  k: {{ .x }}\n    b: 1\nc: {{ .x }}\n  and more\n");
    assert!(is_unknown(text.get("a")) && is_unknown(text.get("c")));
}

#[test]
fn what_is_added_to_a_list_does_not_hide_the_items_behind_it() {
    let root = one(
        "items:\n  {{- toYaml .Values.first | nindent 2 }}\n  - a: 1\n    b:\n      {{- toYaml .Values.b | nindent 6 }}\n  \
         {{- toYaml .Values.more | nindent 2 }}\n  - c:\n      d: 1\n      {{- toYaml .Values.d | nindent 6 }}\n",
    );
    let items = root.get("items").unwrap().as_sequence().unwrap();
    assert_eq!(items.len(), 4);
    assert!(is_unknown(items[0].get("b")) && !is_open(&items[0]));
    assert!(is_open(items[1].get("c").unwrap()) && !is_open(&items[1]));
    assert!(is_unknown(items.get(2)) && is_unknown(items.get(3)));
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
    let three = one("{{- if .x }}\ntype: A\n{{- else if .y }}\ntype: B\n{{- else }}\ntype: A\n{{- end }}\n");
    assert!(three.as_mapping().unwrap().iter().all(|entry| is_unknown(Some(&entry.value))));
    let same = one("{{- if .x }}\ntype: A\na: 1\n{{- else }}\ntype: A\nb: 1\n{{- end }}\n");
    assert_eq!(same.get("type").unwrap().as_str(), Some("A"));
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
fn what_stands_on_one_long_line_is_looked_at_once() {
    let n = 50_000;
    for text in ["{{ a }} ", "x {{ a }}", "{{ end }}x"] {
        let _ = read_yaml(&text.repeat(n));
    }
    // A quote that closes nowhere.
    let _ = read_yaml(&format!("{{{{ {}", "\"\\\"".repeat(n)));
    assert!(!is_template("a.yaml", &": {{".repeat(n)));
    assert!(!is_template("a.yaml", &format!("{}{}", " ".repeat(n), "{{ ".repeat(n))));
}

#[test]
fn many_outputs_behind_a_document_are_looked_at_once() {
    let document = read_yaml(&format!("a: 1\n{}", "{{ x }}\n".repeat(50_000)));
    assert!(is_open(&document.roots[0]));
    // Keys that could each have a block below them.
    let keys = one(&(0..50_000).fold(String::new(), |text, number| text + &format!("a{number}: {{{{ x }}}}\n")));
    assert!(is_unknown(keys.get("a49999")));
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
        "a: {{ x }}\n - b\n",
        "a: {{ x }}\n{{ x }}\n",
    ] {
        let document = read_yaml(&text.repeat(20_000));
        assert!(document.errors.len() <= 100);
    }
}

const INGRESS: &str = r#"{{- if .Values.ingress.enabled -}}
{{- $fullName := include "app.fullname" . -}}
{{- if and .Values.ingress.className (not (hasKey .Values.ingress.annotations "kubernetes.io/ingress.class")) }}
  {{- $_ := set .Values.ingress.annotations "kubernetes.io/ingress.class" .Values.ingress.className}}
{{- end }}
{{- if semverCompare ">=1.19-0" .Capabilities.KubeVersion.GitVersion -}}
apiVersion: networking.k8s.io/v1
{{- else -}}
apiVersion: extensions/v1beta1
{{- end }}
kind: Ingress
metadata:
  name: {{ $fullName }}
  {{- with .Values.ingress.annotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- if .Values.ingress.tls }}
  tls:
    {{- range .Values.ingress.tls }}
    - hosts:
        {{- range .hosts }}
        - {{ . | quote }}
        {{- end }}
      secretName: {{ .secretName }}
    {{- end }}
  {{- end }}
  rules:
    {{- range .Values.ingress.hosts }}
    - host: {{ .host | quote }}
      http:
        paths:
          {{- range .paths }}
          - path: {{ .path }}
            backend:
              service:
                name: {{ $fullName }}
          {{- end }}
    {{- end }}
{{- end }}
"#;

#[test]
fn nested_ranges_and_conditions_parse() {
    let root = one(INGRESS);
    assert!(is_unknown(root.get("apiVersion")));
    assert_eq!(root.get("kind").unwrap().as_str(), Some("Ingress"));
    let spec = root.get("spec").unwrap();
    assert!(!is_open(spec));
    let rule = &spec.get("rules").unwrap().as_sequence().unwrap()[0];
    let path = &rule.at(&["http", "paths"]).unwrap().as_sequence().unwrap()[0];
    assert!(path.at(&["backend", "service"]).is_some() && is_unknown(path.get("path")));
    assert!(is_unknown(spec.get("tls").unwrap().as_sequence().unwrap()[0].get("secretName")));
}

#[test]
fn definitions_and_texts_of_only_actions_hold_nothing() {
    let document = read_yaml(
        "{{/*\nName.\n*/}}\n{{- define \"app.name\" -}}\n{{- default .Chart.Name .x | trunc 63 }}\n{{- end }}\n",
    );
    assert_eq!(document.errors, []);
    assert!(document.roots.iter().all(|root| root.value == Value::Unknown), "{:?}", document.roots);
    let labels = one(
        "{{- define \"app.labels\" -}}\nchart: {{ include \"app.chart\" . }}\n{{ include \"app.selector\" . }}\nby: x\n{{- end }}\n",
    );
    assert!(is_open(&labels) && labels.get("by").unwrap().as_str() == Some("x"));
}

#[test]
fn usual_forms_of_one_line_parse() {
    let root = one(
        "a: {{ if .x }}1{{ else }}2{{ end }}\nb: {{- toYaml .y | nindent 2 }}\nc: [{{ .p }}, {{ .q }}]\nd: {x: {{ .z }}}\ne: \"{{ .s }}\"\n\
         f:\n- {{ .t | quote }}\n- {{- toYaml .u | nindent 2 }}\n- --flag={{ .v }}\ng: v1 {{- /* note */}}\nh: {{ .i }}:{{ .j }}\n\
         k: {{ dict \"l\" 1\n  \"m\" 2 | toYaml }}\nn: true\n",
    );
    for key in ["a", "b", "e", "h", "k"] {
        assert!(is_unknown(root.get(key)), "{key}");
    }
    assert!(root.get("c").unwrap().as_sequence().unwrap().iter().all(|item| is_unknown(Some(item))));
    assert!(is_unknown(root.at(&["d", "x"])));
    assert!(root.get("f").unwrap().as_sequence().unwrap().iter().all(|item| is_unknown(Some(item))));
    assert_eq!((root.get("g").unwrap().as_str(), root.get("n").unwrap().as_str()), (Some("v1"), Some("true")));
    assert!(!is_open(&root));
}

#[test]
fn documents_in_a_range_are_apart() {
    let document = read_yaml("{{- range .Values.all }}\n---\nkind: A\nname: {{ .name }}\n{{- end }}\n---\nkind: B\n");
    assert_eq!(document.errors, []);
    let kinds: Vec<Option<&str>> =
        document.roots.iter().filter_map(|root| root.get("kind")).map(Node::as_str).collect();
    assert_eq!(kinds, [Some("A"), Some("B")]);
}
