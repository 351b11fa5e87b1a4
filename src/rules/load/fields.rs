//! Values of a rule that are read the same way wherever they stand.

use super::Reader;
use crate::document::node::{Node, Value};
use crate::rules::error::unknown;
use crate::rules::schema::Profile;

impl Reader<'_> {
    pub(super) fn text(&mut self, node: &Node, key: &str) -> Option<String> {
        let value = node.get(key)?;
        match value.as_str() {
            Some(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Some(_) => {
                self.error(value, format!("`{key}` is empty"));
                None
            }
            None => {
                self.error(value, format!("`{key}` must be text, not {}", value.kind()));
                None
            }
        }
    }

    pub(super) fn required(&mut self, node: &Node, key: &str) -> Option<String> {
        if node.get(key).is_none() {
            self.error(node, format!("`{key}` is missing"));
        }
        self.text(node, key)
    }

    pub(super) fn strings(&mut self, node: &Node, key: &str) -> Option<Vec<String>> {
        let value = node.get(key)?;
        let Value::Sequence(items) = &value.value else {
            self.error(value, format!("`{key}` must be a list, not {}", value.kind()));
            return None;
        };
        let mut strings = Vec::new();
        for item in items {
            match item.as_str() {
                Some(text) => strings.push(text.to_owned()),
                None => self.error(item, format!("an item of `{key}` must be text, not {}", item.kind())),
            }
        }
        Some(strings)
    }

    pub(super) fn named<T: std::str::FromStr<Err = String>>(&mut self, node: &Node, key: &str) -> Option<T> {
        let text = self.text(node, key)?;
        text.parse().map_err(|message: String| self.error(node.get(key).unwrap_or(node), message)).ok()
    }

    pub(super) fn profile(&mut self, node: &Node) -> Option<Profile> {
        match self.text(node, "profile")?.as_str() {
            "default" => Some(Profile::Default),
            "hardening" => Some(Profile::Hardening),
            "style" => Some(Profile::Style),
            other => {
                let message = unknown("profile", other, &["default", "hardening", "style"]);
                self.error(node.get("profile").unwrap_or(node), message);
                None
            }
        }
    }

    pub(super) fn cwe(&mut self, node: &Node) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        for text in self.strings(node, "cwe")? {
            match text.strip_prefix("CWE-").and_then(|number| number.parse().ok()) {
                Some(number) => numbers.push(number),
                None => self.error(node.get("cwe").unwrap_or(node), "a weakness must have the form `CWE-798`"),
            }
        }
        Some(numbers)
    }

    pub(super) fn number(&mut self, node: &Node, key: &str) -> Option<f32> {
        let text = self.text(node, key)?;
        match text.parse::<f32>() {
            Ok(number) if (0.0..=8.0).contains(&number) => Some(number),
            _ => {
                self.error(node.get(key).unwrap_or(node), format!("`{key}` must be a number from 0 to 8"));
                None
            }
        }
    }

    pub(super) fn boolean(&mut self, node: &Node, key: &str) -> bool {
        match self.text(node, key).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => {
                self.error(node.get(key).unwrap_or(node), format!("`{key}` must be true or false"));
                false
            }
        }
    }
}
