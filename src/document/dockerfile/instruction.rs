//! One logical line into an instruction: keyword, flags, the JSON form, here-documents, nested instructions.

use super::arguments::{json_words, raw_words};
use super::lines::Lines;
use super::{Flag, HereDocument, Instruction, Keyword};
use crate::document::ParseError;
use crate::document::excerpt::{Excerpt, Word};
use crate::span::Span;

/// Most here-documents of one instruction.
const MAX_HERE_DOCUMENTS: usize = 64;

/// Reads the instruction of a logical line, and its here-documents from the lines that follow.
pub(super) fn read(line: &Excerpt, escape: char, lines: &mut Lines) -> Result<Instruction, ParseError> {
    instruction(line, escape, lines, true)
}

fn instruction(line: &Excerpt, escape: char, lines: &mut Lines, may_nest: bool) -> Result<Instruction, ParseError> {
    let text = line.as_str();
    let length = text.find(char::is_whitespace).unwrap_or(text.len());
    let word = text.get(..length).unwrap_or_default();
    let error = |at: usize, message: String| ParseError { offset: line.offset(at), message };
    let keyword = Keyword::of(word).ok_or_else(|| {
        let shown: String = word.chars().take(32).collect();
        error(0, format!("`{shown}` is no instruction"))
    })?;
    let mut rest = line.part(length, text.len()).trimmed();
    let flags = if keyword.has_flags() { take_flags(&mut rest, escape) } else { Vec::new() };
    if rest.as_str().is_empty() {
        return Err(error(length.saturating_sub(1), format!("`{}` needs an argument", keyword.as_str())));
    }
    let exec = if keyword.has_exec_form() { json_words(&rest) } else { None };
    if keyword == Keyword::Shell && exec.is_none() {
        return Err(error(length, "`SHELL` takes a JSON list of texts in double quotes".to_owned()));
    }
    let here_documents =
        if keyword.has_here_documents() && exec.is_none() { here_documents(&rest, escape, lines) } else { Vec::new() };
    let nested = match keyword {
        Keyword::Onbuild if may_nest => Some(Box::new(instruction(&rest, escape, lines, false)?)),
        Keyword::Healthcheck => healthcheck(&rest, escape, lines)?,
        _ => None,
    };
    let mut span = line.whole();
    let last = here_documents.last().or_else(|| nested.as_ref()?.here_documents.last());
    if let Some(last) = last {
        let bytes = last.full.as_str().trim_end_matches(['\r', '\n']).len();
        span = Span::new(span.start, last.full.span(0, bytes).end.max(span.end));
    }
    Ok(Instruction {
        keyword,
        keyword_span: line.span(0, length),
        span,
        flags,
        arguments: rest,
        exec,
        here_documents,
        nested,
    })
}

/// What `HEALTHCHECK` runs, as the `CMD` that is written there; nothing for `NONE`.
fn healthcheck(rest: &Excerpt, escape: char, lines: &mut Lines) -> Result<Option<Box<Instruction>>, ParseError> {
    let first = rest.as_str().split_whitespace().next().unwrap_or_default();
    if first.eq_ignore_ascii_case("NONE") {
        Ok(None)
    } else if first.eq_ignore_ascii_case("CMD") {
        instruction(rest, escape, lines, false).map(|command| Some(Box::new(command)))
    } else {
        Err(ParseError { offset: rest.offset(0), message: "`HEALTHCHECK` takes `NONE` or `CMD`".to_owned() })
    }
}

/// Takes the flags at the beginning of `rest`.
fn take_flags(rest: &mut Excerpt, escape: char) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut end = 0;
    for (start, stop) in raw_words(rest.as_str(), escape) {
        let raw = rest.as_str().get(start..stop).unwrap_or_default();
        let Some(flag) = raw.strip_prefix("--") else { break };
        end = stop;
        if flag.is_empty() {
            break;
        }
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(stop - value.len())),
            None => (flag, None),
        };
        flags.push(Flag {
            span: rest.span(start, stop),
            name: name.to_owned(),
            value: value.map(|from| Word {
                span: rest.span(from, stop),
                text: rest.part(from, stop),
                is_known: !raw.contains('$'),
            }),
        });
    }
    *rest = rest.part(end, rest.as_str().len()).trimmed();
    flags
}

fn here_documents(rest: &Excerpt, escape: char, lines: &mut Lines) -> Vec<HereDocument> {
    let text = rest.as_str();
    if !text.contains("<<") {
        return Vec::new();
    }
    let mut documents = Vec::new();
    for (start, stop) in raw_words(text, escape) {
        let word = text.get(start..stop).unwrap_or_default();
        let Some(opener) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<") else { continue };
        let (strips_tabs, name) = opener.strip_prefix('-').map_or((false, opener), |name| (true, name));
        // A redirection may follow without a space.
        let name = name.split(['>', '|', ';', '&', ')']).next().unwrap_or(name);
        if name.is_empty() || name.contains('<') || documents.len() >= MAX_HERE_DOCUMENTS {
            continue;
        }
        let name: String = name.chars().filter(|&c| !matches!(c, '"' | '\'') && c != escape).collect();
        documents.push(lines.here_document(rest.span(start, stop), &name, strips_tabs));
    }
    documents
}
