//! The actions of a template (`{{ … }}`, `{% … %}`, `{# … #}`): where they stand, what they do, and the text without them.

use crate::span::Span;

/// What an action does to the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It gives text.
    Output,
    /// It decides about the text around it.
    Control,
    /// It ends what another began.
    End,
    /// Nothing: a comment.
    Comment,
}

/// One action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action {
    /// Its bytes, delimiters included.
    pub(super) span: Span,
    /// What it does.
    pub(super) effect: Effect,
    /// Nothing but actions stands on its lines.
    pub(super) is_alone: bool,
}

/// First words of actions that give no text. Those of Jinja stand in `{% %}`, where nothing but an include gives any.
const CONTROL: &[&str] = &["if", "else", "range", "with", "define", "block", "break", "continue", "fail"];

/// The actions of `text`, in order. What is opened and never closed is no action.
pub(super) fn actions(text: &str) -> Vec<Action> {
    let mut actions = Vec::new();
    let mut closers = Closers::default();
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|rest| rest.find('{')) {
        at += found;
        let rest = text.get(at..).unwrap_or_default();
        match closers.length(rest) {
            Some(length) => {
                let effect = effect(rest.get(..length).unwrap_or_default());
                actions.push(Action { span: Span::new(at, at + length), effect, is_alone: false });
                at += length;
            }
            None => at += 1,
        }
    }
    mark_alone(text, &mut actions);
    actions
}

/// Finds where actions close; remembers what no longer stands in the text, so that the search stays linear.
#[derive(Default)]
struct Closers {
    missing: Vec<&'static str>,
    /// Quotes that are not closed on their line, each with how much of the text is left where that line ends.
    open: Vec<(u8, usize)>,
}

impl Closers {
    /// Length of the action that `rest` begins with.
    fn length(&mut self, rest: &str) -> Option<usize> {
        match rest.get(..2)? {
            // The brace of a flow mapping may stand in front: `{{{ key }}: 1}`.
            "{{" if !rest.starts_with("{{{") => {
                let content = rest.get(2..)?.trim_start_matches('-').trim_start();
                let comment = if content.starts_with("/*") { self.comment(rest) } else { None };
                comment.or_else(|| self.code(rest, "}}"))
            }
            "{%" => self.code(rest, "%}"),
            "{#" => self.find(rest, "#}").map(|end| end + 2),
            _ => None,
        }
    }

    /// Where `what` stands in `rest`, which reaches to the end of the text.
    fn find(&mut self, rest: &str, what: &'static str) -> Option<usize> {
        if self.missing.contains(&what) {
            return None;
        }
        let found = rest.find(what);
        if found.is_none() {
            self.missing.push(what);
        }
        found
    }

    /// Length of the Go comment that `rest` begins with.
    fn comment(&mut self, rest: &str) -> Option<usize> {
        let end = self.find(rest, "*/")?;
        let close = rest.get(end..)?.find("}}");
        if close.is_none() {
            self.missing.push("*/");
        }
        close.map(|close| end + close + 2)
    }

    /// Length of the action that `rest` begins with and that ends with `closer`, which does not count inside of strings.
    fn code(&mut self, rest: &str, closer: &'static str) -> Option<usize> {
        if self.missing.contains(&closer) {
            return None;
        }
        let mut at = 2;
        while let Some(found) = rest.get(at..).and_then(|left| left.find(['"', '\'', '`', '}', '%'])) {
            at += found;
            let left = rest.get(at..)?;
            if left.starts_with(closer) {
                return Some(at + closer.len());
            }
            at += match left.as_bytes().first() {
                Some(b'`') => left.get(1..).and_then(|raw| self.find(raw, "`")).map_or(1, |end| end + 2),
                Some(&quote @ (b'"' | b'\'')) => self.string(left, quote),
                _ => 1,
            };
        }
        self.missing.push(closer);
        None
    }

    /// Length of the string in `quote` that `left` begins with, 1 when it is not closed on its line.
    fn string(&mut self, left: &str, quote: u8) -> usize {
        // Where one string is not closed, no further one on that line is.
        if self.open.iter().any(|&(open, end)| open == quote && end < left.len()) {
            return 1;
        }
        let mut bytes = left.bytes().enumerate().skip(1);
        let mut end = left.len();
        while let Some((at, byte)) = bytes.next() {
            match byte {
                b'\n' => {
                    end = at;
                    break;
                }
                b'\\' => drop(bytes.next()),
                _ if byte == quote => return at + 1,
                _ => {}
            }
        }
        self.open.retain(|&(open, _)| open != quote);
        self.open.push((quote, left.len() - end));
        1
    }
}

fn effect(action: &str) -> Effect {
    let inside = action.get(2..action.len().saturating_sub(2)).unwrap_or_default();
    let inside = inside.trim_start_matches(['-', '+']).trim_start();
    let word: &str = inside.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or_default();
    if action.starts_with("{#") || inside.starts_with("/*") {
        Effect::Comment
    } else if word.starts_with("end") {
        Effect::End
    } else if action.starts_with("{%") {
        if word == "include" { Effect::Output } else { Effect::Control }
    } else if CONTROL.contains(&word) || is_assignment(inside) {
        Effect::Control
    } else {
        Effect::Output
    }
}

/// Whether it is `$name := value` or `$name = value`.
fn is_assignment(inside: &str) -> bool {
    let Some(rest) = inside.strip_prefix('$') else { return false };
    let rest = rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_').trim_start();
    rest.starts_with(":=") || (rest.starts_with('=') && !rest.starts_with("=="))
}

