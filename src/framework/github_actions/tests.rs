use std::sync::Arc;

use super::*;
use crate::document::node::Node;
use crate::framework::{self, Project, Resource};
use crate::platform::Platform;

/// What the files declare.
fn with<T>(files: &[(&str, &str)], look: impl Fn(&[Resource<'_>], &str) -> T) -> T {
    let mut sources: Vec<_> =
        files.iter().map(|(path, text)| framework::read(Platform::GithubActions, &Arc::from(*path), text)).collect();
    let evaluated = framework::prepare(&mut sources);
    let project = Project::new(&sources, &evaluated);
    look(&project.resources, files.first().map_or("", |(_, text)| text))
}

/// The values of an attribute of all resources of a kind, each behind its address.
fn values(files: &[(&str, &str)], kind: &str, attribute: &str) -> Vec<String> {
    let path: Vec<&str> = attribute.split('.').collect();
    with(files, |resources, _| {
        let of_kind = resources.iter().filter(|resource| resource.kind == kind);
        of_kind
            .map(|resource| {
                let value = resource.body.at(&path).and_then(Node::as_str).unwrap_or("-");
                format!("{} {value}", resource.address)
            })
            .collect()
    })
}

fn one(text: &str) -> [(&str, &str); 1] {
    [(".github/workflows/a.yml", text)]
}

#[test]
fn files_are_told_by_name_and_text() {
    for (path, text, expected) in [
        (".github/workflows/ci.yml", "on: push", true),
        ("sub/.github/workflows/ci.yaml", "", true),
        (".github/workflows/notes.md", "", false),
        (".github/workflows/sub/ci.yml", "", false),
        ("x/action.yml", "name: a\nruns:\n  using: composite\n", true),
        ("x/action.yml", "name: a\n", false),
        (".github/dependabot.yml", "version: 2", true),
        ("dependabot.yml", "version: 2", false),
    ] {
        assert_eq!(is_github_actions(path, text), expected, "{path}");
    }
}

#[test]
fn resources_have_addresses_and_views_point_at_the_source() {
    let text = "on: issues\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n          echo\n          echo ${{ github.event.issue.title }}\n";
    with(&one(text), |resources, text| {
        let expansion = resources.iter().find(|resource| resource.kind == "expansion").unwrap();
        assert_eq!(&*expansion.address, "jobs.a.steps[0]");
        assert_eq!(expansion.base, "run");
        let span = expansion.body.span;
        assert_eq!(&text[span.start..span.end], "${{ github.event.issue.title }}");
    });
}

#[test]
fn trust_follows_the_flow() {
    let text = r#"
on:
  workflow_dispatch: {inputs: {n: {type: number}, s: {type: string}}}
env: {A: "${{ github.head_ref }}"}
jobs:
  first:
    outputs: {o: "${{ steps.s.outputs.v }}"}
    steps:
      - id: s
        env: {T: "${{ github.event.issue.title }}"}
        run: echo "v=$T" >> "$GITHUB_OUTPUT"
  second:
    needs: first
    strategy: {matrix: {m: [a, b], d: "${{ fromJSON(inputs.s) }}"}}
    steps:
      - run: ${{ env.A }}
      - run: ${{ needs.first.outputs.o }}
      - run: ${{ matrix.m }}
      - run: ${{ matrix.d }}
      - run: ${{ inputs.n }}
      - run: ${{ inputs.s }}
      - run: ${{ env.B }}
      - run: ${{ secrets.B }}
"#;
    let expected = ["untrusted", "untrusted", "harmless", "caller", "harmless", "caller", "unknown", "maintainer"];
    let expected: Vec<String> =
        expected.iter().enumerate().map(|(index, trust)| format!("jobs.second.steps[{index}] {trust}")).collect();
    assert_eq!(values(&one(text), "expansion", "trust"), expected);
    let via = values(&one(text), "expansion", "via");
    assert!(via[1].contains("needs.first.outputs.o ← steps.s.outputs.v"), "{via:?}");
}

#[test]
fn what_callers_give_is_followed_into_actions_and_workflows() {
    let caller = "on: issues\njobs:\n  a:\n    steps:\n      - uses: ./act\n        with: {x: '${{ github.event.issue.body }}'}\n  b:\n    uses: ./.github/workflows/b.yml\n    with: {y: '${{ github.head_ref }}'}\n";
    let action = "inputs: {x: {}, z: {}}\nruns:\n  using: composite\n  steps:\n    - run: ${{ inputs.x }}\n    - run: ${{ inputs.z }}\n";
    let reused =
        "on: {workflow_call: {inputs: {y: {type: string}}}}\njobs:\n  c:\n    steps:\n      - run: ${{ inputs.y }}\n";
    let files = [(".github/workflows/a.yml", caller), ("act/action.yml", action), (".github/workflows/b.yml", reused)];
    let found = values(&files, "expansion", "trust");
    assert_eq!(found, ["runs.steps[0] untrusted", "runs.steps[1] caller", "jobs.c.steps[0] untrusted"]);
}

#[test]
fn a_workflow_that_waits_for_one_that_outsiders_cannot_start_is_not_privileged() {
    let waits = "on: {workflow_run: {workflows: [Build]}}\njobs: {}\n";
    let privileged = |build: &str| {
        let files = [(".github/workflows/a.yml", waits), (".github/workflows/b.yml", build)];
        values(&files, "workflow", "is_privileged").remove(0)
    };
    assert_eq!(privileged("name: Build\non: push\njobs: {}\n"), "workflow false");
    assert_eq!(privileged("name: Build\non: pull_request\njobs: {}\n"), "workflow true");
    assert_eq!(privileged("name: Other\non: push\njobs: {}\n"), "workflow true");
}

#[test]
fn labels_of_runners_are_looked_up_in_the_matrix() {
    let text = "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.t.os }}\n    strategy: {matrix: {t: [{os: ubuntu-latest}, {os: macos-15}]}}\n  b:\n    runs-on: ${{ matrix.os }}\n    strategy: {matrix: {include: [{os: self-hosted}]}}\n  c:\n    runs-on: ${{ inputs.os }}\n  d:\n    runs-on: {group: g}\n";
    let expected = ["jobs.a hosted", "jobs.b self-hosted", "jobs.c unknown", "jobs.d group"];
    assert_eq!(values(&one(text), "job", "runner.kind"), expected);
}

#[test]
fn permissions_of_jobs() {
    let text = "on: push\npermissions: read-all\njobs:\n  a: {}\n  b: {permissions: {id-token: write}}\n  c: {permissions: {}}\n";
    let found = values(&one(text), "job", "effective_permissions");
    assert_eq!(found, ["jobs.a read-all", "jobs.b write", "jobs.c none"]);
    assert_eq!(values(&one(text), "job", "writes_id_token"), ["jobs.a false", "jobs.b true", "jobs.c false"]);
}

#[test]
fn shells_and_writes_of_scripts() {
    let text = "on: push\njobs:\n  a:\n    runs-on: windows-latest\n    defaults: {run: {shell: /bin/bash -e}}\n    steps:\n      - run: x\n      - run: x\n        shell: cmd\n      - run: x\n        shell: ${{ inputs.x }}\n  b:\n    runs-on: windows-latest\n    steps:\n      - run: x\n";
    let found = values(&one(text), "step", "shell_name");
    let expected = ["jobs.a.steps[0] bash", "jobs.a.steps[1] cmd", "jobs.a.steps[2] -", "jobs.b.steps[0] pwsh"];
    assert_eq!(found, expected);
}

#[test]
fn steps_behind_a_checkout_of_a_pull_request_are_marked() {
    let text = "on: pull_request_target\njobs:\n  a:\n    steps:\n      - run: make\n      - uses: actions/checkout@v4\n        with: {ref: 'refs/pull/${{ github.event.number }}/merge'}\n      - run: make\n";
    let found = values(&one(text), "step", "follows_untrusted_checkout");
    assert_eq!(found, ["jobs.a.steps[0] false", "jobs.a.steps[1] false", "jobs.a.steps[2] true"]);
}

#[test]
fn what_an_alias_brings_is_reported_where_the_alias_stands() {
    let text = "on: push\njobs:\n  a:\n    steps:\n      - &s { run: x }\n      - *s\n  b:\n    steps:\n      - *s\n";
    with(&one(text), |resources, text| {
        let steps = resources.iter().filter(|resource| resource.kind == "step");
        let starts: Vec<&str> = steps.map(|step| &text[step.header.start..step.header.end]).collect();
        assert_eq!(starts, ["run", "*s", "*s"]);
    });
}

#[test]
fn too_many_expressions_are_said_to_be() {
    let text = format!("on: push\njobs:\n  a:\n    env:\n      A: \"{}\"\n", "${{ a }}".repeat(MAX_VIEWS + 1));
    assert!(!read(&text).errors.is_empty());
    let count = with(&one(&text), |resources, _| resources.len());
    assert!(count <= MAX_VIEWS + 3, "{count}");
}

#[test]
fn odd_files_declare_nothing_and_do_no_harm() {
    for text in
        ["", "a", "[]", "jobs: []", "jobs: {a: 1}", "on: {push: 1}\njobs: {a: {steps: {}, runs-on: {}}}", "runs: 1"]
    {
        with(&one(text), |_, _| ());
        with(&[("action.yml", text)], |_, _| ());
        with(&[(".github/dependabot.yml", "updates: [1, {}]")], |_, _| ());
    }
}
