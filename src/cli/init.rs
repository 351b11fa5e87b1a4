//! `lockgate init`: a commented configuration and the snippets that wire Lockgate into a repository.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use super::args::InitArgs;
use super::{CommandError, print};
use crate::config;

const PRE_COMMIT: &str = include_str!("snippets/pre-commit-config.yaml");
const GITHUB: &str = include_str!("snippets/github-workflow.yml");
const GITLAB: &str = include_str!("snippets/gitlab-ci.yml");

/// `lockgate init`
pub(super) fn run(args: &InitArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let mut files = vec![(config::FILE_NAME, config::template())];
    if args.pre_commit {
        files.push((".pre-commit-config.yaml", PRE_COMMIT));
    }
    if args.github {
        files.push((".github/workflows/lockgate.yml", GITHUB));
    }
    if args.gitlab {
        files.push((".gitlab-ci.lockgate.yml", GITLAB));
    }
    for (name, text) in files {
        let path = args.directory.join(name);
        write(&path, text, args.force).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => {
                CommandError::new(format!("{}: exists already; --force overwrites it", path.display()))
            }
            _ => CommandError::new(format!("{}: {error}", path.display())),
        })?;
        print(out, |out| writeln!(out, "wrote {}", path.display()))?;
    }
    Ok(0)
}

fn write(path: &Path, text: &str, force: bool) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(path)?.write_all(text.as_bytes())
}
