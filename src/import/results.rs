//! Runs of SARIF as findings and coverage.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use super::place::Places;
use super::sarif::{Component, Covered, Descriptor, Invocation, Location as SarifLocation, Log, Region as SarifRegion};
use super::sarif::{Run, SarifResult, Suppression as SarifSuppression, Text};
use super::{ImportError, Imported, MAX_FINDINGS, Reader, Recorded, Report, entry, rating, tool};
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::finding::{
    Category, Evidence, Excerpt, Finding, Fix, Location, RelatedLocation, Replacement, State, Suppression,
    SuppressionKind, ToolRule,
};
use crate::fingerprint::{Fingerprint, Identity, SCHEME, Subject};
use crate::gate::{Outcome, Verdict};
use crate::rating::{Confidence, Severity};
use crate::rules::condition::PolicyRule;
use crate::rules::packed::Packed;
use crate::rules::schema::{Details, Detect, Profile, Rule};
use crate::secret::Secret;
use crate::span::{Position, Region, Span};

/// What our own SARIF says behind the description of a fix that may break something.
const UNSAFE_FIX: &str = " (this may break what the file is there for)";
/// Lockgate's own reports.
const OURS: &str = "lockgate";
/// Most characters of a message, of a description.
const MAX_MESSAGE: usize = 1000;
const MAX_DESCRIPTION: usize = 8000;
/// Most lines of source, and most bytes of one of them.
const MAX_LINES: usize = 8;
const MAX_LINE: usize = 512;
/// Most notifications of a tool that become entries of the coverage.
const MAX_NOTIFICATIONS: usize = 1000;
/// What a partial fingerprint says of a commit, which is no part of an identity.
const OF_COMMIT: [&str; 5] = ["author", "commitMessage", "commitSha", "date", "email"];

/// Reads the runs of `log`, which is the report `name`.
pub(super) fn read(reader: &Reader<'_>, log: Log, name: &str) -> Result<Report, ImportError> {
    let mut report = Report { coverage: Coverage { seen: 1, scanned: 1, ..Coverage::default() }, ..Report::default() };
    if log.version.is_none() || log.runs.items.is_empty() {
        let detail = "the report holds no run: its tool examined nothing".to_owned();
        report.coverage.entries.push(entry(name, Cause::Unreadable, detail));
    }
    if log.runs.dropped > 0 {
        let detail = format!("{} more runs of the report were not read", log.runs.dropped);
        report.coverage.entries.push(entry(name, Cause::Bound, detail));
    }
    let is_single = log.runs.items.len() == 1;
    let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
    for run in log.runs.items {
        RunReader::new(reader, run, name).read(is_single, &mut rules, &mut report);
        if report.findings.len() > MAX_FINDINGS {
            return Err(ImportError::TooMany { path: name.to_owned() });
        }
    }
    report.rules = rules.into_values().collect();
    Ok(report)
}

/// One run on the way to findings.
struct RunReader<'a> {
    reader: &'a Reader<'a>,
    name: &'a str,
    tool: String,
    run: Run,
}

/// A finding whose identity waits for its place among its like.
struct Draft {
    imported: Imported,
    /// What tells it from others of its rule in its file.
    identity: Unidentified,
    blocks: bool,
}

enum Unidentified {
    Known(Fingerprint),
    Secret(Secret),
    Words(String),
}

impl<'a> RunReader<'a> {
    fn new(reader: &'a Reader<'a>, run: Run, name: &'a str) -> Self {
        let tool = tool::tool(run.tool.driver.name.as_deref().unwrap_or_default());
        Self { reader, name, tool, run }
    }

