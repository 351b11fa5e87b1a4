//! Workloads: objects that make pods, with views of the pod and of its containers.

use std::borrow::Cow;

use super::annotations::Annotations;
use super::object::Object;
use super::volume::Volumes;
use super::{Part, Views, flags, item_header};
use crate::document::node::Node;
use crate::framework::Scope;
use crate::span::Span;

/// The lists of containers in a pod, and the view that shows those of one list.
const CONTAINERS: [(&str, &str); 3] = [
    ("containers", "main-container"),
    ("initContainers", "init-container"),
    ("ephemeralContainers", "ephemeral-container"),
];

/// Kinds that make pods, whatever of the pod is written; of others only those with containers count.
const KINDS: &[&str] = &[
    "CronJob",
    "DaemonSet",
    "Deployment",
    "DeploymentConfig",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "Rollout",
    "ScaledJob",
    "ScheduledJob",
    "StatefulSet",
];

/// The pod that an object makes.
#[derive(Clone, Debug)]
pub(super) struct PodTemplate<'a> {
    /// What holds the pod's metadata and specification: the pod itself, or the template of a controller.
    pub(super) template: Place<'a>,
    /// The specification.
    pub(super) spec: Place<'a>,
}

/// A tree inside an object.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    /// The tree.
    pub(super) node: &'a Node,
    /// Its path in the object.
    pub(super) base: String,
    /// Where what is missing in it is reported.
    pub(super) header: Span,
}

impl<'a> Place<'a> {
    fn scope(&self, name: &'static str) -> Scope<'a> {
        Scope { name, node: Cow::Borrowed(self.node), base: self.base.clone(), header: self.header }
    }

    /// The mapping at `key` of this one.
    fn enter(&self, key: &str) -> Option<Self> {
        let entry = self.node.entry(key).filter(|entry| entry.value.as_mapping().is_some())?;
        let dot = if self.base.is_empty() { "" } else { "." };
        Some(Self { node: &entry.value, base: format!("{}{dot}{key}", self.base), header: entry.key.span })
    }
}

/// The pod that `object` makes, if it makes one.
pub(super) fn pod_template<'a>(object: &Object<'a>) -> Option<PodTemplate<'a>> {
    let template = template(object)?;
    let spec = template.enter("spec")?;
    let has_containers = || spec.node.get("containers").is_some_and(|list| list.as_sequence().is_some());
    (KINDS.contains(&object.kind) || has_containers()).then_some(PodTemplate { template, spec })
}

/// Where the labels of the pods stand that `object` makes. An excerpt, such as the patch of an overlay, may say nothing of
/// the pods but their labels, or but how they are selected.
pub(super) fn pod_labels<'a>(object: &Object<'a>) -> Option<(&'a Node, &'static [&'static str])> {
    if let Some(pod) = pod_template(object) {
        return Some((pod.template.node, &["metadata", "labels"]));
    }
    if !KINDS.contains(&object.kind) {
        return None;
    }
    match template(object).filter(|template| template.node.at(&["metadata", "labels"]).is_some()) {
        Some(template) => Some((template.node, &["metadata", "labels"])),
        None => Some((object.node, &["spec", "selector", "matchLabels"])),
    }
}

fn template<'a>(object: &Object<'a>) -> Option<Place<'a>> {
    let keys: &[&str] = match object.kind {
        // A revision of Knative is a pod in all but its kind.
        "Pod" | "Revision" => &[],
        "PodTemplate" => &["template"],
        "CronJob" | "ScheduledJob" => &["spec", "jobTemplate", "spec", "template"],
        "ScaledJob" => &["spec", "jobTargetRef", "template"],
        _ => &["spec", "template"],
    };
    let whole = Place { node: object.node, base: String::new(), header: object.header() };
    keys.iter().try_fold(whole, |place, key| place.enter(key))
}

/// The containers of a pod, each with its path below the specification and the view that shows only its list.
pub(super) fn containers(spec: &Node) -> impl Iterator<Item = (&Node, String, &'static str)> {
    CONTAINERS.iter().flat_map(move |&(list, view)| {
        let items = spec.get(list).and_then(Node::as_sequence).unwrap_or_default();
        let items = items.iter().enumerate().filter(|(_, item)| item.as_mapping().is_some());
        items.map(move |(index, item)| (item, format!("{list}[{index}]"), view))
    })
}

/// Adds the views of a workload. `text` is the text that the spans of `object` point into.
pub(super) fn views<'a>(object: &Object<'a>, text: &str, views: &mut Views<'a, '_>) {
    let whole = views.object_scope();
    let Some(PodTemplate { template, spec }) = pod_template(object) else {
        if KINDS.contains(&object.kind) {
            // An excerpt: what it does not say of its pods stands elsewhere.
            let template = template(object).map(|template| template.scope("template"));
            views.whole_with("workload", template.into_iter().chain([whole]).collect());
        }
        return;
    };
    views.whole_with("workload", vec![spec.scope("pod"), template.scope("template"), whole.clone()]);
    let pod = Part { body: Cow::Borrowed(spec.node), base: spec.base.clone(), header: spec.header };
    views.part("pod", pod, vec![template.scope("template"), whole.clone()]);
    let volumes = Volumes::new(object, &spec);
    let mut annotations = Annotations::new(&template);
    for (container, path, view) in containers(spec.node) {
        let place = Place { node: container, base: format!("{}.{path}", spec.base), header: item_header(container) };
        let outer = [spec.scope("pod"), template.scope("template"), whole.clone()];
        let mut scopes = vec![annotations.take(container)];
        scopes.extend_from_slice(&outer);
        for kind in ["container", view] {
            let part = Part { body: Cow::Borrowed(container), base: place.base.clone(), header: place.header };
            views.part(kind, part, scopes.clone());
        }
        let mut scopes = vec![place.scope("container")];
        scopes.extend_from_slice(&outer);
        if let Some(flags) = flags::of_container(container, text) {
            let part = Part {
                body: Cow::Owned(flags.body),
                base: format!("{}.{}", place.base, flags.key),
                header: flags.header,
            };
            views.part(flags.program, part, scopes.clone());
        }
        let mounts = container.get("volumeMounts").and_then(Node::as_sequence).unwrap_or_default();
        for (index, mount) in mounts.iter().enumerate().filter(|(_, mount)| mount.as_mapping().is_some()) {
            let base = format!("{}.volumeMounts[{index}]", place.base);
            let part = Part { body: Cow::Borrowed(mount), base, header: item_header(mount) };
            views.part(
                "volume-mount",
                part,
                std::iter::once(volumes.scope(mount)).chain(scopes.iter().cloned()).collect(),
            );
        }
    }
}
