//! An index in two files (gitformat-index(5), "Split index"): one that is shared and stays, and one with what changed since.

use gix::ObjectId;
use gix::hash::Kind;

use super::entries::Entry;
use super::fields::Fields;
use super::file::object_id;

const BROKEN: &str = "its link to the shared index is broken";

/// How the entries of an index come out of the shared one.
#[derive(Debug)]
pub(super) struct Link {
    /// The checksum of the shared index, which its name ends with.
    pub(super) shared: ObjectId,
    deleted: Bitmap,
    replaced: Bitmap,
}

impl Link {
    /// `None` when nothing is shared.
    pub(super) fn decode(data: &[u8], hash: Kind) -> Result<Option<Self>, &'static str> {
        let mut fields = Fields::new(data);
        let shared = object_id(&mut fields, hash).ok_or(BROKEN)?;
        if shared.is_null() {
            return Ok(None);
        }
        let (mut deleted, mut replaced) = (Bitmap::default(), Bitmap::default());
        if !fields.is_empty() {
            deleted = Bitmap::read(&mut fields).ok_or(BROKEN)?;
            replaced = Bitmap::read(&mut fields).ok_or(BROKEN)?;
        }
        if fields.is_empty() { Ok(Some(Self { shared, deleted, replaced })) } else { Err(BROKEN) }
    }

    /// All entries, out of those of the `shared` index and those of the index itself, the replacements first.
    pub(super) fn merge(&self, mut shared: Vec<Entry>, own: Vec<Entry>) -> Result<Vec<Entry>, &'static str> {
        let mut own = own.into_iter();
        for place in self.replaced.places(shared.len()).ok_or(BROKEN)? {
            let entry = shared.get_mut(place).ok_or(BROKEN)?;
            let replacement = own.next().filter(Entry::is_replacement).ok_or(BROKEN)?;
            *entry = replacement.in_place_of(entry);
        }
        let deleted = self.deleted.places(shared.len()).ok_or(BROKEN)?;
        let mut deleted = deleted.into_iter().peekable();
        let mut merged = Vec::new();
        for (place, entry) in shared.into_iter().enumerate() {
            if deleted.next_if_eq(&place).is_none() {
                merged.push(entry);
            }
        }
        for entry in own {
            if entry.is_replacement() {
                return Err(BROKEN);
            }
            merged.push(entry);
        }
        Ok(merged)
    }
}

/// Bits, of which runs are written as their length (gitformat-bitmap(5), "EWAH").
#[derive(Debug, Default)]
struct Bitmap(Vec<u64>);

impl Bitmap {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let _bits = fields.u32()?;
        let count = usize::try_from(fields.u32()?).ok()?;
        let mut words = Fields::new(fields.take(count.checked_mul(8)?)?);
        let _place_of_last_run = fields.u32()?;
        Some(Self(std::iter::from_fn(|| words.u64()).collect()))
    }

    /// The places of the bits that are set, in order. `None` when one is not below `end`, or a word is missing.
    fn places(&self, end: usize) -> Option<Vec<usize>> {
        let mut places = Vec::new();
        let mut at = 0_usize;
        let mut words = self.0.iter();
        while let Some(&run) = words.next() {
            // From the lowest bit: what the run is of, 32 bits of its length in words, 31 bits of how many plain words follow.
            let length = usize::try_from(run >> 1 & 0xFFFF_FFFF).ok()?.checked_mul(64)?;
            let next = at.checked_add(length)?;
            if run & 1 == 1 {
                if next > end {
                    return None;
                }
                places.extend(at..next);
            }
            at = next;
            for _ in 0..run >> 33 {
                let mut word = *words.next()?;
                while word != 0 {
                    let place = at.checked_add(usize::try_from(word.trailing_zeros()).ok()?)?;
                    if place >= end {
                        return None;
                    }
                    places.push(place);
                    word &= word - 1;
                }
                at = at.checked_add(64)?;
            }
        }
        Some(places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word in front of a run of `length` words of `bit`, with `plain` words behind it.
    fn run(bit: u64, length: u64, plain: u64) -> u64 {
        bit | length << 1 | plain << 33
    }

    #[test]
    fn runs_and_plain_words_set_bits() {
        let bitmap = Bitmap(vec![run(0, 2, 1), 0b101, run(1, 1, 0), run(0, 0, 1), 1 << 63]);
        let mut expected = vec![128, 130];
        expected.extend(192..256);
        expected.push(319);
        assert_eq!(bitmap.places(320), Some(expected));
        assert_eq!(bitmap.places(319), None);
    }

    #[test]
    fn a_run_beyond_the_end_costs_nothing() {
        assert_eq!(Bitmap(vec![run(1, 0xFFFF_FFFF, 0)]).places(1000), None);
        assert_eq!(Bitmap(vec![run(0, 0xFFFF_FFFF, 0)]).places(1000), Some(vec![]));
        assert_eq!(Bitmap(vec![run(0, 0, 2), 1]).places(1000), None);
    }
}
