//! Templates as people write them.

use std::fmt::Write;

use super::*;
use crate::document::node::{Node, Value};
use crate::framework::declared::{Declared, Evaluated, marked};
use crate::framework::{Project, Source};
use crate::platform::Platform;

fn source(path: &str, text: &str) -> Source {
    let document = read(path, text);
    assert_eq!(document.errors, [], "{path}");
    Source {
        path: path.into(),
        text: text.into(),
        platform: Platform::Cloudformation,
        document,
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    }
}

/// What the files, each a path and a text, declare.
fn declared(files: &[(&str, &str)]) -> (Vec<Source>, Evaluated) {
    let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
    let mut evaluated = Evaluated::default();
    evaluate(&sources, &mut evaluated);
    (sources, evaluated)
}

fn find<'d>(evaluated: &'d Evaluated, address: &str) -> &'d Declared {
    evaluated.declared.iter().find(|declared| &*declared.address == address).unwrap_or_else(|| panic!("no {address}"))
}

/// The tree as short text: `{a: 1, b: [x, ?]}`, with `…` behind what may hold more, and `^` before what has a mark.
fn show(node: &Node) -> String {
    let list = |items: Vec<String>| items.join(", ");
    let value = match &node.value {
        Value::Unknown => "?".to_owned(),
        Value::Scalar { text, .. } => text.clone(),
        Value::Sequence(items) => format!("[{}]", list(items.iter().map(show).collect())),
        Value::Mapping(mapping) => {
            let entries = mapping.entries.iter();
            let mut entries: Vec<String> =
                entries.map(|entry| format!("{}: {}", show(&entry.key), show(&entry.value))).collect();
            entries.extend(mapping.is_open.then(|| "…".to_owned()));
            format!("{{{}}}", list(entries))
        }
    };
    if marked(node).is_some() { format!("^{value}") } else { value }
}

/// The resources of one template, a line each: logical id, type and properties.
fn resources(text: &str) -> String {
    let (_, evaluated) = declared(&[("template.yaml", text)]);
    let mut out = String::new();
    for resource in evaluated.declared.iter().filter(|declared| declared.kind.contains("::")) {
        let _ = writeln!(out, "{} {} {}", resource.address, resource.kind, show(&resource.body));
    }
    out
}

/// What the attribute `A: <expression>` is in a template with these parameters, maps and conditions.
fn value(expression: &str) -> String {
    let text = format!(
        "AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  Name: {{Type: String, Default: web}}
  Port: {{Type: Number, Default: 8080}}
  Given: {{Type: String}}
  Empty: {{Type: CommaDelimitedList, Default: ''}}
  Zones: {{Type: CommaDelimitedList, Default: 'a, b,c'}}
  Subnets: {{Type: List<AWS::EC2::Subnet::Id>}}
  Image: {{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: /aws/ami}}
Mappings:
  Sizes:
    web: {{small: t3.small, zones: [x, y]}}
Conditions:
  Yes: !Equals [!Ref Name, web]
  No: !Not [Condition: Yes]
  Maybe: !Equals [!Ref Given, prod]
  Self: !And [Condition: Self, Condition: Yes]
  Either: !Or [Condition: Maybe, Condition: Yes]
  Both: !And [Condition: Maybe, Condition: No]
  Open: !And [Condition: Maybe, Condition: Yes]
Resources:
  Logs:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: !Sub '${{Name}}-logs'}}
  Queue:
    Type: AWS::SQS::Queue
  Circle:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: !Ref Circle}}
  Subject:
    Type: AWS::Test::Subject
    Properties:
      A: {expression}
"
    );
    let (sources, evaluated) = declared(&[("template.yaml", &text)]);
    let subject = find(&evaluated, "Subject");
    for node in [&subject.body, &subject.scopes[0].1] {
        assert_inside(node, &sources[0].text);
    }
    subject.body.get("A").map_or_else(|| "-".to_owned(), show)
}

