//! Configurations, ignore files, baselines and rule packs that want to break the gate: each ends with an error that names
//! its place, or is bounded.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;

use cli::{Sandbox, assert_harmless, cause, fifo, places, scan_beside_a_leak};

const NOTHING: [&str; 0] = [];

#[test]
fn ignore_files_and_configuration_that_are_no_files_do_not_block() {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree();
    fs::create_dir(tree.join(".git")).unwrap();
    fifo(&tree.join(".gitignore"));
    fifo(&tree.join(".lockgateignore"));
    let report = scan_beside_a_leak(&sandbox);
    assert_eq!(cause(&report, ".gitignore"), Some("not-regular"));

    fifo(&tree.join("lockgate.toml"));
    sandbox.scan(NOTHING).expect_error("lockgate.toml: is not a regular file");
    sandbox.remove("lockgate.toml");
    fifo(&tree.join("lockgate-baseline.json"));
    sandbox.scan(NOTHING).expect_error("lockgate-baseline.json: is not a regular file");
    sandbox.remove("lockgate-baseline.json");
    fifo(&tree.join("pack.yaml"));
    sandbox.scan(["--rules", "pack.yaml"]).expect_error("pack.yaml: is not a regular file");
    sandbox.write("lockgate.toml", "[rules]\npacks = ['pack.yaml']\n");
    sandbox.scan(NOTHING).expect_error("pack.yaml: is not a regular file");
}

#[test]
fn configuration_baseline_and_packs_that_are_links_out_of_the_tree_are_refused() {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree();
    fs::write(sandbox.outside("private.txt"), "private: very-private-words\n").unwrap();
    let refuse = |words: &str| {
        let outcome = sandbox.scan(NOTHING).expect_error(words);
        assert!(!outcome.stderr.contains("very-private"), "{outcome:#?}");
    };
    symlink(sandbox.outside("private.txt"), tree.join("lockgate.toml")).unwrap();
    refuse("lockgate.toml: is a symbolic link that leads out of the scanned tree");
    sandbox.remove("lockgate.toml");
    symlink(sandbox.outside("private.txt"), tree.join("lockgate-baseline.json")).unwrap();
    refuse("is a symbolic link that leads out of the directory of the configuration file");
    sandbox.remove("lockgate-baseline.json");
    // A directory of packs may stay inside and hold such a link all the same.
    fs::create_dir(tree.join("packs")).unwrap();
    symlink(sandbox.outside("private.txt"), tree.join("packs/a.yaml")).unwrap();
    sandbox.write("lockgate.toml", "[rules]\npacks = ['packs']\n");
    refuse("packs: `a.yaml` is a symbolic link that leads out of the directory");
    sandbox.remove("packs/a.yaml");
    symlink("../../pack.yaml", tree.join("packs/one.yaml")).unwrap();
    refuse("`one.yaml` is a symbolic link");
    sandbox.remove("packs/one.yaml");
    fs::copy(sandbox.pack(), tree.join("packs/real.yml")).unwrap();
    sandbox.scan(NOTHING).expect_code(0);
}

#[test]
fn hostile_configurations_end_with_an_error() {
    let sandbox = Sandbox::new();
    for (text, words) in [
        ("#".repeat((1 << 20) + 1), "lockgate.toml: is larger than 1MiB"),
        (format!("x = {}", "[".repeat(500_000)), "lockgate.toml:1:"),
        (format!("x = {}1{}", "{a=".repeat(300_000), "}".repeat(10)), "lockgate.toml:1:"),
        (format!("{} = 1", "a.".repeat(300_000)), "lockgate.toml:1:"),
        (format!("[scan]\nexclude = [{}]", "'**/*a*b*c*',".repeat(60_000)), "must have at most 1000 entries"),
        ("\0\u{1}\u{2}".to_owned(), "lockgate.toml:1:4: "),
    ] {
        let outcome = sandbox.write("lockgate.toml", text).scan(NOTHING).expect_error(words);
        assert!(outcome.stderr.len() < 20_000, "{} bytes", outcome.stderr.len());
        assert_harmless("configuration", &outcome.stderr);
    }
    sandbox.write("lockgate.toml", b"\xFF\xFEx").scan(NOTHING).expect_error("the text is not UTF-8");
    sandbox.write("lockgate.toml", "");
    sandbox
        .write("lockgate-baseline.json", "[".repeat(1_000_000))
        .scan(NOTHING)
        .expect_error("lockgate-baseline.json:1:");
}

