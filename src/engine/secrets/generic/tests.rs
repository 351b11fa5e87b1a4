//! What is found and what is left alone, per language.

// lockgate: ignore-file made-up passwords and keys, in the forms that must be found

mod places;

use super::{Candidate, KEYWORDS, Kind, scan};
use crate::rating::Confidence;

fn hits(text: &str) -> Vec<usize> {
    let automaton = aho_corasick::AhoCorasick::builder().ascii_case_insensitive(true).build(KEYWORDS).unwrap();
    automaton.find_iter(text).map(|found| found.start()).collect()
}

/// The candidates that count by default.
fn counted(path: &str, text: &str) -> Vec<Candidate> {
    let mut found = scan(path, text, &hits(text));
    found.retain(|candidate| candidate.confidence >= Some(Confidence::Medium));
    found
}

pub(super) fn values<'a>(path: &str, text: &'a str) -> Vec<&'a str> {
    counted(path, text).iter().map(|candidate| &text[candidate.span.start..candidate.span.end]).collect()
}

/// Asserts that each text gives its one value, or none where the value is empty; tells all that do not.
#[track_caller]
fn expect(cases: &[(&str, &str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .filter(|(path, text, value)| values(path, text) != [*value][..usize::from(!value.is_empty())])
        .map(|(path, text, _)| format!("{path}: {text} gives {:?}", values(path, text)))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[track_caller]
fn expect_none(cases: &[(&str, &str)]) {
    let cases: Vec<_> = cases.iter().map(|(path, text)| (*path, *text, "")).collect();
    expect(&cases);
}

#[test]
fn assignments_in_program_code_are_found() {
    expect(&[
        ("a.py", "password = 'k9tNyEr0cej&atEhL'", "k9tNyEr0cej&atEhL"),
        ("a.py", "db = connect(user='bob', password=\"xw7Qpl2\")", "xw7Qpl2"),
        ("a.py", "API_KEY: str = \"q8Zr2LmV0pXt9BsYcN5d\"", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.py", "key = os.environ.get('API_KEY', 'q8Zr2LmV0pXt9BsYcN5d')", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.js", "const clientSecret = 'Vw3xTz81LkQp6RbYnM2c';", "Vw3xTz81LkQp6RbYnM2c"),
        ("a.js", "const t = process.env.API_TOKEN || 'Vw3xTz81LkQp6RbYnM2c';", "Vw3xTz81LkQp6RbYnM2c"),
        ("a.ts", "{ email, password: 'pzwtovjiz' }", "pzwtovjiz"),
        ("a.go", "cfg := Config{Password: \"zuarxyi9\"}", "zuarxyi9"),
        ("a.go", "\tsecret := \"GuqBB1lbvNq2\"", "GuqBB1lbvNq2"),
        ("A.java", "private static final String DB_PASSWORD = \"tr0ub4dxr&3\";", "tr0ub4dxr&3"),
        ("A.java", "ds.setPassword(\"tr0ub4dxr&3\");", "tr0ub4dxr&3"),
        ("A.java", "System.setProperty(\"db.password\", \"tr0ub4dxr&3\");", "tr0ub4dxr&3"),
        ("A.cs", "new NetworkCredential(\"bob\", \"tr0ub4dxr&3\")", "tr0ub4dxr&3"),
        ("a.py", "requests.get(url, auth=HTTPBasicAuth('bob', 'tr0ub4dxr&3'))", "tr0ub4dxr&3"),
        ("A.kt", "val apiToken: String = \"q8Zr2LmV0pXt9BsYcN5d\"", "q8Zr2LmV0pXt9BsYcN5d"),
        ("A.scala", "password = Some(\"qfzlxf\"),", "qfzlxf"),
        ("A.cs", "internal const string ApiSecret = @\"q8Zr2LmV0pXt9BsYcN5d\";", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.rb", "config[:secret_key] = 'q8Zr2LmV0pXt9BsYcN5d'", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.rb", "'auth_token' => 'q8Zr2LmV0pXt9BsYcN5d',", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.php", "$dbPassword = \"xw7Qpl2z\";", "xw7Qpl2z"),
        ("a.rs", "let password = SecretString::new(\"xw7Qpl2z\".into());", "xw7Qpl2z"),
        ("a.swift", "let apiKey = \"q8Zr2LmV0pXt9BsYcN5d\"", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.tf", "  master_password = \"xw7Qpl2z!\"", "xw7Qpl2z!"),
        ("a.tf", "  admin_password = \"Winter2031!\"", "Winter2031!"),
        ("a.js", "if (user.password === 'wxrpdrsq') {", "wxrpdrsq"),
        ("A.java", "if (password.equals(\"wxrpdrsq\")) {", "wxrpdrsq"),
        ("a.go", "// export GITHUB_AUTH_TOKEN=q8Zr2LmV0pXt9BsYcN5d", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.go", "x := `\nuser: a\npassword: dvqytxvd\n`", "dvqytxvd"),
        ("a.go", "`{\"token\":\"q8Zr2LmV0pXt9BsYcN5d\"}`", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.java", "\"{\\\"token\\\":\\\"q8Zr2LmV0pXt9BsYcN5d\\\"}\"", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.rb", "get('/files/raw?private_token=e03e14a11fb88c&ref=main')", "e03e14a11fb88c"),
    ]);
}

#[test]
fn settings_are_found() {
    expect(&[
        (".env", "LASTFM_SECRET=q8Zr2LmV0pXt9BsYcN5d\n", "q8Zr2LmV0pXt9BsYcN5d"),
        (".env", "export DB_PASSWORD=\"x%w7Q pl\"\nA=1", ""),
        ("app.yml", "spring:\n  datasource:\n    password: xgtbu270\n", "xgtbu270"),
        ("app.yml", "environment:\n  - MYSQL_ROOT_PASSWORD=gqdwrmgrfrh\n", "gqdwrmgrfrh"),
        ("app.yml", "users: [{name: a, password: gqdwrmgrfrh}]", "gqdwrmgrfrh"),
        ("k8s.yaml", "env:\n- name: DB_PASSWORD\n  value: gqdwrmgrfrh\n", "gqdwrmgrfrh"),
        ("task.json", "{\"name\": \"API_TOKEN\", \"value\": \"q8Zr2LmV0pXt9BsYcN5d\"}", "q8Zr2LmV0pXt9BsYcN5d"),
        ("cassette.yml", "X-Auth-Token:\n- q8Zr2LmV0pXt9BsYcN5d\n", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.json", "{\"tokens\": [\"a8c555bcebd63a31\"]}", "a8c555bcebd63a31"),
        ("a.json", "\"password\": \"gV1VwirYXdn\"", "gV1VwirYXdn"),
        ("a.properties", "jdbc.password=vhtqz7xk", "vhtqz7xk"),
        ("a.properties", "jdbc.password=${DB_PASSWORD:vhtqz7xk}", "vhtqz7xk"),
        ("a.ini", "[db]\npasswd = vhtqz7xk\n", "vhtqz7xk"),
        ("a.conf", "authorization { user: a, password: vhtqz7xk }", "vhtqz7xk"),
        ("a.toml", "DYN_PASSWORD = \"Pdtswexp\"", "Pdtswexp"),
        ("main.cf", "bind_pw          = uxqghz\n", "uxqghz"),
        (".netrc", "machine h login bob password vhtqz7xk\n", "vhtqz7xk"),
        ("NOTES", "  requirepass vhtqz7xk\n", "vhtqz7xk"),
        ("settings.xml", "<password>vhtqz7xk</password>", "vhtqz7xk"),
        ("web.config", "<add key=\"ApiToken\" value=\"q8Zr2LmV0pXt9BsYcN5d\"/>", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.xml", "<property name=\"password\" value=\"vhtqz7xk\"/>", "vhtqz7xk"),
        ("a.xml", "<ds user=\"a\" password=\"vhtqz7xk\"/>", "vhtqz7xk"),
        ("Dockerfile", "ENV KEY_STORE_PASSWORD=lzqzbpmx", "lzqzbpmx"),
        ("Dockerfile", "ENV ADMIN_PASSWORD lzqzbpm7", ""),
        ("run.sh", "export TOKEN='2808a8c54ff56c31e2af1d'", "2808a8c54ff56c31e2af1d"),
        ("run.sh", "java -Djavax.net.ssl.trustStorePassword=tmsyxbhw -jar a.jar", "tmsyxbhw"),
        ("run.sh", "PASS=${DB_PASS:-vhtqz7xk}", "vhtqz7xk"),
        ("README.md", "Log in with\n\n    password: afsW9oHHVgHK\n", "afsW9oHHVgHK"),
        ("README.md", "- **password**: QXDIWHHV", "QXDIWHHV"),
    ]);
}

#[test]
fn code_is_left_alone() {
    expect_none(&[
        ("a.py", "password = get_password()"),
        ("a.py", "password = self._password"),
        ("a.py", "token = os.environ['TOKEN']"),
        ("a.py", "password = password.encode('latin1')"),
        ("a.py", "secret: Optional[str] = None"),
        ("a.js", "{ username: usr, password: pswd }"),
        ("a.js", "const token = await createToken({ sub: 'x1b2' })"),
        ("a.js", "'password': 'gbpmkgftvys' + count"),
        ("a.ts", "password: string;"),
        ("a.ts", "hashPassword('password')"),
        ("a.php", "echo 'password='.$p['x'].'&';"),
        ("a.js", "get('/?password='+pw+'&x=1')"),
        ("a.go", "EnvPassword = envNamespace + \"PASSWORD\""),
        ("a.go", "Token: config.Token,"),
        ("a.go", "fmt.Errorf(\"unexpected token: %s\", tok)"),
        ("A.java", "private String password;"),
        ("A.java", "getProperty(\"password\")"),
        ("A.java", "@Value(\"${app.password}\") String p;"),
        ("a.rs", "Token::Ident => \"identifier\","),
        ("a.rs", "let key = \"max-width\";"),
        ("a.rs", "if key == \"cpu cores\" {"),
        ("a.c", "static const char *key_name = \"x11-forwarding\";"),
        ("a.cs", "nameof(Password)"),
        ("a.rb", "validates :password, length: { minimum: 8 }"),
        ("a.php", "$password = $_POST['password'];"),
        ("a.tf", "password = var.db_password"),
        ("a.tf", "password = \"${random_password.db.result}\""),
        ("a.sh", "PASSWORD=$(pass show db)"),
        ("a.sh", "PASSWORD=\"$DB_PASSWORD\""),
        ("a.sh", "mysql -uroot -p$MYSQL_PASSWORD app"),
        ("a.sh", "curl -u \"$USER:$PASS\" https://host"),
        ("a.sql", "password VARCHAR(255) NOT NULL"),
        ("NOTES", "for passwords Argon2id\n"),
        ("NOTES", "We hash the password Argon2id\n"),
        ("NOTES", "- Store passwords Argon2id\n"),
        ("a.yaml", "# use for a password \"Argon2id\"\n"),
        ("a.html", "<input type=\"password\" name=\"password\" id=\"login-password\">"),
        ("a.css", ".password-input { color: #a1b2c3 }"),
        ("a.json", "\"password_min_length\": 12"),
        ("a.json", "\"passwordHash\": \"5f4dcc3b5aa765d61d8327deb882cf99\""),
        ("a.json", "\"integrity\": \"sha512-9Xk2LmV0pXt9BsYcN5dq8Zr2LmV0pXt9\""),
        ("a.json", "\"publicKey\": \"q8Zr2LmV0pXt9BsYcN5d\""),
        ("a.json", "\"nextPageToken\": \"q8Zr2LmV0pXt9BsYcN5d\""),
        ("a.json", "\"secretName\": \"tls-x9k2-prod\""),
        (
            "a.md",
            "[![x](https://codecov.example/gh/a/b/graph/badge.svg?token=3KA3R2D9fV)](https://codecov.example/gh/a/b)",
        ),
        ("a.yml", "keyVaultToStoreSecrets: shop2-qa-1208358310"),
        ("a.txt", "notes = \"io.jsonwebtoken:jwtx-jack-0.11.2\""),
    ]);
}

#[test]
fn placeholders_references_and_texts_are_left_alone() {
    expect_none(&[
        (".env", "DB_PASSWORD=changeme"),
        (".env", "DB_PASSWORD=<your password>"),
        (".env", "API_KEY=xxxxxxxxxxxxxxxx"),
        (".env", "API_KEY=your-api-key"),
        (".env", "SECRET=op://vault/item/field"),
        ("a.yml", "password: !vault |"),
        ("a.yml", "password: ENC[AES256_GCM,data:q8Zr2LmV]"),
        ("a.yml", "password: ${DB_PASSWORD}"),
        ("a.yml", "password: {{ .Values.password }}"),
        ("a.yml", "secretKeyRef:\n  name: db\n  key: password"),
        ("a.yml", "password: # set me"),
        ("a.yml", "token: null"),
        ("secret.yaml", "data:\n  password: cGFzc3dvcmQ=\n"),
        ("a.properties", "password={cipher}q8Zr2LmV0pXt9BsYcN5d"),
        ("a.toml", "OVH_APPLICATION_SECRET = \"Application secret\""),
        ("a.js", "password: 'Invalid Password'"),
        ("a.js", "passwd: 's3cr3t'"),
        ("locales/de.json", "\"password\": \"Kennwxrt9\""),
        ("a.md", "The password is required."),
        ("NOTES", "* Support for user password policies."),
        ("a.md", "[`SCM_CREDENTIALS`] or `SCM_CREDX7`."),
        ("a.py", "CHALLENGE_PASSWORD = ObjectIdentifier(\"1.2.840.113549.1.9.7\")"),
        ("a.md", "Your token: see the settings page."),
        ("a.go", "http.Get(\"http://user:password@host/\")"),
        ("a.go", "fmt.Sprintf(\"http://%s:%s@host/\", u, p)"),
        ("a.yml", "image: repo://a:b@sha256:0123"),
        ("a.py", "h = 'Basic dXNlcjpwYXNzd29yZA=='"),
        ("a.py", "h = 'Bearer ' + token"),
        ("a.md", "Authorization: Bearer <token>"),
        ("a.md", "Authorization: Bearer YOUR_ACCESS_TOKEN"),
        ("a.sql", "CREATE USER app IDENTIFIED BY 'password';"),
        ("a.sql", "-- the function identified by 0b0001"),
        ("a.html", "<input name=\"csrf_token\" value=\"q8Zr2LmV0pXt9BsYcN5d\">"),
    ]);
}

/// Forty digits, as fingerprints have.
const FINGERPRINT: &str = "7c1f02e9b4d85a63f0e7c92d1b8a4460d3f5e21a";

/// Sixty-four digits, as digests have.
const DIGEST: &str = "7c1f02e9b4d85a63f0e7c92d1b8a4460d3f5e21a9c0b7e4d8f61a3520e9bd47c";

/// Puts the digits into texts, and asserts that they give no value (`false`) or one (`true`).
#[track_caller]
fn expect_digits(found: bool, cases: &[(&str, &str)]) {
    let wrong: Vec<_> = cases
        .iter()
        .map(|(path, text)| (path, text.replace("{F}", FINGERPRINT).replace("{D}", DIGEST)))
        .filter(|(path, text)| values(path, text).is_empty() == found)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn image_references_are_left_alone() {
    expect_digits(
        false,
        &[
            ("a.yaml", "image: docker.io/acme/donkey:8-bookworm@sha256:{D}"),
            ("a.yaml", "image: registry.example.com/shop/api-token:1.2@sha256:{D}"),
            ("a.yaml", "  - {image: \"shop/api-token:1.2@sha256:{D}\"}"),
            ("a.yaml", "auth-token: shop/worker:1.2@sha256:{D}"),
            ("a.yaml", "image: x/api-key:1.2"),
            ("a.yaml", "image: x/api-key:8f3a9c1d2e"),
            ("a.yaml", "image: auth-token:8f3a9c1d2e"),
            ("a.yaml", "image: x/reset-password:8f3a9c1d2e"),
            ("a.yaml", "- ghcr.io/shop/auth-token:sha-{F}"),
            ("a.yaml", "- uses: docker://ghcr.io/shop/auth-token:8f3a9c1d2e"),
            ("a.yaml", "- localhost:5000/shop/auth-token:8f3a9c1d2e"),
            ("a.tpl", "x: {{ .Values.registry }}/shop/auth-token:8f3a9c1d2e"),
            ("a.json", "{\"Image\": \"auth-token:8f3a9c1d2e\"}"),
            ("a.py", "IMAGE = \"ghcr.io/shop/api-token:8f3a9c1d2e\""),
            ("a.sh", "docker pull ghcr.io/shop/app-secret:8f3a9c1d2e"),
            ("a.md", "See `shop/app-secret:2031.04-8f3a9c1d2e`."),
            ("Dockerfile", "FROM x/secret:1.0@sha256:{D}"),
            ("Dockerfile", "FROM --platform=linux/arm64 app-secret:8f3a9c1d2e AS build"),
            ("Dockerfile", "COPY --from=app-secret:8f3a9c1d2e /a /b"),
        ],
    );
}

#[test]
fn what_only_resembles_an_image_reference_is_found() {
    expect(&[
        ("a.yaml", "- shop/token:q8Zr2LmV0pXt9BsYcN5d", "q8Zr2LmV0pXt9BsYcN5d"),
        ("a.yaml", "login admin/password:xw7Qpl2z9", "xw7Qpl2z9"),
        ("a.yaml", "- bob@example.com/token:q8z72ab9", "q8z72ab9"),
        ("a.yaml", "- https://host/token:q8z72ab9", "q8z72ab9"),
        ("a.yaml", "- /etc/app/token:q8z72ab9", "q8z72ab9"),
        ("a.yaml", "- token:q8z72ab9", "q8z72ab9"),
    ]);
}

#[test]
fn fingerprints_of_openpgp_keys_are_left_alone() {
    expect_digits(
        false,
        &[
            ("Dockerfile", "ENV GPG_KEY={F}"),
            ("Dockerfile", "ENV GPG_KEYS=\"{F} {F}\""),
            ("Dockerfile", "ARG ACME_GPGKEY={F}"),
            ("Dockerfile", "ARG PGP_KEY_ID=7C1F02E9B4D85A63"),
            ("Dockerfile", "ENV RPM_GPG_KEY=0x{F}"),
            ("Dockerfile", "ENV OPENPGP_SIGNING_KEY_2={D}"),
            ("Dockerfile", "RUN gpg --batch --keyserver hkps://keys.example.org \\\n    --recv-keys {F}"),
            ("a.sh", "apt-key adv --recv-key {F}"),
            ("a.yaml", "- run: gpg --default-key {F}! --sign a"),
            ("a.yaml", "- run: git config --global user.signingkey {F}"),
            ("a.yaml", "gpg_keys:\n  - {F}\n"),
            ("a.py", "run([\"gpg\", \"--recv-keys\", \"{F}\"])"),
            ("a.py", "gpgKey = \"{F}\""),
        ],
    );
}

#[test]
fn other_secrets_beside_openpgp_keys_are_found() {
    expect_digits(
        true,
        &[
            ("Dockerfile", "ENV GPG_PASSPHRASE={F}"),
            ("Dockerfile", "ENV GPG_KEY_PASSWORD={F}"),
            ("Dockerfile", "ENV GPG_KEY_TOKEN={F}"),
            ("Dockerfile", "ENV PGP_API_KEY={F}"),
            ("Dockerfile", "ENV SIGNING_KEY={F}"),
            ("Dockerfile", "ENV GPG_KEY=q8Zr2LmV0pXt9BsYcN5d"),
            ("a.yaml", "- run: deploy --api-key {F}"),
            ("a.yaml", "- run: gpg --import a.asc\n- run: deploy --access-key {F}"),
            ("a.yaml", "user.signingkey: {F}"),
        ],
    );
}

#[test]
fn candidates_carry_name_and_reasons_but_no_value() {
    let text = "client_secret = 'Vw3xTz81LkQp6RbYnM2c'";
    let found = counted("a.py", text);
    let name = found[0].name.unwrap();
    assert_eq!(&text[name.start..name.end], "client_secret");
    assert_eq!(found[0].confidence, Some(Confidence::High));
    assert!(found[0].reasons.iter().all(|reason| !reason.contains("Vw3x")));
    assert_eq!(found[0].kind.rule(), "generic-secret");
}

#[test]
fn long_lines_are_read_in_windows() {
    let mut text = "{\"k\":[".to_owned();
    text.push_str(&"\"password\":null,".repeat(20_000));
    text.push_str("\"api_token\":\"q8Zr2LmV0pXt9BsYcN5d\"]}");
    assert_eq!(values("a.json", &text), ["q8Zr2LmV0pXt9BsYcN5d"]);
}

#[test]
fn hostile_text_is_taken() {
    for part in [
        "password",
        "password=",
        "password='",
        "pass\\\"",
        "://",
        "://a:",
        "${password:-",
        "(\"password\",",
        "<password>",
        "a.key[",
        "basic ",
        "key: \n",
    ] {
        let text = part.repeat(3000);
        for path in ["a.go", "a.yml", "a.sh", "a.md", "a.xml"] {
            let _ = scan(path, &text, &hits(&text));
        }
    }
    let wide = "ü".repeat(500) + "password=ü" + &"é".repeat(500);
    let _ = scan("a.yml", &wide, &hits(&wide));
    // A window that ends inside a character gives no span that cuts it.
    for length in 480..530 {
        let text = format!("curl -u a:{}", "ü".repeat(length / 2 + 1));
        let text = format!("{}{text}", " ".repeat(length % 3));
        assert!(scan("a.sh", &text, &hits(&text)).iter().all(|c| text.get(c.span.start..c.span.end).is_some()));
    }
    // Offsets that do not stand at keywords, or past the end, are no reason to panic.
    let _ = scan("a.py", "password = 'x'", &[0, 3, 13, 14, 99]);
}

#[test]
fn every_kind_has_its_own_rule() {
    let mut rules: Vec<&str> = Kind::ALL.iter().map(|kind| kind.rule()).collect();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(rules.len(), Kind::ALL.len());
}

#[test]
fn keywords_suit_the_shared_prefilter() {
    assert!(KEYWORDS.iter().all(|keyword| keyword.len() >= 3 && *keyword == keyword.to_ascii_lowercase()));
}
