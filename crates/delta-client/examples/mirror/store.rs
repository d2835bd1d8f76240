//! Where the mirror keeps things: each file once, by its checksum, whichever repositories have it; and for each
//! repository its repomd.xml, which says what belongs to it.
//!
//! ```text
//! files/CHECKSUM
//! repositories/NAME/repomd.xml, repomd.xml.asc, repomd.xml.key, validators
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use delta_client::options::{CopyAs, OldFile, OldRepomd};
use delta_client::progress::Silent;
use delta_client::repomd::{Checksum, MAX_SIZE, Record, Repomd};
use delta_client::report::{ObtainedRepomd, RepomdFound};
use delta_client::transport::{Transport, Validators};
use delta_client::{Options, obtain_file, obtain_repomd};
use durable::{Dir, Lock};

type Outcome<T> = Result<T, Box<dyn Error>>;

const REPOMD: &str = "repomd.xml";
const SIGNATURE: &str = "repomd.xml.asc";
const KEY: &str = "repomd.xml.key";
/// What tells the source of repomd.xml from others, and how that source identifies it: a line each.
const VALIDATORS: &str = "validators";

/// A store that this process works on.
pub(crate) struct Store {
    files: Dir,
    repositories: Dir,
    options: Options,
    _lock: Lock,
}

/// What was done for one repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Mirrored {
    pub(crate) changed: bool,
    /// Bytes downloaded, repomd.xml included.
    pub(crate) downloaded: u64,
    /// Bytes of its full files.
    pub(crate) full: u64,
}

impl Store {
    #[allow(clippy::disallowed_methods, reason = "a program reads the clock")]
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let root = Dir::create(path)?;
        let lock = root.lock("lock")?;
        let lock = lock.ok_or_else(|| format!("another process works on `{}`", path.display()))?;
        Ok(Self {
            files: root.create_child("files")?,
            repositories: root.create_child("repositories")?,
            // repomd.xml is kept as it is, so the files have to be the publisher's, byte for byte.
            options: Options::default().with_copy(CopyAs::Exact).with_retries(1).with_now(SystemTime::now()),
            _lock: lock,
        })
    }

    /// Where the file with this checksum is, or would be.
    pub(crate) fn file(&self, checksum: &Checksum) -> PathBuf {
        self.files.path().join(checksum.hex())
    }

    /// What the store has of a repository: its repomd.xml.
    pub(crate) fn repomd(&self, name: &str) -> Outcome<Option<Vec<u8>>> {
        let Some(dir) = self.repositories.child(name)? else { return Ok(None) };
        Ok(dir.read(REPOMD, MAX_SIZE as u64)?)
    }

    /// Brings the repository `name` up to date with `source`.
    pub(crate) fn update(&self, name: &str, source: &dyn Transport) -> Outcome<Mirrored> {
        let old = self.old_repomd(name)?;
        let new = obtain_repomd(&[source], old.as_ref(), &self.options, &Silent)?;
        warn(&new.warnings);
        let mut mirrored = Mirrored { downloaded: new.bytes_downloaded, ..Mirrored::default() };
        if new.found == RepomdFound::New {
            for record in &new.model.records {
                mirrored.downloaded +=
                    self.take_file(record, &new.model, old.as_ref().map(OldRepomd::model), source)?;
                mirrored.full += record.size.unwrap_or(0);
            }
            // Everything that it names is there.
            self.files.sync()?;
            self.keep(name, &new)?;
            mirrored.changed = true;
        }
        Ok(mirrored)
    }

    /// What was kept when the repository was updated last.
    fn old_repomd(&self, name: &str) -> Outcome<Option<OldRepomd>> {
        let Some(bytes) = self.repomd(name)? else { return Ok(None) };
        let dir = self.repositories.create_child(name)?;
        let read = |name: &str| dir.read(name, 1 << 20);
        let old = OldRepomd::new(bytes)?.with_companions(read(SIGNATURE)?, read(KEY)?);
        let text = String::from_utf8(read(VALIDATORS)?.unwrap_or_default())?;
        let mut lines = text.lines();
        let identity = lines.next().unwrap_or_default();
        let mut validator = || lines.next().filter(|line| !line.is_empty()).map(str::to_owned);
        let validators = Validators::new(validator(), validator());
        let since = lines.next().and_then(|line| line.parse().ok());
        Ok(Some(old.with_validators(identity, &validators, since)))
    }

    fn keep(&self, name: &str, new: &ObtainedRepomd) -> Outcome<()> {
        let dir = self.repositories.create_child(name)?;
        for (name, content) in [(SIGNATURE, &new.signature), (KEY, &new.key)] {
            match content {
                Some(content) => dir.write(name, content)?,
                None => drop(dir.remove(name)?),
            }
        }
        dir.write(REPOMD, &new.bytes)?;
        // After repomd.xml: a server that is asked by these must not say that an older one is current.
        let Validators { etag, last_modified, .. } = &new.validators;
        let line = |text: &Option<String>| text.clone().unwrap_or_default();
        let since = new.since.unwrap_or_default();
        let lines = format!("{}\n{}\n{}\n{since}\n", new.identity, line(etag), line(last_modified));
        Ok(dir.write(VALIDATORS, lines.as_bytes())?)
    }

    /// Makes sure that the file of a record is in the store; how many bytes were downloaded for that.
    fn take_file(
        &self,
        record: &Record,
        new: &Repomd,
        old: Option<&Repomd>,
        source: &dyn Transport,
    ) -> Outcome<u64> {
        let name = record.checksum.as_ref().ok_or("a record without a checksum")?.hex();
        // It may be another repository's, too.
        if self.files.len(name)?.is_some() {
            return Ok(0);
        }
        let old = old.and_then(|old| {
            let record = old.record(&record.kind)?;
            let path = self.file(record.checksum.as_ref()?);
            Some(OldFile::new(path).with_record(record).with_journal(old.journal.as_ref()))
        });
        let (journal, dir) = (new.journal.as_ref(), self.files.path());
        let obtained = obtain_file(record, journal, old.as_ref(), &[source], dir, &self.options, &Silent)?;
        warn(&obtained.warnings);
        let file = obtained.report.file.as_deref().ok_or("a file without a name")?;
        self.files.move_from(&self.files, file, name)?;
        Ok(obtained.report.bytes_downloaded)
    }

    /// Removes the files that no repository has any more.
    pub(crate) fn collect(&self) -> Outcome<()> {
        let mut named = BTreeSet::new();
        for repository in self.repositories.entries()? {
            let Some(bytes) = self.repomd(&repository.name)? else { continue };
            let records = Repomd::parse(&bytes)?.records;
            named
                .extend(records.iter().filter_map(|record| Some(record.checksum.as_ref()?.hex().to_owned())));
        }
        for file in self.files.entries()? {
            if !named.contains(&file.name) {
                self.files.remove(&file.name)?;
            }
        }
        Ok(())
    }
}

fn warn(warnings: &[String]) {
    for warning in warnings {
        eprintln!("warning: {warning}");
    }
}
