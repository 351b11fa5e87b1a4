//! Finds thousands of literals in one pass: the prefilter in front of every rule.
//!
//! At each position of the text, the next four bytes, with the bit of letter case set, are hashed into a bitmap that fits
//! the first-level cache; nearly every position ends there, after a handful of instructions that do not depend on the
//! position before. What begins like a longer literal must pass a second bitmap with its first six bytes; what passes that
//! is looked up and compared in full. A literal may be as long as it likes: it costs no more to look for. Compared with an
//! automaton over the same literals, the pass is several times faster on source code and takes next to nothing to build,
//! which is what a hook on three changed files waits for.

/// Shortest literal.
const SHORT: usize = 3;
/// Bytes that are hashed at every position.
const MIDDLE: usize = 4;
/// Bytes that are hashed where a long literal may stand.
const LONG: usize = 6;
/// Sets the bit that tells small letters from capitals, in each byte of a word. Other bytes may fall together; they are
/// told apart by the comparison.
const FOLD: u32 = 0x2020_2020;
/// The bytes of a short literal in a word.
const SHORT_MASK: u32 = 0x00ff_ffff;
/// Bits of a bitmap: 8 KiB.
const BITS: usize = 1 << 16;

/// A literal to be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Literal {
    /// Its bytes; small letters where case does not count.
    pub(super) bytes: Box<[u8]>,
    /// Whether capitals and small letters differ.
    pub(super) exact: bool,
}

impl Literal {
    fn stands_at(&self, text: &[u8], at: usize) -> bool {
        let Some(found) = text.get(at..at + self.bytes.len()) else { return false };
        if self.exact {
            return *found == *self.bytes;
        }
        // From the end: how it begins is known, more or less. A loop over one index costs half of what two iterators do.
        let mut left = found.len();
        while left > 0 {
            left -= 1;
            if !found[left].eq_ignore_ascii_case(&self.bytes[left]) {
                return false;
            }
        }
        true
    }
}

/// All literals, ready to be found.
pub(super) struct Literals {
    all: Vec<Literal>,
    /// First four bytes of every literal that has as many.
    starts: Bitmap,
    /// Literals of six bytes and more.
    long: Table,
    /// Literals of four and five bytes.
    middle: Table,
    /// Literals of three bytes.
    short: Table,
}

impl Literals {
    /// Prepares `literals`, each of which has at least three bytes; a shorter one is never found.
    pub(super) fn new(literals: Vec<Literal>) -> Self {
        let mut starts = Bitmap::new();
        let (mut long, mut middle, mut short) = (Vec::new(), Vec::new(), Vec::new());
        for (index, Literal { bytes, .. }) in (0_u32..).zip(&literals) {
            let start = word(bytes);
            match bytes.len() {
                0..SHORT => continue,
                SHORT => short.push((start & SHORT_MASK, index)),
                MIDDLE..LONG => middle.push((start, index)),
                LONG.. => long.push((long_key(start, word(&bytes[LONG - MIDDLE..])), index)),
            }
            if bytes.len() > SHORT {
                starts.set(start);
            }
        }
        Self { all: literals, starts, long: Table::new(long), middle: Table::new(middle), short: Table::new(short) }
    }

    /// Calls `found` with the index of each literal, the offset at which it stands and its length, by ascending offset.
    pub(super) fn find(&self, text: &[u8], mut found: impl FnMut(usize, usize, usize)) {
        if self.all.is_empty() {
            return;
        }
        let mut compare = |at: usize, indices: &[u32]| {
            for &index in indices {
                let literal = &self.all[index as usize];
                if literal.stands_at(text, at) {
                    found(index as usize, at, literal.bytes.len());
                }
            }
        };
        let mut from = 0;
        while let Some((at, start)) = self.next_start(text, from) {
            compare(at, self.short.get(start & SHORT_MASK));
            if self.starts.may_hold(start) {
                compare(at, self.middle.get(start));
                if let Some(rest) = text.get(at + LONG - MIDDLE..at + LONG) {
                    compare(at, self.long.get(long_key(start, word(rest))));
                }
            }
            from = at + 1;
        }
        if let Some(at) = text.len().checked_sub(SHORT) {
            compare(at, self.short.get(word(&text[at..]) & SHORT_MASK));
        }
    }

    /// The first position from `from` on at which a literal may begin, with the bytes there. This is where the time goes.
    fn next_start(&self, text: &[u8], from: usize) -> Option<(usize, u32)> {
        let (starts, short) = (&self.starts, &self.short.bitmap);
        (from..).zip(text.get(from..)?.windows(MIDDLE)).find_map(|(at, bytes)| {
            let start = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) | FOLD;
            (starts.may_hold(start) | short.may_hold(start & SHORT_MASK)).then_some((at, start))
        })
    }
}

