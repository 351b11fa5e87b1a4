//! Plans in JSON, as `terraform show -json` prints them (Terraform documentation, "JSON Output Format").
//!
//! A plan holds the values that will be applied, with all variables filled in. Where the configuration that it was made of is in
//! the scan, each value stands where the configuration has it; otherwise in the plan.

use std::collections::HashMap;
use std::sync::Arc;

use super::classify::is_plan;
use super::evaluator::Evaluator;
use super::instance::called_at;
use super::manifests;
use super::module::{Mode, split};
use super::resource::header;
use super::value::relocate;
use crate::document::hcl::syntax::{Block, Body};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::{Declared, Manifest, Site, mark};
use crate::framework::{Part, iam};
use crate::platform::Platform;
use crate::span::Span;

/// Most resources of a plan.
const MAX_RESOURCES: usize = 100_000;
/// Most resources of a plan by which its configuration is looked for.
const MAX_COMPARED: usize = 500;
/// Deepest nesting of modules.
const MAX_LEVELS: usize = 32;

/// Lists the resources of all plans among the files.
pub(super) fn declare_all(evaluator: &mut Evaluator<'_>, out: &mut Vec<Declared>) {
    let sources = evaluator.sources;
    for (index, source) in sources.iter().enumerate() {
        if source.platform != Platform::Terraform || !is_plan(&source.path, &source.text) {
            continue;
        }
        let Some(root) = source.document.roots.first() else { continue };
        evaluator.world += 1;
        let plan = Plan { source: index, world: evaluator.world, evaluator, unknown: unknown_values(root) };
        let Some(planned) = root.at(&["planned_values", "root_module"]) else { continue };
        let configuration = root.at(&["configuration", "root_module"]);
        let planned_in =
            PlannedIn { configuration, module: plan.configured(planned, &source.path), sites: Arc::new([]) };
        let first = out.len();
        plan.module(planned, &planned_in, 0, out);
        let objects = out.iter().skip(first).filter_map(|declared| {
            let object = manifests::manifest(&declared.kind, &declared.body)?;
            let part = Part { address: Arc::clone(&declared.address), world: plan.world };
            Some(Manifest { source: declared.source, part, object, sites: Arc::clone(&declared.sites) })
        });
        let objects: Vec<Manifest> = objects.collect();
        evaluator.manifests.extend(objects);
    }
}

/// What is known of a module of a plan.
struct PlannedIn<'n> {
    /// What the plan says of its source.
    configuration: Option<&'n Node>,
    /// The module of the scan that it is.
    module: Option<usize>,
    /// The calls in the scan that lead to it.
    sites: Arc<[Site]>,
}

struct Plan<'e, 'a> {
    /// Index of its file.
    source: usize,
    world: usize,
    evaluator: &'e Evaluator<'a>,
    /// What is known only after the plan is applied, by address.
    unknown: HashMap<&'a str, &'a Node>,
}

/// By address of a resource, which of its values will be known only when it is applied.
fn unknown_values(root: &Node) -> HashMap<&str, &Node> {
    let changes = root.get("resource_changes").and_then(Node::as_sequence).unwrap_or_default();
    changes
        .iter()
        .filter_map(|change| Some((text(change, "address")?, change.at(&["change", "after_unknown"])?)))
        .collect()
}

fn text<'n>(node: &'n Node, name: &str) -> Option<&'n str> {
    node.get(name).and_then(Node::as_str)
}

fn list<'n>(node: &'n Node, name: &str) -> &'n [Node] {
    node.get(name).and_then(Node::as_sequence).unwrap_or_default()
}

impl Plan<'_, '_> {
    /// The module of the scan that the plan at `path` was made of: the one that declares most of what the root of the plan
    /// holds, the nearest one of several.
    fn configured(&self, planned: &Node, path: &str) -> Option<usize> {
        let resources: Vec<(Mode, &str, &str)> =
            list(planned, "resources").iter().filter_map(named).take(MAX_COMPARED).collect();
        let calls: Vec<&str> = list(planned, "child_modules")
            .iter()
            .filter_map(|child| call_name(text(child, "address")?))
            .take(MAX_COMPARED)
            .collect();
        let directory = split(path).0;
        let score = |number: usize| -> Option<(usize, bool, usize)> {
            let module = self.evaluator.modules.get(number)?;
            let declared = resources.iter().filter(|(mode, kind, name)| module.declares(*mode, kind, name)).count();
            let called = calls.iter().filter(|name| module.calls.contains_key(**name)).count();
            let is_here = module.directory == directory;
            (declared + called > 0).then(|| (declared + called, is_here, usize::MAX - module.directory.len()))
        };
        (0..self.evaluator.modules.len())
            .filter_map(|number| Some((score(number)?, number)))
            .max()
            .map(|(_, number)| number)
    }

