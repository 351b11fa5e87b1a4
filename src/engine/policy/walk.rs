//! Paths over trees: every value that a path reaches, and every place where it finds nothing.

use super::steps::Steps;
use crate::document::node::{Mapping, Node, Value};
use crate::rules::path::Segment;
use crate::span::Span;

/// A value in hand: where paths without a scope begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'n> {
    /// The value.
    pub(super) node: &'n Node,
    /// Where a missing attribute of it is reported.
    pub(super) header: Span,
    /// The key that it stands under, when it is the value of an entry.
    pub(super) key: Option<&'n Node>,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Reached<'n> {
    /// A value that is not null; it may be unknown.
    Present(Place<'n>),
    /// Nothing.
    Missing {
        /// The key of the deepest parent that is there.
        header: Span,
        /// The parent may hold more than is written.
        may_exist: bool,
    },
}

/// The way to a value, for telling it to people. Built on the stack, so that looking costs nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trail<'t> {
    /// Where the path began.
    Start(&'t str),
    /// Into an entry.
    Key(&'t Trail<'t>, &'t str),
    /// Into an item.
    Item(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    /// The way as a path: `spec.containers[0].image`.
    pub(super) fn render(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Start(base) => out.push_str(base),
            Self::Key(parent, key) => {
                parent.write(out);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Self::Item(parent, index) => {
                parent.write(out);
                out.push('[');
                out.push_str(&index.to_string());
                out.push(']');
            }
        }
    }
}

/// What is called for everything that a path reaches.
pub(super) type Visit<'v, 'n> = dyn FnMut(Reached<'n>, &Trail<'_>) + 'v;

/// Follows `segments` from `place` and calls `visit` for everything they lead to. A list without items leads to nothing at
/// all, and so does a list that is not there. When no `steps` are left, nothing more is reached.
pub(super) fn walk<'n>(
    steps: &Steps,
    place: Place<'n>,
    segments: &[Segment],
    trail: &Trail<'_>,
    visit: &mut Visit<'_, 'n>,
) {
    let Place { node, header, .. } = place;
    if !steps.take_for(node) {
        return;
    }
    let missing = |may_exist| Reached::Missing { header, may_exist };
    let Some((segment, rest)) = segments.split_first() else {
        let reached = if node.is_null() { missing(false) } else { Reached::Present(place) };
        return visit(reached, trail);
    };
    if matches!(node.value, Value::Unknown) {
        return visit(Reached::Present(place), trail);
    }
    match (segment, &node.value) {
        (Segment::Key(key), Value::Mapping(mapping)) => match node.entry(key) {
            Some(entry) => {
                let place = Place { node: &entry.value, header: entry.key.span, key: Some(&entry.key) };
                walk(steps, place, rest, &Trail::Key(trail, key), visit);
            }
            None if wants_items(rest) && !mapping.is_open => {}
            None => visit(missing(mapping.is_open), &missing_trail(trail, segment)),
        },
        // Repeated blocks read like single ones.
        (Segment::Key(_), Value::Sequence(items)) if !items.is_empty() => {
            items_of(steps, items, segments, trail, visit);
        }
        (Segment::Items | Segment::Values, Value::Sequence(items)) => items_of(steps, items, rest, trail, visit),
        (Segment::Items, _) if node.is_null() => {}
        (Segment::Items, _) => walk(steps, place, rest, trail, visit),
        (Segment::Item(index), Value::Sequence(items)) => {
            let from_end = items.len().checked_sub(index.unsigned_abs() as usize);
            let index = if *index < 0 { from_end } else { usize::try_from(*index).ok() };
            match index.and_then(|index| items.get(index).map(|item| (index, item))) {
                Some((index, item)) => walk(steps, item_place(item), rest, &Trail::Item(trail, index), visit),
                None => visit(missing(false), trail),
            }
        }
        (Segment::Values, Value::Mapping(Mapping { entries, is_open })) => {
            for entry in entries {
                let place = Place { node: &entry.value, header: entry.key.span, key: Some(&entry.key) };
                walk(steps, place, rest, &Trail::Key(trail, entry.key.as_str().unwrap_or("*")), visit);
            }
            if *is_open {
                visit(missing(true), trail);
            }
        }
        (Segment::Keys, Value::Mapping(Mapping { entries, is_open })) => {
            for entry in entries {
                let place = Place { node: &entry.key, header: entry.key.span, key: None };
                walk(steps, place, rest, &Trail::Key(trail, entry.key.as_str().unwrap_or("*")), visit);
            }
            if *is_open {
                visit(missing(true), trail);
            }
        }
        (Segment::Deep, _) => deep(steps, place, rest, trail, visit),
        (Segment::Values | Segment::Keys, _) => {}
        (Segment::Key(_), _) if wants_items(rest) => {}
        (Segment::Key(_) | Segment::Item(_), _) => visit(missing(false), &missing_trail(trail, segment)),
    }
}

/// Whether the path goes on into the items of a list or mapping: then what is not there has no items.
fn wants_items(rest: &[Segment]) -> bool {
    rest.iter().any(|segment| matches!(segment, Segment::Items | Segment::Values | Segment::Keys | Segment::Deep))
}

fn missing_trail<'t>(trail: &'t Trail<'t>, segment: &'t Segment) -> Trail<'t> {
    match segment {
        Segment::Key(key) => Trail::Key(trail, key),
        _ => *trail,
    }
}

