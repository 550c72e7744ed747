//! Compressed files written.

use std::fmt;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zstd::stream::write::Encoder;

use super::packing::Packing;

/// Compresses what is written through it, or passes it on as it is.
pub enum Packer<W: Write> {
    Plain(W),
    Gzip(GzEncoder<W>),
    Zstd(Encoder<'static, W>),
}

impl<W: Write> Packer<W> {
    /// # Errors
    /// No memory for a compressor.
    pub fn new(packing: Option<Packing>, out: W) -> io::Result<Packer<W>> {
        Ok(match packing {
            None => Packer::Plain(out),
            Some(Packing::Gzip) => Packer::Gzip(GzEncoder::new(out, Compression::default())),
            Some(Packing::Zstd) => {
                let mut encoder = Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                // Damage is noticed, as it is in gzip.
                encoder.include_checksum(true)?;
                Packer::Zstd(encoder)
            }
        })
    }

    /// What it writes into.
    pub fn get_ref(&self) -> &W {
        match self {
            Packer::Plain(out) => out,
            Packer::Gzip(out) => out.get_ref(),
            Packer::Zstd(out) => out.get_ref(),
        }
    }

    /// Writes the end, without which what was written is cut off.
    ///
    /// # Errors
    /// Those of what it writes into.
    pub fn finish(self) -> io::Result<W> {
        match self {
            Packer::Plain(out) => Ok(out),
            Packer::Gzip(out) => out.finish(),
            Packer::Zstd(out) => out.finish(),
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Packer::Plain(out) => out.write(bytes),
            Packer::Gzip(out) => out.write(bytes),
            Packer::Zstd(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packer::Plain(out) => out.flush(),
            Packer::Gzip(out) => out.flush(),
            Packer::Zstd(out) => out.flush(),
        }
    }
}

impl<W: Write + fmt::Debug> fmt::Debug for Packer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Packer").field(self.get_ref()).finish()
    }
}

/// Bytes as one whole part, to be appended to a file.
///
/// # Errors
/// No memory for a compressor.
pub fn part(packing: Packing, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = Packer::new(Some(packing), Vec::new())?;
    packer.write_all(bytes)?;
    packer.finish()
}
