//! `--policy-from`: which commit it means, what is read from there, what counts of the change, and what is said of it.

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

use serde_json::Value;

use cli::token;
use proposal::{POLICY, TOKEN, attempts, blocking, commit, judged, proposal, report, scan};
use workshop::{Workshop, said};

#[test]
fn a_comment_of_main_silences_what_it_silenced_there_and_no_more() {
    let workshop = Workshop::new();
    let silenced = |secret: &str| format!("# lockgate: ignore-file[{TOKEN}] samples\n\nTOKEN = \"{secret}\"\n");
    workshop.write("samples.py", &silenced(&token(1)));
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    // Lines in front of it, and another name for the file, change nothing.
    let moved = silenced(&token(1)).replace("\n\n", "\n# a line\n# another\n");
    workshop.write("samples.py", &moved);
    commit(&workshop, "lines");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    assert_eq!(report["findings"][0]["suppression"]["kind"], "inline");
    workshop.git(&["mv", "samples.py", "renamed.py"]);
    commit(&workshop, "rename");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    // A real secret under an old comment is a new one.
    workshop.write("renamed.py", &silenced(&token(2)));
    commit(&workshop, "another secret");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec!["renamed.py: inline".to_owned()]), "{report:#}");
}

#[test]
fn the_policy_says_whether_attempts_block() {
    let workshop = Workshop::new();
    workshop.write("lockgate.toml", "[trust]\nself-suppression = \"block\"\n");
    workshop.write("app.py", "x = 1\n");
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("app.py", "x = 2\n");
    commit(&workshop, "harmless");
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (0, vec![]), "{report:#}");
    workshop.write(".gitignore", "*.py\n");
    workshop.write("lockgate.toml", "[trust]\nself-suppression = \"report\"\n");
    commit(&workshop, "attempts");
    let (code, report) = judged(&workshop);
    assert_eq!((code, &report["verdict"]["self_suppression"]), (1, &Value::from(2)), "{report:#}");
    assert_eq!(attempts(&report), ["lockgate.toml: configuration", ".gitignore: ignore-file"]);
    let text = said(&scan(&workshop, &["--policy-from", "main"]));
    assert!(text.contains("blocked: 2 attempts of the change to suppress itself"), "{text}");
    let sarif = scan(&workshop, &["--policy-from", "main", "--format", "sarif"]);
    let sarif: Value = serde_json::from_slice(&sarif.stdout).unwrap();
    let properties = &sarif["runs"][0]["properties"]["selfSuppression"];
    assert_eq!((&properties["blocks"], properties["attempts"].as_array().unwrap().len()), (&Value::from(true), 2));
    let notifications = sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let own: Vec<&Value> = notifications
        .iter()
        .filter(|one| one["descriptor"]["id"].as_str().unwrap().starts_with("self-suppression/"))
        .collect();
    assert_eq!(own.len(), 2);
    assert_eq!(own[0]["level"], "error");
    assert_eq!(own[0]["locations"][0]["physicalLocation"]["region"]["startLine"], 2);
}

#[test]
fn what_main_changed_meanwhile_is_no_attempt_of_the_change() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.write("lockgate.toml", &POLICY.replace("[\"fixtures/**\"]", "[]").replace("\"low\"", "\"medium\""));
    workshop.write(".gitignore", "");
    commit(&workshop, "main goes on");
    workshop.git(&["switch", "--quiet", "change"]);
    let (code, report) = judged(&workshop);
    assert_eq!((code, attempts(&report)), (1, vec![]), "{report:#}");
}

#[test]
fn a_scan_of_a_directory_takes_the_policy_of_that_directory() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.write("src/lockgate.toml", "[gate]\nseverity = \"low\"\n");
    commit(&workshop, "a policy for src");
    workshop.git(&["switch", "--quiet", "change"]);
    workshop.git(&["rebase", "--quiet", "main"]);
    workshop.write("src/lockgate.toml", "[scan]\nexclude = [\"*\"]\n");
    workshop.write(".gitignore", "src/\n");
    commit(&workshop, "attack");
    let (code, report) = report(&workshop, &["--policy-from", "main", "src"]);
    assert_eq!((code, blocking(&report)), (1, vec![TOKEN]), "{report:#}");
    let named = attempts(&report);
    assert!(named.contains(&"lockgate.toml: exclusion".to_owned()), "{named:?}");
    assert!(named.contains(&"../.gitignore: ignore-file".to_owned()), "{named:?}");
}

