//! The view of Dockerfiles: what rules see.

use std::sync::Arc;

use super::*;
use crate::document::node::Value;
use crate::platform::Platform;

fn source(text: &str) -> Source {
    Source {
        path: Arc::from("Dockerfile"),
        text: Arc::from(text),
        platform: Platform::Dockerfile,
        document: read(text),
        hcl: None,
        rust: crate::framework::rust::Pieces::default(),
        part: None,
    }
}

/// What stands at a path of keys and indexes, as text; `?` for an unknown value, `-` for none, lists with commas.
fn shown(node: &Node, path: &str) -> String {
    let mut node = Some(node);
    for step in path.split('.').filter(|step| !step.is_empty()) {
        node = node.and_then(|node| match step.parse::<usize>() {
            Ok(index) => node.as_sequence().and_then(|items| items.get(index)),
            Err(_) => node.get(step),
        });
    }
    let Some(node) = node else { return "-".to_owned() };
    match &node.value {
        Value::Scalar { text, .. } => text.clone(),
        Value::Unknown => "?".to_owned(),
        Value::Sequence(items) => items.iter().map(|item| shown(item, "")).collect::<Vec<_>>().join(","),
        Value::Mapping(mapping) => {
            let entry = |e: &crate::document::node::Entry| format!("{}={}", shown(&e.key, ""), shown(&e.value, ""));
            format!("{{{}}}", mapping.entries.iter().map(entry).collect::<Vec<_>>().join(","))
        }
    }
}

/// Checks values of the first resource of a kind.
fn check(text: &str, kind: &str, expected: &[(&str, &str)]) {
    check_nth(text, kind, 0, expected);
}

fn check_nth(text: &str, kind: &str, nth: usize, expected: &[(&str, &str)]) {
    let source = source(text);
    let mut found = Vec::new();
    resources(0, &source, &mut found);
    let resource = found.iter().filter(|resource| resource.kind == kind).nth(nth).unwrap();
    for (path, value) in expected {
        assert_eq!(shown(&resource.body, path), *value, "{path} of {kind} in {text}");
    }
}

#[test]
fn resources_have_addresses_and_scopes() {
    let text = "ARG V=1\nFROM a:$V AS build\nRUN x && y\nFROM scratch\nCOPY --from=build /x /y\nONBUILD RUN z\n";
    let source = source(text);
    let mut found = Vec::new();
    resources(0, &source, &mut found);
    let listed: Vec<_> = found.iter().map(|r| format!("{} {} {}", r.kind, r.address, r.base)).collect();
    assert_eq!(
        listed,
        [
            "file Dockerfile ",
            "ARG ARG[0] ",
            "stage stage.build ",
            "FROM stage.build.FROM[0] ",
            "RUN stage.build.RUN[0] ",
            "command stage.build.RUN[0] commands[0]",
            "command stage.build.RUN[0] commands[1]",
            "stage stage[1] ",
            "FROM stage[1].FROM[0] ",
            "COPY stage[1].COPY[0] ",
            "ONBUILD stage[1].ONBUILD[0] ",
            "RUN stage[1].ONBUILD[0] trigger",
            "command stage[1].ONBUILD[0] trigger.commands[0]",
        ]
    );
    let command = &found[6];
    assert_eq!(command.scopes.iter().map(|scope| scope.name).collect::<Vec<_>>(), ["file", "stage", "run"]);
    assert_eq!(&text[command.header.start..command.header.end], "y");
    assert_eq!(&text[found[4].header.start..found[4].header.end], "RUN");
    assert_eq!(&text[found[2].extent.start..found[2].extent.end], "FROM a:$V AS build\nRUN x && y");
}

#[test]
fn images_are_taken_apart_as_far_as_they_are_known() {
    let parts = |image: &str| {
        let source = source(&format!("ARG T=9\nARG U\nFROM {image}\n"));
        let stage = &source.document.roots[0].get("stages").unwrap().as_sequence().unwrap()[0];
        ["registry", "repository", "tag", "digest"].map(|key| shown(stage, key)).join(" ")
    };
    assert_eq!(parts("alpine"), "docker.io alpine - -");
    assert_eq!(parts("quay.io:443/a/b:1@sha256:0"), "quay.io:443 a/b 1 sha256:0");
    assert_eq!(parts("debian:$T-slim"), "docker.io debian 9-slim -");
    assert_eq!(parts("debian:${U}"), "docker.io debian ? ?");
    assert_eq!(parts("$U"), "? ? ? ?");
    assert_eq!(parts("$U/a"), "? ? - -");
    assert_eq!(parts("${U:-b/c}:2"), "docker.io b/c 2 -");
    assert_eq!(parts("\"alpine:3\""), "docker.io alpine 3 -");
}

