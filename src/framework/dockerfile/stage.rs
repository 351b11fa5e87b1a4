//! The tree of a file: its stages, and in each its instructions by name.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::context::{Context, Shell, carried};
use super::nodes::{Attributes, known};
use super::{image, instruction, neighbours};
use crate::document::ParseError;
use crate::document::dockerfile::{Dockerfile, Instruction, Keyword, Variables, words};
use crate::document::excerpt::Word;
use crate::document::node::{Entry, Node};
use crate::span::Span;

/// Most stages of a file; those behind are not read.
const MAX_STAGES: usize = 256;
/// Most variables and labels that a stage takes over from the one it is built on.
const MAX_INHERITED: usize = 256;

/// Most comments that are listed.
const MAX_COMMENTS: usize = 1024;

/// A stage that is read or being read.
struct Stage {
    attributes: Attributes,
    span: Span,
    header: Span,
    /// The stage that it is built on.
    below: Option<usize>,
    from: Node,
    /// Its instructions in order, by name.
    sequence: Vec<Node>,
    groups: BTreeMap<Keyword, Vec<Node>>,
    /// What a stage on top of it begins with.
    legacy: Legacy,
}

/// What a stage takes over from the one that it is built on.
#[derive(Clone, Default)]
struct Legacy {
    variables: Option<Rc<Variables>>,
    shell: Shell,
    user: Option<Node>,
    workdir: Option<Node>,
    environment: Vec<Entry>,
    labels: Vec<Entry>,
    has_healthcheck: bool,
    /// The image below all stages.
    base: Option<Node>,
}

/// The key under which a stage holds its instructions of a kind.
pub(super) fn key(keyword: Keyword) -> &'static str {
    match keyword {
        Keyword::Add => "add",
        Keyword::Arg => "arg",
        Keyword::Cmd => "cmd",
        Keyword::Copy => "copy",
        Keyword::Entrypoint => "entrypoint",
        Keyword::Env => "env",
        Keyword::Expose => "expose",
        Keyword::From => "from",
        Keyword::Healthcheck => "healthcheck",
        Keyword::Label => "label",
        Keyword::Maintainer => "maintainer",
        Keyword::Onbuild => "onbuild",
        Keyword::Run => "run",
        Keyword::Shell => "shell",
        Keyword::Stopsignal => "stopsignal",
        Keyword::User => "user",
        Keyword::Volume => "volume",
        Keyword::Workdir => "workdir",
    }
}

/// The tree of the file with this `text`.
pub(super) fn file(file: &Dockerfile, text: &str, errors: &mut Vec<ParseError>) -> Node {
    let mut context = Context::new(file.escape);
    let whole = Span::new(0, text.len());
    let first = file.instructions.first().map_or(Span::new(0, 0), |instruction| instruction.keyword_span);
    let mut preamble: BTreeMap<Keyword, Vec<Node>> = BTreeMap::new();
    let mut stages: Vec<Stage> = Vec::new();
    let mut previous = "";
    for instruction in &file.instructions {
        if instruction.keyword == Keyword::From {
            if stages.len() == MAX_STAGES {
                let message = format!("the rest is not read: there are more than {MAX_STAGES} stages");
                errors.push(ParseError { offset: instruction.span.start, message });
                break;
            }
            match stages.last_mut() {
                Some(stage) => close(stage, &mut context),
                None => context.globals = context.variables.clone(),
            }
            let stage = open(&mut context, instruction, &stages);
            stages.push(stage);
        } else if let Some(stage) = stages.last_mut() {
            add(stage, &mut context, instruction);
        } else {
            let group = preamble.entry(instruction.keyword).or_default();
            let mut node = built(&mut context, instruction, group.len());
            node.flag("is_misplaced", instruction.keyword_span, instruction.keyword != Keyword::Arg);
            node.text("previous", instruction.keyword_span, previous);
            group.push(node.finish());
            previous = instruction.keyword.as_str();
        }
    }
    if let Some(stage) = stages.last_mut() {
        close(stage, &mut context);
    }
    errors.append(&mut context.errors);
    let mut attributes = Attributes::new(whole);
    for directive in &file.directives {
        attributes.text(&directive.name, directive.value_span, directive.value.as_str());
    }
    let count = stages.len();
    attributes.number("stage_count", first, count);
    let shipped = shipped(&stages);
    let nodes = stages.into_iter().zip(shipped).enumerate();
    let nodes = nodes.map(|(index, (stage, ships))| {
        let uses = Uses { is_final: index + 1 == count, is_used: context.used.contains(&index), ships };
        finish(stage, &uses)
    });
    let nodes = nodes.collect();
    let comments = file.comments.iter().filter_map(|span| Some(Node::text(*span, text.get(span.start..span.end)?)));
    attributes.list("comments", first, comments.take(MAX_COMMENTS).map(comment).collect());
    attributes.list("stages", first, nodes);
    neighbours::mark(&mut preamble);
    for (keyword, group) in preamble {
        attributes.list(key(keyword), first, group);
    }
    attributes.finish()
}

