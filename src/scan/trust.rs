//! What a change says of itself, held to the commit that the policy is taken from: a comment silences what it silenced
//! there and nothing else, and a file that was put where nobody looks is looked at.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::archive::files_of;
use super::comparison::say_the_same;
use super::renames::renames_among;
use super::since::{CompareError, LeftOut, Selection, files_by_path, move_renamed};
use super::{Origin, ScanReport, Scanner};
use crate::coverage::{Cause, CoverageEntry};
use crate::finding::{Finding, State, SuppressionKind};
use crate::fingerprint::Fingerprint;
use crate::input;
use crate::input::git::{Authority, ObjectId, Objects, Repository, TreeFile};
use crate::trust::{Attempt, Means, Trust};

/// Name of the ignore file whose word counts for files that git tracks, too.
const LOCKGATE_IGNORE: &str = ".lockgateignore:";
/// Most files of the commit that are looked at because they are not text any more.
const MAX_BINARY: usize = 200;
/// Most files of each side that are compared by their lines to see what was moved.
const MAX_MOVED: usize = 2000;
/// Most links that are looked behind, and most files behind one of them.
const MAX_LINKED: usize = 1000;

/// The content of each file, by path.
type Files = BTreeMap<Arc<str>, ObjectId>;

/// A file of the change that the walk left out and that is looked at all the same.
struct Hidden {
    file: TreeFile,
    /// The file of the policy's commit that it was.
    before: Option<ObjectId>,
    detail: String,
}

impl Scanner<'_> {
    /// Takes back what the change says of itself in `report`, unless `authority` says it too. `selection` is the part of
    /// the tree that was named, and goes with where the scanned bytes came from.
    ///
    /// # Errors
    ///
    /// The operating system refuses the threads, or a commit cannot be read.
    pub fn hold_to(
        &self,
        report: &mut ScanReport,
        repository: &Repository,
        authority: &Authority,
        (selection, origin): (&Selection, Origin),
        threads: usize,
    ) -> Result<(), CompareError> {
        let objects = repository.objects();
        let mut problems = Vec::new();
        let mut policy = files_by_path(&objects, authority.commit, repository, &mut problems)?;
        let head = files_now(&objects, repository, authority, origin)?;
        report.coverage.entries.extend(problems.into_iter().map(|(path, error)| CoverageEntry {
            path,
            cause: error.cause(repository.is_partial_clone()),
            detail: format!("in {}, which the policy is taken from: {error}", authority.name),
        }));
        let mut trust = Trust {
            policy_from: authority.name.clone(),
            commit: authority.commit.to_string(),
            is_head: authority.is_head(),
            ..Trust::default()
        };
        if matches!(origin, Origin::Tree | Origin::Index) {
            let (mut hidden, crowd) = hidden(&objects, report, &policy, &head, selection);
            trust.add(crowd);
            hidden.extend(linked(report, repository, authority, &head)?);
            hidden.sort_by(|one, other| one.file.path.cmp(&other.file.path));
            hidden.dedup_by(|one, other| one.file.path == other.file.path);
            trust.add(hidden.iter().map(Hidden::attempt));
            self.look_at(report, repository, &hidden, origin, threads)?;
            trust.add(self.turned_binary(&objects, report, &policy));
        }
        let silenced: BTreeSet<Arc<str>> = report
            .findings
            .iter()
            .filter(|finding| is_inline(finding))
            .map(|finding| Arc::clone(&finding.location.path))
            .collect();
        if !silenced.is_empty() {
            let of_findings: BTreeSet<&str> = silenced.iter().flat_map(|path| files_of(path)).collect();
            let left_out = LeftOut::of(report);
            let is_seen = |path: &Arc<str>| origin == Origin::Tree && selection.holds(path) && !left_out.holds(path);
            policy.retain(|path, _| is_seen(path) || of_findings.contains(&**path) || !head.contains_key(path));
            move_renamed(&objects, &mut policy, &head, &of_findings);
            let files: Vec<TreeFile> =
                policy.iter().map(|(path, &id)| TreeFile { path: Arc::clone(path), id }).collect();
            let has_secrets = |path: &str| of_findings.contains(path);
            let is_partial = origin != Origin::Tree || !selection.files.is_empty();
            let known = self.scan_blobs_where(repository, &files, Origin::Tree, is_partial, threads, &has_secrets)?;
            let known: HashMap<Fingerprint, Finding> =
                known.findings.into_iter().filter(is_inline).map(|finding| (finding.fingerprint, finding)).collect();
            let was_there = |finding: &Finding| came_before(finding, repository, authority);
            trust.add(take_back(&mut report.findings, &known, &was_there));
        }
        report.coverage.entries.sort_unstable();
        report.trust = Some(trust);
        Ok(())
    }

    /// Examines what was hidden, in each file whole.
    fn look_at(
        &self,
        report: &mut ScanReport,
        repository: &Repository,
        hidden: &[Hidden],
        origin: Origin,
        threads: usize,
    ) -> Result<(), CompareError> {
        if hidden.is_empty() {
            return Ok(());
        }
        let files: Vec<TreeFile> = hidden.iter().map(|hidden| hidden.file.clone()).collect();
        let mut found = self.scan_blobs(repository, &files, origin, true, threads)?;
        if report.comparison.is_some() || origin == Origin::Index {
            // Moving a file makes nothing in it new.
            let before = |hidden: &Hidden| Some(TreeFile { path: Arc::clone(&hidden.file.path), id: hidden.before? });
            let before: Vec<TreeFile> = hidden.iter().filter_map(before).collect();
            let before = self.scan_blobs(repository, &before, origin, true, threads)?;
            let known: HashMap<Fingerprint, Finding> =
                before.findings.into_iter().map(|finding| (finding.fingerprint, finding)).collect();
            for finding in &mut found.findings {
                finding.state = Some(match known.get(&finding.fingerprint) {
                    None => State::New,
                    Some(old) if say_the_same(old, finding) => State::Existing,
                    Some(_) => State::Changed,
                });
            }
        }
        report.absorb(found);
        Ok(())
    }

    /// Files that are binary now and were text where the policy comes from.
    fn turned_binary(&self, objects: &Objects, report: &ScanReport, policy: &Files) -> Vec<Attempt> {
        let binary = report.coverage.entries.iter().filter(|entry| entry.cause == Cause::Binary);
        let mut buffer = Vec::new();
        binary
            .filter_map(|entry| Some((&entry.path, *policy.get(entry.path.as_str())?)))
            .take(MAX_BINARY)
            .filter(|(path, id)| {
                objects.blob(*id, &mut buffer).is_ok_and(|bytes| input::decode(path, bytes, &self.limits).is_ok())
            })
            .map(|(path, _)| Attempt {
                path: path.clone(),
                line: None,
                means: Means::HiddenFile,
                detail: "turns a text into a file that is not read as one".to_owned(),
            })
            .collect()
    }
}

