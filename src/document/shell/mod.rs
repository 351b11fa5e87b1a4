//! Shell text into the simple commands that it runs, with byte spans. It is split, not run: variables stay as written.
//!
//! Commands inside substitutions, subshells, groups, loops and conditions are listed too, in the order of the text, and so
//! is what a wrapper such as `sudo` or `sh -c` runs.

mod reader;
mod word;
mod wrapper;

#[cfg(test)]
mod tests;

use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// Deepest nesting of substitutions and wrappers; what is deeper is not listed.
const MAX_DEPTH: usize = 8;
/// Most commands in one text; the rest is not listed.
const MAX_COMMANDS: usize = 4096;
/// Most words in one text; the rest is not listed.
const MAX_WORDS: usize = 1 << 16;

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// From its first assignment, word or redirection to its last.
    pub span: Span,
    /// Its words, the name of the program first. Empty when there are only assignments.
    pub words: Vec<Word>,
    /// Assignments in front of the name.
    pub assignments: Vec<Assignment>,
    /// Its redirections, here-documents included.
    pub redirects: Vec<Redirect>,
    /// Its place in a pipeline.
    pub pipeline: Pipeline,
    /// What stands between it and the command in front.
    pub operator: Option<Operator>,
    /// The wrapper command that runs it, such as `sudo`.
    pub wrapper: Option<String>,
}

impl Command {
    /// The name of the program without its folder: `curl` for `/usr/bin/curl`. Empty when there is none.
    #[must_use]
    pub fn name(&self) -> &str {
        let path = self.words.first().map_or("", Word::as_str);
        path.rsplit('/').next().unwrap_or(path)
    }
}

/// An assignment in front of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Name and value as written.
    pub span: Span,
    /// The name of the variable.
    pub name: String,
    /// The value.
    pub value: Word,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// All of it.
    pub span: Span,
    /// The operator, such as `>` or `<<-`, without the number in front.
    pub operator: String,
    /// The file, the descriptor, or the word that ends the here-document.
    pub target: Word,
}

/// Where a command stands in a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// From 0.
    pub index: usize,
    /// Number of parts; 1 for a command alone.
    pub length: usize,
}

/// What separates two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a line break
    Sequence,
    /// `|` or `|&`
    Pipe,
    /// `&`
    Background,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Sequence => ";",
            Self::Pipe => "|",
            Self::Background => "&",
        }
    }
}

/// The commands of `text`, which stands at `base_offset` of its file.
#[must_use]
pub fn split(text: &str, base_offset: usize) -> Vec<Command> {
    split_excerpt(&Excerpt::verbatim(text, base_offset))
}

/// The commands of a text that was put together from parts of a file.
#[must_use]
pub fn split_excerpt(text: &Excerpt) -> Vec<Command> {
    let mut commands = Vec::new();
    reader::read(text, 0, &mut commands);
    in_order(commands)
}

/// The command that `words` make without a shell in between, and what it runs in turn.
#[must_use]
pub fn from_words(words: Vec<Word>) -> Vec<Command> {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Vec::new() };
    let command = Command {
        span: Span::new(first.span.start, last.span.end),
        words,
        assignments: Vec::new(),
        redirects: Vec::new(),
        pipeline: Pipeline { index: 0, length: 1 },
        operator: None,
        wrapper: None,
    };
    let mut commands = Vec::new();
    wrapper::push_with_wrapped(command, 0, &mut commands);
    in_order(commands)
}

/// Sorted by place, what holds others first.
fn in_order(mut commands: Vec<Command>) -> Vec<Command> {
    commands.sort_by_key(|command| (command.span.start, std::cmp::Reverse(command.span.end)));
    commands
}
