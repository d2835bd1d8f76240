//! Opening compressed repository metadata, with size caps and checksums.
//!
//! [`OpenReader`] reads a metadata file of any compression that repositories
//! use, recognised by its content, and hands out the *open* (uncompressed)
//! bytes. While they stream by it counts and hashes both sides, and stops as
//! soon as something contradicts what the caller [expects](Expect): a download
//! that is too long, a decompression bomb, a wrong checksum.
//!
//! ```
//! use std::io::Read as _;
//! use codec::{Algorithm, Expect, OpenReader};
//!
//! # fn main() -> Result<(), codec::Error> {
//! let expect = Expect {
//!     open_size: Some(6),
//!     open_digests: vec![Algorithm::Sha1],
//!     ..Expect::default()
//! };
//! let mut reader = OpenReader::new(&b"<a></a"[..], "primary.xml", expect)?;
//! let mut open = Vec::new();
//! reader
//!     .read_to_end(&mut open)
//!     .map_err(|error| codec::Error::from_io(error, "primary.xml".as_ref()))?;
//! let summary = reader.finish()?;
//! assert_eq!(summary.open_size, 6);
//! # Ok(())
//! # }
//! ```
//!
//! # Deliberate behaviour
//!
//! - Content decides on the compression, never the file name. What has no known
//!   magic number, be it empty, is taken as it is ([`Compression::None`]).
//! - Several gzip members, bzip2 or xz streams or zstd frames one after the
//!   other are read as one, as the usual tools do. Zero bytes after gzip members are
//!   padding, as for those tools, and so are those that the xz format itself defines
//!   (multiples of four). Anything else after the compressed data is an error.
//! - Of zchunk files the header, each chunk and all of them together are verified
//!   by the checksums that the file has itself, the header before anything in it
//!   is used and a chunk before it is decompressed; where chunks have open checksums
//!   (`zck -u`) there is none of all of them together. A header without its chunks is
//!   recognised and refused, and so is a file with more than one data stream.
//! - Memory is bounded: 1 MiB for open blocks, 256 KiB for reading, and what the
//!   format needs: xz at most [`XZ_MEMORY`](memory::XZ_MEMORY), zstd a window of at most
//!   2^[`ZSTD_WINDOW_LOG`](memory::ZSTD_WINDOW_LOG) bytes, zchunk a header of at most 40 MiB and 2^18 chunks,
//!   a chunk and an open chunk of 64 MiB each and a dictionary of 16 MiB. What needs more is refused. The
//!   first frame of a zstd file and the first block of an xz file say what the whole
//!   file may take, where that is more than the usual ([`decoding_memory`](memory::decoding_memory)).
//!
//! [`Compressor`] goes the other way, quickly and for local copies only: it
//! does not make the bytes that a publisher made. No paths are opened here.

mod algorithm;
mod block;
mod check;
mod compression;
mod decode;
mod digest;
mod encode;
mod error;
mod feed;
mod hasher;
mod members;
pub mod memory;
mod reader;
pub mod recipe;
mod source;
mod zchunk;

pub use algorithm::Algorithm;
pub use check::{DEFAULT_MAX_OPEN_SIZE, Expect, Summary};
pub use compression::Compression;
pub use digest::{Digest, DigestError};
pub use encode::Compressor;
pub use error::Error;
pub use hasher::Hasher;
pub use reader::OpenReader;
