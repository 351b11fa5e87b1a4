//! What holds for the result of every reader, whatever the input: the fuzz targets assert it.

use std::sync::Arc;

use lockgate::document::Document;
use lockgate::document::node::{Node, Value};
use lockgate::framework::{self, Project, Source};
use lockgate::platform::Platform;
use lockgate::span::Span;

/// The line that parts the files of an input that holds several.
const NEXT_FILE: &str = "\n# next file\n";

/// Panics unless `span` can be cut out of `text`.
pub fn assert_inside(text: &str, span: Span) {
    assert!(span.start <= span.end, "{span:?} ends before it starts");
    assert!(text.get(span.start..span.end).is_some(), "{span:?} cannot be cut out of a text of {} bytes", text.len());
}

/// Panics unless the span of `root` and of every node below it can be cut out of `text`.
pub fn assert_located(text: &str, root: &Node) {
    let mut rest = vec![root];
    while let Some(node) = rest.pop() {
        assert_inside(text, node.span);
        match &node.value {
            Value::Sequence(items) => rest.extend(items),
            Value::Mapping(mapping) => {
                rest.extend(mapping.entries.iter().flat_map(|entry| [&entry.key, &entry.value]));
            }
            Value::Scalar { .. } | Value::Unknown => {}
        }
    }
}

/// Panics unless everything in `document`, which was read of `text`, can be cut out of it, comments in order.
pub fn assert_read(text: &str, document: &Document) {
    document.roots.iter().for_each(|root| assert_located(text, root));
    document.comments.iter().for_each(|&comment| assert_inside(text, comment));
    assert!(document.comments.is_sorted(), "the comments are not in order");
    for error in &document.errors {
        assert_inside(text, Span::new(error.offset, error.offset));
        assert!(!error.message.is_empty());
    }
}

/// The files of `platform` that `text` holds, read under `paths`; those without a path are left out.
#[must_use]
pub fn read_files(platform: Platform, paths: &[&str], text: &str) -> Vec<Source> {
    let files = paths.iter().zip(text.split(NEXT_FILE));
    files.map(|(path, text)| framework::read(platform, &Arc::from(*path), text)).collect()
}

/// Panics unless all places in what `sources` declare lie in the text of their file, and all links lead to something.
pub fn assert_declared(sources: &[Source]) {
    for source in sources {
        assert_read(&source.text, &source.document);
    }
    let mut sources = sources.to_vec();
    let evaluated = framework::prepare(&mut sources);
    let sources = sources.as_slice();
    let project = Project::new(sources, &evaluated);
    let count = project.resources.len();
    assert_eq!((project.links.len(), project.views.len()), (count, count));
    for (number, resource) in project.resources.iter().enumerate() {
        let text = &sources[resource.source].text;
        assert_inside(text, resource.header);
        assert_inside(text, resource.extent);
        // The trees of the others are parts of what was read.
        if let std::borrow::Cow::Owned(body) = &resource.body {
            assert_located(text, body);
        }
        resource.scopes.iter().for_each(|scope| assert_inside(text, scope.header));
        assert!(project.views[resource.object].contains(&number), "{number} is no view of {}", resource.object);
        assert!(project.links[number].iter().all(|link| link.to < count));
    }
}

/// Panics when `message`, which quotes the input, would move the cursor of the terminal that it is printed on.
pub fn assert_printable(message: &str) {
    let moves = |c: char| c.is_control() && c != '\n';
    assert!(!message.contains(moves), "a message holds control characters: {message:?}");
}
