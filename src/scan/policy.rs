//! The second half of a scan: resources of all files, under the policy rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rayon::prelude::*;

use super::excerpt::Excerpts;
use super::fixes::Fixes;
use super::{Outcome, ScanReport, Scanner, Undecided, guard, secret_spans};
use crate::coverage::{Cause, Coverage, CoverageEntry};
use crate::engine::policy::{MAX_STEPS, PolicyDetection, PolicyOutcome};
use crate::finding::{Finding, Location, Origin, RelatedLocation};
use crate::fingerprint::{Fingerprint, Identity, Subject};
use crate::framework::declared::{Evaluated, Gap, Site};
use crate::framework::{self, Project, Resource, Source};
use crate::platform::Platform;
use crate::rating::Category;
use crate::span::{LineIndex, Span};
use crate::suppress::annotations::AnnotationSuppressions;
use crate::suppress::inline::InlineSuppressions;
use crate::suppress::target::Target;

/// Most bytes of text that are parsed and kept: the trees take up to thirty times as much memory. Which files are left out
/// beyond it depends on which thread came first.
const MAX_RETAINED: usize = 128 << 20;
/// Most parse errors of one file that are listed.
const MAX_PARSE_ERRORS: usize = 5;
/// A file with more findings than this is not examined to its end.
const MAX_OUTCOMES: usize = 10_000;
/// Most places outside of a resource that a finding in it names.
const MAX_RELATED: usize = 16;
/// Most characters of an attribute's path in a message.
const MAX_ATTRIBUTE: usize = 200;

/// A parsed file that waits until all files are there.
pub(super) struct Retained {
    source: Source,
    context: Context,
}

