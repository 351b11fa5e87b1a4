use super::*;

fn paths(text: &str) -> Vec<String> {
    let expression = parse(text).unwrap();
    expression.sources().into_iter().map(|path| path.join(".")).collect()
}

#[test]
fn contexts_are_read_however_they_are_written() {
    for text in ["github.event.issue.title", "GitHub['event'].issue['TITLE']", "( github.event ).issue.title"] {
        let path = parse(text).unwrap();
        let found = path.all().into_iter().find_map(Expression::path).unwrap().join(".");
        assert!("github.event.issue.title".starts_with(&found), "{text}: {found}");
    }
    assert_eq!(paths("github.event.commits[0].message"), ["github.event.commits.*.message"]);
    assert_eq!(paths("github.event.commits.*.message"), ["github.event.commits.*.message"]);
}

#[test]
fn only_what_becomes_the_value_is_a_source() {
    assert_eq!(paths("github.event.issue.title == 'x'"), [""; 0]);
    assert_eq!(paths("contains(github.event.issue.title, 'x')"), [""; 0]);
    assert_eq!(paths("format('{0}', github.head_ref)"), ["github.head_ref"]);
    assert_eq!(paths("a.b && c.d || e.f"), ["c.d", "e.f"]);
    assert_eq!(paths("fromJSON(needs.a.outputs.b).c"), ["needs.a.outputs.b"]);
    assert_eq!(paths("(a.b || c.d).e"), ["a.b.e", "c.d.e"]);
}

#[test]
fn literals_and_operators() {
    for (text, expected) in [
        ("1 > 2 || true", true),
        ("0x10 == 16", true),
        ("'it''s' == 'IT''S'", true),
        ("!(true && false)", true),
        ("null == ''", true),
        ("-1.5e3 < +2", true),
        ("startsWith('abc', 'B')", false),
        ("format('{0}-{1}', 'a', 2) == 'a-2'", true),
    ] {
        let value = evaluate(&parse(text).unwrap()).unwrap();
        assert_eq!(value.is_true(), expected, "{text}");
    }
    assert!(is_reducible(&parse("github.ref == format('{0}', 'a')").unwrap()));
    assert!(!is_reducible(&parse("!contains(fromJSON('[\"a\"]'), github.ref)").unwrap()));
}

#[test]
fn what_is_no_expression_is_none() {
    for text in ["", "a b", "a.", "'open", "f(", "a[", "(a", "a ~ b", "&& a"] {
        assert_eq!(parse(text), None, "{text}");
    }
    assert_eq!(parse(&"(".repeat(10_000)), None);
    assert_eq!(parse(&"!".repeat(10_000)), None);
    assert_eq!(parse(&"a[".repeat(1000)), None);
    assert!(parse(&vec!["a"; 5000].join("||")).is_some());
}

#[test]
fn fences_end_outside_of_quotes() {
    let text = "echo ${{ a }} ${{ format('}}', b) }} ${{ open";
    let found: Vec<&str> = fences(text).into_iter().map(|fence| &text[fence.inner]).collect();
    assert_eq!(found, [" a ", " format('}}', b) "]);
    assert!(is_fully_fenced("${{ a }}") && is_fully_fenced("a == b"));
    assert!(!is_fully_fenced("${{ a }} && b") && !is_fully_fenced("${{ a }}\n"));
}
