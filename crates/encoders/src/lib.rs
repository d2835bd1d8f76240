#![doc = include_str!("../README.md")]
//!
//! # Why these two libraries, and `unsafe`
//!
//! - The bytes of stock zlib's deflate are wanted, and no safe binding gives
//!   them beside flate2, whose backend is one for the whole program. It is
//!   zlib-rs, for its speed and its memory safety in reading what strangers
//!   wrote, and its compressed bytes are others.
//! - zstd 1.5.7 gives the bytes of its predecessors only if the parameter
//!   `ZSTD_c_blockSplitterLevel` is set, which the safe bindings do not offer.
//!
//! No length that a file gives is used, and a caller chooses no parameter but those of
//! [`Gzip::new`], [`Zstd::new`] and [`ZstdFrames::new`]. Each encoder owns one C object, gives C only pointers to
//! slices that it borrows for the call, and frees the object when it is dropped, whatever happened before.

mod gzip;
mod zstd;

pub use gzip::Gzip;
pub use zstd::{Splitting, Zstd, ZstdFrames};

/// What one call of an encoder did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes taken from the input.
    pub read: usize,
    /// Bytes written to the output.
    pub written: usize,
    /// Whether the end of the file has been written.
    pub ended: bool,
}

impl Step {
    /// From an encoder's totals, in and out, before and after a call.
    #[must_use]
    pub fn between(before: (u64, u64), after: (u64, u64), ended: bool) -> Self {
        let difference = |before: u64, after: u64| usize::try_from(after.saturating_sub(before)).unwrap_or(0);
        Self { read: difference(before.0, after.0), written: difference(before.1, after.1), ended }
    }
}

/// Why an encoder could not be started, or go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is too little memory.
    #[error("{library}: out of memory")]
    #[non_exhaustive]
    Memory {
        /// The library.
        library: &'static str,
    },
    /// The program was linked with another version of the library.
    #[error("{library} is version {found}, expected {expected}")]
    #[non_exhaustive]
    Version {
        /// The library.
        library: &'static str,
        /// The version whose bytes are known.
        expected: &'static str,
        /// The version that is linked.
        found: String,
    },
    /// The library refused a setting or input, or was called after its end.
    #[error("{library}: {reason}")]
    #[non_exhaustive]
    Refused {
        /// The library.
        library: &'static str,
        /// What it says.
        reason: String,
    },
}
