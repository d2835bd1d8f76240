//! Applying a delta file or a journal to an old file. What to apply is decided
//! elsewhere.

mod journal;

use std::fs::File;
use std::io;
use std::path::Path;

use codec::{Algorithm, Compression, Digest, Expect, OpenReader};
use delta_core::{ApplyError, Limits, Rule};
use durable::Dir;

use crate::Error;
use crate::hashed::Hashed;

/// What the result must be. With nothing wanted, nothing is verified.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Wanted {
    /// `<open-checksum>` of the target.
    pub open_checksum: Option<Digest>,
    /// `<open-size>` of the target in bytes; also caps what is written.
    pub open_size: Option<u64>,
    /// SHA-256 of the open content of the old file, where it is known: then a
    /// journal is applied without reading the old file for it.
    pub old_sha256: Option<Digest>,
}

/// What [`apply_files`] did, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesApplied {
    /// Bytes of the result, open.
    pub output_bytes: u64,
    /// Bytes of it that came from the delta.
    pub literal_bytes: u64,
    /// Digest of the result: by the algorithm wanted, else SHA-256.
    pub open_checksum: Digest,
}

/// Applies `delta`, a delta file (bzip2) or a journal, to the file `old` (open, or of any
/// compression that [`codec`] reads) and writes the open result to `new`.
///
/// Memory is independent of the size of the files. `new` appears, or is
/// replaced, only when the result is complete and what was wanted.
///
/// # Errors
/// See [`Error`]; `new` is then as it was.
pub fn apply_files(
    data_type: &str,
    old: &Path,
    delta: &Path,
    new: &Path,
    wanted: &Wanted,
) -> Result<FilesApplied, Error> {
    let rule =
        Rule::for_type(data_type).ok_or_else(|| Error::Database { data_type: data_type.to_owned() })?;
    if journal::is_journal(delta)? {
        return journal::apply(rule, old, delta, new, wanted);
    }
    let delta_reader = open(delta)?;
    if delta_reader.compression() != Compression::Bzip2 {
        let found = delta_reader.compression().to_string();
        return Err(Error::NotBzip2 { path: delta.to_owned(), found });
    }
    let old_reader = open(old)?;

    let (dir, name) = durable_place(new)?;
    let mut limits = Limits::default();
    if let Some(size) = wanted.open_size {
        limits = limits.with_max_output(size);
    }
    let algorithm = wanted.open_checksum.map_or(Algorithm::Sha256, |d| d.algorithm());
    let mut out = Hashed::new(dir.create_new(&name).map_err(Error::File)?, algorithm);
    let applied = delta_core::apply(rule, old_reader, delta_reader, &mut out, &limits);
    let applied = applied.map_err(|e| precise(e, old, delta, new))?;

    let (pending, made) = out.finish();
    if let Some((expected, found)) = made.differs(wanted.open_size, wanted.open_checksum.as_ref()) {
        return Err(Error::WrongResult { delta: delta.to_owned(), expected, found });
    }
    pending.commit().map_err(Error::File)?;
    Ok(FilesApplied {
        output_bytes: applied.output_bytes,
        literal_bytes: applied.literal_bytes,
        open_checksum: made.digest,
    })
}

fn open(path: &Path) -> Result<OpenReader, Error> {
    let file = File::open(path).map_err(|reason| Error::OpenFile { path: path.to_owned(), reason })?;
    OpenReader::new(file, path, Expect::default()).map_err(Error::Open)
}

/// The directory and the name in it of a file to be written.
fn durable_place(path: &Path) -> Result<(Dir, String), Error> {
    let name = path.file_name().and_then(|n| n.to_str()).map(str::to_owned);
    let name = name.ok_or_else(|| Error::OpenFile {
        path: path.to_owned(),
        reason: io::Error::new(io::ErrorKind::InvalidInput, "it does not end in a file name"),
    })?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok((Dir::open(parent).map_err(Error::File)?, name))
}

/// Gets back the error that travelled through a reader or writer.
fn precise(error: ApplyError, old: &Path, delta: &Path, new: &Path) -> Error {
    match error {
        ApplyError::Old { source: delta_core::ChunkError::Read { source, .. } } => {
            Error::Open(codec::Error::from_io(source, old))
        }
        ApplyError::ReadDelta { source, .. } => Error::Open(codec::Error::from_io(source, delta)),
        ApplyError::Output { source, .. } => Error::File(durable::Error::from_io(source, new)),
        source => Error::Apply { old: old.to_owned(), delta: delta.to_owned(), source },
    }
}
