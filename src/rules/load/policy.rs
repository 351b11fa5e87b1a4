//! The `applies` part of a rule: bindings to platforms, and the conditions in them.

use super::{Reader, check_length};
use crate::document::node::Node;
use crate::platform::Platform;
use crate::rules::condition::{Binding, Check, Condition, Kind, Number, Operand, Parameter, PolicyRule, Test};
use crate::rules::error::unknown;
use crate::rules::names::{POLICY_CHECKS, RELATIONS, resource_kinds, scopes};
use crate::rules::path::Path;
use crate::rules::pattern;

const BINDING_KEYS: &[&str] = &["when", "deny", "require", "native", "report", "message"];
const COMBINATORS: &[&str] = &["all", "any", "not", "at", "each", "some", "linked"];
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
    /// Reads `applies` and `parameters` of the rule `node`.
    pub(super) fn policy(&mut self, node: &Node) -> Option<PolicyRule> {
        let parameters = node.get("parameters").map(|node| self.parameters(node)).unwrap_or_default();
        let applies = node.get("applies")?;
        let Some(items) = applies.as_sequence() else {
            self.error(applies, format!("`applies` must be a list, not {}", applies.kind()));
            return None;
        };
        let bindings: Vec<Binding> = items.iter().filter_map(|item| self.binding(item, &parameters)).collect();
        if bindings.is_empty() && items.is_empty() {
            self.error(applies, "the rule applies to nothing: `applies` is empty");
        }
        Some(PolicyRule { bindings, parameters })
    }

    fn parameters(&mut self, node: &Node) -> Vec<Parameter> {
        let Some(entries) = node.as_mapping() else {
            self.error(node, format!("`parameters` must be a mapping, not {}", node.kind()));
            return Vec::new();
        };
        let mut parameters = Vec::new();
        for entry in entries {
            let name = entry.key.as_str().unwrap_or_default();
            if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
                self.error(&entry.key, "the name of a parameter is lower-case letters, digits and `_`");
            }
            if !self.check_keys(&entry.value, "a parameter", &["default", "description"]) {
                continue;
            }
            let default = match entry.value.get("default") {
                // Without a value the rule waits to be configured.
                Some(value) if value.as_sequence().is_none_or(|items| !items.is_empty()) => self.scalars(value),
                _ => Vec::new(),
            };
            let description = self.required(&entry.value, "description").unwrap_or_default();
            parameters.push(Parameter { name: name.to_owned(), default, description });
        }
        parameters
    }

    fn binding(&mut self, node: &Node, parameters: &[Parameter]) -> Option<Binding> {
        let platforms: Vec<&str> = Platform::ALL.iter().map(|platform| platform.name()).collect();
        let known: Vec<&str> = platforms.iter().chain(BINDING_KEYS).copied().collect();
        if !self.check_keys(node, "a binding", &known) {
            return None;
        }
        let mut named = Platform::ALL.iter().filter(|platform| node.get(platform.name()).is_some());
        let (Some(&platform), None) = (named.next(), named.next()) else {
            self.error(node, format!("a binding names exactly one platform: {}", platforms.join(", ")));
            return None;
        };
        let types = self.strings(node, platform.name())?;
        if types.is_empty() {
            self.error(node, "a binding names at least one type of resource");
        }
        for kind in &types {
            let known = resource_kinds(platform);
            // Kubernetes has as many kinds as a cluster has custom resources; all of them begin with a capital.
            let is_open = platform == Platform::Kubernetes && kind.starts_with(|c: char| c.is_ascii_uppercase());
            if !is_open && !known.contains(&kind.as_str()) {
                let message = unknown(&format!("type of resource of {platform}"), kind, known);
                self.error(node.get(platform.name()).unwrap_or(node), message);
            }
        }
        let context = Context { platform, parameters };
        let checks: Vec<&str> =
            ["deny", "require", "native"].into_iter().filter(|key| node.get(key).is_some()).collect();
        let check = match checks.as_slice() {
            ["native"] => {
                let name = self.required(node, "native")?;
                if !POLICY_CHECKS.contains(&name.as_str()) {
                    self.error(node.get("native").unwrap_or(node), unknown("native check", &name, POLICY_CHECKS));
                }
                Check::Native(name)
            }
            ["deny"] => Check::Deny(self.condition(node.get("deny")?, &context)?),
            ["require"] => Check::Require(self.condition(node.get("require")?, &context)?),
            _ => {
                self.error(node, "a binding needs exactly one of `deny`, `require`, `native`");
                return None;
            }
        };
        let when = match node.get("when") {
            Some(when) => Some(self.condition(when, &context)?),
            None => None,
        };
        let report = match node.get("report") {
            Some(report) => Some(self.path(report, &context)?),
            None => None,
        };
        Some(Binding { platform, types, when, check, report, message: self.text(node, "message") })
    }

    fn condition(&mut self, node: &Node, context: &Context<'_>) -> Option<Condition> {
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

    fn path(&mut self, node: &Node, context: &Context<'_>) -> Option<Path> {
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

    fn scalars(&mut self, node: &Node) -> Vec<String> {
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

    fn flag(&mut self, node: &Node) -> Option<bool> {
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

/// What the conditions of a binding may name.
struct Context<'a> {
    platform: Platform,
    parameters: &'a [Parameter],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::load;
    use crate::rules::schema::Detect;

    fn pack(applies: &str) -> String {
        let head = "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n";
        format!("{head}  parameters: {{names: {{default: [a], description: d}}}}\n  applies:\n  - {applies}\n")
    }

    fn binding(applies: &str) -> Binding {
        let mut rules = load("p", &pack(applies)).unwrap();
        match rules.remove(0).detect {
            Detect::Policy(mut policy) => policy.bindings.remove(0),
            Detect::Secret(_) => unreachable!("the rule has `applies`"),
        }
    }

    fn error(applies: &str) -> String {
        load("p", &pack(applies)).unwrap_err()[0].to_string()
    }

    #[test]
    fn a_binding_reads_into_its_condition() {
        let read = binding("{kubernetes: [container], deny: {at: securityContext.privileged, equals: true}}");
        let at = |path: &str, test| Condition::At { path: Path::parse(path).unwrap(), test };
        let equals = |text: &str| Test::In(Operand::Literal(vec![text.to_owned()]));
        assert_eq!(read.check, Check::Deny(at("securityContext.privileged", equals("true"))));
        let read = binding(
            "{compose: [service], require: {any: [{at: x, absent: true}, {some: y, that: {at: ., in: '${names}'}}]}}",
        );
        let some = Condition::Some {
            path: Path::parse("y").unwrap(),
            that: Box::new(at(".", Test::In(Operand::Parameter("names".to_owned())))),
        };
        assert_eq!(read.check, Check::Require(Condition::Any(vec![at("x", Test::Exists(false)), some])));
    }

    #[test]
    fn mistakes_name_the_mend() {
        for (applies, message) in [
            ("{kubernetes: [container], deny: {at: a, equal: 1}}", "did you mean `equals`?"),
            ("{kubernetes: [containr], deny: {at: a, equals: 1}}", "did you mean `container`?"),
            ("{kubernetes: [Pod], deny: {at: $pot.a, equals: 1}}", "did you mean `pod`?"),
            ("{kubernetes: [Pod], deny: {at: a..b, equals: 1}}", "a path has no `.` there"),
            ("{kubernetes: [Pod], deny: {at: a, equals: 1, in: [2]}}", "exactly one operator"),
            ("{kubernetes: [Pod], deny: {at: a}}", "exactly one operator"),
            ("{kubernetes: [Pod], deny: {alll: []}}", "did you mean `all`?"),
            ("{kubernetes: [Pod], deny: {all: []}}", "must be a list of conditions"),
            ("{kubernetes: [Pod], deny: {at: a, in: '${nams}'}}", "did you mean `names`?"),
            ("{kubernetes: [Pod], deny: {at: a, matches: '['}}", "unclosed character class"),
            ("{kubernetes: [Pod], native: nothing-such}", "unknown native check"),
            ("{kubernetes: [Pod], compose: [service], deny: {at: a, equals: 1}}", "exactly one platform"),
            ("{kubernetes: [Pod]}", "exactly one of `deny`, `require`, `native`"),
            ("{kubernetes: [Pod], deny: {some: a}}", "`some` needs `that`"),
            ("{kubernetes: [Pod], deny: {linked: [Service], via: select}}", "did you mean `selects`?"),
        ] {
            let error = error(applies);
            assert!(error.contains(message) && error.starts_with("p:9:"), "{applies}: {error}");
        }
    }
}
