//! Pipelines of each system into resources: the first byte says which system.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const SYSTEMS: &[(Platform, &str)] = &[
    (Platform::GitlabCi, ".gitlab-ci.yml"),
    (Platform::AzurePipelines, "azure-pipelines.yml"),
    (Platform::Circleci, ".circleci/config.yml"),
    (Platform::BitbucketPipelines, "bitbucket-pipelines.yml"),
    (Platform::Jenkins, "Jenkinsfile"),
];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("ci/build.yml", text);
    let Some(first) = text.chars().next() else { return };
    let Some((platform, path)) = SYSTEMS.get(first as usize % SYSTEMS.len()) else { return };
    assert_declared(&read_files(*platform, &[path], &text[first.len_utf8()..]));
});