impl Scanner<'_> {
    /// Parses the file at `path`, when a policy rule looks at its platform, and notes what could not be read. With the text
    /// goes whether it is only the beginning of the file.
    ///
    /// What looks at no other file is examined at once, and `None` is given: a tree of source code does not fit in memory.
    pub(super) fn parse(
        &self,
        path: &Arc<str>,
        origin: Origin,
        (text, is_cut): (&str, bool),
        outcome: &Outcome,
        report: &mut ScanReport,
    ) -> Option<Retained> {
        let named = self.platforms.platform(path);
        let platform = named.or_else(|| framework::classify(path, text))?;
        if !framework::declared_in(platform).iter().any(|&declared| self.policies.wants(declared)) {
            return None;
        }
        let context = || Context { origin, is_cut, secrets: secret_spans(text, outcome) };
        if platform == Platform::Rust {
            if !self.rust_filter.get_or_init(|| self.policies.rust_filter()).admits(path, text) {
                return None;
            }
            report.coverage.parsed += 1;
            let source = framework::rust::read(path, text, &self.rust);
            note_errors(&source, &mut report.coverage);
            if !source.rust.pieces.is_empty() {
                self.examine_alone(source, &context(), report);
            }
            return None;
        }
        if self.retained.fetch_add(text.len(), Ordering::Relaxed) > MAX_RETAINED {
            report.coverage.entries.push(CoverageEntry {
                path: path.to_string(),
                cause: Cause::Bound,
                detail: format!("more than {MAX_RETAINED} bytes of infrastructure files: not examined as {platform}"),
            });
            return None;
        }
        report.coverage.parsed += 1;
        let source = framework::read(platform, path, text);
        note_errors(&source, &mut report.coverage);
        Some(Retained { source, context: context() })
    }

    /// Evaluates the policy rules on the resources of a file that looks at no other.
    fn examine_alone(&self, source: Source, context: &Context, report: &mut ScanReport) {
        let sources = [source];
        let evaluated = Evaluated::default();
        let project = Project::new(&sources, &evaluated);
        let resources: Vec<usize> = (0..project.resources.len()).collect();
        let [source] = &sources;
        // What is not known of code is most of it: nobody wants a list.
        let mut part = ScanReport::default();
        self.examine((&project, &sources), source, context, &resources, &mut part);
        report.findings.append(&mut part.findings);
        report.coverage.entries.append(&mut part.coverage.entries);
        report.markers.absorb(part.markers);
    }

    /// Keeps what the place of the file at `path` tells, when a policy rule looks at the platform that it tells something.
    pub(super) fn place(&self, path: &Arc<str>, origin: Origin) -> Option<Retained> {
        let source = framework::place(path).filter(|source| self.policies.wants(source.platform))?;
        Some(Retained { source, context: Context { origin, is_cut: false, secrets: Vec::new() } })
    }

    /// Evaluates the policy rules on the resources of all `files`.
    /// Of a tree that is not there as a whole (`is_partial`), what is missing is not known to be missing.
    pub(super) fn examine_resources(&self, mut files: Vec<Retained>, is_partial: bool, report: &mut ScanReport) {
        if files.is_empty() {
            return;
        }
        files.sort_by(|a, b| a.source.path.cmp(&b.source.path));
        let (mut sources, mut contexts): (Vec<Source>, Vec<Context>) =
            files.into_iter().map(|Retained { source, context }| (source, context)).unzip();
        guard(".", report, |report| {
            let evaluated = framework::prepare(&mut sources);
            report.coverage.entries.extend(evaluated.gaps.iter().map(|gap| gap_entry(gap, &sources)));
            contexts.extend(evaluated.added.iter().map(|added| contexts[added.file].clone()).collect::<Vec<_>>());
            let mut project = Project::new(&sources, &evaluated);
            project.is_partial = is_partial;
            let mut of_source: Vec<Vec<usize>> = vec![Vec::new(); sources.len()];
            for (number, resource) in project.resources.iter().enumerate() {
                of_source[resource.source].push(number);
            }
            let parts: Vec<ScanReport> = sources
                .par_iter()
                .zip(&contexts)
                .zip(&of_source)
                .map(|((source, context), resources)| {
                    let mut part = ScanReport::default();
                    guard(&source.path, &mut part, |part| {
                        self.examine((&project, &sources), source, context, resources, part);
                    });
                    part
                })
                .collect();
            for part in parts {
                report.findings.extend(part.findings);
                report.coverage.entries.extend(part.coverage.entries);
                report.undecided.extend(part.undecided);
                report.markers.absorb(part.markers);
            }
        });
        // The files are gone, and another scan may begin.
        self.retained.store(0, Ordering::Relaxed);
        report.absorb(ScanReport::default());
    }

    /// Writes down what the rules say of the resources of one file.
    fn examine(
        &self,
        (project, sources): (&Project<'_>, &[Source]),
        source: &Source,
        context: &Context,
        resources: &[usize],
        report: &mut ScanReport,
    ) {
        let PolicyOutcome { mut detections, undecided, .. } = self.evaluated(project, source, resources, report);
        if detections.is_empty() && undecided.is_empty() {
            return;
        }
        // A secret that the other engine names is not reported once more for standing where it stands.
        let is_secret = |detection: &PolicyDetection| {
            self.catalogue.rules()[detection.rule].category == Category::Secret
                && context.secrets.iter().any(|secret| secret.overlaps(detection.span))
        };
        detections.retain(|detection| !is_secret(detection));
        detections.sort_by(|a, b| (a.span, a.rule, &a.attribute).cmp(&(b.span, b.rule, &b.attribute)));
        let detections = folded(detections);
        let text = &*source.text;
        let lines = LineIndex::new(text);
        report.undecided = undecided
            .into_iter()
            .map(|(rule, resource)| Undecided {
                path: Arc::clone(&source.path),
                line: lines.line(project.resources[resource].header.start),
                rule: self.catalogue.rules()[rule].id.clone(),
                resource: project.resources[resource].address.to_string(),
            })
            .collect();
        if detections.is_empty() {
            return;
        }
        let secrets = self.hidden(&source.path, text, context.is_cut, context.secrets.clone());
        let suppressions = InlineSuppressions::parse_document(text, &secrets, &source.document.comments);
        let excerpts = Excerpts::new(text, &lines, secrets.clone());
        let mut fixes = Fixes::new(source);
        let mut annotated: BTreeMap<(usize, bool), AnnotationSuppressions> = BTreeMap::new();
        let mut seen: BTreeMap<(usize, &str, String), u32> = BTreeMap::new();
        let mut related = Related { project, sources, lines: BTreeMap::new() };
        for (detection, also) in detections {
            let resource = &project.resources[detection.resource];
            let rule = &self.catalogue.rules()[detection.rule];
            let ordinal = seen.entry((detection.rule, &*resource.address, detection.attribute.clone())).or_default();
            let attribute = Subject::Attribute { resource: &resource.address, attribute: &detection.attribute };
            let identity = Identity { rule: &rule.id, path: &source.path, subject: attribute, ordinal: *ordinal };
            *ordinal += 1;
            let region = lines.region(text, detection.span);
            let mut finding = Finding {
                related: related.locations(&detection, &also),
                resource: Some(resource.address.to_string()),
                origin: context.origin,
                excerpt: excerpts.around(detection.span, region),
                ..Finding::new(
                    rule.id.as_str(),
                    message(&rule.title, source.platform, &detection, resource),
                    (self.severities[detection.rule], rule.confidence, rule.category),
                    Location { path: Arc::clone(&source.path), span: detection.span, region },
                    Fingerprint::of(&identity),
                )
            };
            finding.flow = related.flow(resource.source, &detection, &finding);
            let mut target = Target::new(&finding, &rule.aliases, &rule.details.equivalents);
            if source.platform != Platform::Dockerfile {
                let extent = lines.region(text, resource.extent);
                target = target.within(extent.start.line, extent.end.line);
            }
            let by_comment = suppressions.find_marker(&target).map(|(suppression, at)| {
                report.markers.note_use(&source.path, at);
                suppression
            });
            finding.suppression = by_comment.or_else(|| {
                // The views of an object share its annotations, but not all of them have those of the pod template.
                let has_template = resource.scopes.iter().any(|scope| scope.name == "template");
                let annotations = annotated.entry((resource.object, has_template)).or_insert_with(|| {
                    AnnotationSuppressions::read(project.annotations(resource), &secrets)
                        .and_metadata(project.metadata(resource), &secrets)
                });
                annotations.find(&target)
            });
            if finding.is_active() {
                finding.fix = fixes.of(rule, &detection, resource, &lines);
            }
            report.findings.push(finding);
        }
    }

    /// What the rules say of `resources`, which are those of `source`, within the bounds.
    fn evaluated(
        &self,
        project: &Project<'_>,
        source: &Source,
        resources: &[usize],
        report: &mut ScanReport,
    ) -> PolicyOutcome {
        let mut outcome = PolicyOutcome::default();
        for (done, &resource) in resources.iter().enumerate() {
            let cut = if outcome.detections.len() + outcome.undecided.len() >= MAX_OUTCOMES {
                Some(format!("more than {MAX_OUTCOMES} findings of policy rules"))
            } else {
                self.policies.evaluate(project, resource, &mut outcome);
                outcome.is_exhausted().then(|| format!("policy rules would take more than {MAX_STEPS} steps"))
            };
            if let Some(cut) = cut {
                let (all, rest) = (resources.len(), resources.len() - done);
                report.coverage.entries.push(CoverageEntry {
                    path: source.path.to_string(),
                    cause: Cause::Bound,
                    detail: format!("{cut}: {rest} of its {all} resources and views were not examined"),
                });
                break;
            }
        }
        outcome
    }
}

