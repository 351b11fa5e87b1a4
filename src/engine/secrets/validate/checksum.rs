//! Tokens that carry a checksum of themselves.

use data_encoding::BASE32_NOPAD;

use super::Opinion;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// GitHub and npm: behind the prefix's `_` stand random base62 characters and, as the last six, the CRC-32 of those in
/// base62, padded with zeros. (GitHub, "Behind GitHub's new authentication token formats", 2021.)
pub(super) fn base62_crc32(secret: &[u8]) -> Opinion {
    let body = secret.rsplit(|&b| b == b'_').next().unwrap_or_default();
    let Some((random, checksum)) = body.len().checked_sub(6).filter(|&n| n > 0).map(|at| body.split_at(at)) else {
        return Opinion::Rejected;
    };
    let mut number = crc32fast::hash(random);
    let mut expected = [b'0'; 6];
    for slot in expected.iter_mut().rev() {
        *slot = BASE62[(number % 62) as usize];
        number /= 62;
    }
    if expected == checksum { Opinion::fact("checksum valid") } else { Opinion::Rejected }
}

/// Grafana: behind the last `_` stands the CRC-32 of everything before it, in hexadecimal.
pub(super) fn crc32_hex(secret: &[u8]) -> Opinion {
    let Some(at) = secret.iter().rposition(|&b| b == b'_') else { return Opinion::Rejected };
    let expected = format!("{:08x}", crc32fast::hash(&secret[..at]));
    if secret[at + 1..].eq_ignore_ascii_case(expected.as_bytes()) {
        Opinion::fact("checksum valid")
    } else {
        Opinion::Rejected
    }
}

/// Bech32 (BIP-173), of any length, as the age format uses it.
pub(super) fn bech32(secret: &[u8]) -> Opinion {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let upper = secret.iter().any(u8::is_ascii_uppercase);
    if upper && secret.iter().any(u8::is_ascii_lowercase) {
        return Opinion::Rejected;
    }
    let text = secret.to_ascii_lowercase();
    let Some(separator) = text.iter().rposition(|&b| b == b'1').filter(|&at| at > 0) else { return Opinion::Rejected };
    let (prefix, data) = (&text[..separator], &text[separator + 1..]);
    let values: Option<Vec<u8>> = data
        .iter()
        .map(|byte| ALPHABET.iter().position(|letter| letter == byte).and_then(|at| u8::try_from(at).ok()))
        .collect();
    let Some(values) = values.filter(|values| values.len() > 6) else { return Opinion::Rejected };
    let high = prefix.iter().map(|byte| byte >> 5);
    let low = prefix.iter().map(|byte| byte & 31);
    let checksum = high.chain(std::iter::once(0)).chain(low).chain(values).fold(1_u32, |checksum, value| {
        const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = checksum >> 25;
        let shifted = ((checksum & 0x01ff_ffff) << 5) ^ u32::from(value);
        (0..5).filter(|bit| top >> bit & 1 == 1).fold(shifted, |sum, bit| sum ^ GENERATOR[bit])
    });
    if checksum == 1 { Opinion::fact("checksum valid") } else { Opinion::Rejected }
}

/// NATS NKEY seeds: base32 of two prefix bytes, 32 bytes of seed and a little-endian CRC-16/XMODEM.
pub(super) fn nkey(secret: &[u8]) -> Opinion {
    let Ok(bytes) = BASE32_NOPAD.decode(secret) else { return Opinion::Rejected };
    let Some((data, checksum)) = bytes.len().checked_sub(2).map(|at| bytes.split_at(at)) else {
        return Opinion::Rejected;
    };
    if data.len() != 34 {
        return Opinion::Rejected;
    }
    let crc = data.iter().fold(0_u16, |crc, &byte| {
        (0..8)
            .fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    });
    if crc.to_le_bytes() == checksum { Opinion::fact("checksum valid") } else { Opinion::Rejected }
}

/// The check digit of ISO/IEC 7812-1, annex B.
pub(super) fn luhn(secret: &[u8]) -> Opinion {
    if secret.len() < 2 || !secret.iter().all(u8::is_ascii_digit) {
        return Opinion::Rejected;
    }
    let sum: u32 = secret
        .iter()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0') * if index % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    Opinion::of(sum.is_multiple_of(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(opinion: &Opinion) -> bool {
        matches!(opinion, Opinion::Accepted(_))
    }

    #[test]
    fn github_checksums() {
        let token = ["ghp_", "8aspm4G7VmSUfOoD6V1vrORcmn0iSH2JWh3d"].concat();
        assert!(accepted(&base62_crc32(token.as_bytes())));
        assert!(!accepted(&base62_crc32(token.replace('8', "9").as_bytes())));
    }

    #[test]
    fn trailing_crc32() {
        let body = "glsa_abcdefghijklmnopqrstuvwxyz";
        let token = format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()));
        assert!(accepted(&crc32_hex(token.as_bytes())));
        assert!(!accepted(&crc32_hex(format!("{body}_00000000").as_bytes())));
    }

    /// Test vectors of BIP-173.
    #[test]
    fn bech32_of_the_specification() {
        assert!(accepted(&bech32(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw")));
        assert!(accepted(&bech32(b"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w")));
        assert!(!accepted(&bech32(b"split1checkupstagehandshakeupstreamerranterredcaperred2y9e3x")));
        assert!(!accepted(&bech32(b"Split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w")));
    }

    #[test]
    fn nkey_seeds() {
        // `SU`: a seed (18) of a user key (20), five bits each.
        let mut bytes = vec![0x90, 0xA0];
        bytes.extend(0..32_u8);
        let crc = bytes.iter().fold(0_u16, |crc, &byte| {
            (0..8).fold(crc ^ (u16::from(byte) << 8), |c, _| if c & 0x8000 == 0 { c << 1 } else { (c << 1) ^ 0x1021 })
        });
        bytes.extend(crc.to_le_bytes());
        assert!(accepted(&nkey(BASE32_NOPAD.encode(&bytes).as_bytes())));
        bytes[5] ^= 1;
        assert!(!accepted(&nkey(BASE32_NOPAD.encode(&bytes).as_bytes())));
    }

    #[test]
    fn luhn_digits() {
        assert!(accepted(&luhn(b"79927398713")));
        assert!(!accepted(&luhn(b"79927398710")));
    }
}
