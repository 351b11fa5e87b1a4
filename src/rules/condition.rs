//! The condition language as data: what a policy rule demands of a resource.
//!
//! ```yaml
//! deny: {at: acl, in: [public-read, public-read-write]}
//! require:
//!   any:
//!     - {at: securityContext.runAsNonRoot|$pod.securityContext.runAsNonRoot, equals: true}
//!     - not: {some: ports, that: {at: hostPort, exists: true}}
//! ```
//!
//! Truth is three-valued (Kleene): a value that cannot be known makes an outcome that is not known, and that is no finding.

use serde::{Deserialize, Serialize};

use super::fix::Fix;
use super::packed::Packed;
use super::path::Path;
use crate::platform::Platform;

/// A rule over resources: its bindings to platforms, and its parameters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolicyRule {
    /// Where it applies, and what it demands there.
    pub bindings: Vec<Binding>,
    /// Values that a user may replace, by name.
    pub parameters: Vec<Parameter>,
}

/// A value of a rule that a user may replace in the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name, as `${name}` in an operand.
    pub name: String,
    /// What it is by default; empty for a rule that waits to be configured.
    pub default: Vec<String>,
    /// What it means, for people.
    pub description: String,
}

/// What a rule looks at on one platform, and what it demands there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Binding {
    /// The platform.
    pub platform: Platform,
    /// Types of resources, such as `Deployment`, `container` or `RUN`.
    pub types: Vec<String>,
    /// What it demands of them: needed when there is one.
    #[serde(flatten)]
    pub demand: Packed<Demand>,
}

/// What a rule demands of a resource that it looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Demand {
    /// Resources that it looks at at all; `None` for all of these types.
    pub when: Option<Condition>,
    /// What is checked.
    pub check: Check,
    /// Where a finding is reported, when that is not the place that decided.
    pub report: Option<Path>,
    /// The list of places that a value comes through before it gets where the finding is.
    pub flow: Option<Path>,
    /// What is wrong, in a sentence, when the rule's title does not say it.
    pub message: Option<String>,
    /// The edit that mends it, where one is known.
    pub fix: Option<Fix>,
}

/// What is checked of a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Check {
    /// A finding where the condition holds.
    Deny(Condition),
    /// A finding where the condition does not hold.
    Require(Condition),
    /// Code of the engine, by name.
    Native(String),
}

/// A condition on a resource or on an item in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Condition {
    /// All of them hold.
    All(Vec<Condition>),
    /// One of them holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The value at the path passes the test. Where the path reaches several values, each is looked at by itself: one that
    /// is wrong is enough for a finding, whichever way round the rule is written.
    At {
        /// Where the value is.
        path: Path,
        /// What it must be.
        test: Test,
    },
    /// It holds for every item at the path; without any item it holds.
    Each {
        /// Where the items are.
        path: Path,
        /// What is asked of each, its paths beginning at the item.
        that: Box<Condition>,
    },
    /// It holds for an item at the path.
    Some {
        /// Where the items are.
        path: Path,
        /// What is asked, its paths beginning at the item.
        that: Box<Condition>,
    },
    /// A resource is linked to this one, from it or to it, for which it holds.
    Linked {
        /// Types of the other resource; empty for any.
        types: Vec<String>,
        /// Kind of the link; `None` for any.
        via: Option<String>,
        /// What is asked of the other resource; `None` for nothing.
        that: Option<Box<Condition>>,
    },
    /// What is evaluated together with this resource declares one of these types for which the condition holds.
    Declared {
        /// Types of the other resource.
        types: Vec<String>,
        /// The resource that asks does not count.
        is_other: bool,
        /// What must hold of it.
        that: Option<Box<Condition>>,
    },
}

/// A list of texts to compare with: literal, or a parameter of the rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operand {
    /// These.
    Literal(Vec<String>),
    /// The value of a parameter.
    Parameter(String),
}

