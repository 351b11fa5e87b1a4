//! Kubernetes objects that are declared with Terraform's Kubernetes provider, as the manifests that they stand for.
//!
//! The provider names attributes as Kubernetes does, but with underscores, and repeated fields in the singular
//! (Terraform documentation, "Kubernetes Provider"). So what rules say about manifests holds for them too.

use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Deepest nesting of a manifest.
const MAX_DEPTH: usize = 32;

/// Types of resources, without `kubernetes_` and a version; the group and the version of the API that they stand for where the
/// type names no version; and the kind.
const KINDS: &[(&str, &str, &str, &str)] = &[
    ("cluster_role", "rbac.authorization.k8s.io", "v1", "ClusterRole"),
    ("cluster_role_binding", "rbac.authorization.k8s.io", "v1", "ClusterRoleBinding"),
    ("config_map", "", "v1", "ConfigMap"),
    ("cron_job", "batch", "v1beta1", "CronJob"),
    ("csi_driver", "storage.k8s.io", "v1beta1", "CSIDriver"),
    ("daemon_set", "apps", "v1", "DaemonSet"),
    ("daemonset", "apps", "v1", "DaemonSet"),
    ("default_service_account", "", "v1", "ServiceAccount"),
    ("deployment", "apps", "v1", "Deployment"),
    ("endpoints", "", "v1", "Endpoints"),
    ("horizontal_pod_autoscaler", "autoscaling", "v1", "HorizontalPodAutoscaler"),
    ("ingress", "networking.k8s.io", "v1beta1", "Ingress"),
    ("ingress_class", "networking.k8s.io", "v1", "IngressClass"),
    ("job", "batch", "v1", "Job"),
    ("limit_range", "", "v1", "LimitRange"),
    ("mutating_webhook_configuration", "admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration"),
    ("namespace", "", "v1", "Namespace"),
    ("network_policy", "networking.k8s.io", "v1", "NetworkPolicy"),
    ("persistent_volume", "", "v1", "PersistentVolume"),
    ("persistent_volume_claim", "", "v1", "PersistentVolumeClaim"),
    ("pod", "", "v1", "Pod"),
    ("pod_disruption_budget", "policy", "v1beta1", "PodDisruptionBudget"),
    ("pod_security_policy", "policy", "v1beta1", "PodSecurityPolicy"),
    ("priority_class", "scheduling.k8s.io", "v1", "PriorityClass"),
    ("replication_controller", "", "v1", "ReplicationController"),
    ("resource_quota", "", "v1", "ResourceQuota"),
    ("role", "rbac.authorization.k8s.io", "v1", "Role"),
    ("role_binding", "rbac.authorization.k8s.io", "v1", "RoleBinding"),
    ("runtime_class", "node.k8s.io", "v1", "RuntimeClass"),
    ("secret", "", "v1", "Secret"),
    ("service", "", "v1", "Service"),
    ("service_account", "", "v1", "ServiceAccount"),
    ("stateful_set", "apps", "v1", "StatefulSet"),
    ("storage_class", "storage.k8s.io", "v1", "StorageClass"),
    ("validating_webhook_configuration", "admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration"),
];

