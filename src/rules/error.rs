//! What is wrong with a rule pack, and where.

use std::fmt;

/// A mistake in a rule pack, with its place and its mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// Name of the file, as given.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong, and where one can tell, what to write instead.
    pub message: String,
}

impl fmt::Display for PackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl std::error::Error for PackError {}

/// The name of `known` that `given` most likely means.
#[must_use]
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min()
        .map(|(_, name)| name)
}

/// Says that `given`, which stands for a `what`, is none of `known`, with the nearest of them or the list. What is far from
/// every name is not repeated: in a file that was named by mistake it could be a secret.
#[must_use]
pub fn unknown(what: &str, given: &str, known: &[&str]) -> String {
    match nearest(given, known.iter().copied()) {
        Some(name) => format!("unknown {what} `{given}`; did you mean `{name}`?"),
        None => format!("unknown {what}; use one of: {}", known.join(", ")),
    }
}