    fn read(mut self, is_single: bool, rules: &mut BTreeMap<String, Rule>, report: &mut Report) {
        let results = self.run.results.take();
        self.coverage(results.is_some(), &mut report.coverage);
        let results = results.unwrap_or_default();
        if results.dropped > 0 {
            let detail = format!("{} more results of {} were not read", results.dropped, self.tool);
            report.coverage.entries.push(entry(self.name, Cause::Bound, detail));
        }
        let mut drafts: Vec<Draft> = Vec::new();
        for result in &results.items {
            // A result of another kind is no problem, and one that is absent is gone.
            let is_problem = !matches!(result.kind.as_deref(), Some("pass" | "notApplicable"));
            if !is_problem || result.baseline_state.as_deref() == Some("absent") {
                continue;
            }
            drafts.push(self.draft(result, rules));
        }
        drafts.sort_by(|a, b| a.imported.finding.order(&b.imported.finding));
        let first = report.findings.len();
        let blocking: Vec<usize> =
            drafts.iter().enumerate().filter(|(_, draft)| draft.blocks).map(|(index, _)| index).collect();
        report.findings.extend(identified(drafts));
        if first == 0 && is_single && self.tool == OURS {
            let own = self.run.own_properties();
            if let Some(covered) = own.as_ref().map(|own| own.coverage) {
                let Covered { seen, scanned, parsed, bytes } = covered;
                let entries = std::mem::take(&mut report.coverage.entries);
                report.coverage = Coverage { seen, scanned, parsed, bytes, entries };
            }
            let (mut decisions, overruled) = own.map(|own| (own.decisions, own.overruled)).unwrap_or_default();
            // What a report left out has no index any more.
            decisions.retain(|decision| decision.blocking.iter().all(|index| blocking.binary_search(index).is_ok()));
            let verdict = verdict(&self.run.invocations.items, blocking, &report.coverage);
            let verdict = verdict.map(|verdict| Verdict { decisions, overruled, ..verdict });
            report.recorded = verdict.map(|verdict| Recorded { verdict, policy: None });
        }
    }

    /// What the tool says of its own run.
    fn coverage(&self, has_results: bool, coverage: &mut Coverage) {
        let Self { tool, name, .. } = self;
        let failed = self.run.invocations.items.iter().find(|run| run.execution_successful == Some(false));
        // Our own says below what was wrong.
        if let Some(failed) = failed.filter(|_| *tool != OURS) {
            let code = failed.exit_code.map(|code| format!(" (exit code {code})")).unwrap_or_default();
            let detail = format!("{tool} says that its run failed{code}");
            coverage.entries.push(entry(name, Cause::Unreadable, detail));
        } else if !has_results {
            let detail = format!("{tool} wrote no list of results: its run did not begin");
            coverage.entries.push(entry(name, Cause::Unreadable, detail));
        }
        let notifications = self.run.invocations.items.iter().flat_map(|run| &run.tool_execution_notifications.items);
        for notification in notifications.take(MAX_NOTIFICATIONS) {
            let id = notification.descriptor.as_ref().and_then(|descriptor| descriptor.id.as_deref()).unwrap_or("");
            let ours = id.strip_prefix("coverage/").filter(|_| *tool == OURS);
            let cause = match ours {
                Some(cause) => Cause::ALL.into_iter().find(|known| known.name() == cause),
                None => (notification.level.as_deref() == Some("error")).then_some(Cause::Unparsed),
            };
            let (Some(cause), Some(message)) = (cause, &notification.message.text) else { continue };
            let path = notification.locations.items.first().and_then(|location| self.path(location));
            // What our own report sums up has no place, and is about many.
            if path.is_none() && ours.is_some() {
                continue;
            }
            let detail = self.words(message, MAX_MESSAGE, None);
            let detail = if ours.is_some() { detail } else { format!("{tool}: {detail}") };
            let path = path.unwrap_or_else(|| (*name).to_owned());
            coverage.entries.push(CoverageEntry { path, cause, detail });
        }
    }

    fn path(&self, location: &SarifLocation) -> Option<String> {
        let places = Places {
            artifacts: &self.run.artifacts.items,
            bases: self.run.original_uri_base_ids.as_ref(),
            roots: self.reader.roots,
        };
        places.path(location.physical_location.as_ref()?.artifact_location.as_ref()?)
    }

