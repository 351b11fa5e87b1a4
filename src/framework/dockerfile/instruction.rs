//! The view of one instruction, and what it changes for those behind it.

use super::context::{Context, Shell, carried};
use super::nodes::{Attributes, known};
use super::run;
use crate::document::dockerfile::{Instruction, Keyword, Pair, pairs, words};
use crate::document::excerpt::Word;
use crate::document::node::{Entry, Node};

/// Suffixes of archives that `ADD` unpacks.
const ARCHIVES: &[&str] = &[
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz",
    ".tbz2",
    ".tb2",
    ".tar.xz",
    ".txz",
    ".tar.zst",
    ".tar.lz",
    ".tlz",
    ".tar.lzma",
    ".tz",
    ".tar.z",
    ".tpz",
    ".gz",
    ".bz2",
    ".xz",
    ".lzma",
    ".lz",
    ".z",
];

/// Pairs of one `ENV` that the others are compared with at most.
const MAX_SIBLINGS: usize = 64;

/// The attributes of an instruction. `index` counts those of its kind in the stage.
pub(super) fn attributes(context: &mut Context, instruction: &Instruction, index: usize) -> Attributes {
    let head = instruction.keyword_span;
    let mut attributes = Attributes::new(instruction.span);
    attributes.text("instruction", head, instruction.keyword.as_str());
    let value_span = instruction.arguments.whole();
    attributes.text("value", value_span, instruction.arguments.as_str());
    attributes.number("index", head, index);
    if !context.admits(0, instruction.flags.len() + argument_count(instruction), head) {
        attributes.open();
        return attributes;
    }
    if !instruction.flags.is_empty() {
        let flags = instruction.flags.iter().map(|flag| {
            let value = flag.value.as_ref().map_or_else(
                || Node::plain(flag.span, "true"),
                |value| known(value.span, context.expand(value.as_str())),
            );
            Entry::new(flag.span, &flag.name, value)
        });
        attributes.node("flags", Node::mapping(head, flags.collect()));
    }
    match instruction.keyword {
        Keyword::Add | Keyword::Copy => copy(&mut attributes, context, instruction),
        Keyword::Arg | Keyword::Env => assignments(&mut attributes, context, instruction),
        Keyword::Label => labels(&mut attributes, context, instruction),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => execution(&mut attributes, context, instruction),
        Keyword::Expose => {
            let ports = words(instruction).iter().map(|word| port(context, word)).collect();
            attributes.list("ports", value_span, ports);
        }
        Keyword::User => user(&mut attributes, context, instruction),
        Keyword::Workdir => workdir(&mut attributes, context, instruction),
        Keyword::Volume => {
            let is_json = instruction.exec.is_some();
            let paths = words(instruction).iter().map(|word| expanded(context, word, is_json)).collect();
            attributes.list("paths", value_span, paths);
        }
        Keyword::Stopsignal => attributes.known("signal", value_span, context.expand(instruction.arguments.as_str())),
        Keyword::Shell => {
            let words = instruction.exec.as_deref().unwrap_or_default();
            attributes.list("words", value_span, words.iter().map(super::nodes::word).collect());
            let shell = shell_of(words);
            attributes.flag("pipefail", value_span, shell.has_pipefail);
            context.shell = shell;
        }
        Keyword::Healthcheck => {
            attributes.flag("none", value_span, instruction.nested.is_none());
            if let Some(command) = &instruction.nested {
                let mut inner = Attributes::new(command.span);
                execution(&mut inner, context, command);
                attributes.node("command", inner.finish());
            }
        }
        Keyword::From | Keyword::Maintainer | Keyword::Onbuild => {}
    }
    attributes
}

/// About how many words are shown of the arguments. Those of a shell's commands are counted where they are parted.
fn argument_count(instruction: &Instruction) -> usize {
    match (&instruction.exec, instruction.keyword) {
        (Some(words), _) => words.len(),
        (None, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint) => 0,
        (None, _) => instruction.arguments.as_str().split_whitespace().count(),
    }
}

/// The shell that `SHELL` starts.
fn shell_of(words: &[Word]) -> Shell {
    let program = words.first().map_or("", Word::as_str);
    let has_pipefail = words.iter().any(|word| word.as_str() == "pipefail");
    Shell { is_bourne: run::is_bourne(program), has_pipefail }
}

