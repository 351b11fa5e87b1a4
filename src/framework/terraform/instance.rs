//! Instances of modules, and what names mean in them.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::evaluator::{Evaluator, Frame, Memo};
use super::expand::Expansion;
use super::module::{Declaration, Mode};
use super::resource::header;
use super::types;
use super::value::{Object, failure};
use crate::document::hcl::syntax::{Block, Expression, Step, Term};
use crate::document::node::{Node, Value};
use crate::framework::declared::{Gap, Site, alike};
use crate::span::Span;
use crate::tree_path;

/// A module with values for its variables.
#[derive(Debug)]
pub(super) struct Instance<'a> {
    /// Number of the module.
    pub(super) module: usize,
    /// `module.a["x"].module.b`; empty for the root.
    pub(super) address: String,
    /// Why it is there: the calls between it and the root, its own first, and the file with the values of the root.
    pub(super) sites: Arc<[Site]>,
    /// Calls between the root and this.
    pub(super) level: usize,
    /// Who calls it; none for the root.
    pub(super) caller: Option<Caller<'a>>,
    /// Values that are given for variables of the root, with the files that they stand in.
    pub(super) given: HashMap<&'a str, (usize, &'a Expression)>,
    variables: HashMap<&'a str, Memo>,
    locals: HashMap<&'a str, Memo>,
    outputs: HashMap<&'a str, Memo>,
    /// By number in the module's list.
    pub(super) resources: HashMap<(Mode, usize), Memo>,
    /// Calls, by name. None while they are being expanded.
    calls: HashMap<&'a str, Option<Rc<Calls>>>,
}

/// The call that made an instance.
#[derive(Debug)]
pub(super) struct Caller<'a> {
    block: &'a Block,
    overrides: Vec<&'a Block>,
    frame: Frame<'a>,
}

/// Name and alias of the configuration of a provider.
pub(super) type ProviderName<'a> = (&'a str, Option<&'a str>);

impl<'a> Caller<'a> {
    /// The instance that the call stands in.
    pub(super) fn instance(&self) -> usize {
        self.frame.instance
    }

    /// What the caller calls the provider that is `name` in the instance: what the `providers` of the call say; otherwise one
    /// without an alias is the same, and one with an alias is not handed on.
    pub(super) fn provider(&self, name: ProviderName<'a>) -> Option<ProviderName<'a>> {
        let blocks = self.overrides.iter().rev().chain([&self.block]);
        let passed =
            blocks.filter_map(|block| block.body.attribute("providers")).find_map(|passed| match &passed.term {
                Term::Object(entries) => entries.iter().find(|(key, _)| provider_name(key) == Some(name)),
                _ => None,
            });
        match passed {
            Some((_, passed)) => provider_name(passed),
            None => name.1.is_none().then_some(name),
        }
    }
}

/// The provider that `expression` names: `aws`, `aws.west`, and `"aws.west"` of old.
pub(super) fn provider_name(expression: &Expression) -> Option<ProviderName<'_>> {
    match &expression.term {
        Term::Variable(name) => Some((name, None)),
        Term::Text(text) => Some(text.split_once('.').map_or((text, None), |(name, alias)| (name, Some(alias)))),
        Term::Traversal(base, steps) => match (&base.term, steps.as_slice()) {
            (Term::Variable(name), [Step::Attribute(alias)]) => Some((name, Some(alias))),
            _ => None,
        },
        _ => None,
    }
}

/// The instances that a call makes.
#[derive(Debug)]
pub(super) struct Calls {
    /// With what `each.key` or `count.index` is; none without both, or where it is not known.
    pub(super) instances: Vec<(Option<Node>, usize)>,
    is_keyed: bool,
}

/// Where an instance keeps what was evaluated of it.
type Slot<'a> = for<'i> fn(&'i mut Instance<'a>) -> &'i mut HashMap<&'a str, Memo>;

impl<'a> Instance<'a> {
    pub(super) fn new(module: usize, address: String, level: usize, caller: Option<Caller<'a>>) -> Self {
        Self {
            module,
            address,
            sites: Arc::new([]),
            level,
            caller,
            given: HashMap::new(),
            variables: HashMap::new(),
            locals: HashMap::new(),
            outputs: HashMap::new(),
            resources: HashMap::new(),
            calls: HashMap::new(),
        }
    }

    /// `address` as seen from the root.
    pub(super) fn address_of(&self, address: &str) -> String {
        if self.address.is_empty() { address.to_owned() } else { format!("{}.{address}", self.address) }
    }
}

