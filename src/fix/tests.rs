use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::rules::fix::Literal;
use crate::rules::path::Path;

/// `text` after `change`; `place` is the text that stands at what is reported, `of` what the resource begins with.
fn changed(text: &str, change: Change, reported: Span, resource: Span) -> Option<String> {
    let mut editor = Editor::new(text)?;
    let fix = Fix { change, is_unsafe: false, description: None };
    let edits = editor.propose(&fix, &Target { reported, resource, scopes: &[] })?;
    edited(text, &edits)
}

fn span_of(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    Span::new(start, start + part.len())
}

/// The mapping that begins with `first`.
fn mapping_at(text: &str, first: &str) -> Span {
    let start = text.find(first).unwrap();
    let document = yaml::read(text);
    let mut rest: Vec<&Node> = document.roots.iter().collect();
    while let Some(node) = rest.pop() {
        match &node.value {
            Value::Mapping(mapping) => {
                if node.span.start == start {
                    return node.span;
                }
                rest.extend(mapping.entries.iter().map(|entry| &entry.value));
            }
            Value::Sequence(items) => rest.extend(items),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
    unreachable!("no mapping begins with {first}")
}

fn literal(text: &str) -> Literal {
    match text {
        "{}" => Literal::Mapping(Vec::new()),
        "[ALL]" => Literal::List(vec![Literal::Scalar { text: "ALL".to_owned(), plain: true }]),
        text => Literal::Scalar { text: text.to_owned(), plain: true },
    }
}

fn set(text: &str, resource: &str, at: &str, to: &str) -> Option<String> {
    set_after(text, resource, at, to, None)
}

fn set_after(text: &str, resource: &str, at: &str, to: &str, after: Option<&str>) -> Option<String> {
    let change = Change::Set { at: Path::parse(at).unwrap(), to: literal(to), after: after.map(str::to_owned) };
    changed(text, change, Span::new(0, 0), mapping_at(text, resource))
}

fn replace(text: &str, place: &str, to: Literal) -> Option<String> {
    changed(text, Change::Replace(to), span_of(text, place), Span::new(0, 0))
}

fn quote(text: &str, place: &str) -> Option<String> {
    changed(text, Change::Quote, span_of(text, place), Span::new(0, 0))
}

fn remove(text: &str, place: &str) -> Option<String> {
    changed(text, Change::Remove, span_of(text, place), Span::new(0, 0))
}

fn through_env(text: &str, place: &str) -> Option<String> {
    changed(text, Change::Native("through-env".to_owned()), span_of(text, place), Span::new(0, 0))
}

#[test]
fn a_key_goes_where_its_neighbours_stand() {
    for (text, resource, at, expected) in [
        ("a:\n  b: 1 # one\nc: 2\n", "b: 1", "x", "a:\n  b: 1 # one\n  x: true\nc: 2\n"),
        ("a:\n  b: 1", "b: 1", "x", "a:\n  b: 1\n  x: true"),
        ("a:\r\n  b: 1\r\nc: 2\r\n", "b: 1", "x.k", "a:\r\n  b: 1\r\n  x:\r\n    k: true\r\nc: 2\r\n"),
        (
            "- a: 1\n  b: |\n    x\n\n    y\n\n- a: 2\n",
            "a: 1",
            "x",
            "- a: 1\n  b: |\n    x\n\n    y\n  x: true\n\n- a: 2\n",
        ),
        ("a:\n    b:\n        c: 1\n", "b:", "x.k", "a:\n    b:\n        c: 1\n    x:\n        k: true\n"),
        ("- - a: 1\n", "a: 1", "x", "- - a: 1\n    x: true\n"),
        ("a: {b: 1}\n", "{b", "x.k", "a: {b: 1, x: {k: true}}\n"),
        ("a: {}\n", "{}", "x", "a: {x: true}\n"),
        ("a: {b: [1], } # c\n", "{b", "x", "a: {b: [1], x: true, } # c\n"),
        ("a:\n  b: 1\n  sc:\n  c: 2\n", "b: 1", "sc.x", "a:\n  b: 1\n  sc:\n    x: true\n  c: 2\n"),
        ("a:\n  b: 1\n  x: # why\n", "b: 1", "x", "a:\n  b: 1\n  x: true # why\n"),
        ("a:\n  b: 1\n  x: 'false'\n", "b: 1", "x", "a:\n  b: 1\n  x: true\n"),
        ("a:\tb\n---\n# x\t\nc: 1\t# y\t\n", "c: 1", "x", "a:\tb\n---\n# x\t\nc: 1\t# y\t\nx: true\n"),
        ("x: 1\n---\ny: 2\n...\n---\nz: 3\n", "y: 2", "k", "x: 1\n---\ny: 2\nk: true\n...\n---\nz: 3\n"),
        ("ü: ä\n", "ü", "x", "ü: ä\nx: true\n"),
        ("a: &d\n  b: 1\nc: 1\n", "b: 1", "x", "a: &d\n  b: 1\n  x: true\nc: 1\n"),
        // What would become a part of a text that keeps its line breaks is put in front.
        ("a:\n  b: |+\n    t\n\nc: 1\n", "b: |+", "x", "a:\n  x: true\n  b: |+\n    t\n\nc: 1\n"),
        ("- b: |+\n    t\n\n- 1\n", "b: |+", "x.k", "- x:\n    k: true\n  b: |+\n    t\n\n- 1\n"),
    ] {
        assert_eq!(set(text, resource, at, "true").as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn a_key_stands_behind_the_one_that_the_rule_names() {
    let text = "name: x\non: push # why\n\n# the jobs\njobs: {}\n";
    let expected = "name: x\non: push # why\npermissions: {}\n\n# the jobs\njobs: {}\n";
    assert_eq!(set_after(text, "name", "permissions", "{}", Some("on")).as_deref(), Some(expected));
    let expected = "name: x\non: push # why\n\n# the jobs\njobs: {}\npermissions: {}\n";
    assert_eq!(set_after(text, "name", "permissions", "{}", Some("off")).as_deref(), Some(expected));
}

#[test]
fn a_list_is_written_as_one() {
    let text = "containers:\n- name: a\n  image: b\n- name: c\n";
    let expected = "containers:\n- name: a\n  image: b\n  sc:\n    capabilities:\n      drop: [ALL]\n- name: c\n";
    assert_eq!(set(text, "name: a", "sc.capabilities.drop", "[ALL]").as_deref(), Some(expected));
}

#[test]
fn nothing_is_set_where_something_else_would_change() {
    for (text, resource, at) in [
        // The mapping is used twice.
        ("a: &d\n  b: 1\nc: *d\n", "b: 1", "x"),
        // The value comes from elsewhere.
        ("a: &d\n  x: 1\nb:\n  <<: *d\n  y: 1\n", "<<", "x"),
        ("a:\n  b: 1\n  x: [1]\n", "b: 1", "x"),
        ("a:\n  b: 1\n  x: text\n", "b: 1", "x.y"),
        ("a:\n  b: 1\n  x: |\n    t\n", "b: 1", "x"),
        ("a:\n  b: 1\n  x: !Ref y\n", "b: 1", "x"),
        // It is so already.
        ("a:\n  b: 1\n  x: true\n", "b: 1", "x"),
    ] {
        assert_eq!(set(text, resource, at, "true"), None, "{text}");
    }
}

#[test]
fn a_merge_key_does_not_hinder() {
    let text = "a: &d\n  x: 1\nb:\n  <<: *d\n  y: 1\nc: 1\n";
    assert_eq!(set(text, "<<", "z", "true"), Some(text.replace("  y: 1\n", "  y: 1\n  z: true\n")));
    let text = "a: &d\n  x: 1\nb:\n  y: 1\n  <<: *d\nc: 1\n";
    let fixed = set(text, "y: 1", "z", "true").unwrap();
    assert!(fixed.contains("z: true") && fixed.contains("  <<: *d\n"), "{fixed}");
}

#[test]
fn a_scalar_keeps_its_quotes() {
    let text = "a: \"one\" # c\nb: 'two'\nc: three\nd: {e: four}\nf: \"5\"\n";
    let to = |text: &str| Literal::Scalar { text: text.to_owned(), plain: true };
    assert_eq!(replace(text, "\"one\"", to("x")).unwrap(), text.replace("\"one\"", "\"x\""));
    assert_eq!(replace(text, "'two'", to("it's")).unwrap(), text.replace("'two'", "'it''s'"));
    assert_eq!(replace(text, "three", to("x: y")).unwrap(), text.replace("three", "'x: y'"));
    assert_eq!(replace(text, "four", to("a, b")).unwrap(), text.replace("four", "'a, b'"));
    assert_eq!(replace(text, "\"5\"", to("false")).unwrap(), text.replace("\"5\"", "false"));
    assert_eq!(replace(text, "three", Literal::text("no")).unwrap(), text.replace("three", "'no'"));
}

#[test]
fn a_plain_scalar_gets_quotes() {
    assert_eq!(quote("ports:\n  - 22:22\n", "22:22").unwrap(), "ports:\n  - \"22:22\"\n");
    assert_eq!(quote("a: 'x'\nports: [22:22]\n", "22:22").unwrap(), "a: 'x'\nports: ['22:22']\n");
    assert_eq!(quote("a: it\"s\n", "it\"s").unwrap(), "a: 'it\"s'\n");
    assert_eq!(quote("a: 'x'\n", "'x'"), None);
    assert_eq!(quote("a: x\n  y\n", "x\n  y"), None);
    assert_eq!(quote("a: &x y\nb: *x\n", "y"), None);
}

#[test]
fn an_entry_goes_with_its_line() {
    for (text, place, expected) in [
        ("a:\n  b: 1\n  x: true # why\n  c: 2\n", "true", "a:\n  b: 1\n  c: 2\n"),
        ("a:\r\n  b: 1\r\n  x: true\r\n", "true", "a:\r\n  b: 1\r\n"),
        ("a:\n  b: 1\n  x: true", "true", "a:\n  b: 1"),
        ("- x: true\n  b: 1\n", "true", "- b: 1\n"),
        ("a: {x: true, b: 1}\n", "true", "a: {b: 1}\n"),
        ("a: {b: 1, x: true, c: 2}\n", "true", "a: {b: 1, c: 2}\n"),
        ("a: {x: true}\n", "true", "a: {}\n"),
        ("a:\n  x: true\nb: 1\n", "true", "a: {}\nb: 1\n"),
        ("l:\n  - a\n  - bad # c\n  - b\n", "bad", "l:\n  - a\n  - b\n"),
        ("l:\n- bad\n- b\n", "bad", "l:\n- b\n"),
        ("l:\n  - bad\n", "bad", "l: []\n"),
        ("l: [a, bad]\n", "bad", "l: [a]\n"),
        ("l: [bad]\n", "bad", "l: []\n"),
        ("# above\nx: true\ny: 1\n", "true", "# above\ny: 1\n"),
    ] {
        assert_eq!(remove(text, place).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn what_cannot_be_removed_alone_stays() {
    for (text, place) in [
        ("x: true\n", "true"),
        ("- bad\n", "bad"),
        ("a: &n\n  x: true\nb: *n\n", "true"),
        ("a: &n {x: true, y: 1}\nb: {<<: *n}\n", "true"),
        ("a:\n  # why\n  x: true\n", "true"),
    ] {
        assert_eq!(remove(text, place), None, "{text}");
    }
}

#[test]
fn texts_that_cannot_be_read_are_not_edited() {
    assert!(Editor::new("a: [1\n").is_none());
    assert!(Editor::new(&format!("a: {}\n", "x".repeat(MAX_TEXT))).is_none());
    let items = "x, ".repeat(1000);
    let aliases = "*a, ".repeat(1000);
    assert!(Editor::new(&format!("a: &a [{items}]\nb: [{aliases}]\n")).is_none());
}

/// A chain of aliases, each inside of many lists, is deeper than what any reader of the text nests.
#[test]
fn depth_by_aliases_is_bounded() {
    let mut text = "a0: &a0 [x]\n".to_owned();
    for level in 1..40 {
        let (open, close) = ("[".repeat(60), "]".repeat(60));
        writeln!(text, "a{level}: &a{level} {open}*a{}{close}", level - 1).unwrap();
    }
    assert!(yaml::read(&text).errors.is_empty());
    assert!(Editor::new(&text).is_none());
}

const WORKFLOW: &str = "\
name: Greet
on:
  issues:
    types: [opened]
jobs:
  greet:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - name: Say hello
        run: |
          echo \"New issue: ${{ github.event.issue.title }}\"
          ./log ${{ github.event.issue.title }} --by ${{ github.actor }}
      - run: echo ${{ github.event.issue.body }}
        env:
          LEVEL: debug
";

#[test]
fn an_expression_goes_through_the_environment_of_its_step() {
    let once = through_env(WORKFLOW, "${{ github.event.issue.title }}").unwrap();
    let expected =
        WORKFLOW.replace("\"New issue: ${{ github.event.issue.title }}\"", "\"New issue: ${ISSUE_TITLE}\"").replace(
            "      - name: Say hello\n",
            "      - name: Say hello\n        env:\n          ISSUE_TITLE: ${{ github.event.issue.title }}\n",
        );
    assert_eq!(once, expected);
    // The second one finds the variable there.
    let place = once.rfind("${{ github.event.issue.title }}").unwrap();
    let span = Span::new(place, place + "${{ github.event.issue.title }}".len());
    let twice = changed(&once, Change::Native("through-env".to_owned()), span, Span::new(0, 0)).unwrap();
    assert!(twice.contains("./log \"${ISSUE_TITLE}\" --by"), "{twice}");
    assert_eq!(twice.matches("ISSUE_TITLE:").count(), 1);
    // Beside what is there already.
    let other = through_env(WORKFLOW, "github.event.issue.body").unwrap();
    let expected = WORKFLOW.replace("${{ github.event.issue.body }}", "\"${ISSUE_BODY}\"");
    let expected = expected.replace(
        "          LEVEL: debug\n",
        "          LEVEL: debug\n          ISSUE_BODY: ${{ github.event.issue.body }}\n",
    );
    assert_eq!(other, expected);
    // Every step has this one.
    let actor = through_env(WORKFLOW, "${{ github.actor }}").unwrap();
    assert_eq!(actor, WORKFLOW.replace("${{ github.actor }}", "\"${GITHUB_ACTOR}\""));
}

fn workflow(job: &str, step: &str) -> String {
    format!("on: issues\njobs:\n  a:\n    {job}\n    steps:\n      - {step}\n")
}

#[test]
fn quotes_of_yaml_and_of_the_shell_are_kept_apart() {
    let at = |step: &str| through_env(&workflow("runs-on: ubuntu-24.04", step), "${{ inputs.a-b }}");
    let lines = |text: Option<String>| text.unwrap().lines().skip(5).collect::<Vec<_>>().join("|");
    let env = "        env:|          INPUTS_A_B: ${{ inputs.a-b }}";
    assert_eq!(
        lines(at("run: \"echo ${{ inputs.a-b }}\"")),
        format!("      - run: \"echo \\\"${{INPUTS_A_B}}\\\"\"|{env}")
    );
    assert_eq!(lines(at("run: 'echo ${{ inputs.a-b }}'")), format!("      - run: 'echo \"${{INPUTS_A_B}}\"'|{env}"));
    assert_eq!(
        lines(at("{run: 'echo ${{ inputs.a-b }}', name: x}")),
        "      - {run: 'echo \"${INPUTS_A_B}\"', name: x, env: {INPUTS_A_B: '${{ inputs.a-b }}'}}"
    );
    assert_eq!(
        lines(at("run: >-\n          echo \"${{ inputs.a-b }}\"")),
        format!("      - run: >-|          echo \"${{INPUTS_A_B}}\"|{env}")
    );
    // A variable of that name is another one.
    let taken = at("run: echo ${{ inputs.a-b }} $INPUTS_A_B").unwrap();
    assert!(taken.contains("INPUTS_A_B_2: ${{ inputs.a-b }}") && taken.contains("\"${INPUTS_A_B_2}\""), "{taken}");
}

#[test]
fn the_shell_decides_how_a_variable_is_read() {
    let at = |job: &str, step: &str| through_env(&workflow(job, step), "${{ inputs.x }}");
    let run = "run: Write-Host ${{ inputs.x }}";
    assert!(at("runs-on: windows-latest", run).unwrap().contains("Write-Host $env:INPUTS_X"));
    assert!(at("runs-on: [self-hosted, linux]", run).unwrap().contains("\"${INPUTS_X}\""));
    assert!(at("runs-on: windows-2022", &format!("{run}\n        shell: bash")).unwrap().contains("\"${INPUTS_X}\""));
    assert!(at("runs-on: [self-hosted]\n    container: debian", run).is_some());
    assert!(at("runs-on: x\n    defaults: {run: {shell: pwsh}}", run).unwrap().contains("$env:INPUTS_X"));
    for job in ["runs-on: self-hosted", "runs-on: ${{ matrix.os }}", "runs-on: [windows, linux]", "name: x"] {
        assert_eq!(at(job, run), None, "{job}");
    }
    assert_eq!(at("runs-on: ubuntu-latest", &format!("{run}\n        shell: python")), None);
    let action = "runs:\n  using: composite\n  steps:\n    - run: echo ${{ inputs.x }}\n      shell: bash\n";
    let expected = action.replace("${{ inputs.x }}", "\"${INPUTS_X}\"\n      env:\n        INPUTS_X: ${{ inputs.x }}");
    assert_eq!(through_env(action, "${{ inputs.x }}").unwrap(), expected);
    assert_eq!(through_env(&action.replace("      shell: bash\n", ""), "${{ inputs.x }}"), None);
}

#[test]
fn what_is_no_plain_property_stays_in_the_script() {
    for expression in ["github.token", "format('a', inputs.x)", "inputs.x || 'y'", "env.1", "toJSON(github)", "x"] {
        let text = workflow("runs-on: ubuntu-latest", &format!("run: echo ${{{{ {expression} }}}}"));
        assert_eq!(through_env(&text, expression), None, "{expression}");
    }
    // Not in a script.
    let text = workflow("runs-on: ubuntu-latest", "name: ${{ inputs.x }}");
    assert_eq!(through_env(&text, "${{ inputs.x }}"), None);
    assert_eq!(through_env("run: echo ${{ inputs.x }}\n", "${{ inputs.x }}"), None);
}

#[test]
fn a_checkout_keeps_no_credentials() {
    let expected = WORKFLOW.replace(
        "      - uses: actions/checkout@v4\n",
        "      - uses: actions/checkout@v4\n        with:\n          persist-credentials: false\n",
    );
    let fixed = set_after(WORKFLOW, "uses: ", "with.persist-credentials", "false", Some("uses")).unwrap();
    assert_eq!(fixed, expected);
    let with = expected.replace("persist-credentials: false", "fetch-depth: 0");
    let fixed = set_after(&with, "uses: ", "with.persist-credentials", "false", Some("uses")).unwrap();
    assert!(fixed.contains("          fetch-depth: 0\n          persist-credentials: false\n"), "{fixed}");
}

/// Documents in many layouts, right and wrong.
fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("x".to_owned()),
        Just("true".to_owned()),
        Just("'q'".to_owned()),
        Just("\"d\\n\"".to_owned()),
        Just("*n".to_owned()),
        Just("&n v".to_owned()),
        Just("!T t".to_owned()),
        Just(String::new()),
        Just("echo ${{ inputs.x }}".to_owned()),
        Just("|\n      t\n\n      \"${{ inputs.x }}\"\n".to_owned()),
        Just(">+\n      t\n\n".to_owned()),
        Just("{a: 1, b: [x, {}]}".to_owned()),
        Just("[a, b]".to_owned()),
        Just("{}".to_owned()),
        Just("[]".to_owned()),
    ];
    let indent = prop_oneof![Just(""), Just("  "), Just("    "), Just("- "), Just("  - "), Just("\t")];
    let key = prop_oneof![
        Just("a"),
        Just("b"),
        Just("run"),
        Just("env"),
        Just("<<"),
        Just("? c"),
        Just("'k'"),
        Just("jobs"),
        Just("steps")
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just(" # c\t\n"), Just("\n# c\n"), Just("\n\n"), Just("\n---\n")];
    prop::collection::vec((indent, key, scalar, end), 1..12).prop_map(|lines| {
        lines
            .into_iter()
            .fold(String::new(), |text, (indent, key, scalar, end)| text + &format!("{indent}{key}: {scalar}{end}"))
    })
}

proptest! {
    #[test]
    fn an_edit_is_right_or_there_is_none(text in document(), at in 0_usize..200, deep in any::<bool>()) {
        let Some(editor) = Editor::new(&text) else { return Ok(()) };
        let mut places = vec![Span::new(at, at + 3)];
        let mut rest: Vec<&Node> = editor.roots.iter().collect();
        while let Some(node) = rest.pop() {
            places.push(node.span);
            match &node.value {
                Value::Sequence(items) => rest.extend(items),
                Value::Mapping(mapping) => rest.extend(mapping.entries.iter().map(|entry| &entry.value)),
                Value::Scalar { .. } | Value::Unknown => {}
            }
        }
        let path = if deep { "a.b.c" } else { "x" };
        let changes = [
            Change::Set { at: Path::parse(path).unwrap(), to: literal("true"), after: Some("a".to_owned()) },
            Change::Replace(Literal::text("no: 1")),
            Change::Remove,
            Change::Quote,
            Change::Native("through-env".to_owned()),
        ];
        for place in places {
            for change in &changes {
                // What is offered was proven; it must not be a change of nothing, or of all.
                let Some(new) = changed(&text, change.clone(), place, place) else { continue };
                prop_assert!(new != text);
                let read = yaml::read(&new);
                prop_assert!(read.errors.is_empty());
                prop_assert_eq!(read.roots.len(), editor.roots.len());
                prop_assert_eq!(text.matches('#').count() < new.matches('#').count(), false);
                if matches!(change, Change::Set { .. }) {
                    // The same again finds it done.
                    let again = changed(&new, change.clone(), Span::new(place.start, place.start), Span::new(place.start, place.start));
                    prop_assert_eq!(again, None);
                }
            }
        }
    }
}
