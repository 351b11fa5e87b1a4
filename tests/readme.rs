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
use lockgate::platform::Platform;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::load::load;
use lockgate::rules::schema::Detect;
use lockgate::rules::{builtin, names, packs};

use leak::LEAK;

/// Held while README.md is read and perhaps written.
static README: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What stands in a directory, in order.
fn entries(directory: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join(directory)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The manuals, with their paths.
fn manuals() -> Vec<(PathBuf, String)> {
    let docs = ["docs", "docs/views"].into_iter().flat_map(entries).filter(|path| path.is_file());
    let files = docs.chain(["README.md", "CONTRIBUTING.md", "fuzz/README.md"].map(|name| root().join(name)));
    files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The manual of rules.
fn manual_of_rules() -> String {
    fs::read_to_string(root().join("docs/rules.md")).unwrap()
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

/// Folders of `rules/`, in the order of the table, each with what its rules look at.
const SUBJECTS: &[(&str, &str)] = &[
    ("secrets", "Secrets in text of any kind"),
    ("cloud", "Cloud resources in Terraform and CloudFormation"),
    ("kubernetes", "Kubernetes manifests, kubelets and control planes"),
    ("dockerfile", "Dockerfiles and the commands in them"),
    ("compose", "Compose files"),
    ("bake", "Bake files of Docker Buildx"),
    ("ci", "Pipelines of CI systems"),
    ("cargo", "Manifests, lock files and configuration of Cargo"),
    ("rust", "Risky Rust code"),
];

#[test]
fn the_table_of_rules_is_that_of_the_packs() {
    let mut subjects = String::from("| | rules | in `default` | in `hardening` | in `style` |\n");
    subjects.push_str("| --- | ---: | ---: | ---: | ---: |\n");
    let mut packs_by_subject = String::new();
    let mut total = 0;
    for folder in entries("rules") {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(SUBJECTS.iter().any(|(known, _)| *known == name), "rules/{name} has no line in the table");
    }
    for (folder, title) in SUBJECTS.iter().filter(|(folder, _)| root().join("rules").join(folder).is_dir()) {
        let files = entries(&format!("rules/{folder}"));
        let mut rows = String::new();
        let mut of_profile = [0; 3];
        for file in &files {
            let catalogue = packs::only(std::slice::from_ref(file)).unwrap();
            for rule in catalogue.rules() {
                of_profile[rule.profile as usize] += 1;
            }
            let name = file.file_stem().unwrap().to_str().unwrap();
            let count = catalogue.rules().len();
            writeln!(rows, "| [{name}](rules/{folder}/{name}.yaml) | {count} | {} |", subject(file)).unwrap();
        }
        let count: usize = of_profile.iter().sum();
        total += count;
        let [default, hardening, style] = of_profile;
        writeln!(subjects, "| {title} | {count} | {default} | {hardening} | {style} |").unwrap();
        let packs = if files.len() == 1 { "1 pack".to_owned() } else { format!("{} packs", files.len()) };
        let summary = format!("{title}: {count} rules in {packs}");
        let head = "| pack | rules | what they are about |\n| --- | ---: | --- |\n";
        write!(packs_by_subject, "\n<details>\n<summary>{summary}</summary>\n\n{head}{rows}\n</details>\n").unwrap();
    }
    assert_eq!(total, builtin::rules().len(), "the packs that are compiled in are those of rules/");
    assert_part("rules", &(subjects + &packs_by_subject));
}

/// The workload of the example. Its secret is a reference; its container asks for too much.
const WORKLOAD: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      automountServiceAccountToken: false
      containers:
        - name: web
          image: registry.example.com/shop/web:1.4.2
          resources:
            limits: {memory: 256Mi}
          securityContext:
            privileged: true
            runAsNonRoot: true
          envFrom:
            - secretRef: {name: web}
";

#[test]
fn the_example_is_what_the_program_prints() {
    let directory = tempfile::tempdir().unwrap();
    let shop = directory.path().join("shop");
    fs::create_dir(&shop).unwrap();
    let script =
        format!("import os\n\nGITHUB_TOKEN = \"{LEAK}\"\nDATABASE_PASSWORD = os.environ[\"DATABASE_PASSWORD\"]\n");
    fs::write(shop.join("deploy.py"), script).unwrap();
    fs::write(shop.join("web.yaml"), WORKLOAD).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_lockgate")).args(["scan", "shop"]).current_dir(directory.path()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains(LEAK));
    assert_part("example", &format!("```console\n$ lockgate scan shop\n{printed}```\n"));
}

/// A pack of one rule with these bindings, which stand in a manual without the rule around them.
fn around(bindings: &str) -> String {
    let head =
        "rules:\n- id: example\n  title: t\n  category: practice\n  description: d\n  remediation: r\n  applies:\n";
    bindings.lines().fold(head.to_owned(), |pack, line| pack + "  " + line + "\n")
}

#[test]
fn every_rule_of_the_manuals_loads() {
    let is_binding =
        |line: &str| Platform::ALL.iter().any(|platform| line.starts_with(&format!("- {}: [", platform.name())));
    let mut seen = 0;
    for (path, manual) in manuals() {
        for block in blocks(&manual, &["yaml"]) {
            let pack = match block {
                // Jobs of GitLab have `rules` too, without ids.
                _ if block.lines().any(|line| line == "rules:") && block.contains("- id: ") => block.to_owned(),
                _ if block.lines().any(is_binding) => around(block),
                _ => continue,
            };
            seen += 1;
            load(&path.display().to_string(), &pack).unwrap_or_else(|errors| panic!("{}\n{pack}", errors[0]));
        }
    }
    assert!(seen >= 8, "{seen} rules: the test does not recognise them any more");
}

/// The example pack of the manual, by the comment that it begins with.
const EXAMPLES: &str = "# What Acme asks";

/// Fixtures for the example pack.
const FIXTURES: &[(&str, &str)] = &[
    (
        "acme-foreign-registry/bad.yaml",
        "apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
    - {name: a, image: registry.acme.example/a}
    - {name: b, image: docker.io/b}  # lockgate-expect: acme-foreign-registry
",
    ),
    (
        "acme-foreign-registry/bad.compose.yaml",
        "services:
  own: {image: registry.acme.example/a}
  made: {build: ., image: made}
  foreign: {image: redis}  # lockgate-expect: acme-foreign-registry
",
    ),
    (
        "acme-foreign-registry/bad.dockerfile",
        "# lockgate-expect: acme-foreign-registry
FROM debian AS build
RUN true
",
    ),
    (
        "acme-foreign-registry/good.dockerfile",
        "ARG VERSION
FROM registry.acme.example/debian:$VERSION AS build
FROM build AS more
FROM scratch
",
    ),
    (
        "acme-team-label-missing/bad.yaml",
        "apiVersion: v1
kind: Pod
metadata:
  name: a
  labels:  # lockgate-expect: acme-team-label-missing
    app: a
",
    ),
    (
        "acme-team-label-missing/good.yaml",
        "apiVersion: v1
kind: Pod
metadata: {name: a, labels: {team: storefront}}
",
    ),
    (
        "acme-load-balancer-outside-edge/good.yaml",
        "apiVersion: v1
kind: Service
metadata: {name: gateway, namespace: edge}
spec: {type: LoadBalancer}
",
    ),
    (
        "acme-served-container-without-readiness/bad/pod.yaml",
        "apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec:
  containers:
    # lockgate-expect: acme-served-container-without-readiness
    - name: a
      image: a
",
    ),
    (
        "acme-served-container-without-readiness/bad/service.yaml",
        "apiVersion: v1
kind: Service
metadata: {name: a}
spec: {selector: {app: a}}
",
    ),
    (
        "acme-served-container-without-readiness/good.yaml",
        "apiVersion: v1
kind: Pod
metadata: {name: a, labels: {app: a}}
spec: {containers: [{name: a, image: a}]}
",
    ),
];

#[test]
fn the_example_rules_of_the_manual_find_what_they_say() {
    let manual = manual_of_rules();
    let yaml = blocks(&manual, &["yaml"]);
    let pack = yaml.iter().find(|block| block.starts_with(EXAMPLES)).unwrap();
    let service = yaml.iter().find(|block| block.contains("# lockgate-expect")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let rules = directory.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("acme.yaml"), pack).unwrap();
    for (path, text) in FIXTURES.iter().copied().chain([("acme-load-balancer-outside-edge/bad.yaml", *service)]) {
        let path = directory.path().join("fixtures").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_lockgate")).args(["rules", "test"]).arg(&rules).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_manual_of_rules_explains_every_name() {
    let manual = manual_of_rules();
    // The loader names all operators where a condition has none.
    let error = load("pack", &around("- kubernetes: [Pod]\n  deny: {at: a}\n")).unwrap_err()[0].to_string();
    let (_, operators) = error.split_once("exactly one operator: ").unwrap();
    for operator in operators.split(", ") {
        let is_explained = ["`", ": "].iter().any(|end| manual.contains(&format!("`{operator}{end}")));
        assert!(is_explained, "{operator}");
    }
    for name in names::VALIDATORS.iter().chain(names::POLICY_CHECKS) {
        assert!(manual.contains(&format!("| `{name}` |")), "{name}");
    }
    for scope in Platform::ALL.iter().flat_map(|&platform| names::scopes(platform)) {
        assert!(manual.contains(&format!("`${scope}`")), "${scope}");
    }
    let views: String = entries("docs/views").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    for relation in names::RELATIONS {
        assert!(views.contains(&format!("| `{relation}` |")), "{relation}");
    }
    for kind in Platform::ALL.iter().flat_map(|&platform| names::resource_kinds(platform)) {
        assert!(views.contains(&format!("`{kind}`")), "{kind}");
    }
}

/// Names of the entries of the table `[rules.NAME]`.
fn names_in<'a>(configuration: &'a toml::Table, name: &str) -> Vec<(&'a String, &'a toml::Value)> {
    let table = configuration.get("rules").and_then(|rules| rules.get(name)).and_then(toml::Value::as_table);
    table.into_iter().flatten().collect()
}

#[test]
fn the_rules_that_examples_of_configuration_name_exist() {
    let catalogue = Catalogue::new(builtin::rules());
    let mut seen = 0;
    for (path, manual) in manuals() {
        for block in blocks(&manual, &["toml"]) {
            let configuration: toml::Table = block.parse().unwrap();
            for (id, _) in names_in(&configuration, "severity") {
                seen += 1;
                assert!(catalogue.get(id).is_some(), "{}: {id}", path.display());
            }
            for (id, values) in names_in(&configuration, "parameters") {
                // The manual of rules writes this one itself.
                if id.starts_with("acme-") {
                    continue;
                }
                seen += 1;
                let rule = catalogue.get(id).unwrap_or_else(|| panic!("{}: {id}", path.display()));
                let Detect::Policy(policy) = &rule.detect else { panic!("{id} has no parameters") };
                for name in values.as_table().unwrap().keys() {
                    let is_there = policy.parameters.iter().any(|parameter| parameter.name == *name);
                    assert!(is_there, "{}: {id}.{name}", path.display());
                }
            }
        }
    }
    assert!(seen >= 3, "{seen} rules: the test does not recognise them any more");
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
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(file.exists(), "{}: {target}", path.display());
            if heading.is_empty() {
                continue;
            }
            let text = fs::read_to_string(&file).unwrap();
            let is_kept = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
            let anchor = |line: &str| {
                let heading = line.trim_start_matches(['#', ' ']).to_lowercase();
                heading.chars().filter(is_kept).collect::<String>().replace(' ', "-")
            };
            let headings = text.lines().filter(|line| line.starts_with('#'));
            assert!(headings.map(anchor).any(|it| it == heading), "{}: {target}", path.display());
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