impl<'a> Evaluator<'a> {
    /// What a name that begins a traversal means, and how many of the `steps` behind it belong to it.
    pub(super) fn root(
        &mut self,
        name: &'a str,
        steps: &'a [Step],
        frame: &mut Frame<'a>,
        at: Span,
    ) -> (Rc<Node>, usize) {
        if let Some((_, value)) = frame.names.iter().rev().find(|(known, _)| *known == name) {
            return (Rc::clone(value), 0);
        }
        let first = match steps.first() {
            Some(Step::Attribute(first)) => &**first,
            _ => return (Rc::new(Node::unknown(at)), steps.len()),
        };
        let unknown = |used: usize| (Rc::new(Node::unknown(at)), used);
        match name {
            "var" => (self.variable(frame.instance, first, at), 1),
            "local" => (self.local(frame.instance, first, at), 1),
            "each" => match (&frame.each, first) {
                (Some((key, _)), "key") => (Rc::clone(key), 1),
                (Some((_, value)), "value") => (Rc::clone(value), 1),
                _ => unknown(1),
            },
            "count" => (frame.count.clone().unwrap_or_else(|| Rc::new(Node::unknown(at))), 1),
            "module" => self.module_value(first, steps, frame, at),
            "data" => match steps.get(1) {
                Some(Step::Attribute(second)) => (self.resource(frame.instance, Mode::Data, first, second, at), 2),
                _ => unknown(steps.len()),
            },
            "path" | "terraform" | "self" => unknown(1),
            "ephemeral" => unknown(steps.len()),
            _ => (self.resource(frame.instance, Mode::Managed, name, first, at), 1),
        }
    }

