//! zlib-ng's deflate, fed as createrepo_c feeds it.
//!
//! The bytes that zlib-ng makes at its middle levels depend on how the content is cut
//! when it is handed in and on the room that there is for the output, so both are
//! repeated here: the two buffers of zlib's functions for gzip files, of the size that
//! createrepo_c asks for, and its calls, one for each package. Short calls fill the
//! buffer for input; one that is as long as the buffer goes past it.
//!
//! zlib-rs is zlib-ng in Rust and makes the same choices, from version 2.2 of zlib-ng
//! on.

use std::mem;

use encoders::Step;
use memchr::memmem;
use zlib_rs::{Deflate, DeflateFlush, Status};

/// Bytes of either buffer.
const BUFFER: usize = 128 << 10;
/// What a package begins and ends with; it is not checked that it is one.
const BEGIN: &[u8] = b"<package";
const END: &[u8] = b"</package>\n";
/// The longest package that is handed over in one call.
pub(super) const LONGEST: usize = 8 << 20;
/// zlib's numbers for a gzip file with the largest window.
const WINDOW_BITS: u8 = 15 + 16;

/// Compresses as a gzip file.
pub(super) struct GzFile {
    deflate: Deflate,
    /// What waits for a full buffer.
    input: Vec<u8>,
    /// What has been made since the buffer was last emptied.
    output: Box<[u8]>,
    filled: usize,
    calls: Calls,
    /// Made, and not fetched from `fetched` on.
    produced: Vec<u8>,
    fetched: usize,
    ended: bool,
}

/// Cuts the content into calls.
#[derive(Default)]
struct Calls {
    /// A package that has begun, or a few bytes that may begin one.
    pending: Vec<u8>,
    inside: bool,
    /// Bytes of `pending` in which nothing begins or ends.
    searched: usize,
}

impl GzFile {
    pub(super) fn new(level: u8) -> Self {
        Self {
            deflate: Deflate::new(i32::from(level), true, WINDOW_BITS),
            input: Vec::new(),
            output: vec![0; BUFFER].into_boxed_slice(),
            filled: 0,
            calls: Calls::default(),
            produced: Vec::new(),
            fetched: 0,
            ended: false,
        }
    }

    /// See [`Engine::step`](super::engine::Engine::step).
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8], end: bool) -> Result<Step, String> {
        let mut read = 0;
        if self.fetched == self.produced.len() {
            self.produced.clear();
            self.fetched = 0;
            read = input.len().min(BUFFER);
            self.take(input.get(..read).unwrap_or_default())?;
            if end && read == input.len() && !self.ended {
                self.finish()?;
            }
        }
        let waiting = self.produced.get(self.fetched..).unwrap_or_default();
        let written = waiting.len().min(output.len());
        if let (Some(from), Some(into)) = (waiting.get(..written), output.get_mut(..written)) {
            into.copy_from_slice(from);
        }
        self.fetched += written;
        Ok(Step { read, written, ended: self.ended && self.fetched == self.produced.len() })
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut calls = mem::take(&mut self.calls);
        let taken = calls.take(bytes, |call| self.write(call));
        self.calls = calls;
        taken
    }

    /// One call of `gzwrite`.
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), String> {
        if bytes.len() < BUFFER {
            loop {
                let (now, later) = bytes.split_at(bytes.len().min(BUFFER - self.input.len()));
                self.input.extend_from_slice(now);
                bytes = later;
                if bytes.is_empty() {
                    return Ok(());
                }
                self.empty_input()?;
            }
        }
        if !self.input.is_empty() {
            self.empty_input()?;
        }
        self.compress(bytes, DeflateFlush::NoFlush)
    }

    fn empty_input(&mut self) -> Result<(), String> {
        let mut input = mem::take(&mut self.input);
        let result = self.compress(&input, DeflateFlush::NoFlush);
        input.clear();
        self.input = input;
        result
    }

    fn finish(&mut self) -> Result<(), String> {
        let rest = mem::take(&mut self.calls).pending;
        self.write(&rest)?;
        let input = mem::take(&mut self.input);
        self.compress(&input, DeflateFlush::Finish)?;
        self.empty_output();
        self.ended = true;
        Ok(())
    }

    /// Compresses until nothing more comes of it.
    fn compress(&mut self, mut input: &[u8], flush: DeflateFlush) -> Result<(), String> {
        loop {
            if self.filled == BUFFER {
                self.empty_output();
            }
            let before = (self.deflate.total_in(), self.deflate.total_out());
            let room = self.output.get_mut(self.filled..).unwrap_or_default();
            let status = self.deflate.compress(input, room, flush);
            let status = status.map_err(|error| format!("zlib-rs: {}", error.as_str()))?;
            let step = Step::between(before, (self.deflate.total_in(), self.deflate.total_out()), false);
            input = input.get(step.read..).unwrap_or_default();
            self.filled += step.written;
            if step.written == 0 || status == Status::StreamEnd {
                return if input.is_empty() { Ok(()) } else { Err("zlib-rs: it does not go on".to_owned()) };
            }
        }
    }

    fn empty_output(&mut self) {
        self.produced.extend_from_slice(self.output.get(..self.filled).unwrap_or_default());
        self.filled = 0;
    }
}

