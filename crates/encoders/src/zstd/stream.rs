//! One zstd frame: no dictionary, one thread, no content size, no checksum.
#![allow(unsafe_code, reason = "calls zstd, see the crate's documentation")]

use std::ffi::c_void;
use std::fmt;

use zstd_sys as z;

use super::Splitting;
use super::context::{Context, check, refused};
use crate::{Error, Step};

/// Compresses one frame.
///
/// Takes what the level's tables and window take: 45 MiB at level 10, 90 MiB at
/// level 19.
pub struct Zstd {
    context: Context,
    ended: bool,
}

impl Zstd {
    /// Starts a frame; `level` is from 1 to 19.
    pub fn new(level: u8, splitting: Splitting) -> Result<Self, Error> {
        Ok(Self { context: Context::new(level, splitting)?, ended: false })
    }

    /// Compresses some of `input` into `output`; with `end` nothing follows
    /// `input`, and the calls must go on until the frame has
    /// [ended](Step::ended).
    ///
    /// The bytes are those of a writer that does not know where the content
    /// ends: at the end zstd is called once more, without input.
    pub fn step(&mut self, input: &[u8], output: &mut [u8], end: bool) -> Result<Step, Error> {
        if self.ended {
            return Err(refused("the frame has ended"));
        }
        let last = end && input.is_empty();
        let mut from = z::ZSTD_inBuffer { src: input.as_ptr().cast::<c_void>(), size: input.len(), pos: 0 };
        let mut into =
            z::ZSTD_outBuffer { dst: output.as_mut_ptr().cast::<c_void>(), size: output.len(), pos: 0 };
        let directive =
            if last { z::ZSTD_EndDirective::ZSTD_e_end } else { z::ZSTD_EndDirective::ZSTD_e_continue };
        // SAFETY: the context is ours and valid; the buffers are borrowed for the
        // call, with their true lengths; zstd copies what it keeps.
        let left = check(unsafe {
            z::ZSTD_compressStream2(self.context.as_ptr(), &raw mut into, &raw mut from, directive)
        })?;
        self.ended = last && left == 0;
        Ok(Step { read: from.pos, written: into.pos, ended: self.ended })
    }

    /// Bytes of memory that the encoder has taken so far. All is taken at the
    /// first step.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.context.memory()
    }
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").field("ended", &self.ended).finish_non_exhaustive()
    }
}
