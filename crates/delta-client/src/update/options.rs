//! What an update may be told.

use std::path::PathBuf;
use std::time::Duration;

use codec::Compression;

/// How files that were made from deltas are stored.
///
/// Full files are always stored as they were downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreAs {
    /// zstd, at its fastest level.
    #[default]
    Zstd,
    /// gzip, at its fastest level: for readers that do not know zstd.
    Gzip,
    /// Not compressed.
    None,
}

impl StoreAs {
    pub(crate) fn compression(self) -> Compression {
        match self {
            Self::Zstd => Compression::Zstd,
            Self::Gzip => Compression::Gzip,
            Self::None => Compression::None,
        }
    }
}

/// How to update. [`Options::default`] is what most callers want.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The metadata types to hold, as in `<data type="…">`. By default all but
    /// sqlite databases (`*_db`) and zchunk files (`*_zck`).
    pub types: Option<Vec<String>>,
    /// Keys, one of which must have signed repomd.xml. By default no signature
    /// is asked for.
    pub keyring: Option<PathBuf>,
    /// Whether a repomd.xml that is older than the one held is taken.
    pub allow_rollback: bool,
    /// How results of deltas are stored. Default zstd.
    pub store_as: StoreAs,
    /// How often a source is asked again after a transient failure. Default 3.
    pub retries: u32,
    /// The pause before the first retry; it doubles up to 30 seconds. Default
    /// one second.
    pub pause: Duration,
    /// The most bytes that a single file may have, whatever repomd.xml says.
    /// Default 4 GiB.
    pub max_file_size: u64,
    /// The most bytes that a single file may have when it is open. Default
    /// 16 GiB.
    pub max_open_size: u64,
    /// How many types are worked on at the same time. Default 3; each takes
    /// some 10 MiB of memory.
    pub parallel: usize,
    /// Whether only to say what would be done.
    pub dry_run: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            types: None,
            keyring: None,
            allow_rollback: false,
            store_as: StoreAs::default(),
            retries: 3,
            pause: Duration::from_secs(1),
            max_file_size: 4 << 30,
            max_open_size: 16 << 30,
            parallel: 3,
            dry_run: false,
        }
    }
}

impl Options {
    /// Whether a record of this type is to be held.
    pub(crate) fn wants(&self, data_type: &str) -> bool {
        match &self.types {
            Some(types) => types.iter().any(|wanted| wanted == data_type),
            None => !data_type.ends_with("_db") && !data_type.ends_with("_zck"),
        }
    }
}
