//! Making the delta of one window, and proving it. In memory; nothing is
//! written to the repository here.

use std::io::{self, BufReader, BufWriter, Read, Write};
use std::time::Duration;

use bzip2::Compression;
use bzip2::read::BzDecoder;
use bzip2::write::BzEncoder;
use delta_core::chunk::Symbol;
use delta_core::plan::Plan;
use history::Track;

use crate::Error;
use crate::estimate::Planned;
use crate::meter::{Bzip2, Timed};

/// What [`encode`] made.
pub(crate) struct Encoded {
    /// The compressed bytes; nothing where they would be too many.
    pub(crate) bytes: Option<Vec<u8>>,
    /// Processor time of its making and its proof that went to bzip2.
    pub(crate) spent: Bzip2,
}

/// Makes and proves the delta file of a window: at most `max` compressed bytes.
pub(crate) fn encode(data_type: &str, track: &Track, planned: &Planned, max: u64) -> Result<Encoded, Error> {
    let generations = track.generations();
    let new: &[Symbol] = &generations[0].sequence;
    let olds = track.sequences(&planned.window.generations);
    let failed = |what: String| Error::Encode { data_type: data_type.to_owned(), what };
    let plan = Plan::new(track.table(), new, &planned.kept, &olds).map_err(|e| failed(e.to_string()))?;

    let mut chunks = track.reader();
    let mut damage = None;
    let encoder = BzEncoder::new(Capped { bytes: Vec::new(), max, full: false }, Compression::best());
    let mut out = BufWriter::with_capacity(64 << 10, Timed::new(encoder));
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
    let flushed = written.map_err(|e| e.to_string()).and_then(|()| out.flush().map_err(|e| e.to_string()));
    let (mut encoder, _) = out.into_parts();
    let outcome = flushed.and_then(|()| encoder.spend(BzEncoder::try_finish).map_err(|e| e.to_string()));
    let Timed { inner: encoder, spent: compress } = encoder;
    let outcome = outcome.and_then(|()| encoder.finish().map_err(|e| e.to_string()));
    let bytes = match outcome {
        Ok(capped) if !capped.full => Some(capped.bytes),
        Ok(_) => None,
        Err(what) if what.contains(CAP_REACHED) => None,
        Err(what) => return Err(failed(what)),
    };
    let mut spent = Bzip2 { compress, decompress: Duration::ZERO };
    if let Some(bytes) = &bytes {
        spent.decompress = prove(data_type, track, bytes, &olds, new)?;
    }
    Ok(Encoded { bytes, spent })
}

/// Plays a delta file against the chunk sequences of what it serves; returns the
/// processor time that its decompression took.
pub(crate) fn prove(
    data_type: &str,
    track: &Track,
    delta: &[u8],
    olds: &[&[Symbol]],
    new: &[Symbol],
) -> Result<Duration, Error> {
    let unproven = |source| Error::Unproven { data_type: data_type.to_owned(), source };
    let mut open = BufReader::with_capacity(64 << 10, Timed::new(BzDecoder::new(delta)));
    delta_core::plan::check(&mut open, track.table(), olds, new).map_err(unproven)?;
    let mut rest = Vec::new();
    let left = open.read_to_end(&mut rest).map_err(|e| e.to_string());
    if left.is_err() || !rest.is_empty() {
        let what = "the compressed delta goes on after its tokens".to_owned();
        return Err(Error::Encode { data_type: data_type.to_owned(), what });
    }
    Ok(open.into_inner().spent)
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
