//! Policy rules over resources: which rules look at which resource, whether they hold, and what decided.

mod compile;
mod evaluate;
mod native;
mod operators;
pub mod truth;
mod walk;
mod witness;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use self::compile::{Compiled, Compiler};
use self::evaluate::Subject;
use self::native::NativeCheck;
use self::truth::Truth;
use self::witness::Witness;
use crate::framework::Project;
use crate::platform::Platform;
use crate::rules::catalogue::Catalogue;
use crate::rules::condition::{Binding, Check};
use crate::rules::error::unknown;
use crate::rules::path::Path;
use crate::rules::schema::{Detect, Rule};
use crate::span::Span;

/// Values that the user set for parameters of rules, by rule id and name.
pub type ParameterValues = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The policy rules of a run, compiled and indexed by platform and type of resource.
#[derive(Default)]
pub struct PolicyEngine {
    bindings: Vec<CompiledBinding>,
    /// Indices of bindings by type of resource.
    index: BTreeMap<Platform, HashMap<String, Vec<usize>>>,
}

/// What a policy rule found, before it becomes a finding with lines and fingerprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDetection {
    /// Index of the rule in the catalogue.
    pub rule: usize,
    /// Index of the resource in the project.
    pub resource: usize,
    /// The offending value, or the key of the parent of what is missing.
    pub span: Span,
    /// Path of the attribute inside the resource.
    pub attribute: String,
    /// What is wrong, when the rule's title does not say it.
    pub message: Option<String>,
}

struct CompiledBinding {
    rule: usize,
    when: Option<Compiled>,
    check: CompiledCheck,
    report: Option<Path>,
    message: Option<String>,
}

enum CompiledCheck {
    /// A finding where the truth is this.
    Condition {
        condition: Compiled,
        wrong: Truth,
    },
    Native(NativeCheck),
}

impl PolicyEngine {
    /// Compiles the policy rules of `catalogue` that `selects` accepts.
    ///
    /// # Errors
    ///
    /// What is wrong with a rule or with a value that was set for a parameter, one line each.
    pub fn new(
        catalogue: &Catalogue,
        selects: impl Fn(&Rule) -> bool,
        parameters: &ParameterValues,
    ) -> Result<Self, Vec<String>> {
        let mut engine = Self::default();
        let mut errors = Vec::new();
        for (number, rule) in catalogue.rules().iter().enumerate() {
            let Detect::Policy(policy) = &rule.detect else { continue };
            if !selects(rule) {
                continue;
            }
            let compiler = Compiler { parameters: &policy.parameters, values: parameters.get(&rule.id) };
            let known: Vec<&str> = policy.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            for name in
                compiler.values.into_iter().flat_map(BTreeMap::keys).filter(|name| !known.contains(&name.as_str()))
            {
                errors.push(format!("rule `{}`: {}", rule.id, unknown("parameter", name, &known)));
            }
            for binding in &policy.bindings {
                match compile_binding(&compiler, number, binding) {
                    Ok(compiled) => engine.add(binding, compiled),
                    Err(message) => errors.push(format!("rule `{}`: {message}", rule.id)),
                }
            }
        }
        if errors.is_empty() { Ok(engine) } else { Err(errors) }
    }

    fn add(&mut self, binding: &Binding, compiled: CompiledBinding) {
        let kinds = self.index.entry(binding.platform).or_default();
        for kind in &binding.types {
            kinds.entry(kind.clone()).or_default().push(self.bindings.len());
        }
        self.bindings.push(compiled);
    }

    /// Whether any rule looks at resources of `platform`: files of others need not be parsed.
    #[must_use]
    pub fn wants(&self, platform: Platform) -> bool {
        self.index.contains_key(&platform)
    }

    /// Evaluates every rule that looks at the resource with this index in `project`.
    pub fn evaluate(&self, project: &Project<'_>, resource: usize, found: &mut Vec<PolicyDetection>) {
        let Some(subject) = project.resources.get(resource).map(|resource| Subject { project, resource }) else {
            return;
        };
        let Some(platform) = project.platform_of(resource) else { return };
        let numbers = self.index.get(&platform).and_then(|kinds| kinds.get(subject.resource.kind.as_ref()));
        for &number in numbers.map(Vec::as_slice).unwrap_or_default() {
            let binding = &self.bindings[number];
            let applies = binding.when.as_ref().is_none_or(|when| subject.holds(when, subject.root()) == Truth::True);
            if !applies {
                continue;
            }
            let witnesses = binding.check.witnesses(subject);
            let witnesses = match &binding.report {
                Some(path) if !witnesses.is_empty() => vec![subject.place_of(path)],
                _ => witnesses,
            };
            found.extend(witnesses.into_iter().map(|witness| PolicyDetection {
                rule: binding.rule,
                resource,
                span: witness.span,
                attribute: witness.attribute,
                message: binding.message.clone(),
            }));
        }
    }
}

impl CompiledCheck {
    fn witnesses(&self, subject: Subject<'_>) -> Vec<Witness> {
        match self {
            Self::Condition { condition, wrong } => {
                if subject.holds(condition, subject.root()) == *wrong {
                    subject.witnesses(condition, *wrong == Truth::True)
                } else {
                    Vec::new()
                }
            }
            Self::Native(check) => check(subject),
        }
    }
}

fn compile_binding(compiler: &Compiler<'_>, rule: usize, binding: &Binding) -> Result<CompiledBinding, String> {
    let check = match &binding.check {
        Check::Deny(condition) => {
            CompiledCheck::Condition { condition: compiler.compile(condition, true)?, wrong: Truth::True }
        }
        Check::Require(condition) => {
            CompiledCheck::Condition { condition: compiler.compile(condition, false)?, wrong: Truth::False }
        }
        Check::Native(name) => {
            CompiledCheck::Native(native::check(name).ok_or_else(|| format!("there is no native check `{name}`"))?)
        }
    };
    Ok(CompiledBinding {
        rule,
        when: binding.when.as_ref().map(|when| compiler.compile(when, true)).transpose()?,
        check,
        report: binding.report.clone(),
        message: binding.message.clone(),
    })
}
