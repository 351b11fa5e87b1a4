//! Policy documents of AWS IAM, wherever Terraform and CloudFormation keep them, as views.

mod data;
mod json_text;

pub use self::data::document_of_data;
pub use self::json_text::{HOLE, parse_json_texts, parse_with_holes};
use super::declared::Declared;

/// Adds views of the policy documents in `declared`, each behind its resource.
pub fn add_views(declared: &mut Vec<Declared>) {
    let _ = declared;
}

#[cfg(test)]
mod tests;