impl Calls {
    /// Gives every call that `bytes` complete to `each`.
    fn take(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        self.pending.extend_from_slice(bytes);
        let mut start = 0;
        loop {
            let rest = self.pending.get(start..).unwrap_or_default();
            let marker = if self.inside { END } else { BEGIN };
            let unsearched = rest.get(self.searched..).unwrap_or_default();
            let found = memmem::find(unsearched, marker).map(|at| self.searched + at);
            // The marker may yet be completed by what follows.
            let searched = (rest.len() + 1).saturating_sub(marker.len());
            let call = match found {
                Some(at) if self.inside => at + END.len(),
                Some(at) => at,
                None if self.inside && rest.len() <= LONGEST => 0,
                None => searched,
            };
            let call = rest.get(..call).unwrap_or_default();
            if self.inside && !call.is_empty() {
                each(call)?;
            } else {
                // Text between packages comes in short calls.
                call.chunks(BUFFER / 2).try_for_each(&mut each)?;
            }
            start += call.len();
            if found.is_none() {
                self.searched = searched - call.len();
                break;
            }
            self.searched = 0;
            self.inside = !self.inside;
        }
        self.pending.drain(..start);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The calls that content makes, handed over in pieces of `cut` bytes.
    fn calls(content: &[u8], cut: usize) -> Vec<Vec<u8>> {
        let mut calls = Calls::default();
        let mut made = Vec::new();
        for piece in content.chunks(cut) {
            let each = |call: &[u8]| {
                made.push(call.to_vec());
                Ok(())
            };
            calls.take(piece, each).unwrap();
            assert!(calls.pending.len() <= LONGEST);
        }
        made.push(calls.pending);
        made
    }

    fn package(inside: usize) -> Vec<u8> {
        [b"<package>".to_vec(), vec![b'x'; inside], END.to_vec()].concat()
    }

    #[test]
    fn packages_are_calls_of_their_own() {
        let content =
            [b"<m>\n<pack".to_vec(), package(3), package(0), b"  ".to_vec(), package(9), b"</m>".to_vec()];
        for cut in [1, 2, 7, 1000] {
            let calls = calls(&content.concat(), cut);
            assert_eq!(calls.concat(), content.concat());
            let packages: Vec<_> = calls.iter().filter(|call| call.starts_with(BEGIN)).collect();
            assert_eq!(packages, [&content[1], &content[2], &content[4]], "{cut}");
        }
    }

    #[test]
    fn text_between_packages_comes_in_short_calls() {
        let content = vec![b'x'; 1 << 20];
        assert!(calls(&content, content.len()).iter().all(|call| call.len() < BUFFER));
    }

    #[test]
    fn a_package_that_is_too_long_is_cut() {
        let content = package(LONGEST + 5 * BUFFER);
        let calls = calls(&content, BUFFER);
        assert!(calls.len() > 1);
        assert!(calls.concat() == content);
    }
}
