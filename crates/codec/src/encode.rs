//! Compressing open metadata quickly, for copies that are read locally.
//!
//! The settings are fast ones with small windows, and nothing else can be
//! chosen. The bytes are no part of any format and may change with a version
//! of a library: who needs to know them hashes what comes out.

use std::fmt;
use std::io::{self, Write};

use flate2::write::GzEncoder;

use crate::Compression;

/// Level 1 of zstd: a window of 512 KiB, faster than most disks.
const ZSTD_LEVEL: i32 = 1;

/// Level 1 of zlib.
const GZIP_LEVEL: u32 = 1;

/// Compresses what is written to it.
///
/// [`Compressor::finish`] must be called at the end; a compressor that is
/// dropped leaves a file that is cut short.
pub struct Compressor<W: Write>(Format<W>);

enum Format<W: Write> {
    None(W),
    Gzip(Box<GzEncoder<W>>),
    Zstd(Box<zstd::Encoder<'static, W>>),
}

impl<W: Write> Compressor<W> {
    /// Starts a file of this compression.
    ///
    /// # Errors
    /// Those of `out`; and [`io::ErrorKind::Unsupported`] for bzip2 and xz,
    /// which are not quick, and for zchunk.
    pub fn new(out: W, compression: Compression) -> io::Result<Self> {
        Ok(Self(match compression {
            Compression::None => Format::None(out),
            Compression::Gzip => {
                Format::Gzip(Box::new(GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL))))
            }
            Compression::Zstd => Format::Zstd(Box::new(zstd::Encoder::new(out, ZSTD_LEVEL)?)),
            Compression::Bzip2 | Compression::Xz | Compression::Zchunk => {
                let why = format!("compressing as {compression} is not supported");
                return Err(io::Error::new(io::ErrorKind::Unsupported, why));
            }
        }))
    }

    /// Writes the end of the file, and gives `out` back.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Format::None(out) => Ok(out),
            Format::Gzip(encoder) => encoder.finish(),
            Format::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Format::None(out) => out.write(bytes),
            Format::Gzip(encoder) => encoder.write(bytes),
            Format::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Does nothing for compressed formats: a flush would cost bytes, and the
    /// file is not complete before [`Compressor::finish`].
    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Format::None(out) => out.flush(),
            Format::Gzip(_) | Format::Zstd(_) => Ok(()),
        }
    }
}

impl<W: Write> fmt::Debug for Compressor<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Format::None(_) => "Compressor(none)",
            Format::Gzip(_) => "Compressor(gz)",
            Format::Zstd(_) => "Compressor(zst)",
        })
    }
}
