//! The objects of a scan, by what others say of them: kind, name and labels, within a namespace of a world.

use std::collections::HashMap;

use super::attribute::Attribute;
use super::object::Object;
use super::relations::Target;
use super::selector::Labels;
use super::workload::pod_labels;
use super::world::{Declaration, worlds};
use crate::framework::{Resource, Source};
use crate::platform::Platform;

/// Kinds without a namespace that are referred to.
const CLUSTER_KINDS: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Namespace"];

/// Whether objects of `kind` are in no namespace.
pub(super) fn is_of_cluster(kind: &str) -> bool {
    CLUSTER_KINDS.contains(&kind)
}

/// An object with its place.
pub(super) struct Entity<'a> {
    /// Index of its resource.
    pub(super) index: usize,
    /// The object.
    pub(super) object: Object<'a>,
    /// Its namespace; empty for what is in none.
    pub(super) namespace: &'a str,
    /// Its name.
    name: Attribute<&'a str>,
    /// What it could be applied together with.
    pub(super) world: usize,
    /// Its labels, if selectors look at them.
    pub(super) labels: Option<(Target, Labels<'a>)>,
}

/// The objects among `resources`.
fn entities<'a>(sources: &'a [Source], resources: &'a [Resource<'_>]) -> Vec<Entity<'a>> {
    let mut entities = Vec::new();
    let mut declarations = Vec::new();
    let mut of_files: Vec<usize> = Vec::new();
    for (index, resource) in resources.iter().enumerate() {
        // Items with links of their own are no objects.
        if resource.object != index || !resource.base.is_empty() {
            continue;
        }
        let Some(source) = sources.get(resource.source).filter(|source| source.platform == Platform::Kubernetes) else {
            continue;
        };
        let object = Object::of(&resource.kind, &resource.body);
        let namespace = match object.namespace() {
            _ if CLUSTER_KINDS.contains(&object.kind) => "",
            Attribute::Known(namespace) => namespace,
            // A chart that writes its own namespace means the one that everything else in it is in.
            Attribute::Absent | Attribute::Unknown => "default",
        };
        let name = object.name();
        let identity = if let Attribute::Known(name) = name { Some((object.kind, namespace, name)) } else { None };
        let roots = &source.document.roots;
        let document = roots.partition_point(|root| root.span.start <= resource.extent.start);
        // What a configuration declares is applied together, whatever else lies beside it. Such worlds count from the end.
        let world = source.part.as_ref().map(|part| usize::MAX - part.world);
        if world.is_none() {
            of_files.push(entities.len());
            declarations.push(Declaration { identity, path: &source.path, source: resource.source, document });
        }
        let world = world.unwrap_or_default();
        entities.push(Entity { index, object, namespace, name, world, labels: labels(&object) });
    }
    for (number, world) in of_files.into_iter().zip(worlds(&declarations)) {
        if let Some(entity) = entities.get_mut(number) {
            entity.world = world;
        }
    }
    entities
}

/// The labels of `object` that selectors look at.
fn labels<'a>(object: &Object<'a>) -> Option<(Target, Labels<'a>)> {
    match pod_labels(object) {
        Some((node, path)) => Some((Target::Pods, Labels::find(node, path))),
        None => {
            (object.kind == "Service").then(|| (Target::Services, Labels::find(object.node, &["metadata", "labels"])))
        }
    }
}

/// A namespace of a world.
pub(super) type Place = usize;

/// Numbers of entities by some key.
type Lists<K> = HashMap<K, Vec<usize>>;

/// Finds entities, which it speaks of by their numbers.
pub(super) struct Index<'a> {
    /// All of them.
    pub(super) entities: Vec<Entity<'a>>,
    places: HashMap<(usize, &'a str), Place>,
    by_kind: Lists<(Place, &'a str)>,
    by_name: Lists<(Place, &'a str, &'a str)>,
    nameless: Lists<(Place, &'a str)>,
    by_target: Lists<(Place, Target)>,
    by_label: Lists<(Place, Target, &'a str, &'a str)>,
    unsure: Lists<(Place, Target)>,
}

impl<'a> Index<'a> {
    /// Indexes the Kubernetes objects among `resources`.
    pub(super) fn new(sources: &'a [Source], resources: &'a [Resource<'_>]) -> Self {
        let mut index = Self {
            entities: entities(sources, resources),
            places: HashMap::new(),
            by_kind: HashMap::new(),
            by_name: HashMap::new(),
            nameless: HashMap::new(),
            by_target: HashMap::new(),
            by_label: HashMap::new(),
            unsure: HashMap::new(),
        };
        for (number, entity) in index.entities.iter().enumerate() {
            let new_place = index.places.len();
            let place = *index.places.entry((entity.world, entity.namespace)).or_insert(new_place);
            let kind = entity.object.kind;
            index.by_kind.entry((place, kind)).or_default().push(number);
            match entity.name {
                Attribute::Known(name) => index.by_name.entry((place, kind, name)).or_default().push(number),
                Attribute::Unknown => index.nameless.entry((place, kind)).or_default().push(number),
                Attribute::Absent => {}
            }
            let Some((target, labels)) = &entity.labels else { continue };
            index.by_target.entry((place, *target)).or_default().push(number);
            for (key, value) in labels.known() {
                index.by_label.entry((place, *target, key, value)).or_default().push(number);
            }
            if labels.is_unsure() {
                index.unsure.entry((place, *target)).or_default().push(number);
            }
        }
        index
    }

    /// The place with this namespace in the world of `entity`, if there is anything in it.
    pub(super) fn place(&self, entity: &Entity<'_>, namespace: &'a str) -> Option<Place> {
        self.places.get(&(entity.world, namespace)).copied()
    }

    /// The objects of a kind.
    pub(super) fn of_kind(&self, place: Place, kind: &'a str) -> &[usize] {
        self.by_kind.get(&(place, kind)).map_or(&[], Vec::as_slice)
    }

    /// The objects of a kind with this name; documents of one file may repeat each other.
    pub(super) fn named(&self, place: Place, kind: &'a str, name: &'a str) -> &[usize] {
        self.by_name.get(&(place, kind, name)).map_or(&[], Vec::as_slice)
    }

    /// The objects of a kind whose name is not known.
    pub(super) fn nameless(&self, place: Place, kind: &'a str) -> &[usize] {
        self.nameless.get(&(place, kind)).map_or(&[], Vec::as_slice)
    }

    /// What selectors with this target look at.
    pub(super) fn targets(&self, place: Place, target: Target) -> &[usize] {
        self.by_target.get(&(place, target)).map_or(&[], Vec::as_slice)
    }

    /// Those of the targets that have a label.
    pub(super) fn labelled(&self, place: Place, target: Target, key: &'a str, value: &'a str) -> &[usize] {
        self.by_label.get(&(place, target, key, value)).map_or(&[], Vec::as_slice)
    }

    /// Those of the targets of whose labels some are not known.
    pub(super) fn unsure(&self, place: Place, target: Target) -> &[usize] {
        self.unsure.get(&(place, target)).map_or(&[], Vec::as_slice)
    }
}
