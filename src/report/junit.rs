//! `JUnit` XML, which the test views of CI systems read.
//!
//! There is no standard; this is the common part of what Jenkins, GitLab and Azure Pipelines take. A finding that blocks is a
//! failure, one that is suppressed is skipped, and any other passes and tells of itself. What left the verdict open is an
//! error. A clean run has one test, because some systems take a report without any for a mistake.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use super::escape::{cut, one_line};
use super::xml::escaped;
use super::{Item, Run, wording};

/// Characters of a name.
const NAME: usize = 300;

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let items = run.items();
    let mut by_file: BTreeMap<&str, Vec<Item<'_>>> = BTreeMap::new();
    for item in items {
        by_file.entry(&item.finding.location.path).or_default().push(item);
    }
    let mut suites = vec![gate(run)];
    suites.extend(by_file.into_iter().map(|(path, items)| file(run, path, &items)));
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let time = run.timing.map_or(0.0, |timing| timing.scan.as_secs_f64());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(
        out,
        r#"<testsuites name="lockgate" tests="{}" failures="{}" errors="{}" skipped="{}" time="{time:.3}">"#,
        sum(|suite| suite.tests),
        sum(|suite| suite.failures),
        sum(|suite| suite.errors),
        sum(|suite| suite.skipped),
    )?;
    for suite in &suites {
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{}" failures="{}" errors="{}" skipped="{}" time="0">"#,
            escaped(&suite.name),
            suite.tests,
            suite.failures,
            suite.errors,
            suite.skipped,
        )?;
        writeln!(out, "{}  </testsuite>", suite.cases)?;
    }
    writeln!(out, "</testsuites>")
}

#[derive(Default)]
struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    cases: String,
}

/// The verdict as a test of its own.
fn gate(run: &Run<'_>) -> Suite {
    let mut suite = Suite { name: "lockgate: verdict".to_owned(), ..Suite::default() };
    if run.verdict.undecided.is_empty() {
        suite.tests = 1;
        let words = escaped(&one_line(&wording::coverage(run)));
        let _ = writeln!(
            suite.cases,
            r#"    <testcase classname="lockgate" name="everything was examined" time="0"><system-out>{words}</system-out></testcase>"#
        );
    }
    for reason in &run.verdict.undecided {
        suite.tests += 1;
        suite.errors += 1;
        let reason = escaped(&cut(&one_line(reason), NAME));
        let _ = writeln!(
            suite.cases,
            r#"    <testcase classname="lockgate" name="{reason}" time="0"><error type="undecided" message="{reason}"></error></testcase>"#
        );
    }
    suite
}

fn file(run: &Run<'_>, path: &str, items: &[Item<'_>]) -> Suite {
    let mut suite = Suite { name: path.to_owned(), tests: items.len(), ..Suite::default() };
    for item in items {
        let finding = item.finding;
        let start = finding.location.region.start;
        let message = cut(&one_line(&finding.message), NAME);
        let _ = write!(
            suite.cases,
            r#"    <testcase classname="{}" name="{}" file="{}" line="{}" time="0">"#,
            escaped(path),
            escaped(&format!("{}:{}: {message}", finding.rule, start.line)),
            escaped(path),
            start.line,
        );
        let words = escaped(&body(run, *item)).replace('␊', "\n");
        match (&finding.suppression, item.blocks) {
            (Some(suppression), _) => {
                suite.skipped += 1;
                let reason = suppression.justification.as_deref().unwrap_or("no reason given");
                let reason = escaped(&cut(&one_line(reason), NAME));
                let _ = write!(suite.cases, r#"<skipped message="suppressed: {reason}"></skipped>"#);
            }
            (None, true) => {
                suite.failures += 1;
                let _ = write!(
                    suite.cases,
                    r#"<failure type="{}" message="{}">{words}</failure>"#,
                    finding.severity,
                    escaped(&message)
                );
            }
            (None, false) => {
                let _ = write!(suite.cases, "<system-out>does not block: {words}</system-out>");
            }
        }
        suite.cases.push_str("</testcase>\n");
    }
    suite
}

/// What a reader of a failure needs, in lines.
fn body(run: &Run<'_>, item: Item<'_>) -> String {
    let finding = item.finding;
    let start = finding.location.region.start;
    let mut lines = vec![
        format!("{} severity, {} confidence, {}", finding.severity, finding.confidence, finding.category),
        format!("{}:{}:{}", one_line(&finding.location.path), start.line, start.column),
        one_line(&finding.message),
    ];
    if let Some(evidence) = &finding.evidence {
        lines.push(format!("evidence: {}", one_line(&evidence.value)));
    }
    lines.extend(finding.related.iter().take(wording::RELATED).map(|related| one_line(&wording::related(related))));
    if !finding.owners.is_empty() {
        lines.push(format!("owners: {}", one_line(&finding.owners.join(", "))));
    }
    if let Some(rule) = run.rule(finding) {
        lines.push(format!("to fix: {}", one_line(&rule.details.remediation)));
    }
    lines.join("\n")
}
