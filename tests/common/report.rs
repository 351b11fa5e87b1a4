//! Runs made by hand for the tests of reports: every feature of a finding, hostile names, gaps in coverage.

use std::collections::BTreeMap;

use lockgate::coverage::{Cause, Coverage, CoverageEntry};
use lockgate::finding::{
    Category, Confidence, Evidence, Excerpt, Finding, Location, RelatedLocation, Severity, Suppression, SuppressionKind,
};
use lockgate::gate::{self, Circumstances, Policy, Response, Verdict};
use lockgate::report::{Format, Run, Style};
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::packed::Packed;
use lockgate::rules::schema::{Assigned, Details, Detect, Profile, Rule, SecretRule, Source};
use lockgate::scan::ScanReport;
use lockgate::span::{Position, Region, Span};
use lockgate::trust::{Attempt, Means, Trust};

/// A path that tries everything: line break, workflow command, escape sequence, text direction, markup.
pub(crate) const HOSTILE_PATH: &str = "a\n::error::x\u{1b}[31m\u{202e}|<b>`##[add-mask]y.env";

/// What a [`Run`] borrows from.
pub(crate) struct Sample {
    pub(crate) scan: ScanReport,
    pub(crate) verdict: Verdict,
    pub(crate) policy: Policy,
    pub(crate) catalogue: Catalogue,
}

impl Sample {
    /// The gate's word on these findings and this coverage.
    pub(crate) fn judged(mut findings: Vec<Finding>, coverage: Coverage, policy: Policy) -> Self {
        findings.sort_by(Finding::order);
        let verdict = gate::judge(&findings, &coverage, &policy);
        Self {
            scan: ScanReport { findings, coverage, ..ScanReport::default() },
            verdict,
            policy,
            catalogue: Catalogue::new(rules()),
        }
    }

    /// Findings of every kind, nothing failed.
    pub(crate) fn blocked() -> Self {
        let mut coverage = coverage();
        coverage.entries.retain(|entry| entry.cause != Cause::Unreadable && entry.cause != Cause::Vanished);
        Self::judged(findings(), coverage, Policy::default())
    }

    /// The same findings, and inputs that could not be read.
    pub(crate) fn undecided() -> Self {
        Self::judged(findings(), coverage(), Policy::default())
    }

    /// A clean tree whose change suppresses itself, which blocks.
    pub(crate) fn self_suppressed() -> Self {
        let mut sample = Self::passed();
        let attempt = |path: &str, line, means, detail: &str| Attempt {
            path: path.to_owned(),
            line,
            means,
            detail: detail.to_owned(),
        };
        let mut trust = Trust {
            policy_from: "origin/main (0123456789ab)".to_owned(),
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            blocks: true,
            ..Trust::default()
        };
        trust.add([
            attempt("lockgate.toml", Some(3), Means::Exclusion, "adds \"src/**\" to scan.exclude"),
            attempt("ci/rules.yaml", None, Means::RulePack, "removes the rule pack"),
            attempt(HOSTILE_PATH, Some(1), Means::Inline, HOSTILE_PATH),
        ]);
        sample.policy.self_suppression = Response::Block;
        let circumstances = Circumstances { attempts: trust.attempts.len(), ..Circumstances::default() };
        sample.verdict = gate::judge_run(&[], &sample.scan.coverage, &sample.policy, &circumstances);
        sample.scan.trust = Some(trust);
        sample
    }

    /// A clean tree.
    pub(crate) fn passed() -> Self {
        let coverage = Coverage { seen: 1, scanned: 1, parsed: 1, bytes: 640, entries: Vec::new() };
        Self::judged(Vec::new(), coverage, Policy::default())
    }

    pub(crate) fn run(&self) -> Run<'_> {
        Run {
            scan: &self.scan,
            verdict: &self.verdict,
            policy: &self.policy,
            catalogue: &self.catalogue,
            root: "shop",
            version: "1.2.3",
            homepage: Some("https://lockgate.example"),
            category: Some("backend"),
            max_results: None,
            all_rules: false,
            group_by: None,
            timing: None,
        }
    }
}