fn execution(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let span = instruction.arguments.whole();
    attributes.text("form", span, if instruction.exec.is_some() { "exec" } else { "shell" });
    if let Some(words) = &instruction.exec {
        attributes.list("words", span, words.iter().map(super::nodes::word).collect());
    }
    for flag in instruction.flags.iter().filter(|flag| matches!(flag.name.as_str(), "network" | "security")) {
        let Some(value) = &flag.value else { continue };
        attributes.known(&flag.name, value.span, context.expand(value.as_str()));
    }
    run::add(attributes, context, instruction);
}

/// A word with its variables put in; a word of a JSON list keeps its quotes.
fn expanded(context: &mut Context, word: &Word, is_json: bool) -> Node {
    if is_json && word.is_known && !word.as_str().contains('$') {
        return Node::text(word.span, word.as_str());
    }
    known(word.span, context.expand(word.as_str()))
}

fn copy(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let span = instruction.arguments.whole();
    let words: Vec<Word> = words(instruction);
    let is_json = instruction.exec.is_some();
    let is_opener = |word: &Word| instruction.here_documents.iter().any(|document| document.opener == word.span);
    let mut nodes: Vec<Node> =
        words.iter().filter(|word| !is_opener(word)).map(|word| expanded(context, word, is_json)).collect();
    let destination = nodes.pop();
    let raw_destination = words.last().map_or("", Word::as_str);
    if let Some(destination) = destination {
        let is_absolute = is_absolute(destination.as_str(), raw_destination);
        attributes.known_flag("destination_is_absolute", destination.span, is_absolute);
        attributes.node("destination", destination);
    }
    let any = |test: &dyn Fn(&str) -> bool| nodes.iter().filter_map(Node::as_str).any(test);
    let (has_url, has_git) = (any(&|source| is_url(source)), any(&|source| is_git(source)));
    let has_archive = any(&|source| is_archive(source));
    let all_known = nodes.iter().all(|node| node.as_str().is_some());
    let found = |holds: bool| (holds || all_known).then_some(holds);
    attributes.known_flag("has_url", span, found(has_url));
    attributes.known_flag("has_git", span, found(has_git));
    attributes.known_flag("has_archive", span, found(has_archive));
    attributes.number("source_count", span, nodes.len() + instruction.here_documents.len());
    attributes.list("sources", span, nodes);
    attributes.flag("heredoc", span, !instruction.here_documents.is_empty());
    attributes.text("form", span, if is_json { "exec" } else { "shell" });
    for flag in &instruction.flags {
        let value = match &flag.value {
            Some(value) => known(value.span, context.expand(value.as_str())),
            None => Node::plain(flag.span, "true"),
        };
        if flag.name == "from" {
            let stage = value.as_str().map(|name| context.stage_named(name));
            if let Some(Some(index)) = stage {
                context.used.insert(index);
            }
            attributes.known_flag("from_stage", value.span, stage.map(|stage| stage.is_some()));
            let own = value.as_str().map(|name| is_own(context, name));
            attributes.known_flag("from_own_stage", value.span, own);
        }
        if matches!(flag.name.as_str(), "from" | "chown" | "chmod" | "checksum" | "link" | "parents" | "exclude") {
            attributes.node(&flag.name, value);
        }
    }
    attributes.maybe("workdir", context.workdir.clone());
}

/// Whether a name in `--from` is the stage that it stands in.
fn is_own(context: &Context, name: &str) -> bool {
    context.stage.as_ref().is_some_and(|(index, alias)| {
        alias.as_ref().is_some_and(|alias| alias.eq_ignore_ascii_case(name)) || name.parse() == Ok(*index)
    })
}

fn is_url(source: &str) -> bool {
    source.starts_with("http://") || source.starts_with("https://")
}

fn is_git(source: &str) -> bool {
    source.starts_with("git@")
        || source.starts_with("git://")
        || source.starts_with("ssh://")
        || (is_url(source) && source.split('#').next().is_some_and(|address| address.strip_suffix(".git").is_some()))
}

pub(super) fn is_archive(source: &str) -> bool {
    let lower = source.to_ascii_lowercase();
    ARCHIVES.iter().any(|suffix| lower.ends_with(suffix))
}

/// Whether a path begins at the root, on Unix or on Windows. `raw` decides when its variables are not known.
fn is_absolute(path: Option<&str>, raw: &str) -> Option<bool> {
    let text = path.unwrap_or(raw).trim_matches(['"', '\'']);
    let mut characters = text.chars();
    let (first, second) = (characters.next(), characters.next());
    let is_drive = first.is_some_and(|c| c.is_ascii_alphabetic()) && second == Some(':');
    if matches!(first, Some('/' | '\\')) || is_drive {
        return Some(true);
    }
    // Another variable in front, and it is not known what that begins with.
    if path.is_none() && first == Some('$') { None } else { Some(false) }
}

