//! What goes into an update besides sources and places.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use codec::Compression;
use repomd::Repomd;
use repomd::files::ZCHUNK;

pub use codec::Digest;

pub use crate::recipes::{KnownRecipes, RepomdSeen};
pub use crate::speeds::Speeds;
pub use crate::update::{OldFile, OldRepomd};

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

/// Whether a copy is to be exact: the publisher's repomd.xml and files, byte for
/// byte and under their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CopyAs {
    /// Where it can be without downloading more: where a recipe is known for
    /// every file that a delta makes. Otherwise as [`CopyAs::Open`].
    #[default]
    Auto,
    /// In any case: where no recipe is known the full file is downloaded.
    Exact,
    /// No: files that were made from deltas are stored as [`StoreAs`] says, and
    /// described by a repomd.xml of our own.
    Open,
}

/// How much processor time rebuilding the files of a repository may take: what does not fit
/// is downloaded whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MaxCpu {
    /// 5 seconds; files do not count that are rebuilt in no more time than downloading
    /// them at 20 Mbit/s takes.
    #[default]
    Usual,
    /// So much. Where it is nothing no file is compressed again.
    Time(Duration),
    /// Whatever it takes.
    Unlimited,
}

/// What is saved where a file can be rebuilt or downloaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefer {
    /// Bytes.
    #[default]
    Bytes,
    /// Time, by the speed that was measured of the host in earlier runs; bytes where none was.
    Time,
}

/// How to update, obtain or check. [`Options::default`] is what most callers want.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub struct Options {
    /// The metadata types to hold, as in `<data type="…">`. By default all but
    /// sqlite databases (`*_db`) and zchunk files (`*_zck`); those, too, with
    /// [`Options::complete`].
    pub types: Option<Vec<String>>,
    /// Keys, one of which must have signed repomd.xml. By default no signature
    /// is asked for.
    pub keyring: Option<PathBuf>,
    /// Digests, one of which repomd.xml must have: those of a metalink. Those by the
    /// strongest algorithm count; SHA-1 does not.
    /// By default it may be any.
    pub repomd_digests: Vec<Digest>,
    /// Whether a repomd.xml that is older than the one held is taken.
    pub allow_rollback: bool,
    /// The greatest timestamp of repomd.xml must be at least that, in seconds since
    /// 1970: what a metalink says. By default it may be any.
    pub not_before: Option<u64>,
    /// Whether repomd.xml is asked for anew, not only in case that it changed.
    /// Default: no.
    pub fresh: bool,
    /// What time it is: for a day after a source gave repomd.xml with an entity tag and a date, it is asked only
    /// whether that changed. By default that is not known, and the file is asked for each time.
    pub now: Option<SystemTime>,
    /// Whether the copy is to be exact. Default [`CopyAs::Auto`].
    pub copy: CopyAs,
    /// Whether to hold all that repomd.xml names: every type, unless
    /// [`Options::types`] is given, and the journals and delta files. The copy is
    /// then exact in any case, whatever [`Options::copy`] says. For mirrors.
    pub complete: bool,
    /// Whether the files of the state before stay until the next change, for
    /// readers that still have its repomd.xml. By default they do.
    pub keep_before: bool,
    /// How results of deltas are stored in a copy that is not exact. Default
    /// zstd.
    pub store_as: StoreAs,
    /// How often a source is asked again after a transient failure. Default 3.
    pub retries: u32,
    /// The pause before the first retry; it doubles up to 30 seconds. Where a host
    /// could not be reached it is a fifth of that. Default one second.
    pub pause: Duration,
    /// How long all of it may take; then it fails with
    /// [`UpdateError::OutOfTime`](crate::error::UpdateError::OutOfTime). A source that asks
    /// to be left alone for longer than what is left of it, or where there is no
    /// limit for longer than 30 seconds, is not asked again. Default: no limit.
    pub max_time: Option<Duration>,
    /// The longest time for which a source that asks to be left alone (`Retry-After`)
    /// is waited for. Default: what [`Options::max_time`] leaves, or without one 30
    /// seconds.
    pub max_retry_after: Option<Duration>,
    /// How long one file may take from one source; then the next source is asked.
    /// By default as long as the source is not too slow
    /// ([`HttpOptions::min_rate`](crate::transport::http::HttpOptions::min_rate)).
    pub max_file_time: Option<Duration>,
    /// The most bytes that a single file may have, whatever repomd.xml says.
    /// Default 4 GiB.
    pub max_file_size: u64,
    /// The most bytes that a single file may have when it is open. Default
    /// 16 GiB.
    pub max_open_size: u64,
    /// How many types are worked on at the same time. Default 3; each takes
    /// some 10 MiB of memory.
    pub parallel: usize,
    /// How much processor time rebuilding may take, as far as it is foreseen. Default
    /// [`MaxCpu::Usual`].
    pub max_cpu: MaxCpu,
    /// What is saved. Default bytes.
    pub prefer: Prefer,
    /// Whether only to say what would be done.
    pub dry_run: bool,
    /// Whether a zchunk type of [`Options::types`] stands for the plain one where repomd.xml
    /// has none, as for readers of zchunk.
    pub(crate) plain_for_zchunk: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            types: None,
            keyring: None,
            repomd_digests: Vec::new(),
            allow_rollback: false,
            not_before: None,
            fresh: false,
            now: None,
            copy: CopyAs::default(),
            complete: false,
            keep_before: true,
            store_as: StoreAs::default(),
            retries: 3,
            pause: Duration::from_secs(1),
            max_time: None,
            max_retry_after: None,
            max_file_time: None,
            max_file_size: 4 << 30,
            max_open_size: 16 << 30,
            parallel: 3,
            max_cpu: MaxCpu::default(),
            prefer: Prefer::default(),
            dry_run: false,
            plain_for_zchunk: false,
        }
    }
}

