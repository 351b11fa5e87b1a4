//! What the script of a step does: its shell, its commands, and what it writes for the steps behind it.

use super::attributes::Attributes;
use super::files::Place;
use super::located;
use crate::document::excerpt::{Excerpt, Word};
use crate::document::node::{Node, Value};
use crate::document::shell::{self, Command};
use crate::framework::dockerfile;
use crate::span::Span;

/// Files that set the environment and the path of the steps behind.
const ENVIRONMENT_FILES: &[&str] = &["GITHUB_ENV", "GITHUB_PATH"];

/// The shell of a step: its own, else the default of the job, of the workflow, of the runner.
pub(super) fn shell<'a>(place: &Place<'a>) -> Shell<'a> {
    let defaults = |node: &'a Node| node.at(&["defaults", "run", "shell"]);
    let written = place
        .step_node()
        .and_then(|step| step.get("shell"))
        .or_else(|| place.job.and_then(|job| defaults(&job.value)))
        .or_else(|| defaults(place.root));
    match written.map(|node| (&node.value, node)) {
        Some((Value::Scalar { text, .. }, _)) if !text.contains("${{") => {
            let program = text.split_whitespace().next().unwrap_or_default();
            let program = program.rsplit(['/', '\\']).next().unwrap_or_default();
            let program = program.strip_suffix(".exe").unwrap_or(program);
            Shell { name: Some(program), written }
        }
        Some(_) => Shell { name: None, written },
        None => Shell { name: default_shell(place), written: None },
    }
}

/// The shell of a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shell<'a> {
    /// The name of its program; `None` when it is not known.
    pub(super) name: Option<&'a str>,
    /// Where it is written.
    pub(super) written: Option<&'a Node>,
}

/// What runs a script where no shell is named: Bash, and on Windows `PowerShell`.
fn default_shell(place: &Place<'_>) -> Option<&'static str> {
    let Some(job) = place.job else { return Some("bash") };
    let labels = job.value.get("runs-on")?;
    let mut all = labels.as_sequence().unwrap_or(std::slice::from_ref(labels)).iter().filter_map(Node::as_str);
    // Most matrices of systems are written for Bash, or for both.
    let is_windows = all.any(|label| label.to_ascii_lowercase().contains("windows"));
    Some(if is_windows { "pwsh" } else { "bash" })
}

/// Whether it is a shell that reads `sh`.
fn is_bourne(name: &str) -> bool {
    matches!(name, "bash" | "sh" | "dash" | "zsh" | "ksh")
}

/// Shells that GitHub knows by name.
const WELL_KNOWN: &[&str] = &["bash", "cmd", "powershell", "pwsh", "python", "sh"];

/// Adds what the script of a step does.
pub(super) fn add(place: &Place<'_>, source: &str, attributes: &mut Attributes) {
    // A job that has `run` itself is one that GitHub refuses, and that others may still run.
    let Some(run) = place.step_node().or(place.job.map(|job| &job.value)).and_then(|node| node.get("run")) else {
        return;
    };
    let shell = shell(place);
    match shell.name {
        Some(name) => {
            attributes.text("shell_name", shell.written.map_or(run.span, |node| node.span), name);
            let is_known = WELL_KNOWN.contains(&name);
            attributes.flag("shell_is_well_known", shell.written.map_or(run.span, |node| node.span), is_known);
        }
        None => attributes.node("shell_name", Node::unknown(run.span)),
    }
    let Some(script) = located::text(run, source) else { return };
    let mut found = Attributes::default();
    describe(&script.excerpt, shell.name.unwrap_or("bash"), run.span, &mut found);
    attributes.append(found, script.whole);
}

/// Adds what the commands of `script` do.
fn describe(script: &Excerpt, shell: &str, span: Span, attributes: &mut Attributes) {
    let commands = commands(script, shell);
    attributes.list("commands", span, dockerfile::command_nodes(&commands, "run"));
    let writes = if is_bourne(shell) { written_by(&commands) } else { written_in_lines(script) };
    let writes = writes.into_iter().map(|write| {
        let mut attributes = Attributes::default();
        attributes.text("file", write.span, write.file);
        attributes.flag("is_static", write.span, write.is_static);
        attributes.finish(write.span)
    });
    attributes.list("environment_writes", span, writes.collect());
    attributes.list("remote_scripts", span, remote_scripts(&commands));
    if let Some(command) = commands.iter().find(|command| runs_repository_code(command)) {
        attributes.text("runs_code_of_repository", command.span, command.name());
    }
}

/// The commands of a script. In `PowerShell` a backtick at the end of a line continues it.
pub(super) fn commands(script: &Excerpt, shell: &str) -> Vec<Command> {
    match shell {
        "python" | "node" | "perl" | "ruby" => Vec::new(),
        "pwsh" | "powershell" => {
            let text = script.as_str();
            let mut joined = Excerpt::default();
            let mut at = 0;
            for (mark, _) in text.match_indices("`\n") {
                joined.push_part(script, at, mark);
                at = mark + 2;
            }
            joined.push_part(script, at, text.len());
            shell::split_excerpt(&joined)
        }
        _ => shell::split_excerpt(script),
    }
}

/// A write into one of the files.
struct Write {
    file: &'static str,
    span: Span,
    /// What is written stands in the script.
    is_static: bool,
}

fn named_in(text: &str) -> Option<&'static str> {
    ENVIRONMENT_FILES.iter().copied().find(|file| text.contains(file))
}

