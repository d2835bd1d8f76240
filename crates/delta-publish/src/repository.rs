//! A repository as it was when it was opened: one directory handle, the bytes of
//! repomd.xml, and the check that both are still what the path names. What is written
//! into it, and when, is decided elsewhere.

use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use codec::{Algorithm, Digest, Expect, OpenReader};
use durable::{Attributes, Dir, Kind, Sealed};
use repomd::files::{REPODATA, REPOMD, SIGNATURE, TEMP_PREFIX};
use repomd::{Checksum, Location, Record, Repomd};

use crate::Error;
use crate::jobs::{Jobs, Permit};
use crate::report::{SignatureFate, SignatureFound};
use crate::signing::MAX_SIGNATURE;

/// The directory that serves createrepo_c as a lock.
const BUSY: &str = ".repodata";

/// An opened repository.
pub(crate) struct Repository {
    root: PathBuf,
    pub(crate) dir: Dir,
    /// repomd.xml as it was read.
    pub(crate) bytes: Vec<u8>,
    /// Owner, mode and label of repomd.xml, which every file gets that is written
    /// beside it.
    pub(crate) attributes: Attributes,
    pub(crate) model: Repomd,
    /// What opening its files draws on.
    pub(crate) jobs: Jobs,
    /// What it was made in this run.
    published: OnceLock<Vec<u8>>,
}

/// Longer than two renames take.
const MOMENT: Duration = Duration::from_millis(100);

impl Repository {
    /// Opens `root`/repodata and reads repomd.xml.
    pub(crate) fn open(root: &Path) -> Result<Self, Error> {
        refuse_busy(root)?;
        let repodata = root.join(REPODATA);
        match Self::open_repodata(root, &repodata) {
            // Between the two renames of whoever replaces it there is none for a moment.
            Err(Error::NoRepomd { .. }) => {
                refuse_busy(root)?;
                std::thread::sleep(MOMENT);
                Self::open_repodata(root, &repodata)
            }
            other => other,
        }
    }

    /// Opens a repodata directory for reading, wherever it is.
    pub(crate) fn open_repodata(root: &Path, repodata: &Path) -> Result<Self, Error> {
        let missing = || Error::NoRepomd { path: root.to_owned() };
        let dir = match Dir::open(repodata) {
            Err(e) if e.is_not_found() || is_not_a_directory(&e) => return Err(missing()),
            other => other.map_err(Error::File)?.with_temp_prefix(TEMP_PREFIX),
        };
        let bytes =
            dir.read(REPOMD, repomd::MAX_SIZE as u64).map_err(Error::of_reading)?.ok_or_else(missing)?;
        let attributes = dir.attributes_of(REPOMD).map_err(Error::File)?.ok_or_else(missing)?;
        let path = dir.path().join(REPOMD);
        let model = Repomd::parse(&bytes).map_err(|source| Error::Repomd { path, source })?;
        Ok(Self {
            root: root.to_owned(),
            dir,
            bytes,
            attributes,
            model,
            published: OnceLock::new(),
            jobs: Jobs::default(),
        })
    }

    /// Writes a file into repodata/, complete on disk but not in its place yet.
    pub(crate) fn seal(&self, name: &str, bytes: &[u8]) -> Result<Sealed, Error> {
        let mut file = self.dir.create_like(name, &self.attributes).map_err(Error::File)?;
        let path = self.dir.path().join(name);
        file.write_all(bytes).map_err(|e| Error::File(durable::Error::from_io(e, &path)))?;
        file.seal().map_err(Error::File)
    }

