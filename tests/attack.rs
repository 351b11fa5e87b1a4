//! Changes that try to silence their own judgement, in repositories made by git: under `--policy-from` each gets the
//! verdict that it would get without the attempt, and the attempt is named in the report.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;
#[path = "common/proposal.rs"]
mod proposal;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::os::unix::fs::symlink;
use std::sync::LazyLock;

use cli::token;
use proposal::{POLICY, PRIVILEGED, TOKEN, attempts, blocking, commit, judged, pod, proposal, report, scan};
use workshop::{Workshop, said};

/// What the change of [`proposal`] is blocked for.
fn honest() -> Vec<String> {
    static HONEST: LazyLock<Vec<String>> = LazyLock::new(look_honestly);
    HONEST.clone()
}

fn look_honestly() -> Vec<String> {
    let workshop = proposal();
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1, "{report:#}");
    assert_eq!(attempts(&report), [""; 0], "{report:#}");
    let rules: Vec<String> = blocking(&report).into_iter().map(str::to_owned).collect();
    for rule in [TOKEN, PRIVILEGED, "acme-key"] {
        assert!(rules.iter().any(|known| known == rule), "{rule}: {rules:?}");
    }
    rules
}

/// Carries out `attack` on the change, and checks verdict and report. `silences` says whether the attack works where the
/// policy is that of the tree: then the test shows that something was prevented.
#[track_caller]
fn defeat(name: &str, silences: bool, attack: impl FnOnce(&Workshop), expected: &[&str]) {
    let workshop = proposal();
    attack(&workshop);
    commit(&workshop, name);
    if silences {
        let output = scan(&workshop, &["--format", "outputs"]);
        let words = said(&output);
        let count = words.lines().find_map(|line| line.strip_prefix("blocking=")).unwrap_or("none");
        let count = count.parse::<usize>().ok();
        assert!(
            count.is_none_or(|count| count < honest().len()),
            "{name} has no effect without --policy-from: {words}"
        );
    }
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1, "{name}: {report:#}");
    assert_eq!(blocking(&report), honest(), "{name}: {report:#}");
    assert_eq!(attempts(&report), expected, "{name}: {report:#}");
    // Every format names it.
    let path = expected[0].split(':').next().unwrap();
    for format in ["text", "sarif", "jsonl", "github"] {
        let words = said(&scan(&workshop, &["--policy-from", "main", "--format", format]));
        assert!(words.contains(path), "{name}: {format}: {words}");
        assert!(words.to_lowercase().contains("suppress"), "{name}: {format}: {words}");
    }
    let words = said(&scan(&workshop, &["--policy-from", "main", "--format", "outputs"]));
    assert!(words.contains(&format!("\nself-suppressions={}\n", expected.len())), "{name}: {words}");
}

fn edit(workshop: &Workshop, path: &str, from: &str, to: &str) {
    let text = workshop.read(path);
    assert!(text.contains(from), "{path}: {text}");
    workshop.write(path, &text.replace(from, to));
}

