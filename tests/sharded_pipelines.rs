//! The ready-made pipelines of shards: the commands that stand in the files of `examples/sharding`, run as their systems run
//! them, each shard as a process of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use cli::{Sandbox, names, token};
use lockgate::document::node::Node;
use lockgate::document::yaml;

type Values = BTreeMap<String, String>;

/// The documents of an example.
fn example(name: &str) -> Vec<Node> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/sharding").join(name);
    yaml::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

#[track_caller]
fn text(node: &Node, path: &[&str]) -> String {
    let found = node.at(path).and_then(Node::as_str);
    found.unwrap_or_else(|| panic!("no text at {path:?}")).to_owned()
}

#[track_caller]
fn list(node: &Node, path: &[&str]) -> Vec<Node> {
    let found = node.at(path).and_then(Node::as_sequence);
    found.unwrap_or_else(|| panic!("no list at {path:?}")).to_vec()
}

fn texts(node: &Node, path: &[&str]) -> Vec<String> {
    list(node, path).iter().map(|item| item.as_str().unwrap().to_owned()).collect()
}

fn values(node: Option<&Node>) -> Values {
    let entries = node.and_then(Node::as_mapping).unwrap_or_default();
    entries.iter().map(|entry| (entry.key.as_str().unwrap().into(), entry.value.as_str().unwrap().into())).collect()
}

/// A tree with modules, manifests and secrets, enough for every shard.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..12 {
        sandbox
            .write(format!("src/{number}.py"), format!("a = '{}'\n", token(number)))
            .write(format!("live/{number}/main.tf"), "module \"m\" {\n  source = \"../../modules/m\"\n}\n");
    }
    sandbox
        .write("modules/m/main.tf", "resource \"aws_s3_bucket\" \"b\" {\n  acl = \"public-read\"\n}\n")
        .write("lockgate.toml", "[gate]\nseverity = 'low'\n");
    sandbox
}

/// What one run writes as SARIF.
fn one_run(sandbox: &Sandbox) -> String {
    let path = sandbox.outside("one.sarif");
    sandbox.scan(["--quiet", &format!("--report=sarif={}", path.display())]).expect_code(1);
    fs::read_to_string(path).unwrap()
}

/// A command with the program of this build first on PATH, and nothing else in its environment. What it says is for the log
/// of a job; in that of the tests it could be taken for a word to the runner.
fn command(program: &str, directory: &Path, variables: &Values) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_lockgate")).parent().unwrap();
    let search = std::env::var_os("PATH").unwrap();
    let search = std::iter::once(built.to_path_buf()).chain(std::env::split_paths(&search));
    let mut command = Command::new(program);
    command
        .current_dir(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .env_clear()
        .env("PATH", std::env::join_paths(search).unwrap())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs(variables);
    command
}

#[track_caller]
fn expect_codes(running: Vec<Child>, code: i32) {
    assert!(running.len() > 1, "several processes");
    for mut child in running {
        assert_eq!(child.wait().unwrap().code(), Some(code));
    }
}

