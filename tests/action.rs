//! The GitHub Action: what `action.yml` promises, and its scripts run with bash as the runner runs them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lockgate::document::node::Node;
use lockgate::document::yaml;

use leak::LEAK;

type Values = BTreeMap<String, String>;

/// `action.yml` as the runner understands it.
struct Action {
    /// Inputs with their defaults.
    inputs: Values,
    /// Outputs with their expressions.
    outputs: Values,
    steps: Vec<Step>,
}

struct Step {
    id: String,
    shell: String,
    env: Values,
    run: String,
}

/// What a job that uses the action sees of it.
struct Outcome {
    /// Exit code of the step that failed, or 0.
    code: i32,
    outputs: Values,
    /// The outputs of each step, by its id.
    written: BTreeMap<String, Values>,
    summary: String,
    log: String,
}

/// A runner's directories: a checkout, and a place for temporary files.
struct Runner {
    directory: tempfile::TempDir,
    /// What the expression `github.…` gives.
    github: Values,
    /// Variables that the runner sets.
    variables: Values,
}

fn text(node: &Node, key: &str) -> String {
    node.get(key).and_then(Node::as_str).unwrap_or_default().to_owned()
}

fn entries(node: Option<&Node>) -> impl Iterator<Item = (String, &Node)> {
    let entries = node.and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str().unwrap().to_owned(), &entry.value))
}

fn action() -> Action {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    let documents = yaml::parse(&fs::read_to_string(file).unwrap()).unwrap();
    let [document] = documents.as_slice() else { panic!("action.yml holds one document") };
    let runs = document.get("runs").unwrap();
    assert_eq!(text(runs, "using"), "composite");
    let step = |step: &Node| Step {
        id: text(step, "id"),
        shell: text(step, "shell"),
        env: entries(step.get("env")).map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect(),
        run: text(step, "run"),
    };
    Action {
        inputs: entries(document.get("inputs")).map(|(name, input)| (name, text(input, "default"))).collect(),
        outputs: entries(document.get("outputs")).map(|(name, output)| (name, text(output, "value"))).collect(),
        steps: runs.get("steps").and_then(Node::as_sequence).unwrap().iter().map(step).collect(),
    }
}

/// The value of `text`, which is one expression and nothing else. `github` holds what the event says.
fn resolve(text: &str, inputs: &Values, github: &Values, written: &BTreeMap<String, Values>) -> Option<String> {
    let expression = text.strip_prefix("${{")?.strip_suffix("}}")?.trim();
    match expression.split('.').collect::<Vec<_>>().as_slice() {
        ["inputs", name] => inputs.get(*name).cloned(),
        // A step that did not run has no outputs, and an output that was not written is empty.
        ["steps", id, "outputs", name] => {
            Some(written.get(*id).and_then(|outputs| outputs.get(*name)).cloned().unwrap_or_default())
        }
        // What the event does not have is empty.
        ["github", path @ ..] => Some(github.get(&path.join(".")).cloned().unwrap_or_default()),
        _ => None,
    }
}

impl Runner {
    fn new() -> Self {
        let (github, variables) = (Values::new(), Values::new());
        let runner = Self { directory: tempfile::tempdir().unwrap(), github, variables };
        fs::create_dir(runner.checkout()).unwrap();
        fs::create_dir(runner.path("temp")).unwrap();
        runner
    }

