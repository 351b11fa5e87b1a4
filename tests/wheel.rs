//! The wheel: built by maturin from this repository, installed by pip, and run by pre-commit as a hook of `language: python`,
//! all without a network and, past the build, without a compiler.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that panics fails its test, as it should")]

#[path = "common/leak.rs"]
mod leak;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use leak::LEAK;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    output
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Builds the wheel into `directory`, with the profile of this build: nothing is compiled anew. `None` where there is no maturin,
/// and whoever runs the tests says so.
#[allow(clippy::print_stderr, reason = "what is not tested has to be said")]
fn build(directory: &Path) -> Option<PathBuf> {
    let target = Path::new(env!("CARGO_BIN_EXE_lockgate")).ancestors().nth(2).unwrap();
    let built = Command::new("maturin")
        .args(["build", "--offline", "--strip", "false", "--out"])
        .arg(directory)
        .arg("--target-dir")
        .arg(target)
        .current_dir(root())
        .output();
    let built = match built {
        Err(error) if std::env::var_os("LOCKGATE_WITHOUT_MATURIN").is_some() => {
            eprintln!("the wheel is not tested: {error}");
            return None;
        }
        built => built.unwrap_or_else(|error| {
            panic!(
                "maturin is needed to test the wheel ({error}); install it: python3 -m pip install maturin, or set \
                 LOCKGATE_WITHOUT_MATURIN"
            )
        }),
    };
    assert!(built.status.success(), "{}", said(&built));
    let mut wheels = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let wheel = wheels.next().unwrap();
    assert_eq!(wheels.next(), None);
    Some(wheel)
}

/// The configuration of pre-commit that the manual gives.
fn configuration() -> String {
    let manual = fs::read_to_string(root().join("docs/install.md")).unwrap();
    let blocks = manual.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next());
    blocks.into_iter().find(|block| block.contains("language: python")).unwrap().to_owned()
}

#[test]
fn pip_and_pre_commit_bring_the_program_in_a_wheel() {
    let directory = tempfile::tempdir().unwrap();
    let path = |name: &str| directory.path().join(name);
    let wheels = path("wheels");
    fs::create_dir(&wheels).unwrap();
    let Some(wheel) = build(&wheels) else { return };
    let name = wheel.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with(concat!("lockgate-", env!("CARGO_PKG_VERSION"), "-py3-none-")), "any Python 3: {name}");

    // Nothing but the wheel to install from, and no Rust on PATH.
    let search = std::env::var_os("PATH").unwrap();
    let has_cargo = |directory: &PathBuf| directory.join("cargo").exists();
    let search = std::env::join_paths(std::env::split_paths(&search).filter(|entry| !has_cargo(entry))).unwrap();
    let command = |program: &Path| {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", &search)
            .env("HOME", directory.path())
            .env("PIP_NO_INDEX", "1")
            .env("PIP_FIND_LINKS", &wheels)
            .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
            // pre-commit installs an empty package beside the wheel, which setuptools has to build: with the one that virtualenv
            // brings along. (pip reads the 0 as the value of `build_isolation`.)
            .env("PIP_NO_BUILD_ISOLATION", "0")
            .env("VIRTUALENV_SETUPTOOLS", "bundle")
            .env("PRE_COMMIT_HOME", path("pre-commit"))
            .env("PRE_COMMIT_COLOR", "never")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.com");
        }
        command
    };
    run(command(Path::new("python3")).args(["-m", "venv"]).arg(path("venv")));
    let programs = path("venv").join(if cfg!(windows) { "Scripts" } else { "bin" });
    run(command(&programs.join("python")).args(["-m", "pip", "install", "--quiet", "lockgate"]));
    let version = run(command(&programs.join("lockgate")).arg("--version"));
    assert_eq!(said(&version).trim(), concat!("lockgate ", env!("CARGO_PKG_VERSION")));

    let repository = path("repository");
    fs::create_dir(&repository).unwrap();
    let in_repository = |program: &str, arguments: &[&str]| {
        let mut command = command(Path::new(program));
        command.args(arguments).current_dir(&repository);
        command
    };
    run(&mut in_repository("git", &["init", "--quiet", "--initial-branch=main"]));
    fs::write(repository.join(".pre-commit-config.yaml"), configuration()).unwrap();
    run(&mut in_repository("pre-commit", &["install"]));
    fs::write(repository.join("deploy.py"), "token = read()\n").unwrap();
    run(&mut in_repository("git", &["add", "."]));
    let clean = run(&mut in_repository("git", &["commit", "--message=Clean"]));
    assert!(said(&clean).contains("Passed"), "{}", said(&clean));
    fs::write(repository.join("deploy.py"), format!("TOKEN = \"{LEAK}\"\n")).unwrap();
    let leaking = in_repository("git", &["commit", "--all", "--message=Leak"]).output().unwrap();
    let log = said(&leaking);
    assert!(!leaking.status.success() && log.contains("github-personal-access-token"), "{log}");
    assert!(!log.contains(LEAK));
}