#[test]
fn hostile_ignore_files_are_bounded() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.tree().join(".git")).unwrap();
    sandbox.write(".gitignore", format!("{}\n", "*a".repeat(300).repeat(2)).repeat(400));
    sandbox.write("a/.gitignore", "x".repeat((1 << 20) + 5)).write("a/b/.lockgateignore", "[z-a]\n{a\n\\\n");
    let report = scan_beside_a_leak(&sandbox);
    assert_eq!(cause(&report, "a/.gitignore"), Some("bound"));
    assert_eq!(cause(&report, "a/b/.lockgateignore"), Some("unparsed"));
}

/// A pack with one rule, whose `secret` is given.
fn pack(secret: &str) -> String {
    format!(
        "rules:\n  - id: e2e-own\n    title: Own\n    description: d\n    remediation: r\n    secret:\n      {secret}\n"
    )
}

#[test]
fn hostile_packs_end_with_an_error_at_their_line() {
    let sandbox = Sandbox::new();
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        writeln!(laughs, "a{level}: &a{level} [{}]", vec![format!("*a{}", level - 1); 10].join(", ")).unwrap();
    }
    let anchors: String = (0..150).fold(String::new(), |text, level| text + &format!("&a{level} ["));
    let nested = format!("rules: {anchors}{}{}\n", "x, ".repeat(200_000), "]".repeat(150));
    let repeated = format!("a: &a {}\nrules: [{}]\n", "x".repeat(1_000_000), "*a, ".repeat(100_000));
    for (text, words) in [
        (laughs, "p.yaml:6:"),
        (nested, "once aliases are expanded"),
        (repeated, "once aliases are expanded"),
        (format!("rules: {}\n", "[".repeat(100_000)), "p.yaml:1:"),
        ("x".repeat((8 << 20) + 1), "p.yaml: is larger than"),
        (pack("pattern: 'tok_(?<secret>(a{1000}){1000})'"), "p.yaml:7:16: the regex is too large once its repetitions"),
        (pack(r"pattern: 'tok_(?<secret>((((a{99}){99}){99}){99}))'"), "p.yaml:7:16: the regex is too large"),
        (pack(r"pattern: 'tok_(?<secret>(?u:\w{1000}))'"), "p.yaml:7:16: the regex is too large"),
        (pack(&format!("pattern: 'tok_(?<secret>{}a{})'", "(".repeat(200), ")".repeat(200))), "p.yaml:7:16: "),
        (pack(&format!("pattern: 'tok_(?<secret>{})'", "a".repeat(9000))), "p.yaml:7:16: the regex is longer than"),
        (pack("assigned: {names: [acme], value: '(a{1000}){1000}'}"), "p.yaml:7:40: the regex is too large"),
        (pack("pattern: 'tok_(?<secret>a)'\n      allow: ['(a{1000}){1000}']"), "p.yaml:8:14: the regex is too large"),
        (pack("pattern: 'tok_(?<secret>a)'\n      paths: ['a[']"), "p.yaml:8:15: not a glob: unclosed character"),
        (pack("pattern: 'tok_(?<secret>a)'\n      paths: ['/etc/*']"), "p.yaml:8:15: matches no path"),
        ("key: 1\n".repeat(100_000), "p.yaml:"),
    ] {
        let outcome = sandbox.write("p.yaml", text).scan(["--rules", "p.yaml"]).expect_error(words);
        assert!(outcome.stderr.len() < 200_000, "{} bytes", outcome.stderr.len());
        assert_eq!(outcome.stdout, "");
    }
}

#[test]
fn a_large_regex_that_loads_is_one_that_runs() {
    let sandbox = Sandbox::new();
    // Close to the bound on steps, with the costliest classes that count as one.
    let class = "[a-bd-eg-hj-km-np-qs-t]";
    sandbox.write("p.yaml", pack(&format!("pattern: 'tok_(?<secret>{class}{{500}}(?:{class}{{9000}})?)'")));
    let mut random = cli::Random(3);
    sandbox.write("x.txt", format!("tok_{}\n", random.text(b"abdeghjkmnpqst", 500)));
    let (outcome, report) = sandbox.scan_json(["--rules", "p.yaml"]);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["x.txt:1".to_owned()]));
}
