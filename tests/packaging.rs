//! What is handed to users: archives, the npm package, the image, the release workflow, and that they agree with each other.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use lockgate::document::node::Node;
use lockgate::document::yaml;
use serde_json::Value;

use leak::LEAK;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const PROGRAM: &str = env!("CARGO_BIN_EXE_lockgate");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}

fn workflow() -> Node {
    yaml::parse(&read(".github/workflows/release.yml")).unwrap().remove(0)
}

fn strings(node: &Node, path: &[&str], key: &str) -> Vec<String> {
    let list = node.at(path).and_then(Node::as_sequence).unwrap();
    list.iter().filter_map(|item| item.get(key)?.as_str().map(ToOwned::to_owned)).collect()
}

#[test]
fn an_archive_holds_the_program_its_manual_and_completions() {
    let directory = tempfile::tempdir().unwrap();
    let (out, target) = (directory.path().join("dist"), "x86_64-unknown-linux-musl");
    run(Command::new("bash").arg(root().join("packaging/archive.sh")).arg(PROGRAM).arg(target).arg(&out));
    let name = format!("lockgate-{VERSION}-{target}");
    let archive = out.join(format!("{name}.tar.gz"));
    run(Command::new("tar").arg("-C").arg(directory.path()).arg("-xzf").arg(&archive));
    let unpacked = directory.path().join(name);
    for file in ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "man/lockgate.1", "man/lockgate-merge.1"]
    {
        assert!(fs::metadata(unpacked.join(file)).unwrap().len() > 100, "{file}");
    }
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = fs::read_to_string(unpacked.join(format!("completions/lockgate.{shell}"))).unwrap();
        assert!(script.contains("merge"), "{shell}");
    }
    // A page for each command that the program has, and each one names itself.
    let help = run(Command::new(PROGRAM).arg("--help"));
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:").nth(1).unwrap().lines().skip(1).take_while(|line| !line.is_empty());
    // What a command does may need several lines, which stand further in.
    let commands = commands.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"scan"));
    for command in commands.into_iter().filter(|command| *command != "help") {
        let page = fs::read_to_string(unpacked.join(format!("man/lockgate-{command}.1"))).unwrap();
        assert!(page.contains(".SH NAME\n") && page.contains(&format!("lockgate\\-{command}")), "{command}");
    }
    let version = run(Command::new(unpacked.join("lockgate")).arg("--version"));
    assert_eq!(String::from_utf8(version.stdout).unwrap(), format!("lockgate {VERSION}\n"));
}

#[test]
fn the_npm_package_starts_the_program_of_its_platform() {
    let directory = tempfile::tempdir().unwrap();
    let modules = directory.path().join("node_modules");
    let npm = root().join("packaging/npm");
    let platform = run(Command::new("node").args(["-p", "`${process.platform}-${process.arch}`"]));
    let platform = String::from_utf8(platform.stdout).unwrap().trim().to_owned();
    let main = modules.join("lockgate");
    fs::create_dir_all(&main).unwrap();
    for file in ["package.json", "lockgate.js"] {
        fs::copy(npm.join(file), main.join(file)).unwrap();
    }
    let scan = |path: &str| {
        let tree = directory.path().join(path);
        Command::new("node").arg(main.join("lockgate.js")).args(["scan", "--quiet"]).arg(tree).output().unwrap()
    };
    for (name, text) in [("clean", "a = 1\n".to_owned()), ("leak", format!("a = '{LEAK}'\n"))] {
        fs::create_dir(directory.path().join(name)).unwrap();
        fs::write(directory.path().join(name).join("a.py"), text).unwrap();
    }
    // Without the package of the platform there is no verdict, and above all no pass.
    let without = scan("clean");
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains(&format!("@lockgate/{platform} is not installed")));
    let package = modules.join("@lockgate").join(&platform);
    run(Command::new("node").arg(npm.join("platform.js")).args([&platform, PROGRAM]).arg(&package));
    assert_eq!(scan("clean").status.code(), Some(0));
    assert_eq!(scan("no-such").status.code(), Some(2), "the code is that of the program");
    assert_eq!(scan("leak").status.code(), Some(1), "the code is that of the program");
    let description: Value = serde_json::from_str(&fs::read_to_string(package.join("package.json")).unwrap()).unwrap();
    let (os, cpu) = platform.split_once('-').unwrap();
    assert_eq!((&description["os"][0], &description["cpu"][0]), (&Value::from(os), &Value::from(cpu)));
    assert_eq!(description["version"], VERSION);
    // What would be published: nothing but what is needed.
    let packed = run(Command::new("npm").args(["pack", "--dry-run", "--json", "--offline"]).current_dir(&main));
    let packed: Value = serde_json::from_slice(&packed.stdout).unwrap();
    let files: BTreeSet<&str> =
        packed[0]["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert_eq!(files, BTreeSet::from(["lockgate.js", "package.json"]));
}

