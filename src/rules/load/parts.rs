//! The `parts` of a rule for secrets, and whether the rules that they name exist.

use std::collections::HashMap;

use super::Reader;
use crate::document::node::Node;
use crate::rules::error::{PackError, nearest};
use crate::rules::schema::{CredentialPart, Detect, Rule};

/// How many lines a part may be away unless the rule says otherwise.
const USUAL_LINES: u32 = 5;
/// Most parts of one credential, and most rules that may find one of them.
const MAX_PARTS: usize = 8;
const MAX_RULES: usize = 64;

impl Reader<'_> {
    pub(super) fn parts(&mut self, node: &Node) -> Vec<CredentialPart> {
        let Some(value) = node.get("parts") else { return Vec::new() };
        let Some(items) = value.as_sequence() else {
            self.error(value, format!("`parts` must be a list, not {}", value.kind()));
            return Vec::new();
        };
        if items.len() > MAX_PARTS {
            self.error(value, format!("a credential has at most {MAX_PARTS} `parts`"));
            return Vec::new();
        }
        items.iter().filter_map(|item| self.part(item)).collect()
    }

    fn part(&mut self, node: &Node) -> Option<CredentialPart> {
        if !self.check_keys(node, "an item of `parts`", &["any", "lines", "as"]) {
            return None;
        }
        let any = self.strings(node, "any").unwrap_or_default();
        if any.is_empty() || any.len() > MAX_RULES {
            self.error(node, format!("an item of `parts` needs `any`, a list of 1 to {MAX_RULES} ids of rules"));
        }
        let lines = self.lines_of(node, "parts", USUAL_LINES);
        let name = self.text(node, "as");
        let place = self.lines.position(self.text, node.span.start);
        Some(CredentialPart { any, lines, name, place })
    }
}

/// Checks that what `rules` name as parts of credentials are other rules for secrets, among them or among `others`. `origin`
/// names the file of each rule.
///
/// # Errors
///
/// One line for each name that stands for nothing of the kind.
pub fn check_parts<'a>(
    rules: impl IntoIterator<Item = (&'a Rule, &'a str)>,
    others: impl IntoIterator<Item = &'a Rule>,
) -> Result<(), Vec<String>> {
    let rules: Vec<(&Rule, &str)> = rules.into_iter().collect();
    let others: Vec<&Rule> = others.into_iter().collect();
    let mut known: HashMap<&str, &Rule> = HashMap::new();
    for rule in rules.iter().map(|(rule, _)| *rule).chain(others) {
        known.extend(std::iter::once(&rule.id).chain(&rule.aliases).map(|id| (id.as_str(), rule)));
    }
    let mut errors = Vec::new();
    for (rule, origin) in rules {
        let Detect::Secret(secret) = &rule.detect else { continue };
        for part in &secret.parts {
            for message in part.any.iter().filter_map(|id| problem(rule, id, &known)) {
                let (line, column) = (part.place.line, part.place.column);
                errors.push(PackError { file: origin.to_owned(), line, column, message }.to_string());
            }
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// What is wrong with `id` as the rule of a part of a credential that `rule` finds.
fn problem(rule: &Rule, id: &str, known: &HashMap<&str, &Rule>) -> Option<String> {
    let Some(found) = known.get(id) else {
        let mut ids: Vec<&str> = known.keys().copied().collect();
        ids.sort_unstable();
        return Some(match nearest(id, ids) {
            Some(near) => format!("no rule is called `{id}`, which `parts` names; did you mean `{near}`?"),
            None => "`parts` names a rule that does not exist; `lockgate rules list` shows them all".to_owned(),
        });
    };
    if found.id == rule.id {
        return Some(format!("a credential cannot be a part of itself: take `{id}` out of `parts`"));
    }
    if found.id != id {
        return Some(format!("`{id}` is an earlier id: write `{}` in `parts`", found.id));
    }
    let is_secret = matches!(found.detect, Detect::Secret(_));
    (!is_secret).then(|| format!("`parts` names `{id}`, which is no rule for secrets; take it out"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::load;

    const PACK: &str = "rules:\n\
        - {id: acme-id, aliases: [acme-old], title: t, description: d, remediation: r, secret: {pattern: 'acmeid_(?<secret>[a-z]{8})'}}\n\
        - {id: open-thing, title: t, category: privilege, description: d, remediation: r, suppression: expired-waiver}\n\
        - id: acme-key\n  title: Acme key\n  description: d\n  remediation: r\n  secret:\n    \
          pattern: 'acme_(?<secret>[a-z]{8})'\n    parts:\n      - {any: [acme-id], lines: 3, as: acme id}\n";

    fn errors(pack: &str) -> String {
        let rules = load("pack.yaml", pack).unwrap();
        let checked = check_parts(rules.iter().map(|rule| (rule, "pack.yaml")), []);
        checked.err().unwrap_or_default().join("\n")
    }

    #[test]
    fn a_part_names_another_rule_for_secrets() {
        assert_eq!(errors(PACK), "");
        let with = |id: &str| errors(&PACK.replace("any: [acme-id]", &format!("any: [{id}]")));
        assert_eq!(
            with("acme-ids"),
            "pack.yaml:11:9: no rule is called `acme-ids`, which `parts` names; did you mean `acme-id`?"
        );
        assert!(with("something-else-altogether").ends_with("`lockgate rules list` shows them all"));
        assert!(with("acme-key").ends_with("cannot be a part of itself: take `acme-key` out of `parts`"));
        assert!(with("acme-old").ends_with("`acme-old` is an earlier id: write `acme-id` in `parts`"));
        assert!(with("open-thing").ends_with("is no rule for secrets; take it out"));
    }

    #[test]
    fn mistakes_in_parts_name_their_place() {
        let error = |from: &str, to: &str| {
            let errors = load("pack.yaml", &PACK.replace(from, to)).unwrap_err();
            errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(error("lines: 3", "lines: 51"), "pack.yaml:11:9: `lines` of `parts` must be a number from 0 to 50");
        assert!(error("as: acme id", "is: x").contains("unknown key of an item of `parts`"));
        assert!(error("as: acme id", "as: ''").ends_with("`as` is empty"));
        assert!(error("[acme-id]", "[]").contains("needs `any`"));
        assert!(error("\n      - {any", " {any").contains("`parts` must be a list, not a mapping"));
    }
}
