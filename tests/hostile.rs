//! Trees, configurations and packs that want to break the gate: nothing hangs, nothing crashes, nothing is lost without a
//! word, and nothing of theirs acts on the terminal or the CI runner.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;

use cli::{Outcome, Sandbox, TOKEN_RULE, assert_harmless, cause, fifo, finish, places, scan_beside_a_leak, token};
use serde_json::Value;

const NOTHING: [&str; 0] = [];

fn leak(seed: u64) -> String {
    format!("x = '{}'\n", token(seed))
}

/// Runs a scan as someone whom permission bits stop. For root they do so once it gives up the capabilities to pass them
/// over; where not even root can do that, the bits are left and the memory of a process is read, which fails for anyone.
fn scan_unreadable(sandbox: &Sandbox, path: &str) -> (Outcome, Value, String) {
    let full = sandbox.tree().join(path);
    fs::set_permissions(&full, fs::Permissions::from_mode(0o000)).unwrap();
    let drop_capabilities = ["--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"];
    let can_list = |command: &mut assert_cmd::Command| finish(command.arg("-a").arg(&full)).code == Some(0);
    let reader = if full.is_dir() { "ls" } else { "head" };
    let reads = |command: &mut assert_cmd::Command| {
        if full.is_dir() { can_list(command) } else { finish(command.arg(&full)).code == Some(0) }
    };
    let arguments = ["scan", "--format", "json", "."];
    let (outcome, failed) = if !reads(&mut sandbox.wrapped(reader)) {
        (sandbox.run(arguments), path.to_owned())
    } else if finish(sandbox.wrapped("setpriv").args(drop_capabilities).arg("true")).code == Some(0)
        && !reads(sandbox.wrapped("setpriv").args(drop_capabilities).arg(reader))
    {
        let mut command = sandbox.wrapped("setpriv");
        (finish(command.args(drop_capabilities).arg(env!("CARGO_BIN_EXE_lockgate")).args(arguments)), path.to_owned())
    } else {
        (sandbox.run([&arguments[..], &["/proc/self/mem"]].concat()), "mem".to_owned())
    };
    fs::set_permissions(&full, fs::Permissions::from_mode(0o700)).unwrap();
    let report = serde_json::from_str(&outcome.stdout);
    assert!(report.is_ok(), "no report: {outcome:#?}");
    (outcome, report.unwrap(), failed)
}

#[test]
fn what_cannot_be_read_leaves_the_verdict_open() {
    for path in ["secret.py", "closed"] {
        let sandbox = Sandbox::new();
        sandbox.write("leak.py", leak(1)).write("secret.py", leak(2)).write("closed/inner.py", leak(3));
        let (outcome, report, failed) = scan_unreadable(&sandbox, path);
        assert_eq!(outcome.code, Some(2), "{outcome:#?}");
        assert_eq!(report["verdict"]["outcome"], "undecided");
        let entries = report["coverage"]["entries"].as_array().unwrap();
        let entry = entries.iter().find(|entry| entry["cause"] == "unreadable").unwrap();
        let named = entry["path"].as_str().unwrap();
        assert!(named.trim_end_matches('/').ends_with(&failed), "{named}");
        assert!(places(&report).iter().any(|place| place.ends_with("leak.py:1")), "{report:#}");
    }
}

#[test]
fn what_is_no_regular_file_is_named_and_not_opened() {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree();
    fifo(&tree.join("pipe"));
    let _socket = UnixListener::bind(tree.join("socket")).unwrap();
    let report = scan_beside_a_leak(&sandbox);
    assert_eq!(cause(&report, "pipe"), Some("not-regular"));
    assert_eq!(cause(&report, "socket"), Some("not-regular"));
    // Named, they are no more welcome; a device stands in every system.
    for path in ["pipe", "socket", "/dev/zero", "/dev/full"] {
        let (outcome, report) = sandbox.scan_json(["leak.py", path]);
        assert_eq!(outcome.code, Some(1), "{path}: {outcome:#?}");
        assert_eq!(report["coverage"]["entries"][0]["cause"], "not-regular", "{path}");
    }
}

