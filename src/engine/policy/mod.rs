//! Policy rules over resources: which rules look at which resource, whether they hold, and what decided.

mod compile;
mod evaluate;
mod native;
mod operators;
mod steps;
pub mod truth;
mod walk;
mod witness;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};

use self::compile::{Compiled, Compiler};
use self::evaluate::Subject;
use self::native::NativeCheck;
pub use self::steps::MAX_STEPS;
use self::steps::Steps;
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

/// What the policy rules say of resources.
#[derive(Clone, Debug, Default)]
pub struct PolicyOutcome {
    /// What is wrong.
    pub detections: Vec<PolicyDetection>,
    /// Rules that could not decide, because a value is not known, each with the resource.
    pub undecided: Vec<(usize, usize)>,
    /// What was looked at, of [`MAX_STEPS`] that may be.
    spent: usize,
}

impl PolicyOutcome {
    /// Whether there was more to look at than [`MAX_STEPS`]: then the last resource was not examined to its end.
    #[must_use]
    pub fn is_exhausted(&self) -> bool {
        self.spent > MAX_STEPS
    }
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
    /// Index of the binding of the rule that found it.
    pub binding: usize,
}

struct CompiledBinding {
    rule: usize,
    /// Index among the bindings of the rule.
    number: usize,
    when: Option<Compiled>,
    check: CompiledCheck,
    report: Option<Path>,
    message: Option<String>,
}

enum CompiledCheck {
    /// A finding where it holds, or, unless it `denies`, where it does not.
    Condition {
        condition: Compiled,
        denies: bool,
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
            let values = parameters.get(&rule.id);
            let compiler = Compiler { parameters: &policy.parameters, values, is_unset: Cell::new(false) };
            let known: Vec<&str> = policy.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            for name in
                compiler.values.into_iter().flat_map(BTreeMap::keys).filter(|name| !known.contains(&name.as_str()))
            {
                errors.push(format!("rule `{}`: {}", rule.id, unknown("parameter", name, &known)));
            }
            for (index, binding) in policy.bindings.iter().enumerate() {
                compiler.is_unset.set(false);
                match compile_binding(&compiler, (number, index), binding) {
                    Ok(_) if compiler.is_unset.get() => {}
                    Ok(ready) => engine.add(binding, ready),
                    Err(message) => errors.push(format!("rule `{}`: {message}", rule.id)),
                }
            }
        }
        if errors.is_empty() { Ok(engine) } else { Err(errors) }
    }

    fn add(&mut self, binding: &Binding, ready: CompiledBinding) {
        let kinds = self.index.entry(binding.platform).or_default();
        for kind in &binding.types {
            kinds.entry(kind.clone()).or_default().push(self.bindings.len());
        }
        self.bindings.push(ready);
    }

    /// Whether any rule looks at resources of `platform`: files of others need not be parsed.
    #[must_use]
    pub fn wants(&self, platform: Platform) -> bool {
        self.index.contains_key(&platform)
    }

    /// Evaluates every rule that looks at the resource with this index in `project`. The bound on what is looked at holds for
    /// all resources of one `outcome`, which are those of one file.
    pub fn evaluate(&self, project: &Project<'_>, resource: usize, outcome: &mut PolicyOutcome) {
        let steps = Steps::after(outcome.spent);
        let Some(subject) =
            project.resources.get(resource).map(|resource| Subject { project, resource, asking: None, steps: &steps })
        else {
            return;
        };
        let Some(platform) = project.platform_of(resource) else { return };
        let numbers = self.index.get(&platform).and_then(|kinds| kinds.get(subject.resource.kind.as_ref()));
        for &number in numbers.map(Vec::as_slice).unwrap_or_default() {
            let binding = &self.bindings[number];
            let applies = binding.when.as_ref().map_or(Truth::True, |when| subject.holds(when, subject.root()));
            if applies == Truth::False {
                continue;
            }
            let verdict = binding.check.is_wrong(subject).and(applies);
            if !steps.take(1) {
                break;
            }
            if verdict == Truth::Unknown {
                outcome.undecided.push((binding.rule, resource));
            }
            if verdict != Truth::True {
                continue;
            }
            let witnesses = binding.check.witnesses(subject);
            let witnesses = match &binding.report {
                Some(path) if !witnesses.is_empty() => vec![subject.place_of(path)],
                _ => witnesses,
            };
            outcome.detections.extend(witnesses.into_iter().map(|witness| PolicyDetection {
                rule: binding.rule,
                resource,
                span: witness.span,
                attribute: witness.attribute,
                message: binding.message.clone(),
                binding: binding.number,
            }));
        }
        outcome.spent = steps.spent();
    }
}

impl CompiledCheck {
    /// Whether something is wrong with the resource.
    fn is_wrong(&self, subject: Subject<'_>) -> Truth {
        match self {
            Self::Condition { condition, denies: true } => subject.holds(condition, subject.root()),
            Self::Condition { condition, denies: false } => !subject.holds(condition, subject.root()),
            Self::Native(check) => (!check(subject).is_empty()).into(),
        }
    }

    /// Where, when something is wrong.
    fn witnesses(&self, subject: Subject<'_>) -> Vec<Witness> {
        match self {
            Self::Condition { condition, denies } => subject.witnesses(condition, *denies),
            Self::Native(check) => check(subject),
        }
    }
}

/// `rule` and `number` are the indices of the rule and of its binding.
fn compile_binding(
    compiler: &Compiler<'_>,
    (rule, number): (usize, usize),
    binding: &Binding,
) -> Result<CompiledBinding, String> {
    let check = match &binding.check {
        Check::Deny(condition) => {
            CompiledCheck::Condition { condition: compiler.compile(condition, true)?, denies: true }
        }
        Check::Require(condition) => {
            CompiledCheck::Condition { condition: compiler.compile(condition, false)?, denies: false }
        }
        Check::Native(name) => {
            CompiledCheck::Native(native::check(name).ok_or_else(|| format!("there is no native check `{name}`"))?)
        }
    };
    Ok(CompiledBinding {
        rule,
        number,
        when: binding.when.as_ref().map(|when| compiler.compile(when, true)).transpose()?,
        check,
        report: binding.report.clone(),
        message: binding.message.clone(),
    })
}
