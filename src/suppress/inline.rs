//! Comments in the scanned file that silence findings: Lockgate's own, and those of other secret scanners.
//!
//! ```text
//! password = "…"   # lockgate: ignore[rule-id, other-rule] why
//! # lockgate: ignore why                     (alone on its line: also for the next line)
//! # lockgate: ignore-block[rule-id] why … # lockgate: end-ignore
//! # lockgate: ignore-file[rule-id] why       (within the first 20 lines)
//! ```
//!
//! A marker counts where it stands right behind a comment opener of some language ([`super::comment`]) and neither inside
//! a string nor inside a secret that was found: a password that happens to hold one is still reported. Where something is
//! unclear (a list that is not closed, a glob, a block without an end) the marker silences nothing.

use std::collections::BTreeMap;

use memchr::memmem;

use super::comment::Line;
use crate::finding::{Category, Finding, Suppression, SuppressionKind};
use crate::span::Span;

/// `lockgate: ignore-file` counts up to this line.
const FILE_MARKER_LINES: u32 = 20;

/// Bounds on what one file may demand: markers on a line and for a line, blocks, rules of one marker, mistakes listed.
const MAX_ON_LINE: usize = 16;
const MAX_BLOCKS: usize = 256;
const MAX_RULES: usize = 64;
const MAX_MALFORMED: usize = 20;

/// Most characters of a reason that are kept.
const MAX_REASON: usize = 200;

/// What a file says about findings in it.
#[derive(Clone, Debug, Default)]
pub struct InlineSuppressions {
    /// For the line, from 1.
    by_line: BTreeMap<u32, Vec<Marker>>,
    /// First and last line, and what holds for them.
    blocks: Vec<(u32, u32, Marker)>,
    whole_file: Vec<Marker>,
    malformed: Vec<MalformedMarker>,
}

/// A marker that was meant for Lockgate and silences nothing, or less than it seems to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MalformedMarker {
    /// Line, from 1.
    pub line: u32,
    /// What is wrong with it.
    pub message: String,
}

/// The part of a finding that decides whether a marker means it.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Id of the rule.
    pub rule: &'a str,
    /// Earlier ids of the rule.
    pub aliases: &'a [String],
    /// Its category: the markers of secret scanners mean secrets only.
    pub category: Category,
    /// First line of the finding, from 1.
    pub first_line: u32,
    /// Last line of the finding.
    pub last_line: u32,
}

impl<'a> Target<'a> {
    /// The target that `finding` is, whose rule has these `aliases`.
    #[must_use]
    pub fn new(finding: &'a Finding, aliases: &'a [String]) -> Self {
        let (start, end) = (finding.location.region.start, finding.location.region.end);
        // The end is exclusive: one that stands at the beginning of a line does not reach into it.
        let last_line = if end.column <= 1 { end.line.saturating_sub(1) } else { end.line };
        Self {
            rule: &finding.rule,
            aliases,
            category: finding.category,
            first_line: start.line,
            last_line: last_line.max(start.line),
        }
    }
}

#[derive(Clone, Debug)]
struct Marker {
    /// Ids; empty means every rule.
    rules: Vec<String>,
    /// From another scanner, which knows nothing but secrets.
    secrets_only: bool,
    justification: Option<String>,
}

impl Marker {
    fn means(&self, target: &Target<'_>) -> bool {
        if self.secrets_only && target.category != Category::Secret {
            return false;
        }
        let named = |rule: &String| rule == target.rule || target.aliases.contains(rule);
        self.rules.is_empty() || self.rules.iter().any(named)
    }
}

/// The markers of other scanners that stand for "not a secret", on their own line.
const PEERS: [&str; 4] = ["gitleaks:allow", "betterleaks:allow", "trufflehog:ignore", "kingfisher:ignore"];

/// What begins each marker: ours, that of detect-secrets, and the peers'.
const OURS: &str = "lockgate:";
const PRAGMA: &str = "pragma:";

