//! The new file: hashed on one thread, written on another, and put in its place (or
//! handed to a pipe or device) only when it is what was wanted.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use codec::{Algorithm, Digest};
use delta_core::Limits;
use durable::Dir;

use super::Target;
use crate::Error;
use crate::hashed::Hashed;
use crate::pipe::{Blocks, Pipe};

type Written = Result<durable::Output, durable::Error>;

/// Takes the open content.
pub(super) struct Output {
    open: Pipe<Hashed<Pipe<Written>>>,
    path: PathBuf,
    scratch: (Dir, String),
}

impl Output {
    /// Begins to write to `new`, or beside it.
    pub(super) fn create(new: &Path, wanted: &Target) -> Result<Self, Error> {
        let cannot = |reason| Error::OpenFile { path: new.to_owned(), reason };
        let output = durable::Output::open(new).map_err(Error::File)?;
        let (dir, name) = output.scratch();
        let scratch = (dir.clone(), name.to_owned());
        let path = new.to_owned();
        let work = move |blocks| write(output, blocks).map_err(|error| durable::Error::from_io(error, &path));
        let pipe = Pipe::new("write", work).map_err(cannot)?;
        let algorithm = wanted.open_checksum.map_or(Algorithm::Sha256, |digest| digest.algorithm());
        let hashed = Hashed::new(pipe, algorithm);
        let open = Pipe::new("hash", move |blocks| hash(hashed, blocks)).map_err(cannot)?;
        Ok(Self { open, path: new.to_owned(), scratch })
    }

    /// Where scratch files may be, and the start of names there that nobody else uses.
    pub(super) fn scratch(&self) -> (&Dir, &str) {
        (&self.scratch.0, &self.scratch.1)
    }

    /// Why a write failed, if one did.
    pub(super) fn failure(self) -> Option<Error> {
        let (pipe, _) = self.open.finish()?.finish();
        pipe.finish().and_then(Result::err).map(Error::File)
    }

    /// Puts the file in its place, if it is what was wanted of `delta`.
    pub(super) fn commit(self, delta: &Path, wanted: &Target) -> Result<Digest, Error> {
        let ended = || {
            let reason = io::Error::other("a thread that writes ended early");
            Error::File(durable::Error::from_io(reason, &self.path))
        };
        let (pipe, made) = self.open.finish().ok_or_else(ended)?.finish();
        let output = pipe.finish().ok_or_else(ended)?.map_err(Error::File)?;
        if let Some((expected, found)) = made.differs(wanted.open_size, wanted.open_checksum.as_ref()) {
            return Err(Error::WrongResult { delta: delta.to_owned(), expected, found });
        }
        output.commit().map_err(Error::File)?;
        Ok(made.digest)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.open.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn hash(mut hashed: Hashed<Pipe<Written>>, blocks: Blocks) -> Hashed<Pipe<Written>> {
    // Where the other thread has ended, it tells why in the end.
    let _ = blocks.exchange(|block| hashed.pass(block));
    hashed
}

fn write(mut output: durable::Output, blocks: Blocks) -> io::Result<durable::Output> {
    // Of a writer that gave up nothing is committed.
    blocks.each(|block| output.write_all(block))?;
    Ok(output)
}

/// Bytes of a base that stay in memory: few, since the module `base` keeps them, too.
const KEPT: usize = 1 << 20;

/// What bounds the output and the memory.
pub(super) fn limits(wanted: &Target) -> Limits {
    Limits::default().with_max_kept(KEPT).with_max_output(wanted.limit())
}
