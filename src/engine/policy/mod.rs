//! Policy rules over resources: which rules look at which resource, whether they hold, and what decided.

mod compile;
mod evaluate;
mod flow;
mod native;
mod operators;
mod rust_filter;
mod steps;
pub mod truth;
mod walk;
mod witness;

#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use self::compile::{Compiled, Compiler};
use self::evaluate::Subject;
use self::native::NativeCheck;
pub use self::rust_filter::RustFilter;
pub use self::steps::MAX_STEPS;
use self::steps::Steps;
use self::truth::Truth;
use self::witness::Witness;
use crate::framework::Project;
use crate::framework::rust::Interest;
use crate::platform::Platform;
use crate::rules::catalogue::Catalogue;
use crate::rules::condition::{Binding, Check, Demand, PolicyRule};
use crate::rules::error::unknown;
use crate::rules::path::Path;
use crate::rules::schema::{Detect, Rule};
use crate::span::Span;

/// Values that the user set for parameters of rules, by rule id and name.
pub type ParameterValues = BTreeMap<String, BTreeMap<String, Vec<String>>>;

/// The policy rules of a run, indexed by platform and type of resource. What a rule demands is compiled for the first
/// resource that it looks at: most runs meet few of the types that there are rules for.
#[derive(Default)]
pub struct PolicyEngine<'a> {
    rules: &'a [Rule],
    parameters: ParameterValues,
    platforms: BTreeMap<Platform, PlatformRules<'a>>,
}

/// The bindings to one platform.
#[derive(Default)]
struct PlatformRules<'a> {
    bindings: Vec<LazyBinding<'a>>,
    /// Indices of bindings by type of resource, made for the first resource.
    index: OnceLock<HashMap<String, Vec<usize>>>,
}

/// A binding, compiled when it is needed.
struct LazyBinding<'a> {
    /// Index of the rule in the catalogue.
    rule: usize,
    /// Index among the bindings of the rule.
    number: usize,
    binding: &'a Binding,
    /// `None` for one that looks at nothing.
    compiled: OnceLock<Option<Box<CompiledBinding>>>,
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
    /// The way of a value from its source to here; empty where the rule tells of none.
    pub flow: Vec<FlowStep>,
    /// Index of the binding of the rule that found it.
    pub binding: usize,
}

/// A place that a value comes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowStep {
    /// What happens there.
    pub what: String,
    /// Where, in the file of the resource, or in that at `path`.
    pub span: Span,
    /// The path of another file of the scan.
    pub path: Option<String>,
}

struct CompiledBinding {
    when: Option<Compiled>,
    check: CompiledCheck,
    report: Option<Path>,
    flow: Option<Path>,
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

impl<'a> PolicyEngine<'a> {
    /// An engine for the policy rules of `catalogue` that `selects` accepts.
    ///
    /// # Errors
    ///
    /// What is wrong with a rule or with a value that was set for a parameter, one line each.
    pub fn new(
        catalogue: &'a Catalogue,
        selects: impl Fn(&Rule) -> bool,
        parameters: &ParameterValues,
    ) -> Result<Self, Vec<String>> {
        let rules = catalogue.rules();
        let mut engine = Self { rules, parameters: parameters.clone(), platforms: BTreeMap::new() };
        let mut errors = Vec::new();
        for (number, rule) in rules.iter().enumerate() {
            let Detect::Policy(policy) = &rule.detect else { continue };
            if !selects(rule) {
                continue;
            }
            let values = parameters.get(&rule.id);
            let known: Vec<&str> = policy.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            for name in values.into_iter().flat_map(BTreeMap::keys).filter(|name| !known.contains(&name.as_str())) {
                errors.push(format!("rule `{}`: {}", rule.id, unknown("parameter", name, &known)));
            }
            for (index, binding) in policy.bindings.iter().enumerate() {
                // Mistakes in what the user wrote are told now, and a rule that waits for a value looks at nothing. The
                // other rules were compiled by the tests of this program.
                let compiled = if policy.parameters.is_empty() && binding.demand.is_builtin() {
                    OnceLock::new()
                } else {
                    match compile_demand(policy, values, &binding.demand) {
                        Ok(None) => continue,
                        Ok(compiled) => OnceLock::from(compiled.map(Box::new)),
                        Err(message) => {
                            errors.push(format!("rule `{}`: {message}", rule.id));
                            continue;
                        }
                    }
                };
                let of_platform = engine.platforms.entry(binding.platform).or_default();
                of_platform.bindings.push(LazyBinding { rule: number, number: index, binding, compiled });
            }
        }
        if errors.is_empty() { Ok(engine) } else { Err(errors) }
    }

