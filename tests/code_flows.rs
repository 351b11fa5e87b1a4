//! What a finding says of where a value comes from: source, way and sink, as `codeFlows` of SARIF.

#![allow(clippy::unwrap_used, reason = "a helper that panics fails its test, as it should")]

#[allow(dead_code, reason = "each test file uses its part")]
#[path = "common/cli.rs"]
mod cli;

use cli::Sandbox;
use serde_json::Value;

const WORKFLOW: &str = "\
on: issues
permissions: {}
jobs:
  read:
    runs-on: ubuntu-latest
    outputs:
      title: ${{ steps.ask.outputs.title }}
    steps:
      - id: ask
        env:
          TITLE: ${{ github.event.issue.title }}
        run: echo \"title=$TITLE\" >> \"$GITHUB_OUTPUT\"
      - uses: ./.github/actions/say
        with:
          words: ${{ github.event.issue.body }}
  say:
    needs: read
    runs-on: ubuntu-latest
    steps:
      - run: echo ${{ needs.read.outputs.title }}
";

const ACTION: &str = "\
name: say
description: Says it.
inputs:
  words: {description: What to say.}
runs:
  using: composite
  steps:
    - shell: bash
      run: echo ${{ inputs.words }}
";

/// The steps of each flow: `path:line message`.
fn flows(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let report: Value = serde_json::from_str(&sandbox.scan(["--format", "sarif", "."]).stdout).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    let step = |step: &Value| {
        let location = &step["location"];
        let physical = &location["physicalLocation"];
        let path = physical["artifactLocation"]["uri"].as_str().unwrap();
        let line = physical["region"]["startLine"].as_u64().unwrap();
        format!("{path}:{line} {}", location["message"]["text"].as_str().unwrap())
    };
    results
        .iter()
        .filter_map(|result| result["codeFlows"][0]["threadFlows"][0]["locations"].as_array())
        .map(|steps| steps.iter().map(step).collect())
        .collect()
}

#[test]
fn the_flow_of_an_injection_leads_from_the_event_to_the_script() {
    let sandbox = Sandbox::new();
    sandbox.write(".github/workflows/issues.yml", WORKFLOW);
    sandbox.write(".github/actions/say/action.yml", ACTION);
    let flows = flows(&sandbox);
    let sink = "Text that anyone may write becomes a part of a script (run)";
    let workflow = ".github/workflows/issues.yml";
    assert_eq!(
        flows,
        [
            vec![
                format!("{workflow}:15 the source is `github.event.issue.body`, which anyone may write"),
                format!("{workflow}:15 `inputs.words` takes what `github.event.issue.body` holds"),
                format!(".github/actions/say/action.yml:9 {sink}"),
            ],
            vec![
                format!("{workflow}:11 the source is `github.event.issue.title`, which anyone may write"),
                format!("{workflow}:11 `steps.ask.outputs.title` takes what `github.event.issue.title` holds"),
                format!("{workflow}:7 `needs.read.outputs.title` takes what `steps.ask.outputs.title` holds"),
                format!("{workflow}:20 {sink}"),
            ],
        ]
    );
}

#[test]
fn the_flow_of_foreign_code_begins_at_its_checkout() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".github/workflows/build.yml",
        "on: pull_request_target\npermissions: {}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: \
         actions/checkout@v4\n        with:\n          ref: ${{ github.event.pull_request.head.sha }}\n      - run: make\n",
    );
    let flows = flows(&sandbox);
    assert!(
        flows.iter().any(|flow| flow.len() == 2
            && flow[0].starts_with(".github/workflows/build.yml:7 the source is this checkout")
            && flow[1].starts_with(".github/workflows/build.yml:10 ")),
        "{flows:#?}"
    );
}

#[test]
fn the_flow_in_a_pipeline_leads_through_its_variables() {
    let sandbox = Sandbox::new();
    sandbox.write(
        ".gitlab-ci.yml",
        "variables:\n  TITLE: $CI_MERGE_REQUEST_TITLE\nbuild:\n  variables:\n    WORDS: \"is $TITLE\"\n  script:\n    - eval \
         \"echo $WORDS\"\n",
    );
    let flows = flows(&sandbox);
    let [flow] = flows.as_slice() else { panic!("{flows:#?}") };
    let lines: Vec<&str> = flow.iter().map(|step| step.split(' ').next().unwrap()).collect();
    assert_eq!(lines, [".gitlab-ci.yml:2", ".gitlab-ci.yml:2", ".gitlab-ci.yml:5", ".gitlab-ci.yml:7"]);
    assert!(flow[0].contains("the source is `CI_MERGE_REQUEST_TITLE`"), "{flow:#?}");
    assert!(flow[2].contains("`WORDS` takes what `TITLE` holds"), "{flow:#?}");
}