#[test]
fn stages_know_what_they_are_built_on() {
    let text = "FROM debian:12 AS base\nUSER app:app\nWORKDIR /srv\nENV A=1\nHEALTHCHECK CMD true\nFROM base AS final\nRUN curl x\nLABEL a=\"b c\" d=e\n";
    check_nth(
        text,
        "stage",
        0,
        &[("is_final", "false"), ("is_used", "true"), ("last_user", "app"), ("from_stage", "false")],
    );
    check_nth(
        text,
        "stage",
        1,
        &[
            ("from_stage", "true"),
            ("last_user", "app"),
            ("user_is_set", "true"),
            ("last_workdir", "/srv"),
            ("has_healthcheck", "true"),
            ("environment", "{A=1}"),
            ("labels", "{a=b c,d=e}"),
            ("base.tag", "12"),
            ("is_final", "true"),
            ("as", "final"),
            ("as_is_duplicate", "false"),
            ("programs", "curl"),
            ("instructions", "FROM,RUN,LABEL"),
            ("run.0.is_last", "true"),
            ("user", "-"),
        ],
    );
    check("FROM a\nFROM b AS x\nFROM c AS X\n", "file", &[("stage_count", "3"), ("stages.2.as_is_duplicate", "true")]);
}

#[test]
fn packages_have_the_versions_of_their_manager() {
    let packages = |command: &str| {
        let source = source(&format!("FROM a\nRUN {command}\n"));
        let mut found = Vec::new();
        resources(0, &source, &mut found);
        let command = found.iter().find(|r| r.kind == "command" && r.body.get("packages").is_some());
        let list = command.and_then(|r| r.body.get("packages")).and_then(Node::as_sequence).unwrap_or_default();
        list.iter().map(|p| format!("{}@{}", shown(p, "name"), shown(p, "version"))).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        packages("apt-get -o a=b install -y --no-install-recommends curl git=1:2 x/stable ./y.deb"),
        "curl@- git@1:2 x@stable ./y.deb@./y.deb"
    );
    assert_eq!(packages("apt-get install -y curl=$V $PKGS"), "curl@? ?@?");
    assert_eq!(packages("apk add --virtual .b 'a>1' b~=2 c"), "a@1 b@2 c@-");
    assert_eq!(
        packages("yum install -y httpd-2.4.6 python3-devel java-1.8.0-openjdk a-1-2.el7"),
        "httpd@2.4.6 python3-devel@- java-1.8.0-openjdk@- a@1-2.el7"
    );
    assert_eq!(
        packages("pip3 install --no-cache-dir -r r.txt a==1 'b>=2' c d[x]==3 git+https://x/y ."),
        "a@1 b@2 c@- d[x]@3 git+https://x/y@git+https://x/y .@."
    );
    assert_eq!(packages("python3 -m pip install a"), "a@-");
    assert_eq!(packages("npm install -g @a/b@1 c @d/e"), "@a/b@1 c@- @d/e@-");
    assert_eq!(packages("gem install a:1 b"), "a@1 b@-");
    assert_eq!(packages("gem install a -v 2"), "a@2");
    assert_eq!(packages("go install x.io/y@v1 && sudo zypper -n in z=3"), "x.io/y@v1");
    assert_eq!(packages("sudo zypper -n in z=3 w"), "z@3 w@-");
    assert_eq!(packages("apt-get update"), "");
}

#[test]
fn commands_have_flags_options_and_operands() {
    let text = "FROM a\nRUN A=1 /usr/bin/apt-get -qq -o X=y install -y --foo=bar \"c d\" > /dev/null\n";
    check(
        text,
        "command",
        &[
            ("name", "apt-get"),
            ("path", "/usr/bin/apt-get"),
            ("flags", "-q,-q,-o,-y,--foo"),
            ("options", "{-o=X=y,--foo=bar}"),
            ("subcommand", "install"),
            ("operands", "c d"),
            ("assignments", "{A=1}"),
            ("redirects.0.target", "/dev/null"),
            ("instruction", "RUN"),
            ("operator", "-"),
        ],
    );
    let text = "FROM a\nRUN curl -fsSL https://x | sudo bash -s -- y && wget -nv z\n";
    check_nth(text, "command", 1, &[("name", "sudo"), ("pipeline.previous", "curl")]);
    check_nth(
        text,
        "command",
        2,
        &[("name", "bash"), ("wrapper", "sudo"), ("pipeline.previous", "curl"), ("pipeline.first", "curl")],
    );
    check_nth(text, "command", 3, &[("flags", "-nv"), ("operator", "&&")]);
}

