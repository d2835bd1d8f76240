//! Client side: from an old copy of a metadata file and a published delta to
//! the current file.
//!
//! [`update`] brings a directory up to date with a repository over any
//! [`Transport`], and [`check`] says whether what it keeps is whole
//! (`docs/clients.md`). [`update_beside`] does the same for a directory that somebody
//! else keeps, beside it. The steps for callers who do the rest themselves:
//! [`select`] is the rule by which a client picks the delta that serves its
//! copy (`docs/format-1.md`, section 8); [`apply_files`] plays a delta file
//! against an old file, whatever the old file's compression, and puts the result
//! in place only after its digest was compared with the one wanted.
//!
//! What is deliberately not here: the history that the deltas were made from,
//! and publishing.

mod cache;
mod date;
mod digest;
mod error;
mod fetch;
mod hashed;
pub mod patch;
mod pipe;
mod progress;
mod ranged;
mod recipes;
mod select;
mod transport;
mod trust;
mod update;

pub use cache::CacheError;
pub use error::Error;
pub use progress::{Progress, Silent, Step};
pub use recipes::KnownRecipes;
pub use select::{CopyVersion, Selection, select};
#[cfg(feature = "http")]
pub use transport::{
    Authorities, ClientCertificate, Credentials, HttpOptions, HttpTransport, Netrc, Proxies, Unreachable,
};
pub use transport::{
    Body, ByteRange, DirectoryTransport, Extent, Request, Response, Transport, TransportError,
    TransportErrorKind, Validators,
};
pub use trust::SignatureError;
pub use update::{
    BesideOutcome, CheckOptions, Checked, CopyAs, ObtainOptions, ObtainedFile, OldFile, Options, PathTaken,
    RepomdFound, StoreAs, TypeChecked, TypeUpdated, UpdateError, Updated, UpdatedBeside, check, obtain_file,
    strongest_digests, update, update_beside,
};
