//! Identifiers of cloud providers that encode something.

use data_encoding::BASE32_NOPAD;

use super::Opinion;

/// AWS access key ids: a four-letter prefix and 16 characters of base32, whose bits hold the account's number.
/// Older keys (their fifth character before `Q`) do not; they are accepted without it.
pub(super) fn aws_access_key_id(secret: &[u8]) -> Opinion {
    let Some((_, body)) = secret.split_at_checked(4).filter(|(_, body)| body.len() == 16) else {
        return Opinion::Rejected;
    };
    let Ok(bytes) = BASE32_NOPAD.decode(body) else { return Opinion::Rejected };
    if body[0] < b'Q' {
        return Opinion::Accepted(Vec::new());
    }
    let mut number = [0; 8];
    number[2..].copy_from_slice(&bytes[..6]);
    let account = (u64::from_be_bytes(number) & 0x7fff_ffff_ff80) >> 7;
    if account < 1_000_000_000_000 {
        Opinion::fact(format!("account {account:012}"))
    } else {
        Opinion::Accepted(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_in_the_id() {
        let account = 581_039_954_779_u64;
        let mut bytes = [0_u8; 10];
        let packed = (account << 7) | 1 << 47;
        bytes[..6].copy_from_slice(&packed.to_be_bytes()[2..]);
        let id = ["AK", "IA", &BASE32_NOPAD.encode(&bytes)].concat();
        assert_eq!(aws_access_key_id(id.as_bytes()), Opinion::fact("account 581039954779"));
    }

    #[test]
    fn letters_outside_base32_are_rejected() {
        assert_eq!(aws_access_key_id(["AK", "IA0000000000000001"].concat().as_bytes()), Opinion::Rejected);
        assert_eq!(aws_access_key_id(b"AKIA"), Opinion::Rejected);
    }
}
