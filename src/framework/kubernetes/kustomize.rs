//! Kustomizations: what they change in the manifests that they list. They are not built, so what they change is not known.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::namespace;
use crate::document::node::{Node, Value};
use crate::framework::Source;
use crate::platform::Platform;
use crate::tree_path;

/// Names of the files that `kustomize` reads, in its order.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// Keys of lists of manifests, or of folders with a kustomization of their own.
const LISTS: &[&str] = &["resources", "bases", "components", "patchesStrategicMerge"];
/// Most files that are visited for all changes together. Manifests past it are taken as they are written.
const MAX_VISITS: usize = 1_000_000;

/// Whether the file at `path` is a kustomization, by its name.
pub(super) fn is_kustomization(path: &str) -> bool {
    NAMES.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Makes unknown what the kustomizations among `sources` change in the manifests that they list, themselves or through
/// others: the images that they replace, and the namespace of objects that name none.
pub fn apply(sources: &mut [Source]) {
    let reach = Reach::new(sources);
    let mut visits = MAX_VISITS;
    let mut namespaces = Vec::new();
    let mut replaced: BTreeMap<Arc<str>, Vec<usize>> = BTreeMap::new();
    for (number, root) in kustomizations(sources) {
        if gives_namespace(root) {
            namespaces.push(number);
        }
        for name in items(root, "images").filter_map(replaced_image) {
            replaced.entry(Arc::from(name)).or_default().push(number);
        }
    }
    let namespaces = reach.from(namespaces, &mut visits);
    let mut images: BTreeMap<usize, BTreeSet<Arc<str>>> = BTreeMap::new();
    for (name, from) in replaced {
        for number in reach.from(from, &mut visits) {
            images.entry(number).or_default().insert(Arc::clone(&name));
        }
    }
    for (number, source) in sources.iter_mut().enumerate().filter(|(_, source)| !is_kustomization(&source.path)) {
        for root in &mut source.document.roots {
            if namespaces.contains(&number) {
                namespace::imply(root);
            }
            if let Some(names) = images.get(&number) {
                forget_images(root, names);
            }
        }
    }
}

/// The kustomizations among `sources`, each document with the index of its file.
fn kustomizations(sources: &[Source]) -> impl Iterator<Item = (usize, &Node)> {
    let sources = sources
        .iter()
        .enumerate()
        .filter(|(_, source)| source.platform == Platform::Kubernetes && is_kustomization(&source.path));
    sources.flat_map(|(number, source)| source.document.roots.iter().map(move |root| (number, root)))
}

fn items<'n>(root: &'n Node, key: &str) -> impl Iterator<Item = &'n Node> {
    root.get(key).and_then(Node::as_sequence).unwrap_or_default().iter()
}

/// Whether a kustomization puts objects into a namespace other than `default`.
fn gives_namespace(root: &Node) -> bool {
    root.get("namespace").is_some_and(|namespace| match namespace.as_str() {
        Some(text) => !namespace.is_null() && !text.is_empty() && text != "default",
        None => namespace.value == Value::Unknown,
    })
}

/// The name of the image that an entry of `images` replaces by something better than the latest one.
fn replaced_image(entry: &Node) -> Option<&str> {
    let is_given = |key| entry.get(key).is_some_and(|value| !value.is_null());
    let is_tag = is_given("newTag") && entry.get("newTag").and_then(Node::as_str) != Some("latest");
    let name = entry.get("name").and_then(Node::as_str)?;
    (is_tag || is_given("newName") || is_given("digest")).then_some(name)
}

/// Which files each kustomization lists.
struct Reach {
    /// By the index of a file.
    listed: Vec<Vec<usize>>,
}

impl Reach {
    fn new(sources: &[Source]) -> Self {
        let kubernetes = sources.iter().enumerate().filter(|(_, source)| source.platform == Platform::Kubernetes);
        let files: HashMap<&str, usize> = kubernetes.map(|(number, source)| (&*source.path, number)).collect();
        let mut listed = vec![Vec::new(); sources.len()];
        for (number, root) in kustomizations(sources) {
            let Some(Source { path, .. }) = sources.get(number) else { continue };
            let patches = items(root, "patches").filter_map(|patch| patch.get("path"));
            let entries = LISTS.iter().flat_map(|list| items(root, list)).chain(patches);
            for target in entries.filter_map(Node::as_str).filter_map(|entry| target(path, entry)) {
                let found = files.get(target.as_str()).copied().or_else(|| {
                    let folder = if target.is_empty() { target } else { target + "/" };
                    NAMES.iter().find_map(|name| files.get(format!("{folder}{name}").as_str()).copied())
                });
                if let (Some(found), Some(listed)) = (found, listed.get_mut(number)) {
                    listed.push(found);
                }
            }
        }
        Self { listed }
    }

