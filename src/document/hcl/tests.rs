use super::syntax::{Block, Body, Expression, Item, Operator, Part, Step, Term};
use super::{MAX_ERRORS, read, read_json, read_json_values};
use crate::span::Span;

fn written(text: &str, span: Span) -> &str {
    &text[span.start..span.end]
}

/// Reads `text`, in which there is no mistake.
fn body(text: &str) -> Body {
    let (body, document) = read(text);
    assert_eq!(document.errors, [], "{text}");
    body
}

/// The value of `x = …`.
fn value(expression: &str) -> Expression {
    body(&format!("x = {expression}\n")).attribute("x").unwrap().clone()
}

/// An expression in a form that shows how it is nested.
fn shown(expression: &Expression) -> String {
    let list = |items: &[Expression]| items.iter().map(shown).collect::<Vec<_>>().join(" ");
    match &expression.term {
        Term::Null => "null".to_owned(),
        Term::Bool(value) => value.to_string(),
        Term::Number(digits) => digits.to_string(),
        Term::Text(text) => format!("{text:?}"),
        Term::Template(parts) => format!("(template {})", parts_shown(parts)),
        Term::Tuple(items) => format!("[{}]", list(items)),
        Term::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{}={}", shown(key), shown(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(" "))
        }
        Term::Variable(name) => name.to_string(),
        Term::Traversal(base, steps) => {
            let steps = steps.iter().map(|step| match step {
                Step::Attribute(name) => format!(".{name}"),
                Step::Index(index) => format!("[{}]", shown(index)),
                Step::AttributeSplat => ".*".to_owned(),
                Step::FullSplat => "[*]".to_owned(),
            });
            format!("{}{}", shown(base), steps.collect::<String>())
        }
        Term::Call { name, arguments, expands } => {
            format!("{name}({}{})", list(arguments), if *expands { "..." } else { "" })
        }
        Term::Conditional(parts) => format!("(if {})", list(&**parts)),
        Term::Negative(operand) => format!("(- {})", shown(operand)),
        Term::Not(operand) => format!("(! {})", shown(operand)),
        Term::Binary(operator, operands) => format!("({operator:?} {})", list(&**operands)),
        Term::For(term) => {
            let key = term.key.as_deref().map(|key| format!("{key},")).unwrap_or_default();
            let name = term.name.as_ref().map(|name| format!("{}=>", shown(name))).unwrap_or_default();
            let groups = if term.groups { "..." } else { "" };
            let condition = term.condition.as_ref().map(|when| format!(" if {}", shown(when))).unwrap_or_default();
            let (collection, result) = (shown(&term.collection), shown(&term.result));
            format!("(for {key}{} in {collection}: {name}{result}{groups}{condition})", term.value)
        }
    }
}

