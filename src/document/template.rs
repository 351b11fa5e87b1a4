//! YAML that is the template of another language: Helm (Go templates) and Jinja.
//!
//! The actions are taken out at equal length, so that all positions stay true, and what is left is read as YAML. What an
//! action gives is not known: scalars that hold one are unknown, and collections that one adds to are open.

mod actions;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use self::actions::{Effect, actions, blanked, indentation};
use super::node::{Mapping, Node, Value};
use super::{Document, yaml};
use crate::span::{LineIndex, Span};

/// Ends of the names of files that are templates whatever they hold.
const EXTENSIONS: &[&str] = &[".j2", ".jinja", ".jinja2", ".tpl", ".gotmpl"];
/// What stands right behind `{{` or `{{-` in charts, and hardly anywhere else.
const HELM: &[&str] = &[".Values", ".Release", ".Chart", ".Capabilities", "include \"", "toYaml"];

/// Whether `text`, the content of the file at `path`, is a template that only its own language makes YAML.
///
/// A text whose `{{ … }}` all stand inside of scalars (`${{ … }}` of workflows, those of Ansible in quotes) is not: it is
/// YAML as it is.
#[must_use]
pub fn is_template(path: &str, text: &str) -> bool {
    if EXTENSIONS.iter().any(|extension| path.ends_with(extension)) {
        return true;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let is_chart = folder.split('/').any(|part| part == "templates");
    text.lines().any(|line| {
        let begins = line.trim_start().trim_start_matches("- ").trim_start();
        if begins.starts_with("{%") && line.contains("%}") {
            return true;
        }
        if line.trim_start().starts_with('#') {
            return false;
        }
        let last_end = line.rfind("}}");
        line.match_indices("{{").any(|(at, _)| {
            let before = line.get(..at).unwrap_or_default();
            let rest = line.get(at + 2..).unwrap_or_default();
            if before.ends_with(['$', '{']) {
                return false;
            }
            let code = rest.strip_prefix('-').unwrap_or(rest).trim_start();
            let is_bare = matches!(before.trim_end(), "" | "-") || before.ends_with(": ");
            let is_closed = last_end.is_some_and(|end| end >= at + 2);
            is_chart || HELM.iter().any(|word| code.starts_with(word)) || (is_bare && is_closed)
        })
    })
}

/// Reads the template `text` as YAML without its expressions.
#[must_use]
pub fn read_yaml(text: &str) -> Document {
    let actions = actions(text);
    let without = blanked(text, &actions);
    let mut document = yaml::read(&without);
    document.is_template = true;
    for error in &mut document.errors {
        error.offset = text.floor_char_boundary(error.offset);
        error.message = format!("as a template with its expressions left out: {}", error.message);
    }
    let filler = Filler::new(text, &without);
    // From the last to the first: what is added to a list stands at its end, where only actions behind it could take it for
    // an item that they belong to.
    for action in actions.iter().rev().filter(|action| action.is_apart() && action.effect == Effect::Output) {
        filler.fill_document(&mut document.roots, action.span);
    }
    let inside: Vec<Span> =
        actions.iter().filter(|action| action.effect != Effect::Comment).map(|action| action.span).collect();
    for root in &mut document.roots {
        forget(root, &inside);
    }
    document
}

/// Whether one of `spans`, which are in order, shares a byte with `span`.
fn overlaps_any(span: Span, spans: &[Span]) -> bool {
    let next = spans.partition_point(|other| other.end <= span.start);
    spans.get(next).is_some_and(|other| other.overlaps(span))
}

/// Makes every scalar that overlaps one of `actions` unknown, and every key that stands in two branches.
fn forget(node: &mut Node, actions: &[Span]) {
    match &mut node.value {
        Value::Scalar { .. } => {
            if overlaps_any(node.span, actions) {
                node.value = Value::Unknown;
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| forget(item, actions)),
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                forget(&mut entry.key, actions);
                forget(&mut entry.value, actions);
                mapping.is_open |= entry.key.value == Value::Unknown;
            }
            forget_branches(mapping);
        }
        Value::Unknown => {}
    }
}

/// A key that stands in several branches of a condition has a value that is not known, unless all give the same.
fn forget_branches(mapping: &mut Mapping) {
    let mut first: HashMap<&str, Option<&str>> = HashMap::new();
    let mut differing = HashSet::new();
    for entry in &mapping.entries {
        let Some(name) = entry.key.as_str() else { continue };
        let value = entry.value.as_str();
        match first.get(name) {
            None => drop(first.insert(name, value)),
            Some(other) if value.is_some() && *other == value => {}
            Some(_) => drop(differing.insert(name.to_owned())),
        }
    }
    for entry in &mut mapping.entries {
        if entry.key.as_str().is_some_and(|name| differing.contains(name)) {
            entry.value.value = Value::Unknown;
        }
    }
}