/// One of each of `detections` that a rule made at the same place, with the others: several views of one resource may lead a
/// rule there, and several instances of one module.
fn folded(detections: Vec<PolicyDetection>) -> Vec<(PolicyDetection, Vec<usize>)> {
    let mut folded: Vec<(PolicyDetection, Vec<usize>)> = Vec::with_capacity(detections.len());
    for detection in detections {
        match folded.last_mut() {
            Some((first, also)) if first.rule == detection.rule && first.span == detection.span => {
                also.push(detection.resource);
            }
            _ => folded.push((detection, Vec::new())),
        }
    }
    folded
}

/// Makes locations of places in other files.
struct Related<'p, 'a> {
    project: &'p Project<'a>,
    sources: &'p [Source],
    lines: BTreeMap<usize, LineIndex>,
}

impl Related<'_, '_> {
    /// The places outside of the resource that made it what it is, and those of the other instances that the finding stands for.
    fn locations(&mut self, detection: &PolicyDetection, also: &[usize]) -> Vec<RelatedLocation> {
        let project = self.project;
        let address = |resource: usize| project.resources.get(resource).map(|resource| &resource.address);
        let own = address(detection.resource);
        // The same resource with other values of variables adds nothing.
        let others = also.iter().copied().filter(|&other| address(other) != own);
        let mut sites: Vec<&Site> = Vec::new();
        for site in std::iter::once(detection.resource).chain(others).flat_map(|resource| project.sites(resource)) {
            if sites.len() >= MAX_RELATED {
                break;
            }
            if !sites.contains(&site) {
                sites.push(site);
            }
        }
        sites.into_iter().filter_map(|site| self.location(site)).collect()
    }

