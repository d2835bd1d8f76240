//! Open bytes on their way from a decoder to the reader.

use crate::source::Totals;

/// Size of a block in bytes.
const BLOCK: usize = 256 * 1024;

/// Open bytes: those filled in, of which the reader has used some.
#[derive(Default)]
pub(crate) struct Block {
    bytes: Box<[u8]>,
    start: usize,
    end: usize,
}

impl Block {
    /// What is filled in and not used.
    pub(crate) fn unused(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, amount: usize) {
        self.start = self.end.min(self.start + amount);
    }

    /// The whole room, allocated at first use.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        if self.bytes.is_empty() {
            self.bytes = vec![0; BLOCK].into_boxed_slice();
        }
        &mut self.bytes
    }

    pub(crate) fn set_filled(&mut self, end: usize) {
        self.start = 0;
        self.end = end;
    }
}

/// What a decoder gives.
pub(crate) enum Fed {
    Block(Block),
    End(Totals),
}
