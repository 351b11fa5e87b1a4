//! Configuration of Terraform and OpenTofu, evaluated: variables and the files with their values, locals, `count`, `for_each`,
//! `dynamic` blocks, functions, references, and modules of the same tree.
//!
//! What the kinds, attributes, scopes and links are stands in `docs/views/terraform.md`. A value that cannot be known here is
//! unknown: that of a variable without a default, of a data source, of an attribute that the provider fills in. All values of a
//! resource stand in its own file: one that comes from a variable stands where the variable is used.

mod body;
mod calls;
mod classify;
mod evaluator;
mod expand;
mod functions;
mod instance;
mod manifests;
mod module;
mod operators;
mod plan;
mod resource;
mod scripts;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod types;
mod value;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

pub(super) use self::calls::called_directories;
pub(super) use self::classify::is_plan;
pub use self::classify::is_terraform;
use self::evaluator::Evaluator;
use self::instance::Instance;
pub(super) use self::module::is_values;
use self::module::{Module, modules};
use super::Source;
use super::declared::{Declared, Evaluated, Site};
use crate::document::hcl::syntax::{Body, Expression};
use crate::document::{Document, hcl, json};
use crate::span::Span;

/// Most calls between a root module and another.
const MAX_LEVELS: usize = 16;
/// Most instances of modules in a scan.
const MAX_INSTANCES: usize = 16_384;
/// Most gaps that are noted.
const MAX_GAPS: usize = 1_000;
/// Most files with values of variables that a module is evaluated with, each by itself.
const MAX_VARIANTS: usize = 16;
/// Most resources of a scan.
const MAX_RESOURCES: usize = 60_000;
/// Longest address, in bytes.
const MAX_ADDRESS: usize = 4_096;
/// Longest word that a block has behind its type, in bytes.
const MAX_LABEL: usize = 1_024;

/// Reads a file of Terraform: JSON syntax or a plan by its name, else HCL in native syntax.
#[must_use]
pub fn read(path: &str, text: &str) -> (Body, Document) {
    if path.ends_with(".tfvars.json") {
        hcl::read_json_values(text)
    } else if classify::is_plan(path, text) {
        (Body::default(), json::read(text))
    } else if classify::is_json(path) {
        hcl::read_json(text)
    } else {
        hcl::read(text)
    }
}

/// Evaluates the configurations among `sources`: each module that is not only called by others, with the values that are
/// loaded for its variables, and once more with each file of values that a command line could name.
pub fn evaluate(sources: &[Source], out: &mut Evaluated) {
    let modules = modules(sources);
    let mut evaluator = Evaluator::new(sources, &modules, MAX_INSTANCES);
    plan::declare_all(&mut evaluator, &mut out.declared);
    for (source, offset) in modules.iter().flat_map(|module| &module.overlong) {
        evaluator.gap(*source, *offset, true, format!("a label of more than {MAX_LABEL} bytes: not examined"));
    }
    let mut done = BTreeSet::new();
    for number in roots(&evaluator, &modules) {
        evaluate_root(&mut evaluator, number, &mut done, out);
    }
    // Modules that only call each other in a circle, or that no call reaches.
    for number in 0..modules.len() {
        if !done.contains(&number) {
            evaluate_root(&mut evaluator, number, &mut done, out);
        }
    }
    out.gaps.append(&mut evaluator.gaps);
    out.manifests.append(&mut evaluator.manifests);
}

/// The modules that no other one calls, and those that can be applied by themselves all the same: a call from some other
/// directory must not be able to take a configuration out of the scan.
fn roots(evaluator: &Evaluator<'_>, modules: &[Module<'_>]) -> Vec<usize> {
    let mut called = BTreeSet::new();
    for (number, module) in modules.iter().enumerate() {
        let sources = module.calls.values().filter_map(|call| call.attribute("source"));
        called.extend(
            sources.filter_map(|(source, _)| evaluator.called(number, Some(source))).filter(|to| *to != number),
        );
    }
    (0..modules.len()).filter(|number| !called.contains(number) || modules[*number].is_root()).collect()
}

fn evaluate_root(evaluator: &mut Evaluator<'_>, number: usize, done: &mut BTreeSet<usize>, out: &mut Evaluated) {
    let Some(module) = evaluator.modules.get(number) else { return };
    let mut automatic = HashMap::new();
    for &file in &module.automatic {
        automatic.extend(values(evaluator.sources, file));
    }
    let variants = module.named.iter().take(MAX_VARIANTS).map(|file| Some(*file));
    for variant in std::iter::once(None).chain(variants) {
        if out.declared.len() >= MAX_RESOURCES {
            return;
        }
        let mut root = Instance::new(number, String::new(), 0, None);
        root.given.clone_from(&automatic);
        if let Some(file) = variant {
            root.given.extend(values(evaluator.sources, file));
            let message = "values of variables are given".to_owned();
            root.sites = Arc::new([Site { source: file, span: Span::new(0, 0), message }]);
        }
        evaluator.begin(root);
        let mut at = 0;
        while at < evaluator.instances.len() && out.declared.len() < MAX_RESOURCES {
            evaluate_instance(evaluator, at, done, &mut out.declared);
            at += 1;
        }
        let detail = if out.declared.len() >= MAX_RESOURCES {
            format!("more than {MAX_RESOURCES} resources: the others were not examined")
        } else if evaluator.take_cut() {
            "what this module declares exceeds a bound on evaluation: some of its values are unknown".to_owned()
        } else {
            continue;
        };
        if let Some(source) = variant.or(module.first) {
            evaluator.gap(source, 0, true, detail);
        }
    }
}

fn evaluate_instance(
    evaluator: &mut Evaluator<'_>,
    instance: usize,
    done: &mut BTreeSet<usize>,
    out: &mut Vec<Declared>,
) {
    let Some(found) = evaluator.instances.get(instance) else { return };
    let number = found.module;
    let Some(module) = evaluator.modules.get(number) else { return };
    evaluator.declare_resources(instance, out);
    for (name, call) in &module.calls {
        evaluator.calls(instance, name);
        let source = call.attribute("source").map(|(source, _)| source);
        if evaluator.called(number, source).is_none() {
            evaluator.note_missing(call, name, source);
        }
    }
    // Every instance has the same settings, apart from values that no rule on them looks at.
    if done.insert(number) {
        evaluator.declare_settings(instance, out);
    }
}

/// The values of variables that a file gives.
fn values(sources: &[Source], file: usize) -> impl Iterator<Item = (&str, (usize, &Expression))> {
    let body = sources.get(file).and_then(|source| source.hcl.as_ref());
    let attributes = body.into_iter().flat_map(Body::attributes);
    attributes.map(move |attribute| (&*attribute.name.text, (file, &attribute.value)))
}