/// What commands of a Bourne shell write.
fn written_by(commands: &[Command]) -> Vec<Write> {
    let mut writes = Vec::new();
    for (index, command) in commands.iter().enumerate() {
        let redirected = command
            .redirects
            .iter()
            .find(|redirect| redirect.operator.starts_with('>') && named_in(redirect.target.as_str()).is_some());
        let file = match redirected {
            Some(redirect) => named_in(redirect.target.as_str()),
            None if command.name() == "tee" => command.words.iter().find_map(|word| named_in(word.as_str())),
            None => None,
        };
        let Some(file) = file else { continue };
        // What comes through a pipe was written by the command in front.
        let pipe = commands.get(index.saturating_sub(command.pipeline.index)..=index).unwrap_or_default();
        let is_static = !pipe.is_empty()
            && pipe.iter().all(|part| match part.name() {
                "echo" | "printf" => part.words.iter().all(|word| word.is_known),
                "tee" => part.pipeline.index > 0,
                _ => false,
            });
        writes.push(Write { file, span: command.span, is_static });
    }
    writes
}

/// What the lines of any other shell write: `>> $env:GITHUB_ENV`, `>> %GITHUB_ENV%`, `Out-File -Append $env:GITHUB_ENV`.
fn written_in_lines(script: &Excerpt) -> Vec<Write> {
    let mut writes = Vec::new();
    let mut at = 0;
    for line in script.as_str().split_inclusive('\n') {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        let Some(file) = named_in(line) else { continue };
        let lower = line.to_ascii_lowercase();
        if ![">", "out-file", "add-content", "set-content", "tee-object"].iter().any(|mark| lower.contains(mark)) {
            continue;
        }
        let rest = line.replace(&format!("$env:{file}"), "").replace(&format!("%{file}%"), "");
        let is_static = !rest.contains(['$', '%', '`']);
        writes.push(Write { file, span: script.span(start, end), is_static });
    }
    writes
}

