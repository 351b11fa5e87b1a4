//! The operators of the condition language, one family a file.
//!
//! An operator is compiled once from a rule's [`Test`] and then asked about many values. Three rules hold for all of them:
//!
//! - An absent value, or one that is null, passes only `exists: false` and `empty: true`.
//! - An unknown value makes an unknown outcome, `exists` included: it may turn out to be null. Only `is_literal` is sure.
//! - An operator that is given a value of a kind that it is not made for (a number operator a list, say) does not hold.
//!
//! Where an operator takes `true` or `false`, the one is the contrary of the other on every value that is there.
//!
//! An unknown item of a list may stand for any number of items, as the expressions of templates do. So a list is known to
//! have what is written, and not known to have no more.
//!
//! Testing a scalar allocates nothing but what a regex needs at its first use; only a policy document that is written as JSON
//! text is read into a tree.

mod decimal;
mod escalation;
mod iam;
mod network;
mod number;
mod presence;
mod text;
mod version;

use super::truth::Truth;
use crate::document::node::{Node, Value};
use crate::rules::condition::{Operand, Test};

/// A test of a rule, ready to be asked.
pub(super) struct Operator(Family);

/// The families of operators.
enum Family {
    Presence(presence::Presence),
    Text(text::Text),
    Number(number::Comparison),
    Count(number::Count),
    Version(version::Version),
    Network(network::Network),
    Iam(iam::Actions),
    Escalation(escalation::Escalation),
}

impl Operator {
    /// Compiles `test`; `parameter` gives the value of a parameter of the rule by its name.
    ///
    /// # Errors
    ///
    /// What is wrong with the operand, in a sentence: a regex that is none, a number that is none, an unknown parameter. And
    /// [`Test::InValues`], which needs a second value and so is no operator on one.
    pub(super) fn new(test: &Test, parameter: &dyn Fn(&str) -> Option<Vec<String>>) -> Result<Self, String> {
        use number::{Comparison, Count, Order};
        use presence::Presence;
        use text::Text;
        use version::Version;

        let texts = |operand: &Operand| match operand {
            Operand::Literal(texts) => Ok(texts.clone()),
            Operand::Parameter(name) => parameter(name).ok_or_else(|| format!("the rule has no parameter `{name}`")),
        };
        Ok(Self(match test {
            Test::Exists(wanted) => Family::Presence(Presence::Exists(*wanted)),
            Test::Empty(wanted) => Family::Presence(Presence::Empty(*wanted)),
            Test::Is(kind) => Family::Presence(Presence::Is(*kind)),
            Test::IsLiteral(wanted) => Family::Presence(Presence::IsLiteral(*wanted)),
            Test::In(operand) => Family::Text(Text::one_of(texts(operand)?)),
            Test::InAnyCase(operand) => Family::Text(Text::one_of_in_any_case(texts(operand)?)),
            Test::Matches(regex) => Family::Text(Text::matches(regex)?),
            Test::StartsWith(operand) => Family::Text(Text::StartsWith(texts(operand)?)),
            Test::EndsWith(operand) => Family::Text(Text::EndsWith(texts(operand)?)),
            Test::Contains(operand) => Family::Text(Text::contains(texts(operand)?)),
            Test::ContainsAll(operand) => Family::Text(Text::contains_all(texts(operand)?)),
            Test::Lt(number) => Family::Number(Comparison::new(Order::Lt, number)?),
            Test::Lte(number) => Family::Number(Comparison::new(Order::Lte, number)?),
            Test::Gt(number) => Family::Number(Comparison::new(Order::Gt, number)?),
            Test::Gte(number) => Family::Number(Comparison::new(Order::Gte, number)?),
            Test::CountLt(count) => Family::Count(Count::Lt(*count)),
            Test::CountGte(count) => Family::Count(Count::Gte(*count)),
            Test::VersionLt(version) => Family::Version(Version::lt(version)?),
            Test::VersionGte(version) => Family::Version(Version::gte(version)?),
            Test::CidrIsOpen(wanted) => Family::Network(network::Network::CidrIsOpen(*wanted)),
            Test::PortRangeCovers(ports) => Family::Network(network::Network::PortRangeCovers(ports.clone())),
            Test::IamAllows(actions) => Family::Iam(iam::Actions::new(actions)),
            Test::IamGrantsEscalation(wanted) => Family::Escalation(escalation::Escalation::new(*wanted)),
            Test::InValues(_) => return Err("`in_values` compares two values of a resource".to_owned()),
        }))
    }

    /// Whether it holds for a value that is there and not null.
    pub(super) fn on(&self, node: &Node) -> Truth {
        match &self.0 {
            Family::Presence(presence) => presence.on(node),
            _ if matches!(node.value, Value::Unknown) => Truth::Unknown,
            Family::Text(text) => text.on(node),
            Family::Number(comparison) => comparison.on(node),
            Family::Count(count) => count.on(node),
            Family::Version(version) => version.on(node),
            Family::Network(network) => network.on(node),
            Family::Iam(actions) => actions.on(node),
            Family::Escalation(escalation) => escalation.on(node),
        }
    }

    /// Whether it holds for a value that is absent or null.
    pub(super) fn on_absent(&self) -> Truth {
        match &self.0 {
            Family::Presence(presence) => presence.on_absent(),
            _ => Truth::False,
        }
    }
}

/// Whether one of `truths` holds; the rest is not looked at once one does.
fn any(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut outcome = Truth::False;
    for truth in truths {
        outcome = outcome.or(truth);
        if outcome == Truth::True {
            break;
        }
    }
    outcome
}

/// Whether all of `truths` hold; the rest is not looked at once one does not.
fn all(truths: impl IntoIterator<Item = Truth>) -> Truth {
    !any(truths.into_iter().map(|truth| !truth))
}

#[cfg(test)]
mod tests;
