//! Names that rules may use and that the engine must know: one list, so that a pack with any other name fails to load.

/// Offline validators of secrets. The engine has one function for each.
pub const VALIDATORS: &[&str] = &[
    "aws-access-key-id",
    "base62-crc32",
    "base64",
    "base64-64",
    "base64-json",
    "base64-text",
    "bech32",
    "crc32-hex",
    "high-variety",
    "json-object",
    "jwt",
    "luhn",
    "nkey",
    "pypi-macaroon",
    "uuid",
];

/// Checks that are code in the engine.
pub const NATIVE_CHECKS: &[&str] = &[
    "basic-authorization-header",
    "bearer-authorization-header",
    "command-line-password",
    "connection-string-password",
    "generic-api-key",
    "generic-password",
    "generic-secret",
    "pem-private-key-dsa",
    "pem-private-key-ec",
    "pem-private-key-openssh",
    "pem-private-key-other",
    "pem-private-key-pgp",
    "pem-private-key-pkcs8",
    "pem-private-key-pkcs8-encrypted",
    "pem-private-key-putty",
    "pem-private-key-rsa",
    "pem-private-key-ssh2",
    "sql-password",
    "url-password",
];
