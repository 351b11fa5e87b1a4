//! Comments and annotations that silence misconfigurations: bounded, printable, and none of them silences a secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lockgate::finding::Category;
use lockgate::framework::{self, Project};
use lockgate::platform::Platform;
use lockgate::span::{LineIndex, Span};
use lockgate::suppress::annotations::AnnotationSuppressions;
use lockgate::suppress::inline::{InlineSuppressions, Target};
use lockgate_fuzz::{assert_printable, read_files};

/// Most resources that are asked about.
const MAX_RESOURCES: usize = 64;

fuzz_target!(|text: &str| {
    let mut sources = read_files(Platform::Kubernetes, &["all.yaml"], text);
    let (text, document) = (&sources[0].text, &sources[0].document);
    let middle = text.floor_char_boundary(text.len() / 2);
    let secrets = [Span::new(middle, text.floor_char_boundary(middle.saturating_add(16)))];
    let comments = InlineSuppressions::parse_document(text, &secrets, &document.comments);
    let lines = LineIndex::new(text);
    let evaluated = framework::prepare(&mut sources);
    let project = Project::new(&sources, &evaluated);
    let aliases = ["old-rule".to_owned()];
    let equivalents = ["checkov:CKV_K8S_16".to_owned(), "kube-linter:privileged-container".to_owned()];
    for resource in project.resources.iter().take(MAX_RESOURCES) {
        let annotations = AnnotationSuppressions::read(project.annotations(resource), &secrets);
        let (place, extent) = (lines.region(text, resource.header), lines.region(text, resource.extent));
        for category in [Category::Privilege, Category::Secret] {
            let target = Target {
                rule: "a-rule",
                aliases: &aliases,
                equivalents: &equivalents,
                category,
                first_line: place.start.line,
                last_line: place.end.line,
                extent: Some((extent.start.line, extent.end.line)),
            };
            let by_annotation = annotations.find(&target);
            assert!(category != Category::Secret || by_annotation.is_none(), "an annotation silences a secret");
            for suppression in [by_annotation, comments.find(&target)].into_iter().flatten() {
                assert_printable(suppression.justification.as_deref().unwrap_or_default());
            }
        }
    }
});
