//! The new file: its open content is hashed, encoded on a thread of its own, and believed
//! only if it is what was expected.
//!
//! Where the open content comes from, and where the file goes, is not known here.

use std::io::{self, Sink, Write};
use std::path::PathBuf;

use codec::{Algorithm, Digest};
use delta_core::Limits;

use super::encoder::{Encoded, Encoding, StoreError, encode, ended_early};
use super::play::{Change, PlayError};
use crate::hashed::{Hashed, Written};
use crate::pipe::{Blocks, Pipe};

/// Where the open content goes: it is encoded and written on a thread.
type Store<F> = Pipe<Result<Encoded<F>, StoreError>>;

/// What the open content must be; what is not given is not compared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Content {
    pub(crate) size: Option<u64>,
    /// All of them must be right.
    pub(crate) digests: Vec<Digest>,
}

/// Where the open content is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashOn {
    /// On the thread that writes it: where others are at work at the same time.
    Caller,
    /// On one of its own.
    Thread,
}

/// Takes open content.
pub(crate) struct Output<'a, F> {
    open: OpenHasher<F>,
    /// By further algorithms.
    also: Vec<Hashed<Sink>>,
    content: Content,
    /// Hears how many bytes were written.
    advance: &'a dyn Fn(u64),
}

enum OpenHasher<F> {
    Caller(Hashed<Store<F>>),
    Thread(Pipe<Hashed<Store<F>>>),
}

/// A new file whose open content is verified.
pub(crate) struct Patched<F> {
    /// The open content.
    pub(crate) open: Written,
    /// Bytes of it that did not come from the old file.
    pub(crate) inserted_bytes: u64,
    store: Store<F>,
}

/// Why there is no new file.
#[derive(Debug)]
pub(crate) enum PatchError {
    /// It could not be stored.
    Store(StoreError),
    /// The change was not played to its end.
    Play(PlayError),
    /// The open content is not what was expected.
    Differs { expected: String, found: String },
}

impl<'a, F: Write + Send + 'static> Output<'a, F> {
    /// Begins to write to `file`, which messages call `path`. Fails where there can be no
    /// thread.
    pub(crate) fn new(
        (file, path): (F, PathBuf),
        encoding: Encoding,
        content: Content,
        hash_on: HashOn,
        advance: &'a dyn Fn(u64),
    ) -> io::Result<Self> {
        let store = Pipe::new("compress", move |blocks| encode(file, path, encoding, blocks))?;
        let mut algorithms = content.digests.iter().map(Digest::algorithm);
        let hashed = Hashed::new(store, algorithms.next().unwrap_or(Algorithm::Sha256));
        let also = algorithms.map(|algorithm| Hashed::new(io::sink(), algorithm)).collect();
        let open = match hash_on {
            HashOn::Caller => OpenHasher::Caller(hashed),
            HashOn::Thread => OpenHasher::Thread(Pipe::new("hash", move |blocks| hash(hashed, blocks))?),
        };
        Ok(Self { open, also, content, advance })
    }

    /// Plays a change into the new file, and compares its content with what it must be.
    pub(crate) fn patch(mut self, change: Change<'_>, limits: &Limits) -> Result<Patched<F>, PatchError> {
        let inserted_bytes = match change.play(&mut self, limits) {
            Ok(inserted_bytes) => inserted_bytes,
            Err(PlayError::Output(_)) => return Err(PatchError::Store(self.failure())),
            Err(error) => return Err(PatchError::Play(error)),
        };
        let Self { open, also, content, .. } = self;
        let (store, open) = open.finish().map_err(PatchError::Store)?;
        let further = also.into_iter().map(|hashed| hashed.finish().1);
        let mut size = content.size;
        let written = std::iter::once(open).chain(further);
        for (written, digest) in written.zip(content.digests.iter().map(Some).chain([None])) {
            if let Some((expected, found)) = written.differs(size.take(), digest) {
                return Err(PatchError::Differs { expected, found });
            }
        }
        Ok(Patched { open, inserted_bytes, store })
    }

    /// Why a write failed.
    fn failure(self) -> StoreError {
        let store = self.open.finish().map(|(store, _)| store);
        match store.and_then(encoded) {
            Err(error) => error,
            Ok(_) => StoreError::Encoder("the result could not be written".to_owned()),
        }
    }
}

impl<F: Send + 'static> OpenHasher<F> {
    fn finish(self) -> Result<(Store<F>, Written), StoreError> {
        match self {
            Self::Caller(hashed) => Ok(hashed.finish()),
            Self::Thread(pipe) => pipe.finish().map(Hashed::finish).ok_or_else(ended_early),
        }
    }
}

impl<F: Send + 'static> Patched<F> {
    /// Writes the end of the file; it is not yet in its place.
    pub(crate) fn encoded(self) -> Result<Encoded<F>, StoreError> {
        encoded(self.store)
    }
}

fn encoded<F: Send + 'static>(store: Store<F>) -> Result<Encoded<F>, StoreError> {
    store.finish().unwrap_or_else(|| Err(ended_early()))
}

fn hash<F: Send + 'static>(mut hashed: Hashed<Store<F>>, blocks: Blocks) -> Hashed<Store<F>> {
    // Where the other thread has ended, it tells why in the end.
    let _ = blocks.exchange(|block| hashed.pass(block));
    hashed
}

impl<F: Send + 'static> Write for Output<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match &mut self.open {
            OpenHasher::Caller(hashed) => hashed.write(bytes)?,
            OpenHasher::Thread(pipe) => pipe.write(bytes)?,
        };
        for hashed in &mut self.also {
            hashed.write_all(bytes.get(..taken).unwrap_or_default())?;
        }
        (self.advance)(taken as u64);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
