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
    names: HashMap<String, Control>,
    entries: Vec<Node>,
}

impl<'o> Variables<'o> {
    /// No variables of their own, but those of `outer`, which inner ones hide.
    pub(in crate::framework) fn inside(outer: &'o Self) -> Self {
        Self { outer: Some(outer), ..Self::default() }
    }

    /// Sets a variable. One that is made of what outsiders control is under their control too.
    pub(in crate::framework) fn set(&mut self, name: &Node, value: &Node, syntax: Syntax) {
        let Some(text) = name.as_str() else { return };
        let control = value.as_str().filter(|value| value.len() <= MAX_VALUE).map_or(Control::Unknown, |value| {
            let found = expansion::find(value, syntax);
            let is_untrusted = found.iter().any(|found| self.control(&found.name, syntax) == Control::Untrusted);
            if is_untrusted { Control::Untrusted } else { Control::Defined }
        });
        self.names.insert(text.to_owned(), control);
        self.entries.push(variable(name, value));
    }

    /// Who decides what `name` stands for, where it is not one of the system that outsiders control.
    pub(super) fn control(&self, name: &str, syntax: Syntax) -> Control {
        match self.known(name.strip_prefix("env.").unwrap_or(name)) {
            Some(Control::Defined) if expansion::names_secret(name) => Control::Secret,
            Some(control) => control,
            None => syntax.control(name),
        }
    }

    fn known(&self, name: &str) -> Option<Control> {
        self.names.get(name).copied().or_else(|| self.outer?.known(name))
    }

    /// Those that were set here, as the attribute `variable_entries`, which stands at `span`.
    pub(in crate::framework) fn attribute(&self, span: Span) -> Entry {
        Entry::new(span, "variable_entries", Node::sequence(span, self.entries.clone()))
    }
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
