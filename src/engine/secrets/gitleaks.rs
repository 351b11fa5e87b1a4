//! Rules of gitleaks and betterleaks, with the meaning that they have there.
//!
//! Such a rule is called when one of its keywords stands anywhere in the file, and its regex then sees all of the text. Its
//! secret is a group of the match, entropy and allow-lists decide, and parts that it requires must match nearby. What looks
//! like a placeholder stays: such rules have lists of their own for that.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use regex_automata::util::captures::Captures;
use regex_automata::{Input, meta};

use super::entropy;
use crate::engine::regex;
use crate::rules::gitleaks::schema::{AllowList, AllowTarget, GitleaksRule, Part};
use crate::rules::pattern::MIN_LITERAL;
use crate::span::Span;

/// How many directories of a path are matched with the lists that leave out directories.
const MAX_DIRECTORIES: usize = 64;

/// All rules of these tools, ready to look at texts.
#[derive(Default)]
pub(super) struct GitleaksRules {
    rules: Vec<Compiled>,
    /// Each list once, however many rules have it.
    allow: Vec<CompiledList>,
    /// By address: rules share the lists of their file.
    numbers: HashMap<usize, usize, foldhash::fast::FixedState>,
}

/// One rule.
struct Compiled {
    /// Index of the rule in the index of all secret rules.
    rule: usize,
    /// Keywords that the prefilter cannot see.
    unseen: Vec<String>,
    /// It has no keyword, or none that the prefilter sees.
    is_always_called: bool,
    part: CompiledPart,
    required: Vec<CompiledRequired>,
    /// A rule for anything, which gives way to others.
    is_generic: bool,
}

struct CompiledRequired {
    id: String,
    part: CompiledPart,
    lines: Option<u32>,
    columns: Option<u32>,
}

struct CompiledPart {
    regex: Option<Lazy>,
    group: usize,
    path: Option<Lazy>,
    entropy: Option<f64>,
    /// Numbers of lists.
    allow: Vec<usize>,
}

struct CompiledList {
    all: bool,
    target: AllowTarget,
    paths: Vec<Lazy>,
    is_global: bool,
    regexes: Vec<Lazy>,
    stopwords: Vec<String>,
}

/// A regex that is compiled on first use.
struct Lazy {
    text: String,
    compiled: OnceLock<Option<meta::Regex>>,
}

impl Lazy {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// `None` never for a rule that was loaded: what does not compile was refused.
    fn regex(&self) -> Option<&meta::Regex> {
        self.compiled.get_or_init(|| regex::compile(&self.text).ok()).as_ref()
    }

    fn is_match(&self, text: &[u8]) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(text))
    }
}

/// What a rule found.
pub(super) struct Found {
    /// Index of the rule in the index of all secret rules.
    pub(super) rule: usize,
    /// The secret; empty where a file is reported for its path.
    pub(super) span: Span,
    /// What else stands there.
    pub(super) facts: Vec<String>,
    /// The rule is one for anything.
    pub(super) is_generic: bool,
    /// Parts that it requires stand nearby.
    pub(super) has_parts: bool,
}

/// A match and its secret.
#[derive(Clone, Copy)]
struct Match {
    whole: Span,
    secret: Span,
}