    /// A runner whose checkout holds a leak.
    fn leaking() -> Self {
        let runner = Self::new();
        runner.write("app/deploy.py", &format!("TOKEN = \"{LEAK}\"\n"));
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn checkout(&self) -> PathBuf {
        self.path("checkout")
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.checkout().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// The names in the checkout's root.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.checkout()).unwrap();
        let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Uses the action `with` these inputs and the program of this build.
    fn uses(&self, with: &[(&str, &str)]) -> Outcome {
        let binary = ("binary", env!("CARGO_BIN_EXE_lockgate"));
        self.uses_exactly(&[&[binary], with].concat(), std::env::var("PATH").unwrap().as_str())
    }

    fn uses_exactly(&self, with: &[(&str, &str)], search: &str) -> Outcome {
        let action = action();
        let mut inputs = action.inputs.clone();
        for (name, value) in with {
            let known = inputs.insert((*name).to_owned(), (*value).to_owned());
            assert!(known.is_some(), "the action has no input {name}");
        }
        let summary = self.path("temp/summary");
        let mut outcome = Outcome {
            code: 0,
            outputs: Values::new(),
            written: BTreeMap::new(),
            summary: String::new(),
            log: String::new(),
        };
        for step in &action.steps {
            assert_eq!(step.shell, "bash");
            let (script, output) = (self.path("temp/script.sh"), self.path("temp/output"));
            fs::write(&script, &step.run).unwrap();
            fs::write(&output, "").unwrap();
            let env = step
                .env
                .iter()
                .map(|(name, text)| (name, resolve(text, &inputs, &self.github, &outcome.written).unwrap()));
            // The command behind `shell: bash`. (GitHub documentation, "Workflow syntax", `jobs.<job_id>.steps[*].shell`.)
            let run = Command::new("bash")
                .args(["--noprofile", "--norc", "-e", "-o", "pipefail"])
                .arg(&script)
                .current_dir(self.checkout())
                .env_clear()
                .env("PATH", search)
                .env("HOME", self.path("temp"))
                .env("RUNNER_TEMP", self.path("temp"))
                .env("GITHUB_ACTION_PATH", self.path("action"))
                .env("GITHUB_OUTPUT", &output)
                .env("GITHUB_STEP_SUMMARY", &summary)
                .env("GITHUB_REPOSITORY", "acme/shop")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1")
                .envs(&self.variables)
                .envs(env)
                .output()
                .unwrap_or_else(|error| panic!("bash is needed to test the action ({error})"));
            outcome.log.push_str(&String::from_utf8(run.stdout).unwrap());
            outcome.log.push_str(&String::from_utf8(run.stderr).unwrap());
            outcome.written.insert(step.id.clone(), read_outputs(&output));
            outcome.code = run.status.code().unwrap();
            if outcome.code != 0 {
                break;
            }
        }
        for (name, text) in &action.outputs {
            outcome.outputs.insert(name.clone(), resolve(text, &inputs, &self.github, &outcome.written).unwrap());
        }
        outcome.summary = fs::read_to_string(&summary).unwrap_or_default();
        outcome
    }
}

/// A pull request that leaks, and adds a configuration which excludes everything: in a checkout of its one commit, as
/// `actions/checkout` makes it, by an author of this kind, from this repository.
fn pull_request(author: &str, from: &str) -> Runner {
    let mut runner = Runner::leaking();
    let (checkout, upstream) = (runner.checkout(), runner.path("upstream"));
    let git = |directory: &Path, arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(directory).env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
            command.env(format!("GIT_{role}_DATE"), "2026-01-01T00:00:00Z");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    runner.write("lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
    fs::create_dir(&upstream).unwrap();
    git(&upstream, &["init", "--quiet", "--initial-branch=main"]);
    fs::write(upstream.join("README"), "A shop.\n").unwrap();
    git(&upstream, &["add", "--all"]);
    git(&upstream, &["commit", "--quiet", "--message", "base"]);
    git(&checkout, &["init", "--quiet", "--initial-branch=pull"]);
    git(&checkout, &["add", "--all"]);
    git(&checkout, &["commit", "--quiet", "--message", "change"]);
    git(&checkout, &["remote", "add", "origin", upstream.to_str().unwrap()]);
    for (name, value) in [("author_association", author), ("head.repo.full_name", from)] {
        runner.github.insert(format!("event.pull_request.{name}"), value.to_owned());
    }
    runner.variables.insert("GITHUB_BASE_REF".to_owned(), "main".to_owned());
    runner
}

/// The lines of a `GITHUB_OUTPUT` file. No output is written twice: which one counted would be the runner's choice.
fn read_outputs(path: &Path) -> Values {
    let mut values = Values::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        let (name, value) = line.split_once('=').unwrap_or_else(|| panic!("not an output: {line}"));
        assert!(values.insert(name.to_owned(), value.to_owned()).is_none(), "{name} is written twice");
    }
    values
}

impl Outcome {
    /// Exit code, verdict, exit-code, sarif, findings, blocking.
    fn told(&self) -> (i32, [&str; 5]) {
        (self.code, ["verdict", "exit-code", "sarif", "findings", "blocking"].map(|name| self.outputs[name].as_str()))
    }
}

fn sarif_results(path: &Path) -> usize {
    let log: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    log["runs"][0]["results"].as_array().unwrap().len()
}

#[test]
fn no_script_holds_an_expression() {
    for step in action().steps {
        assert!(!step.run.is_empty() && !step.id.is_empty());
        assert!(!step.run.contains("${{"), "{}: pass it through `env`", step.id);
    }
}

#[test]
fn every_input_reaches_a_script_and_every_variable_comes_from_somewhere() {
    let action = action();
    let mut unused: Vec<&str> = action.inputs.keys().map(String::as_str).collect();
    for step in &action.steps {
        for (variable, text) in &step.env {
            assert!(resolve(text, &action.inputs, &Values::new(), &BTreeMap::new()).is_some(), "{variable}: {text}");
            assert!(step.run.contains(variable), "{}: {variable} is not used", step.id);
            unused.retain(|name| *text != format!("${{{{ inputs.{name} }}}}"));
        }
    }
    assert_eq!(unused, [""; 0]);
}

#[test]
fn every_output_is_written_by_the_step_that_it_names() {
    let outcome = Runner::new().uses(&[]);
    for (name, text) in action().outputs {
        let path: Vec<&str> = text.trim_matches(['$', '{', '}', ' ']).split('.').collect();
        let ["steps", id, "outputs", output] = path.as_slice() else { panic!("{name}: {text}") };
        assert!(outcome.written[*id].contains_key(*output), "{name}: {id} does not write {output}");
    }
}

#[test]
fn a_clean_checkout_passes() {
    let runner = Runner::new();
    runner.write("app/deploy.py", "TOKEN = os.environ[\"TOKEN\"]\n");
    let outcome = runner.uses(&[]);
    assert_eq!(outcome.told(), (0, ["pass", "0", "lockgate.sarif", "0", "0"]), "{}", outcome.log);
    assert_eq!(sarif_results(&runner.checkout().join("lockgate.sarif")), 0);
    assert!(outcome.summary.starts_with("## Lockgate: "), "{}", outcome.summary);
    assert_eq!(runner.names(), ["app", "lockgate.sarif"]);
    let mut left: Vec<_> = fs::read_dir(runner.path("temp")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["output", "script.sh", "summary"]);
}

#[test]
fn a_leak_fails_the_step_after_every_report_is_written() {
    let runner = Runner::leaking();
    let outcome = runner.uses(&[]);
    assert_eq!(outcome.told(), (1, ["block", "1", "lockgate.sarif", "1", "1"]), "{}", outcome.log);
    assert_eq!(sarif_results(&runner.checkout().join("lockgate.sarif")), 1);
    assert!(outcome.summary.contains("github-personal-access-token"), "{}", outcome.summary);
    assert!(outcome.log.contains("::error file=app/deploy.py,line=1,"), "{}", outcome.log);
    for told in [&outcome.log, &outcome.summary] {
        assert!(!told.contains(LEAK));
    }
}

#[test]
fn paths_in_reports_are_relative_to_the_checkout_whatever_is_scanned() {
    let outcome = Runner::leaking().uses(&[("paths", "app")]);
    assert!(outcome.log.contains("::error file=app/deploy.py,line=1,"), "{}", outcome.log);
    let outcome = Runner::leaking().uses(&[("root", "app"), ("paths", "app")]);
    assert!(outcome.log.contains("::error file=deploy.py,line=1,"), "{}", outcome.log);
}

#[test]
fn what_could_not_be_decided_is_2() {
    let runner = Runner::leaking();
    let outcome = runner.uses(&[("paths", "app\nno-such-directory")]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "", ""]), "{}", outcome.log);
    let outcome = runner.uses(&[("config", "no-such-file.toml")]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "", ""]), "{}", outcome.log);
    // The findings were counted, but a report that was asked for is missing.
    let outcome = runner.uses(&[("sarif", "no-such-directory/out.sarif")]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "1", "1"]), "{}", outcome.log);
    // Success without a scan.
    let outcome = runner.uses(&[("arguments", "--help")]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "", ""]), "{}", outcome.log);
}

