//! The members of a tar archive, one after the other, from a stream (POSIX.1-2017, `pax`; GNU tar manual, "Basic Tar
//! Format"). Nothing is created: of links and devices there are only the names.

use std::io::{self, Read};

use super::bounds::{MAX_EXTENDED_HEADER, MAX_NAME};

/// Headers and data are padded to blocks of this size.
const BLOCK: usize = 512;
/// Where a header keeps its checksum.
const CHECKSUM: std::ops::Range<usize> = 148..156;
/// Most headers of sparse maps that are passed over for one member.
const MAX_SPARSE_HEADERS: usize = 1000;

/// One member.
#[derive(Debug)]
pub(super) struct Entry {
    /// As it stands in the archive.
    pub(super) name: Vec<u8>,
    pub(super) form: Form,
    /// Where a link leads.
    pub(super) target: Vec<u8>,
}

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    File,
    Directory,
    /// Hard or symbolic.
    Link,
    Other,
}

/// Reads an archive.
pub(super) struct Tar<'r> {
    source: &'r mut dyn Read,
    /// Bytes of the member, and of its padding, that are still to be read.
    left: u64,
    padding: u64,
}

/// Names and sizes that headers in front of the member's own give it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    target: Option<Vec<u8>>,
    size: Option<u64>,
}

impl<'r> Tar<'r> {
    pub(super) fn new(source: &'r mut dyn Read) -> Self {
        Self { source, left: 0, padding: 0 }
    }

    /// The next member; `None` at the end of the archive. Its data is what `self` reads until the next call.
    ///
    /// # Errors
    ///
    /// What is broken about the archive.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, String> {
        let mut extended = Extended::default();
        loop {
            self.skip_data()?;
            let Some(header) = self.header()? else { return Ok(None) };
            self.left = number(&header[124..136]).ok_or("a header has no valid size")?;
            self.padding = (BLOCK as u64 - self.left % BLOCK as u64) % BLOCK as u64;
            let kind = header[156];
            match kind {
                b'L' => extended.name = Some(until_nul(&self.extended_header()?).to_vec()),
                b'K' => extended.target = Some(until_nul(&self.extended_header()?).to_vec()),
                b'x' | b'X' => pax_records(&self.extended_header()?, &mut extended),
                // Of the whole archive: it names no member.
                b'g' => {}
                _ => return self.entry(&header, extended).map(Some),
            }
        }
    }

    fn entry(&mut self, header: &[u8; BLOCK], extended: Extended) -> Result<Entry, String> {
        let is_gnu = &header[257..265] == b"ustar  \0";
        let is_posix = !is_gnu && &header[257..262] == b"ustar";
        let kind = header[156];
        if kind == b'S' && is_gnu && header[482] != 0 {
            self.skip_sparse_map()?;
        }
        let mut name = extended.name.unwrap_or_else(|| {
            let prefix = if is_posix { until_nul(&header[345..500]) } else { &[] };
            let separator: &[u8] = if prefix.is_empty() { b"" } else { b"/" };
            [prefix, separator, until_nul(&header[..100])].concat()
        });
        let form = match kind {
            // Before POSIX, a slash at the end made a directory.
            0 | b'0' | b'7' if name.ends_with(b"/") => Form::Directory,
            0 | b'0' | b'7' | b'S' => Form::File,
            b'1' | b'2' => Form::Link,
            b'5' => Form::Directory,
            _ => Form::Other,
        };
        if let Some(size) = extended.size {
            self.left = size;
            self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        }
        // Links and devices have no data, whatever the size says.
        if matches!(kind, b'1'..=b'6') {
            (self.left, self.padding) = (0, 0);
        }
        name.truncate(MAX_NAME);
        let target = extended.target.unwrap_or_else(|| until_nul(&header[157..257]).to_vec());
        Ok(Entry { name, form, target })
    }

    /// The next header; `None` at the end of the data or at a block of zeros, which ends an archive.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, String> {
        let mut header = [0; BLOCK];
        match fill(self.source, &mut header) {
            0 => return Ok(None),
            BLOCK => {}
            _ => return Err("it ends within a header".to_owned()),
        }
        if header.iter().all(|&byte| byte == 0) {
            return Ok(None);
        }
        if has_checksum(&header) { Ok(Some(header)) } else { Err("the checksum of a header is wrong".to_owned()) }
    }

    /// What the old form of sparse files adds to the header. The data that follows is the file without its holes.
    fn skip_sparse_map(&mut self) -> Result<(), String> {
        for _ in 0..MAX_SPARSE_HEADERS {
            let mut block = [0; BLOCK];
            if fill(self.source, &mut block) < BLOCK {
                return Err("it ends within a map of holes".to_owned());
            }
            if block[504] == 0 {
                return Ok(());
            }
        }
        Err("a map of holes is too long".to_owned())
    }

    fn extended_header(&mut self) -> Result<Vec<u8>, String> {
        if self.left > MAX_EXTENDED_HEADER {
            return Err(format!("an extended header has {} bytes", self.left));
        }
        let mut data = Vec::new();
        self.read_to_end(&mut data).map_err(|error| error.to_string())?;
        Ok(data)
    }

    fn skip_data(&mut self) -> Result<(), String> {
        let left = self.left.saturating_add(self.padding);
        (self.left, self.padding) = (0, 0);
        let skipped = io::copy(&mut (&mut *self.source).take(left), &mut io::sink());
        match skipped.map_err(|error| error.to_string())? {
            count if count < left => Err("it ends within a member".to_owned()),
            _ => Ok(()),
        }
    }
}

