//! Values of a configuration that are read the same way wherever they stand.

use super::read::{MAX_MESSAGES, Reader};
use super::regex;
use crate::document::node::{Node, Value};
use crate::rules::error::PackError;
use crate::rules::load::MAX_REGEX;
use crate::rules::pattern;

/// Most entries of one list.
const MAX_ITEMS: usize = 10_000;
/// Most steps of all regexes of one file together, which bounds the memory that they take once they are compiled. The default
/// configuration of gitleaks stays below it.
const MAX_STEPS: usize = 2_000_000;

/// The value of `key`, whatever the case of its letters.
pub(super) fn get<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    let is_key = |name: &str| name.eq_ignore_ascii_case(key);
    let mut entries = node.as_mapping()?.iter();
    entries.find(|entry| entry.key.as_str().is_some_and(is_key)).map(|entry| &entry.value)
}

impl Reader<'_> {
    pub(super) fn place(&self, offset: usize, message: impl Into<String>) -> PackError {
        let position = self.lines.position(self.text, offset);
        PackError { file: self.file.to_owned(), line: position.line, column: position.column, message: message.into() }
    }

    pub(super) fn error_at(&mut self, offset: usize, message: &str) {
        if self.errors.len() < MAX_MESSAGES {
            self.errors.push(self.place(offset, message));
        }
    }

    pub(super) fn error(&mut self, node: &Node, message: impl AsRef<str>) {
        self.error_at(node.span.start, message.as_ref());
    }

    /// Notes that something has no effect here; the same is said once.
    pub(super) fn note(&mut self, node: &Node, message: impl Into<String>) {
        let message = message.into();
        if self.notes.len() < MAX_MESSAGES && !self.notes.iter().any(|note| note.message == message) {
            self.notes.push(self.place(node.span.start, message));
        }
    }

    /// Whether `node` is a table; notes the keys that are none of `known`.
    pub(super) fn table(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        let Some(entries) = node.as_mapping() else {
            self.error(node, format!("{what} must be a table, not {}", node.kind()));
            return false;
        };
        for entry in entries {
            let Some(key) = entry.key.as_str() else { continue };
            if !known.iter().any(|name| name.eq_ignore_ascii_case(key)) {
                let key: String = key.chars().take(40).collect();
                self.note(&entry.key, format!("`{key}` of {what} is not known and has no effect"));
            }
        }
        true
    }

    pub(super) fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let value = get(node, key)?;
        if let Some(text) = value.as_str() {
            return Some(text.to_owned()).filter(|text| !text.is_empty());
        }
        self.error(value, format!("`{key}` must be text, not {}", value.kind()));
        None
    }

    pub(super) fn texts(&mut self, node: &Node, key: &str) -> Vec<String> {
        let Some(value) = get(node, key) else { return Vec::new() };
        let items: &[Node] = match &value.value {
            Value::Sequence(items) => items,
            // A single text is a list of one, for both tools.
            Value::Scalar { .. } => std::slice::from_ref(value),
            _ => {
                self.error(value, format!("`{key}` must be a list, not {}", value.kind()));
                &[]
            }
        };
        if items.len() > MAX_ITEMS {
            self.error(value, format!("`{key}` has more than {MAX_ITEMS} entries"));
        }
        let mut texts = Vec::new();
        for item in items.iter().take(MAX_ITEMS) {
            match item.as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.error(item, format!("an entry of `{key}` must be text, not {}", item.kind())),
            }
        }
        texts
    }

    pub(super) fn flag(&mut self, node: &Node, key: &str) -> bool {
        let Some(value) = get(node, key) else { return false };
        if !matches!(value.as_str(), Some("true" | "false")) {
            self.error(value, format!("`{key}` must be true or false"));
        }
        value.as_str() == Some("true")
    }

    pub(super) fn number<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
        &mut self,
        node: &Node,
        key: &str,
        (least, most): (T, T),
    ) -> Option<T> {
        let value = get(node, key)?;
        let number = value.as_str().and_then(|text| text.parse::<T>().ok()).filter(|n| *n >= least && *n <= most);
        if number.is_none() {
            self.error(value, format!("`{key}` must be a number from {least} to {most}"));
        }
        number
    }

    /// The tables of the list `key`; a single table is a list of one.
    pub(super) fn tables<'n>(&mut self, node: &'n Node, key: &str, most: usize) -> Vec<&'n Node> {
        let Some(value) = get(node, key) else { return Vec::new() };
        let tables: Vec<&Node> = match &value.value {
            Value::Sequence(items) => items.iter().collect(),
            Value::Mapping(_) => vec![value],
            _ => {
                self.error(value, format!("`{key}` must be a list of tables, not {}", value.kind()));
                Vec::new()
            }
        };
        if tables.len() > most {
            self.error(value, format!("`{key}` has more than {most} entries"));
        }
        tables.into_iter().take(most).collect()
    }

    /// The regex `text`, which stands at `node`, in the syntax of this engine.
    pub(super) fn regex(&mut self, node: &Node, text: &str) -> Option<String> {
        let translated = if text.len() > MAX_REGEX {
            Err(format!("longer than {MAX_REGEX} bytes"))
        } else {
            regex::translate(text).and_then(|regex| Ok((pattern::steps(&pattern::parse(&regex)?), regex)))
        };
        match translated {
            Ok((steps, regex)) => {
                let before = self.steps;
                self.steps = self.steps.saturating_add(steps);
                if before <= MAX_STEPS && self.steps > MAX_STEPS {
                    self.error(node, "the regexes of this file are too large together; use smaller counts");
                }
                Some(regex)
            }
            Err(message) => {
                self.error(node, format!("this regex cannot be used here: {message}"));
                None
            }
        }
    }

    /// The regex of `key`.
    pub(super) fn regex_of(&mut self, node: &Node, key: &str) -> Option<String> {
        let text = self.text(node, key)?;
        self.regex(get(node, key)?, &text)
    }

    pub(super) fn regexes(&mut self, node: &Node, key: &str) -> Vec<String> {
        let texts = self.texts(node, key);
        let Some(value) = get(node, key) else { return Vec::new() };
        let items = value.as_sequence().unwrap_or(std::slice::from_ref(value));
        let pairs: Vec<(&Node, String)> = items.iter().zip(texts).collect();
        pairs.into_iter().filter_map(|(item, text)| self.regex(item, &text)).collect()
    }
}
