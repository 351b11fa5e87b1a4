//! What the splitter finds.

use super::*;

/// Each command with its words joined by spaces.
fn commands(text: &str) -> Vec<String> {
    split(text, 0).iter().map(|c| c.words.iter().map(Word::as_str).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn separators_end_commands_and_words_lose_their_quotes() {
    assert_eq!(
        commands("apt-get update && apt-get install -y \"a b\" 'c' d\\ e; x || y & z\nw # no\nv"),
        ["apt-get update", "apt-get install -y a b c d e", "x", "y", "z", "w", "v"]
    );
    let found = split("a && b || c; d | e", 0);
    let operators: Vec<_> = found.iter().map(|c| c.operator.map(Operator::as_str)).collect();
    assert_eq!(operators, [None, Some("&&"), Some("||"), Some(";"), Some("|")]);
    assert_eq!(found[4].pipeline, Pipeline { index: 1, length: 2 });
    assert_eq!(found[2].pipeline, Pipeline { index: 0, length: 1 });
}

#[test]
fn spans_are_places_in_the_file() {
    let text = "curl -fsSL \\\n  \"https://x/$V\" | sh";
    let found = split(text, 100);
    assert_eq!(found[0].span, Span::new(100, 100 + text.find(" |").unwrap()));
    let url = &found[0].words[2];
    assert_eq!(&text[url.span.start - 100..url.span.end - 100], "\"https://x/$V\"");
    assert_eq!((url.as_str(), url.is_known), ("https://x/$V", false));
}

#[test]
fn compound_commands_are_taken_apart() {
    assert_eq!(
        commands(
            "set -e; if [ -f x ]; then a; elif b; then c; else d; fi; for i in 1 2 3; do e $i; done; while f; do g; done"
        ),
        ["set -e", "[ -f x ]", "a", "b", "c", "d", "e $i", "f", "g"]
    );
    assert_eq!(
        commands("case \"$x\" in amd64) a;; arm64|arm*) b | c ;; (*) d && exit 1;; esac; e"),
        ["a", "b", "c", "d", "exit 1", "e"]
    );
    assert_eq!(commands("f() { a; }; function g { b; }; (c; d) | { e; }"), ["a", "b", "c", "d", "e"]);
    assert_eq!(commands("[[ $a == b && -f c ]] && d"), ["[[ $a == b & & -f c ]]", "d"]);
}

#[test]
fn a_group_is_one_part_of_a_pipeline() {
    let found = split("(a; b | c) | d", 0);
    let places: Vec<_> = found.iter().map(|c| (c.name(), c.pipeline.index, c.pipeline.length)).collect();
    assert_eq!(places, [("a", 0, 1), ("b", 0, 2), ("c", 1, 2), ("d", 1, 2)]);
}

#[test]
fn substitutions_are_listed_after_what_holds_them() {
    assert_eq!(
        commands("x=$(curl a | jq .) y \"$(dpkg --print-architecture)\" `uname -s`; z <(w)"),
        [
            "y $(dpkg --print-architecture) `uname -s`",
            "curl a",
            "jq .",
            "dpkg --print-architecture",
            "uname -s",
            "z <(w)",
            "w"
        ]
    );
    assert_eq!(commands("echo $((1 << 2)) ${a:-$(b)} c"), ["echo $((1 << 2)) ${a:-$(b)} c"]);
}

#[test]
fn assignments_and_redirections_are_no_words() {
    let found = split("A=1 B=\"$x y\" cmd arg >/dev/null 2>&1 < in &>> log", 0);
    assert_eq!(found[0].words.iter().map(Word::as_str).collect::<Vec<_>>(), ["cmd", "arg"]);
    let assignments: Vec<_> =
        found[0].assignments.iter().map(|a| (&*a.name, a.value.as_str(), a.value.is_known)).collect();
    assert_eq!(assignments, [("A", "1", true), ("B", "$x y", false)]);
    let redirects: Vec<_> = found[0].redirects.iter().map(|r| (&*r.operator, r.target.as_str())).collect();
    assert_eq!(redirects, [(">", "/dev/null"), (">&", "1"), ("<", "in"), ("&>>", "log")]);
    assert_eq!(split("A=1", 0)[0].words, []);
}

#[test]
fn here_documents_are_passed_over_unless_a_shell_runs_them() {
    assert_eq!(commands("cat <<EOF > x && a\nrm -rf /\nEOF\nb"), ["cat", "a", "b"]);
    assert_eq!(commands("cat <<-'E'\n\tno\n\tE\nb"), ["cat", "b"]);
    assert_eq!(commands("bash -e <<EOF\na b\nEOF\nc"), ["bash -e", "a b", "c"]);
}

#[test]
fn wrappers_and_what_they_run_are_both_listed() {
    assert_eq!(commands("sudo -u root A=1 apt-get update"), ["sudo -u root A=1 apt-get update", "apt-get update"]);
    assert_eq!(
        commands("bash -eo pipefail -c 'a \"b c\" && d'"),
        ["bash -eo pipefail -c a \"b c\" && d", "a b c", "d"]
    );
    assert_eq!(commands("xargs -n 1 sudo rm"), ["xargs -n 1 sudo rm", "sudo rm", "rm"]);
    assert_eq!(
        commands("find . -exec chmod 777 {} \\; -o -exec x {} +"),
        ["find . -exec chmod 777 {} ; -o -exec x {} +", "chmod 777 {}", "x {}"]
    );
    assert_eq!(commands("command -v curl; timeout -k 5 10 a b"), ["command -v curl", "timeout -k 5 10 a b", "a b"]);
    let text = "sh -c 'echo hi'";
    let inner = &split(text, 0)[1];
    assert_eq!((&text[inner.span.start..inner.span.end], inner.wrapper.as_deref()), ("echo hi", Some("sh")));
}

#[test]
fn hostile_text_is_survived() {
    for text in [
        "$(",
        "`",
        "\"",
        "'",
        "${",
        "$((",
        "a <<",
        "<(",
        "\\",
        "|||",
        ")))",
        "case",
        "case x in",
        "a <<E\n",
        "[[ (",
        "$'\\",
        "é\\é\"é$é",
    ] {
        let _ = split(text, 0);
        let _ = split(&text.repeat(2000), 0);
    }
    assert!(split(&"$(a ".repeat(100_000), 0).len() <= MAX_COMMANDS);
    assert!(split(&"sudo ".repeat(50_000), 0).len() <= MAX_DEPTH);
    assert_eq!(split(&"a;".repeat(100_000), 0).len(), MAX_COMMANDS);
    assert_eq!(split(&"a ".repeat(100_000), 0)[0].words.len(), MAX_WORDS);
}
