//! Configuration of Terraform, up to five files of two modules with values and a plan, into resources and their links.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::framework;
use lockgate::platform::Platform;
use lockgate_fuzz::{assert_declared, read_files};

const PATHS: &[&str] = &["main.tf", "m/main.tf", "prod.tfvars", "z_override.tf.json", "plan.json"];

fuzz_target!(|text: &str| {
    // What it is taken for decides about nothing here, but must be told of any text.
    let _ = framework::classify("plan.json", text);
    assert_declared(&read_files(Platform::Terraform, PATHS, text));
});
