//! What the markers of other scanners for misconfigurations silence, and what looks like one and is none.

use crate::finding::Category;
use crate::span::Span;
use crate::suppress::inline::InlineSuppressions;
use crate::suppress::target::Target;

const UUID: &str = "0afa6ab8-a047-48cf-be07-93a2f8c34cf7";

fn equivalents() -> Vec<String> {
    let ids = [
        "checkov:CKV_AWS_2",
        "checkov:CKV_SECRET_2",
        "trivy:AVD-AWS-0002",
        "tfsec:aws-s3-no-public",
        "kics:0afa6ab8-a047-48cf-be07-93a2f8c34cf7",
        "hadolint:DL3008",
        "zizmor:artipacked",
        "semgrep:rust.lang.args",
        "gosec:G101",
        "bandit:B101",
    ];
    ids.into_iter().map(str::to_owned).collect()
}

fn target(equivalents: &[String], line: u32) -> Target<'_> {
    Target {
        rule: "some-rule",
        aliases: &[],
        equivalents,
        category: Category::Privilege,
        first_line: line,
        last_line: line,
        extent: None,
    }
}

fn lines_of(text: &str, found: &InlineSuppressions, change: impl Fn(Target<'_>) -> Target<'_>) -> Vec<u32> {
    let equivalents = equivalents();
    let count = u32::try_from(text.lines().count()).unwrap();
    (1..=count).filter(|&line| found.find(&change(target(&equivalents, line))).is_some()).collect()
}

/// The lines of `text` on which a misconfiguration is silenced, in a file that is one resource.
fn silenced(text: &str) -> Vec<u32> {
    lines_of(text, &InlineSuppressions::parse(text, &[]), |target| target)
}

/// The same in a resource that reaches over these lines.
fn silenced_within(text: &str, first: u32, last: u32) -> Vec<u32> {
    let found = InlineSuppressions::parse(text, &[]);
    lines_of(text, &found, |target| target.within(first, last))
        .into_iter()
        .filter(|line| (first..=last).contains(line))
        .collect()
}

const NONE: [u32; 0] = [];

#[test]
fn checkov_silences_the_resource_around_its_comment() {
    let text = "resource \"a\" \"b\" {\n  # checkov:skip=CKV_AWS_1,CKV_AWS_2: why\n  x = 1\n}\nresource \"a\" \"c\" {\n  x = 1\n}";
    assert_eq!(silenced_within(text, 1, 4), [1, 2, 3, 4]);
    assert_eq!(silenced_within(text, 5, 7), NONE);
    // A Dockerfile is one resource.
    assert_eq!(silenced("FROM a\nRUN b\n# bridgecrew:skip=CKV_AWS_2: why"), [1, 2, 3]);
    assert_eq!(silenced("FROM a # see cortex:skip= CKV_AWS_2\n"), [1]);
}

#[test]
fn a_marker_that_names_no_known_check_silences_nothing() {
    for text in [
        "x = 1 # checkov:skip=CKV_AWS_20: why",
        "x = 1 # checkov:skip=CKV_AWS: why",
        "x = 1 # checkov:skip=: why",
        "x = 1 # checkov:skip=*",
        "x = 1 # mycheckov:skip=CKV_AWS_2",
        "x = 1 # trivy:ignore:AVD-AWS-00022",
        "x = 1 # trivy:ignore:AVD-AWS-*",
        "x = 1 # trivy:ignore:",
        "x = 1 # trivy:ignore: AVD-AWS-0002",
        "x = 1 # trivy:ignore:AVD-AWS-0002[port=22]",
        "x = 1 # trivy:ignore:AVD-AWS-0002:ws:production",
        "x = 1 # trivy:ignore:AVD-AWS-0002:exp:tomorrow",
        "x = 1 # trivy:ignore:AVD-AWS-0002:exp:2030-13-01",
        "x = 1 # tfsec:ignore:aws-s3-no",
        "# kics-scan disable=\nx = 1",
        "# kics-scan disable=0afa6ab8\nx = 1",
        "# kics-scan enable=\nx = 1",
        "# kics-scan ignore-everything\nx = 1",
        "# see kics-scan ignore\nx = 1",
        "# hadolint ignore\nRUN a",
        "# hadolint ignore=\nRUN a",
        "# hadolint ignore=DL30081\nRUN a",
        "# hadolint ignore=DL300\nRUN a",
        "RUN a # hadolint ignore=DL3008",
        "x: 1 # zizmor: ignore",
        "x: 1 # zizmor: ignore[]",
        "x: 1 # zizmor: ignore[arti]",
        "x: 1 # zizmor: ignore[artipacked",
        "x: 1 # zizmor: ignore[artipacked, *]",
        "x = 1 # nosec G102",
        "x = 1 # nosecurity",
        "x = 1 # nosemgrep:",
        "x = 1 # nosemgrep: rust.lang.arg",
        "x = 1 # nosemgrepping",
    ] {
        assert_eq!(silenced(text), NONE, "{text}");
    }
}

#[test]
fn text_that_is_no_comment_silences_nothing() {
    for marker in [
        "checkov:skip=CKV_AWS_2",
        "trivy:ignore:AVD-AWS-0002",
        "kics-scan ignore-line",
        "hadolint ignore=DL3008",
        "zizmor: ignore[artipacked]",
        "nosec",
        "nosemgrep",
    ] {
        for text in [format!("x = \"# {marker}\""), format!("x = '{marker}'\ny"), format!("x: {marker}\ny")] {
            assert_eq!(silenced(&text), NONE, "{text}");
        }
    }
}

#[test]
fn what_a_document_embeds_is_no_comment_of_it() {
    let text = "resource \"a\" \"b\" {\n  x = <<EOF\n# checkov:skip=CKV_AWS_2: why\n# trivy:ignore:AVD-AWS-0002\ny\nEOF\n  # c\n}";
    let at = text.find("# c\n").unwrap();
    let found = InlineSuppressions::parse_document(text, &[], &[Span::new(at, at + 3)]);
    assert_eq!(lines_of(text, &found, |target| target.within(1, 8)), NONE);

    let text = "run: |\n  # nosemgrep\n  x\n# a\ny: 1 # zizmor: ignore[artipacked]";
    let (first, second) = (text.find("# a").unwrap(), text.find("# z").unwrap());
    let comments = [Span::new(first, first + 3), Span::new(second, text.len())];
    let found = InlineSuppressions::parse_document(text, &[], &comments);
    assert_eq!(lines_of(text, &found, |target| target), [5]);
}

#[test]
fn trivy_silences_a_line_or_the_block_that_begins_there() {
    for (text, lines) in [
        ("a = 1\nb = 2 #trivy:ignore:AVD-AWS-0002\nc = 3", vec![2]),
        ("a = 1\n#trivy:ignore:AWS-0002\nb = 2\nc = 3", vec![3]),
        ("// tfsec:ignore:aws-s3-no-public why\na = 1\nb = 2", vec![2]),
        ("#trivy:ignore:AVD-AWS-0001 trivy:ignore:AVD-AWS-0002\na = 1", vec![2]),
        ("#trivy:ignore:AVD-AWS-0002\n#trivy:ignore:AVD-AWS-0001\n# why\na = 1\nb = 1", vec![4]),
        ("# trivy:ignore:*\nb {\n  c = 1\n}\nd = 1", vec![2, 3, 4]),
        ("b { # trivy:ignore:aws002\n  c = 1\n}\nd = 1", vec![1, 2, 3]),
        ("a: 1\n# trivy:ignore:AVD-AWS-0002:ws:default\nb:\n  c: 1\n- d: 1\n", vec![3, 4, 5]),
        ("# trivy:ignore:AVD-AWS-0002\n\na = 1", vec![]),
        ("/* trivy:ignore:AVD-AWS-0002 */ a = 1\nb = 2", vec![1]),
        ("# trivy:ignore:AVD-AWS-0002\r\na = 1\r\nb = 2\r\n", vec![2]),
    ] {
        assert_eq!(silenced(text), lines, "{text}");
    }
    // A resource is silenced as a whole, however it is indented.
    let text = "# trivy:ignore:AVD-AWS-0002\nresource \"a\" \"b\" {\nx = 1\n}\nresource \"a\" \"c\" {\nx = 1\n}";
    assert_eq!(silenced_within(text, 2, 4), [2, 3, 4]);
    assert_eq!(silenced_within(text, 5, 7), NONE);
}

#[test]
fn kics_silences_files_lines_and_blocks() {
    let upper = UUID.to_ascii_uppercase();
    for (text, lines) in [
        ("# kics-scan ignore\nx".to_owned(), vec![1, 2]),
        ("---\n# why\n\n// kics-scan ignore\nx".to_owned(), vec![1, 2, 3, 4, 5]),
        ("x\n# kics-scan ignore\ny".to_owned(), vec![]),
        (format!("# kics-scan disable=a-b,{upper}\nx"), vec![1, 2]),
        (format!("x\n# kics-scan disable={UUID}\ny"), vec![]),
        (format!("# kics-scan enable={UUID}\nx"), vec![]),
        ("# kics-scan enable=a-b\nx".to_owned(), vec![1, 2]),
        ("x {\n  # kics-scan ignore-line\n  y = 1\n  z = 1\n}".to_owned(), vec![3]),
        ("# kics-scan ignore-line\nRUN a \\\n  b\nRUN c".to_owned(), vec![2, 3]),
        ("# kics-scan ignore-block\nx {\n  y = 1\n}\nz = 1".to_owned(), vec![2, 3, 4]),
        ("a:\n  # kics-scan ignore-block\n  b:\n    c: 1\n  d: 1".to_owned(), vec![3, 4]),
        ("# kics-scan ignore-block\nFROM a\nUSER b\n\nFROM c\nUSER d".to_owned(), vec![2, 3, 4]),
    ] {
        assert_eq!(silenced(&text), lines, "{text}");
    }
    // What KICS does not check is not switched off with the checks that it has.
    let found = InlineSuppressions::parse("# kics-scan enable=a-b\nx", &[]);
    assert!(found.find(&target(&["trivy:AVD-AWS-0002".to_owned()], 2)).is_none());
}

#[test]
fn hadolint_silences_an_instruction_or_the_file() {
    for (text, lines) in [
        ("FROM a\n# hadolint ignore=DL3009, DL3008\nRUN b \\\n  c\nRUN d", vec![3, 4]),
        ("# hadolint ignore=DL3008 why\nRUN <<EOF\na\nEOF\nRUN b", vec![2, 3, 4]),
        ("FROM a\n#hadolint global ignore=DL3008\nRUN b", vec![1, 2, 3]),
        ("# hadolint ignore = DL3008\nRUN a\nRUN b", vec![2]),
    ] {
        assert_eq!(silenced(text), lines, "{text}");
    }
}

#[test]
fn zizmor_silences_its_line_and_its_step() {
    let text = "jobs:\n  a: # zizmor: ignore[artipacked]\n    steps:\n      - name: b\n        uses: c # zizmor: ignore[unpinned, artipacked] why\n        with:\n          d: 1\n      - run: e";
    assert_eq!(silenced(text), [2, 4, 5, 6, 7]);
    // A finding of several lines is meant by a comment on any of them.
    let found = InlineSuppressions::parse("a:\n  b: 1 # zizmor: ignore[artipacked]\n  c: 1", &[]);
    let equivalents = equivalents();
    assert!(found.find(&Target { last_line: 3, ..target(&equivalents, 1) }).is_some());
    assert!(found.find(&target(&equivalents, 3)).is_none());
}

#[test]
fn markers_for_code_silence_their_line() {
    for (text, lines) in [
        ("x() // #nosec\ny()", vec![1]),
        ("x() # nosec B102, B101 why\ny()", vec![1]),
        ("x() // #nosec G101 -- why\ny()", vec![1]),
        ("# nosec\nx()", vec![1]),
        ("x() // nosemgrep\ny()", vec![1]),
        ("x() // why, nosemgrep: a.b,rust.lang.args\ny()", vec![1]),
        ("// nosem: args\nx()\ny()", vec![2]),
    ] {
        assert_eq!(silenced(text), lines, "{text}");
    }
}

#[test]
fn a_secret_is_silenced_by_no_marker_for_misconfigurations_but_one_that_names_it() {
    let secrets = |text: &str| {
        let found = InlineSuppressions::parse(text, &[]);
        lines_of(text, &found, |target| Target { category: Category::Secret, ..target })
    };
    for text in [
        "# kics-scan ignore\nx",
        "x # nosec",
        "x # nosec G101",
        "x # nosemgrep",
        "x # trivy:ignore:*",
        "x # trivy:ignore:AVD-AWS-0002",
        "x # checkov:skip=CKV_AWS_2",
        "x # checkov:skip=CKV_SECRET_20",
    ] {
        assert_eq!(secrets(text), NONE, "{text}");
    }
    // It belongs to no resource.
    assert_eq!(secrets("x # checkov:skip=CKV_SECRET_2: why\ny"), [1]);
    assert_eq!(secrets("# checkov:skip=CKV_AWS_2,CKV_SECRET_2: why\nx\ny"), [1, 2]);
}

#[test]
fn the_justification_names_the_marker_and_its_reason() {
    let justification = |text: &str, secrets: &[Span]| {
        let found = InlineSuppressions::parse(text, secrets);
        found.find(&target(&equivalents(), 1)).and_then(|suppression| suppression.justification).unwrap_or_default()
    };
    for (text, expected) in [
        ("x # checkov:skip=CKV_AWS_2: not public ", "checkov:skip: not public"),
        ("x /* checkov:skip=CKV_AWS_2 - not public */", "checkov:skip: not public"),
        ("x # checkov:skip=CKV_AWS_2", "checkov:skip"),
        ("x # tfsec:ignore:aws002:exp:2020-01-31 why", "tfsec:ignore, expires 2020-01-31: why"),
        ("x # trivy:ignore:aws002 trivy:ignore:aws001", "trivy:ignore"),
        ("# kics-scan ignore", "kics-scan ignore"),
        ("x # zizmor: ignore[artipacked] why", "zizmor: ignore: why"),
        ("x # nosec G101 -- why", "nosec: why"),
        ("x # nosemgrep", "nosemgrep"),
    ] {
        assert_eq!(justification(text, &[]), expected, "{text}");
    }
    let text = "x # checkov:skip=CKV_AWS_2: was hunter2";
    let secret = Span::new(text.len() - 7, text.len());
    assert_eq!(justification(text, &[secret]), "checkov:skip: withheld: the reason holds a secret");
    // A marker that is part of a secret is none.
    assert_eq!(justification(text, &[Span::new(2, 30)]), "");
}

#[test]
fn a_marker_of_lockgate_works_for_misconfigurations_too() {
    assert_eq!(silenced("x: 1 # lockgate: ignore[some-rule] why\ny: 1"), [1]);
}

#[test]
fn hostile_files_take_linear_time() {
    for line in [
        "# trivy:ignore:a\n",
        "- # zizmor: ignore[a]\n",
        "  # zizmor: ignore[a]\n",
        "# kics-scan ignore-block\nFROM \\\n",
        "# hadolint ignore=a\nRUN <<E \\\n",
        "x {#trivy:ignore:a\n",
        "# checkov:skip=a,a,a,a\n",
        "# nosec G999 nosec G999 /* */ nosemgrep:a,b",
    ] {
        let text = line.repeat(20_000);
        let found = InlineSuppressions::parse(&text, &[]);
        assert!(found.find(&target(&equivalents(), 1)).is_none(), "{line}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "([ -~\n\u{e4}]|checkov:skip=|CKV_AWS_2|trivy:ignore:|\\*|:exp:2030-01-01|kics-scan |ignore-block|ignore-line|disable=|hadolint |ignore=|global |zizmor: |ignore\\[|nosec|nosemgrep|G101|# |/\\*|\\*/|<<E|\\\\\n|FROM |- ){0,40}") {
        let found = InlineSuppressions::parse(&text, &[]);
        let equivalents = equivalents();
        for line in 0..10 {
            let _ = found.find(&target(&equivalents, line).within(line, line + 3));
        }
    }
}
