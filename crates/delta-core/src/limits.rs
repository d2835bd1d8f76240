//! Caps on what untrusted input may cost. The values are defaults of the
//! format's document; nothing is enforced here.

/// Caps for reading metadata and deltas (format 1, section 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Longest chunk in bytes. A file with a longer one can be neither source
    /// nor target of a delta. Default 64 MiB.
    pub max_chunk: usize,
    /// Most bytes that applying a delta may write. Default 16 GiB; clients set
    /// the target's `<open-size>`.
    pub max_output: u64,
    /// How many bytes of a base applying a journal may keep in memory, so that
    /// they need not be read and decompressed twice. Default 16 MiB; less costs
    /// nothing but time.
    pub max_kept: usize,
}

impl Limits {
    /// The default of [`max_chunk`](Self::max_chunk): 64 MiB.
    pub const MAX_CHUNK: usize = 64 << 20;

    /// These limits with another cap on the bytes that applying may write.
    #[must_use]
    pub fn with_max_output(mut self, bytes: u64) -> Self {
        self.max_output = bytes;
        self
    }

    /// These limits with another memory for a base, in bytes.
    #[must_use]
    pub fn with_max_kept(mut self, bytes: usize) -> Self {
        self.max_kept = bytes;
        self
    }

    /// These limits with another longest chunk, in bytes.
    #[must_use]
    pub fn with_max_chunk(mut self, bytes: usize) -> Self {
        self.max_chunk = bytes;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_chunk: Self::MAX_CHUNK, max_output: 16 << 30, max_kept: 16 << 20 }
    }
}
