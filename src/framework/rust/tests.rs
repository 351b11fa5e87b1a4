use std::sync::Arc;

use super::{Interest, Pieces, read};
use crate::document::node::{Node, Value};

fn pieces(text: &str, kinds: &[&str]) -> Pieces {
    let source = read(&Arc::from("src/a.rs"), text, &Interest::new(kinds.iter().copied()));
    assert!(source.document.errors.is_empty(), "{:?}", source.document.errors);
    source.rust
}

/// The value at `path`, keys and numbers between dots: a scalar, `?` for what is unknown, `-` for what is not there.
fn at(node: &Node, path: &str) -> String {
    let mut node = node;
    for step in path.split('.') {
        let next = match step.parse::<usize>() {
            Ok(number) => node.as_sequence().and_then(|items| items.get(number)),
            Err(_) => node.get(step),
        };
        let Some(next) = next else { return "-".to_owned() };
        node = next;
    }
    match &node.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::Unknown => "?".to_owned(),
        Value::Sequence(items) => items.iter().map(|item| item.as_str().unwrap_or("…")).collect::<Vec<_>>().join(","),
        Value::Mapping(_) => "{}".to_owned(),
    }
}

/// What each resource of `kind` in `text` has at `path`.
fn all(text: &str, kind: &str, path: &str) -> Vec<String> {
    pieces(text, &[kind]).pieces.iter().map(|piece| at(&piece.body, path)).collect()
}

/// What is known of the arguments of `sink(…)` in the body of a function.
fn sunk(body: &str, path: &str) -> Vec<String> {
    let text = format!("const LIMIT: u32 = 4 << 10;\nfn f(given: &str) {{ {body} }}");
    all(&text.replace("sink(", "x::sink("), "x::sink", path)
}

#[test]
fn a_call_is_found_by_whatever_name_it_has() {
    let text = "use std::env::{self as e, args as given}; use std::env::*; use std as s;
        fn f() { e::args(); given(); args(); std::env::args(); ::std::env::args(); s::env::args(); let f = e::args; }
        mod env { fn args() {} } fn g() { self::env::args(); crate::args(); }";
    let found = pieces(text, &["std::env::args"]);
    assert_eq!(found.pieces.len(), 7, "{found:#?}");
    assert!(found.pieces.iter().all(|piece| &*piece.address == "f"));
    assert_eq!(all(text, "std::env::args", "used_as").last().unwrap(), "value");
}

#[test]
fn values_are_followed_through_constants_and_variables() {
    let value = |body: &str| sunk(body, "arguments.0.value").join(" ");
    assert_eq!(value("sink(1_000)"), "1000");
    assert_eq!(value("sink(0o777)"), "511");
    assert_eq!(value("let n = LIMIT * 2; sink(n)"), "8192");
    assert_eq!(value("sink(!true)"), "false");
    assert_eq!(value("let s = \"a\"; let t = s.to_owned(); sink(Some(&t))"), "a");
    assert_eq!(value("sink(b\"key\".as_slice())"), "key");
    assert_eq!(value("sink(given)"), "?");
    assert_eq!(value("let mut n = 1; n = other(); sink(n)"), "?");
    assert_eq!(value("let n = 1; { let n = 2; sink(n); } sink(n)"), "2 1");
    assert_eq!(value("let n = 1; let g = |n: u8| sink(n);"), "?");
    let constant = |body: &str| sunk(body, "arguments.0.constant").join(" ");
    assert_eq!(constant("sink(&[0u8; 12])"), "true");
    assert_eq!(constant("sink([1, 2, given.len()])"), "false");
    assert_eq!(constant("let mut key = [0u8; 32]; fill(&mut key); sink(&key)"), "false");
    assert_eq!(sunk("sink(&[0u8; 12])", "arguments.0.length"), ["12"]);
}

