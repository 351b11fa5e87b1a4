//! Resources and data sources with the values of their attributes.

use std::rc::Rc;
use std::sync::Arc;

use super::evaluator::{Evaluator, Frame, Memo};
use super::expand::{Expansion, suffix};
use super::manifests;
use super::module::{Declaration, Mode};
use super::scripts;
use super::value::set;
use crate::document::hcl::syntax::Block;
use crate::document::node::{Mapping, Node, Value};
use crate::framework::declared::{Declared, Manifest, mark};
use crate::framework::{Part, iam};
use crate::span::Span;

/// The data source that writes policy documents.
const POLICY_DOCUMENT: &str = "aws_iam_policy_document";
/// Its attribute that holds the document.
const DOCUMENT: &str = "json";

impl<'a> Evaluator<'a> {
    /// The value of resource `number` of `mode`: an object, or what `count` or `for_each` make of it: a list or a map of objects.
    /// Each carries its mark.
    pub(super) fn resource_value(&mut self, instance: usize, mode: Mode, number: usize) -> Rc<Node> {
        let modules = self.modules;
        let here = Span::new(0, 0);
        let Some(found) = self.instances.get_mut(instance) else { return Rc::new(Node::unknown(here)) };
        let Some(declaration) = modules.get(found.module).and_then(|module| module.list(mode).get(number)) else {
            return Rc::new(Node::unknown(here));
        };
        let at = declaration.block.span;
        let address = found.address_of(&address(mode, declaration.block));
        match found.resources.get(&(mode, number)) {
            Some(Memo::Done(value)) => return Rc::clone(value),
            // Of a resource that is being evaluated nothing is known but that it is this one.
            Some(Memo::Pending) => {
                let tag = Some(mark(self.world, &address));
                return Rc::new(Node { tag, ..Node::unknown(at) });
            }
            None => {}
        }
        found.resources.insert((mode, number), Memo::Pending);
        let value = Rc::new(self.deeper(at, |this| this.expanded(instance, declaration, &address)));
        if let Some(found) = self.instances.get_mut(instance) {
            found.resources.insert((mode, number), Memo::Done(Rc::clone(&value)));
        }
        value
    }

    fn expanded(&mut self, instance: usize, declaration: &Declaration<'a>, address: &str) -> Node {
        let at = declaration.block.span;
        let mut frame = Frame { instance, file: declaration.source, ..Frame::default() };
        let expansion = self.expansion(declaration, &mut frame);
        let is_list = matches!(expansion, Expansion::Count(_));
        let is_map = matches!(expansion, Expansion::Each(_));
        let mut items = Vec::new();
        let mut mapping = Mapping::default();
        for (key, mut frame) in expansion.frames(&frame) {
            let address = format!("{address}{}", suffix(key.as_ref()));
            let body = self.block(declaration.block, &declaration.overrides, &mut frame);
            let body = with_exports(declaration.block, body);
            let value = Node { tag: Some(mark(self.world, &address)), ..body };
            match key.as_ref().and_then(Node::as_str) {
                Some(key) if is_map => set(&mut mapping, key, at, value),
                _ => items.push(value),
            }
        }
        match items.pop() {
            _ if is_map => Node::new(at, Value::Mapping(mapping)),
            Some(only) if !is_list => only,
            last => {
                items.extend(last);
                Node::sequence(at, items)
            }
        }
    }

    /// Lists the resources and data sources of an instance, all of them evaluated.
    pub(super) fn declare_resources(&mut self, instance: usize, out: &mut Vec<Declared>) {
        let modules = self.modules;
        let Some(found) = self.instances.get(instance) else { return };
        let Some(module) = modules.get(found.module) else { return };
        let sites = Arc::clone(&found.sites);
        for mode in [Mode::Managed, Mode::Data] {
            for (number, declaration) in module.list(mode).iter().enumerate() {
                let value = self.resource_value(instance, mode, number);
                let Some(found) = self.instances.get(instance) else { return };
                let base = found.address_of(&address(mode, declaration.block));
                let (Some(kind), Some(source)) = (declaration.block.label(0), self.sources.get(declaration.source))
                else {
                    continue;
                };
                let kind: Arc<str> = match mode {
                    Mode::Managed => kind.into(),
                    Mode::Data => format!("data.{kind}").into(),
                };
                let provider = self.provider_of(instance, declaration);
                let mut objects = Vec::new();
                let mut declare = |address: String, body: &Node| {
                    let address: Arc<str> = address.into();
                    let mut body = Node { tag: None, ..body.clone() };
                    if mode == Mode::Data
                        && let Value::Mapping(mapping) = &mut body.value
                    {
                        // What was computed is no attribute of the configuration.
                        mapping.entries.retain(|entry| entry.key.as_str() != Some(DOCUMENT));
                    }
                    if let Some(object) = manifests::manifest(&kind, &body) {
                        let part = Part { address: Arc::clone(&address), world: self.world };
                        objects.push(Manifest { source: declaration.source, part, object, sites: Arc::clone(&sites) });
                    }
                    iam::parse_json_texts(&mut body, &source.text);
                    scripts::decode(&mut body);
                    let mut marks = vec![mark(self.world, &address)];
                    if *address != *base {
                        marks.push(mark(self.world, &base));
                    }
                    out.push(Declared {
                        source: declaration.source,
                        kind: Arc::clone(&kind),
                        address,
                        marks,
                        body,
                        base: String::new(),
                        header: header(declaration.block),
                        extent: declaration.block.span,
                        scopes: provider.iter().map(|(node, header)| ("provider", Arc::clone(node), *header)).collect(),
                        behind: 0,
                        sites: Arc::clone(&sites),
                    });
                };
                match &value.value {
                    Value::Sequence(items) => {
                        for (index, item) in items.iter().enumerate() {
                            declare(format!("{base}[{index}]"), item);
                        }
                    }
                    Value::Mapping(mapping) if value.tag.is_none() => {
                        for entry in &mapping.entries {
                            declare(format!("{base}{}", suffix(Some(&entry.key))), &entry.value);
                        }
                    }
                    Value::Mapping(_) => declare(base.clone(), &value),
                    Value::Scalar { .. } | Value::Unknown => {}
                }
                self.manifests.append(&mut objects);
            }
        }
    }
}

/// Adds what the provider computes from the attributes alone.
fn with_exports(block: &Block, body: Node) -> Node {
    if &*block.kind.text != "data" || block.label(0) != Some(POLICY_DOCUMENT) {
        return body;
    }
    let document = iam::document_of_data(&body);
    let mut body = body;
    if let Value::Mapping(mapping) = &mut body.value {
        set(mapping, DOCUMENT, block.span, document);
    }
    body
}

/// `aws_s3_bucket.logs`, `data.aws_ami.linux`.
fn address(mode: Mode, block: &Block) -> String {
    let (kind, name) = (block.label(0).unwrap_or_default(), block.label(1).unwrap_or_default());
    match mode {
        Mode::Managed => format!("{kind}.{name}"),
        Mode::Data => format!("data.{kind}.{name}"),
    }
}

/// The first line of a block: its kind and labels.
pub(super) fn header(block: &Block) -> Span {
    let end = block.labels.last().map_or(block.kind.span.end, |label| label.span.end);
    Span::new(block.kind.span.start, end)
}
