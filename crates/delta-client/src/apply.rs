//! Applying a delta file or a journal to an old file. What to apply is decided
//! elsewhere.

mod base;
mod journal;
mod output;

use std::io;
use std::path::Path;

use codec::{Compression, Digest, Expect, OpenReader};
use delta_core::{ApplyError, Rule};
use durable::Input;

use crate::Error;
use output::{Output, limits};

/// What the result must be. With nothing wanted, nothing is verified.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Target {
    /// `<open-checksum>` of the target.
    pub open_checksum: Option<Digest>,
    /// `<open-size>` of the target in bytes; also caps what is written.
    pub open_size: Option<u64>,
    /// The most bytes that the target may have, where `open_size` does not say it;
    /// nothing is decompressed beyond what that takes. Default: 16 GiB.
    pub max_size: Option<u64>,
    /// SHA-256 of the open content of the old file, where it is known: then a
    /// journal is applied without reading the old file for it.
    pub old_sha256: Option<Digest>,
}

impl Target {
    /// The most bytes that are written.
    fn limit(&self) -> u64 {
        let max = self.max_size.unwrap_or(DEFAULT_MAX_SIZE);
        self.open_size.map_or(max, |size| size.min(max))
    }
}

/// The most bytes of a target unless the caller says otherwise.
const DEFAULT_MAX_SIZE: u64 = 16 << 30;

/// The most bytes that a delta may open to whose result has at most `max_open`: its
/// literals are part of the result, and its tokens refer to chunks of at least nine
/// bytes with at most 41.
pub(crate) fn longest_delta(max_open: u64) -> u64 {
    max_open.saturating_mul(6).saturating_add(1 << 20)
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
/// compression that [`codec`](../codec/index.html) reads) and writes the open result to `new`.
///
/// Memory is independent of the size of the files. `new` appears, or is
/// replaced, only when the result is complete and what was wanted. Symlinks are followed,
/// pipes and devices read from and written to ([`durable::Input`], [`durable::Output`]);
/// `-` is standard input or output.
///
/// # Errors
/// See [`Error`]; `new` is then as it was.
pub fn apply_files(
    data_type: &str,
    old: &Path,
    delta: &Path,
    new: &Path,
    wanted: &Target,
) -> Result<FilesApplied, Error> {
    let rule =
        Rule::for_type(data_type).ok_or_else(|| Error::Database { data_type: data_type.to_owned() })?;
    let delta_file = Input::open(delta).map_err(Error::File)?;
    let old_file = Input::open(old).map_err(Error::File)?;
    if journal::is_journal(&delta_file)? {
        return journal::apply(rule, &old_file, &delta_file, new, wanted);
    }
    let delta_reader = open(&delta_file, longest_delta(wanted.limit()))?;
    if delta_reader.compression() != Compression::Bzip2 {
        let found = delta_reader.compression().to_string();
        return Err(Error::NotBzip2 { path: delta.to_owned(), found });
    }
    let old_reader = open(&old_file, DEFAULT_MAX_SIZE)?;

    let mut out = Output::create(new, wanted)?;
    let applied = match delta_core::apply(rule, old_reader, delta_reader, &mut out, &limits(wanted)) {
        Ok(applied) => applied,
        Err(ApplyError::Output { source, .. }) => return Err(cannot_write(out, source, new)),
        Err(error) => return Err(precise(error, old, delta)),
    };
    let open_checksum = out.commit(delta, wanted)?;
    Ok(FilesApplied {
        output_bytes: applied.output_bytes,
        literal_bytes: applied.literal_bytes,
        open_checksum,
    })
}

fn open(file: &Input, max_open_size: u64) -> Result<OpenReader, Error> {
    let expect = Expect { max_open_size, ..Expect::default() };
    OpenReader::new(file.reader(), file.path(), expect).map_err(Error::Open)
}

/// What kept `out` from being written; `said` is what its writer was told.
fn cannot_write(out: Output, said: io::Error, new: &Path) -> Error {
    out.failure().unwrap_or_else(|| Error::File(durable::Error::from_io(said, new)))
}

/// Gets back the error that travelled through a reader or writer.
fn precise(error: ApplyError, old: &Path, delta: &Path) -> Error {
    match error {
        ApplyError::Old { source: delta_core::ChunkError::Read { source, .. } } => {
            Error::Open(codec::Error::from_io(source, old))
        }
        ApplyError::ReadDelta { source, .. } => Error::Open(codec::Error::from_io(source, delta)),
        source => Error::Apply { old: old.to_owned(), delta: delta.to_owned(), source },
    }
}
