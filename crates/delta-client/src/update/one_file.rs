//! One metadata file, for programs that keep their own caches: from a record of
//! repomd.xml, an old file and sources to the verified new file.
//!
//! repomd.xml is the caller's: it is neither fetched nor verified here.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use durable::Dir;
use repomd::files::{REPODATA, TEMP_PREFIX};
use repomd::journal::Journal;
use repomd::model::RecordLocation;
use repomd::{Location, Record, Repomd};

use super::context::Context;
use super::plan::{Way, plan_one};
use super::{describe, exact, foresee, obtain, rebuilding};
use crate::cache::{LocalCopy, State};
use crate::error::UpdateError;
use crate::options::{KnownRecipes, Options};
use crate::progress::Progress;
use crate::report::{ObtainedFile, TypeUpdated};
use crate::transport::Transport;

/// The file that a caller has of a metadata type.
#[derive(Clone, Debug)]
pub struct OldFile {
    path: PathBuf,
    record: Record,
    journal: Option<Journal>,
}

impl OldFile {
    /// A file of which nothing is known: only journals serve it, and it is read once more
    /// to find out what it is.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), record: Record::default(), journal: None }
    }

    /// What is known of the file as it is stored: the record that it was downloaded by, or
    /// [`ObtainedFile::record`]. Its location does not count.
    #[must_use]
    pub fn with_record(mut self, record: &Record) -> Self {
        self.record = record.clone();
        self
    }

    /// The journal that was listed with that record: then one that goes on from it is read without its head.
    #[must_use]
    pub fn with_journal(mut self, journal: Option<&Journal>) -> Self {
        self.journal = journal.cloned();
        self
    }

    /// As the copy of a repository that has this file only; the error is part of a
    /// sentence.
    fn as_copy(&self, data_type: &str) -> Result<LocalCopy, String> {
        let name = self.path.file_name().and_then(|name| name.to_str()).ok_or("its name is not UTF-8")?;
        let location = Location::new(&format!("{REPODATA}/{name}")).map_err(|error| error.to_string())?;
        let parent = self.path.parent().filter(|parent| !parent.as_os_str().is_empty());
        let dir = Dir::open(parent.unwrap_or(Path::new("."))).map_err(|error| error.to_string())?;
        let mut described = Repomd::default();
        let mut record = self.record.clone();
        data_type.clone_into(&mut record.kind);
        record.location = Some(RecordLocation::Local(location));
        described.records.push(record);
        described.journal.clone_from(&self.journal);
        let state = State { exact: true, ..State::default() };
        Ok(LocalCopy { dir, state, described, upstream: None, damage: Vec::new() })
    }
}

/// Obtains the file of `record`: from `old` by the journal or a delta where one serves,
/// else the full file from the first of `sources` that gives it.
///
/// `record` and `journal` are of a repomd.xml that the caller believes. The new file is in `dir`, an
/// existing directory, when everything about it was verified; `old` stays as it is.
///
/// Of the options count [`Options::copy`], [`Options::store_as`], [`Options::retries`] and what else is about time,
/// the largest sizes, [`Options::max_cpu`] and [`Options::prefer`]. The others are about repomd.xml, about several
/// types, or about a directory that [`update`](crate::update()) keeps.
///
/// Each call is a client of one type: where several types go by the journal and [`OldFile::with_journal`] does not say
/// by which one the old file came, each call reads the head of the journal. [`update`](crate::update()) and
/// [`update_beside`](crate::update_beside()) read it once for all types.
///
/// ```
/// use delta_client::obtain_file;
/// use delta_client::options::{OldFile, Options};
/// use delta_client::progress::Silent;
/// use delta_client::report::PathTaken;
/// use delta_client::transport::DirectoryTransport;
/// # use std::path::Path;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
/// # let place = tempfile::tempdir()?;
/// # let cache = place.path();
/// let repomd = repomd::Repomd::parse(&std::fs::read(root.join("repodata/repomd.xml"))?)?;
/// let record = repomd.record("primary").ok_or("no primary")?;
/// let source = DirectoryTransport::open(&root)?;
/// let options = Options::default();
///
/// let journal = repomd.journal.as_ref();
/// let first = obtain_file(record, journal, None, &[&source], cache, &options, &Silent)?;
/// assert_eq!(first.report.path, PathTaken::Full);
/// // With what is there, only what changed is fetched the next time.
/// let old = OldFile::new(&first.path).with_record(&first.record).with_journal(journal);
/// let second = obtain_file(record, journal, Some(&old), &[&source], cache, &options, &Silent)?;
/// assert_eq!((second.report.path, second.report.bytes_downloaded), (PathTaken::Current, 0));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// See [`UpdateError`]. That no delta serves is none: the full file is taken.
pub fn obtain_file(
    record: &Record,
    journal: Option<&Journal>,
    old: Option<&OldFile>,
    sources: &[&dyn Transport],
    dir: &Path,
    options: &Options,
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
    let context = Context::new(sources, options, None, held.as_ref(), KnownRecipes::default(), progress);
    if let Some(why) = useless {
        context.warn(&format!("going on without the old file of `{}`: {why}", record.kind));
    }
    let mut plan = plan_one((record, journal), (&context.source_name(), None), context.local, options)?;
    exact::choose_storage_alone(&context, &mut plan);
    rebuilding::weigh(&context, std::slice::from_mut(&mut plan));
    if let (Way::Keep(file), Some(old)) = (plan.way, old) {
        let report = TypeUpdated { bytes_downloaded: 0, ..foresee::planned(&plan) };
        let (path, record) = (old.path.clone(), file.record.clone());
        return Ok(ObtainedFile { path, record, report, warnings: context.take_warnings() });
    }
    let dir = Dir::open(dir)?.with_temp_prefix(TEMP_PREFIX);
    let fetched = obtain::one(&context, &plan, (&dir, &temporary()));
    let fetched = fetched.map_err(|error| context.blame_time(error))?;
    dir.sync()?;
    let name = fetched.stored.name.clone();
    let described = describe::described(record, None, &fetched.stored, &name);
    let described =
        described.map_err(|why| UpdateError::record(&context.source_name(), record, why.to_string()))?;
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
