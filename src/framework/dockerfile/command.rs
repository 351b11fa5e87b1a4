//! The view of one command: flags, options, operands, subcommand, packages.

use std::collections::HashMap;

use super::nodes::{Attributes, word};
use super::{packages, tools};
use crate::document::excerpt::Word;
use crate::document::node::{Entry, Node};
use crate::document::shell::Command;
use crate::span::Span;

/// The arguments of a command after their kind.
pub(in crate::framework) struct Arguments<'a> {
    /// The canonical name of the program that reads them.
    pub(super) tool: &'a str,
    /// Flags, each by itself and without its value, with their places.
    pub(super) flags: Vec<(String, Span)>,
    /// Values of options, by the name of the flag.
    pub(super) options: Vec<(String, Node)>,
    /// What is no flag and no value of one, the subcommand included.
    pub(super) operands: Vec<&'a Word>,
}

impl<'a> Arguments<'a> {
    /// Reads the arguments of `command`.
    pub(in crate::framework) fn of(command: &'a Command) -> Self {
        let mut words = command.words.get(1..).unwrap_or_default();
        let mut name = tools::canonical(command.name());
        if tools::is_python(name)
            && let [first, second, rest @ ..] = words
            && first.as_str() == "-m"
        {
            name = tools::canonical(second.as_str());
            words = rest;
        } else if name == "uv"
            && let [first, rest @ ..] = words
            && first.as_str() == "pip"
        {
            name = "pip";
            words = rest;
        }
        let mut arguments = Self { tool: name, flags: Vec::new(), options: Vec::new(), operands: Vec::new() };
        arguments.read(words);
        arguments
    }

    fn read(&mut self, words: &'a [Word]) {
        let tool = tools::of(self.tool);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let text = word.as_str();
            if text == "--" {
                self.operands.extend(words);
                return;
            }
            if text == "-" || !text.starts_with('-') {
                self.operands.push(word);
            } else if text.starts_with("--") || tool.has_long_words {
                let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
                self.flags.push((name.to_owned(), word.span));
                if let Some(value) = value {
                    self.options.push((name.to_owned(), part(word, value)));
                } else if tool.long.contains(&name)
                    && let Some(value) = words.next()
                {
                    self.options.push((name.to_owned(), super::nodes::word(value)));
                }
            } else if let Some(flag) = self.cluster(word, tool.short)
                && let Some(value) = words.next()
            {
                self.options.push((flag, super::nodes::word(value)));
            }
        }
    }

    /// Reads short options in one word. The option whose value is the next word.
    fn cluster(&mut self, word: &Word, with_value: &str) -> Option<String> {
        let mut rest = word.as_str().get(1..)?;
        while let Some(letter) = rest.chars().next() {
            let mut length = letter.len_utf8();
            // `wget -nv`: the letter behind `n` belongs to it.
            if self.tool == "wget" && letter == 'n' {
                length += rest.get(1..).and_then(|after| after.chars().next()).map_or(0, char::len_utf8);
            }
            let flag = format!("-{}", rest.get(..length)?);
            rest = rest.get(length..)?;
            self.flags.push((flag.clone(), word.span));
            if let Some(value) = rest.strip_prefix('=') {
                self.options.push((flag, part(word, value)));
                return None;
            }
            if with_value.contains(letter) {
                if rest.is_empty() {
                    return Some(flag);
                }
                self.options.push((flag, part(word, rest)));
                return None;
            }
            if letter == '$' {
                return None;
            }
        }
        None
    }

    /// The subcommand and the operands behind it.
    pub(super) fn subcommand(&self) -> (Option<&'a Word>, &[&'a Word]) {
        if !tools::of(self.tool).has_subcommand {
            return (None, &self.operands);
        }
        match self.operands.as_slice() {
            // `yarn global add`, `dnf module install`: the word in front says where, not what.
            [first, second, rest @ ..] if matches!(first.as_str(), "global" | "module") => (Some(second), rest),
            [first, rest @ ..] => (Some(first), rest),
            [] => (None, &[]),
        }
    }

    /// Whether there is a flag of this name.
    pub(super) fn has_flag(&self, name: &str) -> bool {
        self.flags.iter().any(|(flag, _)| flag == name)
    }
}