    /// Writes a file into repodata/, or replaces it.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        self.dir.write_like(name, bytes, &self.attributes).map_err(Error::File)
    }

    /// The directory that holds repodata/, as it was given.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory that holds repodata/, absolute and without symbolic links.
    pub(crate) fn real_path(&self) -> String {
        let absolute = || std::path::absolute(&self.root).unwrap_or_else(|_| self.root.clone());
        self.root.canonicalize().unwrap_or_else(|_| absolute()).to_string_lossy().into_owned()
    }

    pub(crate) fn repomd_path(&self) -> PathBuf {
        self.dir.path().join(REPOMD)
    }

    /// Fails unless the path still names the directory that was opened, nobody
    /// else is at work, and repomd.xml has these bytes.
    pub(crate) fn check_unchanged(&self, repomd: &[u8]) -> Result<(), Error> {
        refuse_busy(&self.root)?;
        if !self.dir.is_still_at(self.dir.path()).map_err(Error::File)? {
            return Err(Error::Swapped { path: self.dir.path().to_owned() });
        }
        let now = self.dir.read(REPOMD, repomd::MAX_SIZE as u64).map_err(Error::File)?;
        if now.as_deref() != Some(repomd) {
            return Err(Error::Swapped { path: self.repomd_path() });
        }
        Ok(())
    }

    /// Gives back `result`; but instead of an error that the repository was replaced
    /// meanwhile, if it was: whatever is missing then, or differs, is so for that.
    pub(crate) fn unless_replaced<T>(&self, result: Result<T, Error>) -> Result<T, Error> {
        match result {
            Err(error) if error.is_of_lost_temporary() => {
                Err(Error::Swapped { path: self.dir.path().to_owned() })
            }
            Err(error) if !error.is_temporary() => {
                let published = self.published.get().map_or(&self.bytes, |bytes| bytes);
                let is_new = || self.check_unchanged(published);
                match self.check_unchanged(&self.bytes).or_else(|_| is_new()) {
                    Err(replaced) if replaced.is_temporary() => Err(replaced),
                    _ => Err(error),
                }
            }
            other => other,
        }
    }

    /// Notes that repomd.xml is about to have these bytes.
    pub(crate) fn about_to_publish(&self, repomd: &[u8]) {
        // Only the first counts; there is one swap in a run.
        let _ = self.published.set(repomd.to_vec());
    }

    /// The SHA-256 of repomd.xml as it was read, in hexadecimal.
    pub(crate) fn sha256(&self) -> String {
        Algorithm::Sha256.digest(&self.bytes).to_hex()
    }

    /// Whether a signature is in place.
    pub(crate) fn is_signed(&self) -> Result<bool, Error> {
        Ok(self.dir.len(SIGNATURE).map_err(Error::File)?.is_some())
    }

    /// What becomes of the signature where repomd.xml stays as it is.
    pub(crate) fn signature_as_it_is(&self) -> Result<SignatureFate, Error> {
        Ok(match self.signature_found()? {
            SignatureFound::None => SignatureFate::None,
            SignatureFound::Stale => SignatureFate::Stale,
            SignatureFound::Unverified | SignatureFound::Good => SignatureFate::Kept,
        })
    }

    /// The signature, compared with the bytes of repomd.xml that were read.
    pub(crate) fn signature_found(&self) -> Result<SignatureFound, Error> {
        self.compared(&self.signature())
    }

    /// What was read as the signature, compared with the bytes of repomd.xml that were read.
    pub(crate) fn compared(
        &self,
        signature: &Result<Option<Vec<u8>>, durable::Error>,
    ) -> Result<SignatureFound, Error> {
        let is_stale = match signature {
            Ok(None) => return Ok(SignatureFound::None),
            Ok(Some(bytes)) => signatures::is_of_other(&self.bytes, bytes),
            Err(_) if !self.is_signed()? => return Ok(SignatureFound::None),
            // One that cannot be read may be of this repomd.xml.
            Err(_) => false,
        };
        Ok(if is_stale { SignatureFound::Stale } else { SignatureFound::Unverified })
    }

    /// The bytes of the signature, where there is one.
    pub(crate) fn signature(&self) -> Result<Option<Vec<u8>>, durable::Error> {
        self.dir.read(SIGNATURE, MAX_SIGNATURE)
    }

    /// The file of a record in repodata/, or why it is left alone: not published with
    /// deltas, not verified, not imported. What is malformed in a checksum and what is
    /// not known here comes to the same.
    pub(crate) fn file_of(record: &Record) -> Result<&str, String> {
        let location = record.servable().map_err(|problem| problem.to_string())?;
        for (field, checksum) in [("checksum", &record.checksum), ("open-checksum", &record.open_checksum)] {
            if let Some(checksum) = checksum {
                Digest::parse(checksum.kind(), checksum.hex())
                    .map_err(|why| format!("its {field} `{checksum}` cannot be compared: {why}"))?;
            }
        }
        location.in_repodata().ok_or_else(|| format!("its file `{}` is not in repodata/", location.as_str()))
    }

    /// Fails if the file of a record that is left alone is missing: package managers
    /// look for it all the same.
    ///
    /// # Errors
    /// [`Error::NoFile`].
    pub(crate) fn expect_file(&self, record: &Record) -> Result<(), Error> {
        let name = record.local_location().ok().and_then(Location::in_repodata);
        match name.map(|name| (name, self.dir.len(name))) {
            Some((name, Ok(None))) => {
                let path = self.dir.path().join(name);
                Err(Error::NoFile { data_type: record.kind.clone(), path })
            }
            _ => Ok(()),
        }
    }

    /// Whether a name in repodata/ is a symbolic link.
    pub(crate) fn is_symlink(&self, name: &str) -> Result<bool, Error> {
        match self.dir.len(name) {
            Err(durable::Error::WrongKind { found: Kind::Symlink, .. }) => Ok(true),
            other => other.map(|_| false).map_err(Error::of_reading),
        }
    }

    /// Bytes of a record's file, which must be there.
    pub(crate) fn file_len(&self, record: &Record, name: &str) -> Result<u64, Error> {
        self.dir.len(name).map_err(Error::of_reading)?.ok_or_else(|| self.no_file(record, name))
    }

    /// Compares a record's file as it is stored with what repomd.xml says of it.
    pub(crate) fn check_stored(&self, record: &Record, name: &str, expect: &Expect) -> Result<(), Error> {
        let path = self.dir.path().join(name);
        let wrong = |what: String| Error::Delta { path: path.clone(), what };
        let size = self.file_len(record, name)?;
        if let Some(expected) = expect.size.filter(|s| *s != size) {
            return Err(wrong(format!("expected {expected} bytes, found {size}")));
        }
        let Some(checksum) = expect.checksum else { return Ok(()) };
        let found = checksum.algorithm().digest_of(self.file(record, name)?);
        let found = found.map_err(|e| Error::File(durable::Error::from_io(e, &path)))?;
        if found == checksum { Ok(()) } else { Err(wrong(format!("expected {checksum}, found {found}"))) }
    }

    fn no_file(&self, record: &Record, name: &str) -> Error {
        Error::NoFile { data_type: record.kind.clone(), path: self.dir.path().join(name) }
    }

    /// What repomd.xml says of a record's file.
    pub(crate) fn expect(&self, record: &Record) -> Result<Expect, Error> {
        Ok(Expect {
            checksum: self.digest(record, "checksum", record.checksum.as_ref())?,
            size: record.size,
            open_checksum: self.digest(record, "open-checksum", record.open_checksum.as_ref())?,
            open_size: record.open_size,
            ..Expect::default()
        })
    }

    fn digest(
        &self,
        record: &Record,
        field: &'static str,
        checksum: Option<&Checksum>,
    ) -> Result<Option<Digest>, Error> {
        let Some(checksum) = checksum else { return Ok(None) };
        let digest = Digest::parse(checksum.kind(), checksum.hex()).map_err(|source| Error::Checksum {
            path: self.repomd_path(),
            data_type: record.kind.clone(),
            field,
            source,
        })?;
        Ok(Some(digest))
    }

    /// A record's file as it is stored.
    pub(crate) fn file(&self, record: &Record, name: &str) -> Result<File, Error> {
        self.dir.open_file(name).map_err(Error::of_reading)?.ok_or_else(|| self.no_file(record, name))
    }

    /// Opens a record's file; what is expected is verified when it is finished. Waits
    /// for the memory that this takes, and decompresses on a thread of its own if there
    /// may be one.
    pub(crate) fn open_file(&self, record: &Record, name: &str, expect: Expect) -> Result<OpenReader, Error> {
        let path = self.dir.path().join(name);
        let file = self.file(record, name)?;
        let memory = self.jobs.memory(self.decoding_memory(&file, name, &expect)?);
        let thread = self.jobs.thread();
        let threaded = thread.is_some();
        let source = Permitted { file, _permits: (memory, thread) };
        let open = if threaded { OpenReader::new } else { OpenReader::inline };
        open(source, path, expect).map_err(Error::Open)
    }

    /// The most memory in bytes that decompressing a file takes.
    pub(crate) fn decoding_memory(&self, file: &File, name: &str, expect: &Expect) -> Result<u64, Error> {
        let unreadable = |e| Error::File(durable::Error::from_io(e, &self.dir.path().join(name)));
        codec::memory::decoding_memory(file, expect).map_err(unreadable)
    }
}

/// A file, and what reading it takes, which is given back with it.
struct Permitted {
    file: File,
    _permits: (Permit, Option<Permit>),
}

impl Read for Permitted {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
}

fn is_not_a_directory(error: &durable::Error) -> bool {
    error.io().is_some_and(|e| e.kind() == std::io::ErrorKind::NotADirectory)
}

fn refuse_busy(root: &Path) -> Result<(), Error> {
    let path = root.join(BUSY);
    if path.symlink_metadata().is_ok() { Err(Error::Busy { path }) } else { Ok(()) }
}
