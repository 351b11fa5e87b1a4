//! Configurations that are made to take long, or much.

use std::fmt::Write as _;

use super::{evaluated, shown};

#[test]
fn hostile_configurations_end() {
    // Modules that call themselves and each other, huge counts, values that double with each step, deep chains of locals.
    let mut doubling = String::from("locals {\n  a0 = [\"x\", \"x\"]\n");
    for level in 1..60 {
        writeln!(doubling, "  a{level} = concat(local.a{0}, local.a{0})", level - 1).unwrap();
    }
    doubling.push_str("}\nresource \"x_y\" \"z\" {\n  v = local.a59\n}\n");
    let mut chain = String::from("locals {\n  b0 = 1\n");
    for level in 1..5_000 {
        writeln!(chain, "  b{level} = local.b{}", level - 1).unwrap();
    }
    chain.push_str("}\nresource \"x_y\" \"w\" {\n  v = local.b4999\n}\n");
    let files = [
        ("a/main.tf", "module \"a\" { source = \"./\" }\nmodule \"b\" {\n  source = \"../b\"\n  count = 100\n}\n"),
        ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n  count = 100\n}\n"),
        ("c/main.tf", "resource \"x_y\" \"n\" { count = 1000000 }\nresource \"x_y\" \"m\" { count = 1e300 }\n"),
        ("d/main.tf", doubling.as_str()),
        ("e/main.tf", chain.as_str()),
        (
            "f/main.tf",
            "locals {\n  r = range(1000)\n}\nresource \"x_y\" \"p\" {\n  v = setproduct(local.r, local.r, local.r)\n}\n",
        ),
    ];
    let evaluated = evaluated(&files);
    assert!(evaluated.gaps.iter().any(|gap| gap.is_cut));
    let found = |address: &str| evaluated.declared.iter().find(|declared| &*declared.address == address).unwrap();
    assert_eq!(found("x_y.w").body.get("v").map(shown).unwrap(), "?");
    assert_eq!(found("x_y.p").body.get("v").map(shown).unwrap(), "?");
    assert_eq!(evaluated.declared.iter().filter(|declared| declared.address.starts_with("x_y.n[")).count(), 256);
}

/// Half as much stack as the threads of a scan have.
fn with_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(4 << 20).spawn(run).unwrap().join().unwrap();
}

/// `x` in `count` nested `open` … `close`.
fn nest(open: &str, x: &str, close: &str, count: usize) -> String {
    format!("{}{x}{}", open.repeat(count), close.repeat(count))
}

#[test]
fn deep_configurations_end() {
    with_stack(|| {
        for (open, close) in [
            ("merge({a=1}, ", ")"),
            ("[for x in [1] : ", "]"),
            ("{for k, x in {a=1} : k => ", "}"),
            ("true ? ", " : 1"),
            ("-", ""),
            ("1 + (", ")"),
            ("{a = ", "}"),
            ("\"x${", "}\""),
            ("\"%{if true}${", "}%{endif}\""),
            ("tolist([", "])[0]"),
            ("[1][", "]"),
            ("try(", ")"),
        ] {
            for count in [20, 60, 100, 200, 1_000] {
                let text = format!("resource \"x_y\" \"z\" {{\n  v = {}\n}}\n", nest(open, "var.x", close, count));
                evaluated(&[("main.tf", &text)]);
            }
        }
    });
}