/// Blocks that are repeated fields, the names of the fields, and the blocks that they stand in; `""` is the resource itself, none
/// is any. Other blocks stand for one object each.
const LISTS: &[(&str, &str, &[&str])] = &[
    ("address", "addresses", &["subset"]),
    ("allowed_csi_driver", "allowedCSIDrivers", &[]),
    ("allowed_flex_volumes", "allowedFlexVolumes", &[]),
    ("allowed_host_paths", "allowedHostPaths", &[]),
    ("allowed_topologies", "allowedTopologies", &[]),
    ("cluster_role_selectors", "clusterRoleSelectors", &[]),
    ("container", "containers", &[]),
    ("egress", "egress", &["spec"]),
    ("env", "env", &[]),
    ("env_from", "envFrom", &[]),
    ("from", "from", &["ingress"]),
    ("host_aliases", "hostAliases", &[]),
    ("host_ports", "hostPorts", &[]),
    ("http_header", "httpHeaders", &[]),
    ("image_pull_secret", "imagePullSecrets", &[]),
    ("image_pull_secrets", "imagePullSecrets", &[]),
    ("ingress", "ingress", &["spec"]),
    ("init_container", "initContainers", &[]),
    ("items", "items", &[]),
    ("limit", "limits", &["spec"]),
    ("match_expression", "matchExpressions", &[]),
    ("match_expressions", "matchExpressions", &[]),
    ("match_fields", "matchFields", &[]),
    ("match_label_expressions", "matchLabelExpressions", &[]),
    ("metric", "metrics", &["spec"]),
    ("node_selector_term", "nodeSelectorTerms", &[]),
    ("not_ready_address", "notReadyAddresses", &[]),
    ("option", "options", &["dns_config"]),
    ("path", "paths", &["http"]),
    ("policy", "policies", &["scale_down", "scale_up"]),
    ("port", "ports", &["spec", "container", "init_container", "subset"]),
    ("ports", "ports", &[]),
    ("preferred_during_scheduling_ignored_during_execution", "preferredDuringSchedulingIgnoredDuringExecution", &[]),
    ("range", "ranges", &[]),
    ("readiness_gate", "readinessGates", &[]),
    (
        "required_during_scheduling_ignored_during_execution",
        "requiredDuringSchedulingIgnoredDuringExecution",
        &["pod_affinity", "pod_anti_affinity"],
    ),
    ("rule", "rules", &["", "pod_failure_policy", "spec", "webhook"]),
    // Of a service account; elsewhere it is a volume, or a part of one.
    ("secret", "secrets", &[""]),
    ("sources", "sources", &[]),
    ("subject", "subjects", &[]),
    ("subset", "subsets", &[]),
    ("sysctl", "sysctls", &[]),
    ("tls", "tls", &["spec"]),
    ("to", "to", &["egress"]),
    ("toleration", "tolerations", &[]),
    ("topology_spread_constraint", "topologySpreadConstraints", &[]),
    ("volume", "volumes", &[]),
    ("volume_claim_template", "volumeClaimTemplates", &[]),
    ("volume_device", "volumeDevices", &[]),
    ("volume_mount", "volumeMounts", &[]),
    ("webhook", "webhooks", &[""]),
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
    ("client_ip", "clientIP"),
    ("cluster_ip", "clusterIP"),
    ("cluster_ips", "clusterIPs"),
    ("downward_api", "downwardAPI"),
    ("external_ips", "externalIPs"),
    ("host_ip", "hostIP"),
    ("host_ipc", "hostIPC"),
    ("host_pid", "hostPID"),
    ("load_balancer_ip", "loadBalancerIP"),
    ("non_resource_urls", "nonResourceURLs"),
    ("pod_ip", "podIP"),
    ("run_as_username", "runAsUserName"),
    ("storage_provisioner", "provisioner"),
    ("target_cpu_utilization_percentage", "targetCPUUtilizationPercentage"),
    ("timezone", "timeZone"),
];

/// Names in a secret: Terraform takes the values as they are, and Kubernetes has another field for those.
const NAMES_OF_SECRETS: &[(&str, &str)] = &[("binary_data", "data"), ("data", "stringData")];

/// Attributes of every resource of Terraform, and of the provider's resources alone.
const META_ARGUMENTS: &[&str] = &[
    "count",
    "for_each",
    "provider",
    "depends_on",
    "lifecycle",
    "timeouts",
    "wait_for_load_balancer",
    "wait_for_rollout",
];

/// The block whose fields are fields of what it stands in.
const TRANSPARENT: &str = "persistent_volume_source";

/// The manifest that a resource of type `kind` with this body stands for, with places of the resource; `None` for what is no
/// object of Kubernetes.
pub(super) fn manifest(kind: &str, body: &Node) -> Option<Node> {
    let kind = kind.strip_prefix("kubernetes_")?;
    if kind == "manifest" {
        let manifest = body.get("manifest")?;
        return manifest.as_mapping().is_some().then(|| Node { tag: None, ..manifest.clone() });
    }
    let versioned = kind.rsplit_once('_').filter(|(_, version)| is_version(version));
    let name = versioned.map_or(kind, |(name, _)| name);
    let (_, group, version, kind) = KINDS.iter().find(|(known, ..)| *known == name)?;
    let version = versioned.map_or(*version, |(_, version)| version);
    let version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
    // It stands nowhere.
    let at = Span::new(body.span.start, body.span.start);
    let mut object =
        vec![Entry::new(at, "apiVersion", Node::text(at, version)), Entry::new(at, "kind", Node::text(at, *kind))];
    for entry in body.as_mapping()? {
        let written = entry.key.as_str().unwrap_or_default();
        if META_ARGUMENTS.contains(&written) {
            continue;
        }
        let mut field = renamed(entry, "", 0);
        let special = NAMES_OF_SECRETS.iter().find(|(known, _)| *kind == "Secret" && *known == written);
        if let Some((_, field_name)) = special {
            field.key = named(&entry.key, field_name);
        }
        if name == "default_service_account" && written == "metadata" {
            name_default(&mut field.value, at);
        }
        object.push(field);
    }
    Some(Node::mapping(body.span, object))
}

