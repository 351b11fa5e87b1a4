//! The policy engine with rules that hold every operator: what is found can be cut out of the text.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use lockgate::engine::policy::{ParameterValues, PolicyEngine};
use lockgate::framework::Project;
use lockgate::platform::Platform;
use lockgate::rules::catalogue::Catalogue;
use lockgate::rules::load;
use lockgate_fuzz::{assert_inside, read_files};

static ENGINE: LazyLock<PolicyEngine> = LazyLock::new(|| {
    let rules = load::load("policy.yaml", include_str!("policy.yaml")).expect("the rules load");
    PolicyEngine::new(&Catalogue::new(rules), |_| true, &ParameterValues::new()).expect("the rules compile")
});

fuzz_target!(|text: &str| {
    for (platform, path) in [(Platform::Kubernetes, "all.yaml"), (Platform::Compose, "compose.yaml")] {
        let sources = read_files(platform, &[path], text);
        let project = Project::new(&sources);
        let mut found = Vec::new();
        for resource in 0..project.resources.len() {
            ENGINE.evaluate(&project, resource, &mut found);
        }
        for detection in found {
            assert_inside(&sources[0].text, detection.span);
            assert!(detection.resource < project.resources.len());
        }
    }
});
