//! Where in a script an expression stands, and what reads a variable there instead.
//!
//! The scripts are read only as far as quotes go. Whatever is beyond that (here-documents, single quotes, code in a string
//! that another shell runs) gets no fix.

use super::step::Shell;

/// What stands for the expression at `start..end` of `script`, to read the variable `name`; `None` where it cannot be done
/// without knowing the program.
pub(super) fn reading(script: &str, start: usize, end: usize, name: &str, shell: Shell) -> Option<String> {
    let before = script.get(..start)?;
    let after = script.get(end..)?;
    match shell {
        Shell::Posix => match posix_quotes(before)? {
            _ if is_code_elsewhere(before, after) => None,
            Quotes::Double | Quotes::Comment => Some(format!("${{{name}}}")),
            Quotes::None => is_argument(before, after).then(|| format!("\"${{{name}}}\"")),
        },
        Shell::PowerShell => match powershell_quotes(before)? {
            _ if is_code_elsewhere(before, after) => None,
            Quotes::Double | Quotes::Comment => Some(format!("${{env:{name}}}")),
            Quotes::None => is_word(before, after).then(|| format!("$env:{name}")),
        },
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    None,
    Double,
    Comment,
}

/// What is open at the end of `before`, outermost first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    Double,
    /// `$(…)` or `(…)`
    Parenthesis,
    Backquote,
}

/// The quotes that the end of `before` stands in, after the grammar of POSIX shells (IEEE Std 1003.1, "Quoting").
fn posix_quotes(before: &str) -> Option<Quotes> {
    let bytes = before.as_bytes();
    let mut open: Vec<Open> = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        let inner = open.last().copied();
        let is_quoted = inner == Some(Open::Double);
        // An expression is filled in before the shell sees it; it is one word.
        if rest.starts_with(b"${{") {
            at = before.get(at..)?.find("}}").map(|close| at + close + 2)?;
            continue;
        }
        match byte {
            b'\\' => at += 1,
            b'"' if is_quoted => drop(open.pop()),
            b'"' => open.push(Open::Double),
            b'\'' if !is_quoted => at += 1 + before.get(at + 1..)?.find('\'')?,
            b'`' if open.contains(&Open::Backquote) => {
                if inner != Some(Open::Backquote) {
                    return None;
                }
                open.pop();
            }
            b'`' => open.push(Open::Backquote),
            b'$' if rest.starts_with(b"${") => at += before.get(at..)?.find('}')?,
            b'$' if rest.starts_with(b"$((") || rest.starts_with(b"$'") && !is_quoted => return None,
            b'$' if rest.starts_with(b"$(") => {
                open.push(Open::Parenthesis);
                at += 1;
            }
            b'(' if !is_quoted => open.push(Open::Parenthesis),
            b')' if inner == Some(Open::Parenthesis) => drop(open.pop()),
            // The pattern of a `case` has no opening one.
            b')' if !is_quoted && inner.is_some() => return None,
            b'<' if !is_quoted && rest.starts_with(b"<<") && !rest.starts_with(b"<<<") => return None,
            b'<' if !is_quoted && rest.starts_with(b"<<<") => at += 2,
            b'#' if !is_quoted && is_word_start(bytes, at) => match before.get(at..)?.find('\n') {
                Some(end) => at += end,
                None => return Some(Quotes::Comment),
            },
            _ => {}
        }
        at += 1;
    }
    // An escape right in front of the expression.
    if at > bytes.len() {
        return None;
    }
    match open.last() {
        Some(Open::Double) => Some(Quotes::Double),
        Some(Open::Backquote) => None,
        Some(Open::Parenthesis) | None => Some(Quotes::None),
    }
}

