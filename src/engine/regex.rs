//! Regexes of rules, as both engines use them.

use regex_automata::meta;
use regex_automata::util::syntax;

/// Most memory that one compiled regex may take.
const MAX_MEMORY: usize = 4 << 20;

/// Compiles `regex` for bytes, with ASCII classes and bounded memory.
///
/// # Errors
///
/// It is no regex, or would take more memory than the bound allows.
pub(super) fn compile(regex: &str) -> Result<meta::Regex, String> {
    meta::Builder::new()
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .configure(
            meta::Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(MAX_MEMORY))
                // Most regexes are tried a few times on short texts: what these two take to build, they never earn back.
                .dfa(false)
                .onepass(false),
        )
        .build(regex)
        .map_err(|error| error.to_string())
}
