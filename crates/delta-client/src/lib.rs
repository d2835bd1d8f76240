//! Client side: from an old copy of a metadata file and a published delta to
//! the current file.
//!
//! ```
//! use delta_client::{DirectoryTransport, Options, Silent, update};
//! # use std::path::Path;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0000");
//! # let place = tempfile::tempdir()?;
//! # let cache = place.path().join("cache");
//! // `HttpTransport` is for web servers; anything else implements `Transport`.
//! let source = DirectoryTransport::open(&root)?;
//! let updated = update(&[&source], &cache, &Options::default(), &Silent)?;
//! assert!(updated.changed);
//! # Ok(())
//! # }
//! ```
//!
//! [`update`] brings a directory up to date with a repository over any
//! [`Transport`], and [`check`] says whether what it keeps is whole
//! (`docs/clients.md`). [`update_beside`] does the same for a directory that somebody
//! else keeps, beside it. Programs with caches of their own, which read repomd.xml
//! themselves, call [`obtain_file`] for one record. The steps for callers who do the rest
//! themselves: [`select`] is the rule by which a client picks the delta that serves its
//! copy (`docs/format-1.md`, section 8); [`patch`] applies a delta or a journal to an old
//! file, whatever its compression, and puts the result in place only when it is what was
//! expected.
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
