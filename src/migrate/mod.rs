//! What other tools are told to leave alone, as waivers: their configurations in, waivers and reasons out.
//!
//! Checks are translated by the `equivalents` of the rules. Nothing is read or written here.

mod checks;
mod configuration;
mod secrets;
mod trivy;

use std::collections::BTreeSet;

use globset::Glob;

pub use self::configuration::{Edited, add};
pub use self::secrets::Exceptions;
use crate::document::node::Node;
use crate::document::yaml;
use crate::rules::catalogue::Catalogue;
use crate::suppress::names_check;

/// Everything, as a glob on paths.
const EVERYWHERE: &str = "**";
/// Most waivers of one file.
const MAX_WAIVERS: usize = 1_000;
/// Longest reason, in characters.
const MAX_REASON: usize = 150;

/// A waiver to be written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewWaiver {
    /// Id of the rule.
    pub rule: String,
    /// Glob on paths.
    pub path: String,
    /// Why, and where it was said.
    pub reason: String,
    /// The last day, as it is written there.
    pub until: Option<String>,
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    /// Name of the file.
    pub file: String,
    /// What it becomes.
    pub waivers: Vec<NewWaiver>,
    /// What is left over, and why, one sentence each.
    pub left: Vec<String>,
}

/// The configurations of scanners for misconfigurations, relative to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `skip-check` of Checkov.
    Checkov,
    /// `ignored` of hadolint.
    Hadolint,
    /// `exclude-queries` of KICS.
    Kics,
    /// `.trivyignore` of Trivy.
    Trivy,
    /// `.trivyignore.yaml` of Trivy.
    TrivyYaml,
    /// `ignore` and `disable` of zizmor.
    Zizmor,
}

impl Source {
    /// Every file that is looked for, with what it is.
    pub const FILES: &[(&str, Source)] = &[
        (".trivyignore", Source::Trivy),
        (".trivyignore.yaml", Source::TrivyYaml),
        (".trivyignore.yml", Source::TrivyYaml),
        (".checkov.yaml", Source::Checkov),
        (".checkov.yml", Source::Checkov),
        (".hadolint.yaml", Source::Hadolint),
        (".hadolint.yml", Source::Hadolint),
        (".github/zizmor.yml", Source::Zizmor),
        (".github/zizmor.yaml", Source::Zizmor),
        ("zizmor.yml", Source::Zizmor),
        ("zizmor.yaml", Source::Zizmor),
        ("kics.config", Source::Kics),
        (".kics.yaml", Source::Kics),
        (".kics.yml", Source::Kics),
    ];

    /// Translates `text`, which is the file `file`, to waivers of rules of `catalogue`.
    #[must_use]
    pub fn translate(self, file: &str, text: &str, catalogue: &Catalogue) -> Translation {
        let mut drafts = Drafts::new(file, catalogue);
        match self {
            Self::Trivy => trivy::lines(text, &mut drafts),
            Self::TrivyYaml => drafts.document(text, trivy::document),
            Self::Checkov => drafts.document(text, checks::checkov),
            Self::Hadolint => drafts.document(text, checks::hadolint),
            Self::Kics => drafts.document(text, checks::kics),
            Self::Zizmor => drafts.document(text, checks::zizmor),
        }
        drafts.finish()
    }
}

/// The waivers of one file as they come.
struct Drafts<'a> {
    catalogue: &'a Catalogue,
    done: Translation,
    seen: BTreeSet<(String, String)>,
}

/// One exception of another tool.
#[derive(Clone, Copy, Default)]
struct Exception<'a> {
    /// Name of the tool, as in `equivalents`.
    tool: &'a str,
    /// Its check; for Checkov it may be a glob.
    id: &'a str,
    /// Where; everywhere without one.
    path: Option<&'a str>,
    reason: Option<&'a str>,
    until: Option<&'a str>,
}

impl<'a> Drafts<'a> {
    fn new(file: &str, catalogue: &'a Catalogue) -> Self {
        let done = Translation { file: file.to_owned(), ..Translation::default() };
        Self { catalogue, done, seen: BTreeSet::new() }
    }

    /// Lets `read` look at the YAML document `text`.
    fn document(&mut self, text: &str, read: impl FnOnce(&Node, &mut Self)) {
        match yaml::parse(text) {
            Ok(documents) => {
                if let Some(document) = documents.first() {
                    read(document, self);
                }
            }
            Err(error) => self.leave("the file", &format!("it cannot be read: {}", error.message)),
        }
    }

    /// Notes that `what` is not carried over.
    fn leave(&mut self, what: &str, why: &str) {
        if self.done.left.len() < MAX_WAIVERS {
            let what: String = what.chars().filter(|c| !c.is_control()).take(MAX_REASON).collect();
            self.done.left.push(format!("{what}: {why}"));
        }
    }

    /// A waiver for each rule that stands for the check of `exception`.
    fn add(&mut self, exception: Exception<'_>) {
        let Exception { tool, id, path, reason, until } = exception;
        let rules = rules(self.catalogue, tool, id);
        if rules.is_empty() {
            return self.leave(id, "no rule of Lockgate is equivalent");
        }
        let path = path.map_or(EVERYWHERE, |path| path.strip_prefix("./").unwrap_or(path));
        let file = self.done.file.as_str();
        let reason = match reason.map(str::trim).filter(|reason| !reason.is_empty()) {
            Some(reason) => format!("{} ({id} in {file})", reason.chars().take(MAX_REASON).collect::<String>()),
            None => format!("{id} is ignored in {file}"),
        };
        for rule in rules {
            if self.done.waivers.len() >= MAX_WAIVERS {
                return self.leave(id, "too many waivers");
            }
            if self.seen.insert((rule.clone(), path.to_owned())) {
                let (reason, until) = (reason.clone(), until.map(ToOwned::to_owned));
                self.done.waivers.push(NewWaiver { rule, path: path.to_owned(), reason, until });
            }
        }
    }

    fn finish(self) -> Translation {
        self.done
    }
}

/// The rules of `catalogue` that stand for the check `id` of `tool`.
fn rules(catalogue: &Catalogue, tool: &str, id: &str) -> Vec<String> {
    let glob = id.contains('*').then(|| Glob::new(id).ok().map(|glob| glob.compile_matcher()));
    let is_meant = |equivalent: &String| match &glob {
        None => names_check(tool, id, equivalent),
        Some(glob) => equivalent
            .split_once(':')
            .is_some_and(|(of, known)| of == tool && glob.as_ref().is_some_and(|glob| glob.is_match(known))),
    };
    let all = catalogue.rules().iter();
    all.filter(|rule| rule.details.equivalents.iter().any(is_meant)).map(|rule| rule.id.clone()).collect()
}

/// The texts of `node`: the items of a list, or what commas separate.
fn texts(node: &Node) -> Vec<&str> {
    match node.as_sequence() {
        Some(items) => items.iter().filter_map(Node::as_str).collect(),
        None => node
            .as_str()
            .into_iter()
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .collect(),
    }
}

#[cfg(test)]
mod tests;