    /// The path, or the address of what is no file, such as an image.
    fn path_or_address(&self, location: &SarifLocation) -> Option<String> {
        let address = || {
            let uri = location.physical_location.as_ref()?.artifact_location.as_ref()?.uri.as_deref()?;
            let is_address = uri.contains("://") && uri.len() <= MAX_MESSAGE;
            is_address.then(|| self.words(uri, MAX_MESSAGE, None))
        };
        self.path(location).or_else(address)
    }

    /// The descriptor of the rule of `result` (SARIF 2.1.0, section 3.52.3).
    fn descriptor(&self, result: &SarifResult) -> Option<&Descriptor> {
        let reference = result.rule.as_ref();
        let component: &Component =
            match reference.and_then(|rule| rule.tool_component.as_ref()).and_then(|component| component.index) {
                Some(index) => self.run.tool.extensions.items.get(usize::try_from(index).ok()?)?,
                None => &self.run.tool.driver,
            };
        let id = result.rule_id.as_deref().or_else(|| reference.and_then(|rule| rule.id.as_deref()));
        let index = result.rule_index.or_else(|| reference.and_then(|rule| rule.index));
        let indexed = index.and_then(|index| component.rules.items.get(usize::try_from(index).ok()?));
        // An index that leads to another rule than the id says is wrong.
        let agrees = |rule: &&Descriptor| match (id, rule.id.as_deref()) {
            (Some(id), Some(own)) => id == own || id.starts_with(&format!("{own}/")),
            _ => true,
        };
        let by_id = || component.rules.items.iter().find(|rule| id.is_some() && rule.id.as_deref() == id);
        indexed.filter(agrees).or_else(by_id)
    }

    fn draft(&self, result: &SarifResult, rules: &mut BTreeMap<String, Rule>) -> Draft {
        let place = result.locations.items.first();
        // A problem of no file is a problem of the whole.
        let path: Arc<str> =
            place.and_then(|place| self.path_or_address(place)).unwrap_or_else(|| ".".to_owned()).into();
        let descriptor = self.descriptor(result);
        let given = result.rule_id.as_deref().or_else(|| result.rule.as_ref()?.id.as_deref());
        let given = given.or_else(|| descriptor?.id.as_deref()).unwrap_or_default();
        let id = tool::id(&self.tool, given);
        let Rated { rule, candidates, severity, category } = self.rated(result, descriptor, &id);
        let physical = place.and_then(|place| place.physical_location.as_ref());
        let sarif_region = physical.and_then(|place| place.region.as_ref());
        let snippet = sarif_region.and_then(|region| region.snippet.as_ref()?.text.as_deref());
        let is_secret = category == Category::Secret;
        let secret = snippet.filter(|_| is_secret && tool::marks_secret(&self.tool)).map(Secret::new);
        let message = self.message(result, descriptor, secret.as_ref());
        let title = descriptor.and_then(title).map(|title| self.words(title, MAX_MESSAGE, secret.as_ref()));
        let message = if message.is_empty() { title.unwrap_or_else(|| id.clone()) } else { message };
        let resource = place.and_then(resource).map(|name| self.words(&name, MAX_MESSAGE, secret.as_ref()));
        let identity = self.identity(result, secret.as_ref(), &message, resource.as_deref(), snippet);
        let related = result.related_locations.items.iter();
        // Of several ways, the first is told.
        let flow = result.code_flows.items.first().and_then(|flow| flow.thread_flows.items.first());
        let flow = flow.iter().flat_map(|flow| &flow.locations.items).filter_map(|step| step.location.as_ref());
        let finding = Finding {
            related: related.filter_map(|other| self.related(other, secret.as_ref())).collect(),
            flow: flow.filter_map(|step| self.related(step, secret.as_ref())).collect(),
            value_hash: result
                .properties
                .text("valueHash")
                .filter(|_| self.tool == OURS)
                .and_then(|text| text.parse().ok()),
            resource,
            evidence: self.evidence(result, secret.as_ref()),
            state: state(result),
            fix: self.fix(result),
            suppression: result.suppressions.items.iter().find_map(|one| self.suppression(one, secret.as_ref())),
            excerpt: if is_secret && self.tool != OURS {
                Excerpt::default()
            } else {
                self.excerpt(physical.and_then(|place| place.context_region.as_ref()), sarif_region)
            },
            owners: result.properties.texts("owners").to_vec(),
            tools: self.tools(result, &id),
            ..Finding::new(
                rule,
                message,
                (severity, rating::confidence(result, descriptor), category),
                location(path, region(sarif_region)),
                // Its place among its like is not known yet.
                Fingerprint::of(&Identity { rule: "", path: "", subject: NOTHING, ordinal: 0 }),
            )
        };
        if candidates.is_empty() && self.tool != OURS {
            let rule = &*finding.rule;
            if !rules.contains_key(rule) {
                rules.insert(rule.to_owned(), self.foreign_rule(rule, &finding, descriptor));
            }
        }
        let blocks = self.tool == OURS && result.properties.text("blocks") == Some("true");
        let imported = Imported { finding, tool: self.tool.clone(), rules: candidates };
        Draft { imported, identity, blocks }
    }

