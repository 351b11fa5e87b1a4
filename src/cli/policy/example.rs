//! The examples of `lockgate policy test`: what a file of them may hold, read strictly.

use std::path::Path;

use crate::date::Date;
use crate::document::node::Node;
use crate::document::{toml, yaml};
use crate::finding::{Category, Confidence, Severity, State, SuppressionKind};
use crate::gate::Outcome;
use crate::rules::error::unknown;
use crate::span::LineIndex;

/// Most examples in a file, findings in an example, and findings that one line stands for.
const MAX_ITEMS: usize = 1000;
/// Most mistakes that are listed for one file.
const MAX_ERRORS: usize = 20;

const EXAMPLE_KEYS: &[&str] =
    &["name", "environment", "today", "findings", "baseline", "unreadable", "verdict", "blocking", "decided-by"];
const FINDING_KEYS: &[&str] = &[
    "rule",
    "path",
    "resource",
    "severity",
    "confidence",
    "category",
    "state",
    "on-changed-lines",
    "suppressed",
    "count",
];

/// One example: findings in, verdict out.
#[derive(Clone, Debug)]
pub(super) struct Example {
    pub(super) name: String,
    /// Line of its beginning, from 1.
    pub(super) line: u32,
    pub(super) environment: Option<String>,
    pub(super) today: Option<Date>,
    pub(super) findings: Vec<Given>,
    /// What the baseline accepts.
    pub(super) baseline: Vec<Given>,
    /// Paths that could not be read.
    pub(super) unreadable: Vec<String>,
    pub(super) expected: Expected,
}

/// A finding as an example tells it; what it leaves open is as the rule has it.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) rule: String,
    /// Line where it stands, from 1.
    pub(super) line: u32,
    pub(super) path: String,
    pub(super) resource: Option<String>,
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Option<Confidence>,
    pub(super) category: Option<Category>,
    pub(super) state: Option<State>,
    pub(super) on_changed_lines: Option<bool>,
    pub(super) suppressed: Option<SuppressionKind>,
    /// For how many it stands.
    pub(super) count: usize,
}

/// What an example expects. Apart from the verdict, what is not said is not compared.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub(super) verdict: Outcome,
    /// Number of findings that block.
    pub(super) blocking: Option<usize>,
    /// A part of the policy that findings fell to: one that blocks, where the verdict is block.
    pub(super) decided_by: Option<String>,
}

/// Reads the examples in `text`, which is TOML when `file` says so and YAML otherwise.
///
/// # Errors
///
/// The mistakes in the file, each with its place, at most 20.
pub(super) fn read(file: &Path, text: &str) -> Result<Vec<Example>, Vec<String>> {
    let is_toml = file.extension().is_some_and(|extension| extension == "toml");
    let document = if is_toml { toml::read(text) } else { yaml::read(text) };
    let mut reader = Reader { file: file.display().to_string(), text, lines: LineIndex::new(text), errors: Vec::new() };
    for error in &document.errors {
        reader.error_at(error.offset, &error.message);
    }
    let mut examples = Vec::new();
    match document.roots.as_slice() {
        _ if !reader.errors.is_empty() => {}
        [root] => {
            reader.check_keys(root, "a file of examples", &["examples"]);
            for item in reader.items(root, "examples") {
                examples.extend(reader.example(item));
            }
            if examples.is_empty() && reader.errors.is_empty() {
                reader.error(root, "the file has no `examples`");
            }
        }
        _ => reader.error_at(0, "the file must hold one document with `examples`"),
    }
    if reader.errors.is_empty() { Ok(examples) } else { Err(reader.errors) }
}

struct Reader<'a> {
    file: String,
    text: &'a str,
    lines: LineIndex,
    errors: Vec<String>,
}

