//! A file that a person names for a result: replaced where it is a file, written to
//! where it is anything else.
//!
//! Only regular files are ever replaced. Symlinks are followed: what they lead to is
//! replaced, or written to. A pipe, a terminal or a device gets the bytes only when all
//! of them are there and the caller is content with them; until then they wait in a
//! scratch file. Nothing is made up here: directories must exist.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, Mode, OFlags, Stat};
use rustix::io::{Errno, retry_on_intr};

use crate::dir::same_file;
use crate::scratch::Spool;
use crate::step::step;
use crate::{Dir, Error, Kind, Operation, Pending};

/// What stands for standard input and standard output.
pub(crate) const STANDARD: &str = "-";

/// So many links in a row are followed, as the kernel does.
const MAX_LINKS: usize = 40;

/// Bytes copied at a time.
const BLOCK: usize = 128 * 1024;

/// A result that is being written; see [`Output::open`].
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    place: Place,
    /// Where scratch files may be, and a name there that nobody else uses.
    scratch: (Dir, String),
    written: u64,
}

#[derive(Debug)]
enum Place {
    /// Beside a file that it will replace.
    File(Box<Pending>),
    /// What it goes to in the end, and where it waits until then.
    Stream { to: File, waiting: Spool },
}

impl Output {
    /// Begins to write to `path`; `-` is standard output. The name of the temporary file
    /// beside it begins with `temp_prefix` ([`Dir::with_temp_prefix`]).
    ///
    /// A pipe is opened at once, which waits for its reader. Standard output and
    /// standard error are written to, not replaced, by whatever path they are named, also
    /// where they are regular files.
    ///
    /// # Errors
    /// When it is a directory or a socket, or cannot be written.
    pub fn open(path: &Path, temp_prefix: &'static str) -> Result<Self, Error> {
        if path == Path::new(STANDARD) {
            return Self::to_descriptor(path, io::stdout().as_fd(), temp_prefix);
        }
        match rustix::fs::stat(path) {
            Ok(stat) => Self::to_existing(path, &stat, temp_prefix),
            Err(Errno::NOENT) => Self::beside(path, &follow(path)?, temp_prefix),
            Err(reason) => Err(Error::new(Operation::Inspect, path, reason)),
        }
    }

    /// Whether what is written to `path` comes out of standard output, so that nothing
    /// else may.
    #[must_use]
    pub fn is_stdout(path: &Path) -> bool {
        path == Path::new(STANDARD)
            || rustix::fs::stat(path).is_ok_and(|stat| is_descriptor(&stat, io::stdout().as_fd()))
    }

    fn to_existing(path: &Path, stat: &Stat, temp_prefix: &'static str) -> Result<Self, Error> {
        for descriptor in [io::stdout().as_fd(), io::stderr().as_fd()] {
            if is_descriptor(stat, descriptor) {
                return Self::to_descriptor(path, descriptor, temp_prefix);
            }
        }
        match Kind::of(stat) {
            Kind::File => {
                let target = path.canonicalize();
                let target = target.map_err(|reason| Error::new(Operation::Inspect, path, reason))?;
                // A descriptor of a file that has no name any more leads to a name all the same.
                match rustix::fs::stat(&target) {
                    Ok(found) if same_file(&found, stat) => Self::beside(path, &target, temp_prefix),
                    _ => Err(Error::new(Operation::Open, path, Errno::NOENT)),
                }
            }
            Kind::Pipe | Kind::Device => {
                let flags = OFlags::WRONLY | OFlags::NOCTTY | OFlags::CLOEXEC;
                let opened = retry_on_intr(|| rustix::fs::openat(CWD, path, flags, Mode::empty()));
                let opened = opened.map_err(|reason| Error::new(Operation::Open, path, reason))?;
                Self::stream(path, opened.into(), temp_prefix)
            }
            found => Err(Error::WrongKind { path: path.to_owned(), expected: Kind::File, found }),
        }
    }

