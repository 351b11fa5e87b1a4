//! The syntax tree of HCL (HCL Native Syntax Specification), each part with its bytes in the text.
//!
//! Nothing is evaluated here: names, calls and templates stand as they are written. JSON configuration (HCL JSON Syntax
//! Specification) is read into the same tree.

use crate::span::Span;

/// A body: the contents of a file or of a block, in the order in which they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What it holds.
    pub items: Vec<Item>,
}

/// One attribute or block of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `name = expression`.
    Attribute(Attribute),
    /// `kind "label" { … }`.
    Block(Block),
}

/// `name = expression`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: Expression,
}

/// `kind "label" { … }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The word that it begins with.
    pub kind: Name,
    /// Its labels, without quotes.
    pub labels: Vec<Name>,
    /// What stands between the braces.
    pub body: Body,
    /// All of it, from the kind to the closing brace.
    pub span: Span,
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The word, after escapes.
    pub text: Box<str>,
    /// Its bytes, quotes included.
    pub span: Span,
}

/// An expression and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// Its bytes.
    pub span: Span,
    /// What it is.
    pub term: Term,
}

/// What an expression is. Parentheses are gone: the tree says how parts belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, in the digits that were written, or as near as the parser kept them.
    Number(Box<str>),
    /// A text without interpolations, after escapes; a heredoc too.
    Text(Box<str>),
    /// A text with interpolations or directives; a heredoc too. Strip markers and indentation have been dealt with.
    Template(Vec<Part>),
    /// `[a, b]`
    Tuple(Vec<Expression>),
    /// `{a = b, (c) = d}`; a bare word as key is a [`Term::Text`].
    Object(Vec<(Expression, Expression)>),
    /// A name that begins a traversal or stands alone: `var`, `each`, `aws_s3_bucket`.
    Variable(Box<str>),
    /// `base.name[0][*]`
    Traversal(Box<Expression>, Vec<Step>),
    /// `name(a, b)`; a namespaced name has its `::`.
    Call {
        /// The function.
        name: Box<str>,
        /// Its arguments.
        arguments: Vec<Expression>,
        /// The last argument is a list of further arguments: `name(list...)`.
        expands: bool,
    },
    /// `condition ? then : otherwise`
    Conditional(Box<[Expression; 3]>),
    /// `-a`
    Negative(Box<Expression>),
    /// `!a`
    Not(Box<Expression>),
    /// `a + b`
    Binary(Operator, Box<[Expression; 2]>),
    /// `[for …]`, `{for …}`
    For(Box<For>),
}

/// A step of a traversal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// `.name`
    Attribute(Box<str>),
    /// `[expression]`, and `.0` as `[0]`.
    Index(Expression),
    /// `.*`: the steps behind it that are attributes apply to each item.
    AttributeSplat,
    /// `[*]`: all steps behind it apply to each item.
    FullSplat,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text as it is, after escapes.
    Literal(Box<str>),
    /// `${expression}`
    Interpolation(Expression),
    /// `%{ if condition }then%{ else }otherwise%{ endif }`
    If {
        /// The condition.
        condition: Expression,
        /// What stands where it holds.
        then: Vec<Part>,
        /// What stands where it does not.
        otherwise: Vec<Part>,
    },
    /// `%{ for key, value in collection }body%{ endfor }`
    For {
        /// Name of the key, when it has one.
        key: Option<Box<str>>,
        /// Name of the value.
        value: Box<str>,
        /// What is gone through.
        collection: Expression,
        /// What is repeated.
        body: Vec<Part>,
    },
}

/// `[for key, value in collection : result if condition]`, `{for key, value in collection : name => result... if condition}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct For {
    /// Name of the key, when it has one.
    pub key: Option<Box<str>>,
    /// Name of the value.
    pub value: Box<str>,
    /// What is gone through.
    pub collection: Expression,
    /// The key of each entry, when the result is an object.
    pub name: Option<Expression>,
    /// The value of each entry or item.
    pub result: Expression,
    /// Values of the same key are gathered in a tuple.
    pub groups: bool,
    /// Which items count.
    pub condition: Option<Expression>,
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are named as they are spoken")]
pub enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Times,
    Divide,
    Modulo,
    And,
    Or,
}

impl Body {
    /// Its attributes, in order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }

    /// Its blocks, in order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Attribute(_) => None,
        })
    }

    /// The value of the attribute `name`.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Expression> {
        self.attributes().find(|attribute| &*attribute.name.text == name).map(|attribute| &attribute.value)
    }
}

impl Block {
    /// The text of label `index`.
    #[must_use]
    pub fn label(&self, index: usize) -> Option<&str> {
        self.labels.get(index).map(|label| &*label.text)
    }
}
