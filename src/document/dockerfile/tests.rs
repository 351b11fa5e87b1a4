//! What the parser reads.

use super::*;

fn shown(file: &Dockerfile) -> Vec<String> {
    file.instructions.iter().map(|i| format!("{} {}", i.keyword.as_str(), i.arguments.as_str())).collect()
}

#[test]
fn lines_are_joined_across_comments_and_blank_lines() {
    let text = "FROM a\n# c1\nRUN x && \\\n  # c2\n\n  y \\ \n  z\nrun w \\\\\nCMD [\"v\"]";
    let file = parse(text);
    assert_eq!(shown(&file), ["FROM a", "RUN x &&   y   z", "RUN w \\\\", "CMD [\"v\"]"]);
    let comments: Vec<_> = file.comments.iter().map(|c| &text[c.start..c.end]).collect();
    assert_eq!(comments, ["# c1", "# c2"]);
    let run = &file.instructions[1];
    assert_eq!(&text[run.span.start..run.span.end], "RUN x && \\\n  # c2\n\n  y \\ \n  z");
    assert_eq!(&text[run.keyword_span.start..run.keyword_span.end], "RUN");
    assert_eq!(run.arguments.offset(run.arguments.as_str().find('z').unwrap()), text.find("z\n").unwrap());
}

#[test]
fn directives_end_at_the_first_other_line() {
    let file = parse("# escape=`\n# syntax = a/b:1\n# just words\n# check=skip=all\nFROM a\r\nRUN x `\r\n y\r\n");
    assert_eq!(
        file.directives.iter().map(|d| (&*d.name, &*d.value)).collect::<Vec<_>>(),
        [("escape", "`"), ("syntax", "a/b:1"),]
    );
    assert_eq!(shown(&file), ["FROM a", "RUN x  y"]);
    assert_eq!(file.comments.len(), 4);
}

#[test]
fn a_broken_line_is_an_error_and_the_rest_is_read() {
    let text = "FROM a\nFOO bar\nRUN\nSHELL sh\nHEALTHCHECK x\nUSER b\n";
    let file = parse(text);
    assert_eq!(shown(&file), ["FROM a", "USER b"]);
    let messages: Vec<_> = file.errors.iter().map(|e| (text[..e.offset].lines().count(), &*e.message)).collect();
    assert_eq!(messages.len(), 4, "{messages:?}");
    assert_eq!(file.errors[0].offset, 7);
    assert_eq!(file.errors[0].message, "`FOO` is no instruction");
}

#[test]
fn flags_and_the_json_form() {
    let text = "COPY --from=b --chown=\"a b\" --link [\"x y\", \"\\u00e9\\n\"]";
    let file = parse(text);
    let copy = &file.instructions[0];
    let flags: Vec<_> = copy.flags.iter().map(|f| (&*f.name, f.value.as_ref().map(Word::as_str))).collect();
    assert_eq!(flags, [("from", Some("b")), ("chown", Some("\"a b\"")), ("link", None)]);
    let words = copy.exec.as_ref().unwrap();
    assert_eq!(words.iter().map(Word::as_str).collect::<Vec<_>>(), ["x y", "é\n"]);
    assert_eq!(&text[words[0].span.start..words[0].span.end], "\"x y\"");
    for text in ["CMD ['a']", "CMD [\"a\"", "CMD [\"a\"] x", "CMD [\"a\",]", "CMD [a]"] {
        assert_eq!(parse(text).instructions[0].exec, None, "{text}");
    }
    assert_eq!(parse("CMD [ ]").instructions[0].exec, Some(Vec::new()));
    assert_eq!(parse("RUN echo --x").instructions[0].flags, []);
}

#[test]
fn here_documents_belong_to_their_instruction() {
    let text = "RUN <<EOF bash\na\nFROM b\nEOF\nCOPY <<-\"X\" <<Y /d\n\t1\n\tX\n2\nY\nONBUILD RUN <<Z\n3\nZ\nUSER u\n";
    let file = parse(text);
    let bodies: Vec<_> = file
        .instructions
        .iter()
        .map(|i| i.nested.as_deref().unwrap_or(i))
        .flat_map(|i| i.here_documents.iter().map(|d| (&*d.name, d.body.as_str())))
        .collect();
    assert_eq!(bodies, [("EOF", "a\nFROM b\n"), ("X", "1\n"), ("Y", "2\n"), ("Z", "3\n")]);
    assert_eq!(file.instructions.len(), 4);
    let run = &file.instructions[0];
    assert_eq!(&text[run.span.start..run.span.end], "RUN <<EOF bash\na\nFROM b\nEOF");
    let open = parse("RUN <<EOF\nx\n");
    assert_eq!((open.errors[0].offset, open.instructions.len()), (4, 1));
    assert_eq!(parse("RUN echo $((1<<2))\nUSER a").instructions.len(), 2);
}

#[test]
fn names_with_values_in_both_forms() {
    let found = |text: &str| {
        let file = parse(text);
        let pairs = pairs(&file.instructions[0], file.escape);
        pairs
            .iter()
            .map(|p| format!("{}:{}", p.name.as_str(), p.value.as_ref().map_or("-", Word::as_str)))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("ENV A=1 B=\"2 3\" C=4\\ 5"), ["A:1", "B:\"2 3\"", "C:4\\ 5"]);
    assert_eq!(found("ENV A 1  2=3"), ["A:1  2=3"]);
    assert_eq!(found("ARG A B=1"), ["A:-", "B:1"]);
    assert_eq!(found("LABEL \"a.b\"=c \\\n  d=e"), ["\"a.b\":c", "d:e"]);
}

#[test]
fn variables_are_put_in_where_they_are_known() {
    let mut variables = Variables::default();
    variables.set("A", Some("1"));
    variables.set("E", Some(""));
    variables.set("U", None);
    let mut expander = Expander::new('\\');
    let mut expand = |text: &str| expander.expand(text, &variables).unwrap_or_else(|| "?".to_owned());
    for (text, expected) in [
        ("x$A-${A}y", "x1-1y"),
        ("'$A' \"$A\" \\$A", "$A 1 $A"),
        ("${E:-d}${E-d}${U:-d}${N:-${A}}", "dd1"),
        ("${A:+y}${E:+y}${E+y}", "yy"),
        ("$U", "?"),
        ("$N", "?"),
        ("${A%1}", "?"),
        ("${A", "?"),
        ("$", "$"),
    ] {
        assert_eq!(expand(text), expected, "{text}");
    }
}
