use std::fmt::Write;

use super::*;
use crate::framework::declared::Evaluated;
use crate::framework::shown::show;
use crate::framework::{Project, classify, place, read as read_source};

/// The sources that a scan makes of these files.
fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    let mut sources = Vec::new();
    for (path, text) in files {
        let path = Arc::from(*path);
        sources.extend(classify(&path, text).map(|platform| read_source(platform, &path, text)));
        sources.extend(place(&path));
    }
    sources
}

/// The attribute of the resource at `address` of the file at `path`; `-` for what is not there.
fn attribute(sources: &[Source], path: &str, address: &str, name: &str) -> String {
    let evaluated = Evaluated::default();
    let project = Project::new(sources, &evaluated);
    let is_it = |resource: &&Resource<'_>| *sources[resource.source].path == *path && *resource.address == *address;
    let resource = project.resources.iter().find(is_it).unwrap_or_else(|| panic!("no {address} in {path}"));
    resource.body.get(name).map_or_else(|| "-".to_owned(), show)
}

/// `kind address` of everything that the file at `path` declares.
fn listed(files: &[(&str, &str)], path: &str) -> Vec<String> {
    let sources = sources(files);
    let evaluated = Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    let here = project.resources.iter().filter(|resource| *sources[resource.source].path == *path);
    here.map(|resource| format!("{} {}", resource.kind, resource.address)).collect()
}

#[test]
fn files_are_told_by_their_names() {
    for path in ["Cargo.toml", "a/Cargo.lock", ".cargo/config.toml", "a/.cargo/config", "deny.toml", ".cargo/deny.toml"]
    {
        assert_eq!(classify(path, ""), Some(Platform::Cargo), "{path}");
    }
    for path in ["cargo.toml", "config.toml", "a/config", "Cargo.toml.orig", "cargo/config.toml", "src/main.rs"] {
        assert_ne!(classify(path, ""), Some(Platform::Cargo), "{path}");
    }
}

#[test]
fn a_manifest_lists_what_it_declares() {
    let text = r#"
[package]
name = "shop"
version = "0.1.0"
build = "build/main.rs"

[dependencies]
serde = "1"

[dev-dependencies.insta]
version = "1"

[target.'cfg(unix)'.build-dependencies]
cc = { version = "1" }

[workspace.dependencies]
log = "0.4"

[patch.crates-io]
serde = { path = "serde" }

[replace]
"log:0.4.1" = { path = "log" }

[profile.release]
lto = true
rustflags = ["-Cforce-frame-pointers"]

[profile.release.build-override]
opt-level = 3

[profile.release.package.serde]
opt-level = 3
"#;
    let expected = [
        "manifest manifest",
        "package package.shop",
        "build-script package.shop.build",
        "workspace workspace",
        "dependency dependencies.serde",
        "dependency dev-dependencies.insta",
        "dependency target.cfg(unix).build-dependencies.cc",
        "dependency workspace.dependencies.log",
        "dependency patch.crates-io.serde",
        "dependency replace.log:0.4.1",
        "profile profile.release",
        "profile profile.release.build-override",
        "profile profile.release.package.serde",
        "rustflags profile.release.rustflags",
    ];
    assert_eq!(listed(&[("Cargo.toml", text)], "Cargo.toml"), expected);
    let sources = sources(&[("Cargo.toml", text)]);
    let at = |address, name| attribute(&sources, "Cargo.toml", address, name);
    assert_eq!(at("dependencies.serde", "version"), "1");
    assert_eq!(at("target.cfg(unix).build-dependencies.cc", "target"), "cfg(unix)");
    assert_eq!(at("target.cfg(unix).build-dependencies.cc", "table"), "build-dependencies");
    assert_eq!(at("patch.crates-io.serde", "patches"), "crates-io");
    assert_eq!(at("replace.log:0.4.1", "name"), "log");
    assert_eq!(at("profile.release.package.serde", "of"), "serde");
    assert_eq!(at("package.shop.build", "path"), "build/main.rs");
    let evaluated = Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    let insta = project.resources.iter().find(|resource| &*resource.address == "dev-dependencies.insta").unwrap();
    let written = |span: Span| &text[span.start..span.end];
    assert_eq!(written(insta.header), "insta");
    assert!(written(insta.extent).ends_with("version = \"1\""), "{}", written(insta.extent));
    assert_eq!(insta.object, 0);
}

