//! What a module declares beside its resources: providers, variables, outputs, calls of modules, settings of Terraform.

use std::collections::HashMap;
use std::sync::Arc;

use super::evaluator::{Evaluator, Frame};
use super::instance::provider_name;
use super::module::Declaration;
use super::resource::header;
use crate::document::hcl::syntax::Term;
use crate::document::node::{Entry, Node, Value};
use crate::framework::declared::{Declared, mark};
use crate::span::Span;

impl<'a> Evaluator<'a> {
    /// The configuration of the provider of `declaration`, with where what it lacks is reported; an instance without one uses
    /// that of its caller.
    pub(super) fn provider_of(&mut self, instance: usize, declaration: &Declaration<'a>) -> Option<(Arc<Node>, Span)> {
        let modules = self.modules;
        let kind = declaration.block.label(0)?;
        let (mut name, mut alias) = match declaration.attribute("provider") {
            Some((provider, _)) => provider_name(provider)?,
            None => (kind.split('_').next().unwrap_or(kind), None),
        };
        let mut at = Some(instance);
        while let Some(number) = at {
            let found = self.instances.get(number)?;
            let module = modules.get(found.module)?;
            let is_it = |provider: &&Declaration<'a>| {
                let own = provider.attribute("alias").and_then(|(alias, _)| match &alias.term {
                    Term::Text(alias) => Some(&**alias),
                    _ => None,
                });
                provider.block.label(0) == Some(name) && own == alias
            };
            if let Some(provider) = module.providers.iter().find(is_it) {
                let place = (number, provider.source, provider.block.span.start, declaration.source);
                if let Some(node) = self.providers.get(&place) {
                    return Some((Arc::clone(node), header(declaration.block)));
                }
                let mut frame = Frame { instance: number, file: provider.source, ..Frame::default() };
                let mut node = self.block(provider.block, &provider.overrides, &mut frame);
                // It may stand in another file: all of it stands where the resource begins.
                super::value::relocate(&mut node, header(declaration.block));
                let node = Arc::new(node);
                self.providers.insert(place, Arc::clone(&node));
                return Some((node, header(declaration.block)));
            }
            let caller = found.caller.as_ref()?;
            (name, alias) = caller.provider((name, alias))?;
            at = Some(caller.instance());
        }
        None
    }

    /// Lists what an instance declares beside its resources.
    pub(super) fn declare_settings(&mut self, instance: usize, out: &mut Vec<Declared>) {
        let modules = self.modules;
        let Some(module) = self.instances.get(instance).and_then(|found| modules.get(found.module)) else { return };
        for provider in &module.providers {
            let name = provider.block.label(0).unwrap_or_default();
            let body = self.body_of(instance, provider);
            let alias = body.get("alias").and_then(Node::as_str).map(|alias| format!(".{alias}")).unwrap_or_default();
            self.declare(
                instance,
                provider,
                &format!("provider.{name}"),
                &format!("provider.{name}{alias}"),
                body,
                out,
            );
        }
        for (name, variable) in &module.variables {
            let mut body = self.body_of(instance, variable);
            self.write_type(variable, &mut body);
            self.declare(instance, variable, "variable", &format!("var.{name}"), body, out);
        }
        for (name, output) in &module.outputs {
            let body = self.body_of(instance, output);
            self.declare(instance, output, "output", &format!("output.{name}"), body, out);
        }
        for (name, call) in &module.calls {
            let body = self.body_of(instance, call);
            self.declare(instance, call, "module", &format!("module.{name}"), body, out);
        }
        for settings in &module.settings {
            let body = self.body_of(instance, settings);
            for block in settings.block.body.blocks().filter(|block| &*block.kind.text == "backend") {
                let name = block.label(0).unwrap_or_default();
                let mut frame = Frame { instance, file: settings.source, ..Frame::default() };
                let body = self.block(block, &[], &mut frame);
                let declaration = Declaration { source: settings.source, block, overrides: Vec::new() };
                self.declare(instance, &declaration, &format!("backend.{name}"), &format!("backend.{name}"), body, out);
            }
            self.declare(instance, settings, "terraform", "terraform", body, out);
        }
    }

    fn body_of(&mut self, instance: usize, declaration: &Declaration<'a>) -> Node {
        let mut frame = Frame { instance, file: declaration.source, ..Frame::default() };
        self.block(declaration.block, &declaration.overrides, &mut frame)
    }

    /// A type is no value: it stands as it is written.
    fn write_type(&self, variable: &Declaration<'a>, body: &mut Node) {
        let Some(written) = variable.block.body.attribute("type") else { return };
        let text =
            self.sources.get(variable.source).and_then(|source| source.text.get(written.span.start..written.span.end));
        if let (Some(text), Value::Mapping(mapping)) = (text, &mut body.value) {
            for Entry { value, .. } in mapping.entries.iter_mut().filter(|entry| entry.key.as_str() == Some("type")) {
                *value = Node::text(written.span, text.trim_matches('"'));
            }
        }
    }

    fn declare(
        &self,
        instance: usize,
        declaration: &Declaration<'a>,
        kind: &str,
        address: &str,
        mut body: Node,
        out: &mut Vec<Declared>,
    ) {
        let (Some(found), Some(source)) = (self.instances.get(instance), self.sources.get(declaration.source)) else {
            return;
        };
        crate::framework::iam::parse_json_texts(&mut body, &source.text);
        out.push(Declared {
            source: declaration.source,
            kind: kind.into(),
            address: found.address_of(address).into(),
            marks: vec![mark(self.world, &found.address_of(address))],
            body,
            base: String::new(),
            header: header(declaration.block),
            extent: declaration.block.span,
            scopes: Vec::new(),
            behind: 0,
            sites: Arc::clone(&found.sites),
        });
    }
}

/// Evaluated providers, by the instance, file and place of their blocks, and by the file that they are used in: they have places
/// of that one.
pub(super) type Providers = HashMap<(usize, usize, usize, usize), Arc<Node>>;
