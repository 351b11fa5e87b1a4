//! Secrets that are an encoding of something recognisable.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD};

use crate::engine::secrets::entropy;

/// The bytes that `text` encodes in base64, standard or URL-safe, with or without padding.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let padding = text.iter().rev().take_while(|&&b| b == b'=').count();
    let body = &text[..text.len() - padding.min(2)];
    if body.is_empty() {
        return None;
    }
    BASE64_NOPAD.decode(body).or_else(|_| BASE64URL_NOPAD.decode(body)).ok()
}

/// Whether `bytes` are a JSON object.
pub(super) fn is_json_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<serde_json::Map<_, _>>(bytes).is_ok()
}

/// Whether `bytes` read as `user:password` (RFC 7617) with a password that is not empty.
pub(super) fn is_user_and_password(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| b.is_ascii_graphic() || *b == b' ')
        && memchr::memchr(b':', bytes).is_some_and(|at| at + 1 < bytes.len())
}

/// Whether two of the three classes upper case, lower case and digits occur.
pub(super) fn has_variety(secret: &[u8]) -> bool {
    let classes: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_lowercase, u8::is_ascii_uppercase];
    classes.iter().filter(|class| secret.iter().any(class)).count() >= 2
}

/// Whether `secret` is a UUID that somebody drew, not one that somebody typed: nil, all one digit, counting.
pub(super) fn is_meaningful_uuid(secret: &[u8]) -> bool {
    entropy::is_uuid(secret) && entropy::distinct(secret) > 7 && !secret.starts_with(b"12345678-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_all_kinds() {
        for text in ["aGk/Pz8+", "aGk_Pz8-", "aGk", "aGk="] {
            assert!(base64(text.as_bytes()).is_some(), "{text}");
        }
        assert!(base64(b"not base64!").is_none());
    }

    #[test]
    fn decoded_meaning() {
        assert!(
            is_user_and_password(b"user:pass") && !is_user_and_password(b"user:") && !is_user_and_password(b"user")
        );
        assert!(is_json_object(b"{\"a\":1}") && !is_json_object(b"[1]"));
    }

    #[test]
    fn typed_uuids_mean_nothing() {
        assert!(is_meaningful_uuid(b"62b0dbfe-3489-4b79-b850-34d911527c88"));
        assert!(!is_meaningful_uuid(b"00000000-0000-0000-0000-000000000000"));
        assert!(!is_meaningful_uuid(b"12345678-1234-1234-1234-123456789012"));
    }
}