#[test]
fn the_policy_of_a_pull_request_comes_from_the_base_unless_its_author_may_write() {
    for (author, from, is_trusted) in [
        ("OWNER", "acme/shop", true),
        ("MEMBER", "acme/shop", true),
        ("COLLABORATOR", "acme/shop", true),
        ("CONTRIBUTOR", "acme/shop", false),
        ("NONE", "acme/shop", false),
        ("OWNER", "mallory/shop", false),
        ("MEMBER", "mallory/shop", false),
        ("FIRST_TIME_CONTRIBUTOR", "mallory/shop", false),
        // The fork is gone.
        ("MEMBER", "", false),
        ("", "", false),
    ] {
        let runner = pull_request(author, from);
        let outcome = runner.uses(&[]);
        let verdict = if is_trusted { "pass" } else { "block" };
        assert_eq!(outcome.outputs["verdict"], verdict, "{author} {from}: {}", outcome.log);
        let names =
            outcome.log.contains("Lockgate%3A self-suppression") || outcome.log.contains("self-suppression, exclusion");
        assert_eq!(names, !is_trusted, "{author} {from}: {}", outcome.log);
    }
    let mallory = pull_request("NONE", "mallory/shop");
    assert_eq!(mallory.uses(&[("policy-from", "none")]).outputs["verdict"], "pass");
    assert_eq!(mallory.uses(&[("policy-from", "")]).outputs["verdict"], "pass");
    let owner = pull_request("OWNER", "acme/shop");
    let outcome = owner.uses(&[("policy-from", "origin/main")]);
    assert_eq!(outcome.told().1[0], "undecided", "{}", outcome.log);
    assert!(
        outcome.log.contains("to mend: git fetch origin +refs/heads/main:refs/remotes/origin/main"),
        "{}",
        outcome.log
    );
    // A base that cannot be fetched leaves the verdict open.
    let lost = pull_request("NONE", "mallory/shop");
    fs::remove_dir_all(lost.path("upstream")).unwrap();
    assert_eq!(lost.uses(&[]).told(), (2, ["undecided", "2", "", "", ""]));
}