/// The data of the member.
impl Read for Tar<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = (&mut *self.source).take(self.left).read(buffer)?;
        self.left -= count as u64;
        Ok(count)
    }
}

/// Fills `buffer` as far as there is data; an error ends it like the end of the data.
pub(super) fn fill(source: &mut (impl Read + ?Sized), buffer: &mut [u8]) -> usize {
    let mut len = 0;
    while len < buffer.len() {
        match source.read(&mut buffer[len..]) {
            Ok(0) => break,
            Ok(count) => len += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    len
}

/// Whether the checksum of `header` is right: the sum of its bytes, its own place counted as blanks.
pub(super) fn has_checksum(header: &[u8; BLOCK]) -> bool {
    let sum = |bytes: &[u8]| bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
    let blanks = u64::from(b' ') * CHECKSUM.len() as u64;
    number(&header[CHECKSUM]) == Some(sum(&header[..CHECKSUM.start]) + blanks + sum(&header[CHECKSUM.end..]))
}

/// A number of a header: octal digits, or for large ones the bytes themselves behind a first bit that is set.
fn number(field: &[u8]) -> Option<u64> {
    if let [0x80, rest @ ..] = field {
        let (high, low) = rest.split_last_chunk::<8>()?;
        return high.iter().all(|&byte| byte == 0).then(|| u64::from_be_bytes(*low));
    }
    let text = std::str::from_utf8(until_nul(field)).ok()?.trim();
    if text.is_empty() { Some(0) } else { u64::from_str_radix(text, 8).ok() }
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Reads `LENGTH KEY=VALUE\n` records; what is malformed ends them.
fn pax_records(mut data: &[u8], extended: &mut Extended) {
    while let Some(blank) = memchr::memchr(b' ', data) {
        let (length, rest) = data.split_at(blank);
        let length = std::str::from_utf8(length).ok().and_then(|length| length.parse::<usize>().ok());
        let Some(end) = length.and_then(|length| length.checked_sub(blank)).filter(|&end| end >= 2) else { return };
        let (Some(record), Some(next)) = (rest.get(1..end - 1), rest.get(end..)) else { return };
        data = next;
        let Some(equals) = memchr::memchr(b'=', record) else { return };
        let (key, value) = (&record[..equals], &record[equals + 1..]);
        match key {
            b"path" | b"GNU.sparse.name" => extended.name = Some(value.to_vec()),
            b"linkpath" => extended.target = Some(value.to_vec()),
            b"size" => extended.size = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok()),
            _ => {}
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn names(archive: &[u8]) -> Vec<(String, Form, u64)> {
        let mut source = archive;
        let mut tar = Tar::new(&mut source);
        let mut names = Vec::new();
        while let Some(entry) = tar.next().unwrap() {
            let size = io::copy(&mut tar, &mut io::sink()).unwrap();
            names.push((String::from_utf8(entry.name).unwrap(), entry.form, size));
        }
        names
    }

    #[test]
    fn long_names_links_and_devices_are_told_apart() {
        let long = format!("{}file", "directory/".repeat(30));
        let mut builder = ::tar::Builder::new(Vec::new());
        let mut header = ::tar::Header::new_gnu();
        header.set_size(3);
        builder.append_data(&mut header, &long, &b"abc"[..]).unwrap();
        builder.append_pax_extensions([("path", long.as_bytes())]).unwrap();
        builder.append_data(&mut header, "short", &b"abc"[..]).unwrap();
        header.set_size(0);
        header.set_entry_type(::tar::EntryType::Symlink);
        builder.append_link(&mut header, "link", "/etc/passwd").unwrap();
        header.set_entry_type(::tar::EntryType::Char);
        builder.append_data(&mut header, "device", io::empty()).unwrap();
        let archive = builder.into_inner().unwrap();
        assert_eq!(
            names(&archive),
            [
                (long.clone(), Form::File, 3),
                (long, Form::File, 3),
                ("link".to_owned(), Form::Link, 0),
                ("device".to_owned(), Form::Other, 0),
            ]
        );
    }

    #[test]
    fn an_extended_header_is_bounded() {
        let mut header = ::tar::Header::new_gnu();
        header.set_entry_type(::tar::EntryType::GNULongName);
        header.set_size(1 << 40);
        header.set_cksum();
        let mut source = header.as_bytes().chain(io::repeat(b'a'));
        let error = Tar::new(&mut source).next().unwrap_err();
        assert!(error.contains("extended header"), "{error}");
    }
}
