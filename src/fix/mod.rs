//! From a rule's `fix` to edits of the user's file.
//!
//! An edit is made on the text, so that comments, quotes, indentation and line endings stay as they are. It is offered only
//! when it is proven: the edited text is parsed again, and its trees must be the old ones with exactly the intended change.
//! So nothing is edited through an alias, where one edit would change two places, and nothing in a template.

mod apply;
mod intent;
mod layout;
pub mod rust;
mod shell;
mod step;
mod through_env;
mod tree;

#[cfg(test)]
mod tests;

pub use self::apply::{Applied, apply};

use self::intent::Intent;
use crate::document::node::{Node, Value};
use crate::document::yaml;
use crate::rules::fix::{Change, Fix};
use crate::rules::path::Segment;
use crate::span::Span;

/// Most bytes that are parsed again to prove the edits of one file. Findings beyond it carry none; once the first ones are
/// mended, it is their turn.
const MAX_PROVEN: usize = 64 << 20;
/// Longest text that is edited.
const MAX_TEXT: usize = 4 << 20;
/// Most nodes in a tree that is edited, what aliases repeat included: trees are compared as a whole.
const MAX_NODES: usize = 200_000;

/// A replacement of bytes; of none of them, it is an insertion.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go.
    pub span: Span,
    /// What comes in their place.
    pub text: String,
}

/// What a fix is asked to mend.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// What the finding reports.
    pub reported: Span,
    /// The body of the resource.
    pub resource: Span,
    /// The trees that paths may begin in, by name.
    pub scopes: &'a [(&'a str, Span)],
}

/// Makes the edits of one file.
#[derive(Debug)]
pub struct Editor<'t> {
    text: &'t str,
    roots: Vec<Node>,
    proven: usize,
}

impl<'t> Editor<'t> {
    /// An editor of the YAML `text`; `None` when it cannot be edited safely.
    #[must_use]
    pub fn new(text: &'t str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let document = yaml::read(text);
        let is_whole = document.errors.is_empty() && !document.is_template;
        (is_whole && tree::is_within(&document.roots, MAX_NODES)).then_some(Self {
            text,
            roots: document.roots,
            proven: 0,
        })
    }

    /// The edits that carry out `fix`, which belong together, in the order of their places; `None` where none is safe.
    pub fn propose(&mut self, fix: &Fix, target: &Target<'_>) -> Option<Vec<Edit>> {
        let candidates = match &fix.change {
            Change::Set { at, to, after } => {
                let alternative = at.alternatives.first()?;
                let start = match &alternative.scope {
                    None => target.resource,
                    Some(name) if name == "resource" => target.resource,
                    Some(name) => target.scopes.iter().find(|(known, _)| known == name)?.1,
                };
                let keys: Option<Vec<&str>> = alternative
                    .segments
                    .iter()
                    .map(|segment| match segment {
                        Segment::Key(key) => Some(key.as_str()),
                        _ => None,
                    })
                    .collect();
                let way = tree::find(&self.roots, start, |node| matches!(node.value, Value::Mapping(_)))?;
                layout::set(self.text, &self.roots, &way, &keys?, to, after.as_deref())
            }
            Change::Replace(to) => {
                let way = self.reported_scalar(target)?;
                layout::replace(self.text, &self.roots, &way, to)
            }
            Change::Quote => {
                let way = self.reported_scalar(target)?;
                layout::quote(self.text, &self.roots, &way)
            }
            Change::Remove => {
                let way = tree::find(&self.roots, target.reported, |_| true)?;
                layout::remove(self.text, &self.roots, &way)
            }
            Change::Native(name) if name == "through-env" => {
                through_env::edits(self.text, &self.roots, target.reported)
            }
            Change::Native(_) => return None,
        };
        candidates.into_iter().find_map(|candidate| self.prove(candidate))
    }

    fn reported_scalar(&self, target: &Target<'_>) -> Option<Vec<usize>> {
        tree::find(&self.roots, target.reported, |node| matches!(node.value, Value::Scalar { .. }))
    }

    /// The edits of `candidate`, if they do what they are meant to do and nothing else.
    fn prove(&mut self, candidate: Candidate) -> Option<Vec<Edit>> {
        if self.proven.saturating_add(self.text.len()) > MAX_PROVEN {
            return None;
        }
        self.proven += self.text.len();
        let Candidate { mut edits, intents } = candidate;
        edits.sort();
        let edited = edited(self.text, &edits)?;
        let mut wanted = self.roots.clone();
        for intent in intents {
            intent.carry_out(&mut wanted)?;
        }
        let read = yaml::read(&edited);
        // Within the bounds of the old tree, the comparison cannot recurse deeper than it.
        let is_proven = read.errors.is_empty()
            && tree::is_within(&read.roots, MAX_NODES)
            && tree::are_same(&read.roots, &wanted)
            && edited != self.text;
        is_proven.then_some(edits)
    }
}

/// Edits, and what they are meant to do to the trees.
#[derive(Debug)]
struct Candidate {
    edits: Vec<Edit>,
    intents: Vec<Intent>,
}

/// `text` with all of `edits`, which are in order; `None` when two of them overlap or one lies outside of the text.
fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.text.len()).sum::<usize>());
    let mut at = 0;
    for edit in edits {
        out.push_str(text.get(at..edit.span.start)?);
        out.push_str(&edit.text);
        at = edit.span.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}