#[test]
fn no_link_leads_out_of_the_tree_or_in_a_circle() {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree();
    fs::create_dir(sandbox.outside("dir")).unwrap();
    fs::write(sandbox.outside("secret.py"), leak(5)).unwrap();
    fs::write(sandbox.outside("dir/secret.py"), leak(6)).unwrap();
    sandbox.write("inner/real.py", "nothing\n");
    for (target, name) in [
        (sandbox.outside("secret.py"), "out.py"),
        (sandbox.outside("dir"), "outdir"),
        ("../out/secret.py".into(), "relative.py"),
        ("/etc/passwd".into(), "passwd"),
        ("inner".into(), "indir"),
        ("inner/real.py".into(), "in.py"),
        (".".into(), "self"),
        ("loop-b".into(), "loop-a"),
        ("loop-a".into(), "loop-b"),
        ("gone".into(), "broken"),
        ("x".repeat(4000).into(), "long"),
    ] {
        symlink(target, tree.join(name)).unwrap();
    }
    symlink("../..", tree.join("inner/up")).unwrap();
    let report = scan_beside_a_leak(&sandbox);
    for (path, expected) in [
        ("out.py", "symlink-outside"),
        ("outdir", "symlink-outside"),
        ("relative.py", "symlink-outside"),
        ("passwd", "symlink-outside"),
        ("inner/up", "symlink-outside"),
        ("indir", "symlink-directory"),
        ("self", "symlink-directory"),
        ("in.py", "symlink-file"),
        ("loop-a", "symlink-broken"),
        ("broken", "symlink-broken"),
        ("long", "symlink-broken"),
    ] {
        assert_eq!(cause(&report, path), Some(expected), "{path}");
    }
    // Named by itself, a link out of the tree is no way out either.
    let (_, report) = sandbox.scan_json(["out.py", "leak.py"]);
    assert_eq!((places(&report), cause(&report, "out.py")), (vec!["leak.py:1".to_owned()], Some("symlink-outside")));
}

#[test]
fn a_report_never_follows_a_link_of_the_tree() {
    let sandbox = Sandbox::new();
    fs::write(sandbox.outside("precious"), "precious").unwrap();
    symlink(sandbox.outside("precious"), sandbox.tree().join("r.sarif")).unwrap();
    sandbox.scan(["--report", "sarif=r.sarif"]).expect_error("it is a symbolic link");
    sandbox.run(["baseline", "create", "--output", "r.sarif"]).expect_error("it is a symbolic link");
    assert_eq!(fs::read_to_string(sandbox.outside("precious")).unwrap(), "precious");
}

#[test]
fn a_sparse_file_of_gigabytes_is_read_up_to_the_bound() {
    let sandbox = Sandbox::new();
    let zeros = File::create(sandbox.tree().join("zeros")).unwrap();
    zeros.set_len(2 << 30).unwrap();
    // Its head is text, so it counts as text until the bound.
    let mut text = File::create(sandbox.tree().join("text")).unwrap();
    write!(text, "{}{}", leak(2), "text\n".repeat(4000)).unwrap();
    text.set_len(2 << 30).unwrap();
    text.seek(SeekFrom::Start(1 << 30)).unwrap();
    text.write_all(leak(3).as_bytes()).unwrap();
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["text:1".to_owned()]));
    assert_eq!((cause(&report, "zeros"), cause(&report, "text")), (Some("binary"), Some("too-large")));
}

#[test]
fn a_line_of_two_hundred_megabytes_is_scanned_to_its_end() {
    let sandbox = Sandbox::new();
    sandbox.write("lockgate.toml", "[scan]\nmax-file-size = '256MiB'\n");
    let filler = "lorem = ipsum; dolor: sit, ".repeat(4000);
    let mut line = File::create(sandbox.tree().join("line.js")).unwrap();
    write!(line, "a = '{}';", token(1)).unwrap();
    for half in 0..2 {
        for _ in 0..970 {
            line.write_all(filler.as_bytes()).unwrap();
        }
        write!(line, "b = '{}';", token(2 + half)).unwrap();
    }
    let size = line.stream_position().unwrap();
    assert!(size > 200_000_000);
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec!["line.js:1".to_owned(); 3]));
    assert_eq!(report["coverage"]["entries"], serde_json::json!([]));
    let columns: Vec<u64> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["location"]["region"]["end"]["column"].as_u64().unwrap())
        .collect();
    assert_eq!((columns[0], columns[2]), (46, size - 1));
    let excerpt = report["findings"][1]["excerpt"]["lines"][0].as_str().unwrap();
    assert!(excerpt.len() <= 512, "an excerpt is a window");
}