impl Hidden {
    fn attempt(&self) -> Attempt {
        Attempt { path: self.file.path.to_string(), line: None, means: Means::HiddenFile, detail: self.detail.clone() }
    }
}

/// The files of the change: those of `HEAD`, with what is staged over them, as a merge without a commit leaves it.
fn files_now(
    objects: &Objects,
    repository: &Repository,
    authority: &Authority,
    origin: Origin,
) -> Result<Files, CompareError> {
    let mut files = match authority.head {
        Some(head) => files_by_path(objects, head, repository, &mut Vec::new())?,
        None => Files::new(),
    };
    let staged = match origin {
        Origin::Tree | Origin::Index => repository.staged().ok().filter(|staged| !staged.is_empty()),
        Origin::Stdin | Origin::History => None,
    };
    if let (Some(staged), Some(top)) = (staged, repository.work_tree()) {
        files.extend(staged.files.into_iter().map(|file| (file.path, file.id)));
        let root = top.join(repository.prefix());
        files.retain(|path, _| root.join(&**path).symlink_metadata().is_ok());
    }
    Ok(files)
}

/// The files of `head` that the walk left out although they should be looked at: those that were moved there, and those
/// that the change adds to the repository although git is told to ignore them.
/// With them goes a word on those that were too many to be compared.
fn hidden(
    objects: &Objects,
    report: &ScanReport,
    policy: &Files,
    head: &Files,
    selection: &Selection,
) -> (Vec<Hidden>, Option<Attempt>) {
    let rules = Rules::of(report);
    let changed = head.iter().filter(|(path, id)| policy.get(*path) != Some(*id) && selection.holds(path));
    let candidates: Vec<(TreeFile, &CoverageEntry)> = changed
        .filter_map(|(path, &id)| Some((TreeFile { path: Arc::clone(path), id }, rules.of_path(path)?)))
        .collect();
    if candidates.is_empty() {
        return (Vec::new(), None);
    }
    // What was scanned there, and is gone from its place.
    let gone: Vec<TreeFile> = policy
        .iter()
        .filter(|(path, _)| !head.contains_key(*path) && selection.holds(path) && rules.of_path(path).is_none())
        .map(|(path, &id)| TreeFile { path: Arc::clone(path), id })
        .collect();
    let files: Vec<TreeFile> = candidates.iter().map(|(file, _)| file.clone()).collect();
    let moved = renames_among(objects, &gone, &files, MAX_MOVED);
    let crowd = (files.len() > MAX_MOVED && !gone.is_empty()).then(|| Attempt {
        path: ".".to_owned(),
        line: None,
        means: Means::HiddenFile,
        detail: format!(
            "puts {} files where they are left out: not all were compared with those that are gone",
            files.len()
        ),
    });
    let hidden = candidates
        .into_iter()
        .filter_map(|(file, entry)| {
            let rule = &entry.detail;
            if let Some(from) = moved.get(&file.path) {
                let detail = format!("moves {from} to where it would be left out ({rule})");
                return Some(Hidden { before: policy.get(from).copied(), file, detail });
            }
            let is_of_git = entry.cause == Cause::Ignored && !rule.contains(LOCKGATE_IGNORE);
            let is_new = !policy.contains_key(&file.path);
            let detail = format!("adds a file that git is told to ignore ({rule})");
            (is_of_git && is_new).then_some(Hidden { before: None, file, detail })
        })
        .collect();
    (hidden, crowd)
}