fn parts_shown(parts: &[Part]) -> String {
    let parts = parts.iter().map(|part| match part {
        Part::Literal(text) => format!("{text:?}"),
        Part::Interpolation(expression) => shown(expression),
        Part::If { condition, then, otherwise } => {
            format!("(if {} ({}) ({}))", shown(condition), parts_shown(then), parts_shown(otherwise))
        }
        Part::For { key, value, collection, body } => {
            let key = key.as_deref().map(|key| format!("{key},")).unwrap_or_default();
            format!("(for {key}{value} in {} ({}))", shown(collection), parts_shown(body))
        }
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[test]
fn every_expression_is_read() {
    for (text, expected) in [
        ("null", "null"),
        ("true", "true"),
        ("12", "12"),
        ("- 1.50", "-1.50"),
        ("- /* 7 */ 2e+3", "-2e+3"),
        ("123456789012345678901234567890", "123456789012345678901234567890"),
        (r#""a\n\"b\" $${c} %%{d} \u00e4""#, r#""a\n\"b\" ${c} %{d} ä""#),
        ("[1, [a], ]", "[1 [a]]"),
        ("{ a = 1, \"b\" : 2\n (c) = 3\n \"${d}\" = 4 }", "{\"a\"=1 \"b\"=2 c=3 (template d)=4}"),
        ("var", "var"),
        ("a.b[0][\"c\"].*.d[*].e.1", "a.b[0][\"c\"].*.d[*].e[1]"),
        ("f(a, b...)", "f(a b...)"),
        ("ns::g()", "ns::g()"),
        ("a ? b : c ? d : e", "(if a b (if c d e))"),
        ("-a.b", "(- a.b)"),
        ("!(a)", "(! a)"),
        ("(1 + 2) * 3 == 9 && x || y", "(Or (And (Equal (Times (Plus 1 2) 3) 9) x) y)"),
        ("a != b", "(NotEqual a b)"),
        ("[a < b, a <= b, a > b, a >= b]", "[(Less a b) (LessOrEqual a b) (Greater a b) (GreaterOrEqual a b)]"),
        ("1 - 2 / 3 % 4", "(Minus 1 (Modulo (Divide 2 3) 4))"),
        ("[for x in y : x.id if x.on]", "(for x in y: x.id if x.on)"),
        ("{for k, v in y : k => v...}", "(for k,v in y: k=>v...)"),
    ] {
        assert_eq!(shown(&value(text)), expected, "{text}");
    }
    let Term::Binary(operator, _) = value("a + b").term else { panic!("no operation") };
    assert_eq!(operator, Operator::Plus);
}

#[test]
fn every_part_of_a_template_is_read() {
    for (text, expected) in [
        (r#""a ${b}c""#, r#"(template "a " b "c")"#),
        (r#""${b}""#, "(template b)"),
        (r#""a ${~ b ~} c""#, r#"(template "a" b "c")"#),
        (r#""%{ if a }b%{ else }c%{ endif }""#, r#"(template (if a ("b") ("c")))"#),
        (r#""x %{~ if a ~} b %{~ endif ~} y""#, r#"(template "x" (if a ("b") ()) "y")"#),
        (r#""%{ for k, v in m ~} ${k} %{ endfor }""#, r#"(template (for k,v in m (k " ")))"#),
        (r#""${ "a" }${"b${c}"}""#, r#"(template "a" (template "b" c))"#),
    ] {
        assert_eq!(shown(&value(text)), expected, "{text}");
    }
}

#[test]
fn heredocs_lose_their_indentation_and_what_markers_strip() {
    let text = "<<EOT\n  a\n b \\n ${c}\nEOT";
    assert_eq!(shown(&value(text)), r#"(template "  a\n b \\n " c "\n")"#);
    assert_eq!(shown(&value("<<-EOT\n    a\n\n      b\n    EOT")), r#""a\n\n  b\n""#);
    assert_eq!(shown(&value("<<EOT\nEOT")), "\"\"");
    // A marker reaches to the end of its line.
    let text = "<<-EOT\n    %{ for x in y ~}\n      - ${x}\n    %{ endfor ~}\n    z\n  EOT";
    assert_eq!(shown(&value(text)), r#"(template (for x in y ("  - " x "\n")) "z\n")"#);
    let text = "<<EOT\na\n  %{~ if b }c%{ endif }\nEOT";
    assert_eq!(shown(&value(text)), r#"(template "a\n" (if b ("c") ()) "\n")"#);
    let text = "<<EOT\na\n%{~ if b }c%{ endif }\nEOT";
    assert_eq!(shown(&value(text)), r#"(template "a" (if b ("c") ()) "\n")"#);
}

#[test]
fn every_part_has_its_bytes() {
    let text = "\u{feff}a \"b\" c {\r\n  é = (f(\"x\", y.z[0]) + 1) # one\r\n  d { k = \"p${q}\" }\r\n}\r\n";
    let body = body(text);
    let block = body.blocks().next().unwrap();
    assert_eq!(written(text, block.span), text.trim_start_matches('\u{feff}').trim_end());
    assert_eq!(written(text, block.kind.span), "a");
    let labels: Vec<&str> = block.labels.iter().map(|label| written(text, label.span)).collect();
    assert_eq!((labels, block.label(0), block.label(1)), (vec!["\"b\"", "c"], Some("b"), Some("c")));
    let attribute = block.body.attributes().next().unwrap();
    assert_eq!(written(text, attribute.name.span), "é");
    assert_eq!(written(text, attribute.value.span), "f(\"x\", y.z[0]) + 1");
    let Term::Binary(_, operands) = &attribute.value.term else { panic!("no operation") };
    assert_eq!(operands.each_ref().map(|operand| written(text, operand.span)), ["f(\"x\", y.z[0])", "1"]);
    let Term::Call { arguments, .. } = &operands[0].term else { panic!("no call") };
    let spans: Vec<&str> = arguments.iter().map(|argument| written(text, argument.span)).collect();
    assert_eq!(spans, ["\"x\"", "y.z[0]"]);
    let inner = block.body.blocks().next().unwrap();
    assert_eq!(written(text, inner.span), "d { k = \"p${q}\" }");
    let Term::Template(parts) = &inner.body.attribute("k").unwrap().term else { panic!("no template") };
    let Part::Interpolation(part) = &parts[1] else { panic!("no interpolation") };
    assert_eq!(written(text, part.span), "q");
}

#[test]
fn comments_are_told_from_texts() {
    let text = "# one\na = \"# no\" // two\r\nb = <<E\n# no\n${c /* three */}\nE\nd = [ # four\n]\n/* five\n */";
    let (_, document) = read(text);
    assert_eq!(document.errors, []);
    let comments: Vec<&str> = document.comments.iter().map(|&span| written(text, span)).collect();
    assert_eq!(comments, ["# one", "// two", "/* three */", "# four", "/* five\n */"]);
}

#[test]
fn line_breaks_mean_nothing_in_brackets() {
    let text = "{ for k in [\n a ] : # why\n k =>\n k ?\n 1 : # or\r\n 2 }";
    assert_eq!(shown(&value(text)), "(for k in [a]: k=>(if k 1 2))");
    assert_eq!(shown(&value("[for x in\n a ?\n b :\n c : x]")), "(for x in (if a b c): x)");
    // Between the entries of an object they do.
    assert_eq!(shown(&value("f({\n a = 1 # b\n c = 2\n})")), "f({\"a\"=1 \"c\"=2})");
}

fn names_of(body: &Body) -> Vec<&str> {
    body.items
        .iter()
        .map(|item| match item {
            Item::Attribute(attribute) => &*attribute.name.text,
            Item::Block(block) => &*block.labels.first().unwrap_or(&block.kind).text,
        })
        .collect()
}

#[test]
fn a_mistake_costs_its_item_alone() {
    for (text, expected, offsets) in [
        ("a \"one\" {\n  x = = 1\n}\na \"two\" {\n  y = \"}\"\n}\n", vec!["two"], vec![16]),
        ("x = [\ny = 2\n}\nz = 3\n", vec!["z"], vec![8]),
        // A brace that is missing, a quote, a brace too many.
        ("a \"one\" {\n  b {\n  c = 1\n}\n\na \"two\" {\n}\n", vec!["two"], vec![]),
        ("a \"one\" {\n  x = \"y\n}\n\na \"two\" {\n}\n", vec!["two"], vec![]),
        ("a \"one\" {\n}\n}\na \"two\" {\n}\n", vec!["one", "two"], vec![12]),
        ("a \"one\" {\n  x = f(\n}\n\na \"two\" {\n}\n", vec!["two"], vec![]),
    ] {
        let (body, document) = read(text);
        assert_eq!(names_of(&body), expected, "{text}");
        assert_eq!(document.errors.len(), 1, "{text}: {:?}", document.errors);
        let found: Vec<usize> = document.errors.iter().map(|error| error.offset).collect();
        assert!(offsets.is_empty() || found == offsets, "{text}: {:?}", document.errors);
        let two = body.blocks().last().map(|block| written(text, block.span));
        assert!(two.is_none_or(|two| two.starts_with("a \"two\" {")), "{text}");
    }
}

#[test]
fn a_key_that_is_set_twice_stands_twice() {
    assert_eq!(
        shown(&value("{a = 1, _ = 2, a = 3, \"b c\" = 4, \"b c\" = 5, a = 6}")),
        r#"{"a"=1 "_"=2 "a"=3 "b c"=4 "b c"=5 "a"=6}"#
    );
    // In a body it is a mistake, but the block is there.
    let text = "a \"one\" {\n  acl = 1\n  acl = 2\n}\n";
    let (body, document) = read(text);
    assert_eq!(document.errors.len(), 1);
    assert_eq!(document.errors[0].offset, text.rfind("acl").unwrap());
    let block = body.blocks().next().unwrap();
    let names: Vec<&str> = block.body.attributes().map(|attribute| &*attribute.name.text).collect();
    assert_eq!(names, ["acl", "acl"]);
    // What takes too long is left alone.
    let (body, document) = read(&format!("a {{\n{}}}\nb = 1\n", "a = 1\n".repeat(100_000)));
    assert_eq!((names_of(&body), document.errors.len()), (vec!["b"], 1));
}

#[test]
fn hostile_texts_are_mistakes_not_crashes() {
    let nested = ["[", "{a=", "f(", "(", "!", "-", "a ? b : ", "[for a in ", "\"${", "{for (", "a[", "1+", "<<A\n${"];
    for text in nested {
        let (body, document) = read(&format!("x = {}\ny {{\n}}\n", text.repeat(100_000)));
        assert!(!document.errors.is_empty(), "{text}");
        assert!(body.items.len() <= 1, "{text}");
    }
    for text in ["a {\n", "}\n", "\"\n", "a \"b\" {\n", "x = <<A\n", "/*", "%{", "$", "\u{0}", "=\n"] {
        let (body, document) = read(&text.repeat(100_000));
        assert_eq!(body.items.len(), 0, "{text}");
        assert!((1..=MAX_ERRORS + 1).contains(&document.errors.len()), "{text}");
    }
    let keys = (0..40_000).map(|key| format!("k{key} = 1\n")).collect::<Vec<_>>().concat();
    let (found, document) = read(&format!("x = {{\n{keys}}}\ny = 1\nz {{\n{keys}}}\n"));
    assert_eq!(document.errors[0].message, "an object with too many keys");
    assert_eq!(names_of(&found), ["y", "z"]);
    let (found, document) = read(&format!("x = \"{}\"\ny = 1\n", "a".repeat(1 << 20)));
    assert!(document.errors[0].message.starts_with("longer than"));
    assert_eq!(names_of(&found), ["y"]);
    let chain = body(&format!("x = a{}\n", ".b".repeat(100_000)));
    assert!(matches!(&chain.attribute("x").unwrap().term, Term::Traversal(_, steps) if steps.len() == 100_000));
}

fn json(text: &str) -> Body {
    let (body, document) = read_json(text);
    assert_eq!(document.errors, [], "{text}");
    body
}

fn header(block: &Block) -> String {
    block.labels.iter().fold(block.kind.text.to_string(), |header, label| format!("{header} {}", label.text))
}

#[test]
fn json_has_the_blocks_of_the_schema() {
    let text = r#"{
      "//": "a comment",
      "resource": {"aws_s3_bucket": {"a": {"bucket": "x-${var.y}", "count": 2, "versioning": {"enabled": true}},
                                     "b": [{"tags": {"k": null}}, {}]}},
      "variable": {"v": {"default": [1.50, "t"], "validation": {"condition": "${true}"}}},
      "locals": [{"l": "$${no}"}, {"m": "plain"}],
      "terraform": {"backend": {"s3": {"bucket": "s"}}, "required_providers": {"aws": {"version": "1"}}},
      "other": "attribute"
    }"#;
    let body = json(text);
    let blocks: Vec<&Block> = body.blocks().collect();
    let headers: Vec<String> = blocks.iter().map(|block| header(block)).collect();
    let expected = [
        "resource aws_s3_bucket a",
        "resource aws_s3_bucket b",
        "resource aws_s3_bucket b",
        "variable v",
        "locals",
        "locals",
        "terraform",
    ];
    assert_eq!(headers, expected);
    let shown_of = |block: usize, name: &str| shown(blocks[block].body.attribute(name).unwrap());
    assert_eq!(shown_of(0, "bucket"), "(template \"x-\" var.y)");
    assert_eq!(shown_of(0, "count"), "2");
    assert_eq!(shown_of(0, "versioning"), "{\"enabled\"=true}");
    assert_eq!(shown_of(1, "tags"), "{\"k\"=null}");
    assert_eq!(shown_of(3, "default"), "[1.50 \"t\"]");
    assert_eq!(header(blocks[3].body.blocks().next().unwrap()), "validation");
    assert_eq!(shown_of(4, "l"), "\"${no}\"");
    let settings: Vec<String> = blocks[6].body.blocks().map(header).collect();
    assert_eq!(settings, ["backend s3", "required_providers"]);
    assert_eq!(shown(body.attribute("other").unwrap()), "\"attribute\"");
    assert!(written(text, blocks[0].span).starts_with("\"a\": {\"bucket\""));
    let bucket = blocks[0].body.attribute("bucket").unwrap();
    assert_eq!(written(text, bucket.span), "\"x-${var.y}\"");
}

#[test]
fn json_has_dynamic_blocks_and_those_of_the_lifecycle() {
    let text = r#"{"resource": {"t": {"n": {
      "dynamic": {"rule": {"for_each": "${var.r}", "content": {"port": 1,
        "dynamic": [{"inner": {"for_each": [], "content": {}}}]}}},
      "lifecycle": {"prevent_destroy": true, "precondition": [{"condition": true}]},
      "provisioner": [{"local-exec": {"command": "c"}}],
      "ingress": [{"port": 2}]}}}}"#;
    let body = json(text);
    let resource = body.blocks().next().unwrap();
    let inner: Vec<String> = resource.body.blocks().map(header).collect();
    assert_eq!(inner, ["dynamic rule", "lifecycle", "provisioner local-exec"]);
    let dynamic = resource.body.blocks().next().unwrap();
    assert_eq!(shown(dynamic.body.attribute("for_each").unwrap()), "(template var.r)");
    let content = dynamic.body.blocks().next().unwrap();
    assert_eq!(header(content), "content");
    assert_eq!(header(content.body.blocks().next().unwrap()), "dynamic inner");
    assert_eq!(shown(resource.body.attribute("ingress").unwrap()), "[{\"port\"=2}]");
}

#[test]
fn json_with_mistakes_keeps_the_rest() {
    let (body, document) = read_json(r#"{"resource": {"t": 1, "u": {"n": {"a": "${", "b": 2}}}, "locals": "x"}"#);
    let messages: Vec<&str> = document.errors.iter().map(|error| &*error.message).collect();
    assert_eq!(messages.len(), 3, "{messages:?}");
    assert_eq!(messages[0], "a scalar where a block belongs, which is an object");
    let block = body.blocks().next().unwrap();
    assert_eq!(shown(block.body.attribute("b").unwrap()), "2");
    assert_eq!(block.body.attribute("a").unwrap().term, Term::Variable("".into()));
    let (_, document) = read_json(&format!("[{}1]", "\"${\", ".repeat(1000)));
    assert!(document.errors.len() <= MAX_ERRORS + 1);
    let keys = (0..10_000).map(|key| format!("k{key}=1,")).collect::<Vec<_>>().concat();
    let (_, document) = read_json(&format!("{{\"a\": \"${{{{{keys}}}}}\"}}"));
    assert_eq!(document.errors.len(), 1);
}

#[test]
fn values_in_json_are_attributes() {
    let (body, document) = read_json_values(r#"{"resource": {"a": {"b": 1}}, "name": "x"}"#);
    assert_eq!(document.errors, []);
    assert_eq!(shown(body.attribute("resource").unwrap()), "{\"a\"={\"b\"=1}}");
    assert_eq!(shown(body.attribute("name").unwrap()), "\"x\"");
}
