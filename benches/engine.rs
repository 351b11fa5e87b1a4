//! Throughput of the secrets engine on texts of different kinds, and what starting costs.
//!
//! `cargo bench` runs all of it, `cargo bench -- throughput` a part. The texts are generated, the same in every run.
//! `compare.sh` beside this file times the whole program against others on directories of your own.

use std::sync::LazyLock;

use std::fmt::Write as _;

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use lockgate::engine::secrets::SecretEngine;
use lockgate::rules::builtin;
use lockgate::rules::catalogue::Catalogue;

/// Bytes of each text.
const SIZE: usize = 1 << 20;

fn main() {
    divan::main();
}

/// Every built-in rule, loaded once.
fn catalogue() -> &'static Catalogue {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::new(builtin::rules()));
    &CATALOGUE
}

fn engine() -> SecretEngine<'static> {
    SecretEngine::new(catalogue(), |_| true)
}

/// A linear congruential generator (Knuth's MMIX constants): numbers without a pattern that matters here, the same in
/// every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const WORDS: &[&str] = &[
    "index", "buffer", "width", "render", "column", "offset", "parse", "node", "result", "iter", "left", "right",
    "total", "begin", "length", "update", "visit", "chunk", "row", "scale",
];

const NAMES: &[&str] = &[
    "password",
    "api_key",
    "secret",
    "token",
    "AWS_ACCESS_KEY_ID",
    "client_secret",
    "Authorization: Bearer",
    "ghp_",
    "AKIA",
    "xoxb-",
    "credentials",
    "private_key",
];

/// Lines of code in which no name promises a secret.
fn code() -> String {
    fill(|numbers, text| {
        let indent = 4 * numbers.below(4);
        let [a, b, c, d] = [(); 4].map(|()| numbers.pick(WORDS));
        let _ = writeln!(text, "{:indent$}let {a}_{b} = {c}.{d}({}, {a});", "", numbers.below(1000));
    })
}

/// Names that promise a secret on every line, and never one behind them.
fn keywords() -> String {
    fill(|numbers, text| {
        let (name, word) = (numbers.pick(NAMES), numbers.pick(WORDS));
        let _ = match numbers.below(3) {
            0 => writeln!(text, "{name} = os.environ[\"{word}\"]"),
            1 => writeln!(text, "# the {name} of the {word}, see {}", numbers.pick(NAMES)),
            _ => writeln!(text, "{word}.set_{name}(load_{name}(\"/run/{word}\"))"),
        };
    })
}

/// A leak every ten lines or so.
fn findings() -> String {
    fill(|numbers, text| {
        if numbers.below(10) > 0 {
            let _ = writeln!(text, "{} = {}", numbers.pick(WORDS), numbers.pick(WORDS));
        } else {
            let _ = writeln!(text, "GITHUB_TOKEN={}", github_token(numbers));
        }
    })
}

/// The same without a line break, as minifiers write.
fn one_line() -> String {
    findings().replace('\n', ";")
}

fn fill(mut line: impl FnMut(&mut Numbers, &mut String)) -> String {
    let mut numbers = Numbers(1);
    let mut text = String::with_capacity(SIZE + 200);
    while text.len() < SIZE {
        line(&mut numbers, &mut text);
    }
    text
}

/// A made-up token whose checksum holds, so that nothing drops it on the way.
fn github_token(numbers: &mut Numbers) -> String {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let random: String = (0..30).map(|_| char::from(BASE62[numbers.below(62)])).collect();
    let mut checksum = crc32fast::hash(random.as_bytes()) as usize;
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[checksum % 62];
        checksum /= 62;
    }
    format!("ghp_{random}{}", String::from_utf8_lossy(&digits))
}

mod throughput {
    use super::{Bencher, BytesCount, black_box, engine};

    fn scan(bencher: Bencher, text: &str) {
        let engine = engine();
        // Regexes compile when they are first needed; that belongs to the start.
        let _ = engine.scan("src/main.py", text);
        bencher.counter(BytesCount::of_str(text)).bench(|| engine.scan("src/main.py", black_box(text)));
    }

    #[divan::bench]
    fn code(bencher: Bencher) {
        scan(bencher, &super::code());
    }

    #[divan::bench]
    fn keywords(bencher: Bencher) {
        scan(bencher, &super::keywords());
    }

    #[divan::bench]
    fn findings(bencher: Bencher) {
        scan(bencher, &super::findings());
    }

    #[divan::bench]
    fn one_line(bencher: Bencher) {
        scan(bencher, &super::one_line());
    }
}

mod start {
    use super::{Bencher, black_box, builtin, engine};

    #[divan::bench]
    fn load_the_packs() -> usize {
        builtin::rules().len()
    }

    /// The engine indexes its rules for the first text, here an empty one.
    #[divan::bench]
    fn index_the_rules(bencher: Bencher) {
        bencher.with_inputs(engine).bench_values(|engine| engine.scan("src/main.py", black_box("")));
    }

    /// With the regexes that a text full of names calls up.
    #[divan::bench(sample_count = 20)]
    fn first_scan(bencher: Bencher) {
        let text: String = super::keywords().chars().take(16 << 10).collect();
        bencher.with_inputs(engine).bench_values(|engine| engine.scan("src/main.py", black_box(&text)));
    }
}
