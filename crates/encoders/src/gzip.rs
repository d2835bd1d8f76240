//! gzip by stock zlib: memory level 8, a window of 32 KiB, the default
//! strategy; the header that zlib itself writes.
#![allow(unsafe_code, reason = "calls stock zlib, see the crate's documentation")]

use std::ffi::{CStr, c_int};
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr;

use libz_sys as z;

use crate::{Error, Step};

const LIBRARY: &str = "zlib";

/// The version whose bytes are known.
const VERSION: &str = "1.3.2";

/// A window of 32 KiB, and gzip's header and trailer (`deflateInit2`).
const WINDOW_BITS: c_int = 15 + 16;

/// zlib's default, which all programs use.
const MEMORY_LEVEL: c_int = 8;

/// Compresses one gzip member. Takes about 270 KiB.
pub struct Gzip {
    /// Owned by this value: made by [`Box::into_raw`], its fields set by zlib.
    ///
    /// It is a raw pointer because zlib's state points back to it, which a box
    /// would not allow. Only single fields are read and written here: zlib takes
    /// a null for a function that is not given, which the Rust type of the whole
    /// structure does not know, so none is ever made.
    stream: *mut z::z_stream,
    ended: bool,
}

// SAFETY: the stream and everything that it points to belong to this value
// alone, and zlib keeps nothing per thread.
unsafe impl Send for Gzip {}

impl Gzip {
    /// Starts a member; `level` is from 1 to 9.
    pub fn new(level: u8) -> Result<Self, Error> {
        let found = version();
        if found != VERSION {
            return Err(Error::Version { library: LIBRARY, expected: VERSION, found });
        }
        if !(1..=9).contains(&level) {
            return Err(refused(&format!("level {level} is not from 1 to 9")));
        }
        let zeroed = Box::new(MaybeUninit::<z::z_stream>::zeroed());
        // From here on dropped on every way out.
        let this = Self { stream: Box::into_raw(zeroed).cast(), ended: false };
        let size =
            c_int::try_from(size_of::<z::z_stream>()).map_err(|_| refused("its stream is too large"))?;
        // SAFETY: no pointers are involved.
        let version = unsafe { z::zlibVersion() };
        // SAFETY: the stream is zeroed, as zlib wants it where the functions that
        // allocate are its own; `version` is zlib's own C string, `size` the size
        // of the structure.
        let code = unsafe {
            z::deflateInit2_(
                this.stream,
                c_int::from(level),
                z::Z_DEFLATED,
                WINDOW_BITS,
                MEMORY_LEVEL,
                z::Z_DEFAULT_STRATEGY,
                version,
                size,
            )
        };
        match code {
            z::Z_OK => Ok(this),
            z::Z_MEM_ERROR => Err(Error::Memory { library: LIBRARY }),
            code => Err(refused(&format!("deflateInit2 returned {code}"))),
        }
    }

    /// Compresses some of `input` into `output`; with `end` nothing follows
    /// `input`, and the calls must go on until the member has
    /// [ended](Step::ended).
    ///
    /// A step that reads and writes nothing needs more of one of them.
    pub fn step(&mut self, input: &[u8], output: &mut [u8], end: bool) -> Result<Step, Error> {
        if self.ended {
            return Err(refused("the member has ended"));
        }
        // What does not fit a C integer is left to the next call.
        let given = z::uInt::try_from(input.len()).unwrap_or(z::uInt::MAX);
        let room = z::uInt::try_from(output.len()).unwrap_or(z::uInt::MAX);
        let last = end && given as usize == input.len();
        // SAFETY: the stream is ours and initialised; see the field for why the
        // fields are written one by one.
        unsafe {
            (&raw mut (*self.stream).next_in).write(input.as_ptr().cast_mut());
            (&raw mut (*self.stream).avail_in).write(given);
            (&raw mut (*self.stream).next_out).write(output.as_mut_ptr());
            (&raw mut (*self.stream).avail_out).write(room);
        }
        // SAFETY: the stream is initialised; input and output are borrowed for
        // the call, and the counts are at most their lengths. zlib does not write
        // to its input.
        let code = unsafe { z::deflate(self.stream, if last { z::Z_FINISH } else { z::Z_NO_FLUSH }) };
        // SAFETY: as above. No pointer to a borrowed slice stays behind.
        let (unread, unused) = unsafe {
            (&raw mut (*self.stream).next_in).write(ptr::null_mut());
            (&raw mut (*self.stream).next_out).write(ptr::null_mut());
            ((&raw const (*self.stream).avail_in).read(), (&raw const (*self.stream).avail_out).read())
        };
        match code {
            // Z_BUF_ERROR: nothing could be done with so little; not an error.
            z::Z_OK | z::Z_BUF_ERROR => {}
            z::Z_STREAM_END => self.ended = true,
            code => return Err(refused(&format!("deflate returned {code}"))),
        }
        let read = given.saturating_sub(unread) as usize;
        let written = room.saturating_sub(unused) as usize;
        Ok(Step { read, written, ended: self.ended })
    }
}

impl Drop for Gzip {
    fn drop(&mut self) {
        // SAFETY: the stream is ours and either initialised or still zeroed, in
        // which case zlib says so and does nothing. Its answer for a stream that
        // has not ended is no failure.
        unsafe { z::deflateEnd(self.stream) };
        // SAFETY: this is the box of `new`, and nothing points to it any more.
        drop(unsafe { Box::from_raw(self.stream.cast::<MaybeUninit<z::z_stream>>()) });
    }
}

impl fmt::Debug for Gzip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gzip").field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// The version of zlib that is linked.
fn version() -> String {
    // SAFETY: no pointers are involved.
    let version = unsafe { z::zlibVersion() };
    // SAFETY: zlib returns a static C string.
    let version = unsafe { CStr::from_ptr(version) };
    version.to_string_lossy().into_owned()
}

fn refused(reason: &str) -> Error {
    Error::Refused { library: LIBRARY, reason: reason.to_owned() }
}