/// Marks the actions on whose lines nothing else stands.
fn mark_alone(text: &str, actions: &mut [Action]) {
    let mut group = 0;
    while group < actions.len() {
        // Actions that share a line, the last line of one with the first of the next, stand alone together.
        let mut end = group + 1;
        let mut is_blank = actions.get(group).is_some_and(|first| is_blank(line_before(text, first.span.start)));
        while let (Some(last), Some(next)) = (actions.get(end - 1), actions.get(end)) {
            let between = text.get(last.span.end..next.span.start).unwrap_or_default();
            if between.contains('\n') {
                break;
            }
            is_blank &= self::is_blank(between);
            end += 1;
        }
        let after = actions.get(end - 1).map_or("", |last| text.get(last.span.end..).unwrap_or_default());
        is_blank &= self::is_blank(after.split('\n').next().unwrap_or_default());
        for action in actions.iter_mut().take(end).skip(group) {
            action.is_alone = is_blank;
        }
        group = end;
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// What stands on the line of `at` in front of it.
fn line_before(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    before.rfind('\n').map_or(before, |line| before.get(line + 1..).unwrap_or_default())
}

/// `text` with the actions replaced, byte for byte: those that give nothing here by blanks, the others by letters that
/// make a plain scalar.
///
/// Of lines that hold nothing else all bytes become line breaks: a line of blanks may not be longer than the indentation
/// of a block scalar that it begins.
pub(super) fn blanked(text: &str, actions: &[Action]) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut at = 0;
    for action in actions {
        blanked.push_str(text.get(at..action.span.start).unwrap_or_default());
        at = action.span.end;
        let mut fill = fill(action, text.get(at..).unwrap_or_default());
        if action.is_alone {
            blanked.truncate(blanked.trim_end_matches([' ', '\t']).len());
        }
        // What was cut off counts too.
        let start = if action.is_alone { blanked.len() } else { action.span.start };
        for byte in text.get(start..at).unwrap_or_default().bytes() {
            match byte {
                b'\n' | b'\r' => {
                    // A second line must neither end the scalar nor add to it.
                    fill = if action.is_alone { fill } else { ' ' };
                    blanked.push(char::from(byte));
                }
                _ => blanked.push(fill),
            }
        }
    }
    blanked.push_str(text.get(at..).unwrap_or_default());
    blanked
}

/// What stands in place of `action`, which `after` follows.
fn fill(action: &Action, after: &str) -> char {
    let is_last = || after.trim_start_matches([' ', '\t', '\r']).starts_with('\n') || is_blank(after);
    match action.effect {
        _ if action.is_alone => '\n',
        Effect::Comment => ' ',
        Effect::End if is_last() => ' ',
        _ => 'x',
    }
}

/// The number behind the function `name` in the code of an action.
pub(super) fn indentation(code: &str, name: &str) -> Option<usize> {
    let rest = code.rsplit_once(name)?.1.trim_start_matches([' ', '(']);
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn effects(text: &str) -> Vec<Effect> {
        actions(text).iter().map(|action| action.effect).collect()
    }

    #[test]
    fn actions_end_outside_of_their_strings() {
        let text = "a: {{ printf \"}}\" }} b {{ `}}` }} {{- /* }} */ -}} {% if '%}' %}{{ \"open }}";
        let all: Vec<&str> = actions(text).iter().map(|action| &text[action.span.start..action.span.end]).collect();
        assert_eq!(all, ["{{ printf \"}}\" }}", "{{ `}}` }}", "{{- /* }} */ -}}", "{% if '%}' %}", "{{ \"open }}"]);
        assert_eq!(actions("a: {{ never closed\nb: {% {# {"), []);
    }

    #[test]
    fn what_an_action_does() {
        use Effect::{Comment, Control, End, Output};
        assert_eq!(
            effects(
                "{{- if .x }}{{ else if .y }}{{ end -}}{{/* c */}}{{ $x := 1 }}{{ $x }}{{ $.x }}{{ template \"a\" }}{{ ifx }}"
            ),
            [Control, Control, End, Comment, Control, Output, Output, Output, Output]
        );
        assert_eq!(effects("{% set x = 1 %}{% endif %}{# c #}{%- include 'x' %}"), [Control, End, Comment, Output]);
    }

    #[test]
    fn the_text_keeps_its_length() {
        let text = "{{- if .a }} {{/* é */}}\nk: {{ include \"é\"\r\n  . }}-v # {{ x }}\n{{ y }}: z {{ end }}\n";
        let actions = actions(text);
        let blanked = blanked(text, &actions);
        assert_eq!(blanked.len(), text.len());
        let lines: Vec<&str> = blanked.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["k: xxxxxxxxxxxxxxx", "      -v # xxxxxxx", "xxxxxxx: z",]);
        assert_eq!(
            actions.iter().map(|action| action.is_alone).collect::<Vec<_>>(),
            [true, true, false, false, false, false]
        );
    }

    #[test]
    fn an_indentation_is_the_number_behind_its_function() {
        for (code, name, expected) in [
            ("{{ toYaml . | nindent 8 }}", "nindent", Some(8)),
            ("{{ indent (4) .x }}", "indent", Some(4)),
            ("{{ .x }}", "indent", None),
            ("{{ .x | nindent $n }}", "nindent", None),
        ] {
            assert_eq!(indentation(code, name), expected, "{code}");
        }
    }
}
