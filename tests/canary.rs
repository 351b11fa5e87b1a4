//! Secrets are planted wherever the program looks, and must come out nowhere: in no report, no message, no file that it
//! writes, not even a part of one beyond what redaction shows.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::cell::{Cell, OnceCell};
use std::fs;
use std::path::Path;

use aho_corasick::AhoCorasick;
use cli::{BASE62, Outcome, Random, Sandbox, TOKEN_RULE, finish, names, token};

/// So many characters in a row of a secret's random part are a leak; redaction shows four.
const WINDOW: usize = 8;

/// Secrets in a tree, and their random parts.
struct Canary {
    sandbox: Sandbox,
    /// What must not come out, with the place where it was planted.
    planted: Vec<(String, String)>,
    /// All pieces of all secrets; made when the first text is searched.
    pieces: OnceCell<AhoCorasick>,
    random: Random,
    /// Characters that were searched.
    searched: Cell<usize>,
}

fn base64url(text: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(text.as_bytes())
}

impl Canary {
    fn new() -> Self {
        Self {
            sandbox: Sandbox::new(),
            planted: Vec::new(),
            pieces: OnceCell::new(),
            random: Random(2024),
            searched: Cell::new(0),
        }
    }

    /// Notes that `random` must not come out.
    fn note(&mut self, place: &str, random: &str) {
        assert!(random.len() >= WINDOW && self.pieces.get().is_none());
        self.planted.push((place.to_owned(), random.to_owned()));
    }

    fn token(&mut self, place: &str) -> String {
        let token = token(self.random.next());
        self.note(place, &token[4..]);
        token
    }

    fn password(&mut self, place: &str) -> String {
        let password = self.random.text(BASE62, 16);
        self.note(place, &password);
        password
    }

    fn key(&mut self, place: &str) -> String {
        let lines: Vec<String> = (0..8).map(|_| self.random.text(BASE62, 64)).collect();
        for line in &lines {
            self.note(place, line);
        }
        format!("-----BEGIN {0} KEY-----\n{1}\n-----END {0} KEY-----\n", "PRIVATE", lines.join("\n"))
    }

