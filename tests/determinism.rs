//! The same tree gives the same bytes, however many threads look at it and however often.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fmt::Write as _;
use std::fs;

use cli::{BASE62, Random, Sandbox, sample, token};

/// Some 300 files in directories of uneven size: findings of several rules, several on a line, suppressed, baselined;
/// files that are binary, cut, excluded, ignored.
fn tree() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut random = Random(42);
    for number in 0..300_u64 {
        let directory = match random.next() % 4 {
            0 => "flat".to_owned(),
            1 => format!("nested/{}/{}", number % 3, number % 7),
            2 => format!("deep/{}leaf", "x/".repeat(usize::try_from(number % 9).unwrap())),
            _ => format!("single/{number}"),
        };
        let mut text = String::new();
        for line in 0..random.next() % 30 {
            // Few different secrets, so that the same one stands in many places.
            let seed = random.next() % 12;
            match random.next() % 8 {
                0 => writeln!(text, "a = '{}'; b = '{}'", token(seed), sample("critical", seed)).unwrap(),
                1 => writeln!(text, "c: {}", sample("low", seed)).unwrap(),
                2 => writeln!(text, "d: {} # lockgate: ignore number {line}", token(seed)).unwrap(),
                3 => writeln!(text, "password = \"{}\"", random.text(BASE62, 14)).unwrap(),
                _ => text.push_str("nothing to see\n"),
            }
        }
        sandbox.write(format!("{directory}/{number}.ini"), text);
    }
    sandbox
        .write("bin/a", b"\0\x01")
        .write("bin/b", b"\0\x02")
        .write("big.txt", "text\n".repeat(60_000))
        .write("left/out.py", token(1))
        .write(".lockgateignore", "flat/1*.ini\n")
        .write("lockgate.toml", "[scan]\nexclude = ['left']\nmax-file-size = 200_000\n[gate]\nseverity = 'low'\n");
    sandbox
}

const FORMATS: [&str; 6] = ["text", "sarif", "json", "jsonl", "github", "outputs"];

/// Every report of one run, what it printed, and its code.
fn run(sandbox: &Sandbox, threads: &str) -> Vec<String> {
    let mut arguments = vec!["--rules".to_owned(), sandbox.pack().display().to_string(), "--verbose".to_owned()];
    arguments.extend(["--threads".to_owned(), threads.to_owned()]);
    for format in FORMATS {
        arguments.extend(["--report".to_owned(), format!("{format}={}", sandbox.outside(format).display())]);
    }
    let outcome = sandbox.scan(&arguments).expect_code(1);
    let mut all = vec![outcome.stdout, outcome.stderr];
    all.extend(FORMATS.iter().map(|format| fs::read_to_string(sandbox.outside(format)).unwrap()));
    all
}

#[test]
fn every_report_is_the_same_for_any_number_of_threads() {
    let sandbox = tree();
    let first = run(&sandbox, "1");
    let report: serde_json::Value = serde_json::from_str(&first[4]).unwrap();
    assert!(report["findings"].as_array().unwrap().len() > 500, "the tree is worth the test");
    assert!(report["coverage"]["entries"].as_array().unwrap().len() > 20, "the tree is worth the test");
    for threads in ["2", "8", "1", "8", "3", "0"] {
        let again = run(&sandbox, threads);
        for (index, (before, after)) in first.iter().zip(&again).enumerate() {
            assert!(before == after, "output {index} differs with --threads {threads}");
        }
    }
}

#[test]
fn the_baseline_is_the_same_for_any_number_of_threads() {
    let sandbox = tree();
    let path = sandbox.outside("baseline.json");
    let mut baselines = ["1", "2", "8", "8"].map(|threads| {
        let pack = sandbox.pack();
        let arguments = ["baseline", "create", "--threads", threads, "--rules", pack.to_str().unwrap(), "--output"];
        sandbox.run(arguments.iter().chain([&path.to_str().unwrap()])).expect_code(0);
        fs::read_to_string(&path).unwrap()
    });
    assert!(baselines[0].lines().count() > 200);
    baselines.sort_unstable();
    assert_eq!(baselines[0], baselines[3]);
    // With it, nothing blocks, and the reports still agree.
    let with = ["1", "8"].map(|threads| {
        let pack = sandbox.pack();
        let arguments = ["--threads", threads, "--format", "sarif", "--rules", pack.to_str().unwrap(), "--baseline"];
        sandbox.scan(arguments.iter().chain([&path.to_str().unwrap()])).expect_code(0).stdout
    });
    assert_eq!(with[0], with[1]);
}

/// The order in which paths are named, and whether they overlap, changes nothing.
#[test]
fn the_order_of_the_paths_does_not_matter() {
    let sandbox = tree();
    let scan = |paths: [&str; 4]| sandbox.scan(["--format", "jsonl"].iter().chain(&paths)).expect_code(1).stdout;
    let sorted = scan(["deep", "flat", "nested", "nested/1"]);
    let findings = |text: &str| text.lines().filter(|line| line.contains("\"finding\"")).count();
    assert!(findings(&sorted) > 100);
    let shuffled = scan(["nested/1", "nested", "deep", "flat"]);
    let without_root = |text: &str| text.lines().filter(|line| !line.contains("\"verdict\"")).collect::<String>();
    assert_eq!(without_root(&sorted), without_root(&shuffled));
}
