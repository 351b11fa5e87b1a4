//! How much a value reads like words: dictionary coverage and letter-sequence likelihood.
//!
//! The word list holds English and the vocabulary of programs and infrastructure. It serves twice: words are looked up
//! in it, and its letter triples give the likelihood of words that it lacks (names, other languages). Made once, on first
//! use.

use std::sync::OnceLock;

/// One word or more a line, separated by spaces.
const WORDS: &str = include_str!("words.txt");

/// Two-letter words that stand alone between separators.
const SHORT: &[&[u8]] = &[
    b"ab", b"ad", b"ai", b"am", b"an", b"as", b"at", b"be", b"by", b"ca", b"cd", b"ci", b"cn", b"db", b"de", b"do",
    b"en", b"es", b"eu", b"ex", b"fn", b"fr", b"go", b"he", b"hi", b"id", b"if", b"in", b"io", b"ip", b"is", b"it",
    b"js", b"kb", b"me", b"my", b"no", b"ny", b"of", b"ok", b"on", b"op", b"or", b"os", b"pg", b"pk", b"pw", b"py",
    b"qa", b"rw", b"sa", b"sk", b"so", b"to", b"ts", b"tv", b"ui", b"uk", b"up", b"us", b"vm", b"we",
];

/// Longest word of the list.
const LONGEST_WORD: usize = 14;

/// Longest run of letters that is looked at; more is no word.
const LONGEST_RUN: usize = 64;

/// Letters of the model: `a`–`z` and the edge of a word.
const ALPHABET: usize = 27;
const EDGE: usize = 26;

/// Dictionary and letter model.
struct Model {
    /// Sorted words.
    words: Vec<&'static [u8]>,
    /// log2 of the probability of the third letter after the first two, at `(first * 27 + second) * 27 + third`.
    triples: Vec<f32>,
    /// Whether a word begins with these three letters, at the same index: spares most look-ups.
    openings: Vec<bool>,
}

/// What the letters of a value look like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Wording {
    /// Number of ASCII letters.
    pub(super) letters: usize,
    /// Letters that belong to dictionary words.
    pub(super) covered: usize,
    /// Mean log2 likelihood of a letter after the two before it; about -3 for words, below -5 for random
    /// letters.
    pub(super) likelihood: f32,
}

impl Wording {
    /// Measures `value`. Runs of letters are split at `camelCase` borders; case is ignored otherwise.
    pub(super) fn of(value: &[u8]) -> Self {
        let model = model();
        let mut wording = Self::default();
        let mut sum = 0.0;
        let mut scored: u16 = 0;
        for run in runs(value) {
            wording.letters += run.len();
            let lower: Vec<u8> = run.iter().take(LONGEST_RUN).map(u8::to_ascii_lowercase).collect();
            wording.covered += model.coverage(&lower);
            if lower.len() >= 2 {
                let (total, steps) = model.likelihood(&lower);
                sum += total;
                scored = scored.saturating_add(steps);
            }
        }
        if scored > 0 {
            wording.likelihood = sum / f32::from(scored);
        }
        wording
    }

    /// Whether dictionary words make up all but a few of the letters.
    pub(super) fn is_words(self) -> bool {
        self.letters >= 3 && self.covered * 4 >= self.letters * 3
    }

    /// Whether the letters are neither words nor like words.
    pub(super) fn is_gibberish(self) -> bool {
        self.letters >= 4 && self.covered * 2 <= self.letters && self.likelihood < GIBBERISH
    }
}

/// Below this mean likelihood letters do not form words. Nearly all random runs of five letters or more lie below it, and
/// about one in six of the names, abbreviations and foreign words that the list lacks.
const GIBBERISH: f32 = -4.9;

/// Weight of the shorter context, in observations, when the model meets a triple or pair that the list does not have.
const SMOOTHING: f32 = 8.0;

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(Model::build)
}

