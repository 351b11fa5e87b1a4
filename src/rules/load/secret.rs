//! The `secret` part of a rule.

use super::{Reader, check_length};
use crate::document::node::Node;
use crate::glob;
use crate::rules::error::unknown;
use crate::rules::names::{NATIVE_CHECKS, VALIDATORS};
use crate::rules::pattern;
use crate::rules::schema::{Assigned, Near, SecretRule, Source};

/// Most lines that a companion may be away.
const MAX_NEAR_LINES: u32 = 50;

const SECRET_KEYS: &[&str] = &[
    "pattern",
    "patterns",
    "assigned",
    "native",
    "keywords",
    "paths",
    "entropy",
    "validate",
    "near",
    "parts",
    "allow",
    "keep_placeholders",
];

impl Reader<'_> {
    pub(super) fn secret(&mut self, node: &Node) -> Option<SecretRule> {
        if !self.check_keys(node, "`secret`", SECRET_KEYS) {
            return None;
        }
        let paths = self.paths(node);
        let keywords: Vec<String> =
            self.strings(node, "keywords").unwrap_or_default().iter().map(|word| word.to_ascii_lowercase()).collect();
        if keywords.iter().any(|word| word.len() < pattern::MIN_LITERAL || !word.is_ascii()) {
            let message = format!("a keyword must be ASCII text of at least {} bytes", pattern::MIN_LITERAL);
            self.error(node.get("keywords").unwrap_or(node), message);
        }
        for name in self.strings(node, "validate").unwrap_or_default() {
            if !VALIDATORS.contains(&name.as_str()) {
                self.error(node.get("validate").unwrap_or(node), unknown("validator", &name, VALIDATORS));
            }
        }
        let allow = self.strings(node, "allow").unwrap_or_default();
        for regex in &allow {
            if let Err(message) = pattern::parse(regex) {
                self.error(node.get("allow").unwrap_or(node), message);
            }
        }
        Some(SecretRule {
            source: self.source(node, keywords, !paths.is_empty())?,
            paths,
            entropy: self.number(node, "entropy"),
            validate: self.strings(node, "validate").unwrap_or_default(),
            near: node.get("near").and_then(|near| self.near(near)),
            parts: self.parts(node),
            allow,
            keep_placeholders: self.boolean(node, "keep_placeholders"),
        })
    }

    /// The globs of `paths`.
    fn paths(&mut self, node: &Node) -> Vec<String> {
        let items = node.get("paths").and_then(Node::as_sequence).unwrap_or_default();
        for item in items {
            let Some(text) = item.as_str() else { continue };
            if let Err(reason) = glob::check(text) {
                self.error(item, format!("not a glob: {reason}"));
            } else if text.is_empty() || text.starts_with('/') || text.starts_with("./") {
                self.error(item, "matches no path: paths have no `/` or `./` in front; write `**/NAME`");
            }
        }
        self.strings(node, "paths").unwrap_or_default()
    }

    fn source(&mut self, node: &Node, keywords: Vec<String>, has_paths: bool) -> Option<Source> {
        let sources = ["pattern", "patterns", "assigned", "native"];
        if sources.iter().filter(|key| node.get(key).is_some()).count() != 1 {
            self.error(node, "`secret` needs exactly one of `pattern`, `patterns`, `assigned`, `native`");
            return None;
        }
        if let Some(assigned) = node.get("assigned") {
            return self.assigned(assigned).map(Source::Assigned);
        }
        if node.get("native").is_some() {
            let check = self.required(node, "native")?;
            if !NATIVE_CHECKS.contains(&check.as_str()) {
                self.error(node.get("native").unwrap_or(node), unknown("native check", &check, NATIVE_CHECKS));
            }
            if keywords.is_empty() {
                self.error(node, "`native` needs `keywords`");
            }
            return Some(Source::Native { check, keywords });
        }
        let (key, regexes) = match node.get("pattern") {
            Some(_) => ("pattern", vec![self.required(node, "pattern")?]),
            None => ("patterns", self.strings(node, "patterns")?),
        };
        let mut patterns = Vec::new();
        for regex in &regexes {
            match check_length(regex).and_then(|()| pattern::compile(regex, &keywords, has_paths)) {
                Ok(pattern) => patterns.push(pattern),
                Err(message) => self.error(node.get(key).unwrap_or(node), message),
            }
        }
        Some(Source::Patterns(patterns))
    }

    fn assigned(&mut self, node: &Node) -> Option<Assigned> {
        if !self.check_keys(node, "`assigned`", &["names", "value"]) {
            return None;
        }
        let names = self.strings(node, "names").unwrap_or_default();
        if names.is_empty() {
            self.error(node, "`assigned` needs `names`");
        }
        for name in &names {
            let plain = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !plain || name.len() < pattern::MIN_LITERAL || name.split('_').any(str::is_empty) {
                let message = "a name must be lower-case letters and digits, parts joined by `_`";
                self.error(node.get("names").unwrap_or(node), message);
            }
        }
        let value = self.required(node, "value")?;
        if let Err(message) = check_length(&value).and_then(|()| pattern::parse(&value).map(drop)) {
            self.error(node.get("value").unwrap_or(node), message);
        }
        Some(Assigned { names, value })
    }

    fn near(&mut self, node: &Node) -> Option<Near> {
        if !self.check_keys(node, "`near`", &["any", "lines"]) {
            return None;
        }
        let any: Vec<String> =
            self.strings(node, "any").unwrap_or_default().iter().map(|word| word.to_ascii_lowercase()).collect();
        if any.is_empty() {
            self.error(node, "`near` needs `any`, a list of words");
        }
        Some(Near { any, lines: self.lines_of(node, "near", 3) })
    }

    /// The `lines` of `node`, the value of `key`; `usual` where there are none.
    pub(super) fn lines_of(&mut self, node: &Node, key: &str, usual: u32) -> u32 {
        match node.get("lines").and_then(Node::as_str).map(str::parse::<u32>) {
            None => usual,
            Some(Ok(lines)) if lines <= MAX_NEAR_LINES => lines,
            Some(_) => {
                self.error(node, format!("`lines` of `{key}` must be a number from 0 to {MAX_NEAR_LINES}"));
                0
            }
        }
    }
}
