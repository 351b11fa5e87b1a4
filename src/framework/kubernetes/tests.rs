//! Manifests as they are written, and the resources that are seen in them.

use super::*;
use crate::platform::Platform;

pub(super) fn source(path: &str, text: &str) -> Source {
    let document = read(path, text);
    assert_eq!(document.errors, [], "{text}");
    Source {
        path: path.into(),
        text: text.into(),
        platform: Platform::Kubernetes,
        document,
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    }
}

/// `kind address base` of each resource of `text`.
fn listed(text: &str) -> Vec<String> {
    let source = source("a.yaml", text);
    let mut found = Vec::new();
    resources(0, &source, &mut found);
    found.iter().map(|resource| format!("{} {} {}", resource.kind, resource.address, resource.base)).collect()
}

#[test]
fn every_document_is_an_object() {
    let text = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
---
# nothing
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
---
apiVersion: batch/v1
kind: Thing
metadata: {generateName: run-}
---
kind: NoVersion
";
    assert_eq!(
        listed(text),
        [
            "ConfigMap ConfigMap.shop.settings ",
            "object ConfigMap.shop.settings ",
            "KubeletConfiguration KubeletConfiguration.default.? ",
            "object KubeletConfiguration.default.? ",
            "Thing Thing.default.run- ",
            "object Thing.default.run- ",
        ]
    );
}

#[test]
fn lists_are_unrolled() {
    let text = "\
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: a}}
  - kind: ServiceAccountList
    apiVersion: v1
    items:
      - metadata: {name: b}
";
    let kinds = listed(text).into_iter().filter(|line| line.starts_with("object")).collect::<Vec<_>>();
    assert_eq!(kinds, ["object Secret.default.a ", "object ServiceAccount.default.b "]);
    let nested = "{apiVersion: v1, kind: List, items: [".repeat(50) + &"]}".repeat(50);
    assert!(listed(&nested).is_empty());
}

#[test]
fn a_workload_has_views_of_its_pod_and_containers() {
    let text = "\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: backup
spec:
  jobTemplate:
    spec:
      template:
        spec:
          initContainers:
            - image: alpine:3
          containers:
            - name: dump
              image: postgres:16
";
    let source = source("a.yaml", text);
    let mut found = Vec::new();
    resources(0, &source, &mut found);
    let pod = "spec.jobTemplate.spec.template.spec";
    let bases: Vec<(&str, &str)> = found.iter().map(|view| (&*view.kind, view.base.as_str())).collect();
    let (main, init) = (format!("{pod}.containers[0]"), format!("{pod}.initContainers[0]"));
    assert_eq!(
        bases,
        [
            ("CronJob", ""),
            ("object", ""),
            ("workload", ""),
            ("pod", pod),
            ("container", &*main),
            ("main-container", &*main),
            ("container", &*init),
            ("init-container", &*init),
        ]
    );
    let slice = |span: Span| &text[span.start..span.end];
    assert_eq!(slice(found[0].header), "backup");
    assert_eq!(slice(found[3].header), "spec");
    assert_eq!((slice(found[4].header), slice(found[6].header)), ("dump", "image"));
    let scopes = |index: usize| found[index].scopes.iter().map(|scope| (scope.name, &*scope.base)).collect::<Vec<_>>();
    let template = "spec.jobTemplate.spec.template";
    let annotations = format!("{template}.metadata.annotations");
    assert_eq!(scopes(4), [("annotations", &*annotations), ("pod", pod), ("template", template), ("object", "")]);
    assert_eq!(scopes(3), [("template", template), ("object", "")]);
    assert!(found.iter().all(|view| view.object == 0 && &*view.address == "CronJob.default.backup"));
}

#[test]
fn pods_stand_in_many_kinds() {
    let container = "containers: [{name: x, image: y}]";
    for (text, path) in [
        (format!("kind: Pod, spec: {{{container}}}"), "spec"),
        (format!("kind: PodTemplate, template: {{spec: {{{container}}}}}"), "template.spec"),
        (format!("kind: Service, spec: {{template: {{spec: {{{container}}}}}}}"), "spec.template.spec"),
        (format!("kind: Configuration, spec: {{template: {{spec: {{{container}}}}}}}"), "spec.template.spec"),
        (format!("kind: ContainerSource, spec: {{template: {{spec: {{{container}}}}}}}"), "spec.template.spec"),
        (format!("kind: Revision, spec: {{{container}}}"), "spec"),
        (format!("kind: Custom, spec: {{template: {{spec: {{{container}}}}}}}"), "spec.template.spec"),
    ] {
        let lines = listed(&format!("{{apiVersion: x/v1, metadata: {{name: n}}, {text}}}"));
        assert!(lines.iter().any(|line| line.starts_with("pod ") && line.ends_with(&format!(" {path}"))), "{lines:?}");
        assert!(lines.iter().any(|line| line.starts_with("workload ")), "{lines:?}");
    }
    for (kind, templates) in
        [("Workflow", "templates"), ("WorkflowTemplate", "templates"), ("CronWorkflow", "workflowSpec: {templates")]
    {
        let end = if kind == "CronWorkflow" { "}" } else { "" };
        let text = format!("spec: {{{templates}: [{{name: a, container: {{image: x}}}}]{end}}}");
        let lines = listed(&format!("{{apiVersion: argoproj.io/v1alpha1, kind: {kind}, {text}}}"));
        // Its steps are containers, but no pod is written.
        let views: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(views, [kind, "object", "container"]);
    }
    let lines = listed("{apiVersion: x/v1, kind: Machine, spec: {template: {spec: {image: x}}}}");
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn roles_and_bindings_have_views_of_their_items() {
    let text = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: admin}
rules:
  - apiGroups: ['']
    resources: [pods]
    verbs: [get]
  - {apiGroups: ['*'], resources: ['*'], verbs: ['*']}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: all, namespace: shop}