    fn related(&self, other: &SarifLocation, secret: Option<&Secret>) -> Option<RelatedLocation> {
        let path = self.path(other)?;
        let text = other.message.as_ref().and_then(|message| message.text.as_deref()).unwrap_or("see also");
        let message = self.words(text, MAX_MESSAGE, secret);
        let region = region(other.physical_location.as_ref().and_then(|place| place.region.as_ref()));
        Some(RelatedLocation::new(location(path.into(), region), message))
    }

    /// The rule of ours that `id` means, with what it says of severity and category, or what the tool says.
    fn rated(&self, result: &SarifResult, descriptor: Option<&Descriptor>, id: &str) -> Rated {
        let rules = self.reader.catalogue.rules();
        let claimed = || rating::severity(result, descriptor);
        if self.tool == OURS {
            // Its own severities were set by the configuration of that run.
            let index = rules.binary_search_by(|rule| rule.id.as_str().cmp(id)).ok();
            let category = index.map(|index| rules[index].category);
            let tags = descriptor.map_or(&[][..], |rule| rule.properties.texts("tags"));
            let tagged = || tags.iter().find_map(|tag| tag.parse().ok());
            return Rated {
                rule: id.to_owned(),
                candidates: index.into_iter().collect(),
                severity: claimed(),
                category: category.or_else(tagged).unwrap_or(Category::Practice),
            };
        }
        let candidates = self.reader.equivalents.of(&self.tool, id);
        let title = descriptor.and_then(title).or(result.message.text.as_deref()).unwrap_or_default();
        if let Some(rule) = closest(candidates, rules, title) {
            return Rated {
                rule: rule.id.clone(),
                candidates: candidates.to_vec(),
                severity: (self.reader.severity_of)(rule),
                category: rule.category,
            };
        }
        let tags = descriptor.map_or(&[][..], |rule| rule.properties.texts("tags"));
        Rated {
            rule: format!("{}:{id}", self.tool),
            candidates: Vec::new(),
            severity: claimed(),
            category: tool::category(&self.tool, tags, title),
        }
    }

    /// Who reports it, but for ourselves.
    fn tools(&self, result: &SarifResult, id: &str) -> Vec<ToolRule> {
        if self.tool != OURS {
            return vec![ToolRule { tool: self.tool.clone(), rule: id.to_owned() }];
        }
        let named = result.properties.texts("tools").iter().filter_map(|name| name.split_once(':'));
        named.map(|(tool, rule)| ToolRule { tool: tool.to_owned(), rule: rule.to_owned() }).collect()
    }

    /// The message, with its placeholders filled (SARIF 2.1.0, section 3.11.5).
    fn message(&self, result: &SarifResult, descriptor: Option<&Descriptor>, secret: Option<&Secret>) -> String {
        let Text { text, markdown, id, arguments } = &result.message;
        let string = || descriptor?.message_strings.as_ref()?.get(id.as_deref()?)?.text.as_deref();
        let text = text.as_deref().or_else(string).or(markdown.as_deref()).unwrap_or_default();
        let mut filled = text.to_owned();
        for (number, argument) in arguments.items.iter().enumerate() {
            if filled.len() <= MAX_DESCRIPTION {
                filled = filled.replace(&format!("{{{number}}}"), argument);
            }
        }
        let words = self.words(&filled, MAX_MESSAGE, secret);
        if self.tool == OURS { unescaped(&words) } else { words }
    }

