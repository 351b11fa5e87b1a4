//! `lockgate init`: a commented configuration and the snippets that wire Lockgate into a repository.

use std::fs;
use std::io::Write;

use super::args::InitArgs;
use super::{CommandError, print};
use crate::config;
use crate::report::atomic;

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
    let files: Vec<_> = files.into_iter().map(|(name, text)| (args.directory.join(name), text)).collect();
    // All or nothing: a file that is in the way of one keeps the others from being written.
    if let Some((path, _)) = files.iter().find(|(path, _)| !args.force && path.symlink_metadata().is_ok()) {
        return Err(CommandError::new(format!("{}: exists already; --force overwrites it", path.display())));
    }
    for (path, text) in files {
        if let Some(directory) = path.parent() {
            let failed = |error| CommandError::new(format!("{}: {error}", path.display()));
            fs::create_dir_all(directory).map_err(failed)?;
        }
        atomic::write(&path, |file| file.write_all(text.as_bytes()))
            .map_err(|error| CommandError::new(error.to_string()))?;
        print(out, |out| writeln!(out, "wrote {}", path.display()))?;
    }
    Ok(0)
}
