use std::fmt::Write;
use std::sync::Arc;

use super::*;
use crate::document::node::{Node, Value};
use crate::document::yaml;
use crate::framework::declared::mark;
use crate::framework::shown::show;
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

/// A resource with these attributes.
fn resource(kind: &str, address: &str, body: &str) -> Declared {
    let mut body = tree(body);
    parse_json_texts(&mut body, "");
    Declared {
        source: 0,
        kind: kind.into(),
        address: address.into(),
        marks: vec![mark(0, address)],
        header: body.span,
        extent: body.span,
        body,
        base: String::new(),
        scopes: Vec::new(),
        behind: 0,
        sites: Arc::new([]),
    }
}

/// `resources` and the views of their policies.
fn viewed(resources: Vec<Declared>) -> Evaluated {
    let mut evaluated = Evaluated { declared: resources, ..Evaluated::default() };
    add_views(&mut evaluated);
    evaluated
}

/// One line for each view: its kind, its path, and the attributes `names`, those that are not there as `-`.
fn lines(evaluated: &Evaluated, kind: &str, names: &[&str]) -> Vec<String> {
    let views = evaluated.declared.iter().filter(|declared| &*declared.kind == kind);
    views
        .map(|view| {
            let mut line = view.base.clone();
            for name in names {
                let value = view.body.get(name).map_or_else(|| "-".to_owned(), show);
                write!(line, " {value}").unwrap();
            }
            line
        })
        .collect()
}

/// What the view of the only statement of a policy with a principal says under `names`.
fn statement(statement: &str, names: &[&str]) -> String {
    let body = format!("policy: {{Version: '2012-10-17', Statement: {statement}}}");
    lines(&viewed(vec![resource("aws_s3_bucket_policy", "a", &body)]), "iam-statement", names).remove(0)
}

#[test]
fn documents_are_found_at_any_depth_and_in_texts() {
    let role = r#"
assume_role_policy: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "a.amazonaws.com"}, "Action": "sts:AssumeRole"}}'
inline_policy:
- {name: a, policy: {Statement: [{Effect: Allow, Action: "s3:*", Resource: "*"}, {Effect: Deny, NotAction: "iam:*", NotResource: [x]}]}}
tags: {Statement: not a policy}
"#;
    let evaluated = viewed(vec![
        resource("aws_iam_role", "aws_iam_role.a", role),
        resource(
            "AWS::KMS::Key",
            "Key",
            "KeyPolicy: {Version: '1', Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]}",
        ),
        resource("aws_wafv2_web_acl", "aws_wafv2_web_acl.a", "rule: [{statement: [{rate: [{limit: 1}]}]}]"),
        resource("module", "module.a", "policy: {Version: '1', Statement: []}"),
        resource("variable", "var.a", "default: {Version: '1', Statement: []}"),
    ]);
    assert_eq!(
        lines(&evaluated, "iam-policy", &["kind", "resource_type", "attribute"]),
        [
            "assume_role_policy trust aws_iam_role assume_role_policy",
            "inline_policy[0].policy identity aws_iam_role inline_policy",
            "KeyPolicy resource AWS::KMS::Key KeyPolicy",
        ]
    );
    assert_eq!(
        lines(&evaluated, "iam-statement", &["effect", "actions", "not_actions", "resources", "not_resources", "kind"]),
        [
            "assume_role_policy.Statement Allow [sts:AssumeRole] [] [] [] trust",
            "inline_policy[0].policy.Statement[0] Allow [s3:*] [] [*] [] identity",
            "inline_policy[0].policy.Statement[1] Deny [] [iam:*] [] [x] identity",
            "KeyPolicy.Statement[0] Allow [kms:*] [] [*] [] resource",
        ]
    );
}

