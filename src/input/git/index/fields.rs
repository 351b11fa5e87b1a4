//! Fields of the index one after the other.

/// What is left of the data.
pub(super) struct Fields<'d>(&'d [u8]);

impl<'d> Fields<'d> {
    pub(super) fn new(data: &'d [u8]) -> Self {
        Self(data)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Bytes that are left.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'d [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// What stands in front of the next `end`, which is passed over.
    pub(super) fn until(&mut self, end: u8) -> Option<&'d [u8]> {
        let at = memchr::memchr(end, self.0)?;
        let taken = self.take(at);
        self.take(1)?;
        taken
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2).and_then(|bytes| bytes.try_into().ok()).map(u16::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take(8).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes)
    }

    /// A number in decimal in front of the next `end`.
    pub(super) fn decimal<N: std::str::FromStr>(&mut self, end: u8) -> Option<N> {
        std::str::from_utf8(self.until(end)?).ok()?.parse().ok()
    }

    /// A number of seven bits a byte, the highest first, each but the last one less than it is (gitformat-pack(5), "offset
    /// encoding").
    pub(super) fn offset(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let &[byte] = self.take(1)? else { return None };
            value = value.checked_mul(128)?.checked_add(usize::from(byte & 127))?;
            if byte < 128 {
                return Some(value);
            }
            value = value.checked_add(1)?;
        }
    }
}
