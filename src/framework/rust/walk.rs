//! One walk over a syntax tree: what rules look at becomes a resource, with what is known of it at that place.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use proc_macro2::Span as Token;
use syn::{Expr, Item, Stmt};

use super::comments::Comments;
use super::fact::{Fact, Taint};
use super::imports::Imports;
use super::interest::Interest;
use super::node::{Body, Text};
use super::variables::Variables;
use crate::document::node::Node;
use crate::span::Span;

/// Most resources of one file.
const MAX_ITEMS: usize = 20_000;
/// Most expressions and blocks that are inside of each other.
pub(super) const MAX_DEPTH: usize = 400;
/// Most places that are named as not examined.
const MAX_CUTS: usize = 8;
/// How often the bytes of a file may be read as those of macros, for macros in macros.
const MAX_MACRO_LEVELS: usize = 8;
/// Most names of functions that one function is said to call.
const MAX_CALLS: usize = 500;

/// A resource in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The kinds that rules bind to.
    pub kinds: Vec<Arc<str>>,
    /// The function, type or module that it stands in.
    pub address: Arc<str>,
    /// What is known of it.
    pub body: Node,
    /// Where it is reported when nothing else decided.
    pub header: Span,
    /// All of it.
    pub extent: Span,
    /// Index of the innermost function around it.
    pub function: Option<usize>,
}

/// What a walk gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The resources.
    pub pieces: Vec<Piece>,
    /// The functions that they stand in, with their headers.
    pub functions: Vec<(Node, Span)>,
    /// The file.
    pub file: Option<Node>,
    /// What bounds cut, with the place.
    pub cuts: Vec<(usize, &'static str)>,
}

/// What is known while walking.
pub(super) struct Walker<'a> {
    pub(super) text: Text<'a>,
    pub(super) interest: &'a Interest,
    pub(super) comments: Comments<'a>,
    pub(super) deep_macros: &'a [usize],
    pub(super) imports: Imports,
    /// Constants and statics of the file; `None` where two have the same name.
    pub(super) constants: HashMap<String, Option<Fact>>,
    /// Types of fields of the file; `None` where two of the same name differ.
    pub(super) fields: HashMap<String, Option<Rc<str>>>,
    pub(super) variables: Variables,
    /// Modules, types and functions around.
    pub(super) address: Vec<String>,
    /// The type that `Self` stands for.
    pub(super) self_type: Option<String>,
    /// Inside of a test.
    pub(super) is_test: bool,
    /// Inside of a loop.
    pub(super) loops: usize,
    /// The function around.
    pub(super) function: Option<FunctionInside>,
    /// First token of the statement in hand.
    pub(super) statement: Option<Token>,
    pub(super) depth: usize,
    /// Bytes of macros that may still be read.
    pub(super) macro_bytes: usize,
    pub(super) out: Pieces,
}

/// A function that is walked through.
pub(super) struct FunctionInside {
    pub(super) index: usize,
    pub(super) calls: BTreeSet<String>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(text: Text<'a>, interest: &'a Interest, comments: &'a [Span], deep_macros: &'a [usize]) -> Self {
        Self {
            text,
            interest,
            comments: Comments::new(text.text, comments),
            deep_macros,
            imports: Imports::default(),
            constants: HashMap::new(),
            fields: HashMap::new(),
            variables: Variables::default(),
            address: Vec::new(),
            self_type: None,
            is_test: false,
            loops: 0,
            function: None,
            statement: None,
            depth: 0,
            macro_bytes: text.text.len().saturating_mul(MAX_MACRO_LEVELS),
            out: Pieces::default(),
        }
    }

    /// Adds a resource, when it is of a kind.
    pub(super) fn piece(&mut self, kinds: Vec<Arc<str>>, mut body: Body, header: Span, extent: Span) {
        if kinds.is_empty() {
            return;
        }
        if self.out.pieces.len() >= MAX_ITEMS {
            if self.out.pieces.len() == MAX_ITEMS && self.out.cuts.last().is_none_or(|(_, why)| *why != TOO_MANY) {
                self.out.cuts.push((header.start, TOO_MANY));
            }
            return;
        }
        body.flag("is_test", self.is_test);
        body.flag("in_loop", self.loops > 0);
        let address = if self.address.is_empty() { Arc::from("file") } else { Arc::from(self.address.join("::")) };
        let function = self.function.as_ref().map(|function| function.index);
        self.out.pieces.push(Piece { kinds, address, body: body.node(), header, extent, function });
    }

