//! All templates of a scan, and stacks that are made of other templates in it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use memchr::memmem;

use super::evaluator::{Budget, Evaluator};
use super::template::Template;
use crate::document::node::Node;
use crate::framework::Source;
use crate::framework::declared::{Declared, Evaluated, Gap, Site};
use crate::platform::Platform;
use crate::tree_path;

/// Most stacks inside of each other.
const MAX_DEPTH: usize = 8;
/// Most stacks that are made of templates of the scan.
const MAX_STACKS: usize = 1000;
/// Types of resources that are stacks, with the property that says of which template.
const STACKS: &[(&str, &str)] =
    &[("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")];

/// Whether the template `text` may make stacks of others. What hides such a type from a look at the text, an escape or a
/// loop over names, counts as one.
pub(in crate::framework) fn may_nest(text: &str) -> bool {
    let types = STACKS.iter().map(|(stack, _)| *stack);
    types.chain(["Fn::ForEach", "\\"]).any(|word| memmem::find(text.as_bytes(), word.as_bytes()).is_some())
}

/// Evaluates the templates among `sources`.
pub fn evaluate(sources: &[Source], out: &mut Evaluated) {
    let templates = sources.iter().enumerate().filter(|(_, source)| source.platform == Platform::Cloudformation);
    let templates: BTreeMap<usize, Template<'_>> =
        templates.filter_map(|(index, source)| Some((index, Template::new(index, source)?))).collect();
    let by_path = templates.values().map(|template| (template.path, template.source)).collect();
    let budget = Budget::new();
    let mut stacks = Stacks { templates: &templates, by_path, budget: &budget, made: BTreeSet::new(), count: 0, out };
    let called = stacks.called();
    // Those that no other makes a stack of come first; what is left are circles, and stacks that are not made.
    let (inner, outer): (Vec<usize>, Vec<usize>) = templates.keys().partition(|source| called.contains(source));
    for source in outer.into_iter().chain(inner) {
        if !stacks.made.contains(&source) {
            stacks.make(source, source, Outside::default(), &mut Vec::new());
        }
    }
}

struct Stacks<'t, 'o> {
    templates: &'t BTreeMap<usize, Template<'t>>,
    by_path: BTreeMap<&'t str, usize>,
    budget: &'t Budget,
    /// Templates of which there is a stack.
    made: BTreeSet<usize>,
    count: usize,
    out: &'o mut Evaluated,
}

/// What a stack is given from outside.
#[derive(Default)]
struct Outside {
    /// Begins the addresses of its resources.
    prefix: String,
    /// Values for its parameters.
    parameters: Option<Node>,
    /// The stacks around it, its own first.
    sites: Arc<[Site]>,
}

/// What the template of a nested stack is.
enum Called {
    /// A template of the scan.
    Here(usize),
    /// One that is elsewhere, or not known.
    Elsewhere,
}

impl<'t> Stacks<'t, '_> {
    /// The templates of which others make stacks.
    fn called(&self) -> BTreeSet<usize> {
        let mut called = BTreeSet::new();
        for template in self.templates.values() {
            called.extend(self.children(template).map(|(_, child)| child).filter(|child| *child != template.source));
        }
        called
    }

    /// The nested stacks that `template` writes down, with the files of their templates.
    fn children(&self, template: &Template<'t>) -> impl Iterator<Item = (&'t str, usize)> {
        template.section("Resources").iter().filter_map(|entry| {
            let kind = entry.value.get("Type")?.as_str()?;
            match self.find(template, kind, entry.value.get("Properties")?)? {
                Called::Here(child) => Some((entry.key.as_str()?, child)),
                Called::Elsewhere => None,
            }
        })
    }

    /// The template that the stack with these properties is made of; `None` when it is no stack.
    fn find(&self, from: &Template<'_>, kind: &str, properties: &Node) -> Option<Called> {
        let (_, property) = STACKS.iter().find(|(stack, _)| *stack == kind)?;
        let url = properties.get(property)?.as_str();
        let path = url
            .filter(|url| !url.contains("://"))
            .and_then(|url| tree_path::join(tree_path::directory(from.path), url));
        Some(
            path.and_then(|path| self.by_path.get(path.as_str()))
                .map_or(Called::Elsewhere, |&source| Called::Here(source)),
        )
    }

    /// Makes a stack of the template in file `source`, with what comes from `outside`. `above` are the templates around it.
    fn make(&mut self, source: usize, world: usize, outside: Outside, above: &mut Vec<usize>) {
        let templates = self.templates;
        let Some(template) = templates.get(&source) else { return };
        self.count += 1;
        let mut evaluator = Evaluator::new(template, world, outside.prefix, outside.parameters.as_ref(), self.budget);
        evaluator
            .children
            .extend(self.children(template).filter_map(|(name, child)| Some((name, templates.get(&child)?))));
        if self.made.insert(source) {
            evaluator.declare_file(&mut self.out.declared);
        }
        let mut resources = evaluator.resources();
        for resource in &mut resources {
            resource.sites = Arc::clone(&outside.sites);
        }
        if evaluator.is_cut {
            self.note(source, 0, "the template takes too many steps to evaluate: some of it is not known", true);
        }
        let first = self.out.declared.len();
        self.out.declared.extend(resources);
        let calls: Vec<(Declared, Called)> = self.out.declared[first..]
            .iter()
            .filter_map(|resource| Some((resource.clone(), self.find(template, &resource.kind, &resource.body)?)))
            .collect();
        above.push(source);
        let mut has_remote = false;
        for (stack, called) in calls {
            let Called::Here(child) = called else {
                if !has_remote {
                    has_remote = true;
                    let detail = "nested stacks of templates that are not in the scan are not evaluated";
                    self.note(source, stack.header.start, detail, false);
                }
                continue;
            };
            if above.contains(&child) {
                self.note(source, stack.header.start, "a nested stack is made of a template around it", true);
            } else if above.len() >= MAX_DEPTH || self.count >= MAX_STACKS {
                self.note(source, stack.header.start, "too many nested stacks: this one is not evaluated", true);
            } else {
                let parameters = stack.body.get("Parameters").cloned();
                let parameters = parameters.unwrap_or_else(|| Node::mapping(stack.header, Vec::new()));
                let site = Site { source, span: stack.header, message: format!("{} is nested", stack.address) };
                let inner = Outside {
                    prefix: format!("{}.", stack.address),
                    parameters: Some(parameters),
                    sites: std::iter::once(site).chain(outside.sites.iter().cloned()).collect(),
                };
                self.make(child, world, inner, above);
            }
        }
        above.pop();
    }

    fn note(&mut self, source: usize, offset: usize, detail: &str, is_cut: bool) {
        let gap = Gap { source, offset, detail: detail.to_owned(), is_cut };
        if !self.out.gaps.contains(&gap) {
            self.out.gaps.push(gap);
        }
    }
}
