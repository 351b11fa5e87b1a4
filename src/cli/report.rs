//! `lockgate report`: a report in another format.

use std::io::Write;

use super::args::{Color, OutputArgs, ReportArgs};
use super::gate::{Gathered, gather, root_of};
use super::output::Outputs;
use super::{CommandError, UNDECIDED, scan};
use crate::gate;

/// `lockgate report`
pub(super) fn run(args: &ReportArgs, stdout: &mut dyn Write, stderr: &mut dyn Write) -> Result<u8, CommandError> {
    let out = OutputArgs {
        format: args.to.clone(),
        output: args.output.clone(),
        report: Vec::new(),
        max_results: None,
        group_by: args.group_by,
        quiet: false,
        verbose: 0,
        color: Color::Auto,
    };
    let outputs = Outputs::of(&out)?;
    let Gathered { mut resolved, mut scan, catalogue, root_name, recorded } =
        gather(&args.judge, std::slice::from_ref(&args.report))?;
    let verdict = if let Some(recorded) = recorded {
        // What was decided stays decided, by what held then.
        resolved.policy = recorded.policy.unwrap_or(resolved.policy);
        recorded.verdict
    } else {
        if scan.findings.is_empty()
            && let Some(entry) = scan.coverage.failures().next()
        {
            return Err(CommandError::new(format!("{}: {}", entry.path, entry.detail)));
        }
        if let Some(baseline) = scan::baseline_of(&mut resolved, args.judge.baseline.as_deref())? {
            baseline.apply(&mut scan.findings);
        }
        gate::judge(&scan.findings, &scan.coverage, &resolved.policy)
    };
    let name = root_name.unwrap_or_else(|| root_of(&args.judge));
    let report = outputs.run(&scan, &verdict, &resolved.policy, &catalogue, &name, None);
    Ok(outputs.write(&report, stdout, stderr).map_or(0, |_| UNDECIDED))
}
