//! Takes out of a configuration's text what may be a secret, before an error repeats it: a token pasted into the wrong
//! line, or a file of secrets named as the configuration by mistake.
//!
//! It knows no rules, which are not loaded yet, and judges by the look alone: words and numbers stay, what looks random
//! goes. Each character that goes leaves a `*`, so that columns hold.

/// Longest run of letters that is taken for a word.
const MAX_WORD: usize = 15;
/// A run this short says nothing: `k8s`, `2nd`.
const MAX_SHORT: usize = 3;
/// Most digits behind the letters of a word, as in `sha256`.
const MAX_DIGITS: usize = 3;

/// `text` with the letters and digits of each word that looks random masked.
pub(super) fn random(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(ends_word) {
        let is_plain = word.split(|c: char| !c.is_alphanumeric()).all(is_plain);
        if is_plain { out.push_str(word) } else { mask_into(&mut out, word) }
    }
    out
}

/// The line `text` without what stands behind its first `=` or `:`. That is cut off when the place to be shown, `at`
/// characters from the beginning, lies in front of it, and masked otherwise. [`random`] where there is neither sign.
pub(super) fn value(text: &str, at: usize) -> String {
    let Some((name, value)) = text.find(['=', ':']).map(|sign| text.split_at(sign)) else { return random(text) };
    let mut out = random(name);
    if at < out.chars().count() {
        out.push_str(&value[..1]);
        out.push_str(" …");
    } else {
        mask_into(&mut out, value);
    }
    out
}

fn mask_into(out: &mut String, text: &str) {
    out.extend(text.chars().map(|c| if c.is_alphanumeric() { '*' } else { c }));
}

/// Whether `c` stands between words. Dashes and the like do not: they are parts of random words, too.
fn ends_word(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '"' | '\'' | '`' | '[' | ']' | '{' | '}' | '(' | ')' | '<' | '>' | ',' | ';' | '=' | ':' | '@' | '/' | '|'
        )
}

/// Whether a run of letters and digits is a word, a name such as `maxFileSize`, a number, or one with a unit.
fn is_plain(run: &str) -> bool {
    let letters = run.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = run.len() - letters.len();
    let unit = run.trim_start_matches(|c: char| c.is_ascii_digit());
    letters.is_empty()
        || run.len() <= MAX_SHORT
        || (digits <= MAX_DIGITS && is_word(letters))
        || matches!(unit, "KiB" | "MiB" | "GiB" | "KB" | "MB" | "GB")
}

/// Whether letters are a word: of one case, capitalised, or several capitalised words in a row.
fn is_word(letters: &str) -> bool {
    let count = letters.chars().count();
    if count > MAX_WORD || !letters.chars().all(char::is_alphabetic) {
        return false;
    }
    if !letters.chars().any(char::is_lowercase) {
        return true;
    }
    let mut lower = 0;
    for (index, c) in letters.chars().enumerate() {
        if c.is_uppercase() {
            // A hump of fewer letters is seldom a word, and often chance.
            if index > 0 && lower < 2 {
                return false;
            }
            lower = 0;
        } else {
            lower += 1;
        }
    }
    count == 1 || lower >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_names_and_numbers_stay() {
        for text in [
            "exclude = [\"fixtures/**\", \"*.snap\", \"src/[a-\"]",
            "unknown key maxFileSize, max-file-size = 16MiB, 1_000_000, -5, k8s",
            "aws-s3-bucket-v2 github-personal-access-token sha256 base64 Oauth2 HEAD",
            "größe = \"schlüssel\"",
        ] {
            assert_eq!(random(text), text);
        }
    }

    #[test]
    fn what_looks_random_goes_and_columns_hold() {
        let token = ["ghp_", "8aspm4G7VmSUfOoD6V1vrORcmn0iSH2JWh3d"].concat();
        assert_eq!(random(&format!("a = '{token}' b")), format!("a = '***_{}' b", "*".repeat(36)));
        // lockgate: ignore[url-password] made up, to be masked
        assert_eq!(random("postgres://app:Zk3vTq9xLm2@db.internal/x"), "postgres://app:***********@db.internal/x");
        for random_word in ["hunter2longpass", "Tr0ub4dor", "wJalrXUtnFEMI", "k7-Qz-pW2-vL9x", "abcdefghijklmnopqrst"] {
            let masked = random(random_word);
            assert!(!masked.contains(char::is_alphanumeric), "{masked}");
            assert_eq!(masked.len(), random_word.len());
        }
    }

    #[test]
    fn a_value_goes_whatever_it_looks_like() {
        assert_eq!(value("DB_PASSWORD=summer #x", 12), "DB_PASSWORD=****** #*");
        assert_eq!(value("password: summer", 10), "password: ******");
        assert_eq!(value("passwort = 'summer'", 0), "passwort = …");
        assert_eq!(value("[scan", 1), "[scan");
    }
}
