//! The actions of a template (`{{ … }}`, `{% … %}`, `{# … #}`): where they stand, what they do, and the text without them.

use std::ops::Range;

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
    /// How it stands on its lines.
    pub(super) place: Place,
}

/// How an action stands on its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing but actions stands on them.
    Alone,
    /// Only actions stand between a key and a block that is the key's value: `labels: {{ include "x" . }}` above entries.
    AboveBlock,
    /// It is a part of what stands there.
    Within,
}

impl Action {
    /// Whether it stands apart from scalars and keys, so that what it gives are entries, items or a whole value.
    pub(super) fn is_apart(&self) -> bool {
        self.place != Place::Within
    }

    fn is_alone(&self) -> bool {
        self.place == Place::Alone
    }
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
                actions.push(Action { span: Span::new(at, at + length), effect, place: Place::Within });
                at += length;
            }
            None => at += 1,
        }
    }
    let lines = mark_alone(text, &mut actions);
    mark_above_blocks(text, &mut actions, &lines);
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

/// Marks the actions on whose lines nothing else stands; gives the ranges of those that share lines.
fn mark_alone(text: &str, actions: &mut [Action]) -> Vec<Range<usize>> {
    let mut lines = Vec::new();
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
        if is_blank {
            actions.iter_mut().take(end).skip(group).for_each(|action| action.place = Place::Alone);
        }
        lines.push(group..end);
        group = end;
    }
    lines
}

/// Marks the actions that are all that follows a key, where a block below belongs to the key too.
fn mark_above_blocks(text: &str, actions: &mut [Action], lines: &[Range<usize>]) {
    for line in lines {
        let Some(last) = actions.get(line.end - 1).filter(|last| !last.is_alone()) else { continue };
        let after = text.get(last.span.end..).unwrap_or_default().split('\n').next().unwrap_or_default();
        if !is_blank(after) && !after.trim_start().starts_with('#') {
            continue;
        }
        let mut first = line.end - 1;
        while let [previous, next] = actions.get(first.saturating_sub(1)..=first).unwrap_or_default()
            && first > line.start
            && is_blank(text.get(previous.span.end..next.span.start).unwrap_or_default())
        {
            first -= 1;
        }
        let before = actions.get(first).map_or("", |action| line_before(text, action.span.start));
        if is_key(before) && is_above_block(text, before, last.span.end, actions.get(line.end..).unwrap_or_default()) {
            actions.iter_mut().take(line.end).skip(first).for_each(|action| action.place = Place::AboveBlock);
        }
    }
}

/// Whether the line that begins with `before` has nothing but a key so far.
fn is_key(before: &str) -> bool {
    before.trim_end().ends_with(':') && !before.trim_start().starts_with('#') && !before.contains(" #")
}

/// Whether what stands below the line at the offset `at`, which `before` begins with a key, belongs to the key.
fn is_above_block(text: &str, before: &str, at: usize, actions: &[Action]) -> bool {
    let key = before.len() - before.trim_start_matches([' ', '-']).len();
    content_below(text, at, actions).is_some_and(|content| {
        let column = content.len() - content.trim_start().len();
        // A list may stand in the column of its key.
        column > key || (column == key && content.trim_start().starts_with("- "))
    })
}

/// The first line below the one at the offset `at` that is more than blanks, a comment or `actions` that stand alone.
fn content_below<'t>(text: &'t str, at: usize, actions: &[Action]) -> Option<&'t str> {
    let mut start = at + text.get(at..)?.find('\n')? + 1;
    loop {
        let line = text.get(start..)?.split('\n').next()?;
        let content = line.trim_start();
        let first = start + line.len() - content.len();
        let next = actions.partition_point(|action| action.span.start < first);
        if let Some(action) = actions.get(next).filter(|action| action.is_alone() && action.span.start == first) {
            start = action.span.end;
        } else if content.is_empty() || content.starts_with('#') {
            start += line.len() + 1;
        } else {
            return Some(line);
        }
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
/// make a plain scalar. Those above a block give nothing here: what they give is added to the block.
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
        if action.is_alone() {
            blanked.truncate(blanked.trim_end_matches([' ', '\t']).len());
        }
        // What was cut off counts too.
        let start = if action.is_alone() { blanked.len() } else { action.span.start };
        for byte in text.get(start..at).unwrap_or_default().bytes() {
            match byte {
                b'\n' | b'\r' => {
                    // A second line must neither end the scalar nor add to it.
                    fill = if action.is_alone() { fill } else { ' ' };
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
    match (action.place, action.effect) {
        (Place::Alone, _) => '\n',
        (Place::AboveBlock, _) | (_, Effect::Comment) => ' ',
        (_, Effect::End) if is_last() => ' ',
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
        assert_eq!(actions.iter().map(Action::is_alone).collect::<Vec<_>>(), [true, true, false, false, false, false]);
    }

    #[test]
    fn a_key_with_an_action_may_stand_above_a_block() {
        let is_above = |text: &str| actions(text).first().unwrap().place == Place::AboveBlock;
        for text in [
            "k: {{ x }}\n  a: 1\n",
            "- k: {{- x }} # note\n    a: 1\n",
            "k: {{ x }}\n- a\n",
            "k: {{ if x }}{{ y }}{{ end }}\n\n  # note\n  {{ if z }} {{ y }}\n  a: 1\n",
        ] {
            assert!(is_above(text), "{text}");
        }
        for text in [
            "k: {{ x }}\na: 1\n",
            "- k: {{ x }}\n- a\n",
            "k: {{ x }}\n",
            "k: {{ x }}\n---\na: 1\n",
            "k: {{ x }}-v\n  a: 1\n",
            "k: v{{ x }}\n  a: 1\n",
            "# k: {{ x }}\n  a: 1\n",
            "k: {{ x }}\n  {{ y }}\nb: 1\n",
        ] {
            assert!(!is_above(text), "{text}");
        }
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
