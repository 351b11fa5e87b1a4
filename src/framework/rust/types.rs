//! Types: the paths that they name.

use syn::visit::Visit;
use syn::{GenericArgument, PathArguments, Type};

use super::expressions::path_tokens;
use super::walk::{Walker, bare_type};

/// Most paths of one type.
const MAX_PATHS: usize = 64;

impl Walker<'_> {
    /// Makes resources of the paths in a type, when rules look at them.
    pub(super) fn types(&mut self, ty: &Type) {
        let mut paths = Paths(Vec::new());
        paths.visit_type(ty);
        self.note_types(&paths.0);
    }

    /// The same of the generic arguments of a path in an expression: `Hmac::<Md5>::new`.
    pub(super) fn generics_of(&mut self, path: &syn::Path) {
        if path.segments.iter().all(|segment| segment.arguments.is_none()) {
            return;
        }
        let mut paths = Paths(Vec::new());
        for segment in &path.segments {
            paths.visit_path_arguments(&segment.arguments);
        }
        self.note_types(&paths.0);
    }

    pub(super) fn generic_arguments(&mut self, arguments: &syn::AngleBracketedGenericArguments) {
        let mut paths = Paths(Vec::new());
        paths.visit_angle_bracketed_generic_arguments(arguments);
        self.note_types(&paths.0);
    }

    fn note_types(&mut self, paths: &[&syn::Path]) {
        for path in paths {
            let Some(last) = path.segments.last() else { continue };
            let name = last.ident.to_string();
            if self.interest.wants_path(&name) || self.imports.is_renamed(&name) {
                let meanings = self.meanings(path);
                let (first, last) = path_tokens(path);
                self.use_of_path(&meanings, &name, "type", first, last, None);
            }
        }
    }

    /// Full paths of the types that generic arguments name.
    pub(super) fn argument_paths(&self, arguments: &syn::AngleBracketedGenericArguments) -> Vec<String> {
        let types = arguments.args.iter().filter_map(|argument| match argument {
            GenericArgument::Type(ty) => bare_type(ty),
            _ => None,
        });
        types.take(MAX_PATHS).map(|path| Self::best(&self.meanings(path))).collect()
    }

    /// The same of a path's last segment, at any depth: `Option<Vec<Secret>>` has `Vec` and `Secret`.
    pub(super) fn inner_types(&self, path: &syn::Path) -> Vec<String> {
        let Some(last) = path.segments.last() else { return Vec::new() };
        let PathArguments::AngleBracketed(_) = &last.arguments else { return Vec::new() };
        let mut paths = Paths(Vec::new());
        paths.visit_path_arguments(&last.arguments);
        paths.0.iter().map(|path| Self::best(&self.meanings(path))).collect()
    }
}

/// Collects the paths of types.
struct Paths<'t>(Vec<&'t syn::Path>);

impl<'t> Visit<'t> for Paths<'t> {
    fn visit_type_path(&mut self, ty: &'t syn::TypePath) {
        if self.0.len() < MAX_PATHS {
            self.0.push(&ty.path);
        }
        syn::visit::visit_type_path(self, ty);
    }

    /// Expressions in types are the lengths of arrays.
    fn visit_expr(&mut self, _: &'t syn::Expr) {}
}