impl GitleaksRules {
    /// Takes in `rule`, which has the index `rule_index` among all secret rules; gives its number and the keywords that call
    /// it.
    pub(super) fn add<'r>(&mut self, rule_index: usize, id: &str, rule: &'r GitleaksRule) -> (usize, Vec<&'r str>) {
        let is_seen = |word: &&String| word.len() >= MIN_LITERAL && word.is_ascii();
        let (seen, unseen): (Vec<&String>, Vec<&String>) = rule.keywords.iter().partition(is_seen);
        let part = self.part(&rule.part);
        let required = rule
            .required
            .iter()
            .map(|required| CompiledRequired {
                id: required.id.clone(),
                part: self.part(&required.part),
                lines: required.lines,
                columns: required.columns,
            })
            .collect();
        self.rules.push(Compiled {
            rule: rule_index,
            is_always_called: rule.keywords.is_empty() || !unseen.is_empty(),
            unseen: if unseen.is_empty() { Vec::new() } else { rule.keywords.clone() },
            part,
            required,
            is_generic: id.contains("generic"),
        });
        (self.rules.len() - 1, seen.into_iter().map(String::as_str).collect())
    }

    fn part(&mut self, part: &Part) -> CompiledPart {
        CompiledPart {
            regex: part.regex.as_deref().map(Lazy::new),
            group: part.group,
            path: part.path.as_deref().map(Lazy::new),
            entropy: part.entropy,
            allow: part.allow.iter().map(|list| self.list(list)).collect(),
        }
    }

    fn list(&mut self, list: &Arc<AllowList>) -> usize {
        let Self { allow, numbers, .. } = self;
        *numbers.entry(Arc::as_ptr(list).addr()).or_insert_with(|| {
            let lazy = |regexes: &[String]| regexes.iter().map(|regex| Lazy::new(regex)).collect();
            allow.push(CompiledList {
                all: list.all,
                target: list.target,
                paths: lazy(&list.paths),
                is_global: list.is_global,
                regexes: lazy(&list.regexes),
                stopwords: list.stopwords.clone(),
            });
            allow.len() - 1
        })
    }

    /// Number of rules.
    pub(super) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Calls `found` with what the rules find in `text` at `path`, at most `most` times. `called` says by number which rules
    /// have a keyword there. Gives `true` where there is more.
    pub(super) fn scan(
        &self,
        called: &[bool],
        path: &str,
        text: &[u8],
        most: usize,
        mut found: impl FnMut(Found),
    ) -> bool {
        let mut left = most;
        let fits = vec![Cell::new(None); self.allow.len()];
        let mut look = Look { all: self, path, fits, text, lower: None, newlines: OnceLock::new() };
        for (number, compiled) in self.rules.iter().enumerate() {
            let is_called = compiled.is_always_called || called.get(number).is_some_and(|&called| called);
            if !is_called || !look.has_keyword(&compiled.unseen) || !look.takes_path(&compiled.part) {
                continue;
            }
            let Compiled { rule, is_generic, .. } = *compiled;
            if compiled.part.regex.is_none() {
                let facts = vec!["the path of the file is reported".to_owned()];
                found(Found { rule, span: Span::default(), facts, is_generic, has_parts: false });
                continue;
            }
            let matches = look.matches(&compiled.part, left.saturating_add(1));
            let parts: Vec<Nearby> = compiled.required.iter().map(|required| look.nearby(required, most)).collect();
            for one in matches {
                let Some(facts) = parts.iter().map(|part| look.stands_near(part, one)).collect::<Option<Vec<String>>>()
                else {
                    continue;
                };
                if left == 0 {
                    return true;
                }
                left -= 1;
                let has_parts = !facts.is_empty();
                found(Found { rule, span: one.secret, facts, is_generic, has_parts });
            }
        }
        false
    }
}

/// The places of a required part.
struct Nearby<'a> {
    id: &'a str,
    /// Lines and columns of the matches, in order.
    places: Vec<(u32, u32)>,
    lines: Option<u32>,
    columns: Option<u32>,
}

/// One look at one text.
struct Look<'a> {
    all: &'a GitleaksRules,
    path: &'a str,
    /// By number of a list: whether it has the path, once that is asked for.
    fits: Vec<Cell<Option<bool>>>,
    text: &'a [u8],
    /// The text in small letters, once it is asked for.
    lower: Option<Vec<u8>>,
    newlines: OnceLock<Vec<usize>>,
}

