use super::parse;

/// As a thread of a scan has it.
fn on_a_stack(text: String) -> Result<usize, String> {
    let work = move || parse(&text).map(|parsed| parsed.comments.len()).map_err(|error| error.message);
    std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap()
}

#[test]
fn comments_are_told_from_what_looks_like_them() {
    let text = "#!/bin/sh\n//! a\nfn f() { /* b /* c */ */ let _ = (\"// no\", r#\"\"// no\"#, '\"', b'\\'', 'a', '\\u{41}'); } // d\r\n";
    let parsed = parse(text).unwrap();
    let comments: Vec<&str> = parsed.comments.iter().map(|span| &text[span.start..span.end]).collect();
    assert_eq!(comments, ["//! a", "/* b /* c */ */", "// d"]);
    assert_eq!(&text[parsed.base..=parsed.base], "\n");
}

#[test]
fn statements_without_a_function_are_the_body_of_one() {
    let parsed = parse("use a::b;\nlet x = b();\nfn f() {}\nb(x)").unwrap();
    let [syn::Item::Use(_), syn::Item::Fn(_), syn::Item::Fn(body)] = parsed.file.items.as_slice() else {
        unreachable!("the items come first")
    };
    assert!(matches!(body.block.stmts.as_slice(), [syn::Stmt::Local(_), syn::Stmt::Expr(..)]));
}

#[test]
fn what_is_no_rust_is_an_error_with_its_place() {
    let error = parse("\u{feff}fn f() {\n  let = 1;\n}").err().unwrap();
    assert_eq!(error.offset, 18, "{error:?}");
    assert!(parse("fn f( {").is_err());
}

/// Each would need more of the stack than there is, were it parsed.
#[test]
fn no_nesting_exhausts_the_stack() {
    const N: usize = 100_000;
    let inside = |text: &str| format!("fn f() {{ let x = {text}; }}");
    let around = |open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(N), close.repeat(N));
    for text in [
        inside(&around("(", "1", ")")),
        inside(&around("[", "1", "]")),
        inside(&around("{", "1", "}")),
        inside(&format!("1{}", " + 1".repeat(N))),
        inside(&format!("1{}", " && a".repeat(N))),
        inside(&format!("a{}", " = a".repeat(N))),
        inside(&format!("a{}", ".b()".repeat(N))),
        inside(&format!("a{}", "()".repeat(N))),
        inside(&format!("a{}", "?".repeat(N))),
        inside(&format!("a{}", " as u8".repeat(N))),
        inside(&format!("{}x", "!".repeat(N))),
        inside(&format!("{}x", "-".repeat(N))),
        inside(&format!("{}x", "&".repeat(N))),
        inside(&format!("{}x", "|| ".repeat(N))),
        inside(&format!("{}x", "return ".repeat(N))),
        inside(&format!("{}x{}", "match ".repeat(N), " {}".repeat(N))),
        inside(&format!("if a {{}}{}", " else if a {}".repeat(N))),
        inside(&around("if a { ", "1", "}")),
        inside(&around("Vec::<", "u8", ">")),
        format!("type T = {};", around("Vec<", "u8", ">")),
        format!("type T = {};", around("A<x, ", "u8", ">")),
        format!("type T = {}u8;", "&".repeat(N)),
        format!("type T = {}u8;", "*const ".repeat(N)),
        format!("type T = {}u8;", "fn() -> ".repeat(N)),
        format!("type T = {}X{};", "<".repeat(N), " as A>::B".repeat(N)),
        format!("fn f({}x: u8) {{}}", "&".repeat(N)),
        format!("fn f() {{ match x {{ {} => {{}} }} }}", around("Some(", "x", ")")),
        around("mod a { ", "", "}"),
        around("fn f() { ", "", "}"),
        "(".repeat(N),
        format!("use {};", around("a::{", "b", "}")),
        format!("use {}b;", "a::".repeat(N)),
    ] {
        // Whether it is refused or read, it comes back.
        let _ = on_a_stack(text);
    }
}

/// The most that the bounds let through.
#[test]
fn what_is_within_the_bounds_fits_on_the_stack() {
    let inside = |text: &str| format!("fn f() {{ let x = {text}; }}");
    let around =
        |n: usize, open: &str, middle: &str, close: &str| format!("{}{middle}{}", open.repeat(n), close.repeat(n));
    for (text, is_read) in [
        (inside(&around(80, "(", "1", ")")), true),
        (inside(&around(80, "[", "1", "]")), true),
        (inside(&around(80, "if a { ", "1", "}")), true),
        (inside(&format!("1{}", " + 1".repeat(3800))), true),
        (inside(&format!("a{}", ".b()".repeat(1900))), true),
        (inside(&format!("a{}", "?".repeat(3800))), true),
        (inside(&format!("{}x", "!".repeat(300))), true),
        (inside(&format!("{}x", "& ".repeat(300))), true),
        (inside(&format!("{}x", "|| ".repeat(150))), true),
        (inside(&format!("{}x", "return ".repeat(230))), true),
        (inside(&format!("if a {{}}{}", " else if a {}".repeat(100))), true),
        (inside(&around(150, "Vec::<", "u8", ">")), true),
        (format!("type T = {};", around(150, "Vec<", "u8", ">")), true),
        (format!("type T = {}u8;", "&".repeat(300)), true),
        (format!("type T = {}u8;", "fn() -> ".repeat(100)), true),
        (inside(&format!("1{}", " + 1".repeat(4100))), false),
        (format!("fn f() {{ m!({}) }}", "a + ".repeat(9000)), true),
        (format!("const A: [u64; 900] = [{}];", "A << B, 1 << 3, ".repeat(450)), false),
        (format!("const A: [u64; 900] = [{}];", "1 << A, 1 << 3, ".repeat(450)), true),
        (format!("const A: [&str; 90000] = [{}];", "\"a\", ".repeat(90_000)), true),
        ("fn f() { a(); if b {} else {} }\n".repeat(20_000), true),
    ] {
        let shown: String = text.chars().take(60).collect();
        let read = on_a_stack(text);
        assert_eq!(read.is_ok(), is_read, "{shown}: {read:?}");
    }
}