/// A checkout of its own for each job.
fn checkout(sandbox: &Sandbox, name: &str) -> PathBuf {
    let directory = sandbox.outside(name);
    copy(&sandbox.tree(), &directory);
    directory
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in names(from) {
        let (from, to) = (from.join(&name), to.join(&name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}

/// The step of a job of a workflow that has this name.
fn step(job: &Node, name: &str) -> Node {
    let steps = list(job, &["steps"]);
    steps.into_iter().find(|step| step.get("name").and_then(Node::as_str) == Some(name)).unwrap()
}

#[test]
fn the_matrix_of_github_gives_the_report_of_one_run() {
    let sandbox = tree();
    let workflow = &example("github-matrix.yml")[0];
    let shard = workflow.at(&["jobs", "shard"]).unwrap();
    let numbers = texts(shard, &["strategy", "matrix", "shard"]);
    let resolved = |text: &str, number: &str| {
        let known = [("${{ matrix.shard }}", number), ("${{ strategy.job-total }}", &numbers.len().to_string())];
        let text = known.iter().fold(text.to_owned(), |text, (expression, value)| text.replace(expression, value));
        assert!(!text.contains("${{"), "{text}");
        text
    };
    let (scan, hand_on) = (step(shard, "Scan"), step(shard, "Hand on"));
    let running = numbers.iter().map(|number| {
        let variables = values(scan.get("env")).into_iter().map(|(name, value)| (name, resolved(&value, number)));
        let directory = checkout(&sandbox, &format!("job-{number}"));
        command("bash", &directory, &variables.collect())
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &text(&scan, &["run"])])
            .spawn()
            .unwrap()
    });
    expect_codes(running.collect(), 0);
    let merge = workflow.at(&["jobs", "lockgate"]).unwrap();
    assert_eq!(text(merge, &["needs"]), "shard");
    assert_eq!(text(merge, &["if"]), "${{ !cancelled() }}", "a job that is skipped counts as passed");
    let directory = checkout(&sandbox, "verdict");
    let gather = step(merge, "Gather");
    let pattern = text(&gather, &["with", "pattern"]);
    assert_eq!(text(&gather, &["with", "merge-multiple"]), "true");
    let shards = directory.join(text(&gather, &["with", "path"]));
    fs::create_dir(&shards).unwrap();
    for number in &numbers {
        let artifact = resolved(&text(&hand_on, &["with", "name"]), number);
        assert!(artifact.starts_with(pattern.strip_suffix('*').unwrap()));
        let file = resolved(&text(&hand_on, &["with", "path"]), number);
        fs::copy(sandbox.outside(format!("job-{number}")).join(&file), shards.join(&file)).unwrap();
    }
    let judge = |directory: &Path| {
        let run = text(&step(merge, "Judge"), &["run"]);
        command("bash", directory, &Values::new()).args(["-eo", "pipefail", "-c", &run]).status().unwrap().code()
    };
    assert_eq!(judge(&directory), Some(1));
    assert_eq!(fs::read_to_string(directory.join("lockgate.sarif")).unwrap(), one_run(&sandbox));
    // A shard that failed left no report.
    fs::remove_file(shards.join("shard-2.json")).unwrap();
    assert_eq!(judge(&directory), Some(2));
}

#[test]
fn parallel_jobs_of_gitlab_give_the_report_of_one_run() {
    let sandbox = tree();
    let pipeline = &example("gitlab-parallel.yml")[0];
    let count: usize = text(pipeline, &["lockgate-shard", "parallel"]).parse().unwrap();
    let script = |job: &str| texts(pipeline, &[job, "script"]).join("\n");
    let running = (1..=count).map(|number| {
        let variables = [("CI_NODE_INDEX", number), ("CI_NODE_TOTAL", count)];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_string())).into();
        let directory = checkout(&sandbox, &format!("job-{number}"));
        command("sh", &directory, &variables).args(["-e", "-c", &script("lockgate-shard")]).spawn().unwrap()
    });
    expect_codes(running.collect(), 0);
    assert_eq!(texts(pipeline, &["lockgate", "needs"]), ["lockgate-shard"]);
    assert_eq!(texts(pipeline, &["lockgate-shard", "artifacts", "paths"]), ["shard-*.json"]);
    let directory = checkout(&sandbox, "verdict");
    for number in 1..=count {
        let name = format!("shard-{number}.json");
        fs::copy(sandbox.outside(format!("job-{number}")).join(&name), directory.join(&name)).unwrap();
    }
    let status = command("sh", &directory, &Values::new()).args(["-e", "-c", &script("lockgate")]).status().unwrap();
    assert_eq!(status.code(), Some(1));
    for file in texts(pipeline, &["lockgate", "artifacts", "paths"]) {
        assert!(directory.join(&file).is_file(), "{file}");
    }
    assert_eq!(fs::read_to_string(directory.join("lockgate.sarif")).unwrap(), one_run(&sandbox));
}

/// A job of Kubernetes, with the directories of this machine in place of its volumes.
struct Job {
    spec: Node,
    /// Directories by the path that a container sees.
    volumes: Vec<(String, PathBuf)>,
}

impl Job {
    fn container(&self) -> Node {
        let containers = list(&self.spec, &["template", "spec", "containers"]);
        assert_eq!(containers.len(), 1);
        containers[0].clone()
    }

    /// `text` as the container gets it: variables filled in, paths of volumes those of this machine.
    fn resolved(&self, text: &str, index: usize) -> String {
        let text = text.replace("$(JOB_COMPLETION_INDEX)", &index.to_string());
        assert!(!text.contains("$("), "{text}");
        let mounts = list(&self.container(), &["volumeMounts"]);
        for (path, _) in &self.volumes {
            assert!(mounts.iter().any(|mount| mount.get("mountPath").and_then(Node::as_str) == Some(path)), "{path}");
        }
        self.volumes.iter().fold(text, |text, (path, directory)| match text.split_once(path.as_str()) {
            Some((before, rest)) if before.is_empty() || before.ends_with('=') => {
                format!("{before}{}{rest}", directory.display())
            }
            _ => text,
        })
    }

    fn count(&self) -> usize {
        text(&self.spec, &["completions"]).parse().unwrap()
    }

