//! Whether something holds of a statement, where parts of it are not known (Kleene's logic).

use crate::document::node::Node;
use crate::span::Span;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Certainty {
    /// It does not.
    No,
    /// It depends on what is not known.
    Unknown,
    /// It does.
    Yes,
}

impl Certainty {
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Unknown,
        }
    }

    pub(super) fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }

    /// The attribute that says so.
    pub(super) fn node(self, span: Span) -> Node {
        match self {
            Self::No => Node::plain(span, "false"),
            Self::Unknown => Node::unknown(span),
            Self::Yes => Node::plain(span, "true"),
        }
    }
}

impl std::ops::Not for Certainty {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Certainty {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether it holds of one.
pub(super) fn any(each: impl IntoIterator<Item = Certainty>) -> Certainty {
    each.into_iter().fold(Certainty::No, Certainty::or)
}

/// Whether it holds of each.
pub(super) fn all(each: impl IntoIterator<Item = Certainty>) -> Certainty {
    each.into_iter().fold(Certainty::Yes, Certainty::and)
}