#[test]
fn chains_of_deep_values_end() {
    with_stack(|| {
        // Each resource asks for a value that nests a little deeper than the one before.
        for link in ["[local.a@]", "{b = local.a@}", "merge({a = 1}, {b = local.a@})", "[for x in [1] : local.a@]"] {
            let mut text = String::from("locals {\n  a0 = 1\n");
            for level in 1..3_000 {
                writeln!(text, "  a{level} = {}", link.replace('@', &(level - 1).to_string())).unwrap();
            }
            text.push_str("}\n");
            for level in (0..3_000).step_by(10) {
                writeln!(text, "resource \"x_y\" \"r{level}\" {{\n  v = local.a{level}\n}}").unwrap();
            }
            let evaluated = evaluated(&[("main.tf", &text)]);
            assert!(evaluated.gaps.iter().any(|gap| gap.is_cut), "{link}");
        }
        // Modules in modules, each with expressions that go through all of them.
        let mut files: Vec<(String, String)> = (0..40)
            .map(|level| {
                let text =
                    "variable \"x\" {}\nmodule \"m\" {\n  source = \"./m\"\n  x = merge({a = 1}, {b = [var.x]})\n}\n\
                     output \"o\" {\n  value = [module.m.o, var.x]\n}\n";
                (format!("{}main.tf", "m/".repeat(level)), text.to_owned())
            })
            .collect();
        files[0].1.push_str("resource \"x_y\" \"z\" {\n  v = module.m.o\n}\n");
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        assert!(evaluated(&files).gaps.iter().any(|gap| gap.is_cut));
    });
}

#[test]
fn what_grows_is_cut() {
    let big = "x".repeat(500_000);
    let keys: String = (0..1_000).fold(String::new(), |text, key| text + &format!("k{key} = {key}\n"));
    let blocks: String = (0..3_000).fold(String::new(), |text, number| text + &format!("  b{number} {{}}\n"));
    let attributes: String =
        (0..3_000).fold(String::new(), |text, number| text + &format!("a{number} = optional(string)\n"));
    for text in [
        // A large text, many times.
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : local.big]\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = setproduct([local.big], range(1000))\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  v = formatlist(\"%s%s\", range(1000), local.big)\n}}\n"),
        format!("locals {{\n  big = \"{big}\"\n}}\nresource \"x_y\" \"z\" {{\n  count = 250\n  v = \"${{count.index}}${{local.big}}\"\n}}\n"),
        // Many values for each step.
        "resource \"x_y\" \"z\" {\n  v = [for i in range(1000) : [for j in range(1000) : range(1000)]]\n}\n".to_owned(),
        "resource \"x_y\" \"z\" {\n  v = [for i in range(1000) : [for j in range(1000) : [for k in range(1000) : k]]]\n}\n".to_owned(),
        "resource \"x_y\" \"z\" {\n  v = setproduct(range(120), range(120))\n  w = [for i in range(1000) : setproduct(range(100), range(100))]\n}\n".to_owned(),
        // Large objects, many times over: merged, compared, looked into.
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : merge(local.m, {{a = i}})]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : [for j in range(100) : local.m == local.m]]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : [for k, v in local.m : local.m[k]]]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  v = [for i in range(1000) : zipmap(keys(local.m), values(local.m))]\n}}\n"),
        format!("locals {{\n  m = {{\n{keys}}}\n}}\nresource \"x_y\" \"z\" {{\n  for_each = local.m\n  v = local.m\n  w = each.value\n}}\n"),
        // Bodies and types with much in them.
        format!("resource \"x_y\" \"z\" {{\n  count = 256\n{blocks}}}\n"),
        format!("variable \"v\" {{\n  type = list(object({{\n{attributes}}}))\n  default = [{}]\n}}\nresource \"x_y\" \"z\" {{\n  v = var.v\n}}\n", "{},".repeat(5_000)),
        // More blocks than one would write.
        "resource \"x_y\" \"z\" {\n  dynamic \"a\" {\n    for_each = range(1000)\n    content {\n      dynamic \"b\" {\n        for_each = range(1000)\n        content {\n          dynamic \"c\" {\n            for_each = range(1000)\n            content {}\n          }\n        }\n      }\n    }\n  }\n}\n".to_owned(),
    ] {
        let evaluated = evaluated(&[("main.tf", &text)]);
        let start: String = text.chars().take(200).collect();
        assert!(evaluated.gaps.iter().any(|gap| gap.is_cut), "{start}");
        let size: usize = evaluated.declared.iter().map(|declared| shown(&declared.body).len()).sum();
        assert!(size < 200 << 20, "{size}: {start}");
    }
}
