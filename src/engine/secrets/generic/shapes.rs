//! Shapes of values that are no secrets whatever their name: paths, addresses, identifiers, code, references to stores.

use crate::engine::secrets::entropy::{self, Classes};
use crate::engine::secrets::placeholder;

/// Prefixes of references to a place where the secret really is.
const REFERENCES: &[&[u8]] = &[
    b"vault:",
    b"vault(",
    b"vault/",
    b"arn:aws",
    b"op://",
    b"ref+",
    b"!vault",
    b"ENC[",
    b"ENC(",
    b"{cipher}",
    b"AQICAH",
    b"kms:",
    b"ssm:",
    b"sm://",
    b"secretref:",
    b"secretKeyRef",
    b"@Microsoft.KeyVault",
    b"keyvault",
    b"azurekeyvault",
    b"aws-sm",
    b"gcp-sm",
    b"projects/",
    b"secret/",
    b"secrets/",
    b"file:",
    b"env:",
    b"env.",
    b"ENV[",
    b"ENV:",
    b"os.environ",
    b"process.env",
    b"System.",
    b"config.",
    b"secrets.",
    b"vars.",
    b"var.",
    b"local.",
    b"data.",
    b"module.",
    b"self.",
    b"this.",
    b"resolve:",
    b"{{resolve",
    b"!Ref",
    b"!Sub",
    b"!GetAtt",
    b"$ANSIBLE_VAULT",
    b"credentials(",
    b"lookup(",
    b"base64:$",
    b"sha256:",
    b"sha1:",
    b"sha512-",
    b"sha384-",
    b"sha256-",
    b"{bcrypt}",
    b"$2a$",
    b"$2b$",
    b"$2y$",
    b"$argon2",
    b"$scrypt",
    b"$5$",
    b"$6$",
    b"$1$",
    b"$apr1$",
    b"$pbkdf2",
    b"pbkdf2",
    b"{SHA}",
    b"{SSHA}",
    b"crypt:",
    b"-----BEGIN",
    b"ssh-rsa",
    b"ssh-ed25519",
    b"ecdsa-sha2",
    b"MIGfMA0GCSq",
    b"MIIBIjANBgkq",
    b"MIICIjANBgkq",
    b"MFkwEwYHKoZI",
    b"MHYwEAYHKoZI",
    b"MCowBQYDK2Vw",
    b"data:",
    b"mailto:",
    b"urn:",
    b"jdbc:",
    b"application/",
    b"text/",
    b"image/",
    b"http-",
];

/// Why `value` is certainly no secret by its shape, or `None`.
pub(super) fn reason(value: &[u8]) -> Option<&'static str> {
    if REFERENCES.iter().any(|prefix| value.len() >= prefix.len() && value[..prefix.len()].eq_ignore_ascii_case(prefix))
    {
        return Some("refers to a store, a lookup or a hash");
    }
    if placeholder::find(value, b"://").is_some() {
        return Some("address");
    }
    if is_path(value) {
        return Some("path");
    }
    if is_code(value) {
        return Some("code");
    }
    if is_format(value) {
        return Some("format string or pattern");
    }
    if is_hash(value) {
        return Some("hash");
    }
    if is_number(value) || is_date(value) || is_color(value) {
        return Some("number or date");
    }
    if is_host_or_mail(value) {
        return Some("host or mail address");
    }
    None
}

