//! `lockgate baseline create`.

use std::io::Write;

use super::args::BaselineCreateArgs;
use super::{CommandError, invocation, print, scan};
use crate::report::{atomic, count};
use crate::suppress::baseline::Baseline;

/// `lockgate baseline create`
pub(super) fn create(args: &BaselineCreateArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let resolved = invocation::resolve(&args.input)?;
    let path = match &args.output {
        Some(path) => path.clone(),
        None => resolved.config.baseline_path().map_err(|error| CommandError::new(error.to_string()))?,
    };
    let report = scan::findings(&resolved, true)?;
    if let Some(entry) = report.coverage.failures().next() {
        // A baseline that lacks what could not be read would let it pass as new later on, or hide that it was never seen.
        return Err(CommandError::new(format!(
            "{}: {} ({}); no baseline was written",
            entry.path,
            entry.detail,
            entry.cause.name()
        )));
    }
    let baseline = Baseline::from_findings(&report.findings);
    let json = baseline.to_json();
    atomic::write(&path, |file| file.write_all(json.as_bytes()))
        .map_err(|error| CommandError::new(error.to_string()))?;
    let findings = count(baseline.entries().len(), "finding");
    print(out, |out| writeln!(out, "{findings} written to {}", path.display()))?;
    Ok(0)
}
