//! A delta file from metadata files, with no repository and no history.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use bzip2::Compression;
use bzip2::write::BzEncoder;
use codec::{Expect, OpenReader};
use delta_core::DiffError;
use durable::Dir;

use crate::outcome::FilesDiffed;
use crate::{Error, intake};

/// Writes to `delta` the delta file that turns any of `olds` into `new`.
///
/// The files may have any compression that [`codec`](../codec/index.html) reads; `olds` are best
/// given newest first. `new` is read twice. `delta` appears, or is replaced,
/// only when it is complete.
///
/// # Errors
/// See [`Error`]; `delta` is then as it was.
pub fn diff_files(data_type: &str, olds: &[PathBuf], new: &Path, delta: &Path) -> Result<FilesDiffed, Error> {
    let rule = intake::rule_of(data_type)?;
    let mut readers = olds.iter().map(|old| open(old)).collect::<Result<Vec<_>, _>>()?;
    let name = delta.file_name().and_then(|n| n.to_str());
    let name = name.ok_or_else(|| Error::OpenFile {
        path: delta.to_owned(),
        reason: io::Error::new(io::ErrorKind::InvalidInput, "it does not end in a file name"),
    })?;
    let parent = delta.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let dir = Dir::open(parent).map_err(Error::File)?;

    let file = dir.create_new(name).map_err(Error::File)?;
    let mut out = BufWriter::with_capacity(64 << 10, BzEncoder::new(file, Compression::best()));
    let open_new = || open(new).map_err(io::Error::other);
    let diffed =
        delta_core::diff(rule, &mut readers, open_new, &mut out).map_err(|e| precise(e, olds, new))?;
    let write_failed = |e| Error::File(durable::Error::from_io(e, delta));
    let encoder = out.into_inner().map_err(|e| write_failed(e.into_error()))?;
    encoder.finish().map_err(write_failed)?.commit().map_err(Error::File)?;
    let size = dir.len(name).map_err(Error::File)?.unwrap_or_default();
    Ok(FilesDiffed {
        chunks: diffed.chunks,
        references: diffed.references,
        literal_bytes: diffed.literal_bytes,
        size,
    })
}

fn open(path: &Path) -> Result<OpenReader, Error> {
    let file = File::open(path).map_err(|reason| Error::OpenFile { path: path.to_owned(), reason })?;
    OpenReader::new(file, path, Expect::default()).map_err(Error::Open)
}

/// Gets back the error that travelled through a reader.
fn precise(error: DiffError, olds: &[PathBuf], new: &Path) -> Error {
    use delta_core::ChunkError::Read;
    match error {
        DiffError::Old { version, source: Read { source, .. } } => {
            Error::Open(codec::Error::from_io(source, &olds[version]))
        }
        DiffError::Old { version, source } => Error::Chunk { path: olds[version].clone(), source },
        DiffError::New(Read { source, .. }) => Error::Open(codec::Error::from_io(source, new)),
        DiffError::New(source) => Error::Chunk { path: new.to_owned(), source },
        DiffError::Open(reason) => {
            reason.downcast().unwrap_or_else(|reason| Error::OpenFile { path: new.to_owned(), reason })
        }
        other => Error::Diff(other),
    }
}
