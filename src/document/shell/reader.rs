//! From shell text to simple commands: separators, keywords, redirections and here-documents.

use super::wrapper::{is_shell, push_with_wrapped};
use super::{Assignment, Command, MAX_COMMANDS, MAX_DEPTH, MAX_WORDS, Operator, Pipeline, Redirect};
use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// Adds the commands of `text` to `out`, and behind each what it wraps.
pub(super) fn read(text: &Excerpt, depth: usize, out: &mut Vec<Command>) {
    if depth < MAX_DEPTH && out.len() < MAX_COMMANDS {
        let mut found = Vec::new();
        let room = MAX_COMMANDS - out.len();
        let mut words = MAX_WORDS.saturating_sub(out.iter().map(|command| command.words.len()).sum());
        Reader { source: text, text: text.as_str(), at: 0, depth, room, words: &mut words, found: &mut found }
            .list(false);
        for command in found {
            push_with_wrapped(command, depth, out);
        }
    }
}

/// Reads one text. Nested texts that need no unescaping are read by the same reader.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Excerpt,
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// Most commands in `found`.
    pub(super) room: usize,
    /// Words that may still be read.
    pub(super) words: &'a mut usize,
    pub(super) found: &'a mut Vec<Command>,
}

/// A command that is being read.
#[derive(Default)]
struct Draft {
    words: Vec<Word>,
    assignments: Vec<Assignment>,
    redirects: Vec<Redirect>,
    span: Option<Span>,
}

impl Draft {
    fn cover(&mut self, span: Span) {
        let start = self.span.map_or(span.start, |own| own.start);
        self.span = Some(Span::new(start, span.end));
    }

    /// Inside `[[ … ]]`, where operators of the shell are words.
    fn is_open_test(&self) -> bool {
        self.words.first().is_some_and(|word| word.as_str() == "[[")
            && self.words.last().is_some_and(|word| word.as_str() != "]]")
    }
}

/// A here-document whose body begins on the next line.
struct HereDocument {
    delimiter: String,
    strips_tabs: bool,
    /// The body is run by a shell.
    is_script: bool,
}

/// A pipeline that is being read.
#[derive(Default)]
struct OpenPipeline {
    index: usize,
    /// Its commands, as indexes into those found.
    members: Vec<usize>,
}

/// A compound command that is open: what goes on behind it.
struct Frame {
    pipeline: OpenPipeline,
    is_case: bool,
}

/// What the next words are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Commands.
    Commands,
    /// The head of `for` or `select`, up to the separator.
    LoopHead,
    /// The head of `case`, up to `in`.
    CaseHead,
    /// A pattern of `case`, up to `)`.
    CasePattern,
    /// The name of a function.
    FunctionName,
}

/// The state of one list of commands.
struct List {
    draft: Draft,
    operator: Option<Operator>,
    /// The operator in front wants another command, so that a line break does not end anything.
    is_waiting: bool,
    pipeline: OpenPipeline,
    frames: Vec<Frame>,
    mode: Mode,
    here_documents: Vec<HereDocument>,
}