#[test]
fn a_link_in_the_policy_leads_inside_of_its_commit() {
    let workshop = Workshop::new();
    workshop.write("ci/policy.toml", "[gate]\nseverity = \"low\"\n");
    symlink("ci/policy.toml", workshop.top().join("lockgate.toml")).unwrap();
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    workshop.write("deploy.py", &format!("TOKEN = \"{}\"\n", token(1)));
    workshop.write("ci/policy.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&workshop, "attack through the link");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, vec![TOKEN]), "{report:#}");
    assert!(attempts(&report).contains(&"lockgate.toml: exclusion".to_owned()), "{report:#}");
    workshop.git(&["switch", "--quiet", "main"]);
    fs::remove_file(workshop.top().join("lockgate.toml")).unwrap();
    symlink("../../outside.toml", workshop.top().join("lockgate.toml")).unwrap();
    commit(&workshop, "a link out of the repository");
    let output = scan(&workshop, &["--policy-from", "main"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("is a symbolic link that leads out of the repository"), "{}", said(&output));
}

#[test]
fn a_ref_that_is_not_there_ends_with_the_command_that_brings_it() {
    let upstream = proposal();
    let clone = Workshop::new();
    let url = format!("file://{}", upstream.top().display());
    let command = ["clone", "--quiet", "--depth=1", "--branch=change", "--single-branch", &url];
    let target = clone.path("clone");
    let output = clone.command_in(clone.directory.path(), "git").args(command).arg(&target).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let scan = |revision: &str, variables: &[(&str, &str)]| {
        let arguments = ["scan", "--quiet", "--policy-from", revision];
        clone.command_in(&target, "lockgate").args(arguments).envs(variables.iter().copied()).output().unwrap()
    };
    let mend = "git fetch --depth=1 origin +refs/heads/main:refs/remotes/origin/main";
    for (revision, variables) in [
        ("main", &[][..]),
        ("origin/main", &[]),
        ("auto", &[("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_BASE_REF", "main")]),
    ] {
        let output = scan(revision, variables);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(&format!("to mend: {mend}\n")), "{revision}: {}", said(&output));
    }
    let words: Vec<&str> = mend.split_whitespace().skip(1).collect();
    assert!(clone.command_in(&target, "git").args(words).status().unwrap().success());
    for revision in ["main", "origin/main"] {
        let output = scan(revision, &[]);
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    }
}

#[test]
fn a_branch_of_the_change_does_not_pass_for_that_of_the_remote() {
    let upstream = proposal();
    upstream.write("lockgate.toml", "[scan]\nexclude = [\"**\"]\n");
    commit(&upstream, "attack");
    let clone = Workshop::new();
    let url = upstream.top().display().to_string();
    let target = clone.path("clone");
    let git = |arguments: &[&str]| {
        let output = clone.command_in(&target, "git").args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    };
    fs::create_dir(&target).unwrap();
    git(&["init", "--quiet", "--initial-branch=other"]);
    git(&["remote", "add", "origin", &url]);
    git(&["fetch", "--quiet", "origin", "+refs/heads/*:refs/remotes/origin/*"]);
    // The change is checked out under the names of the branch that it is for.
    git(&["switch", "--quiet", "--create", "main", "origin/change"]);
    git(&["branch", "origin/main"]);
    git(&["tag", "main"]);
    for revision in ["main", "origin/main", "refs/remotes/origin/main"] {
        let arguments = ["scan", "--quiet", "--policy-from", revision];
        let output = clone.command_in(&target, "lockgate").args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{revision}: {}", said(&output));
    }
}

#[test]
fn options_that_name_files_are_read_from_the_ref_or_refused() {
    let workshop = proposal();
    workshop.write("ci/other.toml", "[scan]\nexclude = [\"**\"]\n");
    fs::write(workshop.path("outside.toml"), "[scan]\nexclude = [\"**\"]\n").unwrap();
    let refused = |arguments: &[&str], words: &str| {
        let output = scan(&workshop, arguments);
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(said(&output).contains(words), "{}", said(&output));
    };
    refused(&["--policy-from", "main", "--config", "ci/other.toml"], ":ci/other.toml: is not there");
    refused(&["--policy-from", "main", "--config", "../outside.toml"], "lies outside of the repository");
    refused(&["--policy-from", "main", "--rules", "src"], ":src: no rule pack");
    refused(&["--policy-from", "nowhere"], "has no commit by the name of");
    refused(&["--policy-from", "--all"], "");
    let (code, _) = report(&workshop, &["--policy-from", "main", "--config", "lockgate.toml"]);
    assert_eq!(code, 1);
    let empty = tempfile::tempdir().unwrap();
    let output =
        workshop.command_in(empty.path(), "lockgate").args(["scan", "--policy-from", "main"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("not inside of a git repository"), "{}", said(&output));
}

#[test]
fn what_is_staged_and_what_is_history_is_held_to_the_policy_too() {
    let workshop = proposal();
    workshop.write("src/late.py", &format!("TOKEN = \"{}\" # lockgate: ignore\n", token(5)));
    workshop.git(&["add", "--all"]);
    let (code, staged) = report(&workshop, &["--policy-from", "main", "--staged"]);
    assert_eq!((code, attempts(&staged)), (1, vec!["src/late.py: inline".to_owned()]), "{staged:#}");
    workshop.git(&["commit", "--quiet", "--message", "late"]);
    let (code, history) = report(&workshop, &["--policy-from", "main", "--history"]);
    assert_eq!((code, attempts(&history)), (1, vec!["src/late.py: inline".to_owned()]), "{history:#}");
}

#[test]
fn no_suppress_shows_and_judges_everything() {
    let workshop = Workshop::new();
    workshop.write("a.py", &format!("TOKEN = \"{}\" # lockgate: ignore\n", token(1)));
    workshop.write("b.py", &format!("TOKEN = \"{}\"\n", token(2)));
    let create = ["baseline", "create"];
    assert!(workshop.command_in(&workshop.top(), "lockgate").args(create).status().unwrap().success());
    let (code, quiet) = report(&workshop, &[]);
    assert_eq!((code, blocking(&quiet)), (0, vec![]));
    let (code, all) = report(&workshop, &["--no-suppress"]);
    assert_eq!((code, blocking(&all)), (1, vec![TOKEN, TOKEN]));
    assert!(all["findings"].as_array().unwrap().iter().all(|finding| finding["suppression"].is_null()));
}

#[test]
fn a_policy_from_head_says_so() {
    let workshop = proposal();
    let text = said(&scan(&workshop, &["--policy-from", "HEAD"]));
    assert!(text.contains("which is HEAD: what is committed has a say in its own judgement"), "{text}");
    // What is not committed has none.
    workshop.write(".lockgateignore", "*\n");
    let (code, report) = report(&workshop, &["--policy-from", "HEAD"]);
    assert_eq!((code, attempts(&report)), (1, vec![".lockgateignore: ignore-file".to_owned()]), "{report:#}");
}

#[test]
fn a_policy_that_cannot_be_read_leaves_the_verdict_open() {
    let broken = |name: &str, change: &dyn Fn(&Workshop), words: &str| {
        let workshop = proposal();
        workshop.git(&["switch", "--quiet", "main"]);
        change(&workshop);
        commit(&workshop, name);
        workshop.git(&["switch", "--quiet", "change"]);
        let output = scan(&workshop, &["--policy-from", "main"]);
        assert_eq!(output.status.code(), Some(2), "{name}: {}", said(&output));
        assert!(said(&output).contains(words), "{name}: {}", said(&output));
    };
    let link = |target: &'static str| {
        move |workshop: &Workshop| {
            fs::remove_file(workshop.top().join("lockgate.toml")).unwrap();
            symlink(target, workshop.top().join("lockgate.toml")).unwrap();
        }
    };
    broken("syntax", &|workshop| workshop.write("lockgate.toml", "[scan\n"), ":lockgate.toml:1:6: ");
    broken("size", &|workshop| workshop.write("lockgate.toml", &"#".repeat(2 << 20)), "is larger than 1048576 bytes");
    broken("loop", &link("lockgate.toml"), "is a symbolic link that leads nowhere");
    broken("absolute", &link("/etc/hostname"), "leads out of the repository");
    broken("directory", &link("src"), "is not a regular file");
    broken("pack", &|workshop| workshop.write("ci/rules/acme.yaml", "rules: ["), "ci/rules/acme.yaml:1:");
    broken(
        "no pack",
        &|workshop| fs::remove_file(workshop.top().join("ci/rules/acme.yaml")).unwrap(),
        ":ci/rules: no rule pack",
    );
    broken("baseline", &|workshop| workshop.write("lockgate-baseline.json", "{}"), ":lockgate-baseline.json: ");
}

#[test]
fn an_object_of_the_policy_that_is_not_here_leaves_the_verdict_open() {
    let workshop = proposal();
    let output =
        workshop.command_in(&workshop.top(), "git").args(["rev-parse", "main:lockgate.toml"]).output().unwrap();
    let id = String::from_utf8(output.stdout).unwrap();
    let (directory, name) = id.trim().split_at(2);
    fs::remove_file(workshop.top().join(".git/objects").join(directory).join(name)).unwrap();
    let output = scan(&workshop, &["--policy-from", "main"]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("to mend: git fetch --refetch --no-filter"), "{}", said(&output));
}

#[test]
fn packs_behind_a_link_of_the_policy_are_those_of_the_policy() {
    let workshop = proposal();
    workshop.git(&["switch", "--quiet", "main"]);
    workshop.git(&["mv", "ci/rules", "ci/all"]);
    symlink("all", workshop.top().join("ci/rules")).unwrap();
    workshop.write("ci/all/deep/fixtures/acme/bad.yaml", "no: pack\n");
    commit(&workshop, "a link to the packs");
    workshop.git(&["switch", "--quiet", "--create", "other"]);
    workshop.write("order.py", &format!("# ordered with {} of late\n", proposal::acme()));
    fs::remove_dir_all(workshop.top().join("ci/all")).unwrap();
    commit(&workshop, "no packs");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, vec!["acme-key"]), "{report:#}");
    assert_eq!(attempts(&report), ["ci/all/acme.yaml: rule-pack"], "{report:#}");
    workshop.git(&["checkout", "--quiet", "main", "--", "ci/all"]);
    fs::remove_file(workshop.top().join("ci/rules")).unwrap();
    symlink("../src", workshop.top().join("ci/rules")).unwrap();
    commit(&workshop, "another link");
    let (code, report) = judged(&workshop);
    assert_eq!((code, blocking(&report)), (1, vec!["acme-key"]), "{report:#}");
    assert_eq!(attempts(&report), ["ci/rules: rule-pack"], "{report:#}");
}

