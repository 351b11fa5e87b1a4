//! GitLab's security reports: SAST, and Secret Detection (security report schemas, version 15).
//!
//! Secrets go into the one, everything else into the other: GitLab counts what stands in both twice. What is suppressed
//! stands in neither.

use std::io;

use serde_json::{Value, json};

use super::code_quality::Unique;
use super::escape::{cut, one_line, write_json};
use super::timing::utc;
use super::{Run, wording};
use crate::finding::{Category, Finding, Severity};
use crate::gate::Outcome;

/// Version of the schema. GitLab takes every 15.x.
const SCHEMA: &str = "15.0.7";

/// Limits of the schema, in characters.
const NAME: usize = 255;
const DESCRIPTION: usize = 100_000;
const SOLUTION: usize = 7000;
/// Most messages about the run.
const MESSAGES: usize = 50;
/// What stands for a commit where none is known, as in GitLab's own reports.
const NO_COMMIT: &str = "0000000";

/// Which of the two reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What is no secret.
    Sast,
    /// Secrets.
    SecretDetection,
}

pub(super) fn write(run: &Run<'_>, kind: Kind, out: &mut dyn io::Write) -> io::Result<()> {
    let mut ids = Unique::default();
    let items = run.items();
    let belongs = |finding: &Finding| {
        finding.is_active() && (finding.category == Category::Secret) == (kind == Kind::SecretDetection)
    };
    let vulnerabilities: Vec<Value> = items
        .iter()
        .filter(|item| belongs(item.finding))
        .map(|item| vulnerability(run, kind, item.finding, &ids.of(&item.finding.fingerprint.to_string())))
        .collect();
    let document = json!({ "version": SCHEMA, "scan": scan(run, kind), "vulnerabilities": vulnerabilities });
    write_json(out, &document)?;
    out.write_all(b"\n")
}

fn scan(run: &Run<'_>, kind: Kind) -> Value {
    let tool =
        json!({ "id": "lockgate", "name": "Lockgate", "version": run.version, "vendor": { "name": "Lockgate" } });
    let (started, finished) = run.timing.map_or((0, 0), |timing| (timing.started, timing.finished));
    let is_undecided = run.verdict.outcome == Outcome::Undecided;
    let mut messages: Vec<Value> = run
        .verdict
        .undecided
        .iter()
        .take(MESSAGES)
        .map(|reason| json!({ "level": "fatal", "value": one_line(reason) }))
        .collect();
    let partial = run.scan.coverage.partial().take(MESSAGES);
    messages.extend(partial.map(|entry| json!({ "level": "warn", "value": one_line(&entry.to_string()) })));
    let verdict = format!("{}: {}", wording::outcome(run.verdict.outcome), wording::sentence(run));
    messages.push(json!({ "level": "info", "value": verdict }));
    json!({
        "analyzer": tool,
        "scanner": tool,
        "type": match kind { Kind::Sast => "sast", Kind::SecretDetection => "secret_detection" },
        "start_time": utc(started),
        "end_time": utc(finished),
        "status": if is_undecided { "failure" } else { "success" },
        "messages": messages,
    })
}

fn vulnerability(run: &Run<'_>, kind: Kind, finding: &Finding, id: &str) -> Value {
    let rule = run.rule(finding);
    let region = finding.location.region;
    let start = region.start.line.max(1);
    let mut location = json!({
        "file": &*finding.location.path,
        "start_line": start,
        "end_line": region.end.line.max(start),
    });
    if let (Some(resource), Kind::Sast) = (&finding.resource, kind) {
        location["class"] = resource.as_str().into();
    }
    if kind == Kind::SecretDetection {
        location["commit"] = finding.introduction.as_ref().map_or_else(
            || json!({ "sha": NO_COMMIT }),
            |introduction| json!({ "sha": introduction.commit, "date": introduction.date }),
        );
    }
    let mut identifiers = vec![json!({
        "type": "lockgate_rule_id",
        "name": cut(&format!("Lockgate {}", finding.rule), NAME),
        "value": &*finding.rule,
    })];
    let weaknesses = rule.map_or(&[][..], |rule| &rule.details.cwe[..]);
    identifiers.extend(weaknesses.iter().map(|number| {
        json!({
            "type": "cwe",
            "name": format!("CWE-{number}"),
            "value": number.to_string(),
            "url": format!("https://cwe.mitre.org/data/definitions/{number}.html"),
        })
    }));
    identifiers.extend(finding.tools.iter().map(|tool| {
        json!({ "type": format!("{}_rule_id", tool.tool), "name": cut(&tool.to_string(), NAME), "value": tool.rule })
    }));
    let mut details = serde_json::Map::new();
    let mut detail = |key: &str, name: &str, value: &str| {
        details.insert(key.to_owned(), json!({ "name": name, "type": "text", "value": value }));
    };
    detail("confidence", "Confidence", finding.confidence.name());
    if let Some(evidence) = &finding.evidence {
        let facts = evidence.facts.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once(evidence.value.as_str()).chain(facts).collect();
        detail("evidence", "Evidence", &words.join(", "));
    }
    if !finding.related.is_empty() {
        let places: Vec<String> = finding.related.iter().take(wording::RELATED).map(wording::related).collect();
        detail("related", "Belongs to it", &one_line(&places.join(", ")));
    }
    if !finding.owners.is_empty() {
        detail("owners", "Owners", &finding.owners.join(", "));
    }
    let title = rule.map_or(finding.message.as_str(), |rule| rule.title.as_str());
    let mut vulnerability = json!({
        "id": id,
        "name": cut(&one_line(title), NAME),
        "description": cut(&description(run, finding), DESCRIPTION),
        "severity": severity(finding.severity),
        "location": location,
        "identifiers": identifiers,
        "details": details,
    });
    if !finding.excerpt.lines.is_empty() {
        vulnerability["raw_source_code_extract"] = finding.excerpt.lines.join("\n").into();
    }
    if let Some(rule) = rule {
        vulnerability["solution"] = cut(rule.details.remediation.trim(), SOLUTION).into();
        let is_link = |link: &&String| link.starts_with("https://") || link.starts_with("http://");
        let links = rule.details.references.iter().filter(is_link);
        vulnerability["links"] = links.map(|link| json!({ "url": link })).collect::<Vec<_>>().into();
    }
    vulnerability
}

/// The message, which may hold words of the scanned tree, and what the rule says. GitLab takes it for Markdown.
fn description(run: &Run<'_>, finding: &Finding) -> String {
    let mut message = String::new();
    for c in one_line(&finding.message).chars() {
        if "\\`*_[]<>#|~@!&$".contains(c) {
            message.push('\\');
        }
        message.push(c);
    }
    match run.rule(finding) {
        Some(rule) => format!("{message}\n\n{}", rule.details.description.trim()),
        None => message,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}
