//! Views of what traffic reaches: backends of routes, peers of network policies, ports of services. Each has links of its own.

use std::borrow::Cow;

use super::attribute::Attribute;
use super::object::Object;
use super::{Part, Views, item_header};
use crate::document::node::{Entry, Node, Value};

/// Longest name of a service or a port, in bytes.
const MAX_NAME: usize = 253;

/// Adds the views of an object that lets traffic through.
pub(super) fn views<'a>(object: &Object<'a>, views: &mut Views<'a, '_>) {
    let node = object.node;
    match object.kind {
        "Service" if object.group.is_empty() => {
            for (index, port) in items(node, &["spec", "ports"]) {
                whole(views, "service-port", port, format!("spec.ports[{index}]"));
            }
        }
        // Calico's policies have peers of another form.
        "NetworkPolicy" if !object.group.ends_with("projectcalico.org") => {
            for (direction, list) in [("ingress", "from"), ("egress", "to")] {
                for (rule_index, rule) in items(node, &["spec", direction]) {
                    for (index, peer) in items(rule, &[list]) {
                        let base = format!("spec.{direction}[{rule_index}].{list}[{index}]");
                        whole(views, "network-policy-peer", peer, base);
                    }
                }
            }
        }
        "Ingress" => ingress(node, views),
        "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute" => {
            for (rule_index, rule) in items(node, &["spec", "rules"]) {
                for (index, reference) in items(rule, &["backendRefs"]) {
                    let Some(service) = service(reference) else { continue };
                    let rest = ["namespace", "port"].iter().filter_map(|key| field(reference, key, &[&[*key]]));
                    let base = format!("spec.rules[{rule_index}].backendRefs[{index}]");
                    backend(views, reference, service, rest, base);
                }
            }
        }
        "Route" => {
            let first = node.at(&["spec", "to"]).map(|first| (first, "spec.to".to_owned()));
            let others = items(node, &["spec", "alternateBackends"])
                .map(|(index, other)| (other, format!("spec.alternateBackends[{index}]")));
            for (reference, base) in first.into_iter().chain(others) {
                let Some(service) = service(reference) else { continue };
                let port = field(node, "port", &[&["spec", "port", "targetPort"]]);
                backend(views, reference, service, port, base);
            }
        }
        _ => {}
    }
}

/// The backends of an Ingress, in the form of `v1` and of the versions before.
fn ingress<'a>(node: &'a Node, views: &mut Views<'a, '_>) {
    let mut add = |node: &'a Node, base: String| {
        let port: [&[&str]; 3] = [&["service", "port", "number"], &["service", "port", "name"], &["servicePort"]];
        if let Some(service) = field(node, "service", &[&["service", "name"], &["serviceName"]]) {
            backend(views, node, service, field(node, "port", &port), base);
        }
    };
    for key in ["defaultBackend", "backend"] {
        if let Some(backend) = node.at(&["spec", key]) {
            add(backend, format!("spec.{key}"));
        }
    }
    for (rule_index, rule) in items(node, &["spec", "rules"]) {
        for (index, path) in items(rule, &["http", "paths"]) {
            if let Some(backend) = path.get("backend") {
                add(backend, format!("spec.rules[{rule_index}].http.paths[{index}].backend"));
            }
        }
    }
}

/// The mappings in the list at `keys` of `node`, with their indices.
fn items<'a>(node: &'a Node, keys: &[&str]) -> impl Iterator<Item = (usize, &'a Node)> + use<'a> {
    let items = node.at(keys).and_then(Node::as_sequence).unwrap_or_default();
    items.iter().enumerate().filter(|(_, item)| item.as_mapping().is_some())
}

/// A view of an item as it is.
fn whole<'a>(views: &mut Views<'a, '_>, kind: &'static str, item: &'a Node, base: String) {
    views.linked_part(kind, Part { body: Cow::Borrowed(item), base, header: item_header(item) });
}

/// A view of the backend `node` that every kind of route gives the same form.
fn backend(
    views: &mut Views<'_, '_>,
    node: &Node,
    service: Entry,
    rest: impl IntoIterator<Item = Entry>,
    base: String,
) {
    let header = service.value.span;
    let body = Cow::Owned(Node::mapping(node.span, [service].into_iter().chain(rest).collect()));
    views.linked_part("ingress-backend", Part { body, base, header });
}

/// The Service that `reference` names; none when it names something else.
fn service(reference: &Node) -> Option<Entry> {
    let mut service = field(reference, "service", &[&["name"]])?;
    match Attribute::text_at(reference, &["kind"]) {
        Attribute::Absent | Attribute::Known("Service") => {}
        Attribute::Known(_) => return None,
        Attribute::Unknown => service.value.value = Value::Unknown,
    }
    Some(service)
}

/// A name or a number. Many backends may take over the same one, so that what is longer than any is not copied.
fn short(node: &Node) -> Node {
    if node.as_str().is_some_and(|text| text.len() <= MAX_NAME) { node.clone() } else { Node::unknown(node.span) }
}

