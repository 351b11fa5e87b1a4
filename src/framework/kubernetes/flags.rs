//! Flags of the programs of a control plane and of a node, as a mapping that rules can look at.

use std::collections::HashMap;

use super::script::{self, Word};
use crate::document::node::{Entry, Mapping, Node, Value};
use crate::span::Span;

/// Programs whose flags are shown, each as a view of that name.
const PROGRAMS: &[&str] =
    &["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "etcd"];

/// Programs that run the program named behind them.
const WRAPPERS: &[&str] = &["dumb-init", "env", "exec", "go-runner", "hyperkube", "nice", "nohup", "sudo", "tini"];

/// Shells, which run the script behind `-c`.
const SHELLS: &[&str] = &["ash", "bash", "dash", "sh"];

/// The flags that a container gives to a program.
pub(super) struct Flags {
    /// One of [`PROGRAMS`].
    pub(super) program: &'static str,
    /// Flags without dashes in front, `_` written as `-`, and their values; of a flag that is given twice the last.
    pub(super) body: Node,
    /// The key of the container that holds them.
    pub(super) key: &'static str,
    /// Where a missing flag is reported: that key.
    pub(super) header: Span,
}

/// The flags of the program that `container` runs, if it is one of [`PROGRAMS`]. `text` is what its spans point into.
pub(super) fn of_container(container: &Node, text: &str) -> Option<Flags> {
    let (key, entry) = ["command", "args"].iter().find_map(|key| Some((*key, container.entry(key)?)))?;
    let mut line = exec_form(container);
    if line.first().is_some_and(|first| first.text.as_deref().is_some_and(|text| SHELLS.contains(&base_name(text)))) {
        let is_switch =
            |word: &Word| word.text.as_deref().is_some_and(|text| text.starts_with('-') && text.ends_with('c'));
        let at = line.iter().position(is_switch)?;
        let script = line.get(at + 1)?;
        let lines = script::commands(script.text.as_deref()?, script.span, text);
        line = lines.into_iter().find(|line| program(line).is_some())?;
    }
    let (at, program) = program(&line)?;
    let body = Node::new(entry.value.span, Value::Mapping(flags(line.get(at + 1..)?)));
    Some(Flags { program, body, key, header: entry.key.span })
}

/// The items of `command` and `args`.
fn exec_form(container: &Node) -> Vec<Word> {
    let mut words = Vec::new();
    for node in ["command", "args"].iter().filter_map(|key| container.get(key)) {
        match &node.value {
            Value::Sequence(items) => {
                words.extend(items.iter().map(|item| Word { text: item.as_str().map(str::to_owned), span: item.span }));
            }
            Value::Unknown => words.push(Word { text: None, span: node.span }),
            Value::Scalar { .. } | Value::Mapping(_) => {}
        }
    }
    words
}

/// The program that a command line runs, if it is one of [`PROGRAMS`], and the index of its word.
fn program(words: &[Word]) -> Option<(usize, &'static str)> {
    let mut is_wrapped = false;
    for (index, word) in words.iter().enumerate() {
        let text = word.text.as_deref()?;
        let name = base_name(text);
        if let Some(program) = PROGRAMS.iter().find(|program| {
            // Hyperkube takes the names of its programs without their prefix, too.
            **program == name || is_wrapped && program.strip_prefix("kube-") == Some(name)
        }) {
            return Some((index, program));
        }
        if WRAPPERS.contains(&name) {
            is_wrapped = true;
        } else if !(text.contains('=') || is_wrapped && text.starts_with('-')) {
            return None;
        }
    }
    None
}

/// The flags among the arguments of a program.
fn flags(words: &[Word]) -> Mapping {
    let mut flags = Mapping::default();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut rest = words.iter().peekable();
    while let Some(word) = rest.next() {
        let Some(text) = word.text.as_deref() else {
            flags.is_open = true;
            continue;
        };
        let flag = text.strip_prefix("--").or_else(|| text.strip_prefix('-')).unwrap_or_default();
        if !flag.starts_with(|c: char| c.is_ascii_alphabetic()) {
            // A variable may stand for any number of arguments.
            flags.is_open |= text.starts_with('$');
            continue;
        }
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, value_node(Some(value), word.span)),
            None => match rest.next_if(|next| next.text.as_deref().is_none_or(|text| !text.starts_with('-'))) {
                Some(next) => (flag, value_node(next.text.as_deref(), next.span)),
                None => (flag, Node::plain(word.span, "true")),
            },
        };
        let name = name.replace('_', "-");
        let entry = Entry::new(word.span, &name, value);
        if let Some(earlier) = places.get(&name).and_then(|&index| flags.entries.get_mut(index)) {
            *earlier = entry;
        } else {
            places.insert(name, flags.entries.len());
            flags.entries.push(entry);
        }
    }
    flags
}