#[test]
fn texts_that_are_put_together_are_told_from_literals() {
    let of = |body: &str| {
        let text = |path: &str| sunk(body, path).join(" ");
        format!("{} {}", text("arguments.0.interpolates"), text("arguments.0.template"))
    };
    assert_eq!(of("sink(&format!(\"a {} b\", given))"), "true a {} b");
    assert_eq!(of("let t = format!(\"a {given}\"); sink(t.as_str())"), "true a {given}");
    assert_eq!(of("sink(format!(\"{LIMIT} {{}}\"))"), "false {LIMIT} {{}}");
    assert_eq!(of("sink(\"a\".to_owned() + given)"), "true a");
    assert_eq!(of("let mut t = String::from(\"a\"); t += given; sink(t)"), "true a");
    assert_eq!(of("sink(\"a {}\")"), "false -");
}

#[test]
fn a_value_has_the_name_of_what_it_is() {
    let name = |body: &str| sunk(body, "arguments.0.name").join(" ");
    assert_eq!(name("sink(&user.password.clone())"), "password");
    assert_eq!(name("sink(token.as_str().unwrap())"), "token");
    assert_eq!(name("sink(user.password())"), "password");
}

#[test]
fn where_a_chain_of_calls_began_is_known() {
    let text = "use reqwest::{Client, ClientBuilder as B}; struct S { client: Client }
        fn f(b: &mut B, c: std::sync::Arc<u8>) { Client::builder().a().x(); let n = Client::builder().a(); n.x(); b.x(); }
        impl S { fn g(&self) { self.client.x(); Self::new()?.await.x(); unknown().x(); } }";
    let from = all(text, ".x", "from");
    let expected = [
        "reqwest::Client::builder",
        "reqwest::Client::builder",
        "reqwest::ClientBuilder",
        "reqwest::Client",
        "S::new",
        "unknown",
    ];
    assert_eq!(from, expected);
    assert_eq!(all(text, ".x", "chain")[..2], ["a", "a"]);
    let shell = "fn f() { std::process::Command::new(\"sh\").arg(\"-c\").x(); }";
    assert_eq!(all(shell, ".x", "from_argument"), ["sh"]);
}

/// Who controls the argument of `sink` in a handler with those parameters.
fn taint(parameters: &str, body: &str) -> String {
    let text = format!(
        "use axum::extract::{{Path, Query, Json}}; use actix_web::{{web, HttpRequest}}; use std::{{env, fs, io}};
        async fn handler({parameters}) {{ {body} }}"
    );
    all(&text.replace("sink(", "x::sink("), "x::sink", "arguments.0.taint").join(" ")
}

#[test]
fn who_controls_a_value_is_followed_within_a_function() {
    assert_eq!(taint("Path(name): Path<String>", "sink(&name)"), "request");
    assert_eq!(
        taint("Query(q): Query<Search>", "let n = q.name.trim().to_lowercase(); sink(format!(\"{n}\"))"),
        "request"
    );
    assert_eq!(taint("q: web::Query<Search>", "let Search { name, .. } = q.into_inner(); sink(name)"), "request");
    assert_eq!(taint("r: HttpRequest", "if let Some(v) = r.headers().get(\"x\") { sink(v) }"), "request");
    assert_eq!(taint("Json(j): Json<Vec<A>>", "for a in &j { sink(&a.b) }"), "request");
    assert_eq!(taint("Json(j): Json<Vec<A>>", "j.iter().map(|a| sink(a.b.clone()))"), "request");
    assert_eq!(taint("p: Path<(String, u32)>", "let Path((a, _)) = p; sink(a)"), "request");
    assert_eq!(taint("Path(name): Path<String>", "sink(std::path::Path::new(\"/a\").join(name))"), "request");
    assert_eq!(taint("", "sink(env::args().nth(1).unwrap())"), "argument");
    assert_eq!(taint("", "let mut s = String::new(); io::stdin().read_line(&mut s)?; sink(s.trim())"), "stdin");
    assert_eq!(taint("", "let text = fs::read_to_string(\"a\")?; for line in text.lines() { sink(line) }"), "file");
}

