//! What holds at a point of a Dockerfile: variables, the shell, the user, the stages so far.

use std::collections::{BTreeSet, HashMap};

use crate::document::ParseError;
use crate::document::dockerfile::{Expander, Variables};
use crate::document::node::Node;
use crate::document::shell::Command;
use crate::span::Span;

/// Most commands in one file; those of the instructions behind are not known.
const MAX_COMMANDS: usize = 4096;
/// Most words in one file, of commands and of the arguments of instructions.
const MAX_WORDS: usize = 50_000;
/// Longest value that later instructions and stages carry along.
pub(super) const MAX_CARRIED: usize = 256;

/// The shell of `RUN` and its like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shell {
    /// Of the Bourne family, so that scripts are understood.
    pub(super) is_bourne: bool,
    /// Started with `-o pipefail`.
    pub(super) has_pipefail: bool,
}

impl Default for Shell {
    fn default() -> Self {
        Self { is_bourne: true, has_pipefail: false }
    }
}

/// What holds where an instruction stands.
pub(super) struct Context {
    /// The escape character of the file.
    pub(super) escape: char,
    pub(super) expander: Expander,
    /// Variables of the `ARG`s in front of the first `FROM`.
    pub(super) globals: Variables,
    pub(super) variables: Variables,
    pub(super) shell: Shell,
    /// Index and alias of the stage.
    pub(super) stage: Option<(usize, Option<String>)>,
    /// Stages by alias in lower case.
    pub(super) aliases: HashMap<String, usize>,
    /// Stages that another one is built on or copies from.
    pub(super) used: BTreeSet<usize>,
    /// The working folder that is in effect.
    pub(super) workdir: Option<Node>,
    /// The user that is in effect.
    pub(super) user: Option<Node>,
    /// Names of the programs that the stage runs.
    pub(super) programs: BTreeSet<String>,
    /// What was too much.
    pub(super) errors: Vec<ParseError>,
    commands: usize,
    words: usize,
}

impl Context {
    /// At the top of a file.
    pub(super) fn new(escape: char) -> Self {
        Self {
            escape,
            expander: Expander::new(escape),
            globals: Variables::default(),
            variables: Variables::default(),
            shell: Shell::default(),
            stage: None,
            aliases: HashMap::new(),
            used: BTreeSet::new(),
            workdir: None,
            user: None,
            programs: BTreeSet::new(),
            errors: Vec::new(),
            commands: 0,
            words: 0,
        }
    }

    /// A text with the variables that are known here.
    pub(super) fn expand(&mut self, text: &str) -> Option<String> {
        self.expander.expand(text, &self.variables)
    }

    /// The commands of an instruction, or `None` when the file has too many.
    pub(super) fn admit(&mut self, commands: Vec<Command>, place: Span) -> Option<Vec<Command>> {
        let words: usize = commands.iter().map(|command| command.words.len() + command.assignments.len()).sum();
        self.admits(commands.len(), words, place).then_some(commands)
    }

    /// Whether the file may have so many more commands and words; where it may not, that is noted once.
    pub(super) fn admits(&mut self, commands: usize, words: usize, place: Span) -> bool {
        if self.commands + commands > MAX_COMMANDS || self.words + words > MAX_WORDS {
            if self.errors.is_empty() {
                let message = format!("the file has more than {MAX_COMMANDS} commands or {MAX_WORDS} words");
                self.errors.push(ParseError { offset: place.start, message });
            }
            return false;
        }
        self.commands += commands;
        self.words += words;
        true
    }

    /// The stage that `COPY --from` or `FROM` means, by alias or by number.
    pub(super) fn stage_named(&self, name: &str) -> Option<usize> {
        let by_alias = self.aliases.get(&name.to_ascii_lowercase()).copied();
        by_alias.or_else(|| {
            let (current, _) = self.stage.as_ref()?;
            name.parse().ok().filter(|index| index < current)
        })
    }
}

/// A node that later instructions and stages carry along; a long text is not known there.
pub(super) fn carried(node: &Node) -> Node {
    match node.as_str() {
        Some(text) if text.len() > MAX_CARRIED => Node::unknown(node.span),
        _ => node.clone(),
    }
}