    /// The edit that our own report carries, to be told and not to be made: of which text it was made is not in there.
    /// Those of other tools were proven by nobody.
    fn fix(&self, result: &SarifResult) -> Option<Fix> {
        let fix = result.fixes.items.first().filter(|_| self.tool == OURS)?;
        let description = unescaped(&self.words(fix.description.text.as_deref()?, MAX_MESSAGE, None));
        let safe = description.strip_suffix(UNSAFE_FIX);
        let replacements = fix.artifact_changes.items.first()?.replacements.items.iter().map(|one| Replacement {
            span: Span::default(),
            region: region(Some(&one.deleted_region)),
            text: one.inserted_content.as_ref().and_then(|content| content.text.clone()).unwrap_or_default(),
        });
        Some(Fix {
            is_unsafe: safe.is_some(),
            description: safe.map_or_else(|| description.clone(), ToOwned::to_owned),
            replacements: replacements.collect(),
            base: [0; 32],
        })
    }

    /// `text` on one line, at most `limit` characters of it, with every secret masked.
    fn words(&self, text: &str, limit: usize, secret: Option<&Secret>) -> String {
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.masked(&line, secret).chars().take(limit).collect()
    }

    fn masked(&self, text: &str, secret: Option<&Secret>) -> String {
        let known = secret.and_then(|secret| std::str::from_utf8(secret.expose()).ok()).filter(|value| value.len() > 3);
        // Before anything is cut: half a secret is not recognised.
        let text = text.get(..text.floor_char_boundary(1 << 20)).unwrap_or_default();
        let without = known.map_or_else(|| text.to_owned(), |value| text.replace(value.trim(), "…"));
        (self.reader.mask)(&without)
    }

    fn evidence(&self, result: &SarifResult, secret: Option<&Secret>) -> Option<Evidence> {
        if self.tool == OURS {
            let value = result.properties.text("evidence")?.to_owned();
            return Some(Evidence { value, facts: result.properties.texts("facts").to_vec() });
        }
        // Where the tool itself redacts, there is nothing to show.
        let secret = secret.filter(|secret| secret.len() > 8)?;
        Some(Evidence { value: secret.redacted(0), facts: Vec::new() })
    }

    fn suppression(&self, one: &SarifSuppression, secret: Option<&Secret>) -> Option<Suppression> {
        // Without a status, it is accepted (SARIF 2.1.0, section 3.35.3).
        if !matches!(one.status.as_deref(), None | Some("accepted")) {
            return None;
        }
        let kind =
            if one.kind.as_deref() == Some("inSource") { SuppressionKind::Inline } else { SuppressionKind::Baseline };
        let justification = one.justification.as_deref().map(|text| self.words(text, MAX_MESSAGE, secret));
        Some(Suppression { kind, justification })
    }

    /// The lines that the report carries, the wider of the two regions first, as far as they are whole.
    fn excerpt(&self, context: Option<&SarifRegion>, own: Option<&SarifRegion>) -> Excerpt {
        let carried = [context, own].into_iter().flatten().find_map(|region| {
            let text = region.snippet.as_ref()?.text.as_deref()?;
            Some((number(region.start_line), number(region.start_column), text))
        });
        let Some((first_line, first_column, text)) = carried.filter(|(line, ..)| *line > 0) else {
            return Excerpt::default();
        };
        // A region that begins inside of a line has all of the line, or the part: nobody says.
        let first_column = if text.starts_with(char::is_whitespace) { 1 } else { first_column.max(1) };
        let masked = self.masked(text, None);
        let lines = masked.lines().take(if first_column > 1 { 1 } else { MAX_LINES });
        let lines = lines.map(|line| line.get(..line.floor_char_boundary(MAX_LINE)).unwrap_or_default().to_owned());
        Excerpt { first_line, first_column, lines: lines.collect() }
    }

