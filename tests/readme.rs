//! The manuals against the program: generated parts are up to date, commands parse, links lead somewhere.
//!
//! `UPDATE_README=1 cargo test --test readme` writes the generated parts anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use clap::Parser as _;
use lockgate::cli::args::Cli;
use lockgate::document::yaml;
use lockgate::rules::{builtin, packs};

use leak::LEAK;

/// Held while README.md is read and perhaps written.
static README: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The manuals, with their paths.
fn manuals() -> Vec<(PathBuf, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let files = docs.chain(["README.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// What stands in fenced code blocks of the given languages.
fn blocks<'a>(manual: &'a str, languages: &[&str]) -> Vec<&'a str> {
    let parts = manual.split("```").skip(1).step_by(2);
    parts
        .filter_map(|part| part.split_once('\n'))
        .filter_map(|(language, code)| languages.contains(&language).then_some(code))
        .collect()
}

/// Fails unless the part of the README between the marks of `name` is `generated`; writes it there when asked to.
fn assert_part(name: &str, generated: &str) {
    let _alone = README.lock();
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (begin, end) = (format!("<!-- {name}:begin -->\n"), format!("<!-- {name}:end -->\n"));
    let (before, rest) = readme.split_once(&begin).unwrap();
    let (part, after) = rest.split_once(&end).unwrap();
    if part == generated {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, [before, &begin, generated, &end, after].concat()).unwrap();
    } else {
        panic!("README.md, {name}: `UPDATE_README=1 cargo test --test readme` writes what it should say:\n{generated}");
    }
}

/// The first sentence of the comment that a pack begins with.
fn subject(pack: &Path) -> String {
    let text = fs::read_to_string(pack).unwrap();
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
    let comment = lines.join(" ");
    let sentence = comment.split_once(". ").map_or(comment.as_str(), |(first, _)| first);
    assert!(!sentence.is_empty(), "{}: a comment at the top says what it is about", pack.display());
    sentence.trim_end_matches('.').to_owned()
}

#[test]
fn the_table_of_rules_is_that_of_the_packs() {
    let mut files: Vec<PathBuf> =
        fs::read_dir(root().join("rules/secrets")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut rows = String::new();
    let mut total = 0;
    for file in &files {
        let rules = packs::only(std::slice::from_ref(file)).unwrap().rules().len();
        let name = file.file_stem().unwrap().to_str().unwrap();
        writeln!(rows, "| [{name}](rules/secrets/{name}.yaml) | {rules} | {} |", subject(file)).unwrap();
        total += rules;
    }
    assert_eq!(total, builtin::rules().len(), "a pack outside of rules/secrets has no place in the table yet");
    let summary = format!("{total} rules in {} packs", files.len());
    let head = "| pack | rules | what they find |\n| --- | ---: | --- |\n";
    let table = format!(
        "Secrets, and nothing else so far:\n\n<details>\n<summary>{summary}</summary>\n\n{head}{rows}\n</details>\n"
    );
    assert_part("rules", &table);
}

#[test]
fn the_example_is_what_the_program_prints() {
    let directory = tempfile::tempdir().unwrap();
    let shop = directory.path().join("shop");
    fs::create_dir(&shop).unwrap();
    let script =
        format!("import os\n\nGITHUB_TOKEN = \"{LEAK}\"\nDATABASE_PASSWORD = os.environ[\"DATABASE_PASSWORD\"]\n");
    fs::write(shop.join("deploy.py"), script).unwrap();
    // Made up: nobody drew random numbers for it.
    let body = "MC4CAQAwBQYDK2VwBCIEIJ".to_owned() + "0sQ4n8yTzHc2bLx7vKfRw1mGdUe5aPi9oZjN6tEhXk";
    let label = "PRIVATE KEY";
    fs::write(shop.join("server.key"), format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_lockgate")).args(["scan", "shop"]).current_dir(directory.path()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains(LEAK) && !printed.contains(&body));
    assert_part("example", &format!("```console\n$ lockgate scan shop\n{printed}```\n"));
}

/// The commands of a manual: lines of its code blocks, and code in its sentences.
fn commands(manual: &str) -> Vec<Vec<&str>> {
    let in_blocks = blocks(manual, &["sh", "yaml", "console"]).into_iter().flat_map(str::lines);
    let in_sentences = manual.split("```").step_by(2).flat_map(|prose| prose.split('`').skip(1).step_by(2));
    in_blocks
        .chain(in_sentences)
        .map(|line| line.split(" #").next().unwrap_or(line).trim_start_matches([' ', '-', '$']))
        .map(|line| ["run: ", "script: ["].iter().find_map(|key| line.strip_prefix(key)).unwrap_or(line))
        .map(|line| line.trim_end_matches(']').split_whitespace().collect::<Vec<&str>>())
        .filter(|words| words.len() > 1 && words[0] == "lockgate")
        .collect()
}

#[test]
fn the_program_understands_every_command_of_the_manuals() {
    let mut seen = 0;
    for (path, manual) in manuals() {
        for words in commands(&manual) {
            seen += 1;
            if let Err(error) = Cli::try_parse_from(&words) {
                panic!("{}: {}\n{error}", path.display(), words.join(" "));
            }
        }
    }
    assert!(seen >= 20, "{seen} commands: the test does not recognise them any more");
}

#[test]
fn every_link_between_the_manuals_leads_somewhere() {
    let mut seen = 0;
    for (path, manual) in manuals() {
        for target in manual.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target) {
            if target.starts_with("https://") {
                continue;
            }
            seen += 1;
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = path.parent().unwrap().join(file);
            assert!(file.exists(), "{}: {target}", path.display());
            let text = fs::read_to_string(&file).unwrap();
            let anchor = |line: &str| line.trim_start_matches(['#', ' ']).to_lowercase().replace(' ', "-");
            let headings = text.lines().filter(|line| line.starts_with('#'));
            assert!(heading.is_empty() || headings.map(anchor).any(|it| it == heading), "{}: {target}", path.display());
        }
    }
    assert!(seen >= 10, "{seen} links: the test does not recognise them any more");
}

#[test]
fn every_yaml_of_the_manuals_can_be_read() {
    let snippets = root().join("src/cli/snippets");
    let snippets = fs::read_dir(snippets).unwrap().map(|entry| entry.unwrap().path());
    let snippets = snippets.map(|path| (path.clone(), fs::read_to_string(path).unwrap()));
    for (path, text) in snippets {
        yaml::parse(&text).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
    }
    for (path, manual) in manuals() {
        for block in blocks(&manual, &["yaml"]) {
            yaml::parse(block).unwrap_or_else(|error| panic!("{}: {error:?}\n{block}", path.display()));
        }
    }
}
