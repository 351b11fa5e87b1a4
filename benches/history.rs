//! What the history of a file, and of a repository, costs against looking at every content as a whole.
//!
//! `cargo bench --bench history` runs all of it. Texts and repository are generated, the same in every run; the repository
//! is made by `git fast-import` at the start. What counts are the ratios of one run.

#![allow(clippy::unwrap_used, reason = "a bench that cannot be prepared says nothing")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use lockgate::HistoryOptions;
use lockgate::engine::policy::ParameterValues;
use lockgate::engine::secrets::SecretEngine;
use lockgate::input::git::Repository;
use lockgate::input::{Limits, Root, WalkOptions};
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;
use lockgate::scan::Scanner;

/// Lines of each file.
const LINES: usize = 400;
/// Contents that each file has, one after the other.
const VERSIONS: usize = 100;
/// Files of the repository.
const FILES: usize = 30;

fn main() {
    divan::main();
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));
    &CATALOGUE
}

/// The contents of one file: in each, a few lines differ from the one before. `is_bearing`: all hold one made-up secret.
fn versions(file: usize, is_bearing: bool) -> Vec<String> {
    let line = |number: usize| match number % 11 {
        0 => format!("    token_{number} = os.environ[\"KEY_{file}\"]"),
        1 => format!("    # the password of user {number}: see https://example.org/{number}"),
        _ => format!("    let column_{number} = node.offset({number}).visit(index, {file});"),
    };
    let mut lines: Vec<String> = (0..LINES).map(line).collect();
    if is_bearing {
        lines[LINES / 2] = format!("url = \"postgres://admin:{}@db.example.org/\"", "t9Xq2LmZ7vKc4Rb");
    }
    let mut texts = Vec::new();
    for version in 0..VERSIONS {
        let at = version * 7919 % (LINES / 2 - 10);
        lines[at] = line(LINES + version * 13);
        lines.insert(at + 5, line(LINES + version * 17));
        lines.remove(at + 2);
        texts.push(lines.join("\n"));
    }
    texts
}

/// The contents of one file, looked at one after the other.
mod file {
    use super::{Bencher, BytesCount, SecretEngine, black_box, catalogue, versions};

    fn texts(bencher: Bencher, is_bearing: bool, look: impl Fn(&SecretEngine<'_>, &[String]) -> usize + Sync) {
        let texts = versions(0, is_bearing);
        let engine = SecretEngine::new(catalogue(), |_| true);
        assert_eq!(look(&engine, &texts) > 0, is_bearing);
        let bytes: usize = texts.iter().map(String::len).sum();
        bencher.counter(BytesCount::new(bytes)).bench(|| look(&engine, black_box(&texts)));
    }

    fn whole(engine: &SecretEngine<'_>, texts: &[String]) -> usize {
        texts.iter().map(|text| engine.scan("src/main.py", text).detections.len()).sum()
    }

    fn followed(engine: &SecretEngine<'_>, texts: &[String]) -> usize {
        let mut follower = engine.follow("src/main.py");
        texts.iter().filter_map(|text| follower.next(text)).map(|outcome| outcome.detections.len()).sum()
    }

    #[divan::bench(args = [false, true])]
    fn each_as_a_whole(bencher: Bencher, is_bearing: bool) {
        texts(bencher, is_bearing, whole);
    }

    #[divan::bench(args = [false, true])]
    fn one_after_the_other(bencher: Bencher, is_bearing: bool) {
        texts(bencher, is_bearing, followed);
    }
}

/// A repository in which each file has all of its versions, packed as `git gc` does.
static REPOSITORY: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let directory = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.arg("-C").arg(directory.path()).args(arguments);
        git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        git
    };
    assert!(git(&["init", "--quiet", "--initial-branch=main"]).status().unwrap().success());
    let files: Vec<Vec<String>> = (0..FILES).map(|file| versions(file, file % 10 == 0)).collect();
    let mut stream = String::new();
    for version in 0..VERSIONS {
        for (file, texts) in files.iter().enumerate() {
            let (time, text) = (1_700_000_000 + version * FILES + file, &texts[version]);
            let _ = write!(
                stream,
                "commit refs/heads/main\ncommitter A <a@example.org> {time} +0000\ndata 5\nwords\n\
                 M 100644 inline src/{}/module_{file}.py\ndata {}\n{text}\n",
                file % 5,
                text.len()
            );
        }
    }
    let mut import = git(&["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    assert!(git(&["repack", "-adfq"]).status().unwrap().success());
    directory
});

/// All contents of a repository, with one thread.
mod repository {
    use super::{
        Bencher, BytesCount, Command, FILES, HistoryOptions, Limits, ParameterValues, REPOSITORY, Repository, Root,
        Scanner, SecretEngine, Stdio, WalkOptions, catalogue, versions,
    };
    use lockgate::rules::schema::{Detect, Rule};

    fn bytes() -> BytesCount {
        BytesCount::new((0..FILES).flat_map(|file| versions(file, false)).map(|text| text.len()).sum::<usize>())
    }

    /// What git takes to give out all objects.
    #[divan::bench(sample_count = 10)]
    fn git_cat_file(bencher: Bencher) {
        let all = ["cat-file", "--batch-all-objects", "--unordered", "--batch"];
        let cat = || Command::new("git").arg("-C").arg(REPOSITORY.path()).args(all).stdout(Stdio::null()).status();
        bencher.counter(bytes()).bench(|| assert!(cat().is_ok_and(|status| status.success())));
    }

    /// What the engine takes for all texts, when somebody else reads them.
    #[divan::bench(sample_count = 10)]
    fn each_as_a_whole(bencher: Bencher) {
        let engine = SecretEngine::new(catalogue(), |_| true);
        let texts: Vec<String> = (0..FILES).flat_map(|file| versions(file, file % 10 == 0)).collect();
        let scan = || texts.iter().map(|text| engine.scan("src/main.py", text).detections.len()).sum::<usize>();
        assert!(scan() > 0);
        bencher.counter(bytes()).bench(scan);
    }

    #[divan::bench(sample_count = 10)]
    fn history(bencher: Bencher) {
        let of_secrets = |rule: &Rule| matches!(rule.detect, Detect::Secret(_));
        let nothing = ParameterValues::default();
        let scanner = Scanner::new(catalogue(), of_secrets, |rule| rule.severity, &nothing, Limits::default()).unwrap();
        let root = Root::open(&[REPOSITORY.path().to_path_buf()], &WalkOptions::default()).unwrap();
        let repository = Repository::discover(REPOSITORY.path()).unwrap();
        let options = HistoryOptions::default();
        let search = || scanner.scan_history(&repository, &options, &root, 1, &|| ()).unwrap().findings.len();
        assert!(search() > 0);
        bencher.counter(bytes()).bench(search);
    }
}
