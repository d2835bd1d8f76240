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
mod http;

use std::io::Read;

use repomd::Location;

pub use directory::DirectoryTransport;
pub use error::{TransportError, TransportErrorKind};
#[cfg(feature = "http")]
pub use http::{HttpOptions, HttpTransport, Proxies};

/// Where files come from. Blocking: no runtime is imposed.
pub trait Transport: Send + Sync {
    /// What messages call it: the base URL or directory, without credentials.
    fn name(&self) -> String;

    /// Begins to fetch one file.
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
    /// The most bytes that the caller takes. A transport that knows the file to
    /// be larger says so at once, with [`TransportErrorKind::TooLarge`].
    pub max_bytes: Option<u64>,
    /// Whether caches on the way must ask the server itself for its current file.
    pub revalidate: bool,
}

impl<'a> Request<'a> {
    /// A request for the whole file, whatever its size, whether or not it changed.
    #[must_use]
    pub fn new(location: &'a Location) -> Self {
        Self { location, validators: None, max_bytes: None, revalidate: false }
    }

    /// Asks for the file only if it is no longer what these validators are of.
    #[must_use]
    pub fn with_validators(mut self, validators: &'a Validators) -> Self {
        self.validators = Some(validators);
        self
    }

    /// Takes at most so many bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Takes nothing from a cache on the way that may be behind the server.
    #[must_use]
    pub fn with_revalidation(mut self) -> Self {
        self.revalidate = true;
        self
    }
}

/// The answer to a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Response {
    /// The file is still the one that the validators of the request are of.
    NotModified,
    /// The file.
    Body(Body),
}

/// A file on its way.
#[non_exhaustive]
pub struct Body {
    /// The bytes of the file as the server stores it, nothing decoded.
    pub reader: Box<dyn Read + Send>,
    /// How many bytes were announced. A promise, not yet a fact.
    pub length: Option<u64>,
    /// What a later conditional request has to name.
    pub validators: Validators,
}

impl Body {
    /// A body of unknown length, without validators.
    #[must_use]
    pub fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, length: None, validators: Validators::default() }
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
}