fn item_place(item: &Node) -> Place<'_> {
    // What names an item is its first line.
    let header = match item.as_mapping().and_then(<[_]>::first) {
        Some(entry) => entry.key.span,
        None => item.span,
    };
    Place { node: item, header, key: None }
}

fn items_of<'n>(steps: &Steps, items: &'n [Node], rest: &[Segment], trail: &Trail<'_>, visit: &mut Visit<'_, 'n>) {
    for (index, item) in items.iter().enumerate() {
        walk(steps, item_place(item), rest, &Trail::Item(trail, index), visit);
    }
}

/// Applies `rest` at `place` and at everything inside of it; only what is there counts. The parsers bound the depth.
fn deep<'n>(steps: &Steps, place: Place<'n>, rest: &[Segment], trail: &Trail<'_>, visit: &mut Visit<'_, 'n>) {
    // A key goes into the items of a list by itself, and so does this function.
    let is_twice = matches!((rest.first(), &place.node.value), (Some(Segment::Key(_)), Value::Sequence(_)));
    if !is_twice {
        walk(steps, place, rest, trail, &mut |reached, trail| {
            if matches!(reached, Reached::Present(_)) {
                visit(reached, trail);
            }
        });
    }
    match &place.node.value {
        Value::Mapping(mapping) => {
            for entry in &mapping.entries {
                let inner = Place { node: &entry.value, header: entry.key.span, key: Some(&entry.key) };
                deep(steps, inner, rest, &Trail::Key(trail, entry.key.as_str().unwrap_or("*")), visit);
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                deep(steps, item_place(item), rest, &Trail::Item(trail, index), visit);
            }
        }
        Value::Scalar { .. } | Value::Unknown => {}
    }
}

/// Calls `visit` for each item of what was reached: those of a list, or the value itself.
pub(super) fn each_item<'n>(place: Place<'n>, trail: &Trail<'_>, visit: &mut dyn FnMut(Place<'n>, &Trail<'_>)) {
    match place.node.as_sequence() {
        Some(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item_place(item), &Trail::Item(trail, index));
            }
        }
        None => visit(place, trail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;
    use crate::rules::path::Path;

    /// What `path` reaches in `text`, as `trail=value` or `trail-` for what is missing (`trail?` where it may exist).
    fn reached(text: &str, path: &str) -> String {
        let root = &yaml::parse(text).unwrap()[0];
        let path = Path::parse(path).unwrap();
        let mut found = Vec::new();
        let place = Place { node: root, header: Span::new(0, 0), key: None };
        walk(&Steps::after(0), place, &path.alternatives[0].segments, &Trail::Start(""), &mut |reached, trail| {
            found.push(match reached {
                Reached::Present(place) => format!("{}={}", trail.render(), place.node.as_str().unwrap_or("…")),
                Reached::Missing { header, .. } => format!("{}-@{}", trail.render(), &text[header.start..header.end]),
            });
        });
        found.join(" ")
    }

    #[test]
    fn every_kind_of_step() {
        let text = "a: {b: 1, c: [{d: 2}, {d: 3}, {e: 4}]}\nn:\nl: []\n";
        assert_eq!(reached(text, "a.b"), "a.b=1");
        assert_eq!(reached(text, "a.c[*].d"), "a.c[0].d=2 a.c[1].d=3 a.c[2].d-@e");
        assert_eq!(reached(text, "a.c.d"), "a.c[0].d=2 a.c[1].d=3 a.c[2].d-@e");
        assert_eq!(reached(text, "a.c[1].d"), "a.c[1].d=3");
        assert_eq!(reached(text, "a.c[-3].d"), "a.c[0].d=2");
        assert_eq!(reached(text, "a.x.y"), "a.x-@a");
        assert_eq!(reached(text, "a.b.y"), "a.b.y-@b");
        assert_eq!(reached(text, "n"), "n-@n");
        assert_eq!(reached(text, "n.x"), "n.x-@n");
        assert_eq!(reached(text, "a.~"), "a.b=b a.c=c");
        assert_eq!(reached(text, "a.c[*].*"), "a.c[0].d=2 a.c[1].d=3 a.c[2].e=4");
        assert_eq!(reached(text, "**.d"), "a.c[0].d=2 a.c[1].d=3");
        assert_eq!(reached(text, "."), "=…");
    }

    #[test]
    fn a_list_that_is_empty_or_not_there_has_no_items() {
        for path in ["l[*].x", "n[*].x", "x[*].y", "a.x.y[*].z", "a.b.*", "n.*.x"] {
            assert_eq!(reached("a: {b: 1}\nn:\nl: []\n", path), "", "{path}");
        }
        assert_eq!(reached("l: []\n", "l.x"), "l.x-@l");
        assert_eq!(reached("a: {b: 1}\n", "a[*].b"), "a.b=1");
    }
}