/// File and resource paths: several segments of words, or a leading `/`, `./`, `~/`, `C:\`.
fn is_path(value: &[u8]) -> bool {
    let rooted = [&b"/"[..], b"./", b"../", b"~/", b"\\\\"].iter().any(|root| value.starts_with(root))
        || (value.len() > 3 && value[0].is_ascii_alphabetic() && value[1] == b':' && matches!(value[2], b'\\' | b'/'));
    let segments = value.split(|&byte| matches!(byte, b'/' | b'\\')).count();
    if rooted {
        // A random base64 text may begin with a slash: one without further slashes, dots and words is not a path.
        return !(segments <= 4 && value.len() >= 20 && entropy::looks_random(value)) && value.len() > 1;
    }
    let extension = value.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let known: [&[u8]; 26] = [
        b"txt",
        b"json",
        b"yml",
        b"yaml",
        b"xml",
        b"pem",
        b"key",
        b"crt",
        b"cer",
        b"p12",
        b"jks",
        b"pfx",
        b"html",
        b"js",
        b"ts",
        b"go",
        b"py",
        b"rb",
        b"java",
        b"md",
        b"conf",
        b"properties",
        b"env",
        b"sh",
        b"php",
        b"tsx",
    ];
    if extension.len() < value.len() && known.iter().any(|known| extension.eq_ignore_ascii_case(known)) {
        return true;
    }
    if placeholder::find(value, b":/").is_some() {
        return true;
    }
    segments >= 3
        && !entropy::looks_random(value)
        && value.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b':'))
}

/// Calls, member accesses, indexing, generics, statements, tags.
fn is_code(value: &[u8]) -> bool {
    let holds = |text: &[u8]| placeholder::find(value, text).is_some();
    // What stands between two pieces of a joined string: `"password=" + value + "&"`.
    if matches!(value, [b'+', .., b'+'] | [b'.', b'$', ..] | [b',', .., b',']) {
        return true;
    }
    if value.ends_with(b"()")
        || value.ends_with(b");")
        || holds(b"](")
        || holds(b"=>")
        || holds(b"->")
        || holds(b"</")
        || holds(b"/>")
        || holds(b"&&")
    {
        return true;
    }
    if holds(b"::")
        && value
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'<' | b'>' | b'(' | b')' | b'.'))
    {
        return true;
    }
    // `name(arguments` and `name[index]`: an identifier directly before a bracket that closes again.
    let head =
        value.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'$')).count();
    if head >= 2
        && matches!(value.get(head), Some(b'(' | b'['))
        && matches!(value.last(), Some(b')' | b']' | b';' | b'('))
    {
        return true;
    }
    is_member_access(value)
}

/// `user.password`, `config.db.secret`: identifiers joined by dots.
fn is_member_access(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value.split(|&byte| byte == b'.').collect();
    parts.len() >= 2
        && parts.iter().all(|part| {
            part.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_')
                && part.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'-')
                && !entropy::looks_random(part)
                && part.len() <= 30
        })
}

/// `%s`, `{0}`, `\d+`, `[a-z]`, `.*`: text that is filled in or matched.
fn is_format(value: &[u8]) -> bool {
    let holds = |text: &[u8]| placeholder::find(value, text).is_some();
    let verbs: [&[u8]; 8] = [b"%s", b"%d", b"%v", b"%q", b"%@", b"%x", b"%(", b"%r"];
    // What is cut at the closing brace is a format string, too: `"PASSWORD={}"`, `"PASSWORD={name}"`.
    let is_name = |name: &[u8]| name.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'));
    if holds(b"%[") || holds(b"%22") || value.ends_with(b"{") || value.strip_prefix(b"{").is_some_and(is_name) {
        return true;
    }
    (value.len() <= 24 && verbs.iter().any(|verb| holds(verb)) && !holds(b"$"))
        || holds(b"{}")
        || holds(b"{0}")
        || holds(b"(?")
        || holds(b"[a-z")
        || holds(b"[A-Z")
        || holds(b"[0-9")
        || holds(b"\\d")
        || holds(b"\\w")
        || holds(b"\\s")
        || holds(b"[^")
        || holds(b".*")
        || holds(b".+")
        || holds(b"\\u00")
}

fn is_number(value: &[u8]) -> bool {
    if memchr::memchr(b'/', value)
        .is_some_and(|slash| slash > 0 && value[..slash].iter().all(u8::is_ascii_digit) && slash + 5 > value.len())
    {
        return true;
    }
    let dotted = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b':' | b'/' | b',');
    if value.iter().all(dotted) && !value.iter().all(u8::is_ascii_digit) {
        return true;
    }
    let body = value.strip_prefix(b"-").unwrap_or(value);
    let body = body
        .strip_prefix(b"0x")
        .filter(|hex| hex.len() <= 8 && hex.iter().all(u8::is_ascii_hexdigit))
        .map_or(body, |_| b"0");
    let digits = Classes::of(body).digit;
    let others =
        body.iter().filter(|byte| !byte.is_ascii_digit() && !matches!(byte, b'.' | b',' | b'_' | b':' | b'/')).count();
    // `30s`, `1.2.3`, `10MB`, `5432`; six digits and more may be a PIN or a numeric password.
    digits > 0
        && others <= 2
        && (digits < 6 || (digits < body.len() && others == 0))
        && digits + 3 >= body.len().saturating_sub(others)
}

