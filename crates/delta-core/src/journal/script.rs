//! Edit scripts on chunk sequences (format 2, "Scripts"): which chunks
//! of the old sequence stay, which go, and how many new ones come where. The
//! new chunks' text is not here.

use crate::varint::{self, Cursor, Malformed};

/// One place where two sequences differ. What follows the last hunk stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hunk {
    /// Chunks before it that stay.
    pub(super) copy: u64,
    /// Chunks that go.
    pub(super) delete: u64,
    /// Chunks that come in their place.
    pub(super) insert: u64,
}

/// The two low bits of a hunk's first number.
const REPLACE_ONE: u64 = 0;
const INSERT_ONE: u64 = 1;
const DELETE_ONE: u64 = 2;
const OTHER: u64 = 3;
/// So that sums of counts never overflow.
const MAX_COUNT: u64 = 1 << 32;
/// Most hunks of one script, and of all that are applied together: a script
/// compresses well, and a hunk in memory is larger than it is there.
pub(super) const MAX_HUNKS: usize = 1 << 18;

/// Appends the hunks.
pub(super) fn put(out: &mut Vec<u8>, hunks: &[Hunk]) {
    for Hunk { copy, delete, insert } in hunks {
        match (delete, insert) {
            (1, 1) => varint::put(out, copy << 2 | REPLACE_ONE),
            (0, 1) => varint::put(out, copy << 2 | INSERT_ONE),
            (1, 0) => varint::put(out, copy << 2 | DELETE_ONE),
            _ => {
                varint::put(out, copy << 2 | OTHER);
                varint::put(out, *delete);
                varint::put(out, *insert);
            }
        }
    }
}

/// Reads hunks to the end of `bytes`.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Hunk>, Malformed> {
    let mut cursor = Cursor::new(bytes);
    let mut hunks = Vec::new();
    while cursor.remaining() > 0 {
        let first = cursor.number_upto(MAX_COUNT << 2)?;
        let copy = first >> 2;
        let (delete, insert) = match first & 3 {
            REPLACE_ONE => (1, 1),
            INSERT_ONE => (0, 1),
            DELETE_ONE => (1, 0),
            _ => (cursor.number_upto(MAX_COUNT)?, cursor.number_upto(MAX_COUNT)?),
        };
        if delete == 0 && insert == 0 {
            return Err(Malformed::new("expected a hunk that changes something, found an empty one"));
        }
        if hunks.len() == MAX_HUNKS {
            return Err(Malformed::new(format!("expected at most {MAX_HUNKS} hunks, found more")));
        }
        hunks.push(Hunk { copy, delete, insert });
    }
    Ok(hunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn hunks_come_back(raw in proptest::collection::vec((0_u64..9000, 0_u64..3, 0_u64..300), 0..50)) {
            let mut hunks: Vec<Hunk> =
                raw.into_iter().map(|(copy, delete, insert)| Hunk { copy, delete, insert }).collect();
            hunks.retain(|h| h.delete + h.insert > 0);
            let mut bytes = Vec::new();
            put(&mut bytes, &hunks);
            prop_assert_eq!(read(&bytes).unwrap(), hunks);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }

    #[test]
    fn one_or_two_bytes_where_one_chunk_changed() {
        let mut bytes = Vec::new();
        put(
            &mut bytes,
            &[Hunk { copy: 31, delete: 1, insert: 1 }, Hunk { copy: 4000, delete: 1, insert: 1 }],
        );
        assert_eq!(bytes.len(), 3);
    }
}
