//! Steps: scripts, tasks, templates.

use super::{Place, Syntax, Variables, Views, extended, flat_map, flattened, template};
use crate::document::node::{Entry, Node};
use crate::framework::pipeline::{Interpreter, Script};

/// Keys of steps whose value is a script, and what reads it.
const SCRIPTS: &[(&str, Interpreter)] = &[
    ("script", Interpreter::Shell),
    ("bash", Interpreter::Shell),
    ("pwsh", Interpreter::PowerShell),
    ("powershell", Interpreter::PowerShell),
];

/// Inputs of tasks that are scripts.
const INPUTS: &[&str] = &["script", "inlineScript", "Inline", "commands", "run"];

/// Lists the steps in `list`.
pub(super) fn list(views: &mut Views<'_>, list: &Node, address: &str, outer: &Variables<'_>, is_windows: bool) {
    let mut has_checkout = false;
    for (index, step) in flattened(list).into_iter().enumerate() {
        let address = format!("{address}[{index}]");
        template(views, &address, step);
        let place = Place::of_item(address.as_str(), step);
        let mut own = Variables::inside(outer);
        for Entry { key, value } in flat_map(step, "env") {
            own.set(key, value, Syntax::AzurePipelines);
        }
        let is_checkout = step.get("checkout").and_then(Node::as_str);
        let checked_out = Node::plain(place.header, if has_checkout { "true" } else { "false" });
        let added =
            vec![own.attribute(place.header), Entry::new(place.header, "is_behind_checkout", checked_out.clone())];
        has_checkout |= is_checkout == Some("self");
        if step.as_mapping().is_some() {
            views.step(&place, extended(step, added));
        }
        for &(key, interpreter) in SCRIPTS {
            let Some(entry) = step.entry(key) else { continue };
            let is_prompt = key == "script" && is_windows;
            let interpreter = if is_prompt { Interpreter::Other } else { interpreter };
            let script = Script { interpreter, ..Script::shell(&entry.value, key) };
            views.script(&Place { header: entry.key.span, ..place.clone() }, &script, &own);
        }
        if let Some(task) = step.get("task").and_then(Node::as_str) {
            let name = task.split('@').next().unwrap_or(task).to_ascii_lowercase();
            let kind = step.at(&["inputs", "scriptType"]).and_then(Node::as_str).unwrap_or_default();
            let is_power_shell = name.contains("powershell") || kind.starts_with("ps") || kind == "pscore";
            let interpreter = match name.as_str() {
                _ if is_power_shell => Interpreter::PowerShell,
                "cmdline" if is_windows => Interpreter::Other,
                "bash" | "cmdline" | "azurecli" | "ssh" | "shellscript" => Interpreter::Shell,
                _ => Interpreter::Other,
            };
            for &input in INPUTS {
                let Some(entry) = step.get("inputs").and_then(|inputs| inputs.entry(input)) else { continue };
                let script = Script { interpreter, ..Script::shell(&entry.value, input) };
                views.script(&Place { header: entry.key.span, ..place.clone() }, &script, &own);
            }
        }
    }
}
