//! The values of a template.

use std::cell::Cell;
use std::collections::HashMap;

use super::function::{Call, Function};
use super::json_text;
use super::parameters;
use super::template::Template;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::{mark, marked};
use crate::span::Span;

/// Deepest nesting of values, references to other parts of the template included.
const MAX_DEPTH: usize = 256;
/// Most steps that the templates of a scan take: about one for each node and each 32 bytes that are copied.
const MAX_STEPS: usize = 8_000_000;
/// Most steps that one template takes with one set of parameters.
const MAX_TEMPLATE_STEPS: usize = 1_000_000;
/// Longest text that is put together, in bytes.
pub(super) const MAX_TEXT: usize = 1 << 20;

/// What evaluation may still cost, for all templates of a scan.
#[derive(Debug)]
pub(super) struct Budget {
    left: Cell<usize>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(MAX_STEPS) }
    }
}

/// A template under evaluation, with the parameters of one stack.
pub(super) struct Evaluator<'t> {
    pub(super) template: &'t Template<'t>,
    /// What is evaluated together: the number of the outermost template.
    pub(super) world: usize,
    /// In front of the logical ids of a nested stack: `Network.`.
    pub(super) prefix: String,
    parameters: HashMap<&'t str, Node>,
    /// Conditions that were looked at; one that is being looked at is unknown.
    pub(super) conditions: HashMap<&'t str, Option<bool>>,
    /// The variables of the loops around the value in hand.
    pub(super) loops: Vec<(String, Node)>,
    budget: &'t Budget,
    /// Steps that this template may still take.
    left: usize,
    depth: usize,
    /// What references to the resources that were looked at give.
    names: HashMap<&'t str, Option<Node>>,
    /// A bound cut something.
    pub(super) is_cut: bool,
}

impl<'t> Evaluator<'t> {
    /// An evaluator of `template`. `given` are the parameters that the stack of a parent passes.
    pub(super) fn new(
        template: &'t Template<'t>,
        world: usize,
        prefix: String,
        given: Option<&Node>,
        budget: &'t Budget,
    ) -> Self {
        Self {
            template,
            world,
            prefix,
            parameters: parameters::values(template, given),
            conditions: HashMap::new(),
            loops: Vec::new(),
            budget,
            left: MAX_TEMPLATE_STEPS,
            depth: 0,
            names: HashMap::new(),
            is_cut: false,
        }
    }

    /// Takes the steps for `bytes` of text that are looked at or copied; `false` when none are left.
    pub(super) fn charge(&mut self, bytes: usize) -> bool {
        let cost = 1 + bytes / 32;
        let left = self.left.min(self.budget.left.get());
        if left < cost {
            self.is_cut = true;
            return false;
        }
        self.left -= cost;
        self.budget.left.set(self.budget.left.get().saturating_sub(cost));
        true
    }

    /// The value of `node`; `None` when it is `AWS::NoValue`, as if it were not written.
    pub(super) fn value(&mut self, node: &Node) -> Option<Node> {
        self.deeper(node, |this| match Call::short(node) {
            Some(call) => this.call(call, node.span),
            None => this.without_tag(node),
        })
    }

    /// The value of the argument of a function.
    pub(super) fn argument(&mut self, call: Call<'_>) -> Option<Node> {
        let node = call.argument;
        if call.is_tag { self.deeper(node, |this| this.without_tag(node)) } else { self.value(node) }
    }

    fn deeper(&mut self, node: &Node, evaluate: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        if !self.charge(node.as_str().map_or(0, str::len)) {
            return Some(Node::unknown(node.span));
        }
        self.nested(evaluate).unwrap_or_else(|| Some(Node::unknown(node.span)))
    }