    /// A JSON Web Token: payload and signature are what must not come out; the header is the same for all.
    fn jwt(&mut self, place: &str) -> String {
        let subject = self.random.text(BASE62, 24);
        let payload = base64url(&format!("{{\"sub\":\"{subject}\",\"iss\":\"https://issuer.example\"}}"));
        let signature = self.random.text(BASE62, 43);
        self.note(place, &subject);
        self.note(place, &payload[12..44]);
        self.note(place, &signature);
        format!("{}.{payload}.{signature}", base64url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"))
    }

    /// Files with secrets of every kind in every position.
    fn plant(&mut self) {
        let plain = format!(
            "github = '{}'\npassword = \"{}\"\nurl = \"postgres://app:{}@db.internal/x\"\njwt = '{}'\n",
            self.token("plain.ini"),
            self.password("plain.ini"),
            self.password("plain.ini"),
            self.jwt("plain.ini"),
        );
        let key = self.key("server.pem");
        let inside = self.key("source.js").replace('\n', "\\n");
        let together: Vec<String> = (0..6).map(|_| self.token("together.py")).collect();
        let password = self.password("together.py");
        let long: Vec<String> = (0..40).map(|_| self.token("long.js")).collect();
        let long = long.join(&format!("'; var filler = '{}", "x y ".repeat(30)));
        let wide = format!("first line\r\npassword = \"{}\"\r\nt = {}\r\n", self.password("wide"), self.token("wide"));
        let broken = [b"caf\xE9 \xFF\n".as_slice(), self.token("broken.txt").as_bytes(), b" \xC3"].concat();
        let silenced = format!(
            "a = '{}' # lockgate: ignore it was {}\n# lockgate: ignore[{TOKEN_RULE}] as {} says\nb = '{}'\n\
             # lockgate: ignore-block {}\nc = '{}'\n# lockgate: end-ignore\nd = '{}' # gitleaks:allow {}\n",
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
            self.token("silenced"),
        );
        let accepted = format!("old = '{}'\n", self.token("accepted"));
        let cut = format!("{}\nx = '{}' {}", self.token("cut.txt"), self.token("cut.txt"), self.token("cut.txt"));
        let hint = format!("e2ehint_{}\n", self.password("hint.txt").to_lowercase().repeat(2).split_at(24).0);
        self.sandbox
            .write("plain.ini", plain)
            .write("server.pem", key)
            .write("source.js", format!("const key = \"{inside}\";\n"))
            .write("together.py", format!("x = ['{}'], password = '{password}'\n", together.join("', '")))
            .write("long.js", format!("var a = '{long}';\n"))
            .write("wide.txt", wide.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
            .write("broken.txt", broken)
            .write("silenced.py", silenced)
            .write("accepted.py", accepted)
            .write("cut.txt", &cut)
            .write("hint.txt", hint)
            .write("image.png", b"\x89PNG\r\n\x1a\n\0");
    }

    /// No secret, and no piece of one, stands in `text`.
    #[track_caller]
    fn check(&self, what: &str, text: &str) {
        self.searched.set(self.searched.get() + text.len());
        let windows = || {
            self.planted
                .iter()
                .flat_map(|(place, random)| random.as_bytes().windows(WINDOW).map(move |piece| (place, piece)))
        };
        let pieces = self.pieces.get_or_init(|| AhoCorasick::new(windows().map(|(_, piece)| piece)).unwrap());
        let found = pieces.find(text).and_then(|found| windows().nth(found.pattern().as_usize()));
        // Neither the piece nor its place in the output is printed: this output is a report, too.
        let place = found.map(|(place, _)| place);
        assert!(place.is_none(), "{what} holds a piece of a secret of {place:?}");
    }

    #[track_caller]
    fn check_run(&self, what: &str, outcome: &Outcome) {
        self.check(&format!("standard output of {what}"), &outcome.stdout);
        self.check(&format!("standard error of {what}"), &outcome.stderr);
    }

    /// Runs the program with backtraces on and checks what it says.
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Outcome {
        let outcome = finish(self.sandbox.command().env("RUST_BACKTRACE", "1").args(arguments));
        self.check_run(&arguments.join(" "), &outcome);
        outcome
    }

    #[track_caller]
    fn check_files(&self, directory: &Path) {
        for name in names(directory) {
            self.check(&name, &fs::read_to_string(directory.join(&name)).unwrap());
        }
    }
}

const FORMATS: [&str; 6] = ["text", "sarif", "json", "jsonl", "github", "outputs"];

#[test]
fn no_report_shows_a_secret() {
    let mut canary = Canary::new();
    canary.plant();
    let pack = canary.sandbox.pack().display().to_string();
    let rules = ["scan", "--rules", &pack, "--confidence", "low"];
    // Every kind is found: what is not found need not be hidden.
    let found = canary.run(&[&rules[..], &["--format", "json"]].concat()).expect_code(1).stdout;
    for name in
        ["plain.ini", "server.pem", "source.js", "together.py", "long.js", "wide.txt", "broken.txt", "silenced.py"]
    {
        assert!(found.contains(&format!("\"path\":\"{name}\"")), "{name}");
    }
    for format in FORMATS {
        for more in [&[][..], &["--verbose"], &["--quiet"], &["--color", "always"], &["--threads", "1"]] {
            canary.run(&[&rules[..], &["--format", format], more].concat()).expect_code(1);
        }
        // Beside something that cannot be read.
        canary.run(&[&rules[..], &["--format", format, ".", "/proc/self/mem"]].concat()).expect_code(2);
    }
    let reports: Vec<String> = FORMATS
        .iter()
        .flat_map(|name| ["--report".to_owned(), format!("{name}={}", canary.sandbox.outside(name).display())])
        .collect();
    canary.run(&rules.into_iter().chain(reports.iter().map(String::as_str)).collect::<Vec<_>>()).expect_code(1);
    let summary = canary.sandbox.outside("summary.md");
    let github =
        finish(canary.sandbox.command().args(rules).args(["--format", "github"]).env("GITHUB_STEP_SUMMARY", summary));
    canary.check_run("github with a summary", &github);
    assert_eq!(names(&canary.sandbox.outside("")).len(), FORMATS.len() + 1);
    canary.check_files(&canary.sandbox.outside(""));
    assert!(canary.searched.get() > 1_000_000, "{}", canary.searched.get());
}

#[test]
fn neither_baseline_nor_accepted_findings_show_a_secret() {
    let mut canary = Canary::new();
    canary.plant();
    let pack = canary.sandbox.pack().display().to_string();
    let baseline = canary.sandbox.outside("baseline.json").display().to_string();
    canary.run(&["baseline", "create", "--rules", &pack, "--output", &baseline]).expect_code(0);
    canary.check_files(&canary.sandbox.outside(""));
    for format in FORMATS {
        let arguments = ["scan", "--rules", &pack, "--baseline", &baseline, "--format", format, "--verbose"];
        canary.run(&arguments).expect_code(0);
    }
}

#[test]
fn what_a_rule_would_report_is_hidden_although_it_does_not_run() {
    let mut canary = Canary::new();
    let (token, password) = (canary.token("both.py"), canary.password("both.py"));
    canary.sandbox.write("both.py", format!("password = \"{password}\"; x = '{token}'\n"));
    let pack = canary.sandbox.pack().display().to_string();
    for rule in [TOKEN_RULE, "*password"] {
        let outcome = canary.run(&["scan", "--rules", &pack, "--disable", rule, "--format", "json"]).expect_code(1);
        assert_eq!(outcome.stdout.matches("\"fingerprint\"").count(), 1, "{rule}");
    }
}

#[test]
fn what_a_bound_cuts_off_is_hidden() {
    let mut canary = Canary::new();
    let tokens: Vec<String> = (0..3).map(|_| canary.token("cut.txt")).collect();
    let text = format!("x = '{}', y = '{}', z = '{}'\n", tokens[0], tokens[1], tokens[2]);
    // Wherever the bound falls, also into the middle of a token.
    for bound in (50..text.len()).step_by(7) {
        canary.sandbox.write("cut.txt", &text).write("lockgate.toml", format!("[scan]\nmax-file-size = {bound}\n"));
        let outcome = canary.run(&["scan", "--format", "json"]).expect_code(1);
        assert!(outcome.stdout.contains("too-large"), "{bound}");
    }
}

#[test]
fn standard_input_shows_no_secret() {
    let mut canary = Canary::new();
    // lockgate: ignore[generic-password] names a planted value
    let input = format!("a = '{}'\npassword = \"{}\"\n", canary.token("stdin"), canary.password("stdin"));
    let pack = canary.sandbox.pack();
    for format in FORMATS {
        let mut command = canary.sandbox.command();
        command.args(["scan", "-", "--stdin-name", "conf/.env", "--verbose", "--format", format, "--rules"]).arg(&pack);
        let outcome = finish(command.write_stdin(input.as_str())).expect_code(1);
        canary.check_run(format, &outcome);
    }
}

#[test]
fn no_error_about_a_file_quotes_a_secret() {
    let mut canary = Canary::new();
    let (token, password) = (canary.token("error"), canary.password("error"));
    let (key, jwt) = (canary.key("error"), canary.jwt("error"));
    let configurations = [
        format!("tokn = \"{token}\"\n"),
        format!("[scan]\ntoken = \"{token}\" # {jwt}\n"),
        format!("[scan]\nexclude = \"{token}\"\n"),
        format!("[scan]\nexclude = [5, \"{token}\"]\n"),
        format!("[scan]\nexclude = [\"ok\", \"{token}[\", \"{jwt}\"]\n"),
        format!("[scan]\nmax-file-size = \"{password}\"\n"),
        format!("[gate]\nseverity = \"{token}\"\n"),
        format!("[gate.\"{token}\"]\nseverity = \"low\"\n"),
        format!("[rules]\nenable = [\"{token}\"]\n"),
        format!("[rules]\npacks = [\"{token}\"]\n"),
        format!("[rules.severity]\n\"{token}\" = \"{password}\"\n"),
        format!("[rules.severity]\nsome-rule = \"{token}\"\n"),
        format!("[baseline]\npath = \"../{token}\"\n"),
        format!("\"{token}\" = 1\n\"{token}\" = 2\n"),
        format!("x = {token}\n"),
        format!("x = \"{token}\n"),
        format!("x = \"\"\"{token}\n{jwt}\n"),
        format!("DB_PASSWORD={password}\nTOKEN={token}\n"),
        format!("export TOKEN='{token}'\n"),
        format!("password: {password}\n"),
        key.clone(),
        token.clone(),
        jwt.clone(),
    ];
    for text in &configurations {
        canary.sandbox.write("lockgate.toml", text);
        let outcome = canary.run(&["scan"]).expect_code(2);
        assert!(outcome.stderr.starts_with("error: lockgate.toml:"), "{}", outcome.stderr);
        canary.run(&["baseline", "create"]).expect_code(2);
    }
    canary.sandbox.remove("lockgate.toml");
    // Any of them named by mistake, and the like as a baseline.
    let entry = |fingerprint: &str, rule: &str| {
        format!("{{\"fingerprint\": \"{fingerprint}\", \"rule\": \"{rule}\", \"path\": \"a\", \"x\": 1}}")
    };
    let baseline = |findings: &str| format!("{{\"schema\": \"lockgate/baseline/v1\", \"findings\": {findings}}}");
    let others = [
        format!("{{\"schema\": \"{token}\"}}"),
        format!("{{\"password\": \"{password}\", \"token\": \"{token}\"}}"),
        format!("\"{token}\""),
        baseline(&format!("\"{token}\"")),
        baseline(&format!("[\"{token}\"]")),
        baseline(&format!("{{\"{token}\": \"{password}\"}}")),
        baseline(&format!("[{}]", entry(&token, &password))),
        baseline(&format!("[{}]", entry("00112233445566778899aabbccddeeff", &token))),
        format!("rules: \"{token}\"\n"),
        format!("rules:\n  - \"{token}\"\n"),
        format!("rules: [\n{token}\n"),
        format!("stringData:\n  password: {password}\n  token: \"{token}\"\n"),
        format!("rules:\n  - id: x\n    severity: {token}\n    confidence: {password}\n    category: {token}\n"),
        format!(
            "defaults: {{severity: {token}, profile: {password}, cwe: [{token}], references: [{token}]}}\nrules: []\n"
        ),
    ];
    for text in configurations.iter().chain(&others) {
        canary.sandbox.write("named.txt", text);
        for option in ["--config", "--baseline", "--rules"] {
            canary.run(&["scan", option, "named.txt", "/dev/null"]).expect_code(2);
        }
        canary.run(&["rules", "list", "--rules", "named.txt"]).expect_code(2);
    }
}

#[test]
fn rules_and_explanations_know_nothing_of_the_tree() {
    let mut canary = Canary::new();
    canary.plant();
    let pack = canary.sandbox.pack().display().to_string();
    for arguments in [
        &["explain", TOKEN_RULE][..],
        &["explain", "test-password", "--rules", &pack],
        &["rules", "list", "--json", "--rules", &pack],
        &["rules", "show", TOKEN_RULE],
        &["config", "schema"],
        &["init"],
    ] {
        canary.run(arguments).expect_code(0);
    }
    canary.check("lockgate.toml", &canary.sandbox.read("lockgate.toml"));
}