/// The same for `PowerShell` (`about_Quoting_Rules`).
fn powershell_quotes(before: &str) -> Option<Quotes> {
    let bytes = before.as_bytes();
    let mut is_double = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.starts_with(b"${{") {
            at = before.get(at..)?.find("}}").map(|close| at + close + 2)?;
            continue;
        }
        match byte {
            b'`' => at += 1,
            b'"' => is_double = !is_double,
            b'\'' if !is_double => at += 1 + before.get(at + 1..)?.find('\'')?,
            // A here-string, a block comment, code inside of a string.
            b'@' if rest.starts_with(b"@\"") || rest.starts_with(b"@'") => return None,
            b'<' if rest.starts_with(b"<#") => return None,
            b'$' if is_double && rest.starts_with(b"$(") => return None,
            b'#' if !is_double && is_word_start(bytes, at) => match before.get(at..)?.find('\n') {
                Some(end) => at += end,
                None => return Some(Quotes::Comment),
            },
            _ => {}
        }
        at += 1;
    }
    (at == bytes.len()).then_some(if is_double { Quotes::Double } else { Quotes::None })
}

fn is_word_start(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)).is_none_or(|byte| b" \t\n;&|()".contains(byte))
}

/// Words behind which an argument is code for another shell, where a variable is as dangerous as the expression.
const RUNS_CODE: &[&str] = &[
    "eval",
    "-c",
    "-Command",
    "-command",
    "ssh",
    "xargs",
    "Invoke-Expression",
    "iex",
    "trap",
    "-e",
    "-lc",
    "-ec",
    "-xc",
];

/// Words behind which a command follows.
const LEADS: &[&str] = &[
    "then", "do", "else", "elif", "if", "while", "until", "exec", "sudo", "command", "env", "time", "nohup", "source",
    ".", "in", "case",
];

/// Whether the command around the place, which ends at a line break or a separator, hands its arguments to another
/// interpreter.
fn is_code_elsewhere(before: &str, after: &str) -> bool {
    // A string may go over several lines, so the lines of a continued command and those of open quotes count together: the
    // last few lines do.
    let begin = before.rmatch_indices('\n').nth(8).map_or(0, |(at, _)| at);
    let line = before.get(begin..).unwrap_or_default();
    let end = after.find('\n').unwrap_or(after.len());
    let words = line.split(|c: char| c.is_whitespace() || ";|&(\"'".contains(c));
    let own = after.get(..end).unwrap_or_default();
    words.chain(own.split_whitespace()).any(|word| RUNS_CODE.contains(&word))
}