/// `#a1b2c3`
fn is_color(value: &[u8]) -> bool {
    value
        .strip_prefix(b"#")
        .is_some_and(|hex| matches!(hex.len(), 3 | 4 | 6 | 8) && hex.iter().all(u8::is_ascii_hexdigit))
}

/// A password hash behind its scheme in braces, as in LDAP.
fn is_hash(value: &[u8]) -> bool {
    let upper = value.get(..12.min(value.len())).unwrap_or_default().to_ascii_uppercase();
    [&b"{CRYPT}"[..], b"{SSHA", b"{SHA", b"{MD5}", b"{PBKDF2", b"{BCRYPT}", b"{ARGON2"]
        .iter()
        .any(|scheme| upper.starts_with(scheme))
}

fn is_date(value: &[u8]) -> bool {
    value.len() >= 10
        && value[..4].iter().all(u8::is_ascii_digit)
        && value[4] == b'-'
        && value[5..7].iter().all(u8::is_ascii_digit)
        && value[7] == b'-'
        && value[8..10].iter().all(u8::is_ascii_digit)
}

/// `db.example.com`, `user@example.com`, `127.0.0.1:8080`, `localhost:5432`.
fn is_host_or_mail(value: &[u8]) -> bool {
    if value.starts_with(b"localhost") || value.starts_with(b"127.0.0.1") {
        return true;
    }
    let value = memchr::memchr(b'/', value).map_or(value, |slash| &value[..slash]);
    let host = value.iter().position(|&byte| byte == b'@').map_or(value, |at| &value[at + 1..]);
    let top = host.rsplit(|&byte| byte == b'.').next().unwrap_or_default();
    let tops: [&[u8]; 20] = [
        b"com",
        b"org",
        b"net",
        b"io",
        b"dev",
        b"local",
        b"internal",
        b"test",
        b"de",
        b"edu",
        b"gov",
        b"info",
        b"app",
        b"svc",
        b"cluster",
        b"co",
        b"uk",
        b"cloud",
        b"me",
        b"localhost",
    ];
    top.len() < host.len()
        && tops.contains(&top)
        && host.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_paths_and_references_are_no_secrets() {
        for value in [
            "/run/secrets/db",
            "./cert.pem",
            "C:\\keys\\a",
            "config/secrets/db",
            "user.password",
            "getPassword()",
            "os.environ['X']",
            "vault:kv/data/x",
            "arn:aws:secretsmanager:eu-west-1:1:secret:x",
            "op://vault/item/field",
            "ENC[AES256]",
            "{cipher}abcdef",
            "https://host/path",
            "%s",
            "{0}",
            "^[a-z]+$",
            "2024-01-31",
            "1.2.3",
            "3600",
            "30s",
            "db.internal.example.com",
            "me@example.org",
            "$2b$10$abcdefg",
            "server.key",
            "Foo::bar",
            "request[token]",
            "Zk9{",
            "{made_up",
        ] {
            assert!(reason(value.as_bytes()).is_some(), "{value}");
        }
    }

    #[test]
    fn secrets_keep_their_punctuation() {
        for value in [
            "k9tNyEr0cej&atEhL",
            "p@ss.w0rd!",
            "aB3/dE6+gH9jK2mN5pQ8rT1v==",
            "958017",
            "a-b-c-d1",
            "Qh84A!?",
            "x;y,z(1",
            "/3tQm9LwB2sYhN5cReX7Kq0Zp3mV",
        ] {
            assert_eq!(reason(value.as_bytes()), None, "{value}");
        }
    }
}
