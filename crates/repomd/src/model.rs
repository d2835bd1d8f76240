//! What a repomd.xml says, as plain data.
//!
//! Every field that createrepo_c and the python createrepo write is here.
//! Elements and attributes that are not known are left out of the model; the
//! editor keeps their bytes. Where in the document a thing was is not kept.

use crate::ReadError;
use crate::excerpt::excerpt;
use crate::journal::Journal;
use crate::ours::JOURNAL;
use crate::value::{Checksum, Location, LocationError, Timestamp};

/// A whole document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Repomd {
    /// `<revision>`, free text, usually seconds since 1970.
    pub revision: Option<String>,
    /// `<repoid type="…">`.
    pub repoid: Option<TypedText>,
    /// `<contenthash type="…">`.
    pub contenthash: Option<TypedText>,
    /// What is in `<tags>`.
    pub tags: Tags,
    /// The journal of the repository; a [fault](Self::faults) where it is named twice or malformed.
    pub journal: Option<Journal>,
    /// The `<data>` elements in document order. Where a type is given several
    /// times, that is a [fault](Record::faults) of each of its records.
    pub records: Vec<Record>,
    /// What is malformed outside records, in document order: fields given twice,
    /// which are absent then, `<data>` elements without a usable type, which are
    /// passed over, and the `delta-journal`.
    pub faults: Vec<Fault>,
}

impl Repomd {
    /// The record of this type. Where there are several, the last, which librepo
    /// takes, and by it dnf; zypper takes the first, so such
    /// records are [left alone](Record::servable).
    #[must_use]
    pub fn record(&self, kind: &str) -> Option<&Record> {
        self.records.iter().rfind(|record| record.kind == kind)
    }

    /// What the document says without what createrepo-delta adds to it.
    #[must_use]
    pub fn without_ours(&self) -> Self {
        let mut bare = Self { journal: None, ..self.clone() };
        bare.faults.retain(|fault| fault.element != JOURNAL);
        bare.records.iter_mut().for_each(|record| *record = record.without_ours());
        bare
    }

    /// The greatest timestamp of its records, in whole seconds since 1970: when its
    /// content was made, as far as that is said.
    #[must_use]
    pub fn greatest_timestamp(&self) -> Option<u64> {
        let timestamps = self.records.iter().filter_map(|record| record.timestamp.as_ref());
        timestamps.map(Timestamp::seconds).max()
    }
}

/// A text with an optional `type` attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedText {
    /// The value of `type`.
    pub kind: Option<String>,
    /// The text.
    pub text: String,
}

/// The tags of a repository, each list in document order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tags {
    /// `<content>` elements.
    pub content: Vec<String>,
    /// `<repo>` elements.
    pub repo: Vec<String>,
    /// `<distro>` elements.
    pub distro: Vec<Distro>,
}

/// A `<distro>` tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distro {
    /// The `cpeid` attribute.
    pub cpeid: Option<String>,
    /// The name.
    pub name: String,
}

/// A `<data>` element: one metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Record {
    /// The `type` attribute, never empty.
    pub kind: String,
    /// Of the file as it is stored.
    pub checksum: Option<Checksum>,
    /// Of the uncompressed content.
    pub open_checksum: Option<Checksum>,
    /// Of the header of a zchunk file.
    pub header_checksum: Option<Checksum>,
    /// Where the file is; nothing where the document does not say.
    pub location: Option<RecordLocation>,
    /// When the file was made.
    pub timestamp: Option<Timestamp>,
    /// Bytes of the file as it is stored.
    pub size: Option<u64>,
    /// Bytes of the uncompressed content.
    pub open_size: Option<u64>,
    /// Bytes of the header of a zchunk file.
    pub header_size: Option<u64>,
    /// The schema version of a sqlite database.
    pub database_version: Option<u64>,
    /// The `<delta-base>` elements in document order.
    pub delta_bases: Vec<DeltaBase>,
    /// The `<delta>` elements in document order, wherever in the record they are.
    pub deltas: Vec<DeltaEntry>,
    /// What is malformed in the record, in document order. Such a field is absent.
    pub faults: Vec<Fault>,
}

