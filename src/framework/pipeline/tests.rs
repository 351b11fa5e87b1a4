//! What the tests of all systems need: a file into resources as short text.

use std::sync::Arc;

use crate::document::node::Node;
use crate::framework::shown::show;
use crate::framework::{self, Project, Source};
use crate::platform::Platform;

/// The file as a source.
pub(in crate::framework) fn source(platform: Platform, path: &str, text: &str) -> Source {
    framework::read(platform, &Arc::from(path), text)
}

/// Each resource of a kind as `address: body`, with only the attributes `keys`.
pub(in crate::framework) fn shown(platform: Platform, text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    let sources = [source(platform, "file", text)];
    let evaluated = framework::declared::Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    let resources = project.resources.iter().filter(|resource| resource.kind == kind);
    let body = |node: &Node| {
        let values = keys.iter().map(|key| node.get(key).map_or("-".to_owned(), show));
        values.collect::<Vec<_>>().join(" ")
    };
    resources.map(|resource| format!("{}: {}", resource.address, body(&resource.body))).collect()
}

/// What the names of the commands and the expansions of scripts are written as in the file, by their places.
pub(in crate::framework) fn written(platform: Platform, text: &str) -> Vec<String> {
    let source = source(platform, "file", text);
    let mut found = Vec::new();
    for root in &source.document.roots {
        let Some(body) = root.get("body") else { continue };
        for (list, key) in [("commands", "path"), ("expansions", "name")] {
            for item in body.get(list).and_then(Node::as_sequence).unwrap_or_default() {
                let span = item.get(key).unwrap().span;
                found.push(text[span.start..span.end].to_owned());
            }
        }
    }
    found
}