fn assert_inside(node: &Node, text: &str) {
    assert!(text.get(node.span.start..node.span.end).is_some(), "{:?}", node.span);
    match &node.value {
        Value::Sequence(items) => items.iter().for_each(|item| assert_inside(item, text)),
        Value::Mapping(mapping) => mapping.entries.iter().for_each(|entry| {
            assert_inside(&entry.key, text);
            assert_inside(&entry.value, text);
        }),
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

#[test]
fn functions_in_their_short_form_and_written_out() {
    for (expression, expected) in [
        // Parameters, resources and names of the platform.
        ("!Ref Name", "web"),
        ("{Ref: Port}", "8080"),
        ("!Ref Given", "?"),
        ("!Ref Zones", "[a, b, c]"),
        ("!Ref Empty", "[]"),
        ("!Ref Subnets", "?"),
        ("!Ref Image", "?"),
        ("!Ref AWS::Region", "?"),
        ("!Ref AWS::NoValue", "-"),
        ("[a, !Ref 'AWS::NoValue', b]", "[a, b]"),
        ("!Ref Logs", "^web-logs"),
        ("!Ref Queue", "^?"),
        ("!Ref Circle", "^?"),
        ("!GetAtt Queue.Arn", "^?"),
        ("!GetAtt [Queue, Arn]", "^?"),
        ("{'Fn::GetAtt': [Queue, Arn]}", "^?"),
        // Texts.
        ("!Sub 'arn:${AWS::Partition}:iam::aws:policy/${Name}'", "arn:aws:iam::aws:policy/web"),
        ("!Sub '${AWS::Region}-${Name}'", "?"),
        ("!Sub '${Logs}/*'", "^web-logs/*"),
        ("!Sub '${Queue.Arn}/${Name}'", "^?"),
        ("!Sub '${!Name} $Name ${'", "${Name} $Name ${"),
        ("!Sub ['${x}:${Port}', {x: !Ref Name}]", "web:8080"),
        ("{'Fn::Sub': ['${x}', {x: {Ref: Name}}]}", "web"),
        ("!Join ['-', [a, !Ref Name, !Ref Port]]", "a-web-8080"),
        ("!Join ['', !Ref Zones]", "abc"),
        ("!Join [',', [a, !Ref Queue]]", "^?"),
        ("!Join [',', [a, !Ref 'AWS::NoValue', b]]", "a,b"),
        ("!Join ['', ['arn:', !Ref 'AWS::Partition', ':x']]", "arn:aws:x"),
        ("{'Fn::Base64': {'Fn::Sub': 'echo ${Name}'}}", "echo web"),
        ("!Base64\n        Fn::Join: ['', [a, b]]", "ab"),
        ("!ToJsonString {a: !Ref Name}", "{a: web}"),
        ("'{{resolve:secretsmanager:a}}'", "?"),
        ("!Sub '{{resolve:ssm:${Name}}}'", "?"),
        // Lists.
        ("!Select [1, [a, !Ref Name]]", "web"),
        ("!Select ['0', !Split [',', 'a,b']]", "a"),
        ("!Select [3, [a]]", "?"),
        ("!Select [0, !GetAZs '']", "?"),
        ("!Split ['|', 'a|b|']", "[a, b, ]"),
        ("!Split [',', !Ref Given]", "?"),
        ("!Length [a, b]", "2"),
        ("{'Fn::Length': {Ref: Zones}}", "3"),
        ("!Cidr [10.0.0.0/16, 2, 8]", "?"),
        ("!GetAZs ''", "?"),
        ("!ImportValue x", "?"),
        ("{'Fn::ImportValue': {'Fn::Sub': '${Name}-vpc'}}", "?"),
        ("{'Fn::Invented': 1}", "?"),
        // Maps.
        ("!FindInMap [Sizes, !Ref Name, small]", "t3.small"),
        ("!FindInMap [Sizes, web, zones]", "[x, y]"),
        ("!FindInMap [Sizes, !Ref Given, small]", "?"),
        ("!FindInMap [Sizes, api, small]", "?"),
        ("!FindInMap [Sizes, api, small, DefaultValue: t3.nano]", "t3.nano"),
        // Conditions.
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [Maybe, a, b]", "?"),
        ("!If [Maybe, {x: [1]}, {x: [1]}]", "{x: [1]}"),
        ("!If [Maybe, !Ref Queue, b]", "^?"),
        ("!If [Yes, !Ref 'AWS::NoValue', b]", "-"),
        ("{'Fn::If': [Either, a, b]}", "a"),
        ("!If [Both, a, b]", "b"),
        ("!If [Open, a, b]", "?"),
        ("!If [Self, a, b]", "?"),
        ("!If [Unheard, a, b]", "?"),
        ("!Equals [a, a]", "true"),
        // Macros.
        ("{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: s3://a/b}}}", "{…}"),
        ("{a: 1, 'Fn::Transform': {Name: 'AWS::Include'}}", "{a: 1, …}"),
        // What is not a function.
        ("{Condition: {StringEquals: {a: b}}}", "{Condition: {StringEquals: {a: b}}}"),
        ("{Ref: a, b: c}", "{Ref: a, b: c}"),
        ("'True'", "true"),
        ("!Sub", ""),
        ("!Join a", "?"),
        ("!If []", "?"),
    ] {
        assert_eq!(value(expression), expected, "{expression}");
    }
}

#[test]
fn a_resource_has_its_properties_its_definition_and_its_template() {
    let text = "AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Logs:
    Type: AWS::S3::Bucket
    DeletionPolicy: !If [Keep, Retain, Delete]
    Metadata: {Owner: me}
  Grants:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Logs
Conditions:
  Keep: !Equals [1, 1]
";
    let (sources, evaluated) = declared(&[("a.yaml", text)]);
    let logs = find(&evaluated, "Logs");
    assert_eq!((&*logs.kind, show(&logs.body).as_str()), ("AWS::S3::Bucket", "{}"));
    assert_eq!(&text[logs.header.start..logs.header.end], "Logs");
    assert!(text[logs.extent.start..logs.extent.end].ends_with("{Owner: me}"));
    let [(definition, tree, _), (template, root, _)] = &logs.scopes[..] else { panic!("{:?}", logs.scopes) };
    assert_eq!((*definition, *template), ("definition", "template"));
    assert_eq!(show(tree), "{Type: AWS::S3::Bucket, DeletionPolicy: Retain, Metadata: {Owner: me}}");
    assert!(root.get("Conditions").is_some());
    let project = Project::new(&sources, &evaluated);
    let number = |address: &str| project.resources.iter().position(|it| &*it.address == address).unwrap();
    let links = &project.links[number("Logs")];
    assert_eq!(links.iter().map(|link| (link.relation, link.to)).collect::<Vec<_>>(), [("Bucket", number("Grants"))]);
}

#[test]
fn a_template_and_its_parameters_are_resources_too() {
    let text = "{\"Parameters\": {\"Password\": {\"Type\": \"String\", \"NoEcho\": true}}, \"Resources\": {}}";
    let (_, evaluated) = declared(&[("a.template", text)]);
    let kinds: Vec<(&str, &str)> =
        evaluated.declared.iter().map(|declared| (&*declared.kind, &*declared.address)).collect();
    assert_eq!(kinds, [("template", "template"), ("parameter", "Password")]);
    assert_eq!(show(&find(&evaluated, "Password").body), "{Type: String, NoEcho: true}");
}

#[test]
fn resources_whose_condition_is_false_are_not_there() {
    let text = "Parameters:
  Env: {Type: String, Default: dev}
  Region: {Type: String}
Conditions:
  Prod: !Equals [prod, !Ref Env]
  Far: {'Fn::Not': [{'Fn::Equals': [{Ref: Region}, eu]}]}
Resources:
  A: {Type: AWS::A::A, Condition: Prod}
  B: {Type: AWS::B::B, Condition: Far}
  C: {Type: Custom::C, Condition: Unheard}
  D: {Type: AWS::Gone::D}
  D: {Type: AWS::D::D, Properties: {X: 1}}
  E: no resource
  F: {Properties: {}}
";
    assert_eq!(resources(text), "B AWS::B::B {}\nC Custom::C {}\nD AWS::D::D {X: 1}\n");
}

#[test]
fn loops_are_written_out() {
    let text = "Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'Red,Blue'}
  More: {Type: CommaDelimitedList}
Resources:
  'Fn::ForEach::Topics':
    - Name
    - !Ref Names
    - 'Topic${Name}':
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Ref Name
          DisplayName: !Sub 'all of ${Name}'
          'Fn::ForEach::Flags':
            - Flag
            - [A, B]
            - 'Is${Flag}': !Sub '${Name}${Flag}'
  'Fn::ForEach::Others':
    - Name
    - !Ref More
    - 'Queue${Name}':
        Type: AWS::SQS::Queue
        Properties: {QueueName: !Ref Name}
  Last:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref TopicRed}
";
    assert_eq!(
        resources(text),
        "TopicRed AWS::SNS::Topic {TopicName: Red, DisplayName: all of Red, IsA: RedA, IsB: RedB}
TopicBlue AWS::SNS::Topic {TopicName: Blue, DisplayName: all of Blue, IsA: BlueA, IsB: BlueB}
Queue${Name} AWS::SQS::Queue {QueueName: ?}
Last AWS::SNS::Subscription {TopicArn: ^?}
"
    );
    let (sources, evaluated) = declared(&[("a.yaml", text)]);
    let project = Project::new(&sources, &evaluated);
    let red = project.resources.iter().position(|it| &*it.address == "TopicRed").unwrap();
    assert_eq!(project.links[red].iter().map(|link| link.relation).collect::<Vec<_>>(), ["TopicArn"]);
}

#[test]
fn globals_of_a_serverless_application_hold_for_its_resources() {
    let text = "Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.12
    Timeout: 10
    Environment: {Variables: {A: 1, B: 2}}
    Layers: [base]
    Tracing: !If [No, Active, !Ref AWS::NoValue]
  Api: {TracingEnabled: true}
Conditions:
  No: !Equals [a, b]
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties:
      Timeout: 20
      Environment: {Variables: {B: 3}}
      Layers: [own]
  Two:
    Type: AWS::Serverless::Function
  Gate:
    Type: AWS::Serverless::Api
    Properties: {StageName: v1}
  Plain:
    Type: AWS::Lambda::Function
";
    assert_eq!(
        resources(text),
        "One AWS::Serverless::Function {Timeout: 20, Environment: {Variables: {B: 3, A: 1}}, Layers: [base, own], Runtime: python3.12}
Two AWS::Serverless::Function {Runtime: python3.12, Timeout: 10, Environment: {Variables: {A: 1, B: 2}}, Layers: [base]}
Gate AWS::Serverless::Api {StageName: v1, TracingEnabled: true}
Plain AWS::Lambda::Function {}
"
    );
}

#[test]
fn json_texts_are_trees_that_stand_where_they_are_written() {
    let text = "Resources:
  Plain:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: |
        {
          \"Statement\": [{\"Effect\": \"Allow\",
            \"Action\": \"s3:*\"}]
        }
  Quoted:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: '{\"Statement\": {\"Action\": \"sqs:*\"}}'
  Filled:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: !Sub |
        {\"Statement\": {
          \"Resource\": [\"${Plain}/*\", \"b\", \"${AWS::Region}\"],
          \"Action\": \"sns:*\"}}
  Broken:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: '{\"Statement\":', Other: '[a-z]+'}
";
    let (sources, evaluated) = declared(&[("a.yaml", text)]);
    for (address, action) in [("Plain", "\"s3:*\""), ("Quoted", "\"sqs:*\""), ("Filled", "\"sns:*\"")] {
        let body = &find(&evaluated, address).body;
        assert_inside(body, &sources[0].text);
        let mut statement = body.at(&["PolicyDocument", "Statement"]).unwrap();
        statement = statement.as_sequence().and_then(<[Node]>::first).unwrap_or(statement);
        let span = statement.get("Action").unwrap().span;
        assert_eq!(&text[span.start..span.end], action, "{address}");
    }
    let filled = find(&evaluated, "Filled").body.at(&["PolicyDocument", "Statement", "Resource"]).map(show);
    assert_eq!(filled.as_deref(), Some("[?, b, ?]"));
    assert_eq!(show(&find(&evaluated, "Broken").body), "{PolicyDocument: {\"Statement\":, Other: [a-z]+}");
}

#[test]
fn nested_stacks_are_made_of_the_templates_of_the_scan() {
    let root = "Parameters:
  Acl: {Type: String, Default: PublicRead}
Resources:
  Storage:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./nested/storage.yaml
      Parameters: {Acl: !Ref Acl, Topic: !Ref Alarms}
  Again:
    Type: AWS::Serverless::Application
    Properties:
      Location: nested/storage.yaml
  Far:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://example.com/a.yaml'}
  Farther:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: !Sub 'https://${AWS::Region}.example.com/b.yaml'}
  Alarms:
    Type: AWS::SNS::Topic
";
    let storage = "Parameters:
  Acl: {Type: String, Default: Private}
  Topic: {Type: String}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {AccessControl: !Ref Acl, Topic: !Ref Topic, Me: !Ref Deep}
  Deep:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: storage.yaml}
  Up:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ../root.yaml}
