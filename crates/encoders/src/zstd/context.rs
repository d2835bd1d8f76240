//! zstd's object for compressing, with a level and a way of splitting.
#![allow(unsafe_code, reason = "calls zstd, see the crate's documentation")]

use std::ffi::{CStr, c_int};
use std::ptr::NonNull;

use zstd_sys as z;

use super::{LIBRARY, Splitting};
use crate::Error;

/// The version whose bytes are known, as text and as zstd counts.
const VERSION: (&str, u32) = ("1.5.7", 10507);

/// Owns the C object.
pub(super) struct Context(NonNull<z::ZSTD_CCtx>);

// SAFETY: the context belongs to this value alone, and zstd keeps nothing per
// thread.
unsafe impl Send for Context {}

impl Context {
    /// `level` is from 1 to 19.
    pub(super) fn new(level: u8, splitting: Splitting) -> Result<Self, Error> {
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
        // From here on dropped on every way out.
        let mut this = Self(context.ok_or(Error::Memory { library: LIBRARY })?);
        this.set(z::ZSTD_cParameter::ZSTD_c_compressionLevel, c_int::from(level))?;
        if splitting == Splitting::Off {
            // `ZSTD_c_blockSplitterLevel` in zstd.h.
            this.set(z::ZSTD_cParameter::ZSTD_c_experimentalParam20, 1)?;
        }
        Ok(this)
    }

    pub(super) fn set(&mut self, parameter: z::ZSTD_cParameter, value: c_int) -> Result<(), Error> {
        // SAFETY: the context is ours and valid.
        check(unsafe { z::ZSTD_CCtx_setParameter(self.as_ptr(), parameter, value) }).map(drop)
    }

    /// The object, valid as long as this value.
    pub(super) fn as_ptr(&mut self) -> *mut z::ZSTD_CCtx {
        self.0.as_ptr()
    }

    /// Bytes of memory that it has taken so far.
    pub(super) fn memory(&self) -> usize {
        // SAFETY: the context is ours and valid.
        unsafe { z::ZSTD_sizeof_CCtx(self.0.as_ptr()) }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the context is ours, valid, and not used again.
        unsafe { z::ZSTD_freeCCtx(self.0.as_ptr()) };
    }
}

/// Tells a result from an error code.
pub(super) fn check(code: usize) -> Result<usize, Error> {
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

pub(super) fn refused(reason: &str) -> Error {
    Error::Refused { library: LIBRARY, reason: reason.to_owned() }
}
