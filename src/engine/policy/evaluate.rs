//! Whether a condition holds of a resource. Nothing is allocated here: most rules hold on most resources.

use super::compile::{Compiled, Question};
use super::steps::Steps;
use super::truth::Truth;
use super::walk::{Place, Reached, Trail, each_item, walk};
use crate::document::node::Node;
use crate::framework::{Project, Resource};
use crate::rules::path::{Alternative, Path};
use crate::span::Span;

/// Links of this kind stand for references that cannot be resolved.
const UNKNOWN_LINK: &str = "unknown";

/// A resource under examination, and the resources around it.
#[derive(Clone, Copy)]
pub(super) struct Subject<'p> {
    pub(super) project: &'p Project<'p>,
    pub(super) resource: &'p Resource<'p>,
    /// In what is asked of a linked resource: the one that asks.
    pub(super) asking: Option<&'p Resource<'p>>,
    /// What may still be looked at.
    pub(super) steps: &'p Steps,
}

impl<'p> Subject<'p> {
    /// The resource's own tree.
    pub(super) fn root(self) -> Place<'p> {
        Place { node: &self.resource.body, header: self.resource.header, key: None }
    }

    /// Whether `condition` holds of what is in hand at `here`.
    pub(super) fn holds(self, condition: &Compiled, here: Place<'p>) -> Truth {
        match condition {
            Compiled::All(conditions) => self.combine(conditions, here, true),
            Compiled::Any(conditions) => self.combine(conditions, here, false),
            Compiled::Not(condition) => !self.holds(condition, here),
            Compiled::At { path, question, every } => {
                let mut truth = Truth::from(*every);
                self.reach(path, here, &Trail::Start(""), &mut |reached, _| {
                    truth = join(truth, self.answer(question, reached, here), *every);
                });
                truth
            }
            Compiled::Items { path, that, every } => {
                let mut truth = Truth::from(*every);
                self.reach(path, here, &Trail::Start(""), &mut |reached, trail| match reached {
                    Reached::Present(place) if !is_unknown(place.node) => {
                        each_item(place, trail, &mut |item, _| {
                            let holds = if is_unknown(item.node) { Truth::Unknown } else { self.holds(that, item) };
                            truth = join(truth, holds, *every);
                        });
                    }
                    Reached::Missing { may_exist: false, .. } => {}
                    _ => truth = join(truth, Truth::Unknown, *every),
                });
                truth
            }
            Compiled::Declared { types, is_other, that } => self.declared(types, *is_other, that.as_deref()),
            Compiled::Linked { types, via, that } => self.linked(types, via.as_deref(), that.as_deref()),
        }
    }

    fn combine(self, conditions: &[Compiled], here: Place<'p>, every: bool) -> Truth {
        let mut truth = Truth::from(every);
        for condition in conditions {
            truth = join(truth, self.holds(condition, here), every);
            if truth == Truth::from(!every) {
                break;
            }
        }
        truth
    }

    /// What `question` gives for what was reached, from `here`.
    pub(super) fn answer(self, question: &Question, reached: Reached<'p>, here: Place<'p>) -> Truth {
        let present = match reached {
            Reached::Present(place) => Some(place.node),
            Reached::Missing { may_exist: false, .. } => None,
            Reached::Missing { .. } => return Truth::Unknown,
        };
        match (question, present) {
            (Question::Operator(operator), Some(node)) if self.steps.take_for(node) => operator.on(node),
            (Question::Operator(_), Some(_)) => Truth::Unknown,
            (Question::Operator(operator), None) => operator.on_absent(),
            (Question::InValues(_), None) => Truth::False,
            (Question::InValues(other), Some(node)) => self.is_among(node, other, here),
        }
    }

    fn is_among(self, node: &Node, other: &Path, here: Place<'p>) -> Truth {
        if node.as_str().is_none() && !is_unknown(node) {
            return Truth::False;
        }
        let mut truth = Truth::False;
        self.reach(other, here, &Trail::Start(""), &mut |reached, _| {
            truth = truth.or(match reached {
                // The same attribute of the same resource, or the same variable.
                Reached::Present(place) if node.tag.is_some() && node.tag == place.node.tag => Truth::True,
                Reached::Present(place) if is_unknown(place.node) || !self.steps.take_for(place.node) => Truth::Unknown,
                Reached::Present(_) if is_unknown(node) => Truth::Unknown,
                Reached::Present(place) => match place.node.as_sequence() {
                    Some(items) => items.iter().any(|item| item.as_str() == node.as_str()).into(),
                    None => (place.node.as_str() == node.as_str()).into(),
                },
                Reached::Missing { may_exist, .. } => {
                    if may_exist {
                        Truth::Unknown
                    } else {
                        Truth::False
                    }
                }
            });
        });
        truth
    }

    /// Whether what is evaluated together with the resource declares one of `types` for which `that` holds.
    fn declared(self, types: &[String], is_other: bool, that: Option<&Compiled>) -> Truth {
        let Some(peers) = self.project.peers(self.resource.object) else { return Truth::Unknown };
        let mut truth = Truth::from(false);
        for &number in types.iter().filter_map(|kind| peers.get(kind.as_str())).flatten() {
            if !self.steps.take(1) {
                return Truth::Unknown;
            }
            if is_other && number == self.resource.object {
                continue;
            }
            let Some(other) = self.project.resources.get(number) else { continue };
            let subject = Subject { resource: other, asking: Some(self.resource), ..self };
            truth = truth.or(that.map_or(Truth::True, |that| subject.holds(that, subject.root())));
            if truth == Truth::True {
                break;
            }
        }
        if self.project.is_partial { truth.or(Truth::Unknown) } else { truth }
    }

    fn linked(self, types: &[String], via: Option<&str>, that: Option<&Compiled>) -> Truth {
        let truth = self.linked_here(types, via, that);
        // Not here, but perhaps in a file that was not given.
        if self.project.is_partial { truth.or(Truth::Unknown) } else { truth }
    }

    fn linked_here(self, types: &[String], via: Option<&str>, that: Option<&Compiled>) -> Truth {
        let links = self.project.links.get(self.resource.object).map(Vec::as_slice).unwrap_or_default();
        let mut truth = Truth::False;
        for link in links {
            let views = self.project.views.get(link.to).map(Vec::as_slice).unwrap_or_default();
            if !self.steps.take(1 + views.len()) {
                return Truth::Unknown;
            }
            let is_unknown = link.relation == UNKNOWN_LINK;
            if is_unknown && link.to == self.resource.object {
                // It may lead to anything.
                truth = truth.or(Truth::Unknown);
                continue;
            }
            if !is_unknown && via.is_some_and(|via| via != link.relation) {
                continue;
            }
            for other in views.iter().filter_map(|&view| self.project.resources.get(view)) {
                if types.is_empty() || types.iter().any(|kind| *kind == other.kind) {
                    let subject = Subject { resource: other, asking: Some(self.resource), ..self };
                    let holds = that.map_or(Truth::True, |that| subject.holds(that, subject.root()));
                    truth = truth.or(if is_unknown { holds.and(Truth::Unknown) } else { holds });
                }
            }
        }
        truth
    }

    /// Calls `visit` for what `path` leads to: along its first alternative that leads to something.
    pub(super) fn reach(
        self,
        path: &Path,
        here: Place<'p>,
        trail: &Trail<'_>,
        visit: &mut dyn FnMut(Reached<'p>, &Trail<'_>),
    ) {
        if let [only] = path.alternatives.as_slice() {
            return self.follow(only, here, trail, visit);
        }
        let chosen = path.alternatives.iter().find(|alternative| {
            let mut is_there = false;
            self.follow(alternative, here, trail, &mut |reached, _| {
                is_there |= matches!(reached, Reached::Present(_) | Reached::Missing { may_exist: true, .. });
            });
            is_there
        });
        // Where nothing is there, it is missing where the first would have been.
        if let Some(alternative) = chosen.or_else(|| path.alternatives.first()) {
            self.follow(alternative, here, trail, visit);
        }
    }

    fn follow(
        self,
        alternative: &Alternative,
        here: Place<'p>,
        trail: &Trail<'_>,
        visit: &mut dyn FnMut(Reached<'p>, &Trail<'_>),
    ) {
        let Some(name) = &alternative.scope else { return walk(self.steps, here, &alternative.segments, trail, visit) };
        if name == "key" {
            let header = here.header;
            return match here.key {
                Some(node) => walk(self.steps, Place { node, header, key: None }, &alternative.segments, trail, visit),
                None => visit(Reached::Missing { header, may_exist: false }, trail),
            };
        }
        let whole = match name.as_str() {
            "resource" => Some(self.resource),
            "this" => self.asking,
            _ => None,
        };
        if let Some(resource) = whole {
            let place = Place { node: &resource.body, header: resource.header, key: None };
            return walk(self.steps, place, &alternative.segments, &Trail::Start(&resource.base), visit);
        }
        if let Some(scope) = self.resource.scopes.iter().find(|scope| scope.name == name) {
            let place = Place { node: &scope.node, header: scope.header, key: None };
            walk(self.steps, place, &alternative.segments, &Trail::Start(&scope.base), visit);
        } else {
            // The resource has no such tree: what it would say is not known.
            let header: Span = self.resource.header;
            visit(Reached::Missing { header, may_exist: true }, &Trail::Start(name));
        }
    }
}

/// Kleene's `and` where every value counts, `or` where one does.
pub(super) fn join(truth: Truth, other: Truth, every: bool) -> Truth {
    if every { truth.and(other) } else { truth.or(other) }
}

pub(super) fn is_unknown(node: &Node) -> bool {
    matches!(node.value, crate::document::node::Value::Unknown)
}
