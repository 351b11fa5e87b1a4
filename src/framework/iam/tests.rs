use super::*;
use crate::document::node::{Node, Value};
use crate::document::yaml;
use crate::span::Span;

/// The tree of a text in YAML; `!Unknown` stands for a value that is not known, and `!Open` for a mapping that may hold more.
fn tree(text: &str) -> Node {
    let mut root = yaml::parse(text).unwrap().remove(0);
    mark_unknown(&mut root);
    root
}

fn mark_unknown(node: &mut Node) {
    match node.tag.as_deref() {
        Some("Unknown") => *node = Node::unknown(node.span),
        Some("Open") => {
            node.tag = None;
            if let Value::Mapping(mapping) = &mut node.value {
                mapping.is_open = true;
            }
        }
        _ => {}
    }
    match &mut node.value {
        Value::Sequence(items) => items.iter_mut().for_each(mark_unknown),
        Value::Mapping(mapping) => mapping.entries.iter_mut().for_each(|entry| mark_unknown(&mut entry.value)),
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// The tree as short text: `{a: 1, b: [x, ?]}`, with `…` behind what may hold more.
fn show(node: &Node) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match &node.value {
        Value::Unknown => "?".to_owned(),
        Value::Scalar { text, .. } => text.clone(),
        Value::Sequence(items) => format!("[{}]", list(items.iter().map(show).collect())),
        Value::Mapping(mapping) => {
            let mut entries: Vec<String> =
                mapping.entries.iter().map(|entry| format!("{}: {}", show(&entry.key), show(&entry.value))).collect();
            entries.extend(mapping.is_open.then(|| "…".to_owned()));
            format!("{{{}}}", list(entries))
        }
    }
}

/// The statements of the document that a data source gives.
fn statements_of(body: &str) -> String {
    show(document_of_data(&tree(body)).get("Statement").unwrap())
}

#[test]
fn a_data_source_gives_a_document() {
    let text = r#"
statement:
- sid: One
  actions: ["s3:GetObject", "s3:PutObject"]
  resources: ["arn:aws:s3:::b/&{aws:username}/*"]
  principals:
  - {type: AWS, identifiers: ["arn:aws:iam::111122223333:root"]}
  - {type: Service, identifiers: [a.amazonaws.com]}
  - {type: AWS, identifiers: [!Unknown x]}
  condition:
  - {test: StringEquals, variable: "aws:SourceAccount", values: ["111122223333"]}
  - {test: StringEquals, variable: "aws:SourceArn", values: [!Unknown x]}
  - {test: Bool, variable: "aws:SecureTransport", values: ["true"]}
  - {test: StringEquals, variable: "aws:SourceAccount", values: ["444455556666"]}
- effect: Deny
  not_actions: ["iam:*"]
  not_resources: ["*"]
  not_principals: [{type: "*", identifiers: ["*"]}]
"#;
    let body = tree(text);
    let document = document_of_data(&body);
    assert_eq!(
        show(&document),
        "{Version: 2012-10-17, Statement: [\
         {Sid: One, Effect: Allow, Action: [s3:GetObject, s3:PutObject], Resource: [arn:aws:s3:::b/${aws:username}/*], \
         Principal: {AWS: [arn:aws:iam::111122223333:root, ?], Service: [a.amazonaws.com]}, \
         Condition: {StringEquals: {aws:SourceAccount: [111122223333, 444455556666], aws:SourceArn: [?]}, \
         Bool: {aws:SecureTransport: [true]}}}, \
         {Effect: Deny, NotAction: [iam:*], NotResource: [*], NotPrincipal: *}]}"
    );
    let statements = document.get("Statement").unwrap().as_sequence().unwrap();
    let put = &statements[0].get("Action").unwrap().as_sequence().unwrap()[1];
    assert_eq!(&text[put.span.start..put.span.end], "\"s3:PutObject\"");
    let key = &statements[1].entry("NotAction").unwrap().key;
    assert_eq!(&text[key.span.start..key.span.end], "not_actions");
}

#[test]
fn what_a_data_source_does_not_say_is_unknown() {
    assert_eq!(statements_of("version: '2012-10-17'"), "[]");
    assert_eq!(statements_of("statement: !Unknown x"), "[?]");
    assert_eq!(statements_of("!Open {version: '1'}"), "[?]");
    assert_eq!(
        statements_of("statement: [!Open {actions: [a]}, {actions: !Unknown x}]"),
        "[{Action: [a], …}, {Effect: Allow, Action: ?}]"
    );
    assert_eq!(
        statements_of(
            "statement: [{principals: [!Unknown x]}, {principals: [!Unknown x, {type: AWS, identifiers: [a]}]}]"
        ),
        "[{Effect: Allow, Principal: ?}, {Effect: Allow, Principal: {AWS: [a], …}}]"
    );
    assert_eq!(show(&document_of_data(&Node::unknown(Span::new(0, 0)))), "?");
}

#[test]
fn source_and_override_documents_are_merged() {
    let merged = statements_of(
        r#"
source_policy_documents:
- {Statement: [{Sid: a, Action: from-source}, {Sid: b, Action: from-source}, {Action: unnamed}]}
- '{"Statement": {"Sid": "c", "Action": "text"}}'
- ""
- !Unknown x
statement: [{sid: b, actions: [own]}, {sid: d, actions: [own]}]
override_policy_documents: [{Statement: [{Sid: d, Action: override}, {Sid: e, Action: override}]}]
"#,
    );
    assert_eq!(
        merged,
        "[{Sid: a, Action: from-source}, {Sid: b, Effect: Allow, Action: [own]}, {Action: unnamed}, \
         {Sid: c, Action: text}, ?, {Sid: d, Action: override}, {Sid: e, Action: override}]"
    );
    let mut body = tree("source_policy_documents: [{Statement: [{Action: a}]}]\nstatement: [{actions: [b]}]");
    let Value::Mapping(mapping) = &mut body.value else { panic!("{body:?}") };
    let Value::Sequence(sources) = &mut mapping.entries[0].value.value else { panic!("{body:?}") };
    sources[0].tag = Some("other".into());
    let document = document_of_data(&body);
    let tags: Vec<_> =
        document.get("Statement").unwrap().as_sequence().unwrap().iter().map(|node| node.tag.as_deref()).collect();
    assert_eq!(tags, [Some("other"), None]);
}

#[test]
fn a_document_of_too_many_statements_ends_with_an_unknown_one() {
    let many = |count: usize, action: &str| {
        let statement = format!("  - {{actions: [{action}]}}\n");
        document_of_data(&tree(&format!("statement:\n{}", statement.repeat(count))))
    };
    let of = |document: &Node| {
        let statements = document.get("Statement").unwrap().as_sequence().unwrap().to_vec();
        (statements.len(), show(statements.last().unwrap()))
    };
    assert_eq!(of(&many(1001, "a")), (1001, "?".to_owned()));
    assert_eq!(of(&many(5000, "a")), (1001, "?".to_owned()));
    let (count, last) = of(&many(20, &"x".repeat(100_000)));
    assert_eq!((count, last.as_str()), (6, "?"));
}