    /// The files that those of `from` list, themselves or through others. Takes what it visits off `visits`.
    fn from(&self, from: Vec<usize>, visits: &mut usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next = from;
        while let Some(number) = next.pop() {
            for &listed in self.listed.get(number).into_iter().flatten() {
                if *visits == 0 {
                    return reached;
                }
                *visits -= 1;
                if reached.insert(listed) {
                    next.push(listed);
                }
            }
        }
        reached
    }
}

/// The path that `entry` of the kustomization at `path` means; `None` when it is outside of the tree.
fn target(path: &Arc<str>, entry: &str) -> Option<String> {
    if entry.contains("://") {
        return None;
    }
    tree_path::join(tree_path::directory(path), entry)
}

/// Makes the images of containers below `node` unknown whose name is one of `names`; the readers bound how deep that can be.
fn forget_images(node: &mut Node, names: &BTreeSet<Arc<str>>) {
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(|item| forget_images(item, names)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                let is_image = entry.key.as_str() == Some("image")
                    && entry.value.as_str().is_some_and(|image| names.contains(image_name(image)));
                if is_image {
                    entry.value.value = Value::Unknown;
                } else {
                    forget_images(&mut entry.value, names);
                }
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// A reference to an image without its tag and digest.
fn image_name(image: &str) -> &str {
    let image = image.split_once('@').map_or(image, |(image, _)| image);
    match image.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => name,
        _ => image,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::read;

    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: 'controller:latest'}]\n";

    /// The namespace and the image of the pod at `path`, when `files` stand beside it.
    fn applied(path: &str, files: &[(&str, &str)]) -> (Option<Value>, Value) {
        let all = files.iter().copied().chain([(path, POD)]);
        let mut sources: Vec<Source> =
            all.map(|(path, text)| read(Platform::Kubernetes, &Arc::from(path), text)).collect();
        apply(&mut sources);
        let pod = &sources.last().unwrap().document.roots[0];
        let image = &pod.at(&["spec", "containers"]).unwrap().as_sequence().unwrap()[0];
        (pod.at(&["metadata", "namespace"]).map(|node| node.value.clone()), image.get("image").unwrap().value.clone())
    }

    fn is_applied(path: &str, files: &[(&str, &str)]) -> (bool, bool) {
        let (namespace, image) = applied(path, files);
        (namespace == Some(Value::Unknown), image == Value::Unknown)
    }

    #[test]
    fn what_a_kustomization_changes_in_its_resources_is_not_known() {
        let both = "resources: [pod.yaml]\nnamespace: shop\nimages: [{name: controller, newTag: v1}]\n";
        assert_eq!(is_applied("base/pod.yaml", &[("base/kustomization.yaml", both)]), (true, true));
        assert_eq!(is_applied("pod.yaml", &[("Kustomization", both)]), (true, true));
        assert_eq!(is_applied("base/other.yaml", &[("base/kustomization.yaml", both)]), (false, false));
        let other = "resources: [pod.yaml]\nnamespace: default\nimages: [{name: web, newTag: v1}, {name: controller, newTag: latest}]\n";
        assert_eq!(is_applied("pod.yaml", &[("kustomization.yml", other)]), (false, false));
        let digest = "resources: [./pod.yaml]\nimages: [{name: controller, digest: 'sha256:00'}]\n";
        assert_eq!(is_applied("pod.yaml", &[("kustomization.yml", digest)]), (false, true));
    }

    #[test]
    fn overlays_reach_the_resources_of_their_bases() {
        let base = ("config/manager/kustomization.yaml", "resources:\n- manager.yaml\n");
        let all = ("config/default/kustomization.yaml", "namespace: system\nbases: [../manager/, ../../..]\n");
        let top = (
            "kustomization.yaml",
            "resources: [config/default, 'https://example.com/x']\nimages: [{name: controller, newName: r/c}]\n",
        );
        assert_eq!(is_applied("config/manager/manager.yaml", &[base, all, top]), (true, true));
        assert_eq!(is_applied("config/manager/manager.yaml", &[base, all]), (true, false));
        assert_eq!(is_applied("config/manager/manager.yaml", &[base, top]), (false, false));
        let circle = ("kustomization.yaml", "resources: [., pod.yaml]\nnamespace: shop\n");
        assert_eq!(is_applied("pod.yaml", &[circle]), (true, false));
    }

    #[test]
    fn names_of_images_end_before_tag_and_digest() {
        for (image, name) in
            [("web", "web"), ("web:1", "web"), ("r:5000/web", "r:5000/web"), ("r:5000/web:1@sha256:00", "r:5000/web")]
        {
            assert_eq!(image_name(image), name);
        }
    }
}
