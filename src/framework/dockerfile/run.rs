//! What `RUN`, `CMD` and `ENTRYPOINT` run: the commands, and facts about all of them together.

use std::collections::BTreeSet;

use super::command::{self, Arguments};
use super::context::Context;
use super::nodes::{Attributes, known};
use super::packages;
use crate::document::dockerfile::Instruction;
use crate::document::excerpt::{Excerpt, Word};
use crate::document::node::{Entry, Node};
use crate::document::shell::{self, Command};
use crate::span::Span;

/// A cache of a package manager.
struct Cache {
    /// The attribute that says that it is cleaned or kept out of the image.
    attribute: &'static str,
    /// The programs that fill it, and clean it by one of the subcommands.
    tools: &'static [&'static str],
    subcommands: &'static [&'static str],
    /// The folders that it is in.
    folders: &'static [&'static str],
}

const fn cache(
    attribute: &'static str,
    tools: &'static [&'static str],
    subcommands: &'static [&'static str],
    folders: &'static [&'static str],
) -> Cache {
    Cache { attribute, tools, subcommands, folders }
}

const CACHES: &[Cache] = &[
    cache("cleans_apt_lists", &["apt-get", "apt", "aptitude"], &[], &["/var/lib/apt/lists", "/var/lib/apt"]),
    cache("cleans_apt_cache", &["apt-get", "apt", "aptitude"], &["clean", "autoclean"], &["/var/cache/apt"]),
    cache("cleans_apk", &["apk"], &["cache"], &["/var/cache/apk", "/etc/apk/cache"]),
    cache("cleans_yum", &["yum"], &["clean"], &["/var/cache/yum"]),
    cache("cleans_dnf", &["dnf", "dnf5"], &["clean"], &["/var/cache/dnf", "/var/cache/libdnf5"]),
    cache("cleans_microdnf", &["microdnf"], &["clean"], &["/var/cache/yum", "/var/cache/dnf"]),
    cache("cleans_tdnf", &["tdnf"], &["clean"], &["/var/cache/tdnf"]),
    cache("cleans_zypper", &["zypper"], &["clean", "cc"], &["/var/cache/zypp"]),
    cache("cleans_pip", &["pip"], &["cache"], &["/root/.cache/pip", "/root/.cache", "~/.cache/pip", "~/.cache"]),
    cache("cleans_npm", &["npm"], &["cache"], &["/root/.npm", "~/.npm"]),
    cache("cleans_yarn", &["yarn"], &["cache"], &["/usr/local/share/.cache", "/root/.cache/yarn", "~/.cache/yarn"]),
];

/// The commands of an instruction, without a shell in between or with the one that is in effect.
///
/// `None` when that shell is not of the Bourne family or the script is for another interpreter.
pub(super) fn commands(context: &Context, instruction: &Instruction) -> Option<Vec<Command>> {
    if let Some(words) = &instruction.exec {
        return Some(shell::from_words(words.clone()));
    }
    let openers = instruction.arguments.as_str();
    if let [document] = instruction.here_documents.as_slice()
        && openers.starts_with("<<")
        && !openers.contains(char::is_whitespace)
    {
        // The body is the script.
        let body = document.body.as_str();
        let first = body.trim_start().lines().next().unwrap_or_default();
        return match first.strip_prefix("#!") {
            Some(interpreter) if !is_bourne(interpreter) => None,
            None if !context.shell.is_bourne => None,
            _ => Some(shell::split_excerpt(&document.body)),
        };
    }
    if !context.shell.is_bourne {
        return None;
    }
    if instruction.here_documents.is_empty() {
        return Some(shell::split_excerpt(&instruction.arguments));
    }
    let mut script = Excerpt::default();
    script.push_part(&instruction.arguments, 0, openers.len());
    for (index, document) in instruction.here_documents.iter().enumerate() {
        let begin = document.full.whole().start;
        if index == 0 && !document.full.as_str().is_empty() {
            // What stands in front of the body: the line break, or a tab behind it.
            script.push("\n", begin.saturating_sub(1));
        }
        script.push_part(&document.full, 0, document.full.as_str().len());
    }
    Some(shell::split_excerpt(&script))
}

