//! Flags of the compiler, as `rustflags` passes them, in one form each.
//!
//! The options are those of the rustc book, chapters "Command-line Arguments" and "Codegen Options".

use std::borrow::Cow;

use super::attributes::{Attributes, extent, table};
use super::{View, Views};
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// Options that have their value behind them, as a word of its own or without a space, and what they are.
const WITH_VALUE: &[(&str, &str)] = &[
    ("--codegen", "codegen"),
    ("--cap-lints", "cap-lints"),
    ("--check-cfg", "check-cfg"),
    ("--cfg", "cfg"),
    ("--allow", "allow"),
    ("--warn", "warn"),
    ("--deny", "deny"),
    ("--forbid", "forbid"),
    ("-C", "codegen"),
    ("-Z", "unstable"),
    ("-A", "allow"),
    ("-W", "warn"),
    ("-D", "deny"),
    ("-F", "forbid"),
    ("-L", "library-path"),
    ("-l", "library"),
];

/// Lists the flags of the profiles of a manifest or a configuration.
pub(super) fn of_profiles(views: &mut Views<'_, '_>) {
    for profile in table(views.root, &["profile"]) {
        let Some(name) = profile.key.as_str() else { continue };
        let packages = table(&profile.value, &["package"]).iter().map(|package| (package.key.as_str(), &package.value));
        for (package, value) in [(None, &profile.value)].into_iter().chain(packages) {
            let Some(entry) = value.entry("rustflags") else { continue };
            let package = package.map_or_else(String::new, |package| format!("package.{package}."));
            push(views, format!("profile.{name}.{package}rustflags"), entry, None);
        }
    }
}

/// Lists the flags of a configuration, of all builds and of single targets.
pub(super) fn of_config(views: &mut Views<'_, '_>) {
    let root = views.root;
    for section in ["build", "host"] {
        if let Some(entry) = root.get(section).and_then(|section| section.entry("rustflags")) {
            push(views, format!("{section}.rustflags"), entry, None);
        }
    }
    for target in table(root, &["target"]) {
        if let (Some(name), Some(entry)) = (target.key.as_str(), target.value.entry("rustflags")) {
            push(views, format!("target.{name}.rustflags"), entry, Some(name));
        }
    }
}

fn push(views: &mut Views<'_, '_>, address: String, entry: &Entry, target: Option<&str>) {
    let mut attributes = Attributes::default();
    let span = entry.value.span;
    if let Some(target) = target {
        attributes.text(span, "target", target);
    }
    attributes.flag(span, "is_bare_metal", target.is_some_and(is_bare_metal));
    attributes.node(span, "flags", Node::sequence(span, flags(&entry.value)));
    views.push(View {
        kind: "rustflags",
        address,
        body: Cow::Owned(attributes.finish(span)),
        header: entry.key.span,
        extent: extent(entry),
    });
}

/// Whether `target`, a triple or a `cfg(…)`, has no operating system, so that nothing loads or randomises the program.
fn is_bare_metal(target: &str) -> bool {
    let os = ["-none", "_os = \"none\"", "os=\"none\"", "-uefi", "-unknown-unknown", "thumbv"];
    os.iter().any(|os| target.contains(os))
}

/// The words of a list, or of a text, which Cargo splits at spaces; each with its place.
fn words(node: &Node) -> Vec<(&str, Span)> {
    match (node.as_str(), node.as_sequence()) {
        (Some(text), _) => text.split_ascii_whitespace().map(|word| (word, node.span)).collect(),
        (_, Some(items)) => items.iter().filter_map(|item| Some((item.as_str()?, item.span))).collect(),
        _ => Vec::new(),
    }
}

/// `{kind, name, value, linker}` for each flag.
fn flags(node: &Node) -> Vec<Node> {
    let mut flags = Vec::new();
    let mut words = words(node).into_iter();
    while let Some((word, span)) = words.next() {
        let Some((kind, joined)) = WITH_VALUE.iter().find_map(|(option, kind)| {
            let rest = word.strip_prefix(option)?;
            // `--cfg=x` and `-Cx=y`, but not `--cfgs`.
            let is_long = option.starts_with("--");
            (rest.is_empty() || !is_long || rest.starts_with('='))
                .then_some((*kind, rest.strip_prefix('=').unwrap_or(rest)))
        }) else {
            flags.push(flag("other", word, None, span));
            continue;
        };
        let (text, span) = if joined.is_empty() { words.next().unwrap_or(("", span)) } else { (joined, span) };
        let (name, value) = match kind {
            "codegen" | "unstable" => text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value))),
            _ => (text, None),
        };
        flags.push(flag(kind, name, value, span));
    }
    flags
}

fn flag(kind: &str, name: &str, value: Option<&str>, span: Span) -> Node {
    let mut attributes = Attributes::default();
    attributes.text(span, "kind", kind);
    // `debug_assertions` is `debug-assertions`.
    let name = if kind == "codegen" { name.replace('_', "-") } else { name.to_owned() };
    let linker = value.filter(|_| ["link-arg", "link-args", "pre-link-arg", "pre-link-args"].contains(&&*name));
    attributes.text(span, "name", name);
    if let Some(linker) = linker {
        attributes.text(span, "linker", linker_words(linker));
    }
    if let Some(value) = value {
        attributes.text(span, "value", value);
    }
    attributes.finish(span)
}

/// What the linker is told, without what the compiler in front of it takes off: `-Wl,-z,execstack` is `-z execstack`.
fn linker_words(value: &str) -> String {
    let words = value.split_ascii_whitespace().filter(|&word| word != "-Xlinker");
    let words =
        words.map(|word| word.strip_prefix("-Wl,").map_or_else(|| word.to_owned(), |list| list.replace(',', " ")));
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> Vec<String> {
        let part = |flag: &Node, key: &str| flag.get(key).and_then(Node::as_str).unwrap_or("-").to_owned();
        flags(node)
            .iter()
            .map(|flag| ["kind", "name", "value", "linker"].map(|key| part(flag, key)).join(" "))
            .collect()
    }

    #[test]
    fn one_form_for_every_way_to_write_a_flag() {
        let span = Span::new(0, 1);
        let text = "-Ctarget-cpu=native -C link-arg=-Wl,-z,execstack -Zshare-generics=y --cfg=tokio_unstable --cfg x -Awarnings \
                    --cap-lints allow --codegen overflow_checks=off -v -C";
        let expected = [
            "codegen target-cpu native -",
            "codegen link-arg -Wl,-z,execstack -z execstack",
            "unstable share-generics y -",
            "cfg tokio_unstable - -",
            "cfg x - -",
            "allow warnings - -",
            "cap-lints allow - -",
            "codegen overflow-checks off -",
            "other -v - -",
            "codegen  - -",
        ];
        assert_eq!(shown(&Node::text(span, text)), expected);
        let items = text.split(' ').map(|word| Node::text(span, word)).collect();
        assert_eq!(shown(&Node::sequence(span, items)), expected);
    }
}
