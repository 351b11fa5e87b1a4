//! Container images in tar archives: what `docker save` writes (`manifest.json`), and the OCI image layout (`index.json`,
//! `blobs/`; OCI image specification 1.1, image-layout.md, layer.md).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;

use serde_json::Value;

use super::bounds::{MAX_IMAGE_DOCUMENT, MAX_IMAGE_DOCUMENTS, MAX_IMAGES, MAX_LAYERS};
use super::member_path::clean;
use super::tar::{Form, Tar};
use crate::tree_path;

/// Prefix of files that delete (OCI layer.md, "Whiteouts").
const WHITEOUT: &str = ".wh.";
/// The file that deletes all of its directory that lower layers hold.
const OPAQUE: &str = ".wh..wh..opq";
/// Hex digits of a digest that are shown.
const SHOWN_DIGITS: usize = 12;

/// Where a layer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    image: usize,
    /// From 1, the base.
    pub(super) number: usize,
    count: usize,
    label: String,
}

/// The images of one archive.
#[derive(Debug, Default)]
pub(super) struct Images {
    /// By the name of the member that holds it.
    layers: BTreeMap<String, Layer>,
    /// Names of members that hold a configuration.
    configurations: BTreeSet<String>,
    changes: BTreeSet<Change>,
    count: usize,
}

/// What a layer does to a path; the path as a hash, since an image may have many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Change {
    path: u64,
    image: usize,
    layer: usize,
    kind: ChangeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ChangeKind {
    /// Deletes it and what is below.
    Whiteout,
    /// Deletes what is below.
    Opaque,
    /// Puts a file there.
    File,
    /// Puts a directory there, and keeps what is below.
    Directory,
}

/// What the first pass over an archive keeps.
#[derive(Default)]
struct Outline {
    documents: BTreeMap<String, Value>,
    /// Where links between members lead.
    links: BTreeMap<String, String>,
}

impl Images {
    /// The images of the tar archive `source`; `None` when it has none.
    pub(super) fn find(source: &mut dyn Read) -> Option<Self> {
        let outline = Outline::read(source);
        let mut images = Self::default();
        images.of_docker(&outline);
        images.of_layout(&outline);
        (images.count > 0).then_some(images)
    }

    /// `manifest.json` of `docker save`: a list of images with the names of their members.
    fn of_docker(&mut self, outline: &Outline) {
        let manifest = outline.documents.get("manifest.json").and_then(Value::as_array);
        for image in manifest.into_iter().flatten().take(MAX_IMAGES) {
            let Some(layers) = image.get("Layers").and_then(Value::as_array) else { continue };
            let layers: Vec<String> =
                layers.iter().filter_map(Value::as_str).map(|name| clean(name.as_bytes())).collect();
            let configuration = image.get("Config").and_then(Value::as_str).map(|name| clean(name.as_bytes()));
            self.add(outline, configuration, &layers);
        }
    }

