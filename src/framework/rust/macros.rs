//! Calls of macros: their tokens are read where they are a plain list of expressions, or statements.

use std::rc::Rc;

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::expressions::path_tokens;
use super::fact::{Constant, Fact};
use super::node::Body;
use super::walk::Walker;

/// Most variables that one text names in braces.
const MAX_CAPTURES: usize = 64;

impl Walker<'_> {
    pub(super) fn macro_call(&mut self, call: &syn::Macro) -> Fact {
        let (first, _) = path_tokens(&call.path);
        let (open, close) = match &call.delimiter {
            syn::MacroDelimiter::Paren(token) => (token.span.open(), token.span.close()),
            syn::MacroDelimiter::Brace(token) => (token.span.open(), token.span.close()),
            syn::MacroDelimiter::Bracket(token) => (token.span.open(), token.span.close()),
        };
        let name = call.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.calls(&name);
        let mut fact = Fact::new("macro", first, close);
        fact.name = Some(name.as_str().into());
        // Each level of macros in macros is read anew.
        let length = self.text.span(open, close).len();
        let is_affordable = self.macro_bytes >= length;
        self.macro_bytes = self.macro_bytes.saturating_sub(length);
        if !is_affordable {
            self.cut(first, "macros are nested too deep to be examined");
        }
        let is_deep = self.deep_macros.binary_search(&self.text.of(open).start).is_ok();
        let mut arguments = Vec::new();
        if !is_deep && is_affordable {
            let walked = self.deeper(first, |walker| walker.macro_arguments(&name, &call.tokens));
            arguments = walked.unwrap_or_default();
        }
        self.format(&name, &mut fact, &mut arguments);
        let meanings = self.imports.meanings(&super::walk::plain(&call.path));
        let best = Self::best(&meanings);
        if self.interest.wants_macro(&name) {
            let kinds = self.interest.of_macro(&meanings);
            let header = self.text.span(first, path_tokens(&call.path).1);
            let mut body = Body::at(header);
            body.text("name", &name);
            body.text("path", &best);
            body.push("arguments", self.text.expressions(self.text.span(open, close), &arguments));
            body.flag("interpolates", fact.interpolates);
            body.maybe("template", fact.template.as_ref());
            if let Some(taint) = &fact.taint {
                body.text("taint", taint.control);
                body.text("source", &taint.source);
            }
            let extent = self.text.span(first, close);
            self.piece(kinds, body, header, extent);
        }
        if name == "matches"
            && let Some(variable) = arguments.first().and_then(|first| first.variable.clone())
        {
            self.variables.checked(&variable);
        }
        fact.path = Some(best.as_str().into());
        fact.inner = arguments.into_iter().take(64).collect();
        fact
    }

    /// The arguments of a call of a macro; statements in it are walked over and give none.
    fn macro_arguments(&mut self, name: &str, tokens: &TokenStream) -> Vec<Fact> {
        if tokens.is_empty() || matches!(name, "macro_rules" | "quote" | "quote_spanned" | "parse_quote" | "asm") {
            return Vec::new();
        }
        let list = Punctuated::<Expr, Token![,]>::parse_terminated;
        if let Ok(list) = list.parse2(tokens.clone()) {
            return list.iter().map(|argument| self.macro_argument(argument)).collect();
        }
        let repeated = |input: syn::parse::ParseStream<'_>| {
            let element: Expr = input.parse()?;
            input.parse::<Token![;]>()?;
            Ok((element, input.parse::<Expr>()?))
        };
        if let Ok((element, length)) = repeated.parse2(tokens.clone()) {
            return vec![self.expr(&element), self.expr(&length)];
        }
        if let Ok(statements) = syn::Block::parse_within.parse2(tokens.clone()) {
            let mark = self.variables.mark();
            self.statements(&statements);
            self.variables.leave(mark);
            return Vec::new();
        }
        self.fields(tokens)
    }

    fn macro_argument(&mut self, argument: &Expr) -> Fact {
        match argument {
            // `name = value`
            Expr::Assign(assign) => {
                let mut fact = self.expr(&assign.right);
                if let Expr::Path(name) = &*assign.left
                    && let Some(name) = name.path.get_ident()
                {
                    fact.name = Some(name.to_string().into());
                }
                fact
            }
            argument => self.expr(argument),
        }
    }

    /// `name = %value, ?value, "text {}", value`, as macros of `tracing` take.
    fn fields(&mut self, tokens: &TokenStream) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut part: Vec<TokenTree> = Vec::new();
        for token in tokens.clone() {
            match &token {
                TokenTree::Punct(punct) if punct.as_char() == ',' => facts.extend(self.part(&part)),
                _ => {
                    part.push(token);
                    continue;
                }
            }
            part.clear();
        }
        facts.extend(self.part(&part));
        facts
    }

    fn part(&mut self, part: &[TokenTree]) -> Option<Fact> {
        let is =
            |token: Option<&TokenTree>, c: char| matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == c);
        let mut value = part;
        let mut name: Option<Rc<str>> = None;
        let mut at = 0;
        while let Some(TokenTree::Ident(ident)) = part.get(at) {
            name = Some(ident.to_string().into());
            at += 1;
            if is(part.get(at), '=') || is(part.get(at), ':') && !is(part.get(at + 1), ':') {
                value = part.get(at + 1..)?;
                break;
            }
            if !is(part.get(at), '.') {
                break;
            }
            at += 1;
        }
        if is(value.first(), '%') || is(value.first(), '?') {
            value = value.get(1..)?;
        }
        let expr: Expr = syn::parse2(value.iter().cloned().collect()).ok()?;
        let mut fact = self.expr(&expr);
        if value.len() < part.len() && name.is_some() {
            fact.name = name;
        }
        Some(fact)
    }

    /// What a macro that formats makes of its `arguments`, to which those that its text names are added.
    fn format(&mut self, name: &str, fact: &mut Fact, arguments: &mut Vec<Fact>) {
        match name {
            "vec" | "concat" | "env" | "option_env" | "include_str" | "include_bytes" | "stringify" | "hex" => {
                if arguments.iter().all(Fact::is_constant) {
                    fact.constant = Constant::Parts;
                }
                let is_repeated =
                    name == "vec" && arguments.len() == 2 && arguments.get(1).and_then(Fact::number).is_some();
                fact.length = (name == "vec" && !is_repeated).then_some(arguments.len());
                for argument in arguments.iter() {
                    fact.tainted_by(argument);
                }
                return;
            }
            "json" | "matches" => return,
            _ => {}
        }
        let Some(position) =
            arguments.iter().position(|argument| argument.text().is_some() && argument.kind == "literal")
        else {
            return;
        };
        let Some(template) = arguments.get(position).and_then(|argument| argument.text().cloned()) else { return };
        let at = (arguments[position].first, arguments[position].last);
        let placeholders = placeholders(&template);
        for name in placeholders.iter().filter(|name| name.starts_with(|c: char| c.is_alphabetic() || c == '_')) {
            if arguments.iter().any(|argument| argument.name.as_deref() == Some(*name)) {
                continue;
            }
            let mut captured = match (self.variables.get(name), self.constants.get(*name)) {
                (Some(known), _) | (None, Some(Some(known))) => known.clone(),
                _ => Fact::new("path", at.0, at.1),
            };
            captured.name = Some((*name).into());
            arguments.push(captured.written(at.0, at.1));
        }
        let values = arguments.get(position + 1..).unwrap_or_default();
        fact.interpolates = !placeholders.is_empty() && values.iter().any(|value| !value.is_constant());
        for value in values {
            fact.tainted_by(value);
        }
        if placeholders.is_empty() {
            fact.constant = Constant::Text(Rc::clone(&template));
        } else if !fact.interpolates {
            fact.constant = Constant::Parts;
        }
        fact.template = Some(template);
    }
}

/// What stands between the braces of a text for `format!`, without how it is formatted.
fn placeholders(template: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        rest = &rest[open + 1..];
        if let Some(behind) = rest.strip_prefix('{') {
            rest = behind;
            continue;
        }
        let Some(close) = rest.find('}') else { break };
        let inside = &rest[..close];
        found.push(inside.split(':').next().unwrap_or(inside).trim());
        rest = &rest[close + 1..];
        if found.len() >= MAX_CAPTURES {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::placeholders;

    #[test]
    fn placeholders_are_told_from_braces() {
        assert_eq!(placeholders("a {} {b:?} {{c}} {0:>5} {"), ["", "b", "0"]);
    }
}
