//! A module as it is written: the blocks of all files of a directory.

use std::collections::{BTreeMap, HashMap};

use crate::document::hcl::syntax::{Attribute, Block, Expression, Item};
use crate::framework::Source;
use crate::platform::Platform;

/// A block, and the blocks of override files that change it.
#[derive(Clone, Debug)]
pub(super) struct Declaration<'a> {
    /// Index of its file.
    pub(super) source: usize,
    /// The block.
    pub(super) block: &'a Block,
    /// Blocks of `override.tf` and `*_override.tf` with the same name, in order.
    pub(super) overrides: Vec<&'a Block>,
}

/// The blocks of a directory.
#[derive(Debug, Default)]
pub(super) struct Module<'a> {
    /// Path of the directory relative to the scan root; empty for the root.
    pub(super) directory: &'a str,
    pub(super) variables: BTreeMap<&'a str, Declaration<'a>>,
    /// By name, with the file.
    pub(super) locals: HashMap<&'a str, (usize, &'a Attribute)>,
    pub(super) outputs: BTreeMap<&'a str, Declaration<'a>>,
    /// Blocks with labels that are too long for an address, by file and offset.
    pub(super) overlong: Vec<(usize, usize)>,
    /// Index of its first file.
    pub(super) first: Option<usize>,
    /// Managed resources, in the order of the files.
    pub(super) resources: Vec<Declaration<'a>>,
    /// Data sources, in the order of the files.
    pub(super) data: Vec<Declaration<'a>>,
    pub(super) calls: BTreeMap<&'a str, Declaration<'a>>,
    pub(super) providers: Vec<Declaration<'a>>,
    pub(super) settings: Vec<Declaration<'a>>,
    /// Number in `resources` or `data` by mode, type and name.
    by_name: HashMap<(Mode, &'a str, &'a str), usize>,
    /// Files with values of variables that are loaded without being named, in the order in which they are.
    pub(super) automatic: Vec<usize>,
    /// Files with values of variables that a command line names.
    pub(super) named: Vec<usize>,
}

/// The two sorts of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// `resource`
    Managed,
    /// `data`
    Data,
}

impl<'a> Declaration<'a> {
    /// The value of the attribute `name`, and whether it stands in an override file.
    pub(super) fn attribute(&self, name: &str) -> Option<(&'a Expression, bool)> {
        let overriding = self.overrides.iter().rev().find_map(|block| block.body.attribute(name));
        overriding.map(|value| (value, true)).or_else(|| self.block.body.attribute(name).map(|value| (value, false)))
    }
}

impl<'a> Module<'a> {
    /// The number, in its list, of the resource or data source of this type and name.
    pub(super) fn number(&self, mode: Mode, kind: &str, name: &str) -> Option<usize> {
        self.by_name.get(&(mode, kind, name)).copied()
    }

    /// Whether it declares the resource or data source of this type and name.
    pub(super) fn declares(&self, mode: Mode, kind: &str, name: &str) -> bool {
        self.number(mode, kind, name).is_some()
    }

