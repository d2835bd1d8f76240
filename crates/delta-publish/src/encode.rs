//! Making the delta of one window, and proving it. In memory; nothing is
//! written to the repository here.

use std::io::{self, BufWriter, Read, Write};

use bzip2::Compression;
use bzip2::read::BzDecoder;
use bzip2::write::BzEncoder;
use delta_core::{Plan, Symbol};
use history::Track;

use crate::Error;
use crate::estimate::Planned;

/// Makes and proves the delta file of a window: compressed bytes, or nothing
/// where they would be more than `max`.
pub(crate) fn encode(
    data_type: &str,
    track: &Track,
    planned: &Planned,
    max: u64,
) -> Result<Option<Vec<u8>>, Error> {
    let generations = track.generations();
    let new: &[Symbol] = &generations[0].sequence;
    let olds: Vec<&[Symbol]> =
        planned.window.generations.iter().map(|g| generations[*g].sequence.as_slice()).collect();
    let failed = |what: String| Error::Encode { data_type: data_type.to_owned(), what };
    let plan = Plan::new(track.table(), new, &planned.kept, &olds).map_err(|e| failed(e.to_string()))?;

    let mut chunks = track.reader();
    let mut damage = None;
    let encoder = BzEncoder::new(Capped { bytes: Vec::new(), max, full: false }, Compression::best());
    let mut out = BufWriter::with_capacity(64 << 10, encoder);
    let written = plan.write(track.table(), new, &mut out, |_, symbol, out| match chunks.chunk(symbol) {
        Ok(chunk) => out.write_all(chunk),
        Err(error) => {
            damage = Some(error);
            Err(io::Error::other("the history is damaged"))
        }
    });
    if let Some(error) = damage {
        return Err(Error::History(error));
    }
    // Whatever fails once the cap is reached, fails because of it.
    let outcome = written.map_err(|e| e.to_string()).and_then(|()| {
        let mut encoder = out.into_inner().map_err(|e| e.to_string())?;
        encoder.try_finish().map_err(|e| e.to_string())?;
        encoder.finish().map_err(|e| e.to_string())
    });
    let bytes = match outcome {
        Ok(capped) if !capped.full => capped.bytes,
        Ok(_) => return Ok(None),
        Err(what) if what.contains(CAP_REACHED) => return Ok(None),
        Err(what) => return Err(failed(what)),
    };
    prove(data_type, track, &bytes, &olds, new)?;
    Ok(Some(bytes))
}

/// Plays a delta file against the chunk sequences of what it serves.
pub(crate) fn prove(
    data_type: &str,
    track: &Track,
    delta: &[u8],
    olds: &[&[Symbol]],
    new: &[Symbol],
) -> Result<(), Error> {
    let unproven = |source| Error::Unproven { data_type: data_type.to_owned(), source };
    let mut open = BzDecoder::new(delta);
    delta_core::check(&mut open, track.table(), olds, new).map_err(unproven)?;
    let mut rest = Vec::new();
    let left = open.read_to_end(&mut rest).map_err(|e| e.to_string());
    if left.is_err() || !rest.is_empty() {
        let what = "the compressed delta goes on after its tokens".to_owned();
        return Err(Error::Encode { data_type: data_type.to_owned(), what });
    }
    Ok(())
}

const CAP_REACHED: &str = "the delta is too large to be published";

/// Collects bytes up to a cap.
struct Capped {
    bytes: Vec<u8>,
    max: u64,
    full: bool,
}

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.full || (self.bytes.len() + bytes.len()) as u64 > self.max {
            self.full = true;
            self.bytes = Vec::new();
            return Err(io::Error::other(CAP_REACHED));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
