//! Keys that are set twice, which the parser refuses: in an object the last one counts, by HCL's rules, and in a body it is
//! a mistake that need not cost the block. Each is renamed to a word of the same length, and the tree gets its name back.

use std::collections::HashMap;

/// What a renamed key begins with and consists of.
const LETTERS: &[u8; 53] = b"_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Renamed keys: the offset at which each is written, and its name.
#[derive(Debug, Default)]
pub(super) struct Renamed {
    names: HashMap<usize, Box<str>>,
    /// How many names were made up.
    count: usize,
}

impl Renamed {
    /// The name of the key at `offset`, when it was renamed.
    pub(super) fn name(&self, offset: usize) -> Option<&str> {
        self.names.get(&offset).map(|name| &**name)
    }

    /// Renames the key at `offset` of `text`; `false` when it is neither a word nor a plain string.
    pub(super) fn rename(&mut self, text: &mut String, offset: usize) -> bool {
        let rest = text.get(offset..).unwrap_or_default();
        let (start, name) = match rest.strip_prefix('"') {
            Some(rest) => (offset + 1, rest.split('"').next().unwrap_or_default()),
            None => (
                offset,
                rest.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))).next().unwrap_or_default(),
            ),
        };
        if name.is_empty() || name.contains(['\\', '$', '%', '\n']) {
            return false;
        }
        let end = start + name.len();
        let name = name.into();
        // A name that was made up may be taken, too: then the parser says so, and it is renamed once more.
        self.names.entry(offset).or_insert(name);
        text.replace_range(start..end, &self.made_up(end - start));
        true
    }

    fn made_up(&mut self, length: usize) -> String {
        self.count += 1;
        let mut rest = self.count;
        let mut name = String::with_capacity(length);
        for _ in 0..length {
            name.push(LETTERS.get(rest % LETTERS.len()).map_or('_', |&letter| char::from(letter)));
            rest /= LETTERS.len();
        }
        name
    }
}
