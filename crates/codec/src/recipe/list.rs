//! The closed list of recipes. Numbers are a wire format: an entry is never
//! changed, moved or taken away, new ones go to the end. It is printed in
//! the document `recipes.md` of createrepo-delta.

use std::fmt;

use encoders::Splitting;

use super::gzfile;
use crate::Compression;

/// A way to compress a file, to the bit: an index into a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Recipe(u8);

/// One row of the list.
pub(super) struct Entry {
    name: &'static str,
    pub(super) method: Method,
    /// The first bytes of every file that it makes. zstd writes others where
    /// there is no content at all; nobody looks for those.
    pub(super) head: &'static [u8],
    memory: u64,
    /// In place of the header that the encoder writes.
    pub(super) header: Option<NamedHeader>,
}

/// An encoder and its settings.
#[derive(Clone, Copy, Debug)]
pub(super) enum Method {
    None,
    Gzip { level: u8 },
    GzipNg { level: u8 },
    Bzip2 { level: u8 },
    Xz { preset: u8, check: XzCheck },
    Zstd { level: u8, splitting: Splitting },
    Zchunk { level: u8, splitting: Splitting },
}

#[derive(Clone, Copy, Debug)]
pub(super) enum XzCheck {
    Crc32,
    Crc64,
}

/// The two bytes of a gzip header that tell programs apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedHeader {
    pub(super) extra_flags: u8,
    pub(super) system: u8,
}

const GZIP: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
const GZIP_BEST: &[u8] = &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3];
/// Time and name follow.
const GZIP_NAMED: &[u8] = &[0x1f, 0x8b, 8, 8];
const XZ_CRC32: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0, 0, 1];
const XZ_CRC64: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0, 0, 4];
/// Neither size nor checksum; a window of 4 MiB.
const ZSTD_4M: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0, 0x60];
/// The same with a window of 8 MiB.
const ZSTD_8M: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd, 0, 0x68];

const ZCHUNK: &[u8] = b"\0ZCK1";

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

const fn gzip(name: &'static str, level: u8, head: &'static [u8]) -> Entry {
    Entry { name, method: Method::Gzip { level }, head, memory: 300 * KIB, header: None }
}

const fn gzip_ng(name: &'static str, level: u8, head: &'static [u8]) -> Entry {
    // Of the longest package and what it gives, which grow by doubling.
    let memory = 4 * gzfile::LONGEST as u64 + MIB;
    Entry { name, method: Method::GzipNg { level }, head, memory, header: None }
}

const fn bzip2(name: &'static str, level: u8, head: &'static [u8]) -> Entry {
    // Of the manual: 400 k + 8 times the block size of `level` times 100 k.
    let memory = 400 * KIB + 8 * 100 * KIB * level as u64;
    Entry { name, method: Method::Bzip2 { level }, head, memory, header: None }
}

const fn xz(name: &'static str, preset: u8, check: XzCheck, head: &'static [u8]) -> Entry {
    Entry { name, method: Method::Xz { preset, check }, head, memory: 94 * MIB, header: None }
}

const fn zstd(name: &'static str, level: u8, splitting: Splitting, head: &'static [u8]) -> Entry {
    let memory = if level > 10 { 90 } else { 50 } * MIB;
    Entry { name, method: Method::Zstd { level, splitting }, head, memory, header: None }
}

const fn zchunk(name: &'static str, level: u8, splitting: Splitting) -> Entry {
    // A chunk and its compressed bytes are at hand besides the encoder.
    let memory = 75 * MIB + 2 * super::zchunk::MAX_CHUNK as u64;
    Entry { name, method: Method::Zchunk { level, splitting }, head: ZCHUNK, memory, header: None }
}

/// That of Python's gzip module.
const PYTHON: NamedHeader = NamedHeader { extra_flags: 2, system: 255 };

const LIST: [Entry; 22] = [
    Entry { name: "none", method: Method::None, head: &[], memory: 0, header: None },
    gzip("gzip-6", 6, GZIP),
    gzip("gzip-9", 9, GZIP_BEST),
    bzip2("bzip2-5", 5, b"BZh5"),
    bzip2("bzip2-9", 9, b"BZh9"),
    xz("xz-5", 5, XzCheck::Crc32, XZ_CRC32),
    xz("xz-6", 6, XzCheck::Crc32, XZ_CRC32),
    xz("xz-5-crc64", 5, XzCheck::Crc64, XZ_CRC64),
    xz("xz-6-crc64", 6, XzCheck::Crc64, XZ_CRC64),
    zstd("zstd-10-unsplit", 10, Splitting::Off, ZSTD_4M),
    zstd("zstd-10", 10, Splitting::Default, ZSTD_4M),
    zstd("zstd-9-unsplit", 9, Splitting::Off, ZSTD_4M),
    zstd("zstd-9", 9, Splitting::Default, ZSTD_4M),
    zstd("zstd-19-unsplit", 19, Splitting::Off, ZSTD_8M),
    zstd("zstd-19", 19, Splitting::Default, ZSTD_8M),
    Entry { header: Some(PYTHON), ..gzip("gzip-9-named", 9, GZIP_NAMED) },
    gzip_ng("gzip-6-ng", 6, GZIP),
    gzip_ng("gzip-9-ng", 9, GZIP_BEST),
    zchunk("zck-10-unsplit", 10, Splitting::Off),
    zchunk("zck-10", 10, Splitting::Default),
    zchunk("zck-9-unsplit", 9, Splitting::Off),
    zchunk("zck-9", 9, Splitting::Default),
];

impl Recipe {
    /// Every recipe, by number.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map_while(Self::from_number)
    }

    /// The number by which files name it.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// The recipe of this number; `None` if this version knows none.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        (usize::from(number) < LIST.len()).then_some(Self(number))
    }

    /// What people call it: encoder, level and variant.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// The compression of the files that it makes.
    #[must_use]
    pub fn compression(self) -> Compression {
        match self.entry().method {
            Method::None => Compression::None,
            Method::Gzip { .. } | Method::GzipNg { .. } => Compression::Gzip,
            Method::Bzip2 { .. } => Compression::Bzip2,
            Method::Xz { .. } => Compression::Xz,
            Method::Zstd { .. } => Compression::Zstd,
            Method::Zchunk { .. } => Compression::Zchunk,
        }
    }

    /// The most memory that its encoder takes, in bytes, whatever the content;
    /// a [`Rebuilder`](super::Rebuilder) has 64 KiB of its own besides.
    #[must_use]
    pub fn memory(self) -> u64 {
        self.entry().memory
    }

    /// Whether it needs [`Facts`](super::Facts), and so can only be followed by
    /// [`Recipe::rebuilder_with`].
    #[must_use]
    pub fn needs_facts(self) -> bool {
        self.entry().header.is_some()
    }

    /// Whether it is one of zchunk files, and so can only be followed by
    /// [`Recipe::zchunk_rebuilder`], which has the file that there was before.
    #[must_use]
    pub fn needs_old_file(self) -> bool {
        matches!(self.entry().method, Method::Zchunk { .. })
    }

    pub(super) fn entry(self) -> &'static Entry {
        // Only numbers of the list are ever made.
        LIST.get(usize::from(self.0)).unwrap_or(&LIST[0])
    }
}

/// Its name.
impl fmt::Display for Recipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
