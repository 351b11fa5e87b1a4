//! The text inside of archives and container images: zip, tar, gzip, xz, Zstandard and bzip2, one in the other.
//!
//! [`expand`] unpacks one archive as a stream and shows each member that is text. Nothing is written, and at most one
//! member of each nesting level is held. What an archive claims of itself is not believed: see `bounds`.
//!
//! An image is a tar archive that holds others as its layers (`image`). It is read three times: for what it consists of,
//! for what each layer deletes, and for its members.

mod bounds;
mod compressed;
pub(super) mod detect;
mod gaps;
mod image;
mod member_path;
mod tar;
mod zip;

use std::io::{self, Cursor, Read, Seek};
use std::rc::Rc;

use super::decode::SNIFF_LEN;
use super::read::{Text, text};
use super::{FileRef, Limits};
use crate::coverage::{Cause, CoverageEntry};

use self::bounds::{Allowance, MAX_LAYER_ENTRIES, MAX_MEMBERS, Unpacked};
use self::detect::{Compression, Kind, MAGIC_LEN};
use self::gaps::{Gap, Gaps};
use self::image::{Images, Layer};
use self::member_path::{clean, inside, unpacked_name};
use self::tar::{Form, Tar, fill};
use self::zip::{Closed, Random};

/// Name of an image's configuration: the environment, the labels and the commands that built it. Like the paths in layers it
/// holds no digest, so that it stays the same when the image is built again.
const CONFIGURATION: &str = "config.json";

/// A member of an archive that is text.
#[derive(Debug)]
pub struct Member<'m> {
    /// `archive!/name`; in an archive inside of it `archive!/inner!/name`.
    pub path: &'m str,
    /// What it says.
    pub text: Text<'m>,
    /// Number of the image layer that holds it, from 1; 0 outside of images.
    pub layer: usize,
    /// What a person should know of its place: the layer, and which later one deletes it.
    pub facts: Vec<String>,
}

/// What came of an archive beside its members that are text.
#[derive(Debug, Default)]
pub struct Expansion {
    /// Members met, whatever they are.
    pub seen: u64,
    /// What was not examined, in few words whatever the number of members.
    pub entries: Vec<CoverageEntry>,
}

/// Shows `visit` the text members of the archive `source`, which goes by `path`. `None` when it is no archive, or archives
/// are turned off ([`Limits::archive_depth`] is 0).
///
/// # Errors
///
/// The source cannot be read at all.
pub fn expand(
    path: &str,
    source: &mut (impl Read + Seek),
    limits: &Limits,
    visit: &mut dyn FnMut(Member<'_>),
) -> io::Result<Option<Expansion>> {
    let Some(kind) = kind_of(source)? else { return Ok(None) };
    if limits.archive_depth == 0 {
        return Ok(None);
    }
    let size = source.seek(io::SeekFrom::End(0))?;
    let mut expander = Expander {
        limits,
        allowance: Allowance::new(size),
        looks: Allowance::of_looks(size),
        gaps: Gaps::default(),
        seen: 0,
        buffer: Vec::new(),
        visit,
    };
    expander.random(path, kind, source, &Place::default())?;
    let mut entries = expander.gaps.entries(path);
    if let Some(spent) = expander.allowance.spent() {
        let detail = format!("{spent}: the rest was not examined");
        entries.push(CoverageEntry { path: path.to_owned(), cause: Cause::Bound, detail });
    }
    Ok(Some(Expansion { seen: expander.seen, entries }))
}

/// [`expand`] for a file that a walk found.
///
/// # Errors
///
/// The file cannot be opened or read.
pub fn expand_file(
    file: &FileRef,
    limits: &Limits,
    visit: &mut dyn FnMut(Member<'_>),
) -> Result<Option<Expansion>, CoverageEntry> {
    let left_out = |cause, detail| CoverageEntry { path: file.path().to_string(), cause, detail };
    let (mut source, _) =
        super::read::open_regular(file.location()).map_err(|error| left_out(error.cause(), error.to_string()))?;
    expand(file.path(), &mut source, limits, visit).map_err(|error| left_out(Cause::Unreadable, error.to_string()))
}

fn kind_of(source: &mut (impl Read + Seek + ?Sized)) -> io::Result<Option<Kind>> {
    source.rewind()?;
    let mut head = [0; MAGIC_LEN];
    let len = fill(source, &mut head);
    source.rewind()?;
    Ok(Kind::detect(&head[..len]))
}

struct Expander<'e> {
    limits: &'e Limits,
    allowance: Rc<Allowance>,
    /// For the passes over an archive before the one that examines its members.
    looks: Rc<Allowance>,
    gaps: Gaps,
    seen: u64,
    /// Scratch space for texts.
    buffer: Vec<u8>,
    visit: &'e mut dyn FnMut(Member<'_>),
}

/// Where a member stands.
#[derive(Clone, Copy, Default)]
struct Place<'p> {
    /// Archives around the one that holds it.
    depth: u32,
    /// The layer, with its images and the name of the outermost file in it.
    layer: Option<(&'p Images, &'p Layer, Option<&'p str>)>,
}