    /// Lists the resources of a module of the plan.
    fn module(&self, planned: &Node, known: &PlannedIn<'_>, level: usize, out: &mut Vec<Declared>) {
        for resource in list(planned, "resources") {
            if out.len() >= MAX_RESOURCES {
                return;
            }
            self.resource(resource, planned, known, out);
        }
        if level >= MAX_LEVELS {
            return;
        }
        for child in list(planned, "child_modules") {
            let Some(address) = text(child, "address") else { continue };
            let Some(name) = call_name(address) else { continue };
            let call =
                known.module.and_then(|number| Some((number, self.evaluator.modules.get(number)?.calls.get(name)?)));
            let inner = PlannedIn {
                configuration: known.configuration.and_then(|inner| inner.at(&["module_calls", name, "module"])),
                module: call.and_then(|(number, call)| {
                    self.evaluator.called(number, call.attribute("source").map(|(source, _)| source))
                }),
                sites: call
                    .map_or_else(|| Arc::clone(&known.sites), |(_, call)| called_at(call, address, &known.sites)),
            };
            self.module(child, &inner, level + 1, out);
        }
    }

    fn resource(
        &self,
        resource: &Node,
        planned: &Node,
        known_of: &PlannedIn<'_>,
        out: &mut Vec<Declared>,
    ) -> Option<()> {
        let (mode, kind, name) = named(resource)?;
        let address = text(resource, "address")?;
        let values = resource.get("values")?;
        let written = known_of.module.and_then(|number| {
            let module = self.evaluator.modules.get(number)?;
            module.list(mode).get(module.number(mode, kind, name)?)
        });
        let prefix = text(planned, "address").map(|module| format!("{module}.")).unwrap_or_default();
        let base = match mode {
            Mode::Managed => format!("{prefix}{kind}.{name}"),
            Mode::Data => format!("{prefix}data.{kind}.{name}"),
        };
        let mut body = known(values, self.unknown.get(address).copied());
        let relative = base.strip_prefix(&prefix).unwrap_or(&base);
        let expressions = known_of
            .configuration
            .into_iter()
            .flat_map(|configuration| list(configuration, "resources"))
            .find(|it| text(it, "address") == Some(relative))
            .and_then(|it| it.get("expressions"));
        if let Some(expressions) = expressions {
            self.refer(&mut body, expressions, &prefix);
        }
        let in_plan = || resource.entry("address").map(|entry| entry.value.span);
        let (source, header, extent) = match written {
            Some(declaration) => {
                place_all(&mut body, declaration.block);
                (declaration.source, header(declaration.block), declaration.block.span)
            }
            None => (self.source, in_plan()?, resource.span),
        };
        let sites = match written {
            Some(_) => {
                let planned = Site { source: self.source, span: in_plan()?, message: format!("{address} is planned") };
                known_of.sites.iter().cloned().chain([planned]).collect()
            }
            None => Arc::clone(&known_of.sites),
        };
        iam::parse_json_texts(&mut body, &self.evaluator.sources.get(source)?.text);
        let mut marks = vec![mark(self.world, address)];
        if base != address {
            marks.push(mark(self.world, &base));
        }
        out.push(Declared {
            source,
            kind: match mode {
                Mode::Managed => kind.into(),
                Mode::Data => format!("data.{kind}").into(),
            },
            address: Arc::from(address),
            marks,
            body,
            base: String::new(),
            header,
            extent,
            scopes: Vec::new(),
            behind: 0,
            sites,
        });
        Some(())
    }

