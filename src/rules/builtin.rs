//! The packs that are compiled into the program.

use super::schema::Rule;

/// What `build.rs` made of `rules/`.
static PACKS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/packs.bin"));

/// Every built-in rule.
///
/// # Panics
///
/// Never in a program whose tests ran: the bytes are written by the build of this very program from the same types.
#[must_use]
#[allow(clippy::expect_used, reason = "there is no input that could make it fail, and a test reads the bytes")]
pub fn rules() -> Vec<Rule> {
    postcard::from_bytes(PACKS).expect("the built-in packs match their schema")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_builtin_packs_load() {
        assert!(super::rules().iter().any(|rule| rule.id == "github-personal-access-token"));
    }
}