#[test]
fn a_dependency_says_where_it_comes_from() {
    let text = r#"
[package]
name = "shop"

[dependencies]
registry = "1"
other = { version = "1", registry = "internal" }
git = { git = "http://git.example/a", branch = "main" }
pinned = { git = "https://git.example/a", rev = "8f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c" }
inside = { path = "b" }
beside = { path = "../b" }
outside = { path = "../../../b" }
inherited.workspace = true
renamed = { package = "sedre", version = "*" }
"#;
    let root = "[workspace]\nmembers = [\"a/*\"]\n";
    let sources = sources(&[("Cargo.toml", root), ("a/shop/Cargo.toml", text)]);
    let at = |name: &str, attribute_name| {
        attribute(&sources, "a/shop/Cargo.toml", &format!("dependencies.{name}"), attribute_name)
    };
    for (name, kind) in [
        ("registry", "registry"),
        ("other", "alternative-registry"),
        ("git", "git"),
        ("inside", "path"),
        ("inherited", "workspace"),
    ] {
        assert_eq!(at(name, "source_kind"), kind, "{name}");
    }
    assert_eq!((at("git", "git_pin"), at("git", "is_plain")), ("branch".into(), "true".into()));
    assert_eq!((at("pinned", "git_pin"), at("pinned", "is_plain")), ("commit".into(), "false".into()));
    for (name, of_tree, of_workspace) in
        [("inside", "false", "false"), ("beside", "false", "false"), ("outside", "true", "true"), ("git", "-", "-")]
    {
        assert_eq!(at(name, "path_leaves_tree"), of_tree, "{name}");
        assert_eq!(at(name, "path_leaves_workspace"), of_workspace, "{name}");
    }
    assert_eq!((at("renamed", "name"), at("renamed", "similar_to")), ("sedre".into(), "serde".into()));
    assert_eq!((at("renamed", "is_wildcard"), at("registry", "is_wildcard")), ("true".into(), "false".into()));
    assert_eq!(at("registry", "similar_to"), "-");
}

#[test]
fn a_package_belongs_to_the_nearest_workspace_that_takes_it() {
    let root = "[workspace]\nmembers = [\"a\", \"c/kept\"]\nexclude = [\"b\", \"c\"]\n[profile.release]\nlto = true\n";
    let package = "[package]\nname = \"p\"\n[profile.release]\nlto = true\n";
    let named = "[package]\nname = \"p\"\nworkspace = \"..\"\n[profile.release]\nlto = true\n";
    let lost = "[package]\nname = \"p\"\nedition.workspace = true\n[profile.release]\nlto = true\n";
    let files = [
        ("x/Cargo.toml", root),
        ("x/a/Cargo.toml", package),
        ("x/b/Cargo.toml", package),
        ("x/c/kept/Cargo.toml", package),
        ("x/c/other/Cargo.toml", package),
        ("y/z/Cargo.toml", named),
        ("w/Cargo.toml", lost),
        ("alone/Cargo.toml", package),
    ];
    let sources = sources(&files);
    let is_effective = |path| attribute(&sources, path, "profile.release", "is_effective");
    for (path, expected) in [
        ("x/Cargo.toml", "true"),
        ("x/a/Cargo.toml", "false"),
        ("x/b/Cargo.toml", "true"),
        ("x/c/kept/Cargo.toml", "false"),
        ("x/c/other/Cargo.toml", "true"),
        ("y/z/Cargo.toml", "false"),
        ("w/Cargo.toml", "false"),
        ("alone/Cargo.toml", "true"),
    ] {
        assert_eq!(is_effective(path), expected, "{path}");
    }
}

