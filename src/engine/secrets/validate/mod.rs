//! Offline proof: what a credential says about itself, checked without a network.
//!
//! A validator is named by rules (`validate: [jwt]`); the names are listed in [`crate::rules::names::VALIDATORS`].

mod bip39;
mod checksum;
mod cloud;
mod encoding;
mod token;

/// What a validator says of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Opinion {
    /// It is what it looks like; the facts (which hold no secret) are worth telling.
    Accepted(Vec<String>),
    /// It cannot be what it looks like.
    Rejected,
}

impl Opinion {
    fn of(accepted: bool) -> Self {
        if accepted { Self::Accepted(Vec::new()) } else { Self::Rejected }
    }

    fn fact(fact: impl Into<String>) -> Self {
        Self::Accepted(vec![fact.into()])
    }
}

/// Asks the validator called `name`. An unknown name cannot come from a loaded pack; it rejects.
pub(super) fn ask(name: &str, secret: &[u8]) -> Opinion {
    match name {
        "aws-access-key-id" => cloud::aws_access_key_id(secret),
        "base62-crc32" => checksum::base62_crc32(secret),
        "base64" => Opinion::of(encoding::base64(secret).is_some()),
        "base64-64" => Opinion::of(encoding::base64(secret).is_some_and(|bytes| bytes.len() == 64)),
        "base64-json" => Opinion::of(encoding::base64(secret).is_some_and(|bytes| encoding::is_json_object(&bytes))),
        "base64-text" => {
            Opinion::of(encoding::base64(secret).is_some_and(|bytes| encoding::is_user_and_password(&bytes)))
        }
        "bip39" => bip39::bip39(secret),
        "bech32" => checksum::bech32(secret),
        "crc32-hex" => checksum::crc32_hex(secret),
        "high-variety" => Opinion::of(encoding::has_variety(secret)),
        "json-object" => Opinion::of(encoding::is_json_object(secret)),
        "jwt" => token::jwt(secret),
        "luhn" => checksum::luhn(secret),
        "nkey" => checksum::nkey(secret),
        "pypi-macaroon" => token::pypi_macaroon(secret),
        "uuid" => Opinion::of(encoding::is_meaningful_uuid(secret)),
        _ => Opinion::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::names::VALIDATORS;

    #[test]
    fn no_validator_panics_or_accepts_everything() {
        for name in VALIDATORS {
            assert_eq!(ask(name, b""), Opinion::Rejected, "{name}");
            assert_eq!(ask(name, b"."), Opinion::Rejected, "{name}");
            for length in 0..64 {
                ask(name, &vec![0xFF; length]);
                ask(name, &vec![b'A'; length]);
                ask(name, &vec![b'_'; length]);
            }
        }
    }
}