    fn identity(
        &self,
        result: &SarifResult,
        secret: Option<&Secret>,
        message: &str,
        resource: Option<&str>,
        snippet: Option<&str>,
    ) -> Unidentified {
        let own = result.partial_fingerprints.text(SCHEME).filter(|_| self.tool == OURS);
        if let Some(known) = own.and_then(|text| text.parse().ok()) {
            return Unidentified::Known(known);
        }
        if let Some(secret) = secret {
            return Unidentified::Secret(secret.clone());
        }
        let mut words = String::new();
        let given = result.fingerprints.pairs().chain(result.partial_fingerprints.pairs());
        for (key, value) in given.filter(|(key, value)| !OF_COMMIT.contains(key) && !value.is_empty()) {
            let _ = writeln!(words, "{key}={value}");
        }
        if words.is_empty() {
            words = format!("{}\n{message}\n{}", resource.unwrap_or_default(), snippet.unwrap_or_default().trim());
        }
        Unidentified::Words(words)
    }

    /// A rule for what no rule of ours means. It has no binding: it is the other tool that finds it.
    fn foreign_rule(&self, id: &str, finding: &Finding, descriptor: Option<&Descriptor>) -> Rule {
        let words = |text: Option<&str>| text.map(|text| self.words(text, MAX_DESCRIPTION, None)).unwrap_or_default();
        let of = |text: &Option<Text>| words(text.as_ref().and_then(|text| text.text.as_deref()));
        let title = words(descriptor.and_then(title));
        let title = if title.is_empty() { finding.message.clone() } else { title };
        let full = descriptor.map(|rule| of(&rule.full_description)).filter(|text| !text.is_empty());
        let help = descriptor.map(|rule| of(&rule.help)).filter(|text| !text.is_empty());
        let driver = &self.run.tool.driver;
        let version = driver.semantic_version.as_deref().or(driver.version.as_deref());
        let version = version.map(|version| format!(" {}", self.words(version, 40, None))).unwrap_or_default();
        let help_uri = descriptor.and_then(|rule| rule.help_uri.as_deref());
        let is_link = |uri: &&str| uri.starts_with("https://") && uri.len() < 500 && !uri.contains(char::is_whitespace);
        let tags = descriptor.map_or(&[][..], |rule| rule.properties.texts("tags"));
        Rule {
            id: id.to_owned(),
            aliases: Vec::new(),
            severity: finding.severity,
            confidence: Confidence::Medium,
            category: finding.category,
            profile: Profile::Default,
            details: Packed::from(Details {
                description: full.unwrap_or_else(|| title.clone()),
                remediation: help.unwrap_or_else(|| format!("See what {}{version} says of it.", self.tool)),
                references: help_uri.filter(is_link).map(ToOwned::to_owned).into_iter().collect(),
                cwe: tags.iter().filter_map(|tag| weakness(tag)).collect::<BTreeSet<u32>>().into_iter().collect(),
                equivalents: finding.tools.iter().map(ToString::to_string).collect(),
            }),
            title,
            detect: Detect::Policy(PolicyRule { bindings: Vec::new(), parameters: Vec::new() }),
        }
    }
}

const NOTHING: Subject<'static> = Subject::Attribute { resource: "", attribute: "" };

/// What a result is called and how it is rated.
struct Rated {
    rule: String,
    candidates: Vec<usize>,
    severity: Severity,
    category: Category,
}

/// `text` without the backslashes in front of brackets, which our own SARIF has where it would be a link.
fn unescaped(text: &str) -> String {
    if !text.contains("\\](") {
        return text.to_owned();
    }
    text.replace("\\[", "[").replace("\\]", "]").replace("\\\\", "\\")
}