/// Declares what `ARG` and `ENV` declare. All values of one `ENV` see only what stands in front of it.
fn assignments(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let is_arg = instruction.keyword == Keyword::Arg;
    let pairs = pairs(instruction, context.escape);
    let mut values: Vec<(String, Option<String>)> = Vec::new();
    let mut nodes = Vec::new();
    for (at, pair) in pairs.iter().enumerate() {
        let name = pair.name.as_str().to_owned();
        let value = match &pair.value {
            Some(value) => context.expand(value.as_str()),
            None => context.variables.get(&name).or_else(|| context.globals.get(&name)).flatten().map(str::to_owned),
        };
        let refers_to_sibling = pair.value.as_ref().is_some_and(|value| {
            let siblings = pairs.iter().enumerate().take(MAX_SIBLINGS).filter(|(other, _)| *other != at);
            siblings
                .map(|(_, sibling)| sibling.name.as_str())
                .any(|sibling| context.variables.get(sibling).is_none() && mentions(value.as_str(), sibling))
        });
        nodes.push(pair_node(pair, value.clone(), (!is_arg).then_some(refers_to_sibling)));
        if is_arg {
            context.variables.set(&name, value.as_deref());
        } else {
            values.push((name, value));
        }
    }
    for (name, value) in values {
        context.variables.set(&name, value.as_deref());
    }
    attributes.list("pairs", instruction.arguments.whole(), nodes);
}

/// Whether a raw text uses the variable `name`.
fn mentions(text: &str, name: &str) -> bool {
    text.split('$').skip(1).any(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        rest.strip_prefix(name).is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

fn pair_node(pair: &Pair, value: Option<String>, refers_to_sibling: Option<bool>) -> Node {
    let mut attributes = Attributes::new(pair.span);
    attributes.text("name", pair.name.span, pair.name.as_str());
    if let Some(written) = &pair.value {
        attributes.known("value", written.span, value);
        attributes.text("raw", written.span, written.as_str());
    }
    if let Some(holds) = refers_to_sibling {
        attributes.flag("refers_to_sibling", pair.span, holds);
    }
    attributes.finish()
}

fn labels(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let mut nodes = Vec::new();
    for pair in pairs(instruction, context.escape) {
        let mut label = Attributes::new(pair.span);
        label.known("key", pair.name.span, context.expand(pair.name.as_str()));
        if let Some(value) = &pair.value {
            label.known("value", value.span, context.expand(value.as_str()));
        }
        nodes.push(label.finish());
    }
    attributes.list("labels", instruction.arguments.whole(), nodes);
}

fn port(context: &mut Context, word: &Word) -> Node {
    let mut attributes = Attributes::new(word.span);
    let Some(text) = context.expand(word.as_str()) else {
        for key in ["text", "port", "end", "protocol"] {
            attributes.node(key, Node::unknown(word.span));
        }
        return attributes.finish();
    };
    let (ports, protocol) = text.split_once('/').unwrap_or((&text, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    attributes.node("port", Node::plain(word.span, first));
    attributes.node("end", Node::plain(word.span, last));
    attributes.text("protocol", word.span, protocol.to_ascii_lowercase());
    attributes.text("text", word.span, text.as_str());
    attributes.finish()
}

fn user(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let span = instruction.arguments.whole();
    let raw = instruction.arguments.as_str();
    let node = if let Some(text) = context.expand(raw) {
        let (user, group) = text.split_once(':').map_or((text.as_str(), None), |(user, group)| (user, Some(group)));
        if let Some(group) = group {
            attributes.text("group", span, group);
        }
        Node::text(span, user.trim())
    } else {
        // `1000:$GROUP`: the part in front of the colon may be known alone. In a variable there may be both.
        let user = raw.split_once(':').filter(|(user, _)| !user.contains("${"));
        attributes.node("group", Node::unknown(span));
        known(span, user.and_then(|(user, _)| context.expand(user)))
    };
    context.user = Some(carried(&node));
    attributes.node("user", node);
}

fn workdir(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let span = instruction.arguments.whole();
    let raw = instruction.arguments.as_str();
    let path = context.expand(raw);
    attributes.known_flag("is_absolute", span, is_absolute(path.as_deref(), raw));
    let node = known(span, path);
    context.workdir = Some(carried(&node));
    attributes.node("path", node);
}
