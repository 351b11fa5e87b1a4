//! One JSON document: `{schema, version, root, verdict, coverage, comparison, findings}`, the comparison where there was one.
//!
//! Findings and coverage are the leaf types as they stand; the schema name changes when one of their fields changes its
//! meaning or goes away, not when one is added.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::escape::write_json;
use super::{Item, Run};
use crate::coverage::Coverage;
use crate::finding::{Category, Confidence, Finding, Severity};
use crate::gate::{Decision, Outcome, Threshold};

/// Name of the document's schema.
pub(super) const SCHEMA: &str = "lockgate/report/v1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'a str,
    root: &'a str,
    verdict: Judgement<'a>,
    coverage: &'a Coverage,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<Compared<'a>>,
    findings: Vec<Judged<'a>>,
}

/// With what the scan was compared.
#[derive(Serialize)]
pub(super) struct Compared<'a> {
    base: &'a str,
    /// Number of findings of the base that are gone.
    fixed: usize,
}

impl<'a> Compared<'a> {
    pub(super) fn of(run: &Run<'a>) -> Option<Self> {
        run.scan.comparison.as_ref().map(|comparison| Self { base: &comparison.base, fixed: comparison.fixed() })
    }
}

/// The verdict with the policy behind it.
#[derive(Serialize)]
pub(super) struct Judgement<'a> {
    outcome: Outcome,
    exit_code: u8,
    /// Positions, from 0, of the findings that block.
    blocking: &'a [usize],
    undecided: &'a [String],
    /// What each part of the policy decided.
    decisions: &'a [Decision],
    /// Positions, from 0, of findings that something suppressed in vain.
    #[serde(skip_serializing_if = "<[usize]>::is_empty")]
    overruled: &'a [usize],
    policy: Thresholds,
}

#[derive(Serialize)]
struct Thresholds {
    default: Least,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    by_category: BTreeMap<Category, Least>,
}

#[derive(Serialize)]
struct Least {
    severity: Severity,
    confidence: Confidence,
}

impl From<Threshold> for Least {
    fn from(threshold: Threshold) -> Self {
        Self { severity: threshold.severity, confidence: threshold.confidence }
    }
}

impl<'a> Judgement<'a> {
    pub(super) fn of(run: &Run<'a>) -> Self {
        Self {
            outcome: run.verdict.outcome,
            exit_code: run.verdict.outcome.exit_code(),
            blocking: &run.verdict.blocking,
            undecided: &run.verdict.undecided,
            decisions: &run.verdict.decisions,
            overruled: &run.verdict.overruled,
            policy: Thresholds {
                default: run.policy.default.into(),
                by_category: run
                    .policy
                    .by_category
                    .iter()
                    .map(|(&category, &least)| (category, least.into()))
                    .collect(),
            },
        }
    }
}

/// A finding with the gate's word on it.
#[derive(Serialize)]
pub(super) struct Judged<'a> {
    blocks: bool,
    /// The part of the policy by which it blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
    #[serde(flatten)]
    finding: &'a Finding,
}

impl<'a> From<Item<'a>> for Judged<'a> {
    fn from(item: Item<'a>) -> Self {
        Self { blocks: item.blocks, policy: item.policy, finding: item.finding }
    }
}

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let document = Document {
        schema: SCHEMA,
        version: run.version,
        root: run.root,
        verdict: Judgement::of(run),
        coverage: &run.scan.coverage,
        comparison: Compared::of(run),
        findings: run.items().into_iter().map(Judged::from).collect(),
    };
    write_json(out, &document)?;
    out.write_all(b"\n")
}