/// An instruction with the one in it.
fn built(context: &mut Context, instruction: &Instruction, index: usize) -> Attributes {
    let mut attributes = instruction::attributes(context, instruction, index);
    if instruction.keyword == Keyword::Onbuild
        && let Some(nested) = &instruction.nested
    {
        // It happens in another build: nothing of it holds for the instructions behind.
        let variables = Rc::new(std::mem::take(&mut context.variables));
        let programs = std::mem::take(&mut context.programs);
        let before = (context.shell, context.user.clone(), context.workdir.clone());
        context.variables = Variables::of_stage_on(Some(Rc::clone(&variables)));
        let mut trigger = instruction::attributes(context, nested, 0);
        trigger.flag("onbuild", instruction.keyword_span, true);
        attributes.node("trigger", trigger.finish());
        (context.shell, context.user, context.workdir) = before;
        context.programs = programs;
        // What was declared on top of them goes first, so that they are nobody else's.
        context.variables = Variables::default();
        context.variables = Rc::unwrap_or_clone(variables);
    }
    attributes
}

/// Begins a stage.
fn open(context: &mut Context, instruction: &Instruction, stages: &[Stage]) -> Stage {
    let index = stages.len();
    let head = instruction.keyword_span;
    let words = words(instruction);
    let globals = std::mem::take(&mut context.globals);
    let mut attributes = Attributes::new(instruction.span);
    let word = words.first();
    let (raw, image_span) = word.map_or(("", head), |word| (word.as_str(), word.span));
    let mut parts = Attributes::new(image_span);
    let image = image::add(&mut parts, image_span, raw, &globals, &mut context.expander);
    let parts = parts.finish();
    attributes.text("image_text", image_span, raw);
    for entry in parts.as_mapping().unwrap_or_default() {
        attributes.node(entry.key.as_str().unwrap_or_default(), entry.value.clone());
    }
    let base = image.as_deref().map(|name| context.aliases.get(&name.to_ascii_lowercase()).copied());
    attributes.known_flag("from_stage", image_span, base.map(|base| base.is_some()));
    attributes.known_flag("is_scratch", image_span, image.as_deref().map(|name| name == "scratch"));
    if let Some(flag) = instruction.flags.iter().find(|flag| flag.name == "platform")
        && let Some(value) = &flag.value
    {
        attributes.known("platform", value.span, context.expander.expand(value.as_str(), &globals));
        attributes.text("platform_text", value.span, value.as_str());
    }
    let alias = alias(&words);
    if let Some(alias) = alias {
        attributes.text("as", alias.span, alias.as_str());
        let is_taken = context.aliases.contains_key(&alias.as_str().to_ascii_lowercase());
        attributes.flag("as_is_duplicate", alias.span, is_taken);
    }
    let below = base.flatten().and_then(|base| stages.get(base).map(|stage| (base, stage)));
    let mut legacy = below.map(|(_, stage)| stage.legacy.clone()).unwrap_or_default();
    if let Some((base, _)) = below {
        context.used.insert(base);
        attributes.number("base_stage", image_span, base);
    }
    legacy.base = match (below, base) {
        (Some((_, stage)), _) => stage.legacy.base.clone(),
        (None, _) => Some(short_parts(parts)),
    };
    attributes.maybe("base", legacy.base.clone());
    // The alias is known from here on: a stage cannot be built on itself, but its name hides an older one.
    if let Some(alias) = alias {
        context.aliases.insert(alias.as_str().to_ascii_lowercase(), index);
    }
    context.stage = Some((index, alias.map(|alias| alias.as_str().to_owned())));
    context.globals = globals;
    context.variables = Variables::of_stage_on(legacy.variables.clone());
    context.shell = legacy.shell;
    context.user.clone_from(&legacy.user);
    context.workdir.clone_from(&legacy.workdir);
    context.programs = BTreeSet::new();
    let mut from = instruction::attributes(context, instruction, index);
    for entry in attributes.finish().as_mapping().unwrap_or_default() {
        from.node(entry.key.as_str().unwrap_or_default(), entry.value.clone());
    }
    let from = from.finish();
    let mut attributes = Attributes::new(instruction.span);
    for entry in from.as_mapping().unwrap_or_default() {
        let name = entry.key.as_str().unwrap_or_default();
        if !matches!(name, "instruction" | "value" | "flags") {
            attributes.node(name, entry.value.clone());
        }
    }
    let sequence = vec![Node::text(head, Keyword::From.as_str())];
    let below = below.map(|(index, _)| index);
    Stage { attributes, span: instruction.span, header: head, below, from, sequence, groups: BTreeMap::new(), legacy }
}

