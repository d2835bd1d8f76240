//! The index of a track as bytes (`history.md`, "The index"): packs and
//! frames, chunk identifiers and lengths, generations. It reads and writes
//! bytes only; which files they are is [`Track`](crate::Track)'s business.

use delta_core::chunk::{ChunkId, ChunkTable};
use sha2::{Digest, Sha256};

use crate::generation::Generation;
use crate::pack::{self, Frame};
use crate::script;
use delta_core::varint::{self, Cursor};

/// The file that says what the track holds; replaced by rename, last.
pub(crate) const INDEX_NAME: &str = "index";
/// Largest index that is read: that of some 40 million chunks.
pub(crate) const MAX_SIZE: u64 = 1 << 30;
/// The first line of an index.
pub(crate) const MAGIC: &[u8] = b"createrepo-delta history index 1\n";
/// Largest frame that is read back: the longest chunk and a frame's worth.
const MAX_FRAME: u64 = (delta_core::Limits::MAX_CHUNK + pack::FRAME_BYTES) as u64;
/// Bytes of the digest at the end.
const DIGEST: usize = 32;

/// What an index says.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(crate) next_pack: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) table: ChunkTable,
    pub(crate) generations: Vec<Generation>,
}

/// Writes an index.
pub(crate) fn write(
    next_pack: u64,
    frames: &[Frame],
    table: &ChunkTable,
    generations: &[Generation],
) -> Vec<u8> {
    let mut out = Vec::with_capacity(table.len() * 23 + 4096);
    out.extend_from_slice(MAGIC);
    varint::put(&mut out, next_pack);
    varint::put(&mut out, frames.len() as u64);
    for frame in frames {
        varint::put(&mut out, frame.pack);
        varint::put(&mut out, frame.offset);
        varint::put(&mut out, u64::from(frame.len));
        varint::put(&mut out, u64::from(frame.symbols));
        out.extend_from_slice(&frame.digest);
        for symbol in frame.first..frame.first + frame.symbols {
            out.extend_from_slice(table.id(symbol).as_bytes());
            varint::put(&mut out, table.chunk_len(symbol));
        }
    }
    varint::put(&mut out, generations.len() as u64);
    let mut base: &[u32] = &[];
    for generation in generations {
        out.extend_from_slice(&generation.open_sha256);
        varint::put(&mut out, generation.size);
        varint::put(&mut out, generation.timestamps.len() as u64);
        let mut last = 0;
        for timestamp in &generation.timestamps {
            varint::put(&mut out, timestamp - last);
            last = *timestamp;
        }
        varint::put(&mut out, generation.declared.len() as u64);
        for declared in &generation.declared {
            varint::put_bytes(&mut out, declared.as_bytes());
        }
        script::put(&mut out, table, base, &generation.sequence);
        base = &generation.sequence;
    }
    let digest = Sha256::digest(&out);
    out.extend_from_slice(&digest);
    out
}

/// Why an index was refused: where in it, and what is wrong.
pub(crate) type Refusal = (u64, String);

/// Reads an index. Every number is checked, whatever the digest says.
pub(crate) fn read(bytes: &[u8]) -> Result<Index, Refusal> {
    if !bytes.starts_with(MAGIC) {
        let line = bytes.split(|b| *b == b'\n').next().unwrap_or_default();
        let found = line[..line.len().min(60)].escape_ascii();
        let expected = MAGIC.trim_ascii_end().escape_ascii();
        return Err((0, format!("expected `{expected}`, found `{found}`")));
    }
    let end = bytes.len().checked_sub(DIGEST).filter(|end| *end >= MAGIC.len());
    let end = end.ok_or_else(|| (0, format!("expected a digest at the end, found {} bytes", bytes.len())))?;
    if Sha256::digest(&bytes[..end])[..] != bytes[end..] {
        return Err((0, "the digest at the end differs from that of the content".into()));
    }
    let mut cursor = Cursor::new(&bytes[MAGIC.len()..end]);
    body(&mut cursor).map_err(|what| ((MAGIC.len() + cursor.offset()) as u64, what))
}

fn body(cursor: &mut Cursor<'_>) -> Result<Index, String> {
    let next_pack = cursor.number_upto(pack::NUMBERS)?;
    let mut index = Index { next_pack, ..Index::default() };
    for _ in 0..cursor.count(20)? {
        let frame = frame(cursor, &mut index.table, next_pack)?;
        index.frames.push(frame);
    }
    let mut room = script::MAX_SYMBOLS;
    for _ in 0..cursor.count(36)? {
        let base = index.generations.last().map_or(&[][..], |g| &g.sequence);
        let generation = generation(cursor, &index.table, base, room)?;
        room -= generation.sequence.len();
        index.generations.push(generation);
    }
    match cursor.remaining() {
        0 => Ok(index),
        more => Err(format!("expected the end, found {more} more bytes")),
    }
}