/// The value of a flag; one with a variable or the output of a command is unknown, and an empty one is empty, not null.
fn value_node(value: Option<&str>, span: Span) -> Node {
    match value {
        Some("") => Node::text(span, ""),
        Some(value) if !value.contains(['$', '`']) => Node::plain(span, value),
        _ => Node::unknown(span),
    }
}

/// The last part of a path.
fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::yaml;

    fn flags_of(text: &str) -> Option<(String, Vec<(String, String)>)> {
        let roots = yaml::parse(text).unwrap();
        let flags = of_container(&roots[0], text)?;
        let entries = flags.body.as_mapping().unwrap().iter();
        let shown = entries.map(|entry| {
            let value = entry.value.as_str().unwrap_or("?");
            (entry.key.as_str().unwrap().to_owned(), value.to_owned())
        });
        Some((flags.program.to_owned(), shown.collect()))
    }

    fn expect(text: &str, program: &str, flags: &[(&str, &str)]) {
        let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(flags_of(text), Some((program.to_owned(), flags)), "{text}");
    }

    #[test]
    fn flags_in_every_form() {
        expect(
            "command:\n- kube-apiserver\n- --anonymous-auth=false\n- --profiling\n- --secure_port\n- '6443'\n- --empty=\n",
            "kube-apiserver",
            &[("anonymous-auth", "false"), ("profiling", "true"), ("secure-port", "6443"), ("empty", "")],
        );
        expect("command: [/usr/bin/etcd]\nargs: [-a=1, --b=$(X), --a=2]", "etcd", &[("a", "2"), ("b", "?")]);
        expect("command: [/hyperkube, apiserver, --a=1]", "kube-apiserver", &[("a", "1")]);
        expect("command: [/go-runner, --log-file=/x, kube-scheduler]\nargs: [--a=1]", "kube-scheduler", &[("a", "1")]);
        expect("args: [kubelet, --a=1]", "kubelet", &[("a", "1")]);
    }

    #[test]
    fn flags_in_a_script() {
        let script = "command:\n- /bin/sh\n- -ec\n- |\n  set -e; x=1\n  exec kube-apiserver --a=1 \\\n    '--b=x y' --c 2>&1 | tee /dev/null\n";
        expect(script, "kube-apiserver", &[("a", "1"), ("b", "x y"), ("c", "true")]);
        let branch = "command: [sh, -c, 'if true; then kubelet --a=1 --b=`x`; fi']";
        expect(branch, "kubelet", &[("a", "1"), ("b", "?")]);
        let roots = yaml::parse(script).unwrap();
        let body = of_container(&roots[0], script).unwrap().body;
        assert_eq!(body.get("a").unwrap().span.slice(script.as_bytes()), Some(&b"--a=1"[..]));
    }

    #[test]
    fn what_is_not_known_leaves_the_flags_open() {
        let is_open = |text: &str| {
            let roots = yaml::parse(text).unwrap();
            let Value::Mapping(mapping) = of_container(&roots[0], text).unwrap().body.value else { return false };
            mapping.is_open
        };
        assert!(is_open("command: [sh, -c, 'etcd --a $EXTRA']") || is_open("command: [sh, -c, 'etcd --a=1 $EXTRA']"));
        assert!(!is_open("command: [etcd, --a]"));
    }

    #[test]
    fn other_programs_have_no_flags() {
        for text in [
            "command: [nginx, --etcd]",
            "command: [nc, -z, etcd, '2379']",
            "command: [sh, -c, 'echo kubelet']",
            "command: [sh, -c]",
            "command: []",
            "command: etcd",
            "image: etcd",
        ] {
            assert_eq!(flags_of(text), None, "{text}");
        }
    }
}
