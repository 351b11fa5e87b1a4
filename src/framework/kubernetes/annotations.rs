//! Annotations of a pod that are meant for one of its containers, such as
//! `container.apparmor.security.beta.kubernetes.io/web`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::attribute::{Attribute, is_open};
use super::workload::Place;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::Scope;
use crate::span::Span;

/// The annotations of a pod by the container that they are meant for.
pub(super) struct Annotations<'a> {
    by_container: HashMap<&'a str, Vec<Entry>>,
    /// There may be more.
    is_open: bool,
    /// All of them.
    span: Span,
    /// Path of the annotations.
    base: String,
    /// Where a missing one is reported.
    header: Span,
}

impl<'a> Annotations<'a> {
    /// The annotations in the metadata of a pod's template.
    pub(super) fn new(template: &Place<'a>) -> Self {
        let metadata = template.node.entry("metadata");
        let entry = metadata.and_then(|metadata| metadata.value.entry("annotations"));
        let (span, header) = match (entry, metadata) {
            (Some(entry), _) => (entry.value.span, entry.key.span),
            // A pod that stands by itself is reported at its name, as everywhere.
            (None, Some(_)) if template.base.is_empty() => (template.header, template.header),
            (None, Some(metadata)) => (metadata.key.span, metadata.key.span),
            (None, None) => (template.header, template.header),
        };
        let dot = if template.base.is_empty() { "" } else { "." };
        let base = format!("{}{dot}metadata.annotations", template.base);
        let mut annotations = Self { by_container: HashMap::new(), is_open: false, span, base, header };
        match Attribute::find(template.node, &["metadata", "annotations"]) {
            Attribute::Known(node) => annotations.add(node),
            Attribute::Absent => {}
            Attribute::Unknown => annotations.is_open = true,
        }
        annotations
    }

    fn add(&mut self, node: &'a Node) {
        self.is_open = is_open(node);
        for entry in node.as_mapping().unwrap_or_default() {
            match Attribute::text(Attribute::of(&entry.key)) {
                Attribute::Known(key) => {
                    let Some((prefix, container)) = key.rsplit_once('/') else { continue };
                    let entry = Entry { key: Node::text(entry.key.span, prefix), value: entry.value.clone() };
                    self.by_container.entry(container).or_default().push(entry);
                }
                Attribute::Absent => {}
                Attribute::Unknown => self.is_open = true,
            }
        }
    }

    /// The scope `$annotations` of a container. They are taken out: names are unique in a pod, and a second container of one
    /// name, which no cluster accepts, cannot make them many times as large.
    pub(super) fn take(&mut self, container: &Node) -> Scope<'a> {
        let name = Attribute::text_at(container, &["name"]);
        let entries = match name {
            Attribute::Known(name) => self.by_container.remove(name).unwrap_or_default(),
            Attribute::Absent | Attribute::Unknown => Vec::new(),
        };
        let mapping = Mapping { entries, is_open: self.is_open || name == Attribute::Unknown };
        let node = Cow::Owned(Node::new(self.span, Value::Mapping(mapping)));
        Scope { name: "annotations", node, base: self.base.clone(), header: self.header }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::kubernetes::resources;
    use crate::framework::kubernetes::tests::source;

    /// For each container `key=value` of its annotations, `…` where there may be more, and where a missing one is reported.
    fn annotations(text: &str) -> Vec<String> {
        let source = source("a.yaml", text);
        let mut found = Vec::new();
        resources(0, &source, &mut found);
        let scopes = found.iter().filter(|view| view.kind == "container").map(|view| {
            assert_eq!(view.scopes[0].name, "annotations");
            &view.scopes[0]
        });
        let shown = scopes.map(|scope| {
            let slice = |span: Span| &text[span.start..span.end];
            let mut words = vec![format!("{}@{}:", scope.base, slice(scope.header))];
            for entry in scope.node.as_mapping().unwrap() {
                assert!(slice(entry.key.span).starts_with(entry.key.as_str().unwrap()));
                words.push(format!("{}={}", entry.key.as_str().unwrap(), entry.value.as_str().unwrap_or("?")));
            }
            words.extend(is_open(&scope.node).then(|| "…".to_owned()));
            words.join(" ")
        });
        shown.collect()
    }

    #[test]
    fn each_container_has_its_own() {
        let text = "\
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    metadata:
      annotations:
        plain: x
        example.com/team: y
        container.apparmor.security.beta.kubernetes.io/web: localhost/x
        container.seccomp.security.alpha.kubernetes.io/web: '${PROFILE}'
        container.apparmor.security.beta.kubernetes.io/log: unconfined
    spec:
      containers: [{name: web}, {name: web}, {image: z}]
      initContainers: [{name: log}]
";
        let base = "spec.template.metadata.annotations@annotations:";
        let (apparmor, seccomp) =
            ("container.apparmor.security.beta.kubernetes.io", "container.seccomp.security.alpha.kubernetes.io");
        assert_eq!(
            annotations(text),
            [
                format!("{base} {apparmor}=localhost/x {seccomp}=?"),
                base.to_owned(),
                base.to_owned(),
                format!("{base} {apparmor}=unconfined"),
            ]
        );
    }

    #[test]
    fn what_is_not_known_leaves_them_open() {
        let pod = "spec: {containers: [{name: web}]}";
        for (rest, expected) in [
            (format!("metadata: {{name: n}}, {pod}"), "metadata.annotations@n:"),
            (format!("metadata: {{name: n, annotations: '${{X}}'}}, {pod}"), "metadata.annotations@annotations: …"),
            ("spec: {containers: [{name: '${X}'}]}".to_owned(), "metadata.annotations@Pod: …"),
            (
                "spec: {template: {metadata: {labels: {}}, spec: {containers: [{name: x}]}}}".to_owned(),
                "spec.template.metadata.annotations@metadata:",
            ),
            (
                "spec: {template: {spec: {containers: [{name: x}]}}}".to_owned(),
                "spec.template.metadata.annotations@template:",
            ),
        ] {
            let kind = if rest.contains("template") { "Job" } else { "Pod" };
            assert_eq!(annotations(&format!("{{apiVersion: v1, kind: {kind}, {rest}}}")), [expected], "{rest}");
        }
    }
}