/// Whether the words of a `SHELL` or a `#!` line start a shell of the Bourne family.
pub(super) fn is_bourne(interpreter: &str) -> bool {
    let mut words = interpreter.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or(word));
    let first = words.next().unwrap_or_default();
    let name = if first == "env" { words.next().unwrap_or_default() } else { first };
    matches!(name, "sh" | "bash" | "ash" | "dash" | "zsh" | "ksh" | "mksh" | "busybox")
}

/// Adds `commands` and what follows from them.
pub(super) fn add(attributes: &mut Attributes, context: &mut Context, instruction: &Instruction) {
    let span = instruction.keyword_span;
    let mounts = mounts(context, instruction);
    let Some(commands) = commands(context, instruction).and_then(|commands| context.admit(commands, span)) else {
        for key in
            ["commands", "command_count", "has_pipe", "pipefail", "package_managers", "updates_index", "programs"]
        {
            attributes.node(key, Node::unknown(span));
        }
        for cache in CACHES {
            attributes.node(cache.attribute, Node::unknown(span));
        }
        attributes.list("mounts", span, mounts);
        return;
    };
    let arguments: Vec<Arguments> = commands.iter().map(Arguments::of).collect();
    let nodes = command::nodes(&commands, &arguments, instruction.keyword.as_str());
    attributes.list("commands", instruction.arguments.whole(), nodes);
    attributes.number("command_count", span, commands.iter().filter(|command| command.wrapper.is_none()).count());
    attributes.flag("has_pipe", span, commands.iter().any(|command| command.pipeline.length > 1));
    let pipefail = context.shell.has_pipefail || commands.iter().any(sets_pipefail);
    attributes.flag("pipefail", span, pipefail);
    let mut managers: BTreeSet<&str> = BTreeSet::new();
    let mut updates_index = false;
    for arguments in &arguments {
        let Some(subcommand) = arguments.subcommand().0 else { continue };
        if packages::installs(arguments.tool, subcommand.as_str()) {
            managers.insert(arguments.tool);
        }
        updates_index |= updates(arguments.tool, subcommand.as_str());
    }
    attributes.list("package_managers", span, managers.iter().map(|manager| Node::text(span, *manager)).collect());
    attributes.flag("updates_index", span, updates_index);
    let programs: BTreeSet<&str> = commands.iter().map(Command::name).filter(|name| !name.is_empty()).collect();
    attributes.list("programs", span, programs.iter().map(|name| Node::text(span, *name)).collect());
    for name in programs {
        context.programs.insert(name.to_owned());
    }
    for cache in CACHES {
        // What is cleaned before it is filled stays full.
        let filled = arguments.iter().rposition(|arguments| fills(arguments, cache)).unwrap_or(0);
        let behind = commands.iter().zip(&arguments).skip(filled);
        let is_cleaned = behind.into_iter().any(|(command, arguments)| match command.name() {
            "rm" => removes_folder(arguments, cache.folders),
            "find" => finds_and_deletes(command, cache.folders),
            _ => cleans(arguments, cache),
        });
        let is_kept_out = mounts.iter().any(|mount| keeps_out(mount, cache.folders));
        attributes.flag(cache.attribute, span, is_cleaned || is_kept_out);
    }
    attributes.list("mounts", span, mounts);
}

/// Whether a subcommand fetches the index of packages anew and does nothing else.
fn updates(tool: &str, subcommand: &str) -> bool {
    match tool {
        "apt-get" | "apt" | "aptitude" | "apk" | "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => {
            matches!(subcommand, "update" | "check-update" | "makecache")
        }
        "zypper" => matches!(subcommand, "refresh" | "ref" | "update" | "up"),
        _ => false,
    }
}

/// Whether a command leaves something in the cache.
fn fills(arguments: &Arguments, cache: &Cache) -> bool {
    let subcommand = arguments.subcommand().0.map(Word::as_str);
    let fills = |name| packages::installs(arguments.tool, name) || updates(arguments.tool, name) || name == "upgrade";
    cache.tools.contains(&arguments.tool) && subcommand.is_some_and(fills)
}