/// Many places on one long line: each must be found without counting from the beginning of the line.
#[test]
fn secrets_without_end_are_bounded_and_what_lies_behind_is_not_shown() {
    let sandbox = Sandbox::new();
    let tokens: Vec<String> = (0..100_000).map(token).collect();
    for separator in ["\n", " "] {
        sandbox.write("many.txt", tokens.join(separator));
        let (outcome, report) = sandbox.scan_json(NOTHING);
        assert_eq!(outcome.code, Some(1));
        assert_eq!(report["findings"].as_array().unwrap().len(), 10_000);
        assert_eq!(cause(&report, "many.txt"), Some("bound"));
        let prefix = &tokens[0][..4];
        for (at, _) in outcome.stdout.match_indices(prefix) {
            assert!(outcome.stdout[at + prefix.len()..].starts_with('…'), "a raw token");
        }
        let text = sandbox.scan(NOTHING).expect_code(1);
        assert!(
            text.stdout.contains("many.txt: more than 10000 matches: the rest of the file was not examined (bound)")
        );
        assert!(!text.stdout.contains(&tokens[10_000][4..]));
    }
}

#[test]
fn passwords_without_end_are_bounded_alike() {
    let sandbox = Sandbox::new();
    let mut random = cli::Random(7);
    let passwords: Vec<String> = (0..30_000).map(|_| random.text(cli::BASE62, 16)).collect();
    let lines: Vec<String> = passwords.iter().map(|password| format!("password = \"{password}\"")).collect();
    sandbox.write("many.ini", lines.join("\n"));
    let (outcome, report) = sandbox.scan_json(["--rules", sandbox.pack().to_str().unwrap()]);
    assert_eq!((outcome.code, cause(&report, "many.ini")), (Some(1), Some("bound")));
    assert_eq!(report["findings"].as_array().unwrap().len(), 10_000);
    let raw: BTreeSet<&str> = passwords.iter().map(String::as_str).collect();
    assert!(outcome.stdout.split(|c: char| !c.is_ascii_alphanumeric()).all(|word| !raw.contains(word)));
}

#[test]
fn every_encoding_is_read_or_named() {
    let sandbox = Sandbox::new();
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: &str, text: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(bytes).collect()
    };
    let text = format!("first line of some length\r\n{}", leak(1));
    sandbox
        .write("latin1.txt", [b"caf\xE9 \xFF\xFE\n".as_slice(), leak(1).as_bytes()].concat())
        .write("broken.txt", [b"\x80\xC3\n".as_slice(), leak(1).as_bytes(), b"\xF0\x9F"].concat())
        .write("mark.txt", format!("\u{feff}a\n{}", leak(1)))
        .write("le.txt", utf16(u16::to_le_bytes, "", &text))
        .write("be.txt", utf16(u16::to_be_bytes, "", &text))
        .write("le-mark.txt", utf16(u16::to_le_bytes, "\u{feff}", &text))
        .write("be-mark.txt", utf16(u16::to_be_bytes, "\u{feff}", &text))
        .write("nul.txt", format!("{}\0\n{}", "a".repeat(9000), leak(1)))
        .write("archive.zip", [b"PK\x03\x04\x14\0\0\0\x08\0".as_slice(), leak(1).as_bytes()].concat())
        .write("program", [b"\x7FELF\x02\x01\x01\0".as_slice(), leak(1).as_bytes()].concat())
        .write("image.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .write("empty", "");
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!(outcome.code, Some(1));
    assert_eq!(
        places(&report),
        [
            "be-mark.txt:2",
            "be.txt:2",
            "broken.txt:2",
            "latin1.txt:2",
            "le-mark.txt:2",
            "le.txt:2",
            "mark.txt:2",
            "nul.txt:2"
        ]
    );
    for (path, expected) in [("archive.zip", "unparsed"), ("program", "binary"), ("image.png", "binary")] {
        assert_eq!(cause(&report, path), Some(expected), "{path}");
    }
    assert_eq!((&report["coverage"]["seen"], &report["coverage"]["scanned"]), (&13.into(), &10.into()));
}

