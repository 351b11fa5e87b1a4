//! What a policy document is for, by where it stands and by what it says.

use super::certainty::{Certainty, all, any};
use super::statement::{Element, element, items};
use crate::document::node::Node;

/// Kinds of resources, or what they begin with, whose policies limit what others grant.
const LIMITING: &[&str] =
    &["aws_organizations_policy", "aws_vpc_endpoint", "AWS::EC2::VPCEndpoint", "AWS::Organizations::Policy"];
/// Kinds of resources, or what they begin with, whose policies belong to an identity.
const OF_IDENTITIES: &[&str] = &["aws_iam_", "aws_ssoadmin_", "AWS::IAM::", "AWS::SSO::", "AWS::Serverless::Function"];

/// What a policy document is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It says what those may do whom it is attached to.
    Identity,
    /// It says who may do something with a resource.
    Resource,
    /// It says who may assume a role.
    Trust,
    /// It grants nothing, but limits what others grant.
    Limit,
}

/// For what the document of a data source is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Uses {
    /// Nothing was found that uses it.
    None,
    /// All that use it agree.
    Only(Purpose),
    /// They do not.
    Several,
}

impl Purpose {
    /// The value of `kind` in the views.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Limit => "limit",
        }
    }

    /// That of a document under `key` of a resource of `kind`, where these say so.
    pub(super) fn of_place(kind: &str, key: &str) -> Option<Self> {
        // `assume_role_policy` and `AssumeRolePolicyDocument`.
        let letters = key.chars().filter(char::is_ascii_alphanumeric);
        let key: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
        let is_one_of = |kinds: &[&str]| kinds.iter().any(|start| kind.starts_with(start));
        if key.starts_with("assumerolepolicy") {
            Some(Self::Trust)
        } else if is_one_of(LIMITING) {
            Some(Self::Limit)
        } else {
            is_one_of(OF_IDENTITIES).then_some(Self::Identity)
        }
    }

    /// That of a document with these statements; `None` where it is not known.
    pub(super) fn of_content(statements: &[Node]) -> Option<Self> {
        let has = |statement, name| match element(statement, name) {
            Element::Present(_) => Certainty::Yes,
            Element::Absent => Certainty::No,
            Element::Unknown => Certainty::Unknown,
        };
        let has_principal = |statement| has(statement, "Principal").or(has(statement, "NotPrincipal"));
        let is_of_sts = |action: &Node| action.as_str().is_some_and(|action| action.starts_with("sts:"));
        let is_for_roles = |statement| match element(statement, "Action") {
            Element::Present(entry) => Certainty::from(items(&entry.value).iter().all(is_of_sts)),
            _ => Certainty::No,
        };
        match any(statements.iter().map(has_principal)) {
            Certainty::No => Some(Self::Identity),
            Certainty::Unknown => None,
            Certainty::Yes if all(statements.iter().map(is_for_roles)) == Certainty::Yes => Some(Self::Trust),
            Certainty::Yes => Some(Self::Resource),
        }
    }
}

impl Uses {
    /// With one more user.
    pub(super) fn with(self, purpose: Purpose) -> Self {
        match self {
            Self::None => Self::Only(purpose),
            Self::Only(other) if other == purpose => self,
            _ => Self::Several,
        }
    }
}
