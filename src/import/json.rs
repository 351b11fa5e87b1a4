//! Lockgate's own JSON report, read back as it was written.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Compared, ImportError, Imported, MAX_FINDINGS, Recorded, Report};
use crate::coverage::Coverage;
use crate::finding::Finding;
use crate::gate::{Decision, Outcome, Policy, Threshold, Verdict};
use crate::rating::{Category, Confidence, Severity};

/// The schema of the reports that are understood.
pub(super) const SCHEMA: &str = "lockgate/report/v1";

#[derive(Deserialize)]
struct Document {
    root: String,
    verdict: Judgement,
    coverage: Coverage,
    comparison: Option<Compared>,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Judgement {
    outcome: Outcome,
    #[serde(default)]
    blocking: Vec<usize>,
    #[serde(default)]
    undecided: Vec<String>,
    #[serde(default)]
    decisions: Vec<Decision>,
    #[serde(default)]
    overruled: Vec<usize>,
    #[serde(default)]
    self_suppression: usize,
    policy: Option<Thresholds>,
}

#[derive(Deserialize)]
struct Thresholds {
    default: Least,
    #[serde(default)]
    by_category: BTreeMap<Category, Least>,
}

#[derive(Clone, Copy, Deserialize)]
struct Least {
    severity: Severity,
    confidence: Confidence,
}

impl From<Least> for Threshold {
    fn from(Least { severity, confidence }: Least) -> Self {
        Self { severity, confidence }
    }
}

impl From<Thresholds> for Policy {
    fn from(Thresholds { default, by_category }: Thresholds) -> Self {
        let by_category = by_category.into_iter().map(|(category, least)| (category, least.into())).collect();
        Self { default: default.into(), by_category, ..Self::default() }
    }
}

/// Reads the report `bytes`, which errors call `name`.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Report, ImportError> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| ImportError::malformed(name, &error))?;
    if document.findings.len() > MAX_FINDINGS {
        return Err(ImportError::TooMany { path: name.to_owned() });
    }
    let Judgement { outcome, blocking, undecided, mut decisions, overruled, self_suppression, policy } =
        document.verdict;
    let number = document.findings.len();
    let present = |indices: Vec<usize>| -> Vec<usize> { indices.into_iter().filter(|&index| index < number).collect() };
    for decision in &mut decisions {
        decision.blocking = present(std::mem::take(&mut decision.blocking));
    }
    let findings = document.findings.into_iter();
    Ok(Report {
        findings: findings
            .map(|finding| Imported { finding, tool: "lockgate".to_owned(), rules: Vec::new() })
            .collect(),
        coverage: document.coverage,
        rules: Vec::new(),
        root: Some(document.root),
        comparison: document.comparison,
        recorded: Some(Recorded {
            verdict: Verdict {
                outcome,
                blocking: present(blocking),
                undecided,
                decisions,
                overruled: present(overruled),
                self_suppression,
            },
            policy: policy.map(Policy::from),
        }),
    })
}
