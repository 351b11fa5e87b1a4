//! Dockerfiles: the file, its stages, its instructions and the commands that they run.
//!
//! [`read`] makes one tree of the file, [`resources`] lists what rules bind to in it. The attributes are described in
//! `docs/views/dockerfile.md`.

pub(super) mod command;
mod context;
mod detect;
mod image;
mod instruction;
mod neighbours;
pub(super) mod nodes;
mod packages;
mod run;
mod stage;
mod tools;

#[cfg(test)]
mod tests;

pub use detect::is_dockerfile;

use std::borrow::Cow;
use std::sync::Arc;

use super::{Resource, Scope, Source};
use crate::document::Document;
use crate::document::dockerfile::{self, Keyword};
use crate::document::node::Node;
use crate::document::shell::Command;
use crate::span::Span;

/// Reads a Dockerfile into its tree.
#[must_use]
pub fn read(text: &str) -> Document {
    let mut file = dockerfile::parse(text);
    let mut errors = std::mem::take(&mut file.errors);
    let root = stage::file(&file, text, &mut errors);
    errors.sort_by_key(|error| error.offset);
    Document { roots: vec![root], comments: file.comments, errors, is_template: false }
}

/// The views of the commands of a script that stands elsewhere: what `command` is in a Dockerfile. `runner` is what runs it.
pub(super) fn command_nodes(commands: &[Command], runner: &str) -> Vec<Node> {
    let arguments: Vec<_> = commands.iter().map(command::Arguments::of).collect();
    command::nodes(commands, &arguments, runner)
}

/// Lists the resources of a Dockerfile: the file, its stages, and their instructions and commands in the order of the text.
pub fn resources<'a>(source: usize, file: &'a Source, out: &mut Vec<Resource<'a>>) {
    let Some(root) = file.document.roots.first() else { return };
    let file_header = root.get("stage_count").map_or(root.span, |node| node.span);
    let file_scope = Scope { name: "file", node: Cow::Borrowed(root), base: "$file".to_owned(), header: file_header };
    out.push(Resource {
        source,
        kind: Cow::Borrowed("file"),
        address: Arc::from("Dockerfile"),
        body: Cow::Borrowed(root),
        base: String::new(),
        header: file_header,
        extent: root.span,
        scopes: vec![file_scope.clone()],
        object: out.len(),
    });
    let mut lister = Lister { source, out, scopes: vec![file_scope] };
    lister.instructions(root, "");
    for stage in root.get("stages").and_then(Node::as_sequence).unwrap_or_default() {
        lister.stage(stage);
    }
}

struct Lister<'a, 'o> {
    source: usize,
    out: &'o mut Vec<Resource<'a>>,
    /// The scopes of what is listed next.
    scopes: Vec<Scope<'a>>,
}

impl<'a> Lister<'a, '_> {
    fn stage(&mut self, stage: &'a Node) {
        let text = |key| stage.get(key).and_then(Node::as_str);
        let address = match (text("as"), text("index")) {
            (Some(alias), _) => format!("stage.{alias}"),
            (None, index) => format!("stage[{}]", index.unwrap_or("0")),
        };
        let header = stage.at(&["from", "instruction"]).map_or(stage.span, |node| node.span);
        self.scopes.push(Scope { name: "stage", node: Cow::Borrowed(stage), base: "$stage".to_owned(), header });
        self.out.push(Resource {
            source: self.source,
            kind: Cow::Borrowed("stage"),
            address: Arc::from(address.as_str()),
            body: Cow::Borrowed(stage),
            base: String::new(),
            header,
            extent: stage.span,
            scopes: self.scopes.clone(),
            object: self.out.len(),
        });
        self.instructions(stage, &format!("{address}."));
        self.scopes.pop();
    }

    /// Lists the instructions that `holder` has by their names.
    fn instructions(&mut self, holder: &'a Node, prefix: &str) {
        let mut nodes: Vec<(Keyword, usize, &'a Node)> = Vec::new();
        for &keyword in Keyword::ALL {
            match holder.get(stage::key(keyword)) {
                Some(node) if keyword == Keyword::From => nodes.push((keyword, 0, node)),
                Some(list) => {
                    let items = list.as_sequence().unwrap_or_default().iter().enumerate();
                    nodes.extend(items.map(|(index, node)| (keyword, index, node)));
                }
                None => {}
            }
        }
        nodes.sort_by_key(|(_, _, node)| node.span.start);
        for (keyword, index, node) in nodes {
            let address: Arc<str> = Arc::from(format!("{prefix}{}[{index}]", keyword.as_str()));
            let object = self.out.len();
            self.instruction(keyword.as_str(), &address, "", node, (object, node.span));
            if let Some(trigger) = node.get("trigger") {
                let kind = trigger.get("instruction").and_then(Node::as_str).unwrap_or_default();
                self.instruction(kind, &address, "trigger", trigger, (object, node.span));
            }
        }
    }

    /// Lists an instruction and, of a `RUN`, its commands. `place` is the resource that its address names, and its extent.
    fn instruction(&mut self, kind: &'a str, address: &Arc<str>, base: &str, node: &'a Node, place: (usize, Span)) {
        let (object, extent) = place;
        let header = node.get("instruction").map_or(node.span, |keyword| keyword.span);
        self.out.push(Resource {
            source: self.source,
            kind: Cow::Borrowed(kind),
            address: Arc::clone(address),
            body: Cow::Borrowed(node),
            base: base.to_owned(),
            header,
            extent,
            scopes: self.scopes.clone(),
            object,
        });
        if kind != Keyword::Run.as_str() {
            return;
        }
        let prefix = if base.is_empty() { String::new() } else { format!("{base}.") };
        self.scopes.push(Scope { name: "run", node: Cow::Borrowed(node), base: base.to_owned(), header });
        for (index, command) in node.get("commands").and_then(Node::as_sequence).unwrap_or_default().iter().enumerate()
        {
            self.out.push(Resource {
                source: self.source,
                kind: Cow::Borrowed("command"),
                address: Arc::clone(address),
                body: Cow::Borrowed(command),
                base: format!("{prefix}commands[{index}]"),
                header: run::header(command),
                extent,
                scopes: self.scopes.clone(),
                object,
            });
        }
        self.scopes.pop();
    }
}
