//! Values that wait for a substitution: `${NAME}` of `OpenShift` templates, of Flux and of `envsubst`. They are not known.

use crate::document::node::{Node, Value};

/// Makes what waits for a substitution unknown, at any depth; the readers bound how deep that can be.
pub(super) fn forget(node: &mut Node) {
    match &mut node.value {
        Value::Scalar { text, .. } if is_placeholder(text) => node.value = Value::Unknown,
        Value::Scalar { .. } | Value::Unknown => {}
        Value::Sequence(items) => items.iter_mut().for_each(forget),
        Value::Mapping(mapping) => mapping.entries.iter_mut().for_each(|entry| forget(&mut entry.value)),
    }
}

/// Whether `text` holds a `${NAME}` and is neither an argument nor a script, whose variables are their own.
fn is_placeholder(text: &str) -> bool {
    let is_name = |(at, _): (usize, &str)| {
        let rest = text.get(at + 2..).unwrap_or_default().trim_start_matches('{');
        rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
    };
    !text.starts_with('-')
        && text.contains('}')
        && !text.contains(char::is_whitespace)
        && text.match_indices("${").next().is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_wait_for_a_substitution() {
        for text in ["${NAME}", "repo/${IMAGE}:${TAG}", "${{REPLICAS}}", "${NAME:-web}"] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in ["", "web", "$NAME", "$(NAME)", "--flag=${NAME}", "echo ${NAME}", "${NAME", "${", "${1}"] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