/// Downloads that are run at once: through a pipe, or as the words of a shell. `{url, is_pinned}` for each.
fn remote_scripts(commands: &[Command]) -> Vec<Node> {
    let fetches = |command: &Command| {
        let name = command.name();
        matches!(name, "curl" | "wget" | "irm" | "iwr" | "Invoke-WebRequest" | "Invoke-RestMethod")
    };
    let runs = |command: &Command| {
        let name = command.name();
        is_bourne(name)
            || matches!(name, "eval" | "source" | "." | "python" | "python3" | "node" | "perl" | "ruby" | "iex")
            || name == "Invoke-Expression"
    };
    let mut found = Vec::new();
    for (at, command) in commands.iter().enumerate().filter(|(_, command)| fetches(command)) {
        let pipeline = command.pipeline;
        let mut behind = commands.get(at + 1..).unwrap_or_default().iter().take(pipeline.length * 4);
        // `curl … | tee log | sh`, also behind `sudo`; a command that begins a line of its own ends the pipe.
        let is_piped = pipeline.index + 1 < pipeline.length
            && behind
                .by_ref()
                .take_while(|next| next.pipeline.length == pipeline.length && next.pipeline.index > pipeline.index)
                .any(runs);
        let before = commands.get(at.saturating_sub(8)..at).unwrap_or_default();
        let is_inside = || {
            before.iter().rev().any(|outer| {
                runs(outer) && outer.span.start <= command.span.start && command.span.end <= outer.span.end
            })
        };
        if !is_piped && !is_inside() {
            continue;
        }
        let url = command.words.iter().find(|word| word.as_str().contains("://"));
        let text = url.map_or("", |word| word.as_str());
        let is_pinned = text.split(['/', '?', '=', '&']).any(super::uses::is_hash);
        let mut attributes = Attributes::default();
        attributes.text("url", command.span, text);
        attributes.flag("is_pinned", command.span, is_pinned);
        found.push(attributes.finish(command.span));
    }
    found
}

/// Programs that run what the files of a checkout say.
const BUILDERS: &[&str] = &[
    "ant",
    "bazel",
    "bazelisk",
    "bundle",
    "cmake",
    "composer",
    "conan",
    "deno",
    "go",
    "goreleaser",
    "gradle",
    "gradlew",
    "invoke",
    "just",
    "lerna",
    "make",
    "mage",
    "mvn",
    "mvnw",
    "nox",
    "npm",
    "npx",
    "nx",
    "pdm",
    "phpunit",
    "pip",
    "pip3",
    "pnpm",
    "poetry",
    "pre-commit",
    "pulumi",
    "pytest",
    "rake",
    "rspec",
    "sbt",
    "swift",
    "task",
    "terraform",
    "terragrunt",
    "tofu",
    "tox",
    "turbo",
    "uv",
    "vite",
    "webpack",
    "yarn",
    "bun",
    "bunx",
    "eslint",
    "prettier",
    "rubocop",
    "golangci-lint",
    "mkdocs",
    "msbuild",
    "dotnet",
    "hugo",
    "jekyll",
    "cargo",
    "docker",
    "docker-compose",
    "podman",
    "ansible-playbook",
    "helm",
    "stylelint",
    "checkov",
    "tflint",
    "trivy",
];

/// Subcommands that run or build what is there, of programs whose others do not.
const BUILDING: &[(&str, &[&str])] = &[
    ("cargo", &["build", "test", "run", "check", "bench", "clippy", "doc", "install", "publish", "nextest", "xtask"]),
    ("docker", &["build", "compose", "buildx", "bake"]),
    ("podman", &["build"]),
    ("go", &["generate", "test", "run", "build", "install", "vet"]),
    ("dotnet", &["build", "test", "run", "restore", "publish", "pack"]),
    ("helm", &["dependency", "install", "upgrade", "template"]),
    ("pip", &["install"]),
    ("pip3", &["install"]),
];

/// Whether `command` runs code that the checkout decides.
pub(super) fn runs_repository_code(command: &Command) -> bool {
    let path = command.words.first().map_or("", Word::as_str);
    if path.starts_with("./") || path.starts_with("../") {
        return true;
    }
    let name = command.name();
    let arguments = || command.words.iter().skip(1).map(Word::as_str);
    if is_bourne(name) || matches!(name, "python" | "python3" | "node" | "ruby" | "perl" | "source" | ".") {
        let first = arguments().find(|word| !word.starts_with('-'));
        return first.is_some_and(|word| !word.starts_with('/') && (word.contains('.') || word.contains('/')))
            && !arguments().any(|word| word == "-c");
    }
    if !BUILDERS.contains(&name)
        || arguments().next().is_some_and(|word| matches!(word, "--version" | "-v" | "version"))
    {
        return false;
    }
    match BUILDING.iter().find(|(program, _)| *program == name) {
        Some((_, subcommands)) => arguments().any(|word| subcommands.contains(&word)),
        None => true,
    }
}
