//! Stages and jobs, deployments included.

use std::collections::HashSet;

use super::{Place, Variables, Views, extended, flat_entry, flat_map, flattened, steps, template, variables};
use crate::document::node::{Entry, Node};

/// Phases of the strategies of a deployment.
const PHASES: &[&str] = &["preDeploy", "deploy", "routeTraffic", "postRouteTraffic"];

/// What is known where jobs are listed.
pub(super) struct Outer<'n> {
    /// Aliases of images in `resources`.
    pub(super) containers: &'n HashSet<&'n str>,
    /// The pool that jobs without their own run in.
    pub(super) pool: Option<&'n Node>,
}

/// Lists the jobs of `root`, of its stages, and its own steps.
pub(super) fn list(views: &mut Views<'_>, root: &Node, outer: &Variables<'_>, containers: &HashSet<&str>) {
    let pool = root.get("pool");
    let known = Outer { containers, pool };
    for (index, stage) in root.get("stages").map(flattened).unwrap_or_default().into_iter().enumerate() {
        let address = format!("stages[{index}]");
        template(views, &address, stage);
        let mut own = Variables::inside(outer);
        variables::set(&mut own, stage);
        let known = Outer { containers, pool: stage.get("pool").or(pool) };
        jobs(views, stage, &format!("{address}."), &own, &known);
    }
    jobs(views, root, "", outer, &known);
    if let Some(entry) = flat_entry(root, "steps") {
        let span = entry.key.span;
        let added = vec![runner(root, &known, span)];
        let place = Place::of_entry("job", entry);
        views.job(&place, extended(root, added));
        image(views, root, "job", &known);
        steps::list(views, &entry.value, "steps", outer, is_windows(root, &known));
        views.leave_job();
    }
}

fn jobs(views: &mut Views<'_>, holder: &Node, prefix: &str, outer: &Variables<'_>, known: &Outer<'_>) {
    let Some(list) = flat_entry(holder, "jobs") else { return };
    for (index, job) in flattened(&list.value).into_iter().enumerate() {
        let address = format!("{prefix}jobs[{index}]");
        template(views, &address, job);
        let Some(name) = job.get("job").or_else(|| job.get("deployment")) else { continue };
        let mut own = Variables::inside(outer);
        variables::set(&mut own, job);
        let place = Place::of_item(address.as_str(), job);
        let mut added = vec![own.attribute(place.header), runner(job, known, place.header)];
        if name.as_str().is_some() {
            added.push(Entry::new(name.span, "job_name", name.clone()));
        }
        if let Some(entry) = flat_entry(job, "continueOnError") {
            added.push(Entry::new(entry.key.span, "may_fail", entry.value.clone()));
        }
        views.job(&place, extended(job, added));
        image(views, job, &address, known);
        let shell = is_windows(job, known);
        if let Some(entry) = flat_entry(job, "steps") {
            steps::list(views, &entry.value, &format!("{address}.steps"), &own, shell);
        }
        for strategy in flat_map(job, "strategy") {
            let hooks = flat_map(&strategy.value, "on");
            let phases = PHASES.iter().filter_map(|phase| strategy.value.entry(phase));
            for entry in phases.chain(hooks) {
                let (Some(list), Some(phase)) = (entry.value.get("steps"), entry.key.as_str()) else { continue };
                steps::list(views, list, &format!("{address}.{phase}.steps"), &own, shell);
            }
        }
        views.leave_job();
    }
}

/// Lists the image that a job runs in, and those of its services. What names an image of `resources` is listed there.
fn image(views: &mut Views<'_>, job: &Node, address: &str, known: &Outer<'_>) {
    let mut add = |address: String, entry: &Entry, role: &str| {
        let name = entry.value.get("image").unwrap_or(&entry.value);
        let is_alias = name.as_str().is_some_and(|text| known.containers.contains(text));
        if !is_alias && name.as_mapping().is_none() {
            let options = entry.value.as_mapping().unwrap_or_default().iter();
            let options = options.filter(|option| option.key.as_str() != Some("image")).cloned().collect();
            views.container(&Place::of_entry(address, entry), name, role, options);
        }
    };
    if let Some(entry) = flat_entry(job, "container") {
        add(format!("{address}.container"), entry, "job");
    }
    for entry in flat_map(job, "services") {
        add(format!("{address}.services.{}", entry.key.as_str().unwrap_or_default()), entry, "service");
    }
}

/// The attribute `uses_self_hosted_runner`: a pool with a name is one of the organization, but for that of the service.
fn runner(job: &Node, known: &Outer<'_>, span: crate::span::Span) -> Entry {
    let pool = flat_entry(job, "pool").map(|entry| &entry.value).or(known.pool);
    let name = pool.map(|pool| pool.get("name").unwrap_or(pool));
    let is_named = name.and_then(Node::as_str).is_some_and(|name| !name.contains("${{") && name != "Azure Pipelines");
    let has_image = pool.is_some_and(|pool| pool.get("vmImage").is_some());
    let holds = if is_named && !has_image { "true" } else { "false" };
    Entry::new(span, "uses_self_hosted_runner", Node::plain(span, holds))
}

/// Whether the command prompt of Windows reads what a `script` step says.
fn is_windows(job: &Node, known: &Outer<'_>) -> bool {
    let pool = flat_entry(job, "pool").map(|entry| &entry.value).or(known.pool);
    let image = pool.and_then(|pool| pool.get("vmImage")).and_then(Node::as_str).unwrap_or_default();
    image.to_ascii_lowercase().contains("win")
}