impl Model {
    fn build() -> Self {
        let mut words: Vec<&'static [u8]> = WORDS.split_ascii_whitespace().map(str::as_bytes).collect();
        words.sort_unstable();
        let mut triples = vec![0.0_f32; ALPHABET * ALPHABET * ALPHABET];
        let mut pairs = vec![0.0_f32; ALPHABET * ALPHABET];
        let mut singles = [1.0_f32; ALPHABET];
        for word in &words {
            walk(word, |first, second, third| {
                triples[(first * ALPHABET + second) * ALPHABET + third] += 1.0;
                pairs[second * ALPHABET + third] += 1.0;
                singles[third] += 1.0;
            });
        }
        let all: f32 = singles.iter().sum();
        let pair_totals: Vec<f32> = pairs.chunks(ALPHABET).map(|row| row.iter().sum()).collect();
        for (row, chunk) in triples.chunks_mut(ALPHABET).enumerate() {
            let second = row % ALPHABET;
            let total: f32 = chunk.iter().sum();
            for (third, count) in chunk.iter_mut().enumerate() {
                // Interpolated, so that an unseen triple of common pairs is no proof of randomness.
                let one = singles[third] / all;
                let two = (pairs[second * ALPHABET + third] + SMOOTHING * one) / (pair_totals[second] + SMOOTHING);
                *count = ((*count + SMOOTHING * two) / (total + SMOOTHING)).log2();
            }
        }
        let mut openings = vec![false; ALPHABET * ALPHABET * ALPHABET];
        for index in words.iter().filter_map(|word| triple(word)) {
            openings[index] = true;
        }
        Self { words, triples, openings }
    }

    fn holds(&self, word: &[u8]) -> bool {
        self.words.binary_search(&word).is_ok()
    }

    /// The most letters of `run` (lower case) that non-overlapping dictionary words of three letters or more cover.
    fn coverage(&self, run: &[u8]) -> usize {
        if SHORT.contains(&run) {
            return 2;
        }
        let mut best = vec![0_usize; run.len() + 1];
        for start in 0..run.len() {
            best[start + 1] = best[start + 1].max(best[start]);
            if !triple(&run[start..]).is_some_and(|index| self.openings[index]) {
                continue;
            }
            for end in start + 3..=run.len().min(start + LONGEST_WORD) {
                if best[start] + end - start > best[end] && self.holds(&run[start..end]) {
                    best[end] = best[start] + end - start;
                }
            }
        }
        best[run.len()]
    }

    fn likelihood(&self, run: &[u8]) -> (f32, u16) {
        let mut sum = 0.0;
        let mut steps = 0_u16;
        walk(run, |first, second, third| {
            sum += self.triples[(first * ALPHABET + second) * ALPHABET + third];
            steps = steps.saturating_add(1);
        });
        (sum, steps)
    }
}

/// Index of the first three letters of `word` (lower case) in the tables.
fn triple(word: &[u8]) -> Option<usize> {
    let [first, second, third, ..] = *word else { return None };
    let letter = |byte: u8| usize::from(byte.wrapping_sub(b'a')).min(EDGE);
    Some((letter(first) * ALPHABET + letter(second)) * ALPHABET + letter(third))
}

/// Calls `visit` with every letter of `word` (lower case) and the two before it, the end of the word included.
fn walk(word: &[u8], mut visit: impl FnMut(usize, usize, usize)) {
    let (mut first, mut second) = (EDGE, EDGE);
    for &byte in word {
        let third = usize::from(byte.wrapping_sub(b'a')).min(EDGE);
        visit(first, second, third);
        (first, second) = (second, third);
    }
    visit(first, second, EDGE);
}

/// The runs of letters in `value`, split where a capital follows a lower-case letter.
fn runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .chunk_by(|left, right| {
            left.is_ascii_alphabetic()
                && right.is_ascii_alphabetic()
                && !(left.is_ascii_lowercase() && right.is_ascii_uppercase())
        })
        .filter(|run| run[0].is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_covered() {
        for value in ["password", "notRealPassword", "api_key", "CLIENT_SECRET", "storagePoolName", "Invalid Password"]
        {
            assert!(Wording::of(value.as_bytes()).is_words(), "{value}");
        }
    }

    #[test]
    fn names_and_foreign_words_are_no_gibberish() {
        for value in
            ["sebastian", "mercedes", "passwort", "contrasena", "kubelet", "volumetric", "josephine", "mandarin"]
        {
            assert!(!Wording::of(value.as_bytes()).is_gibberish(), "{value}");
        }
    }

    #[test]
    fn random_letters_are_gibberish() {
        for value in ["qyioh", "xbdneceaofs", "kxqzjv", "fvuuzv", "pwtovjiz", "zgvqhyrx", "NHDWKQXV"] {
            assert!(Wording::of(value.as_bytes()).is_gibberish(), "{value} {:?}", Wording::of(value.as_bytes()));
        }
    }

    #[test]
    fn long_runs_are_bounded() {
        let wording = Wording::of(&vec![b'q'; 1 << 20]);
        assert_eq!(wording.letters, 1 << 20);
    }
}
