//! The reports byte for byte, and what no report may do with hostile text.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[path = "common/report.rs"]
mod sample;

use insta::assert_snapshot;
use lockgate::coverage::{Cause, CoverageEntry};
use lockgate::finding::{Confidence, Finding, Severity};
use lockgate::gate::Policy;
use lockgate::report::{Format, Run, Style, Verbosity, summary_markdown};
use lockgate::rules::schema::Details;
use sample::{HOSTILE_PATH, Sample, finding, rendered, rule, strict_for_network};

fn text(sample: &Sample, verbosity: Verbosity) -> String {
    rendered(Format::Text, &sample.run(), Style { width: 100, verbosity, ..Style::default() })
}

fn plain(format: Format, sample: &Sample) -> String {
    rendered(format, &sample.run(), Style::default())
}

#[test]
fn text_of_a_blocked_run() {
    assert_snapshot!(text(&Sample::blocked(), Verbosity::Normal));
}

#[test]
fn text_of_an_undecided_run_in_full() {
    assert_snapshot!(text(&Sample::undecided(), Verbosity::Verbose));
}

#[test]
fn text_of_runs_in_a_line() {
    let by_category =
        Sample::judged(Sample::blocked().scan.findings, Sample::blocked().scan.coverage, strict_for_network());
    let mut none_blocks = Sample::blocked();
    none_blocks.scan.findings.retain(|finding| finding.severity == Severity::Medium);
    let none_blocks = Sample::judged(none_blocks.scan.findings, none_blocks.scan.coverage, strict_for_network());
    let samples = [Sample::passed(), Sample::blocked(), Sample::undecided(), by_category, none_blocks];
    let texts: Vec<String> = samples.iter().map(|sample| text(sample, Verbosity::Quiet)).collect();
    assert_snapshot!(texts.join("---\n"));
}

#[test]
fn json() {
    assert_snapshot!(plain(Format::Json, &Sample::undecided()));
}

#[test]
fn jsonl() {
    assert_snapshot!(plain(Format::Jsonl, &Sample::undecided()));
}

#[test]
fn github() {
    assert_snapshot!(plain(Format::Github, &Sample::undecided()));
}

#[test]
fn sarif() {
    let log: serde_json::Value = serde_json::from_str(&plain(Format::Sarif, &Sample::undecided())).unwrap();
    let pretty = serde_json::to_string_pretty(&log).unwrap();
    // Reading the log took its escapes away; a snapshot should not hold raw control characters.
    let escaped = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
    let lines: String =
        pretty.chars().map(|c| if escaped(c) { c.escape_unicode().to_string() } else { c.to_string() }).collect();
    assert_snapshot!(lines);
}

#[test]
fn markdown() {
    assert_snapshot!(summary_markdown(&Sample::undecided().run()));
}

