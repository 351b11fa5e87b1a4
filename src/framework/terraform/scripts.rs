//! Scripts for the start of a machine, which many arguments take in base64: they stand as what they say.

use data_encoding::BASE64;

use crate::document::node::{Node, Value};

/// Arguments of resources that hold such a script, plain or encoded.
const ARGUMENTS: &[&str] = &["custom_data", "user_data", "user_data_base64", "userdata"];
/// Deepest nesting of blocks that is looked at.
const MAX_DEPTH: usize = 8;

/// Decodes the scripts in `body` that are encoded. What decodes to no text stays as it is.
pub(super) fn decode(body: &mut Node) {
    decode_in(body, 0);
}

fn decode_in(node: &mut Node, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &mut node.value {
        Value::Mapping(mapping) => {
            for entry in &mut mapping.entries {
                if entry.key.as_str().is_some_and(|name| ARGUMENTS.contains(&name)) {
                    decode_text(&mut entry.value);
                } else if entry.value.as_sequence().is_some() {
                    decode_in(&mut entry.value, depth + 1);
                }
            }
        }
        Value::Sequence(blocks) => blocks.iter_mut().for_each(|block| decode_in(block, depth + 1)),
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

fn decode_text(node: &mut Node) {
    let Value::Scalar { text, plain: false } = &mut node.value else { return };
    let compact: String = text.split_ascii_whitespace().collect();
    let decoded = BASE64.decode(compact.as_bytes()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    // A word is base64 as well; a script has more than one.
    let is_script = |decoded: &String| {
        decoded.contains([' ', '\n']) && !decoded.contains(|c: char| c.is_control() && !c.is_ascii_whitespace())
    };
    if let Some(decoded) = decoded.filter(is_script) {
        *text = decoded;
    }
}
