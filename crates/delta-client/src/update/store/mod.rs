//! Storing open content that was made here: hashed, compressed on a thread of
//! its own, hashed again, and believed only if it is what was wanted.
//!
//! Where the open content comes from is not known here.

mod encoder;
mod old;

use std::io::{self, Write};

use codec::recipe::{Recipe, ZchunkHeader};
use codec::{Algorithm, Compression};
use durable::Dir;
use repomd::Record;

use super::attempt::AttemptError;
use super::context::Context;
use super::fetched::Stored;
use super::plan::Plan;
use crate::cache::{LocalFile, result_name, stored_name};
use crate::digest::digest_or_none;
use crate::hashed::Hashed;
use crate::pipe::Pipe;
use crate::progress::Meter;
use encoder::{Broken, Encoded, Encoder, encode};
use old::OldFile;

/// How open content is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As the publisher stores it, to the byte.
    Exact(Recipe),
    /// Quickly, for local readers.
    Quick(Compression),
}

/// Takes open content, and hashes it.
pub(super) struct Output<'m, 'p> {
    /// Its end is the open content and [`Store`], which has to be finished.
    pub(super) open: Hashed<Store>,
    meter: &'m Meter<'p>,
}

/// Where the open content goes.
pub(super) struct Store {
    pipe: Pipe<Result<Encoded, Broken>>,
    form: Form,
}

impl<'m, 'p> Output<'m, 'p> {
    /// Begins to store the open content of `plan`, which is made of `base` and hashed by
    /// `algorithm`.
    pub(super) fn new(
        context: &Context<'_>,
        plan: &Plan<'_>,
        base: &LocalFile<'_>,
        (dir, temporary): (&Dir, &str),
        algorithm: Algorithm,
        meter: &'m Meter<'p>,
    ) -> Result<Self, AttemptError> {
        let pending = dir.create_new(&format!("{temporary}-result"))?;
        let stored_by = match plan.form {
            Form::Exact(_) => plan.checksum.algorithm(),
            Form::Quick(_) => Algorithm::Sha256,
        };
        let old = match plan.form {
            Form::Exact(recipe) if recipe.needs_old_file() => {
                Some(OldFile::open(context, plan, base, (dir, temporary))?)
            }
            _ => None,
        };
        let (form, open_size, facts) = (plan.form, plan.record.open_size, plan.facts.clone());
        let start = move || match (form, old) {
            (Form::Exact(recipe), Some(old)) => Encoder::from_old(pending, recipe, stored_by, old),
            _ => Encoder::new(pending, form, stored_by, open_size, &facts),
        };
        let work = move |blocks| encode(start()?, blocks);
        let pipe = Pipe::new("compress", work)
            .map_err(|error| AttemptError::Unusable(format!("cannot start a thread: {error}")))?;
        Ok(Self { open: Hashed::new(Store { pipe, form: plan.form }, algorithm), meter })
    }
}

impl Write for Output<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.open.write(bytes)?;
        self.meter.advance(taken as u64);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Write for Store {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pipe.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Store {
    /// Why a write failed.
    pub(super) fn failure(self) -> AttemptError {
        match ended(self.pipe) {
            Err(broken) => broken_down(broken),
            Ok(_) => AttemptError::Unusable("the result could not be written".to_owned()),
        }
    }

    /// Completes the file, whose open content has been verified, and has so
    /// many bytes.
    pub(super) fn finish(self, plan: &Plan<'_>, open_size: u64) -> Result<Stored, AttemptError> {
        let Encoded { pending, made: file, header } = ended(self.pipe).map_err(broken_down)?;
        let name = match self.form {
            Form::Quick(compression) => result_name(plan.location, &file.digest, compression),
            Form::Exact(recipe) => {
                let differs = file.differs(plan.record.size, Some(&plan.checksum));
                if let Some((expected, found)) = differs.or_else(|| header_differs(plan.record, header?)) {
                    return Err(AttemptError::WrongRecipe(
                        recipe,
                        format!(
                            "recipe `{recipe}` does not give the file that repomd.xml names: expected \
                             {expected}, found {found}"
                        ),
                    ));
                }
                stored_name(plan.location, &file.digest)
            }
        };
        pending.seal()?.publish_as(&name)?;
        let (size, open_size) = (Some(file.size), Some(open_size));
        Ok(Stored { name, checksum: file.digest, size, open_size, is_odd: false })
    }
}

/// What a record says of the header of a zchunk file, and what the header is, where that
/// is not the same.
pub(super) fn header_differs(record: &Record, header: ZchunkHeader) -> Option<(String, String)> {
    let checksum = digest_or_none(record.header_checksum.as_ref());
    header.differs(record.header_size, checksum.as_ref())
}

fn ended(pipe: Pipe<Result<Encoded, Broken>>) -> Result<Encoded, Broken> {
    pipe.finish().unwrap_or_else(|| Err(encoder::gave_up()))
}

/// That an encoder cannot go on says nothing of the recipe: memory may have run out.
fn broken_down(broken: Broken) -> AttemptError {
    match broken {
        Broken::Disk(error) => error.into(),
        Broken::Encoder(why) => AttemptError::Unusable(why),
    }
}
