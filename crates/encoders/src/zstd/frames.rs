//! Whole frames with one dictionary, as zchunk files have them: with content size,
//! without checksum, by the strategy `btopt` whatever the level.
#![allow(unsafe_code, reason = "calls zstd, see the crate's documentation")]

use std::ffi::{c_int, c_void};
use std::fmt;

use zstd_sys as z;

use super::Splitting;
use super::context::{Context, check};
use crate::Error;

/// Compresses contents to one frame each.
pub struct ZstdFrames {
    context: Context,
}

impl ZstdFrames {
    /// `level` is from 1 to 19; an empty `dictionary` is none. A copy of it is kept.
    pub fn new(level: u8, splitting: Splitting, dictionary: &[u8]) -> Result<Self, Error> {
        let mut context = Context::new(level, splitting)?;
        context.set(z::ZSTD_cParameter::ZSTD_c_strategy, z::ZSTD_strategy::ZSTD_btopt as c_int)?;
        if !dictionary.is_empty() {
            // SAFETY: the context is ours and valid; the dictionary is borrowed for the
            // call, with its true length; zstd copies it.
            check(unsafe {
                z::ZSTD_CCtx_loadDictionary(
                    context.as_ptr(),
                    dictionary.as_ptr().cast::<c_void>(),
                    dictionary.len(),
                )
            })?;
        }
        Ok(Self { context })
    }

    /// Makes `frame` the frame of `content`.
    pub fn compress(&mut self, content: &[u8], frame: &mut Vec<u8>) -> Result<(), Error> {
        // SAFETY: no pointers are involved.
        let most = check(unsafe { z::ZSTD_compressBound(content.len()) })?;
        frame.clear();
        frame.resize(most, 0);
        // SAFETY: the context is ours and valid; both slices are borrowed for the call,
        // with their true lengths.
        let length = check(unsafe {
            z::ZSTD_compress2(
                self.context.as_ptr(),
                frame.as_mut_ptr().cast::<c_void>(),
                frame.len(),
                content.as_ptr().cast::<c_void>(),
                content.len(),
            )
        })?;
        frame.truncate(length);
        Ok(())
    }

    /// Bytes of memory that the encoder has taken so far, which depends on the
    /// longest content.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.context.memory()
    }
}

impl fmt::Debug for ZstdFrames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZstdFrames").finish_non_exhaustive()
    }
}