";
    let alone = "Resources: {X: {Type: 'AWS::X::X'}}\n";
    let files = [("nested/storage.yaml", storage), ("other.yaml", alone), ("root.yaml", root)];
    let (mut sources, evaluated) = declared(&files);
    let bodies = |address: &str| show(&find(&evaluated, address).body);
    // A circle has no outermost template: the first one is taken for it.
    assert_eq!(bodies("Bucket"), "{AccessControl: Private, Topic: ?, Me: ^?}");
    assert_eq!(find(&evaluated, "X").source, 1);
    let gaps: Vec<(usize, bool)> = evaluated.gaps.iter().map(|gap| (gap.source, gap.is_cut)).collect();
    assert!(gaps.contains(&(0, true)), "{:?}", evaluated.gaps);

    sources[0] = source("nested/storage.yaml", &storage[..storage.find("  Deep:").unwrap()]);
    let mut evaluated = Evaluated::default();
    evaluate(&sources, &mut evaluated);
    let bodies = |address: &str| show(&find(&evaluated, address).body);
    assert_eq!(bodies("Storage.Bucket"), "{AccessControl: PublicRead, Topic: ^?, Me: ^?}");
    assert_eq!(bodies("Again.Bucket"), "{AccessControl: Private, Topic: ?, Me: ^?}");
    assert_eq!(find(&evaluated, "Storage.Bucket").source, 0);
    assert!(evaluated.declared.iter().all(|declared| &*declared.address != "Bucket"));
    let templates = evaluated.declared.iter().filter(|declared| &*declared.kind == "template").count();
    assert_eq!(templates, 3);
    // Those that are elsewhere are told of once.
    let gaps: Vec<(usize, bool)> = evaluated.gaps.iter().map(|gap| (gap.source, gap.is_cut)).collect();
    assert_eq!(gaps, [(2, false)]);
    evaluated.declared.sort_by_key(|declared| declared.source);
    let project = Project::new(&sources, &evaluated);
    let alarms = project.resources.iter().position(|it| &*it.address == "Alarms").unwrap();
    let linked: Vec<(&str, &str)> =
        project.links[alarms].iter().map(|link| (link.relation, &*project.resources[link.to].address)).collect();
    assert_eq!(linked, [("Topic", "Storage.Bucket"), ("Parameters", "Storage")]);
}

