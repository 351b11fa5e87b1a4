//! The view of a script: its text, its commands, and what is put into it.

use super::expansion::{self, Expansion, Syntax};
use super::scalar;
use super::variables::Variables;
use crate::document::excerpt::Excerpt;
use crate::document::node::Node;
use crate::document::shell::{self, Command};
use crate::framework::dockerfile::command::{self, Arguments};
use crate::framework::dockerfile::nodes::Attributes;
use crate::framework::flow_step::step;

/// Most commands of one file that are looked at.
const MAX_COMMANDS: usize = 10_000;
/// Most words of them.
const MAX_WORDS: usize = 100_000;

/// Most places that the values in one script come through.
const MAX_FLOW: usize = 32;

/// What reads a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::framework) enum Interpreter {
    /// A shell of the Bourne family.
    Shell,
    /// `powershell`, `pwsh`.
    PowerShell,
    /// The command prompt of Windows, or another language.
    Other,
}

impl Interpreter {
    fn name(self) -> &'static str {
        match self {
            Self::Shell => "sh",
            Self::PowerShell => "powershell",
            Self::Other => "other",
        }
    }
}

/// A script as it is written.
pub(in crate::framework) struct Script<'n> {
    /// Its text.
    pub(in crate::framework) node: &'n Node,
    /// The key that it stands at, such as `before_script`.
    pub(in crate::framework) phase: &'static str,
    /// What reads it.
    pub(in crate::framework) interpreter: Interpreter,
    /// How expansions are written in it, where that differs from the rest of the file.
    pub(in crate::framework) syntax: Option<Syntax>,
}

impl<'n> Script<'n> {
    /// A script for a shell.
    pub(in crate::framework) fn shell(node: &'n Node, phase: &'static str) -> Self {
        Self { node, phase, interpreter: Interpreter::Shell, syntax: None }
    }

    /// Whether there is nothing to run.
    pub(super) fn is_empty(&self) -> bool {
        self.node.as_str().is_some_and(|text| text.trim().is_empty()) || self.node.as_mapping().is_some()
    }
}

/// How many commands and words were looked at so far.
#[derive(Debug, Default)]
pub(super) struct Budget {
    commands: usize,
    words: usize,
    is_spent: bool,
}

impl Budget {
    fn admits(&mut self, commands: &[Command]) -> bool {
        self.commands += commands.len();
        self.words += commands.iter().map(|command| command.words.len()).sum::<usize>();
        self.commands <= MAX_COMMANDS && self.words <= MAX_WORDS
    }
}

/// The view of `script`, and whether its commands are the first that the budget leaves out.
pub(super) fn body(
    script: &Script<'_>,
    source: &str,
    syntax: Syntax,
    variables: &Variables<'_>,
    budget: &mut Budget,
) -> (Node, bool) {
    let span = script.node.span;
    let syntax = script.syntax.unwrap_or(syntax);
    let mut attributes = Attributes::new(span);
    attributes.text("phase", span, script.phase);
    attributes.text("interpreter", span, script.interpreter.name());
    attributes.node("text", script.node.clone());
    let Some(text) = script.node.as_str() else {
        attributes.node("expansions", Node::unknown(span));
        attributes.node("commands", Node::unknown(span));
        return (attributes.finish(), false);
    };
    let excerpt = scalar::located(script.node, text, source);
    let commands = (script.interpreter == Interpreter::Shell && !has_foreign_interpreter(text))
        .then(|| shell::split_excerpt(&excerpt));
    let evaluated = commands.as_deref().map(evaluated).unwrap_or_default();
    let mut flow = Vec::new();
    let expansions = expansion::find(text, syntax).into_iter().map(|found| {
        let control = variables.control(&found.name, syntax);
        if control == expansion::Control::Untrusted && flow.len() < MAX_FLOW {
            let way = variables.way(&found.name, excerpt.span(found.start, found.end));
            flow.extend(way.into_iter().map(|(span, what)| step(span, what)));
        }
        node(&found, control, &excerpt, &evaluated)
    });
    let expansions = expansions.collect();
    attributes.list("expansions", span, expansions);
    attributes.list("flow", span, flow);
    let admitted = commands.as_deref().filter(|commands| budget.admits(commands));
    let is_cut = commands.is_some() && admitted.is_none() && !budget.is_spent;
    budget.is_spent |= is_cut;
    match admitted {
        Some(commands) => {
            let arguments: Vec<Arguments> = commands.iter().map(Arguments::of).collect();
            attributes.list("commands", span, command::nodes(commands, &arguments, script.phase));
        }
        None => attributes.node("commands", Node::unknown(span)),
    }
    (attributes.finish(), is_cut)
}

fn node(found: &Expansion, control: expansion::Control, excerpt: &Excerpt, evaluated: &[(usize, usize)]) -> Node {
    let span = excerpt.span(found.start, found.end);
    let is_evaluated =
        found.is_substituted || evaluated.iter().any(|(start, end)| *start <= span.start && span.end <= *end);
    let mut attributes = Attributes::new(span);
    attributes.text("name", span, found.name.as_str());
    attributes.text("control", span, control.name());
    attributes.flag("is_substituted", span, found.is_substituted);
    attributes.flag("is_evaluated", span, is_evaluated);
    attributes.flag("is_quoted", span, found.is_quoted);
    attributes.finish()
}

/// Whether a first line names an interpreter that is no shell.
fn has_foreign_interpreter(text: &str) -> bool {
    let Some(line) = text.trim_start().strip_prefix("#!") else { return false };
    let words = line.lines().next().unwrap_or_default().split_whitespace();
    !words.take(2).any(|word| word.ends_with("sh") && !word.ends_with("pwsh"))
}

/// Where text stands that is read as a script once variables are in it: the operands of `eval` and of `sh -c`.
fn evaluated(commands: &[Command]) -> Vec<(usize, usize)> {
    let runs = |command: &&Command| match command.name() {
        "eval" => true,
        "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" => {
            let flags = command.words.iter().skip(1).map(crate::document::excerpt::Word::as_str);
            flags.take_while(|word| word.starts_with('-')).any(|flag| !flag.starts_with("--") && flag.contains('c'))
        }
        _ => false,
    };
    commands.iter().filter(runs).map(|command| (command.span.start, command.span.end)).collect()
}