/// A value that is the end of a word.
fn part(whole: &Word, value: &str) -> Node {
    let length = whole.as_str().len();
    let span = whole.text.span(length - value.len(), length);
    super::nodes::known(span, (!value.contains('$') || whole.is_known).then(|| value.to_owned()))
}

/// What stands in front of a command in its pipeline.
#[derive(Default)]
struct Upstream {
    /// The name of the program whose output it reads.
    previous: Option<String>,
    /// The name of the first program.
    first: Option<String>,
}

/// The nodes of the commands of one script, which `arguments` are those of. `instruction` is what runs them.
pub(in crate::framework) fn nodes(commands: &[Command], arguments: &[Arguments], instruction: &str) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(commands.len());
    let mut names: HashMap<(usize, usize), String> = HashMap::new();
    for (command, arguments) in commands.iter().zip(arguments) {
        let (index, length) = (command.pipeline.index, command.pipeline.length);
        let mut upstream = Upstream::default();
        if let Some(before) = index.checked_sub(1) {
            upstream.previous = names.get(&(length, before)).cloned();
            upstream.first = names.get(&(length, 0)).cloned();
        }
        if length > 1 && (command.wrapper.is_none() || index == 0) {
            names.insert((length, index), command.name().to_owned());
        }
        nodes.push(node(command, arguments, instruction, &upstream));
    }
    nodes
}

/// The node of a command.
fn node(command: &Command, arguments: &Arguments, instruction: &str, upstream: &Upstream) -> Node {
    let name_span = command.words.first().map_or(command.span, |word| word.span);
    let mut attributes = Attributes::new(command.span);
    if let Some(first) = command.words.first() {
        attributes.known("name", name_span, first.is_known.then(|| command.name().to_owned()));
        attributes.node("path", word(first));
        attributes.known("tool", name_span, first.is_known.then(|| arguments.tool.to_owned()));
    }
    let text = command.words.iter().map(Word::as_str).collect::<Vec<_>>().join(" ");
    attributes.text("text", command.span, text);
    attributes.list("words", command.span, command.words.iter().map(word).collect());
    let (subcommand, operands) = arguments.subcommand();
    attributes.maybe("subcommand", subcommand.map(word));
    attributes.list("operands", command.span, operands.iter().map(|operand| word(operand)).collect());
    let flags = arguments.flags.iter().map(|(flag, span)| Node::text(*span, flag.as_str())).collect();
    attributes.list("flags", command.span, flags);
    let options = arguments.options.iter().map(|(name, value)| Entry::new(value.span, name, value.clone())).collect();
    attributes.node("options", Node::mapping(command.span, options));
    attributes.maybe("packages", packages::node(command.span, arguments));
    let assignments = command.assignments.iter().map(|a| Entry::new(a.span, &a.name, word(&a.value))).collect();
    attributes.node("assignments", Node::mapping(command.span, assignments));
    attributes.list("redirects", command.span, command.redirects.iter().map(redirect).collect());
    attributes.node("pipeline", pipeline(command, name_span, upstream));
    if let Some(operator) = command.operator {
        attributes.text("operator", name_span, operator.as_str());
    }
    if let Some(wrapper) = &command.wrapper {
        attributes.text("wrapper", name_span, wrapper.as_str());
    }
    attributes.text("instruction", name_span, instruction);
    attributes.finish()
}

fn redirect(redirect: &crate::document::shell::Redirect) -> Node {
    let mut attributes = Attributes::new(redirect.span);
    attributes.text("operator", redirect.span, redirect.operator.as_str());
    attributes.node("target", word(&redirect.target));
    attributes.finish()
}

fn pipeline(command: &Command, span: Span, upstream: &Upstream) -> Node {
    let mut attributes = Attributes::new(command.span);
    attributes.number("index", span, command.pipeline.index);
    attributes.number("length", span, command.pipeline.length);
    for (key, name) in [("previous", &upstream.previous), ("first", &upstream.first)] {
        if let Some(name) = name {
            attributes.text(key, span, name.as_str());
        }
    }
    attributes.finish()
}
