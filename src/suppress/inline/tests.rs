//! What the markers in a file silence, and what looks like a marker and is none.

use super::*;
use crate::finding::Category;
use crate::suppress::marker::{Checks, MAX_IDS};
use crate::suppress::reason::MAX_REASON;

fn target(rule: &str, first_line: u32, last_line: u32) -> Target<'_> {
    Target { rule, aliases: &[], equivalents: &[], category: Category::Secret, first_line, last_line, extent: None }
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
        "x\npw = 'y'; // noqa, betterleaks:allow\nz",
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
        let ids = |marker: &Marker| if let Checks::Only(ids) = &marker.checks { ids.len() } else { 0 };
        assert!(found.by_line.values().flatten().all(|marker| ids(marker) <= MAX_IDS));
        assert!(found.blocks.len() <= MAX_BLOCKS && found.malformed().len() <= MAX_MALFORMED);
    }
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

#[test]
fn the_markers_for_lockgate_are_listed_with_their_rules_and_reasons() {
    let text = "# lockgate: ignore-file why\na # lockgate: ignore[x, y]\n# lockgate: ignore-block[z] because\n# lockgate: ignore-block\n\
                # lockgate: end-ignore\n# gitleaks:allow\n# lockgate: ignore[\n";
    let found = InlineSuppressions::parse(text, &[]);
    let listed: Vec<(&str, &[String], bool)> =
        found.own().iter().map(|one| (&text[one.span.start..one.span.end], &one.rules[..], one.has_reason)).collect();
    let (x, y) = ("x".to_owned(), "y".to_owned());
    assert_eq!(
        listed,
        [
            ("lockgate: ignore-file", &[][..], true),
            ("lockgate: ignore[x, y]", &[x, y][..], false),
            ("lockgate: ignore-block", &[][..], false),
        ]
    );
    // The outer block has no end, and the last list is not closed.
    assert_eq!(found.malformed().iter().map(|one| one.line).collect::<Vec<_>>(), [3, 7]);
    assert!(found.malformed().iter().all(|one| text[one.at..].starts_with("lockgate: ignore")));
}
