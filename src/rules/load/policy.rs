//! The `applies` part of a rule: its parameters, and its bindings to platforms.

use super::Reader;
use crate::document::node::Node;
use crate::platform::Platform;
use crate::rules::condition::{Binding, Check, Demand, Parameter, PolicyRule};
use crate::rules::error::unknown;
use crate::rules::names::{POLICY_CHECKS, is_open_kind, resource_kinds};
use crate::rules::packed::Packed;

const BINDING_KEYS: &[&str] = &["when", "deny", "require", "native", "report", "flow", "message", "fix"];

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
            if !is_open_kind(platform, kind) && !known.contains(&kind.as_str()) {
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
        let flow = match node.get("flow") {
            Some(flow) => Some(self.path(flow, &context)?),
            None => None,
        };
        let message = self.text(node, "message");
        let fix = match node.get("fix") {
            Some(fix) => Some(self.fix(fix, &context)?),
            None => None,
        };
        Some(Binding { platform, types, demand: Packed::from(Demand { when, check, report, flow, message, fix }) })
    }
}

/// What the conditions of a binding may name.
pub(super) struct Context<'a> {
    pub(super) platform: Platform,
    pub(super) parameters: &'a [Parameter],
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::condition::{Condition, Operand, Test};
    use crate::rules::load::load;
    use crate::rules::path::Path;
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
        assert_eq!(read.demand.check, Check::Deny(at("securityContext.privileged", equals("true"))));
        let read = binding(
            "{compose: [service], require: {any: [{at: x, absent: true}, {some: y, that: {at: ., in: '${names}'}}]}}",
        );
        let some = Condition::Some {
            path: Path::parse("y").unwrap(),
            that: Box::new(at(".", Test::In(Operand::Parameter("names".to_owned())))),
        };
        assert_eq!(read.demand.check, Check::Require(Condition::Any(vec![at("x", Test::Exists(false)), some])));
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
