//! Where files come from: one small trait, and the sources that come with it.
//!
//! A transport gives out bytes and says when it cannot. Deliberately not its
//! business: checksums, retries, mirrors, and where the bytes go. It is
//! blocking and imposes no runtime; whoever has one of their own implements
//! [`Transport`] on top of it.

mod body;
mod directory;
mod error;
#[cfg(feature = "http")]
pub mod http;
mod range;

use std::io::Read;
use std::time::Instant;

pub use repomd::Location;

pub use directory::DirectoryTransport;
pub(crate) use directory::answer;
pub use error::{TransportError, TransportErrorKind};
pub use range::{ByteRange, Extent};

/// Where files come from. Blocking: no runtime is imposed.
///
/// One of your own has to give out the bytes of a file as they are stored, and
/// to say of what kind a failure was. All else is optional: whoever does not
/// look at [`Request::validators`] and [`Request::range`], and answers with the
/// whole file ([`Body::new`] says so), is correct, and costs more bytes. To
/// serve parts of files, for which a journal is read in one or two small
/// requests:
///
/// - answer a request that has a range with just the bytes of that range, and
///   say so with [`Body::with_part`]. Where the file ends within the range, that
///   is the part up to its end;
/// - where it ends before the range, answer with
///   [`TransportErrorKind::OutOfRange`];
/// - answer with the whole file when parts cannot be had. Another part than the
///   one asked for is no answer;
/// - stop the download when the body is dropped before its end: readers take
///   what they need and leave the rest, which may be most of it.
pub trait Transport: Send + Sync {
    /// What messages call it: the base URL or directory, without credentials.
    fn name(&self) -> String;

    /// What tells it from all others: [`Validators`] that one source gave are shown to no source of
    /// another identity. It is kept on disk, and has no secrets. The default is the name, which is
    /// enough unless two sources have the same one. A transport around another gives out that one's.
    fn identity(&self) -> String {
        self.name()
    }

    /// Begins to fetch one file, or a part of it.
    ///
    /// Called from several threads at once. What is returned ends: a transport
    /// has time-outs of its own, for the answer as well as for its body.
    ///
    /// # Errors
    /// See [`TransportErrorKind`]. An error that comes up while the body is
    /// read is an [`std::io::Error`] made from a [`TransportError`].
    fn get(&self, request: &Request<'_>) -> Result<Response, TransportError>;
}

/// One file to be fetched.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Request<'a> {
    /// Where the file is, relative to the root of the repository.
    pub location: &'a Location,
    /// Of the copy that is held: the answer may be [`Response::NotModified`].
    pub validators: Option<&'a Validators>,
    /// The most bytes that the file may have. A transport that knows it to be
    /// larger says so at once, with [`TransportErrorKind::TooLarge`]; also where
    /// only a part of it is asked for.
    pub max_bytes: Option<u64>,
    /// The part of the file that is wanted. The answer may have all of it
    /// nevertheless: see [`Body::extent`].
    pub range: Option<ByteRange>,
    /// Whether caches on the way must ask the server itself for its current file.
    pub revalidate: bool,
    /// When nobody waits for the file any more. A transport that cannot end so
    /// precisely is asked no more after that time, and its body is left.
    pub deadline: Option<Instant>,
}

impl<'a> Request<'a> {
    /// A request for the whole file, whatever its size, whether or not it changed.
    #[must_use]
    pub fn new(location: &'a Location) -> Self {
        Self { location, validators: None, max_bytes: None, range: None, revalidate: false, deadline: None }
    }

    /// Asks for the file only if it is no longer what these validators are of.
    #[must_use]
    pub fn with_validators(mut self, validators: &'a Validators) -> Self {
        self.validators = Some(validators);
        self
    }

    /// Takes no file with more bytes than that.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Asks for this part of the file alone.
    #[must_use]
    pub fn with_range(mut self, range: ByteRange) -> Self {
        self.range = Some(range);
        self
    }

    /// Takes nothing from a cache on the way that may be behind the server.
    #[must_use]
    pub fn with_revalidation(mut self) -> Self {
        self.revalidate = true;
        self
    }

    /// Waits until then at most: for the answer, and for its body.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }
}

/// The answer to a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Response {
    /// The file is still the one that the validators of the request are of.
    NotModified,
    /// The file, or a part of it.
    Body(Body),
}

/// A file on its way, or a part of it. Dropping it ends the download.
#[non_exhaustive]
pub struct Body {
    /// The bytes of the file as the server stores it, nothing decoded; of a
    /// part, its bytes and no others.
    pub reader: Box<dyn Read + Send>,
    /// Whether these are all bytes of the file; a part only where a range was
    /// asked for.
    pub extent: Extent,
    /// How many bytes were announced to come. A promise, not yet a fact.
    pub length: Option<u64>,
    /// What a later conditional request has to name.
    pub validators: Validators,
}

impl Body {
    /// The whole file, of unknown length, without validators.
    #[must_use]
    pub fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, extent: Extent::Whole, length: None, validators: Validators::default() }
    }

    /// Says that this is not the whole file, but this part of it; `total` is how
    /// many bytes the whole file has, where that is known.
    #[must_use]
    pub fn with_part(mut self, range: ByteRange, total: Option<u64>) -> Self {
        self.extent = Extent::Part { range, total };
        self
    }

    /// Announces the number of bytes.
    #[must_use]
    pub fn with_length(mut self, bytes: u64) -> Self {
        self.length = Some(bytes);
        self
    }

    /// Adds what a later conditional request has to name.
    #[must_use]
    pub fn with_validators(mut self, validators: Validators) -> Self {
        self.validators = validators;
        self
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body")
            .field("extent", &self.extent)
            .field("length", &self.length)
            .field("validators", &self.validators)
            .finish_non_exhaustive()
    }
}

/// What identifies a state of a file to its server, word for word as it said it.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Validators {
    /// The value of `ETag`.
    pub etag: Option<String>,
    /// The value of `Last-Modified`.
    pub last_modified: Option<String>,
}

impl Validators {
    /// The validators that a server gave, or that were kept from it.
    #[must_use]
    pub fn new(etag: Option<String>, last_modified: Option<String>) -> Self {
        Self { etag, last_modified }
    }

    /// Whether there is nothing that a conditional request could name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.etag.is_none() && self.last_modified.is_none()
    }

    /// Whether there are both.
    pub(crate) fn is_complete(&self) -> bool {
        self.etag.is_some() && self.last_modified.is_some()
    }
}
