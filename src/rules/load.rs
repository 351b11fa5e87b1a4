//! Rule packs from YAML, strictly: whatever is not understood is an error with its place and its mend.

use std::collections::{HashMap, HashSet};

use super::error::{PackError, unknown};
use super::names::{NATIVE_CHECKS, VALIDATORS};
use super::pattern;
use super::schema::{Assigned, Detect, Near, Profile, Rule, SecretRule, Source};
use crate::document::node::{Node, Value};
use crate::document::yaml;
use crate::glob;
use crate::rating::{Category, Confidence, Severity};
use crate::span::LineIndex;

/// Most lines that a companion may be away.
const MAX_NEAR_LINES: u32 = 50;
/// Most mistakes that are listed for one pack.
const MAX_ERRORS: usize = 50;
/// Longest regex text. What it compiles to has a bound of its own.
const MAX_REGEX: usize = 8 * 1024;

const PACK_KEYS: &[&str] = &["defaults", "rules"];
const DEFAULT_KEYS: &[&str] = &["severity", "confidence", "category", "profile", "cwe", "remediation", "references"];
const RULE_KEYS: &[&str] = &[
    "id",
    "aliases",
    "title",
    "severity",
    "confidence",
    "category",
    "profile",
    "description",
    "remediation",
    "references",
    "cwe",
    "equivalents",
    "secret",
];
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
    "allow",
    "keep_placeholders",
];

/// Reads the pack `text`; `file` is its name in errors.
///
/// # Errors
///
/// The mistakes in the pack, at most 50.
pub fn load(file: &str, text: &str) -> Result<Vec<Rule>, Vec<PackError>> {
    let mut reader = Reader { file, text, lines: LineIndex::new(text), errors: Vec::new() };
    let rules = match yaml::parse(text) {
        Ok(documents) => documents.iter().flat_map(|document| reader.pack(document)).collect(),
        Err(error) => {
            reader.error_at(error.offset, error.message);
            Vec::new()
        }
    };
    if reader.errors.is_empty() { Ok(rules) } else { Err(reader.errors) }
}