#[test]
fn an_edit_of_the_configuration_counts_for_nothing() {
    defeat(
        "thresholds",
        true,
        |workshop| edit(workshop, "lockgate.toml", "\"low\"", "\"critical\"\nconfidence = \"high\""),
        &["lockgate.toml: configuration", "lockgate.toml: configuration"],
    );
    defeat(
        "exclusion",
        true,
        |workshop| edit(workshop, "lockgate.toml", "fixtures/**", "**"),
        &["lockgate.toml: exclusion"],
    );
    defeat(
        "negation",
        true,
        |workshop| edit(workshop, "lockgate.toml", "[\"fixtures/**\"]", "[\"fixtures/**\", \"*.py\"]"),
        &["lockgate.toml: exclusion"],
    );
    defeat(
        "rules",
        true,
        |workshop| {
            let disable = format!("[rules]\ndisable = [\"{TOKEN}\", \"kubernetes-*\"]");
            edit(workshop, "lockgate.toml", "[rules]", &disable);
        },
        &["lockgate.toml: rules", "lockgate.toml: rules"],
    );
    defeat(
        "severities",
        true,
        |workshop| {
            let text = workshop.read("lockgate.toml") + &format!("[rules.severity]\n\"{TOKEN}\" = \"info\"\n");
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: rules"],
    );
    defeat(
        "a tiny bound",
        true,
        |workshop| edit(workshop, "lockgate.toml", "[scan]", "[scan]\nmax-file-size = 1"),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a milder word on itself",
        false,
        |workshop| {
            let text = workshop.read("lockgate.toml") + "[trust]\nself-suppression = \"report\"\n";
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: configuration"],
    );
}

#[test]
fn a_configuration_that_is_gone_or_broken_counts_for_nothing() {
    let remove = |workshop: &Workshop| fs::remove_file(workshop.top().join("lockgate.toml")).unwrap();
    defeat("removed", true, remove, &["lockgate.toml: configuration"]);
    defeat("broken", true, |workshop| workshop.write("lockgate.toml", "[scan\n"), &["lockgate.toml: configuration"]);
    defeat(
        "huge",
        true,
        |workshop| workshop.write("lockgate.toml", &"#".repeat(3 << 20)),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "unknown keys",
        true,
        |workshop| workshop.write("lockgate.toml", &format!("extends = \"evil.toml\"\n{POLICY}")),
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a link in the tree",
        true,
        |workshop| {
            remove(workshop);
            workshop.write("src/mild.toml", "[gate]\nseverity = \"critical\"\n");
            symlink("src/mild.toml", workshop.top().join("lockgate.toml")).unwrap();
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a link out of the tree",
        true,
        |workshop| {
            remove(workshop);
            fs::write(workshop.path("outside.toml"), "[gate]\nseverity = \"critical\"\n").unwrap();
            symlink("../outside.toml", workshop.top().join("lockgate.toml")).unwrap();
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "a directory",
        false,
        |workshop| {
            remove(workshop);
            workshop.write("lockgate.toml/x", "y\n");
        },
        &["lockgate.toml: configuration"],
    );
    defeat(
        "elsewhere",
        false,
        |workshop| {
            workshop.write("src/lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
            workshop.write("Lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
        },
        &["Lockgate.toml: configuration", "src/lockgate.toml: configuration"],
    );
}

#[test]
fn an_edit_of_what_the_configuration_extends_counts_for_nothing() {
    defeat(
        "extended",
        true,
        |workshop| workshop.write("ci/base.toml", "[scan]\nexclude = [\"**\"]\n[gate]\nconfidence = \"low\"\n"),
        &["ci/base.toml: exclusion"],
    );
    defeat(
        "extended and gone",
        false,
        |workshop| fs::remove_file(workshop.top().join("ci/base.toml")).unwrap(),
        &["ci/base.toml: configuration"],
    );
}

#[test]
fn a_waiver_counts_for_nothing() {
    defeat(
        "waiver",
        true,
        |workshop| {
            let waiver = format!("[[waiver]]\nrule = \"{TOKEN}\"\nreason = \"trust me\"\nuntil = \"2099-01-01\"\n");
            let text = workshop.read("lockgate.toml") + &waiver;
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: waiver"],
    );
}

#[test]
fn comments_and_annotations_count_for_nothing() {
    for (name, comment) in [
        ("line", format!("# lockgate: ignore[{TOKEN}] a test")),
        ("every rule", "# lockgate: ignore".to_owned()),
        ("peer", "# gitleaks:allow".to_owned()),
        ("pragma", "# pragma: allowlist secret".to_owned()),
    ] {
        defeat(
            name,
            true,
            |workshop| workshop.write("src/deploy.py", &format!("TOKEN = \"{}\" {comment}\n", token(1))),
            &["src/deploy.py: inline"],
        );
    }
    defeat(
        "file and block",
        true,
        |workshop| {
            let text = workshop.read("src/deploy.py");
            workshop.write("src/deploy.py", &format!("# lockgate: ignore-file\n{text}"));
            let text = workshop.read("src/order.py");
            workshop.write("src/order.py", &format!("# lockgate: ignore-block\n{text}# lockgate: end-ignore\n"));
        },
        &["src/deploy.py: inline", "src/order.py: inline"],
    );
    let workshop = proposal();
    let annotated = pod(true).replace(
        "  namespace: shop\n",
        &format!("  namespace: shop\n  annotations:\n    lockgate/ignore: {PRIVILEGED} needed\n"),
    );
    workshop.write("pod.yaml", &annotated);
    commit(&workshop, "annotation");
    let (code, report) = judged(&workshop);
    assert_eq!(code, 1);
    assert_eq!(blocking(&report), honest());
    assert!(attempts(&report).iter().all(|attempt| attempt == "pod.yaml: inline"), "{report:#}");
    assert!(!attempts(&report).is_empty());
}

#[test]
fn ignore_files_count_for_nothing() {
    for name in [".lockgateignore", "src/.lockgateignore", "src/.gitignore"] {
        defeat(
            name,
            true,
            |workshop| workshop.write(name, "*.py\n*.yaml\n"),
            &[&format!("{name}: ignore-file"), &format!("{name}: ignore-file")],
        );
    }
    defeat("gitignore", true, |workshop| workshop.write(".gitignore", "build/\n/src/\n"), &[".gitignore: ignore-file"]);
    defeat(
        "the list of another scanner",
        true,
        |workshop| workshop.write(".gitleaksignore", "src/deploy.py:github-pat:1\n"),
        &[".gitleaksignore: ignore-file"],
    );
    defeat(
        "ignore files of others",
        false,
        |workshop| {
            workshop.write(".ignore", "src/\n");
            workshop.write(".GITIGNORE", "src/\n");
        },
        &[".GITIGNORE: ignore-file", ".ignore: ignore-file"],
    );
}

#[test]
fn attributes_count_for_nothing_and_are_named() {
    defeat(
        "attributes",
        false,
        |workshop| workshop.write(".gitattributes", "*.sh text\n*.py linguist-generated -diff\n*.yaml binary\n"),
        &[".gitattributes: attributes", ".gitattributes: attributes"],
    );
}

#[test]
fn baseline_entries_count_for_nothing() {
    defeat(
        "baseline",
        true,
        |workshop| {
            let output =
                workshop.command_in(&workshop.top(), "lockgate").args(["baseline", "create"]).output().unwrap();
            assert!(output.status.success(), "{}", said(&output));
        },
        &vec!["lockgate-baseline.json: baseline"; honest().len()],
    );
    defeat(
        "another baseline",
        true,
        |workshop| {
            let create = ["baseline", "create", "--output", "src/known.json"];
            assert!(workshop.command_in(&workshop.top(), "lockgate").args(create).status().unwrap().success());
            let text = workshop.read("lockgate.toml") + "[baseline]\npath = \"src/known.json\"\n";
            workshop.write("lockgate.toml", &text);
        },
        &["lockgate.toml: baseline"],
    );
    // The option names a file of the repository: it is read from there, too.
    let workshop = proposal();
    workshop.write("known.json", "{\"schema\": \"lockgate/baseline/v1\", \"findings\": []}\n");
    let output = scan(&workshop, &["--policy-from", "main", "--baseline", "known.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains(":known.json: is not there"), "{}", said(&output));
}

#[test]
fn packs_count_as_main_has_them() {
    defeat(
        "a pack that finds nothing",
        true,
        |workshop| edit(workshop, "ci/rules/acme.yaml", "acme_(", "emca_("),
        &["ci/rules/acme.yaml: rule-pack"],
    );
    defeat(
        "no pack",
        true,
        |workshop| fs::remove_file(workshop.top().join("ci/rules/acme.yaml")).unwrap(),
        &["ci/rules/acme.yaml: rule-pack"],
    );
    defeat(
        "a link for a pack",
        true,
        |workshop| {
            fs::remove_dir_all(workshop.top().join("ci/rules")).unwrap();
            symlink("../src", workshop.top().join("ci/rules")).unwrap();
        },
        &["ci/rules/acme.yaml: rule-pack"],
    );
    let workshop = proposal();
    edit(&workshop, "lockgate.toml", "packs = [\"ci/rules\"]", "packs = []");
    commit(&workshop, "without packs");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, honest().iter().map(String::as_str).collect()));
    assert_eq!(attempts(&report), ["lockgate.toml: rule-pack"]);
}

#[test]
fn a_file_that_is_moved_out_of_sight_is_looked_at() {
    // The token stands in main already: it is moved where nobody looks.
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    let text = format!("{}TOKEN = \"{}\"\n", workshop.read("src/moved.py"), token(7));
    workshop.write("src/moved.py", &text);
    commit(&workshop, "a leak of old");
    workshop.git(&["switch", "--quiet", "--create", "hiding"]);
    let (before, honest) = judged(&workshop);
    assert_eq!((before, blocking(&honest)), (1, vec![TOKEN]));
    for (directory, rule) in [("fixtures", "[scan] exclude"), ("build", ".gitignore:1")] {
        fs::create_dir_all(workshop.top().join(directory)).unwrap();
        workshop.git(&["mv", "src/moved.py", &format!("{directory}/moved.py")]);
        commit(&workshop, directory);
        let (code, _) = report(&workshop, &[]);
        assert_eq!(code, 0, "{directory}");
        let (code, judged) = judged(&workshop);
        assert_eq!((code, blocking(&judged)), (1, vec![TOKEN]), "{directory}: {judged:#}");
        assert_eq!(attempts(&judged), [format!("{directory}/moved.py: hidden-file")]);
        let detail = judged["self_suppression"]["attempts"][0]["detail"].as_str().unwrap();
        assert!(detail.contains("moves src/moved.py") && detail.contains(rule), "{detail}");
        // It is no newer for that.
        let (code, compared) = report(&workshop, &["--policy-from", "main", "--since", "main"]);
        assert_eq!(code, 0, "{compared:#}");
        assert_eq!(compared["findings"][0]["state"], "existing");
        workshop.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    }
    // The same before it is committed.
    workshop.git(&["mv", "src/moved.py", "fixtures/moved.py"]);
    let (code, judged) = proposal::judged(&workshop);
    assert_eq!((code, attempts(&judged)), (1, vec!["fixtures/moved.py: hidden-file".to_owned()]), "{judged:#}");
    let (code, staged) = report(&workshop, &["--policy-from", "main", "--staged"]);
    assert_eq!((code, attempts(&staged)), (0, vec!["fixtures/moved.py: hidden-file".to_owned()]), "{staged:#}");
    assert_eq!(staged["findings"][0]["state"], "existing");
    workshop.git(&["reset", "--quiet", "--hard"]);
    // What is added against the word of .gitignore is looked at too; what stands in an excluded directory is not.
    workshop.write("build/deploy.py", &format!("TOKEN = \"{}\"\n", token(8)));
    workshop.write("fixtures/new.py", &format!("TOKEN = \"{}\"\n", token(9)));
    commit(&workshop, "forced");
    let (_, judged) = proposal::judged(&workshop);
    assert_eq!(blocking(&judged), [TOKEN, TOKEN], "{judged:#}");
    assert_eq!(attempts(&judged), ["build/deploy.py: hidden-file"]);
}

#[test]
fn what_a_new_link_brings_back_into_sight_is_looked_at() {
    let workshop = proposal();
    workshop.write("fixtures/real.py", &format!("TOKEN = \"{}\"\n", token(6)));
    workshop.write("fixtures/deep/real.py", &format!("TOKEN = \"{}\"\n", token(7)));
    symlink("../fixtures/real.py", workshop.top().join("src/real.py")).unwrap();
    symlink("../fixtures/deep", workshop.top().join("src/deep")).unwrap();
    commit(&workshop, "links");
    let (code, judged) = judged(&workshop);
    assert_eq!(code, 1);
    assert_eq!(blocking(&judged).iter().filter(|rule| **rule == TOKEN).count(), 3, "{judged:#}");
    assert_eq!(attempts(&judged), ["fixtures/deep/real.py: hidden-file", "fixtures/real.py: hidden-file"]);
}

#[test]
fn a_text_that_turns_binary_is_named() {
    let workshop = proposal();
    fs::write(workshop.top().join("src/app.py"), [b"\0\0\0\0", format!("x = '{}'\n", token(3)).as_bytes()].concat())
        .unwrap();
    commit(&workshop, "binary");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec!["src/app.py: hidden-file".to_owned()]), "{report:#}");
}

/// The files of a repository, committed below another one, pass for a repository without a work tree to programs that do
/// not look twice.
#[test]
fn a_repository_that_the_change_brings_along_is_not_asked() {
    let workshop = proposal();
    let evil = Workshop::new();
    evil.write("lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&evil, "evil");
    for directory in ["", "src/"] {
        for name in ["HEAD", "objects", "refs"] {
            let to = workshop.top().join(directory);
            let copied = workshop
                .command_in(&evil.top().join(".git"), "cp")
                .args(["--recursive", name])
                .arg(&to)
                .status()
                .unwrap();
            assert!(copied.success());
        }
        workshop.write(
            &format!("{directory}config"),
            "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n",
        );
    }
    commit(&workshop, "embedded repositories");
    for path in [".", "src"] {
        let (code, report) = report(&workshop, &["--policy-from", "main", path]);
        assert_eq!(code, 1, "{path}: {report:#}");
        assert!(blocking(&report).contains(&TOKEN), "{path}: {report:#}");
        assert_eq!(report["self_suppression"]["is_head"], false);
    }
}

#[test]
fn a_crowd_of_small_things_hides_nothing() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    let text = format!("{}TOKEN = \"{}\"\n", workshop.read("src/moved.py"), token(7));
    workshop.write("src/moved.py", &text);
    commit(&workshop, "a leak of old");
    workshop.git(&["switch", "--quiet", "--create", "crowd"]);
    for number in 0..300 {
        workshop.write(&format!("fixtures/a{number}.py"), &format!("x = {number}\n"));
        workshop.write(&format!("a{number}/.gitignore"), "*.py\n*.tf\n*.yaml\n*.env\n");
    }
    workshop.git(&["mv", "src/moved.py", "fixtures/zz.py"]);
    workshop.write("fixtures/zz.py", &format!("# a line more\n{text}"));
    edit(&workshop, "lockgate.toml", "\"low\"", "\"critical\"");
    commit(&workshop, "crowd");
    let (code, judged) = judged(&workshop);
    assert_eq!((code, blocking(&judged)), (1, vec![TOKEN]), "{judged:#}");
    let named = attempts(&judged);
    assert_eq!(named[..2], ["lockgate.toml: configuration", "fixtures/zz.py: hidden-file"]);
    assert_eq!(named.len(), 1000);
    let text = said(&scan(&workshop, &["--policy-from", "main"]));
    assert!(text.contains("\n  lockgate.toml:8: sets gate.severity to \"critical\" (configuration)\n"), "{text}");
    assert!(text.contains("and 980 more (--verbose lists all)"), "{text}");
}