/// Whether the place is in an argument of a command, or in the value of an assignment, and in a plain word.
fn is_argument(before: &str, after: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "_./:@%+,=-".contains(c);
    let word = before.rsplit(|c: char| !is_inner(c)).next().unwrap_or_default();
    let outside = before.strip_suffix(word).unwrap_or(before);
    let ends_well = after.starts_with(is_inner)
        || after.trim_start_matches([' ', '\t']).starts_with(['\n', ';', '|', '&', ')'])
        || after.starts_with([' ', '\t'])
        || after.is_empty();
    if !ends_well || !(outside.is_empty() || outside.ends_with([' ', '\t', '\n', '(', ';'])) {
        return false;
    }
    // `TITLE=`
    if word.split_once('=').is_some_and(|(name, _)| is_name(name)) {
        return true;
    }
    // The word is a command where none stands in front of it.
    let front = outside.trim_end_matches([' ', '\t']);
    let front = front.strip_suffix("\\\n").map_or(front, |line| line.trim_end_matches([' ', '\t']));
    if front.is_empty() || front.ends_with(['\n', ';', '|', '&', '(', '{', '!', '`']) {
        return false;
    }
    let last = front.rsplit(|c: char| c.is_whitespace() || ";|&(".contains(c)).next().unwrap_or_default();
    let is_assignment = last.split_once('=').is_some_and(|(name, _)| is_name(name));
    !is_assignment && !LEADS.contains(&last)
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Whether the place is a whole argument of a command of PowerShell, or the whole value of an assignment.
fn is_word(before: &str, after: &str) -> bool {
    let front = before.trim_end_matches([' ', '\t']);
    let stands_apart = front.len() < before.len() || before.ends_with(['=', ':']);
    let has_command = !front.is_empty() && !front.ends_with(['\n', ';', '|', '&', '(', '{', '.']);
    stands_apart && has_command && (after.is_empty() || after.starts_with([' ', '\t', '\r', '\n', ';', '|', ')']))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The script with `@@` replaced, or `-` where it cannot be.
    fn fixed(script: &str, shell: Shell) -> String {
        let start = script.find("@@").unwrap();
        let real = script.replacen("@@", "${{ x }}", 1);
        let end = start + "${{ x }}".len();
        match reading(&real, start, end, "X", shell) {
            Some(reads) => script.replacen("@@", &reads, 1),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn in_a_posix_shell_the_quotes_decide() {
        for (script, expected) in [
            ("echo @@", "echo \"${X}\""),
            ("echo \"a @@ b\"", "echo \"a ${X} b\""),
            ("T=@@\necho ok", "T=\"${X}\"\necho ok"),
            ("export T=@@", "export T=\"${X}\""),
            ("echo \"$(cmd @@)\"", "echo \"$(cmd \"${X}\")\""),
            ("echo \"$(cmd \"@@\")\"", "echo \"$(cmd \"${X}\")\""),
            ("curl https://x/@@/y.tgz", "curl https://x/\"${X}\"/y.tgz"),
            ("echo ${A:-b} \"${B}\" '\"' @@", "echo ${A:-b} \"${B}\" '\"' \"${X}\""),
            ("echo it\\'s @@", "echo it\\'s \"${X}\""),
            ("# about @@\nls", "# about ${X}\nls"),
            ("# it's\necho \"@@\"", "# it's\necho \"${X}\""),
            ("echo a \\\n  @@", "echo a \\\n  \"${X}\""),
            ("if [ \"@@\" = a ]; then", "if [ \"${X}\" = a ]; then"),
            ("if [[ @@ == a ]]; then", "if [[ \"${X}\" == a ]]; then"),
            ("echo ${{ y }} @@", "echo ${{ y }} \"${X}\""),
            ("grep a <<< @@", "grep a <<< \"${X}\""),
        ] {
            assert_eq!(fixed(script, Shell::Posix), expected);
        }
    }

    #[test]
    fn what_needs_more_than_quotes_is_left_alone() {
        for script in [
            "@@",
            "ls; @@",
            "A=1 @@",
            "sudo @@",
            "if @@; then",
            "echo '@@'",
            "echo \"${A:-@@}\"",
            "cat <<EOF\n@@\nEOF",
            "cat <<'EOF'\n@@\nEOF",
            "eval \"ls @@\"",
            "bash -c \"ls @@\"",
            "ssh host ls @@",
            "echo `ls @@`",
            "echo $((1 + @@))",
            "echo \\@@",
            "echo $@@",
            "echo a*@@",
            "echo 'open @@",
            "case a in @@) ls;; esac",
        ] {
            assert_eq!(fixed(script, Shell::Posix), "-", "{script}");
        }
    }

    #[test]
    fn powershell_has_variables_of_its_own() {
        for (script, expected) in [
            ("Write-Host @@", "Write-Host $env:X"),
            ("Write-Host \"a @@-b\"", "Write-Host \"a ${env:X}-b\""),
            ("$t = @@\n", "$t = $env:X\n"),
            ("# @@", "# ${env:X}"),
            ("Write-Host a/@@", "-"),
            ("Write-Host '@@'", "-"),
            ("@@", "-"),
            ("iex \"@@\"", "-"),
            ("$s = @\"\n@@\n\"@", "-"),
            ("Write-Host \"$(Get @@)\"", "-"),
        ] {
            assert_eq!(fixed(script, Shell::PowerShell), expected, "{script}");
        }
    }
}
