//! Reading many objects of packs (gitformat-pack).
//!
//! A pack holds most objects as differences to others. Read in the order of paths and time, the base of an object is nearly
//! always one that was read just before. So contents are shared instead of copied: each is inflated once, and stays for what
//! builds upon it as long as there is room.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::Kind;
use gix::odb::pack;
use gix::odb::pack::data::entry::Header;
use gix::zlib::Inflate;

use super::objects::MAX_OBJECT;

/// Most differences that one object is built of; git itself makes no more than 4095.
const MAX_CHAIN: usize = 4096;
/// Bytes of contents in each of the two generations that a reader holds.
const GENERATION: usize = 16 << 20;

/// How many contents that went leave their memory to others, and the most that one of them may have.
const ROOMS: usize = 512;
const MAX_ROOM: usize = 64 << 10;

/// A content, shared with those that build upon it.
pub type Content = Rc<Vec<u8>>;

/// The packs of a repository.
#[derive(Default)]
pub(super) struct Packs {
    packs: Vec<Pack>,
}

struct Pack {
    index: pack::index::File,
    data: pack::data::File,
}

impl Packs {
    /// Opens the packs in `directory`. What cannot be opened is left to the general reader, which can say why.
    pub(super) fn open(directory: &Path, hash: gix::hash::Kind) -> Self {
        let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "idx"));
        paths.sort();
        let open = |path: &std::path::PathBuf| {
            let index = pack::index::File::at(path, hash).ok()?;
            let data = pack::data::File::at(path.with_extension("pack"), hash).ok()?;
            Some(Pack { index, data })
        };
        Self { packs: paths.iter().filter_map(open).collect() }
    }
}

/// Reads packs for one thread.
pub(super) struct PackReader {
    packs: Arc<Packs>,
    inflate: Inflate,
    /// How to make a content of another.
    instructions: Vec<u8>,
    held: Held,
    /// The pack that held the last object.
    last: usize,
}

impl PackReader {
    pub(super) fn new(packs: Arc<Packs>) -> Self {
        Self { packs, inflate: Inflate::default(), instructions: Vec::new(), held: Held::default(), last: 0 }
    }

    /// The content of object `id`. `None` where it is in no pack, and where something is wrong with it: the general reader
    /// can say what.
    pub(super) fn read(&mut self, id: ObjectId) -> Option<(Kind, Content)> {
        let packs = &self.packs.packs;
        let place = |at: usize| packs.get(at)?.index.lookup(id).map(|place| (at, place));
        let (at, place) = place(self.last).or_else(|| (0..packs.len()).find_map(place))?;
        self.last = at;
        let Pack { index, data } = packs.get(at)?;
        let mut offset = index.pack_offset_at_index(place);
        let mut chain = Vec::new();
        let (kind, mut content) = loop {
            if let Some(known) = self.held.get(at, offset) {
                break known;
            }
            let entry = data.entry(offset).ok()?;
            match entry.header {
                Header::OfsDelta { base_distance } => {
                    let base = entry.checked_base_pack_offset(base_distance).filter(|base| *base < offset)?;
                    chain.push((offset, entry));
                    if chain.len() > MAX_CHAIN {
                        return None;
                    }
                    offset = base;
                }
                // Only packs in transit refer to objects elsewhere.
                Header::RefDelta { .. } => return None,
                Header::Commit | Header::Tree | Header::Blob | Header::Tag => {
                    let kind = entry.header.as_kind()?;
                    let mut content = Vec::new();
                    inflate(data, &entry, &mut self.inflate, &mut content)?;
                    let content = Rc::new(content);
                    self.held.put(at, offset, kind, &content);
                    break (kind, content);
                }
            }
        };
        while let Some((offset, entry)) = chain.pop() {
            inflate(data, &entry, &mut self.inflate, &mut self.instructions)?;
            content = Rc::new(apply(&content, &self.instructions, |size| self.held.room(size))?);
            self.held.put(at, offset, kind, &content);
        }
        Some((kind, content))
    }
}

/// What `entry` holds, in `into`, from its beginning.
fn inflate(
    data: &pack::data::File,
    entry: &pack::data::Entry,
    inflate: &mut Inflate,
    into: &mut Vec<u8>,
) -> Option<()> {
    let size = usize::try_from(entry.decompressed_size).ok().filter(|size| *size <= MAX_OBJECT)?;
    into.resize(size, 0);
    data.decompress_entry(entry, inflate, into).ok().map(|_| ())
}

