//! Ports that services and pods have, by number and by name.

use std::collections::HashSet;

use super::attribute::{Attribute, is_open};
use super::object::Object;
use super::selector::Match;
use crate::document::node::Node;

/// A set of ports. Numbers and names share it: a name holds a letter.
#[derive(Debug, Default)]
pub(super) struct Ports<'a> {
    known: HashSet<&'a str>,
    /// There may be more.
    is_open: bool,
    /// There may be more, but only numbers: those of ports that are given by name.
    has_hidden_numbers: bool,
}

impl<'a> Ports<'a> {
    /// The ports that a Service has: what an Ingress refers to.
    pub(super) fn of_service(service: &Object<'a>) -> Self {
        let mut ports = Self::default();
        for port in ports.of_list(service) {
            ports.add(port, "name");
            ports.add(port, "port");
        }
        ports
    }

    /// The ports that a Service leads to: what a Route refers to, by the names that the Service gives them.
    pub(super) fn of_endpoints(service: &Object<'a>) -> Self {
        let mut ports = Self::default();
        for port in ports.of_list(service) {
            ports.add(port, "name");
            match Attribute::text_at(port, &["targetPort"]) {
                Attribute::Known(target) if is_number(target) => drop(ports.known.insert(target)),
                Attribute::Known(_) => ports.has_hidden_numbers = true,
                Attribute::Absent => ports.add(port, "port"),
                Attribute::Unknown => ports.is_open = true,
            }
        }
        ports
    }

    /// The ports that the containers of a pod with the specification `spec` declare.
    pub(super) fn of_pod(spec: &'a Node) -> Self {
        let mut ports = Self::default();
        for list in ["containers", "initContainers"] {
            for container in ports.items(spec, &[list]) {
                for port in ports.items(container, &["ports"]) {
                    ports.add(port, "name");
                    ports.add(port, "containerPort");
                }
            }
        }
        ports
    }

    /// The items of a Service's list of ports.
    fn of_list(&mut self, service: &Object<'a>) -> &'a [Node] {
        let items = self.items(service.node, &["spec", "ports"]);
        // What stands for another name needs no ports, and a service of Knative opens its own.
        let is_external = Attribute::text_at(service.node, &["spec", "type"]) == Attribute::Known("ExternalName");
        self.is_open |= !service.group.is_empty() || (is_external && items.is_empty());
        items
    }

    fn items(&mut self, node: &'a Node, keys: &[&str]) -> &'a [Node] {
        let list = Attribute::find(node, keys);
        self.is_open |= list == Attribute::Unknown;
        if let Attribute::Known(list) = list { list.as_sequence().unwrap_or_default() } else { &[] }
    }

    /// Adds the number or name at `key` of `item`.
    fn add(&mut self, item: &'a Node, key: &str) {
        self.is_open |= is_open(item);
        match Attribute::text_at(item, &[key]) {
            Attribute::Known(port) if key != "name" || !is_number(port) => drop(self.known.insert(port)),
            Attribute::Known(_) | Attribute::Absent => {}
            Attribute::Unknown => self.is_open = true,
        }
    }

    /// Whether nothing tells of any port.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Whether `port`, a number or a name, is among them.
    pub(super) fn has(&self, port: &str) -> Match {
        if self.known.contains(port) {
            Match::Yes
        } else if self.is_open || (self.has_hidden_numbers && is_number(port)) {
            Match::Maybe
        } else {
            Match::No
        }
    }
}

fn is_number(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framework::kubernetes::tests::source;

    fn parse(text: &str) -> Node {
        source("a.yaml", text).document.roots.remove(0)
    }

    fn service(text: &str, look: impl Fn(&Object<'_>) -> Match) -> Match {
        look(&Object::of("Service", &parse(&format!("{{apiVersion: v1, spec: {text}}}"))))
    }

    #[test]
    fn services_have_ports_by_number_and_name() {
        for (text, port, expected) in [
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "80", Match::Yes),
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "http", Match::Yes),
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "8080", Match::No),
            ("{ports: '${PORTS}'}", "80", Match::Maybe),
            ("{ports: [{port: '${PORT}'}]}", "80", Match::Maybe),
            ("{type: ExternalName}", "80", Match::Maybe),
            ("{}", "80", Match::No),
        ] {
            assert_eq!(service(text, |service| Ports::of_service(service).has(port)), expected, "{text} {port}");
        }
        let text = "{apiVersion: serving.knative.dev/v1, spec: {}}";
        let knative = parse(text);
        assert_eq!(Ports::of_service(&Object::of("Service", &knative)).has("80"), Match::Maybe);
    }

    #[test]
    fn services_lead_to_ports() {
        for (text, port, expected) in [
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "8080", Match::Yes),
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "http", Match::Yes),
            ("{ports: [{port: 80, name: http, targetPort: 8080}]}", "80", Match::No),
            ("{ports: [{port: 80}]}", "80", Match::Yes),
            ("{ports: [{port: 80, targetPort: web}]}", "8080", Match::Maybe),
            ("{ports: [{port: 80, targetPort: web}]}", "http", Match::No),
        ] {
            assert_eq!(service(text, |service| Ports::of_endpoints(service).has(port)), expected, "{text} {port}");
        }
    }

    #[test]
    fn pods_declare_ports() {
        for (text, port, expected) in [
            ("{containers: [{}, {ports: [{containerPort: 80, name: http}]}]}", "80", Match::Yes),
            ("{containers: [{ports: [{containerPort: 80, name: http}]}]}", "http", Match::Yes),
            ("{containers: [{ports: [{containerPort: 80, hostPort: 81}]}]}", "81", Match::No),
            ("{containers: [{ports: [{containerPort: 80, name: '81'}]}]}", "81", Match::No),
            ("{initContainers: [{ports: [{containerPort: 80}]}]}", "80", Match::Yes),
            ("{containers: [{ports: '${PORTS}'}]}", "80", Match::Maybe),
        ] {
            assert_eq!(Ports::of_pod(&parse(text)).has(port), expected, "{text} {port}");
        }
        assert!(Ports::of_pod(&parse("{containers: [{image: x}]}")).is_empty());
    }
}
