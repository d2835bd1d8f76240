//! A local directory as a source.
//!
//! Files are opened beneath the directory that was opened first: a symlink is
//! followed as long as it stays below it, and nothing else is read than regular
//! files. There are no validators, because reading repomd.xml costs nothing
//! here; it watches nothing and copies nothing.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use repomd::Location;
use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::{Errno, retry_on_intr};

use super::body::{Counted, expect_at_most};
use super::error::kind_of;
use super::{Body, Request, Response, Transport, TransportError, TransportErrorKind};

/// How often the kernel is asked again when directories move while a path is
/// resolved.
const ATTEMPTS: usize = 16;

/// A directory that holds a repository: the one with `repodata/` in it.
#[derive(Debug)]
pub struct DirectoryTransport {
    path: PathBuf,
    root: File,
}

impl DirectoryTransport {
    /// Opens the directory; symlinks in `path` itself are followed.
    ///
    /// # Errors
    /// When there is no such directory, or it must not be read.
    pub fn open(path: &Path) -> Result<Self, TransportError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = retry_on_intr(|| rustix::fs::openat(CWD, path, flags, Mode::empty()));
        let root = root.map_err(|errno| {
            let reason = io::Error::from(errno);
            let message = format!("cannot open directory `{}`: {reason}", path.display());
            TransportError::new(kind_of(&reason), message)
        })?;
        Ok(Self { path: path.to_owned(), root: root.into() })
    }

    /// Opens the file as the location is written, or else as it reads with its
    /// percent escapes decoded, which is what a web server would give.
    fn find(&self, location: &Location) -> Result<File, Errno> {
        match self.beneath(Path::new(location.as_str())) {
            Err(Errno::NOENT) if location.as_str().contains('%') => {
                use std::os::unix::ffi::OsStringExt as _;
                self.beneath(Path::new(&std::ffi::OsString::from_vec(location.decoded())))
            }
            result => result,
        }
    }

    fn beneath(&self, path: &Path) -> Result<File, Errno> {
        // Without waiting for the writer of a FIFO, and without getting a terminal.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let mut left = ATTEMPTS;
        loop {
            match rustix::fs::openat2(&self.root, path, flags, Mode::empty(), resolve) {
                Err(Errno::INTR | Errno::AGAIN) if left > 0 => left -= 1,
                // Kernels before 5.6, and sandboxes that do not know the call.
                Err(Errno::NOSYS | Errno::PERM) => return self.without_symlinks(path, flags),
                result => return result.map(File::from),
            }
        }
    }

    /// Component by component, following no symlink at all.
    fn without_symlinks(&self, path: &Path, flags: OFlags) -> Result<File, Errno> {
        let flags = flags | OFlags::NOFOLLOW;
        let mut at = self.root.try_clone().map_err(|_| Errno::MFILE)?;
        let mut components = path.iter().peekable();
        while let Some(component) = components.next() {
            let more = components.peek().is_some();
            let flags = if more { flags | OFlags::DIRECTORY } else { flags };
            at = retry_on_intr(|| rustix::fs::openat(&at, component, flags, Mode::empty()))?.into();
        }
        Ok(at)
    }
}

impl Transport for DirectoryTransport {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let what = self.path.join(request.location.as_str()).display().to_string();
        let file = self.find(request.location).map_err(|errno| match errno {
            Errno::XDEV => {
                let why = "it is, or is behind, a symlink that leads out of the directory";
                TransportError::about(TransportErrorKind::Denied, &what, why)
            }
            Errno::LOOP => {
                let why = "it is, or is behind, a symlink that is not followed";
                TransportError::about(TransportErrorKind::Denied, &what, why)
            }
            // A component of the path is a file.
            Errno::NOTDIR => {
                TransportError::about(TransportErrorKind::NotFound, &what, io::Error::from(errno))
            }
            errno => {
                let reason = io::Error::from(errno);
                TransportError::about(kind_of(&reason), &what, &reason)
            }
        })?;
        answer(file, what, request)
    }
}

/// What a request for `file`, which messages call `what`, is answered with.
pub(crate) fn answer(
    mut file: File,
    what: String,
    request: &Request<'_>,
) -> Result<Response, TransportError> {
    let fail = |reason: io::Error| TransportError::about(kind_of(&reason), &what, &reason);
    let stat = rustix::fs::fstat(&file).map_err(|errno| fail(errno.into()))?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        let why = "expected a regular file, found something else";
        return Err(TransportError::about(TransportErrorKind::Other, &what, why));
    }
    let length = u64::try_from(stat.st_size).unwrap_or(0);
    let Some(range) = request.range else {
        let reader = Counted::new(file, what, Some(length), request.max_bytes)?;
        return Ok(Response::Body(Body::new(Box::new(reader)).with_length(length)));
    };
    expect_at_most(&what, Some(length), request.max_bytes)?;
    let part = range.within(length).ok_or_else(|| {
        let why = format!("expected bytes {range}, found a file of {length} bytes");
        TransportError::about(TransportErrorKind::OutOfRange, &what, why)
    })?;
    file.seek(SeekFrom::Start(part.first())).map_err(fail)?;
    let reader = Counted::new(file.take(part.bytes()), what, Some(part.bytes()), None)?;
    let body = Body::new(Box::new(reader)).with_part(part, Some(length)).with_length(part.bytes());
    Ok(Response::Body(body))
}