#[test]
fn a_run_knows_what_it_cleans() {
    check(
        "FROM a\nRUN apt-get update && apt-get install -y x && rm -rf /var/lib/apt/lists/*\n",
        "RUN",
        &[
            ("cleans_apt_lists", "true"),
            ("updates_index", "true"),
            ("package_managers", "apt-get"),
            ("cleans_yum", "false"),
        ],
    );
    check("FROM a\nRUN rm -rf /var/lib/{apt,dpkg}/lists /tmp\n", "RUN", &[("cleans_apt_lists", "true")]);
    check("FROM a\nRUN yum -y install x && yum clean all\n", "RUN", &[("cleans_yum", "true"), ("cleans_dnf", "false")]);
    check(
        "FROM a\nRUN --mount=type=cache,target=/var/lib/apt/lists,sharing=locked apt-get install x\n",
        "RUN",
        &[("cleans_apt_lists", "true"), ("mounts.0.sharing", "locked")],
    );
    check("FROM a\nRUN [\"x\", \"a b\"]\n", "RUN", &[("form", "exec"), ("commands.0.words", "x,a b")]);
}

#[test]
fn pipefail_and_the_shell_are_followed() {
    let piped = |front: &str| {
        let source = source(&format!("FROM a\n{front}curl x | sh\n"));
        shown(&source.document.roots[0], "stages.0.run.0.pipefail")
            + " "
            + &shown(&source.document.roots[0], "stages.0.run.0.has_pipe")
    };
    assert_eq!(piped("RUN "), "false true");
    assert_eq!(piped("RUN set -o pipefail && "), "true true");
    assert_eq!(piped("RUN set -euo pipefail; "), "true true");
    assert_eq!(piped("SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN "), "true true");
    assert_eq!(piped("SHELL [\"powershell\", \"-command\"]\nRUN "), "? ?");
}

#[test]
fn here_documents_are_scripts_or_files() {
    let text = "FROM a\nRUN <<EOF\nset -e\nsudo x\nEOF\nCOPY <<A <<B /d/\n1\nA\n2\nB\nRUN <<E\n#!/usr/bin/env python\nx = 1\nE\nRUN cat <<X > y && z\nno\nX\n";
    check(text, "RUN", &[("commands.1.name", "sudo"), ("commands.2.name", "x")]);
    check(text, "COPY", &[("heredoc", "true"), ("destination", "/d/"), ("sources", ""), ("source_count", "2")]);
    check_nth(text, "RUN", 1, &[("commands", "?")]);
    check_nth(text, "RUN", 2, &[("commands.0.name", "cat"), ("commands.1.name", "z"), ("command_count", "2")]);
}