    /// A value that is evaluated once. What asks for it while it is being evaluated is part of a cycle, and gets nothing.
    fn once(
        &mut self,
        at: Span,
        (instance, slot): (usize, Slot<'a>),
        name: &'a str,
        evaluate: impl FnOnce(&mut Self) -> Node,
    ) -> Rc<Node> {
        let Some(found) = self.instances.get_mut(instance) else { return Rc::new(Node::unknown(at)) };
        match slot(found).get(name) {
            Some(Memo::Done(value)) => return Rc::clone(value),
            Some(Memo::Pending) => return Rc::new(Node::unknown(at)),
            None => {}
        }
        slot(found).insert(name, Memo::Pending);
        let value = Rc::new(self.deeper(at, evaluate));
        if let Some(found) = self.instances.get_mut(instance) {
            slot(found).insert(name, Memo::Done(Rc::clone(&value)));
        }
        value
    }

    fn variable(&mut self, instance: usize, name: &'a str, at: Span) -> Rc<Node> {
        self.once(at, (instance, |found| &mut found.variables), name, |this| this.variable_value(instance, name, at))
    }

    fn variable_value(&mut self, instance: usize, name: &'a str, at: Span) -> Node {
        let Some(found) = self.instances.get(instance) else { return Node::unknown(at) };
        let modules = self.modules;
        let Some(declaration) = modules.get(found.module).and_then(|module| module.variables.get(name)) else {
            return Node::unknown(at);
        };
        let kind = declaration.attribute("type").map(|(kind, _)| kind);
        let address = found.address_of(&format!("var.{name}"));
        let given = match &found.caller {
            Some(caller) => {
                let argument =
                    caller.overrides.iter().rev().chain([&caller.block]).find_map(|block| block.body.attribute(name));
                argument.map(|argument| (argument, caller.frame.clone()))
            }
            None => {
                found.given.get(name).map(|(file, given)| (*given, Frame { instance, file: *file, ..Frame::default() }))
            }
        };
        let default = declaration.attribute("default").map(|(default, _)| default);
        let value = match given {
            Some((argument, mut frame)) => {
                let value = self.evaluate(argument, &mut frame);
                let is_nullable =
                    declaration.attribute("nullable").is_none_or(|(nullable, _)| nullable.term != Term::Bool(false));
                match default {
                    Some(default) if value.is_null() && !is_nullable => {
                        self.evaluate(default, &mut Frame { instance, file: declaration.source, ..Frame::default() })
                    }
                    _ => value,
                }
            }
            None => match default {
                Some(default) => {
                    self.evaluate(default, &mut Frame { instance, file: declaration.source, ..Frame::default() })
                }
                // Wherever it is used as it is, the value is the same.
                None => Node { tag: Some(alike(self.world, &address)), ..Node::unknown(at) },
            },
        };
        match kind {
            Some(kind) => types::convert(&value, kind, self.copies()),
            None => value,
        }
    }

    fn local(&mut self, instance: usize, name: &'a str, at: Span) -> Rc<Node> {
        self.once(at, (instance, |found| &mut found.locals), name, |this| {
            let modules = this.modules;
            let module = this.instances.get(instance).and_then(|found| modules.get(found.module));
            match module.and_then(|module| module.locals.get(name)) {
                Some((file, attribute)) => {
                    this.evaluate(&attribute.value, &mut Frame { instance, file: *file, ..Frame::default() })
                }
                None => Node::unknown(at),
            }
        })
    }

    fn output(&mut self, instance: usize, name: &'a str, at: Span) -> Rc<Node> {
        self.once(at, (instance, |found| &mut found.outputs), name, |this| {
            let modules = this.modules;
            let module = this.instances.get(instance).and_then(|found| modules.get(found.module));
            let output = module.and_then(|module| module.outputs.get(name));
            match output.and_then(|output| Some((output.source, output.attribute("value")?.0))) {
                Some((file, value)) => this.evaluate(value, &mut Frame { instance, file, ..Frame::default() }),
                None => failure(at),
            }
        })
    }

    /// `module.name.output`, `module.name[key].output`, `module.name[*].output`.
    fn module_value(&mut self, name: &'a str, steps: &'a [Step], frame: &mut Frame<'a>, at: Span) -> (Rc<Node>, usize) {
        let unknown = || (Rc::new(Node::unknown(at)), steps.len());
        let Some(calls) = self.calls(frame.instance, name) else { return unknown() };
        match (steps.get(1), steps.get(2)) {
            (Some(Step::Attribute(output)), _) if !calls.is_keyed => match calls.instances.first() {
                Some((_, instance)) => (self.output(*instance, output, at), 2),
                None => unknown(),
            },
            (Some(Step::Index(key)), Some(Step::Attribute(output))) => {
                let key = self.evaluate(key, frame);
                let is_it = |known: &Option<Node>| known.as_ref().is_none_or(|known| known.as_str() == key.as_str());
                let found = calls.instances.iter().find(|(known, _)| is_it(known));
                match found.or(if key.as_str().is_none() { calls.instances.first() } else { None }) {
                    Some((_, instance)) => (self.output(*instance, output, at), 3),
                    None => (Rc::new(failure(at)), steps.len()),
                }
            }
            (Some(Step::FullSplat | Step::AttributeSplat), Some(Step::Attribute(output))) => {
                let mut items = Vec::new();
                for (_, instance) in &calls.instances {
                    let value = self.output(*instance, output, at);
                    items.push(self.copy(&value, at));
                }
                (Rc::new(Node::sequence(at, items)), 3)
            }
            // The whole of it, as `for_each` over a module or a `for` wants it.
            _ if calls.is_keyed => (Rc::new(self.all_outputs(&calls, at)), 1),
            (None, _) => match calls.instances.first() {
                Some((_, instance)) => (Rc::new(self.outputs(*instance, at)), 1),
                None => unknown(),
            },
            _ => unknown(),
        }
    }

    /// The outputs of each instance: a list where there is a `count`, otherwise a map.
    fn all_outputs(&mut self, calls: &Calls, at: Span) -> Node {
        let mut items = Vec::new();
        let mut object = Object::default();
        for (key, instance) in &calls.instances {
            let outputs = self.outputs(*instance, at);
            match key.as_ref().map(|key| &key.value) {
                Some(Value::Scalar { text, plain: false }) => object.set(text, at, outputs),
                Some(_) => items.push(outputs),
                None => object.is_open = true,
            }
        }
        if items.is_empty() { object.into_node(at) } else { Node::sequence(at, items) }
    }

    /// All outputs of an instance, as an object.
    fn outputs(&mut self, instance: usize, at: Span) -> Node {
        let modules = self.modules;
        let module = self.instances.get(instance).and_then(|found| modules.get(found.module));
        let mut object = Object::default();
        for name in module.into_iter().flat_map(|module| module.outputs.keys()) {
            let value = self.output(instance, name, at);
            let value = self.copy(&value, at);
            object.set(name, at, value);
        }
        object.into_node(at)
    }

    /// The instances that the call `name` in `instance` makes; `None` where there is no such call, its module is not here, or
    /// they are being made.
    pub(super) fn calls(&mut self, instance: usize, name: &'a str) -> Option<Rc<Calls>> {
        let found = self.instances.get_mut(instance)?;
        if let Some(calls) = found.calls.get(name) {
            return calls.clone();
        }
        found.calls.insert(name, None);
        let (module, level, address) = (found.module, found.level, found.address_of(&format!("module.{name}")));
        let modules = self.modules;
        let declaration = modules.get(module)?.calls.get(name)?;
        let source = declaration.attribute("source").map(|(source, _)| source);
        let called = self.called(module, source)?;
        if level >= super::MAX_LEVELS {
            self.gap(
                declaration.source,
                declaration.block.span.start,
                true,
                format!("module `{name}` is more than {} calls deep: not examined there", super::MAX_LEVELS),
            );
            return None;
        }
        let mut frame = Frame { instance, file: declaration.source, ..Frame::default() };
        let expansion = self.expansion(declaration, &mut frame);
        let is_keyed = !matches!(expansion, Expansion::Single | Expansion::Unknown(_));
        let mut instances = Vec::new();
        let above = self.instances.get(instance).map(|found| Arc::clone(&found.sites)).unwrap_or_default();
        for (key, frame) in expansion.frames(&frame) {
            if self.instances_left == 0 {
                self.gap(
                    declaration.source,
                    declaration.block.span.start,
                    true,
                    format!("more than {} instances of modules: the others were not examined", super::MAX_INSTANCES),
                );
                break;
            }
            self.instances_left -= 1;
            let address = format!("{address}{}", super::expand::suffix(key.as_ref()));
            if address.len() > super::MAX_ADDRESS {
                self.gap(
                    declaration.source,
                    declaration.block.span.start,
                    true,
                    format!("an address of more than {} bytes: not examined there", super::MAX_ADDRESS),
                );
                continue;
            }
            let by = Caller { block: declaration.block, overrides: declaration.overrides.clone(), frame };
            instances.push((key, self.instances.len()));
            let mut made = Instance::new(called, address, level + 1, Some(by));
            made.sites = called_at(declaration, &made.address, &above);
            self.instances.push(made);
        }
        let calls = Rc::new(Calls { instances, is_keyed });
        self.instances.get_mut(instance)?.calls.insert(name, Some(Rc::clone(&calls)));
        Some(calls)
    }

    /// The module that `source`, written in `module`, names, when it is a directory of the scan.
    pub(super) fn called(&self, module: usize, source: Option<&Expression>) -> Option<usize> {
        let Term::Text(source) = &source?.term else { return None };
        let directory = join(self.modules.get(module)?.directory, source)?;
        self.by_directory.get(directory.as_str()).copied()
    }

    /// Notes that what `call` calls is not part of the scan.
    pub(super) fn note_missing(&mut self, call: &Declaration<'a>, name: &str, source: Option<&Expression>) {
        let detail = match source.map(|source| &source.term) {
            Some(Term::Text(text)) if text.starts_with('.') => {
                format!("module `{name}`: no configuration in `{text}`: not examined")
            }
            Some(Term::Text(text)) => format!("module `{name}` comes from `{text}`: not fetched, not examined"),
            _ => format!("module `{name}` has no source that can be read: not examined"),
        };
        self.gap(call.source, call.block.span.start, false, detail);
    }

    pub(super) fn gap(&mut self, source: usize, offset: usize, is_cut: bool, detail: String) {
        let gap = Gap { source, offset, detail, is_cut };
        if self.gaps.len() < super::MAX_GAPS && !self.gaps.contains(&gap) {
            self.gaps.push(gap);
        }
    }

    /// The resource or data source of this type and name: an object, or what `count` or `for_each` make of it.
    fn resource(&mut self, instance: usize, mode: Mode, kind: &'a str, name: &'a str, at: Span) -> Rc<Node> {
        let modules = self.modules;
        let module = self.instances.get(instance).and_then(|found| modules.get(found.module));
        match module.and_then(|module| module.number(mode, kind, name)) {
            Some(number) => self.resource_value(instance, mode, number),
            // What the configuration lacks is no failure that `try` catches.
            None => Rc::new(Node::unknown(at)),
        }
    }
}

/// The sites of what `call` makes under `address`, in a module with the sites `above`.
pub(super) fn called_at(call: &Declaration<'_>, address: &str, above: &[Site]) -> Arc<[Site]> {
    let site = Site { source: call.source, span: header(call.block), message: format!("{address} is called") };
    std::iter::once(site).chain(above.iter().cloned()).collect()
}

/// The directory that `source` names in `directory`, when it is a local path inside of the scan root.
pub(super) fn join(directory: &str, source: &str) -> Option<String> {
    if !source.starts_with("./") && !source.starts_with("../") && source != "." && source != ".." {
        return None;
    }
    tree_path::join(directory, source)
}
