//! Links between objects: by selectors, and by references that name the other object.
//!
//! Only objects of one world ([`super::world`]) see each other. Where a template hides a name, a label or a selector, a link
//! may be there or not: then both ends get a link of relation [`UNKNOWN`] to an object of the kind of the other end.

mod items;
mod workloads;

use std::collections::{HashMap, HashSet};

use self::items::{ItemLinker, items};
use super::attribute::Attribute;
use super::index::{Entity, Index, Place, is_of_cluster};
use super::relations::{self, Reference, Selection, Target};
use super::selector::{Match, Selector};
use crate::framework::{Link, Resource, Source};

/// Relation of a link that may be there or not, to a resource of the kind that it would lead to. One link stands for all
/// resources of that kind; one from a resource to itself stands for all of any kind.
pub const UNKNOWN: &str = "unknown";

/// Most steps that are spent on links. What a million objects of real manifests need is far below; past it, every object may
/// be linked to anything.
const MAX_STEPS: usize = 5_000_000;
/// Steps that a link counts for, because it takes memory.
const LINK_STEPS: usize = 5;

/// The links of each resource, by its index, in both directions; those of an object stand at its first resource, those of an
/// item that has its own at the item.
#[must_use]
pub fn links(sources: &[Source], resources: &[Resource<'_>]) -> Vec<Vec<Link<'static>>> {
    let index = Index::new(sources, resources);
    let mut linker = Linker::new(&index, resources.len());
    for (number, entity) in index.entities.iter().enumerate() {
        linker.link_object(number, entity);
    }
    linker.link_accounts();
    linker.link_stores(resources);
    ItemLinker::new(&mut linker).link_all(resources);
    if linker.steps > MAX_STEPS {
        for entity in &index.entities {
            linker.push(entity.index, Link { relation: UNKNOWN, to: entity.index });
        }
        for (item, _) in items(resources) {
            linker.push(item, Link { relation: UNKNOWN, to: item });
        }
    }
    let mut links = linker.links;
    for links in &mut links {
        links.sort_unstable();
        links.dedup();
    }
    links
}

/// Collects the links between entities, which it speaks of by their numbers.
struct Linker<'r> {
    index: &'r Index<'r>,
    links: Vec<Vec<Link<'static>>>,
    /// Doubts that are noted already: who, and about which kind.
    doubts: HashSet<(usize, &'r str)>,
    /// Groups that were doubted as a whole already, by what, and one member of each kind.
    groups: HashMap<(Group<'r>, &'r str), Vec<usize>>,
    steps: usize,
}

/// Numbers of what a selector takes or may take.
type Selected = Vec<(usize, Match)>;

/// Objects of a place that may be meant together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Group<'r> {
    /// Those of a kind.
    Kind(Place, &'r str),
    /// Those of a kind whose name is not known.
    Nameless(Place, &'r str),
    /// Those that selectors look at.
    Target(Place, Target),
}

impl<'r> Linker<'r> {
    fn new(index: &'r Index<'r>, resources: usize) -> Self {
        let links = vec![Vec::new(); resources];
        Self { index, links, doubts: HashSet::new(), groups: HashMap::new(), steps: 0 }
    }

    fn push(&mut self, from: usize, link: Link<'static>) {
        if let Some(links) = self.links.get_mut(from) {
            links.push(link);
        }
    }

    /// Counts what is done; whether it may be done.
    fn step(&mut self, cost: usize) -> bool {
        self.steps = self.steps.saturating_add(cost);
        self.steps <= MAX_STEPS
    }

    /// Links an object to others, in both directions.
    fn link(&mut self, relation: &'static str, entity: &Entity<'_>, others: &[usize]) {
        for other in others.iter().filter_map(|&other| self.index.entities.get(other)) {
            if other.index != entity.index && self.step(LINK_STEPS) {
                self.push(entity.index, Link { relation, to: other.index });
                self.push(other.index, Link { relation, to: entity.index });
            }
        }
    }

    /// Notes on both sides that two objects may be linked.
    fn doubt(&mut self, a: usize, b: usize) {
        let entities = &self.index.entities;
        let (Some(from), Some(to)) = (entities.get(a), entities.get(b)) else { return };
        if a == b {
            return;
        }
        if self.doubts.insert((a, to.object.kind)) {
            self.push(from.index, Link { relation: UNKNOWN, to: to.index });
        }
        if self.doubts.insert((b, from.object.kind)) {
            self.push(to.index, Link { relation: UNKNOWN, to: from.index });
        }
    }

    /// Notes that an object may be linked to each of a group. Once the group knows of one object of a kind, a further one of
    /// that kind needs only to learn of the kinds in the group.
    fn doubt_group(&mut self, number: usize, entity: &Entity<'r>, group: Group<'r>) {
        let key = (group, entity.object.kind);
        if let Some(representatives) = self.groups.get(&key).cloned() {
            for other in representatives {
                if self.step(1) {
                    self.doubt(number, other);
                }
            }
            return;
        }
        let index = self.index;
        let members = match group {
            Group::Kind(place, kind) => index.of_kind(place, kind),
            Group::Nameless(place, kind) => index.nameless(place, kind),
            Group::Target(place, target) => index.targets(place, target),
        };
        let mut kinds = HashSet::new();
        let mut representatives = Vec::new();
        for &other in members {
            if !self.step(1) {
                return;
            }
            if index.entities.get(other).is_some_and(|other| kinds.insert(other.object.kind)) {
                representatives.push(other);
            }
            self.doubt(number, other);
        }
        self.groups.insert(key, representatives);
    }

    fn link_object(&mut self, number: usize, entity: &'r Entity<'r>) {
        for reference in relations::references(&entity.object) {
            self.resolve(number, entity, &reference);
        }
        if let Some(selection) = relations::selection(&entity.object) {
            self.select(number, entity, &selection);
        }
        self.select_own(entity);
        self.link_namespace(entity);
    }

    /// Links to what a reference names.
    fn resolve(&mut self, number: usize, entity: &Entity<'r>, reference: &Reference<'r>) {
        let Attribute::Known(kind) = reference.kind else {
            self.push(entity.index, Link { relation: UNKNOWN, to: entity.index });
            return;
        };
        let namespace = match reference.namespace {
            _ if is_of_cluster(kind) => "",
            Attribute::Known(namespace) => namespace,
            // What is in no namespace refers to an object without saying in which that is.
            _ if entity.namespace.is_empty() => "default",
            _ => entity.namespace,
        };
        let Some(place) = self.index.place(entity, namespace) else { return };
        let Attribute::Known(name) = reference.name else {
            self.doubt_group(number, entity, Group::Kind(place, kind));
            return;
        };
        let named = self.index.named(place, kind, name);
        if named.is_empty() {
            self.doubt_group(number, entity, Group::Nameless(place, kind));
        } else {
            self.link(reference.relation, entity, named);
        }
    }

    /// Links to what a selector takes.
    fn select(&mut self, number: usize, entity: &Entity<'r>, selection: &Selection<'r>) {
        let index = self.index;
        let target = selection.target;
        let own = [entity.namespace];
        let namespaces = if selection.namespaces.is_empty() { &own[..] } else { &selection.namespaces };
        for place in namespaces.iter().filter_map(|namespace| index.place(entity, namespace)) {
            let Some(selector) = &selection.selector else {
                self.doubt_group(number, entity, Group::Target(place, target));
                continue;
            };
            for (other, matched) in self.selected(place, target, selector) {
                if matched == Match::Yes {
                    self.link("selects", entity, &[other]);
                } else {
                    self.doubt(number, other);
                }
            }
        }
    }

    /// What `selector` takes or may take of a place.
    fn selected(&mut self, place: Place, target: Target, selector: &Selector<'r>) -> Selected {
        let index = self.index;
        // Of the labels that it demands, the one that fewest have leaves the fewest to look at.
        let labelled = selector.equalities().map(|(key, value)| index.labelled(place, target, key, value));
        let (certain, unsure) = match labelled.min_by_key(|labelled| labelled.len()) {
            Some(labelled) => (labelled, index.unsure(place, target)),
            None => (index.targets(place, target), &[][..]),
        };
        let mut selected = Selected::new();
        for &other in certain.iter().chain(unsure) {
            if !self.step(1 + selector.len()) {
                break;
            }
            let labels = index.entities.get(other).and_then(|other| other.labels.as_ref());
            let matched = labels.map_or(Match::No, |(_, labels)| selector.matches(labels));
            if matched != Match::No {
                selected.push((other, matched));
            }
        }
        selected
    }

    /// Links a controller to itself when its selector takes the pods that it makes.
    fn select_own(&mut self, entity: &Entity<'_>) {
        let Some((Target::Pods, labels)) = &entity.labels else { return };
        let Some(selector) = relations::own_selector(&entity.object) else { return };
        let relation = match selector.matches(labels) {
            Match::Yes => "owns",
            Match::Maybe => UNKNOWN,
            Match::No => return,
        };
        self.push(entity.index, Link { relation, to: entity.index });
    }

    /// Links to the namespace that it is in, and workloads and claims of storage to the limits that hold there.
    fn link_namespace(&mut self, entity: &Entity<'_>) {
        let index = self.index;
        if let Some(cluster) = index.place(entity, "").filter(|_| !entity.namespace.is_empty()) {
            self.link("in-namespace", entity, index.named(cluster, "Namespace", entity.namespace));
        }
        let place = index.place(entity, entity.namespace);
        let is_limited =
            matches!(entity.labels, Some((Target::Pods, _))) || entity.object.kind == "PersistentVolumeClaim";
        if let Some(place) = place.filter(|_| is_limited) {
            for kind in ["LimitRange", "ResourceQuota"] {
                self.link("limits", entity, index.of_kind(place, kind));
            }
        }
    }
}

#[cfg(test)]
mod tests;