#[test]
fn instructions_have_their_own_attributes() {
    check(
        "FROM a\nEXPOSE 22 $X 80-90/UDP\n",
        "EXPOSE",
        &[("ports.0.port", "22"), ("ports.1.port", "?"), ("ports.2.end", "90"), ("ports.2.protocol", "udp")],
    );
    check("FROM a\nUSER root:$G\n", "USER", &[("user", "root"), ("group", "?")]);
    check("FROM a\nARG U=1000\nUSER $U\n", "USER", &[("user", "1000"), ("group", "-")]);
    check("FROM a\nWORKDIR app\nCOPY a b ./\n", "WORKDIR", &[("is_absolute", "false")]);
    check(
        "FROM a\nWORKDIR app\nCOPY a b ./\n",
        "COPY",
        &[
            ("sources", "a,b"),
            ("destination", "./"),
            ("destination_is_absolute", "false"),
            ("workdir", "app"),
            ("previous", "WORKDIR"),
        ],
    );
    check("FROM a\nWORKDIR $HOME/x\n", "WORKDIR", &[("is_absolute", "?"), ("path", "?")]);
    check(
        "FROM a\nENV A=1 B=$A C=$C:x\n",
        "ENV",
        &[("pairs.1.refers_to_sibling", "true"), ("pairs.2.refers_to_sibling", "false"), ("pairs.1.value", "?")],
    );
    check("FROM a\nENV A 1 2\n", "ENV", &[("pairs.0.name", "A"), ("pairs.0.value", "1 2")]);
    check(
        "FROM a AS x\nCOPY --chown=u:g --from=x a b\n",
        "COPY",
        &[("from_stage", "true"), ("from_own_stage", "true"), ("chown", "u:g")],
    );
    check(
        "FROM a\nADD https://x/y.tar.gz /d\n",
        "ADD",
        &[("has_url", "true"), ("has_archive", "true"), ("has_git", "false")],
    );
    check(
        "FROM a\nHEALTHCHECK --interval=5s CMD curl x || exit 1\n",
        "HEALTHCHECK",
        &[("none", "false"), ("flags.interval", "5s"), ("command.form", "shell"), ("command.commands.0.name", "curl")],
    );
    check("FROM a\nHEALTHCHECK NONE\n", "HEALTHCHECK", &[("none", "true")]);
    check("RUN x\nFROM a\n", "RUN", &[("is_misplaced", "true")]);
    check("FROM --platform=$TARGETPLATFORM a\n", "FROM", &[("platform", "?"), ("platform_text", "$TARGETPLATFORM")]);
    check("FROM a\nONBUILD ADD x /y\n", "ADD", &[("onbuild", "true"), ("destination", "/y")]);
    check(
        "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN a `\n b\n",
        "file",
        &[("syntax", "docker/dockerfile:1"), ("escape", "`"), ("stages.0.run.0.commands.0.words", "a,b")],
    );
}

#[test]
fn names_and_texts_tell_dockerfiles() {
    for path in [
        "Dockerfile",
        "a/dockerfile",
        "Dockerfile.prod",
        "x.Dockerfile",
        "Containerfile",
        "containerfile.ci",
        "a.containerfile",
    ] {
        assert!(is_dockerfile(path, ""), "{path}");
    }
    for path in ["Dockerfile.md", ".dockerignore", "Dockerfile.dockerignore", "a.txt", "dockerfiles"] {
        assert!(!is_dockerfile(path, "FROM a\nRUN b\n") || path == "dockerfiles", "{path}");
    }
    assert!(is_dockerfile("build", "# x\nARG A=1\nFROM a\nRUN b\n"));
    assert!(is_dockerfile("Dockerfile-alpine", "FROM a\nCMD b\n"));
    assert!(!is_dockerfile("notes", "From here on\nRUN away\n"));
    assert!(!is_dockerfile("notes", "FROM a to b\nwe go\n"));
}

#[test]
fn hostile_files_stay_small() {
    let bomb = format!("FROM a\nENV A=xxxxxxxx\n{}USER $A\n", "ENV A=$A$A\n".repeat(200));
    check(&bomb, "USER", &[("user", "?")]);
    let many = format!("FROM a\n{}", "RUN a;b;c;d\n".repeat(3000));
    let document = read(&many);
    assert!(document.errors.iter().any(|error| error.message.contains("commands")));
    for (kind, argument) in [("EXPOSE", "1 "), ("ENV", "a=b "), ("COPY", "a "), ("VOLUME", "/a "), ("LABEL", "a=b ")] {
        let long = format!("FROM a\n{kind} {}", argument.repeat(60_000));
        assert_eq!(read(&long).errors.len(), 1, "{kind}");
        let key = if kind == "EXPOSE" { "ports" } else { "pairs" };
        check(&long, kind, &[(key, "-"), ("index", "0")]);
    }
    let stages = read(&"FROM a\n".repeat(400));
    assert_eq!(stages.errors.len(), 1);
    for text in [
        "",
        "FROM",
        "RUN",
        "ONBUILD ONBUILD ONBUILD RUN x",
        "FROM a\nRUN <<",
        "FROM a\nRUN <<E",
        "COPY",
        "FROM a AS",
        "SHELL x",
        "ENV =",
        "\u{feff}FROM a",
        "FROM a\nCOPY [\"",
        "USER \"",
        "ARG =\nFROM ${",
    ] {
        let _ = source(text);
        let _ = source(&format!("FROM a\n{text}"));
    }
}

