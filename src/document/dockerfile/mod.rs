//! Dockerfiles into instructions with byte spans, after the grammar of `BuildKit`.
//!
//! A line that cannot be read is an error with its place, and the rest of the file is read.

mod arguments;
mod expand;
mod instruction;
mod lines;

#[cfg(test)]
mod tests;

pub use arguments::{Pair, pairs, words};
pub use expand::{Expander, Variables};

use crate::document::ParseError;
use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// Most instructions in one file; the rest is an error.
pub const MAX_INSTRUCTIONS: usize = 8192;

/// A Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dockerfile {
    /// The parser directives in front of everything: `syntax`, `escape`, `check`.
    pub directives: Vec<Directive>,
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// Comments, each with its `#`.
    pub comments: Vec<Span>,
    /// What could not be read.
    pub errors: Vec<ParseError>,
    /// The character that continues a line: a backslash or a backtick.
    pub escape: char,
}

/// A parser directive: `# syntax=docker/dockerfile:1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// The whole comment.
    pub span: Span,
    /// Its name in lower case.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Where the value stands.
    pub value_span: Span,
}

/// An instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// What it does.
    pub keyword: Keyword,
    /// Where the keyword stands.
    pub keyword_span: Span,
    /// From the keyword to the last argument, here-documents included.
    pub span: Span,
    /// Its flags: `--from=build`.
    pub flags: Vec<Flag>,
    /// What stands behind the flags, with its lines joined.
    pub arguments: Excerpt,
    /// The words of the JSON form; `None` in the shell form.
    pub exec: Option<Vec<Word>>,
    /// Here-documents that begin in it.
    pub here_documents: Vec<HereDocument>,
    /// The instruction that `ONBUILD` keeps for later, and the command of `HEALTHCHECK`.
    pub nested: Option<Box<Instruction>>,
}

/// A flag of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    /// All of it.
    pub span: Span,
    /// Its name without `--`.
    pub name: String,
    /// What stands behind `=`.
    pub value: Option<Word>,
}

/// A here-document of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HereDocument {
    /// The word that opens it, `<<EOF`.
    pub opener: Span,
    /// The word that ends it.
    pub name: String,
    /// The body, without the line that ends it.
    pub body: Excerpt,
    /// The body and the line that ends it.
    pub full: Excerpt,
}

macro_rules! keywords {
    ($($variant:ident $text:literal,)*) => {
        /// What an instruction does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Keyword {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl Keyword {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// In capitals.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

keywords! {
    Add "ADD",
    Arg "ARG",
    Cmd "CMD",
    Copy "COPY",
    Entrypoint "ENTRYPOINT",
    Env "ENV",
    Expose "EXPOSE",
    From "FROM",
    Healthcheck "HEALTHCHECK",
    Label "LABEL",
    Maintainer "MAINTAINER",
    Onbuild "ONBUILD",
    Run "RUN",
    Shell "SHELL",
    Stopsignal "STOPSIGNAL",
    User "USER",
    Volume "VOLUME",
    Workdir "WORKDIR",
}

impl Keyword {
    /// The keyword that `word` is, in any case.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }

    /// Whether it takes `--flags`.
    fn has_flags(self) -> bool {
        matches!(self, Self::Add | Self::Copy | Self::From | Self::Healthcheck | Self::Run)
    }

    /// Whether it has a JSON form.
    fn has_exec_form(self) -> bool {
        matches!(self, Self::Add | Self::Cmd | Self::Copy | Self::Entrypoint | Self::Run | Self::Shell | Self::Volume)
    }

    /// Whether it takes here-documents.
    fn has_here_documents(self) -> bool {
        matches!(self, Self::Add | Self::Copy | Self::Run)
    }
}

/// Reads a Dockerfile.
#[must_use]
pub fn parse(text: &str) -> Dockerfile {
    let mut file = Dockerfile { escape: '\\', ..Dockerfile::default() };
    let mut lines = lines::Lines::new(text, &mut file);
    while let Some(line) = lines.next_logical(&mut file) {
        if file.instructions.len() >= MAX_INSTRUCTIONS {
            let message = format!("the rest is not read: there are more than {MAX_INSTRUCTIONS} instructions");
            file.errors.push(ParseError { offset: line.offset(0), message });
            break;
        }
        match instruction::read(&line, file.escape, &mut lines) {
            Ok(instruction) => file.instructions.push(instruction),
            Err(error) => file.errors.push(error),
        }
        file.errors.append(&mut lines.errors);
    }
    file
}
