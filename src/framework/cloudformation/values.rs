//! Values as CloudFormation takes them.

use super::function::Call;
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::framework::declared::marked;
use crate::span::Span;

/// Whether CloudFormation puts a secret or parameter into the text when it deploys.
fn is_late_bound(text: &str) -> bool {
    text.contains("{{resolve:")
}

/// A scalar as it is written. All are text to CloudFormation: `"true"` is as true as `True`.
pub(super) fn literal(text: &str, plain: bool, span: Span) -> Node {
    if is_late_bound(text) {
        return Node::unknown(span);
    }
    match text {
        "true" | "True" | "TRUE" => Node::plain(span, "true"),
        "false" | "False" | "FALSE" => Node::plain(span, "false"),
        _ => Node::new(span, Value::Scalar { text: text.to_owned(), plain }),
    }
}

/// A text that an expression gives.
pub(super) fn scalar(span: Span, text: &str) -> Node {
    literal(text, false, span)
}

/// What `node` says where no function may stand, in a parameter or a map: a scalar, or a list of scalars. All else is not
/// known.
pub(super) fn constant(node: &Node, span: Span) -> Node {
    let item = |node: &Node| match &node.value {
        Value::Scalar { text, plain } if Call::short(node).is_none() => literal(text, *plain, span),
        _ => Node::unknown(span),
    };
    let constant = match &node.value {
        Value::Sequence(items) if Call::short(node).is_none() => {
            let items = items.iter().map(|node| Node { tag: marked(node).map(Box::from), ..item(node) });
            Node::sequence(span, items.collect())
        }
        _ => item(node),
    };
    Node { tag: marked(node).map(Box::from), ..constant }
}

/// `node`, which comes from elsewhere, standing at `span`. The reader bounds its depth.
pub(super) fn relocated(node: Node, span: Span) -> Node {
    let value = match node.value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(|item| relocated(item, span)).collect()),
        Value::Mapping(Mapping { entries, is_open }) => {
            let entries = entries.into_iter();
            let entries =
                entries.map(|Entry { key, value }| Entry { key: relocated(key, span), value: relocated(value, span) });
            Value::Mapping(Mapping { entries: entries.collect(), is_open })
        }
        value => value,
    };
    Node { span, value, tag: node.tag }
}
