//! Text taken out of a file with parts left out (line continuations, quotes), that still knows where each byte stood.

use crate::span::Span;

/// A text made of pieces of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    text: String,
    /// Where each piece begins: in `text`, and in the file. In order.
    pieces: Vec<(usize, usize)>,
}

impl Excerpt {
    /// `text` as it stands at `offset` of the file.
    #[must_use]
    pub fn verbatim(text: &str, offset: usize) -> Self {
        Self { text: text.to_owned(), pieces: vec![(0, offset)] }
    }

    /// Adds `text`, which stands at `offset` of the file.
    pub fn push(&mut self, text: &str, offset: usize) {
        let follows = self.pieces.last().is_some_and(|&(at, source)| source + (self.text.len() - at) == offset);
        if !follows {
            // A piece without text says where an empty excerpt stands, until there is text.
            if self.pieces.last().is_some_and(|&(at, _)| at == self.text.len()) {
                self.pieces.pop();
            }
            self.pieces.push((self.text.len(), offset));
        }
        self.text.push_str(text);
    }

    /// Adds the bytes `start..end` of `other`, which must be at character boundaries; nothing where they are not.
    pub fn push_part(&mut self, other: &Self, start: usize, end: usize) {
        let mut at = start;
        while at < end {
            let next = other.pieces.partition_point(|&(begin, _)| begin <= at);
            let stop = other.pieces.get(next).map_or(end, |&(begin, _)| begin.min(end));
            let Some(part) = other.text.get(at..stop) else { return };
            self.push(part, other.offset(at));
            at = stop;
        }
    }

    /// The bytes `start..end` as an excerpt of its own.
    #[must_use]
    pub fn part(&self, start: usize, end: usize) -> Self {
        let mut part = Self { text: String::new(), pieces: vec![(0, self.offset(start))] };
        part.push_part(self, start, end);
        part
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where the byte `at` stands in the file.
    #[must_use]
    pub fn offset(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|&(begin, _)| begin <= at);
        next.checked_sub(1).and_then(|index| self.pieces.get(index)).map_or(0, |&(begin, source)| source + (at - begin))
    }

    /// What the bytes `start..end` cover in the file, with whatever was left out between them.
    #[must_use]
    pub fn span(&self, start: usize, end: usize) -> Span {
        let first = self.offset(start);
        if end <= start { Span::new(first, first) } else { Span::new(first, self.offset(end - 1) + 1) }
    }

    /// What all of it covers in the file.
    #[must_use]
    pub fn whole(&self) -> Span {
        self.span(0, self.text.len())
    }

    /// It without white space at both ends.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        self.part(start, self.text.trim_end().len().max(start))
    }
}

/// A word: a text and what it is written as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// What it is written as, quotes included.
    pub span: Span,
    /// Its text, without quotes; variables stand in it as they are written.
    pub text: Excerpt,
    /// Whether the text is all there is to know: no variable, no output of a command.
    pub is_known: bool,
}

impl Word {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.text.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_what_is_left_out() {
        let mut text = Excerpt::verbatim("ab", 10);
        text.push("cd", 12);
        text.push("ef", 20);
        assert_eq!(text.as_str(), "abcdef");
        assert_eq!(text.span(1, 3), Span::new(11, 13));
        assert_eq!(text.span(3, 6), Span::new(13, 22));
        assert_eq!(text.span(4, 4), Span::new(20, 20));
        let part = text.part(3, 5);
        assert_eq!((part.as_str(), part.whole()), ("de", Span::new(13, 21)));
        assert_eq!(part.part(1, 1).whole(), Span::new(20, 20));
    }

    #[test]
    fn white_space_goes_at_both_ends() {
        assert_eq!(Excerpt::verbatim("  a b ", 5).trimmed(), Excerpt::verbatim("a b", 7));
        assert_eq!(Excerpt::verbatim("   ", 5).trimmed().as_str(), "");
    }
}