/// One operator with its operand. On an absent value, or null, every test but `exists: false` and `empty: true` fails. On an
/// unknown value the outcome is unknown, except of `is_literal`. A test that is not made for the kind of a value fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Test {
    // presence
    /// `exists: true|false` (`absent: true` is `exists: false`): the attribute is there and not null.
    Exists(bool),
    /// `empty: true|false`: an empty text, list or mapping, or nothing at all.
    Empty(bool),
    /// `is: string|number|boolean|list|mapping`: the type of the value as written.
    Is(Kind),
    /// `is_literal: true|false`: a scalar without variables or expressions of the platform.
    IsLiteral(bool),

    // text
    /// `equals: x` and `in: [x, y]`: the scalar is one of these. `true` and `"true"` are equal, and so are `1`, `1.0` and, in
    /// octal, `01`; but a number in quotes is a text, and `"1.10"` is not `1.1`. Without quotes, `yes` and `on` are `true`.
    In(Operand),
    /// `in_any_case: [x, y]`: the same without regard to the case of ASCII letters.
    InAnyCase(Operand),
    /// `matches: regex`: the regex is found in the scalar (anchor it with `^` and `$`).
    Matches(String),
    /// `starts_with: x` or a list.
    StartsWith(Operand),
    /// `ends_with: x` or a list.
    EndsWith(Operand),
    /// `contains: x` or a list: the text has this part, the list this item, the mapping this key (with whatever value).
    Contains(Operand),
    /// `contains_all: [x, y]`: the same for each of these.
    ContainsAll(Operand),

    // numbers
    /// `lt: 5`. Numbers may have Kubernetes' quantity suffixes (`500m`, `1Gi`); so `512m` is about half, and not half a gibibyte
    /// as in Compose. Go's durations (`5m0s`) compare with each other. An integer with a leading zero is octal (`0644`).
    Lt(Number),
    /// `lte: 5`.
    Lte(Number),
    /// `gt: 5`.
    Gt(Number),
    /// `gte: 5`.
    Gte(Number),
    /// `count_lt: 3`: the list or mapping has fewer entries.
    CountLt(u32),
    /// `count_gte: 3`: the list or mapping has as many entries or more.
    CountGte(u32),

    // versions
    /// `version_lt: 1.2.3`: numeric, part by part, a missing part being zero; `v` in front and suffixes (`-alpine`, `+build`,
    /// `rc1`) do not count. A text that is no version, such as `latest`, passes neither this nor `version_gte`.
    VersionLt(String),
    /// `version_gte: 1.2.3`.
    VersionGte(String),

    // network
    /// `cidr_is_open: true|false`: an address range that holds half of the internet or more (`0.0.0.0/0`, `128.0.0.0/1`, `::/0`,
    /// `2000::/3`), or `*`, `any`, `Internet`; one such range in a list, or between commas, is enough.
    CidrIsOpen(bool),
    /// `port_range_covers: [22, 3389]`: the port, or the range `a-b`, includes one of these; `*` and `-1` are every port, `0` is
    /// not. One such range in a list, or between commas, is enough.
    PortRangeCovers(Vec<u16>),

    // comparison with another attribute
    /// `in_values: PATH`: the scalar equals one of the values at the other path (which begins where this one begins).
    InValues(Path),

    // identity and access
    /// `iam_allows: ["s3:*", …]`: a policy (JSON text, a document, a statement, or the view of one) has an `Allow` statement for
    /// one of these actions, for all that its wildcards stand for. `Deny` statements, resources and conditions are not looked
    /// at.
    IamAllows(Vec<String>),
    /// `iam_grants_escalation: true|false`: a policy allows, on resources without a name and without a condition, a set of
    /// actions by which its holder can get further rights; a `Deny` counts.
    IamGrantsEscalation(bool),
}

/// A number as an operand. Kept as text, so that rules compare exactly what they say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number(pub String);

/// The type of a value, as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// A scalar that is neither number nor boolean nor null.
    String,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// A mapping.
    Mapping,
}
