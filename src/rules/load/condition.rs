//! Conditions: combinators, paths, operators with their operands.

use super::policy::Context;
use super::{Reader, check_length};
use crate::document::node::Node;
use crate::rules::condition::{Condition, Kind, Number, Operand, Test};
use crate::rules::error::unknown;
use crate::rules::names::{RELATIONS, has_open_relations, scopes};
use crate::rules::path::Path;
use crate::rules::pattern;

const COMBINATORS: &[&str] = &["all", "any", "not", "at", "each", "some", "linked", "declared"];
const OPERATORS: &[&str] = &[
    "absent",
    "cidr_is_open",
    "contains",
    "contains_all",
    "count_gte",
    "count_lt",
    "empty",
    "ends_with",
    "equals",
    "exists",
    "gt",
    "gte",
    "iam_allows",
    "iam_grants_escalation",
    "in",
    "in_any_case",
    "in_values",
    "is",
    "is_literal",
    "lt",
    "lte",
    "matches",
    "port_range_covers",
    "starts_with",
    "version_gte",
    "version_lt",
];

impl Reader<'_> {
    pub(super) fn condition(&mut self, node: &Node, context: &Context<'_>) -> Option<Condition> {
        let Some(entries) = node.as_mapping() else {
            self.error(node, format!("a condition must be a mapping, not {}", node.kind()));
            return None;
        };
        let found: Vec<&str> =
            entries.iter().filter_map(|entry| entry.key.as_str()).filter(|key| COMBINATORS.contains(key)).collect();
        let [key] = found.as_slice() else {
            let wrong = entries.iter().find(|entry| entry.key.as_str().is_none_or(|key| !OPERATORS.contains(&key)));
            match wrong.filter(|_| found.is_empty()) {
                Some(entry) => {
                    let name = entry.key.as_str().unwrap_or_default();
                    self.error(&entry.key, unknown("key of a condition", name, COMBINATORS));
                }
                None => self.error(node, format!("a condition has exactly one of {}", COMBINATORS.join(", "))),
            }
            return None;
        };
        let value = node.get(key)?;
        match *key {
            "all" | "any" => {
                self.check_keys(node, &format!("`{key}`"), &[key]);
                let Some(items) = value.as_sequence().filter(|items| !items.is_empty()) else {
                    self.error(value, format!("`{key}` must be a list of conditions"));
                    return None;
                };
                let conditions: Vec<Condition> =
                    items.iter().filter_map(|item| self.condition(item, context)).collect();
                Some(if *key == "all" { Condition::All(conditions) } else { Condition::Any(conditions) })
            }
            "not" => {
                self.check_keys(node, "`not`", &["not"]);
                self.condition(value, context).map(|condition| Condition::Not(Box::new(condition)))
            }
            "each" | "some" => {
                self.check_keys(node, &format!("`{key}`"), &[key, "that"]);
                let path = self.path(value, context);
                let Some(that) = node.get("that") else {
                    self.error(node, format!("`{key}` needs `that`, the condition on its items"));
                    return None;
                };
                let that = Box::new(self.condition(that, context)?);
                let path = path?;
                Some(if *key == "each" { Condition::Each { path, that } } else { Condition::Some { path, that } })
            }
            "linked" => {
                self.check_keys(node, "`linked`", &["linked", "via", "that"]);
                let types = self.strings(node, "linked")?;
                let via = self.text(node, "via");
                if let Some(via) = &via
                    && !has_open_relations(context.platform)
                    && !RELATIONS.contains(&via.as_str())
                {
                    self.error(node.get("via").unwrap_or(node), unknown("kind of link", via, RELATIONS));
                }
                let that = match node.get("that") {
                    Some(that) => Some(Box::new(self.condition(that, context)?)),
                    None => None,
                };
                Some(Condition::Linked { types, via, that })
            }
            "declared" => {
                self.check_keys(node, "`declared`", &["declared", "other", "that"]);
                if !has_open_relations(context.platform) {
                    let message = "`declared` is for terraform and cloudformation, whose files are evaluated together";
                    self.error(node, message);
                }
                let types = self.strings(node, "declared")?;
                let that = match node.get("that") {
                    Some(that) => Some(Box::new(self.condition(that, context)?)),
                    None => None,
                };
                let is_other = match node.get("other") {
                    Some(other) => self.flag(other)?,
                    None => false,
                };
                Some(Condition::Declared { types, is_other, that })
            }
            _ => self.at(node, value, context),
        }
    }

    /// `{at: PATH, OPERATOR: OPERAND}`
    fn at(&mut self, node: &Node, value: &Node, context: &Context<'_>) -> Option<Condition> {
        let known: Vec<&str> = std::iter::once("at").chain(OPERATORS.iter().copied()).collect();
        let path = self.path(value, context);
        let before = self.errors.len();
        if !self.check_keys(node, "a condition with `at`", &known) || self.errors.len() > before {
            return None;
        }
        let operators: Vec<&str> = OPERATORS.iter().copied().filter(|name| node.get(name).is_some()).collect();
        let [operator] = operators.as_slice() else {
            self.error(node, format!("`at` takes exactly one operator: {}", OPERATORS.join(", ")));
            return None;
        };
        let test = self.test(operator, node.get(operator)?, context)?;
        Some(Condition::At { path: path?, test })
    }

    fn test(&mut self, operator: &str, node: &Node, context: &Context<'_>) -> Option<Test> {
        Some(match operator {
            "exists" => Test::Exists(self.flag(node)?),
            "absent" => Test::Exists(!self.flag(node)?),
            "empty" => Test::Empty(self.flag(node)?),
            "is_literal" => Test::IsLiteral(self.flag(node)?),
            "cidr_is_open" => Test::CidrIsOpen(self.flag(node)?),
            "is" => Test::Is(self.kind(node)?),
            "equals" | "in" => Test::In(self.operand(node, context)),
            "in_any_case" => Test::InAnyCase(self.operand(node, context)),
            "starts_with" => Test::StartsWith(self.operand(node, context)),
            "ends_with" => Test::EndsWith(self.operand(node, context)),
            "contains" => Test::Contains(self.operand(node, context)),
            "contains_all" => Test::ContainsAll(self.operand(node, context)),
            "iam_allows" => Test::IamAllows(self.scalars(node)),
            "iam_grants_escalation" => Test::IamGrantsEscalation(self.flag(node)?),
            "matches" => {
                let regex = self.scalar(node)?;
                if let Err(message) = check_length(&regex).and_then(|()| pattern::parse(&regex).map(drop)) {
                    self.error(node, message);
                }
                Test::Matches(regex)
            }
            "lt" => Test::Lt(Number(self.scalar(node)?)),
            "lte" => Test::Lte(Number(self.scalar(node)?)),
            "gt" => Test::Gt(Number(self.scalar(node)?)),
            "gte" => Test::Gte(Number(self.scalar(node)?)),
            "count_lt" => Test::CountLt(self.count(node)?),
            "count_gte" => Test::CountGte(self.count(node)?),
            "version_lt" => Test::VersionLt(self.scalar(node)?),
            "version_gte" => Test::VersionGte(self.scalar(node)?),
            "port_range_covers" => {
                let mut ports = Vec::new();
                for text in self.scalars(node) {
                    match text.parse() {
                        Ok(port) => ports.push(port),
                        Err(_) => self.error(node, "a port is a number from 0 to 65535"),
                    }
                }
                Test::PortRangeCovers(ports)
            }
            _ => Test::InValues(self.path(node, context)?),
        })
    }

    pub(super) fn path(&mut self, node: &Node, context: &Context<'_>) -> Option<Path> {
        let text = self.scalar(node)?;
        match Path::parse(&text) {
            Ok(path) => {
                for scope in path.alternatives.iter().filter_map(|alternative| alternative.scope.as_deref()) {
                    let known = scopes(context.platform);
                    if !known.contains(&scope) {
                        self.error(node, unknown(&format!("scope of {}", context.platform), scope, known));
                    }
                }
                Some(path)
            }
            Err(message) => {
                self.error(node, message);
                None
            }
        }
    }

    /// A scalar or a list of them; `${name}` alone is a parameter of the rule.
    fn operand(&mut self, node: &Node, context: &Context<'_>) -> Operand {
        let name = node.as_str().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
        let Some(name) = name else { return Operand::Literal(self.scalars(node)) };
        let known: Vec<&str> = context.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
        if !known.contains(&name) {
            self.error(node, unknown("parameter", name, &known));
        }
        Operand::Parameter(name.to_owned())
    }

    pub(super) fn scalars(&mut self, node: &Node) -> Vec<String> {
        let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        if items.is_empty() {
            self.error(node, "the list is empty");
        }
        items.iter().filter_map(|item| self.scalar(item)).collect()
    }

    fn scalar(&mut self, node: &Node) -> Option<String> {
        if node.as_str().is_none() {
            self.error(node, format!("a text or a number is expected, not {}", node.kind()));
        }
        node.as_str().map(str::to_owned)
    }

    pub(super) fn flag(&mut self, node: &Node) -> Option<bool> {
        let flag = node.as_str().and_then(|text| text.parse().ok());
        if flag.is_none() {
            self.error(node, "`true` or `false` is expected");
        }
        flag
    }

    fn count(&mut self, node: &Node) -> Option<u32> {
        let count = node.as_str().and_then(|text| text.parse().ok());
        if count.is_none() {
            self.error(node, "a whole number is expected");
        }
        count
    }

    fn kind(&mut self, node: &Node) -> Option<Kind> {
        const KINDS: &[&str] = &["string", "number", "boolean", "list", "mapping"];
        Some(match self.scalar(node)?.as_str() {
            "string" => Kind::String,
            "number" => Kind::Number,
            "boolean" => Kind::Boolean,
            "list" => Kind::List,
            "mapping" => Kind::Mapping,
            other => {
                self.error(node, unknown("type", other, KINDS));
                return None;
            }
        })
    }
}
