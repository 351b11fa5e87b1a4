//! Links between workloads: those that share an account, and the API server with its store.

use std::collections::{BTreeMap, BTreeSet};

use super::Linker;
use crate::framework::Resource;
use crate::framework::kubernetes::attribute::Attribute;
use crate::framework::kubernetes::index::Place;
use crate::framework::kubernetes::relations;
use crate::framework::kubernetes::workload::pod_template;

/// Most workloads that are linked each with each; of more, each is linked with the first only.
const MAX_PAIRED: usize = 64;

impl Linker<'_> {
    /// Links the workloads of a namespace that name the same account; the default one is shared by all anyway.
    pub(super) fn link_accounts(&mut self) {
        let index = self.index;
        let mut accounts: BTreeMap<(Place, &str), Vec<usize>> = BTreeMap::new();
        for (number, entity) in index.entities.iter().enumerate() {
            let Some(pod) = pod_template(&entity.object) else { continue };
            let Attribute::Known(account) = relations::account(pod.spec.node) else { continue };
            if let Some(place) = index.place(entity, entity.namespace).filter(|_| account != "default") {
                accounts.entry((place, account)).or_default().push(number);
            }
        }
        for workloads in accounts.values() {
            let firsts = if workloads.len() > MAX_PAIRED { 1 } else { workloads.len() };
            for (position, &number) in workloads.iter().enumerate().take(firsts) {
                let others = workloads.get(position + 1..).unwrap_or_default();
                if let Some(entity) = index.entities.get(number) {
                    self.link("shares-account", entity, others);
                }
            }
        }
    }

    /// Links what runs an API server to what runs etcd in the same world.
    pub(super) fn link_stores(&mut self, resources: &[Resource<'_>]) {
        let index = self.index;
        let running = |program: &'static str| {
            let views = resources.iter().filter(move |view| view.kind == program && !view.base.is_empty());
            views.filter_map(|view| index.entities.binary_search_by_key(&view.object, |entity| entity.index).ok())
        };
        let mut stores: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for number in running("etcd") {
            if let Some(entity) = index.entities.get(number) {
                stores.entry(entity.world).or_default().insert(number);
            }
        }
        for number in running("kube-apiserver").collect::<BTreeSet<_>>() {
            let Some(entity) = index.entities.get(number) else { continue };
            for &store in stores.get(&entity.world).into_iter().flatten() {
                self.link("stores", entity, &[store]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::framework::kubernetes::links::tests::linked;

    #[test]
    fn workloads_share_accounts() {
        let pod = |name: usize, account: &str| {
            let spec = format!("spec: {{serviceAccountName: {account}, containers: []}}");
            format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p{name}}}, {spec}}},")
        };
        let list = |items: &str| format!("{{apiVersion: v1, kind: List, items: [{items}]}}");
        let items = [pod(0, "robot"), pod(1, "robot"), pod(2, "default"), pod(3, "default"), pod(4, "robot")].concat();
        assert_eq!(
            linked(&[("a.yaml", &list(&items))]),
            [
                "Pod.default.p0 -shares-account-> Pod.default.p1",
                "Pod.default.p0 -shares-account-> Pod.default.p4",
                "Pod.default.p1 -shares-account-> Pod.default.p4",
            ]
        );
        let many: String = (0..65).map(|name| pod(name, "robot")).collect();
        let links = linked(&[("a.yaml", &list(&many))]);
        assert_eq!(links.len(), 64);
        assert!(links.iter().all(|link| link.starts_with("Pod.default.p0 ")));
    }

    #[test]
    fn the_api_server_has_its_store() {
        let pod = |name: &str, namespace: &str| {
            let spec = format!("spec: {{containers: [{{name: x, command: [{name}, --a=1]}}]}}");
            format!("{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}}}, {spec}}}")
        };
        let (server, store) = (pod("kube-apiserver", "kube-system"), pod("etcd", "etcd"));
        assert_eq!(
            linked(&[("a.yaml", &server), ("b.yaml", &store)]),
            ["Pod.kube-system.kube-apiserver -stores-> Pod.etcd.etcd"]
        );
    }
}
