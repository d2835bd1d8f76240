//! What is known of one past generation, and how long it is kept.

use delta_core::chunk::Symbol;

/// One generation of a metadata file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Generation {
    /// SHA-256 of the open content: its identity.
    pub open_sha256: [u8; 32],
    /// Bytes of the open content.
    pub open_size: u64,
    /// Bytes of the compressed file as last published.
    pub size: u64,
    /// The `<timestamp>`s under which it was published, in seconds, ascending.
    pub timestamps: Vec<u64>,
    /// Its `<open-checksum>`s as published, `type:hex`, where they were not the
    /// SHA-256.
    pub declared: Vec<String>,
    /// Its chunks, as symbols of the track's table.
    pub sequence: Vec<Symbol>,
}

/// How a generation was published: what repomd.xml says of it, beyond its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Publication {
    /// SHA-256 of the open content.
    pub open_sha256: [u8; 32],
    /// Bytes of the open content.
    pub open_size: u64,
    /// Bytes of the compressed file.
    pub size: u64,
    /// `<timestamp>`, in seconds, if there is one.
    pub timestamp: Option<u64>,
    /// `<open-checksum>` as `type:hex`, where it is not the SHA-256.
    pub declared: Option<String>,
}

/// How many generations are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Most generations, the newest included; at least 1 counts. Default 56.
    pub generations: usize,
    /// Oldest age in seconds, measured between a generation's last timestamp
    /// and that of the newest generation. Generations without a timestamp are
    /// kept by count only. Default: any age.
    pub max_age: Option<u64>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { generations: 56, max_age: None }
    }
}

/// Bytes displayed as lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl Hex<'_> {
    /// The first `N` bytes of what so shown begins with.
    #[must_use]
    pub fn parse<const N: usize>(digits: &str) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(bytes)
    }
}

impl std::fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Generation {
    /// Adds a timestamp and a declared checksum; true when that changed anything.
    pub(crate) fn published_as(&mut self, publication: &Publication) -> bool {
        let mut changed = self.size != publication.size;
        self.size = publication.size;
        if let Some(timestamp) = publication.timestamp
            && let Err(at) = self.timestamps.binary_search(&timestamp)
        {
            self.timestamps.insert(at, timestamp);
            changed = true;
        }
        if let Some(declared) = &publication.declared
            && let Err(at) = self.declared.binary_search(declared)
        {
            self.declared.insert(at, declared.clone());
            changed = true;
        }
        changed
    }
}

impl Retention {
    /// Sets [`Retention::generations`].
    #[must_use]
    pub fn with_generations(mut self, most: usize) -> Self {
        self.generations = most;
        self
    }

    /// Sets [`Retention::max_age`].
    #[must_use]
    pub fn with_max_age(mut self, seconds: impl Into<Option<u64>>) -> Self {
        self.max_age = seconds.into();
        self
    }

    /// Drops from `generations` (newest first) what is not to be kept; true when
    /// that dropped anything.
    pub(crate) fn apply(&self, generations: &mut Vec<Generation>) -> bool {
        let before = generations.len();
        generations.truncate(self.generations.max(1));
        if let Some(max_age) = self.max_age
            && let Some(newest) = generations.first().and_then(|g| g.timestamps.last().copied())
        {
            let mut first = true;
            generations.retain(|g| {
                std::mem::take(&mut first)
                    || g.timestamps.last().is_none_or(|last| newest.saturating_sub(*last) <= max_age)
            });
        }
        generations.len() != before
    }
}