fn frame(cursor: &mut Cursor<'_>, table: &mut ChunkTable, next_pack: u64) -> Result<Frame, String> {
    let first = u32::try_from(table.len()).map_err(|e| e.to_string())?;
    let pack = cursor.number()?;
    if pack >= next_pack {
        return Err(format!("expected a pack below {next_pack}, found {pack}"));
    }
    let offset = cursor.number_upto(u64::MAX >> 1)?;
    // Incompressible chunks grow by far less than this when compressed.
    let len = cursor.number_upto(MAX_FRAME + MAX_FRAME / 16)?;
    let symbols = cursor.count(ChunkId::BYTES + 1)?;
    let digest = cursor.array()?;
    let mut open_len = 0;
    for _ in 0..symbols {
        let id = ChunkId::from_bytes(cursor.array()?);
        let chunk_len = cursor.number_upto(MAX_FRAME)?;
        open_len += chunk_len;
        if open_len > MAX_FRAME {
            return Err(format!("expected a frame of at most {MAX_FRAME} open bytes, found {open_len}"));
        }
        if table.find(&id).is_some() {
            return Err(format!("expected each chunk once, found {id} again"));
        }
        let chunk_len = usize::try_from(chunk_len).map_err(|e| e.to_string())?;
        table.intern(id, chunk_len).map_err(|e| e.to_string())?;
    }
    Ok(Frame {
        pack,
        offset,
        len: u32::try_from(len).map_err(|e| e.to_string())?,
        open_len: u32::try_from(open_len).map_err(|e| e.to_string())?,
        first,
        symbols: u32::try_from(symbols).map_err(|e| e.to_string())?,
        digest,
    })
}

fn generation(
    cursor: &mut Cursor<'_>,
    table: &ChunkTable,
    base: &[u32],
    room: usize,
) -> Result<Generation, String> {
    let open_sha256 = cursor.array()?;
    let size = cursor.number()?;
    let mut timestamps = Vec::new();
    for nth in 0..cursor.count(1)? {
        let distance = cursor.number()?;
        let last = timestamps.last().copied().unwrap_or(0);
        let timestamp = u64::checked_add(last, distance).filter(|t| nth == 0 || *t > last);
        timestamps.push(timestamp.ok_or("expected ascending timestamps")?);
    }
    let mut declared = Vec::new();
    for _ in 0..cursor.count(1)? {
        let text = std::str::from_utf8(cursor.bytes()?).map_err(|e| e.to_string())?;
        declared.push(text.to_owned());
    }
    let sequence = script::read(cursor, base, table.len(), room)?;
    let open_size = table.total_len(&sequence);
    Ok(Generation { open_sha256, open_size, size, timestamps, declared, sequence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let mut table = ChunkTable::new();
        for n in 0..5_u8 {
            table.intern(ChunkId::hash(&[n]), 7).unwrap();
        }
        let frame = |first, symbols, offset| Frame {
            pack: 0,
            offset,
            len: 30,
            open_len: symbols * 7,
            first,
            symbols,
            digest: [9; 16],
        };
        let generation = |sequence: Vec<u32>| Generation {
            open_sha256: [3; 32],
            open_size: sequence.len() as u64 * 7,
            size: 10,
            timestamps: vec![5, 9],
            declared: vec!["sha1:00".into()],
            sequence,
        };
        let generations = [generation(vec![0, 1, 4]), generation(vec![0, 1, 2, 3])];
        write(1, &[frame(0, 3, 0), frame(3, 2, 30)], &table, &generations)
    }

    #[test]
    fn an_index_comes_back() {
        let bytes = sample();
        let index = read(&bytes).unwrap();
        assert_eq!(index.generations[1].sequence, [0, 1, 2, 3]);
        assert_eq!(index.generations[0].timestamps, [5, 9]);
        assert_eq!(write(index.next_pack, &index.frames, &index.table, &index.generations), bytes);
    }

    #[test]
    fn every_flipped_byte_is_noticed() {
        let bytes = sample();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1;
            assert!(read(&damaged).is_err(), "{at}");
            assert!(read(&bytes[..at]).is_err(), "{at}");
        }
    }

    proptest! {
        #[test]
        fn contents_with_a_right_digest_never_panic(
            body in proptest::collection::vec(any::<u8>(), 0..80),
            flips in proptest::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4),
            whole in any::<bool>(),
        ) {
            let mut bytes = sample();
            bytes.truncate(bytes.len() - DIGEST);
            if whole {
                bytes.truncate(MAGIC.len());
                bytes.extend(body);
            }
            for (at, value) in flips {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let digest = Sha256::digest(&bytes);
            bytes.extend_from_slice(&digest);
            let _ = read(&bytes);
        }
    }
}
