use crate::framework::pipeline::tests::shown;
use crate::platform::Platform;

fn of(text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    shown(Platform::BitbucketPipelines, text, kind, keys)
}

const TEXT: &str = "image: node:22\ndefinitions:\n  services:\n    db: {image: 'postgres:16'}\n  steps:\n    - step: &s\n        name: Shared\n        script: [shared]\npipelines:\n  default:\n    - step: *s\n    - parallel:\n        - step: {name: One, script: [one]}\n        - step: {name: Two, image: {name: a@sha256:00}, script: [two]}\n    - stage:\n        name: S\n        steps:\n          - step: {script: [three], after-script: [four]}\n  pull-requests:\n    '**':\n      - step:\n          runs-on: [self.hosted, linux]\n          script:\n            - pipe: acme/deploy:1.2.3\n              variables: {TOKEN: $T}\n            - five\n";

#[test]
fn steps_wherever_they_stand() {
    assert_eq!(
        of(TEXT, "job", &["job_name", "runs_on_pull_requests", "uses_self_hosted_runner"]),
        [
            "pipelines.default[0]: Shared false false",
            "pipelines.default[1][0]: One false false",
            "pipelines.default[1][1]: Two false false",
            "pipelines.default[2][0]: pipelines.default[2][0] false false",
            "pipelines.pull-requests.**[0]: pipelines.pull-requests.**[0] true true",
            "definitions.steps[0]: Shared false false",
        ]
    );
    let scripts = of(TEXT, "script", &["text", "phase"]);
    assert_eq!(scripts.len(), 6, "{scripts:?}");
    assert!(scripts.contains(&"pipelines.default[2][0].after-script[0]: four after-script".to_owned()));
}

#[test]
fn images_services_and_pipes() {
    assert_eq!(
        of(TEXT, "container", &["role", "repository", "is_pinned"]),
        [
            "image: job node false",
            "definitions.services.db: service postgres false",
            "pipelines.default[1][1].image: job a true"
        ]
    );
    assert_eq!(
        of(TEXT, "include", &["kind", "name", "ref", "is_versioned"]),
        ["pipelines.pull-requests.**[0].script[0]: pipe acme/deploy 1.2.3 true"]
    );
    assert_eq!(
        of(TEXT, "step", &["variable_entries"]),
        ["pipelines.pull-requests.**[0].script[0]: [{name: TOKEN, value: $T}]"]
    );
}
