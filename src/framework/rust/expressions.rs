//! Expressions: what each is known to be, from the inside out.

use std::rc::Rc;

use proc_macro2::Span as Token;
use syn::{BinOp, Expr, Lit, Member, Pat};

use super::fact::{Constant, Fact};
use super::walk::Walker;

impl Walker<'_> {
    /// Walks over an expression.
    pub(super) fn expr(&mut self, expr: &Expr) -> Fact {
        let at = first_token(expr);
        self.deeper(at, |walker| walker.expr_inside(expr)).unwrap_or_else(|| Fact::new("other", at, at))
    }

    fn expr_inside(&mut self, expr: &Expr) -> Fact {
        match expr {
            Expr::Lit(lit) => literal(&lit.lit),
            Expr::Path(path) => self.path_expr(path),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::Call(call) => self.call(call),
            Expr::Macro(call) => self.macro_call(&call.mac),
            Expr::Reference(reference) => {
                let inner = self.expr(&reference.expr);
                let last = inner.last;
                inner.written(reference.and_token.span, last)
            }
            Expr::Paren(paren) => {
                let inner = self.expr(&paren.expr);
                inner.written(paren.paren_token.span.open(), paren.paren_token.span.close())
            }
            Expr::Group(group) => self.expr(&group.expr),
            Expr::Try(try_) => {
                let inner = self.expr(&try_.expr);
                let first = inner.first;
                inner.written(first, try_.question_token.span)
            }
            Expr::Await(wait) => {
                let inner = self.expr(&wait.base);
                let first = inner.first;
                inner.written(first, wait.await_token.span)
            }
            Expr::Field(field) => self.field(field),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Unary(unary) => self.unary(unary),
            Expr::Assign(assign) => self.assign(assign),
            Expr::Struct(literal) => self.struct_expr(literal),
            Expr::Array(array) => {
                let span = array.bracket_token.span;
                self.elements("array", array.elems.iter(), span.open(), span.close())
            }
            Expr::Tuple(tuple) => {
                let span = tuple.paren_token.span;
                self.elements("tuple", tuple.elems.iter(), span.open(), span.close())
            }
            Expr::Repeat(repeat) => self.repeat(repeat),
            Expr::Cast(cast) => {
                let mut inner = self.expr(&cast.expr);
                self.types(&cast.ty);
                inner.taint = None;
                inner.last = last_of_type(&cast.ty).unwrap_or(cast.as_token.span);
                inner
            }
            Expr::Index(index) => {
                let mut inner = self.expr(&index.expr);
                self.expr(&index.index);
                inner.kind = "index";
                if inner.is_constant() {
                    inner.constant = Constant::Parts;
                }
                inner.length = None;
                inner.last = index.bracket_token.span.close();
                inner
            }
            _ => self.control(expr),
        }
    }

    /// Blocks, branches and loops.
    fn control(&mut self, expr: &Expr) -> Fact {
        match expr {
            Expr::Block(block) => self.value_of(&block.block),
            Expr::Unsafe(block) => self.unsafe_block(block),
            Expr::Async(block) => self.value_of(&block.block),
            Expr::Const(block) => self.value_of(&block.block),
            Expr::TryBlock(block) => self.value_of(&block.block),
            Expr::If(branch) => self.branch(branch),
            Expr::Match(matching) => self.matching(matching),
            Expr::Closure(closure) => self.closure(closure, None),
            Expr::While(repeated) => {
                let mark = self.variables.mark();
                self.expr(&repeated.cond);
                self.loops += 1;
                self.block(&repeated.body);
                self.loops -= 1;
                self.variables.leave(mark);
                other(expr)
            }
            Expr::ForLoop(repeated) => {
                let mark = self.variables.mark();
                let mut item = self.expr(&repeated.expr);
                item.constant = if item.is_constant() { Constant::Parts } else { Constant::Unknown };
                item.length = None;
                self.bind(&repeated.pat, &item);
                self.loops += 1;
                self.block(&repeated.body);
                self.loops -= 1;
                self.variables.leave(mark);
                other(expr)
            }
            Expr::Loop(repeated) => {
                self.loops += 1;
                self.block(&repeated.body);
                self.loops -= 1;
                other(expr)
            }
            Expr::Let(condition) => {
                let fact = self.expr(&condition.expr);
                self.bind(&condition.pat, &fact);
                other(expr)
            }
            Expr::Return(leave) => self.inner_of(leave.expr.as_deref(), expr),
            Expr::Break(leave) => self.inner_of(leave.expr.as_deref(), expr),
            Expr::Yield(leave) => self.inner_of(leave.expr.as_deref(), expr),
            Expr::Range(range) => {
                for end in [&range.start, &range.end].into_iter().flatten() {
                    self.expr(end);
                }
                other(expr)
            }
            Expr::RawAddr(address) => {
                let inner = self.expr(&address.expr);
                let last = inner.last;
                inner.written(address.and_token.span, last)
            }
            _ => other(expr),
        }
    }

    fn inner_of(&mut self, inner: Option<&Expr>, expr: &Expr) -> Fact {
        match inner {
            Some(inner) => self.expr(inner),
            None => other(expr),
        }
    }

    fn value_of(&mut self, block: &syn::Block) -> Fact {
        let span = block.brace_token.span;
        let inner = self.block(block);
        match inner {
            Some(fact) => fact.written(span.open(), span.close()),
            None => Fact::new("block", span.open(), span.close()),
        }
    }

    fn path_expr(&mut self, expr: &syn::ExprPath) -> Fact {
        let path = &expr.path;
        let (first, last) = path_tokens(path);
        if let Some(qself) = &expr.qself {
            self.types(&qself.ty);
        }
        let Some(segment) = path.segments.last() else { return Fact::new("path", first, last) };
        let name = segment.ident.to_string();
        if path.segments.len() == 1 && path.leading_colon.is_none() {
            if let Some(known) = self.variables.get(&name) {
                let mut fact = known.clone().written(first, last);
                fact.kind = if fact.is_constant() { fact.kind } else { "path" };
                fact.name = Some(name.as_str().into());
                return fact;
            }
            if name == "self" {
                let mut fact = Fact::new("path", first, last);
                fact.from = self.self_type.as_deref().map(Into::into);
                return fact;
            }
        }
        let mut fact = match self.constants.get(&name) {
            Some(Some(known)) => {
                let mut fact = known.clone().written(first, last);
                fact.kind = known.kind;
                fact
            }
            _ => Fact::new("path", first, last),
        };
        let meanings = self.meanings(path);
        self.use_of_path(&meanings, &name, "value", first, last, None);
        fact.path = Some(Self::best(&meanings).as_str().into());
        fact.name = Some(name.as_str().into());
        fact
    }

    fn field(&mut self, field: &syn::ExprField) -> Fact {
        let mut base = self.expr(&field.base);
        let (name, last) = match &field.member {
            Member::Named(name) => (Some(name.to_string()), name.span()),
            Member::Unnamed(index) => (None, index.span),
        };
        base.last = last;
        if let Some(name) = name {
            if let Some(Some(ty)) = self.fields.get(&name) {
                base.from = Some(Rc::clone(ty));
                base.chain = None;
            }
            base.name = Some(name.as_str().into());
            base.kind = "field";
            base.constant = Constant::Unknown;
            base.length = None;
        }
        base.path = None;
        base
    }

    fn binary(&mut self, binary: &syn::ExprBinary) -> Fact {
        let left = self.expr(&binary.left);
        let right = self.expr(&binary.right);
        let mut fact = Fact::new("binary", left.first, right.last);
        match binary.op {
            BinOp::Eq(_) | BinOp::Ne(_) => self.comparison(&binary.op, &left, &right),
            BinOp::Add(_) => {
                fact.tainted_by(&left);
                fact.tainted_by(&right);
                let is_text = left.text().is_some() || left.template.is_some() || left.interpolates;
                if is_text && !right.is_constant() {
                    fact.interpolates = true;
                }
                fact.template = left.template.clone().or_else(|| left.text().cloned());
            }
            BinOp::AddAssign(_) => {
                if let Some(name) = &left.variable {
                    let mut added = right.clone();
                    added.interpolates = !right.is_constant();
                    if added.template.is_none() {
                        added.template = left.text().cloned();
                    }
                    self.variables.assign(name, &added);
                }
            }
            _ => {}
        }
        fact.constant = arithmetic(&binary.op, &left, &right);
        fact
    }

    fn unary(&mut self, unary: &syn::ExprUnary) -> Fact {
        let mut inner = self.expr(&unary.expr);
        inner.first = match &unary.op {
            syn::UnOp::Deref(token) => token.span,
            syn::UnOp::Not(token) => token.span,
            syn::UnOp::Neg(token) => token.span,
            _ => inner.first,
        };
        match &unary.op {
            syn::UnOp::Deref(_) => {}
            syn::UnOp::Not(_) => {
                inner.constant = match &inner.constant {
                    Constant::Plain(text) if &**text == "true" => Constant::Plain("false".into()),
                    Constant::Plain(text) if &**text == "false" => Constant::Plain("true".into()),
                    Constant::Unknown => Constant::Unknown,
                    _ => Constant::Parts,
                };
                inner.taint = None;
            }
            _ => {
                inner.constant = match inner.number().and_then(i128::checked_neg) {
                    Some(number) => Constant::Plain(number.to_string().into()),
                    None if inner.is_constant() => Constant::Parts,
                    None => Constant::Unknown,
                };
            }
        }
        inner
    }

    fn assign(&mut self, assign: &syn::ExprAssign) -> Fact {
        let value = self.expr(&assign.right);
        let target = self.expr(&assign.left);
        if let Some(name) = &target.variable {
            self.variables.assign(name, &value);
        }
        self.assignment(&target, &value);
        Fact::new("assign", target.first, value.last)
    }

    fn elements<'e>(
        &mut self,
        kind: &'static str,
        elements: impl Iterator<Item = &'e Expr>,
        first: Token,
        last: Token,
    ) -> Fact {
        let facts: Vec<Fact> = elements.map(|element| self.expr(element)).collect();
        let mut fact = Fact::new(kind, first, last);
        for inner in &facts {
            fact.tainted_by(inner);
        }
        if facts.iter().all(Fact::is_constant) {
            fact.constant = Constant::Parts;
        }
        fact.length = Some(facts.len());
        fact.inner = facts.into_iter().take(64).collect();
        fact
    }

    fn repeat(&mut self, repeat: &syn::ExprRepeat) -> Fact {
        let element = self.expr(&repeat.expr);
        let length = self.expr(&repeat.len);
        let span = repeat.bracket_token.span;
        let mut fact = Fact::new("array", span.open(), span.close());
        if element.is_constant() {
            fact.constant = Constant::Parts;
        }
        fact.length = length.number().and_then(|number| usize::try_from(number).ok());
        fact
    }

    fn branch(&mut self, branch: &syn::ExprIf) -> Fact {
        let mark = self.variables.mark();
        self.expr(&branch.cond);
        let then = self.block(&branch.then_branch);
        self.variables.leave(mark);
        let mut fact = Fact::new("if", branch.if_token.span, branch.then_branch.brace_token.span.close());
        if let Some(then) = &then {
            fact.tainted_by(then);
        }
        if let Some((_, otherwise)) = &branch.else_branch {
            let otherwise = self.expr(otherwise);
            fact.tainted_by(&otherwise);
            fact.last = otherwise.last;
        }
        fact
    }

    fn matching(&mut self, matching: &syn::ExprMatch) -> Fact {
        let subject = self.expr(&matching.expr);
        let mut fact = Fact::new("match", matching.match_token.span, matching.brace_token.span.close());
        // What is compared with literals and taken over from them is chosen from a list.
        let is_listed = matching.arms.iter().filter(|arm| is_literal_pattern(&arm.pat)).count() >= 1;
        for arm in &matching.arms {
            let mark = self.variables.mark();
            self.bind(&arm.pat, &subject);
            if let Pat::Guard(guarded) = &arm.pat {
                self.expr(&guarded.guard);
            }
            let value = self.expr(&arm.body);
            if !is_listed {
                fact.tainted_by(&value);
            }
            self.variables.leave(mark);
        }
        if fact.from.is_none() {
            fact.from.clone_from(&subject.from);
        }
        if is_listed && let Some(name) = &subject.variable {
            self.variables.checked(name);
        }
        fact
    }

    /// Walks over a closure; `given` is what its first parameters are made of.
    pub(super) fn closure(&mut self, closure: &syn::ExprClosure, given: Option<&Fact>) -> Fact {
        let mark = self.variables.mark();
        let nothing = Fact::new("path", closure.inputs_begin.span, closure.inputs_end.span);
        for input in &closure.inputs {
            let mut fact = given.cloned().unwrap_or_else(|| nothing.clone());
            fact.constant = Constant::Unknown;
            fact.variable = None;
            if let Pat::Type(typed) = input {
                self.types(&typed.ty);
                fact = self.parameter(&typed.ty, closure.inputs_begin.span);
            }
            self.bind(input, &fact);
        }
        let body = self.expr(&closure.body);
        self.variables.leave(mark);
        let mut fact = Fact::new("closure", closure.inputs_begin.span, body.last);
        fact.taint = body.taint;
        fact.interpolates = body.interpolates;
        fact.template = body.template;
        fact.constant = match body.constant {
            Constant::Plain(value) if matches!(&*value, "true" | "false") => Constant::Plain(value),
            _ => Constant::Unknown,
        };
        fact
    }

    /// Declares the variables of a pattern that `fact` is taken apart with.
    pub(super) fn bind(&mut self, pattern: &Pat, fact: &Fact) {
        let at = fact.first;
        self.deeper(at, |walker| walker.bind_inside(pattern, fact));
    }

    fn bind_inside(&mut self, pattern: &Pat, fact: &Fact) {
        match pattern {
            Pat::Ident(ident) => {
                let mut fact = fact.clone();
                if ident.mutability.is_some() && !matches!(fact.constant, Constant::Unknown) {
                    // It may change before it is used; that it began as a constant still says what it was made of.
                    fact.constant =
                        if fact.kind == "array" || fact.kind == "macro" { Constant::Unknown } else { fact.constant };
                }
                self.variables.declare(&ident.ident.to_string(), fact);
                if let Some((_, inner)) = &ident.subpat {
                    let fact = self.variables.get(&ident.ident.to_string()).cloned();
                    if let Some(fact) = fact {
                        self.bind(inner, &fact);
                    }
                }
            }
            Pat::Type(typed) => self.bind(&typed.pat, fact),
            Pat::Reference(reference) => self.bind(&reference.pat, fact),
            Pat::Paren(paren) => self.bind(&paren.pat, fact),
            Pat::Guard(guarded) => self.bind(&guarded.pat, fact),
            Pat::Tuple(tuple) => {
                if fact.kind == "tuple" && fact.inner.len() == tuple.elems.len() {
                    for (pattern, fact) in tuple.elems.iter().zip(fact.inner.iter()) {
                        self.bind(pattern, fact);
                    }
                } else {
                    self.parts(tuple.elems.iter(), fact);
                }
            }
            Pat::TupleStruct(tuple) => {
                if tuple.elems.len() == 1
                    && let Some(only) = tuple.elems.first()
                {
                    self.bind(only, fact);
                } else {
                    self.parts(tuple.elems.iter(), fact);
                }
            }
            Pat::Slice(slice) => self.parts(slice.elems.iter(), fact),
            Pat::Struct(record) => self.parts(record.fields.iter().map(|field| &*field.pat), fact),
            Pat::Or(any) => {
                if let Some(first) = any.cases.first() {
                    self.bind(first, fact);
                }
            }
            _ => {}
        }
    }

    /// The parts of a value come from where it comes from, and that is all.
    fn parts<'p>(&mut self, patterns: impl Iterator<Item = &'p Pat>, fact: &Fact) {
        let mut part = Fact::new("path", fact.first, fact.last);
        part.taint.clone_from(&fact.taint);
        part.from.clone_from(&fact.from);
        for pattern in patterns {
            self.bind(pattern, &part);
        }
    }
}

