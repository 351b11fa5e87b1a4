//! Compressed streams, unpacked as they are read.

use std::io::{self, BufRead, BufReader, Read};

use bzip2::read::MultiBzDecoder;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder};
use lzma_rust2::XzReader;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::bounds::{XZ_MEMORY_KIB, ZSTD_WINDOW};
use super::detect::Compression;

/// What `source` unpacks to, all streams of it one after the other.
pub(super) fn unpack<'r>(compression: Compression, source: impl Read + 'r) -> Box<dyn Read + 'r> {
    match compression {
        Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::new(source))),
        Compression::Xz => Box::new(XzReader::new_mem_limit(BufReader::new(source), true, XZ_MEMORY_KIB)),
        Compression::Zstandard => Box::new(Frames { source: BufReader::new(source), decoder: None }),
        Compression::Bzip2 => Box::new(MultiBzDecoder::new(source)),
    }
}

/// What `source`, a raw DEFLATE stream (RFC 1951), unpacks to.
pub(super) fn inflate<'r>(source: impl Read + 'r) -> Box<dyn Read + 'r> {
    Box::new(DeflateDecoder::new(BufReader::new(source)))
}

/// The frames of a Zstandard file (RFC 8878, section 3): their content one after the other, skippable ones left out.
struct Frames<R: Read> {
    source: BufReader<R>,
    /// `None` between two frames.
    decoder: Option<Box<FrameDecoder>>,
}

impl<R: Read> Frames<R> {
    /// The decoder of the next frame that is not skipped; `None` at the end.
    fn begin(&mut self) -> io::Result<Option<Box<FrameDecoder>>> {
        while !self.source.fill_buf()?.is_empty() {
            let mut decoder = Box::new(FrameDecoder::new());
            decoder.set_max_window_size(ZSTD_WINDOW);
            match decoder.init(&mut self.source) {
                Ok(()) => return Ok(Some(decoder)),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    io::copy(&mut self.source.by_ref().take(length.into()), &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(None)
    }
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.is_none() {
                self.decoder = self.begin()?;
            }
            let Some(decoder) = &mut self.decoder else { return Ok(0) };
            while decoder.can_collect() == 0 && !decoder.is_finished() {
                decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
            }
            let count = decoder.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.decoder = None;
        }
    }
}
