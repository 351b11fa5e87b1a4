use crate::framework::pipeline::tests::{shown, written};
use crate::platform::Platform;

fn of(text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    shown(Platform::AzurePipelines, text, kind, keys)
}

#[test]
fn jobs_stand_in_stages_alone_and_behind_conditions() {
    let text = "pool: {name: Own}\nstages:\n- stage: a\n  jobs:\n  - job: one\n    steps:\n    - script: x\n  - ${{ if eq(parameters.b, true) }}:\n    - job: two\n      pool: {vmImage: ubuntu-latest}\n      continueOnError: true\n      steps: []\n- stage: c\n  jobs:\n  - deployment: three\n    strategy:\n      runOnce:\n        deploy:\n          steps:\n          - bash: y\n        on:\n          failure:\n            steps:\n            - bash: z\n";
    assert_eq!(
        of(text, "job", &["job_name", "uses_self_hosted_runner", "may_fail"]),
        ["stages[0].jobs[0]: one true -", "stages[0].jobs[1]: two false true", "stages[1].jobs[0]: three true -",]
    );
    assert_eq!(
        of(text, "script", &["text", "phase"]),
        [
            "stages[0].jobs[0].steps[0]: x script",
            "stages[1].jobs[0].deploy.steps[0]: y bash",
            "stages[1].jobs[0].failure.steps[0]: z bash",
        ]
    );
}

#[test]
fn macros_are_code_and_variables_are_not() {
    let text = "steps:\n- bash: |\n    echo $(Build.SourceBranchName) \"$BUILD_SOURCEBRANCHNAME\"\n    cd $(pwd)\n";
    let scripts = of(text, "script", &["expansions"]);
    assert!(scripts[0].contains(
        "{name: Build.SourceBranchName, control: untrusted, is_substituted: true, is_evaluated: true, is_quoted: false}"
    ));
    assert!(scripts[0].contains(
        "{name: BUILD_SOURCEBRANCHNAME, control: untrusted, is_substituted: false, is_evaluated: false, is_quoted: true}"
    ));
    assert!(written(Platform::AzurePipelines, text).contains(&"$(Build.SourceBranchName)".to_owned()));
}

#[test]
fn scripts_of_tasks_and_of_windows() {
    let text = "pool: {vmImage: windows-latest}\nsteps:\n- script: dir\n- task: PowerShell@2\n  inputs: {script: Get-Item}\n- task: AzureCLI@2\n  inputs: {scriptType: bash, inlineScript: az login}\n- task: Bash@3\n  inputs: {script: ls}\n";
    assert_eq!(
        of(text, "script", &["interpreter", "text"]),
        ["steps[0]: other dir", "steps[1]: powershell Get-Item", "steps[2]: sh az login", "steps[3]: sh ls"]
    );
}

#[test]
fn images_by_alias_are_listed_once() {
    let text = "resources:\n  containers:\n  - container: tools\n    image: a:1\n    options: --privileged\n  repositories:\n  - repository: r\n    name: p/r\n    ref: refs/heads/main\njobs:\n- job: x\n  container: tools\n  services: {db: {image: 'b:2'}}\n  steps:\n  - template: t.yml@r\n- job: y\n  container: ${{ parameters.image }}\n  steps: []\n";
    assert_eq!(
        of(text, "container", &["role", "image", "options"]),
        [
            "resources.containers[0]: job a:1 --privileged",
            "jobs[0].services.db: service b:2 -",
            "jobs[1].container: job ? -"
        ]
    );
    assert_eq!(
        of(text, "include", &["kind", "name", "is_versioned"]),
        ["resources.repositories[0]: repository p/r false", "jobs[0].steps[0]: template t.yml true"]
    );
}

#[test]
fn pull_requests_are_built_unless_the_file_says_no() {
    for (head, expected) in [("", "true"), ("pr: none\n", "false"), ("pr: [main]\n", "true"), ("parameters: []\n", "?")]
    {
        let pipeline =
            of(&format!("{head}steps:\n- checkout: self\n- bash: x\n"), "pipeline", &["runs_on_pull_requests"]);
        assert_eq!(pipeline, [format!("pipeline: {expected}")], "{head}");
    }
    let steps = of("steps:\n- bash: x\n- checkout: self\n- bash: y\n", "step", &["is_behind_checkout"]);
    assert_eq!(steps, ["steps[0]: false", "steps[1]: false", "steps[2]: true"]);
}
