//! One writer for both kinds of encoders, which tells a full disk from an
//! encoder that cannot go on.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::rc::Rc;

use codec::recipe::{Facts, Rebuilder, Recipe, ZchunkHeader, ZchunkRebuilder};
use codec::{Algorithm, Compressor};
use durable::{Pending, Room};

use super::Form;
use super::old::OldFile;
use crate::hashed::{Hashed, Made};
use crate::pipe::Blocks;

/// Why there is no file.
#[derive(Debug)]
pub(super) enum Broken {
    /// The disk fails, whatever is written to it.
    Disk(durable::Error),
    /// The encoder does; in one line.
    Encoder(String),
}

/// A file that is complete, and not synced yet.
pub(super) struct Encoded {
    pub(super) pending: Pending,
    pub(super) made: Made,
    /// Of a zchunk file.
    pub(super) header: Option<ZchunkHeader>,
}

/// Compresses open content into a file.
pub(super) struct Encoder {
    format: Format,
    failure: Failure,
}

#[expect(clippy::large_enum_variant, reason = "there is one for each file that is made")]
enum Format {
    Quick(Compressor<Hashed<Disk>>),
    Exact(Box<Rebuilder<Hashed<Disk>>>),
    Zchunk(Box<ZchunkRebuilder<Hashed<Disk>, File, Room>>),
}

/// What the disk said first.
type Failure = Rc<RefCell<Option<durable::Error>>>;

/// The file, and what the disk says of it.
struct Disk {
    pending: Pending,
    failure: Failure,
}

impl Encoder {
    /// `algorithm` is for the bytes of the file; `open_size` is announced to
    /// the encoder, where it is known, and `facts` may be needed by a recipe.
    pub(super) fn new(
        pending: Pending,
        form: Form,
        algorithm: Algorithm,
        open_size: Option<u64>,
        facts: &Facts,
    ) -> Result<Self, Broken> {
        let failure = Failure::default();
        let out = Hashed::new(Disk { pending, failure: failure.clone() }, algorithm);
        let format = match form {
            Form::Quick(compression) => {
                Compressor::new(out, compression).map(Format::Quick).map_err(|error| error.to_string())
            }
            Form::Exact(recipe) => recipe
                .rebuilder_with(out, open_size, facts)
                .map(|rebuilder| Format::Exact(Box::new(rebuilder)))
                .map_err(|error| error.to_string()),
        };
        match format {
            Ok(format) => Ok(Self { format, failure }),
            Err(why) => Err(broken(&failure, why)),
        }
    }

    /// Of a zchunk file, which takes the one before it.
    pub(super) fn from_old(
        pending: Pending,
        recipe: Recipe,
        algorithm: Algorithm,
        old: OldFile,
    ) -> Result<Self, Broken> {
        let failure = Failure::default();
        let out = Hashed::new(Disk { pending, failure: failure.clone() }, algorithm);
        match recipe.zchunk_rebuilder(out, old.file, old.cuts, None, old.scratch) {
            Ok(rebuilder) => Ok(Self { format: Format::Zchunk(Box::new(rebuilder)), failure }),
            Err(error) => Err(broken(&failure, error.to_string())),
        }
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        let written = match &mut self.format {
            Format::Quick(compressor) => compressor.write_all(bytes),
            Format::Exact(rebuilder) => rebuilder.write_all(bytes),
            Format::Zchunk(rebuilder) => rebuilder.write_all(bytes),
        };
        written.map_err(|error| broken(&self.failure, error.to_string()))
    }

    /// Writes the end of the file; not synced yet.
    fn finish(self) -> Result<Encoded, Broken> {
        let mut header = None;
        let finished = match self.format {
            Format::Quick(compressor) => compressor.finish().map_err(|error| error.to_string()),
            Format::Exact(rebuilder) => rebuilder.finish().map_err(|error| error.to_string()),
            Format::Zchunk(rebuilder) => {
                let rebuilt = rebuilder.finish().map_err(|error| error.to_string());
                rebuilt.map(|rebuilt| {
                    header = Some(rebuilt.header);
                    rebuilt.out
                })
            }
        };
        let (disk, made) = finished.map_err(|why| broken(&self.failure, why))?.finish();
        Ok(Encoded { pending: disk.pending, made, header })
    }
}

/// Compresses all blocks into the file.
pub(super) fn encode(mut encoder: Encoder, blocks: Blocks) -> Result<Encoded, Broken> {
    if blocks.each(|block| encoder.put(block))? { encoder.finish() } else { Err(gave_up()) }
}

/// One side ended before the other.
pub(super) fn gave_up() -> Broken {
    Broken::Encoder("the encoder ended early".to_owned())
}

fn broken(failure: &Failure, why: String) -> Broken {
    failure.take().map_or(Broken::Encoder(why), Broken::Disk)
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let path = self.pending.path();
        self.pending.write(bytes).map_err(|error| {
            let kind = error.kind();
            let error = durable::Error::from_io(error, &path);
            let said = io::Error::new(kind, error.to_string());
            self.failure.borrow_mut().get_or_insert(error);
            said
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
