//! Variables that a pipeline, a job or a step sets.

use std::collections::HashMap;

use super::expansion::{self, Control, Syntax};
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// Longest value that is kept in the views, and looked at.
const MAX_VALUE: usize = 64 * 1024;

/// What is set, with who controls it.
#[derive(Clone, Debug, Default)]
pub(in crate::framework) struct Variables<'o> {
    /// Those that these stand in.
    outer: Option<&'o Variables<'o>>,
    names: HashMap<String, Known>,
    entries: Vec<Node>,
}

/// What is known of a variable.
#[derive(Clone, Debug)]
struct Known {
    control: Control,
    /// What outsiders control of what it is made of, and where that is said.
    source: Option<(String, Span)>,
}

/// Longest way that is told of a value.
const MAX_WAY: usize = 8;

impl<'o> Variables<'o> {
    /// No variables of their own, but those of `outer`, which inner ones hide.
    pub(in crate::framework) fn inside(outer: &'o Self) -> Self {
        Self { outer: Some(outer), ..Self::default() }
    }

    /// Sets a variable. One that is made of what outsiders control is under their control too.
    pub(in crate::framework) fn set(&mut self, name: &Node, value: &Node, syntax: Syntax) {
        let Some(text) = name.as_str() else { return };
        let known = match value.as_str().filter(|value| value.len() <= MAX_VALUE) {
            None => Known { control: Control::Unknown, source: None },
            Some(text) => {
                let found = expansion::find(text, syntax);
                let untrusted = found.into_iter().find(|found| self.control(&found.name, syntax) == Control::Untrusted);
                let control = if untrusted.is_some() { Control::Untrusted } else { Control::Defined };
                Known { control, source: untrusted.map(|found| (found.name, value.span)) }
            }
        };
        self.names.insert(text.to_owned(), known);
        self.entries.push(variable(name, value));
    }

    /// Who decides what `name` stands for, where it is not one of the system that outsiders control.
    pub(super) fn control(&self, name: &str, syntax: Syntax) -> Control {
        match self.known(plain(name)).map(|known| known.control) {
            Some(Control::Defined) if expansion::names_secret(name) => Control::Secret,
            Some(control) => control,
            None => syntax.control(name),
        }
    }

    fn known(&self, name: &str) -> Option<&Known> {
        self.names.get(name).or_else(|| self.outer?.known(name))
    }

    /// The way of what outsiders write into the variable that is read as `name` at `place`: the source first, each step with
    /// its place and a sentence.
    pub(super) fn way(&self, name: &str, place: Span) -> Vec<(Span, String)> {
        let mut way = Vec::new();
        let (mut held, mut at) = (name, place);
        while let Some((source, span)) = self.known(plain(held)).and_then(|known| known.source.as_ref()) {
            if way.len() == MAX_WAY || source == held {
                break;
            }
            way.push((*span, format!("`{held}` takes what `{source}` holds")));
            (held, at) = (source, *span);
        }
        way.push((
            at,
            format!("the source is `{held}`, which whoever pushes a branch or opens a pull request may choose"),
        ));
        way.reverse();
        way
    }

    /// Those that were set here, as the attribute `variable_entries`, which stands at `span`.
    pub(in crate::framework) fn attribute(&self, span: Span) -> Entry {
        Entry::new(span, "variable_entries", Node::sequence(span, self.entries.clone()))
    }
}

/// The name of a variable without the object that Groovy keeps it in.
fn plain(name: &str) -> &str {
    name.strip_prefix("env.").unwrap_or(name)
}

/// The item of `variable_entries` for a variable.
pub(in crate::framework) fn variable(name: &Node, value: &Node) -> Node {
    let kept = match &value.value {
        _ if value.is_null() => Node::text(value.span, ""),
        crate::document::node::Value::Scalar { .. } => value.clone(),
        _ => Node::unknown(value.span),
    };
    let span = Span::new(name.span.start.min(value.span.start), value.span.end.max(name.span.end));
    Node::mapping(
        span,
        vec![
            Entry { key: Node::plain(name.span, "name"), value: name.clone() },
            Entry { key: Node::plain(value.span, "value"), value: kept },
        ],
    )
}
