use super::*;
use crate::document::yaml;
use crate::framework::{self, Resource, Scope};
use crate::rules::load::load;

/// Evaluates a rule with this `applies` entry on the resource `text`, and gives what is reported as `attribute@source`.
fn check(binding: &str, text: &str) -> String {
    let mut outcome = PolicyOutcome::default();
    evaluate(binding, text, &mut outcome);
    let show = |detection: &PolicyDetection| {
        format!("{}@{}", detection.attribute, &text[detection.span.start..detection.span.end])
    };
    outcome.detections.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// Evaluates a rule with this `applies` entry on the resource `text`.
fn evaluate(binding: &str, text: &str, outcome: &mut PolicyOutcome) {
    let head = "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n";
    let rules = load(
        "p",
        &format!("{head}  parameters: {{names: {{default: [a, b], description: d}}}}\n  applies:\n  - {binding}\n"),
    );
    let catalogue = Catalogue::new(rules.unwrap());
    let engine = PolicyEngine::new(&catalogue, |_| true, &ParameterValues::new()).unwrap();
    let document = &yaml::parse(text).unwrap()[0];
    let resource = Resource {
        source: 0,
        kind: "Thing".into(),
        address: "thing".into(),
        body: std::borrow::Cow::Borrowed(document),
        base: String::new(),
        header: Span::new(0, 1),
        extent: document.span,
        scopes: document
            .get("pod")
            .map(|pod| Scope {
                name: "pod",
                node: std::borrow::Cow::Borrowed(pod),
                base: "pod".into(),
                header: pod.span,
            })
            .into_iter()
            .collect(),
        object: 0,
    };
    let mut project = Project::default();
    project.resources.push(resource);
    project.platforms.push(Platform::Kubernetes);
    project.links.push(Vec::new());
    project.views.push(vec![0]);
    engine.evaluate(&project, 0, outcome);
}

fn deny(condition: &str, text: &str) -> String {
    check(&format!("{{kubernetes: [Thing], deny: {condition}}}"), text)
}

fn require(condition: &str, text: &str) -> String {
    check(&format!("{{kubernetes: [Thing], require: {condition}}}"), text)
}

#[test]
fn the_offending_value_is_reported() {
    assert_eq!(deny("{at: a.b, equals: true}", "a: {b: true}\n"), "a.b@true");
    assert_eq!(deny("{at: a.b, equals: true}", "a: {b: false}\n"), "");
    assert_eq!(deny("{at: a.b, equals: true}", "a: {}\n"), "");
    assert_eq!(require("{at: a.b, equals: true}", "a: {b: false}\n"), "a.b@false");
}

#[test]
fn a_missing_attribute_is_reported_at_the_deepest_parent() {
    assert_eq!(require("{at: a.b.c, equals: true}", "a: {b: {x: 1}}\n"), "a.b.c@b");
    assert_eq!(require("{at: a.b.c, equals: true}", "a: {}\n"), "a.b@a");
    assert_eq!(require("{at: x.b, exists: true}", "a: {}\n"), "x@a");
}

#[test]
fn each_of_several_values_is_looked_at_by_itself() {
    let text = "l: [{p: 1}, {p: 2}, {p: 1}]\n";
    assert_eq!(deny("{at: 'l[*].p', equals: 1}", text), "l[0].p@1 l[2].p@1");
    assert_eq!(require("{at: 'l[*].p', equals: 1}", text), "l[1].p@2");
    assert_eq!(deny("{not: {at: 'l[*].p', equals: 1}}", text), "l[1].p@2");
    assert_eq!(require("{not: {at: 'l[*].p', equals: 1}}", text), "l[0].p@1 l[2].p@1");
    assert_eq!(require("{at: 'l[*].p', equals: 1}", "l: []\n"), "");
}

#[test]
fn quantifiers_report_their_items() {
    let text = "l: [{p: 1, q: 1}, {p: 1}, {p: 2}]\n";
    let that = "{all: [{at: p, equals: 1}, {at: q, absent: true}]}";
    assert_eq!(deny(&format!("{{some: l, that: {that}}}"), text), "l[1].p@1");
    assert_eq!(require("{each: l, that: {at: q, exists: true}}", text), "l[1].q@p l[2].q@p");
    assert_eq!(require("{some: l, that: {at: p, equals: 3}}", text), "l@l");
    assert_eq!(require("{some: l, that: {at: p, equals: 3}}", "a: 1\n"), "l@a");
    assert_eq!(require("{each: l, that: {at: p, equals: 3}}", "a: 1\n"), "");
    assert_eq!(deny("{some: l, that: {at: ., equals: x}}", "l: [y, x]\n"), "l[1]@x");
}

#[test]
fn of_parts_that_decide_together_the_most_telling_is_reported() {
    let text = "kind: x\nl: [1, 2]\n";
    assert_eq!(deny("{all: [{at: kind, equals: x}, {some: l, that: {at: ., equals: 2}}]}", text), "l[1]@2");
    assert_eq!(deny("{all: [{at: none, absent: true}, {at: kind, equals: x}]}", text), "kind@x");
    assert_eq!(require("{any: [{at: none, exists: true}, {at: kind, equals: y}]}", text), "kind@x");
    assert_eq!(require("{all: [{at: none, exists: true}, {at: kind, equals: y}]}", text), "none@k kind@x");
}

#[test]
fn alternatives_fall_back_in_order() {
    let path = "a|$pod.a";
    let condition = format!("{{at: {path}, equals: 1}}");
    assert_eq!(require(&condition, "a: 1\npod: {a: 2}\n"), "");
    assert_eq!(require(&condition, "a: 3\npod: {a: 1}\n"), "a@3");
    assert_eq!(require(&condition, "pod: {a: 1}\n"), "");
    assert_eq!(require(&condition, "pod: {a: 2}\n"), "pod.a@2");
    assert_eq!(require(&condition, "pod: {}\n"), "a@p");
}

#[test]
fn the_key_of_an_entry_can_be_asked_for() {
    let condition = "{some: 'data.*', that: {all: [{at: ., exists: true}, {at: $key, matches: pass}]}}";
    assert_eq!(deny(condition, "data: {user: a, password: b, pass: }\n"), "data.password@b");
    assert_eq!(deny("{at: $key, exists: true}", "data: 1\n"), "");
}

#[test]
fn parameters_stand_for_their_values() {
    assert_eq!(require("{at: n, in: '${names}'}", "n: b\n"), "");
    assert_eq!(require("{at: n, in: '${names}'}", "n: c\n"), "n@c");
}

#[test]
fn a_user_replaces_the_value_of_a_parameter_that_there_is() {
    let rules = "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  \
                 parameters: {names: {default: [a], description: d}}\n  \
                 applies: [{kubernetes: [Thing], deny: {at: n, in: '${names}'}}]\n";
    let catalogue = Catalogue::new(load("p", rules).unwrap());
    let set = |name: &str| {
        let values = BTreeMap::from([(name.to_owned(), vec!["b".to_owned()])]);
        PolicyEngine::new(&catalogue, |_| true, &BTreeMap::from([("x".to_owned(), values)])).map(drop)
    };
    assert_eq!(set("names"), Ok(()));
    assert_eq!(set("name"), Err(vec!["rule `x`: unknown parameter `name`; did you mean `names`?".to_owned()]));
}

#[test]
fn a_rule_whose_parameter_has_no_value_waits() {
    let rules = "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  \
                 parameters: {names: {default: [], description: d}}\n  \
                 applies: [{kubernetes: [Thing], require: {at: n, in: '${names}'}}]\n";
    let catalogue = Catalogue::new(load("p", rules).unwrap());
    let engine = |parameters| PolicyEngine::new(&catalogue, |_| true, &parameters).unwrap();
    assert!(!engine(ParameterValues::new()).wants(Platform::Kubernetes));
    let values = BTreeMap::from([("names".to_owned(), vec!["b".to_owned()])]);
    assert!(engine(BTreeMap::from([("x".to_owned(), values)])).wants(Platform::Kubernetes));
}

/// A scan compiles them only when it meets what they look at, too late for an error.
#[test]
fn every_builtin_rule_compiles() {
    let catalogue = Catalogue::new(crate::rules::builtin::rules());
    let mut compiled = 0;
    for rule in catalogue.rules() {
        let Detect::Policy(policy) = &rule.detect else { continue };
        for binding in &policy.bindings {
            let result = compile_demand(policy, None, &binding.demand);
            assert!(result.is_ok(), "{}: {:?}", rule.id, result.err());
            compiled += 1;
        }
    }
    assert!(compiled > 1_000, "{compiled}");
}

#[test]
fn a_mistake_in_a_rule_of_the_user_is_told_at_once() {
    let rules = "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  \
                 applies: [{kubernetes: [Thing], deny: {at: n, lt: many}}]\n";
    let catalogue = Catalogue::new(load("p", rules).unwrap());
    let errors = PolicyEngine::new(&catalogue, |_| true, &ParameterValues::new()).map(drop).unwrap_err();
    assert!(errors[0].starts_with("rule `x`: "), "{errors:?}");
    assert!(PolicyEngine::new(&catalogue, |_| false, &ParameterValues::new()).is_ok());
}

#[test]
fn native_checks_report_the_item() {
    let binding = |name: &str| format!("{{kubernetes: [Thing], native: {name}}}");
    let text = "env: [{name: a}, {name: b}, {name: a}]\n";
    assert_eq!(check(&binding("duplicate-environment-variable"), text), "env[2].name@a");
    assert_eq!(check(&binding("unsorted-keys"), "a: {c: 1, b: 2}\nd: 1\n"), "a.b@b");
    assert_eq!(check(&binding("unsorted-keys"), "a: [{b: 1, c: 2}]\nd: 1\n"), "");
    let text = "env: [{name: a, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n";
    assert_eq!(check(&binding("dangling-environment-reference"), text), "env[0].valueFrom@s");
    let optional = text.replace("key: k", "key: k, optional: true");
    assert_eq!(check(&binding("dangling-environment-reference"), &optional), "");
}

#[test]
fn when_and_report_frame_a_binding() {
    let binding = "{kubernetes: [Thing], when: {at: k, equals: 1}, deny: {at: a, equals: 1}, report: c.d}";
    assert_eq!(check(binding, "k: 1\na: 1\nc: {d: 5}\n"), "c.d@5");
    assert_eq!(check(binding, "k: 2\na: 1\nc: {d: 5}\n"), "");
}

#[test]
fn values_of_another_attribute_can_be_asked_for() {
    let condition = "{at: port, in_values: 'ports[*].p'}";
    assert_eq!(require(condition, "port: 80\nports: [{p: 1}, {p: 80}]\n"), "");
    assert_eq!(require(condition, "port: 81\nports: [{p: 1}, {p: 80}]\n"), "port@81");
}

#[test]
fn what_would_take_too_many_steps_decides_nothing() {
    let binding = "{kubernetes: [Thing], require: {each: a, that: {at: ., in_values: '$resource.b[*]'}}}";
    let text = format!("a: [{}]\nb: [{}]\n", "x, ".repeat(100), "y, ".repeat(100));
    let outcome_after = |spent: usize| {
        let mut outcome = PolicyOutcome { spent, ..PolicyOutcome::default() };
        evaluate(binding, &text, &mut outcome);
        (outcome.is_exhausted(), outcome.detections.len(), outcome.undecided.len())
    };
    assert_eq!(outcome_after(0), (false, 100, 0));
    assert_eq!(outcome_after(MAX_STEPS - 10_000), (true, 0, 0));
}

/// What a rule with this `applies` entry reports of the configuration `text`, as addresses.
fn check_terraform(binding: &str, text: &str) -> String {
    let head =
        "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  applies:\n  - ";
    let catalogue = Catalogue::new(load("p", &format!("{head}{binding}\n")).unwrap());
    let engine = PolicyEngine::new(&catalogue, |_| true, &ParameterValues::new()).unwrap();
    let mut sources = vec![framework::read(Platform::Terraform, &"main.tf".into(), text)];
    let evaluated = framework::prepare(&mut sources);
    let project = Project::new(&sources, &evaluated);
    let mut outcome = PolicyOutcome::default();
    for resource in 0..project.resources.len() {
        engine.evaluate(&project, resource, &mut outcome);
    }
    let addresses = outcome.detections.iter().map(|detection| &*project.resources[detection.resource].address);
    addresses.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_else_is_declared_can_be_asked_for() {
    let binding =
        "{terraform: [aws_sqs_queue], require: {declared: [aws_kms_key], that: {at: alias, in_values: $this.name}}}";
    let queue = "resource \"aws_sqs_queue\" \"q\" {\n  name = \"a\"\n}\n";
    let key = |alias: &str| format!("variable \"v\" {{}}\nresource \"aws_kms_key\" \"k\" {{\n  alias = {alias}\n}}\n");
    assert_eq!(check_terraform(binding, queue), "aws_sqs_queue.q");
    assert_eq!(check_terraform(binding, &format!("{queue}{}", key("\"b\""))), "aws_sqs_queue.q");
    assert_eq!(check_terraform(binding, &format!("{queue}{}", key("\"a\""))), "");
    assert_eq!(check_terraform(binding, &format!("{queue}{}", key("var.v"))), "");
}

/// What a rule for Terraform with this `applies` entry reports of the policy `text` of a queue, as `attribute@source`.
fn check_policy(binding: &str, text: &str) -> String {
    let head =
        "rules:\n- id: x\n  title: t\n  category: privilege\n  description: d\n  remediation: r\n  applies:\n  - ";
    let catalogue = Catalogue::new(load("p", &format!("{head}{binding}\n")).unwrap());
    let engine = PolicyEngine::new(&catalogue, |_| true, &ParameterValues::new()).unwrap();
    let body = yaml::parse(text).unwrap().remove(0);
    let queue = framework::declared::Declared {
        source: 0,
        kind: "aws_sqs_queue_policy".into(),
        address: "aws_sqs_queue_policy.a".into(),
        marks: Vec::new(),
        header: body.span,
        extent: body.span,
        body,
        base: String::new(),
        scopes: Vec::new(),
        behind: 0,
        sites: std::sync::Arc::new([]),
    };
    let mut evaluated =
        framework::declared::Evaluated { declared: vec![queue], ..framework::declared::Evaluated::default() };
    framework::iam::add_views(&mut evaluated);
    let source = framework::Source {
        path: "main.tf".into(),
        text: text.into(),
        platform: Platform::Terraform,
        document: crate::document::Document::default(),
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    };
    let sources = [source];
    let project = Project::new(&sources, &evaluated);
    let mut outcome = PolicyOutcome::default();
    for resource in 0..project.resources.len() {
        engine.evaluate(&project, resource, &mut outcome);
    }
    let show = |detection: &PolicyDetection| {
        format!("{}@{}", detection.attribute, &text[detection.span.start..detection.span.end])
    };
    outcome.detections.iter().map(show).collect::<Vec<_>>().join(" ")
}

#[test]
fn statements_of_policies_are_reported_where_they_are_written() {
    let text = "queue_url: q\npolicy:\n  Statement:\n  - {Effect: Allow, Principal: '*', Action: ['sqs:*', 'iam:PutUserPolicy']}\n  - {Effect: Deny, Action: 'sqs:*'}\n  - {Effect: Allow, Action: '*', Resource: '*'}\n";
    for (binding, expected) in [
        ("{terraform: [iam-statement], deny: {at: is_public, equals: true}}", "policy.Statement[0].is_public@'*'"),
        (
            "{terraform: [iam-statement], when: {at: effect, equals: Allow}, deny: {at: 'actions[*]', ends_with: ':*'}}",
            "policy.Statement[0].actions[0]@'sqs:*'",
        ),
        (
            "{terraform: [iam-statement], require: {at: has_condition, equals: true}, when: {at: $object.queue_url, equals: q}}",
            "policy.Statement[0].has_condition@Effect policy.Statement[1].has_condition@Effect policy.Statement[2].has_condition@Effect",
        ),
        (
            "{terraform: [iam-statement], deny: {at: sid, absent: true}, when: {all: [{at: effect, equals: Deny}, {at: $policy.kind, equals: resource}]}}",
            "policy.Statement[1].sid@Effect",
        ),
        (
            "{terraform: [iam-statement], deny: {at: ., iam_grants_escalation: true}, report: actions}",
            "policy.Statement[2].actions@'*'",
        ),
        (
            "{terraform: [iam-policy], deny: {at: ., iam_allows: 'iam:PutUserPolicy'}, report: kind}",
            "policy.kind@policy",
        ),
        (
            "{terraform: [aws_sqs_queue_policy], deny: {at: policy, iam_allows: 'iam:PutUserPolicy'}, report: queue_url}",
            "queue_url@q",
        ),
    ] {
        assert_eq!(check_policy(binding, text), expected, "{binding}");
    }
}
