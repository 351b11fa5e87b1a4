//! One configuration file of gitleaks or betterleaks, as it is written. What the files that it extends add is not known yet.
//!
//! Keys are compared without case, as both tools do. A key that is not known is noted and has no effect: a configuration that
//! a newer version of either tool understands is still read.

use std::sync::Arc;

use super::fields::get;
use super::schema::{AllowList, AllowTarget, Part};
use crate::document::node::Node;
use crate::document::toml;
use crate::rating::{Confidence, Severity};
use crate::rules::error::PackError;
use crate::rules::pattern;
use crate::span::LineIndex;

/// Most mistakes, and most notes, that are kept of one file.
pub(super) const MAX_MESSAGES: usize = 50;
/// Most rules of one file.
const MAX_RULES: usize = 2_000;
/// Most lists of one rule, or of a file.
const MAX_LISTS: usize = 200;
/// Most required rules of one file: each is looked for on its own.
const MAX_REQUIRED: usize = 1_000;
/// Longest id.
const MAX_ID: usize = 100;

const TOP_KEYS: &[&str] = &[
    "title",
    "description",
    "minversion",
    "betterleaksminversion",
    "extend",
    "rules",
    "allowlist",
    "allowlists",
    "prefilter",
    "filter",
];
const EXTEND_KEYS: &[&str] = &["usedefault", "path", "url", "disabledrules"];
const RULE_KEYS: &[&str] = &[
    "id",
    "description",
    "regex",
    "path",
    "secretgroup",
    "entropy",
    "keywords",
    "tags",
    "allowlist",
    "allowlists",
    "required",
    "components",
    "skipreport",
    "severity",
    "confidence",
    "filter",
    "validate",
    "analyze",
    "revoke",
    "tokenefficiency",
];
const REQUIRED_KEYS: &[&str] = &["id", "withinlines", "withincolumns", "within", "optional"];
const LIST_KEYS: &[&str] =
    &["description", "condition", "commits", "paths", "regextarget", "regexes", "stopwords", "targetrules"];

/// What one file says.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) extend: Extend,
    pub(super) rules: Vec<RawRule>,
    /// For all rules.
    pub(super) allow: Vec<Arc<AllowList>>,
    /// For the rules with these ids.
    pub(super) targeted: Vec<(Vec<String>, Arc<AllowList>)>,
    /// What has no effect here.
    pub(super) notes: Vec<PackError>,
}

/// What a file adds to.
#[derive(Debug, Default)]
pub(super) struct Extend {
    pub(super) use_default: bool,
    pub(super) path: Option<String>,
    pub(super) disabled: Vec<String>,
    /// Where `path` stands.
    pub(super) at: Option<PackError>,
}

/// A rule as one file writes it.
#[derive(Clone, Debug)]
pub(super) struct RawRule {
    /// Where it stands; the message is empty.
    pub(super) at: PackError,
    pub(super) id: String,
    pub(super) description: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) keywords: Vec<String>,
    pub(super) part: Part,
    pub(super) required: Vec<RawRequired>,
    pub(super) is_hidden: bool,
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Option<Confidence>,
}

/// A rule that another one requires.
#[derive(Clone, Debug)]
pub(super) struct RawRequired {
    pub(super) id: String,
    pub(super) lines: Option<u32>,
    pub(super) columns: Option<u32>,
}

/// Reads the configuration `text`, which errors call `file`.
///
/// # Errors
///
/// Its mistakes, at most [`MAX_MESSAGES`].
pub(super) fn read(file: &str, text: &str) -> Result<Config, Vec<PackError>> {
    let document = toml::read(text);
    let lines = LineIndex::new(text);
    let mut reader = Reader { file, text, lines, steps: 0, required: 0, errors: Vec::new(), notes: Vec::new() };
    for error in &document.errors {
        reader.error_at(error.offset, &error.message);
    }
    let mut config = Config::default();
    if let (Some(root), true) = (document.roots.first(), reader.errors.is_empty()) {
        config = reader.config(root);
    }
    config.notes = reader.notes;
    if reader.errors.is_empty() { Ok(config) } else { Err(reader.errors) }
}

/// One file as it is read.
pub(super) struct Reader<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a str,
    pub(super) lines: LineIndex,
    /// Of all regexes so far.
    pub(super) steps: usize,
    /// Required rules so far.
    required: usize,
    pub(super) errors: Vec<PackError>,
    pub(super) notes: Vec<PackError>,
}

