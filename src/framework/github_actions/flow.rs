//! Where the value of a context comes from: through `env`, outputs of steps and jobs, the matrix, and inputs of workflows and
//! actions of the same repository.

use std::cell::Cell;

use super::expression::{self, Expression};
use super::files::{Files, Place, get, jobs, steps};
use super::trust::{Trust, of_github};
use super::uses::Uses;
use crate::document::node::{Node, Value};
use crate::framework::flow_step;
use crate::span::Span;

/// Longest chain that is followed.
const MAX_DEPTH: usize = 8;
/// Most contexts that are looked up for one expression.
const MAX_LOOKUPS: usize = 512;
/// Most entries and items that are looked at for all expressions of a file. Behind that nothing is known of values.
pub(super) const MAX_LOOKED_AT: usize = 5_000_000;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    /// Who controls it.
    pub(super) trust: Trust,
    /// The contexts that it came through, the last one first.
    pub(super) via: Vec<Via>,
    /// What it was at first, where an outsider or a caller wrote that.
    source: Option<String>,
    /// The file, and the place of the text that names what it comes from.
    at: Option<(usize, Span)>,
}

/// A context that a value came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Via {
    /// Its path.
    pub(super) context: String,
    /// Where it got the value.
    at: Option<(usize, Span)>,
}

impl Origin {
    fn of(trust: Trust) -> Self {
        Self { trust, via: Vec::new(), source: None, at: None }
    }

    /// What `source` stands for.
    fn from(source: String, trust: Trust) -> Self {
        Self { source: Some(source), ..Self::of(trust) }
    }

    /// The same, named by a text at `place` of `file`, unless it is known to be named elsewhere.
    fn at(mut self, file: usize, place: Span) -> Self {
        self.at.get_or_insert((file, place));
        self
    }

    /// The way of the value to `here` in the file with the index `own`: a list of places, the source first. `None` for
    /// what nobody but maintainers can have written.
    pub(super) fn steps(&self, files: &Files<'_>, own: usize, here: Span) -> Option<Node> {
        let who = match self.trust {
            Trust::Untrusted => "which anyone may write",
            Trust::Caller => "which callers choose",
            _ => return None,
        };
        let mut held = self.source.clone()?;
        let mut steps = Vec::new();
        let source_at = self.via.last().map_or(self.at, |via| via.at);
        steps.push(step(files, own, here, source_at, format!("the source is `{held}`, {who}")));
        for via in self.via.iter().rev().filter(|via| Some(&via.context) != self.source.as_ref()) {
            steps.push(step(files, own, here, via.at, format!("`{}` takes what `{held}` holds", via.context)));
            held.clone_from(&via.context);
        }
        Some(Node::sequence(here, steps))
    }
}

/// The way of what the checkout at `span` brings.
pub(super) fn from_checkout(span: Span) -> Node {
    let what = "the source is this checkout of what a pull request proposes";
    Node::sequence(span, vec![flow_step::step(span, what)])
}

/// A step of a flow. One whose place is not known stands `here`.
fn step(files: &Files<'_>, own: usize, here: Span, at: Option<(usize, Span)>, what: String) -> Node {
    let (file, span) = at.unwrap_or((own, here));
    match files.sources.get(file) {
        _ if file == own => flow_step::step(span, what),
        Some(source) => flow_step::step_elsewhere(here, &source.path, span, what),
        None => flow_step::step(here, what),
    }
}

/// Follows the values of one expression.
pub(super) struct Flow<'a, 'f> {
    files: &'f Files<'a>,
    lookups: Cell<usize>,
    /// How much more may be looked at in this file.
    budget: &'f Cell<usize>,
}

impl<'a, 'f> Flow<'a, 'f> {
    pub(super) fn new(files: &'f Files<'a>, budget: &'f Cell<usize>) -> Self {
        Self { files, lookups: Cell::new(0), budget }
    }

    /// Counts what is about to be looked at; `None` when that is too much.
    fn charge(&self, count: usize) -> Option<()> {
        let rest = self.budget.get().checked_sub(count + 1)?;
        self.budget.set(rest);
        Some(())
    }

    /// The worst origin of what `expression` may be.
    pub(super) fn of_expression(&self, expression: &Expression, place: &Place<'a>) -> Origin {
        self.expression(expression, place, 0)
    }

