//! Lockgate's own JSON report, read back as it was written.

use serde::Deserialize;

use super::{ImportError, Imported, MAX_FINDINGS, Recorded, Report};
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::gate::Outcome;

/// The schema of the reports that are understood.
pub(super) const SCHEMA: &str = "lockgate/report/v1";

#[derive(Deserialize)]
struct Document {
    root: String,
    verdict: Judgement,
    coverage: Coverage,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Judgement {
    outcome: Outcome,
    #[serde(default)]
    blocking: Vec<usize>,
    #[serde(default)]
    undecided: Vec<String>,
}

/// Reads the report `bytes`, which errors call `name`.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Report, ImportError> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| ImportError::malformed(name, &error))?;
    if document.findings.len() > MAX_FINDINGS {
        return Err(ImportError::TooMany { path: name.to_owned() });
    }
    let Judgement { outcome, blocking, undecided } = document.verdict;
    let number = document.findings.len();
    let findings = document.findings.into_iter();
    Ok(Report {
        findings: findings
            .map(|finding| Imported { finding, tool: "lockgate".to_owned(), rules: Vec::new() })
            .collect(),
        coverage: document.coverage,
        rules: Vec::new(),
        root: Some(document.root),
        recorded: Some(Recorded {
            outcome,
            blocking: blocking.into_iter().filter(|&index| index < number).collect(),
            undecided,
        }),
    })
}