/// Checks that no id or alias stands for two rules. `origin` names the file of each rule.
///
/// # Errors
///
/// One line for each id that is used twice.
pub fn check_unique<'a>(rules: impl IntoIterator<Item = (&'a Rule, &'a str)>) -> Result<(), Vec<String>> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    let mut errors = Vec::new();
    for (rule, origin) in rules {
        for id in std::iter::once(&rule.id).chain(&rule.aliases) {
            if let Some(first) = seen.insert(id, origin) {
                errors.push(format!("{origin}: rule id `{id}` is already used in {first}; ids are never reused"));
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Values that a file gives to all of its rules.
#[derive(Default)]
struct Defaults {
    severity: Option<Severity>,
    confidence: Option<Confidence>,
    category: Option<Category>,
    profile: Option<Profile>,
    cwe: Option<Vec<u32>>,
    remediation: Option<String>,
    references: Option<Vec<String>>,
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    lines: LineIndex,
    errors: Vec<PackError>,
}

impl Reader<'_> {
    fn error_at(&mut self, offset: usize, message: impl Into<String>) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let position = self.lines.position(self.text, offset);
        self.errors.push(PackError {
            file: self.file.to_owned(),
            line: position.line,
            column: position.column,
            message: message.into(),
        });
    }

    fn error(&mut self, node: &Node, message: impl Into<String>) {
        self.error_at(node.span.start, message);
    }

    /// Reports unknown and repeated keys; `false` when the node is no mapping at all.
    fn check_keys(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        let Some(entries) = node.as_mapping() else {
            self.error(node, format!("{what} must be a mapping, not {}", node.kind()));
            return false;
        };
        let mut seen = HashSet::new();
        for entry in entries {
            let Some(key) = entry.key.as_str() else {
                self.error(&entry.key, format!("a key of {what} must be a plain name"));
                continue;
            };
            if !known.contains(&key) {
                self.error(&entry.key, unknown(&format!("key of {what}"), key, known));
            } else if !seen.insert(key) {
                self.error(&entry.key, format!("`{key}` is given twice in {what}"));
            }
        }
        true
    }

    fn pack(&mut self, document: &Node) -> Vec<Rule> {
        if !self.check_keys(document, "a rule pack", PACK_KEYS) {
            return Vec::new();
        }
        let defaults = document.get("defaults").map(|node| self.defaults(node)).unwrap_or_default();
        let Some(rules) = document.get("rules") else {
            self.error(document, "a rule pack needs `rules`");
            return Vec::new();
        };
        let Some(items) = rules.as_sequence() else {
            self.error(rules, format!("`rules` must be a list, not {}", rules.kind()));
            return Vec::new();
        };
        items.iter().filter_map(|item| self.rule(item, &defaults)).collect()
    }

    fn defaults(&mut self, node: &Node) -> Defaults {
        if !self.check_keys(node, "`defaults`", DEFAULT_KEYS) {
            return Defaults::default();
        }
        Defaults {
            severity: self.named(node, "severity"),
            confidence: self.named(node, "confidence"),
            category: self.named(node, "category"),
            profile: self.profile(node),
            cwe: self.cwe(node),
            remediation: self.text(node, "remediation"),
            references: self.strings(node, "references"),
        }
    }

    fn rule(&mut self, node: &Node, defaults: &Defaults) -> Option<Rule> {
        if !self.check_keys(node, "a rule", RULE_KEYS) {
            return None;
        }
        let before = self.errors.len();
        let id = self.required(node, "id")?;
        if !is_kebab_case(&id) {
            self.error(node.get("id").unwrap_or(node), "the rule id is not kebab-case (a-z, 0-9, `-`)");
        }
        let remediation = match self.text(node, "remediation").or_else(|| defaults.remediation.clone()) {
            Some(text) => text,
            None => self.required(node, "remediation")?,
        };
        let Some(secret) = node.get("secret") else {
            self.error(node, "the rule detects nothing: it needs `secret`");
            return None;
        };
        let rule = Rule {
            aliases: self.strings(node, "aliases").unwrap_or_default(),
            title: self.required(node, "title")?,
            severity: self.named(node, "severity").or(defaults.severity).unwrap_or(Severity::Medium),
            confidence: self.named(node, "confidence").or(defaults.confidence).unwrap_or(Confidence::Medium),
            category: self.named(node, "category").or(defaults.category).unwrap_or(Category::Secret),
            profile: self.profile(node).or(defaults.profile).unwrap_or_default(),
            description: self.required(node, "description")?,
            remediation,
            references: self.references(node, defaults),
            cwe: self.cwe(node).or_else(|| defaults.cwe.clone()).unwrap_or_default(),
            equivalents: self.equivalents(node),
            detect: Detect::Secret(self.secret(secret)?),
            id,
        };
        (self.errors.len() == before).then_some(rule)
    }

    fn references(&mut self, node: &Node, defaults: &Defaults) -> Vec<String> {
        let references = self.strings(node, "references").or_else(|| defaults.references.clone()).unwrap_or_default();
        if !references.iter().all(|url| url.starts_with("https://")) {
            self.error(node.get("references").unwrap_or(node), "a reference must be an https URL");
        }
        references
    }

    fn equivalents(&mut self, node: &Node) -> Vec<String> {
        let equivalents = self.strings(node, "equivalents").unwrap_or_default();
        let has_form =
            |text: &String| text.split_once(':').is_some_and(|(tool, id)| !tool.is_empty() && !id.is_empty());
        if !equivalents.iter().all(has_form) {
            self.error(node.get("equivalents").unwrap_or(node), "an equivalent must have the form `tool:id`");
        }
        equivalents
    }

    fn secret(&mut self, node: &Node) -> Option<SecretRule> {
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
        let lines = match node.get("lines").and_then(Node::as_str).map(str::parse::<u32>) {
            None => 3,
            Some(Ok(lines)) if lines <= MAX_NEAR_LINES => lines,
            Some(_) => {
                self.error(node, format!("`lines` of `near` must be a number from 0 to {MAX_NEAR_LINES}"));
                0
            }
        };
        Some(Near { any, lines })
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<String> {
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

    fn required(&mut self, node: &Node, key: &str) -> Option<String> {
        if node.get(key).is_none() {
            self.error(node, format!("`{key}` is missing"));
        }
        self.text(node, key)
    }

    fn strings(&mut self, node: &Node, key: &str) -> Option<Vec<String>> {
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

    fn named<T: std::str::FromStr<Err = String>>(&mut self, node: &Node, key: &str) -> Option<T> {
        let text = self.text(node, key)?;
        text.parse().map_err(|message: String| self.error(node.get(key).unwrap_or(node), message)).ok()
    }

    fn profile(&mut self, node: &Node) -> Option<Profile> {
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

    fn cwe(&mut self, node: &Node) -> Option<Vec<u32>> {
        let mut numbers = Vec::new();
        for text in self.strings(node, "cwe")? {
            match text.strip_prefix("CWE-").and_then(|number| number.parse().ok()) {
                Some(number) => numbers.push(number),
                None => self.error(node.get("cwe").unwrap_or(node), "a weakness must have the form `CWE-798`"),
            }
        }
        Some(numbers)
    }

    fn number(&mut self, node: &Node, key: &str) -> Option<f32> {
        let text = self.text(node, key)?;
        match text.parse::<f32>() {
            Ok(number) if (0.0..=8.0).contains(&number) => Some(number),
            _ => {
                self.error(node.get(key).unwrap_or(node), format!("`{key}` must be a number from 0 to 8"));
                None
            }
        }
    }

    fn boolean(&mut self, node: &Node, key: &str) -> bool {
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

fn check_length(regex: &str) -> Result<(), String> {
    if regex.len() > MAX_REGEX { Err(format!("the regex is longer than {MAX_REGEX} bytes")) } else { Ok(()) }
}

fn is_kebab_case(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && !id.ends_with('-')
        && !id.contains("--")
        && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        load("pack.yaml", text).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    const GOOD: &str = "rules:\n  - id: acme-key\n    title: Acme key\n    description: d\n    remediation: r\n    \
                        secret:\n      pattern: 'acme_(?<secret>[a-z]{8})'\n";

    #[test]
    fn a_minimal_rule_gets_defaults() {
        let rules = load("pack.yaml", GOOD).unwrap();
        assert_eq!(rules[0].id, "acme-key");
        assert_eq!(rules[0].severity, Severity::Medium);
        assert_eq!(rules[0].category, Category::Secret);
    }

    #[test]
    fn mistakes_name_their_place_and_their_mend() {
        assert_eq!(
            errors(&GOOD.replace("remediation", "remediaton")),
            "pack.yaml:5:5: unknown key of a rule `remediaton`; did you mean `remediation`?\n\
             pack.yaml:2:5: `remediation` is missing"
        );
        assert!(errors(&GOOD.replace("[a-z]{8}", "[a-z{8}")).starts_with("pack.yaml:7:16: unclosed character class"));
        assert!(errors(&GOOD.replace("acme-key", "AcmeKey")).contains("is not kebab-case"));
        assert!(errors(&format!("{GOOD}      validate: [base62-crc]\n")).contains("did you mean `base62-crc32`?"));
        assert_eq!(
            errors(&format!("{GOOD}      paths: ['**/.npmrc', 'a[']\n")),
            "pack.yaml:8:28: not a glob: unclosed character class; missing ']'"
        );
        assert!(errors(&format!("{GOOD}      paths: [./x]\n")).contains("write `**/NAME`"));
        assert!(errors(&format!("{GOOD}      paths: ['{}']\n", "{".repeat(100_000))).contains("more than 64 `{`"));
        assert!(errors(&GOOD.replace("[a-z]{8}", "(a{1000}){1000}")).contains("is too large once its repetitions"));
        assert!(errors(&format!("{GOOD}      allow: ['(a{{1000}}){{1000}}']\n")).contains("is too large"));
        assert!(errors(&format!("{GOOD}    title: again\n")).ends_with("`title` is given twice in a rule"));
        assert!(errors("rules: {}\n").contains("`rules` must be a list, not a mapping"));
        assert!(errors("rules: [\n").starts_with("pack.yaml:"));
    }

    #[test]
    fn a_pack_of_mistakes_gives_a_bounded_report() {
        let pack = (0..10_000).fold(String::new(), |text, number| text + &format!("key{number}: 1\n"));
        assert_eq!(load("pack.yaml", &pack).unwrap_err().len(), MAX_ERRORS);
    }

    #[test]
    fn one_id_is_one_rule() {
        let rules = load("pack.yaml", GOOD).unwrap();
        assert!(check_unique([(&rules[0], "a.yaml")]).is_ok());
        let errors = check_unique([(&rules[0], "a.yaml"), (&rules[0], "b.yaml")]).unwrap_err();
        assert!(errors[0].contains("already used in a.yaml"));
    }
}
