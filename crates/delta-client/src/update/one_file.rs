//! One metadata file, for programs that keep their own caches: from a record of
//! repomd.xml, an old file and sources to the verified new file.
//!
//! repomd.xml is the caller's: it is neither fetched nor verified here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use durable::Dir;
use repomd::files::REPODATA;
use repomd::{Location, Record, RecordLocation, Repomd};

use super::context::Context;
use super::plan::{Way, plan_one};
use super::{CopyAs, Options, StoreAs, TypeUpdated, UpdateError, describe, exact, obtain};
use crate::cache::{LocalCopy, State};
use crate::{KnownRecipes, Progress, Transport};

/// The file that a caller has of a metadata type.
#[derive(Clone, Debug)]
pub struct OldFile {
    path: PathBuf,
    record: Record,
}

impl OldFile {
    /// A file of which nothing is known: only journals serve it, and it is read once more
    /// to find out what it is.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), record: Record::default() }
    }

    /// What is known of the file as it is stored: the record that it was downloaded by, or
    /// [`ObtainedFile::record`]. Its location does not count.
    #[must_use]
    pub fn with_record(mut self, record: &Record) -> Self {
        self.record = record.clone();
        self
    }

    /// As the copy of a repository that has this file only; the error is part of a
    /// sentence.
    fn as_copy(&self, data_type: &str) -> Result<LocalCopy, String> {
        let name = self.path.file_name().and_then(|name| name.to_str()).ok_or("its name is no text")?;
        let location = Location::new(&format!("{REPODATA}/{name}")).map_err(|error| error.to_string())?;
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let dir = Dir::open(parent.unwrap_or(Path::new("."))).map_err(|error| error.to_string())?;
        let mut described = Repomd::default();
        let mut record = self.record.clone();
        data_type.clone_into(&mut record.kind);
        record.location = Some(RecordLocation::Local(location));
        described.records.push(record);
        let state = State { exact: true, ..State::default() };
        Ok(LocalCopy { dir, state, described, upstream: None, damage: Vec::new() })
    }
}

/// How to obtain a file. [`ObtainOptions::default`] is what most callers want.
#[derive(Clone, Debug)]
pub struct ObtainOptions(Options);

impl Default for ObtainOptions {
    fn default() -> Self {
        Self(Options { parallel: 1, ..Options::default() })
    }
}

impl ObtainOptions {
    /// Whether the file is to be the publisher's, byte for byte; see [`CopyAs`]. Default
    /// [`CopyAs::Auto`].
    #[must_use]
    pub fn with_copy(mut self, copy: CopyAs) -> Self {
        self.0.copy = copy;
        self
    }

    /// How a file that is not exact is stored. Default zstd.
    #[must_use]
    pub fn with_store_as(mut self, store_as: StoreAs) -> Self {
        self.0.store_as = store_as;
        self
    }

    /// How often a source is asked again after a transient failure, and the pause before
    /// the first time. Default 3, and one second.
    #[must_use]
    pub fn with_retries(mut self, retries: u32, pause: Duration) -> Self {
        (self.0.retries, self.0.pause) = (retries, pause);
        self
    }

    /// How long all of it may take. Default: no limit.
    #[must_use]
    pub fn with_max_time(mut self, time: Duration) -> Self {
        self.0.max_time = Some(time);
        self
    }

    /// The most bytes that the file may have, and the most that it may have when it is
    /// open. Default 4 GiB, and 16 GiB.
    #[must_use]
    pub fn with_max_sizes(mut self, file: u64, open: u64) -> Self {
        (self.0.max_file_size, self.0.max_open_size) = (file, open);
        self
    }
}

/// A file that is what its record says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObtainedFile {
    /// Where it is: the old file, if that is current; otherwise in the directory that was
    /// given, under a name that begins with its checksum.
    pub path: PathBuf,
    /// What is known of it as it is stored, for [`OldFile::with_record`].
    pub record: Record,
    /// How it was obtained.
    pub report: TypeUpdated,
    /// What did not go as it should.
    pub warnings: Vec<String>,
}

/// Obtains the file of `record`: from `old` by the journal or a delta where one serves,
/// else the full file from the first of `sources` that gives it.
///
/// `record` is of a repomd.xml that the caller believes. The new file is in `dir`, an
/// existing directory, when everything about it was verified; `old` stays as it is.
///
/// ```
/// use delta_client::{DirectoryTransport, ObtainOptions, OldFile, PathTaken, Silent, obtain_file};
/// # use std::path::Path;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
/// # let place = tempfile::tempdir()?;
/// # let cache = place.path();
/// let repomd = repomd::Repomd::parse(&std::fs::read(root.join("repodata/repomd.xml"))?)?;
/// let record = repomd.record("primary").ok_or("no primary")?;
/// let source = DirectoryTransport::open(&root)?;
/// let options = ObtainOptions::default();
///
/// let first = obtain_file(record, None, &[&source], cache, &options, &Silent)?;
/// assert_eq!(first.report.path, PathTaken::Full);
/// // With what is there, only what changed is fetched the next time.
/// let old = OldFile::new(&first.path).with_record(&first.record);
/// let second = obtain_file(record, Some(&old), &[&source], cache, &options, &Silent)?;
/// assert_eq!((second.report.path, second.report.bytes_downloaded), (PathTaken::Current, 0));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// See [`UpdateError`]. That no delta serves is none: the full file is taken.
pub fn obtain_file(
    record: &Record,
    old: Option<&OldFile>,
    sources: &[&dyn Transport],
    dir: &Path,
    options: &ObtainOptions,
    progress: &dyn Progress,
) -> Result<ObtainedFile, UpdateError> {
    if sources.is_empty() {
        return Err(UpdateError::NoSource);
    }
    let copy = old.map(|old| old.as_copy(&record.kind)).transpose();
    let (held, useless) = match copy {
        Ok(held) => (held, None),
        Err(why) => (None, Some(why)),
    };
    let context = Context::new(sources, &options.0, None, held.as_ref(), KnownRecipes::default(), progress);
    if let Some(why) = useless {
        context.warn(&format!("going on without the old file of `{}`: {why}", record.kind));
    }
    let mut plan = plan_one(record, &context.source_name(), context.held, &options.0)?;
    exact::choose_storage_alone(&context, &mut plan);
    if let (Way::Keep(file), Some(old)) = (plan.way, old) {
        let report = TypeUpdated { bytes_downloaded: 0, ..obtain::planned(&plan) };
        let (path, record) = (old.path.clone(), file.record.clone());
        return Ok(ObtainedFile { path, record, report, warnings: context.take_warnings() });
    }
    let dir = Dir::open(dir)?;
    let fetched = obtain::one(&context, &plan, (&dir, &temporary()));
    let fetched = fetched.map_err(|error| context.blame_time(error))?;
    dir.sync()?;
    let name = fetched.stored.name.clone();
    let described = describe::described(record, None, &fetched.stored, &name);
    let described = described.map_err(|error| UpdateError::Record {
        source_name: context.source_name(),
        data_type: record.kind.clone(),
        why: error.to_string(),
    })?;
    let mut report = fetched.report;
    report.exact = fetched.stored.checksum == plan.checksum;
    report.inexact = plan.inexact.filter(|_| !report.exact);
    let path = dir.path().join(&name);
    report.file = Some(name);
    Ok(ObtainedFile { path, record: described, report, warnings: context.take_warnings() })
}

/// The start of names in a directory that no other call uses at the same time.
fn temporary() -> String {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    format!("file-{}-{}", std::process::id(), CALLS.fetch_add(1, Ordering::Relaxed))
}