#[test]
fn versions_and_platforms_agree() {
    let main: Value = serde_json::from_str(&read("packaging/npm/package.json")).unwrap();
    assert_eq!(main["version"], VERSION);
    let optional: BTreeMap<String, String> = serde_json::from_value(main["optionalDependencies"].clone()).unwrap();
    assert!(optional.values().all(|version| version == VERSION), "{optional:?}");
    let workflow = workflow();
    let matrix = ["jobs", "build", "strategy", "matrix", "include"];
    let built: BTreeSet<String> =
        strings(&workflow, &matrix, "npm").iter().map(|platform| format!("@lockgate/{platform}")).collect();
    assert_eq!(built, optional.into_keys().collect());
    let manual = read("docs/install.md");
    let listed: Vec<String> = manual
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(target, _)| target.to_owned()))
        .collect();
    assert_eq!(strings(&workflow, &matrix, "target"), listed);
    let project: toml::Table = read("pyproject.toml").parse().unwrap();
    let dynamic = project["project"]["dynamic"].as_array().unwrap();
    assert!(dynamic.iter().any(|name| name.as_str() == Some("version")), "the version is that of Cargo.toml");
    assert_eq!(project["tool"]["maturin"]["bindings"].as_str(), Some("bin"));
    for license in project["project"]["license-files"].as_array().unwrap() {
        assert!(root().join(license.as_str().unwrap()).is_file());
    }
    assert!(manual.contains(&format!("additional_dependencies: [lockgate=={VERSION}]")));
    for script in ["packaging/archive.sh", "packaging/requirements.txt", "packaging/npm/platform.js"] {
        assert!(read(".github/workflows/release.yml").contains(script) && root().join(script).is_file(), "{script}");
    }
}

/// Each job has the permissions that it needs and no more, and each action is pinned to a commit.
#[test]
fn the_release_is_made_with_few_rights_and_pinned_actions() {
    let workflow = workflow();
    assert_eq!(workflow.get("permissions").unwrap().as_mapping().map(<[_]>::len), Some(0));
    let rights = |job: &str| -> Vec<(String, String)> {
        let permissions = workflow.at(&["jobs", job, "permissions"]).unwrap().as_mapping().unwrap();
        let text = |node: &Node| node.as_str().unwrap().to_owned();
        permissions.iter().map(|entry| (text(&entry.key), text(&entry.value))).collect()
    };
    let owned = |rights: &[(&str, &str)]| -> Vec<(String, String)> {
        rights.iter().map(|(name, level)| ((*name).to_owned(), (*level).to_owned())).collect()
    };
    assert_eq!(rights("build"), owned(&[("contents", "read")]));
    assert_eq!(rights("release"), owned(&[("contents", "write"), ("id-token", "write"), ("attestations", "write")]));
    let examples = ["examples/sharding/github-matrix.yml", ".github/workflows/release.yml"];
    let mut commits: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in examples.map(read).iter().flat_map(|text| text.lines()) {
        let Some((_, uses)) = line.split_once("uses: ") else { continue };
        let (action, commit) = uses.split_once('@').unwrap();
        let (commit, version) = commit.split_once(" # v").unwrap_or_else(|| panic!("no version: {line}"));
        assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
        commits.entry(format!("{action} {version}")).or_default().insert(commit.to_owned());
    }
    assert!(commits.len() >= 4);
    assert!(commits.values().all(|commits| commits.len() == 1), "one version is one commit: {commits:?}");
}

/// Lockgate finds nothing in what Lockgate hands out, whatever the profile.
#[test]
fn our_own_rules_pass_what_is_handed_out() {
    for (paths, profile) in
        [(&[".github", "packaging", "pyproject.toml", "action.yml"][..], "all"), (&["examples"][..], "default")]
    {
        let output = Command::new(PROGRAM)
            .args(["scan", "--format", "json", "--profile", profile, "--severity", "low"])
            .args(paths)
            .current_dir(root())
            .output()
            .unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        assert!(findings.is_empty(), "{profile}: {findings:#?}");
        assert!(report["coverage"]["scanned"].as_u64().unwrap() >= 4);
        assert_eq!(output.status.code(), Some(0));
    }
}

#[test]
fn the_image_holds_the_program_and_nothing_else() {
    let file = read("packaging/Dockerfile");
    let instructions: Vec<&str> = file.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(instructions.iter().filter(|line| line.starts_with("FROM ")).collect::<Vec<_>>(), [&"FROM scratch"]);
    let entry = instructions.iter().find_map(|line| line.strip_prefix("ENTRYPOINT ")).unwrap();
    let entry: Vec<String> = serde_json::from_str(entry).unwrap();
    let copied: Vec<&&str> = instructions.iter().filter(|line| line.starts_with("COPY ")).collect();
    assert!(copied.len() == 1 && copied[0].ends_with(&entry[0]), "{copied:?}");
    // The jobs of Kubernetes name it without its directory.
    let directory = Path::new(&entry[0]).parent().unwrap().display().to_string();
    assert!(instructions.contains(&format!("ENV PATH={directory}").as_str()));
    assert!(instructions.iter().any(|line| line.starts_with("USER ") && !line.contains("root") && *line != "USER 0"));
}
