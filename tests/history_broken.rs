//! `lockgate scan --history` in repositories that are broken: what is broken is named, the rest is searched, and the verdict
//! stays open.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/history.rs"]
mod history;
#[path = "common/leak.rs"]
mod leak;
#[path = "common/workshop.rs"]
mod workshop;

use std::fs;
use std::path::PathBuf;

use history::{Scan, commit, git, scan, secret};
use workshop::{Workshop, said};

/// A leak in `a.py`, one in `b/b.py`, and `c.py`, which is not to be read, in the commit between them.
fn repository() -> Workshop {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    commit(&workshop, "a");
    workshop.write("c.py", &format!("c = 1\n{}", secret()));
    workshop.write("deep/d.py", &format!("d = 1\n{}", secret()));
    commit(&workshop, "c");
    workshop.git(&["rm", "--quiet", "-r", "c.py", "deep"]);
    workshop.write("b/b.py", &format!("b = 1\n{}", secret()));
    commit(&workshop, "b");
    workshop
}

fn loose(workshop: &Workshop, id: &str) -> PathBuf {
    workshop.top().join(".git/objects").join(&id[..2]).join(&id[2..])
}

fn overwrite(path: &PathBuf, bytes: &[u8]) {
    let _ = fs::remove_file(path);
    fs::write(path, bytes).unwrap();
}

/// The verdict stays open, these places are found, and one entry of the coverage at `path` names `id`.
#[track_caller]
fn expect_broken(found: &Scan, places: &[&str], path: &str, id: &str) {
    found.expect(2, places);
    let coverage = found.coverage();
    let begin = format!("{path}: unreadable: the object {id} ");
    assert!(coverage.len() == 1 && coverage[0].starts_with(&begin), "{begin}: {coverage:#?}");
}

#[test]
fn a_loose_object_that_is_missing_or_damaged_is_named() {
    for (object, path, rest) in [
        ("HEAD~1:c.py", "c.py", &["a.py:1", "b/b.py:2", "deep/d.py:2 (gone)"][..]),
        ("HEAD~1:deep", "deep/", &["a.py:1", "b/b.py:2", "c.py:2 (gone)"]),
        ("HEAD~1^{tree}", ".", &["a.py:1", "b/b.py:2"]),
    ] {
        let workshop = repository();
        let id = git(&workshop, &["rev-parse", object]);
        let file = loose(&workshop, &id);
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        let middle = whole.len() / 2;
        flipped[middle] ^= 0xff;
        // A tree with other bytes may still be a tree, of files that are not there.
        let flipped = if object.contains(':') { flipped } else { Vec::new() };
        for damaged in [&b""[..], b"no zlib stream", &whole[..whole.len() - 6], &flipped] {
            overwrite(&file, damaged);
            expect_broken(&scan(&workshop, &[]), rest, path, &id);
        }
        // An object of another kind under this name.
        let other = git(&workshop, &["rev-parse", "HEAD"]);
        overwrite(&file, &fs::read(loose(&workshop, &other)).unwrap());
        expect_broken(&scan(&workshop, &[]), rest, path, &id);
        fs::remove_file(&file).unwrap();
        expect_broken(&scan(&workshop, &[]), rest, path, &id);
    }
}

#[test]
fn a_commit_that_is_missing_or_damaged_hides_what_came_before() {
    let workshop = repository();
    let id = git(&workshop, &["rev-parse", "HEAD~1"]);
    let file = loose(&workshop, &id);
    for damaged in [Some(&b"no zlib stream"[..]), None] {
        fs::remove_file(&file).unwrap();
        if let Some(damaged) = damaged {
            overwrite(&file, damaged);
        }
        // The tree at the end of what can be reached counts as new.
        expect_broken(&scan(&workshop, &[]), &["a.py:1", "b/b.py:2"], ".", &id);
    }
}

#[test]
fn a_packed_object_that_is_damaged_is_named() {
    let workshop = Workshop::new();
    workshop.write("a.py", &secret());
    // Nothing that compresses: the content of this file fills the pack.
    let noise = (0..4000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string());
    let noise = noise.collect::<Vec<_>>().join("\n");
    workshop.write("c.txt", &noise);
    commit(&workshop, "a");
    workshop.git(&["gc", "--quiet", "--prune=now"]);
    let id = git(&workshop, &["rev-parse", "HEAD:c.txt"]);
    let packs = workshop.top().join(".git/objects/pack");
    let pack = fs::read_dir(packs)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().unwrap() == "pack");
    let pack = pack.unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 200].fill(0);
    overwrite(&pack, &bytes);
    expect_broken(&scan(&workshop, &[]), &["a.py:1"], "c.txt", &id);
}

#[test]
fn a_pack_that_cannot_be_used_takes_its_objects_with_it() {
    for (kind, length) in [("pack", 40), ("idx", 40), ("pack", 0), ("idx", 0)] {
        let workshop = repository();
        workshop.git(&["gc", "--quiet", "--prune=now"]);
        workshop.write("e.py", &format!("e = 1\n{}", secret()));
        let head = commit(&workshop, "loose");
        let packs = workshop.top().join(".git/objects/pack");
        for entry in fs::read_dir(packs).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().unwrap() == kind {
                let bytes = fs::read(&path).unwrap();
                overwrite(&path, &bytes[..length]);
            }
        }
        let output = history::output(&workshop, &workshop.top(), &["--history"]);
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{kind} of {length}: {said}");
        assert!(!said.contains("panicked") && said.contains("object"), "{kind} of {length}: {said}");
        assert_eq!(head.len(), 40);
    }
}

#[test]
fn a_reference_to_nothing_leaves_the_verdict_open() {
    let nothing = "1".repeat(40);
    let workshop = repository();
    let places = ["a.py:1", "b/b.py:2", "c.py:2 (gone)", "deep/d.py:2 (gone)"];
    scan(&workshop, &[]).expect(1, &places);
    let reference = workshop.top().join(".git/refs/heads/lost");
    fs::write(&reference, format!("{nothing}\n")).unwrap();
    expect_broken(&scan(&workshop, &[]), &places, ".", &nothing);
    for content in ["no name at all\n", ""] {
        fs::write(&reference, content).unwrap();
        let found = scan(&workshop, &[]);
        found.expect(2, &places);
        let coverage = found.coverage();
        assert!(coverage.len() == 1 && coverage[0].contains("refs/heads/lost"), "{content:?}: {coverage:#?}");
    }
    // A symbolic reference to a branch that is not there is no damage: so is HEAD before the first commit.
    fs::write(&reference, "ref: refs/heads/unborn\n").unwrap();
    scan(&workshop, &[]).expect(1, &places);
}

#[test]
fn a_head_that_is_broken_is_no_empty_history() {
    let workshop = repository();
    let head = workshop.top().join(".git/HEAD");
    for content in [format!("{}\n", "1".repeat(40)), "no name at all\n".to_owned()] {
        fs::write(&head, &content).unwrap();
        let output = history::output(&workshop, &workshop.top(), &["--history"]);
        assert_eq!(output.status.code(), Some(2), "{content:?}: {}", said(&output));
    }
}
