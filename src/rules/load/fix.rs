//! The `fix` of a binding.

use super::Reader;
use super::policy::Context;
use crate::document::node::Node;
use crate::rules::error::unknown;
use crate::rules::fix::{Change, Fix, Literal};
use crate::rules::names::FIXERS;
use crate::rules::path::{Path, Segment};

const CHANGES: &[&str] = &["set", "replace", "remove", "quote", "native"];
const FIX_KEYS: &[&str] = &["set", "replace", "remove", "quote", "native", "unsafe", "description"];

impl Reader<'_> {
    pub(super) fn fix(&mut self, node: &Node, context: &Context<'_>) -> Option<Fix> {
        if !self.check_keys(node, "a fix", FIX_KEYS) {
            return None;
        }
        let given: Vec<&str> = CHANGES.iter().copied().filter(|key| node.get(key).is_some()).collect();
        let [key] = given.as_slice() else {
            self.error(node, format!("a fix has exactly one of {}", CHANGES.join(", ")));
            return None;
        };
        let value = node.get(key)?;
        let change = match *key {
            "set" => self.set(value, context)?,
            "replace" => {
                if value.as_str().is_none() {
                    self.error(value, "`replace` must be a scalar");
                    return None;
                }
                Change::Replace(self.literal(value)?)
            }
            "remove" => self.must_be_true(value, key, Change::Remove)?,
            "quote" => self.must_be_true(value, key, Change::Quote)?,
            _ => {
                let name = self.text(node, "native")?;
                if !FIXERS.contains(&name.as_str()) {
                    self.error(value, unknown("native fixer", &name, FIXERS));
                }
                Change::Native(name)
            }
        };
        let is_unsafe = node.get("unsafe").and_then(|value| self.flag(value)).unwrap_or_default();
        Some(Fix { change, is_unsafe, description: self.text(node, "description") })
    }

    fn set(&mut self, node: &Node, context: &Context<'_>) -> Option<Change> {
        if !self.check_keys(node, "`set`", &["at", "to", "from", "after"]) {
            return None;
        }
        let at = node.get("at").map(|at| self.attribute(at, "at", context));
        let after = self.text(node, "after");
        match (at, node.get("to"), node.get("from")) {
            (Some(at), Some(to), None) => Some(Change::Set { at: at?, to: self.literal(to)?, after }),
            (Some(at), None, Some(from)) => {
                Some(Change::Copy { at: at?, from: self.attribute(from, "from", context)?, after })
            }
            _ => {
                self.error(node, "`set` needs `at` and one of `to` and `from`");
                None
            }
        }
    }

    fn attribute(&mut self, node: &Node, key: &str, context: &Context<'_>) -> Option<Path> {
        let path = self.path(node, context)?;
        if !is_attribute(&path) {
            self.error(node, format!("`{key}` of a fix is a chain of keys, without `[*]`, `*` or alternatives"));
        }
        Some(path)
    }

    fn must_be_true(&mut self, node: &Node, key: &str, change: Change) -> Option<Change> {
        if node.as_str() == Some("true") {
            return Some(change);
        }
        self.error(node, format!("`{key}` of a fix can only be `true`"));
        None
    }

    fn literal(&mut self, node: &Node) -> Option<Literal> {
        match Literal::of(node) {
            Ok(literal) => Some(literal),
            Err((part, error)) => {
                self.error(part, error.to_string());
                None
            }
        }
    }
}

/// Whether the path names one attribute.
fn is_attribute(path: &Path) -> bool {
    match path.alternatives.as_slice() {
        [only] => {
            !only.segments.is_empty()
                && only.segments.iter().all(|segment| matches!(segment, Segment::Key(_) | Segment::Item(_)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::load::load;
    use crate::rules::schema::Detect;

    fn pack(fix: &str) -> String {
        format!(
            "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  applies:\n  - \
             {{kubernetes: [container], deny: {{at: a, equals: 1}}, fix: {fix}}}\n"
        )
    }

    fn fix(text: &str) -> Fix {
        match load("p", &pack(text)).unwrap().remove(0).detect {
            Detect::Policy(mut policy) => policy.bindings.remove(0).demand.fix.clone().unwrap(),
            Detect::Secret(_) | Detect::Suppression(_) => unreachable!("the rule has `applies`"),
        }
    }

    #[test]
    fn every_change_is_read_and_says_what_it_does() {
        let words = |text| (fix(text).to_string(), fix(text).is_unsafe);
        let set = "{set: {at: $pod.a.b, to: [ALL, {c: 'x'}], after: a}, unsafe: true}";
        assert_eq!(words(set), ("Set `$pod.a.b` to `[ALL, {c: x}]`".to_owned(), true));
        assert_eq!(words("{set: {at: a, from: b.c}}").0, "Set `a` to the value of `b.c`");
        assert_eq!(words("{replace: false}"), ("Write `false` instead".to_owned(), false));
        assert_eq!(words("{remove: true}").0, "Remove it");
        assert_eq!(words("{quote: true, description: Quote the port}").0, "Quote the port");
        assert_eq!(fix("{native: through-env}").change, Change::Native("through-env".to_owned()));
    }

    #[test]
    fn mistakes_name_the_mend() {
        for (text, message) in [
            ("{sett: {}}", "did you mean `set`?"),
            ("{}", "exactly one of set, replace, remove, quote, native"),
            ("{remove: true, quote: true}", "exactly one of"),
            ("{remove: yes}", "can only be `true`"),
            ("{set: {at: a}}", "needs `at` and one of `to` and `from`"),
            ("{set: {at: a, to: 1, from: b}}", "needs `at` and one of `to` and `from`"),
            ("{set: {at: a, from: 'b[*]'}}", "chain of keys"),
            ("{set: {at: 'a[*].b', to: 1}}", "chain of keys"),
            ("{set: {at: a|b, to: 1}}", "chain of keys"),
            ("{set: {at: ., to: 1}}", "chain of keys"),
            ("{set: {at: $pot.a, to: 1}}", "did you mean `pod`?"),
            ("{replace: [1]}", "must be a scalar"),
            ("{native: through-envs}", "did you mean `through-env`?"),
            ("{remove: true, unsafe: perhaps}", "`true` or `false` is expected"),
            ("[]", "must be a mapping"),
            ("{set: {at: a, to: [[[[[[[[[[1]]]]]]]]]]}}", "nested deeper"),
        ] {
            let error = load("p", &pack(text)).unwrap_err()[0].to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
