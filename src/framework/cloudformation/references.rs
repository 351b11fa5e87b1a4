//! References: to parameters, to the variables of loops, to resources and what they are made of.

use super::evaluator::Evaluator;
use super::function::{Call, Function};
use super::values::relocated;
use crate::document::node::Node;
use crate::framework::declared::mark;
use crate::span::Span;

impl Evaluator<'_> {
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

    /// What `Fn::GetAtt: [resource, attribute]` gives.
    pub(super) fn attribute(&mut self, resource: &str, attribute: &str, span: Span) -> Node {
        let output = self.behind_output(resource, attribute);
        let tag = mark(self.world, &format!("{}{}", self.prefix, output.as_deref().unwrap_or(resource)));
        Node { tag: Some(tag), ..Node::unknown(span) }
    }

    /// The resource of a nested stack, as this template would call it, that an output of the stack is a reference to.
    fn behind_output(&self, stack: &str, attribute: &str) -> Option<String> {
        let child = self.children.get(stack)?;
        let value = child.root.at(&["Outputs", attribute.strip_prefix("Outputs.")?, "Value"])?;
        let call = Call::short(value).or_else(|| Call::long(value))?;
        let named = match (call.function, call.argument.as_sequence()) {
            (Function::Ref | Function::GetAtt, None) => call.argument.as_str()?,
            (Function::GetAtt, Some([resource, ..])) => resource.as_str()?,
            _ => return None,
        };
        let (inner, _) = child.resource(named.split('.').next()?)?;
        Some(format!("{stack}.{inner}"))
    }

    pub(super) fn get_attribute(&mut self, call: Call<'_>, span: Span) -> Node {
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
}

/// The property whose value a reference to a resource of the type `kind` gives.
fn name_property(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::AutoScaling::AutoScalingGroup" => "AutoScalingGroupName",
        "AWS::AutoScaling::LaunchConfiguration" => "LaunchConfigurationName",
        "AWS::CloudTrail::Trail" => "TrailName",
        "AWS::DynamoDB::Table" => "TableName",
        "AWS::ECR::Repository" => "RepositoryName",
        "AWS::ECS::Cluster" => "ClusterName",
        "AWS::CodeBuild::Project" | "AWS::EKS::Cluster" | "AWS::Kinesis::Stream" => "Name",
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