    /// What `evaluate` gives one level deeper; `None` below the deepest.
    pub(super) fn nested<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.is_cut = true;
            return None;
        }
        self.depth += 1;
        let value = evaluate(self);
        self.depth -= 1;
        Some(value)
    }

    fn without_tag(&mut self, node: &Node) -> Option<Node> {
        if let Some(call) = Call::long(node) {
            return self.call(call, node.span);
        }
        match &node.value {
            Value::Scalar { text, plain } => Some(self.written(text, *plain, node.span)),
            Value::Sequence(items) => {
                Some(Node::sequence(node.span, items.iter().filter_map(|item| self.value(item)).collect()))
            }
            Value::Mapping(mapping) => Some(self.mapping(mapping, node.span)),
            Value::Unknown => Some(Node::unknown(node.span)),
        }
    }

    fn mapping(&mut self, mapping: &Mapping, span: Span) -> Node {
        let mut entries = Vec::with_capacity(mapping.entries.len());
        let is_open = self.each_entry(&mapping.entries, &mut |this, entry| {
            if let Some(value) = this.value(&entry.value) {
                let key = this.key(&entry.key);
                entries.push(Entry { key, value });
            }
        });
        Node::new(span, Value::Mapping(Mapping { entries, is_open: mapping.is_open || is_open }))
    }

    /// A key with the variables of the loops around it put in.
    pub(super) fn key(&self, key: &Node) -> Node {
        match key.as_str() {
            Some(name) if !self.loops.is_empty() => Node::text(key.span, self.with_variables(name)),
            _ => key.clone(),
        }
    }

    /// A scalar as it is written.
    fn written(&mut self, text: &str, plain: bool, span: Span) -> Node {
        match json_text::tree(text, &[], self.template.text, span) {
            Some(tree) if !plain => tree,
            _ => literal(text, plain, span),
        }
    }

    fn call(&mut self, call: Call<'_>, span: Span) -> Option<Node> {
        let argument = call.argument;
        let unknown = Node::unknown(span);
        Some(match call.function {
            Function::Ref => match self.name_of(call) {
                Some(name) => return self.reference(&name, span),
                None => unknown,
            },
            Function::If => return self.choice(argument, span),
            // What rules look at is the text, and not how it is sent.
            Function::Base64 => Node { span, ..self.argument(call)? },
            // A JSON text stands as its tree, so the tree may stand for the text.
            Function::ToJsonString => Node { span, ..self.argument(call)? },
            Function::GetAtt => self.get_attribute(call, span),
            Function::Sub => self.substitute(argument, span),
            Function::Join => self.join(argument, span),
            Function::Select => self.select(argument, span),
            Function::Split => self.split(argument, span),
            Function::FindInMap => return self.find_in_map(argument, span),
            Function::Length => match self.argument(call)?.as_sequence() {
                Some(items) => Node::plain(span, items.len().to_string()),
                None => unknown,
            },
            Function::And | Function::Condition | Function::Equals | Function::Not | Function::Or => {
                match self.decide(call) {
                    Some(truth) => Node::plain(span, if truth { "true" } else { "false" }),
                    None => unknown,
                }
            }
            Function::Transform => Node::new(span, Value::Mapping(Mapping { entries: Vec::new(), is_open: true })),
            Function::Late => unknown,
        })
    }

    /// The name that a function like `Ref` is applied to.
    pub(super) fn name_of(&mut self, call: Call<'_>) -> Option<String> {
        if call.function != Function::Ref {
            return None;
        }
        let name = self.argument(call)?;
        name.as_str().map(|name| self.with_variables(name))
    }

    /// What `Ref: name` gives.
    pub(super) fn reference(&mut self, name: &str, span: Span) -> Option<Node> {
        let variable = self.loops.iter().rev().find(|(variable, _)| variable == name).map(|(_, value)| value);
        if let Some(value) = variable.or_else(|| self.parameters.get(name)) {
            let value = value.clone();
            self.charge_copy(&value);
            return Some(relocated(value, span));
        }
        match name {
            "AWS::NoValue" => None,
            _ if name.starts_with("AWS::") => Some(Node::unknown(span)),
            _ => {
                let known = self.name_of_resource(name);
                let tag = Some(mark(self.world, &format!("{}{name}", self.prefix)));
                Some(Node { span, tag, ..known.unwrap_or_else(|| Node::unknown(span)) })
            }
        }
    }

    /// The name that the resource has, where that is what a reference to it gives.
    fn name_of_resource(&mut self, name: &str) -> Option<Node> {
        if let Some(known) = self.names.get(name) {
            return known.clone();
        }
        let (name, resource) = self.template.resource(name)?;
        let property = name_property(resource.get("Type")?.as_str()?)?;
        let written = resource.at(&["Properties", property])?;
        // A name that is made of itself is not known.
        self.names.insert(name, None);
        let known = self.outside_of_loops(|this| this.value(written)).filter(|known| known.as_str().is_some());
        self.names.insert(name, known.clone());
        known
    }

    /// Evaluates what stands elsewhere in the template, where the loops in force mean nothing.
    pub(super) fn outside_of_loops<T>(&mut self, evaluate: impl FnOnce(&mut Self) -> T) -> T {
        let loops = std::mem::take(&mut self.loops);
        let value = evaluate(self);
        self.loops = loops;
        value
    }

    /// What `Fn::GetAtt: [resource, attribute]` gives.
    pub(super) fn attribute(&mut self, resource: &str, _attribute: &str, span: Span) -> Node {
        let tag = Some(mark(self.world, &format!("{}{resource}", self.prefix)));
        Node { tag, ..Node::unknown(span) }
    }

    fn get_attribute(&mut self, call: Call<'_>, span: Span) -> Node {
        let (resource, attribute) = match call.argument.as_sequence() {
            Some([resource, attribute, ..]) => {
                let resource = if resource.tag.is_some() || resource.as_str().is_none() {
                    self.value(resource)
                } else {
                    Some(resource.clone())
                };
                let resource = resource.and_then(|resource| resource.as_str().map(str::to_owned));
                (resource, attribute.as_str().unwrap_or_default().to_owned())
            }
            _ => match call.argument.as_str().and_then(|text| text.split_once('.')) {
                Some((resource, attribute)) => (Some(resource.to_owned()), attribute.to_owned()),
                None => (None, String::new()),
            },
        };
        match resource {
            Some(resource) => {
                let resource = self.with_variables(&resource);
                self.attribute(&resource, &attribute, span)
            }
            None => Node::unknown(span),
        }
    }

    /// `Fn::Select: [index, list]`.
    fn select(&mut self, argument: &Node, span: Span) -> Node {
        let Some([index, list]) = argument.as_sequence() else { return Node::unknown(span) };
        let index = self.value(index).and_then(|index| index.as_str()?.trim().parse::<usize>().ok());
        let Some(list) = self.value(list) else { return Node::unknown(span) };
        let tag = list.tag;
        match (list.value, index) {
            (Value::Sequence(mut items), Some(index)) if index < items.len() => items.swap_remove(index),
            _ => Node { tag, ..Node::unknown(span) },
        }
    }

    /// `Fn::Split: [delimiter, text]`.
    fn split(&mut self, argument: &Node, span: Span) -> Node {
        let Some([delimiter, text]) = argument.as_sequence() else { return Node::unknown(span) };
        let text = self.value(text).unwrap_or_else(|| Node::unknown(span));
        match (delimiter.as_str(), text.as_str()) {
            (Some(delimiter), Some(joined)) if !delimiter.is_empty() => {
                let count = joined.matches(delimiter).count();
                if !self.charge(joined.len() + 32 * count) {
                    return Node::unknown(span);
                }
                let items = joined.split(delimiter).map(|item| Node { tag: text.tag.clone(), ..scalar(span, item) });
                Node::sequence(span, items.collect())
            }
            _ => Node { tag: text.tag, ..Node::unknown(span) },
        }
    }

    /// `Fn::FindInMap: [map, top key, second key, {DefaultValue: value}]`.
    fn find_in_map(&mut self, argument: &Node, span: Span) -> Option<Node> {
        let Some([map, top, second, rest @ ..]) = argument.as_sequence() else { return Some(Node::unknown(span)) };
        let mut keys = Vec::with_capacity(3);
        for key in [map, top, second] {
            match self.value(key) {
                Some(Node { value: Value::Scalar { text, .. }, .. }) => keys.push(text),
                _ => return Some(Node::unknown(span)),
            }
        }
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let found = self.template.root.get("Mappings").and_then(|mappings| mappings.at(&keys));
        match (found, rest.first().and_then(|rest| rest.get("DefaultValue"))) {
            (Some(found), _) if self.charge_copy(found) => Some(constant(found, span)),
            (None, Some(default)) => self.value(default),
            (Some(_), _) | (None, None) => Some(Node::unknown(span)),
        }
    }

    /// `Fn::If: [condition, then, else]`.
    fn choice(&mut self, argument: &Node, span: Span) -> Option<Node> {
        let Some([condition, then, otherwise]) = argument.as_sequence() else { return Some(Node::unknown(span)) };
        let truth = match condition.as_str().filter(|_| condition.tag.is_none()) {
            Some(name) => self.condition(name),
            None => self.truth(condition),
        };
        if let Some(truth) = truth {
            return self.value(if truth { then } else { otherwise });
        }
        let (then, otherwise) = (self.value(then), self.value(otherwise));
        if let (Some(a), Some(b)) = (&then, &otherwise)
            && super::conditions::equal(a, b) == Some(true)
        {
            return then;
        }
        let tag = [then, otherwise].into_iter().flatten().find_map(|node| node.tag);
        Some(Node { tag, ..Node::unknown(span) })
    }

    /// Takes the steps for a copy of `node`.
    fn charge_copy(&mut self, node: &Node) -> bool {
        match &node.value {
            Value::Scalar { text, .. } => self.charge(text.len()),
            Value::Sequence(items) => self.charge(0) && items.iter().all(|item| self.charge_copy(item)),
            Value::Mapping(mapping) => {
                self.charge(0) && mapping.entries.iter().all(|entry| self.charge_copy(&entry.value))
            }
            Value::Unknown => self.charge(0),
        }
    }
}

