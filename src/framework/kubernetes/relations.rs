//! What an object says of others: references by name, and selectors.

use std::slice;

use super::attribute::Attribute;
use super::object::Object;
use super::selector::Selector;
use super::workload::{containers, pod_template};
use crate::document::node::{Node, Value};

/// A reference by name.
#[derive(Clone, Debug)]
pub(super) struct Reference<'a> {
    /// What the link is called.
    pub(super) relation: &'static str,
    /// Kind of the other object.
    pub(super) kind: Attribute<&'a str>,
    /// Its namespace; absent for that of this object.
    pub(super) namespace: Attribute<&'a str>,
    /// Its name.
    pub(super) name: Attribute<&'a str>,
}

/// What a selector looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// Workloads, by the labels of their pods.
    Pods,
    /// Services, by their own labels.
    Services,
}

/// A selection by labels.
#[derive(Clone, Debug)]
pub(super) struct Selection<'a> {
    /// What is selected.
    pub(super) target: Target,
    /// By what; `None` when that is not known.
    pub(super) selector: Option<Selector<'a>>,
    /// Namespaces to look in; empty for that of this object.
    pub(super) namespaces: Vec<&'a str>,
}

/// Collects references of one object.
struct References<'a> {
    found: Vec<Reference<'a>>,
}

impl<'a> References<'a> {
    /// A reference to the `kind` whose name is the text at `keys` of `node`.
    fn name(&mut self, relation: &'static str, kind: &'a str, node: &'a Node, keys: &[&str]) {
        let name = Attribute::text_at(node, keys);
        if name != Attribute::Absent {
            let kind = Attribute::Known(kind);
            self.found.push(Reference { relation, kind, namespace: Attribute::Absent, name });
        }
    }

    /// A reference that says kind, name and perhaps namespace, at `keys` of `node`; without a kind it is `default`.
    fn whole(&mut self, relation: &'static str, default: Option<&'a str>, node: &'a Node, keys: &[&str]) {
        let node = match Attribute::find(node, keys) {
            Attribute::Known(node) => node,
            Attribute::Absent => return,
            Attribute::Unknown => {
                let kind = default.map_or(Attribute::Unknown, Attribute::Known);
                let (namespace, name) = (Attribute::Absent, Attribute::Unknown);
                return self.found.push(Reference { relation, kind, namespace, name });
            }
        };
        let kind = match (Attribute::text_at(node, &["kind"]), default) {
            (Attribute::Absent, Some(kind)) => Attribute::Known(kind),
            (kind, _) => kind,
        };
        let name = Attribute::text_at(node, &["name"]);
        if name != Attribute::Absent && kind != Attribute::Absent {
            self.found.push(Reference { relation, kind, namespace: Attribute::text_at(node, &["namespace"]), name });
        }
    }
}

/// The items of the list at `keys` of `node`; a list that is not known is one item that is not known.
fn items<'a>(node: &'a Node, keys: &[&str]) -> &'a [Node] {
    match node.at(keys) {
        Some(list) if list.value == Value::Unknown => slice::from_ref(list),
        list => list.and_then(Node::as_sequence).unwrap_or_default(),
    }
}

/// The objects that `object` refers to by name.
pub(super) fn references<'a>(object: &Object<'a>) -> Vec<Reference<'a>> {
    let mut references = References { found: Vec::new() };
    let node = object.node;
    match object.kind {
        "HorizontalPodAutoscaler" => references.whole("scales", None, node, &["spec", "scaleTargetRef"]),
        "VerticalPodAutoscaler" => references.whole("scales", None, node, &["spec", "targetRef"]),
        "ScaledObject" => references.whole("scales", Some("Deployment"), node, &["spec", "scaleTargetRef"]),
        "StatefulSet" => references.name("governs", "Service", node, &["spec", "serviceName"]),
        "RoleBinding" | "ClusterRoleBinding" => {
            references.whole("binds", None, node, &["roleRef"]);
            for subject in items(node, &["subjects"]) {
                if subject.get("kind").and_then(Node::as_str) == Some("ServiceAccount") {
                    references.whole("subject", None, subject, &[]);
                }
            }
        }
        "ServiceAccount" => {
            for list in ["secrets", "imagePullSecrets"] {
                for secret in items(node, &[list]) {
                    references.name("uses", "Secret", secret, &["name"]);
                }
            }
        }
        "Ingress" => ingress(node, &mut references),
        "Route" => {
            references.whole("routes", Some("Service"), node, &["spec", "to"]);
            for backend in items(node, &["spec", "alternateBackends"]) {
                references.whole("routes", Some("Service"), backend, &[]);
            }
        }
        "HTTPRoute" | "GRPCRoute" | "TCPRoute" | "TLSRoute" | "UDPRoute" => {
            for rule in items(node, &["spec", "rules"]) {
                for backend in items(rule, &["backendRefs"]) {
                    references.whole("routes", Some("Service"), backend, &[]);
                }
            }
        }
        "IngressRoute" => {
            for route in items(node, &["spec", "routes"]) {
                for service in items(route, &["services"]) {
                    references.whole("routes", Some("Service"), service, &[]);
                }
            }
        }
        _ => {}
    }
    if let Some(template) = pod_template(object) {
        pod(template.spec.node, &mut references);
    }
    references.found
}