    /// The origin of one context.
    pub(super) fn of_context(&self, path: &[&str], place: &Place<'a>) -> Origin {
        self.context(path, place, 0)
    }

    fn expression(&self, expression: &Expression, place: &Place<'a>, depth: usize) -> Origin {
        let mut worst = Origin::of(Trust::Harmless);
        for path in expression.sources() {
            let origin = self.context(&path, place, depth);
            if origin.trust > worst.trust {
                worst = origin;
            }
        }
        worst
    }

    /// The worst origin of a value of the file.
    fn value(&self, node: &Node, place: &Place<'a>, depth: usize) -> Origin {
        let mut worst = Origin::of(Trust::Harmless);
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            if self.charge(0).is_none() {
                return Origin::of(Trust::Unknown);
            }
            let origin = match &node.value {
                Value::Scalar { text, .. } => self.text(text, place, depth).at(place.file, node.span),
                Value::Sequence(items) => {
                    open.extend(items);
                    continue;
                }
                Value::Mapping(mapping) => {
                    open.extend(mapping.entries.iter().map(|entry| &entry.value));
                    continue;
                }
                Value::Unknown => Origin::of(Trust::Unknown),
            };
            if origin.trust > worst.trust {
                worst = origin;
            }
        }
        worst
    }

    /// The worst origin of the expressions in `text`.
    fn text(&self, text: &str, place: &Place<'a>, depth: usize) -> Origin {
        let mut worst = Origin::of(Trust::Harmless);
        for fence in expression::fences(text) {
            let parsed = text.get(fence.inner).and_then(expression::parse);
            let origin = parsed.map_or(Origin::of(Trust::Unknown), |parsed| self.expression(&parsed, place, depth));
            if origin.trust > worst.trust {
                worst = origin;
            }
        }
        worst
    }

    fn context(&self, path: &[&str], place: &Place<'a>, depth: usize) -> Origin {
        self.lookups.set(self.lookups.get() + 1);
        if depth > MAX_DEPTH || self.lookups.get() > MAX_LOOKUPS {
            return Origin::of(Trust::Unknown);
        }
        let followed = match path {
            ["github", ..] => return Origin::from(path.join("."), of_github(path)),
            ["secrets" | "vars", ..] => return Origin::of(Trust::Maintainer),
            ["runner" | "job" | "strategy" | "jobs", ..]
            | ["steps", _, "outcome" | "conclusion"]
            | ["needs", _, "result"] => return Origin::of(Trust::Harmless),
            ["env", name, ..] => self.environment(name, place, depth),
            ["matrix", rest @ ..] => self.matrix(rest, place, depth),
            ["inputs", name, ..] => self.input(name, place, depth),
            ["steps", id, "outputs", name, ..] => self.step_output(id, name, place, depth),
            ["needs", job, "outputs", name, ..] => self.job_output(job, name, place, depth),
            _ => None,
        };
        let mut origin = followed.unwrap_or_else(|| Origin::of(Trust::Unknown));
        let context = path.join(".");
        origin.source.get_or_insert_with(|| context.clone());
        let at = origin.at.take();
        origin.via.insert(0, Via { context, at });
        origin
    }

    fn environment(&self, name: &str, place: &Place<'a>, depth: usize) -> Option<Origin> {
        let own = [place.step_node(), place.job.map(|job| &job.value), Some(place.root)];
        let (level, value) = own.into_iter().enumerate().find_map(|(level, node)| {
            let environment = node?.get("env")?;
            self.charge(environment.as_mapping()?.len())?;
            Some((level, get(environment, name)?))
        })?;
        // What `env` of a step says is not seen by its own `env`.
        let place = if level == 0 { *place } else { Place { step: None, ..*place } };
        Some(self.value(value, &place, depth + 1))
    }

    fn matrix(&self, path: &[&str], place: &Place<'a>, depth: usize) -> Option<Origin> {
        let matrix = place.job?.value.at(&["strategy", "matrix"])?;
        let name = path.first().copied().unwrap_or("*");
        if name == "*" || matrix.as_mapping().is_none() {
            return Some(self.value(matrix, place, depth + 1));
        }
        self.charge(matrix.as_mapping().map_or(0, <[_]>::len))?;
        self.charge(matrix.get("include").and_then(Node::as_sequence).map_or(0, <[_]>::len))?;
        let mut values: Vec<&Node> = get(matrix, name).into_iter().collect();
        let include = get(matrix, "include");
        match include.map(|include| (&include.value, include)) {
            Some((Value::Sequence(items), _)) => values.extend(items.iter().filter_map(|item| {
                // An item that is an expression may hold anything.
                if item.as_mapping().is_some() { get(item, name) } else { Some(item) }
            })),
            Some((_, include)) => values.push(include),
            None => {}
        }
        if values.is_empty() {
            return None;
        }
        values.into_iter().map(|value| self.value(value, place, depth + 1)).max_by_key(|origin| origin.trust)
    }

    fn input(&self, name: &str, place: &Place<'a>, depth: usize) -> Option<Origin> {
        let declared = if place.root.get("runs").is_some() {
            vec![place.root.get("inputs")?]
        } else {
            ["workflow_dispatch", "workflow_call"]
                .iter()
                .filter_map(|event| place.root.at(&["on", event, "inputs"]))
                .collect()
        };
        self.charge(declared.iter().filter_map(|inputs| inputs.as_mapping()).map(<[_]>::len).sum())?;
        let declarations: Vec<&Node> = declared.into_iter().filter_map(|inputs| get(inputs, name)).collect();
        let is_closed = |declaration: &&Node| {
            let kind = declaration.get("type").and_then(Node::as_str);
            matches!(kind, Some("boolean" | "number" | "choice" | "environment"))
        };
        if !declarations.is_empty() && declarations.iter().all(is_closed) {
            return Some(Origin::of(Trust::Harmless));
        }
        let mut worst = Origin::of(Trust::Caller);
        worst.at = declarations.first().map(|declaration| (place.file, declaration.span));
        for call in self.files.callers(place.file).iter().take(16) {
            let given = call.with.and_then(|with| get(with, name));
            let Some(given) = given else { continue };
            let origin = self.value(given, &call.place, depth + 1);
            if origin.trust > worst.trust {
                worst = origin;
            }
        }
        Some(worst)
    }

    fn step_output(&self, id: &str, name: &str, place: &Place<'a>, depth: usize) -> Option<Origin> {
        let before = place.steps.get(..place.step.unwrap_or(place.steps.len())).unwrap_or(place.steps);
        self.charge(before.len())?;
        let is_it =
            |step: &&Node| step.get("id").and_then(Node::as_str).is_some_and(|own| own.eq_ignore_ascii_case(id));
        let index = before.iter().rposition(|step| is_it(&step))?;
        let step = before.get(index)?;
        let own = Place { step: Some(index), ..*place };
        if let Some(script) = step.get("run").and_then(Node::as_str) {
            let written = step.get("run").map_or(step.span, |run| run.span);
            return Some(self.script_output(script, name, &own, depth)?.at(place.file, written));
        }
        let uses = step.get("uses").and_then(Node::as_str).and_then(Uses::parse)?;
        if let Uses::Local(path) = uses {
            let file = self.files.called(place.file, path)?;
            let root = self.files.root(file)?;
            let output = get(root.get("outputs")?, name)?.get("value")?;
            let inner = steps(root.get("runs")?);
            return Some(self.value(output, &Place { file, root, job: None, steps: inner, step: None }, depth + 1));
        }
        let action = uses.name()?;
        let is_outside = UNTRUSTED_OUTPUTS
            .iter()
            .any(|(known, outputs)| *known == action && (outputs.is_empty() || outputs.contains(&name)));
        let named = step.get("uses").map_or(step.span, |uses| uses.span);
        is_outside.then(|| Origin::from(format!("output {name} of {action}"), Trust::Untrusted).at(place.file, named))
    }

    /// The output that a script writes in a line that also names what it is made of.
    fn script_output(&self, script: &str, name: &str, place: &Place<'a>, depth: usize) -> Option<Origin> {
        let environment = place.step_node()?.get("env").and_then(Node::as_mapping).unwrap_or_default();
        self.charge(script.len() / 64 + environment.len() * 64)?;
        let mut worst: Option<Origin> = None;
        let lines = script.lines().filter(|line| line.to_ascii_lowercase().contains(name) && line.contains('='));
        for line in lines.take(64) {
            let mut origins = vec![self.text(line, place, depth + 1)];
            for entry in environment {
                let Some(variable) = entry.key.as_str().filter(|variable| line.contains(*variable)) else { continue };
                if line.contains(&format!("${variable}")) || line.contains(&format!("${{{variable}")) {
                    origins.push(self.value(&entry.value, place, depth + 1));
                }
            }
            for origin in origins {
                if origin.trust > Trust::Maintainer && worst.as_ref().is_none_or(|worst| origin.trust > worst.trust) {
                    worst = Some(origin);
                }
            }
        }
        worst
    }

    fn job_output(&self, job: &str, name: &str, place: &Place<'a>, depth: usize) -> Option<Origin> {
        let is_it =
            |entry: &&crate::document::node::Entry| entry.key.as_str().is_some_and(|own| own.eq_ignore_ascii_case(job));
        self.charge(jobs(place.root).len())?;
        let job = jobs(place.root).iter().find(is_it)?;
        let inner = Place { job: Some(job), steps: steps(&job.value), step: None, ..*place };
        if let Some(Uses::Local(path)) = job.value.get("uses").and_then(Node::as_str).and_then(Uses::parse) {
            let file = self.files.called(place.file, path)?;
            let root = self.files.root(file)?;
            let outputs = root.at(&["on", "workflow_call", "outputs"])?;
            let value = get(outputs, name)?.get("value")?.as_str()?;
            return Some(self.called_output(value, &Place { file, root, job: None, steps: &[], step: None }, depth));
        }
        Some(self.value(get(job.value.get("outputs")?, name)?, &inner, depth + 1))
    }

    /// `${{ jobs.<job>.outputs.<name> }}` of a workflow that is called.
    fn called_output(&self, value: &str, place: &Place<'a>, depth: usize) -> Origin {
        let mut worst = Origin::of(Trust::Harmless);
        for fence in expression::fences(value) {
            let Some(parsed) = value.get(fence.inner).and_then(expression::parse) else { continue };
            for path in parsed.sources() {
                let origin = match path.as_slice() {
                    ["jobs", job, "outputs", name, ..] if depth < MAX_DEPTH => {
                        self.job_output(job, name, place, depth + 1).unwrap_or_else(|| Origin::of(Trust::Unknown))
                    }
                    path => self.context(path, place, depth + 1),
                };
                if origin.trust > worst.trust {
                    worst = origin;
                }
            }
        }
        worst
    }
}