/// The property whose value a reference to a resource of the type `kind` gives.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::AutoScaling::AutoScalingGroup" => "AutoScalingGroupName",
        "AWS::AutoScaling::LaunchConfiguration" => "LaunchConfigurationName",
        "AWS::CloudTrail::Trail" => "TrailName",
        "AWS::CodeBuild::Project" => "Name",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::ECR::Repository" => "RepositoryName",
        "AWS::ECS::Cluster" => "ClusterName",
        "AWS::EKS::Cluster" | "AWS::Kinesis::Stream" => "Name",
        "AWS::Elasticsearch::Domain" | "AWS::OpenSearchService::Domain" => "DomainName",
        "AWS::IAM::Group" => "GroupName",
        "AWS::IAM::Role" => "RoleName",
        "AWS::IAM::User" => "UserName",
        "AWS::KMS::Alias" => "AliasName",
        "AWS::Lambda::Function" | "AWS::Serverless::Function" => "FunctionName",
        "AWS::Logs::LogGroup" => "LogGroupName",
        "AWS::RDS::DBCluster" => "DBClusterIdentifier",
        "AWS::RDS::DBInstance" => "DBInstanceIdentifier",
        "AWS::RDS::DBSubnetGroup" => "DBSubnetGroupName",
        "AWS::S3::Bucket" => "BucketName",
        "AWS::Redshift::Cluster" => "ClusterIdentifier",
        _ => return None,
    })
}