#[test]
fn an_output_of_a_nested_stack_leads_to_the_resource_in_it() {
    let root = "Resources:
  Storage: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: storage.yaml}}
  Grants: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !GetAtt Storage.Outputs.Name}}
  Users:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: users.yaml, Parameters: {Bucket: !GetAtt [Storage, Outputs.Arn]}}
  Other: {Type: AWS::X::X, Properties: {P: !GetAtt Storage.Outputs.Unheard}}
";
    let storage = "Resources: {Bucket: {Type: AWS::S3::Bucket}}
Outputs: {Name: {Value: !Ref Bucket}, Arn: {Value: {'Fn::GetAtt': [Bucket, Arn]}}}
";
    let users = "Parameters: {Bucket: {Type: String}}
Resources: {Reader: {Type: AWS::Y::Y, Properties: {Reads: !Sub '${Bucket}/*'}}}
";
    let (sources, mut evaluated) = declared(&[("root.yaml", root), ("storage.yaml", storage), ("users.yaml", users)]);
    evaluated.declared.sort_by_key(|declared| declared.source);
    let project = Project::new(&sources, &evaluated);
    let linked = |address: &str| -> Vec<(&str, &str)> {
        let number = project.resources.iter().position(|it| &*it.address == address).unwrap();
        let links = project.links[number].iter();
        links.map(|link| (link.relation, &*project.resources[link.to].address)).collect()
    };
    assert_eq!(linked("Storage.Bucket"), [("Bucket", "Grants"), ("Parameters", "Users"), ("Reads", "Users.Reader")]);
    assert_eq!(linked("Storage"), [("P", "Other")]);
}

