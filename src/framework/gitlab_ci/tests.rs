use crate::framework::pipeline::tests::{shown, source, written};
use crate::platform::Platform;

fn of(text: &str, kind: &str, keys: &[&str]) -> Vec<String> {
    shown(Platform::GitlabCi, text, kind, keys)
}

#[test]
fn jobs_have_what_they_extend() {
    let text = ".base:\n  image: a:1\n  variables: {A: x, B: y}\n  script: [one]\n.unused:\n  script: two\njob:\n  extends: .base\n  variables: {A: z}\nother:\n  extends: [.base, .elsewhere]\n  script: three\n";
    let jobs = of(text, "job", &["image", "script", "variable_entries", "is_template"]);
    assert_eq!(
        jobs,
        [
            "jobs.job: a:1 [one] [{name: A, value: z}, {name: B, value: y}] false",
            "jobs.other: a:1 three [{name: A, value: x}, {name: B, value: y}] false",
            "jobs..unused: - two [] true",
        ]
    );
    // The image of the template once, and not at the template, which is listed at its jobs.
    assert_eq!(of(text, "container", &["repository", "tag"]), ["jobs.job.image: a 1"]);
    assert_eq!(of(text, "script", &["text"]).len(), 3);
}

#[test]
fn scripts_follow_references_and_lists() {
    let text = ".a:\n  script:\n    - one\n    - [two, three]\njob:\n  before_script: !reference [.a, script]\n  script:\n    - !reference [.gone, script]\n    - four\n";
    let scripts = of(text, "script", &["text", "phase"]);
    assert_eq!(
        scripts,
        [
            "jobs.job.before_script[0]: one before_script",
            "jobs.job.before_script[1]: two before_script",
            "jobs.job.before_script[2]: three before_script",
            "jobs.job.script[0]: four script",
        ]
    );
    let circle = ".a:\n  script:\n    - !reference [.a, script]\n";
    assert!(of(circle, "script", &["text"]).is_empty());
}

#[test]
fn images_and_services_are_taken_apart() {
    let text = "image: $REGISTRY/build:$TAG\ndefault:\n  services:\n    - name: docker:27-dind\n      alias: docker\njob:\n  image: {name: 'node@sha256:00', entrypoint: ['']}\n  script: x\n";
    assert_eq!(
        of(text, "container", &["role", "repository", "tag", "is_pinned", "alias"]),
        [
            "default.services[0]: service docker 27-dind false docker",
            "image: job build ? ? -",
            "jobs.job.image: job node - true -"
        ]
    );
}

#[test]
fn includes_say_where_they_come_from() {
    let text = "include:\n  - local: a.yml\n  - project: b/c\n    ref: 787123b47f14b552955ca2786bc9542ae66fee5b\n    file: d.yml\n  - project: e/f\n    file: g.yml\n  - https://h.example/i.yml\n  - component: j.example/k/l@1.0\n  - project: m\n    ref: $REF\n";
    assert_eq!(
        of(text, "include", &["kind", "name", "is_pinned", "is_versioned", "is_remote"]),
        [
            "include[0]: local a.yml true true false",
            "include[1]: project b/c true true true",
            "include[2]: project e/f false false true",
            "include[3]: remote https://h.example/i.yml false false true",
            "include[4]: component j.example/k/l false true true",
            "include[5]: project m ? ? true",
        ]
    );
}

#[test]
fn a_variable_made_of_what_outsiders_control_is_untrusted() {
    let text = "variables: {TITLE: \"pr-$CI_MERGE_REQUEST_TITLE\", SAFE: x}\njob:\n  script:\n    - eval \"a $TITLE\" $SAFE\n    - b \"$TITLE\"\n";
    let scripts = of(text, "script", &["expansions"]);
    assert_eq!(
        scripts[0],
        "jobs.job.script[0]: [{name: TITLE, control: untrusted, is_substituted: false, is_evaluated: true, is_quoted: true}, {name: SAFE, control: defined, is_substituted: false, is_evaluated: true, is_quoted: false}]"
    );
    assert!(scripts[1].contains("is_evaluated: false"));
}

#[test]
fn commands_have_their_places() {
    let text = "job:\n  script:\n    - \"curl \\\"$URL\\\" \\\n      | bash\"\n    - |\n      make\n        $TARGET\n    - >-\n      folded\n      words\n";
    assert_eq!(written(Platform::GitlabCi, text), ["curl", "bash", "$URL", "make", "$TARGET", "$TARGET", "folded"]);
}

#[test]
fn a_file_with_too_much_says_so() {
    let jobs = (0..21_000).fold(String::new(), |text, job| text + &format!("j{job}: {{stage: a}}\n"));
    let source = source(Platform::GitlabCi, "file", &jobs);
    assert!(source.document.errors.iter().any(|error| error.message.contains("too many")));
    let lines = "    - a; b; c\n".repeat(4_000);
    let source = super::read(&format!("job:\n  script:\n{lines}"));
    assert!(source.errors.iter().any(|error| error.message.contains("commands")));
}

#[test]
fn a_file_that_is_none_declares_nothing() {
    for text in ["", "a", "[]", "---\n", "spec: {}\n", "a: [\n"] {
        let _ = of(text, "job", &[]);
    }
}
