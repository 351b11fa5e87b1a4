//! The variables of a Dockerfile, and texts with them put in.

use std::collections::HashMap;
use std::rc::Rc;

use crate::document::braces::closing;

/// Longest value that is kept, in bytes; a longer one is not known.
const MAX_VALUE: usize = 4096;
/// Most bytes that all expansions of a file may make; then nothing more is known.
const BUDGET: usize = 4 << 20;
/// Deepest nesting of `${a:-${b:-…}}`.
const MAX_DEPTH: usize = 8;
/// Most stages that a stage may be built on, one on the other, for their variables to be looked at.
const MAX_PARENTS: usize = 32;

/// The variables that are declared at a point of the file.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    /// Name to value; `None` for a value that is not known.
    own: HashMap<String, Option<Rc<str>>>,
    /// Those of the stage that this one is built on.
    parent: Option<Rc<Variables>>,
}

impl Variables {
    /// The variables of a stage that is built on another.
    #[must_use]
    pub fn of_stage_on(parent: Option<Rc<Variables>>) -> Self {
        Self { own: HashMap::new(), parent }
    }

    /// Declares a variable; `None` for a value that is not known.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.filter(|value| value.len() <= MAX_VALUE).map(Rc::from);
        self.own.insert(name.to_owned(), value);
    }

    /// `None` when it is not declared, `Some(None)` when its value is not known.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Option<&str>> {
        let mut scope = Some(self);
        for _ in 0..MAX_PARENTS {
            let variables = scope?;
            if let Some(value) = variables.own.get(name) {
                return Some(value.as_deref());
            }
            scope = variables.parent.as_deref();
        }
        None
    }
}

/// Puts variables into texts, within a bound for the whole file.
#[derive(Debug)]
pub struct Expander {
    escape: char,
    made: usize,
}

impl Expander {
    /// For a file with this escape character.
    #[must_use]
    pub fn new(escape: char) -> Self {
        Self { escape, made: 0 }
    }

    /// `text` without its quotes and with the values of its variables; `None` when one of them is not known.
    pub fn expand(&mut self, text: &str, variables: &Variables) -> Option<String> {
        if !text.contains(['$', '"', '\'', self.escape]) {
            return Some(text.to_owned());
        }
        let mut expanded = String::new();
        let is_known = self.append(text, variables, 0, &mut expanded);
        self.made += expanded.len();
        (is_known && self.made <= BUDGET).then_some(expanded)
    }

    fn append(&self, text: &str, variables: &Variables, depth: usize, out: &mut String) -> bool {
        let mut rest = text;
        let mut is_double = false;
        while let Some(c) = rest.chars().next() {
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            if out.len() > MAX_VALUE.max(text.len()) {
                return false;
            }
            match c {
                '\'' if !is_double => {
                    let end = after.find('\'').unwrap_or(after.len());
                    out.push_str(after.get(..end).unwrap_or_default());
                    rest = after.get(end + 1..).unwrap_or_default();
                }
                '"' => {
                    is_double = !is_double;
                    rest = after;
                }
                '$' => match self.variable(after, variables, depth, out) {
                    Some(remaining) => rest = remaining,
                    None => return false,
                },
                c if c == self.escape => {
                    let next = after.chars().next();
                    match next {
                        // In double quotes it stays in front of what needs no escape.
                        Some(next) if is_double && next != '"' && next != '$' && next != self.escape => {
                            out.push(c);
                            out.push(next);
                        }
                        Some(next) => out.push(next),
                        None => out.push(c),
                    }
                    rest = after.get(next.map_or(0, char::len_utf8)..).unwrap_or_default();
                }
                c => {
                    out.push(c);
                    rest = after;
                }
            }
        }
        true
    }

    /// Adds the value of the variable that `text` begins with, behind its `$`. What remains; `None` when it is not known.
    fn variable<'t>(&self, text: &'t str, variables: &Variables, depth: usize, out: &mut String) -> Option<&'t str> {
        let Some(inner) = text.strip_prefix('{') else {
            let length = name_length(text);
            let name = text.get(..length)?;
            if name.is_empty() {
                out.push('$');
            } else {
                out.push_str(variables.get(name)??);
            }
            return text.get(length..);
        };
        let end = closing(inner.as_bytes())?;
        let (body, remaining) = (inner.get(..end)?, inner.get(end + 1..)?);
        let length = name_length(body);
        let (name, modifier) = (body.get(..length)?, body.get(length..)?);
        if name.is_empty() {
            return None;
        }
        let value = variables.get(name);
        let known = value.flatten();
        let (kind, operand) = match modifier.strip_prefix(':').unwrap_or(modifier).chars().next() {
            None => (None, ""),
            Some(c) => (Some(c), modifier.strip_prefix(':').unwrap_or(modifier).get(c.len_utf8()..)?),
        };
        let counts = known.filter(|value| !value.is_empty() || !modifier.starts_with(':'));
        match (kind, counts) {
            (None | Some('-' | '?'), Some(value)) => out.push_str(value),
            // A variable without a value of its own takes the default that stands here.
            (Some('-'), None) | (Some('+'), Some(_)) if depth < MAX_DEPTH => {
                self.append(operand, variables, depth + 1, out).then_some(())?;
            }
            (Some('+'), None) if known.is_some() => {}
            _ => return None,
        }
        Some(remaining)
    }
}

/// Length of the name of a variable at the beginning of `text`; a digit is a name by itself.
fn name_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    match bytes.first() {
        Some(b'0'..=b'9' | b'@' | b'*' | b'#') => 1,
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {
            bytes.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(bytes.len())
        }
        _ => 0,
    }
}
