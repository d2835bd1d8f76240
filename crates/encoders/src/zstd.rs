//! One zstd frame: no dictionary, one thread, no content size, no checksum.
#![allow(unsafe_code, reason = "calls zstd, see the crate's documentation")]

use std::ffi::{CStr, c_int, c_void};
use std::fmt;
use std::ptr::NonNull;

use zstd_sys as z;

use crate::{Error, Step};

const LIBRARY: &str = "zstd";

/// The version whose bytes are known, as text and as zstd counts.
const VERSION: (&str, u32) = ("1.5.7", 10507);

/// How a frame is cut into blocks before they are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Splitting {
    /// As zstd 1.5.7 does: where the statistics of the content change.
    Default,
    /// Not at all, as its predecessors did (`ZSTD_c_blockSplitterLevel` is 1).
    Off,
}

/// Compresses one frame.
///
/// Takes what the level's tables and window take: 45 MiB at level 10, 90 MiB at
/// level 19.
pub struct Zstd {
    /// Owned by this value.
    context: NonNull<z::ZSTD_CCtx>,
    ended: bool,
}

// SAFETY: the context belongs to this value alone, and zstd keeps nothing per
// thread.
unsafe impl Send for Zstd {}

impl Zstd {
    /// Starts a frame; `level` is from 1 to 19.
    pub fn new(level: u8, splitting: Splitting) -> Result<Self, Error> {
        // SAFETY: no pointers are involved.
        let found = unsafe { z::ZSTD_versionNumber() };
        if found != VERSION.1 {
            let found = format!("{}.{}.{}", found / 10_000, found / 100 % 100, found % 100);
            return Err(Error::Version { library: LIBRARY, expected: VERSION.0, found });
        }
        if !(1..=19).contains(&level) {
            return Err(refused(&format!("level {level} is not from 1 to 19")));
        }
        // SAFETY: no pointers are involved.
        let context = NonNull::new(unsafe { z::ZSTD_createCCtx() });
        let context = context.ok_or(Error::Memory { library: LIBRARY })?;
        // From here on dropped on every way out.
        let mut this = Self { context, ended: false };
        this.set(z::ZSTD_cParameter::ZSTD_c_compressionLevel, c_int::from(level))?;
        if splitting == Splitting::Off {
            // `ZSTD_c_blockSplitterLevel` in zstd.h.
            this.set(z::ZSTD_cParameter::ZSTD_c_experimentalParam20, 1)?;
        }
        Ok(this)
    }

    fn set(&mut self, parameter: z::ZSTD_cParameter, value: c_int) -> Result<(), Error> {
        // SAFETY: the context is ours and valid.
        check(unsafe { z::ZSTD_CCtx_setParameter(self.context.as_ptr(), parameter, value) }).map(drop)
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
}

impl Zstd {
    /// Bytes of memory that the encoder has taken so far. All is taken at the
    /// first step.
    #[must_use]
    pub fn memory(&self) -> usize {
        // SAFETY: the context is ours and valid.
        unsafe { z::ZSTD_sizeof_CCtx(self.context.as_ptr()) }
    }
}

impl Drop for Zstd {
    fn drop(&mut self) {
        // SAFETY: the context is ours, valid, and not used again.
        unsafe { z::ZSTD_freeCCtx(self.context.as_ptr()) };
    }
}

impl fmt::Debug for Zstd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Zstd").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// Tells a result from an error code.
fn check(code: usize) -> Result<usize, Error> {
    // SAFETY: no pointers are involved.
    if unsafe { z::ZSTD_isError(code) } == 0 {
        return Ok(code);
    }
    // SAFETY: no pointers are involved.
    if unsafe { z::ZSTD_getErrorCode(code) } == z::ZSTD_ErrorCode::ZSTD_error_memory_allocation {
        return Err(Error::Memory { library: LIBRARY });
    }
    // SAFETY: no pointers are involved.
    let name = unsafe { z::ZSTD_getErrorName(code) };
    // SAFETY: zstd returns a static C string for every code.
    let name = unsafe { CStr::from_ptr(name) };
    Err(refused(&name.to_string_lossy()))
}

fn refused(reason: &str) -> Error {
    Error::Refused { library: LIBRARY, reason: reason.to_owned() }
}
