//! Containers of objects that run steps: tasks of Tekton and workflows of Argo. They have no pod of their own here, so that
//! what only the pod would say is unknown.

use std::borrow::Cow;

use super::object::Object;
use super::{Part, Views, item_header};
use crate::document::node::{Node, Value};

/// Most tasks or templates of one object that are looked at.
const MAX_PARTS: usize = 2_000;

/// Adds a view `container` for each step.
pub(super) fn views<'a>(object: &Object<'a>, views: &mut Views<'a, '_>) {
    let Some(spec) = object.node.get("spec") else { return };
    let mut found = Vec::new();
    match (object.group, object.kind) {
        ("tekton.dev", "Task" | "ClusterTask") => task(spec, "spec", &mut found),
        ("tekton.dev", "StepAction") => found.push((spec, "spec".to_owned())),
        ("tekton.dev", "TaskRun") => nested(spec, "spec", "taskSpec", &mut found),
        ("tekton.dev", "Pipeline") => tasks(spec, "spec", &mut found),
        ("tekton.dev", "PipelineRun") => {
            if let Some(pipeline) = spec.get("pipelineSpec") {
                tasks(pipeline, "spec.pipelineSpec", &mut found);
            }
        }
        ("argoproj.io", "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate") => {
            workflow(spec, "spec", &mut found);
        }
        ("argoproj.io", "CronWorkflow") => {
            if let Some(inner) = spec.get("workflowSpec") {
                workflow(inner, "spec.workflowSpec", &mut found);
            }
        }
        _ => {}
    }
    for (container, base) in found.into_iter().filter(|(container, _)| container.get("image").is_some()) {
        let part = Part { body: known(container), base, header: item_header(container) };
        let scopes = vec![views.object_scope()];
        views.part("container", part, scopes);
    }
}

/// A container, with an image that a parameter is part of as unknown.
fn known(container: &Node) -> Cow<'_, Node> {
    let is_open = |text: &str| text.contains("{{") || text.contains("$(");
    if !container.get("image").and_then(Node::as_str).is_some_and(is_open) {
        return Cow::Borrowed(container);
    }
    let mut copy = container.clone();
    if let Value::Mapping(mapping) = &mut copy.value {
        let images = mapping.entries.iter_mut().filter(|entry| entry.key.as_str() == Some("image"));
        images.for_each(|entry| entry.value = Node::unknown(entry.value.span));
    }
    Cow::Owned(copy)
}

type Found<'a> = Vec<(&'a Node, String)>;

/// The items of the list at `key`, with their paths.
fn list<'a>(holder: &'a Node, base: &str, key: &str, found: &mut Found<'a>) {
    for (index, item) in holder.get(key).and_then(Node::as_sequence).unwrap_or_default().iter().enumerate() {
        if found.len() >= MAX_PARTS {
            return;
        }
        found.push((item, format!("{base}.{key}[{index}]")));
    }
}

fn task<'a>(spec: &'a Node, base: &str, found: &mut Found<'a>) {
    list(spec, base, "steps", found);
    list(spec, base, "sidecars", found);
}

/// The steps of a task that is written out at `key`.
fn nested<'a>(holder: &'a Node, base: &str, key: &str, found: &mut Found<'a>) {
    if let Some(spec) = holder.get(key) {
        task(spec, &format!("{base}.{key}"), found);
    }
}

/// The steps of the tasks of a pipeline.
fn tasks<'a>(pipeline: &'a Node, base: &str, found: &mut Found<'a>) {
    let mut parts = Vec::new();
    list(pipeline, base, "tasks", &mut parts);
    list(pipeline, base, "finally", &mut parts);
    for (part, base) in parts {
        nested(part, &base, "taskSpec", found);
    }
}

/// The containers of the templates of a workflow.
fn workflow<'a>(spec: &'a Node, base: &str, found: &mut Found<'a>) {
    let mut templates = Vec::new();
    list(spec, base, "templates", &mut templates);
    for (template, base) in templates {
        for key in ["container", "script"] {
            found.extend(template.get(key).map(|container| (container, format!("{base}.{key}"))));
        }
        list(template, &base, "initContainers", found);
        list(template, &base, "sidecars", found);
        if let Some(set) = template.get("containerSet") {
            list(set, &format!("{base}.containerSet"), "containers", found);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::framework::{self, Project};
    use crate::platform::Platform;

    fn containers(text: &str) -> Vec<String> {
        let sources = [framework::read(Platform::Kubernetes, &Arc::from("a.yaml"), text)];
        let evaluated = framework::declared::Evaluated::default();
        let project = Project::new(&sources, &evaluated);
        let containers = project.resources.iter().filter(|resource| resource.kind == "container");
        containers.map(|container| container.base.clone()).collect()
    }

    #[test]
    fn steps_of_tekton() {
        let text = "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: a}\nspec:\n  tasks:\n    - name: b\n      taskSpec:\n        steps:\n          - {name: c, image: d}\n          - {name: e, ref: {name: f}}\n";
        assert_eq!(containers(text), ["spec.tasks[0].taskSpec.steps[0]"]);
        let text = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec:\n  steps:\n    - {name: c, image: d}\n  sidecars:\n    - {name: e, image: f}\n";
        assert_eq!(containers(text), ["spec.steps[0]", "spec.sidecars[0]"]);
        // Another object of that name.
        assert!(containers(&text.replace("tekton.dev", "example.com")).is_empty());
    }

    #[test]
    fn templates_of_argo() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: CronWorkflow\nmetadata: {name: a}\nspec:\n  workflowSpec:\n    templates:\n      - name: b\n        script: {image: c, source: d}\n        sidecars:\n          - {name: e, image: f}\n";
        let base = "spec.workflowSpec.templates[0]";
        assert_eq!(containers(text), [format!("{base}.script"), format!("{base}.sidecars[0]")]);
    }
}