    /// Adds a resource of a kind with a name of its own; `make` is called only when a rule wants it.
    pub(super) fn named(&mut self, kind: &str, first: Token, last: Token, make: impl FnOnce(&mut Self, &mut Body)) {
        if !self.interest.wants(kind) {
            return;
        }
        let span = self.text.span(first, last);
        let mut body = Body::at(self.text.of(first));
        make(self, &mut body);
        self.piece(vec![Arc::from(kind)], body, self.text.of(first), span);
    }

    /// Notes that the function around calls one of that name.
    pub(super) fn calls(&mut self, name: &str) {
        if let Some(function) = &mut self.function
            && function.calls.len() < MAX_CALLS
            && !function.calls.contains(name)
        {
            function.calls.insert(name.to_owned());
        }
    }

    /// What `path` may mean: the most likely meaning first.
    pub(super) fn meanings(&self, path: &syn::Path) -> Vec<String> {
        let written = plain(path);
        match (written.strip_prefix("Self"), &self.self_type) {
            (Some(rest), Some(own)) if rest.is_empty() || rest.starts_with("::") => vec![format!("{own}{rest}")],
            _ => self.imports.meanings(&written),
        }
    }

    /// Full path of a type, without references and generics.
    pub(super) fn type_path(&self, ty: &syn::Type) -> Option<String> {
        let path = bare_type(ty)?;
        Some(Self::best(&self.meanings(path)))
    }

    /// Of several meanings the one that is most likely; a name that a crate's glob import may give is taken for that.
    pub(super) fn best(meanings: &[String]) -> String {
        let first = meanings.first().cloned().unwrap_or_default();
        if meanings.len() == 2 && !first.contains("::") {
            return meanings.get(1).cloned().unwrap_or(first);
        }
        first
    }

    /// The fact of a function's parameter or a variable with a declared type.
    pub(super) fn of_type(&self, ty: &syn::Type, first: Token, last: Token) -> Fact {
        let mut fact = Fact::new("path", first, last);
        if let Some(path) = self.type_path(ty) {
            fact.from = Some(path.as_str().into());
        }
        fact
    }

    /// Who controls values of the type, when it is a request or an extractor.
    pub(super) fn request_taint(&self, ty: &syn::Type) -> Option<Rc<Taint>> {
        let path = bare_type(ty)?;
        let meanings = self.meanings(path);
        let request = meanings.iter().find(|path| super::taint::is_request(path))?;
        if let Some(syn::PathArguments::AngleBracketed(arguments)) = path.segments.last().map(|last| &last.arguments) {
            let is_harmless = |argument: &syn::GenericArgument| match argument {
                syn::GenericArgument::Type(ty) => is_harmless(ty, 0),
                _ => false,
            };
            if !arguments.args.is_empty() && arguments.args.iter().all(is_harmless) {
                return None;
            }
        }
        Some(Taint::new("request", request))
    }

    /// Walks over a block.
    pub(super) fn block(&mut self, block: &syn::Block) -> Option<Fact> {
        let mark = self.variables.mark();
        self.address_free_items(&block.stmts);
        let result = self.statements(&block.stmts);
        self.variables.leave(mark);
        result
    }

    /// Imports inside of a block count for the whole file: functions seldom differ in them.
    fn address_free_items(&mut self, statements: &[Stmt]) {
        for statement in statements {
            if let Stmt::Item(Item::Use(item)) = statement {
                self.imports.add(&item.tree);
            }
        }
    }

    pub(super) fn statements(&mut self, statements: &[Stmt]) -> Option<Fact> {
        let mut result = None;
        let before = self.statement;
        for statement in statements {
            result = None;
            match statement {
                Stmt::Local(local) => {
                    self.statement = Some(local.let_token.span);
                    self.local(local);
                }
                Stmt::Item(item) => {
                    let (function, loops) = (self.function.take(), std::mem::take(&mut self.loops));
                    self.item(item);
                    self.function = function;
                    self.loops = loops;
                }
                Stmt::Expr(expr, semicolon) => {
                    self.statement = None;
                    let fact = self.expr(expr);
                    result = semicolon.is_none().then_some(fact);
                }
                Stmt::Macro(item) => {
                    self.statement = None;
                    result = Some(self.macro_call(&item.mac));
                }
            }
        }
        self.statement = before;
        result
    }

