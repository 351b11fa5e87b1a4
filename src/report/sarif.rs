//! SARIF 2.1.0 (OASIS), shaped for what GitHub code scanning reads.
//!
//! Paths are relative to `%SRCROOT%`, whose place on the machine is not told. No timestamp and no GUID goes in, so equal
//! runs give equal bytes.

mod invocation;
mod rule;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use serde_json::{Value, json};
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, CodeFlow, Fix as SarifFix, Location, LogicalLocation, Message,
    PhysicalLocation, PropertyBag, Region, Replacement as SarifReplacement, ReportingDescriptor, Result as SarifResult,
    ResultBaselineState, ResultColumnKind, ResultLevel, Run as SarifRun, RunAutomationDetails, Sarif,
    Suppression as SarifSuppression, ThreadFlow, ThreadFlowLocation, ToolComponent,
};

use super::escape::write_json;
use super::{Grade, Item, Run};
use crate::finding::{self, Finding, State, Suppression, SuppressionKind};
use crate::fingerprint::SCHEME;

/// Where the schema of this version is published: the `$schema` of every document.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The base of every path.
const SRCROOT: &str = "%SRCROOT%";

/// Most characters of source text to carry with a result.
const SNIPPET: usize = 1024;

pub(super) fn write(run: &Run<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    write_json(out, &document(run))?;
    out.write_all(b"\n")
}

fn document(run: &Run<'_>) -> Sarif {
    let (items, cut) = results_within(run);
    let (rules, indices) = rules(run, &items);
    let mut driver = ToolComponent::builder()
        .name("Lockgate")
        .version(run.version)
        .semantic_version(run.version)
        .rules(rules)
        .build();
    driver.information_uri = run.homepage.map(ToOwned::to_owned);
    let root = ArtifactLocation::builder().description(message("The root of the scanned tree.")).build();
    let results: Vec<SarifResult> = items.iter().map(|item| result(*item, &indices)).collect();
    let sarif_run = SarifRun::builder()
        .tool(driver)
        .automation_details(RunAutomationDetails::builder().id(automation_id(run.category)).build())
        .original_uri_base_ids(BTreeMap::from([(SRCROOT.to_owned(), root)]))
        .column_kind(json!(ResultColumnKind::UnicodeCodePoints))
        .invocations([invocation::invocation(run, cut)])
        .results(results)
        .build();
    Sarif::builder().schema(SCHEMA).version("2.1.0").runs([sarif_run]).build()
}

/// The results that fit, and how many did not. All of them keep the order of reports; when some must go, the weightiest
/// stay and come first.
fn results_within<'a>(run: &Run<'a>) -> (Vec<Item<'a>>, usize) {
    match run.max_results {
        Some(limit) if run.scan.findings.len() > limit => {
            let mut items = run.weighted_items();
            items.truncate(limit);
            let cut = run.scan.findings.len() - items.len();
            (items, cut)
        }
        _ => (run.items(), 0),
    }
}

/// GitHub takes what stands before the last slash as the category of the analysis.
fn automation_id(category: Option<&str>) -> String {
    category.map_or_else(|| "lockgate/".to_owned(), |category| format!("lockgate/{category}/"))
}

/// The descriptors, sorted by id, and the index of each id among them.
fn rules<'a>(run: &Run<'a>, items: &[Item<'a>]) -> (Vec<ReportingDescriptor>, BTreeMap<&'a str, i64>) {
    let mut wanted: BTreeMap<&str, Option<&crate::rules::schema::Rule>> =
        items.iter().map(|item| (&*item.finding.rule, run.rule(item.finding))).collect();
    if run.all_rules {
        wanted.extend(run.catalogue.rules().iter().map(|rule| (rule.id.as_str(), Some(rule))));
    }
    let indices = wanted.keys().copied().zip(0..).collect();
    let descriptors = wanted.into_iter().map(|(id, rule)| rule::descriptor(id, rule)).collect();
    (descriptors, indices)
}