    /// Whether any rule looks at resources of `platform`: files of others need not be parsed.
    #[must_use]
    pub fn wants(&self, platform: Platform) -> bool {
        self.platforms.contains_key(&platform)
    }

    /// What the rules look at in Rust.
    #[must_use]
    pub fn rust_interest(&self) -> Interest {
        let bindings = self.platforms.get(&Platform::Rust).into_iter().flat_map(|of_platform| &of_platform.bindings);
        Interest::new(bindings.flat_map(|binding| &binding.binding.types).map(String::as_str))
    }

    /// Which Rust files the rules can find something in.
    #[must_use]
    pub fn rust_filter(&self) -> RustFilter {
        let bindings = self.platforms.get(&Platform::Rust).into_iter().flat_map(|of_platform| &of_platform.bindings);
        RustFilter::new(bindings.map(|binding| binding.binding))
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
        let Some(of_platform) = self.platforms.get(&platform) else { return };
        for &number in of_platform.of_type(&subject.resource.kind) {
            let LazyBinding { rule, number: place, .. } = of_platform.bindings[number];
            let Some(binding) = self.compiled(&of_platform.bindings[number]) else { continue };
            let applies = binding.when.as_ref().map_or(Truth::True, |when| subject.holds(when, subject.root()));
            if applies == Truth::False {
                continue;
            }
            let verdict = binding.check.is_wrong(subject).and(applies);
            if !steps.take(1) {
                break;
            }
            if verdict == Truth::Unknown {
                outcome.undecided.push((rule, resource));
            }
            if verdict != Truth::True {
                continue;
            }
            let witnesses = binding.check.witnesses(subject);
            let witnesses = match &binding.report {
                Some(path) if !witnesses.is_empty() => vec![subject.place_of(path)],
                _ => witnesses,
            };
            let flow = match &binding.flow {
                Some(path) if !witnesses.is_empty() => subject.flow(path),
                _ => Vec::new(),
            };
            outcome.detections.extend(witnesses.into_iter().map(|witness| PolicyDetection {
                rule,
                resource,
                span: witness.span,
                attribute: witness.attribute,
                message: binding.message.clone(),
                flow: flow.clone(),
                binding: place,
            }));
        }
        outcome.spent = steps.spent();
    }

    /// What `binding` demands, compiled once. `None` never for a rule that [`PolicyEngine::new`] did not compile: the tests
    /// compile all of these.
    fn compiled<'b>(&self, binding: &'b LazyBinding<'_>) -> Option<&'b CompiledBinding> {
        let compile = || {
            let rule = self.rules.get(binding.rule)?;
            let Detect::Policy(policy) = &rule.detect else { return None };
            let compiled = compile_demand(policy, self.parameters.get(&rule.id), &binding.binding.demand);
            compiled.ok().flatten().map(Box::new)
        };
        binding.compiled.get_or_init(compile).as_deref()
    }
}

impl PlatformRules<'_> {
    /// Indices of the bindings that look at resources of the type `kind`.
    fn of_type(&self, kind: &str) -> &[usize] {
        let index = self.index.get_or_init(|| {
            let mut index: HashMap<String, Vec<usize>> = HashMap::new();
            for (number, LazyBinding { binding, .. }) in self.bindings.iter().enumerate() {
                for kind in &binding.types {
                    index.entry(kind.clone()).or_default().push(number);
                }
            }
            index
        });
        index.get(kind).map(Vec::as_slice).unwrap_or_default()
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

/// Compiles `demand`, which stands in `rule`, with the `values` that the user set for parameters of the rule. `None` when it
/// compares with a parameter that has no value.
fn compile_demand(
    rule: &PolicyRule,
    values: Option<&BTreeMap<String, Vec<String>>>,
    demand: &Demand,
) -> Result<Option<CompiledBinding>, String> {
    let compiler = Compiler { parameters: &rule.parameters, values, is_unset: Cell::new(false) };
    let check = match &demand.check {
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
    let when = demand.when.as_ref().map(|when| compiler.compile(when, true)).transpose()?;
    let (report, flow, message) = (demand.report.clone(), demand.flow.clone(), demand.message.clone());
    Ok((!compiler.is_unset.get()).then_some(CompiledBinding { when, check, report, flow, message }))
}