/// Whether this is the version of an API: `v1`, `v2beta2`.
fn is_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').unwrap_or_default();
    digits.starts_with(|first: char| first.is_ascii_digit()) && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Names the service account that every namespace has.
fn name_default(metadata: &mut Node, at: Span) {
    if let Value::Mapping(mapping) = &mut metadata.value
        && !mapping.entries.iter().any(|entry| entry.key.as_str() == Some("name"))
    {
        mapping.entries.insert(0, Entry::new(at, "name", Node::text(at, "default")));
    }
}

/// An attribute or block of the block `parent` as the field that it stands for. Old configurations write blocks as attributes.
fn renamed(entry: &Entry, parent: &str, depth: usize) -> Entry {
    let name = entry.key.as_str().unwrap_or_default();
    if depth > MAX_DEPTH {
        return Entry { key: entry.key.clone(), value: Node::unknown(entry.value.span) };
    }
    let list = LISTS.iter().find(|(block, ..)| *block == name);
    let list =
        list.filter(|(_, _, parents)| parents.is_empty() || parents.contains(&parent)).map(|(_, field, _)| *field);
    let inner = |block: &Node| {
        // A selector is a map of labels, or says what it matches.
        let has_fields = block.get("match_labels").or_else(|| block.get("match_expressions")).is_some();
        if MAPS.contains(&name) && !has_fields { block.clone() } else { fields(block, name, depth + 1) }
    };
    let is_block = |node: &&Node| matches!(node.value, Value::Mapping(_) | Value::Unknown);
    let blocks: Option<Vec<&Node>> = match &entry.value.value {
        Value::Mapping(_) | Value::Unknown => Some(vec![&entry.value]),
        Value::Sequence(items) => Some(items.iter().collect()),
        Value::Scalar { .. } => None,
    };
    let blocks = blocks.filter(|blocks| blocks.iter().all(is_block));
    let value = match (blocks.as_deref(), list) {
        // How many there are is not known.
        (Some([Node { value: Value::Unknown, .. }]), Some(_)) if entry.value.as_sequence().is_none() => None,
        (Some(blocks), Some(_)) => {
            Some(Node::sequence(entry.value.span, blocks.iter().map(|block| inner(block)).collect()))
        }
        // Of a field that stands twice the last counts; the provider refuses two. A list of texts is no block.
        (Some([.., block]), None) if block.as_mapping().is_some() => Some(inner(block)),
        _ => None,
    };
    let field = list.map_or_else(|| camel(name), str::to_owned);
    let value = value.unwrap_or_else(|| Node { tag: None, ..entry.value.clone() });
    Entry { key: named(&entry.key, &field), value }
}

/// The key `name` at the place of `key`.
fn named(key: &Node, name: &str) -> Node {
    Node { value: Value::Scalar { text: name.to_owned(), plain: true }, ..key.clone() }
}

/// The fields of a block called `name`.
fn fields(block: &Node, name: &str, depth: usize) -> Node {
    let Value::Mapping(mapping) = &block.value else { return Node { tag: None, ..block.clone() } };
    let mut entries = Vec::with_capacity(mapping.entries.len());
    for entry in &mapping.entries {
        let field = renamed(entry, name, depth);
        match field.value.value {
            Value::Mapping(inner) if entry.key.as_str() == Some(TRANSPARENT) => entries.extend(inner.entries),
            value => entries.push(Entry { key: field.key, value: Node { value, ..field.value } }),
        }
    }
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

#[cfg(test)]
mod tests;
