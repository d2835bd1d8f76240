//! Rewriting packs when too much of them is no longer used. Which generations
//! are kept is not decided here.

use std::collections::BTreeSet;

use delta_core::chunk::{ChunkTable, Symbol};

use crate::generation::Generation;
use crate::pack::{self, Frame, PackWriter};
use crate::{Error, Track};

/// Unused bytes, open, that are tolerated whatever the size: 4 MiB.
const TOLERATED: u64 = 4 << 20;
/// Unused bytes, open, beyond which packs are rewritten: an eighth of those used.
const SHARE: u64 = 8;
/// Packs beyond which they are rewritten into one.
const MAX_PACKS: usize = 256;
/// Bytes of chunks waiting for a frame, from which on a whole frame may be
/// copied as it is, so that frames do not become small.
const WORTH_A_FRAME: usize = pack::FRAME_BYTES / 4;

fn used(table: &ChunkTable, generations: &[Generation]) -> Vec<bool> {
    let mut used = vec![false; table.len()];
    for generation in generations {
        for &symbol in &generation.sequence {
            used[symbol as usize] = true;
        }
    }
    used
}

/// Whether rewriting pays.
pub(crate) fn is_due(frames: &[Frame], table: &ChunkTable, generations: &[Generation]) -> bool {
    let packs: BTreeSet<u64> = frames.iter().map(|f| f.pack).collect();
    let (mut live, mut dead) = (0, 0);
    for (symbol, used) in (0..).zip(used(table, generations)) {
        *(if used { &mut live } else { &mut dead }) += table.chunk_len(symbol);
    }
    packs.len() > MAX_PACKS || dead > TOLERATED.max(live / SHARE) || (live == 0 && dead > 0)
}

/// Writes the chunks that are used into one new pack, in their order, and
/// renumbers everything. The old packs stay on disk until the index is written.
pub(crate) fn run(track: &mut Track) -> Result<(), Error> {
    let used = used(&track.table, &track.generations);
    let mut table = ChunkTable::with_capacity(track.table.len());
    let mut renumbered = vec![Symbol::MAX; track.table.len()];
    let mut writer = PackWriter::create(&track.dir, track.next_pack, 0)?;
    for frame in &track.frames {
        let symbols = frame.first..frame.first + frame.symbols;
        let live = symbols.clone().filter(|s| used[*s as usize]).count();
        if live == 0 {
            continue;
        }
        let bytes = pack::read_frame(&track.dir, frame)?;
        let whole = live == symbols.len() && (writer.waiting() == 0 || writer.waiting() >= WORTH_A_FRAME);
        if whole && frame.open_len as usize >= WORTH_A_FRAME {
            writer.push_frame(frame, &bytes)?;
        } else {
            let open = pack::open_frame(&track.dir, frame, &bytes)?;
            let mut at = 0;
            for symbol in symbols.clone() {
                let end = at + usize::try_from(track.table.chunk_len(symbol)).unwrap_or(usize::MAX);
                if used[symbol as usize] {
                    writer.push(&open[at..end])?;
                }
                at = end;
            }
        }
        for symbol in symbols.filter(|s| used[*s as usize]) {
            let len = usize::try_from(track.table.chunk_len(symbol)).unwrap_or(usize::MAX);
            let table = table.intern(*track.table.id(symbol), len);
            renumbered[symbol as usize] =
                table.map_err(|source| Error::Table { path: track.dir.path().to_owned(), source })?;
        }
    }
    let (sealed, frames) = writer.finish()?;
    track.sealed.push((pack::name(track.next_pack), sealed));
    track.next_pack += 1;
    track.frames = frames;
    track.table = table;
    for generation in &mut track.generations {
        for symbol in &mut generation.sequence {
            *symbol = renumbered[*symbol as usize];
        }
    }
    Ok(())
}