fn result(item: Item<'_>, indices: &BTreeMap<&str, i64>) -> SarifResult {
    let finding = item.finding;
    let mut location = place(&finding.location);
    if let Some(physical) = &mut location.physical_location {
        physical.context_region = context(finding);
    }
    if let Some(resource) = &finding.resource {
        location.logical_locations =
            Some(vec![LogicalLocation::builder().fully_qualified_name(resource.as_str()).build()]);
    }
    let mut result = SarifResult::builder()
        .rule_id(&*finding.rule)
        .level(ResultLevel::from(Grade::from(finding.severity)))
        .message(message(&finding.message))
        .locations([location])
        .partial_fingerprints(BTreeMap::from([(SCHEME.to_owned(), finding.fingerprint.to_string())]))
        .properties(properties(item))
        .build();
    result.rule_index = indices.get(&*finding.rule).copied();
    result.baseline_state = finding.state.map(|state| json!(ResultBaselineState::from(state)));
    result.suppressions = finding.suppression.as_ref().map(|suppression| vec![suppressed(suppression)]);
    result.fixes = finding.fix.as_ref().map(|fix| vec![mended(fix, &finding.location.path)]);
    if !finding.related.is_empty() {
        result.related_locations = Some(finding.related.iter().zip(1..).map(related).collect());
    }
    if !finding.flow.is_empty() {
        result.code_flows = Some(vec![code_flow(&finding.flow)]);
    }
    result
}

fn related((related, id): (&finding::RelatedLocation, i64)) -> Location {
    let mut location = place(&related.location);
    location.id = Some(id);
    location.message = Some(message(&related.message));
    location
}

/// The way of a value from its source to the finding (SARIF 2.1.0, section 3.36).
fn code_flow(steps: &[finding::RelatedLocation]) -> CodeFlow {
    let locations: Vec<ThreadFlowLocation> = steps
        .iter()
        .map(|step| {
            let mut location = place(&step.location);
            location.message = Some(message(&step.message));
            ThreadFlowLocation::builder().location(location).build()
        })
        .collect();
    CodeFlow::builder().thread_flows([ThreadFlow::builder().locations(locations).build()]).build()
}

/// The edits of a fix (SARIF 2.1.0, section 3.55). What may break something says so.
fn mended(fix: &finding::Fix, path: &str) -> SarifFix {
    let aside = if fix.is_unsafe { " (this may break what the file is there for)" } else { "" };
    let replacement = |one: &finding::Replacement| {
        let region = region(one.region);
        let content = ArtifactContent::builder().text(one.text.as_str()).build();
        SarifReplacement::builder().deleted_region(region).inserted_content(content).build()
    };
    let replacements: Vec<SarifReplacement> = fix.replacements.iter().map(replacement).collect();
    let change = ArtifactChange::builder().artifact_location(artifact(path)).replacements(replacements).build();
    SarifFix::builder().description(message(&format!("{}{aside}", fix.description))).artifact_changes([change]).build()
}

fn suppressed(suppression: &Suppression) -> SarifSuppression {
    let kind = match suppression.kind {
        SuppressionKind::Inline => "inSource",
        SuppressionKind::Baseline => "external",
    };
    let mut sarif = SarifSuppression::builder().kind(kind).status("accepted").build();
    sarif.justification.clone_from(&suppression.justification);
    sarif
}

fn properties(item: Item<'_>) -> PropertyBag {
    let finding = item.finding;
    let mut bag = BTreeMap::from([
        ("severity".to_owned(), Value::from(finding.severity.name())),
        ("confidence".to_owned(), finding.confidence.name().into()),
        ("blocks".to_owned(), item.blocks.into()),
    ]);
    if let Some(evidence) = &finding.evidence {
        bag.insert("evidence".to_owned(), evidence.value.as_str().into());
        bag.insert("facts".to_owned(), evidence.facts.as_slice().into());
    }
    if !finding.owners.is_empty() {
        bag.insert("owners".to_owned(), finding.owners.as_slice().into());
    }
    if !finding.tools.is_empty() {
        let tools: Vec<String> = finding.tools.iter().map(ToString::to_string).collect();
        bag.insert("tools".to_owned(), tools.into());
    }
    if let Some(introduction) = &finding.introduction {
        bag.insert("commit".to_owned(), introduction.commit.as_str().into());
        bag.insert("date".to_owned(), introduction.date.as_str().into());
        bag.insert("atHead".to_owned(), introduction.at_head.into());
        bag.insert("paths".to_owned(), introduction.paths.as_slice().into());
        bag.insert("refs".to_owned(), introduction.refs.as_slice().into());
    }
    PropertyBag::builder().additional_properties(bag).build()
}