#[test]
fn a_deep_tree_is_walked_to_its_end() {
    let sandbox = Sandbox::new();
    let deep = format!("{}leak.py", "d/".repeat(1500));
    sandbox.write(&deep, leak(1));
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(1), vec![format!("{deep}:1")]));
}

/// Deeper than a path may be long, nothing can be opened by its path: said, not passed over.
#[test]
fn a_tree_beyond_the_longest_path_is_undecided() {
    let sandbox = Sandbox::new();
    let tree = sandbox.tree();
    let names = format!("{}/", "n".repeat(200)).repeat(15);
    sandbox.write("leak.py", leak(1));
    fs::create_dir_all(tree.join("a").join(&names)).unwrap();
    sandbox.write(Path::new("b").join(&names).join("hidden.py"), leak(2));
    fs::rename(tree.join("b"), tree.join("a").join(&names).join("b")).unwrap();
    let (outcome, report) = sandbox.scan_json(NOTHING);
    assert_eq!((outcome.code, places(&report)), (Some(2), vec!["leak.py:1".to_owned()]));
    let reason = report["verdict"]["undecided"][0].as_str().unwrap();
    assert!(reason.starts_with("a/nnn") && reason.ends_with("(unreadable)"), "{reason}");
}

/// Names that try to forge a line, a colour, an order of letters, a command of the runner.
const NAMES: [&str; 8] = [
    "new\nline",
    "\n::error::forged",
    "::error file=x::forged",
    "  ::add-mask::forged",
    "esc\u{1b}[31;1mred\u{7}",
    "bidi\u{202e}gnp.exe",
    "##[add-mask]forged",
    "c1\u{9b}31m\u{85}",
];

#[test]
fn hostile_names_act_neither_on_the_terminal_nor_on_the_runner() {
    let sandbox = Sandbox::new();
    for (number, name) in NAMES.iter().enumerate() {
        let number = u64::try_from(number).unwrap();
        sandbox
            .write(name, leak(number))
            .write(Path::new("bin").join(name), b"\0\0")
            .write(Path::new("big").join(name), "word\n".repeat(5000));
        fs::create_dir(sandbox.tree().join(format!("dir{name}"))).unwrap();
        fifo(&sandbox.tree().join(format!("dir{name}")).join(name));
    }
    sandbox.write("lockgate.toml", "[scan]\nmax-file-size = 10000\n");
    sandbox.write(OsStr::from_bytes(b"not\xFFutf8\x1b"), leak(99));
    for format in ["text", "sarif", "json", "jsonl", "github", "outputs"] {
        for verbosity in ["--verbose", "--quiet", "--color=never"] {
            let outcome = sandbox.scan(["--format", format, verbosity]).expect_code(1);
            assert_harmless(format, &outcome.stdout);
            assert_harmless(format, &outcome.stderr);
        }
    }
    let (_, report) = sandbox.scan_json(NOTHING);
    assert_eq!(report["findings"].as_array().unwrap().len(), NAMES.len() + 1);
    for name in NAMES {
        assert_eq!(cause(&report, &format!("bin/{name}")), Some("binary"));
        assert_eq!(cause(&report, &format!("big/{name}")), Some("too-large"));
        assert_eq!(cause(&report, &format!("dir{name}/{name}")), Some("not-regular"));
    }
    let summary = sandbox.outside("summary.md");
    finish(sandbox.command().args(["scan", "--format", "github"]).env("GITHUB_STEP_SUMMARY", &summary));
    assert_harmless("summary", &fs::read_to_string(summary).unwrap());
}

