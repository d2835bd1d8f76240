//! From an old file and a delta, or the steps of a journal, to a verified new file.
//!
//! Everything that is applied anywhere goes through here: format 1 is played in one place,
//! format 2 in another, and what comes out is hashed, stored and compared in a third,
//! whatever its form is. A new file is in its place only when it is what was expected.
//!
//! [`apply_files`] is for files that are at hand:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use codec::Algorithm;
//! use delta_client::patch::{Target, apply_files};
//! # use std::path::Path;
//! # let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-1");
//! # let [old, delta] = ["old-1.xml", "delta.bz2"].map(|name| dir.join(name));
//! # let place = tempfile::tempdir()?;
//! # let new = place.path().join("other.xml");
//! # let expected = Algorithm::Sha256.digest(&std::fs::read(dir.join("new.xml"))?);
//! // `Target::from_record` takes all of this from a record of repomd.xml.
//! let target = Target::default().with_open_checksum(expected);
//! let applied = apply_files("other", &old, &delta, &new, &target)?;
//! assert_eq!(applied.open_checksum, expected);
//! # Ok(())
//! # }
//! ```
//!
//! [`obtain_file`](crate::obtain_file) does the whole of it for one record: it selects,
//! fetches, applies, and takes the full file where nothing else serves.

mod encoder;
mod error;
mod files;
mod journal_file;
mod old;
mod output;
mod play;
mod target;

pub use codec::recipe::zchunk::ChunkRule;
pub use codec::recipe::{Facts, Recipe};
pub use codec::{Compression, Digest, Error as OpenError};
pub use delta_core::ApplyError;
pub use delta_core::journal::JournalError;
pub use durable::Error as FileError;

pub(crate) use encoder::{Encoding, OldBytes, StoreError, ZchunkBase};
pub use error::Error;
pub use files::{FilesApplied, apply_files};
pub(crate) use output::{Content, HashOn, Output, PatchError, Patched};
pub(crate) use play::{Change, PlayError, open_delta, scratch};
pub use target::{StoredForm, Target};
