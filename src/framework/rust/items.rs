//! Items: functions, types, implementations, statics, attributes and imports.

use std::rc::Rc;

use proc_macro2::Span as Token;
use syn::{Attribute, Fields, Item, Visibility};

use super::expressions::path_tokens;
use super::fact::{Constant, Fact, Taint};
use super::imports::imported;
use super::node::Body;
use super::walk::{FunctionInside, Walker, bare_type, plain};
use crate::document::node::Node;
use crate::span::Span;

/// Most modules, implementations and functions that are inside of each other.
const MAX_NESTING: usize = 64;
/// Most bytes of the text of an attribute's argument.
const MAX_ARGUMENT: usize = 200;

impl Walker<'_> {
    /// Takes note of what the items say that holds for the whole file: constants and fields.
    pub(super) fn survey(&mut self, items: &[Item]) {
        for item in items {
            match item {
                Item::Const(item) => self.constant(&item.ident.to_string(), &item.expr),
                Item::Static(item) if matches!(item.mutability, syn::StaticMutability::None) => {
                    self.constant(&item.ident.to_string(), &item.expr);
                }
                Item::Impl(item) => {
                    for item in &item.items {
                        if let syn::ImplItem::Const(item) = item {
                            self.constant(&item.ident.to_string(), &item.expr);
                        }
                    }
                }
                Item::Struct(item) => self.survey_fields(&item.fields),
                Item::Mod(item) => {
                    if let Some((_, items)) = &item.content {
                        self.survey(items);
                    }
                }
                _ => {}
            }
        }
    }

    fn survey_fields(&mut self, fields: &Fields) {
        for field in fields {
            let (Some(name), Some(path)) = (&field.ident, self.type_path(&field.ty)) else { continue };
            let path: Rc<str> = path.into();
            let known = self.fields.entry(name.to_string()).or_insert_with(|| Some(Rc::clone(&path)));
            if known.as_deref() != Some(&*path) {
                *known = None;
            }
        }
    }

    pub(super) fn items(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    pub(super) fn item(&mut self, item: &Item) {
        if self.address.len() > MAX_NESTING {
            return;
        }
        match item {
            Item::Fn(item) => {
                self.function(&item.attrs, Some(&item.vis), &item.sig, Some(&item.block));
            }
            Item::Mod(item) => {
                let was_test = self.is_test;
                self.is_test |= is_test(&item.attrs);
                self.attributes(&item.attrs, "module");
                if let Some((_, items)) = &item.content {
                    self.address.push(item.ident.to_string());
                    self.items(items);
                    self.address.pop();
                }
                self.is_test = was_test;
            }
            Item::Impl(item) => self.implementation(item),
            Item::Trait(item) => self.trait_item(item),
            Item::Struct(item) => {
                self.attributes(&item.attrs, "struct");
                for field in &item.fields {
                    self.types(&field.ty);
                }
                self.named("struct", item.struct_token.span, item.ident.span(), |walker, body| {
                    walker.type_body(body, &item.ident, &item.vis, &item.attrs);
                    body.push("fields", walker.fields_node(&item.fields, item.ident.span()));
                });
            }
            Item::Union(item) => self.attributes(&item.attrs, "union"),
            Item::Enum(item) => self.enumeration(item),
            Item::Const(item) => {
                self.attributes(&item.attrs, "const");
                self.types(&item.ty);
                let fact = self.expr(&item.expr);
                self.declaration("const", &item.ident, &fact);
            }
            Item::Static(item) => self.static_item(item),
            Item::Use(item) => self.import(item),
            Item::ExternCrate(item) => {
                self.named("import", item.extern_token.span, item.semi_token.span, |_, body| {
                    body.text("path", &item.ident.to_string());
                });
            }
            Item::Type(item) => self.types(&item.ty),
            Item::ForeignMod(item) => self.attributes(&item.attrs, "extern"),
            Item::Macro(item) if item.ident.is_none() => {
                self.macro_call(&item.mac);
            }
            _ => {}
        }
    }

    fn import(&mut self, item: &syn::ItemUse) {
        if !self.interest.wants("import") {
            return;
        }
        let mut paths = Vec::new();
        imported("", &item.tree, &mut paths, 0);
        for (path, name) in paths {
            self.named("import", name.span(), name.span(), |_, body| body.text("path", &path));
        }
    }

    fn static_item(&mut self, item: &syn::ItemStatic) {
        self.attributes(&item.attrs, "static");
        self.types(&item.ty);
        let fact = self.expr(&item.expr);
        self.declaration("static", &item.ident, &fact);
        let is_mut = matches!(item.mutability, syn::StaticMutability::Mut(_));
        self.named("static", item.static_token.span, item.ident.span(), |walker, body| {
            body.text("name", &item.ident.to_string());
            body.flag("is_mut", is_mut);
            body.flag("is_pub", is_pub(&item.vis));
            if let Some(path) = walker.type_path(&item.ty) {
                body.text("type", &path);
            }
            body.push("value", walker.text.expression(&fact));
        });
    }

    fn enumeration(&mut self, item: &syn::ItemEnum) {
        self.attributes(&item.attrs, "enum");
        for variant in &item.variants {
            for field in &variant.fields {
                self.types(&field.ty);
            }
        }
        self.named("enum", item.enum_token.span, item.ident.span(), |walker, body| {
            walker.type_body(body, &item.ident, &item.vis, &item.attrs);
            let mut fields = Vec::new();
            for variant in &item.variants {
                if let Node { value: crate::document::node::Value::Sequence(items), .. } =
                    walker.fields_node(&variant.fields, variant.ident.span())
                {
                    fields.extend(items);
                }
            }
            let span = walker.text.of(item.ident.span());
            body.push("fields", Node::sequence(span, fields));
            let names: Vec<String> = item.variants.iter().map(|variant| variant.ident.to_string()).collect();
            body.texts("variants", names.iter().map(String::as_str));
        });
    }

    fn type_body(&self, body: &mut Body, name: &syn::Ident, vis: &Visibility, attributes: &[Attribute]) {
        body.text("name", &name.to_string());
        body.flag("is_pub", is_pub(vis));
        let derives = self.derives(attributes);
        body.texts("derives", derives.iter().map(String::as_str));
        body.push("attributes", self.attribute_list(attributes));
    }

    fn fields_node(&self, fields: &Fields, of: Token) -> Node {
        let items = fields.iter().map(|field| {
            let at = field.ident.as_ref().map_or(of, syn::Ident::span);
            let mut body = Body::at(self.text.of(at));
            if let Some(name) = &field.ident {
                body.text("name", &name.to_string());
            }
            body.flag("is_pub", is_pub(&field.vis));
            if let Some(path) = self.type_path(&field.ty) {
                body.text("type", &path);
                let inner = bare_type(&field.ty).map(|path| self.inner_types(path)).unwrap_or_default();
                body.texts("generics", inner.iter().map(String::as_str));
            }
            body.push("attributes", self.attribute_list(&field.attrs));
            body.node()
        });
        Node::sequence(self.text.of(of), items.collect())
    }

    fn implementation(&mut self, item: &syn::ItemImpl) {
        let was_test = self.is_test;
        self.is_test |= is_test(&item.attrs);
        self.attributes(&item.attrs, "impl");
        let own = self.type_path(&item.self_ty);
        let (_, last) = bare_type(&item.self_ty).map_or((item.impl_token.span, item.impl_token.span), path_tokens);
        let first = item.unsafety.map_or(item.impl_token.span, |token| token.span);
        self.named("impl", first, last, |walker, body| {
            let at = walker.text.of(first).start;
            if let Some((path, _)) = &item.trait_ {
                body.text("trait", &Self::best(&walker.meanings(path)));
            }
            if let Some(own) = &own {
                body.text("type", own);
            }
            let ty = walker.text.span(item.impl_token.span, last);
            body.text("text", walker.text.slice(ty));
            body.flag("is_unsafe", item.unsafety.is_some());
            body.flag("is_negative", item.modifiers.polarity.is_some());
            body.flag("has_safety_comment", walker.comments.above(at));
            let params: Vec<Node> = item
                .generics
                .type_params()
                .map(|param| {
                    let mut inner = Body::at(walker.text.of(param.ident.span()));
                    inner.text("name", &param.ident.to_string());
                    let mut bounds = Vec::new();
                    walker.bounds(&param.bounds, &mut bounds);
                    for predicate in item.generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
                        if let syn::WherePredicate::Type(predicate) = predicate
                            && bare_type(&predicate.bounded_ty).is_some_and(|path| path.is_ident(&param.ident))
                        {
                            walker.bounds(&predicate.bounds, &mut bounds);
                        }
                    }
                    inner.texts("bounds", bounds.iter().map(String::as_str));
                    inner.node()
                })
                .collect();
            body.push("generics", Node::sequence(walker.text.of(first), params));
        });
        let before = std::mem::replace(&mut self.self_type, own.clone());
        let name = own.as_deref().map_or("impl", |own| own.rsplit("::").next().unwrap_or(own)).to_owned();
        self.address.push(name);
        for inner in &item.items {
            match inner {
                syn::ImplItem::Fn(function) => {
                    self.function(&function.attrs, Some(&function.vis), &function.sig, Some(&function.block));
                }
                syn::ImplItem::Const(constant) => {
                    let fact = self.expr(&constant.expr);
                    self.declaration("const", &constant.ident, &fact);
                }
                syn::ImplItem::Type(ty) => self.types(&ty.ty),
                _ => {}
            }
        }
        self.address.pop();
        self.self_type = before;
        self.is_test = was_test;
    }

    fn trait_item(&mut self, item: &syn::ItemTrait) {
        self.attributes(&item.attrs, "trait");
        self.named("trait", item.trait_token.span, item.ident.span(), |_, body| {
            body.text("name", &item.ident.to_string());
            body.flag("is_unsafe", item.unsafety.is_some());
            body.flag("is_pub", is_pub(&item.vis));
        });
        self.address.push(item.ident.to_string());
        let before = self.self_type.take();
        for inner in &item.items {
            if let syn::TraitItem::Fn(function) = inner {
                self.function(&function.attrs, None, &function.sig, function.default.as_ref());
            }
        }
        self.self_type = before;
        self.address.pop();
    }

    fn function(
        &mut self,
        attributes: &[Attribute],
        vis: Option<&Visibility>,
        signature: &syn::Signature,
        block: Option<&syn::Block>,
    ) {
        let was_test = self.is_test;
        self.is_test |= is_test(attributes);
        self.attributes(attributes, "function");
        self.address.push(signature.ident.to_string());
        let header = self.text.of(signature.ident.span());
        let index = self.out.functions.len();
        self.out.functions.push((Node::unknown(header), header));
        let outer = self.function.replace(FunctionInside { index, calls: std::collections::BTreeSet::new() });
        let variables = std::mem::take(&mut self.variables);
        let is_route = attributes.iter().any(is_rocket_route);
        for input in &signature.inputs {
            if let syn::FnArg::Typed(typed) = input {
                self.types(&typed.ty);
                let mut fact = self.parameter(&typed.ty, signature.ident.span());
                if is_route && fact.taint.is_none() && is_text(&typed.ty) {
                    fact.taint = Some(Taint::new("request", "rocket"));
                }
                fact.inner = Rc::from([]);
                self.bind(&typed.pat, &fact);
            }
        }
        if let syn::ReturnType::Type(_, ty) = &signature.output {
            self.types(ty);
        }
        if let Some(block) = block {
            self.block(block);
        }
        self.variables = variables;
        let inside = std::mem::replace(&mut self.function, outer);
        let is_unsafe = matches!(signature.safety, syn::Safety::Unsafe(_));
        let describe = |walker: &Self, body: &mut Body| {
            body.text("name", &signature.ident.to_string());
            body.flag("is_async", signature.asyncness.is_some());
            body.flag("is_unsafe", is_unsafe);
            body.flag("is_pub", vis.is_none_or(is_pub));
            body.push("attributes", walker.attribute_list(attributes));
            body.texts("calls", inside.iter().flat_map(|inside| &inside.calls).map(String::as_str));
        };
        let mut body = Body::at(header);
        describe(self, &mut body);
        body.flag("is_test", self.is_test);
        if let Some(place) = self.out.functions.get_mut(index) {
            place.0 = body.node();
        }
        let last = block.map_or(signature.ident.span(), |block| block.brace_token.span.close());
        if self.interest.wants("function") {
            let extent = self.text.span(signature.fn_token.span, last);
            let mut body = Body::at(header);
            describe(self, &mut body);
            let at = self.text.of(signature.fn_token.span).start;
            body.flag("has_safety_comment", is_unsafe && self.comments.above(at));
            body.flag("has_body", block.is_some());
            body.push("parameters", self.parameters_node(signature));
            if let syn::ReturnType::Type(_, ty) = &signature.output
                && let Some(path) = self.type_path(ty)
            {
                body.text("returns", &path);
            }
            self.piece(vec!["function".into()], body, header, extent);
        }
        self.address.pop();
        self.is_test = was_test;
    }

    fn parameters_node(&self, signature: &syn::Signature) -> Node {
        let items = signature.inputs.iter().filter_map(|input| {
            let syn::FnArg::Typed(typed) = input else { return None };
            let (first, last) = bare_type(&typed.ty).map(path_tokens)?;
            let mut body = Body::at(self.text.span(first, last));
            if let syn::Pat::Ident(name) = &*typed.pat {
                body.text("name", &name.ident.to_string());
            }
            body.text("type", &self.type_path(&typed.ty)?);
            let inner = bare_type(&typed.ty).map(|path| self.inner_types(path)).unwrap_or_default();
            body.texts("generics", inner.iter().map(String::as_str));
            body.flag("is_request", self.request_taint(&typed.ty).is_some());
            Some(body.node())
        });
        Node::sequence(self.text.of(signature.ident.span()), items.collect())
    }

    /// What is known of a parameter of that type.
    pub(super) fn parameter(&self, ty: &syn::Type, at: Token) -> Fact {
        let (first, last) = bare_type(ty).map_or((at, at), path_tokens);
        let mut fact = self.of_type(ty, first, last);
        fact.taint = self.request_taint(ty);
        fact.constant = Constant::Unknown;
        fact
    }

    /// Makes resources of attributes, when rules look at them.
    pub(super) fn attributes(&mut self, attributes: &[Attribute], on: &str) {
        if !self.interest.wants("attribute") {
            return;
        }
        for attribute in attributes {
            if attribute.path().is_ident("doc") {
                continue;
            }
            self.named(
                "attribute",
                attribute.pound_token.span,
                attribute.bracket_token.span.close(),
                |walker, body| {
                    walker.attribute_body(body, attribute);
                    body.text("on", on);
                },
            );
        }
    }

    fn attribute_body(&self, body: &mut Body, attribute: &Attribute) {
        body.text("path", &plain(attribute.path()));
        body.flag("is_inner", matches!(attribute.style, syn::AttrStyle::Inner(_)));
        if let syn::Meta::List(list) = &attribute.meta {
            let mut arguments = vec![String::new()];
            for token in list.tokens.clone() {
                let is_comma = matches!(&token, proc_macro2::TokenTree::Punct(punct) if punct.as_char() == ',');
                if is_comma {
                    arguments.push(String::new());
                } else if let Some(last) = arguments.last_mut().filter(|last| last.len() < MAX_ARGUMENT) {
                    last.push_str(&token.to_string());
                }
            }
            arguments.retain(|argument| !argument.is_empty());
            arguments.truncate(MAX_NESTING);
            body.texts("arguments", arguments.iter().map(String::as_str));
        }
        if let syn::Meta::NameValue(pair) = &attribute.meta
            && let syn::Expr::Lit(literal) = &pair.value
        {
            body.push("value", self.text.expression(&super::expressions::literal(&literal.lit)));
        }
    }

    fn attribute_list(&self, attributes: &[Attribute]) -> Node {
        let span = attributes.first().map_or(Span::default(), |first| self.text.of(first.pound_token.span));
        let items = attributes.iter().filter(|attribute| !attribute.path().is_ident("doc")).map(|attribute| {
            let place = self.text.span(attribute.pound_token.span, attribute.bracket_token.span.close());
            let mut body = Body::at(place);
            self.attribute_body(&mut body, attribute);
            body.node()
        });
        Node::sequence(span, items.collect())
    }

    fn derives(&self, attributes: &[Attribute]) -> Vec<String> {
        let mut derives = Vec::new();
        for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
            let _ = attribute.parse_nested_meta(|meta| {
                if derives.len() < MAX_NESTING {
                    derives.push(Self::best(&self.meanings(&meta.path)));
                }
                Ok(())
            });
        }
        derives
    }

    fn bounds(&self, bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>, out: &mut Vec<String>) {
        for bound in bounds {
            if let syn::TypeParamBound::Trait(bound) = bound {
                out.push(Self::best(&self.meanings(&bound.path)));
            }
        }
    }
}