fn place(location: &finding::Location) -> Location {
    let artifact = artifact(&location.path);
    let physical = PhysicalLocation::builder().artifact_location(artifact).region(region(location.region)).build();
    Location::builder().physical_location(physical).build()
}

fn region(region: crate::span::Region) -> Region {
    // A finding without a position (line 0 does not exist) is about the first line.
    let (start, end) = (region.start, region.end);
    Region::builder()
        .start_line(start.line.max(1))
        .start_column(start.column.max(1))
        .end_line(end.line.max(start.line).max(1))
        .end_column(end.column.max(1))
        .build()
}

/// The whole lines of the finding with secrets masked, when they are in the excerpt and not long. They stand in the
/// context region because the text of the region itself is, for a secret, nothing but the mask.
fn context(finding: &Finding) -> Option<Region> {
    let region = finding.location.region;
    let first = region.start.line.checked_sub(finding.excerpt.first_line)? as usize;
    let last = region.end.line.checked_sub(finding.excerpt.first_line)? as usize;
    let lines = finding.excerpt.lines.get(first..=last)?;
    if finding.excerpt.first_column > 1 || lines.iter().map(String::len).sum::<usize>() > SNIPPET {
        return None;
    }
    let snippet = ArtifactContent::builder().text(lines.join("\n")).build();
    Some(
        Region::builder()
            .start_line(region.start.line.max(1))
            .end_line(region.end.line.max(1))
            .snippet(snippet)
            .build(),
    )
}

fn artifact(path: &str) -> ArtifactLocation {
    ArtifactLocation::builder().uri(relative_uri(path)).uri_base_id(SRCROOT).build()
}

/// `path` as a relative reference (RFC 3986, section 4.2): what is not allowed in a path segment is percent-encoded. So
/// are a colon, which would make a scheme of what stands before it, and a leading slash, which would make an authority.
fn relative_uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for (at, byte) in path.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=@".contains(&byte) || (byte == b'/' && at > 0);
        if plain {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// Plain text as a SARIF message, in which `[text](target)` is a link: a message never has one, so what looks like one
/// comes from the scanned tree and is escaped (SARIF 2.1.0, section 3.11.6).
fn message(text: &str) -> Message {
    if text.contains("](") {
        Message::builder().text(text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")).build()
    } else {
        Message::builder().text(text).build()
    }
}

impl From<State> for ResultBaselineState {
    fn from(state: State) -> Self {
        match state {
            State::New => ResultBaselineState::New,
            State::Changed => ResultBaselineState::Updated,
            State::Existing => ResultBaselineState::Unchanged,
        }
    }
}

impl From<Grade> for ResultLevel {
    fn from(grade: Grade) -> Self {
        match grade {
            Grade::Error => ResultLevel::Error,
            Grade::Warning => ResultLevel::Warning,
            Grade::Note => ResultLevel::Note,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_relative_references_whatever_the_name() {
        assert_eq!(relative_uri("src/main.rs"), "src/main.rs");
        assert_eq!(relative_uri("a b/50%#1?.txt"), "a%20b/50%25%231%3F.txt");
        assert_eq!(relative_uri("ü/[id]\\x"), "%C3%BC/%5Bid%5D%5Cx");
        assert_eq!(relative_uri("c:/x"), "c%3A/x");
        assert_eq!(relative_uri("//host/x"), "%2F/host/x");
        assert_eq!(relative_uri("@scope/+page.svelte"), "@scope/+page.svelte");
    }

    #[test]
    fn the_category_is_what_github_reads_before_the_last_slash() {
        assert_eq!(automation_id(None), "lockgate/");
        assert_eq!(automation_id(Some("backend")), "lockgate/backend/");
    }

    #[test]
    fn a_message_makes_no_link() {
        assert_eq!(message("see [here](https://evil.example)").text.unwrap(), "see \\[here\\](https://evil.example)");
        assert_eq!(message("list[0] is public").text.unwrap(), "list[0] is public");
    }
}