#[test]
fn what_is_checked_or_converted_is_controlled_by_nobody() {
    let name = "Path(name): Path<String>";
    assert_eq!(taint("Path(id): Path<u64>", "sink(id)"), "-");
    assert_eq!(taint("Path((a, b)): Path<(u32, Uuid)>", "sink(a)"), "-");
    assert_eq!(taint(name, "sink(name.parse::<u32>().unwrap())"), "-");
    assert_eq!(taint(name, "let n: u32 = name.parse()?; sink(n)"), "-");
    assert_eq!(taint(name, "if !ALLOWED.contains(&name) { return; } sink(name)"), "-");
    assert_eq!(taint(name, "match name.as_str() { \"a\" | \"b\" => {} _ => return } sink(name)"), "-");
    assert_eq!(taint(name, "validate_name(&name)?; sink(name)"), "-");
    assert_eq!(taint(name, "sink(html_escape::encode_text(&name))"), "-");
    assert_eq!(taint(name, "if name == \"a\" { sink(name) }"), "-");
    assert_eq!(taint(name, "sink(name.len())"), "-");
    assert_eq!(taint("State(s): State<App>", "sink(s.name)"), "-");
    assert_eq!(taint("path: &std::path::Path", "sink(path)"), "-");
}

#[test]
fn tests_are_told_from_the_rest() {
    let text = "fn a() { x!(); } #[test] fn b() { x!(); } #[cfg(test)] mod t { fn c() { x!(); } }
        #[cfg(not(test))] fn d() { x!(); } #[tokio::test] async fn e() { loop { x!(); } }";
    assert_eq!(all(text, "x!", "is_test"), ["false", "true", "true", "false", "true"]);
    assert_eq!(all(text, "x!", "in_loop"), ["false", "false", "false", "false", "true"]);
    let source = read(&Arc::from("tests/a.rs"), "fn f() { x!() }", &Interest::new(["x!"]));
    assert_eq!(at(&source.rust.pieces[0].body, "is_test"), "true");
    for (path, kind) in [
        ("build.rs", "build-script"),
        ("src/build.rs", "library"),
        ("a/examples/b.rs", "example"),
        ("src/main.rs", "binary"),
        ("src/a/tests.rs", "test"),
    ] {
        let source = read(&Arc::from(path), "", &Interest::new(["file"]));
        assert_eq!(at(&source.rust.pieces[0].body, "kind"), kind, "{path}");
    }
}

#[test]
fn items_say_what_they_are() {
    let text = "use serde::Deserialize; use std::fmt::Debug;
        #[derive(Debug, Deserialize)] pub struct Login { pub name: String, #[serde(skip)] password: Option<Secret<String>> }
        unsafe impl<T: Copy> Send for Cell<T> where T: 'static + Debug {}
        static mut COUNT: u32 = 0;
        #![allow(dead_code)]
        /// # Safety
        /// Do not.
        pub unsafe fn raw(p: *const u8) -> Vec<u8> { unsafe { read(p) } }";
    let text = text.replace("#![allow(dead_code)]\n", "#[allow(dead_code, clippy::all)]\n");
    let one = |kind: &str, path: &str| all(&text, kind, path).join(" ");
    assert_eq!(one("struct", "derives"), "std::fmt::Debug,serde::Deserialize");
    assert_eq!(one("struct", "fields.1.name"), "password");
    assert_eq!(one("struct", "fields.1.generics"), "Secret,String");
    assert_eq!(one("struct", "fields.1.attributes.0.arguments"), "skip");
    assert_eq!(one("impl", "trait"), "Send");
    assert_eq!(one("impl", "is_unsafe"), "true");
    assert_eq!(one("impl", "generics.0.bounds"), "Copy,std::fmt::Debug");
    assert_eq!(one("static", "is_mut"), "true");
    assert_eq!(one("function", "is_unsafe"), "true");
    assert_eq!(one("function", "has_safety_comment"), "true");
    assert_eq!(one("function", "calls"), "read");
    assert_eq!(one("attribute", "path"), "derive allow");
    assert_eq!(all(&text, "attribute", "arguments")[1], "dead_code,clippy::all");
    assert_eq!(one("import", "path"), "serde::Deserialize std::fmt::Debug");
}

