use crate::framework::pipeline::tests::shown;
use crate::platform::Platform;

fn of(text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    shown(Platform::Circleci, text, kind, keys)
}

const TEXT: &str = "version: 2.1\norbs:\n  node: circleci/node@5.1.0\n  tools: acme/tools@dev:x\n  own:\n    jobs:\n      a:\n        docker: [{image: 'a:1'}]\n        steps: [run: one]\nexecutors:\n  e:\n    docker: [{image: e@sha256:00}]\ncommands:\n  c:\n    steps:\n      - run: {command: two << parameters.x >>}\njobs:\n  b:\n    resource_class: acme/own\n    docker:\n      - image: b:2\n      - image: db:3\n        environment: {PASSWORD: x}\n    environment: {A: b}\n    steps:\n      - checkout\n      - when:\n          condition: true\n          steps:\n            - run: three $CIRCLE_BRANCH\n      - run: {command: Get-Item, shell: powershell.exe}\n";

#[test]
fn jobs_commands_and_orbs() {
    assert_eq!(
        of(TEXT, "job", &["job_name", "uses_self_hosted_runner", "variable_entries"]),
        ["orbs.own.jobs.a: a false []", "jobs.b: b true [{name: A, value: b}]"]
    );
    assert_eq!(
        of(TEXT, "script", &["interpreter", "text"]),
        [
            "orbs.own.jobs.a.steps[0]: sh one",
            "jobs.b.steps[1][0]: sh three $CIRCLE_BRANCH",
            "jobs.b.steps[2]: powershell Get-Item",
            "commands.c.steps[0]: sh two << parameters.x >>",
        ]
    );
    assert_eq!(
        of(TEXT, "include", &["name", "ref", "is_pinned", "is_versioned"]),
        ["orbs.node: circleci/node 5.1.0 true true", "orbs.tools: acme/tools dev:x false false"]
    );
}

#[test]
fn images() {
    assert_eq!(
        of(TEXT, "container", &["role", "repository", "tag", "is_pinned", "variable_entries"]),
        [
            "orbs.own.jobs.a.docker[0]: job a 1 false []",
            "executors.e.docker[0]: job e - true []",
            "jobs.b.docker[0]: job b 2 false []",
            "jobs.b.docker[1]: service db 3 false [{name: PASSWORD, value: x}]",
        ]
    );
}