impl Reader<'_> {
    fn error_at(&mut self, offset: usize, message: &str) {
        if self.errors.len() < MAX_ERRORS {
            let at = self.lines.position(self.text, offset);
            self.errors.push(format!("{}:{}:{}: {message}", self.file, at.line, at.column));
        }
    }

    fn error(&mut self, node: &Node, message: &str) {
        self.error_at(node.span.start, message);
    }

    fn check_keys(&mut self, node: &Node, what: &str, known: &[&str]) {
        let Some(entries) = node.as_mapping() else {
            return self.error(node, &format!("{what} must be a mapping, not {}", node.kind()));
        };
        for entry in entries {
            let key = entry.key.as_str().unwrap_or_default();
            if !known.contains(&key) {
                self.error(&entry.key, &unknown(&format!("key of {what}"), key, known));
            }
        }
    }

    /// The items of the list `key`; none without it.
    fn items<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        let Some(value) = node.get(key) else { return &[] };
        match value.as_sequence() {
            Some(items) if items.len() <= MAX_ITEMS => items,
            Some(_) => {
                self.error(value, &format!("`{key}` has more than {MAX_ITEMS} items"));
                &[]
            }
            None => {
                self.error(value, &format!("`{key}` must be a list, not {}", value.kind()));
                &[]
            }
        }
    }

    /// The text `key`, as `read` understands it.
    fn value<T>(&mut self, node: &Node, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = node.get(key)?;
        match value.as_str().map(read) {
            Some(Ok(read)) => Some(read),
            Some(Err(message)) => {
                self.error(value, &format!("`{key}`: {message}"));
                None
            }
            None => {
                self.error(value, &format!("`{key}` must be text, not {}", value.kind()));
                None
            }
        }
    }

    fn required<T>(&mut self, node: &Node, key: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        if node.get(key).is_none() {
            self.error(node, &format!("`{key}` is missing"));
        }
        self.value(node, key, read)
    }

    fn example(&mut self, node: &Node) -> Option<Example> {
        self.check_keys(node, "an example", EXAMPLE_KEYS);
        let name = self.required(node, "name", text);
        let verdict = self.required(node, "verdict", |text| {
            let all = [Outcome::Pass, Outcome::Block, Outcome::Undecided];
            one_of(text, "verdict", &all, Outcome::name)
        });
        let expected = Expected {
            verdict: verdict?,
            blocking: self.value(node, "blocking", number),
            decided_by: self.value(node, "decided-by", text),
        };
        let findings = self.items(node, "findings").iter().filter_map(|item| self.given(item)).collect();
        let baseline = self.items(node, "baseline").iter().filter_map(|item| self.given(item)).collect();
        let mut unreadable = Vec::new();
        for item in self.items(node, "unreadable") {
            match item.as_str() {
                Some(path) => unreadable.push(path.to_owned()),
                None => self.error(item, &format!("a path must be text, not {}", item.kind())),
            }
        }
        Some(Example {
            name: name?,
            line: self.lines.line(node.span.start),
            environment: self.value(node, "environment", text),
            today: self.value(node, "today", str::parse),
            findings,
            baseline,
            unreadable,
            expected,
        })
    }

    fn given(&mut self, node: &Node) -> Option<Given> {
        self.check_keys(node, "a finding", FINDING_KEYS);
        let rule = self.required(node, "rule", text);
        let states = [State::New, State::Changed, State::Existing];
        let kinds =
            [SuppressionKind::Inline, SuppressionKind::Baseline, SuppressionKind::Waiver, SuppressionKind::External];
        Some(Given {
            rule: rule?,
            line: self.lines.line(node.span.start),
            path: self.value(node, "path", text).unwrap_or_else(|| "example".to_owned()),
            resource: self.value(node, "resource", text),
            severity: self.value(node, "severity", str::parse),
            confidence: self.value(node, "confidence", str::parse),
            category: self.value(node, "category", str::parse),
            state: self.value(node, "state", |text| one_of(text, "state", &states, state_name)),
            on_changed_lines: self
                .value(node, "on-changed-lines", |text| text.parse().map_err(|_| "must be true or false".to_owned())),
            suppressed: self.value(node, "suppressed", |text| one_of(text, "suppression", &kinds, kind_name)),
            count: self.value(node, "count", number).unwrap_or(1),
        })
    }
}

fn text(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("is empty".to_owned()) } else { Ok(text.trim().to_owned()) }
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse::<usize>().ok().filter(|&number| number <= MAX_ITEMS);
    number.ok_or_else(|| format!("must be a number from 0 to {MAX_ITEMS}"))
}

fn one_of<T: Copy>(given: &str, what: &str, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, String> {
    let names: Vec<&str> = all.iter().map(|&one| name(one)).collect();
    all.iter().copied().find(|&one| name(one) == given).ok_or_else(|| unknown(what, given, &names))
}

fn state_name(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Changed => "changed",
        State::Existing => "existing",
    }
}

fn kind_name(kind: SuppressionKind) -> &'static str {
    match kind {
        SuppressionKind::Inline => "inline",
        SuppressionKind::Baseline => "baseline",
        SuppressionKind::Waiver => "waiver",
        SuppressionKind::External => "external",
    }
}