/// The value of an operator on two numbers.
fn arithmetic(op: &BinOp, left: &Fact, right: &Fact) -> Constant {
    let (Some(a), Some(b)) = (left.number(), right.number()) else {
        let is_value = matches!(op, BinOp::Add(_) | BinOp::BitOr(_) | BinOp::BitAnd(_) | BinOp::BitXor(_));
        return if is_value && left.is_constant() && right.is_constant() { Constant::Parts } else { Constant::Unknown };
    };
    let bits = u32::try_from(b).unwrap_or(u32::MAX);
    let value = match op {
        BinOp::Add(_) => a.checked_add(b),
        BinOp::Sub(_) => a.checked_sub(b),
        BinOp::Mul(_) => a.checked_mul(b),
        BinOp::Div(_) => a.checked_div(b),
        BinOp::BitOr(_) => Some(a | b),
        BinOp::BitAnd(_) => Some(a & b),
        BinOp::Shl(_) if bits < 64 => a.checked_shl(bits).filter(|_| a.unsigned_abs() < 1 << 60),
        BinOp::Shr(_) => a.checked_shr(bits),
        _ => None,
    };
    value.map_or(Constant::Unknown, |value| Constant::Plain(value.to_string().into()))
}

/// What a literal is.
pub(super) fn literal(lit: &Lit) -> Fact {
    let span = lit.span();
    let mut fact = Fact::new("literal", span, span);
    fact.constant = match lit {
        Lit::Str(text) => {
            let text = text.value();
            fact.length = Some(text.len());
            Constant::Text(text.into())
        }
        Lit::ByteStr(bytes) => {
            let bytes = bytes.value();
            fact.length = Some(bytes.len());
            String::from_utf8(bytes).map_or(Constant::Bytes, |text| Constant::Text(text.into()))
        }
        Lit::CStr(text) => text.value().into_string().map_or(Constant::Bytes, |text| Constant::Text(text.into())),
        Lit::Byte(byte) => Constant::Plain(byte.value().to_string().into()),
        Lit::Char(char) => Constant::Text(char.value().to_string().into()),
        Lit::Int(number) => Constant::Plain(number.base10_digits().into()),
        Lit::Float(number) => Constant::Plain(number.base10_digits().into()),
        Lit::Bool(value) => Constant::Plain(if value.value { "true" } else { "false" }.into()),
        _ => Constant::Unknown,
    };
    fact
}