#[test]
fn places_lie_in_the_text_though_a_here_document_has_no_body() {
    for text in ["FROM a\nRUN <<EOF x `y", "FROM a\nRUN <<EOF x `y\n", "FROM a\nRUN <<-EOF x `y\u{3000}\n\t\té"] {
        let source = source(text);
        let mut found = Vec::new();
        resources(0, &source, &mut found);
        assert!(found.iter().any(|resource| resource.kind == "command"));
        for resource in &found {
            let mut rest = vec![resource.body.as_ref()];
            while let Some(node) = rest.pop() {
                assert!(text.get(node.span.start..node.span.end).is_some(), "{:?} of {text:?}", node.span);
                rest.extend(node.as_sequence().unwrap_or_default());
                rest.extend(node.as_mapping().unwrap_or_default().iter().map(|entry| &entry.value));
            }
        }
    }
}

#[test]
fn what_ships_is_what_the_last_stage_is_built_on() {
    let text = "FROM a AS base\nFROM b AS build\nFROM base\nCOPY --from=build /x /x\n";
    let flags = [("stages.0.ships", "true"), ("stages.1.ships", "false"), ("stages.2.ships", "true")];
    check(text, "file", &flags);
}

#[test]
fn a_cache_is_clean_when_it_is_cleaned_last() {
    for (command, cleans) in [
        ("yum install -y x && yum clean all", "true"),
        ("yum clean all && yum install -y x", "false"),
        ("yum install -y x && rm -rf /var/cache/yum", "true"),
        ("--mount=type=cache,target=/var/cache yum install -y x", "true"),
        ("--mount=type=cache,target=/var/lib yum install -y x", "false"),
    ] {
        check(&format!("FROM a\nRUN {command}\n"), "RUN", &[("cleans_yum", cleans)]);
    }
    check("FROM a\nRUN --mount=type=cache,target=/home/x/.cache/pip pip install y\n", "RUN", &[("cleans_pip", "true")]);
}

#[test]
fn an_instruction_knows_its_neighbours() {
    let last_run = |text: &str, expected| check(text, "file", &[("stages.0.run.1.is_mergeable", expected)]);
    last_run("FROM a\nRUN b\nRUN c\n", "true");
    last_run("FROM a\nRUN b\n# d\nRUN c\n", "true");
    last_run("FROM a\nRUN b\nUSER x\nRUN c\n", "false");
    last_run("FROM a\nRUN b\nRUN --network=none c\n", "false");
    last_run("FROM a\nRUN b && c && d\nRUN c\n", "false");
    let copies = "FROM a\nCOPY b /x/\nCOPY c /x/\nCOPY d /y/\n";
    check(copies, "file", &[("stages.0.copy.1.is_mergeable", "true"), ("stages.0.copy.2.is_mergeable", "false")]);
    let paths =
        "FROM a\nWORKDIR /srv\nCOPY key /app\nCOPY x lib/\nENV A=./app/key.json B=/srv/lib C=/application D=app\n";
    for (number, expected) in ["true", "true", "false", "false"].iter().enumerate() {
        check(paths, "file", &[(&format!("stages.0.env.0.pairs.{number}.is_copied"), expected)]);
    }
    let archive = "FROM a\nCOPY src.tgz /tmp/\nCOPY b.tgz /c.tgz\nRUN tar -xzf /tmp/src.tgz -C /opt\n";
    check(archive, "file", &[("stages.0.copy.0.is_extracted", "true"), ("stages.0.copy.1.is_extracted", "false")]);
    check("FROM a\n# hadolint ignore=DL3006\nRUN b\n", "file", &[("comments.0.text", "# hadolint ignore=DL3006")]);
}

#[test]
fn what_a_trigger_declares_holds_in_it_alone() {
    let text = "ARG V=1\nFROM a:$V\nENV A=b\nONBUILD ENV A=c D=$A\nUSER $A\n";
    check(text, "FROM", &[("tag", "1")]);
    check(text, "ONBUILD", &[("trigger.pairs.1.value", "b")]);
    check(text, "USER", &[("user", "b")]);
    // Many variables in front of many instructions.
    let many: String = (0..8000).fold(String::new(), |text, number| format!("{text} a{number}"));
    let text =
        format!("ARG{many}\n{}FROM a\nARG{many}\n{}USER b\n", "ARG b\n".repeat(4000), "ONBUILD CMD c\n".repeat(4000));
    check(&text, "USER", &[("user", "b")]);
}