#[test]
fn hostile_templates_are_cut_not_followed() {
    // Each text is ten of the one before it.
    let mut doubling =
        String::from("Resources:\n  R0: {Type: 'AWS::S3::Bucket', Properties: {BucketName: xxxxxxxxxxxxxxxx}}\n");
    for number in 1..40 {
        let parts = format!("!Ref R{},", number - 1).repeat(10);
        let _ = writeln!(
            doubling,
            "  R{number}: {{Type: 'AWS::S3::Bucket', Properties: {{BucketName: !Join ['', [{parts}]]}}}}"
        );
    }
    let mut chain = String::from("Conditions:\n");
    for number in 0..20_000 {
        let _ = writeln!(chain, "  C{number}: {{Condition: C{}}}", number + 1);
    }
    chain.push_str("Resources:\n  A: {Type: 'AWS::A::A', Condition: C0}\n");
    let mut loops = String::from("Resources:\n  A:\n    Type: AWS::A::A\n    Properties: ");
    for number in 0..40 {
        let _ = write!(loops, "{{'Fn::ForEach::L{number}': [V{number}, [a,b,c,d,e,f,g,h], ");
    }
    loops.push_str("{x: y}");
    loops.push_str(&"]}".repeat(40));
    loops.push('\n');
    for text in [&doubling, &chain, &loops] {
        let (_, evaluated) = declared(&[("a.yaml", text)]);
        assert!(evaluated.gaps.iter().any(|gap| gap.is_cut), "{:?}", evaluated.gaps);
    }
}

#[test]
fn a_template_is_json_or_yaml_by_its_text() {
    for (path, text) in [
        ("a.yaml", "{\"Resources\": {\"A\": {\"Type\": \"AWS::A::A\"}}}"),
        ("a.template", "Resources:\n  A: {Type: 'AWS::A::A', Properties: {P: '{{resolve:ssm:x}}'}}\n"),
        ("a.json", "{Resources: {A: {Type: 'AWS::A::A'}}}"),
        ("a.template.json", "// made\n{\"Resources\": {\"A\": {\"Type\": \"AWS::A::A\"}}}"),
    ] {
        let (_, evaluated) = declared(&[(path, text)]);
        assert_eq!(&*find(&evaluated, "A").kind, "AWS::A::A", "{path}");
    }
}
