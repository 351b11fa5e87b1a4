//! The steps of all pipelines of a file: alone, in parallel, in stages.

use super::{has, image, no_variables};
use crate::document::node::{Entry, Node};
use crate::framework::pipeline::{Include, Place, Script, Variables, Views, extended, items};

/// Deepest nesting of stages and parallel groups.
const MAX_DEPTH: usize = 8;

/// Lists the steps of `root`, and those that `definitions` keeps for later.
pub(super) fn list(views: &mut Views<'_>, root: &Node) {
    for entry in root.entries("pipelines") {
        let Some(key) = entry.key.as_str() else { continue };
        let is_fork_build = key == "pull-requests";
        if entry.value.as_sequence().is_some() {
            group(views, &entry.value, &format!("pipelines.{key}"), is_fork_build, 0);
            continue;
        }
        for branch in entry.value.as_mapping().unwrap_or_default() {
            let name = branch.key.as_str().unwrap_or_default();
            let address = format!("pipelines.{key}.{name}");
            group(views, &branch.value, &address, is_fork_build, 0);
        }
    }
    let definitions = root.get("definitions");
    for key in ["steps", "stages", "pipelines"] {
        let Some(kept) = definitions.and_then(|definitions| definitions.get(key)) else { continue };
        let address = format!("definitions.{key}");
        match kept.as_mapping() {
            Some(named) => named.iter().for_each(|entry| group(views, &entry.value, &address, false, 0)),
            None => group(views, kept, &address, false, 0),
        }
    }
}

fn group(views: &mut Views<'_>, list: &Node, address: &str, is_fork_build: bool, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    let list = list.get("steps").unwrap_or(list);
    for (index, item) in items(list).iter().enumerate() {
        let here = format!("{address}[{index}]");
        if let Some(entry) = item.entry("step") {
            step(views, &here, entry, is_fork_build);
        } else if let Some(inner) = item.get("parallel").or_else(|| item.get("stage")) {
            group(views, inner, &here, is_fork_build, depth + 1);
        } else if has(item, "script") {
            // A step of `definitions` without its key.
            let entry = Entry::new(item.span, "step", item.clone());
            step(views, &here, &entry, is_fork_build);
        }
    }
}

fn step(views: &mut Views<'_>, address: &str, entry: &Entry, is_fork_build: bool) {
    let step = &entry.value;
    let span = entry.key.span;
    let runner = step.get("runs-on").map(items).unwrap_or_default();
    let is_self_hosted = runner.iter().any(|label| label.as_str().is_some_and(|text| text.starts_with("self.hosted")));
    let flag = |name, holds: bool| Entry::new(span, name, Node::plain(span, if holds { "true" } else { "false" }));
    let name = step.get("name").filter(|name| name.as_str().is_some());
    let added = vec![
        Entry::new(span, "job_name", name.cloned().unwrap_or_else(|| Node::text(span, address))),
        Variables::default().attribute(span),
        flag("uses_self_hosted_runner", is_self_hosted),
        flag("runs_on_pull_requests", is_fork_build),
    ];
    views.job(&Place::of_entry(address, entry), extended(step, added));
    if let Some(entry) = step.entry("image") {
        image(views, &format!("{address}.image"), entry);
    }
    for phase in ["script", "after-script"] {
        let Some(list) = step.get(phase) else { continue };
        for (index, item) in items(list).iter().enumerate() {
            let place = Place::of_item(format!("{address}.{phase}[{index}]"), item);
            if let Some(name) = item.get("pipe") {
                pipe(views, &place, name);
                views.step(&place, extended(item, vec![pipe_variables(item)]));
            } else if item.as_str().is_some() {
                views.script(&place, &Script::shell(item, phase), &no_variables());
            }
        }
    }
    views.leave_job();
}

/// What a step gives to a pipe, as `variable_entries`.
fn pipe_variables(item: &Node) -> Entry {
    let mut variables = Variables::default();
    for entry in item.entries("variables") {
        variables.set(&entry.key, &entry.value, super::Syntax::BitbucketPipelines);
    }
    variables.attribute(item.span)
}

/// A pipe: `atlassian/aws-s3-deploy:1.1.0`, or an image behind `docker://`.
fn pipe(views: &mut Views<'_>, place: &Place, name: &Node) {
    let Some(text) = name.as_str() else { return };
    let (short, reference) = match text.split_once('@') {
        Some((short, digest)) => (short, Some(digest)),
        None => match text.rsplit_once(':') {
            Some((short, tag)) if !tag.contains('/') => (short, Some(tag)),
            _ => (text, None),
        },
    };
    views.include(place, &Include::remote("pipe", name, Some(short), reference));
}
