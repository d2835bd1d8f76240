//! From what a way gave to a stored file: the engine is [`patch`](crate::patch), and here
//! its failures become reasons to go another way.

use codec::recipe::zchunk::ZchunkHeader;
use codec::{Algorithm, Digest};
use delta_core::chunk::ChunkError;
use delta_core::journal::JournalError;
use delta_core::{ApplyError, Limits};
use durable::{Dir, Pending};
use repomd::Record;

use super::attempt::AttemptError;
use super::base::zchunk_base;
use super::context::Context;
use super::fetched::Stored;
use super::plan::Plan;
use crate::cache::{LocalFile, result_name, stored_name};
use crate::digest::digest_or_none;
use crate::patch::{
    Change, Content, Encoding, HashOn, Output, PatchError, Patched, PlayError, StoreError, StoredForm,
};
use crate::progress::Meter;

/// A new file that is to be made of the copy held.
#[derive(Clone, Copy)]
pub(super) struct Patching<'p> {
    pub(super) context: &'p Context<'p>,
    pub(super) plan: &'p Plan<'p>,
    pub(super) base: &'p LocalFile<'p>,
    /// Where it goes, and the start of names there that nobody else uses.
    pub(super) place: (&'p Dir, &'p str),
    /// What messages call the delta or journal.
    pub(super) name: &'p str,
}

impl Patching<'_> {
    /// The most bytes that the new file may have open.
    pub(super) fn max_open(&self) -> u64 {
        let max = self.context.options.max_open_size;
        self.plan.record.open_size.unwrap_or(max).min(max)
    }

    /// Plays a change, and compares what comes out with `content`.
    ///
    /// The outer error is one of what it takes; the inner one is for [`store`](Self::store).
    pub(super) fn run(
        &self,
        change: Change<'_>,
        content: Content,
        meter: &Meter<'_>,
    ) -> Result<Result<Patched<Pending>, PatchError>, AttemptError> {
        let advance = |bytes| meter.advance(bytes);
        let (dir, temporary) = self.place;
        let pending = dir.create_new(&format!("{temporary}-result"))?;
        let path = pending.path();
        let output = Output::new((pending, path), self.encoding()?, content, HashOn::Caller, &advance)
            .map_err(|error| AttemptError::unusable(format!("cannot start a thread: {error}")))?;
        let limits = Limits::default().with_max_output(self.max_open());
        Ok(output.patch(change, &limits))
    }

    fn encoding(&self) -> Result<Encoding, AttemptError> {
        let plan = self.plan;
        let algorithm = match plan.form {
            StoredForm::Exact(_) => plan.checksum.algorithm(),
            StoredForm::Quick(_) => Algorithm::Sha256,
        };
        let zchunk = match plan.form {
            StoredForm::Exact(recipe) if recipe.needs_old_file() => {
                Some(zchunk_base(self.context, plan, self.base, self.place)?)
            }
            _ => None,
        };
        let (form, open_size, facts) = (plan.form, plan.record.open_size, plan.facts.clone());
        Ok(Encoding { form, algorithm: Some(algorithm), open_size, facts, zchunk })
    }

    /// Stores what came of [`run`](Self::run). Where the fault may be that of the copy
    /// held, `verify_base` tells.
    pub(super) fn store(
        &self,
        patched: Result<Patched<Pending>, PatchError>,
        verify_base: impl FnOnce() -> Result<(), AttemptError>,
    ) -> Result<Stored, AttemptError> {
        let patched = match patched {
            Ok(patched) => patched,
            Err(PatchError::Store(error)) => return Err(store_failed(error)),
            Err(PatchError::Play(PlayError::Steps(JournalError::Scratch { source }))) => {
                // There may well be room for the file itself: the scratch file is gone.
                let (name, place) = (self.name, self.place.0.path().display());
                return Err(AttemptError::unusable(format!(
                    "cannot apply `{name}`: no scratch file of its size in `{place}`: {source}"
                )));
            }
            Err(error) => {
                let why = explain(error, self.name);
                // Whose fault was it?
                verify_base()?;
                return Err(AttemptError::Unusable(why));
            }
        };
        self.publish(patched)
    }

    /// Completes the file, whose open content has been verified.
    fn publish(&self, patched: Patched<Pending>) -> Result<Stored, AttemptError> {
        let plan = self.plan;
        let open_size = patched.open.size;
        let encoded = patched.encoded().map_err(store_failed)?;
        let no_digest = || AttemptError::unusable("the result was not hashed");
        let file = encoded.written.ok_or_else(no_digest)?;
        let name = match plan.form {
            StoredForm::Quick(compression) => result_name(plan.location, &file.digest, compression),
            StoredForm::Exact(recipe) => {
                let differs = file.differs(plan.record.size, Some(&plan.checksum));
                if let Some((expected, found)) =
                    differs.or_else(|| header_differs(plan.record, encoded.header?))
                {
                    return Err(AttemptError::WrongRecipe(
                        recipe,
                        format!(
                            "recipe `{recipe}` does not give the file that repomd.xml names: expected \
                             {expected}, found {found}"
                        ),
                    ));
                }
                self.context.recipes().speeds.note_rebuilt(recipe, open_size, encoded.spent);
                stored_name(plan.location, &file.digest)
            }
        };
        encoded.file.seal()?.publish_as(&name)?;
        let (size, open_size) = (Some(file.size), Some(open_size));
        Ok(Stored { name, checksum: file.digest, size, open_size, is_odd: false })
    }
}

/// What the open content must be by these digests, with the size that the record says.
pub(super) fn open_content(record: &Record, digests: impl IntoIterator<Item = Digest>) -> Content {
    Content { size: record.open_size, digests: digests.into_iter().collect() }
}

/// What a record says of the header of a zchunk file, and what the header is, where that
/// is not the same.
pub(super) fn header_differs(record: &Record, header: ZchunkHeader) -> Option<(String, String)> {
    let checksum = digest_or_none(record.header_checksum.as_ref());
    header.differs(record.header_size, checksum.as_ref())
}

fn store_failed(error: StoreError) -> AttemptError {
    match error {
        StoreError::Disk(error) => error.into(),
        StoreError::Encoder(why) => AttemptError::Unusable(why),
    }
}

/// In one line what is wrong with a delta or journal.
fn explain(error: PatchError, name: &str) -> String {
    match error {
        PatchError::Differs { expected, found } => {
            format!("the result of `{name}` is not the file wanted: expected {expected}, found {found}")
        }
        PatchError::Store(StoreError::Encoder(why)) => why,
        PatchError::Store(StoreError::Disk(error)) => error.to_string(),
        PatchError::Play(
            PlayError::Old(source)
            | PlayError::Output(source)
            | PlayError::Delta(
                ApplyError::ReadDelta { source, .. }
                | ApplyError::Old { source: ChunkError::Read { source, .. } },
            ),
        ) => source.to_string(),
        PatchError::Play(PlayError::Delta(error)) => format!("cannot apply `{name}`: {error}"),
        PatchError::Play(PlayError::Steps(error)) => format!("cannot apply `{name}`: {error}"),
    }
}
