//! Commands that run the command in their arguments: `sudo apt-get update`, `sh -c '…'`.

use super::reader::{self, assignment};
use super::word::joined;
use super::{Command, MAX_COMMANDS, MAX_DEPTH};
use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// Shells that take a script after `-c`.
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash", "zsh", "ksh", "mksh"];

/// How a wrapper finds the command.
struct Wrapper {
    name: &'static str,
    /// Options whose value is the next word.
    with_value: &'static [&'static str],
    /// Words between the options and the command.
    operands: usize,
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "sudo",
        with_value: &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "-D", "-R", "-T", "--user", "--group"],
        operands: 0,
    },
    Wrapper { name: "doas", with_value: &["-u", "-C"], operands: 0 },
    Wrapper { name: "env", with_value: &["-u", "--unset", "-C", "--chdir"], operands: 0 },
    Wrapper { name: "exec", with_value: &["-a"], operands: 0 },
    Wrapper { name: "nice", with_value: &["-n", "--adjustment"], operands: 0 },
    Wrapper { name: "ionice", with_value: &["-c", "-n", "--class", "--classdata"], operands: 0 },
    Wrapper {
        name: "xargs",
        with_value: &["-I", "-n", "-P", "-L", "-d", "-E", "-s", "-a", "--max-args", "--max-procs", "--delimiter"],
        operands: 0,
    },
    Wrapper { name: "time", with_value: &["-f", "-o", "--format", "--output"], operands: 0 },
    Wrapper { name: "nohup", with_value: &[], operands: 0 },
    Wrapper { name: "setsid", with_value: &[], operands: 0 },
    Wrapper { name: "command", with_value: &[], operands: 0 },
    Wrapper { name: "builtin", with_value: &[], operands: 0 },
    Wrapper { name: "eatmydata", with_value: &[], operands: 0 },
    Wrapper { name: "tini", with_value: &["-p", "-e"], operands: 0 },
    Wrapper { name: "dumb-init", with_value: &["-r", "--rewrite"], operands: 0 },
    Wrapper { name: "stdbuf", with_value: &["-i", "-o", "-e"], operands: 0 },
    Wrapper { name: "timeout", with_value: &["-s", "-k", "--signal", "--kill-after"], operands: 1 },
    Wrapper { name: "chroot", with_value: &[], operands: 1 },
    Wrapper { name: "gosu", with_value: &[], operands: 1 },
    Wrapper { name: "su-exec", with_value: &[], operands: 1 },
];

/// Whether a program of this name or path is a shell of the Bourne family.
pub(super) fn is_shell(path: &str) -> bool {
    SHELLS.contains(&path.rsplit('/').next().unwrap_or(path))
}

/// Adds a command, and then what it runs.
pub(super) fn push_with_wrapped(command: Command, depth: usize, out: &mut Vec<Command>) {
    if out.len() >= MAX_COMMANDS {
        return;
    }
    let wrapped = if depth + 1 < MAX_DEPTH { wrapped(&command) } else { Wrapped::Nothing };
    let (name, pipeline, operator) = (command.name().to_owned(), command.pipeline, command.operator);
    out.push(command);
    match wrapped {
        Wrapped::Nothing => {}
        Wrapped::Commands(commands) => {
            for words in commands {
                let Some(mut inner) = of_words(words) else { continue };
                inner.pipeline = pipeline;
                inner.operator = operator;
                inner.wrapper = Some(name.clone());
                push_with_wrapped(inner, depth + 1, out);
            }
        }
        Wrapped::Script(script) => {
            let first = out.len();
            reader::read(&script, depth + 1, out);
            for inner in out.iter_mut().skip(first) {
                inner.wrapper.get_or_insert_with(|| name.clone());
            }
        }
    }
}

enum Wrapped {
    Nothing,
    Commands(Vec<Vec<Word>>),
    Script(Excerpt),
}

/// The command that `words` make, assignments in front taken off.
fn of_words(words: Vec<Word>) -> Option<Command> {
    let span = Span::new(words.first()?.span.start, words.last()?.span.end);
    let mut command = Command {
        span,
        words: Vec::new(),
        assignments: Vec::new(),
        redirects: Vec::new(),
        pipeline: super::Pipeline { index: 0, length: 1 },
        operator: None,
        wrapper: None,
    };
    for word in words {
        match assignment(&word) {
            Some(assignment) if command.words.is_empty() => command.assignments.push(assignment),
            _ => command.words.push(word),
        }
    }
    (!command.words.is_empty()).then_some(command)
}

fn wrapped(command: &Command) -> Wrapped {
    let name = command.name();
    let arguments = command.words.get(1..).unwrap_or_default();
    if is_shell(name) || name == "su" {
        return script(arguments).map_or(Wrapped::Nothing, |word| Wrapped::Script(word.text.clone()));
    }
    match name {
        "eval" => return Wrapped::Script(joined(arguments)),
        "find" => return Wrapped::Commands(executed_by_find(arguments)),
        "command" if arguments.first().is_some_and(|word| matches!(word.as_str(), "-v" | "-V")) => {
            return Wrapped::Nothing;
        }
        _ => {}
    }
    let Some(wrapper) = WRAPPERS.iter().find(|wrapper| wrapper.name == name) else { return Wrapped::Nothing };
    let mut at = 0;
    while let Some(word) = arguments.get(at).map(Word::as_str) {
        if word == "--" {
            at += 1;
            break;
        }
        if !word.starts_with('-') {
            break;
        }
        at += if wrapper.with_value.contains(&word) { 2 } else { 1 };
    }
    at += wrapper.operands;
    match arguments.get(at..) {
        Some(words) if !words.is_empty() => Wrapped::Commands(vec![words.to_vec()]),
        _ => Wrapped::Nothing,
    }
}

/// The script of `sh -c script`.
fn script(arguments: &[Word]) -> Option<&Word> {
    let mut takes_script = false;
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let text = word.as_str();
        if text == "--command" {
            takes_script = true;
        } else if text == "-" || text.starts_with("--") {
            // A long option without a value.
        } else if let Some(letters) = text.strip_prefix(['-', '+']) {
            takes_script |= letters.contains('c');
            if letters.ends_with(['o', 'O']) {
                words.next();
            }
        } else if takes_script {
            return Some(word);
        } else if text.contains('/') || text.contains('.') {
            return None;
        }
    }
    None
}

/// The commands behind `-exec` and its like.
fn executed_by_find(arguments: &[Word]) -> Vec<Vec<Word>> {
    let mut commands = Vec::new();
    let mut open: Option<Vec<Word>> = None;
    for word in arguments {
        match (word.as_str(), &mut open) {
            (";" | "+", Some(_)) => commands.extend(open.take()),
            (_, Some(words)) => words.push(word.clone()),
            ("-exec" | "-execdir" | "-ok" | "-okdir", None) => open = Some(Vec::new()),
            _ => {}
        }
    }
    commands.extend(open);
    commands
}