#[test]
fn links_lead_to_the_lock_file_and_the_checks_of_the_workspace() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n"),
        ("Cargo.lock", "version = 4\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\n"),
        ("a/Cargo.lock", "version = 4\n"),
        ("deny.toml", "[bans]\n"),
        ("lost/x/Cargo.toml", "[package]\nname = \"x\"\nworkspace = \"../..\"\nversion.workspace = true\n"),
        ("b/Cargo.toml", "[package]\nname = \"b\"\nworkspace = \"nowhere\"\n"),
    ];
    let sources = sources(&files);
    let evaluated = Evaluated::default();
    let project = Project::new(&sources, &evaluated);
    let mut links = Vec::new();
    for (from, of_one) in project.links.iter().enumerate() {
        let path = |resource: usize| sources[project.resources[resource].source].path.to_string();
        links.extend(of_one.iter().map(|link| format!("{} {} {}", path(from), link.relation, path(link.to))));
    }
    links.sort();
    assert_eq!(
        links,
        [
            "Cargo.lock locks Cargo.toml",
            "Cargo.lock locks a/Cargo.toml",
            "Cargo.lock locks lost/x/Cargo.toml",
            "Cargo.toml governs deny.toml",
            "Cargo.toml locks Cargo.lock",
            "a/Cargo.toml governs deny.toml",
            "a/Cargo.toml locks Cargo.lock",
            "b/Cargo.toml unknown b/Cargo.toml",
            "deny.toml governs Cargo.toml",
            "deny.toml governs a/Cargo.toml",
            "deny.toml governs lost/x/Cargo.toml",
            "lost/x/Cargo.toml governs deny.toml",
            "lost/x/Cargo.toml locks Cargo.lock",
        ]
    );
}

#[test]
fn places_of_rust_files_make_targets() {
    let package = "[package]\nname = \"p\"\n";
    let files = [
        ("a/Cargo.toml", package),
        ("a/src/main.rs", "fn main() {}"),
        ("a/build.rs", "fn main() {}"),
        ("b/Cargo.toml", package),
        ("b/src/lib.rs", ""),
        ("c/Cargo.toml", "[package]\nname = \"p\"\nautobins = false\nbuild = false\n"),
        ("c/src/bin/x.rs", ""),
        ("c/build.rs", ""),
        ("tests/d/Cargo.toml", "[package]\nname = \"p\"\n[[bin]]\nname = \"x\"\n[lib]\nproc-macro = true\n"),
    ];
    let sources = sources(&files);
    let of = |path: &str| {
        ["has_binary", "has_library", "has_build_script", "is_proc_macro", "is_trial", "is_root"]
            .map(|name| attribute(&sources, path, "package.p", name))
    };
    assert_eq!(of("a/Cargo.toml"), ["true", "false", "true", "false", "false", "true"]);
    assert_eq!(of("b/Cargo.toml"), ["false", "true", "false", "false", "false", "true"]);
    assert_eq!(of("c/Cargo.toml"), ["false", "false", "false", "false", "false", "true"]);
    assert_eq!(of("tests/d/Cargo.toml"), ["true", "true", "false", "true", "true", "true"]);
    assert_eq!(attribute(&sources, "a/Cargo.toml", "package.p.build", "path"), "build.rs");
}

#[test]
fn a_lock_file_says_where_packages_come_from() {
    let text = r#"
[[package]]
name = "own"
version = "0.1.0"
dependencies = ["a", "b"]

[[package]]
name = "a"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "00"

[[package]]
name = "b"
version = "1.0.0"
source = "sparse+http://crates.example/"

[[package]]
name = "c"
version = "1.0.0"
source = "git+https://git.example/c#0a"

[[package]]
name = "old"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"

[metadata]
"checksum old 1.0.0 (registry+https://github.com/rust-lang/crates.io-index)" = "00"
"#;
    let sources = sources(&[("Cargo.lock", text)]);
    let of = |name: &str| {
        ["source_kind", "is_plain", "has_checksum", "dependencies"]
            .map(|attribute_name| attribute(&sources, "Cargo.lock", &format!("package.{name}"), attribute_name))
    };
    assert_eq!(of("own@0.1.0"), ["local", "-", "-", "-"]);
    assert_eq!(of("a@1.0.0"), ["registry", "false", "true", "-"]);
    assert_eq!(of("b@1.0.0"), ["alternative-registry", "true", "false", "-"]);
    assert_eq!(of("c@1.0.0"), ["git", "false", "false", "-"]);
    assert_eq!(of("old@1.0.0"), ["registry", "false", "true", "-"]);
}

