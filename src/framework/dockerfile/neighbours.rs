//! What an instruction is to those around it: whether it could be one with the one in front, whether a later one unpacks
//! what it copies. Found when a stage is read as a whole.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::dockerfile::Keyword;
use crate::document::node::{Entry, Node, Value};

/// Programs that unpack the archive that they are given. `tar` does so with some options only.
const UNPACKERS: &[&str] = &["unzip", "gunzip", "bunzip2", "unlzma", "unxz", "zgz", "uncompress", "zcat", "gzcat"];
/// Copies of a stage that the variables of that stage are compared with.
const MAX_COPIES: usize = 64;
/// A `RUN` of more commands stands for itself.
const MAX_COMMANDS: u32 = 2;

/// Adds `is_last`, `is_mergeable` and `is_extracted` to the instructions of a stage.
pub(super) fn mark(groups: &mut BTreeMap<Keyword, Vec<Node>>) {
    for group in groups.values_mut() {
        let count = group.len();
        for (index, node) in group.iter_mut().enumerate() {
            flag(node, "is_last", index + 1 == count);
        }
    }
    mark_variables(groups);
    let unpacked = groups.get(&Keyword::Run).map(|runs| unpacked(runs)).unwrap_or_default();
    for keyword in [Keyword::Run, Keyword::Copy, Keyword::Add] {
        let Some(group) = groups.get_mut(&keyword) else { continue };
        let mergeable: Vec<bool> = std::iter::once(false)
            .chain(group.windows(2).map(|pair| match pair {
                [before, node] => is_mergeable(keyword, before, node),
                _ => false,
            }))
            .collect();
        for (node, mergeable) in group.iter_mut().zip(mergeable) {
            flag(node, "is_mergeable", mergeable);
        }
    }
    for node in groups.get_mut(&Keyword::Copy).into_iter().flatten() {
        let is_extracted = node.get("from").is_none() && archives(node).iter().any(|name| unpacked.contains(name));
        flag(node, "is_extracted", is_extracted);
    }
}

/// Adds `is_copied` to the variables of a stage: the value is a path into what it copies from the context of the build.
fn mark_variables(groups: &mut BTreeMap<Keyword, Vec<Node>>) {
    let copies = [Keyword::Copy, Keyword::Add].into_iter().filter_map(|keyword| groups.get(&keyword)).flatten();
    let copies = copies.filter(|copy| copy.get("from").is_none()).take(MAX_COPIES);
    let destinations: Vec<String> = copies.filter_map(destination).collect();
    let is_copied = |path: &str| {
        let path = whole_path("/", path);
        let holds = |folder: &String| {
            path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        destinations.iter().any(holds)
    };
    for keyword in [Keyword::Env, Keyword::Arg] {
        for node in groups.get_mut(&keyword).into_iter().flatten() {
            let Value::Mapping(mapping) = &mut node.value else { continue };
            let pairs = mapping.entries.iter_mut().filter(|entry| entry.key.as_str() == Some("pairs"));
            for entry in pairs {
                let Value::Sequence(pairs) = &mut entry.value.value else { continue };
                for pair in pairs {
                    let holds = pair
                        .get("value")
                        .and_then(Node::as_str)
                        .is_some_and(|path| path.contains('/') && is_copied(path));
                    flag(pair, "is_copied", holds);
                }
            }
        }
    }
}

/// Where a `COPY` puts things, from the root.
fn destination(copy: &Node) -> Option<String> {
    let workdir = copy.get("workdir").map_or(Some("/"), Node::as_str)?;
    Some(whole_path(workdir, copy.get("destination")?.as_str()?))
}

/// `path`, which is relative to `folder` unless it begins at the root, without dots and a slash at its end.
fn whole_path(folder: &str, path: &str) -> String {
    let folder = if path.starts_with('/') { "" } else { folder };
    let parts = folder.split('/').chain(path.split('/')).filter(|part| !part.is_empty() && *part != ".");
    parts.fold(String::new(), |whole, part| whole + "/" + part)
}

fn flag(node: &mut Node, key: &str, holds: bool) {
    let span = node.get("instruction").map_or(node.span, |keyword| keyword.span);
    if let Value::Mapping(mapping) = &mut node.value {
        mapping.entries.push(Entry::new(span, key, Node::plain(span, if holds { "true" } else { "false" })));
    }
}

/// Whether the instruction `node` could be one with `before`, the last of its kind in front of it.
fn is_mergeable(keyword: Keyword, before: &Node, node: &Node) -> bool {
    let text = |node: &Node, key| node.get(key).and_then(Node::as_str).map(str::to_owned);
    if node.get("previous").and_then(Node::as_str) != Some(keyword.as_str()) || flags(before) != flags(node) {
        return false;
    }
    if keyword == Keyword::Run {
        let is_short = |node| text(node, "command_count").and_then(|count| count.parse().ok()) <= Some(MAX_COMMANDS);
        let is_known = |node: &Node| node.get("command_count").is_some_and(|count| count.as_str().is_some());
        is_known(before) && is_known(node) && is_short(before) && is_short(node)
    } else {
        let destination = text(node, "destination");
        destination.is_some() && destination == text(before, "destination")
    }
}

/// The flags of an instruction, in any order.
fn flags(node: &Node) -> BTreeSet<(String, Option<String>)> {
    let entries = node.get("flags").and_then(Node::as_mapping).unwrap_or_default();
    let text = |node: &Node| node.as_str().map(str::to_owned);
    entries.iter().map(|entry| (text(&entry.key).unwrap_or_default(), text(&entry.value))).collect()
}

/// Names of the files that commands of these `RUN`s unpack.
fn unpacked(runs: &[Node]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let commands = runs.iter().filter_map(|run| run.get("commands").and_then(Node::as_sequence)).flatten();
    for command in commands {
        let texts =
            |key| command.get(key).and_then(Node::as_sequence).unwrap_or_default().iter().filter_map(Node::as_str);
        let name = command.get("name").and_then(Node::as_str).unwrap_or_default();
        let unpacks = UNPACKERS.contains(&name)
            || (name == "tar"
                && (texts("flags").any(|flag| matches!(flag, "-x" | "--extract" | "--get"))
                    // `tar xzf file`: the letters may stand without a dash.
                    || texts("operands").next().is_some_and(|first| first.len() < 8 && first.contains('x'))));
        if unpacks {
            names.extend(texts("words").skip(1).map(|word| base_name(word).to_owned()));
        }
    }
    names
}

/// The archives that a `COPY` brings, by the names that they have in the image.
fn archives(copy: &Node) -> Vec<String> {
    let is_archive = |name: &&str| super::instruction::is_archive(name) || name.to_ascii_lowercase().ends_with(".zip");
    let destination = copy.get("destination").and_then(Node::as_str).map(base_name).filter(is_archive);
    if let Some(name) = destination {
        return vec![name.to_owned()];
    }
    let sources = copy.get("sources").and_then(Node::as_sequence).unwrap_or_default();
    sources.iter().filter_map(Node::as_str).map(base_name).filter(is_archive).map(str::to_owned).collect()
}

fn base_name(path: &str) -> &str {
    path.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or(path)
}
