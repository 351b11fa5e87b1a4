//! `iam_grants_escalation`: whether the holder of a policy of AWS can make themselves more than they are.
//!
//! The methods are those that Rhino Security Labs published, with what was found since for other services that run code as a
//! role. Each is a set of actions; a policy grants it when it allows each of them on resources without a name, and denies
//! none. A statement with a condition neither allows nor denies, and one with a principal is no grant to a holder.
//!
//! Source: <https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/>

use std::collections::BTreeMap;

use super::super::truth::Truth;
use super::iam::{Element, Names, any_of, element, has_action, has_effect, policy, statements};
use super::{all, any};
use crate::document::node::{Node, Value};

const RESOURCES: Names = ["Resource", "resources"];
const NOT_RESOURCES: Names = ["NotResource", "not_resources"];
const CONDITIONS: Names = ["Condition", "conditions"];
const PRINCIPALS: Names = ["Principal", "principals"];

/// Parts of an ARN in front of the resource: `arn:partition:service:region:account:`.
const ARN_PARTS: usize = 6;

/// Sets of actions, each of which is enough.
const METHODS: &[&[&str]] = &[
    // Rights of users, groups and roles, one's own among them.
    &["iam:AddUserToGroup"],
    &["iam:AttachGroupPolicy"],
    &["iam:AttachRolePolicy"],
    &["iam:AttachUserPolicy"],
    &["iam:CreatePolicyVersion"],
    &["iam:PutGroupPolicy"],
    &["iam:PutRolePolicy"],
    &["iam:PutUserPolicy"],
    &["iam:SetDefaultPolicyVersion"],
    &["iam:UpdateAssumeRolePolicy"],
    // Credentials of others.
    &["iam:CreateAccessKey"],
    &["iam:CreateLoginProfile"],
    &["iam:UpdateLoginProfile"],
    &["sts:AssumeRole"],
    // A service that runs code as a role that it is given.
    &["iam:PassRole", "autoscaling:CreateAutoScalingGroup", "autoscaling:CreateLaunchConfiguration"],
    &["iam:PassRole", "cloudformation:CreateStack"],
    &["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"],
    &["iam:PassRole", "codestar:CreateProject"],
    &["iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    &["iam:PassRole", "ec2:RunInstances"],
    &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"],
    &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"],
    &["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"],
    &["iam:PassRole", "glue:CreateDevEndpoint"],
    &["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"],
    &["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
    &["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"],
    &["iam:PassRole", "sagemaker:CreateProcessingJob"],
    &["iam:PassRole", "sagemaker:CreateTrainingJob"],
    &["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"],
    // Code that runs as a role already.
    &["codestar:AssociateTeamMember", "codestar:CreateProject"],
    &["glue:UpdateDevEndpoint"],
    &["glue:UpdateJob", "glue:StartJobRun"],
    &["lambda:UpdateFunctionCode"],
    &["sagemaker:CreatePresignedNotebookInstanceUrl"],
];

/// Whether a policy grants one of the methods, or (`false`) none.
pub(super) struct Escalation {
    wanted: bool,
}

impl Escalation {
    pub(super) fn new(wanted: bool) -> Self {
        Self { wanted }
    }

    pub(super) fn on(&self, node: &Node) -> Truth {
        let grants = match policy(node) {
            Ok(policy) => grants_a_method(statements(&policy)),
            Err(truth) => truth,
        };
        if self.wanted { grants } else { !grants }
    }
}

fn grants_a_method(statements: Element<'_>) -> Truth {
    let mut known: BTreeMap<&str, Truth> = BTreeMap::new();
    let mut grants = |action: &'static str| *known.entry(action).or_insert_with(|| grants_action(statements, action));
    any(METHODS.iter().map(|method| all(method.iter().map(|action| grants(action)))))
}

fn grants_action(statements: Element<'_>, action: &str) -> Truth {
    let is_about = |statement: &Node, effect, is_wide: &dyn Fn(&Node) -> Truth| {
        let applies = has_effect(statement, effect).and(has_action(statement, action));
        applies.and(!is_there(statement, CONDITIONS)).and(is_wide(statement))
    };
    let allows = |statement: &Node| {
        let is_wide = |statement: &Node| on_resources(statement, action).and(!is_there(statement, PRINCIPALS));
        is_about(statement, "Allow", &is_wide)
    };
    let denies = |statement: &Node| {
        is_about(statement, "Deny", &|statement| {
            any_of(element(statement, RESOURCES), |resource| Truth::from(resource.as_str() == Some("*")))
        })
    };
    any_of(statements, allows).and(!any_of(statements, denies))
}

/// Whether a statement has the element.
fn is_there(statement: &Node, names: Names) -> Truth {
    match element(statement, names) {
        Element::Present(Node { value: Value::Unknown, .. }) | Element::Unknown => Truth::Unknown,
        Element::Present(_) => Truth::True,
        Element::Absent => Truth::False,
    }
}

/// Whether a statement is about resources of the kind that `action` takes, whatever their names.
fn on_resources(statement: &Node, action: &str) -> Truth {
    let named = any_of(element(statement, RESOURCES), |resource| {
        Truth::from(resource.as_str().is_some_and(|resource| is_nameless(resource, action)))
    });
    named.or(is_there(statement, NOT_RESOURCES))
}

/// `*`, or an ARN with nothing but wildcards behind the type of resource: `arn:aws:iam::*:role/*`.
fn is_nameless(resource: &str, action: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(ARN_PARTS, ':').collect();
    let service = action.split(':').next().unwrap_or_default();
    let is_of_service = match parts.get(2) {
        Some(&of) => of == service || of.contains('*') || (of, service) == ("iam", "sts"),
        None => true,
    };
    let name = match parts.as_slice() {
        [_, _, _, _, _, resource] => resource.split_once(['/', ':']).map_or(*resource, |(_, name)| name),
        [.., last] => last,
        [] => "",
    };
    is_of_service && name.contains('*') && name.chars().all(|c| matches!(c, '*' | '/' | ':'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{SPAN, list, outcomes, text, unknown};
    use super::*;
    use crate::document::node::{Entry, Mapping};
    use crate::rules::condition::Test;
    use Truth::{False, True, Unknown};

    fn escalates(node: Option<&Node>) -> Truth {
        let [yes, no] = outcomes(&[Test::IamGrantsEscalation(true), Test::IamGrantsEscalation(false)], node);
        if node.is_some() {
            assert_eq!(yes, !no, "{node:?}");
        }
        yes
    }

    /// The outcome of a document with these statements, written as JSON.
    fn of(statements: &str) -> Truth {
        escalates(Some(&text(&format!("{{\"Version\": \"2012-10-17\", \"Statement\": [{statements}]}}"))))
    }

    fn allow(actions: &str) -> String {
        format!(r#"{{"Effect": "Allow", "Action": [{actions}], "Resource": "*"}}"#)
    }

    #[test]
    fn a_set_of_actions_escalates_when_all_of_it_is_granted() {
        for (actions, expected) in [
            (r#""*""#, True),
            (r#""iam:*""#, True),
            (r#""iam:CreatePolicyVersion""#, True),
            (r#""IAM:attachuser*""#, True),
            (r#""sts:AssumeRole""#, True),
            (r#""iam:Get*", "iam:List*""#, False),
            (r#""s3:*""#, False),
            (r#""iam:PassRole""#, False),
            (r#""iam:PassRole", "lambda:CreateFunction""#, False),
            (r#""iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction""#, True),
            (r#""iam:PassRole", "ec2:*""#, True),
            (r#""ec2:RunInstances""#, False),
        ] {
            assert_eq!(of(&allow(actions)), expected, "{actions}");
        }
        let apart = [allow(r#""iam:PassRole""#), allow(r#""ec2:RunInstances""#)].join(",");
        assert_eq!(of(&apart), True);
    }

    #[test]
    fn resources_conditions_and_denials_count() {
        let grant = |rest: &str| format!(r#"{{"Effect": "Allow", "Action": "iam:PutUserPolicy", {rest}}}"#);
        for (rest, expected) in [
            (r#""Resource": "*""#, True),
            (r#""Resource": ["x", "arn:aws:iam::*:user/*"]"#, True),
            (r#""Resource": "arn:aws:iam::111122223333:*""#, True),
            (r#""Resource": "arn:aws:iam::111122223333:user/${aws:username}""#, False),
            (r#""Resource": "arn:aws:iam::*:user/deploy-*""#, False),
            (r#""Resource": "arn:aws:s3:::*""#, False),
            (r#""NotResource": "arn:aws:iam::111122223333:user/root""#, True),
            (r#""Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}"#, False),
            (r#""Resource": "*", "Condition": {}"#, True),
            (r#""Resource": "*", "Principal": "*""#, False),
            (r#""Sid": "a""#, False),
        ] {
            assert_eq!(of(&grant(rest)), expected, "{rest}");
        }
        let everything = r#"{"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "*"}"#;
        for (denial, expected) in [
            (r#""Action": "iam:*", "Resource": "*""#, False),
            (r#""NotAction": "s3:*", "Resource": "*""#, False),
            (r#""Action": "iam:Get*", "Resource": "*""#, True),
            (r#""Action": "iam:*", "Resource": "arn:aws:iam::111122223333:user/root""#, True),
            (r#""Action": "iam:*", "Resource": "*", "Condition": {"Bool": {"a": "true"}}"#, True),
        ] {
            assert_eq!(of(&format!("{everything}, {{\"Effect\": \"Deny\", {denial}}}")), expected, "{denial}");
        }
        assert_eq!(of(r#"{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}"#), True);
        assert_eq!(of(r#"{"Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}"#), True);
    }

    #[test]
    fn the_truth_table_of_trees() {
        let view = |actions: Node, resources: Node, is_open: bool| {
            let entry = |key: &str, value: Node| Entry::new(SPAN, key, value);
            let entries = vec![
                entry("effect", text("Allow")),
                entry("actions", actions),
                entry("not_actions", list([])),
                entry("resources", resources),
                entry("not_resources", list([])),
                entry("principals", list([])),
                entry("conditions", list([])),
            ];
            Node::new(SPAN, Value::Mapping(Mapping { entries, is_open }))
        };
        let put = || list([text("iam:PutUserPolicy")]);
        let policy = |statements: Node| Node::mapping(SPAN, vec![Entry::new(SPAN, "statements", statements)]);
        for (node, expected) in [
            (None, False),
            (Some(unknown()), Unknown),
            (Some(text("AdministratorAccess")), False),
            (Some(list([])), False),
            (Some(view(put(), list([text("*")]), false)), True),
            (Some(view(put(), list([unknown()]), false)), Unknown),
            (Some(view(unknown(), list([text("*")]), false)), Unknown),
            (Some(view(list([text("s3:*")]), list([unknown()]), false)), False),
            (Some(view(put(), list([text("*")]), true)), True),
            (Some(policy(list([view(put(), list([text("*")]), false)]))), True),
            // What is not known may deny it.
            (Some(policy(list([view(put(), list([text("*")]), false), unknown()]))), Unknown),
            (Some(policy(list([]))), False),
        ] {
            assert_eq!(escalates(node.as_ref()), expected, "{node:?}");
        }
    }
}