impl InlineSuppressions {
    /// Reads the markers of `text`. `secrets` are the spans of the secrets found in it, in any order: no marker is read
    /// from inside of one, and no reason that holds one is kept. Cheap when there is no marker.
    #[must_use]
    pub fn parse(text: &str, secrets: &[Span]) -> Self {
        let needles = PEERS.into_iter().chain([OURS, PRAGMA]);
        let mut hits: Vec<(usize, &'static str)> =
            needles.flat_map(|needle| memmem::find_iter(text.as_bytes(), needle).map(move |at| (at, needle))).collect();
        if hits.is_empty() {
            return Self::default();
        }
        hits.sort_unstable();
        Parser::new(text, secrets).run(&hits)
    }

    /// What silences `target`: the marker on its line, then the innermost block, then the file. Of a finding of several
    /// lines the first and the last count, and the line above: inside there is seldom room for a comment.
    #[must_use]
    pub fn find(&self, target: &Target<'_>) -> Option<Suppression> {
        let mut lines = vec![target.first_line];
        if target.last_line > target.first_line {
            lines.extend([target.first_line.saturating_sub(1), target.last_line]);
        }
        let on_lines = lines.iter().filter_map(|line| self.by_line.get(line)).flatten();
        // Inner blocks end, and so are listed, before the outer ones.
        let in_blocks = self.blocks.iter().filter(|(first, last, _)| (*first..=*last).contains(&target.first_line));
        let marker = on_lines
            .chain(in_blocks.map(|(_, _, marker)| marker))
            .chain(&self.whole_file)
            .find(|marker| marker.means(target))?;
        Some(Suppression { kind: SuppressionKind::Inline, justification: marker.justification.clone() })
    }

    /// Markers that do not work, by line: at most 20.
    #[must_use]
    pub fn malformed(&self) -> &[MalformedMarker] {
        &self.malformed
    }
}

/// The state of one pass over the lines with markers.
struct Parser<'a> {
    text: &'a str,
    /// Disjoint and sorted.
    secrets: Vec<Span>,
    found: InlineSuppressions,
    /// Blocks that are not closed yet, outer ones first.
    open: Vec<(u32, Marker)>,
    /// Markers that are alone on their line.
    alone: BTreeMap<u32, Vec<Marker>>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, secrets: &[Span]) -> Self {
        let mut sorted = secrets.to_vec();
        sorted.sort_unstable();
        let mut secrets: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match secrets.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => secrets.push(span),
            }
        }
        Self { text, secrets, found: InlineSuppressions::default(), open: Vec::new(), alone: BTreeMap::new() }
    }

    fn holds_secret(&self, span: Span) -> bool {
        let next = self.secrets.partition_point(|secret| secret.end <= span.start);
        self.secrets.get(next).is_some_and(|secret| secret.overlaps(span))
    }

    fn run(mut self, hits: &[(usize, &'static str)]) -> InlineSuppressions {
        let bytes = self.text.as_bytes();
        let (mut number, mut counted) = (1_u32, 0);
        let mut hits = hits.iter().copied().peekable();
        while let Some(&(at, _)) = hits.peek() {
            let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |line_break| line_break + 1);
            let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |line_break| at + line_break);
            let breaks = memchr::memchr_iter(b'\n', &bytes[counted..start]).count();
            number = number.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            counted = start;
            let line = Line::new(&self.text[start..end]);
            let mut on_line = 0;
            while let Some((at, needle)) = hits.next_if(|&(at, _)| at < end) {
                on_line += 1;
                let is_secret = self.holds_secret(Span::new(at, at + needle.len()));
                if on_line <= MAX_ON_LINE && !is_secret {
                    match needle {
                        OURS => self.own(number, &line, start, at - start),
                        peer => self.foreign(number, &line, at - start, peer),
                    }
                }
            }
        }
        self.finish()
    }

    /// A marker of Lockgate's at `offset` of the line `number`, which begins at `start` of the text.
    fn own(&mut self, number: u32, line: &Line<'a>, start: usize, offset: usize) {
        let Some(comment) = line.comment_right_before(offset) else { return };
        let said = line.text_of(comment, offset + OURS.len());
        let said_end = start + offset + OURS.len() + said.len();
        let said = said.trim_start();
        let word_end = said.find(|c: char| !c.is_ascii_lowercase() && c != '-').unwrap_or(said.len());
        let (word, rest) = said.split_at(word_end);
        if word == "end-ignore" {
            match self.open.pop() {
                Some((first, marker)) => self.close_block(first, number, marker),
                None => self.reject(number, "`end-ignore` without an `ignore-block` before it".to_owned()),
            }
            return;
        }
        if !matches!(word, "ignore" | "ignore-block" | "ignore-file") {
            return;
        }
        let Some((rules, reason)) = self.rules(number, rest) else { return };
        let reason = reason.trim_start_matches([' ', '\t', ':', '-', '–', '—']);
        let holds_secret = self.holds_secret(Span::new(said_end - reason.len(), said_end));
        let reason = reason.trim_end();
        let justification = if reason.is_empty() {
            None
        } else if holds_secret {
            Some("withheld: the reason holds a secret".to_owned())
        } else {
            let printable = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
            Some(reason.chars().take(MAX_REASON).map(printable).collect())
        };
        let marker = Marker { rules, secrets_only: false, justification };
        match word {
            "ignore-block" => self.open.push((number, marker)),
            "ignore-file" if number > FILE_MARKER_LINES => {
                self.reject(number, format!("`ignore-file` counts within the first {FILE_MARKER_LINES} lines only"));
            }
            "ignore-file" => self.found.whole_file.push(marker),
            _ => {
                if line.is_only(comment, offset) {
                    self.alone.entry(number).or_default().push(marker.clone());
                }
                self.put(number, marker);
            }
        }
    }

    /// The ids in brackets at the beginning of `rest`, none meaning every rule, and what follows them.
    fn rules<'t>(&mut self, number: u32, rest: &'t str) -> Option<(Vec<String>, &'t str)> {
        let Some(list) = rest.trim_start().strip_prefix('[') else { return Some((Vec::new(), rest)) };
        let Some((list, reason)) = list.split_once(']') else {
            self.reject(number, "the list of rules is not closed with `]`".to_owned());
            return None;
        };
        let mut rules = Vec::new();
        for id in list.split(',').take(MAX_RULES).map(str::trim) {
            let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if !id.is_empty() && id.bytes().all(is_id) {
                rules.push(id.to_owned());
            } else {
                // What stands there is not repeated: it could be anything.
                self.reject(number, "the list of rules must hold ids; globs do not work here".to_owned());
            }
        }
        // Without brackets it would mean every rule, so what had some must keep one.
        if rules.is_empty() { None } else { Some((rules, reason)) }
    }

    /// A marker of another scanner.
    fn foreign(&mut self, number: u32, line: &Line<'a>, offset: usize, needle: &'static str) {
        if !line.is_in_comment(offset) {
            return;
        }
        let behind = &line.text()[offset + needle.len()..];
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let (target, name) = if needle == PRAGMA {
            let Some((is_next, rest)) = allowlist_pragma(behind) else { return };
            if !ends(rest) {
                return;
            }
            (number.saturating_add(u32::from(is_next)), "pragma: allowlist secret")
        } else if ends(behind) {
            (number, needle)
        } else {
            return;
        };
        let marker = Marker { rules: Vec::new(), secrets_only: true, justification: Some(name.to_owned()) };
        self.put(target, marker);
    }

    fn put(&mut self, line: u32, marker: Marker) {
        let markers = self.found.by_line.entry(line).or_default();
        if markers.len() < MAX_ON_LINE {
            markers.push(marker);
        }
    }

    fn close_block(&mut self, first: u32, last: u32, marker: Marker) {
        if self.found.blocks.len() < MAX_BLOCKS {
            self.found.blocks.push((first, last, marker));
        } else {
            self.reject(first, format!("more than {MAX_BLOCKS} blocks in one file"));
        }
    }

    fn reject(&mut self, line: u32, message: String) {
        if self.found.malformed.len() < MAX_MALFORMED {
            self.found.malformed.push(MalformedMarker { line, message });
        }
    }

    fn finish(mut self) -> InlineSuppressions {
        for (line, _) in std::mem::take(&mut self.open) {
            self.reject(line, "`ignore-block` without an `end-ignore` silences nothing".to_owned());
        }
        // A marker alone on its line holds for the next line that is not such a line itself. From the last to the first,
        // so that the next line of each is known; what a run passes on is bounded by `put`.
        let alone = std::mem::take(&mut self.alone);
        let mut targets: BTreeMap<u32, u32> = BTreeMap::new();
        for (line, markers) in alone.into_iter().rev() {
            let next = line.saturating_add(1);
            let target = targets.get(&next).copied().unwrap_or(next);
            targets.insert(line, target);
            for marker in markers {
                self.put(target, marker);
            }
        }
        self.found.malformed.sort_by_key(|marker| marker.line);
        self.found
    }
}