#[test]
fn hostile_names_are_harmless_in_errors_too() {
    let sandbox = Sandbox::new();
    for name in NAMES {
        for arguments in
            [&["scan"][..], &["scan", "--rules"], &["scan", "--config"], &["scan", "--baseline"], &["explain"]]
        {
            // No option of its own, however it begins.
            let outcome = sandbox.run(arguments.iter().chain([&format!("none{name}").as_str()])).expect_code(2);
            assert_harmless(name, &outcome.stderr);
        }
        sandbox.write(Path::new("packs").join(format!("{name}.yaml")), "rules: 5\n");
    }
    let outcome = sandbox.scan(["--rules", "packs"]).expect_error("`rules` must be a list");
    assert_harmless("packs", &outcome.stderr);
    let pack = "rules:\n  - {\"a\\u001b[31m\\n::error::forged\": 1, id: \"\\u202e\"}\n";
    let outcome = sandbox.write("p.yaml", pack).run(["rules", "list", "--rules", "p.yaml"]).expect_code(2);
    assert_harmless("pack", &outcome.stderr);
    let pack = "rules:\n  - {id: e2e-odd, title: \"x\\e[31m\\n::error::forged\", description: \"\\u202ed\", remediation: r, \
                secret: {pattern: 'odd_(?<secret>[a-z]{9})'}}\n";
    sandbox.write("p.yaml", pack).write("x", "odd_qwvkzjxpf\n");
    for arguments in [
        &["rules", "list", "--rules", "p.yaml"][..],
        &["rules", "show", "e2e-odd", "--rules", "p.yaml"],
        &["explain", "e2e-odd", "--rules", "p.yaml"],
        &["scan", "--rules", "p.yaml"],
        &["scan", "--rules", "p.yaml", "--format", "github"],
    ] {
        let outcome = sandbox.run(arguments);
        assert!(!outcome.stdout.is_empty(), "{outcome:#?}");
        assert_harmless("pack", &outcome.stdout);
        assert_harmless("pack", &outcome.stderr);
    }
}

#[test]
fn text_that_makes_detectors_work_hard_ends_soon() {
    let sandbox = Sandbox::new();
    let megabyte = |unit: &str| unit.repeat((1 << 20) / unit.len());
    sandbox
        .write("begin.txt", megabyte("-----BEGIN "))
        .write("begin-key.txt", megabyte("-----BEGIN PRIVATE KEY-----"))
        .write("begin-body.txt", megabyte("-----BEGIN PRIVATE KEY-----\nMIIE"))
        .write("prefix.txt", megabyte("ghp_"))
        .write("jwt.txt", megabyte("eyJhbGciOiJIUzI1NiJ9."))
        .write("jwt-long.txt", format!("eyJ{}", megabyte("hbGciOi")))
        .write("names.ini", megabyte("password="))
        .write("names.js", megabyte("password: password, "))
        .write("quotes.js", megabyte("password = \"\\\""))
        .write("urls.txt", megabyte("http://"))
        .write("url-users.txt", megabyte("://a:b@"))
        .write("markers.txt", megabyte("# lockgate: ignore[a] "))
        .write("pragma.txt", megabyte("# pragma: allowlist "))
        .write("line-breaks.txt", megabyte("\n"))
        .write(
            "key-lines.txt",
            format!("-----BEGIN PRIVATE KEY-----\n{}", megabyte("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n")),
        );
    sandbox.write("leak.py", leak(1));
    let (outcome, report) = sandbox.scan_json(["--rules", sandbox.pack().to_str().unwrap()]);
    assert_eq!(outcome.code, Some(1), "{}", outcome.stderr);
    let found = places(&report);
    assert!(found.contains(&"leak.py:1".to_owned()), "{found:?}");
    assert_eq!(report["coverage"]["scanned"], 16);
}

#[test]
fn a_file_that_is_as_wide_as_a_directory_can_be_is_listed() {
    let sandbox = Sandbox::new();
    for number in 0..2000 {
        sandbox.write(format!("wide/{number}"), "");
    }
    let report = scan_beside_a_leak(&sandbox);
    assert_eq!(report["coverage"]["seen"], 2001);
}

#[test]
fn rule_ids_in_comments_reach_no_report_raw() {
    let sandbox = Sandbox::new();
    let line = format!("x = '{}' # lockgate: ignore[{TOKEN_RULE}] \u{1b}[31m\u{202e} ##[add-mask]forged\n", token(1));
    sandbox.write("a.py", line);
    for format in ["text", "sarif", "json", "jsonl", "github"] {
        let outcome = sandbox.scan(["--format", format, "--verbose"]).expect_code(0);
        assert_harmless(format, &outcome.stdout);
    }
}
