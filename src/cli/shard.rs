//! `lockgate scan --shard` and `lockgate merge`: one scan by several processes.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};

use super::args::{MergeArgs, ScanArgs};
use super::invocation::{self, Resolved};
use super::progress::Progress;
use super::{CommandError, print, scan};
use crate::input::Root;
use crate::report::{atomic, count};
use crate::scan::{ScanReport, Shard};
use crate::shard::{self, Basis, ShardReport};

/// `lockgate scan --shard K/N`: writes the report of the shard. It gives no verdict.
pub(super) fn run(
    args: &ScanArgs,
    shard: Shard,
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<u8, CommandError> {
    if args.input.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(CommandError::new(
            "--shard divides a tree, not standard input; leave one of `--shard` and `-` out",
        ));
    }
    let resolved = invocation::resolve_from(&args.input, args.policy_from.as_deref())?;
    let basis = basis(&resolved, &args.input.paths)?;
    let invocation = &resolved.invocation;
    let progress = Progress::new(!args.out.quiet);
    let scanner = crate::scanner(invocation).map_err(|error| CommandError::new(error.to_string()))?;
    let root = Root::open(&invocation.paths, &invocation.walk).map_err(|error| CommandError::new(error.to_string()))?;
    let part = scanner.scan_shard(root, shard, invocation.threads, &|| progress.tick());
    progress.finish();
    let part = part.map_err(|error| CommandError::new(error.to_string()))?;
    let files = part.files;
    let report = ShardReport::new(shard, basis, part);
    match args.out.output.as_deref().filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            atomic::write(path, |out| report.write(out)).map_err(|error| CommandError::new(error.to_string()))?;
        }
        None => print(stdout, |out| report.write(out))?,
    }
    if !args.out.quiet {
        let _ = writeln!(
            stderr,
            "shard {shard}: {}, {}; `lockgate merge` gives the verdict",
            count(files, "file"),
            count(report.findings(), "finding")
        );
    }
    Ok(0)
}

/// `lockgate merge`: what one scan would have reported, from the reports of its shards.
pub(super) fn merge(args: &MergeArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    let mut args = args.scan.clone();
    for (option, is_given) in [
        ("--shard", args.shard.is_some()),
        ("--staged", args.staged),
        ("--since", args.since.is_some()),
        ("--history", args.history.is_some()),
    ] {
        if is_given {
            let message = format!("{option} is for a scan: `lockgate merge` scans nothing, leave it out");
            return Err(CommandError::new(message));
        }
    }
    let mut reports = Vec::new();
    for path in named(&args.input.paths)? {
        reports.push((path.display().to_string(), read(&path)?));
    }
    if let Some((_, first)) = reports.first() {
        args.input.paths = first.basis.paths.iter().map(PathBuf::from).collect();
    }
    let given = reports.first().map(|(file, report)| (file.clone(), report.basis.clone()));
    let whole = shard::merge(reports).map_err(|error| CommandError::new(error.to_string()))?;
    let paths = args.input.paths.clone();
    let established = |resolved: &Resolved| -> Result<ScanReport, CommandError> {
        let own = basis(resolved, &paths)?;
        match given.and_then(|(file, basis)| Some((basis.difference(&own)?, file))) {
            Some((what, file)) => Err(CommandError::new(format!(
                "{file} does not fit this run: {what}; give `lockgate merge` the options that the shards had, in a \
                 checkout of what they scanned"
            ))),
            None => Ok(whole),
        }
    };
    scan::conclude(&args, Some(Box::new(established)), stdout, stderr)
}

/// The files of `paths`; a directory stands for the reports in it, by their names.
fn named(paths: &[PathBuf]) -> Result<Vec<PathBuf>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let failed = |error: io::Error| CommandError::new(format!("{}: {error}", path.display()));
        let mut here = Vec::new();
        for entry in fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            let is_named = file.file_stem().and_then(OsStr::to_str).is_some_and(|stem| stem.starts_with("shard-"));
            if is_named && file.extension().is_some_and(|extension| extension == "json") {
                here.push(file);
            }
        }
        if here.is_empty() {
            return Err(CommandError::new(format!("{}: no file `shard-*.json` in it", path.display())));
        }
        here.sort();
        files.append(&mut here);
    }
    Ok(files)
}

fn read(path: &Path) -> Result<ShardReport, CommandError> {
    let named = |error: &dyn std::fmt::Display| CommandError::new(format!("{}: {error}", path.display()));
    let file = File::open(path).map_err(|error| named(&error))?;
    ShardReport::read(&mut BufReader::new(file)).map_err(|error| named(&error))
}

/// What all shards of the scan that `resolved` describes have in common.
fn basis(resolved: &Resolved, paths: &[PathBuf]) -> Result<Basis, CommandError> {
    let invocation = &resolved.invocation;
    let paths = paths.iter().map(|path| path.to_str().map(ToOwned::to_owned)).collect::<Option<Vec<String>>>();
    let Some(paths) = paths else {
        return Err(CommandError::new("the shards of a scan can only be of paths in UTF-8"));
    };
    let failed = |error: serde_json::Error| CommandError::new(error.to_string());
    let mut rules = blake3::Hasher::new_derive_key("lockgate/v1 rules of shards");
    for rule in invocation.catalogue.rules() {
        rules.update(&serde_json::to_vec(rule).map_err(failed)?);
    }
    let mut settings = blake3::Hasher::new_derive_key("lockgate/v1 settings of shards");
    settings.update(&serde_json::to_vec(&invocation.settings).map_err(failed)?);
    settings.update(format!("{:?} {:?}", invocation.walk.no_ignore, invocation.platforms).as_bytes());
    let policy_from = invocation.policy_from.as_ref().map(|authority| authority.commit);
    settings.update(format!("{policy_from:?}").as_bytes());
    Ok(Basis {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: rules.finalize().to_hex().to_string(),
        settings: settings.finalize().to_hex().to_string(),
        paths,
    })
}
