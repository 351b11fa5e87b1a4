use super::is_jenkinsfile;
use crate::framework::pipeline::tests::{shown, written};
use crate::platform::Platform;

fn of(text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    shown(Platform::Jenkins, text, kind, keys)
}

const TEXT: &str = "@Library('shared@v1') _\npipeline {\n  agent { docker { image 'node:22'\n    args '--privileged' } }\n  environment {\n    NAME = 'x'\n    KEY = credentials('k')\n  }\n  options { timeout(time: 1, unit: 'HOURS') }\n  stages {\n    stage('Build') {\n      environment { TITLE = \"${env.CHANGE_TITLE}\" }\n      steps {\n        sh \"echo ${TITLE} $BUILD_ID\"\n        sh 'echo $TITLE'\n        script {\n          def out = sh(script: 'make', returnStdout: true)\n          docker.image('tool:1').inside { sh 'two' }\n        }\n        bat 'dir'\n        echo 'done'\n      }\n    }\n  }\n}\n";

#[test]
fn stages_and_scripts() {
    assert_eq!(
        of(TEXT, "pipeline", &["is_declarative", "options", "variable_entries"]),
        ["pipeline: true [timeout] [{name: NAME, value: x}]"]
    );
    let jobs = of(TEXT, "job", &["job_name", "variable_entries"]);
    assert_eq!(jobs.len(), 1);
    assert!(jobs[0].ends_with("Build [{name: TITLE, value: ${env.CHANGE_TITLE}}]"), "{jobs:?}");
    let scripts = of(TEXT, "script", &["interpreter", "text", "expansions"]);
    let texts: Vec<&str> = scripts.iter().filter_map(|script| script.split_once(": ")).map(|(_, text)| text).collect();
    assert_eq!(texts.len(), 5, "{texts:?}");
    assert!(texts[0].contains("{name: TITLE, control: untrusted, is_substituted: true"));
    assert!(texts[0].contains("{name: BUILD_ID, control: predefined"));
    assert!(texts[1].contains("{name: TITLE, control: untrusted, is_substituted: false"));
    assert_eq!(texts[2..], ["sh make []", "sh two []", "other dir []"]);
}

#[test]
fn images_libraries_and_steps() {
    let containers = of(TEXT, "container", &["repository", "tag"]);
    assert!(containers[0].ends_with(": node 22") && containers[1].ends_with(": tool 1"), "{containers:?}");
    assert_eq!(of(TEXT, "include", &["name", "ref", "is_versioned"]), ["library.shared: shared v1 true"]);
    let steps = of(TEXT, "step", &["name", "arguments"]);
    assert!(steps.iter().any(|step| step.ends_with("args [--privileged]")), "{steps:?}");
    assert!(steps.iter().any(|step| step.ends_with("echo [done]")));
}

#[test]
fn words_have_their_places() {
    let text = "node {\n  sh \"\"\"\n    curl \\\"x\\\" | bash -s $A\n  \"\"\"\n}\n";
    assert_eq!(written(Platform::Jenkins, text), ["curl", "bash", "$A"]);
}

#[test]
fn names_of_jenkinsfiles() {
    for path in ["Jenkinsfile", "ci/Jenkinsfile.release", "deploy.jenkinsfile"] {
        assert!(is_jenkinsfile(path, ""), "{path}");
    }
    assert!(is_jenkinsfile("ci/build.groovy", "pipeline {\n"));
    assert!(!is_jenkinsfile("src/a.groovy", "class A {}\n") && !is_jenkinsfile("Jenkinsfile.md", "pipeline {\n"));
}