#[test]
fn a_report_that_the_checkout_brings_along_is_never_passed_on() {
    let runner = Runner::leaking();
    runner.write("lockgate.sarif", "{}");
    runner.write("lockgate.toml", "no-such-key = 1\n");
    let outcome = runner.uses(&[]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "", ""]), "{}", outcome.log);
    assert!(!runner.names().contains(&"lockgate.sarif".to_owned()));
}

#[test]
fn arguments_baseline_and_sarif_are_passed_on() {
    let runner = Runner::leaking();
    let outcome = runner.uses(&[("arguments", "--exit-zero\n--threads\n1\n"), ("sarif", "")]);
    assert_eq!(outcome.told(), (0, ["block", "0", "", "1", "1"]), "{}", outcome.log);
    let baseline = Command::new(env!("CARGO_BIN_EXE_lockgate"))
        .args(["baseline", "create", "--output", "accepted.json"])
        .current_dir(runner.checkout())
        .output()
        .unwrap();
    assert!(baseline.status.success());
    let outcome = runner.uses(&[("baseline", "accepted.json"), ("sarif", "out put.sarif")]);
    assert_eq!(outcome.told(), (0, ["pass", "0", "out put.sarif", "0", "0"]), "{}", outcome.log);
}

/// What one use of the action gives, several give together.
#[test]
fn shards_are_merged_to_the_report_of_one_use() {
    let runner = Runner::leaking();
    for number in 0..4 {
        runner.write(&format!("app/{number}.py"), "a = 1\n");
    }
    let one = runner.uses(&[("sarif", "../one.sarif")]);
    assert_eq!(one.told(), (1, ["block", "1", "../one.sarif", "1", "1"]), "{}", one.log);
    fs::create_dir(runner.path("shards")).unwrap();
    for shard in ["1", "2"] {
        let report = format!("../shards/shard-{shard}.json");
        let outcome = runner.uses(&[("shard", &format!("{shard}/2")), ("shard-report", &report)]);
        assert_eq!(outcome.told(), (0, ["", "0", "", "", ""]), "{}", outcome.log);
        assert_eq!(outcome.outputs["shard-report"], report);
    }
    let merged = runner.uses(&[("merge", "../shards"), ("sarif", "../merged.sarif")]);
    assert_eq!(merged.told(), (1, ["block", "1", "../merged.sarif", "1", "1"]), "{}", merged.log);
    // A step adds to the summary of the job.
    assert_eq!(merged.summary, one.summary.repeat(2));
    let sarif = |name| fs::read_to_string(runner.path(name)).unwrap();
    assert_eq!(sarif("one.sarif"), sarif("merged.sarif"));
    // A shard that was not examined has no report, not even an old one.
    let outcome = runner.uses(&[("shard", "3/2"), ("shard-report", "../shards/shard-2.json")]);
    assert_eq!(outcome.told(), (2, ["undecided", "2", "", "", ""]), "{}", outcome.log);
    let merged = runner.uses(&[("merge", "../shards")]);
    assert_eq!(merged.told(), (2, ["undecided", "2", "", "", ""]), "{}", merged.log);
}

