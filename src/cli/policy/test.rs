//! `lockgate policy test`: judges made-up findings by the policy, and compares.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::super::args::PolicyTestArgs;
use super::super::invocation::{self, Loaded};
use super::super::{CommandError, print, waivers};
use super::example::{self, Example, Given};
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::finding::{Finding, Location, Suppression};
use crate::fingerprint::{Fingerprint, Identity, Subject};
use crate::gate::{self, Accepted, Circumstances, Outcome, Verdict};
use crate::report::{count, harmless_lines};
use crate::rules::error::nearest;
use crate::rules::schema::Rule;
use crate::span::{Region, Span};
use crate::suppress::waiver;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "lockgate-policy.yaml";

/// The most bytes that a file of examples may have.
const MAX_SIZE: u64 = 4 << 20;

/// `lockgate policy test`
pub(in crate::cli) fn run(args: &PolicyTestArgs, out: &mut dyn Write) -> Result<u8, CommandError> {
    let loaded = invocation::load(args.config.as_deref(), &args.directory, &args.rules)?;
    let by_default = [args.directory.join(DEFAULT_FILE)];
    let files: &[PathBuf] = if args.files.is_empty() { &by_default } else { &args.files };
    let mut failures = Vec::new();
    let mut tried = 0;
    for file in files {
        let examples = example::read(file, &text_of(file)?).map_err(|errors| invocation::several(&errors))?;
        for example in &examples {
            tried += 1;
            let at = format!("{}:{}", file.display(), example.line);
            let verdict =
                judge(example, &loaded, args).map_err(|reason| CommandError::new(format!("{at}: {reason}")))?;
            let differences = compare(example, &verdict);
            if !differences.is_empty() {
                failures.push(format!("{at}: {}\n{}", example.name, differences.join("\n")));
            }
        }
    }
    print(out, |out| {
        for failure in &failures {
            writeln!(out, "{}", harmless_lines(failure))?;
        }
        writeln!(out, "{} tried, {} not as expected", count(tried, "example"), failures.len())
    })?;
    Ok(u8::from(!failures.is_empty()))
}

fn text_of(file: &Path) -> Result<String, CommandError> {
    let fail = |reason: String| CommandError::new(format!("{}: {reason}", file.display()));
    let unreadable = |error: std::io::Error| fail(format!("cannot be read: {error}"));
    // Opening a FIFO could block for ever.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(fail("is not a regular file".to_owned()));
    }
    let mut bytes = Vec::new();
    File::open(file).map_err(unreadable)?.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(fail("is larger than 4 MiB, the most that a file of examples may have".to_owned()));
    }
    String::from_utf8(bytes).map_err(|_| fail("the text is not UTF-8".to_owned()))
}

/// What the gate says of `example`. The error is a sentence.
fn judge(example: &Example, loaded: &Loaded, args: &PolicyTestArgs) -> Result<Verdict, String> {
    let Loaded { config, catalogue, packs } = loaded;
    let environment = invocation::named_environment(example.environment.clone(), config).map_err(|error| error.0)?;
    let policy = super::by_present_ids(config.settings.policy(environment.as_deref()), catalogue);
    let mut findings = Vec::new();
    for given in &example.findings {
        let rule = rule_of(given, loaded)?;
        for ordinal in (0_u32..).take(given.count) {
            findings.push(finding(given, rule, loaded, ordinal));
        }
    }
    let mut accepted = Vec::new();
    for given in &example.baseline {
        let rule = rule_of(given, loaded)?;
        let one = Accepted {
            rule: rule.id.clone(),
            path: given.path.clone(),
            category: given.category.unwrap_or(rule.category),
            severity: given.severity.unwrap_or_else(|| config.settings.rules.severity_of(rule)),
            confidence: given.confidence.unwrap_or(rule.confidence),
        };
        accepted.extend(std::iter::repeat_n(one, given.count));
    }
    let today = example.today.or(args.today).unwrap_or_else(waivers::today);
    waiver::apply(&waivers::by_present_ids(config.waivers(&args.directory), catalogue), &mut findings, today);
    let overruled = gate::overrule(&mut findings, &policy);
    let detail = "the example says so".to_owned();
    let entry = |path: &String| CoverageEntry { path: path.clone(), cause: Cause::Unreadable, detail: detail.clone() };
    let coverage = Coverage { entries: example.unreadable.iter().map(entry).collect(), ..Coverage::default() };
    let lacking = super::lacking(config, catalogue, packs);
    let circumstances = Circumstances { accepted: &accepted, lacking: &lacking, overruled: &overruled, attempts: 0 };
    Ok(gate::judge_run(&findings, &coverage, &policy, &circumstances))
}

fn rule_of<'a>(given: &Given, loaded: &'a Loaded) -> Result<&'a Rule, String> {
    loaded.catalogue.get(&given.rule).ok_or_else(|| {
        let near = nearest(&given.rule, loaded.catalogue.rules().iter().map(|rule| rule.id.as_str()));
        let hint = near.map_or_else(String::new, |name| format!("; did you mean `{name}`?"));
        format!("line {}: no rule is called `{}`{hint}", given.line, given.rule)
    })
}

fn finding(given: &Given, rule: &Rule, loaded: &Loaded, ordinal: u32) -> Finding {
    let subject = Subject::Attribute { resource: given.resource.as_deref().unwrap_or_default(), attribute: "" };
    let identity = Identity { rule: &rule.id, path: &given.path, subject, ordinal };
    Finding {
        resource: given.resource.clone(),
        on_changed_lines: given.on_changed_lines,
        state: given.state,
        suppression: given.suppressed.map(|kind| Suppression { kind, justification: None }),
        ..Finding::new(
            rule.id.as_str(),
            rule.title.clone(),
            (
                given.severity.unwrap_or_else(|| loaded.config.settings.rules.severity_of(rule)),
                given.confidence.unwrap_or(rule.confidence),
                given.category.unwrap_or(rule.category),
            ),
            Location { path: given.path.as_str().into(), span: Span::new(0, 0), region: Region::default() },
            Fingerprint::of(&identity),
        )
    }
}

/// What of `verdict` is not as `example` expects, a line each, and what the gate says for itself.
fn compare(example: &Example, verdict: &Verdict) -> Vec<String> {
    let expected = &example.expected;
    let mut lines = Vec::new();
    let mut differ = |what: &str, expected: &str, found: &str| {
        lines.push(format!("  {what}: expected {expected}, found {found}"));
    };
    if expected.verdict != verdict.outcome {
        differ("verdict", expected.verdict.name(), verdict.outcome.name());
    }
    if let Some(blocking) = expected.blocking.filter(|&blocking| blocking != verdict.blocking.len()) {
        differ("blocking", &blocking.to_string(), &verdict.blocking.len().to_string());
    }
    if let Some(wanted) = &expected.decided_by {
        let must_block = expected.verdict == Outcome::Block;
        let deciding = verdict.decisions.iter().filter(|decision| !must_block || !decision.blocking.is_empty());
        let names: Vec<&str> = deciding.map(|decision| decision.policy.as_str()).collect();
        if !names.contains(&wanted.as_str()) {
            let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            differ("decided-by", wanted, &found);
        }
    }
    if lines.is_empty() {
        return lines;
    }
    for decision in &verdict.decisions {
        let numbers = format!("{}, {} block", count(decision.findings, "finding"), decision.blocking.len());
        lines.push(format!("  {}: {numbers}: {}", decision.policy, decision.reasons.join("; ")));
    }
    lines.extend(verdict.undecided.iter().map(|reason| format!("  undecided: {reason}")));
    lines
}
