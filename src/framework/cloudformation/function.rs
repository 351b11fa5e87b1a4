//! Intrinsic functions, in their short form (`!Ref a`) and written out (`{Ref: a}`).

use crate::document::node::Node;

/// An intrinsic function.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    And,
    Base64,
    Condition,
    Equals,
    FindInMap,
    GetAtt,
    If,
    Join,
    Length,
    Not,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    ToJsonString,
    Transform,
    /// One whose value is only known when the stack is made: `Cidr`, `GetAZs`, `ImportValue` and all that are new.
    Late,
}

/// A function in a tree, and what it is applied to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'n> {
    pub(super) function: Function,
    pub(super) argument: &'n Node,
    /// The function is the tag of its argument, which then says nothing of the argument itself.
    pub(super) is_tag: bool,
}

impl<'n> Call<'n> {
    /// The function that `node` is in its short form.
    pub(super) fn short(node: &'n Node) -> Option<Self> {
        let function = match node.tag.as_deref()? {
            "Condition" => Function::Condition,
            "Ref" => Function::Ref,
            name => Function::named(name).or_else(|| is_late(name).then_some(Function::Late))?,
        };
        Some(Self { function, argument: node, is_tag: true })
    }

    /// The function that `node` is written out: a mapping whose only key is its name.
    pub(super) fn long(node: &'n Node) -> Option<Self> {
        let [entry] = node.as_mapping()? else { return None };
        let function = match entry.key.as_str()? {
            "Ref" => Function::Ref,
            key => {
                let name = key.strip_prefix("Fn::").filter(|name| !name.starts_with("ForEach::"))?;
                Function::named(name).unwrap_or(Function::Late)
            }
        };
        Some(Self { function, argument: &entry.value, is_tag: false })
    }
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "And" => Self::And,
            "Base64" => Self::Base64,
            "Equals" => Self::Equals,
            "FindInMap" => Self::FindInMap,
            "GetAtt" => Self::GetAtt,
            "If" => Self::If,
            "Join" => Self::Join,
            "Length" => Self::Length,
            "Not" => Self::Not,
            "Or" => Self::Or,
            "Select" => Self::Select,
            "Split" => Self::Split,
            "Sub" => Self::Sub,
            "ToJsonString" => Self::ToJsonString,
            "Transform" => Self::Transform,
            _ => return None,
        })
    }
}

fn is_late(name: &str) -> bool {
    matches!(name, "Cidr" | "GetAZs" | "GetStackOutput" | "ImportValue")
}
