//! Which conditions of a statement say who may call, whatever the principal says.
//!
//! Sources: the meaning of "public" of S3, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>,
//! and the global condition keys, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

use super::certainty::{Certainty, all};
use crate::document::node::Node;
use crate::framework::declared::marked;

/// Condition keys, in small letters, that tell accounts, organisations, networks or resources of callers.
const KEYS: &[&str] = &[
    "aws:ec2instancesourcevpc",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:userid",
    "aws:username",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "elasticfilesystem:accessedviamounttarget",
    "elasticfilesystem:accesspointarn",
    "kms:calleraccount",
    "lambda:functionarn",
    "s3:accesspointnetworkorigin",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];
/// Parts of an ARN in front of the resource: `arn:partition:service:region:account:`.
const ARN_PARTS: usize = 6;
/// An address range with a shorter prefix is half of the internet or more.
const LEAST_PREFIX: u8 = 2;

/// How a test compares.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Exactly,
    ByPattern,
    ByAddress,
    ByFlag,
}

/// Whether the condition `test: {variable: values}` lets only some callers pass. A value that comes from another resource is
/// the name of something, and restricts; any other unknown value may be a wildcard.
pub(super) fn restricts(test: &str, variable: &str, values: &[Node]) -> Certainty {
    let is_key = KEYS.contains(&variable.to_ascii_lowercase().as_str());
    let Some(comparison) = comparison(test).filter(|_| is_key) else { return Certainty::No };
    all(values.iter().map(|value| match value.as_str() {
        Some(written) => Certainty::from(names_some(comparison, written)),
        None if marked(value).is_some() => Certainty::Yes,
        None => Certainty::Unknown,
    }))
}

/// How a test compares; `None` for one that more than a few pass: the negations, what is true where the key is not in the
/// request (`…IfExists`, `ForAllValues:`), numbers and dates.
fn comparison(test: &str) -> Option<Comparison> {
    let test = test.to_ascii_lowercase();
    Some(match test.strip_prefix("foranyvalue:").unwrap_or(&test) {
        "stringequals" | "stringequalsignorecase" => Comparison::Exactly,
        "stringlike" | "arnequals" | "arnlike" => Comparison::ByPattern,
        "ipaddress" => Comparison::ByAddress,
        "bool" => Comparison::ByFlag,
        _ => return None,
    })
}

/// Whether only some callers have this value.
fn names_some(comparison: Comparison, value: &str) -> bool {
    match comparison {
        Comparison::Exactly => true,
        Comparison::ByFlag => value.eq_ignore_ascii_case("true"),
        Comparison::ByAddress => value
            .split_once('/')
            .is_none_or(|(_, prefix)| prefix.parse::<u8>().is_ok_and(|prefix| prefix >= LEAST_PREFIX)),
        Comparison::ByPattern => pattern_names_some(value),
    }
}

/// Whether a pattern stands for few: an ARN with its account or its resource, or another text that is more than a prefix of
/// its kind (`o-`, `vpce-`).
fn pattern_names_some(pattern: &str) -> bool {
    let is_fixed = |text: &str| !text.is_empty() && !text.contains(['*', '?']);
    let parts: Vec<&str> = pattern.splitn(ARN_PARTS, ':').collect();
    if let ["arn", _, _, _, account, resource] = parts.as_slice() {
        return is_fixed(account) || account.is_empty() && !resource.starts_with(['*', '?']);
    }
    let fixed = pattern.split(['*', '?']).next().unwrap_or_default();
    is_fixed(pattern) || !(fixed.is_empty() || fixed.ends_with(['-', ':']) || fixed == "arn")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::Span;

    fn verdict(test: &str, variable: &str, values: &[&str]) -> Certainty {
        let values: Vec<Node> = values.iter().map(|value| Node::text(Span::new(0, 0), *value)).collect();
        restricts(test, variable, &values)
    }

    #[test]
    fn conditions_that_name_callers_restrict() {
        for (test, variable, value) in [
            ("StringEquals", "aws:SourceAccount", "111122223333"),
            ("StringEquals", "AWS:SourceOwner", "111122223333"),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-a1b2/r-1/*"),
            ("StringLike", "aws:PrincipalOrgID", "o-a1b2*"),
            ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:111122223333:*"),
            ("ArnEquals", "aws:SourceArn", "arn:aws:s3:::uploads"),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::uploads-*"),
            ("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("IpAddress", "aws:SourceIp", "203.0.113.7"),
            ("Bool", "aws:PrincipalIsAWSService", "true"),
            ("StringEquals", "kms:CallerAccount", "111122223333"),
        ] {
            assert_eq!(verdict(test, variable, &[value]), Certainty::Yes, "{test} {variable} {value}");
        }
    }

    #[test]
    fn conditions_that_anyone_can_meet_do_not() {
        for (test, variable, value) in [
            ("StringEquals", "aws:PrincipalTag/team", "shop"),
            ("StringEquals", "aws:Referer", "https://shop.example"),
            ("Bool", "aws:SecureTransport", "true"),
            ("Bool", "aws:PrincipalIsAWSService", "false"),
            ("StringNotEquals", "aws:SourceAccount", "111122223333"),
            ("StringEqualsIfExists", "aws:SourceAccount", "111122223333"),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-a1b2"),
            ("NotIpAddress", "aws:SourceIp", "203.0.113.0/24"),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
            ("IpAddress", "aws:SourceIp", "128.0.0.0/1"),
            ("IpAddress", "aws:SourceIp", "::/0"),
            ("StringLike", "aws:SourceAccount", "*"),
            ("StringLike", "aws:PrincipalOrgID", "o-*"),
            ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:*"),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
            ("ArnLike", "aws:SourceArn", "arn:*"),
            ("ArnLike", "aws:SourceArn", "arn*"),
        ] {
            assert_eq!(verdict(test, variable, &[value]), Certainty::No, "{test} {variable} {value}");
        }
    }

    #[test]
    fn each_of_several_values_must_restrict() {
        assert_eq!(verdict("IpAddress", "aws:SourceIp", &["203.0.113.0/24", "0.0.0.0/0"]), Certainty::No);
        let unknown = Node::unknown(Span::new(0, 0));
        assert_eq!(restricts("StringEquals", "aws:SourceArn", std::slice::from_ref(&unknown)), Certainty::Unknown);
        let referring = Node { tag: Some(crate::framework::declared::mark(0, "aws_sns_topic.a")), ..unknown };
        assert_eq!(restricts("ArnEquals", "aws:SourceArn", &[referring]), Certainty::Yes);
    }
}