roleRef: {kind: ClusterRole, name: admin}
subjects:
  - {kind: Group, name: 'system:authenticated'}
";
    let lines = listed(text);
    assert_eq!(
        lines[2..5].iter().map(String::as_str).collect::<Vec<_>>(),
        [
            "role ClusterRole.default.admin ",
            "rbac-rule ClusterRole.default.admin rules[0]",
            "rbac-rule ClusterRole.default.admin rules[1]",
        ]
    );
    assert_eq!(
        lines[7..].iter().map(String::as_str).collect::<Vec<_>>(),
        ["role-binding RoleBinding.shop.all ", "subject RoleBinding.shop.all subjects[0]",]
    );
}

#[test]
fn a_control_plane_has_views_of_its_flags() {
    let text = "\
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
    - name: kube-apiserver
      command:
        - kube-apiserver
        - --anonymous-auth=false
";
    let source = source("a.yaml", text);
    let mut found = Vec::new();
    resources(0, &source, &mut found);
    let flags = found.iter().find(|view| view.kind == "kube-apiserver").unwrap();
    assert_eq!(flags.base, "spec.containers[0].command");
    let flag = flags.body.get("anonymous-auth").unwrap();
    assert_eq!((flag.as_str(), &text[flag.span.start..flag.span.end]), (Some("false"), "--anonymous-auth=false"));
    assert_eq!(
        flags.scopes.iter().map(|scope| scope.name).collect::<Vec<_>>(),
        ["container", "pod", "template", "object"]
    );
}

#[test]
fn what_a_template_decides_is_not_known() {
    let text = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include \"web.fullname\" . }}
  namespace: {{ .Release.Namespace }}
spec:
  template:
    metadata:
      labels:
        {{- include \"web.labels\" . | nindent 8 }}
    spec:
      containers:
        - name: web
          image: {{ .Values.image }}
          {{- with .Values.securityContext }}
          securityContext:
            {{- toYaml . | nindent 12 }}
          {{- end }}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
";
    assert!(is_kubernetes("chart/templates/web.yaml", text));
    let sources = [source("chart/templates/web.yaml", text)];
    let mut found = Vec::new();
    resources(0, &sources[0], &mut found);
    assert_eq!(&*found[0].address, "Deployment.?.?");
    let container = found.iter().find(|view| view.kind == "container").unwrap();
    assert_eq!(container.body.get("image").unwrap().value, crate::document::node::Value::Unknown);
    let service = found.iter().position(|view| view.kind == "Service").unwrap();
    let links = links(&sources, &found);
    assert_eq!(links[0], [crate::framework::Link { relation: UNKNOWN, to: service }]);
    assert_eq!(links[service], [crate::framework::Link { relation: UNKNOWN, to: 0 }]);
}

#[test]
fn what_a_chart_puts_nowhere_is_in_the_namespace_of_the_release() {
    let text = "\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec: {serviceAccountName: web, containers: [{name: web, image: web}]}
";
    let sources = [source("chart/templates/web.yaml", text)];
    let mut found = Vec::new();
    resources(0, &sources[0], &mut found);
    assert_eq!(&*found[0].address, "ServiceAccount.default.web");
    assert_eq!(found[0].body.at(&["metadata", "namespace"]).unwrap().value, crate::document::node::Value::Unknown);
    let pod = found.iter().position(|view| view.kind == "Pod").unwrap();
    assert_eq!(links(&sources, &found)[pod], [crate::framework::Link { relation: "runs-as", to: 0 }]);
}

#[test]
fn a_template_of_openshift_holds_objects() {
    let text = "\
apiVersion: template.openshift.io/v1
kind: Template
metadata: {name: stack}
parameters: [{name: IMAGE}]
objects:
  - apiVersion: apps.openshift.io/v1
    kind: DeploymentConfig
    metadata: {name: '${NAME}-web'}
    spec: {template: {spec: {containers: [{name: web, image: '${IMAGE}'}]}}}
";
    let lines = listed(text);
    assert_eq!(lines[0], "Template Template.default.stack ");
    assert_eq!(lines.last().unwrap(), "main-container DeploymentConfig.default.? spec.template.spec.containers[0]");
}
