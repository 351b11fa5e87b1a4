//! The jobs of a pipeline of GitLab, with their scripts and images.

use super::inherit::Resolver;
use super::{GLOBAL, items, set_variables};
use crate::document::node::{Entry, Node};
use crate::framework::pipeline::{Place, Script, Variables, Views, extended};

/// Keys of a job that hold scripts.
const SCRIPTS: &[&str] = &["before_script", "script", "after_script"];

/// Lists the jobs of the pipeline `root`, and what it says for all of them.
pub(super) fn list(views: &mut Views<'_>, root: &Node, variables: &Variables<'_>) {
    let mut resolver = Resolver::new(root);
    if let Some(default) = root.get("default") {
        parts(views, &mut resolver, default, "default", variables);
    }
    parts(views, &mut resolver, root, "", variables);
    let jobs = root.as_mapping().unwrap_or_default();
    // Templates come last: what they say is listed at the jobs that have it, unless no job of this file does.
    let is_hidden = |entry: &&Entry| entry.key.as_str().is_some_and(|name| name.starts_with('.'));
    for entry in jobs.iter().filter(|entry| !is_hidden(entry)).chain(jobs.iter().filter(is_hidden)) {
        let Some(name) = entry.key.as_str() else { continue };
        if GLOBAL.contains(&name) || entry.value.as_mapping().is_none() {
            continue;
        }
        let address = format!("jobs.{name}");
        let place = Place::of_entry(address.as_str(), entry);
        let body = resolver.job(&entry.value);
        let mut own = Variables::inside(variables);
        set_variables(&mut own, &body);
        let is_template = name.starts_with('.');
        if is_template && resolver.extended.contains(name) {
            views.leave_job();
        } else {
            views.job(&place, extended(&body, attributes(&body, entry, &own, is_template)));
        }
        parts(views, &mut resolver, &body, &address, &own);
        views.leave_job();
    }
}

/// The attributes that are added to a job.
fn attributes(body: &Node, entry: &Entry, variables: &Variables<'_>, is_template: bool) -> Vec<Entry> {
    let span = entry.key.span;
    let flag = |name, holds: bool| Entry::new(span, name, Node::plain(span, if holds { "true" } else { "false" }));
    let mut added = vec![
        Entry::new(span, "job_name", entry.key.clone()),
        variables.attribute(span),
        flag("is_template", is_template),
    ];
    if let Some(may_fail) = body.entry("allow_failure") {
        let node = if may_fail.value.as_mapping().is_some() {
            Node::plain(may_fail.key.span, "true")
        } else {
            may_fail.value.clone()
        };
        added.push(Entry::new(may_fail.key.span, "may_fail", node));
    }
    added
}

/// Lists the scripts and images of a job, of `default`, or of the whole pipeline.
fn parts(views: &mut Views<'_>, resolver: &mut Resolver<'_>, holder: &Node, address: &str, variables: &Variables<'_>) {
    let dot = if address.is_empty() { "" } else { "." };
    for entry in holder.as_mapping().unwrap_or_default() {
        let Some(key) = entry.key.as_str() else { continue };
        if let Some(phase) = SCRIPTS.iter().copied().find(|phase| *phase == key) {
            scripts(views, resolver, entry, (phase, &format!("{address}{dot}{phase}")), variables);
        } else if key == "hooks" {
            for hook in entry.value.as_mapping().unwrap_or_default() {
                scripts(views, resolver, hook, ("hook", &format!("{address}{dot}hooks")), variables);
            }
        } else if key == "image" {
            let image = resolver.followed(entry);
            let name = image.get("name").unwrap_or(image);
            views.container(&Place::of_entry(format!("{address}{dot}image"), entry), name, "job", image_options(image));
        } else if key == "services" {
            let services = resolver.followed(entry);
            for (index, service) in items(services).iter().enumerate().filter(|(_, item)| item.tag.is_none()) {
                let name = service.get("name").unwrap_or(service);
                let place = Place::of_item(format!("{address}{dot}services[{index}]"), service);
                views.container(&place, name, "service", image_options(service));
            }
        }
    }
}

/// What is said of an image beside its name.
fn image_options(image: &Node) -> Vec<Entry> {
    let entries = image.as_mapping().unwrap_or_default().iter();
    entries.filter(|entry| entry.key.as_str() != Some("name")).cloned().collect()
}

fn scripts(
    views: &mut Views<'_>,
    resolver: &mut Resolver<'_>,
    entry: &Entry,
    (phase, address): (&'static str, &str),
    variables: &Variables<'_>,
) {
    for (index, line) in resolver.lines(&entry.value).into_iter().enumerate() {
        let place = Place { address: format!("{address}[{index}]"), header: line.span, extent: line.span };
        views.script(&place, &Script::shell(line, phase), variables);
    }
}