/// The parts of an image that stages carry along; of a long name nothing.
fn short_parts(parts: Node) -> Node {
    let is_short = |entry: &Entry| carried(&entry.value) == entry.value;
    let all_short = parts.as_mapping().unwrap_or_default().iter().all(is_short);
    if all_short { parts } else { Node::unknown(parts.span) }
}

/// The name behind `AS`.
fn alias(words: &[Word]) -> Option<&Word> {
    match words {
        [_, word, alias, ..] if word.as_str().eq_ignore_ascii_case("as") => Some(alias),
        _ => None,
    }
}

/// Adds an instruction to a stage.
fn add(stage: &mut Stage, context: &mut Context, instruction: &Instruction) {
    let keyword = instruction.keyword;
    let index = stage.groups.get(&keyword).map_or(0, Vec::len);
    let previous = stage.sequence.last().and_then(Node::as_str).unwrap_or_default().to_owned();
    let mut attributes = built(context, instruction, index);
    attributes.text("previous", instruction.keyword_span, previous);
    let node = attributes.finish();
    match keyword {
        Keyword::Env => inherit(&mut stage.legacy.environment, &node, "pairs", "name"),
        Keyword::Label => inherit(&mut stage.legacy.labels, &node, "labels", "key"),
        Keyword::Healthcheck => stage.legacy.has_healthcheck = instruction.nested.is_some(),
        _ => {}
    }
    stage.span = Span::new(stage.span.start, instruction.span.end.max(stage.span.end));
    stage.sequence.push(Node::text(instruction.keyword_span, keyword.as_str()));
    stage.groups.entry(keyword).or_default().push(node);
}

/// Adds names with their values to those that a stage hands on.
fn inherit(entries: &mut Vec<Entry>, node: &Node, list: &str, name: &str) {
    for pair in node.get(list).and_then(Node::as_sequence).unwrap_or_default() {
        let Some(key) = pair.get(name).filter(|key| carried(key) == **key) else { continue };
        let Some(text) = key.as_str() else { continue };
        let value = pair.get("value").map_or_else(|| known(key.span, None), carried);
        let entry = Entry { key: key.clone(), value };
        if let Some(old) = entries.iter_mut().find(|entry| entry.key.as_str() == Some(text)) {
            *old = entry;
        } else if entries.len() < MAX_INHERITED {
            entries.push(entry);
        }
    }
}

/// Ends a stage: what holds at its end.
fn close(stage: &mut Stage, context: &mut Context) {
    let head = stage.header;
    stage.legacy.variables = Some(Rc::new(std::mem::take(&mut context.variables)));
    stage.legacy.shell = context.shell;
    stage.legacy.user = context.user.take();
    stage.legacy.workdir = context.workdir.take();
    let attributes = &mut stage.attributes;
    attributes.flag("user_is_set", head, stage.legacy.user.is_some());
    attributes.maybe("last_user", stage.legacy.user.clone());
    attributes.maybe("last_workdir", stage.legacy.workdir.clone());
    attributes.flag("has_healthcheck", head, stage.legacy.has_healthcheck);
    attributes.node("environment", Node::mapping(head, stage.legacy.environment.clone()));
    attributes.node("labels", Node::mapping(head, stage.legacy.labels.clone()));
    let programs = std::mem::take(&mut context.programs);
    attributes.list("programs", head, programs.into_iter().map(|name| Node::text(head, name)).collect());
}

fn comment(text: Node) -> Node {
    Node::mapping(text.span, vec![Entry::new(text.span, "text", text)])
}

/// For each stage whether its layers are in the image of the last one.
fn shipped(stages: &[Stage]) -> Vec<bool> {
    let mut ships = vec![false; stages.len()];
    let mut next = stages.len().checked_sub(1);
    while let Some(index) = next {
        ships[index] = true;
        // A stage is built on an earlier one, so this ends.
        next = stages[index].below.filter(|&below| below < index);
    }
    ships
}

/// What becomes of a stage.
struct Uses {
    is_final: bool,
    is_used: bool,
    ships: bool,
}

/// The node of a stage, when the whole file is read.
fn finish(mut stage: Stage, uses: &Uses) -> Node {
    neighbours::mark(&mut stage.groups);
    let mut attributes = stage.attributes;
    attributes.flag("is_final", stage.header, uses.is_final);
    attributes.flag("is_used", stage.header, uses.is_used);
    attributes.flag("ships", stage.header, uses.ships);
    attributes.list("instructions", stage.header, stage.sequence);
    attributes.node("from", stage.from);
    for (keyword, group) in stage.groups {
        attributes.list(key(keyword), stage.header, group);
    }
    let mut node = attributes.finish();
    node.span = stage.span;
    node
}
