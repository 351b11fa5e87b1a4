//! Commands of a script that stands in a value, with the places of their words in the file.

use memchr::memmem;

use crate::document::shell;
use crate::span::Span;

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text without quotes; `None` when it is not known.
    pub(super) text: Option<String>,
    /// Where it stands.
    pub(super) span: Span,
}

/// The simple commands of `script`, which stands at `span` of `text`; what a wrapper runs stays part of the wrapper.
pub(super) fn commands(script: &str, span: Span, text: &str) -> Vec<Vec<Word>> {
    let mut places = Places::new(span, text);
    // Where the last word ends in the script: words in a substitution stand inside of a word that was found already.
    let mut end = 0;
    let mut commands = Vec::new();
    for command in shell::split(script, 0).into_iter().filter(|command| command.wrapper.is_none()) {
        let words = command.words.into_iter().map(|word| {
            let is_inside = word.span.start < end;
            end = end.max(word.span.end);
            let span = if is_inside { span } else { places.next(word.as_str()) };
            Word { text: Some(word.as_str().to_owned()), span }
        });
        commands.push(words.collect());
    }
    commands
}

/// Finds words again in the source, where the script may be quoted or folded.
struct Places<'a> {
    text: &'a str,
    span: Span,
    /// Where the next word is sought; `None` once a word was not found as it is.
    from: Option<usize>,
}

impl<'a> Places<'a> {
    fn new(span: Span, text: &'a str) -> Self {
        Self { text, span, from: Some(span.start) }
    }

    /// Place of the next word; the whole script when it is not to be found.
    fn next(&mut self, word: &str) -> Span {
        let found = self.from.and_then(|from| {
            let rest = self.text.as_bytes().get(from..self.span.end)?;
            let start = from + memmem::find(rest, word.as_bytes())?;
            Some(Span::new(start, start + word.len()))
        });
        self.from = found.map(|span| span.end);
        found.unwrap_or(self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(script: &str) -> Vec<Vec<String>> {
        let commands = commands(script, Span::new(0, script.len()), script);
        let texts = |command: Vec<Word>| command.into_iter().filter_map(|word| word.text).collect::<Vec<_>>();
        commands.into_iter().map(texts).filter(|command| !command.is_empty()).collect()
    }

    #[test]
    fn commands_and_their_words() {
        assert_eq!(words("a b;c && d | e"), [vec!["a", "b"], vec!["c"], vec!["d"], vec!["e"]]);
        assert_eq!(words("a 'b c'\"d $e\\\"\"f\\ g \\\n  h # i\nj"), [vec!["a", "b cd $e\"f g", "h"], vec!["j"]]);
        assert_eq!(words("a --b 1>>/log 2>&1\nc"), [["a", "--b"].as_slice(), &["c"]]);
        assert_eq!(words("a 'open"), [["a", "open"]]);
    }

    #[test]
    fn words_have_their_places() {
        let text = "x: sh -c 'exec a --b'";
        let found = commands("exec a --b", Span::new(9, 21), text);
        assert_eq!(found[0][2].span, Span::new(17, 20));
        let escaped = "x: \"a \\x62 c\"";
        let spans: Vec<Span> = commands("a b c", Span::new(3, 13), escaped)[0].iter().map(|word| word.span).collect();
        assert_eq!(spans, [Span::new(4, 5), Span::new(3, 13), Span::new(3, 13)]);
    }
}
