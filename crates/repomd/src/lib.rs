//! `repomd.xml`: a careful reader and an editor that leaves every other byte alone.
//!
//! [`Repomd::parse`] turns the bytes of a document into a typed model, and
//! refuses what is not a whole, well-formed repomd.xml; malformed fields in it are
//! told and taken for absent. [`strip`] and
//! [`with_deltas`] remove and insert what createrepo-delta adds, elements of records and
//! the instruction that names the journal, and nothing else: `strip(with_deltas(document, …))` is
//! `strip(document)`, byte for byte. [`Repomd::to_xml`] makes a new document of a model.
//!
//! Deliberately not here: paths, files, network, clock, compression,
//! verification of checksums, and the choice of a delta. Bytes go in, models
//! and bytes come out.
//!
//! ```
//! use std::collections::BTreeMap;
//! use repomd::{Checksum, Delta, Location, Repomd, Timestamp, strip, with_deltas};
//!
//! let document = br#"<repomd xmlns="http://linux.duke.edu/metadata/repo">
//!   <data type="primary">
//!     <location href="repodata/primary.xml.gz"/>
//!   </data>
//! </repomd>"#;
//! let delta = Delta {
//!     checksum: Checksum::new("sha256", "00ff")?,
//!     location: Location::new("repodata/00ff-primary.xml.delta0.bz2")?,
//!     timestamp: Timestamp::from_seconds(1_700_000_000)?,
//!     size: 1234,
//! };
//! let additions = BTreeMap::from([("primary".to_owned(), vec![delta])]).into();
//! let edited = with_deltas(document, &additions)?;
//! let model = Repomd::parse(&edited)?;
//! let primary = model.record("primary").ok_or("no primary")?;
//! assert_eq!(primary.usable_deltas().count(), 1);
//! assert_eq!(strip(&edited)?, document);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod edit;
mod excerpt;
pub mod files;
pub mod journal;
pub mod model;
mod ours;
mod read;
pub mod value;
pub mod write;
pub mod xml;

pub use edit::{strip, with_deltas};
pub use journal::Journal;
pub use model::{Delta, Record, Repomd};
pub use read::ReadError;
pub use value::{Checksum, Location, Timestamp};

/// The largest document that is read or written, in bytes (16 MiB).
///
/// Real ones have a few kilobytes; the limit bounds what a hostile server can
/// make a reader keep in memory.
pub const MAX_SIZE: usize = 16 << 20;

/// The namespace of repomd.xml.
pub const NAMESPACE: &str = "http://linux.duke.edu/metadata/repo";