fn cleans(arguments: &Arguments, cache: &Cache) -> bool {
    let (subcommand, operands) = arguments.subcommand();
    let Some(subcommand) = subcommand.map(Word::as_str) else { return false };
    cache.tools.contains(&arguments.tool)
        && cache.subcommands.contains(&subcommand)
        && (subcommand != "cache"
            || operands.iter().any(|word| matches!(word.as_str(), "clean" | "purge" | "rm" | "remove")))
}

/// Whether `rm -r` takes one of the folders, or all that is in it.
fn removes_folder(arguments: &Arguments, folders: &[&str]) -> bool {
    arguments.operands.iter().any(|operand| {
        let text = operand.as_str().replace("${HOME}", "~").replace("$HOME", "~");
        let path = text.trim_end_matches('*').trim_end_matches('/');
        let path = path.split('{').next().unwrap_or(path).trim_end_matches('/');
        folders
            .iter()
            .any(|folder| path == *folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
            || (text.contains('{') && folders.iter().any(|folder| expands_to(&text, folder)))
    }) && (arguments.has_flag("-r")
        || arguments.has_flag("-R")
        || arguments.has_flag("--recursive")
        || arguments.has_flag("-f"))
}

/// Whether `a/{b,c}/d` names `folder` with one of its alternatives.
fn expands_to(text: &str, folder: &str) -> bool {
    let Some((front, rest)) = text.split_once('{') else { return false };
    let Some((alternatives, back)) = rest.split_once('}') else { return false };
    alternatives.split(',').take(64).any(|alternative| format!("{front}{alternative}{back}").starts_with(folder))
}

fn finds_and_deletes(command: &Command, folders: &[&str]) -> bool {
    let mut words = command.words.iter().map(Word::as_str);
    words.clone().any(|word| word == "-delete" || word == "rm")
        && words.any(|word| folders.contains(&word.trim_end_matches('/')))
}

/// Whether `set` turns `pipefail` on, or a shell is started with it.
fn sets_pipefail(command: &Command) -> bool {
    let is_shell = is_bourne(command.name());
    (is_shell || command.name() == "set")
        && command.words.windows(2).any(|pair| {
            let [option, value] = pair else { return false };
            value.as_str() == "pipefail" && option.as_str().starts_with('-') && option.as_str().ends_with('o')
        })
}

/// Whether a mount keeps one of the folders out of the image.
fn keeps_out(mount: &Node, folders: &[&str]) -> bool {
    let text = |key| mount.get(key).and_then(Node::as_str).unwrap_or_default();
    let target = text("target").trim_end_matches('/');
    let holds = |outer: &str, inner: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let covers = |folder: &&str| {
        // The folder of whichever user runs the build.
        let of_user = folder.strip_prefix("~").is_some_and(|rest| target.ends_with(rest));
        of_user || holds(folder, target) || (target.len() > 1 && holds(target, folder))
    };
    matches!(text("type"), "cache" | "tmpfs") && folders.iter().any(covers)
}

/// The `--mount` flags, each as a mapping. `target` and `source` stand for all their names.
fn mounts(context: &mut Context, instruction: &Instruction) -> Vec<Node> {
    let flags = instruction.flags.iter().filter(|flag| flag.name == "mount");
    flags
        .map(|flag| {
            let Some(value) = &flag.value else { return Node::unknown(flag.span) };
            let text = value.as_str().trim_matches('"');
            let mut entries: Vec<Entry> = Vec::new();
            for part in text.split(',').take(64) {
                let (key, value) = part.split_once('=').map_or((part, "true"), |(key, value)| (key, value));
                let key = match key.trim() {
                    "dst" | "destination" => "target",
                    "src" => "source",
                    "ro" => "readonly",
                    other => other,
                };
                entries.push(Entry::new(flag.span, key, known(flag.span, context.expand(value))));
            }
            if !entries.iter().any(|entry| entry.key.as_str() == Some("type")) {
                entries.push(Entry::new(flag.span, "type", Node::text(flag.span, "bind")));
            }
            Node::mapping(flag.span, entries)
        })
        .collect()
}

/// Where a command of the view stands in the tree: its span, for the header.
pub(super) fn header(command: &Node) -> Span {
    command.get("path").map_or(command.span, |path| path.span)
}