/// An entry `name` with what stands at the first of `paths` below `node` that is there.
fn field(node: &Node, name: &str, paths: &[&[&str]]) -> Option<Entry> {
    let mut is_unknown = false;
    for keys in paths {
        let found = Attribute::find(node, keys);
        let entry = keys.split_last().and_then(|(last, parents)| node.at(parents)?.entry(last));
        if let Some(entry) = entry.filter(|_| found != Attribute::Absent) {
            return Some(Entry::new(entry.key.span, name, short(&entry.value)));
        }
        is_unknown |= found == Attribute::Unknown;
    }
    is_unknown.then(|| Entry::new(node.span, name, Node::unknown(node.span)))
}

#[cfg(test)]
mod tests {
    use crate::document::node::Value;
    use crate::framework::kubernetes::resources;
    use crate::framework::kubernetes::tests::source;

    /// `kind base@header key=value…` of each view with links of its own.
    fn listed(text: &str) -> Vec<String> {
        let source = source("a.yaml", text);
        let mut found = Vec::new();
        resources(0, &source, &mut found);
        let views = found.iter().enumerate().filter(|(index, view)| view.object == *index && !view.base.is_empty());
        let shown = views.map(|(_, view)| {
            assert_eq!(view.scopes.iter().map(|scope| scope.name).collect::<Vec<_>>(), ["object"]);
            let header = &text[view.header.start..view.header.end];
            let mut line = format!("{} {}@{header}", view.kind, view.base);
            for entry in view.body.as_mapping().unwrap() {
                let value = match &entry.value.value {
                    Value::Scalar { text: value, .. } => {
                        assert_eq!(text[entry.value.span.start..entry.value.span.end].trim_matches('\''), *value);
                        value
                    }
                    Value::Unknown => "?",
                    _ => "…",
                };
                line.extend([" ", entry.key.as_str().unwrap(), "=", value]);
            }
            line
        });
        shown.collect()
    }

    #[test]
    fn a_name_that_is_too_long_for_one_is_not_copied() {
        let port = "p".repeat(300);
        let text = format!(
            "apiVersion: route.openshift.io/v1\nkind: Route\nspec:\n  to: {{name: web}}\n  port: {{targetPort: {port}}}\n"
        );
        assert_eq!(listed(&text), ["ingress-backend spec.to@web service=web port=?"]);
    }

    #[test]
    fn backends_of_every_route_have_one_form() {
        let text = "\
apiVersion: networking.k8s.io/v1
kind: Ingress
spec:
  defaultBackend: {service: {name: fallback, port: {number: 80}}}
  rules:
    - {host: a}
    - http:
        paths:
          - {path: /, backend: {service: {name: web, port: {name: http}}}}
          - {path: /x, backend: {resource: {kind: StorageBucket, name: x}}}
          - {path: /y, backend: {service: {name: '${NAME}'}}}
---
apiVersion: extensions/v1beta1
kind: Ingress
spec: {backend: {serviceName: old, servicePort: http}}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
spec: {rules: [{backendRefs: [{name: web, namespace: shop, port: 80}, {kind: ServiceImport, name: x}]}]}
---
apiVersion: route.openshift.io/v1
kind: Route
spec:
  to: {kind: Service, name: web}
  alternateBackends: [{kind: '${KIND}', name: other}]
  port: {targetPort: 8080}
";
        assert_eq!(
            listed(text),
            [
                "ingress-backend spec.defaultBackend@fallback service=fallback port=80",
                "ingress-backend spec.rules[1].http.paths[0].backend@web service=web port=http",
                "ingress-backend spec.rules[1].http.paths[2].backend@'${NAME}' service=?",
                "ingress-backend spec.backend@old service=old port=http",
                "ingress-backend spec.rules[0].backendRefs[0]@web service=web namespace=shop port=80",
                "ingress-backend spec.to@web service=web port=8080",
                "ingress-backend spec.alternateBackends[0]@other service=? port=8080",
            ]
        );
    }

    #[test]
    fn peers_and_ports_are_items() {
        let text = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
spec:
  ingress: [{ports: []}, {from: [{podSelector: {}}]}]
  egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}, nothing]}]
---
{apiVersion: projectcalico.org/v3, kind: NetworkPolicy, spec: {ingress: [{from: [{podSelector: {}}]}]}}
---
{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, name: http}, {port: 443}]}}
";
        assert_eq!(
            listed(text),
            [
                "network-policy-peer spec.ingress[1].from[0]@podSelector podSelector=…",
                "network-policy-peer spec.egress[0].to[0]@ipBlock ipBlock=…",
                "service-port spec.ports[0]@http port=80 name=http",
                "service-port spec.ports[1]@port port=443",
            ]
        );
    }

    #[test]
    fn items_have_the_annotations_of_their_object() {
        let text = "\
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {example.com/skip: rule}}
spec: {ports: [{port: 80}]}
";
        let sources = [source("a.yaml", text)];
        let evaluated = crate::framework::declared::Evaluated::default();
        let project = crate::framework::Project::new(&sources, &evaluated);
        let port = project.resources.iter().find(|view| view.kind == "service-port").unwrap();
        let annotations: Vec<_> = project.annotations(port).collect();
        assert_eq!(annotations.len(), 1);
        assert!(annotations[0].get("example.com/skip").is_some());
    }
}
