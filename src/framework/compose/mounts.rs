//! Mounts in their long form: `./data:/var/lib:ro` is `{type, source, target, read_only}`.

use super::interpolate::{UNKNOWN, partly_known};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// The attributes of a mount that rules see.
const ATTRIBUTES: &[&str] = &["type", "source", "target", "read_only"];
/// Long forms that some write for them.
const ALIASES: &[(&str, &str)] =
    &[("src", "source"), ("dst", "target"), ("destination", "target"), ("readonly", "read_only")];

/// The long form of an item of `volumes`.
pub(super) fn long_form(item: &Node, source: &str) -> Node {
    if let Value::Mapping(mapping) = &item.value {
        return completed(mapping, item.span);
    }
    match partly_known(item, source) {
        Some(text) => short_form(&text, item.span),
        None => Node::unknown(item.span),
    }
}

/// Where an item of `volumes` is mounted: what makes two of them the same mount.
pub(super) fn target(item: &Node) -> Option<String> {
    let long = match item.as_str() {
        Some(text) => short_form(text, item.span),
        None => long_form(item, ""),
    };
    long.get("target")?.as_str().map(str::to_owned)
}

/// The long form with all attributes.
fn completed(mapping: &Mapping, span: Span) -> Node {
    let mut entries = Vec::new();
    for entry in &mapping.entries {
        let Some(key) = entry.key.as_str() else { continue };
        let name = ALIASES.iter().find(|(alias, _)| *alias == key).map_or(key, |(_, name)| *name);
        if !ATTRIBUTES.contains(&name) {
            continue;
        }
        let value = match (name, entry.value.as_str()) {
            ("source", Some(path)) => Node::text(entry.value.span, without_slash(path)),
            _ => entry.value.clone(),
        };
        entries.push(Entry::new(entry.key.span, name, value));
    }
    let has = |entries: &[Entry], name| entries.iter().any(|entry| entry.key.as_str() == Some(name));
    if !mapping.is_open && !has(&entries, "read_only") {
        entries.push(Entry::new(span, "read_only", Node::plain(span, "false")));
    }
    if !mapping.is_open && !has(&entries, "type") {
        entries.push(Entry::new(span, "type", Node::text(span, "volume")));
    }
    Node::new(span, Value::Mapping(Mapping { entries, is_open: mapping.is_open }))
}

/// `[SOURCE:]TARGET[:MODE]`
fn short_form(text: &str, span: Span) -> Node {
    let (first, rest) = split_source(text);
    let Some(rest) = rest else {
        // A variable that stands alone may hold all of it.
        if first.contains(UNKNOWN) {
            return Node::unknown(span);
        }
        return mount(span, Node::text(span, "volume"), None, first, Node::plain(span, "false"));
    };
    let (target, mode) = rest.split_once(':').unwrap_or((rest, ""));
    let read_only = if mode.contains(UNKNOWN) {
        Node::unknown(span)
    } else {
        let is_read_only = mode.split(',').any(|option| option == "ro");
        Node::plain(span, if is_read_only { "true" } else { "false" })
    };
    let kind = if first.starts_with("\\\\.\\pipe\\") {
        Node::text(span, "npipe")
    } else if is_host_path(first) {
        Node::text(span, "bind")
    } else if first.contains(UNKNOWN) {
        Node::unknown(span)
    } else {
        Node::text(span, "volume")
    };
    mount(span, kind, Some(without_slash(first)), target, read_only)
}

fn mount(span: Span, kind: Node, source: Option<&str>, target: &str, read_only: Node) -> Node {
    let text = |text: &str| if text.contains(UNKNOWN) { Node::unknown(span) } else { Node::text(span, text) };
    let mut entries = vec![Entry::new(span, "type", kind)];
    entries.extend(source.map(|source| Entry::new(span, "source", text(source))));
    entries.push(Entry::new(span, "target", text(target)));
    entries.push(Entry::new(span, "read_only", read_only));
    Node::mapping(span, entries)
}

/// What stands in front of the first `:` that does not belong to a drive (`C:\data`), and what stands behind it.
fn split_source(text: &str) -> (&str, Option<&str>) {
    let bytes = text.as_bytes();
    let is_drive = bytes.first().is_some_and(u8::is_ascii_alphabetic)
        && bytes.get(1) == Some(&b':')
        && matches!(bytes.get(2), Some(b'\\' | b'/'))
        // `a:/data` is a volume of that name when nothing follows; a drive is mounted somewhere.
        && bytes.get(2..).is_some_and(|rest| rest.contains(&b':'));
    let skipped = if is_drive { 2 } else { 0 };
    match bytes.iter().skip(skipped).position(|&byte| byte == b':') {
        Some(at) => {
            let at = at + skipped;
            (text.get(..at).unwrap_or_default(), text.get(at + 1..))
        }
        None => (text, None),
    }
}

fn is_host_path(source: &str) -> bool {
    let is_drive = source.as_bytes().get(1) == Some(&b':');
    // No volume has a slash in its name: a variable in front of one holds the beginning of a path.
    source.starts_with(['/', '.', '~']) || is_drive || (source.contains(UNKNOWN) && source.contains('/'))
}

/// A path without the slashes at its end: `/etc/` is `/etc`.
fn without_slash(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() && !path.is_empty() { "/" } else { trimmed }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> [String; 4] {
        let node = short_form(text, Span::new(0, text.len()));
        ATTRIBUTES
            .iter()
            .map(|name| node.get(name).map_or("-", |value| value.as_str().unwrap_or("?")).to_owned())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap()
    }

    #[test]
    fn short_forms() {
        for (text, expected) in [
            ("/var/lib/mysql", ["volume", "-", "/var/lib/mysql", "false"]),
            ("data:/var/lib/mysql", ["volume", "data", "/var/lib/mysql", "false"]),
            ("./conf:/etc/app:ro", ["bind", "./conf", "/etc/app", "true"]),
            ("~/.ssh:/root/.ssh:ro,z", ["bind", "~/.ssh", "/root/.ssh", "true"]),
            ("/etc/:/host/etc:rw", ["bind", "/etc", "/host/etc", "false"]),
            ("/:/host", ["bind", "/", "/host", "false"]),
            ("C:\\data:/data", ["bind", "C:\\data", "/data", "false"]),
            ("c:/data:/data:ro", ["bind", "c:/data", "/data", "true"]),
            ("d:/data", ["volume", "d", "/data", "false"]),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_hides_only_what_it_may_hold() {
        assert_eq!(read(&format!("{UNKNOWN}/.ssh:/root/.ssh")), ["bind", "?", "/root/.ssh", "false"]);
        assert_eq!(read(&format!("{UNKNOWN}:/data:ro")), ["?", "?", "/data", "true"]);
        assert_eq!(read(&format!("/var/run/docker.sock:/x:{UNKNOWN}")), ["bind", "/var/run/docker.sock", "/x", "?"]);
        assert_eq!(short_form(&UNKNOWN.to_string(), Span::default()).value, Value::Unknown);
    }
}
