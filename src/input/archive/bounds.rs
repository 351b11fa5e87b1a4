//! What an archive may cost, whatever it claims: every bound in one place.

use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// Most bytes that one outermost archive is unpacked to, archives inside of it included: room for an image of usual size,
/// and some seconds of work.
const MAX_UNPACKED: u64 = 4 << 30;
/// Unpacked bytes for each packed one. Deflate reaches 1,032 at most, and only for data without content.
const MAX_RATIO: u64 = 1000;
/// Bytes that even the smallest archive may unpack to: short and dull files reach high ratios.
const ALWAYS_UNPACKED: u64 = 64 << 20;
/// What opening a bzip2 stream counts as, in unpacked bytes: its first byte takes the work of a block.
const BZIP2_BLOCK: u64 = 900_000;
/// How much more than an archive itself the looks at it may unpack, which are for its form, its images and their layers.
const LOOKS: u64 = 3;
/// Most members of one outermost archive, archives inside of it included.
pub(super) const MAX_MEMBERS: u32 = 100_000;
/// Most entries of layers, directories and links included, for which it is noted that a layer hides them.
pub(super) const MAX_LAYER_ENTRIES: u32 = 1_000_000;
/// Longest name of a member in bytes, as `PATH_MAX` of Linux.
pub(super) const MAX_NAME: usize = 4096;
/// Longest extended header of a tar archive: a name and a link target of [`MAX_NAME`] and some attributes.
pub(super) const MAX_EXTENDED_HEADER: u64 = 64 << 10;
/// Longest central directory of a zip archive: [`MAX_MEMBERS`] members with names of 280 bytes.
pub(super) const MAX_DIRECTORY: u64 = 32 << 20;
/// Most memory for the dictionary of an xz stream, in KiB: `xz -9` takes 65 MiB.
pub(super) const XZ_MEMORY_KIB: u32 = 128 << 10;
/// Largest window of a Zstandard frame: that of `zstd --long`.
pub(super) const ZSTD_WINDOW: u64 = 128 << 20;
/// Largest JSON document of an image (index, manifest, configuration).
pub(super) const MAX_IMAGE_DOCUMENT: u64 = 1 << 20;
/// Most bytes of JSON documents that are kept of one image.
pub(super) const MAX_IMAGE_DOCUMENTS: usize = 16 << 20;
/// Most layers of one image; container engines stop at 127.
pub(super) const MAX_LAYERS: usize = 512;
/// Most manifests of images in one archive.
pub(super) const MAX_IMAGES: usize = 64;

/// What is left of the bounds of one outermost archive.
#[derive(Debug)]
pub(super) struct Allowance {
    bytes: Cell<u64>,
    members: Cell<u32>,
    /// What was used up first.
    spent: RefCell<Option<String>>,
}

impl Allowance {
    /// The allowance of an archive of `packed` bytes.
    pub(super) fn new(packed: u64) -> Rc<Self> {
        let bytes = packed.saturating_mul(MAX_RATIO).clamp(ALWAYS_UNPACKED, MAX_UNPACKED);
        Rc::new(Self { bytes: Cell::new(bytes), members: Cell::new(MAX_MEMBERS), spent: RefCell::default() })
    }

    /// The allowance for looks at an archive of `packed` bytes, and at those inside of it, before their members are read.
    pub(super) fn of_looks(packed: u64) -> Rc<Self> {
        let allowance = Self::new(packed);
        allowance.bytes.set(allowance.bytes.get() * LOOKS);
        allowance
    }

    /// Counts the work that a bzip2 stream takes before there is a first byte of it.
    pub(super) fn take_bzip2_block(&self) {
        self.take_bytes(BZIP2_BLOCK);
    }

    /// What ended the examination of the archive, if anything did.
    pub(super) fn spent(&self) -> Option<String> {
        self.spent.borrow().clone()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.spent.borrow().is_some()
    }

    /// Counts one member; false when there must be no more.
    pub(super) fn take_member(&self) -> bool {
        if self.is_spent() {
            return false;
        }
        let left = self.members.get();
        if left == 0 {
            self.spent.replace(Some(format!("it has more than {MAX_MEMBERS} members")));
        }
        self.members.set(left.saturating_sub(1));
        left > 0
    }

    fn take_bytes(&self, count: u64) {
        let left = self.bytes.get();
        if count > left && !self.is_spent() {
            let bound = format!("it unpacks to more than {} MiB, or to {MAX_RATIO} times its size", MAX_UNPACKED >> 20);
            self.spent.replace(Some(bound));
        }
        self.bytes.set(left.saturating_sub(count));
    }
}

/// Unpacked data: counts it, and ends where the allowance or the intact part of the archive does.
pub(super) struct Unpacked<'r> {
    inner: Box<dyn Read + 'r>,
    allowance: Rc<Allowance>,
    failure: Failure,
}

/// Why unpacked data ended early, once it has.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure(Rc<RefCell<Option<String>>>);

impl Failure {
    pub(super) fn take(&self) -> Option<String> {
        self.0.take()
    }
}

impl<'r> Unpacked<'r> {
    pub(super) fn new(inner: Box<dyn Read + 'r>, allowance: &Rc<Allowance>) -> Self {
        Self { inner, allowance: Rc::clone(allowance), failure: Failure::default() }
    }

    pub(super) fn failure(&self) -> Failure {
        self.failure.clone()
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance.is_spent() {
            return Ok(0);
        }
        loop {
            match self.inner.read(buffer) {
                Ok(count) => {
                    self.allowance.take_bytes(count as u64);
                    return Ok(if self.allowance.is_spent() { 0 } else { count });
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure.0.replace(Some(error.to_string()));
                    self.inner = Box::new(io::empty());
                    return Ok(0);
                }
            }
        }
    }
}