/// Actions that give out what outsiders wrote, with the outputs that hold it; none listed means all of them.
const UNTRUSTED_OUTPUTS: &[(&str, &[&str])] = &[
    ("tj-actions/changed-files", &[]),
    ("tj-actions/branch-names", &["current_branch", "head_ref_branch", "ref_branch"]),
    ("tj-actions/verify-changed-files", &["changed_files", "changed-files"]),
    ("dorny/paths-filter", &["changes"]),
    ("trilom/file-changes-action", &[]),
    ("jitterbit/get-changed-files", &[]),
    ("ahmadnassri/action-changed-files", &[]),
    ("bobheadxi/deployments", &["env"]),
    ("dawidd6/action-download-artifact", &["artifacts"]),
    ("gotson/pull-request-comment-branch", &["head_ref"]),
    ("xt0rted/pull-request-comment-branch", &["head_ref", "ref"]),
    ("alessbell/pull-request-comment-branch", &["head_ref"]),
    ("eficode/resolve-pr-refs", &["head_ref"]),
    ("khan/pull-request-comment-trigger", &["comment_body"]),
    ("zentered/issue-forms-body-parser", &["data"]),
    ("stefanbuck/github-issue-parser", &[]),
    ("redhat-plumbers-in-action/gather-pull-request-metadata", &["pull-request-metadata"]),
    ("potiuk/get-workflow-origin", &["sourceheadbranch", "pullrequestlabels"]),
    ("franzdiebold/github-env-vars-action", &["ci_pr_title", "ci_pr_description", "ci_head_ref"]),
    ("rlespinasse/github-slug-action", &[]),
    ("marocchino/on_artifact", &[]),
    ("tzkhan/pr-update-action", &["headmatch"]),
];
