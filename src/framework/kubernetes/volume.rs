//! Views of what containers mount, each with the volume that it names.

use std::borrow::Cow;
use std::collections::HashMap;

use super::attribute::Attribute;
use super::item_header;
use super::object::Object;
use super::workload::Place;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::Scope;
use crate::span::Span;

/// The volumes of a pod.
pub(super) struct Volumes<'a> {
    by_name: HashMap<&'a str, Scope<'a>>,
    /// There may be more.
    is_open: bool,
    /// Path of the list.
    base: String,
}

impl<'a> Volumes<'a> {
    /// The volumes in the specification of a pod that `object` makes, and those that it makes of claims.
    pub(super) fn new(object: &Object<'a>, spec: &Place<'a>) -> Self {
        let base = format!("{}.volumes", spec.base);
        let mut volumes = Self { by_name: HashMap::new(), is_open: false, base };
        for (index, volume) in volumes.items(spec.node, &["volumes"]) {
            let base = format!("{}[{index}]", volumes.base);
            volumes.add(volume, &["name"], Cow::Borrowed(volume), base);
        }
        for (index, claim) in volumes.items(object.node, &["spec", "volumeClaimTemplates"]) {
            let base = format!("spec.volumeClaimTemplates[{index}]");
            volumes.add(claim, &["metadata", "name"], Cow::Owned(of_claim(claim)), base);
        }
        volumes
    }

    /// The items of the list at `keys` of `node`.
    fn items(&mut self, node: &'a Node, keys: &[&str]) -> impl Iterator<Item = (usize, &'a Node)> + use<'a> {
        let list = match Attribute::find(node, keys) {
            Attribute::Known(list) => list.as_sequence(),
            Attribute::Absent => None,
            Attribute::Unknown => {
                self.is_open = true;
                None
            }
        };
        list.unwrap_or_default().iter().enumerate()
    }

    /// Adds a volume, whose name is at `keys` of `item`.
    fn add(&mut self, item: &'a Node, keys: &[&str], node: Cow<'a, Node>, base: String) {
        match Attribute::text_at(item, keys) {
            Attribute::Known(name) => {
                self.by_name.insert(name, Scope { name: "volume", node, base, header: item_header(item) });
            }
            Attribute::Absent => {}
            Attribute::Unknown => self.is_open = true,
        }
    }

    /// The scope `$volume` of an item of `volumeMounts`: nothing is in it when there is no such volume.
    pub(super) fn scope(&self, mount: &Node) -> Scope<'a> {
        let name = Attribute::text_at(mount, &["name"]);
        if let Attribute::Known(name) = name
            && let Some(scope) = self.by_name.get(name)
        {
            return scope.clone();
        }
        let may_exist = name == Attribute::Unknown || (self.is_open && name != Attribute::Absent);
        let header: Span = item_header(mount);
        let node = if may_exist { Node::unknown(header) } else { Node::mapping(header, Vec::new()) };
        Scope { name: "volume", node: Cow::Owned(node), base: self.base.clone(), header }
    }
}

/// The volume that a controller makes of a claim: the claim's name depends on the pod.
fn of_claim(claim: &Node) -> Node {
    let span = claim.span;
    let source = Value::Mapping(Mapping { entries: Vec::new(), is_open: true });
    let mut entries = vec![Entry::new(span, "persistentVolumeClaim", Node::new(span, source))];
    entries.extend(claim.at(&["metadata", "name"]).map(|name| Entry::new(name.span, "name", name.clone())));
    Node::mapping(span, entries)
}

#[cfg(test)]
mod tests {
    use crate::document::node::Value;
    use crate::framework::kubernetes::resources;
    use crate::framework::kubernetes::tests::source;

    /// `base of the mount: path of its $volume, source of that` for each mount of `text`.
    fn mounts(text: &str) -> Vec<String> {
        let source = source("a.yaml", text);
        let mut found = Vec::new();
        resources(0, &source, &mut found);
        let mounts = found.iter().filter(|view| view.kind == "volume-mount");
        let shown = mounts.map(|view| {
            let names = view.scopes.iter().map(|scope| scope.name).collect::<Vec<_>>();
            assert!(names.ends_with(&["container", "pod", "template", "object"]), "{names:?}");
            let volume = view.scopes.iter().find(|scope| scope.name == "volume").map(|scope| {
                let keys = scope.node.as_mapping().unwrap_or_default().iter().filter_map(|entry| entry.key.as_str());
                let kind = keys.filter(|key| *key != "name").collect::<String>();
                let kind = if scope.node.value == Value::Unknown { "?".to_owned() } else { kind };
                format!("{} {kind}", scope.base)
            });
            format!("{}: {}", view.base, volume.unwrap_or_default())
        });
        shown.collect()
    }

    #[test]
    fn mounts_have_their_volume() {
        let text = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  volumeClaimTemplates: [{metadata: {name: data}, spec: {}}]
  template:
    spec:
      volumes: [{name: socket, hostPath: {path: /run}}]
      initContainers:
        - volumeMounts: [{name: socket, mountPath: /s}, nothing]
      containers:
        - name: db
          volumeMounts:
            - {name: data, mountPath: /data}
            - {name: gone, mountPath: /gone}
            - {mountPath: /nameless}
";
        assert_eq!(
            mounts(text),
            [
                "spec.template.spec.containers[0].volumeMounts[0]: spec.volumeClaimTemplates[0] persistentVolumeClaim",
                "spec.template.spec.containers[0].volumeMounts[1]: spec.template.spec.volumes ",
                "spec.template.spec.containers[0].volumeMounts[2]: spec.template.spec.volumes ",
                "spec.template.spec.initContainers[0].volumeMounts[0]: spec.template.spec.volumes[0] hostPath",
            ]
        );
    }

    #[test]
    fn a_volume_that_may_be_there_is_unknown() {
        let pod = |volumes: &str, name: &str| {
            let mounts = format!("containers: [{{name: x, volumeMounts: [{{name: {name}}}]}}]");
            format!("{{apiVersion: v1, kind: Pod, spec: {{volumes: {volumes}, {mounts}}}}}")
        };
        for (volumes, name, expected) in [
            ("[{name: a, emptyDir: {}}]", "a", "spec.volumes[0] emptyDir"),
            ("[{name: a, emptyDir: {}}]", "'${X}'", "spec.volumes ?"),
            ("[{name: '${X}'}]", "b", "spec.volumes ?"),
            ("'${X}'", "b", "spec.volumes ?"),
            ("[]", "b", "spec.volumes "),
        ] {
            assert_eq!(mounts(&pod(volumes, name)), [format!("spec.containers[0].volumeMounts[0]: {expected}")]);
        }
    }
}
