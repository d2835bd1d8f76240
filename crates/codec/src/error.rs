//! What can go wrong while a file is opened, read and verified.
//!
//! Errors travel through [`std::io::Read`] wrapped in [`std::io::Error`], and
//! [`Error::from_io`] gets them back. They can be cloned, because both the
//! failed read and `finish` report them. Reasons are part of the message and
//! therefore not repeated as [`std::error::Error::source`].

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::{Compression, Digest};

/// Why a file could not be opened or is not what was expected.
///
/// The path is the name given to [`OpenReader`](crate::OpenReader).
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source could not be read.
    #[error("cannot read `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// The source's error.
        reason: Arc<io::Error>,
    },
    /// The file has a format that is recognised but not supported.
    #[error("`{}` is a {format} file, which is not supported", path.display())]
    #[non_exhaustive]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format's name.
        format: &'static str,
    },
    /// The compressed data is damaged, needs more memory than allowed, or is
    /// followed by something else.
    #[error("cannot decompress `{}` as {compression}: {reason}", path.display())]
    #[non_exhaustive]
    Decode {
        /// The file.
        path: PathBuf,
        /// The compression that its first bytes announce.
        compression: Compression,
        /// What the decoder says.
        reason: String,
    },
    /// The compressed data stops before its end.
    #[error("`{}` is cut short: its {compression} data stops after {size} bytes", path.display())]
    #[non_exhaustive]
    Truncated {
        /// The file.
        path: PathBuf,
        /// The compression that its first bytes announce.
        compression: Compression,
        /// Size of the file in bytes.
        size: u64,
    },
    /// The file is shorter than expected.
    #[error("`{}`: expected {expected} bytes, found {found}", path.display())]
    #[non_exhaustive]
    Size {
        /// The file.
        path: PathBuf,
        /// Expected size in bytes.
        expected: u64,
        /// Its size.
        found: u64,
    },
    /// The file is longer than expected; reading stopped there.
    #[error("`{}`: expected {expected} bytes, found at least {found}", path.display())]
    #[non_exhaustive]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Expected size in bytes.
        expected: u64,
        /// Bytes read so far.
        found: u64,
    },
    /// The file opens to fewer bytes than expected.
    #[error("`{}`: expected {expected} bytes when decompressed, found {found}", path.display())]
    #[non_exhaustive]
    OpenSize {
        /// The file.
        path: PathBuf,
        /// Expected open size in bytes.
        expected: u64,
        /// Its open size.
        found: u64,
    },
    /// The file opens to more bytes than expected or allowed; decompression
    /// stopped there.
    #[error("`{}`: expected at most {limit} bytes when decompressed, found at least {found}", path.display())]
    #[non_exhaustive]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The smaller of the expected open size and the cap.
        limit: u64,
        /// Open bytes so far.
        found: u64,
    },
    /// The file's checksum is not the expected one.
    #[error("`{}`: expected checksum {expected}, found {found}", path.display())]
    #[non_exhaustive]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Expected checksum.
        expected: Box<Digest>,
        /// Its checksum.
        found: Box<Digest>,
    },
    /// The checksum of the open content is not the expected one.
    #[error("`{}`: expected open-checksum {expected}, found {found}", path.display())]
    #[non_exhaustive]
    OpenChecksum {
        /// The file.
        path: PathBuf,
        /// Expected checksum of the open content.
        expected: Box<Digest>,
        /// Its checksum.
        found: Box<Digest>,
    },
    /// The content could not be compressed again, to find a
    /// [recipe](crate::recipe).
    #[error("cannot compress `{}` again: {reason}", path.display())]
    #[non_exhaustive]
    Encode {
        /// The file.
        path: PathBuf,
        /// What the encoder says.
        reason: String,
    },
    /// The decompressing thread could not be started, or died.
    #[error("cannot decompress `{}`: {reason}", path.display())]
    #[non_exhaustive]
    Thread {
        /// The file.
        path: PathBuf,
        /// The system's answer.
        reason: Arc<io::Error>,
    },
}

impl Error {
    /// The precise error behind an [`io::Error`] that an
    /// [`OpenReader`](crate::OpenReader) returned; any other error is taken as
    /// a failure to read `path`.
    #[must_use]
    pub fn from_io(error: io::Error, path: &Path) -> Self {
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(other) => Self::Read { path: path.to_path_buf(), reason: Arc::new(other) },
        }
    }

    /// What a decoder of this compression said of the first `size` bytes of `path`; an
    /// error of the source is in it as it was.
    pub(crate) fn from_decoder(error: io::Error, path: &Path, compression: Compression, size: u64) -> Self {
        let path = path.to_path_buf();
        match error.downcast::<Self>() {
            Ok(inner) => inner,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Truncated { path, compression, size }
            }
            Err(error) => Self::Decode { path, compression, reason: error.to_string() },
        }
    }

    /// The file's name as it was given.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Read { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Decode { path, .. }
            | Self::Truncated { path, .. }
            | Self::Size { path, .. }
            | Self::TooLong { path, .. }
            | Self::OpenSize { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Checksum { path, .. }
            | Self::OpenChecksum { path, .. }
            | Self::Encode { path, .. }
            | Self::Thread { path, .. } => path,
        }
    }

    /// Whether the file is not what it should be; otherwise the system failed while it
    /// was read.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        match self {
            Self::Read { .. } | Self::Encode { .. } | Self::Thread { .. } => false,
            Self::Unsupported { .. }
            | Self::Decode { .. }
            | Self::Truncated { .. }
            | Self::Size { .. }
            | Self::TooLong { .. }
            | Self::OpenSize { .. }
            | Self::TooLarge { .. }
            | Self::Checksum { .. }
            | Self::OpenChecksum { .. } => true,
        }
    }

    /// Whether the file opens well, but to something else than was expected of its
    /// open content.
    #[must_use]
    pub fn is_of_open_content(&self) -> bool {
        matches!(self, Self::TooLarge { .. } | Self::OpenSize { .. } | Self::OpenChecksum { .. })
    }

    /// Wraps the error for [`std::io::Read`].
    pub(crate) fn into_io(self) -> io::Error {
        let kind = match &self {
            Self::Read { reason, .. } | Self::Thread { reason, .. } => reason.kind(),
            Self::Truncated { .. } => io::ErrorKind::UnexpectedEof,
            Self::Unsupported { .. } => io::ErrorKind::Unsupported,
            _ => io::ErrorKind::InvalidData,
        };
        io::Error::new(kind, self)
    }
}