    /// Marks the attributes of `body` with the resource that their `expressions` refer to first.
    fn refer(&self, body: &mut Node, expressions: &Node, prefix: &str) {
        let Value::Mapping(mapping) = &mut body.value else { return };
        for entry in expressions.as_mapping().unwrap_or_default() {
            let Some(name) = entry.key.as_str() else { continue };
            let references = list(&entry.value, "references").iter().filter_map(Node::as_str);
            // The list holds `aws_s3_bucket.logs.id` and then `aws_s3_bucket.logs`.
            let mut resource = references.filter(|reference| {
                let first = reference.split('.').next().unwrap_or_default();
                !matches!(first, "var" | "local" | "each" | "count" | "path" | "terraform" | "self" | "module")
            });
            let parts = if resource.clone().any(|it| it.starts_with("data.")) { 3 } else { 2 };
            let Some(address) = resource.rfind(|it| it.split('.').count() == parts) else { continue };
            let tag = Some(mark(self.world, &format!("{prefix}{address}")));
            match mapping.entries.iter_mut().find(|known| known.key.as_str() == Some(name)) {
                Some(known) => known.value.tag = tag,
                None => mapping
                    .entries
                    .push(Entry { key: Node::plain(body.span, name), value: Node { tag, ..Node::unknown(body.span) } }),
            }
        }
    }
}

/// Mode, type and name of a planned resource.
fn named(resource: &Node) -> Option<(Mode, &str, &str)> {
    let mode = if text(resource, "mode") == Some("data") { Mode::Data } else { Mode::Managed };
    Some((mode, text(resource, "type")?, text(resource, "name")?))
}

/// The name of the call that the last part of an address of a module is of: `b` for `module.a["x.y"].module.b[0]`.
fn call_name(address: &str) -> Option<&str> {
    let last = address.rsplit("module.").next()?;
    Some(last.split('[').next().unwrap_or(last))
}

/// `values` without what is null, and with what `unknown` says is not known yet.
fn known(values: &Node, unknown: Option<&Node>) -> Node {
    if unknown.and_then(Node::as_str) == Some("true") {
        return Node::unknown(values.span);
    }
    let value = match &values.value {
        Value::Mapping(mapping) => {
            let mut entries: Vec<Entry> = mapping
                .entries
                .iter()
                .filter(|entry| !entry.value.is_null())
                .map(|entry| {
                    let unknown = entry.key.as_str().and_then(|key| unknown?.get(key));
                    Entry { key: entry.key.clone(), value: known(&entry.value, unknown) }
                })
                .collect();
            for entry in unknown.and_then(Node::as_mapping).unwrap_or_default() {
                let is_new = !entries.iter().any(|known| known.key.as_str() == entry.key.as_str());
                if is_new && entry.value.as_str() == Some("true") {
                    let key = Node { span: values.span, ..entry.key.clone() };
                    entries.push(Entry { key, value: Node::unknown(values.span) });
                }
            }
            Value::Mapping(Mapping { entries, is_open: mapping.is_open })
        }
        Value::Sequence(items) => {
            let unknown = unknown.and_then(Node::as_sequence).unwrap_or_default();
            Value::Sequence(items.iter().enumerate().map(|(at, item)| known(item, unknown.get(at))).collect())
        }
        other => other.clone(),
    };
    Node::new(values.span, value)
}

/// Puts the values of `body` where `block` has them; what it does not have, at its header.
fn place_all(body: &mut Node, block: &Block) {
    place(body, &block.body, block.span, header(block));
}

fn place(node: &mut Node, body: &Body, span: Span, header: Span) {
    node.span = span;
    let Value::Mapping(mapping) = &mut node.value else { return relocate(node, header) };
    for entry in &mut mapping.entries {
        let name = entry.key.as_str().unwrap_or_default();
        if let Some(attribute) = body.attributes().find(|attribute| &*attribute.name.text == name) {
            relocate(&mut entry.value, attribute.value.span);
            entry.key.span = attribute.name.span;
            continue;
        }
        let written: Vec<&Block> = body
            .blocks()
            .filter(|block| {
                &*block.kind.text == name || (&*block.kind.text == "dynamic" && block.label(0) == Some(name))
            })
            .collect();
        let (Some(first), Value::Sequence(items)) = (written.first(), &mut entry.value.value) else {
            relocate(&mut entry.value, header);
            entry.key.span = header;
            continue;
        };
        for (at, item) in items.iter_mut().enumerate() {
            let block = written.get(at).unwrap_or(first);
            let content = block.body.blocks().find(|inner| &*inner.kind.text == "content");
            let is_dynamic = &*block.kind.text == "dynamic";
            let body = content.filter(|_| is_dynamic).map_or(&block.body, |content| &content.body);
            place(item, body, block.span, block.kind.span);
        }
        entry.key.span = first.kind.span;
        entry.value.span = first.span;
    }
}
