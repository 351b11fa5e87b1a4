//! Every fix of a built-in rule, on the fixtures of that rule: it leaves nothing that could be fixed, and is made once.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use cli::Sandbox;
use lockgate::rules::builtin;
use lockgate::rules::schema::{Detect, Rule};

/// Ids of the rules with a fix.
fn fixable() -> Vec<String> {
    let has_fix = |rule: &Rule| match &rule.detect {
        Detect::Policy(policy) => policy.bindings.iter().any(|binding| binding.demand.fix.is_some()),
        Detect::Secret(_) | Detect::Suppression(_) => false,
    };
    builtin::rules().into_iter().filter(has_fix).map(|rule| rule.id).collect()
}

fn visit(directory: &Path, found: &mut BTreeMap<String, String>, base: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, found, base);
        } else {
            let name = path.strip_prefix(base).unwrap().to_string_lossy().into_owned();
            found.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

/// The bad fixtures of a rule, by path.
fn bad_fixtures(id: &str) -> BTreeMap<String, String> {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(id);
    let mut found = BTreeMap::new();
    visit(&base, &mut found, &base);
    found.retain(|path, _| path.starts_with("bad"));
    found
}

#[test]
fn the_fixes_of_all_rules_leave_nothing_to_be_fixed() {
    let ids = fixable();
    assert!(ids.len() > 20, "{ids:?}");
    for id in &ids {
        let sandbox = Sandbox::new();
        let before = bad_fixtures(id);
        for (path, text) in &before {
            sandbox.write(path, text);
        }
        let read =
            || -> BTreeMap<String, String> { before.keys().map(|path| (path.clone(), sandbox.read(path))).collect() };
        let fix = ["fix", "--unsafe", "--rule", id, "."];
        sandbox.run(fix).expect_code(0);
        let after = read();
        assert_ne!(before, after, "{id}: nothing was fixed");
        sandbox.run(fix).expect_code(0);
        assert_eq!(after, read(), "{id}: the second run changed something");
        let (_, report) = sandbox.scan_json(["--enable", id]);
        let findings = report["findings"].as_array().unwrap();
        let left: Vec<_> =
            findings.iter().filter(|finding| finding["rule"] == **id && !finding["fix"].is_null()).collect();
        assert!(left.is_empty(), "{id}: {left:#?}");
    }
}