    fn local(&mut self, local: &syn::Local) {
        let Some(init) = &local.init else {
            let unknown = Fact::new("path", local.let_token.span, local.let_token.span);
            return self.bind(&local.pat, &unknown);
        };
        let mut fact = self.expr(&init.expr);
        if let Some((_, diverge)) = &init.diverge {
            self.expr(diverge);
        }
        if let syn::Pat::Type(typed) = &local.pat {
            self.types(&typed.ty);
            // A declared type says more than a function whose result is collected, converted or parsed.
            if let Some(path) = self.type_path(&typed.ty).filter(|path| path.contains("::")) {
                fact.from = Some(path.as_str().into());
            }
            if bare_type(&typed.ty)
                .and_then(|path| path.segments.last())
                .is_some_and(|last| super::taint::is_harmless_type(&last.ident.to_string()))
            {
                fact.taint = None;
            }
        }
        if let syn::Pat::Ident(name) = &local.pat {
            self.declaration("let", &name.ident, &fact);
        }
        fact.declared = Some((local.let_token.span, fact.last));
        self.bind(&local.pat, &fact);
    }

    /// Notes that something was not examined.
    pub(super) fn cut(&mut self, at: Token, why: &'static str) {
        if self.out.cuts.len() < MAX_CUTS {
            self.out.cuts.push((self.text.of(at).start, why));
        }
    }

    /// One expression deeper. `None` when that is too deep.
    pub(super) fn deeper<T>(&mut self, at: Token, walk: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            self.cut(at, "an expression is nested too deep to be examined");
            return None;
        }
        self.depth += 1;
        let result = walk(self);
        self.depth -= 1;
        Some(result)
    }

    /// Takes note of the fact of a constant of the file.
    pub(super) fn constant(&mut self, name: &str, expr: &Expr) {
        let interest = Interest::default();
        let mut quiet = Walker::new(self.text, &interest, &[], self.deep_macros);
        quiet.macro_bytes = self.macro_bytes;
        let mut fact = quiet.expr(expr);
        self.macro_bytes = quiet.macro_bytes;
        fact.name = Some(name.into());
        match self.constants.get_mut(name) {
            Some(known) => *known = known.take().filter(|known| known.constant == fact.constant),
            None => {
                self.constants.insert(name.to_owned(), Some(fact));
            }
        }
    }
}

const TOO_MANY: &str = "there are more pieces of code in it than rules look at";

/// A path without its generic arguments.
pub(super) fn plain(path: &syn::Path) -> String {
    let mut out = String::new();
    for segment in &path.segments {
        if !out.is_empty() {
            out.push_str("::");
        }
        let name = segment.ident.to_string();
        out.push_str(name.strip_prefix("r#").unwrap_or(&name));
    }
    out
}

/// The path of a type behind references, pointers and parentheses.
pub(super) fn bare_type(mut ty: &syn::Type) -> Option<&syn::Path> {
    loop {
        match ty {
            syn::Type::Reference(reference) => ty = &reference.elem,
            syn::Type::Ptr(pointer) => ty = &pointer.elem,
            syn::Type::Paren(paren) => ty = &paren.elem,
            syn::Type::Group(group) => ty = &group.elem,
            syn::Type::Path(path) => return Some(&path.path),
            _ => return None,
        }
    }
}

/// Whether values of the type hold no free text.
fn is_harmless(ty: &syn::Type, depth: usize) -> bool {
    match ty {
        _ if depth > 8 => false,
        syn::Type::Tuple(tuple) => tuple.elems.iter().all(|ty| is_harmless(ty, depth + 1)),
        _ => bare_type(ty)
            .and_then(|path| path.segments.last())
            .is_some_and(|last| super::taint::is_harmless_type(&last.ident.to_string())),
    }
}