impl Look<'_> {
    /// Whether one of `words` stands in the text; also where there is none.
    fn has_keyword(&mut self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let text = self.text;
        let lower = self.lower.get_or_insert_with(|| String::from_utf8_lossy(text).to_lowercase().into_bytes());
        words.iter().any(|word| memchr::memmem::find(lower, word.as_bytes()).is_some())
    }

    /// Whether `part` looks at this file.
    fn takes_path(&self, part: &CompiledPart) -> bool {
        part.path.as_ref().is_none_or(|path| path.is_match(self.path.as_bytes()))
            && !self.lists(part).any(|(number, list)| {
                let decides = !list.all || (list.regexes.is_empty() && list.stopwords.is_empty());
                decides && self.has_path(number, list)
            })
    }

    /// Whether the list with this number has the path, or a directory on the way.
    fn has_path(&self, number: usize, list: &CompiledList) -> bool {
        let Some(known) = self.fits.get(number) else { return false };
        if let Some(fits) = known.get() {
            return fits;
        }
        let is_match = |text: &str| list.paths.iter().any(|path| path.is_match(text.as_bytes()));
        let directories =
            self.path.match_indices('/').take(MAX_DIRECTORIES).filter_map(|(end, _)| self.path.get(..end));
        let fits = is_match(self.path) || (list.is_global && directories.into_iter().any(is_match));
        known.set(Some(fits));
        fits
    }

    /// The lists of `part` with their numbers.
    fn lists<'l>(&'l self, part: &'l CompiledPart) -> impl Iterator<Item = (usize, &'l CompiledList)> {
        part.allow.iter().filter_map(|&number| Some((number, self.all.allow.get(number)?)))
    }

    /// What `part` matches, at most `most` matches.
    fn matches(&self, part: &CompiledPart, most: usize) -> Vec<Match> {
        let Some(regex) = part.regex.as_ref().and_then(Lazy::regex) else { return Vec::new() };
        let mut captures = regex.create_captures();
        let mut matches = Vec::new();
        for found in regex.find_iter(self.text) {
            if matches.len() >= most {
                break;
            }
            let whole = self.without_line_ends(Span::new(found.start(), found.end()));
            let secret = self.secret(regex, part.group, whole, &mut captures);
            let bytes = secret.slice(self.text).unwrap_or_default();
            let is_random = part.entropy.is_none_or(|least| entropy::shannon(bytes) > least);
            let one = Match { whole, secret };
            if !bytes.is_empty() && is_random && !self.is_allowed(part, one) {
                matches.push(one);
            }
        }
        matches
    }

    fn without_line_ends(&self, Span { mut start, mut end }: Span) -> Span {
        while start < end && self.text.get(start) == Some(&b'\n') {
            start += 1;
        }
        while start < end && self.text.get(end - 1) == Some(&b'\n') {
            end -= 1;
        }
        Span::new(start, end)
    }

    /// The secret in `whole`: the regex is matched again on that alone, as these tools do.
    fn secret(&self, regex: &meta::Regex, group: usize, whole: Span, captures: &mut Captures) -> Span {
        let Some(text) = whole.slice(self.text) else { return whole };
        regex.search_captures(&Input::new(text), captures);
        let mut groups = captures.iter().skip(1);
        let secret = match group {
            0 => groups.flatten().find(|group| !group.is_empty()),
            number if captures.is_match() => match groups.nth(number - 1).flatten() {
                Some(group) => Some(group),
                // The group is there and matched nothing: there is no secret.
                None => return Span::new(whole.start, whole.start),
            },
            _ => None,
        };
        secret.map_or(whole, |group| Span::new(whole.start + group.start, whole.start + group.end))
    }

    /// Whether a list of `part` says that `one` is not to be reported.
    fn is_allowed(&self, part: &CompiledPart, one: Match) -> bool {
        self.lists(part).any(|(number, list)| {
            let span = match list.target {
                AllowTarget::Secret => one.secret,
                AllowTarget::Match => one.whole,
                AllowTarget::Line => self.lines_of(one.whole),
            };
            let target = span.slice(self.text).unwrap_or_default();
            let is_path = || self.has_path(number, list);
            let is_match = || list.regexes.iter().any(|regex| regex.is_match(target));
            let has_stopword = || {
                let secret = String::from_utf8_lossy(one.secret.slice(self.text).unwrap_or_default()).to_lowercase();
                list.stopwords.iter().any(|word| secret.contains(word.as_str()))
            };
            if list.all {
                (list.paths.is_empty() || is_path())
                    && (list.regexes.is_empty() || is_match())
                    && (list.stopwords.is_empty() || has_stopword())
            } else {
                is_path() || is_match() || has_stopword()
            }
        })
    }

    /// The lines on which `span` stands, without the end of the last.
    fn lines_of(&self, span: Span) -> Span {
        let before = self.text.get(..span.start).unwrap_or_default();
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        let behind = self.text.get(span.end..).unwrap_or_default();
        let end = memchr::memchr(b'\n', behind).map_or(self.text.len(), |at| span.end + at);
        Span::new(start, end)
    }

    /// Where the part `required` matches.
    fn nearby<'r>(&self, required: &'r CompiledRequired, most: usize) -> Nearby<'r> {
        let CompiledRequired { id, part, lines, columns } = required;
        let matches = if self.takes_path(part) { self.matches(part, most) } else { Vec::new() };
        let places = matches.into_iter().map(|one| self.place(one.whole.start)).collect();
        Nearby { id, places, lines: *lines, columns: *columns }
    }

    /// Line and column of `offset`, both from 1.
    fn place(&self, offset: usize) -> (u32, u32) {
        let newlines = self.newlines.get_or_init(|| memchr::memchr_iter(b'\n', self.text).collect());
        let line = newlines.partition_point(|&at| at < offset);
        let start = line.checked_sub(1).and_then(|last| newlines.get(last)).map_or(0, |at| at + 1);
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (number(line + 1), number(offset - start + 1))
    }

    /// Where `part` stands near `one`, as a fact; `None` where it does not.
    fn stands_near(&self, part: &Nearby<'_>, one: Match) -> Option<String> {
        let (line, column) = self.place(one.whole.start);
        let first =
            part.lines.map_or(0, |lines| part.places.partition_point(|place| place.0 < line.saturating_sub(lines)));
        let is_near = |place: &&(u32, u32)| part.columns.is_none_or(|columns| place.1.abs_diff(column) <= columns);
        let near = part.places.get(first..).unwrap_or_default().iter();
        let in_reach = near.take_while(|place| part.lines.is_none_or(|lines| place.0 <= line.saturating_add(lines)));
        let (found, _) = in_reach.into_iter().find(is_near)?;
        Some(format!("`{}` on line {found}", part.id))
    }
}

#[cfg(test)]
mod tests;