#[test]
fn views_stand_behind_their_resource_with_its_trees() {
    let policy = "policy: {Statement: [{Effect: Allow, Action: a}, {Effect: Deny, Action: b}]}";
    let mut first = resource("aws_iam_policy", "aws_iam_policy.a", policy);
    first.scopes.push(("provider", Arc::new(tree("region: x")), Span::new(0, 0)));
    let view = Declared { kind: "resource".into(), behind: 1, ..first.clone() };
    let evaluated = viewed(vec![first, view, resource("aws_iam_policy", "aws_iam_policy.b", policy)]);
    let order: Vec<_> = evaluated.declared.iter().map(|one| (&*one.kind, one.behind)).collect();
    let views =
        |before: usize| [("iam-policy", before + 1), ("iam-statement", before + 2), ("iam-statement", before + 3)];
    let mut expected = vec![("aws_iam_policy", 0), ("resource", 1)];
    expected.extend(views(1));
    expected.push(("aws_iam_policy", 0));
    expected.extend(views(0));
    assert_eq!(order, expected);
    let statement = &evaluated.declared[3];
    let scopes: Vec<_> = statement.scopes.iter().map(|(name, node, _)| (*name, show(node))).collect();
    assert_eq!(scopes[0], ("provider", "{region: x}".to_owned()));
    assert_eq!(scopes[1].0, "object");
    assert_eq!(scopes[2].0, "policy");
    assert_eq!(*scopes[2].1, show(&evaluated.declared[2].body));
    assert_eq!((&*statement.address, statement.marks.len()), ("aws_iam_policy.a", 0));
}

#[test]
fn parts_of_a_view_stand_where_they_are_written() {
    let text = "policy:\n  Statement:\n    Effect: Allow\n    Action: [a, b]\n    Principal: {AWS: '*'}\n";
    let evaluated = viewed(vec![resource("aws_sqs_queue_policy", "a", text)]);
    let statement = &evaluated.declared[2];
    let written = |span: Span| &text[span.start..span.end];
    assert_eq!(written(statement.header), "Effect");
    assert_eq!(written(statement.body.entry("actions").unwrap().key.span), "Action");
    assert_eq!(written(statement.body.get("actions").unwrap().as_sequence().unwrap()[1].span), "b");
    assert_eq!(written(statement.body.get("is_public").unwrap().span), "{AWS: '*'}");
    assert_eq!(written(evaluated.declared[1].header), "policy");
}

#[test]
fn principals_and_conditions_are_lists() {
    let names = ["principals", "not_principals", "conditions", "has_condition"];
    for (written, expected) in [
        ("{Effect: Allow, Principal: '*'}", " [{type: *, id: *}] [] [] false"),
        (
            "{Effect: Allow, Principal: {AWS: [a, b], Service: c}}",
            " [{type: AWS, id: a}, {type: AWS, id: b}, {type: Service, id: c}] [] [] false",
        ),
        ("{Effect: Deny, NotPrincipal: {AWS: a}}", " [] [{type: AWS, id: a}] [] false"),
        (
            "{Effect: Allow, Condition: {Bool: {a: true}, StringLike: {b: [c, d], e: f}}}",
            " [] [] [{test: Bool, variable: a, values: [true]}, {test: StringLike, variable: b, values: [c, d]}, \
             {test: StringLike, variable: e, values: [f]}] true",
        ),
        ("{Effect: Allow, Principal: !Unknown x, Condition: !Unknown x}", " ? [] ? ?"),
        ("{Effect: Allow, Condition: {Bool: !Unknown x}}", " [] [] [?] ?"),
        ("{Effect: Allow, Principal: !Open {AWS: a}, Condition: {}}", " [{type: AWS, id: a}, ?] [] [] false"),
        ("!Open {Effect: Allow}", " ? ? ? ?"),
    ] {
        assert_eq!(statement(written, &names), format!("policy.Statement{expected}"), "{written}");
    }
}