/// The first four bytes of `bytes`, folded; fewer are filled up.
#[inline]
fn word(bytes: &[u8]) -> u32 {
    let mut first = [0; MIDDLE];
    for (slot, &byte) in first.iter_mut().zip(bytes) {
        *slot = byte;
    }
    u32::from_le_bytes(first) | FOLD
}

/// Six bytes in one key: the first four, and the last four, which share two.
#[inline]
fn long_key(start: u32, end: u32) -> u32 {
    hash(start) ^ end.rotate_left(15)
}

/// Multiplicative hashing (Knuth, "The Art of Computer Programming", volume 3, section 6.4): the high bits are well mixed.
#[inline]
fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B1)
}

/// A set of keys that may claim to hold a few more.
struct Bitmap(Box<[u32; BITS / 32]>);

impl Bitmap {
    fn new() -> Self {
        Self(Box::new([0; BITS / 32]))
    }

    fn set(&mut self, key: u32) {
        let bit = hash(key) >> 16;
        self.0[(bit >> 5) as usize] |= 1 << (bit & 31);
    }

    #[inline]
    fn may_hold(&self, key: u32) -> bool {
        let bit = hash(key) >> 16;
        self.0[(bit >> 5) as usize] >> (bit & 31) & 1 == 1
    }
}

/// Literals by a key of their first bytes.
struct Table {
    bitmap: Bitmap,
    /// Open addressing: a key and where its literals stand in `indices`. The length is a power of two.
    slots: Box<[Slot]>,
    indices: Box<[u32]>,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    key: u32,
    start: u32,
    /// 0 for an empty slot.
    count: u32,
}

impl Table {
    /// `keys` are pairs of a key and the index of a literal.
    fn new(mut keys: Vec<(u32, u32)>) -> Self {
        keys.sort_unstable();
        let mut table = Self {
            bitmap: Bitmap::new(),
            // At most half of the slots are taken, so that every search ends.
            slots: vec![Slot::default(); (keys.len() * 2).next_power_of_two()].into(),
            indices: keys.iter().map(|&(_, index)| index).collect(),
        };
        let mut start = 0;
        for group in keys.chunk_by(|a, b| a.0 == b.0) {
            let (key, count) = (group[0].0, u32::try_from(group.len()).unwrap_or(u32::MAX));
            table.bitmap.set(key);
            let mut slot = table.home(key);
            while table.slots[slot].count != 0 {
                slot = (slot + 1) & (table.slots.len() - 1);
            }
            table.slots[slot] = Slot { key, start, count };
            start += count;
        }
        table
    }

    /// Indices of the literals with this key.
    #[inline]
    fn get(&self, key: u32) -> &[u32] {
        if self.bitmap.may_hold(key) { self.look_up(key) } else { &[] }
    }

    fn look_up(&self, key: u32) -> &[u32] {
        let mut at = self.home(key);
        loop {
            let Slot { key: other, start, count } = self.slots[at];
            if count == 0 {
                return &[];
            }
            if other == key {
                return &self.indices[start as usize..(start + count) as usize];
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn home(&self, key: u32) -> usize {
        (hash(key) >> 8) as usize & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    fn literal(text: &str, exact: bool) -> Literal {
        Literal { bytes: text.as_bytes().into(), exact }
    }

    fn find(literals: &[Literal], text: &[u8]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        Literals::new(literals.to_vec()).find(text, |index, at, _| found.push((at, index)));
        found
    }

    #[test]
    fn literals_are_found_everywhere_in_order() {
        let literals = [literal("key", false), literal("secret", false), literal("AKIA", true), literal("keys", false)];
        assert_eq!(find(&literals, b"Keys AKIA akia SECRET key"), [(0, 0), (0, 3), (5, 2), (15, 1), (22, 0)]);
        assert_eq!(find(&literals, b"key"), [(0, 0)]);
        assert_eq!(find(&literals, b"ke"), []);
        assert_eq!(find(&[], b"anything"), []);
    }

    #[test]
    fn bytes_that_fold_together_are_told_apart() {
        // `@` and a backtick differ in the bit of letter case alone, as do `_` and DEL.
        assert_eq!(find(&[literal("a@b_", false)], b"a`b\x7f a@b_"), [(5, 0)]);
    }

    proptest! {
        /// The same hits as an automaton finds, for literals and texts that collide a lot.
        #[test]
        fn an_automaton_finds_the_same(
            words in proptest::collection::btree_set("[ab_@`]{3,8}", 1..12),
            text in "[abAB_@`]{0,200}",
        ) {
            let literals: Vec<Literal> = words.iter().map(|word| literal(word, false)).collect();
            let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&words).unwrap();
            let mut expected: Vec<(usize, usize)> = automaton
                .find_overlapping_iter(text.as_bytes())
                .map(|found| (found.start(), found.pattern().as_usize()))
                .collect();
            expected.sort_unstable();
            let mut found = find(&literals, text.as_bytes());
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
