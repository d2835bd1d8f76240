//! The table of a step (format 2, "Tables"): which parts the step has, what
//! proves them and the table of the next step, and the identifiers that parts share.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::ids::Ids;
use crate::varint::{self, Cursor, Malformed};

/// Bytes of a digest in a journal: the first of a SHA-256.
pub(super) const DIGEST: usize = 16;
/// Most bytes of a table.
pub(super) const MAX_TABLE: u64 = 16 << 20;
/// Most bytes of a part.
pub(super) const MAX_PART: u64 = 1 << 30;
/// The table of the next step of the run follows somewhere.
const LINKED: u8 = 1;
/// The rest of the table is identifiers.
const WITH_IDS: u8 = 2;
/// What stands for a part that is not there: no part has so few bytes.
const UNCHANGED: u64 = 0;
const MISSING: u64 = 1;

/// What a step says of one type: in a table with the digest of a part, in the head with the generation
/// that it leads from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry<T> {
    /// The type is the same on both sides.
    Unchanged,
    /// The step does not lead from one content of the type to the other.
    Missing,
    /// A part of so many bytes.
    Part(u64, T),
}

impl<T> Entry<T> {
    /// Bytes of the part, where there is one.
    pub(super) fn len(&self) -> u64 {
        if let Self::Part(len, _) = self { *len } else { 0 }
    }

    /// The number by which it is written.
    pub(super) fn number(&self) -> u64 {
        match self {
            Self::Unchanged => UNCHANGED,
            Self::Missing => MISSING,
            Self::Part(len, _) => *len,
        }
    }

    /// Reads such a number, and what belongs to a part.
    pub(super) fn read(number: u64, part: impl FnOnce() -> Result<T, Malformed>) -> Result<Self, Malformed> {
        Ok(match number {
            UNCHANGED => Self::Unchanged,
            MISSING => Self::Missing,
            len => Self::Part(len, part()?),
        })
    }
}

/// The first bytes of a SHA-256.
pub(super) type ShortDigest = [u8; DIGEST];

pub(super) fn digest(bytes: &[u8]) -> ShortDigest {
    let mut short = [0; DIGEST];
    short.copy_from_slice(&Sha256::digest(bytes)[..DIGEST]);
    short
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    /// The digest of the table of the next step, in all but the last step of a run.
    pub(super) link: Option<ShortDigest>,
    /// One for each type of the journal.
    pub(super) entries: Vec<Entry<ShortDigest>>,
    pub(super) ids: Arc<Ids>,
}

impl Table {
    /// The bytes of this table.
    pub(super) fn write(&self) -> Vec<u8> {
        let flags =
            if self.link.is_some() { LINKED } else { 0 } | if self.ids.is_empty() { 0 } else { WITH_IDS };
        let mut body = vec![flags];
        body.extend(self.link.iter().flatten());
        for entry in &self.entries {
            varint::put(&mut body, entry.number());
        }
        for entry in &self.entries {
            if let Entry::Part(_, digest) = entry {
                body.extend_from_slice(digest);
            }
        }
        body.extend(self.ids.to_bytes());
        let mut table = Vec::with_capacity(body.len() + 2);
        varint::put_bytes(&mut table, &body);
        table
    }

    /// How many bytes the table has that `bytes` begin with.
    pub(super) fn extent(bytes: &[u8]) -> Result<u64, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let body = cursor.number_upto(MAX_TABLE)?;
        match body + cursor.offset() as u64 {
            found if found > MAX_TABLE => {
                Err(Malformed::new(format!("expected a table of at most {MAX_TABLE} bytes, found {found}")))
            }
            extent => Ok(extent),
        }
    }

    /// Reads a table of so many types: just its bytes, which were verified.
    pub(super) fn read(bytes: &[u8], types: usize) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let body = cursor.bytes()?;
        if cursor.remaining() > 0 {
            let more = cursor.remaining();
            return Err(Malformed::new(format!("expected the end of the table, found {more} more bytes")));
        }
        let mut cursor = Cursor::new(body);
        let [flags] = cursor.array()?;
        if flags & !(LINKED | WITH_IDS) != 0 {
            return Err(Malformed::new(format!("expected flags among 0x03, found {flags:#04x}")));
        }
        let link = if flags & LINKED == 0 { None } else { Some(cursor.array()?) };
        let numbers: Vec<u64> = (0..types).map(|_| cursor.number_upto(MAX_PART)).collect::<Result<_, _>>()?;
        let entries = numbers
            .into_iter()
            .map(|number| Entry::read(number, || cursor.array()))
            .collect::<Result<Vec<_>, _>>()?;
        let rest = cursor.take(cursor.remaining())?;
        let ids = match (flags & WITH_IDS, rest.len()) {
            (0, 0) => Ids::default(),
            (0, more) => {
                return Err(Malformed::new(format!(
                    "expected the end of the table, found {more} more bytes"
                )));
            }
            (_, 0) => return Err(Malformed::new("expected identifiers of 20, 32, 48 or 64 bytes, found 0")),
            _ => Ids::from_bytes(rest)?,
        };
        Ok(Self { link, entries, ids: Arc::new(ids) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let ids = Ids::shared(&[vec![vec![1; 20], vec![2; 20]], vec![vec![1; 20], vec![2; 20]]]);
        let entries =
            vec![Entry::Part(300, [7; 16]), Entry::Unchanged, Entry::Missing, Entry::Part(2, [8; 16])];
        Table { link: Some([9; 16]), entries, ids: Arc::new(ids) }
    }

    #[test]
    fn written_and_read() {
        let bytes = table().write();
        assert_eq!(bytes.len(), 1 + 1 + 16 + 5 + 32 + 41);
        assert_eq!(Table::extent(&bytes[..1]), Ok(bytes.len() as u64));
        assert_eq!(Table::read(&bytes, 4), Ok(table()));
        let last = Table { link: None, ids: Arc::default(), ..table() };
        assert_eq!(Table::read(&last.write(), 4), Ok(last));
    }

    #[test]
    fn what_is_not_a_table_is_refused() {
        let bytes = table().write();
        for cut in 0..bytes.len() {
            assert!(Table::read(&bytes[..cut], 4).is_err(), "{cut} bytes");
        }
        assert!(Table::read(&[bytes.as_slice(), b"x"].concat(), 4).is_err());
        assert!(
            Table::read(&bytes, 3).is_err() && Table::read(&bytes, 5).is_err(),
            "another number of types"
        );
        assert!(Table::read(&[3, 4, 0, 0], 2).is_err(), "an unknown flag");
        assert!(Table::read(&[4, 0, 0, 0, 1], 2).is_err(), "something after the last entry");
    }
}
