//! A delta file or a journal, applied to an old file. What to apply is decided elsewhere.

use std::io::Read;
use std::path::Path;

use codec::recipe::zchunk::{ZchunkCuts, ZchunkFile};
use codec::{Algorithm, Digest, Expect};
use delta_core::chunk::ChunkError;
use delta_core::{ApplyError, Limits, Rule};
use durable::streams::Input;
use repomd::files::TEMP_PREFIX;

use super::encoder::{Encoding, OldBytes, StoreError, ZchunkBase};
use super::old::{OldTwice, expect_old, open_old};
use super::output::{Content, HashOn, Output, PatchError, Patched};
use super::play::{Change, PlayError, open_delta, scratch};
use super::{Error, StoredForm, Target, journal_file};

/// Bytes of an old file that stay in memory: few, since [`OldTwice`] keeps them, too.
const KEPT: usize = 1 << 20;

/// What [`apply_files`] did, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilesApplied {
    /// Bytes of the result, open.
    pub output_bytes: u64,
    /// Bytes of it that came from the delta.
    pub literal_bytes: u64,
    /// Digest of the open result: by the algorithm expected, else SHA-256.
    pub open_checksum: Digest,
}

/// Applies `delta`, a delta file (bzip2) or a journal, to the file `old` (open, or of any
/// compression that [`codec`](codec) reads) and writes the result to `new`.
///
/// Memory is independent of the size of the files. `new` appears, or is
/// replaced, only when the result is complete and what is expected. Symlinks are followed,
/// pipes and devices read from and written to ([`durable::streams::Input`], [`durable::streams::Output`]);
/// `-` is standard input or output.
///
/// # Errors
/// See [`Error`]; `new` is then as it was.
pub fn apply_files(
    data_type: &str,
    old: &Path,
    delta: &Path,
    new: &Path,
    target: &Target,
) -> Result<FilesApplied, Error> {
    let rule =
        Rule::for_type(data_type).ok_or_else(|| Error::Database { data_type: data_type.to_owned() })?;
    let delta_file = Input::open(delta).map_err(Error::File)?;
    let old_file = Input::open(old).map_err(Error::File)?;
    let limits = Limits::default().with_max_kept(KEPT).with_max_output(target.limit());
    let patched = if journal_file::is_journal(&delta_file)? {
        let (reading, fetched) = journal_file::parts(data_type, &old_file, &delta_file, target)?;
        let found = reading.parts(&fetched).map_err(|error| journal_file::precise(error, old, delta, new))?;
        let parts = found.first().map(Vec::as_slice).unwrap_or_default();
        let out = output(&old_file, new, target)?;
        let (dir, name) = &out.scratch;
        // Without a cap: there is no other way to the new file.
        let mut scratch = dir.room(&format!("{name}-scratch"), u64::MAX).map_err(Error::File)?;
        let mut twice = OldTwice::new(&old_file, target.open_size, (dir, name));
        let mut open = || Ok(Box::new(twice.open()?) as Box<dyn Read>);
        let scratch = &mut scratch;
        out.output.patch(Change::Steps { rule, old: &mut open, parts, scratch }, &limits)
    } else {
        let mut delta = open_delta(delta_file.reader(), delta_file.path(), target.limit())?;
        let mut old = open_old(&old_file, expect_old())?;
        let out = output(&old_file, new, target)?;
        out.output.patch(Change::Delta { rule, old: &mut old, delta: &mut delta }, &limits)
    };
    complete(patched.map_err(|error| precise(error, old, delta, new))?, delta, new, target)
}

/// The new file, with a place for scratch files and the start of names there that nobody
/// else uses.
struct NewFile {
    output: Output<'static, durable::streams::Output>,
    scratch: (durable::Dir, String),
}