/// Reads ` allowlist secret` or ` allowlist nextline secret` behind `pragma:`: whether it is for the next line, and what
/// follows.
fn allowlist_pragma(behind: &str) -> Option<(bool, &str)> {
    let blank = |text: &'_ str| text.starts_with([' ', '-']);
    let rest = behind.trim_start_matches(' ');
    let rest = rest.strip_prefix("allowlist").or_else(|| rest.strip_prefix("whitelist"))?;
    let rest = rest.get(1..).filter(|_| blank(rest))?;
    let (is_next, rest) = match rest.strip_prefix("nextline") {
        Some(rest) => (true, rest.get(1..).filter(|_| blank(rest))?),
        None => (false, rest),
    };
    rest.strip_prefix("secret").map(|rest| (is_next, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::{Position, Region};
    use crate::suppress::testing::finding;

    fn target(rule: &str, first_line: u32, last_line: u32) -> Target<'_> {
        Target { rule, aliases: &[], category: Category::Secret, first_line, last_line }
    }

    /// The lines of `text` on which a finding of `rule` is silenced.
    fn silenced(text: &str, rule: &str) -> Vec<u32> {
        let found = InlineSuppressions::parse(text, &[]);
        let count = u32::try_from(text.lines().count()).unwrap();
        (1..=count).filter(|&line| found.find(&target(rule, line, line)).is_some()).collect()
    }

    /// The reason given for line 1 of `text`.
    fn reason(text: &str) -> Option<String> {
        InlineSuppressions::parse(text, &[]).find(&target("a", 1, 1)).expect("silenced").justification
    }

    #[test]
    fn a_marker_silences_its_own_line() {
        assert_eq!(silenced("x\npw = 'y' # lockgate: ignore[a] test key\nz", "a"), [2]);
        assert_eq!(silenced("x\r\npw(); // lockgate:ignore test key\r\nz", "a"), [2]);
        assert_eq!(silenced("/* lockgate: ignore */ pw = 'y'\nz", "a"), [1]);
    }

    #[test]
    fn a_marker_alone_on_its_line_silences_the_next_one_too() {
        assert_eq!(silenced("# lockgate: ignore[a] why\nx\ny", "a"), [1, 2]);
        assert_eq!(silenced("# lockgate: ignore[a] why\r\nx\r\ny", "a"), [1, 2]);
        assert_eq!(silenced("  <!-- lockgate: ignore[a] why -->\n<x/>\n<y/>", "a"), [1, 2]);
        // Several of them pass on what they say.
        let text = "# lockgate: ignore[b] why\n# lockgate: ignore[a] why\nx\ny";
        assert_eq!(silenced(text, "a"), [2, 3]);
        assert_eq!(silenced(text, "b"), [1, 3]);
    }

    #[test]
    fn a_list_names_the_rules_and_an_alias_is_as_good_as_the_id() {
        let found = InlineSuppressions::parse("x # lockgate: ignore[a, old-b]", &[]);
        let aliases = ["old-b".to_owned()];
        assert!(found.find(&target("a", 1, 1)).is_some());
        assert!(found.find(&target("b", 1, 1)).is_none());
        assert!(found.find(&Target { aliases: &aliases, ..target("b", 1, 1) }).is_some());
        assert!(found.find(&Target { category: Category::Network, ..target("a", 1, 1) }).is_some());
    }

    #[test]
    fn a_block_reaches_from_its_beginning_to_its_end() {
        let text = "a\n# lockgate: ignore-block[a] why\nb\n# lockgate: ignore-block[b]\nc\n# lockgate: end-ignore\nd\n\
                    # lockgate: end-ignore\ne";
        assert_eq!(silenced(text, "a"), [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(silenced(text, "b"), [4, 5, 6]);
    }

    #[test]
    fn a_file_marker_counts_near_the_top_only() {
        let at = |line: usize| format!("{}# lockgate: ignore-file[a] why\nx", "\n".repeat(line - 1));
        assert_eq!(silenced(&at(20), "a").len(), 21);
        assert_eq!(silenced(&at(20), "b"), [0_u32; 0]);
        assert_eq!(silenced(&at(21), "a"), [0_u32; 0]);
    }

    #[test]
    fn what_is_unclear_silences_nothing_and_is_listed() {
        for (text, message) in [
            ("x # lockgate: ignore[a why", "not closed"),
            ("x # lockgate: ignore[] why", "must hold ids"),
            ("x # lockgate: ignore[*] why", "must hold ids"),
            ("# lockgate: ignore-block[a] why\nx", "without an `end-ignore`"),
            ("x # lockgate: end-ignore", "without an `ignore-block`"),
        ] {
            assert_eq!(silenced(text, "a"), [0_u32; 0], "{text}");
            let found = InlineSuppressions::parse(text, &[]);
            assert_eq!(found.malformed().len(), 1, "{text}");
            assert!(found.malformed()[0].message.contains(message), "{text}: {:?}", found.malformed());
        }
        // One bad id does not spoil the good ones.
        assert_eq!(silenced("x # lockgate: ignore[a, b*] why", "a"), [1]);
    }

    #[test]
    fn text_that_is_no_marker_silences_nothing() {
        for text in [
            "x lockgate: ignore",
            "x = \"# lockgate: ignore\"",
            "x = 'lockgate: ignore'",
            "Write `# lockgate: ignore` there",
            "# about lockgate: ignore",
            "# lockgate: ignored",
            "# lockgate: ignorance",
            "# lockgate-expect: ignore",
            "x = 'gitleaks:allow'",
            "x gitleaks:allow",
            "# gitleaks:allowed",
            "# pragma: allowlist secrets",
            "# pragma: once",
        ] {
            assert_eq!(silenced(text, "a"), [0_u32; 0], "{text}");
        }
    }

    #[test]
    fn a_marker_inside_a_secret_is_part_of_it() {
        let text = "pw = abc # lockgate: ignore\npw = abc # gitleaks:allow";
        assert_eq!(silenced(text, "a"), [1, 2]);
        let found = InlineSuppressions::parse(text, &[Span::new(40, 53), Span::new(5, 27), Span::new(33, 45)]);
        assert!(found.find(&target("a", 1, 1)).is_none());
        assert!(found.find(&target("a", 2, 2)).is_none());
        // Beside a secret it counts.
        let found = InlineSuppressions::parse(text, &[Span::new(5, 8), Span::new(33, 36)]);
        assert!(found.find(&target("a", 1, 1)).is_some());
        assert!(found.find(&target("a", 2, 2)).is_some());
    }

    #[test]
    fn a_reason_is_kept_unless_it_holds_a_secret() {
        assert_eq!(reason("x # lockgate: ignore[a]: test key "), Some("test key".to_owned()));
        assert_eq!(reason("x /* lockgate: ignore[a] - test key */"), Some("test key".to_owned()));
        assert_eq!(reason("{{/* lockgate: ignore test key */}} x"), Some("test key".to_owned()));
        assert_eq!(reason("x # lockgate: ignore[a]"), None);
        assert_eq!(reason("x # lockgate: ignore a\u{1b}[2Jb"), Some("a\u{fffd}[2Jb".to_owned()));
        assert_eq!(reason(&format!("x # lockgate: ignore {}", "y".repeat(1000))).unwrap().len(), MAX_REASON);

        let text = "x # lockgate: ignore[a] was hunter2";
        let at = text.find("hunter2").unwrap();
        let found = InlineSuppressions::parse(text, &[Span::new(at, at + 7)]);
        let suppression = found.find(&target("a", 1, 1)).unwrap();
        assert_eq!(suppression.justification.as_deref(), Some("withheld: the reason holds a secret"));
    }

    #[test]
    fn markers_of_other_scanners_silence_secrets_on_their_line() {
        for text in [
            "x\npw = 'y' # gitleaks:allow\nz",
            "x\npw = 'y' #gitleaks:allow (test)\nz",
            "x\npw = 'y'; // nosemgrep, betterleaks:allow\nz",
            "x\npw = 'y' # trufflehog:ignore\nz",
            "x\npw = 'y' # kingfisher:ignore\nz",
            "x\npw = 'y'  # pragma: allowlist secret\nz",
            "x\npw = 'y'  // pragma:whitelist-secret\nz",
            "# pragma: allowlist nextline secret\npw = 'y'\nz",
        ] {
            assert_eq!(silenced(text, "a"), [2], "{text}");
            let found = InlineSuppressions::parse(text, &[]);
            let name = found.find(&target("a", 2, 2)).unwrap().justification.unwrap();
            assert!(name == "pragma: allowlist secret" || text.contains(&name), "{name}");
            assert!(found.find(&Target { category: Category::Code, ..target("a", 2, 2) }).is_none(), "{text}");
        }
    }

    #[test]
    fn of_a_long_finding_the_ends_and_the_line_above_count() {
        let block = "-----BEGIN KEY-----\nabc\n-----END KEY-----";
        for (text, first) in [
            (format!("key: |  # lockgate: ignore[a] test\n{block}\n"), 2),
            (format!("# lockgate: ignore[a] test\nkey = \"\"\"{block}\"\"\"\n"), 2),
            (format!("key = \"\"\"{block}\"\"\"  # gitleaks:allow\n"), 1),
        ] {
            let found = InlineSuppressions::parse(&text, &[]);
            assert!(found.find(&target("a", first, first + 2)).is_some(), "{text}");
        }
        // Of a finding of one line, a marker behind other text on the line above says nothing.
        assert_eq!(silenced("pw = 'y' # lockgate: ignore\npw = 'z'", "a"), [1]);
    }

    #[test]
    fn hostile_files_take_linear_time_and_bounded_answers() {
        let long_line = "# lockgate: ignore[a] ".repeat(50_000);
        let many_lines = "# lockgate: ignore[a]\n".repeat(50_000);
        let blocks = "# lockgate: ignore-block\n".repeat(50_000) + &"# lockgate: end-ignore\n".repeat(50_000);
        let quotes = format!("{}# lockgate: ignore", "'\"`\\".repeat(200_000));
        let ids = format!("# lockgate: ignore[{}]", "a,".repeat(200_000));
        let marks = format!("{}lockgate: ignore", "!".repeat(500_000));
        for text in [long_line, many_lines, blocks, quotes, ids, marks] {
            let found = InlineSuppressions::parse(&text, &[Span::new(0, 1)]);
            assert!(found.by_line.values().all(|markers| markers.len() <= MAX_ON_LINE));
            assert!(found.by_line.values().flatten().all(|marker| marker.rules.len() <= MAX_RULES));
            assert!(found.blocks.len() <= MAX_BLOCKS && found.malformed().len() <= MAX_MALFORMED);
        }
    }

    #[test]
    fn a_target_takes_its_lines_from_the_region() {
        let at = |line, column| Position { line, column };
        let lines = |start, end| {
            let mut finding = finding("a", "path", 0);
            finding.location.region = Region { start, end };
            let target = Target::new(&finding, &[]);
            (target.first_line, target.last_line)
        };
        assert_eq!(lines(at(3, 5), at(3, 9)), (3, 3));
        assert_eq!(lines(at(3, 5), at(6, 2)), (3, 6));
        assert_eq!(lines(at(3, 5), at(6, 1)), (3, 5));
        assert_eq!(lines(at(3, 1), at(3, 1)), (3, 3));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([ -~\n\u{e4}\u{2028}]|lockgate: |ignore|-block|-file|end-ignore|\\[a\\]|# |/\\*|\\*/|gitleaks:allow|pragma: allowlist secret|['\"`\\\\]){0,60}", start in 0_usize..80) {
            let found = InlineSuppressions::parse(&text, &[Span::new(start, start + 5)]);
            for line in 0..10 {
                let _ = found.find(&target("a", line, line + 1));
            }
        }
    }
}