/// Whether CloudFormation puts a secret or parameter into the text when it deploys.
fn is_late_bound(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// A scalar as it is written. All are text to CloudFormation: `"true"` is as true as `True`.
pub(super) fn literal(text: &str, plain: bool, span: Span) -> Node {
    if is_late_bound(text) {
        return Node::unknown(span);
    }
    match text {
        "true" | "True" | "TRUE" => Node::plain(span, "true"),
        "false" | "False" | "FALSE" => Node::plain(span, "false"),
        _ => Node::new(span, Value::Scalar { text: text.to_owned(), plain }),
    }
}

/// A text that an expression gives.
pub(super) fn scalar(span: Span, text: &str) -> Node {
    literal(text, false, span)
}

/// What `node` says where no function may stand, in a parameter or a map: a scalar, or a list of scalars. All else is not
/// known.
pub(super) fn constant(node: &Node, span: Span) -> Node {
    let item = |node: &Node| match &node.value {
        Value::Scalar { text, plain } if Call::short(node).is_none() => literal(text, *plain, span),
        _ => Node::unknown(span),
    };
    let constant = match &node.value {
        Value::Sequence(items) if Call::short(node).is_none() => {
            let items = items.iter().map(|node| Node { tag: marked(node).map(Box::from), ..item(node) });
            Node::sequence(span, items.collect())
        }
        _ => item(node),
    };
    Node { tag: marked(node).map(Box::from), ..constant }
}

/// `node`, which comes from elsewhere, standing at `span`. The reader bounds its depth.
pub(super) fn relocated(node: Node, span: Span) -> Node {
    let value = match node.value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(|item| relocated(item, span)).collect()),
        Value::Mapping(Mapping { entries, is_open }) => {
            let entries = entries.into_iter();
            let entries =
                entries.map(|Entry { key, value }| Entry { key: relocated(key, span), value: relocated(value, span) });
            Value::Mapping(Mapping { entries: entries.collect(), is_open })
        }
        value => value,
    };
    Node { span, value, tag: node.tag }
}