/// Something malformed that does not spoil the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The element: a field, `data` for a record as a whole, or `delta-journal` for that
    /// instruction.
    pub element: &'static str,
    /// What was expected and found, and where.
    pub why: ReadError,
}

/// The fields without which it cannot be said what a record means: which file, and
/// with which content. Readers of a malformed one do not agree.
const VITAL: [&str; 4] = ["checksum", "data", "location", "open-checksum"];

impl Record {
    /// The location, where deltas and journals may be listed for the record, and
    /// its file be fetched and verified as its publisher meant; else why the record
    /// is to be left alone.
    ///
    /// It is left alone without a [local location](Self::local_location), and with
    /// a [fault](Self::faults) of its location, of its checksum or open-checksum, or
    /// that its type is given several times. All other faults let it be served as if
    /// the field were not there: a malformed timestamp, size, open-size,
    /// header-checksum, header-size or database version.
    ///
    /// Whether a checksum is of a known type, and has as many digits as that takes,
    /// is not known here; what cannot be compared is to be left alone, too.
    pub fn servable(&self) -> Result<&Location, RecordProblem<'_>> {
        match self.faults.iter().find(|fault| VITAL.contains(&fault.element)) {
            Some(fault) => Err(RecordProblem::Malformed { why: &fault.why }),
            None => self.local_location(),
        }
    }

    /// The location, where it is a safe one within the repository.
    pub fn local_location(&self) -> Result<&Location, RecordProblem<'_>> {
        match &self.location {
            Some(RecordLocation::Local(location)) => Ok(location),
            Some(RecordLocation::Elsewhere { base, .. }) => Err(RecordProblem::Elsewhere { base }),
            Some(RecordLocation::Unsafe { why, .. }) => Err(RecordProblem::Unsafe { why }),
            None => Err(RecordProblem::NoLocation),
        }
    }

    /// What the `<delta-base>` of the record says when deltas are listed in it;
    /// nothing where it has no [local location](Self::local_location).
    #[must_use]
    pub fn base_copy(&self) -> Option<BaseCopy> {
        let location = self.local_location().ok()?.clone();
        Some(BaseCopy { checksum: self.checksum.clone(), location })
    }

    /// The record without what createrepo-delta adds to it.
    #[must_use]
    pub fn without_ours(&self) -> Self {
        Self { delta_bases: Vec::new(), deltas: Vec::new(), ..self.clone() }
    }

    /// Checks that the record has a `<delta-base>` exactly where it lists deltas:
    /// one, before all else, with the record's own checksum and location
    /// (format 1, section 7).
    pub fn check_delta_base(&self) -> Result<(), DeltaBaseProblem<'_>> {
        let [base, more @ ..] = &self.delta_bases[..] else {
            return if self.deltas.is_empty() { Ok(()) } else { Err(DeltaBaseProblem::Missing) };
        };
        if self.deltas.is_empty() {
            return Err(DeltaBaseProblem::NoDeltas);
        }
        if !more.is_empty() {
            return Err(DeltaBaseProblem::Several { count: self.delta_bases.len() });
        }
        if !base.is_first {
            return Err(DeltaBaseProblem::NotFirst);
        }
        let copy = base.copy.as_ref().map_err(|why| DeltaBaseProblem::Unusable { why })?;
        let (own, found) = (self.checksum.as_ref(), copy.checksum.as_ref());
        match self.local_location() {
            Ok(own) if *own != copy.location => {
                Err(DeltaBaseProblem::OtherLocation { own, found: &copy.location })
            }
            _ if own != found => Err(DeltaBaseProblem::OtherChecksum { own, found }),
            _ => Ok(()),
        }
    }

    /// The deltas that are whole, in document order.
    pub fn usable_deltas(&self) -> impl Iterator<Item = &Delta> {
        self.deltas.iter().filter_map(|entry| match entry {
            DeltaEntry::Usable(delta) => Some(delta),
            DeltaEntry::Unusable(_) => None,
        })
    }
}

