//! Links between what one Compose file declares.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::node::Node;
use crate::framework::{Link, Resource, Source};
use crate::platform::Platform;

/// So many services that share a volume are linked each with each; of more, each is linked with the first.
const MAX_CLIQUE: usize = 32;

/// The links between resources of Compose files, from both ends: the index of a resource and a link of it.
///
/// `shares-volume` between services that mount the same named volume or host path, `depends-on` between services, `uses`
/// between a service and its networks, volumes, secrets and configs. Only what stands in the same file is linked.
#[must_use]
pub fn links(sources: &[Source], resources: &[Resource<'_>]) -> Vec<(usize, Link<'static>)> {
    let mut files: BTreeMap<usize, File<'_>> = BTreeMap::new();
    for (index, resource) in resources.iter().enumerate() {
        if sources.get(resource.source).is_some_and(|source| source.platform == Platform::Compose) {
            let file = files.entry(resource.source).or_default();
            file.by_address.insert(&resource.address, index);
            if resource.kind == "service" {
                file.services.push((index, &resource.body));
            }
        }
    }
    let mut pairs = BTreeSet::new();
    for file in files.values() {
        file.references(&mut pairs);
        file.shared_mounts(&mut pairs);
    }
    pairs
        .into_iter()
        .flat_map(|(relation, a, b)| [(a, Link { relation, to: b }), (b, Link { relation, to: a })])
        .collect()
}

/// A relation and the two resources.
type Pairs = BTreeSet<(&'static str, usize, usize)>;

#[derive(Default)]
struct File<'r> {
    by_address: BTreeMap<&'r str, usize>,
    /// Index and body of each service.
    services: Vec<(usize, &'r Node)>,
}

impl File<'_> {
    fn references(&self, pairs: &mut Pairs) {
        for &(service, body) in &self.services {
            let mut add = |relation: &'static str, section: &str, names: &mut dyn Iterator<Item = &Node>| {
                for name in names.filter_map(Node::as_str) {
                    if let Some(&to) =
                        self.by_address.get(format!("{section}.{name}").as_str()).filter(|&&to| to != service)
                    {
                        pairs.insert((relation, service, to));
                    }
                }
            };
            add("depends-on", "services", &mut items(body, "depends_on_names"));
            add("uses", "networks", &mut items(body, "network_names"));
            add("uses", "secrets", &mut items(body, "secret_names"));
            add("uses", "configs", &mut items(body, "config_names"));
            let volumes =
                items(body, "mounts").filter(|mount| mount.get("type").and_then(Node::as_str) == Some("volume"));
            add("uses", "volumes", &mut volumes.filter_map(|mount| mount.get("source")));
        }
    }

    fn shared_mounts(&self, pairs: &mut Pairs) {
        let mut users: BTreeMap<(&str, &str), BTreeSet<usize>> = BTreeMap::new();
        for &(service, body) in &self.services {
            for mount in items(body, "mounts") {
                let text = |name| mount.get(name).and_then(Node::as_str);
                if let (Some(kind), Some(source)) = (text("type"), text("source")) {
                    users.entry((kind, source)).or_default().insert(service);
                }
            }
        }
        for services in users.values() {
            let services: Vec<usize> = services.iter().copied().collect();
            let hubs = if services.len() > MAX_CLIQUE { 1 } else { services.len() };
            for (at, &hub) in services.iter().take(hubs).enumerate() {
                pairs.extend(services.iter().skip(at + 1).map(|&other| ("shares-volume", hub, other)));
            }
        }
    }
}

fn items<'n>(body: &'n Node, name: &str) -> impl Iterator<Item = &'n Node> + use<'n> {
    body.get(name).and_then(Node::as_sequence).unwrap_or_default().iter()
}