impl Expander<'_> {
    /// An archive that can be read from any place, again and again.
    fn random(&mut self, path: &str, kind: Kind, source: &mut dyn Random, place: &Place<'_>) -> io::Result<()> {
        source.rewind()?;
        let compression = match kind {
            Kind::Zip => return self.zip(path, source, place),
            Kind::Compressed(compression) => {
                let mut unpacked = unpacked(kind, &mut *source, &self.looks);
                let mut head = [0; MAGIC_LEN];
                let len = fill(&mut unpacked, &mut head);
                drop(unpacked);
                source.rewind()?;
                (Kind::detect(&head[..len]) != Some(Kind::Tar)).then_some(compression)
            }
            Kind::Tar => None,
        };
        if compression.is_some() || place.layer.is_some() {
            self.stream(path, kind, source, place);
            return Ok(());
        }
        let images = self.images(kind, source)?;
        let mut unpacked = unpacked(kind, source, &self.allowance);
        self.tar(path, &mut unpacked, place, images.as_ref());
        self.note_failure(path, &unpacked);
        Ok(())
    }

    /// The images in the tar archive `source`, if there are any, with what their layers delete.
    fn images(&mut self, kind: Kind, source: &mut dyn Random) -> io::Result<Option<Images>> {
        let mut images = Images::find(&mut unpacked(kind, &mut *source, &self.looks));
        source.rewind()?;
        if let Some(images) = &mut images {
            // A pass of its own with bounds of its own: where they cut, they cut the examination as well.
            let allowance = Rc::clone(&self.looks);
            let mut unpacked_image = unpacked(kind, &mut *source, &allowance);
            let mut tar = Tar::new(&mut unpacked_image);
            let mut left = MAX_LAYER_ENTRIES;
            let mut found = Vec::new();
            while let Ok(Some(entry)) = tar.next() {
                let name = clean(&entry.name);
                let Some(layer) = images.layer(&name).filter(|_| entry.form == Form::File).cloned() else { continue };
                if let Some(mut data) = unpacked_layer(&mut tar, &allowance) {
                    images.note_changes(&layer, &mut data, &mut left);
                }
                found.push(name);
            }
            drop(unpacked_image);
            source.rewind()?;
            let missing: Vec<&str> = images.layer_names().filter(|name| !found.iter().any(|one| one == name)).collect();
            for name in missing {
                self.gaps.note(Gap::MissingLayer, name);
            }
        }
        Ok(images)
    }

    /// An archive that can be read once: a compressed stream or a tar archive.
    fn stream<'r>(&mut self, path: &str, kind: Kind, source: impl Read + 'r, place: &Place<'_>) {
        let mut data = unpacked(kind, source, &self.allowance);
        if let Kind::Compressed(compression) = kind {
            let mut head = vec![0; MAGIC_LEN];
            let len = fill(&mut data, &mut head);
            head.truncate(len);
            let is_tar = Kind::detect(&head) == Some(Kind::Tar);
            let failure = data.failure();
            let mut data = Cursor::new(head).chain(data);
            if is_tar {
                self.tar(path, &mut data, place, None);
            } else {
                let name = unpacked_name(path, compression.extensions());
                self.member(&inside(path, name), &mut data, place);
            }
            if let Some(reason) = failure.take() {
                self.gaps.note(Gap::Broken, &format!("{path}: {reason}"));
            }
        } else {
            self.tar(path, &mut data, place, None);
            self.note_failure(path, &data);
        }
    }

    fn note_failure(&mut self, path: &str, data: &Unpacked<'_>) {
        if let Some(reason) = data.failure().take() {
            self.gaps.note(Gap::Broken, &format!("{path}: {reason}"));
        }
    }

    fn zip(&mut self, path: &str, source: &mut dyn Random, place: &Place<'_>) -> io::Result<()> {
        let directory = zip::directory(source, MAX_MEMBERS as usize + 1)?;
        if directory.is_cut {
            self.gaps.note(Gap::Directory, path);
        }
        if let Some(problem) = directory.problem {
            self.gaps.note(Gap::Broken, &format!("{path}: {problem}"));
        }
        for entry in directory.entries.iter().filter(|entry| !entry.is_directory()) {
            let name = clean(&entry.name);
            let member = inside(path, &name);
            match entry.open(source) {
                Ok(data) => {
                    if entry.is_bzip2() {
                        self.allowance.take_bzip2_block();
                    }
                    let mut data = Unpacked::new(data, &self.allowance);
                    self.member(&member, &mut data, place);
                    self.note_failure(&member, &data);
                }
                Err(Closed::Encrypted) => self.gaps.note(Gap::Encrypted, &member),
                Err(Closed::Method) => self.gaps.note(Gap::Method, &member),
                Err(Closed::Broken) => self.gaps.note(Gap::Broken, &format!("{member}: it has no local header")),
            }
            if self.allowance.is_spent() {
                break;
            }
        }
        Ok(())
    }

    /// The members of the tar archive `source`, or of its images' layers.
    fn tar(&mut self, path: &str, source: &mut dyn Read, place: &Place<'_>, images: Option<&Images>) {
        let mut tar = Tar::new(source);
        while !self.allowance.is_spent() {
            let entry = match tar.next() {
                Ok(Some(entry)) => entry,
                Ok(None) => return,
                Err(_) if self.allowance.is_spent() => return,
                Err(reason) => return self.gaps.note(Gap::Broken, &format!("{path}: {reason}")),
            };
            if entry.form != Form::File {
                continue;
            }
            let name = clean(&entry.name);
            if let Some(images) = images {
                if let Some(layer) = images.layer(&name) {
                    let place = Place { layer: Some((images, layer, None)), ..*place };
                    self.layer(path, &mut tar, &place);
                    continue;
                }
                if images.is_configuration(&name) {
                    self.member(&inside(path, CONFIGURATION), &mut tar, place);
                    continue;
                }
            }
            let place = match place.layer {
                Some((images, layer, None)) => Place { layer: Some((images, layer, Some(&name))), ..*place },
                _ => *place,
            };
            self.member(&inside(path, &name), &mut tar, &place);
        }
    }

    fn layer(&mut self, path: &str, source: &mut dyn Read, place: &Place<'_>) {
        let allowance = Rc::clone(&self.allowance);
        match unpacked_layer(source, &allowance) {
            Some(mut data) => {
                self.tar(path, &mut data, place, None);
                self.note_failure(path, &data);
            }
            None => self.gaps.note(Gap::Broken, &format!("{path}: a layer is no tar archive")),
        }
    }

    /// One file in an archive: a text, an archive in its turn, or nothing to look at.
    fn member(&mut self, path: &str, source: &mut dyn Read, place: &Place<'_>) {
        if !self.allowance.take_member() {
            return;
        }
        self.seen += 1;
        let mut head = vec![0; SNIFF_LEN];
        let len = fill(source, &mut head);
        head.truncate(len);
        if let Some(kind) = Kind::detect(&head) {
            return self.nested(path, kind, head, source, place);
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        match text(path, &mut head.as_slice().chain(source), None, self.limits.max_file_size, &mut buffer) {
            Ok(text) => {
                let facts = match place.layer {
                    Some((images, layer, name)) => images.facts(layer, name.unwrap_or_default()),
                    None => Vec::new(),
                };
                let layer = place.layer.map_or(0, |(_, layer, _)| layer.number);
                (self.visit)(Member { path, text, layer, facts });
            }
            Err(entry) if entry.cause == Cause::Binary => self.gaps.note(Gap::NotText, path),
            Err(entry) => self.gaps.note(Gap::Broken, &format!("{path}: {}", entry.detail)),
        }
        self.buffer = buffer;
    }

    /// The archive at `path` inside of another one, which begins with `held`.
    fn nested(&mut self, path: &str, kind: Kind, mut held: Vec<u8>, source: &mut dyn Read, place: &Place<'_>) {
        let place = Place { depth: place.depth + 1, ..*place };
        if place.depth >= self.limits.archive_depth {
            return self.gaps.note(Gap::TooDeep, path);
        }
        let rest = self.limits.max_file_size.saturating_add(1).saturating_sub(held.len() as u64);
        if let Err(error) = Read::take(&mut *source, rest).read_to_end(&mut held) {
            self.gaps.note(Gap::Broken, &format!("{path}: {error}"));
        }
        if held.len() as u64 <= self.limits.max_file_size {
            if let Err(error) = self.random(path, kind, &mut Cursor::new(held), &place) {
                self.gaps.note(Gap::Broken, &format!("{path}: {error}"));
            }
        } else if kind == Kind::Zip {
            // Its directory stands at the end.
            self.gaps.note(Gap::TooLarge, path);
        } else {
            self.stream(path, kind, Cursor::new(held).chain(source), &place);
        }
    }
}

/// The data of the stream `source`.
fn unpacked<'r>(kind: Kind, source: impl Read + 'r, allowance: &Rc<Allowance>) -> Unpacked<'r> {
    let data: Box<dyn Read + 'r> = match kind {
        Kind::Compressed(compression) => {
            if compression == Compression::Bzip2 {
                allowance.take_bzip2_block();
            }
            compressed::unpack(compression, source)
        }
        Kind::Tar | Kind::Zip => Box::new(source),
    };
    Unpacked::new(data, allowance)
}

/// The tar archive that the layer `source` is or unpacks to.
fn unpacked_layer<'r>(source: &'r mut dyn Read, allowance: &Rc<Allowance>) -> Option<Unpacked<'r>> {
    let mut head = vec![0; MAGIC_LEN];
    let len = fill(source, &mut head);
    head.truncate(len);
    let kind = match Kind::detect(&head) {
        Some(Kind::Zip) => return None,
        Some(kind) => kind,
        // A layer without files is blocks of zeros.
        None if head.iter().all(|&byte| byte == 0) => Kind::Tar,
        None => return None,
    };
    Some(unpacked(kind, Cursor::new(head).chain(source), allowance))
}
