//! The policy engine with the built-in rules and with rules that hold every operator: what is found can be cut out of the text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lockgate::engine::policy::{ParameterValues, PolicyEngine, PolicyOutcome};
use lockgate::framework::{self, Project};
use lockgate::platform::Platform;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::{builtin, load};
use lockgate_fuzz::{assert_inside, read_files};

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut rules = builtin::rules();
    rules.extend(load::load("policy.yaml", include_str!("policy.yaml")).expect("the rules load"));
    Catalogue::new(rules)
});
static ENGINE: LazyLock<PolicyEngine<'static>> =
    LazyLock::new(|| PolicyEngine::new(&CATALOGUE, |_| true, &ParameterValues::new()).expect("the rules compile"));

fuzz_target!(|text: &str| {
    let files = [
        (Platform::Kubernetes, "all.yaml"),
        (Platform::Compose, "compose.yaml"),
        (Platform::Dockerfile, "Dockerfile"),
        (Platform::Bake, "docker-bake.hcl"),
    ];
    for (platform, path) in files {
        let mut sources = read_files(platform, &[path], text);
        let evaluated = framework::prepare(&mut sources);
        let project = Project::new(&sources, &evaluated);
        let mut outcome = PolicyOutcome::default();
        for resource in 0..project.resources.len() {
            ENGINE.evaluate(&project, resource, &mut outcome);
        }
        for detection in outcome.detections {
            assert_inside(&sources[0].text, detection.span);
            assert!(detection.resource < project.resources.len());
        }
    }
});
