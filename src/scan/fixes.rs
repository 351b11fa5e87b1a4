//! The edits that mend what policy rules found in one file.

use std::borrow::Cow;

use crate::engine::policy::PolicyDetection;
use crate::finding::{Fix, Replacement};
use crate::fix::{Edit, Editor, Target, rust};
use crate::framework::{Resource, Source};
use crate::platform::Platform;
use crate::rules::fix::{Change, Fix as RuleFix, Literal};
use crate::rules::path::Segment;
use crate::rules::schema::{Detect, Rule};
use crate::span::{LineIndex, Span};

/// Makes the fixes of one file. It is parsed for that only when the first one is asked for.
pub(super) struct Fixes<'s> {
    source: &'s Source,
    state: State<'s>,
}

enum State<'s> {
    Unopened,
    /// It cannot be edited.
    Closed,
    Open(Opened<'s>),
}

struct Opened<'s> {
    editor: Editor<'s>,
    base: [u8; 32],
}

impl<'s> Fixes<'s> {
    pub(super) fn new(source: &'s Source) -> Self {
        Self { source, state: State::Unopened }
    }

    /// The fix of what `rule` found in `resource`, where the rule has one and it is safe to make.
    pub(super) fn of(
        &mut self,
        rule: &Rule,
        detection: &PolicyDetection,
        resource: &Resource<'_>,
        lines: &LineIndex,
    ) -> Option<Fix> {
        let Detect::Policy(policy) = &rule.detect else { return None };
        let fix = resolved(policy.bindings.get(detection.binding)?.demand.fix.as_ref()?, resource)?;
        if self.source.platform == Platform::Rust {
            let edit = rust::propose(&self.source.text, &fix, detection.span, &resource.body)?;
            return Some(self.made(&fix, vec![edit], blake3::hash(self.source.text.as_bytes()).into(), lines));
        }
        if matches!(self.state, State::Unopened) {
            self.state = open(self.source).map_or(State::Closed, State::Open);
        }
        let State::Open(opened) = &mut self.state else { return None };
        let scopes: Vec<(&str, Span)> = resource.scopes.iter().map(|scope| (scope.name, scope.node.span)).collect();
        let target = Target { reported: detection.span, resource: resource.body.span, scopes: &scopes };
        let edits = opened.editor.propose(&fix, &target)?;
        let base = opened.base;
        Some(self.made(&fix, edits, base, lines))
    }

    fn made(&self, fix: &RuleFix, edits: Vec<Edit>, base: [u8; 32], lines: &LineIndex) -> Fix {
        let replacement = |edit: Edit| Replacement {
            span: edit.span,
            region: lines.region(&self.source.text, edit.span),
            text: edit.text,
        };
        Fix {
            description: fix.to_string(),
            is_unsafe: fix.is_unsafe,
            replacements: edits.into_iter().map(replacement).collect(),
            base,
        }
    }
}

/// `fix` with the value that it copies; `None` when that is not known.
fn resolved<'f>(fix: &'f RuleFix, resource: &Resource<'_>) -> Option<Cow<'f, RuleFix>> {
    let Change::Copy { at, from, after } = &fix.change else { return Some(Cow::Borrowed(fix)) };
    let segments = &from.alternatives.first()?.segments;
    let value = segments.iter().try_fold(&*resource.body, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        _ => None,
    })?;
    let change = Change::Set { at: at.clone(), to: Literal::of(value).ok()?, after: after.clone() };
    Some(Cow::Owned(RuleFix { change, ..fix.clone() }))
}

/// Only files that are YAML as they stand can be edited: no template, and nothing that was made of a part of another file.
fn open(source: &Source) -> Option<Opened<'_>> {
    let is_yaml = match source.platform {
        Platform::AzurePipelines
        | Platform::BitbucketPipelines
        | Platform::Circleci
        | Platform::Cloudformation
        | Platform::Compose
        | Platform::GithubActions
        | Platform::GitlabCi
        | Platform::Kubernetes => true,
        Platform::Bake
        | Platform::Cargo
        | Platform::Dockerfile
        | Platform::Jenkins
        | Platform::Rust
        | Platform::Terraform => false,
    };
    let is_json = source.path.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("json"));
    let is_editable = is_yaml && !is_json && !source.document.is_template && source.part.is_none();
    let editor = is_editable.then(|| Editor::new(&source.text)).flatten()?;
    Some(Opened { editor, base: *blake3::hash(source.text.as_bytes()).as_bytes() })
}
