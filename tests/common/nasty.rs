//! Lines that are hard to judge alone: parts of secrets, companions, quotes, words that allow.

use crate::cli::{BASE62, Random, token};
use crate::leak::LEAK;

/// Words, quotes and separators, and what a secret may stand behind.
const PIECES: &[&str] = &[
    "",
    "x",
    "# comment",
    "// comment",
    "/*",
    "*/",
    "<!--",
    "\"\"\"",
    "'''",
    "`",
    "\"\"\"\"",
    "x = \"\"\"",
    "y = `",
    "}",
    "{",
    "changeme",
    "example",
    "password =",
    "password:",
    "token =",
    "  secret =",
    "\"api_key\":",
    "setPassword(",
    ")",
    "<password>",
    "</password>",
    "akamai",
    "kickbox",
    "stellar",
    "aws",
    "brave",
    "kty",
    "ovh",
    "git_protocol",
    "- name: DB_PASSWORD",
    "  value:",
    "\"auths\": {",
    "Proc-Type: 4,ENCRYPTED",
    "...",
    "curl \\",
    "mysql \\",
    "IDENTIFIED BY",
    "Authorization: Basic \\",
    "pass pwd secret token key credential auth",
    "password = os.environ[\"PASSWORD\"]",
    "password = \"changeme\"",
    "password = \"example\"",
    "test",
    "AWS_SECRET_ACCESS_KEY=",
    "AWS_ACCESS_KEY_ID=",
    "machine example.com login admin",
    "\\",
    "  +",
    "\u{feff}",
    "\u{1a}",
    "é",
];

/// The lines. Secrets are put together here, so that no file of the tree holds them.
pub(crate) fn lines() -> Vec<String> {
    let pieces = PIECES.iter().map(|&piece| piece.to_owned());
    pieces.chain(secrets()).chain(keys()).collect()
}

/// Secrets, whole and in parts.
fn secrets() -> Vec<String> {
    let value = Random(7).text(BASE62, 20);
    let other = Random(8).text(BASE62, 24);
    let aws = format!("{}{}", "AKIA", "Q3EGRZ7KLM5TWVXY");
    let aws_secret = Random(9).text(BASE62, 40);
    let basic = data_encoding::BASE64.encode(format!("admin:{value}").as_bytes());
    vec![
        LEAK.to_owned(),
        format!("token = \"{LEAK}\""),
        format!("token = \"{}\" +", &LEAK[..20]),
        format!("  \"{}\"", &LEAK[20..]),
        format!("token = \"{}\"", token(3)),
        format!("# lockgate{} ignore[github-personal-access-token] made up", ':'),
        format!("x = \"{LEAK}\" # lockgate{} ignore made up", ':'),
        format!("password = \"{value}\""),
        format!("password: {value}"),
        format!("PASSWORD={value}"),
        format!("  \"{value}\""),
        format!("  value: {value}"),
        format!("  {value}"),
        format!("'{value}'"),
        format!("{value}{other}"),
        format!("client.setPassword(\"{value}\")"),
        format!("<password>{value}</password>"),
        format!("  password {value}"),
        format!("  -u admin:{value} https://example.com"),
        format!("  -u root -p{value} db"),
        format!("postgres://app:{value}@db.internal/app"),
        "postgres://app:".to_owned(),
        format!("{value}@db.internal/app"),
        format!("\"auth\": \"{basic}\""),
        format!("Authorization: Basic {basic}"),
        format!("Authorization: Bearer {other}"),
        format!("AWS_ACCESS_KEY_ID={aws}"),
        aws,
        format!("AWS_SECRET_ACCESS_KEY={aws_secret}"),
        format!("\"{aws_secret}\""),
        aws_secret,
    ]
}

/// Parts of private keys.
fn keys() -> Vec<String> {
    let (key, kind) = ("KEY", "PRIVATE");
    let body = |seed| Random(seed).text(BASE62, 64);
    vec![
        format!("-----BEGIN RSA {kind} {key}-----"),
        format!("-----END RSA {kind} {key}-----"),
        format!("-----BEGIN {kind} {key}-----"),
        format!("-----END {kind} {key}-----"),
        format!("-----BEGIN PGP {kind} {key} BLOCK-----"),
        format!("x = \"-----BEGIN {kind} {key}-----\\n\" +"),
        format!("  \"{}\\n\" +", body(1)),
        format!("  \"{}\"", body(2)),
        body(1),
        body(2),
        body(3),
        body(4)[..30].to_owned(),
        format!("PuTTY-User-Key-File-2: ssh-{}", "rsa"),
        format!("{}-Lines: 2", "Private"),
    ]
}
