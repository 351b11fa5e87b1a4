//! Jobs, commands and executors of CircleCI, with their steps and images.

use super::environment;
use crate::document::node::{Entry, Node};
use crate::framework::pipeline::{Interpreter, Place, Script, Variables, Views, extended, items};

/// Deepest nesting of `when` and `unless` in steps.
const MAX_DEPTH: usize = 8;

/// Lists what `root`, a configuration or an orb, declares. `prefix` stands in front of each address.
pub(super) fn list(views: &mut Views<'_>, root: &Node, prefix: &str) {
    let none = Variables::default();
    for entry in root.entries("executors") {
        let name = entry.key.as_str().unwrap_or_default();
        images(views, &entry.value, &format!("{prefix}executors.{name}"));
    }
    for entry in root.entries("jobs") {
        let Some(name) = entry.key.as_str().filter(|_| entry.value.as_mapping().is_some()) else { continue };
        let address = format!("{prefix}jobs.{name}");
        let job = &entry.value;
        let variables = environment(job, &none);
        let span = entry.key.span;
        let runner = job.get("resource_class").and_then(Node::as_str).is_some_and(|class| class.contains('/'));
        let added = vec![
            Entry::new(span, "job_name", entry.key.clone()),
            variables.attribute(span),
            Entry::new(span, "uses_self_hosted_runner", Node::plain(span, if runner { "true" } else { "false" })),
        ];
        views.job(&Place::of_entry(address.as_str(), entry), extended(job, added));
        images(views, job, &address);
        if let Some(list) = job.get("steps") {
            steps(views, list, &format!("{address}.steps"), &variables, 0);
        }
        views.leave_job();
    }
    for entry in root.entries("commands") {
        let name = entry.key.as_str().unwrap_or_default();
        if let Some(list) = entry.value.get("steps") {
            steps(views, list, &format!("{prefix}commands.{name}.steps"), &none, 0);
        }
    }
}

/// The images of a job or an executor: the first is what its steps run in, the others are services.
fn images(views: &mut Views<'_>, holder: &Node, address: &str) {
    for (index, item) in holder.get("docker").map(items).unwrap_or_default().iter().enumerate() {
        let Some(image) = item.get("image") else { continue };
        let place = Place::of_item(format!("{address}.docker[{index}]"), item);
        let mut variables = environment(item, &Variables::default()).attribute(image.span);
        variables.key.span = image.span;
        views.container(&place, image, if index == 0 { "job" } else { "service" }, vec![variables]);
    }
}

fn steps(views: &mut Views<'_>, list: &Node, address: &str, outer: &Variables<'_>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    for (index, item) in items(list).iter().enumerate() {
        let here = format!("{address}[{index}]");
        let place = Place::of_item(here.as_str(), item);
        if let Some(inner) = item.get("when").or_else(|| item.get("unless")).and_then(|block| block.get("steps")) {
            steps(views, inner, &here, outer, depth + 1);
            continue;
        }
        let Some(run) = item.get("run") else {
            if item.as_mapping().is_some() {
                views.step(&place, extended(item, Vec::new()));
            }
            continue;
        };
        let variables = environment(run, outer);
        views.step(&place, extended(item, vec![variables.attribute(place.header)]));
        let command = run.get("command").unwrap_or(run);
        let shell = run.get("shell").and_then(Node::as_str);
        let interpreter = match shell {
            Some(shell) if shell.contains("powershell") || shell.contains("pwsh") => Interpreter::PowerShell,
            Some(shell) if !shell.contains("sh") => Interpreter::Other,
            _ => Interpreter::Shell,
        };
        let script = Script { interpreter, ..Script::shell(command, "run") };
        views.script(&place, &script, &variables);
    }
}