/// The content that `instructions` make of `base` ("Deltified representation" in gitformat-pack). `room` gives an empty one
/// with memory for so many bytes.
fn apply(base: &[u8], instructions: &[u8], room: impl FnOnce(usize) -> Vec<u8>) -> Option<Vec<u8>> {
    let (base_size, rest) = size(instructions)?;
    let (result_size, mut rest) = size(rest)?;
    if base_size != base.len() || result_size > MAX_OBJECT {
        return None;
    }
    let mut result = room(result_size);
    while let Some((&instruction, behind)) = rest.split_first() {
        rest = behind;
        let part = if instruction & 0x80 == 0 {
            // That many bytes follow; none are reserved for something to come.
            let (part, behind) =
                rest.split_at_checked(usize::from(instruction)).filter(|(part, _)| !part.is_empty())?;
            rest = behind;
            part
        } else {
            let (mut start, mut len) = (0_usize, 0_usize);
            for bit in 0..7 {
                if instruction & (1 << bit) != 0 {
                    let (&byte, behind) = rest.split_first()?;
                    rest = behind;
                    // Four bytes of the offset, then three of the length, the lowest first.
                    if bit < 4 {
                        start |= usize::from(byte) << (8 * bit);
                    } else {
                        len |= usize::from(byte) << (8 * (bit - 4));
                    }
                }
            }
            let len = if len == 0 { 0x1_0000 } else { len };
            base.get(start..start.checked_add(len)?)?
        };
        if result.len() + part.len() > result_size {
            return None;
        }
        result.extend_from_slice(part);
    }
    (result.len() == result_size).then_some(result)
}

/// The size at the beginning of `bytes`, seven bits a byte, the lowest first, and what follows it.
fn size(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(9).position(|byte| byte & 0x80 == 0)? + 1;
    let (size, rest) = bytes.split_at_checked(end)?;
    let size = size.iter().rev().fold(0_u64, |size, byte| size << 7 | u64::from(byte & 0x7f));
    Some((usize::try_from(size).ok()?, rest))
}

/// Contents by pack and offset. When the young ones fill their room, they become the old ones, and what was old goes.
#[derive(Default)]
struct Held {
    young: Generation,
    old: Generation,
    bytes: usize,
    /// Memory of contents that went: taking new memory for each costs more than making a content.
    rooms: Vec<Vec<u8>>,
}

type Generation = HashMap<(usize, u64), (Kind, Content), foldhash::fast::FixedState>;

impl Held {
    fn get(&mut self, pack: usize, offset: u64) -> Option<(Kind, Content)> {
        if let Some((kind, content)) = self.young.get(&(pack, offset)) {
            return Some((*kind, Rc::clone(content)));
        }
        let (kind, content) = self.old.remove(&(pack, offset))?;
        self.put(pack, offset, kind, &content);
        Some((kind, content))
    }

    /// An empty content with memory for `size` bytes.
    fn room(&mut self, size: usize) -> Vec<u8> {
        let fits = |room: &Vec<u8>| (size..=2 * size).contains(&room.capacity());
        let latest = self.rooms.len().saturating_sub(8);
        match self.rooms.get(latest..).and_then(|rooms| rooms.iter().position(fits)) {
            Some(at) => {
                let mut room = self.rooms.swap_remove(latest + at);
                room.clear();
                room
            }
            None => Vec::with_capacity(size),
        }
    }

