//! Values that their place gives away, and values that the text says to be encoded.

// lockgate: ignore-file made-up passwords and keys, in the forms that must be found

use super::*;

#[test]
fn places_give_secrets_away() {
    for (kind, path, text, value) in [
        (Kind::UrlPassword, "a.go", "nats.Connect(\"nats://svc:fqrzx@host:4222\")", "fqrzx"),
        (Kind::UrlPassword, "a.yml", "url: postgres://app:k9tNyEr0cej@db/app", "k9tNyEr0cej"),
        (Kind::UrlPassword, "a.env", "REDIS_URL=redis://:k9tNyEr0cej@cache:6379/0", "k9tNyEr0cej"),
        (Kind::BasicAuthorization, "a.py", "h = {'Authorization': 'Basic cHpnYjp6d29qaGY='}", "cHpnYjp6d29qaGY="),
        (
            Kind::BearerAuthorization,
            "a.yml",
            "- Bearer 5b618ef5d2f9080447a882e9d6e43610",
            "5b618ef5d2f9080447a882e9d6e43610",
        ),
        (Kind::CommandPassword, "a.sh", "curl -u bob:vhtqz7xk https://host/", "vhtqz7xk"),
        (Kind::CommandPassword, "a.sh", "curl -X POST --user 'bob:vhtqz7xk' https://host/", "vhtqz7xk"),
        (Kind::CommandPassword, "a.sh", "mysql -uroot -pvhtqz7xk app < dump.sql", "vhtqz7xk"),
        (Kind::CommandPassword, "a.sh", "sshpass -p vhtqz7xk ssh host", "vhtqz7xk"),
        (Kind::CommandPassword, "a.sh", "docker login -u bob -p vhtqz7xk registry.corp", "vhtqz7xk"),
        (Kind::CommandPassword, "a.sh", "openssl rsa -in k.pem -passin pass:vhtqz7xk", "vhtqz7xk"),
        (Kind::CommandPassword, "a.ps1", "ConvertTo-SecureString \"vhtqz7xk\" -AsPlainText -Force", "vhtqz7xk"),
        (Kind::CommandPassword, "a.ps1", "ConvertTo-SecureString -String 'vhtqz7xk' -AsPlainText", "vhtqz7xk"),
        (Kind::SqlPassword, "a.sql", "CREATE USER app IDENTIFIED BY 'vhtqz7xk';", "vhtqz7xk"),
        (Kind::SqlPassword, "a.sql", "ALTER ROLE app WITH PASSWORD 'vhtqz7xk';", "vhtqz7xk"),
        (Kind::ConnectionStringPassword, "a.cs", "\"Server=db;User Id=sa;Password=vhtqz7xk;\"", "vhtqz7xk"),
        (Kind::ConnectionStringPassword, "a.json", "\"Data Source=db;Uid=sa;Pwd=vhtqz7xk;Encrypt=true\"", "vhtqz7xk"),
        (Kind::Password, "a.md", "run `tool --password vhtqz7xk`", "vhtqz7xk"),
        (Kind::Password, "a.json", "[\"--password\", \"vhtqz7xk\"]", "vhtqz7xk"),
        (Kind::ApiKey, "a.md", "GET /v1?api_key=q8Zr2LmV0pXt9BsYcN5d&x=1", "q8Zr2LmV0pXt9BsYcN5d"),
    ] {
        assert_eq!(values(path, text), [value], "{path}: {text}");
        assert_eq!(counted(path, text)[0].kind, kind, "{text}");
    }
}

#[test]
fn lists_of_hosts_give_each_password_once() {
    for (text, expected) in [
        ("postgresql://app:vhtqz7xk@host1:123,app:vhtqz7xk@host2:456/db", &["vhtqz7xk"][..]),
        ("postgresql://app:vhtqz7xk@host1:123,app:k9tnyer0@host2/db?x=y", &["vhtqz7xk", "k9tnyer0"]),
        ("postgresql://app:vhtqz7xk@host1:123,host2:456/db", &["vhtqz7xk"]),
        ("mongodb://app:vhtqz7xk@h1:1,h2:2,h3:3/db?replicaSet=x", &["vhtqz7xk"]),
        ("postgresql://user:secret@host1:123,user:secret@host2:456/somedb", &["secret"]),
        ("postgresql://user:secret@h1.example.com:123,user:secret@h2.example.com/db", &[]),
        ("postgresql://host1:123,host2:456/db", &[]),
        ("https://host:80,bob@corp", &[]),
    ] {
        assert_eq!(values("a.yml", text), expected, "{text}");
    }
}

#[test]
fn words_are_no_passwords_on_hosts_of_documentation() {
    expect_none(&[
        ("a.yml", "url: redis://user:secret@example.com:6379"),
        ("a.yml", "url: postgresql://user:secret@[2001:db8::1234]/database"),
        ("a.yml", "url: mysql://root:secret1@192.0.2.7/db"),
        ("a.yml", "url: https://bob:s3cr3t@my.test/"),
        ("a.yml", "url: https://user:pass123@x.invalid/"),
    ]);
    expect(&[
        ("a.yml", "url: redis://user:vhtqz7xk@example.com:6379", "vhtqz7xk"),
        ("a.yml", "url: redis://user:hunter@example.com:6379", "hunter"),
        ("a.yml", "url: redis://user:secret@localhost:6379", "secret"),
        ("a.yml", "url: redis://user:secret@cache.corp:6379", "secret"),
    ]);
}

#[test]
fn encoded_values_are_weighed_as_what_they_encode() {
    let found = |path: &str, text: &str| {
        let decoded = |candidate: &Candidate| String::from_utf8(candidate.decoded.clone().unwrap()).unwrap();
        counted(path, text).iter().map(decoded).collect::<Vec<_>>()
    };
    for (path, text) in [
        ("a.js", "const password = atob(\"dmh0cXo3eGs=\")"),
        ("a.py", "password = base64.b64decode('dmh0cXo3eGs=').decode()"),
        ("a.go", "password, err := base64.StdEncoding.DecodeString(\"dmh0cXo3eGs=\")"),
        ("a.tf", "password = base64decode(\"dmh0cXo3eGs=\")"),
        ("a.sh", "PASSWORD=$(echo dmh0cXo3eGs= | base64 -d)"),
        ("a.yaml", "kind: Secret\ndata:\n  password: dmh0cXo3eGs=\n"),
        ("a.json", "{\"kind\": \"Secret\", \"data\": {\"password\": \"dmh0cXo3eGs=\"}}"),
    ] {
        assert_eq!(found(path, text), ["vhtqz7xk"], "{text}");
    }
    expect_none(&[
        ("a.js", "const password = atob(\"Y2hhbmdlbWU=\")"),
        ("a.sh", "PASSWORD=$(echo Y2hhbmdlbWU= | base64 -d)"),
        ("a.yaml", "kind: Secret\ndata:\n  password: Y2hhbmdlbWU=\n"),
        ("a.yaml", "kind: Secret\ndata:\n  password: eW91ci1wYXNzd29yZA==\n"),
        ("a.yaml", "kind: Secret\ndata:\n  username: dmh0cXo3eGs=\n"),
    ]);
}