#[test]
fn a_safety_comment_stands_above_or_inside() {
    let text = "fn f() {
    // SAFETY: checked above.
    let a = unsafe { g() };
    let b = unsafe { g() };
    // Safety: the pointer is valid,
    // because it was just made.
    #[allow(unused)]
    let c =
        unsafe { g() };
    let d = unsafe {
        // SAFETY: never null.
        g()
    };

    unsafe { g(); /* safety */ }
}";
    assert_eq!(all(text, "unsafe-block", "has_safety_comment"), ["true", "false", "true", "true", "false"]);
}

#[test]
fn macros_are_read_where_they_hold_expressions() {
    let text = "fn f(password: &str) {
        info!(target: \"a\", user = %name, ?password, \"login {}\", token);
        println!(\"{password} {0}\", other);
        let v = vec![a::call(), a::call()];
        select! { x = a::call() => {} }
        my_dsl! { this is => not ! rust a::call() }
        block! { let y = a::call(); a::call() }
    }";
    assert_eq!(all(text, "info!", "arguments.2.name"), ["password"]);
    assert_eq!(all(text, "println!", "arguments.2.name"), ["password"]);
    assert_eq!(all(text, "a::call", "used_as").len(), 4);
}

/// What is deep inside is not looked at, and that is said.
#[test]
fn what_is_nested_deep_is_a_gap() {
    let text = format!("fn f() {{ let x = 1{}; }}", " + g()".repeat(900));
    let work = move || read(&Arc::from("a.rs"), &text, &Interest::new(["::g"])).document.errors.len();
    let errors = std::thread::Builder::new().stack_size(8 << 20).spawn(work).unwrap().join().unwrap();
    assert!(errors > 0);
}

/// Every place that is told lies in the text, whatever the text.
#[test]
fn broken_sources_neither_panic_nor_point_outside() {
    fn assert_inside(node: &Node, length: usize) {
        assert!(node.span.start <= node.span.end && node.span.end <= length, "{node:?}");
        match &node.value {
            Value::Sequence(items) => items.iter().for_each(|item| assert_inside(item, length)),
            Value::Mapping(mapping) => mapping.entries.iter().for_each(|entry| assert_inside(&entry.value, length)),
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
    let kinds = [
        ".get",
        ".map",
        "assignment",
        "comparison",
        "function",
        "impl",
        "import",
        "matches!",
        "::Fact::new",
        "attribute",
    ];
    let interest = Interest::new(kinds);
    let text = include_str!("calls.rs").replace("//!", "//! ünïcödé\u{1F980}");
    let mut read_as_rust = 0;
    for (number, (at, old)) in text.char_indices().step_by(97).enumerate() {
        let new = ["", "(", "}", "'", "\"", "/*", "é", "r#\"", "<", ";"][number % 10];
        let broken = format!("{}{new}{}", &text[..at], &text[at + old.len_utf8()..]);
        let source = read(&Arc::from("a.rs"), &broken, &interest);
        read_as_rust += usize::from(source.document.errors.is_empty());
        for error in &source.document.errors {
            assert!(error.offset <= broken.len());
        }
        for piece in &source.rust.pieces {
            assert_inside(&piece.body, broken.len());
            assert!(piece.extent.end <= broken.len() && piece.header.end <= broken.len());
        }
    }
    assert!(read_as_rust > 10, "{read_as_rust}");
}