    /// All resources or all data sources.
    pub(super) fn list(&self, mode: Mode) -> &Vec<Declaration<'a>> {
        match mode {
            Mode::Managed => &self.resources,
            Mode::Data => &self.data,
        }
    }

    /// Whether it can be applied as it is, or is meant to be: it needs no input, or has a state or values of its own.
    pub(super) fn is_root(&self) -> bool {
        let has_backend = self
            .settings
            .iter()
            .flat_map(|settings| settings.block.body.blocks())
            .any(|block| matches!(&*block.kind.text, "backend" | "cloud"));
        let has_values = !self.automatic.is_empty() || !self.named.is_empty();
        has_backend || has_values || self.variables.values().all(|variable| variable.attribute("default").is_some())
    }

    fn add(&mut self, source: usize, block: &'a Block) {
        let declaration = Declaration { source, block, overrides: Vec::new() };
        match (&*block.kind.text, block.label(0), block.label(1)) {
            ("variable", Some(name), _) => {
                self.variables.insert(name, declaration);
            }
            ("output", Some(name), _) => {
                self.outputs.insert(name, declaration);
            }
            ("module", Some(name), _) => {
                self.calls.insert(name, declaration);
            }
            ("locals", ..) => self
                .locals
                .extend(block.body.attributes().map(|attribute| (&*attribute.name.text, (source, attribute)))),
            ("resource", Some(kind), Some(name)) => {
                self.by_name.insert((Mode::Managed, kind, name), self.resources.len());
                self.resources.push(declaration);
            }
            ("data", Some(kind), Some(name)) => {
                self.by_name.insert((Mode::Data, kind, name), self.data.len());
                self.data.push(declaration);
            }
            // The data source of a `check` is one like others.
            ("check", ..) => block.body.blocks().for_each(|block| self.add(source, block)),
            ("provider", Some(_), _) => self.providers.push(declaration),
            ("terraform", ..) => self.settings.push(declaration),
            _ => {}
        }
    }

    /// Takes in a block of an override file: it changes the one that it has the name of.
    fn change(&mut self, source: usize, block: &'a Block) {
        let labels = (block.label(0), block.label(1));
        let changed = match (&*block.kind.text, labels) {
            ("variable", (Some(name), _)) => self.variables.get_mut(name),
            ("output", (Some(name), _)) => self.outputs.get_mut(name),
            ("module", (Some(name), _)) => self.calls.get_mut(name),
            ("resource", (Some(kind), Some(name))) => {
                self.by_name.get(&(Mode::Managed, kind, name)).and_then(|&number| self.resources.get_mut(number))
            }
            ("data", (Some(kind), Some(name))) => {
                self.by_name.get(&(Mode::Data, kind, name)).and_then(|&number| self.data.get_mut(number))
            }
            ("provider", (Some(name), _)) => {
                let alias = |block: &Block| block.body.attribute("alias").map(|alias| alias.term.clone());
                let is_same = |other: &&mut Declaration<'_>| {
                    other.block.label(0) == Some(name) && alias(other.block) == alias(block)
                };
                self.providers.iter_mut().find(is_same)
            }
            _ => None,
        };
        match changed {
            Some(declaration) => declaration.overrides.push(block),
            None => self.add(source, block),
        }
    }
}

/// The modules that `sources` hold, in the order of their directories.
pub(super) fn modules(sources: &[Source]) -> Vec<Module<'_>> {
    let mut modules: BTreeMap<&str, Module<'_>> = BTreeMap::new();
    let configuration = || {
        let files = sources.iter().enumerate().filter(|(_, source)| source.platform == Platform::Terraform);
        files.filter_map(|(index, source)| Some((index, source, source.hcl.as_ref()?)))
    };
    for is_override in [false, true] {
        for (index, source, body) in configuration() {
            let (directory, name) = split(&source.path);
            if is_values(name) || is_override_name(name) != is_override {
                continue;
            }
            let module = modules.entry(directory).or_insert_with(|| Module { directory, ..Module::default() });
            module.first.get_or_insert(index);
            for item in &body.items {
                let Item::Block(block) = item else { continue };
                if block.labels.iter().any(|label| label.text.len() > super::MAX_LABEL) {
                    module.overlong.push((index, block.span.start));
                    continue;
                }
                if is_override { module.change(index, block) } else { module.add(index, block) }
            }
        }
    }
    for (index, source, _) in configuration() {
        let (directory, name) = split(&source.path);
        if !is_values(name) {
            continue;
        }
        // Values are often kept in folders below the configuration that they are for.
        let mut above = directory;
        while !modules.contains_key(above) && !above.is_empty() {
            above = split(above).0;
        }
        if let Some(module) = modules.get_mut(above) {
            let is_automatic = name.starts_with("terraform.tfvars") || name.contains(".auto.tfvars");
            if is_automatic && above == directory { module.automatic.push(index) } else { module.named.push(index) }
        }
    }
    let mut modules: Vec<Module<'_>> = modules.into_values().collect();
    for module in &mut modules {
        // `terraform.tfvars` comes first, then the others by name.
        let is_later = |&index: &usize| !split(&sources[index].path).1.starts_with("terraform.tfvars");
        module.automatic.sort_by_key(|index| (is_later(index), *index));
    }
    modules
}

/// Directory and name of a path.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// Whether a file of this name holds values of variables.
pub(in crate::framework) fn is_values(name: &str) -> bool {
    name.ends_with(".tfvars") || name.ends_with(".tfvars.json")
}

fn is_override_name(name: &str) -> bool {
    let stem = [".tf.json", ".tofu.json", ".tf", ".tofu"].iter().find_map(|end| name.strip_suffix(end));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}
