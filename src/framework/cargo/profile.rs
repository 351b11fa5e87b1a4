//! Profiles of builds, and what they say of single packages.

use std::borrow::Cow;
use std::collections::HashMap;

use super::attributes::{Attributes, extent, table, text};
use super::{View, Views};
use crate::document::node::{Entry, Node};

/// Most profiles that inherit from each other in a chain.
const MAX_CHAIN: usize = 16;

/// Lists the profiles of a manifest or a configuration. Those of a manifest count in the root of a workspace only.
pub(super) fn list(views: &mut Views<'_, '_>, is_root: Option<bool>) {
    let profiles = table(views.root, &["profile"]);
    let parents: HashMap<&str, &str> =
        profiles.iter().filter_map(|entry| Some((entry.key.as_str()?, text(&entry.value, "inherits")?))).collect();
    for entry in profiles {
        let Some(name) = entry.key.as_str() else { continue };
        let mut add = |address: String, entry: &Entry, of: Option<&str>| {
            let span = entry.key.span;
            let mut attributes = Attributes::written(&entry.value);
            attributes.text(span, "name", name);
            attributes.flag(span, "is_optimised", is_optimised(name, &parents));
            if let Some(of) = of {
                attributes.text(span, "of", of);
            }
            match is_root {
                Some(is_root) => attributes.flag(span, "is_effective", is_root),
                None => attributes.node(span, "is_effective", Node::unknown(span)),
            }
            views.push(View {
                kind: "profile",
                address,
                body: Cow::Owned(attributes.finish(entry.value.span)),
                header: span,
                extent: extent(entry),
            });
        };
        add(format!("profile.{name}"), entry, None);
        if let Some(override_) = entry.value.entry("build-override") {
            add(format!("profile.{name}.build-override"), override_, Some("build-override"));
        }
        for package in table(&entry.value, &["package"]) {
            let Some(of) = package.key.as_str() else { continue };
            add(format!("profile.{name}.package.{of}"), package, Some(of));
        }
    }
}

/// Whether what is built with the profile `name` is what `--release` builds, or inherits from that.
fn is_optimised(name: &str, parents: &HashMap<&str, &str>) -> bool {
    let chain = std::iter::successors(Some(name), |&name| parents.get(name).copied());
    chain.take(MAX_CHAIN).any(|name| matches!(name, "release" | "bench"))
}