/// Services behind an Ingress, in the form of `v1` and of the versions before.
fn ingress<'a>(node: &'a Node, references: &mut References<'a>) {
    references.name("routes", "Service", node, &["spec", "defaultBackend", "service", "name"]);
    references.name("routes", "Service", node, &["spec", "backend", "serviceName"]);
    for rule in items(node, &["spec", "rules"]) {
        for path in items(rule, &["http", "paths"]) {
            references.name("routes", "Service", path, &["backend", "service", "name"]);
            references.name("routes", "Service", path, &["backend", "serviceName"]);
        }
    }
    for tls in items(node, &["spec", "tls"]) {
        references.name("uses", "Secret", tls, &["secretName"]);
    }
}

/// The account that the specification of a pod names.
pub(super) fn account(spec: &Node) -> Attribute<&str> {
    match Attribute::text_at(spec, &["serviceAccountName"]) {
        Attribute::Absent => Attribute::text_at(spec, &["serviceAccount"]),
        account => account,
    }
}

/// What the specification of a pod refers to.
fn pod<'a>(spec: &'a Node, references: &mut References<'a>) {
    let account = account(spec);
    references.found.push(Reference {
        relation: "runs-as",
        kind: Attribute::Known("ServiceAccount"),
        namespace: Attribute::Absent,
        name: if account == Attribute::Absent { Attribute::Known("default") } else { account },
    });
    for secret in items(spec, &["imagePullSecrets"]) {
        references.name("uses", "Secret", secret, &["name"]);
    }
    for volume in items(spec, &["volumes"]) {
        references.name("uses", "ConfigMap", volume, &["configMap", "name"]);
        references.name("uses", "Secret", volume, &["secret", "secretName"]);
        references.name("uses", "PersistentVolumeClaim", volume, &["persistentVolumeClaim", "claimName"]);
        for part in items(volume, &["projected", "sources"]) {
            references.name("uses", "ConfigMap", part, &["configMap", "name"]);
            references.name("uses", "Secret", part, &["secret", "name"]);
        }
    }
    for (container, _, _) in containers(spec) {
        for from in items(container, &["envFrom"]) {
            references.name("uses", "ConfigMap", from, &["configMapRef", "name"]);
            references.name("uses", "Secret", from, &["secretRef", "name"]);
        }
        for variable in items(container, &["env"]) {
            references.name("uses", "ConfigMap", variable, &["valueFrom", "configMapKeyRef", "name"]);
            references.name("uses", "Secret", variable, &["valueFrom", "secretKeyRef", "name"]);
        }
    }
}

/// What `object` selects by labels, as relation `selects`.
pub(super) fn selection<'a>(object: &Object<'a>) -> Option<Selection<'a>> {
    let node = object.node;
    let (keys, target): (&[&str], _) = match object.kind {
        "Service" | "PodDisruptionBudget" | "PodMonitor" => (&["spec", "selector"], Target::Pods),
        "NetworkPolicy" => (&["spec", "podSelector"], Target::Pods),
        "CiliumNetworkPolicy" => (&["spec", "endpointSelector"], Target::Pods),
        "ServiceMonitor" => (&["spec", "selector"], Target::Services),
        _ => return None,
    };
    let is_policy = object.kind.ends_with("NetworkPolicy");
    let selector = match Attribute::find(node, keys) {
        // Calico writes selectors as expressions in a language of its own.
        _ if object.group.ends_with("projectcalico.org") => None,
        Attribute::Unknown => None,
        Attribute::Absent if is_policy => Some(Selector::default()),
        Attribute::Absent => return None,
        Attribute::Known(node) if object.kind == "Service" => Some(Selector::of_labels(node)),
        Attribute::Known(node) => Some(Selector::of(node)),
    };
    // An empty selector takes everything, except in a Service and in the first versions of disruption budgets.
    let is_old_budget = || {
        let version = node.get("apiVersion").and_then(Node::as_str);
        object.kind == "PodDisruptionBudget" && version == Some("policy/v1beta1")
    };
    if selector.as_ref().is_some_and(Selector::is_empty) && (object.kind == "Service" || is_old_budget()) {
        return None;
    }
    let names = items(node, &["spec", "namespaceSelector", "matchNames"]);
    let namespaces =
        if object.kind.ends_with("Monitor") { names.iter().filter_map(Node::as_str).collect() } else { Vec::new() };
    Some(Selection { target, selector, namespaces })
}

/// What a controller selects its own pods by; `None` when it has no such selector.
pub(super) fn own_selector<'a>(object: &Object<'a>) -> Option<Selector<'a>> {
    let Attribute::Known(selector) = Attribute::find(object.node, &["spec", "selector"]) else { return None };
    match object.kind {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "Job" | "Rollout" => Some(Selector::of(selector)),
        "ReplicationController" | "DeploymentConfig" => Some(Selector::of_labels(selector)),
        _ => None,
    }
}
