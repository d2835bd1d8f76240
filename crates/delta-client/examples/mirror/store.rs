//! Where the mirror keeps things: each file once, by its checksum, whichever repositories have it; and for each
//! repository its repomd.xml, which says what belongs to it.
//!
//! ```text
//! files/CHECKSUM
//! repositories/NAME/repomd.xml
//! ```

use std::collections::BTreeSet;
use std::error::Error;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use delta_client::options::{CopyAs, OldFile};
use delta_client::progress::Silent;
use delta_client::repomd::{Checksum, Location, MAX_SIZE, Record, Repomd};
use delta_client::transport::{Request, Response, Transport};
use delta_client::{Options, obtain_file};
use durable::{Dir, Lock};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// The file in which each repository's state is.
const REPOMD: &str = "repomd.xml";

/// A store that this process works on.
pub(crate) struct Store {
    files: Dir,
    repositories: Dir,
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
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let root = Dir::create(path)?;
        let lock = root.lock("lock")?;
        let lock = lock.ok_or_else(|| format!("another process works on `{}`", path.display()))?;
        Ok(Self {
            files: root.create_child("files")?,
            repositories: root.create_child("repositories")?,
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
        let held = self.repomd(name)?;
        let bytes = fetch_repomd(source)?;
        let mut mirrored = Mirrored { downloaded: bytes.len() as u64, ..Mirrored::default() };
        if held.as_ref() == Some(&bytes) {
            return Ok(mirrored);
        }
        let held = held.map(|bytes| Repomd::parse(&bytes)).transpose()?;
        let new = Repomd::parse(&bytes)?;
        for record in &new.records {
            mirrored.downloaded += self.take_file(record, &new, held.as_ref(), source)?;
            mirrored.full += record.size.unwrap_or(0);
        }
        // Everything that it names is there.
        self.files.sync()?;
        self.repositories.create_child(name)?.write(REPOMD, &bytes)?;
        mirrored.changed = true;
        Ok(mirrored)
    }

    /// Makes sure that the file of a record is in the store; how many bytes were downloaded for that.
    fn take_file(
        &self,
        record: &Record,
        new: &Repomd,
        held: Option<&Repomd>,
        source: &dyn Transport,
    ) -> Outcome<u64> {
        let name = record.checksum.as_ref().ok_or("a record without a checksum")?.hex();
        // It may be another repository's, too.
        if self.files.len(name)?.is_some() {
            return Ok(0);
        }
        let old = held.and_then(|held| {
            let old = held.record(&record.kind)?;
            let path = self.file(old.checksum.as_ref()?);
            Some(OldFile::new(path).with_record(old).with_journal(held.journal.as_ref()))
        });
        // repomd.xml is kept as it is, so the files have to be the publisher's, byte for byte.
        let options = Options::default().with_copy(CopyAs::Exact);
        let (journal, dir) = (new.journal.as_ref(), self.files.path());
        let obtained = obtain_file((record, journal), old.as_ref(), &[source], dir, &options, &Silent)?;
        for warning in &obtained.warnings {
            eprintln!("warning: {warning}");
        }
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

fn fetch_repomd(source: &dyn Transport) -> Outcome<Vec<u8>> {
    let location = Location::new("repodata/repomd.xml")?;
    let request = Request::new(&location).with_max_bytes(MAX_SIZE as u64).with_revalidation();
    let Response::Body(body) = source.get(&request)? else {
        return Err("it was not asked whether it changed".into());
    };
    let mut bytes = Vec::new();
    body.reader.take(MAX_SIZE as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