impl Reader<'_> {
    fn config(&mut self, root: &Node) -> Config {
        let mut config = Config::default();
        if !self.table(root, "the configuration", TOP_KEYS) {
            return config;
        }
        for key in ["prefilter", "filter"] {
            if let Some(value) = get(root, key) {
                self.note(value, format!("the expression `{key}` is not evaluated: what it leaves out is reported"));
            }
        }
        if let Some(extend) = get(root, "extend") {
            config.extend = self.extend(extend);
        }
        for node in self.tables(root, "rules", MAX_RULES) {
            let Some(rule) = self.rule(node) else { continue };
            if config.rules.iter().any(|other: &RawRule| other.id == rule.id) {
                self.error(node, format!("the rule `{}` is given twice", rule.id));
            }
            config.rules.push(rule);
        }
        for (node, list) in self.allow_lists(root, "the global allow-list") {
            let targets = self.texts(node, "targetRules");
            if targets.is_empty() {
                config.allow.push(Arc::new(AllowList { is_global: true, ..list }));
            } else {
                config.targeted.push((targets, Arc::new(list)));
            }
        }
        config
    }

    fn extend(&mut self, node: &Node) -> Extend {
        if !self.table(node, "`extend`", EXTEND_KEYS) {
            return Extend::default();
        }
        let use_default = self.flag(node, "useDefault");
        if use_default && let Some(value) = get(node, "useDefault") {
            self.note(
                value,
                "`useDefault`: the default rules of gitleaks and betterleaks are not shipped; Lockgate's own rules stand for \
                 them, and what this file says of default rules has no effect",
            );
        }
        if let Some(url) = get(node, "url") {
            self.note(url, "`url` of `extend` is not followed: nothing is loaded over the network");
        }
        let path = self.text(node, "path");
        if use_default && path.is_some() {
            self.error(node, "`useDefault` and `path` of `extend` exclude each other");
        }
        let at = get(node, "path").map(|value| self.place(value.span.start, ""));
        Extend { use_default, path, disabled: self.texts(node, "disabledRules"), at }
    }

    fn rule(&mut self, node: &Node) -> Option<RawRule> {
        if !self.table(node, "a rule", RULE_KEYS) {
            return None;
        }
        let Some(id) = self.text(node, "id") else {
            self.error(node, "the rule has no `id`");
            return None;
        };
        if id.len() > MAX_ID {
            self.error(node, format!("the `id` is longer than {MAX_ID} bytes"));
        }
        let mut entropy = self.number(node, "entropy", (0.0, 8.0)).filter(|least| *least != 0.0);
        if let Some(filter) = self.text(node, "filter") {
            match entropy_of(&filter) {
                Some(least) => entropy = Some(least),
                None => {
                    self.note(node, format!("the `filter` of `{id}` is not evaluated: what it leaves out is reported"));
                }
            }
        }
        for key in ["validate", "analyze", "revoke"] {
            if let Some(value) = get(node, key) {
                self.note(value, format!("`{key}` has no effect: a scan asks no provider"));
            }
        }
        if self.flag(node, "tokenEfficiency") {
            self.note(node, "`tokenEfficiency` has no effect: what it leaves out is reported");
        }
        let regex = self.regex_of(node, "regex");
        let group = self.number(node, "secretGroup", (0, 1_000)).unwrap_or_default();
        if let Some(most) = regex.as_deref().map(groups).filter(|most| group > *most) {
            self.error(node, format!("`secretGroup` is {group}, and the regex has {most} groups"));
        }
        let path = self.regex_of(node, "path");
        let allow = self
            .allow_lists(node, &format!("an allow-list of `{id}`"))
            .into_iter()
            .map(|(_, list)| Arc::new(list))
            .collect();
        Some(RawRule {
            at: self.place(node.span.start, ""),
            description: self.text(node, "description"),
            tags: self.texts(node, "tags"),
            keywords: self.texts(node, "keywords").iter().map(|word| word.to_lowercase()).collect(),
            part: Part { regex, group, path, entropy, allow },
            required: self.required(node),
            is_hidden: self.flag(node, "skipReport"),
            severity: self.text(node, "severity").and_then(|text| text.to_lowercase().parse().ok()),
            confidence: self.text(node, "confidence").and_then(|text| text.to_lowercase().parse().ok()),
            id,
        })
    }

    /// `[[rules.required]]`, and the `components` of later versions.
    fn required(&mut self, node: &Node) -> Vec<RawRequired> {
        let mut required = Vec::new();
        let tables: Vec<&Node> =
            ["required", "components"].iter().flat_map(|key| self.tables(node, key, MAX_LISTS)).collect();
        for table in tables {
            if !self.table(table, "a required rule", REQUIRED_KEYS) {
                continue;
            }
            let Some(id) = self.text(table, "id") else {
                self.error(table, "a required rule has no `id`");
                continue;
            };
            // What may be there or not decides nothing.
            if self.flag(table, "optional") {
                continue;
            }
            let mut lines = self.number(table, "withinLines", (0, 1_000_000));
            let mut columns = self.number(table, "withinColumns", (0, 1_000_000));
            for part in self.text(table, "within").iter().flat_map(|text| text.split(',')) {
                let (number, unit) = part.trim().split_at(part.trim().len().saturating_sub(1));
                match (number.parse::<u32>(), unit) {
                    (Ok(number), "L" | "l") => lines = Some(number),
                    (Ok(number), "C" | "c") => columns = Some(number),
                    _ => self.error(table, "`within` must have the form `5L,100C`"),
                }
            }
            self.required += 1;
            if self.required == MAX_REQUIRED {
                self.error(table, format!("the file has more than {MAX_REQUIRED} required rules"));
            }
            required.push(RawRequired { id, lines, columns });
        }
        required
    }

    /// The allow-lists of a file or a rule, with their tables.
    fn allow_lists<'n>(&mut self, node: &'n Node, what: &str) -> Vec<(&'n Node, AllowList)> {
        if get(node, "allowlist").is_some() && get(node, "allowlists").is_some() {
            self.error(node, "`allowlist` and `allowlists` exclude each other");
        }
        let mut tables = self.tables(node, "allowlist", MAX_LISTS);
        tables.extend(self.tables(node, "allowlists", MAX_LISTS));
        tables.into_iter().filter_map(|table| Some((table, self.allow_list(table, what)?))).collect()
    }

    fn allow_list(&mut self, node: &Node, what: &str) -> Option<AllowList> {
        if !self.table(node, what, LIST_KEYS) {
            return None;
        }
        let condition = self.text(node, "condition").unwrap_or_default();
        let all = match condition.to_ascii_uppercase().as_str() {
            "AND" | "&&" => true,
            "" | "OR" | "||" => false,
            _ => {
                self.error(node, "`condition` must be `AND` or `OR`");
                false
            }
        };
        let target = match self.text(node, "regexTarget").as_deref() {
            None | Some("secret") => AllowTarget::Secret,
            Some("match") => AllowTarget::Match,
            Some("line") => AllowTarget::Line,
            Some(_) => {
                self.error(node, "`regexTarget` must be `secret`, `match` or `line`");
                AllowTarget::Secret
            }
        };
        let list = AllowList {
            all,
            target,
            paths: self.regexes(node, "paths"),
            is_global: false,
            regexes: self.regexes(node, "regexes"),
            stopwords: self.texts(node, "stopwords").iter().map(|word| word.to_lowercase()).collect(),
        };
        let is_empty = list.paths.is_empty() && list.regexes.is_empty() && list.stopwords.is_empty();
        if let Some(commits) =
            get(node, "commits").filter(|commits| commits.as_sequence().is_none_or(|c| !c.is_empty()))
        {
            self.note(
                commits,
                format!("`commits` of {what} has no effect: contents are scanned, whatever commit they come from"),
            );
            // No content is of a commit, so nothing fits all of it.
            return (!all && !is_empty).then_some(list);
        }
        if is_empty && self.errors.is_empty() {
            self.error(node, format!("{what} needs `paths`, `regexes` or `stopwords`"));
        }
        (!is_empty).then_some(list)
    }
}

/// Number of the groups of `regex`, which parses.
fn groups(regex: &str) -> usize {
    pattern::parse(regex).map_or(0, |hir| hir.properties().explicit_captures_len())
}

/// The entropy of a filter that asks for nothing else: `entropy(finding.secret) <= 3.5`.
fn entropy_of(filter: &str) -> Option<f64> {
    let text: String = filter.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.strip_prefix("filter.").unwrap_or(&text);
    let least = ["entropy(finding.secret)<=", "entropy(finding[\"secret\"])<=", "entropy(finding['secret'])<="]
        .iter()
        .find_map(|form| text.strip_prefix(form))?;
    least.parse().ok().filter(|least| (0.0..=8.0).contains(least))
}