    /// The places that a value comes through, with that of the finding as the last one.
    fn flow(&mut self, own: usize, detection: &PolicyDetection, finding: &Finding) -> Vec<RelatedLocation> {
        let sources = self.sources;
        let of_path = |path: &str| sources.iter().position(|source| *source.path == *path);
        let steps = detection.flow.iter().filter_map(|step| {
            let source = step.path.as_deref().map_or(Some(own), of_path)?;
            self.location(&Site { source, span: step.span, message: step.what.clone() })
        });
        let mut flow: Vec<RelatedLocation> = steps.collect();
        if !flow.is_empty() {
            flow.push(RelatedLocation::new(finding.location.clone(), finding.message.clone()));
        }
        flow
    }

    fn location(&mut self, site: &Site) -> Option<RelatedLocation> {
        let source = self.sources.get(site.source)?;
        let lines = self.lines.entry(site.source).or_insert_with(|| LineIndex::new(&source.text));
        let region = lines.region(&source.text, site.span);
        let location = Location { path: Arc::clone(&source.path), span: site.span, region };
        Some(RelatedLocation::new(location, site.message.clone()))
    }
}

/// What the evaluation of a configuration left out.
fn gap_entry(gap: &Gap, sources: &[Source]) -> CoverageEntry {
    let source = sources.get(gap.source);
    let line = source.map_or(1, |source| LineIndex::new(&source.text).line(gap.offset));
    CoverageEntry {
        path: source.map_or_else(|| ".".to_owned(), |source| source.path.to_string()),
        cause: if gap.is_cut { Cause::Bound } else { Cause::Missing },
        detail: format!("line {line}: {}", gap.detail),
    }
}

/// What is known of a file beside what was parsed.
#[derive(Clone)]
struct Context {
    origin: Origin,
    is_cut: bool,
    /// What the secrets engine found in it: no excerpt shows it.
    secrets: Vec<Span>,
}

/// Notes what could not be read of `source`.
fn note_errors(source: &Source, coverage: &mut Coverage) {
    if source.document.errors.is_empty() {
        return;
    }
    let lines = LineIndex::new(&source.text);
    coverage.entries.extend(source.document.errors.iter().take(MAX_PARSE_ERRORS).map(|error| CoverageEntry {
        path: source.path.to_string(),
        cause: Cause::Unparsed,
        detail: format!(
            "line {}: not all of it could be read as {}: {}",
            lines.line(error.offset),
            source.platform,
            error.message
        ),
    }));
}

/// What is wrong, and with which attribute, where that has a name for people.
fn message(title: &str, platform: Platform, detection: &PolicyDetection, resource: &Resource<'_>) -> String {
    let what = detection.message.as_deref().unwrap_or(title);
    let Some(attribute) = framework::attribute_name(platform, resource, &detection.attribute) else {
        return what.to_owned();
    };
    let attribute: String = attribute.chars().take(MAX_ATTRIBUTE).collect();
    format!("{} ({attribute})", what.trim_end_matches('.'))
}
