//! The members of a zip archive (PKWARE's APPNOTE 6.3.10), found through its central directory, or one after the other where
//! that is broken. What a local header says otherwise than the directory does not count.

use std::io::{self, Read, Seek, SeekFrom};

use super::bounds::{MAX_DIRECTORY, MAX_NAME};
use super::compressed;
use super::detect::Compression;

/// Longest end record (section 4.3.16): 22 bytes and a comment.
const MAX_END: u64 = 22 + 0xFFFF;
/// Flag of encrypted members (section 4.4.4).
const ENCRYPTED: u16 = 1;
/// Flag of members whose sizes stand behind them (section 4.4.4).
const SIZES_BEHIND: u16 = 8;
/// Length of a local header without name and extra fields (section 4.3.7).
const LOCAL_HEADER: usize = 30;

/// A source that can be read again from any place.
pub(super) trait Random: Read + Seek {}
impl<T: Read + Seek> Random for T {}

/// One member, as the directory has it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) name: Vec<u8>,
    flags: u16,
    method: u16,
    packed: u64,
    /// Of its local header.
    offset: u64,
}

/// What the directory says.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// What is broken about it.
    pub(super) problem: Option<String>,
    /// It was longer than the bound.
    pub(super) is_cut: bool,
}

/// Why the data of a member is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    Encrypted,
    /// A method of compression that is not known here.
    Method,
    /// There is no local header where it should be.
    Broken,
}

impl Entry {
    pub(super) fn is_directory(&self) -> bool {
        self.name.ends_with(b"/")
    }

    pub(super) fn is_bzip2(&self) -> bool {
        self.method == 12
    }

    /// The unpacked data of the member, to be read from `source`.
    pub(super) fn open<'s>(&self, source: &'s mut dyn Random) -> Result<Box<dyn Read + 's>, Closed> {
        if self.flags & ENCRYPTED != 0 {
            return Err(Closed::Encrypted);
        }
        let mut header = [0; LOCAL_HEADER];
        source.seek(SeekFrom::Start(self.offset)).map_err(|_| Closed::Broken)?;
        source.read_exact(&mut header).map_err(|_| Closed::Broken)?;
        if !header.starts_with(b"PK\x03\x04") {
            return Err(Closed::Broken);
        }
        let skipped = i64::from(u16_at(&header, 26)) + i64::from(u16_at(&header, 28));
        source.seek(SeekFrom::Current(skipped)).map_err(|_| Closed::Broken)?;
        let data = Read::take(source, self.packed);
        match self.method {
            0 => Ok(Box::new(data)),
            8 => Ok(compressed::inflate(data)),
            12 => Ok(compressed::unpack(Compression::Bzip2, data)),
            93 => Ok(compressed::unpack(Compression::Zstandard, data)),
            95 => Ok(compressed::unpack(Compression::Xz, data)),
            _ => Err(Closed::Method),
        }
    }
}

/// Reads the directory of `source`.
///
/// # Errors
///
/// The source cannot be read.
pub(super) fn directory(source: &mut dyn Random, max_entries: usize) -> io::Result<Directory> {
    let Some((start, len)) = locate(source)? else {
        let entries = local_entries(source, max_entries)?;
        let problem = Some("it has no valid central directory".to_owned());
        return Ok(Directory { entries, problem, is_cut: false });
    };
    source.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    Read::take(&mut *source, len.min(MAX_DIRECTORY)).read_to_end(&mut bytes)?;
    let mut directory = Directory { is_cut: len > MAX_DIRECTORY, ..Directory::default() };
    let mut rest = &bytes[..];
    while directory.entries.len() < max_entries {
        let Some(header) = rest.first_chunk::<46>().filter(|header| header.starts_with(b"PK\x01\x02")) else { break };
        let [name, extra, comment] = [28, 30, 32].map(|at| usize::from(u16_at(header, at)));
        let name_end = 46 + name;
        let (Some(name), Some(extra)) = (rest.get(46..name_end), rest.get(name_end..name_end + extra)) else { break };
        let mut entry = Entry {
            name: name[..name.len().min(MAX_NAME)].to_vec(),
            flags: u16_at(header, 8),
            method: u16_at(header, 10),
            packed: u32_at(header, 20).into(),
            offset: u32_at(header, 42).into(),
        };
        let is_unpacked_long = u32_at(header, 24) == u32::MAX;
        entry.extend(extra, is_unpacked_long);
        directory.entries.push(entry);
        rest = rest.get(name_end + extra.len() + comment..).unwrap_or_default();
    }
    if !rest.is_empty() && !directory.is_cut && directory.entries.len() < max_entries {
        directory.problem = Some("its central directory is broken".to_owned());
    }
    Ok(directory)
}

