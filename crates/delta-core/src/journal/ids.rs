//! Identifiers that several parts of a step insert (format 2, "Identifiers"):
//! the package ids of what is new stand in primary, filelists and other alike, and
//! are sent once. What else is in the text is not looked at here.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::varint::Malformed;

/// Lengths in bytes that an identifier can have: those of SHA-1, SHA-256, SHA-384 and SHA-512.
const LENGTHS: [usize; 4] = [20, 32, 48, 64];
/// Most bytes of all that are shared: half of what a table may have.
const MAX_SHARED: usize = 8 << 20;
/// How far into a chunk its identifier is looked for, in bytes.
const SEARCHED: usize = 4 << 10;

/// The identifiers of one step, all of one length, in the order in which they are inserted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Bytes of each of them.
    len: usize,
    bytes: Vec<u8>,
}

impl Ids {
    /// Those identifiers that at least two of `parts` insert, in the order of the first part that has
    /// them; of several lengths, those of the most frequent one. At most 8 MiB.
    #[must_use]
    pub fn shared(parts: &[Vec<Vec<u8>>]) -> Self {
        let mut seen: HashMap<&[u8], (usize, usize)> = HashMap::new();
        for (nth, part) in parts.iter().enumerate() {
            for id in part {
                let (last, times) = seen.entry(id).or_insert((nth, 1));
                if *last != nth {
                    (*last, *times) = (nth, *times + 1);
                }
            }
        }
        let is_shared = |id: &[u8]| seen.get(id).is_some_and(|(_, times)| *times > 1);
        let count = |len: usize| seen.keys().filter(|id| id.len() == len && is_shared(id)).count();
        let len = LENGTHS.into_iter().max_by_key(|len| (count(*len), usize::MAX - len)).unwrap_or_default();
        let mut taken = HashSet::new();
        let mut bytes = Vec::new();
        for id in parts.iter().flatten() {
            let fits = bytes.len() + len <= MAX_SHARED;
            if fits && id.len() == len && is_shared(id) && taken.insert(id) {
                bytes.extend_from_slice(id);
            }
        }
        if bytes.is_empty() { Self::default() } else { Self { len, bytes } }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.bytes.len() / self.len.max(1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Where each of them stands.
    pub(super) fn positions(&self) -> HashMap<&[u8], usize> {
        self.bytes.chunks_exact(self.len.max(1)).enumerate().map(|(at, id)| (id, at)).collect()
    }

    /// Bytes of the hexadecimal form of some of them; nothing where there are not so many.
    pub(super) fn hex_len(&self, range: &Range<usize>) -> Option<usize> {
        (range.start <= range.end && range.end <= self.len()).then_some(range.len() * self.len * 2)
    }

    /// Appends the hexadecimal form of some of them, one after the other.
    pub(super) fn put_hex(&self, range: Range<usize>, out: &mut Vec<u8>) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let bytes = self.bytes.get(range.start * self.len..range.end * self.len).unwrap_or_default();
        for byte in bytes {
            out.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
        }
    }

    /// The bytes of them in a table: the length of each, then all of them. Nothing where there is none.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let len = u8::try_from(self.len).ok().filter(|_| !self.is_empty());
        len.into_iter().chain(self.bytes.iter().copied()).collect()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// When identifiers have another length than digests have, or the last one is cut off.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        if bytes.is_empty() {
            return Ok(Self::default());
        }
        let (len, bytes) = bytes.split_first().map_or((0, bytes), |(len, rest)| (usize::from(*len), rest));
        if !LENGTHS.contains(&len) {
            return Err(Malformed::new(format!(
                "expected identifiers of 20, 32, 48 or 64 bytes, found {len}"
            )));
        }
        if bytes.is_empty() || !bytes.len().is_multiple_of(len) {
            let found = bytes.len();
            return Err(Malformed::new(format!(
                "expected identifiers of {len} bytes each, found {found} bytes"
            )));
        }
        Ok(Self { len, bytes: bytes.to_vec() })
    }
}

/// The identifier of a chunk: its first run of hexadecimal digits, in lower case, that has the length of one.
pub(super) fn of_chunk(text: &[u8]) -> Option<Vec<u8>> {
    let text = &text[..text.len().min(SEARCHED)];
    let mut runs = text.split(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let digits = runs.find(|run| run.len().is_multiple_of(2) && LENGTHS.contains(&(run.len() / 2)))?;
    let value = |digit: u8| if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
    Some(digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(byte: u8) -> Vec<u8> {
        vec![byte; 32]
    }

    #[test]
    fn what_two_parts_insert_is_shared_once_in_the_order_of_the_first() {
        let shared = Ids::shared(&[vec![id(3), id(1), id(3)], vec![id(1), id(2), id(3)], vec![id(1)]]);
        assert_eq!(shared.bytes, [id(3), id(1)].concat());
        assert_eq!(Ids::shared(&[vec![id(1), id(1)], vec![id(2)]]), Ids::default(), "in one part only");
    }

    #[test]
    fn one_length_is_taken() {
        let short = vec![7; 20];
        let shared = Ids::shared(&[vec![short.clone(), id(1), id(2)], vec![short, id(2), id(1)]]);
        assert_eq!((shared.len, shared.len()), (32, 2));
    }

    #[test]
    fn written_and_read() {
        let ids = Ids::shared(&[vec![id(0xab), id(2)], vec![id(2), id(0xab)]]);
        let bytes = ids.to_bytes();
        assert_eq!(Ids::from_bytes(&bytes), Ok(ids.clone()));
        assert_eq!(Ids::from_bytes(&[]), Ok(Ids::default()));
        assert!(Ids::from_bytes(&bytes[..40]).is_err());
        assert!(Ids::from_bytes(&bytes[..1]).is_err());
        let mut hex = Vec::new();
        ids.put_hex(0..1, &mut hex);
        assert_eq!(hex, "ab".repeat(32).into_bytes());
        assert_eq!((ids.hex_len(&(0..2)), ids.hex_len(&(1..3))), (Some(128), None));
    }

    #[test]
    fn a_chunk_is_known_by_its_first_digest() {
        let digest = "0f".repeat(32);
        let chunk =
            format!("<package><version rel=\"abc\"/><checksum>{digest}</checksum>{}", "11".repeat(32));
        assert_eq!(of_chunk(chunk.as_bytes()), Some(vec![0x0f; 32]));
        assert_eq!(of_chunk(&digest.as_bytes()[1..]), None, "too short");
        assert_eq!(of_chunk(digest.to_uppercase().as_bytes()), None, "not as it is written in repodata");
    }
}
