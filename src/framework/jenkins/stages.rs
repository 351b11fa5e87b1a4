//! Stages, and the steps in them.

use super::{argument, arguments, environment, library, name};
use crate::document::groovy;
use crate::document::node::{Entry, Node};
use crate::framework::pipeline::{Interpreter, Place, Script, Syntax, Variables, Views, items};

/// Steps that run a script, and what reads it.
const SCRIPTS: &[(&str, &str, Interpreter)] = &[
    ("sh", "sh", Interpreter::Shell),
    ("steps.sh", "sh", Interpreter::Shell),
    ("bat", "bat", Interpreter::Other),
    ("powershell", "powershell", Interpreter::PowerShell),
    ("pwsh", "pwsh", Interpreter::PowerShell),
];
/// Words that are no steps.
const WORDS: &[&str] = &["", "def", "else", "for", "if", "import", "return", "try", "catch", "finally", "while"];

/// Lists what stands in `root`.
pub(super) fn list(views: &mut Views<'_>, root: &Node, variables: &Variables<'_>) {
    block(views, root, "", variables, 0);
}

/// Blocks are nested no deeper than their reader allows; `stages` counts the stages so far.
fn block(views: &mut Views<'_>, body: &Node, address: &str, outer: &Variables<'_>, depth: usize) {
    let is_agent = address.ends_with("agent");
    for (index, statement) in items(body).iter().enumerate() {
        let called = name(statement);
        let dot = if address.is_empty() { "" } else { "." };
        let here = match arguments(statement).first().and_then(Node::as_str) {
            Some(stage) if called == "stage" => format!("{address}{dot}stage({stage})"),
            _ if WORDS.contains(&called) => format!("{address}{dot}[{index}]"),
            _ if called == "agent" || called == "docker" || called == "stages" || called == "steps" => {
                format!("{address}{dot}{called}")
            }
            _ => format!("{address}{dot}{called}[{index}]"),
        };
        let header = statement.get("name").map_or(statement.span, |node| node.span);
        let place = Place { address: here.clone(), header, extent: statement.span };
        let inner = statement.get("body");
        let mut own = Variables::inside(outer);
        match called {
            "stage" => {
                if let Some(body) = inner {
                    environment(&mut own, body);
                }
                views.job(&place, stage(statement, &own));
            }
            "Library" | "library" => library(views, statement),
            "environment" => continue,
            "image" | "docker.image" | "dockerImage"
                if is_agent || address.ends_with("docker") || called != "image" =>
            {
                image(views, &place, statement);
            }
            // `agent { docker 'node:20' }`
            "docker" if inner.is_none() => image(views, &place, statement),
            _ => step(views, &place, statement, &own),
        }
        if let Some(body) = inner.filter(|_| depth < 64) {
            block(views, body, &here, &own, depth + 1);
        }
        if called == "stage" {
            views.leave_job();
        }
    }
}

fn image(views: &mut Views<'_>, place: &Place, statement: &Node) {
    let args = statement.at(&["named", "args"]).map(|args| Entry::new(args.span, "options", args.clone()));
    if let Some(image) = argument(statement, "image").filter(|image| image.tag.is_some()) {
        views.container(place, image, "job", args.into_iter().collect());
    }
}

/// A script, or any other step.
fn step(views: &mut Views<'_>, place: &Place, statement: &Node, variables: &Variables<'_>) {
    let called = name(statement);
    if WORDS.contains(&called) || statement.get("is_assignment").is_some() {
        return;
    }
    if let Some((_, phase, interpreter)) = SCRIPTS.iter().find(|(name, ..)| *name == called) {
        if let Some(text) = argument(statement, "script").filter(|text| text.tag.is_some()) {
            let is_literal = text.tag.as_deref() == Some(groovy::LITERAL);
            let syntax = if is_literal { Syntax::JenkinsVerbatim } else { Syntax::JenkinsInterpolated };
            let script = Script { interpreter: *interpreter, syntax: Some(syntax), ..Script::shell(text, phase) };
            views.script(place, &script, variables);
        }
        return;
    }
    if statement.get("body").is_none() {
        views.step(place, statement.clone());
    }
}

/// The view of a stage.
fn stage(statement: &Node, variables: &Variables<'_>) -> Node {
    let span = statement.get("name").map_or(statement.span, |node| node.span);
    let mut entries = vec![variables.attribute(span)];
    if let Some(name) = arguments(statement).first() {
        entries.push(Entry::new(name.span, "job_name", name.clone()));
    }
    Node::mapping(statement.span, entries)
}
