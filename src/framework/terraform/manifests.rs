//! Kubernetes objects that are declared with Terraform's Kubernetes provider, as the manifests that they stand for.
//!
//! The provider names attributes as Kubernetes does, but with underscores, and repeated fields in the singular
//! (Terraform documentation, "Kubernetes Provider"). So what rules say about manifests holds for them too.

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Deepest nesting of a manifest.
const MAX_DEPTH: usize = 32;

/// Types of resources, without `kubernetes_` and a version, and the API and kind that they stand for.
const KINDS: &[(&str, &str, &str)] = &[
    ("cluster_role", "rbac.authorization.k8s.io/v1", "ClusterRole"),
    ("cluster_role_binding", "rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
    ("config_map", "v1", "ConfigMap"),
    ("cron_job", "batch/v1", "CronJob"),
    ("daemon_set", "apps/v1", "DaemonSet"),
    ("daemonset", "apps/v1", "DaemonSet"),
    ("deployment", "apps/v1", "Deployment"),
    ("endpoints", "v1", "Endpoints"),
    ("horizontal_pod_autoscaler", "autoscaling/v2", "HorizontalPodAutoscaler"),
    ("ingress", "networking.k8s.io/v1", "Ingress"),
    ("job", "batch/v1", "Job"),
    ("limit_range", "v1", "LimitRange"),
    ("namespace", "v1", "Namespace"),
    ("network_policy", "networking.k8s.io/v1", "NetworkPolicy"),
    ("persistent_volume", "v1", "PersistentVolume"),
    ("persistent_volume_claim", "v1", "PersistentVolumeClaim"),
    ("pod", "v1", "Pod"),
    ("pod_disruption_budget", "policy/v1", "PodDisruptionBudget"),
    ("pod_security_policy", "policy/v1beta1", "PodSecurityPolicy"),
    ("priority_class", "scheduling.k8s.io/v1", "PriorityClass"),
    ("replication_controller", "v1", "ReplicationController"),
    ("resource_quota", "v1", "ResourceQuota"),
    ("role", "rbac.authorization.k8s.io/v1", "Role"),
    ("role_binding", "rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("secret", "v1", "Secret"),
    ("service", "v1", "Service"),
    ("service_account", "v1", "ServiceAccount"),
    ("stateful_set", "apps/v1", "StatefulSet"),
    ("storage_class", "storage.k8s.io/v1", "StorageClass"),
];

/// Blocks that are repeated fields, and the names of the fields. Other blocks stand for one object each.
const LISTS: &[(&str, &str)] = &[
    ("allowed_csi_driver", "allowedCSIDrivers"),
    ("allowed_flex_volumes", "allowedFlexVolumes"),
    ("allowed_host_paths", "allowedHostPaths"),
    ("container", "containers"),
    ("egress", "egress"),
    ("env", "env"),
    ("env_from", "envFrom"),
    ("from", "from"),
    ("host_aliases", "hostAliases"),
    ("host_ports", "hostPorts"),
    ("http_header", "httpHeaders"),
    ("image_pull_secrets", "imagePullSecrets"),
    ("ingress", "ingress"),
    ("init_container", "initContainers"),
    ("items", "items"),
    ("limit", "limits"),
    ("match_expressions", "matchExpressions"),
    ("metric", "metrics"),
    ("path", "paths"),
    ("port", "ports"),
    ("ports", "ports"),
    ("range", "ranges"),
    ("rule", "rules"),
    ("secret", "secrets"),
    ("sources", "sources"),
    ("subject", "subjects"),
    ("subset", "subsets"),
    ("sysctl", "sysctls"),
    ("tls", "tls"),
    ("to", "to"),
    ("toleration", "tolerations"),
    ("topology_spread_constraint", "topologySpreadConstraints"),
    ("volume", "volumes"),
    ("volume_claim_template", "volumeClaimTemplates"),
    ("volume_device", "volumeDevices"),
    ("volume_mount", "volumeMounts"),
];

/// Attributes whose keys are free.
const MAPS: &[&str] = &[
    "allocatable",
    "annotations",
    "binary_data",
    "capacity",
    "data",
    "default",
    "default_request",
    "hard",
    "labels",
    "limits",
    "match_labels",
    "max",
    "max_limit_request_ratio",
    "min",
    "node_selector",
    "parameters",
    "requests",
    "selector",
    "string_data",
    "volume_attributes",
];

/// Names that do not follow from the rule that each word behind an underscore is capitalised.
const NAMES: &[(&str, &str)] = &[
    ("cluster_ip", "clusterIP"),
    ("cluster_ips", "clusterIPs"),
    ("external_ips", "externalIPs"),
    ("external_traffic_policy", "externalTrafficPolicy"),
    ("fs_group", "fsGroup"),
    ("host_ip", "hostIP"),
    ("host_ipc", "hostIPC"),
    ("host_pid", "hostPID"),
    ("load_balancer_ip", "loadBalancerIP"),
    ("non_resource_urls", "nonResourceURLs"),
    ("pod_ip", "podIP"),
];

/// The manifest that a resource of type `kind` with this body stands for, with places of the resource; `None` for what is no
/// object of Kubernetes.
pub(super) fn manifest(kind: &str, body: &Node) -> Option<Node> {
    let kind = kind.strip_prefix("kubernetes_")?;
    if kind == "manifest" {
        let manifest = body.get("manifest")?;
        return manifest.as_mapping().is_some().then(|| Node { tag: None, ..manifest.clone() });
    }
    let unversioned = kind.rsplit_once("_v").filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    let name = unversioned.map_or(kind, |(name, _)| name);
    let (_, version, kind) = KINDS.iter().find(|(known, ..)| *known == name)?;
    let at = Span::new(body.span.start, body.span.start);
    let mut object =
        vec![Entry::new(at, "apiVersion", Node::text(at, *version)), Entry::new(at, "kind", Node::text(at, *kind))];
    for entry in body.as_mapping()? {
        let is_meta = matches!(
            entry.key.as_str(),
            Some("count" | "for_each" | "provider" | "depends_on" | "lifecycle" | "timeouts")
        );
        // `secret` and `image_pull_secret` of a service account are lists, elsewhere `secret` is a volume.
        if !is_meta {
            object.push(renamed(entry, kind == &"ServiceAccount", 0));
        }
    }
    Some(Node::mapping(body.span, object))
}

/// An attribute or block as the field that it stands for. Old configurations write blocks as attributes.
fn renamed(entry: &Entry, lists_secrets: bool, depth: usize) -> Entry {
    let name = entry.key.as_str().unwrap_or_default();
    if depth > MAX_DEPTH {
        return Entry { key: entry.key.clone(), value: Node::unknown(entry.value.span) };
    }
    let list = LISTS.iter().find(|(block, _)| *block == name);
    let list = list.filter(|(block, _)| *block != "secret" || lists_secrets).map(|(_, field)| *field);
    let blocks: Option<Vec<&Node>> = match &entry.value.value {
        Value::Mapping(_) => Some(vec![&entry.value]),
        Value::Sequence(items) if items.iter().all(|item| item.as_mapping().is_some()) => Some(items.iter().collect()),
        _ => None,
    };
    let inner = |block: &Node| {
        // A selector is a map of labels, or says what it matches.
        let has_fields = block.get("match_labels").or_else(|| block.get("match_expressions")).is_some();
        if MAPS.contains(&name) && !has_fields { block.clone() } else { fields(block, depth + 1) }
    };
    let key = |name: &str| Node { value: Value::Scalar { text: name.to_owned(), plain: true }, ..entry.key.clone() };
    match (blocks.as_deref(), list) {
        (Some(blocks), Some(field)) if !blocks.is_empty() => {
            let items = blocks.iter().map(|block| inner(block)).collect();
            Entry { key: key(field), value: Node::sequence(entry.value.span, items) }
        }
        // Of a field that stands twice the last counts; the provider refuses two.
        (Some([.., block]), None) => Entry { key: key(&camel(name)), value: inner(block) },
        _ => Entry { key: key(&camel(name)), value: Node { tag: None, ..entry.value.clone() } },
    }
}

/// The fields of a block.
fn fields(block: &Node, depth: usize) -> Node {
    let Value::Mapping(mapping) = &block.value else { return block.clone() };
    let mut entries: Vec<Entry> = mapping.entries.iter().map(|entry| renamed(entry, false, depth)).collect();
    // What names an item stands first in a manifest, and is where a finding on what it lacks is reported.
    entries.sort_by_key(|entry| entry.key.as_str() != Some("name"));
    Node { tag: None, ..Node::new(block.span, Value::Mapping(Mapping { entries, is_open: mapping.is_open })) }
}

fn camel(name: &str) -> String {
    if let Some((_, known)) = NAMES.iter().find(|(known, _)| *known == name) {
        return (*known).to_owned();
    }
    let mut out = String::with_capacity(name.len());
    for (number, word) in name.split('_').enumerate() {
        let mut letters = word.chars();
        match letters.next() {
            Some(first) if number > 0 => out.extend(first.to_uppercase().chain(letters)),
            Some(first) => {
                out.push(first);
                out.push_str(letters.as_str());
            }
            None => {}
        }
    }
    out
}