/// What left out files and directories on purpose, by their paths.
struct Rules<'a>(BTreeMap<&'a str, &'a CoverageEntry>);

impl<'a> Rules<'a> {
    fn of(report: &'a ScanReport) -> Self {
        let entries = report.coverage.entries.iter();
        let left_out = entries.filter(|entry| matches!(entry.cause, Cause::Ignored | Cause::Excluded));
        Self(left_out.map(|entry| (entry.path.as_str(), entry)).collect())
    }

    /// What leaves out the file at `path`, or a directory above it.
    fn of_path(&self, path: &str) -> Option<&'a CoverageEntry> {
        let above = path.match_indices('/').filter_map(|(at, _)| path.get(..=at));
        above.chain([path]).find_map(|part| self.0.get(part).copied())
    }
}

/// The files of `head` that the walk left out and that the change reaches through a link from where it scanned. What is
/// linked is scanned where it stands, so that nothing of it would be seen.
fn linked(
    report: &ScanReport,
    repository: &Repository,
    authority: &Authority,
    head: &Files,
) -> Result<Vec<Hidden>, CompareError> {
    let is_link = |entry: &&CoverageEntry| matches!(entry.cause, Cause::SymlinkFile | Cause::SymlinkDirectory);
    let mut links = report.coverage.entries.iter().filter(is_link).peekable();
    let Some(top) = repository.work_tree().filter(|_| links.peek().is_some()) else { return Ok(Vec::new()) };
    let root = top.join(repository.prefix());
    let policy = repository.snapshot(authority.commit)?;
    let rules = Rules::of(report);
    let mut hidden = Vec::new();
    for link in links.take(MAX_LINKED) {
        let location = root.join(&link.path);
        let says = location.read_link().map(|target| target.to_string_lossy().into_owned()).ok();
        if policy.link(&format!("{}{}", repository.prefix(), link.path)) == says {
            continue;
        }
        let Some(target) = location.canonicalize().ok().and_then(|target| below(&root, &target)) else { continue };
        let directory = format!("{target}/");
        let Some(entry) = rules.of_path(&directory).or_else(|| rules.of_path(&target)) else { continue };
        let is_target = |path: &str| path == target || path.starts_with(&directory);
        let detail = format!("reaches what would be left out ({}) through the link {}", entry.detail, link.path);
        let files = head.iter().filter(|(path, _)| is_target(path)).take(MAX_LINKED);
        hidden.extend(files.map(|(path, &id)| Hidden {
            file: TreeFile { path: Arc::clone(path), id },
            before: None,
            detail: detail.clone(),
        }));
    }
    Ok(hidden)
}

/// `location` relative to `root`, with `/`.
fn below(root: &Path, location: &Path) -> Option<String> {
    let names = location.strip_prefix(root).ok()?.components();
    Some(names.map(|name| name.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/"))
}

/// Lifts the suppressions by comments and annotations that none of `known` has in the same form, and names them.
fn take_back(
    findings: &mut [Finding],
    known: &HashMap<Fingerprint, Finding>,
    was_there: &dyn Fn(&Finding) -> bool,
) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for finding in findings.iter_mut().filter(|finding| is_inline(finding)) {
        let is_known = known.get(&finding.fingerprint).is_some_and(|old| say_the_same(old, finding));
        if is_known || was_there(finding) {
            continue;
        }
        let suppression = finding.suppression.take();
        let reason = suppression.and_then(|suppression| suppression.justification);
        let aside = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        attempts.push(Attempt {
            path: finding.location.path.to_string(),
            line: Some(finding.location.region.start.line),
            means: Means::Inline,
            detail: format!("silences {} here{aside}", finding.rule),
        });
    }
    attempts
}

fn is_inline(finding: &Finding) -> bool {
    finding.suppression.as_ref().is_some_and(|suppression| suppression.kind == SuppressionKind::Inline)
}

/// Whether `finding` is of the history alone, and came with a commit that the policy's commit has among its ancestors: no
/// change that is judged now has a part in it.
fn came_before(finding: &Finding, repository: &Repository, authority: &Authority) -> bool {
    let Some(introduction) = finding.introduction.as_ref().filter(|introduction| !introduction.at_head) else {
        return false;
    };
    let commit = repository.commit(&introduction.commit);
    commit.is_ok_and(|commit| authority.includes(repository, commit).unwrap_or(false))
}
