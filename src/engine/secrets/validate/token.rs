//! Tokens with an inner structure.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, civil};
use serde_json::Value;

use super::{Opinion, encoding};

/// JSON Web Token (RFC 7519): a JSON header with `alg` and a JSON payload. Tells algorithm, issuer and expiry, none of
/// which is secret.
pub(super) fn jwt(secret: &[u8]) -> Opinion {
    let mut parts = secret.split(|&b| b == b'.');
    let mut object = || {
        let part = parts.next()?;
        let bytes = BASE64URL_NOPAD.decode(part.strip_suffix(b"=").unwrap_or(part)).ok()?;
        serde_json::from_slice::<serde_json::Map<String, Value>>(&bytes).ok()
    };
    let Some(header) = object() else { return Opinion::Rejected };
    let Some(algorithm) = header.get("alg").and_then(Value::as_str) else { return Opinion::Rejected };
    let mut facts = vec![format!("algorithm {}", short(algorithm))];
    // An encrypted token (JWE, RFC 7516) has no readable payload.
    if header.contains_key("enc") {
        return Opinion::Accepted(facts);
    }
    let Some(payload) = object() else { return Opinion::Rejected };
    if let Some(issuer) = payload.get("iss").and_then(Value::as_str) {
        facts.push(format!("issuer {}", short(issuer)));
    }
    if let Some(expiry) = payload.get("exp").and_then(Value::as_i64) {
        facts.push(format!("expires {}", date(expiry)));
    }
    Opinion::Accepted(facts)
}

/// Text from inside a token, cut to a length that cannot carry a secret of its own, and without control characters.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// The UTC date of a Unix time in seconds, as `YYYY-MM-DD`; the first or the last day of the calendar for what is beyond it.
fn date(seconds: i64) -> String {
    let epoch = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    epoch.saturating_add(SignedDuration::from_secs(seconds)).date().to_string()
}

/// Upload tokens of Python package indexes: `pypi-` and a macaroon (libmacaroons v2 binary format) whose location field
/// names a host.
pub(super) fn pypi_macaroon(secret: &[u8]) -> Opinion {
    let Some(bytes) = secret.strip_prefix(b"pypi-").and_then(encoding::base64) else { return Opinion::Rejected };
    // Version 2, then a location packet: type 1, length, the host.
    let [2, 1, length, rest @ ..] = bytes.as_slice() else { return Opinion::Rejected };
    let Some(location) = rest.get(..usize::from(*length)) else { return Opinion::Rejected };
    match std::str::from_utf8(location) {
        Ok(host) if host.contains("pypi") => Opinion::fact(format!("macaroon for {}", short(host))),
        _ => Opinion::Rejected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> Vec<u8> {
        let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
        format!("{}.{}.c2lnbmF0dXJl", encode(header), encode(payload)).into_bytes()
    }

    #[test]
    fn a_jwt_tells_its_claims() {
        let facts = jwt(&token(r#"{"alg":"HS256"}"#, r#"{"iss":"https://issuer.example","exp":1700000000}"#));
        let expected = ["algorithm HS256", "issuer https://issuer.example", "expires 2023-11-14"];
        assert_eq!(facts, Opinion::Accepted(expected.map(String::from).to_vec()));
    }

    #[test]
    fn what_is_no_json_is_no_jwt() {
        assert_eq!(jwt(&token("{}", "{}")), Opinion::Rejected);
        assert_eq!(jwt(&token(r#"{"alg":"none"}"#, "[]")), Opinion::Rejected);
        assert_eq!(jwt(b"eyJhbGciOiJIUzI1NiJ9"), Opinion::Rejected);
    }

    #[test]
    fn dates() {
        assert_eq!(
            (date(0), date(951_782_400), date(-1)),
            ("1970-01-01".into(), "2000-02-29".into(), "1969-12-31".into())
        );
        date(i64::MAX);
        date(i64::MIN);
    }

    #[test]
    fn macaroons_name_their_host() {
        let mut bytes = vec![2, 1, 9];
        bytes.extend(b"test.pypi");
        bytes.extend([2, 5, 1, 2, 3, 4, 5]);
        let token = format!("pypi-{}", BASE64URL_NOPAD.encode(&bytes));
        assert_eq!(pypi_macaroon(token.as_bytes()), Opinion::fact("macaroon for test.pypi"));
        assert_eq!(pypi_macaroon(b"pypi-AgEIbm9ib2R5"), Opinion::Rejected);
    }
}
