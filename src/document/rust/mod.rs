//! Rust source into syntax trees, by `syn`, within bounds on nesting that are checked before `syn` sees the text.

mod lexer;

#[cfg(test)]
mod tests;

use syn::parse::Parser as _;

use super::ParseError;
use crate::span::Span;

/// Most bytes of one file: its syntax tree takes about thirty times as much memory.
pub const MAX_TEXT: usize = 8 << 20;

/// What was read of one Rust file. Its token spans hold only until this thread parses the next file.
pub struct Parsed {
    /// The syntax tree.
    pub file: syn::File,
    /// Where in the text the tree begins: spans of tokens count from there.
    pub base: usize,
    /// Comments, documentation included, in order.
    pub comments: Vec<Span>,
    /// Where the delimiters open of macro calls whose tokens are nested too deep to be parsed.
    pub deep_macros: Vec<usize>,
}

/// Reads `text`.
///
/// # Errors
///
/// Where it is no Rust, or where it is nested too deep or too large to be parsed.
pub fn parse(text: &str) -> Result<Parsed, ParseError> {
    // The source map of the thread only grows; everything that was made of the file before is bytes by now.
    proc_macro2::extra::invalidate_current_thread_spans();
    if text.len() > MAX_TEXT {
        return Err(ParseError { offset: 0, message: format!("it has more than {MAX_TEXT} bytes") });
    }
    let base = beginning(text);
    let code = text.get(base..).unwrap_or_default();
    let mut outline = lexer::outline(code)?;
    let file = syn::parse_str::<syn::File>(code)
        .or_else(|error| statements(code).ok_or(error))
        .map_err(|error| ParseError { offset: base + error.span().byte_range().start, message: error.to_string() })?;
    for comment in &mut outline.comments {
        *comment = Span::new(comment.start + base, comment.end + base);
    }
    for open in &mut outline.deep_macros {
        *open += base;
    }
    Ok(Parsed { file, base, comments: outline.comments, deep_macros: outline.deep_macros })
}

/// What `include!` and examples have: statements, read as the body of a function behind the items among them.
fn statements(code: &str) -> Option<syn::File> {
    let mut file: syn::File = syn::parse_str("fn statements() {}").ok()?;
    let found = syn::Block::parse_within.parse_str(code).ok()?;
    let mut body = Vec::new();
    let mut items = Vec::new();
    for statement in found {
        match statement {
            syn::Stmt::Item(item) => items.push(item),
            other => body.push(other),
        }
    }
    if let Some(syn::Item::Fn(function)) = file.items.first_mut() {
        function.block.stmts = body;
    }
    file.items.splice(..0, items);
    Some(file)
}

/// Where the code begins: behind a byte order mark and a line `#!` for the shell, which `#![…]` is not.
/// <https://doc.rust-lang.org/reference/input-format.html>
fn beginning(text: &str) -> usize {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let code = text.get(mark..).unwrap_or_default();
    let is_shebang = code.strip_prefix("#!").is_some_and(|rest| !rest.trim_start().starts_with('['));
    if is_shebang { mark + code.find('\n').unwrap_or(code.len()) } else { mark }
}