/// The one of `candidates` whose id and title share most words with `title`: where a rule of another tool is several of ours,
/// that is the best guess as long as none of them reports the same place. The first of equals.
fn closest<'r>(candidates: &[usize], rules: &'r [Rule], title: &str) -> Option<&'r Rule> {
    let words = |text: &str| -> BTreeSet<String> {
        let parts = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() > 2);
        parts.map(str::to_ascii_lowercase).collect()
    };
    let wanted = words(title);
    let shared = |rule: &Rule| words(&rule.id).union(&words(&rule.title)).filter(|word| wanted.contains(*word)).count();
    let rules = candidates.iter().filter_map(|&index| rules.get(index));
    // `max_by_key` gives the last of equals.
    rules.rev().max_by_key(|rule| shared(rule))
}

/// The number in a tag such as `CWE-78: …` or `external/cwe/cwe-078`.
fn weakness(tag: &str) -> Option<u32> {
    let lower = tag.to_ascii_lowercase();
    let rest = &lower[lower.find("cwe-")? + 4..];
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

fn title(rule: &Descriptor) -> Option<&str> {
    let of =
        |text: &'_ Option<Text>| text.as_ref().and_then(|text| text.text.clone()).is_some_and(|text| !text.is_empty());
    if of(&rule.short_description) {
        rule.short_description.as_ref().and_then(|text| text.text.as_deref())
    } else {
        rule.name.as_deref()
    }
}

fn resource(place: &SarifLocation) -> Option<String> {
    let logical = place.logical_locations.items.first()?;
    logical.fully_qualified_name.clone().or_else(|| logical.name.clone()).filter(|name| !name.is_empty())
}

fn location(path: Arc<str>, region: Region) -> Location {
    Location { path, span: Span::default(), region }
}

/// A number of a line or column; 0 for what is none.
fn number(value: Option<i64>) -> u32 {
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}

/// The region; zeros where it has no lines. An end that is not given, or lies before the start, is that of the first line.
fn region(region: Option<&SarifRegion>) -> Region {
    let Some(region) = region.filter(|region| number(region.start_line) > 0) else { return Region::default() };
    let start = Position { line: number(region.start_line), column: number(region.start_column).max(1) };
    let end_line = number(region.end_line).max(start.line);
    let given = number(region.end_column);
    let least = if end_line == start.line { start.column } else { 1 };
    Region { start, end: Position { line: end_line, column: given.max(least) } }
}

fn state(result: &SarifResult) -> Option<State> {
    match result.baseline_state.as_deref()? {
        "new" => Some(State::New),
        "updated" => Some(State::Changed),
        "unchanged" => Some(State::Existing),
        _ => None,
    }
}

/// Gives each of `drafts`, which are in report order, its identity: equal ones of a file are told apart by their order.
fn identified(drafts: Vec<Draft>) -> Vec<Imported> {
    let mut seen: BTreeMap<Fingerprint, u32> = BTreeMap::new();
    let identify = |Draft { mut imported, identity, .. }| {
        let finding = &mut imported.finding;
        let of = |ordinal| {
            let subject = match &identity {
                Unidentified::Known(known) => return *known,
                Unidentified::Secret(secret) => Subject::Secret(secret),
                Unidentified::Words(words) => Subject::Attribute { resource: "", attribute: words },
            };
            Fingerprint::of(&Identity { rule: &finding.rule, path: &finding.location.path, subject, ordinal })
        };
        let ordinal = seen.entry(of(0)).or_default();
        finding.fingerprint = of(*ordinal);
        *ordinal += 1;
        imported
    };
    drafts.into_iter().map(identify).collect()
}

/// The verdict of one of our own reports, but for what its parts decided.
fn verdict(invocations: &[Invocation], blocking: Vec<usize>, coverage: &Coverage) -> Option<Verdict> {
    let outcome = match invocations.first()?.exit_code? {
        0 => Outcome::Pass,
        1 => Outcome::Block,
        _ => Outcome::Undecided,
    };
    let undecided = coverage.failures().map(ToString::to_string).collect();
    Some(Verdict { outcome, blocking, undecided, decisions: Vec::new(), overruled: Vec::new(), self_suppression: 0 })
}