impl Reader<'_> {
    /// Reads commands to the end, or to the `)` that closes the substitution.
    pub(super) fn list(&mut self, is_substitution: bool) {
        let mut list = List {
            draft: Draft::default(),
            operator: None,
            is_waiting: false,
            pipeline: OpenPipeline::default(),
            frames: Vec::new(),
            mode: Mode::Commands,
            here_documents: Vec::new(),
        };
        let mut parentheses = 0usize;
        while let Some(byte) = self.peek(0) {
            if list.draft.is_open_test() && matches!(byte, b'&' | b'|' | b'<' | b'>' | b'(' | b')') {
                let (start, end) = (self.at, self.at + 1);
                self.at = end;
                let span = self.source.span(start, end);
                list.draft.cover(span);
                list.draft.words.push(Word { span, text: self.source.part(start, end), is_known: true });
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
                b'\\' if self.peek(1) == Some(b'\r') && self.peek(2) == Some(b'\n') => self.at += 3,
                b'#' => self.at = self.find(b'\n').unwrap_or(self.text.len()),
                b'\n' => {
                    self.at += 1;
                    self.bodies(&mut list);
                    self.end_line(&mut list);
                }
                b';' => self.semicolon(&mut list),
                b'&' | b'|' => self.operator(&mut list),
                b'(' => {
                    self.at += 1;
                    if list.mode != Mode::CasePattern {
                        parentheses += 1;
                        self.open_parenthesis(&mut list);
                    }
                }
                b')' if list.mode == Mode::CasePattern => {
                    self.at += 1;
                    list.mode = Mode::Commands;
                }
                b')' => {
                    self.at += 1;
                    if parentheses > 0 {
                        parentheses -= 1;
                        self.close(&mut list);
                    } else if is_substitution {
                        break;
                    } else {
                        self.separate(&mut list, Operator::Sequence);
                    }
                }
                b'<' | b'>' if self.peek(1) != Some(b'(') => self.redirect(&mut list, self.at),
                _ => self.next_word(&mut list),
            }
            if self.found.len() >= self.room || *self.words == 0 {
                self.at = self.text.len();
            }
        }
        self.separate(&mut list, Operator::Sequence);
        while let Some(frame) = list.frames.pop() {
            self.end_pipeline(&mut list.pipeline);
            list.pipeline = frame.pipeline;
        }
        self.end_pipeline(&mut list.pipeline);
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Where the next `byte` stands.
    pub(super) fn find(&self, byte: u8) -> Option<usize> {
        memchr::memchr(byte, self.text.as_bytes().get(self.at..)?).map(|at| self.at + at)
    }

    fn end_line(&mut self, list: &mut List) {
        if list.draft.span.is_some() || !list.is_waiting {
            self.separate(list, Operator::Sequence);
        }
    }

    fn semicolon(&mut self, list: &mut List) {
        let ends_case = self.peek(1) == Some(b';') || self.peek(1) == Some(b'&');
        self.at += if ends_case { 2 } else { 1 };
        self.separate(list, Operator::Sequence);
        if ends_case && list.frames.last().is_some_and(|frame| frame.is_case) {
            list.mode = Mode::CasePattern;
        }
    }

    fn operator(&mut self, list: &mut List) {
        let operator = match (self.peek(0), self.peek(1)) {
            (Some(b'&'), Some(b'&')) => Operator::And,
            (Some(b'&'), Some(b'>')) => return self.redirect(list, self.at),
            (Some(b'&'), _) => Operator::Background,
            (_, Some(b'|')) => Operator::Or,
            _ => Operator::Pipe,
        };
        let is_double = matches!(operator, Operator::And | Operator::Or)
            || (operator == Operator::Pipe && self.peek(1) == Some(b'&'));
        self.at += if is_double { 2 } else { 1 };
        if list.mode != Mode::CasePattern {
            self.separate(list, operator);
        }
    }

    /// `(` opens a subshell; behind one word and in front of `)` it defines a function.
    fn open_parenthesis(&mut self, list: &mut List) {
        if list.draft.words.len() == 1 {
            list.draft = Draft::default();
        }
        self.open(list, false);
    }

    fn open(&mut self, list: &mut List, is_case: bool) {
        self.finish(list);
        let pipeline = std::mem::take(&mut list.pipeline);
        list.frames.push(Frame { pipeline, is_case });
    }

    fn close(&mut self, list: &mut List) {
        self.finish(list);
        self.end_pipeline(&mut list.pipeline);
        if let Some(frame) = list.frames.pop() {
            list.pipeline = frame.pipeline;
        }
        list.is_waiting = false;
        list.mode = Mode::Commands;
    }

    /// Ends the command, and the pipeline unless it goes on.
    fn separate(&mut self, list: &mut List, operator: Operator) {
        self.finish(list);
        if operator == Operator::Pipe {
            list.pipeline.index += 1;
        } else {
            self.end_pipeline(&mut list.pipeline);
        }
        if list.mode == Mode::LoopHead {
            list.mode = Mode::Commands;
        }
        list.operator = Some(operator);
        list.is_waiting = matches!(operator, Operator::And | Operator::Or | Operator::Pipe);
    }

    fn end_pipeline(&mut self, pipeline: &mut OpenPipeline) {
        let length = pipeline.index + 1;
        for index in pipeline.members.drain(..) {
            if let Some(command) = self.found.get_mut(index) {
                command.pipeline.length = length;
            }
        }
        pipeline.index = 0;
    }

    fn finish(&mut self, list: &mut List) {
        let draft = std::mem::take(&mut list.draft);
        let Some(span) = draft.span else { return };
        if draft.words.is_empty() && draft.assignments.is_empty() {
            return;
        }
        list.pipeline.members.push(self.found.len());
        self.found.push(Command {
            span,
            words: draft.words,
            assignments: draft.assignments,
            redirects: draft.redirects,
            pipeline: Pipeline { index: list.pipeline.index, length: 1 },
            operator: list.operator,
            wrapper: None,
        });
        list.is_waiting = false;
    }

    fn next_word(&mut self, list: &mut List) {
        let start = self.at;
        let word = self.word();
        if self.at == start {
            // A byte that begins nothing, such as the `<` of an unfinished `<(`.
            self.at += 1;
            return;
        }
        let raw = self.text.get(start..self.at).unwrap_or_default();
        if matches!(self.peek(0), Some(b'<' | b'>')) && !raw.is_empty() && raw.bytes().all(|b| b.is_ascii_digit()) {
            return self.redirect(list, start);
        }
        match list.mode {
            Mode::Commands => {}
            Mode::LoopHead => {
                if raw == "do" {
                    list.mode = Mode::Commands;
                }
                return;
            }
            Mode::CaseHead => {
                if raw == "in" {
                    list.mode = Mode::CasePattern;
                }
                return;
            }
            Mode::CasePattern => {
                if raw == "esac" {
                    self.close(list);
                }
                return;
            }
            Mode::FunctionName => {
                list.mode = Mode::Commands;
                return;
            }
        }
        if list.draft.words.is_empty() {
            if list.draft.assignments.is_empty() && self.keyword(list, raw) {
                return;
            }
            if let Some(assignment) = assignment(&word) {
                list.draft.cover(word.span);
                list.draft.assignments.push(assignment);
                return;
            }
        }
        list.draft.cover(word.span);
        list.draft.words.push(word);
    }

    /// Whether `word` at the place of a command is a keyword of the shell.
    fn keyword(&mut self, list: &mut List, word: &str) -> bool {
        match word {
            "then" | "do" | "else" | "elif" | "!" => {}
            "if" | "while" | "until" | "{" => self.open(list, false),
            "for" | "select" => {
                self.open(list, false);
                list.mode = Mode::LoopHead;
            }
            "case" => {
                self.open(list, true);
                list.mode = Mode::CaseHead;
            }
            "function" => list.mode = Mode::FunctionName,
            "fi" | "done" | "}" | "esac" => self.close(list),
            _ => return false,
        }
        true
    }

    /// A redirection; `start` is where its descriptor or its operator begins.
    fn redirect(&mut self, list: &mut List, start: usize) {
        const OPERATORS: &[&str] = &["&>>", "&>", "<<<", "<<-", "<<", "<>", "<&", ">>", ">|", ">&", "<", ">"];
        let rest = self.text.get(self.at..).unwrap_or_default();
        let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator)).copied().unwrap_or(">");
        self.at += operator.len();
        while matches!(self.peek(0), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        let begin = self.at;
        let target = self.word();
        let span = self.source.span(start, self.at);
        if operator == "<<" || operator == "<<-" {
            let is_script = list.draft.words.first().is_some_and(|word| is_shell(word.as_str()))
                && list.draft.words.iter().skip(1).all(|word| word.as_str().starts_with('-'));
            let raw = self.text.get(begin..self.at).unwrap_or_default();
            let delimiter = raw.chars().filter(|c| !matches!(c, '"' | '\'' | '\\')).collect();
            list.here_documents.push(HereDocument { delimiter, strips_tabs: operator == "<<-", is_script });
        }
        list.draft.cover(span);
        list.draft.redirects.push(Redirect { span, operator: operator.to_owned(), target });
    }

    /// Reads the bodies of the here-documents of the line that has just ended.
    fn bodies(&mut self, list: &mut List) {
        for document in std::mem::take(&mut list.here_documents) {
            let start = self.at;
            let mut end = self.text.len();
            while self.at < self.text.len() {
                let line_start = self.at;
                let line_end = self.find(b'\n').unwrap_or(self.text.len());
                self.at = (line_end + 1).min(self.text.len());
                let line = self.text.get(line_start..line_end).unwrap_or_default();
                let line = line.strip_suffix('\r').unwrap_or(line);
                let line = if document.strips_tabs { line.trim_start_matches('\t') } else { line };
                if line == document.delimiter {
                    end = line_start;
                    break;
                }
            }
            if document.is_script {
                self.nested(&self.source.part(start, end));
            }
        }
    }

    /// Adds the commands of a text that stands inside this one.
    pub(super) fn nested(&mut self, text: &Excerpt) {
        if self.depth + 1 < MAX_DEPTH {
            let (room, depth) = (self.room, self.depth + 1);
            let (words, found) = (&mut *self.words, &mut *self.found);
            Reader { source: text, text: text.as_str(), at: 0, depth, room, words, found }.list(false);
        }
    }
}

/// `NAME=value` and `NAME+=value`.
pub(super) fn assignment(word: &Word) -> Option<Assignment> {
    let (left, value) = word.as_str().split_once('=')?;
    let name = left.strip_suffix('+').unwrap_or(left);
    let mut bytes = name.bytes();
    let is_name = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return None;
    }
    let text = word.text.part(left.len() + 1, left.len() + 1 + value.len());
    let span = Span::new(text.whole().start.min(word.span.end), word.span.end);
    let value = Word { span, text, is_known: word.is_known };
    Some(Assignment { span: word.span, name: name.to_owned(), value })
}