    /// `index.json` of an image layout: manifests, or indexes of manifests for several platforms.
    fn of_layout(&mut self, outline: &Outline) {
        let mut waiting = vec!["index.json".to_owned()];
        let mut seen = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            if seen.len() >= MAX_IMAGES || !seen.insert(name.clone()) {
                continue;
            }
            let Some(document) = outline.documents.get(&name) else { continue };
            let blobs = |key: &str| -> Vec<String> {
                let list = document.get(key).and_then(Value::as_array);
                list.into_iter().flatten().filter(|one| is_of_image(one)).filter_map(blob).take(MAX_LAYERS).collect()
            };
            waiting.extend(blobs("manifests").into_iter().rev());
            let layers = blobs("layers");
            if !layers.is_empty() {
                self.add(outline, document.get("config").and_then(blob), &layers);
            }
        }
    }

    fn add(&mut self, outline: &Outline, configuration: Option<String>, layers: &[String]) {
        let configured = configuration.as_ref().and_then(|name| outline.documents.get(name));
        let digests = configured.and_then(|document| document.pointer("/rootfs/diff_ids")).and_then(Value::as_array);
        for (index, name) in layers.iter().enumerate().take(MAX_LAYERS) {
            let name = outline.links.get(name).unwrap_or(name);
            let digest = name.strip_prefix("blobs/").map(|digest| digest.replace('/', ":"));
            let digest = digest.or_else(|| digests?.get(index)?.as_str().map(str::to_owned));
            let label = shortened(&digest.unwrap_or_else(|| name.clone()));
            let layer = Layer { image: self.count, number: index + 1, count: layers.len(), label };
            self.layers.entry(name.clone()).or_insert(layer);
        }
        self.configurations.extend(configuration);
        self.count += 1;
    }

    /// The layer that the member `name` is.
    pub(super) fn layer(&self, name: &str) -> Option<&Layer> {
        self.layers.get(name)
    }

    pub(super) fn is_configuration(&self, name: &str) -> bool {
        self.configurations.contains(name)
    }

    /// The names of all layers.
    pub(super) fn layer_names(&self) -> impl Iterator<Item = &str> {
        self.layers.keys().map(String::as_str)
    }

    /// Notes what the `layer`, an unpacked tar archive, does to paths, at most `left` of them.
    pub(super) fn note_changes(&mut self, layer: &Layer, source: &mut dyn Read, left: &mut u32) {
        let mut tar = Tar::new(source);
        while let Ok(Some(entry)) = tar.next() {
            let Some(rest) = left.checked_sub(1) else { return };
            *left = rest;
            let name = clean(&entry.name);
            let (directory, file) = name.rsplit_once('/').unwrap_or(("", &name));
            let (path, kind) = if file == OPAQUE {
                (hash(directory), ChangeKind::Opaque)
            } else if let Some(deleted) = file.strip_prefix(WHITEOUT) {
                (hash(&join(directory, deleted)), ChangeKind::Whiteout)
            } else if entry.form == Form::Directory {
                (hash(&name), ChangeKind::Directory)
            } else {
                (hash(&name), ChangeKind::File)
            };
            self.changes.insert(Change { path, image: layer.image, layer: layer.number, kind });
        }
    }

    /// What is to be said of the file `name` in `layer`: where the layer stands, and which later one hides the file.
    pub(super) fn facts(&self, layer: &Layer, name: &str) -> Vec<String> {
        let Layer { number, count, label, .. } = layer;
        let mut facts = vec![format!("layer {number} of {count} ({label})")];
        let ancestors = name.match_indices('/').map(|(at, _)| &name[..at]).chain([""]);
        let of_ancestors = ancestors.filter_map(|ancestor| {
            self.later(layer, ancestor, |kind| kind != ChangeKind::Directory).map(|(layer, _)| (layer, "deleted"))
        });
        let own = self
            .later(layer, name, |kind| kind != ChangeKind::Opaque)
            .map(|(layer, kind)| (layer, if kind == ChangeKind::Whiteout { "deleted" } else { "replaced" }));
        if let Some((layer, what)) = own.into_iter().chain(of_ancestors).min_by_key(|(layer, _)| *layer) {
            facts.push(format!("{what} in layer {layer}"));
        }
        facts
    }

    /// The first layer behind `layer` with a change of `path` that `counts`.
    fn later(&self, layer: &Layer, path: &str, counts: impl Fn(ChangeKind) -> bool) -> Option<(usize, ChangeKind)> {
        let change = |layer_number, kind| Change { path: hash(path), image: layer.image, layer: layer_number, kind };
        let behind = change(layer.number + 1, ChangeKind::Whiteout)..=change(usize::MAX, ChangeKind::Directory);
        self.changes.range(behind).find(|change| counts(change.kind)).map(|change| (change.layer, change.kind))
    }
}

impl Outline {
    fn read(source: &mut dyn Read) -> Self {
        let mut outline = Self::default();
        let mut left = MAX_IMAGE_DOCUMENTS;
        let mut tar = Tar::new(source);
        while let Ok(Some(entry)) = tar.next() {
            let name = clean(&entry.name);
            if entry.form == Form::Link && outline.links.len() < MAX_LAYERS {
                let target = linked(&name, &entry.target);
                outline.links.insert(name, target);
            } else if entry.form == Form::File {
                let mut bytes = Vec::new();
                // A document is an object or a list; of anything else one byte is read.
                let read = tar.by_ref().take(1).read_to_end(&mut bytes);
                if read.is_err() || !matches!(bytes.first(), Some(b'{' | b'[')) {
                    continue;
                }
                let read = tar.by_ref().take(MAX_IMAGE_DOCUMENT).read_to_end(&mut bytes);
                if read.is_ok()
                    && let Some(rest) = left.checked_sub(bytes.len())
                    && let Ok(document) = serde_json::from_slice(&bytes)
                {
                    left = rest;
                    outline.documents.insert(name, document);
                }
            }
        }
        outline
    }
}

/// Where the link `name` leads, relative to its directory, or to the root of the archive when it does not climb.
fn linked(name: &str, target: &[u8]) -> String {
    let target = String::from_utf8_lossy(target);
    let directory = if target.starts_with("../") { tree_path::directory(name) } else { "" };
    clean(tree_path::join_confined(directory, &target).as_bytes())
}

/// The member that holds what a descriptor (OCI descriptor.md) speaks of.
fn blob(descriptor: &Value) -> Option<String> {
    let (algorithm, digest) = descriptor.get("digest")?.as_str()?.split_once(':')?;
    Some(clean(format!("blobs/{algorithm}/{digest}").as_bytes()))
}

/// Attestations and other artifacts have layers that are no file systems.
fn is_of_image(descriptor: &Value) -> bool {
    let media_type = descriptor.get("mediaType").and_then(Value::as_str);
    media_type.is_none_or(|name| ["tar", "diff", "manifest", "index"].iter().any(|part| name.contains(part)))
}

fn shortened(label: &str) -> String {
    let algorithm = label.find(':').map_or(0, |at| at + 1);
    let mut chars = label.chars();
    let mut short: String = chars.by_ref().take(algorithm + SHOWN_DIGITS).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

fn join(directory: &str, file: &str) -> String {
    if directory.is_empty() { file.to_owned() } else { format!("{directory}/{file}") }
}

fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish()
}