impl Entry {
    /// Takes sizes that need 64 bits from the extra field for them (section 4.5.3).
    fn extend(&mut self, mut extra: &[u8], is_unpacked_long: bool) {
        while let Some((head, rest)) = extra.split_first_chunk::<4>() {
            let Some((data, next)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { return };
            extra = next;
            if u16_at(head, 0) != 1 {
                continue;
            }
            let mut numbers = data.chunks_exact(8).map(|bytes| u64_at(bytes, 0));
            if is_unpacked_long {
                numbers.next();
            }
            for field in [&mut self.packed, &mut self.offset] {
                if *field == u64::from(u32::MAX) {
                    *field = numbers.next().unwrap_or(*field);
                }
            }
        }
    }
}

/// Start and length of the central directory, from the end record (sections 4.3.14 to 4.3.16).
fn locate(source: &mut dyn Random) -> io::Result<Option<(u64, u64)>> {
    let size = source.seek(SeekFrom::End(0))?;
    let tail_start = source.seek(SeekFrom::Start(size.saturating_sub(MAX_END)))?;
    let mut tail = Vec::new();
    Read::take(&mut *source, MAX_END).read_to_end(&mut tail)?;
    let Some(at) = memchr::memmem::rfind(&tail, b"PK\x05\x06") else { return Ok(None) };
    let Some(end) = tail.get(at..at + 22) else { return Ok(None) };
    let (mut len, mut start) = (u64::from(u32_at(end, 12)), u64::from(u32_at(end, 16)));
    let locator = at.checked_sub(20).and_then(|locator| tail.get(locator..at));
    if let Some(locator) = locator.filter(|locator| locator.starts_with(b"PK\x06\x07")) {
        let mut record = [0; 56];
        source.seek(SeekFrom::Start(u64_at(locator, 8)))?;
        if source.read_exact(&mut record).is_ok() && record.starts_with(b"PK\x06\x06") {
            (len, start) = (u64_at(&record, 40), u64_at(&record, 48));
        }
    }
    let is_inside = start.checked_add(len).is_some_and(|end| end <= tail_start + at as u64);
    Ok(is_inside.then_some((start, len)))
}

/// Members by their local headers, up to the first whose size is not known in advance.
fn local_entries(source: &mut dyn Random, max_entries: usize) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut offset = 0_u64;
    while entries.len() < max_entries {
        source.seek(SeekFrom::Start(offset))?;
        let mut header = [0; LOCAL_HEADER];
        if source.read_exact(&mut header).is_err() || !header.starts_with(b"PK\x03\x04") {
            break;
        }
        let (name, extra) = (u16_at(&header, 26), u16_at(&header, 28));
        let mut bytes = Vec::new();
        Read::take(&mut *source, name.into()).read_to_end(&mut bytes)?;
        bytes.truncate(MAX_NAME);
        let flags = u16_at(&header, 6);
        let mut packed = u64::from(u32_at(&header, 18));
        let has_size = flags & SIZES_BEHIND == 0;
        if !has_size {
            // Its data ends by itself.
            packed = u64::MAX;
        }
        entries.push(Entry { name: bytes, flags, method: u16_at(&header, 8), packed, offset });
        let next =
            offset.checked_add(LOCAL_HEADER as u64 + u64::from(name) + u64::from(extra) + packed.min(u32::MAX.into()));
        let Some(next) = next.filter(|_| has_size) else { break };
        offset = next;
    }
    Ok(entries)
}

fn bytes_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(bytes_at(bytes, at))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes_at(bytes, at))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes_at(bytes, at))
}