/// The report as text.
pub(crate) fn rendered(format: Format, run: &Run<'_>, style: Style) -> String {
    let mut out = Vec::new();
    lockgate::report::write(format, run, &mut out, style).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn rule(id: &str, severity: Severity, confidence: Confidence) -> Rule {
    Rule {
        id: id.to_owned(),
        aliases: vec![format!("old-{id}")],
        title: format!("Credential of kind {id}"),
        severity,
        confidence,
        category: Category::Secret,
        profile: Profile::Default,
        details: Packed::from(Details {
            description: "The holder can read and change every object of the account.".to_owned(),
            remediation: "Revoke it under Settings,\nissue a new one and keep it in a secret store.".to_owned(),
            references: vec!["https://docs.acme.example/keys".to_owned()],
            cwe: vec![798, 79],
            equivalents: vec![format!("gitleaks:{id}")],
        }),
        detect: Detect::Secret(Packed::from(SecretRule {
            source: Source::Assigned(Assigned { names: vec!["acme".to_owned()], value: "[0-9a-f]{32}".to_owned() }),
            paths: Vec::new(),
            entropy: None,
            validate: Vec::new(),
            near: None,
            parts: Vec::new(),
            allow: Vec::new(),
            keep_placeholders: false,
        })),
    }
}

fn rules() -> Vec<Rule> {
    vec![
        rule("acme-token", Severity::Critical, Confidence::High),
        rule("generic-password", Severity::Medium, Confidence::Low),
        rule("private-key", Severity::High, Confidence::High),
        rule("quiet-rule", Severity::Info, Confidence::Medium),
    ]
}

/// A finding at `start` to `end` (line, column) of `path`, with `lines` of source from the first of its lines.
pub(crate) fn finding(rule: &str, path: &str, start: (u32, u32), end: (u32, u32), lines: &[&str]) -> Finding {
    let known = rules().into_iter().find(|known| known.id == rule);
    let digit = u8::try_from(path.len() % 16).unwrap();
    Finding {
        excerpt: Excerpt {
            first_line: start.0,
            first_column: 1,
            lines: lines.iter().map(ToString::to_string).collect(),
        },
        ..Finding::new(
            rule,
            format!("A credential of kind {rule} stands in plain text."),
            (
                known.as_ref().map_or(Severity::High, |rule| rule.severity),
                known.as_ref().map_or(Confidence::Medium, |rule| rule.confidence),
                Category::Secret,
            ),
            place(path, start, end),
            format!("{digit:x}").repeat(32).parse().unwrap(),
        )
    }
}

fn place(path: &str, start: (u32, u32), end: (u32, u32)) -> Location {
    let position = |(line, column)| Position { line, column };
    Location {
        path: path.into(),
        span: Span::new(start.1 as usize, end.1 as usize),
        region: Region { start: position(start), end: position(end) },
    }
}

fn findings() -> Vec<Finding> {
    let mut token = finding("acme-token", "src/config.py", (12, 10), (12, 22), &["\ttoken = '************'  # prod"]);
    token.evidence =
        Some(Evidence { value: "acme_…wxyz".into(), facts: vec!["checksum valid".into(), "account 42".into()] });
    let id = place("src/config.py", (11, 10), (11, 14));
    token.related = vec![RelatedLocation::new(id, "the id that goes with it".to_owned())];
    let mut odd = finding("acme-token", "docs/a b#1%/ü:[x]?.env", (1, 1), (1, 5), &["****"]);
    odd.resource = Some("Deployment.shop.web".to_owned());
    let password = finding("generic-password", "app.yml", (3, 11), (3, 19), &["password: ********"]);
    let mut inline = finding("acme-token", "tests/token.txt", (1, 1), (1, 5), &["**** # lockgate: ignore"]);
    inline.suppression =
        Some(Suppression { kind: SuppressionKind::Inline, justification: Some("revoked in 2020".to_owned()) });
    let mut baseline = finding("generic-password", "old/app.yml", (9, 1), (9, 5), &["****"]);
    baseline.suppression = Some(Suppression { kind: SuppressionKind::Baseline, justification: None });
    let mut hostile =
        finding("no-such-rule", HOSTILE_PATH, (2, 3), (2, 5), &["\u{1b}]0;x\u{7}**\u{202e} ##[add-mask]y \u{9b}2J"]);
    hostile.message = String::from("see [here](https://evil.example)\n::warning::\u{1b}[2J <script>");
    let lines = ["-----BEGIN PRIVATE KEY-----", "********", "********", "-----END PRIVATE KEY-----"];
    let key = finding("private-key", "deploy/key.pem", (1, 1), (4, 26), &lines);
    let long = |before| format!("{}{}{}", "a".repeat(before), "*".repeat(20), "z".repeat(300));
    let minified = finding("private-key", "dist/app.min.js", (1, 301), (1, 321), &[&long(300)]);
    let bundle = finding("private-key", "dist/bundle.js", (1, 3001), (1, 3021), &[&long(3000)]);
    vec![token, odd, password, inline, baseline, hostile, key, minified, bundle]
}

fn coverage() -> Coverage {
    let entry = |path: &str, cause, detail: &str| CoverageEntry { path: path.into(), cause, detail: detail.into() };
    let mut entries = vec![
        entry("secrets/key.pem", Cause::Unreadable, "Permission denied"),
        entry("tmp/\u{1b}[1m new\nfile", Cause::Vanished, "it was gone when it was read"),
        entry("data/big dump.sql", Cause::TooLarge, "the first 10 MiB of 2 GiB were scanned"),
        entry("logo.png", Cause::Binary, "not text"),
        entry("node_modules/", Cause::Ignored, ".gitignore:1"),
        entry("target/", Cause::Ignored, ".gitignore:2"),
    ];
    entries.sort_unstable();
    Coverage { seen: 1204, scanned: 1180, parsed: 64, bytes: 14_260_000, entries }
}

/// A policy with a threshold of its own for one category.
pub(crate) fn strict_for_network() -> Policy {
    let strict = gate::Threshold { severity: Severity::Info, confidence: Confidence::Low };
    Policy { by_category: BTreeMap::from([(Category::Network, strict)]), ..Policy::default() }
}
