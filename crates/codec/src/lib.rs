#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! - [`OpenReader`] reads a file, [`Expect`] is what it has to be, [`Summary`] what it was.
//! - [`Digest`] and [`Algorithm`]: checksums as repomd.xml has them; [`Hasher`] for bytes that come piece by
//!   piece.
//! - [`Compressor`] compresses quickly, for local copies.
//! - [`recipe`] compresses to a publisher's bytes; [`memory`] tells what decompressing a file takes.
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
//! - Memory is bounded: xz takes at most [`XZ_MEMORY`](memory::XZ_MEMORY), zstd a window of at most
//!   2^[`ZSTD_WINDOW_LOG`](memory::ZSTD_WINDOW_LOG) bytes, zchunk a header of at most 40 MiB and 2^18 chunks,
//!   a chunk and an open chunk of 64 MiB each and a dictionary of 16 MiB. What needs more is refused. The
//!   first frame of a zstd file and the first block of an xz file say what the whole
//!   file may take, where that is more than the usual ([`decoding_memory`](memory::decoding_memory)).

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
