//! Groovy, as far as a Jenkinsfile needs it: calls with their arguments, and the blocks behind them. Nothing is evaluated.
//!
//! A block is a list of statements. A statement is a mapping: `name`, the `arguments` that are literals or names, the
//! `named` ones, `is_assignment`, and the `body` of its block. A call inside of another statement is a statement of its own
//! behind it. The tag of a text is `interpolated` where values are put into it, and `literal` where not.

mod lexer;

use self::lexer::{Lexer, Token};
use super::node::{Entry, Node};
use super::{Document, ParseError};
use crate::span::Span;

/// Deepest nesting of blocks.
const MAX_DEPTH: usize = 64;
/// Most statements in one text.
const MAX_STATEMENTS: usize = 50_000;
/// Most arguments in one text.
const MAX_ARGUMENTS: usize = 200_000;

/// The tag of a text that values are put into.
pub const INTERPOLATED: &str = "interpolated";
/// The tag of a text that is as it is written.
pub const LITERAL: &str = "literal";

/// Reads a text into one root: the list of its statements.
#[must_use]
pub fn read(text: &str) -> Document {
    let mut reader = Reader { open: vec![Block::default()], errors: Vec::new(), statements: 0, arguments: 0 };
    let mut lexer = Lexer::new(text);
    while let Some((token, span)) = lexer.next_token() {
        if !reader.take(token, span, &lexer) {
            break;
        }
    }
    if let Some(offset) = lexer.unclosed {
        reader.errors.push(ParseError { offset, message: "this text is not closed".to_owned() });
    }
    let root = reader.finish(text.len());
    Document { roots: vec![root], comments: lexer.comments, errors: reader.errors, is_template: false }
}

/// A block that is open.
#[derive(Default)]
struct Block {
    statements: Vec<Node>,
    current: Option<Statement>,
    start: usize,
    /// Parentheses and brackets that are open in the statement.
    parentheses: usize,
    /// The key of a named argument whose value comes next.
    key: Option<(String, Span)>,
    /// The line ends in the middle of a statement.
    goes_on: bool,
}

/// A statement that is read.
struct Statement {
    name: String,
    name_span: Span,
    end: usize,
    arguments: Vec<Node>,
    named: Vec<Entry>,
    is_assignment: bool,
    body: Option<Node>,
}

impl Statement {
    fn new(name: &str, span: Span) -> Self {
        Self {
            name: name.to_owned(),
            name_span: span,
            end: span.end,
            arguments: Vec::new(),
            named: Vec::new(),
            is_assignment: false,
            body: None,
        }
    }

    fn node(self) -> Node {
        let span = Span::new(self.name_span.start, self.end.max(self.name_span.end));
        let mut entries = vec![
            Entry::new(self.name_span, "name", Node::text(self.name_span, self.name)),
            Entry::new(self.name_span, "arguments", Node::sequence(span, self.arguments)),
            Entry::new(self.name_span, "named", Node::mapping(span, self.named)),
        ];
        if self.is_assignment {
            entries.push(Entry::new(self.name_span, "is_assignment", Node::plain(self.name_span, "true")));
        }
        entries.extend(self.body.map(|body| Entry::new(self.name_span, "body", body)));
        Node::mapping(span, entries)
    }
}

struct Reader {
    open: Vec<Block>,
    errors: Vec<ParseError>,
    statements: usize,
    arguments: usize,
}

impl Reader {
    /// Takes a token; `false` when no more is read.
    fn take(&mut self, token: Token, span: Span, lexer: &Lexer<'_>) -> bool {
        let Some(block) = self.open.last_mut() else { return false };
        let mut goes_on = false;
        match token {
            Token::Break => {
                if block.parentheses == 0 && !block.goes_on {
                    self.end_statement();
                }
                return true;
            }
            Token::Separator => self.end_statement(),
            Token::Name(name) => {
                if lexer.next_is(':') && block.current.is_some() {
                    block.key = Some((name, span));
                } else if block.current.is_none() || lexer.begins_call() {
                    self.end_call();
                    return self.begin(&name, span);
                } else {
                    return self.argument(Node::plain(span, name));
                }
            }
            Token::Text { text, is_interpolated } => {
                let mut node = Node::text(span, text);
                node.tag = Some(if is_interpolated { INTERPOLATED } else { LITERAL }.into());
                return self.argument(node);
            }
            Token::Open => block.parentheses += 1,
            Token::Close => block.parentheses = block.parentheses.saturating_sub(1),
            Token::BlockOpen => return self.enter(span),
            Token::BlockClose => self.leave(span),
            Token::Assign => {
                goes_on = true;
                if let Some(current) = &mut block.current {
                    current.is_assignment = true;
                }
            }
            Token::Operator => goes_on = true,
            Token::Colon => {}
        }
        if let Some(block) = self.open.last_mut() {
            block.goes_on = goes_on;
        }
        true
    }

    fn begin(&mut self, name: &str, span: Span) -> bool {
        self.statements += 1;
        if self.statements > MAX_STATEMENTS {
            let message = format!("the rest is not read: there are more than {MAX_STATEMENTS} statements");
            self.errors.push(ParseError { offset: span.start, message });
            return false;
        }
        if let Some(block) = self.open.last_mut() {
            block.current = Some(Statement::new(name, span));
            block.goes_on = false;
        }
        true
    }

    fn argument(&mut self, node: Node) -> bool {
        self.arguments += 1;
        if self.arguments > MAX_ARGUMENTS {
            let message = format!("the rest is not read: there are more than {MAX_ARGUMENTS} arguments");
            self.errors.push(ParseError { offset: node.span.start, message });
            return false;
        }
        let Some(block) = self.open.last_mut() else { return false };
        block.goes_on = false;
        let key = block.key.take();
        if block.current.is_none() {
            // A text alone, such as the last value of a closure.
            return true;
        }
        if let Some(current) = &mut block.current {
            current.end = current.end.max(node.span.end);
            match key {
                Some((key, span)) => current.named.push(Entry::new(span, &key, node)),
                None => current.arguments.push(node),
            }
        }
        true
    }

