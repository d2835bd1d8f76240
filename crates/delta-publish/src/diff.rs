//! A delta file from metadata files, with no repository and no history.

use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use bzip2::Compression;
use bzip2::write::BzEncoder;
use codec::{Expect, OpenReader};
use delta_core::DiffError;
use durable::streams::{Input, Output};
use repomd::files::TEMP_PREFIX;

use crate::report::FilesDiffed;
use crate::{Error, records};

/// Writes to `delta` the delta file that turns any of `olds` into `new`.
///
/// The files may have any compression that [`codec`](codec) reads; `olds` are best
/// given newest first. `new` is read twice. `delta` appears, or is replaced,
/// only when it is complete. Symlinks are followed, pipes and devices read from and
/// written to ([`durable::streams::Input`], [`durable::streams::Output`]); `-` is standard input or output.
///
/// # Errors
/// See [`Error`]; `delta` is then as it was.
pub fn diff_files(data_type: &str, olds: &[PathBuf], new: &Path, delta: &Path) -> Result<FilesDiffed, Error> {
    let rule = records::rule_of(data_type)?;
    let new_file = input(new)?;
    let mut readers = olds.iter().map(|old| open(&input(old)?)).collect::<Result<Vec<_>, _>>()?;
    let output = Output::open(delta, TEMP_PREFIX).map_err(Error::File)?;
    let mut out = BufWriter::with_capacity(64 << 10, BzEncoder::new(output, Compression::best()));
    let open_new = || open(&new_file).map_err(io::Error::other);
    let diffed =
        delta_core::diff(rule, &mut readers, open_new, &mut out).map_err(|e| precise(e, olds, new))?;
    let write_failed = |e| Error::File(durable::Error::from_io(e, delta));
    let encoder = out.into_inner().map_err(|e| write_failed(e.into_error()))?;
    let output = encoder.finish().map_err(write_failed)?;
    let size = output.written();
    output.commit().map_err(Error::File)?;
    Ok(FilesDiffed {
        chunks: diffed.chunks,
        references: diffed.references,
        literal_bytes: diffed.literal_bytes,
        size,
    })
}

fn input(path: &Path) -> Result<Input, Error> {
    Input::open(path).map_err(Error::File)
}

fn open(file: &Input) -> Result<OpenReader, Error> {
    OpenReader::new(file.reader(), file.path(), Expect::default()).map_err(Error::Open)
}

/// Gets back the error that travelled through a reader.
fn precise(error: DiffError, olds: &[PathBuf], new: &Path) -> Error {
    use delta_core::chunk::ChunkError::Read;
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