#[test]
fn what_a_change_does_to_its_own_judgement_stands_in_every_report() {
    let sample = Sample::self_suppressed();
    let texts = [
        text(&sample, Verbosity::Normal),
        text(&sample, Verbosity::Quiet),
        plain(Format::Github, &sample),
        plain(Format::Jsonl, &sample),
        plain(Format::Outputs, &sample),
        summary_markdown(&sample.run()),
    ];
    assert_snapshot!(texts.join("---\n"));
    let json: serde_json::Value = serde_json::from_str(&plain(Format::Json, &sample)).unwrap();
    assert_eq!(json["self_suppression"]["attempts"].as_array().unwrap().len(), 3);
    assert_eq!(json["verdict"]["self_suppression"], 3);
    let sarif: serde_json::Value = serde_json::from_str(&plain(Format::Sarif, &sample)).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["properties"]["selfSuppression"]["attempts"], json["self_suppression"]["attempts"]);
    let notifications = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let ids: Vec<&str> = notifications.iter().map(|one| one["descriptor"]["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["self-suppression/exclusion", "self-suppression/rule-pack", "self-suppression/inline"]);
    assert!(notifications.iter().all(|one| one["level"] == "error"));
}

#[test]
fn every_line_of_jsonl_says_what_it_is_and_the_verdict_comes_last() {
    let text = plain(Format::Jsonl, &Sample::undecided());
    let types: Vec<String> = text
        .lines()
        .map(|line| {
            let value: serde_json::Value = serde_json::from_str(line).unwrap();
            value["type"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(types[..9], ["finding"; 9]);
    assert_eq!(types[9..], ["coverage", "verdict"]);
}

#[test]
fn json_and_jsonl_tell_the_same_findings() {
    let sample = Sample::undecided();
    let document: serde_json::Value = serde_json::from_str(&plain(Format::Json, &sample)).unwrap();
    assert_eq!(document["verdict"]["exit_code"], 2);
    let lines = plain(Format::Jsonl, &sample);
    for (line, finding) in lines.lines().zip(document["findings"].as_array().unwrap()) {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        line.as_object_mut().unwrap().remove("type");
        assert_eq!(&line, finding);
    }
}

#[test]
fn no_report_passes_on_what_a_terminal_or_a_runner_would_obey() {
    let mut sample = Sample::undecided();
    for finding in &mut sample.scan.findings {
        finding.resource = Some(HOSTILE_PATH.to_owned());
        finding.rule = HOSTILE_PATH.into();
    }
    sample.verdict.undecided = vec![HOSTILE_PATH.to_owned()];
    let run = Run { root: HOSTILE_PATH, ..sample.run() };
    let style = Style { verbosity: Verbosity::Verbose, ..Style::default() };
    let change = Sample::self_suppressed();
    let mut reports = Vec::new();
    for run in [&run, &change.run()] {
        reports.extend(Format::ALL.iter().map(|format| rendered(*format, run, style)));
        reports.push(summary_markdown(run));
    }
    for report in reports {
        let acting = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!report.contains(acting), "{report:?}");
        assert!(!report.contains("##["), "{report}");
        let commands = report.lines().filter(|line| line.trim_start().starts_with("::"));
        for command in commands {
            let own = ["::error file=", "::error title=", "::warning file=", "::warning::", "::notice"];
            assert!(own.iter().any(|start| command.starts_with(start)), "{command}");
        }
    }
}

#[test]
fn colour_is_the_only_escape_and_only_when_asked_for() {
    let sample = Sample::undecided();
    let colored = rendered(Format::Text, &sample.run(), Style { color: true, ..Style::default() });
    assert!(colored.contains("\u{1b}["));
    let sequences = colored.split('\u{1b}').skip(1);
    for sequence in sequences {
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        assert!(sequence.starts_with('[') && sequence[end..].starts_with('m'), "{sequence:?}");
    }
    assert!(!text(&sample, Verbosity::Verbose).contains('\u{1b}'));
}

#[test]
fn lines_of_text_fit_the_terminal_where_they_show_source() {
    let report = text(&Sample::blocked(), Verbosity::Normal);
    let source = report.lines().filter(|line| line.contains(" | "));
    for line in source {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn lists_of_gaps_are_cut_at_twenty() {
    let mut sample = Sample::passed();
    let gap = |number| CoverageEntry {
        path: format!("f{number:02}"),
        cause: Cause::TooLarge,
        detail: "the first MiB was scanned".to_owned(),
    };
    sample.scan.coverage.entries = (0..25).map(gap).collect();
    let short = text(&sample, Verbosity::Normal);
    assert!(short.contains("examined in part: 25 inputs") && short.contains("f19") && !short.contains("f20"));
    assert!(short.contains("and 5 more"));
    assert!(text(&sample, Verbosity::Verbose).contains("f24"));
}

fn crowd(number: usize) -> Sample {
    let mut findings: Vec<Finding> = Vec::new();
    for index in 0..number {
        let mut one = finding("acme-token", &format!("f{index:05}"), (1, 1), (1, 2), &["*"]);
        one.severity = [Severity::Critical, Severity::Medium, Severity::Low][index % 3];
        findings.push(one);
    }
    Sample::judged(findings, Sample::passed().scan.coverage, Policy::default())
}

#[test]
fn github_gets_no_more_annotations_than_it_shows() {
    let report = plain(Format::Github, &crowd(90));
    let number = |level: &str| report.lines().filter(|line| line.starts_with(level)).count();
    assert_eq!((number("::error "), number("::notice")), (10, 10));
    assert!(report.contains("::notice::71 findings more without an annotation"), "{report}");
    let severities = report.lines().filter(|line| line.starts_with("::error ") && line.contains("title=critical"));
    assert_eq!(severities.count(), 10);
}

#[test]
fn the_summary_stays_within_its_bound() {
    let mut sample = crowd(60);
    let endless = "|<\u{1b}".repeat(10_000);
    for finding in &mut sample.scan.findings {
        finding.message.clone_from(&endless);
        finding.location.path = endless.as_str().into();
        finding.rule = endless.as_str().into();
    }
    sample.verdict.undecided = vec![endless.clone(); 100];
    let gap = CoverageEntry { path: endless.clone(), cause: Cause::Unreadable, detail: endless.clone() };
    sample.scan.coverage.entries = vec![gap; 100];
    let page = summary_markdown(&sample.run());
    assert!(page.len() < 1 << 20, "{}", page.len());
    assert!(page.contains("and 10 more"));
}

#[test]
fn rules_of_the_catalogue_word_the_fix() {
    let mut sample = Sample::blocked();
    let mut rules = vec![rule("acme-token", Severity::Critical, Confidence::High)];
    rules[0].details = Details { remediation: "Turn the key.".to_owned(), ..Details::default() }.into();
    sample.catalogue = lockgate::rules::catalogue::Catalogue::new(rules);
    assert!(text(&sample, Verbosity::Normal).contains("fix: Turn the key."));
}

#[test]
fn formats_are_known_by_their_names() {
    for format in Format::ALL {
        assert_eq!(format.name().parse(), Ok(*format));
    }
    let error = "pdf".parse::<Format>().unwrap_err();
    assert!(error.starts_with("unknown format `pdf`; use one of: text, sarif, json, jsonl, github, "), "{error}");
}
