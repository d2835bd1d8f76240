//! Telling compressions apart by their first bytes.
//!
//! File names are not looked at, and nothing is decoded here.

use std::fmt;

/// How a metadata file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip (RFC 1952).
    Gzip,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// Zstandard (RFC 8878).
    Zstd,
    /// zchunk: frames of Zstandard, one for each chunk, behind an index of them.
    Zchunk,
}

/// What the first bytes say.
pub(crate) enum Detected {
    Known(Compression),
    /// A format that is recognised in order to refuse it.
    Unsupported(&'static str),
}

/// How many bytes decide.
pub(crate) const MAGIC_LEN: usize = 6;

impl Compression {
    /// The compression of a file that starts with these bytes; `None` if the
    /// format is known but not supported (the header of a zchunk file alone).
    ///
    /// Six bytes are enough; a file may have fewer.
    #[must_use]
    pub fn detect(start: &[u8]) -> Option<Self> {
        match detect(start) {
            Detected::Known(compression) => Some(compression),
            Detected::Unsupported(_) => None,
        }
    }

    /// The usual suffix of file names, without a dot; empty for `None`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => "gz",
            Self::Bzip2 => "bz2",
            Self::Xz => "xz",
            Self::Zstd => "zst",
            Self::Zchunk => "zck",
        }
    }
}

/// The suffix, or `none`.
impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            other => other.suffix(),
        })
    }
}

pub(crate) fn detect(start: &[u8]) -> Detected {
    Detected::Known(match start {
        [0x1f, 0x8b, ..] => Compression::Gzip,
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Compression::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
        // A frame, or a skippable frame, with which parallel compressors begin.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
        [0, b'Z', b'C', b'K', b'1', ..] => Compression::Zchunk,
        // A header without the chunks.
        [0, b'Z', b'H', b'R', b'1', ..] => return Detected::Unsupported("detached zchunk header"),
        _ => Compression::None,
    })
}