#[test]
fn the_policy_of_the_ref_says_which_gaps_leave_the_verdict_open() {
    let workshop = Workshop::new();
    workshop.write("lockgate.toml", "[scan]\nmax-file-size = \"1KiB\"\n[gate.undecided]\ntoo-large = \"block\"\n");
    workshop.write("app.py", "x = 1\n");
    commit(&workshop, "base");
    workshop.git(&["switch", "--quiet", "--create", "change"]);
    // What stands behind the bound is not seen, and the change says that this is all right.
    workshop.write("app.py", &format!("{}TOKEN = \"{}\"\n", "x = 1\n".repeat(1000), token(4)));
    workshop.write("lockgate.toml", "[scan]\nmax-file-size = \"1KiB\"\n[gate]\nundecided = \"warn\"\n");
    commit(&workshop, "padding");
    let (code, own) = report(&workshop, &[]);
    assert_eq!(code, 0, "{own:#}");
    let (code, held) = judged(&workshop);
    assert_eq!((code, &held["verdict"]["outcome"]), (2, &Value::from("undecided")), "{held:#}");
    let text = said(&scan(&workshop, &["--policy-from", "main"]));
    assert!(text.contains("app.py: 6") && text.contains("to mend: raise `[scan] max-file-size`"), "{text}");
}