#[test]
fn a_statement_for_anyone_is_public_unless_a_condition_restricts() {
    let names = ["principal_is_anyone", "restricting_conditions", "is_public"];
    for (written, expected) in [
        ("{Effect: Allow, Principal: '*'}", "true [] true"),
        ("{Effect: Allow, Principal: {AWS: [a, '*']}}", "true [] true"),
        ("{Effect: Allow, Principal: {Service: '*'}}", "false [] false"),
        ("{Effect: Allow, NotPrincipal: {AWS: a}}", "true [] true"),
        ("{Effect: Deny, NotPrincipal: {AWS: a}}", "false [] false"),
        ("{Effect: Deny, Principal: '*'}", "true [] false"),
        ("{Effect: Allow, Principal: {AWS: a}}", "false [] false"),
        ("{Effect: Allow, Principal: !Unknown x}", "? [] ?"),
        ("{Effect: !Unknown x, Principal: '*'}", "true [] ?"),
        (
            "{Effect: Allow, Principal: '*', Condition: {StringEquals: {'AWS:SourceAccount': '111122223333'}}}",
            "true [aws:sourceaccount] false",
        ),
        ("{Effect: Allow, Principal: '*', Condition: {Bool: {'aws:SecureTransport': true}}}", "true [] true"),
        (
            "{Effect: Allow, Principal: '*', Condition: {StringEquals: {'aws:SourceVpc': !Unknown x}}}",
            "true [aws:sourcevpc] ?",
        ),
        ("{Effect: Allow, Principal: '*', Condition: !Unknown x}", "true ? ?"),
    ] {
        assert_eq!(statement(written, &names), format!("policy.Statement {expected}"), "{written}");
    }
    let everything = |written| statement(written, &["allows_everything"]);
    for (written, expected) in [
        ("{Effect: Allow, Action: '*', Resource: '*'}", "true"),
        ("{Effect: Allow, Action: ['a', '*:*'], Resource: [b, '*']}", "true"),
        ("{Effect: Allow, Action: '*', Resource: a}", "false"),
        ("{Effect: Allow, Action: 's3:*', Resource: '*'}", "false"),
        ("{Effect: Deny, Action: '*', Resource: '*'}", "false"),
        ("{Effect: Allow, Action: !Unknown x, Resource: '*'}", "?"),
    ] {
        assert_eq!(everything(written), format!("policy.Statement {expected}"), "{written}");
    }
}

#[test]
fn the_purpose_of_a_policy() {
    let principal = "Principal: {AWS: a}";
    for (kind, statements, expected) in [
        ("aws_s3_bucket_policy", format!("[{{Effect: Allow, {principal}}}]"), "resource"),
        ("aws_s3_bucket_policy", format!("[{{Effect: Allow, Action: 'sts:AssumeRole', {principal}}}]"), "trust"),
        ("aws_s3_bucket_policy", "[{Effect: Allow}]".to_owned(), "identity"),
        ("aws_s3_bucket_policy", "[{Effect: Allow}, !Unknown x]".to_owned(), "?"),
        ("aws_iam_policy", "[{Effect: Allow}, !Unknown x]".to_owned(), "identity"),
        ("aws_organizations_policy", "[{Effect: Allow, Action: '*', Resource: '*'}]".to_owned(), "limit"),
        ("aws_vpc_endpoint", format!("[{{Effect: Allow, {principal}}}]"), "limit"),
        ("AWS::EC2::VPCEndpoint", format!("[{{Effect: Allow, {principal}}}]"), "limit"),
    ] {
        let body = format!("policy: {{Version: '1', Statement: {statements}}}");
        let evaluated = viewed(vec![resource(kind, "a", &body)]);
        assert_eq!(lines(&evaluated, "iam-policy", &["kind"]), [format!("policy {expected}")], "{kind} {statements}");
    }
}

/// A resource whose policy is that of the data source at `address`.
fn user(kind: &str, address: &str, document: Node) -> Declared {
    let mut user = resource(kind, "a", "policy: x");
    let Value::Mapping(mapping) = &mut user.body.value else { panic!("{user:?}") };
    mapping.entries[0].value = Node { tag: Some(mark(0, address)), ..document };
    user
}