fn is_literal_pattern(pattern: &Pat) -> bool {
    match pattern {
        Pat::Lit(_) => true,
        Pat::Or(any) => any.cases.iter().all(|case| matches!(case, Pat::Lit(_))),
        Pat::TupleStruct(tuple) => tuple.elems.len() == 1 && tuple.elems.iter().all(|only| matches!(only, Pat::Lit(_))),
        _ => false,
    }
}

fn other(expr: &Expr) -> Fact {
    let at = first_token(expr);
    Fact::new("other", at, at)
}

/// First and last token of a path.
pub(super) fn path_tokens(path: &syn::Path) -> (Token, Token) {
    let first = match (&path.leading_colon, path.segments.first()) {
        (Some(colon), _) => colon.spans[0],
        (None, Some(segment)) => segment.ident.span(),
        (None, None) => Token::call_site(),
    };
    let last = path.segments.last().map_or(first, |segment| match &segment.arguments {
        syn::PathArguments::AngleBracketed(arguments) => arguments.gt_token.span,
        syn::PathArguments::Parenthesized(arguments) => arguments.paren_token.span.close(),
        syn::PathArguments::None => segment.ident.span(),
    });
    (first, last)
}

fn last_of_type(ty: &syn::Type) -> Option<Token> {
    super::walk::bare_type(ty).map(|path| path_tokens(path).1)
}