/// Longest text in front of an item in which the dash is looked for, in bytes.
const MAX_INDENTATION: usize = 1024;

/// Marks what the output of an action may add to.
struct Filler<'t> {
    text: &'t str,
    lines: LineIndex,
    /// The text without its actions.
    without: &'t str,
    lines_without: LineIndex,
    /// Where documents begin in the text without its actions, in order.
    markers: Vec<usize>,
}

impl<'t> Filler<'t> {
    fn new(text: &'t str, without: &'t str) -> Self {
        let markers = without.match_indices("---").map(|(at, _)| at);
        Self {
            text,
            lines: LineIndex::new(text),
            without,
            lines_without: LineIndex::new(without),
            markers: markers.filter(|&at| at == 0 || without.as_bytes().get(at - 1) == Some(&b'\n')).collect(),
        }
    }

    fn fill_document(&self, roots: &mut [Node], action: Span) {
        let next = roots.partition_point(|root| root.span.start <= action.start);
        let last = next.saturating_sub(1);
        // A marker in between begins the next document.
        let is_behind = roots.get(last).is_some_and(|root| {
            let marker = self.markers.partition_point(|&marker| marker < root.span.end);
            self.markers.get(marker).is_some_and(|&marker| marker < action.start)
        });
        let column = self.column(action);
        if let Some(root) = roots.get_mut(if is_behind { next } else { last }) {
            self.fill(root, action.start, column);
        }
    }

    /// The column that the output of `action` begins at: what `nindent` and `indent` say, otherwise its own.
    fn column(&self, action: Span) -> usize {
        let own = column_of(self.text, &self.lines, action.start);
        let code = self.text.get(action.start..action.end).unwrap_or_default();
        // `indent` adds to what stands on the line already.
        let nindent = indentation(code, "nindent");
        nindent.unwrap_or_else(|| own.saturating_add(indentation(code, "indent").unwrap_or(0)))
    }

    /// Marks what in `node` a text at the offset `at`, which begins at `column`, may add to.
    fn fill(&self, node: &mut Node, at: usize, column: usize) {
        let is_flow = matches!(self.without.as_bytes().get(node.span.start), Some(b'[' | b'{'));
        match &mut node.value {
            Value::Mapping(mapping) => {
                let before = mapping.entries.partition_point(|entry| entry.key.span.start < at);
                let entry = before.checked_sub(1).and_then(|last| mapping.entries.get_mut(last));
                let Some(entry) = entry else {
                    mapping.is_open = true;
                    return;
                };
                let own = self.column_of(entry.key.span.start);
                // A list may stand in the column of its key.
                let may_be_list =
                    column == own && (entry.value.is_null() || matches!(entry.value.value, Value::Sequence(_)));
                if column > own || may_be_list || (is_flow && entry.value.span.end > at) {
                    self.fill(&mut entry.value, at, column);
                }
                mapping.is_open |= column <= own || is_flow;
            }
            Value::Sequence(items) => {
                let before = items.partition_point(|item| item.span.start < at);
                let item = before.checked_sub(1).and_then(|last| items.get_mut(last));
                if let Some(item) = item.filter(|item| !is_flow && column > self.dash_before(item.span.start)) {
                    self.fill(item, at, column);
                } else {
                    // To insert it where it belongs would take quadratic time in long lists.
                    items.push(Node::unknown(Span::new(at, at)));
                }
            }
            Value::Scalar { .. } => node.value = Value::Unknown,
            Value::Unknown => {}
        }
    }

    fn column_of(&self, at: usize) -> usize {
        column_of(self.without, &self.lines_without, at)
    }

    /// The column of the dash in front of the item at `at`.
    fn dash_before(&self, at: usize) -> usize {
        let column = self.column_of(at);
        let near = self.without.floor_char_boundary(at - column.min(MAX_INDENTATION));
        let dash = self.without.get(near..at).and_then(|before| before.rfind('-'));
        dash.map_or(column, |dash| column - (at - near - dash))
    }
}

/// How far the byte at `at` stands behind the beginning of its line.
fn column_of(text: &str, lines: &LineIndex, at: usize) -> usize {
    lines.line_span(text, lines.line(at)).map_or(0, |line| at.saturating_sub(line.start))
}