/// Where the file of a record is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordLocation {
    /// Below the root of the repository.
    Local(Location),
    /// Relative to another place (`xml:base`): not a file of this repository.
    /// It is neither fetched nor given deltas.
    Elsewhere {
        /// The base, unchecked.
        base: String,
        /// The `href` attribute, unchecked.
        href: String,
    },
    /// A location that must not be followed.
    Unsafe {
        /// The `href` attribute, unchecked.
        href: String,
        /// What is wrong with it.
        why: LocationError,
    },
}

/// Why the file of a record is to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordProblem<'a> {
    /// The record has no `<location>`.
    #[error("it has no location")]
    NoLocation,
    /// The location is relative to another place.
    #[error("its file is elsewhere, below `{base}`")]
    Elsewhere {
        /// The base.
        base: &'a str,
    },
    /// The location must not be followed.
    #[error("its location is unsafe: {why}")]
    Unsafe {
        /// What is wrong with it.
        why: &'a LocationError,
    },
    /// It is malformed where it matters.
    #[error("{why}")]
    Malformed {
        /// What is wrong with it.
        why: &'a ReadError,
    },
}

/// A `<delta-base>` element as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaBase {
    /// What it says; an error where the location is missing or leads elsewhere, or
    /// something is malformed.
    pub copy: Result<BaseCopy, ReadError>,
    /// Whether no other element of the record comes before it.
    pub is_first: bool,
}

/// What a `<delta-base>` repeats of its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseCopy {
    /// The checksum, if there is one.
    pub checksum: Option<Checksum>,
    /// The location.
    pub location: Location,
}

/// Why the `<delta-base>` of a record is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeltaBaseProblem<'a> {
    /// There is none, though deltas are listed.
    #[error("expected a `<delta-base>` before its deltas, found none")]
    Missing,
    /// There is one, though no delta is listed.
    #[error("expected no `<delta-base>` without deltas, found one")]
    NoDeltas,
    /// There are several.
    #[error("expected one `<delta-base>`, found {count}")]
    Several {
        /// How many.
        count: usize,
    },
    /// Another element comes first.
    #[error("expected `<delta-base>` as its first element, found another one before it")]
    NotFirst,
    /// It has no location that can be used, or a malformed checksum.
    #[error("its `<delta-base>` cannot be used: {why}")]
    Unusable {
        /// What is wrong with it.
        why: &'a ReadError,
    },
    /// It has another location than the record.
    #[error("expected location `{own}` in its `<delta-base>`, found `{found}`")]
    OtherLocation {
        /// That of the record.
        own: &'a Location,
        /// That of the `<delta-base>`.
        found: &'a Location,
    },
    /// It has another checksum than the record.
    #[error("expected checksum {} in its `<delta-base>`, found {}", shown(*own), shown(*found))]
    OtherChecksum {
        /// That of the record.
        own: Option<&'a Checksum>,
        /// That of the `<delta-base>`.
        found: Option<&'a Checksum>,
    },
}

fn shown(checksum: Option<&Checksum>) -> String {
    checksum.map_or_else(|| "none".to_owned(), |sum| format!("`{}:{}`", excerpt(sum.kind()), sum.hex()))
}

/// A `<delta>` element as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeltaEntry {
    /// It has all its parts.
    Usable(Delta),
    /// Something is missing or malformed; nothing but to ignore it.
    Unusable(ReadError),
}

/// A delta of format 1, read or to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// Of the delta file as it is stored.
    pub checksum: Checksum,
    /// Where the delta file is.
    pub location: Location,
    /// The timestamp of the oldest version that the delta serves.
    pub timestamp: Timestamp,
    /// Bytes of the delta file as it is stored.
    pub size: u64,
}
