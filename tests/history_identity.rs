//! One leak is one finding, whichever way it is looked at: in the files, in the index, against an earlier commit and in the
//! history. What silences it in one of them silences it in all.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/history.rs"]
mod history;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::path::Path;

use history::{commit, output, secret};
use leak::LEAK;
use serde_json::Value;
use workshop::{Workshop, said};

/// The ways to look, each with what it says of a suppressed or an active finding alike.
const WAYS: [&[&str]; 4] = [&[], &["--staged"], &["--since", "HEAD"], &["--history"]];

/// Looks at the workshop in one way: exit code and findings.
#[track_caller]
fn look(workshop: &Workshop, directory: &Path, way: &[&str]) -> (i32, Vec<Value>) {
    let output = output(workshop, directory, way);
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(&output)));
    (output.status.code().unwrap(), report["findings"].as_array().unwrap().clone())
}

/// A workshop with one commit, then `files`, staged. The history is looked at when they are committed.
fn staged(files: &[(&str, String)]) -> Workshop {
    let workshop = Workshop::new();
    workshop.write("start", "");
    commit(&workshop, "start");
    for (path, text) in files {
        workshop.write(path, text);
    }
    workshop.git(&["add", "--all"]);
    workshop
}

/// Looks in every way; the history last, behind a commit.
fn look_in_every_way(workshop: &Workshop, below: &str) -> Vec<(i32, Vec<Value>)> {
    let mut seen = Vec::new();
    for way in WAYS {
        if way.contains(&"--history") {
            commit(workshop, "leaks");
        }
        seen.push(look(workshop, &workshop.top().join(below), way));
    }
    seen
}

/// Rule, path, line and fingerprint of each finding.
fn identities(findings: &[Value]) -> Vec<String> {
    let text = |finding: &Value| {
        let location = &finding["location"];
        let line = &location["region"]["start"]["line"];
        format!("{} {}:{line} {}", finding["rule"], location["path"], finding["fingerprint"])
    };
    findings.iter().map(text).collect()
}

fn leaks() -> Vec<(&'static str, String)> {
    let body = "MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAq7BFUpkGp3+LQmlQ\n";
    let kind = "PRIVATE KEY";
    vec![
        ("a.py", format!("{0}one = 1\r\n{0}", secret())),
        ("deep/b/.env", format!("PASSWORD=Zk9{}hQ0pLm2xVw\n", "3b")),
        ("deep/key.txt", format!("-----BEGIN {kind}-----\n{body}{}\n-----END {kind}-----\n", body.to_lowercase())),
        ("deep/\u{e4} b.yaml", secret()),
        ("deep/mark.txt", format!("\u{feff}{}", secret())),
    ]
}

#[test]
fn a_leak_has_one_identity_in_every_way() {
    for (below, count) in [("", 6), ("deep", 4)] {
        let workshop = staged(&leaks());
        let seen = look_in_every_way(&workshop, below);
        let [(_, tree), rest @ ..] = &seen[..] else { unreachable!() };
        assert_eq!(tree.len(), count, "{:?}", identities(tree));
        for (way, (code, findings)) in WAYS[1..].iter().zip(rest) {
            assert_eq!((identities(findings), *code), (identities(tree), 1), "{way:?} below {below:?}");
        }
    }
}

#[test]
fn a_baseline_of_the_files_holds_in_every_way() {
    let workshop = staged(&leaks());
    let create = ["baseline", "create"];
    let made = workshop.command_in(&workshop.top(), "lockgate").args(create).output().unwrap();
    assert!(made.status.success(), "{}", said(&made));
    for (way, (code, findings)) in WAYS.iter().zip(look_in_every_way(&workshop, "")) {
        assert_eq!((code, findings.len()), (0, 6), "{way:?}: {:?}", identities(&findings));
        assert!(findings.iter().all(|finding| finding["suppression"]["kind"] == "baseline"), "{way:?}: {findings:#?}");
    }
    // It holds where the leak is gone, and for nothing else.
    workshop.git(&["rm", "--quiet", "-r", "a.py", "deep"]);
    commit(&workshop, "mended");
    assert_eq!(look(&workshop, &workshop.top(), &["--history"]).0, 0);
    workshop.write("c.py", &secret());
    commit(&workshop, "another");
    let (code, findings) = look(&workshop, &workshop.top(), &["--history"]);
    let active: Vec<&Value> = findings.iter().filter(|finding| finding["suppression"].is_null()).collect();
    assert_eq!((code, active.len()), (1, 1), "{findings:#?}");
    assert_eq!(active[0]["location"]["path"], "c.py");
}

#[test]
fn a_comment_holds_in_every_way() {
    let ours = format!("lockgate{}", ':');
    let line = format!("token = \"{LEAK}\"");
    for text in [
        format!("{line} # {ours} ignore[github-personal-access-token] made up\n"),
        format!("{line} # {ours} ignore made up\n"),
        format!("# {ours} ignore[github-personal-access-token] made up\n{line}\n"),
        format!("# {ours} ignore-block made up\n{line}\n# {ours} end-ignore\n"),
        format!("# {ours} ignore-file[github-personal-access-token] made up\none = 1\n{line}\n"),
        format!("{line} # gitleaks{}allow\n", ':'),
    ] {
        let workshop = staged(&[("a.py", text.clone())]);
        for (way, (code, findings)) in WAYS.iter().zip(look_in_every_way(&workshop, "")) {
            assert_eq!((code, findings.len()), (0, 1), "{way:?}: {text}");
            assert_eq!(findings[0]["suppression"]["kind"], "inline", "{way:?}: {text}");
        }
    }
}

#[test]
fn a_comment_that_came_later_holds_for_what_is_still_there() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    workshop.write("b.py", &format!("one = 1\n{}", secret()));
    commit(&workshop, "leaks");
    let comment = format!("# lockgate{} ignore made up\n", ':');
    workshop.write("a.py", &format!("{comment}{}", secret()));
    workshop.write("b.py", "one = 1\n");
    commit(&workshop, "silenced and mended");
    let (code, findings) = look(&workshop, &workshop.top(), &["--history"]);
    assert_eq!((code, findings.len()), (1, 2));
    assert_eq!(
        (&findings[0]["location"]["path"], &findings[0]["suppression"]["kind"]),
        (&"a.py".into(), &"inline".into())
    );
    assert_eq!((&findings[1]["location"]["path"], &findings[1]["suppression"]), (&"b.py".into(), &Value::Null));
}

#[test]
fn the_configuration_holds_in_every_way() {
    for settings in [
        "[rules]\ndisable = [\"github-*\", \"generic-*\"]\n",
        "[scan]\nexclude = [\"a.py\"]\n",
        "[gate]\nseverity = \"critical\"\n[rules.severity]\ngithub-personal-access-token = \"low\"\n",
    ] {
        let workshop = staged(&[("a.py", secret()), ("lockgate.toml", settings.to_owned())]);
        for (way, (code, findings)) in WAYS.iter().zip(look_in_every_way(&workshop, "")) {
            assert_eq!(code, 0, "{way:?}: {settings}: {findings:#?}");
        }
    }
}
