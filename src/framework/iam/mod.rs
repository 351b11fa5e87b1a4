//! Policy documents of AWS IAM, wherever Terraform and CloudFormation keep them, as views.
//!
//! A document is found by its form, at any depth of the attributes of a resource. It is looked at once: where it is written. A
//! resource that takes its policy from a data source `aws_iam_policy_document` has no views of it, the data source has them.

mod certainty;
mod data;
mod find;
mod json_text;
mod purpose;
mod restriction;
mod statement;
mod views;

use std::collections::HashMap;

pub use self::data::document_of_data;
use self::find::{Found, documents};
pub use self::json_text::{HOLE, parse_json_texts, parse_with_holes};
use self::purpose::{Purpose, Uses};
use self::views::Views;
use super::declared::{Declared, Evaluated, Gap, marked};
use crate::document::node::Node;

/// The data source whose attributes are a policy document.
const DATA_SOURCE: &str = "data.aws_iam_policy_document";

/// Longest kind of a resource that is looked at, in bytes: each statement repeats it. AWS has none of half the length.
const MAX_KIND: usize = 256;

/// The marks of all data sources with policy documents, each with what it is used for.
type DataSources = HashMap<Box<str>, Uses>;

/// Adds views of the policy documents in `evaluated`, each behind its resource.
pub fn add_views(evaluated: &mut Evaluated) {
    let sources = data_sources(&evaluated.declared);
    let mut views = Vec::new();
    for one in std::mem::take(&mut evaluated.declared) {
        if one.behind == 0 {
            evaluated.declared.append(&mut views);
            views = views_of(&one, &sources, &mut evaluated.gaps);
        } else {
            // A view that was there before; ours come behind it.
            for view in &mut views {
                view.behind += 1;
            }
        }
        evaluated.declared.push(one);
    }
    evaluated.declared.append(&mut views);
}

/// All data sources with policy documents, and what their documents are used for.
fn data_sources(declared: &[Declared]) -> DataSources {
    let marks = declared.iter().filter(|declared| &*declared.kind == DATA_SOURCE).flat_map(|declared| &declared.marks);
    let mut sources: DataSources = marks.map(|mark| (mark.clone(), Uses::None)).collect();
    if sources.is_empty() {
        return sources;
    }
    for user in declared.iter().filter(|declared| has_policies(declared)) {
        for found in documents(&user.body).0 {
            if let Some(uses) = marked(found.node).and_then(|mark| sources.get_mut(mark)) {
                *uses = uses.with(Purpose::of_place(&user.kind, found.key).unwrap_or(Purpose::Resource));
            }
        }
    }
    sources
}

/// Whether it is a resource of a kind that can have policies: not a view, a variable, an output or the call of a module, whose
/// policies are those of resources, and no data source.
fn has_policies(declared: &Declared) -> bool {
    let kind = &*declared.kind;
    declared.behind == 0 && kind.len() <= MAX_KIND && (kind.contains("::") || kind.contains('_') && !kind.contains('.'))
}

/// The views of the documents in a resource.
fn views_of(resource: &Declared, sources: &DataSources, gaps: &mut Vec<Gap>) -> Vec<Declared> {
    let mut views = Views::new(resource);
    let is_copy = |node: &Node| marked(node).is_some_and(|mark| sources.contains_key(mark));
    if &*resource.kind == DATA_SOURCE {
        let document = document_of_data(&resource.body);
        let uses = resource.marks.iter().filter_map(|mark| sources.get(mark)).find(|uses| **uses != Uses::None);
        let purpose = match uses {
            Some(Uses::Only(purpose @ (Purpose::Limit | Purpose::Trust))) => Some(*purpose),
            _ => None,
        };
        let found = Found { node: &document, path: String::new(), key: "statement", header: resource.header };
        views.add(&found, purpose, is_copy);
    } else if has_policies(resource) {
        let (found, is_cut) = documents(&resource.body);
        views.is_cut = is_cut;
        for found in found.iter().filter(|found| !is_copy(found.node)) {
            views.add(found, Purpose::of_place(&resource.kind, found.key), is_copy);
        }
    }
    if views.is_cut {
        let detail = format!("{} has more policies than are looked at", resource.address);
        gaps.push(Gap { source: resource.source, offset: resource.header.start, detail, is_cut: true });
    }
    views.written
}

#[cfg(test)]
mod tests;