/// Begins to write to `new`, or beside it.
fn output(old: &Input, new: &Path, target: &Target) -> Result<NewFile, Error> {
    let file = durable::streams::Output::open(new, TEMP_PREFIX).map_err(Error::File)?;
    let (dir, name) = file.scratch();
    let scratch = (dir.clone(), name.to_owned());
    let zchunk = match target.form {
        StoredForm::Exact(recipe) if recipe.needs_old_file() => Some(zchunk_base(old, target, &scratch)?),
        _ => None,
    };
    let algorithm = target.checksum.map_or(Algorithm::Sha256, |digest| digest.algorithm());
    let encoding = Encoding {
        form: target.form,
        algorithm: matches!(target.form, StoredForm::Exact(_)).then_some(algorithm),
        open_size: target.open_size,
        facts: target.facts.clone(),
        zchunk,
    };
    let content = Content { size: target.open_size, digests: target.open_checksum.into_iter().collect() };
    let output = Output::new((file, new.to_owned()), encoding, content, HashOn::Thread, &|_| ());
    let output = output.map_err(|reason| Error::OpenFile { path: new.to_owned(), reason })?;
    Ok(NewFile { output, scratch })
}

/// What a zchunk file is made of besides its content.
fn zchunk_base(
    old: &Input,
    target: &Target,
    (dir, name): &(durable::Dir, String),
) -> Result<ZchunkBase, Error> {
    let rule = target.chunk_rule.filter(|rule| !rule.needs_primary()).ok_or(Error::NoChunkRule)?;
    let bytes: Box<dyn OldBytes> = Box::new(old.reader());
    let file = ZchunkFile::read(bytes, old.path(), Expect::default()).map_err(Error::Open)?;
    let scratch = scratch((dir, name), "chunks").map_err(Error::File)?;
    Ok(ZchunkBase { file, cuts: ZchunkCuts::Rule(rule), scratch })
}

/// Puts the file in its place, if it is what is expected of `delta`.
fn complete(
    patched: Patched<durable::streams::Output>,
    delta: &Path,
    new: &Path,
    target: &Target,
) -> Result<FilesApplied, Error> {
    let (open, literal_bytes) = (patched.open, patched.inserted_bytes);
    let encoded = patched.encoded().map_err(|error| cannot_store(error, new))?;
    if let (StoredForm::Exact(_), Some(written)) = (target.form, encoded.written)
        && let Some((expected, found)) = written.differs(target.size, target.checksum.as_ref())
    {
        return Err(Error::WrongResult { delta: delta.to_owned(), expected, found });
    }
    encoded.file.commit().map_err(Error::File)?;
    Ok(FilesApplied { output_bytes: open.size, literal_bytes, open_checksum: open.digest })
}

fn cannot_store(error: StoreError, new: &Path) -> Error {
    match error {
        StoreError::Disk(error) => Error::File(error),
        StoreError::Encoder(why) => Error::Encode { path: new.to_owned(), why },
    }
}

/// Gets back the error that travelled through a reader or writer.
fn precise(error: PatchError, old: &Path, delta: &Path, new: &Path) -> Error {
    match error {
        PatchError::Store(error) => cannot_store(error, new),
        PatchError::Differs { expected, found } => {
            Error::WrongResult { delta: delta.to_owned(), expected, found }
        }
        PatchError::Play(PlayError::Output(source)) => Error::File(durable::Error::from_io(source, new)),
        PatchError::Play(
            PlayError::Old(source)
            | PlayError::Delta(ApplyError::Old { source: ChunkError::Read { source, .. } }),
        ) => Error::Open(codec::Error::from_io(source, old)),
        PatchError::Play(PlayError::Delta(ApplyError::ReadDelta { source, .. })) => {
            Error::Open(codec::Error::from_io(source, delta))
        }
        PatchError::Play(PlayError::Delta(source)) => {
            Error::Apply { old: old.to_owned(), delta: delta.to_owned(), source }
        }
        PatchError::Play(PlayError::Steps(error)) => journal_file::precise(error, old, delta, new),
    }
}