with_methods!(Options {
    with_types: types = impl Into<Option<Vec<String>>>;
    with_keyring: keyring = impl Into<Option<PathBuf>>;
    with_repomd_digests: repomd_digests = Vec<Digest>;
    with_allow_rollback: allow_rollback = bool;
    with_not_before: not_before = impl Into<Option<u64>>;
    with_fresh: fresh = bool;
    with_now: now = impl Into<Option<SystemTime>>;
    with_copy: copy = CopyAs;
    with_complete: complete = bool;
    with_keep_before: keep_before = bool;
    with_store_as: store_as = StoreAs;
    with_retries: retries = u32;
    with_pause: pause = Duration;
    with_max_time: max_time = impl Into<Option<Duration>>;
    with_max_retry_after: max_retry_after = impl Into<Option<Duration>>;
    with_max_file_time: max_file_time = impl Into<Option<Duration>>;
    with_max_file_size: max_file_size = u64;
    with_max_open_size: max_open_size = u64;
    with_parallel: parallel = usize;
    with_max_cpu: max_cpu = MaxCpu;
    with_prefer: prefer = Prefer;
    with_dry_run: dry_run = bool;
});

impl Options {
    /// Whether the copy is to be exact.
    pub(crate) fn copy_as(&self) -> CopyAs {
        if self.complete { CopyAs::Exact } else { self.copy }
    }

    /// Whether a record of this type of `upstream` is to be held.
    pub(crate) fn wants(&self, data_type: &str, upstream: &Repomd) -> bool {
        match &self.types {
            Some(types) => {
                let is_named = |data_type: &str| types.iter().any(|wanted| wanted == data_type);
                let stands_for = |zchunk: &str| {
                    self.plain_for_zchunk && is_named(zchunk) && upstream.record(zchunk).is_none()
                };
                is_named(data_type) || stands_for(&format!("{data_type}{ZCHUNK}"))
            }
            None if self.complete => true,
            None => !data_type.ends_with("_db") && !data_type.ends_with(ZCHUNK),
        }
    }
}
