//! What is known of an expression without running it: its value, where it comes from, and who controls it.

use std::rc::Rc;

use proc_macro2::Span as Token;

/// What is known of an expression.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// First and last token.
    pub(super) first: Token,
    pub(super) last: Token,
    /// What it is written as.
    pub(super) kind: &'static str,
    pub(super) constant: Constant,
    /// Bytes of a text, items of an array, where they are known.
    pub(super) length: Option<usize>,
    /// The name that it ends in: of a variable, a field, a getter, a function.
    pub(super) name: Option<Rc<str>>,
    /// Of a path or a call of one: the path.
    pub(super) path: Option<Rc<str>>,
    /// The function that made the value which a chain of calls began with, or its type.
    pub(super) from: Option<Rc<str>>,
    /// The first argument of that function, where it is a text that is known.
    pub(super) from_argument: Option<Rc<str>>,
    pub(super) taint: Option<Rc<Taint>>,
    /// A text that values are put into.
    pub(super) interpolates: bool,
    /// The literal part of a text that values are put into.
    pub(super) template: Option<Rc<str>>,
    /// The methods that were called, the last one first.
    pub(super) chain: Option<Rc<Link>>,
    /// Arguments, elements.
    pub(super) inner: Rc<[Fact]>,
    /// The variable that it is, or a part of.
    pub(super) variable: Option<Rc<str>>,
    /// First and last token of the `let` that gave the variable its value.
    pub(super) declared: Option<(Token, Token)>,
}

/// The value of an expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Constant {
    /// Only a run would say.
    #[default]
    Unknown,
    Text(Rc<str>),
    /// Bytes that are no text.
    Bytes,
    /// A number or a boolean.
    Plain(Rc<str>),
    /// It consists of constants.
    Parts,
}

/// A value that others control.
#[derive(Debug, PartialEq)]
pub(super) struct Taint {
    /// Who: `request`, `argument`, `environment`, `stdin`, `file` or `network`.
    pub(super) control: &'static str,
    /// What gave it.
    pub(super) source: Rc<str>,
}

/// One call of a chain.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) method: Rc<str>,
    pub(super) before: Option<Rc<Link>>,
    pub(super) length: u32,
}

impl Fact {
    /// Of an expression that nothing is known of.
    pub(super) fn new(kind: &'static str, first: Token, last: Token) -> Self {
        Self {
            first,
            last,
            kind,
            constant: Constant::Unknown,
            length: None,
            name: None,
            path: None,
            from: None,
            from_argument: None,
            taint: None,
            interpolates: false,
            template: None,
            chain: None,
            inner: Rc::from([]),
            variable: None,
            declared: None,
        }
    }

    /// The same value, written from `first` to `last`.
    pub(super) fn written(mut self, first: Token, last: Token) -> Self {
        self.first = first;
        self.last = last;
        self
    }

    pub(super) fn is_constant(&self) -> bool {
        self.constant != Constant::Unknown
    }

    /// The number that it is.
    pub(super) fn number(&self) -> Option<i128> {
        match &self.constant {
            Constant::Plain(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// The text that it is.
    pub(super) fn text(&self) -> Option<&Rc<str>> {
        match &self.constant {
            Constant::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Takes over who controls `other`, unless somebody nearer controls it already.
    pub(super) fn tainted_by(&mut self, other: &Fact) {
        if self.taint.is_none() {
            self.taint.clone_from(&other.taint);
        }
    }
}

impl Taint {
    pub(super) fn new(control: &'static str, source: &str) -> Rc<Self> {
        Rc::new(Self { control, source: source.into() })
    }
}

impl Link {
    pub(super) fn behind(before: Option<&Rc<Link>>, method: &str) -> Rc<Self> {
        let length = before.map_or(0, |link| link.length) + 1;
        // Chains that are too long to tell begin anew.
        let before = before.filter(|_| length < 64).cloned();
        Rc::new(Self { method: method.into(), length: if before.is_some() { length } else { 1 }, before })
    }

    /// The names, in the order of the calls.
    pub(super) fn names(link: Option<&Rc<Link>>) -> Vec<Rc<str>> {
        let mut names = Vec::new();
        let mut next = link;
        while let Some(link) = next {
            names.push(Rc::clone(&link.method));
            next = link.before.as_ref();
        }
        names.reverse();
        names
    }
}