#[test]
fn with_since_only_what_is_new_blocks() {
    let runner = Runner::leaking();
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command.args(arguments).current_dir(runner.checkout());
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
        assert!(command.output().unwrap().status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet", "--initial-branch=main"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message=One"]);
    let outcome = runner.uses(&[("since", "main")]);
    assert_eq!(outcome.told(), (0, ["pass", "0", "lockgate.sarif", "1", "0"]), "{}", outcome.log);
    runner.write("app/new.py", &format!("TOKEN = \"{LEAK}\"\n"));
    let outcome = runner.uses(&[("since", "main")]);
    assert_eq!(outcome.told(), (1, ["block", "1", "lockgate.sarif", "2", "1"]), "{}", outcome.log);
}

#[test]
fn names_with_blanks_and_quotes_stay_whole() {
    let runner = Runner::new();
    let name = "it's \"my\" $(echo dir) * ;&|";
    runner.write(&format!("{name}/-a b.py"), &format!("TOKEN = \"{LEAK}\"\n"));
    let report = format!("{name}/r.sarif");
    let outcome = runner.uses(&[("paths", &format!("\n{name}\n")), ("sarif", &report)]);
    assert_eq!(outcome.told(), (1, ["block", "1", &report, "1", "1"]), "{}", outcome.log);
}

#[test]
fn no_value_of_an_input_is_run_or_becomes_another_output() {
    let values = [
        "$(touch pwned)",
        "`touch pwned`",
        "\"; touch pwned; \"",
        "'; touch pwned; '",
        "x; touch pwned #",
        "x\ntouch pwned",
        "x\nverdict=pass\nexit-code=0",
        "x\r\nverdict=pass",
        "a[$(touch pwned)]",
        "--exit-zero",
        "-rf",
        "%n%s\\ntouch pwned",
    ];
    for name in action().inputs.keys().filter(|name| *name != "arguments") {
        for value in values {
            let runner = Runner::leaking();
            let outcome = runner.uses(&[(name, value)]);
            assert!(!runner.names().contains(&"pwned".to_owned()), "{name}: {value:?} was run");
            assert_ne!(outcome.code, 0, "{name}: {value:?}\n{}", outcome.log);
            let verdict = &outcome.outputs["verdict"];
            assert!(verdict != "pass", "{name}: {value:?} made the verdict {verdict}");
        }
    }
    for value in values.into_iter().filter(|value| *value != "--exit-zero") {
        let runner = Runner::leaking();
        let outcome = runner.uses(&[("arguments", value)]);
        assert!(!runner.names().contains(&"pwned".to_owned()), "arguments: {value:?} was run");
        assert_eq!((outcome.code, outcome.outputs["verdict"].as_str()), (2, "undecided"), "{value:?}\n{}", outcome.log);
    }
}

/// Cargo obeys `.cargo/config.toml` and rustup `rust-toolchain.toml` of the working directory, and the checkout is not
/// trusted.
#[cfg(unix)]
#[test]
fn the_build_runs_in_the_directory_of_the_action() {
    use std::os::unix::fs::PermissionsExt as _;

    let runner = Runner::leaking();
    fs::create_dir(runner.path("action")).unwrap();
    fs::create_dir(runner.path("bin")).unwrap();
    let cargo = runner.path("bin/cargo");
    let built = env!("CARGO_BIN_EXE_lockgate");
    let script = format!(
        "#!/bin/sh\npwd > '{0}'\necho \"$@\" >> '{0}'\nmkdir -p \"$RUNNER_TEMP/lockgate-target/release\"\n\
         ln -s '{built}' \"$RUNNER_TEMP/lockgate-target/release/lockgate\"\n",
        runner.path("called").display()
    );
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let search = format!("{}:{}", runner.path("bin").display(), std::env::var("PATH").unwrap());
    let outcome = runner.uses_exactly(&[], &search);
    assert_eq!(outcome.told(), (1, ["block", "1", "lockgate.sarif", "1", "1"]), "{}", outcome.log);
    let called = fs::read_to_string(runner.path("called")).unwrap();
    let (directory, arguments) = called.split_once('\n').unwrap();
    assert_eq!(Path::new(directory), fs::canonicalize(runner.path("action")).unwrap());
    assert!(arguments.starts_with("build --release --locked "), "{arguments}");
}
