//! What an archive is, by its first bytes.

/// How many of the first bytes tell.
pub(in crate::input) const MAGIC_LEN: usize = 512;

/// A form of archive that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// PKWARE's APPNOTE 6.3.10, section 4.3.6.
    Zip,
    /// POSIX.1-2017 `pax`, and what came before it.
    Tar,
    /// One stream.
    Compressed(Compression),
}

/// A form of compressed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    /// RFC 1952.
    Gzip,
    /// The .xz file format 1.2.1.
    Xz,
    /// RFC 8878.
    Zstandard,
    /// Begins with `BZh`, the block size, and the magic of a block or of the end.
    Bzip2,
}

impl Kind {
    /// Tells the form from the first [`MAGIC_LEN`] bytes.
    pub(super) fn detect(head: &[u8]) -> Option<Self> {
        Compression::detect(head).map(Kind::Compressed).or_else(|| match head {
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
            _ => is_tar(head).then_some(Kind::Tar),
        })
    }
}

impl Compression {
    fn detect(head: &[u8]) -> Option<Self> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Compression::Gzip),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Compression::Xz),
            // A frame, or a frame to skip.
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Compression::Zstandard),
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', b'Y', b'&', b'S', b'Y', ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Compression::Bzip2),
            _ => None,
        }
    }

    /// The extensions that such files have, without the dot.
    pub(super) fn extensions(self) -> &'static [&'static str] {
        match self {
            Compression::Gzip => &["gz", "gzip"],
            Compression::Xz => &["xz"],
            Compression::Zstandard => &["zst", "zstd"],
            Compression::Bzip2 => &["bz2"],
        }
    }
}

/// Whether `head`, the first [`MAGIC_LEN`] bytes, begins an archive.
pub(in crate::input) fn is_archive(head: &[u8]) -> bool {
    Kind::detect(head).is_some()
}

/// Whether `head` begins an archive that, when it is small, may hold no NUL and pass for text.
pub(in crate::input) fn is_compressed(head: &[u8]) -> bool {
    matches!(head.first(), Some(0x1F | 0xFD | 0x28 | 0x50..=0x5F | b'B')) && {
        Compression::detect(head).is_some() || head.starts_with(b"PK\x03\x04")
    }
}

/// Whether `head` is a header of a tar archive: its checksum is right, which no other file's is by chance. Archives from
/// before POSIX have no other magic.
fn is_tar(head: &[u8]) -> bool {
    let Some(header) = head.first_chunk::<512>() else { return false };
    header[0] != 0 && super::tar::has_checksum(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_tells_the_form() {
        for (head, kind) in [
            (&b"PK\x03\x04rest"[..], Some(Kind::Zip)),
            (b"\x1f\x8b\x08", Some(Kind::Compressed(Compression::Gzip))),
            (b"\xfd7zXZ\0", Some(Kind::Compressed(Compression::Xz))),
            (b"\x28\xb5\x2f\xfd", Some(Kind::Compressed(Compression::Zstandard))),
            (b"BZh91AY&SY", Some(Kind::Compressed(Compression::Bzip2))),
            (b"BZh9 is how it begins", None),
            (b"PKCS", None),
            (b"", None),
            (&[0; 600], None),
        ] {
            assert_eq!(Kind::detect(head), kind, "{head:?}");
        }
    }
}
