//! Calls of functions and methods, and other uses of paths.

use std::rc::Rc;

use proc_macro2::Span as Token;
use syn::{BinOp, Expr};

use super::expressions::path_tokens;
use super::fact::{Constant, Fact, Link, Taint};
use super::node::Body;
use super::taint;
use super::walk::{Walker, plain};
use crate::document::node::Node;

impl Walker<'_> {
    pub(super) fn call(&mut self, call: &syn::ExprCall) -> Fact {
        let span = call.paren_token.span;
        let Expr::Path(function) = &*call.func else {
            let function = self.expr(&call.func);
            let arguments: Vec<Fact> = call.args.iter().map(|argument| self.expr(argument)).collect();
            let mut fact = Fact::new("call", function.first, span.close());
            fact.from = function.from;
            fact.inner = arguments.into();
            return fact;
        };
        if let Some(qself) = &function.qself {
            self.types(&qself.ty);
        }
        let arguments: Vec<Fact> = call.args.iter().map(|argument| self.expr(argument)).collect();
        let (first, last) = path_tokens(&function.path);
        self.generics_of(&function.path);
        let name = function.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        self.calls(&name);
        let meanings = self.meanings(&function.path);
        let best = Self::best(&meanings);
        self.use_of_path(&meanings, &name, "call", first, last, Some((&arguments, span.close())));
        let written = plain(&function.path);
        let mut fact = match arguments.first() {
            Some(only) if taint::is_passing(&written) => only.clone().written(first, span.close()),
            _ => Fact::new("call", first, span.close()),
        };
        if fact.name.is_none() {
            fact.name = Some(name.as_str().into());
        }
        fact.path = Some(best.as_str().into());
        if fact.from.is_none() {
            fact.from = Some(best.as_str().into());
            fact.from_argument = arguments.first().and_then(|first| first.text().cloned());
        }
        if let Some((control, source)) = taint::source(&meanings) {
            fact.taint = Some(Taint::new(control, source));
        }
        if taint::is_checking(&name) {
            for variable in arguments.iter().filter_map(|argument| argument.variable.clone()) {
                self.variables.checked(&variable);
            }
            fact.taint = None;
        }
        fact.inner = arguments.into();
        fact
    }

    pub(super) fn method_call(&mut self, call: &syn::ExprMethodCall) -> Fact {
        let receiver = self.expr(&call.receiver);
        let span = call.paren_token.span;
        let name = call.method.to_string();
        let arguments: Vec<Fact> = call
            .args
            .iter()
            .map(|argument| match argument {
                Expr::Closure(closure) => {
                    let at = closure.inputs_begin.span;
                    let walked = self.deeper(at, |walker| walker.closure(closure, Some(&receiver)));
                    walked.unwrap_or_else(|| Fact::new("closure", at, at))
                }
                argument => self.expr(argument),
            })
            .collect();
        self.calls(&name);
        if let Some(generics) = &call.turbofish {
            self.generic_arguments(generics);
        }
        self.method_piece(call, &name, &receiver, &arguments);
        self.flow(&name, &receiver, &arguments);
        let mut fact = if taint::is_transparent(&name) {
            let mut fact = receiver.clone();
            if taint::is_deriving(&name) {
                fact.constant = if fact.is_constant() { Constant::Parts } else { Constant::Unknown };
                fact.length = None;
            }
            fact
        } else {
            let mut fact = Fact::new("method", receiver.first, span.close());
            fact.from.clone_from(&receiver.from);
            fact.from_argument.clone_from(&receiver.from_argument);
            fact.name = Some(name.as_str().into());
            fact.taint.clone_from(&receiver.taint);
            fact.inner = arguments.iter().take(16).cloned().collect();
            fact
        };
        fact.path = None;
        fact.chain = Some(Link::behind(receiver.chain.as_ref(), &name));
        if taint::is_cutting(&name) && !parses_to_text(call) {
            fact.taint = None;
        }
        if taint::is_joining(&name) {
            for argument in &arguments {
                fact.tainted_by(argument);
            }
        }
        fact.written(receiver.first, span.close())
    }

    /// What a call of a method does to the variables in it.
    fn flow(&mut self, name: &str, receiver: &Fact, arguments: &[Fact]) {
        if taint::is_absorbing(name)
            && let Some(variable) = &receiver.variable
        {
            for argument in arguments {
                let taint = argument.taint.as_ref();
                self.variables.taint(variable, taint);
            }
        }
        if taint::READING.contains(&name) {
            for variable in arguments.iter().filter_map(|argument| argument.variable.as_ref()) {
                self.variables.taint(variable, receiver.taint.as_ref());
            }
        }
        let is_check = matches!(
            name,
            "contains"
                | "contains_key"
                | "starts_with"
                | "ends_with"
                | "is_match"
                | "eq"
                | "is_alphanumeric"
                | "is_absolute"
        ) || taint::is_checking(name);
        if is_check {
            let checked = arguments.iter().chain([receiver]).filter_map(|fact| fact.variable.clone());
            for variable in checked.collect::<Vec<Rc<str>>>() {
                self.variables.checked(&variable);
            }
        }
        if matches!(name, "all" | "any") && receiver.taint.is_some() {
            // Each character was looked at.
            if let Some(variable) = receiver.variable.clone() {
                self.variables.checked(&variable);
            }
        }
    }

    fn method_piece(&mut self, call: &syn::ExprMethodCall, name: &str, receiver: &Fact, arguments: &[Fact]) {
        let Some(kind) = self.interest.method(name).cloned() else { return };
        let span = call.paren_token.span;
        let header = self.text.of(call.method.span());
        let mut body = Body::at(header);
        body.text("name", name);
        body.push("receiver", self.text.expression(receiver));
        body.maybe("from", receiver.from.as_ref());
        body.maybe("from_argument", receiver.from_argument.as_ref());
        let chain = Link::names(receiver.chain.as_ref());
        body.texts("chain", chain.iter().map(|name| &**name));
        let between = self.text.span(span.open(), span.close());
        body.push("arguments", self.text.expressions(between, arguments));
        if let Some(generics) = &call.turbofish {
            let types = self.argument_paths(generics);
            body.texts("generics", types.iter().map(String::as_str));
        }
        let extent = self.text.span(receiver.first, span.close());
        body.push("call", Node::text(extent, self.text.slice(extent)));
        self.piece(vec![kind], body, header, extent);
    }

    /// Makes a resource of the use of a path, when a rule looks at such. `called` has the arguments and where they end.
    pub(super) fn use_of_path(
        &mut self,
        meanings: &[String],
        name: &str,
        used_as: &str,
        first: Token,
        last: Token,
        called: Option<(&[Fact], Token)>,
    ) {
        let kinds = self.interest.of_path(meanings);
        if kinds.is_empty() {
            return;
        }
        let header = self.text.span(first, last);
        let mut body = Body::at(header);
        body.text("name", name);
        body.text("path", &Self::best(meanings));
        body.text("used_as", used_as);
        let mut extent = header;
        if let Some((arguments, end)) = called {
            extent = self.text.span(first, end);
            body.push("arguments", self.text.expressions(extent, arguments));
        }
        self.piece(kinds, body, header, extent);
    }

    pub(super) fn comparison(&mut self, op: &BinOp, left: &Fact, right: &Fact) {
        if let Some(variable) = &left.variable
            && right.is_constant()
        {
            let variable = Rc::clone(variable);
            self.variables.checked(&variable);
        }
        self.named("comparison", left.first, right.last, |walker, body| {
            body.text("operator", if matches!(op, BinOp::Eq(_)) { "==" } else { "!=" });
            body.push("left", walker.text.expression(left));
            body.push("right", walker.text.expression(right));
        });
    }

    /// A value is given to a field or a variable that is there.
    pub(super) fn assignment(&mut self, target: &Fact, value: &Fact) {
        self.named("assignment", target.first, value.last, |walker, body| {
            body.maybe("name", target.name.as_ref());
            body.text("form", if target.kind == "field" { "field" } else { "variable" });
            body.maybe("from", target.from.as_ref());
            body.push("value", walker.text.expression(value));
        });
    }

    /// The same where a name is declared.
    pub(super) fn declaration(&mut self, form: &str, name: &syn::Ident, value: &Fact) {
        self.named("assignment", name.span(), value.last, |walker, body| {
            body.text("name", &name.to_string());
            body.text("form", form);
            body.push("value", walker.text.expression(value));
        });
    }

    pub(super) fn struct_expr(&mut self, literal: &syn::ExprStruct) -> Fact {
        let (first, last) = path_tokens(&literal.path);
        let close = literal.brace_token.span.close();
        let mut fields = Vec::new();
        for field in &literal.fields {
            let fact = self.expr(&field.expr);
            if let syn::Member::Named(name) = &field.member {
                if field.colon_token.is_some() {
                    self.declaration("struct", name, &fact);
                }
                fields.push((name, fact));
            }
        }
        if let Some(rest) = &literal.rest {
            self.expr(rest);
        }
        let name = literal.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        let meanings = self.meanings(&literal.path);
        if self.interest.wants_struct(&name) {
            let kinds = self.interest.of_struct(&meanings);
            let header = self.text.span(first, last);
            let mut body = Body::at(header);
            body.text("name", &name);
            body.text("path", &Self::best(&meanings));
            let mut inner = Body::at(header);
            for (name, fact) in &fields {
                inner.push(&name.to_string(), self.text.expression(fact));
            }
            body.push("fields", inner.node());
            let extent = self.text.span(first, close);
            self.piece(kinds, body, header, extent);
        }
        let mut fact = Fact::new("struct", first, close);
        fact.from = Some(Self::best(&meanings).as_str().into());
        for (_, field) in &fields {
            fact.tainted_by(field);
        }
        fact
    }

    pub(super) fn unsafe_block(&mut self, block: &syn::ExprUnsafe) -> Fact {
        let span = block.block.brace_token.span;
        if self.interest.wants("unsafe-block") {
            let at = self.text.of(block.unsafe_token.span).start;
            let statement = self.statement.map(|statement| self.text.of(statement).start);
            let first = block.block.stmts.first().map(|statement| self.text.of(statement_start(statement)).end);
            let inside = crate::span::Span::new(at, first.unwrap_or(self.text.of(span.close()).start));
            let is_explained = self.comments.above(at)
                || statement.is_some_and(|start| start < at && self.comments.above(start))
                || self.comments.within(inside);
            let statements = block.block.stmts.len();
            self.named("unsafe-block", block.unsafe_token.span, span.close(), |_, body| {
                body.flag("has_safety_comment", is_explained);
                body.plain("statements", &statements.to_string());
            });
        }
        let inner = self.block(&block.block);
        match inner {
            Some(fact) => fact.written(block.unsafe_token.span, span.close()),
            None => Fact::new("unsafe", block.unsafe_token.span, span.close()),
        }
    }
}

fn statement_start(statement: &syn::Stmt) -> Token {
    match statement {
        syn::Stmt::Local(local) => local.let_token.span,
        syn::Stmt::Macro(item) => path_tokens(&item.mac.path).0,
        syn::Stmt::Expr(expr, _) => super::expressions::beginning(expr),
        syn::Stmt::Item(_) => Token::call_site(),
    }
}

/// `parse::<Url>()` gives what may still be anything.
fn parses_to_text(call: &syn::ExprMethodCall) -> bool {
    call.turbofish.as_ref().is_some_and(|generics| {
        generics.args.iter().any(|argument| match argument {
            syn::GenericArgument::Type(ty) => super::walk::bare_type(ty)
                .and_then(|path| path.segments.last())
                .is_some_and(|last| ["Url", "Uri", "PathBuf", "String"].iter().any(|name| last.ident == name)),
            _ => false,
        })
    })
}
