//! Globs, within a bound: who compiles one recurses once for each `{` inside of another, and globs come from trees that
//! nobody vouches for.

use globset::Glob;

/// Most `{` in one glob, be they nested or not.
const MAX_ALTERNATES: usize = 64;

/// Checks that `text` is a glob that can be compiled.
///
/// # Errors
///
/// What is wrong with it, in words that follow "not a glob: ".
pub fn check(text: &str) -> Result<(), String> {
    check_alternates(text)?;
    Glob::new(text).map(drop).map_err(|error| error.kind().to_string())
}

/// Checks that `text`, a line of a `.gitignore` file or a glob, does not hold more `{` than can be compiled. One behind a
/// `\` counts as well.
///
/// # Errors
///
/// That it holds more.
pub fn check_alternates(text: &str) -> Result<(), String> {
    if text.bytes().filter(|&byte| byte == b'{').count() > MAX_ALTERNATES {
        return Err(format!("more than {MAX_ALTERNATES} `{{`"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternates_are_bounded_however_they_stand() {
        let nested = |depth| format!("{}a{}", "{".repeat(depth), "}".repeat(depth));
        assert_eq!(check(&nested(64)), Ok(()));
        assert_eq!(check(&nested(65)), Err("more than 64 `{`".to_owned()));
        assert!(check(&nested(1_000_000)).is_err());
        assert!(check(&"{a,b}".repeat(65)).is_err());
    }

    #[test]
    fn what_is_no_glob_is_said_in_words() {
        assert_eq!(check("src/**/*.{rs,toml}"), Ok(()));
        assert_eq!(check("[a"), Err("unclosed character class; missing ']'".to_owned()));
    }
}
