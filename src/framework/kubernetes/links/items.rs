//! Links of single items: backends of routes, peers of network policies, ports of services.
//!
//! An item that may be linked has a link of relation [`UNKNOWN`] to itself.

use std::collections::HashMap;

use super::{LINK_STEPS, Linker, Selected, UNKNOWN};
use crate::document::node::Node;
use crate::framework::kubernetes::attribute::Attribute;
use crate::framework::kubernetes::index::Entity;
use crate::framework::kubernetes::ports::Ports;
use crate::framework::kubernetes::relations::{self, Target};
use crate::framework::kubernetes::selector::{Match, Selector};
use crate::framework::kubernetes::workload::pod_template;
use crate::framework::{Link, Resource};

/// The views with links of their own among `resources`, with their indices.
pub(super) fn items<'r, 'a>(resources: &'r [Resource<'a>]) -> impl Iterator<Item = (usize, &'r Resource<'a>)> {
    let is_item = |(index, resource): &(usize, &'r Resource<'a>)| {
        resource.object == *index
            && !resource.base.is_empty()
            && matches!(&*resource.kind, "ingress-backend" | "network-policy-peer" | "service-port")
    };
    resources.iter().enumerate().filter(is_item)
}

/// What an item is linked to.
#[derive(Default)]
struct Found {
    /// Numbers of the objects.
    linked: Vec<usize>,
    /// There may be more.
    is_unsure: bool,
}

impl Found {
    fn unsure() -> Self {
        Self { linked: Vec::new(), is_unsure: true }
    }

    fn add(&mut self, number: usize, matched: Match) {
        match matched {
            Match::Yes => self.linked.push(number),
            Match::Maybe => self.is_unsure = true,
            Match::No => {}
        }
    }
}

/// Links items; what it learned of an object serves all items that ask for it.
pub(super) struct ItemLinker<'l, 'r> {
    linker: &'l mut Linker<'r>,
    /// Ports of services, by number of the object.
    services: HashMap<usize, Ports<'r>>,
    /// Ports that services lead to.
    endpoints: HashMap<usize, Ports<'r>>,
    /// Ports of workloads.
    pods: HashMap<usize, Ports<'r>>,
    /// The Service whose ports were seen last, and the workloads that it selects; `None` when that is not known.
    selected: Option<(usize, Option<Selected>)>,
}

impl<'l, 'r> ItemLinker<'l, 'r> {
    pub(super) fn new(linker: &'l mut Linker<'r>) -> Self {
        Self { linker, services: HashMap::new(), endpoints: HashMap::new(), pods: HashMap::new(), selected: None }
    }

    /// Links every item among `resources`.
    pub(super) fn link_all(&mut self, resources: &'r [Resource<'_>]) {
        let entities = &self.linker.index.entities;
        for (item, resource) in items(resources) {
            // An item follows the object that holds it.
            let owner = entities.partition_point(|entity| entity.index < item).checked_sub(1);
            let Some((number, entity)) = owner.and_then(|number| Some((number, entities.get(number)?))) else {
                continue;
            };
            let (relation, found) = match &*resource.kind {
                "ingress-backend" => ("routes", self.backend(entity, &resource.body)),
                "network-policy-peer" => ("selects", self.peer(entity, &resource.body)),
                _ => ("targets", self.service_port(number, entity, &resource.body)),
            };
            for other in found.linked.iter().filter_map(|&other| entities.get(other)) {
                if self.linker.step(LINK_STEPS) {
                    self.linker.push(item, Link { relation, to: other.index });
                    self.linker.push(other.index, Link { relation, to: item });
                }
            }
            if found.is_unsure {
                self.linker.push(item, Link { relation: UNKNOWN, to: item });
            }
        }
    }

    /// The Service behind a backend, if it has the port.
    fn backend(&mut self, entity: &'r Entity<'r>, body: &'r Node) -> Found {
        let index = self.linker.index;
        let namespace = match Attribute::text_at(body, &["namespace"]) {
            Attribute::Known(namespace) => namespace,
            Attribute::Absent => entity.namespace,
            Attribute::Unknown => return Found::unsure(),
        };
        let name = match Attribute::text_at(body, &["service"]) {
            Attribute::Known(name) => name,
            Attribute::Absent => return Found::default(),
            Attribute::Unknown => return Found::unsure(),
        };
        let Some(place) = index.place(entity, namespace) else { return Found::default() };
        let named = index.named(place, "Service", name);
        let is_hidden = named.is_empty() && !index.nameless(place, "Service").is_empty();
        let mut found = Found { linked: Vec::new(), is_unsure: is_hidden };
        let is_route = entity.object.kind == "Route";
        for &number in named {
            let Some(service) = index.entities.get(number).filter(|_| self.linker.step(1)) else { break };
            let ports = if is_route {
                self.endpoints.entry(number).or_insert_with(|| Ports::of_endpoints(&service.object))
            } else {
                self.services.entry(number).or_insert_with(|| Ports::of_service(&service.object))
            };
            let matched = match Attribute::text_at(body, &["port"]) {
                Attribute::Known(port) => ports.has(port),
                // A route without a port takes the one that the Service has.
                Attribute::Absent => Match::Yes,
                Attribute::Unknown => Match::Maybe,
            };
            found.add(number, matched);
        }
        found
    }

    /// The workloads that a peer of a network policy selects in the policy's own namespace.
    fn peer(&mut self, entity: &'r Entity<'r>, body: &'r Node) -> Found {
        let is_there = |key| Attribute::find(body, &[key]) != Attribute::Absent;
        let Attribute::Known(selector) = Attribute::find(body, &["podSelector"]) else { return Found::unsure() };
        if is_there("namespaceSelector") || is_there("ipBlock") {
            return Found::unsure();
        }
        let mut found = Found::default();
        if let Some(place) = self.linker.index.place(entity, entity.namespace) {
            for (number, matched) in self.linker.selected(place, Target::Pods, &Selector::of(selector)) {
                found.add(number, matched);
            }
        }
        found
    }

    /// The workloads that a Service selects and that declare what its port leads to.
    fn service_port(&mut self, number: usize, entity: &'r Entity<'r>, body: &'r Node) -> Found {
        let target = match Attribute::text_at(body, &["targetPort"]) {
            Attribute::Absent => Attribute::text_at(body, &["port"]),
            target => target,
        };
        let Attribute::Known(target) = target else { return Found::unsure() };
        if self.selected.as_ref().is_none_or(|(known, _)| *known != number) {
            let workloads = self.workloads(entity);
            self.selected = Some((number, workloads));
        }
        // Without a selector somebody else says what is behind the Service.
        let Some((_, Some(workloads))) = &self.selected else { return Found::unsure() };
        let mut found = Found::default();
        for &(number, selected) in workloads {
            let workload = self.linker.index.entities.get(number).filter(|_| self.linker.step(1));
            let Some(pod) = workload.and_then(|workload| pod_template(&workload.object)) else { break };
            let ports = self.pods.entry(number).or_insert_with(|| Ports::of_pod(pod.spec.node));
            // Ports need not be declared.
            let declared = if ports.is_empty() { Match::Maybe } else { ports.has(target) };
            found.add(number, selected.and(declared));
        }
        found
    }

    /// The workloads that a Service selects; `None` when its selector is not known, or it has none.
    fn workloads(&mut self, service: &'r Entity<'r>) -> Option<Selected> {
        let selector = relations::selection(&service.object)?.selector?;
        let place = self.linker.index.place(service, service.namespace)?;
        Some(self.linker.selected(place, Target::Pods, &selector))
    }
}
