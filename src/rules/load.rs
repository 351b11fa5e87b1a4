//! Rule packs from YAML, strictly: whatever is not understood is an error with its place and its mend.

mod condition;
mod fields;
mod fix;
mod parts;
mod policy;
mod secret;

use std::collections::{HashMap, HashSet};

pub use self::parts::check_parts;
use super::error::{PackError, unknown};
use super::names::SUPPRESSION_CHECKS;
use super::packed::Packed;
use super::schema::{Details, Detect, Profile, Rule};
use crate::document::node::Node;
use crate::document::yaml;
use crate::rating::{Category, Confidence, Severity};
use crate::span::LineIndex;

/// Longest regex text. What it compiles to has a bound of its own.
pub(super) const MAX_REGEX: usize = 8 * 1024;
/// Most mistakes that are listed for one pack.
const MAX_ERRORS: usize = 50;

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
    "applies",
    "parameters",
    "suppression",
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
        let detect = self.detect(node)?;
        let is_secret = matches!(detect, Detect::Secret(_));
        let category = self.named(node, "category").or(defaults.category);
        if category.is_none() && !is_secret {
            self.error(node, "`category` is missing");
        }
        // What a tree says is there is there; what looks like a secret may be something else.
        let confidence = if is_secret { Confidence::Medium } else { Confidence::High };
        let rule = Rule {
            aliases: self.strings(node, "aliases").unwrap_or_default(),
            title: self.required(node, "title")?,
            severity: self.named(node, "severity").or(defaults.severity).unwrap_or(Severity::Medium),
            confidence: self.named(node, "confidence").or(defaults.confidence).unwrap_or(confidence),
            category: category.unwrap_or(Category::Secret),
            profile: self.profile(node).or(defaults.profile).unwrap_or_default(),
            details: Packed::from(Details {
                description: self.required(node, "description")?,
                remediation,
                references: self.references(node, defaults),
                cwe: self.cwe(node).or_else(|| defaults.cwe.clone()).unwrap_or_default(),
                equivalents: self.equivalents(node),
            }),
            detect,
            id,
        };
        (self.errors.len() == before).then_some(rule)
    }

    fn detect(&mut self, node: &Node) -> Option<Detect> {
        let kinds = ["secret", "applies", "suppression"];
        let mut given = kinds.into_iter().filter_map(|kind| node.get(kind).map(|value| (kind, value)));
        match (given.next(), given.next()) {
            (Some(("secret", secret)), None) => self.secret(secret).map(Packed::from).map(Detect::Secret),
            (Some(("applies", _)), None) => self.policy(node).map(Detect::Policy),
            (Some((_, check)), None) => {
                let name = self.required(node, "suppression")?;
                if !SUPPRESSION_CHECKS.contains(&name.as_str()) {
                    self.error(check, unknown("check of suppressions", &name, SUPPRESSION_CHECKS));
                }
                Some(Detect::Suppression(name))
            }
            (None, _) => {
                self.error(node, "the rule detects nothing: it needs `secret` or `applies`");
                None
            }
            (Some(_), Some(_)) => {
                self.error(node, "a rule has one of `secret`, `applies` and `suppression`");
                None
            }
        }
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