pub(super) fn is_pub(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

/// Whether the attributes say that what they stand on is there only for tests.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Some(last) = attribute.path().segments.last() else { return false };
        if ["test", "bench", "rstest", "test_case", "quickcheck", "proptest", "wasm_bindgen_test", "case"]
            .iter()
            .any(|name| last.ident == name)
        {
            return true;
        }
        if last.ident != "cfg" {
            return false;
        }
        let syn::Meta::List(condition) = &attribute.meta else { return false };
        let text = condition.tokens.to_string();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "test") && !text.contains("not")
    })
}

/// `#[get("/<name>")]`
fn is_rocket_route(attribute: &Attribute) -> bool {
    let is_verb = attribute.path().segments.last().is_some_and(|last| {
        ["get", "post", "put", "delete", "patch", "head", "options", "route"].iter().any(|verb| last.ident == verb)
    });
    let syn::Meta::List(arguments) = &attribute.meta else { return false };
    is_verb && arguments.tokens.to_string().contains('<')
}

/// `String`, `&str`, and `Option` of them.
fn is_text(ty: &syn::Type) -> bool {
    bare_type(ty).and_then(|path| path.segments.last()).is_some_and(|last| {
        ["String", "str"].iter().any(|name| last.ident == name)
            || last.ident == "Option"
                && matches!(&last.arguments, syn::PathArguments::AngleBracketed(arguments)
                    if arguments.args.iter().any(|argument| matches!(argument, syn::GenericArgument::Type(ty)
                        if bare_type(ty).is_some_and(|path| path.is_ident("String") || path.is_ident("str")))))
    })
}
