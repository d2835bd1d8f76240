//! Runs, shortened as bzip2 does it first: that is how it measures its blocks, and so
//! where one ends.

use std::mem;

/// A block's content, its runs shortened: after four times the same byte comes how many
/// times more. bzip2 measures its blocks by this.
pub(super) struct Runs {
    block: Vec<u8>,
    /// With as many bytes the block is full.
    full: usize,
    byte: u8,
    /// How many times it came last; 0 at the beginning.
    length: u8,
}

impl Runs {
    pub(super) fn new(level: u8) -> Self {
        let full = 100_000 * usize::from(level) - 19;
        Self { block: Vec::new(), full, byte: 0, length: 0 }
    }

    /// Takes `bytes`, or some of them until the block is full; says how many, and whether
    /// it is. The run that filled the block is the last one in it; what has been taken after
    /// it belongs to the next block.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == self.byte && (1..u8::MAX).contains(&self.length) {
                self.length += 1;
                continue;
            }
            self.flush();
            self.byte = byte;
            self.length = 1;
            if self.block.len() >= self.full {
                return (at + 1, true);
            }
        }
        (bytes.len(), false)
    }

    /// Ends the run.
    pub(super) fn flush(&mut self) {
        let byte = self.byte;
        match self.length {
            0 => {}
            1 => self.block.push(byte),
            2 => self.block.extend_from_slice(&[byte; 2]),
            3 => self.block.extend_from_slice(&[byte; 3]),
            more => self.block.extend_from_slice(&[byte, byte, byte, byte, more - 4]),
        }
        self.length = 0;
    }

    pub(super) fn next_block(&mut self) -> Vec<u8> {
        mem::take(&mut self.block)
    }
}

/// Gives the content of a block, whose runs are shortened, to `each` in pieces.
pub(super) fn lengthen(
    block: &[u8],
    mut each: impl FnMut(&[u8]) -> Result<(), String>,
) -> Result<(), String> {
    let (mut start, mut byte, mut length) = (0, 0, 0);
    for (at, &next) in block.iter().enumerate() {
        if length == 4 {
            each(block.get(start..at).unwrap_or_default())?;
            each([byte; 255].get(..usize::from(next)).unwrap_or_default())?;
            (start, length) = (at + 1, 0);
        } else {
            length = if length > 0 && next == byte { length + 1 } else { 1 };
            byte = next;
        }
    }
    each(block.get(start..).unwrap_or_default())
}
