//! One JSON value a line, each with a `type`: every finding, then `coverage`, then `self-suppression` where the policy is
//! not that of the scanned tree, then `verdict`.
//!
//! A reader that meets no `verdict` line holds a report that was cut off.

use std::io;

use serde::Serialize;

use super::Run;
use super::escape::write_json;
use super::json::{Compared, Judged, Judgement, SCHEMA};
use crate::coverage::Coverage;
use crate::trust::Trust;

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Finding(Judged<'a>),
    Coverage(&'a Coverage),
    #[serde(rename = "self-suppression")]
    SelfSuppression(&'a Trust),
    Verdict {
        schema: &'static str,
        version: &'a str,
        root: &'a str,
        #[serde(flatten)]
        judgement: Judgement<'a>,
        #[serde(skip_serializing_if = "Option::is_none")]
        comparison: Option<Compared<'a>>,
    },
}

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let findings = run.items().into_iter().map(|item| Line::Finding(item.into()));
    let verdict = Line::Verdict {
        schema: SCHEMA,
        version: run.version,
        root: run.root,
        judgement: Judgement::of(run),
        comparison: Compared::of(run),
    };
    let trust = run.scan.trust.as_ref().map(Line::SelfSuppression);
    for line in findings.chain([Line::Coverage(&run.scan.coverage)]).chain(trust).chain([verdict]) {
        write_json(out, &line)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}