    fn to_descriptor(
        path: &Path,
        descriptor: BorrowedFd<'_>,
        temp_prefix: &'static str,
    ) -> Result<Self, Error> {
        let own = descriptor.try_clone_to_owned();
        let own = own.map_err(|reason| Error::new(Operation::Open, path, reason))?;
        Self::stream(path, own.into(), temp_prefix)
    }

    fn stream(path: &Path, to: File, temp_prefix: &'static str) -> Result<Self, Error> {
        let (dir, name) = scratch()?;
        let dir = dir.with_temp_prefix(temp_prefix);
        let waiting = dir.spool(&name, u64::MAX)?;
        Ok(Self::new(path, Place::Stream { to, waiting }, (dir, name)))
    }

    /// A file that appears under `target`, or replaces what is there.
    fn beside(path: &Path, target: &Path, temp_prefix: &'static str) -> Result<Self, Error> {
        let (dir, name) = place(path, target)?;
        let dir = dir.with_temp_prefix(temp_prefix);
        // One that is replaced passes on its owner, too, where it can be looked at.
        let pending = match dir.attributes_of(&name) {
            Ok(Some(attributes)) => dir.create_like(&name, &attributes)?,
            _ => dir.create_new(&name)?,
        };
        Ok(Self::new(path, Place::File(Box::new(pending)), (dir, name)))
    }

    fn new(path: &Path, place: Place, scratch: (Dir, String)) -> Self {
        Self { path: path.to_owned(), place, scratch, written: 0 }
    }

    /// A directory in which scratch files may be, and the start of names there that
    /// nobody else uses.
    #[must_use]
    pub fn scratch(&self) -> (&Dir, &str) {
        (&self.scratch.0, &self.scratch.1)
    }

    /// Bytes that it has taken.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Lets the bytes go where they belong: a file appears, or is replaced, complete and
    /// synced; anything else is written to. Without it nothing happens to `path`.
    ///
    /// # Errors
    /// When they cannot be written. A file is then as it was.
    pub fn commit(self) -> Result<(), Error> {
        match self.place {
            Place::File(pending) => pending.commit(),
            Place::Stream { mut to, waiting } => {
                step(Operation::Write, &self.path)?;
                let poured = waiting
                    .into_reader()
                    .and_then(|waiting| io::copy(&mut BufReader::with_capacity(BLOCK, waiting), &mut to));
                poured.map(drop).map_err(|reason| Error::Stream { path: self.path, reason })
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = match &mut self.place {
            Place::File(pending) => pending.write(bytes)?,
            Place::Stream { waiting, .. } => waiting
                .write(bytes)
                .map_err(|reason| Error::new(Operation::Write, self.scratch.0.path(), reason).into_io())?,
        };
        self.written += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether an open file is that one.
pub(crate) fn is_descriptor(stat: &Stat, descriptor: BorrowedFd<'_>) -> bool {
    rustix::fs::fstat(descriptor).is_ok_and(|open| same_file(&open, stat))
}

/// The temporary directory, and the start of names in it that nobody else uses.
pub(crate) fn scratch() -> Result<(Dir, String), Error> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    Ok((Dir::open(&std::env::temp_dir())?, format!("{}-{number}", std::process::id())))
}

/// Where a path that leads to nothing leads: it may be a link.
fn follow(path: &Path) -> Result<PathBuf, Error> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match path.read_link() {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(Error::new(Operation::Open, &path, Errno::LOOP))
}

/// The directory and the name in it of a file to be written.
fn place(path: &Path, target: &Path) -> Result<(Dir, String), Error> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = target.file_name().and_then(|name| name.to_str());
    let unusable = || Error::BadName { dir: parent.to_owned(), name: path.to_string_lossy().into_owned() };
    Ok((Dir::open(parent)?, name.ok_or_else(unusable)?.to_owned()))
}