    /// Starts the pod with this index.
    fn start(&self, index: usize) -> Child {
        let container = self.container();
        let words = [texts(&container, &["command"]), texts(&container, &["args"])].concat();
        // A script is text of its own, into which Kubernetes fills nothing; it knows its directories from variables.
        let words: Vec<String> = words
            .iter()
            .map(|word| if word.contains('\n') { word.clone() } else { self.resolved(word, index) })
            .collect();
        let mut variables: Values = Values::new();
        for variable in container.get("env").and_then(Node::as_sequence).unwrap_or_default() {
            variables.insert(text(variable, &["name"]), self.resolved(&text(variable, &["value"]), index));
        }
        variables.insert("JOB_COMPLETION_INDEX".to_owned(), index.to_string());
        let directory = container.get("workingDir").and_then(Node::as_str).unwrap_or("/");
        command(&words[0], Path::new(&self.resolved(directory, index)), &variables).args(&words[1..]).spawn().unwrap()
    }
}

fn jobs(name: &str, volumes: &[(&str, PathBuf)]) -> Vec<Job> {
    let volumes: Vec<(String, PathBuf)> = volumes.iter().map(|(path, at)| ((*path).to_owned(), at.clone())).collect();
    let spec = |document: &Node| document.get("spec").unwrap().clone();
    example(name).iter().map(|document| Job { spec: spec(document), volumes: volumes.clone() }).collect()
}

#[test]
fn the_indexed_job_gives_the_report_of_one_run() {
    let sandbox = tree();
    let volumes = [("/tree", sandbox.tree()), ("/reports", sandbox.outside(""))];
    let jobs = jobs("kubernetes-indexed-job.yaml", &volumes);
    let [shards, verdict] = jobs.as_slice() else { panic!("two jobs") };
    assert_eq!(text(&shards.spec, &["completionMode"]), "Indexed");
    expect_codes((0..shards.count()).map(|index| shards.start(index)).collect(), 0);
    assert_eq!(verdict.start(0).wait().unwrap().code(), Some(1));
    assert_eq!(fs::read_to_string(sandbox.outside("lockgate.sarif")).unwrap(), one_run(&sandbox));
}

/// Each repository is scanned by one pod, and has its own verdict; one that is not there has none.
#[test]
fn the_job_over_repositories_gives_each_a_verdict() {
    let sandbox = Sandbox::new();
    let mut expected = Vec::new();
    let mut urls = String::new();
    for number in 0..23_u64 {
        let directory = sandbox.outside(format!("repositories/{number}"));
        if number != 7 {
            let leaks = number % 3 == 0;
            fs::create_dir_all(&directory).unwrap();
            fs::write(
                directory.join("a.py"),
                if leaks { format!("a = '{}'\n", token(number)) } else { "a = 1\n".into() },
            )
            .unwrap();
            for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "--quiet", "--message=One"]] {
                let identity = ["AUTHOR", "COMMITTER"].map(|role| {
                    [
                        (format!("GIT_{role}_NAME"), "Test".to_owned()),
                        (format!("GIT_{role}_EMAIL"), "t@example.com".into()),
                    ]
                });
                let git =
                    command("git", &directory, &identity.into_iter().flatten().collect()).args(arguments).status();
                assert!(git.unwrap().success());
            }
        }
        let url = format!("file://{}", directory.display());
        urls += &url;
        // The last line ends without a break.
        urls += if number == 22 { "" } else { "\n" };
        expected.push(format!("{}\t{url}", if number == 7 { 2 } else { i32::from(number % 3 == 0) }));
    }
    for directory in ["list", "reports"] {
        fs::create_dir(sandbox.outside(directory)).unwrap();
    }
    fs::write(sandbox.outside("list/repositories.txt"), urls).unwrap();
    let job = |index: usize| {
        let work = sandbox.outside(format!("work-{index}"));
        fs::create_dir(&work).unwrap();
        let volumes = [("/list", sandbox.outside("list")), ("/reports", sandbox.outside("reports")), ("/work", work)];
        jobs("kubernetes-repositories-job.yaml", &volumes).remove(0)
    };
    let count = job(99).count();
    assert!(job(98).container().get("env").is_some());
    expect_codes((0..count).map(|index| job(index).start(index)).collect(), 0);
    let mut verdicts = Vec::new();
    let mut reports = 0;
    for name in names(&sandbox.outside("reports")) {
        let content = fs::read_to_string(sandbox.outside("reports").join(&name)).unwrap();
        if name.starts_with("verdicts-") {
            verdicts.extend(content.lines().map(ToOwned::to_owned));
        } else {
            reports += 1;
        }
    }
    verdicts.sort();
    expected.sort();
    assert_eq!(verdicts, expected);
    assert_eq!(reports, 22, "one for each that was there");
}