    /// Ends the statement, with all of its parentheses.
    fn end_statement(&mut self) {
        self.end_call();
        if let Some(block) = self.open.last_mut() {
            block.parentheses = 0;
            block.goes_on = false;
        }
    }

    /// Ends a call, whose statement may go on.
    fn end_call(&mut self) {
        if let Some(block) = self.open.last_mut() {
            block.key = None;
            block.statements.extend(block.current.take().map(Statement::node));
        }
    }

    fn enter(&mut self, span: Span) -> bool {
        if self.open.len() >= MAX_DEPTH {
            let message = format!("the rest is not read: blocks are nested deeper than {MAX_DEPTH}");
            self.errors.push(ParseError { offset: span.start, message });
            return false;
        }
        let Some(block) = self.open.last_mut() else { return false };
        if let Some((key, key_span)) = block.key.take() {
            // A block that is an argument by name, such as a branch of `parallel`, is a statement of its own.
            block.statements.extend(block.current.take().map(Statement::node));
            block.current = Some(Statement::new(&key, key_span));
        } else if block.current.is_none() {
            block.current = Some(Statement::new("", Span::new(span.start, span.start)));
        }
        self.open.push(Block { start: span.start, ..Block::default() });
        true
    }

    fn leave(&mut self, span: Span) {
        if self.open.len() < 2 {
            return;
        }
        self.end_statement();
        let Some(inner) = self.open.pop() else { return };
        let Some(block) = self.open.last_mut() else { return };
        if let Some(mut current) = block.current.take() {
            current.end = span.end;
            current.body = Some(Node::sequence(Span::new(inner.start, span.end), inner.statements));
            block.statements.push(current.node());
        }
    }

    fn finish(&mut self, end: usize) -> Node {
        while self.open.len() > 1 {
            self.leave(Span::new(end, end));
        }
        self.end_statement();
        let statements = self.open.pop().map(|block| block.statements).unwrap_or_default();
        Node::sequence(Span::new(0, end), statements)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node) -> String {
        let statements = node.as_sequence().unwrap_or_default().iter().map(|statement| {
            let text = |node: &Node| node.as_str().unwrap_or("?").to_owned();
            let arguments = statement.get("arguments").unwrap().as_sequence().unwrap().iter().map(text);
            let named = statement.get("named").unwrap().as_mapping().unwrap().iter();
            let named = named.map(|entry| format!("{}:{}", text(&entry.key), text(&entry.value)));
            let name = text(statement.get("name").unwrap());
            let all = [name].into_iter().chain(arguments).chain(named).collect::<Vec<_>>().join(" ");
            match statement.get("body") {
                Some(body) => format!("{all} {{{}}}", show(body)),
                None => all,
            }
        });
        statements.collect::<Vec<_>>().join("; ")
    }

    fn shown(text: &str) -> String {
        let document = read(text);
        assert_eq!(document.errors, [], "{text}");
        show(&document.roots[0])
    }

    #[test]
    fn blocks_and_calls() {
        let text = "pipeline {\n  agent any // note\n  stages {\n    stage('A') {\n      steps {\n        sh 'make'\n        sh(script: \"x ${y}\", returnStdout: true)\n      }\n    }\n  }\n}\n";
        assert_eq!(
            shown(text),
            "pipeline {agent any; stages {stage A {steps {sh make; sh script:x ${y} returnStdout:true}}}}"
        );
    }

    #[test]
    fn assignments_and_calls_in_them() {
        assert_eq!(shown("A = 'b'\nC = credentials('d')"), "A b; C; credentials d");
        assert_eq!(
            shown("def x = sh(script: 'a', returnStdout: true).trim()"),
            "def x; sh script:a returnStdout:true; trim"
        );
        assert_eq!(shown("if (a == 'b') {\n  c 'd'\n} else {\n  e()\n}"), "if a b {c d}; else {e}");
        assert_eq!(shown("parallel one: {\n  sh 'a'\n}, two: {\n  sh 'b'\n}"), "parallel; one {sh a}; two {sh b}");
        assert_eq!(shown("docker.image('a:1').inside {\n  sh 'b'\n}"), "docker.image a:1; inside {sh b}");
    }

    #[test]
    fn texts_in_every_form() {
        assert_eq!(shown("a 'it\\'s', \"b\\n\", '''c\n'd\n''', \"\"\"e \"f\" \"\"\""), "a it's b\n c\n'd\n e \"f\" ");
        assert_eq!(shown("a \"x \\${y}\"\n// }\n/* { */\nb 1"), "a x \\${y}; b 1");
        let document = read("sh \"a $b\"\nsh 'a $b'");
        let tags = document.roots[0].as_sequence().unwrap().iter();
        let tags: Vec<_> =
            tags.map(|node| node.get("arguments").unwrap().as_sequence().unwrap()[0].tag.clone().unwrap()).collect();
        assert_eq!(tags, [INTERPOLATED.into(), LITERAL.into()]);
    }

    #[test]
    fn hostile_texts_are_bounded() {
        assert_eq!(read(&"a {".repeat(100_000)).errors.len(), 1);
        assert!(read(&"}".repeat(100_000)).errors.is_empty());
        assert_eq!(read(&"a b\n".repeat(60_000)).errors.len(), 1);
        assert_eq!(read("a 'b").errors.len(), 1);
        assert!(read(&"(".repeat(100_000)).errors.is_empty());
    }
}
