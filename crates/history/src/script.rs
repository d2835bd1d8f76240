//! A chunk sequence written as an edit of its newer neighbour: a few bytes for
//! each place that differs.

use delta_core::chunk::{ChunkTable, Symbol};
use delta_core::plan::Matcher;

use delta_core::varint::{self, Cursor};

/// Most symbols that the sequences of a track have together (256 MiB in memory):
/// far beyond any repository, and a cap on what a damaged file can ask for.
pub(crate) const MAX_SYMBOLS: usize = 1 << 26;

/// Copy so many symbols of the base.
const COPY: u64 = 0;
/// Pass over so many symbols of the base.
const SKIP: u64 = 1;
/// So many consecutive symbols, from the one that follows as a signed distance
/// from the end of the last such run.
const RUN: u64 = 2;
/// The script's end.
const END: u64 = 3;

/// Appends the script that makes `sequence` of `base`.
pub(crate) fn put(out: &mut Vec<u8>, table: &ChunkTable, base: &[Symbol], sequence: &[Symbol]) {
    let kept = Matcher::new().fold_all(table, sequence, &[base]);
    let mut writer = Writer { out, pending: None, run_end: 0 };
    let mut at = 0;
    let mut base_at = 0;
    for position in kept.positions() {
        writer.runs(&sequence[at..position]);
        let skip = base[base_at..].iter().take_while(|s| **s != sequence[position]).count();
        writer.op(SKIP, skip as u64);
        writer.op(COPY, 1);
        base_at += skip + 1;
        at = position + 1;
    }
    writer.runs(&sequence[at..]);
    writer.flush();
    varint::put(writer.out, END);
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    pending: Option<(u64, u64)>,
    run_end: i64,
}

impl Writer<'_> {
    fn op(&mut self, kind: u64, n: u64) {
        match &mut self.pending {
            _ if n == 0 => {}
            Some((last, count)) if *last == kind => *count += n,
            _ => {
                self.flush();
                self.pending = Some((kind, n));
            }
        }
    }

    fn runs(&mut self, mut symbols: &[Symbol]) {
        while let Some(&first) = symbols.first() {
            let len = symbols.iter().zip(first..).take_while(|(s, n)| *s == n).count();
            self.flush();
            varint::put(self.out, (len as u64) << 2 | RUN);
            let distance = i64::from(first) - self.run_end;
            varint::put(self.out, zigzag(distance));
            self.run_end = i64::from(first) + i64::try_from(len).unwrap_or(i64::MAX);
            symbols = &symbols[len..];
        }
    }

    fn flush(&mut self) {
        if let Some((kind, n)) = self.pending.take() {
            varint::put(self.out, n << 2 | kind);
        }
    }
}

/// Reads a script back and plays it; every symbol is below `symbols`, and there
/// are at most `max` of them.
pub(crate) fn read(
    cursor: &mut Cursor<'_>,
    base: &[Symbol],
    symbols: usize,
    max: usize,
) -> Result<Vec<Symbol>, String> {
    let mut sequence = Vec::new();
    let mut rest = base;
    let mut run_end = 0_i64;
    loop {
        let op = cursor.number()?;
        let n = usize::try_from(op >> 2).map_err(|e| e.to_string())?;
        match op & 3 {
            END => return Ok(sequence),
            RUN => {
                let distance = unzigzag(cursor.number()?);
                let first = run_end.checked_add(distance).and_then(|n| usize::try_from(n).ok());
                let first = first.ok_or("expected the number of a chunk, found a negative one")?;
                let end = first.checked_add(n).filter(|end| *end <= symbols);
                let end =
                    end.ok_or_else(|| format!("expected chunks below {symbols}, found {n} from {first}"))?;
                check_len(sequence.len().saturating_add(n), max)?;
                let (first, end) = (Symbol::try_from(first), Symbol::try_from(end));
                let (Ok(first), Ok(end)) = (first, end) else {
                    return Err("expected the number of a chunk, found one of 2^32 or more".into());
                };
                sequence.extend(first..end);
                run_end = i64::from(end);
            }
            kind => {
                let found = rest.len();
                let part = rest.get(..n).ok_or_else(|| format!("expected {n} more chunks, found {found}"))?;
                if kind == COPY {
                    check_len(sequence.len().saturating_add(n), max)?;
                    sequence.extend_from_slice(part);
                }
                rest = &rest[n..];
            }
        }
    }
}

fn check_len(len: usize, max: usize) -> Result<(), String> {
    if len > max {
        return Err(format!("expected at most {max} more chunks in the sequences, found {len}"));
    }
    Ok(())
}

fn zigzag(n: i64) -> u64 {
    ((n << 1) ^ (n >> 63)).cast_unsigned()
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use delta_core::chunk::ChunkId;
    use proptest::prelude::*;

    fn table(len: u32) -> ChunkTable {
        let mut table = ChunkTable::new();
        for n in 0..len {
            table.intern(ChunkId::hash(&n.to_le_bytes()), 5).unwrap();
        }
        table
    }

    proptest! {
        #[test]
        fn a_script_makes_the_sequence(
            base in proptest::collection::vec(0_u32..20, 0..60),
            sequence in proptest::collection::vec(0_u32..20, 0..60),
        ) {
            let mut bytes = Vec::new();
            put(&mut bytes, &table(20), &base, &sequence);
            let mut cursor = Cursor::new(&bytes);
            prop_assert_eq!(read(&mut cursor, &base, 20, 100).unwrap(), sequence);
            prop_assert_eq!(cursor.remaining(), 0);
        }

        #[test]
        fn damaged_scripts_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = read(&mut Cursor::new(&bytes), &[1, 2, 3], 5, 100);
        }
    }

    #[test]
    fn no_more_symbols_than_there_is_room_for() {
        let base: Vec<u32> = (0..10).collect();
        let mut copies = Vec::new();
        put(&mut copies, &table(10), &base, &base);
        let mut runs = Vec::new();
        put(&mut runs, &table(10), &[], &base);
        for script in [copies, runs] {
            assert_eq!(read(&mut Cursor::new(&script), &base, 10, 10).unwrap(), base);
            let refusal = read(&mut Cursor::new(&script), &base, 10, 9).unwrap_err();
            assert_eq!(refusal, "expected at most 9 more chunks in the sequences, found 10");
        }
    }

    #[test]
    fn a_few_bytes_for_each_place_that_differs() {
        let base: Vec<u32> = (0..1000).collect();
        let mut sequence = base.clone();
        sequence[500] = 1000;
        let mut bytes = Vec::new();
        put(&mut bytes, &table(1001), &base, &sequence);
        assert!(bytes.len() <= 10, "{}", bytes.len());
    }
}