/// The token that an expression begins with, through the receivers of its calls, within a bound.
pub(super) fn beginning(mut expr: &Expr) -> Token {
    for _ in 0..super::walk::MAX_DEPTH {
        expr = match expr {
            Expr::MethodCall(call) => &call.receiver,
            Expr::Call(call) => &call.func,
            Expr::Field(field) => &field.base,
            Expr::Try(inner) => &inner.expr,
            Expr::Await(inner) => &inner.base,
            Expr::Index(index) => &index.expr,
            Expr::Binary(binary) => &binary.left,
            Expr::Assign(assign) => &assign.left,
            Expr::Cast(cast) => &cast.expr,
            _ => break,
        };
    }
    first_token(expr)
}

/// The token that an expression begins with, or one near it.
fn first_token(expr: &Expr) -> Token {
    match expr {
        Expr::Lit(lit) => lit.lit.span(),
        Expr::Path(path) => path_tokens(&path.path).0,
        Expr::MethodCall(call) => call.dot_token.span,
        Expr::Call(call) => call.paren_token.span.open(),
        Expr::Macro(call) => path_tokens(&call.mac.path).0,
        Expr::Reference(reference) => reference.and_token.span,
        Expr::Block(block) => block.block.brace_token.span.open(),
        Expr::Unsafe(block) => block.unsafe_token.span,
        Expr::If(branch) => branch.if_token.span,
        Expr::Match(matching) => matching.match_token.span,
        Expr::While(repeated) => repeated.while_token.span,
        Expr::ForLoop(repeated) => repeated.for_token.span,
        Expr::Loop(repeated) => repeated.loop_token.span,
        Expr::Let(condition) => condition.let_token.span,
        Expr::Return(leave) => leave.return_token.span,
        Expr::Break(leave) => leave.break_token.span,
        Expr::Closure(closure) => closure.inputs_begin.span,
        Expr::Paren(paren) => paren.paren_token.span.open(),
        Expr::Tuple(tuple) => tuple.paren_token.span.open(),
        Expr::Array(array) => array.bracket_token.span.open(),
        Expr::Binary(binary) => operator_token(&binary.op),
        _ => Token::call_site(),
    }
}

fn operator_token(op: &BinOp) -> Token {
    match op {
        BinOp::Add(token) => token.span,
        BinOp::Sub(token) => token.span,
        BinOp::Mul(token) => token.span,
        BinOp::And(token) => token.spans[0],
        BinOp::Or(token) => token.spans[0],
        _ => Token::call_site(),
    }
}
