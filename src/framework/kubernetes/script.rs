//! The commands of a shell script, as far as their flags need it: words, quotes, separators; no expansion.

use memchr::memmem;

use crate::span::Span;

/// A word of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text without quotes; `None` when it is not known.
    pub(super) text: Option<String>,
    /// Where it stands.
    pub(super) span: Span,
}

/// The simple commands of `script`, which stands at `span` of `text`; what follows a redirection is left out.
pub(super) fn commands(script: &str, span: Span, text: &str) -> Vec<Vec<Word>> {
    let mut reader = Reader { commands: vec![Vec::new()], word: None, places: Places::new(span, text) };
    let mut chars = script.chars().peekable();
    let mut is_redirected = false;
    while let Some(c) = chars.next() {
        match c {
            '\'' => reader.word().extend(chars.by_ref().take_while(|&c| c != '\'')),
            '"' => {
                let word = reader.word();
                while let Some(c) = chars.next().filter(|&c| c != '"') {
                    let is_escape =
                        c == '\\' && chars.peek().is_some_and(|c| matches!(c, '"' | '\\' | '$' | '`' | '\n'));
                    match if is_escape { chars.next() } else { Some(c) } {
                        Some('\n') if is_escape => {}
                        c => word.extend(c),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => reader.word().push(c),
            },
            '#' if reader.word.is_none() => {
                chars.by_ref().take_while(|&c| c != '\n').for_each(drop);
                reader.end_command();
                is_redirected = false;
            }
            // The `&` of `2>&1` ends no command.
            '>' | '<' => {
                chars.next_if_eq(&'&');
                if reader.word.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit())) {
                    reader.word = None;
                }
                reader.end_word(is_redirected);
                is_redirected = true;
            }
            '\n' | ';' | '|' | '&' | '(' | ')' => {
                reader.end_word(is_redirected);
                reader.end_command();
                is_redirected = false;
            }
            c if c.is_whitespace() => reader.end_word(is_redirected),
            c => reader.word().push(c),
        }
    }
    reader.end_word(is_redirected);
    reader.commands
}

struct Reader<'a> {
    commands: Vec<Vec<Word>>,
    /// The word that is being read.
    word: Option<String>,
    places: Places<'a>,
}

impl Reader<'_> {
    fn word(&mut self) -> &mut String {
        self.word.get_or_insert_default()
    }

    fn end_word(&mut self, is_dropped: bool) {
        let Some(text) = self.word.take().filter(|_| !is_dropped) else { return };
        let span = self.places.next(&text);
        if let Some(command) = self.commands.last_mut() {
            command.push(Word { text: Some(text), span });
        }
    }

    fn end_command(&mut self) {
        if self.commands.last().is_some_and(|command| !command.is_empty()) {
            self.commands.push(Vec::new());
        }
    }
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