#[test]
fn a_document_of_a_data_source_is_looked_at_where_it_is_written() {
    let data = "statement: [{actions: ['*'], resources: ['*']}]";
    let address = "data.aws_iam_policy_document.a";
    let source = resource(DATA_SOURCE, address, data);
    let document = document_of_data(&source.body);
    let purposes = |users: &[&str]| {
        let mut resources = vec![source.clone()];
        resources.extend(users.iter().map(|kind| user(kind, address, document.clone())));
        let evaluated = viewed(resources);
        let statements = lines(&evaluated, "iam-statement", &["kind", "attribute", "resource_type"]);
        assert_eq!(statements.len(), 1, "{statements:?}");
        statements[0].clone()
    };
    let expected = |kind: &str| format!("statement[0] {kind} statement data.aws_iam_policy_document");
    assert_eq!(purposes(&[]), expected("identity"));
    assert_eq!(purposes(&["aws_iam_policy"]), expected("identity"));
    assert_eq!(purposes(&["aws_organizations_policy"]), expected("limit"));
    assert_eq!(purposes(&["aws_organizations_policy", "aws_iam_policy"]), expected("identity"));
    // What comes from no data source that is there is looked at where it is used.
    let stranger = viewed(vec![user("aws_iam_policy", "data.aws_iam_policy_document.other", document.clone())]);
    assert_eq!(lines(&stranger, "iam-statement", &["kind"]), ["policy.Statement[0] identity"]);
}

#[test]
fn statements_of_merged_documents_have_their_views_at_home() {
    let home = "data.aws_iam_policy_document.home";
    let source = resource(DATA_SOURCE, home, "statement: [{sid: a, actions: [x]}]");
    let mut merging = resource(
        DATA_SOURCE,
        "data.aws_iam_policy_document.b",
        "source_policy_documents: [{Statement: [{Sid: a, Effect: Allow, Action: [x]}]}]\nstatement: [{sid: b, actions: [y]}]",
    );
    let Value::Mapping(mapping) = &mut merging.body.value else { panic!("{merging:?}") };
    let Value::Sequence(documents) = &mut mapping.entries[0].value.value else { panic!("{mapping:?}") };
    documents[0].tag = Some(mark(0, home));
    let evaluated = viewed(vec![source, merging]);
    assert_eq!(lines(&evaluated, "iam-statement", &["sid"]), ["statement[0] a", "statement[1] b"]);
    let policy = &evaluated.declared[4].body;
    assert_eq!(policy.get("statements").unwrap().as_sequence().unwrap().len(), 2);
}

#[test]
fn what_a_bound_cuts_is_a_gap() {
    let documents = "- {Version: '1', Statement: []}\n".repeat(100);
    let evaluated = viewed(vec![resource("aws_x", "aws_x.a", &format!("policies:\n{documents}"))]);
    assert_eq!(lines(&evaluated, "iam-policy", &[]).len(), 64);
    let statements = "- {Effect: Allow}\n".repeat(2000);
    let body = format!("policy:\n Version: '1'\n Statement:\n{}", statements.replace("- {", " - {"));
    let long = viewed(vec![resource("aws_x", "aws_x.a", &body)]);
    assert_eq!(lines(&long, "iam-statement", &[]).len(), 1000);
    for evaluated in [evaluated, long] {
        assert_eq!(evaluated.gaps.len(), 1);
        assert_eq!((evaluated.gaps[0].is_cut, evaluated.gaps[0].detail.contains("aws_x.a")), (true, true));
    }
    // A long key is not repeated at each of many statements.
    let key = "k".repeat(1000);
    let hidden = viewed(vec![resource("aws_x", "aws_x.a", &format!("{key}: {{Version: '1', Statement: []}}"))]);
    assert_eq!((hidden.declared.len(), hidden.gaps.len()), (1, 1));
    let named = statement(&format!("{{Effect: Allow, Principal: {{{key}: [a, b]}}}}"), &["principals"]);
    assert_eq!(named, "policy.Statement [{type: ?, id: a}, {type: ?, id: b}]");
    let fine = viewed(vec![resource("aws_x", "aws_x.a", "policy: {Version: '1', Statement: []}")]);
    assert_eq!(fine.gaps, []);
}