    fn put(&mut self, pack: usize, offset: u64, kind: Kind, content: &Content) {
        // What is kept beside the bytes counts, too: objects may be empty.
        let cost = content.capacity() + 64;
        if cost > GENERATION {
            return;
        }
        if self.bytes + cost > GENERATION {
            self.bytes = 0;
            std::mem::swap(&mut self.old, &mut self.young);
            let gone = self.young.drain().filter_map(|(_, (_, content))| Rc::try_unwrap(content).ok());
            self.rooms.extend(gone.filter(|room| room.capacity() <= MAX_ROOM));
            self.rooms.truncate(ROOMS);
        }
        self.bytes += cost;
        self.young.insert((pack, offset), (kind, Rc::clone(content)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(base: &[u8], instructions: &[u8]) -> Option<Vec<u8>> {
        super::apply(base, instructions, Vec::with_capacity)
    }

    #[test]
    fn instructions_copy_and_insert() {
        // Sizes 6 and 7; two bytes from offset 4, "new" and two bytes from the beginning.
        let instructions = [6, 7, 0x91, 4, 2, 3, b'n', b'e', b'w', 0x90, 2];
        assert_eq!(apply(b"abcdef", &instructions).as_deref(), Some(b"efnewab".as_slice()));
        // A length of 0 stands for 64 KiB.
        let base = vec![b'x'; 0x1_0000];
        let sizes = [0x80, 0x80, 0x04, 0x80, 0x80, 0x04];
        assert_eq!(apply(&base, &[&sizes[..], &[0x80]].concat()), Some(base));
    }

    #[test]
    fn broken_instructions_make_nothing() {
        for instructions in [
            &[][..],
            &[0x80],
            &[2, 2],
            &[3, 2, 0x90, 2],
            &[2, 2, 0],
            &[2, 2, 3, b'a'],
            &[2, 2, 0x91, 1, 2],
            &[2, 1, 0x90, 2],
            &[2, 2, 0x90],
            &[2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        ] {
            assert_eq!(apply(b"ab", instructions), None, "{instructions:?}");
        }
    }

    /// A repository with `versions` of a file, all in one pack.
    fn repository(versions: &[String]) -> tempfile::TempDir {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let directory = tempfile::tempdir().unwrap();
        let git = |arguments: &[&str]| {
            let mut git = Command::new("git");
            git.arg("-C").arg(directory.path()).args(arguments).stdin(Stdio::piped());
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            let mut child = git.spawn().unwrap();
            (child.stdin.take().unwrap(), child)
        };
        assert!(git(&["init", "--quiet", "--initial-branch=main"]).1.wait().unwrap().success());
        let (mut stream, mut import) = git(&["fast-import", "--quiet"]);
        for (time, text) in versions.iter().enumerate() {
            let length = text.len();
            writeln!(
                stream,
                "commit refs/heads/main\ncommitter A <a@example.org> {time} +0000\ndata 1\nx\n\
                 M 100644 inline a/b.txt\ndata {length}\n{text}"
            )
            .unwrap();
        }
        drop(stream);
        assert!(import.wait().unwrap().success());
        assert!(git(&["repack", "-adfq", "--depth=50"]).1.wait().unwrap().success());
        directory
    }

    #[test]
    fn every_object_of_a_pack_is_what_the_general_reader_says() {
        let text = |version: usize| {
            let lines: Vec<String> =
                (0..300).map(|line| format!("line {line} of {}\n", line.max(version * 3))).collect();
            lines.concat()
        };
        let directory = repository(&(0..60).map(text).collect::<Vec<_>>());
        let general = gix::open(directory.path()).unwrap();
        let packs = Packs::open(&directory.path().join(".git/objects/pack"), gix::hash::Kind::Sha1);
        assert_eq!(packs.packs.len(), 1);
        let ids: Vec<ObjectId> = packs.packs[0].index.iter().map(|entry| entry.oid).collect();
        let is_delta = |id: &ObjectId| {
            let Pack { index, data } = &packs.packs[0];
            data.entry(index.pack_offset_at_index(index.lookup(id).unwrap())).unwrap().header.is_delta()
        };
        let deltas = ids.iter().filter(|id| is_delta(id)).count();
        assert!(ids.len() == 240 && deltas > 20, "{deltas} of {}", ids.len());
        let mut reader = PackReader::new(Arc::new(packs));
        for id in ids {
            let object = general.find_object(id).unwrap();
            let (kind, content) = reader.read(id).unwrap();
            assert!(kind == object.kind && *content == object.data, "{id}");
        }
        assert!(reader.read(ObjectId::null(gix::hash::Kind::Sha1)).is_none());
    }

    #[test]
    fn what_is_held_is_bounded() {
        let mut held = Held::default();
        let content = Rc::new(vec![0; GENERATION / 4]);
        for offset in 0..20 {
            held.put(0, offset, Kind::Blob, &content);
            // What is asked for again stays.
            assert!(held.get(0, 0).is_some());
        }
        assert!(held.get(0, 19).is_some() && held.get(0, 3).is_none());
        assert!(held.young.len() + held.old.len() <= 8);
        held.put(1, 0, Kind::Blob, &Rc::new(vec![0; GENERATION + 1]));
        assert!(held.get(1, 0).is_none());
    }
}
