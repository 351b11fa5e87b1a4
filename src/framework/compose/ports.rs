//! Ports in their long form: `127.0.0.1:8001:80/tcp` is `{host_ip, published, target, protocol}`.

use super::interpolate::{UNKNOWN, partly_known};
use crate::document::node::{Entry, Node, Value};
use crate::span::Span;

/// The attributes of a port that rules see.
const ATTRIBUTES: &[&str] = &["host_ip", "published", "target", "protocol"];

/// The long form of an item of `ports`. Ranges stay ranges.
pub(super) fn long_form(item: &Node, source: &str) -> Node {
    if let Value::Mapping(mapping) = &item.value {
        let is_port = |entry: &&Entry| entry.key.as_str().is_some_and(|key| ATTRIBUTES.contains(&key));
        let mut entries: Vec<Entry> = mapping.entries.iter().filter(is_port).cloned().collect();
        if item.get("protocol").is_none_or(Node::is_null) && !mapping.is_open {
            entries.push(Entry::new(item.span, "protocol", Node::text(item.span, "tcp")));
        }
        let mut port = Node::mapping(item.span, entries);
        if let Value::Mapping(written) = &mut port.value {
            written.is_open = mapping.is_open;
        }
        return port;
    }
    match partly_known(item, source) {
        Some(text) => short_form(&text, item.span),
        None => Node::unknown(item.span),
    }
}

/// `[[HOST_IP:]PUBLISHED:]TARGET[/PROTOCOL]`
fn short_form(text: &str, span: Span) -> Node {
    let (address, protocol) = text.rsplit_once('/').unwrap_or((text, "tcp"));
    let mut parts = address.rsplitn(3, ':');
    let target = parts.next().unwrap_or_default();
    let published = parts.next();
    let host_ip = parts.next();
    // A variable that stands alone may hold any of the parts.
    if published.is_none() && target.contains(UNKNOWN) {
        return Node::unknown(span);
    }
    let mut entries = Vec::new();
    let mut add = |name: &str, text: &str, is_plain: bool| {
        let node = match text {
            text if text.contains(UNKNOWN) => Node::unknown(span),
            text if is_plain => Node::plain(span, text),
            text => Node::text(span, text),
        };
        entries.push(Entry::new(span, name, node));
    };
    match (host_ip, published) {
        (Some(host_ip), _) => add("host_ip", host_ip.trim_start_matches('[').trim_end_matches(']'), false),
        // In front of the target it may hold the address too.
        (None, Some(published)) if published.contains(UNKNOWN) => add("host_ip", published, false),
        _ => {}
    }
    if let Some(published) = published.filter(|published| !published.is_empty()) {
        add("published", published, true);
    }
    add("target", target, true);
    add("protocol", protocol, false);
    Node::mapping(span, entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(String, String)> {
        let node = short_form(text, Span::new(0, text.len()));
        let value = |node: &Node| node.as_str().unwrap_or("?").to_owned();
        let entries = node.as_mapping().unwrap_or_default();
        entries.iter().map(|entry| (value(&entry.key), value(&entry.value))).collect()
    }

    #[test]
    fn short_forms() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("3000", &[("target", "3000"), ("protocol", "tcp")]),
            ("3000-3005", &[("target", "3000-3005"), ("protocol", "tcp")]),
            ("443:8443", &[("published", "443"), ("target", "8443"), ("protocol", "tcp")]),
            ("6060:6060/udp", &[("published", "6060"), ("target", "6060"), ("protocol", "udp")]),
            (
                "127.0.0.1:8001:80/tcp",
                &[("host_ip", "127.0.0.1"), ("published", "8001"), ("target", "80"), ("protocol", "tcp")],
            ),
            (
                "127.0.0.1:5000-5010:5000-5010",
                &[("host_ip", "127.0.0.1"), ("published", "5000-5010"), ("target", "5000-5010"), ("protocol", "tcp")],
            ),
            ("127.0.0.1::5000", &[("host_ip", "127.0.0.1"), ("target", "5000"), ("protocol", "tcp")]),
            ("[::1]:80:8080", &[("host_ip", "::1"), ("published", "80"), ("target", "8080"), ("protocol", "tcp")]),
            ("::1:80:8080", &[("host_ip", "::1"), ("published", "80"), ("target", "8080"), ("protocol", "tcp")]),
        ];
        for (text, expected) in cases {
            let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_hides_only_what_it_may_hold() {
        let names =
            |text: &str| read(text).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(
            names(&format!("127.0.0.1:{UNKNOWN}:80")),
            ["host_ip=127.0.0.1", "published=?", "target=80", "protocol=tcp"]
        );
        assert_eq!(names(&format!("{UNKNOWN}:80")), ["host_ip=?", "published=?", "target=80", "protocol=tcp"]);
        assert_eq!(short_form(&format!("{UNKNOWN}/tcp"), Span::default()).value, Value::Unknown);
    }
}