#[test]
fn a_configuration_lists_what_it_declares() {
    let text = r#"
paths = ["../../x", "y"]
[registries.internal]
index = "http://crates.example/"
credential-provider = "cargo:token"
[source.crates-io]
replace-with = "mirror"
[build]
rustc-wrapper = "tools/wrap"
rustflags = "-Copt-level=3 -Zx"
[target.thumbv7em-none-eabi]
runner = "python3 tools/run.py"
rustflags = ["-C", "link-arg=-Wl,--nmagic"]
[env]
A = "1"
B = { value = "2", force = true }
[profile.dev]
panic = "abort"
[patch.crates-io]
log = { path = "log" }
"#;
    let expected = [
        "config config",
        "registry registries.internal",
        "source source.crates-io",
        "program build.rustc-wrapper",
        "program target.thumbv7em-none-eabi.runner",
        "program registries.internal.credential-provider",
        "path-override paths.../../x",
        "path-override paths.y",
        "environment-variable env.A",
        "environment-variable env.B",
        "rustflags build.rustflags",
        "rustflags target.thumbv7em-none-eabi.rustflags",
        "profile profile.dev",
        "dependency patch.crates-io.log",
    ];
    assert_eq!(listed(&[("a/.cargo/config.toml", text)], "a/.cargo/config.toml"), expected);
    let sources = sources(&[("a/.cargo/config.toml", text)]);
    let at = |address, name| attribute(&sources, "a/.cargo/config.toml", address, name);
    assert_eq!(at("registries.internal", "index_is_plain"), "true");
    assert_eq!(at("paths.../../x", "path_leaves_tree"), "true");
    assert_eq!(at("paths.y", "path_leaves_tree"), "false");
    assert_eq!(at("build.rustc-wrapper", "is_in_tree"), "true");
    assert_eq!(at("target.thumbv7em-none-eabi.runner", "program"), "python3");
    assert_eq!(at("target.thumbv7em-none-eabi.runner", "is_in_tree"), "true");
    assert_eq!(at("registries.internal.credential-provider", "is_in_tree"), "false");
    assert_eq!((at("env.A", "value"), at("env.B", "is_forced")), ("1".into(), "true".into()));
    assert_eq!(
        at("build.rustflags", "flags"),
        "[{kind: codegen, name: opt-level, value: 3}, {kind: unstable, name: x}]"
    );
    assert_eq!(at("target.thumbv7em-none-eabi.rustflags", "is_bare_metal"), "true");
}

#[test]
fn what_is_too_much_is_said() {
    let mut text = String::from("[dependencies]\n");
    for number in 0..=MAX_DEPENDENCIES {
        let _ = writeln!(text, "d{number} = \"1\"");
    }
    let mut lock = String::new();
    for _ in 0..=MAX_PACKAGES {
        lock.push_str("[[package]]\nname = \"a\"\n");
    }
    let long = format!("[package]\nname = \"{}\"\n", "a".repeat(MAX_MANIFEST));
    for (path, text, most) in
        [("Cargo.toml", &text, MAX_DEPENDENCIES), ("Cargo.lock", &lock, MAX_PACKAGES), ("b/Cargo.toml", &long, 0)]
    {
        let sources = sources(&[(path, text)]);
        assert_eq!(sources[0].document.errors.len(), 1, "{path}");
        let evaluated = Evaluated::default();
        let project = Project::new(&sources, &evaluated);
        let views =
            project.resources.iter().filter(|resource| ["dependency", "lock-package"].contains(&&*resource.kind));
        assert_eq!(views.count(), most, "{path}");
    }
}

#[test]
fn nothing_of_a_wrong_form_panics() {
    for text in [
        "",
        "package = 1\ndependencies = 2\nprofile = []\nworkspace = true\nlib = 3\nbin = 4\n",
        "[package]\nname = 1\nbuild = []\nworkspace = 7\npublish = {}\n[dependencies]\na = []\nb = { git = 1, rev = {}, path = [] }\n",
        "[workspace]\nmembers = 1\nexclude = [1, {}]\n[patch]\na = 1\n[target]\nb = 2\n[profile]\nrelease = 1\nc.inherits = \"c\"\n",
        "[build]\nrustflags = 1\nrustc = []\n[env]\na = []\n[registries]\nb = 1\n[source]\nc = []\n",
        "package = [1, {}, { name = 1 }, { name = \"a\", source = 1 }]\nmetadata = 1\n",
        "paths = [1, \"\"]\n[registry]\nglobal-credential-providers = [1]\n",
    ] {
        for path in ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "deny.toml"] {
            assert!(!listed(&[(path, text)], path).is_empty(), "{path}: {text}");
        }
    }
}
