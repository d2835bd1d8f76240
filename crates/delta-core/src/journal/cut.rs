//! Telling the inserted chunks of a frame apart, in the one text that they are
//! there (format 2, "Cutting").

use super::payload::Cut;
use crate::chunk::Chunker;
use crate::varint::Malformed;
use crate::{Limits, Rule};

/// The ends of the chunks of a frame's text. `before` chunks were inserted by
/// the frames before it; `last` says that no frame comes after.
pub(super) fn ends(
    text: &[u8],
    rule: Rule,
    cut: &Cut,
    (before, chunks): (u64, u64),
    last: bool,
) -> Result<Vec<usize>, Malformed> {
    let ends = match cut {
        Cut::Lengths(lengths) => by_lengths(text, lengths, before, chunks)?,
        Cut::Markers => by_rule(text, rule.without_footer())?,
        Cut::MarkersAndFooter => by_rule(text, if last { rule } else { rule.without_footer() })?,
    };
    if ends.len() as u64 != chunks {
        return Err(Malformed::new(format!(
            "expected {chunks} inserted chunks in a frame, found {}",
            ends.len()
        )));
    }
    match ends.last().copied().unwrap_or(0) {
        end if end == text.len() => Ok(ends),
        end => Err(Malformed::new(format!(
            "expected {end} bytes in the chunks of a frame, found a text of {}",
            text.len()
        ))),
    }
}

fn by_rule(text: &[u8], rule: Rule) -> Result<Vec<usize>, Malformed> {
    let mut chunker = Chunker::new(text, rule, &Limits::default());
    let mut ends = Vec::new();
    let mut end = 0;
    while let Some(chunk) = chunker.next_chunk().map_err(|error| Malformed::new(error.to_string()))? {
        end += chunk.len();
        ends.push(end);
    }
    Ok(ends)
}

fn by_lengths(text: &[u8], lengths: &[u64], before: u64, chunks: u64) -> Result<Vec<usize>, Malformed> {
    let listed = usize::try_from(before).ok().zip(usize::try_from(before + chunks).ok());
    let listed = listed.and_then(|(from, to)| lengths.get(from..to));
    let listed = listed.ok_or_else(|| {
        Malformed::new(format!("expected lengths of {} chunks, found {}", before + chunks, lengths.len()))
    })?;
    let mut end = 0_u64;
    let mut ends = Vec::with_capacity(listed.len());
    for len in listed {
        end += len;
        let at = usize::try_from(end).ok().filter(|at| *at <= text.len());
        ends.push(
            at.ok_or_else(|| Malformed::new("expected chunks within the text of a frame, found more"))?,
        );
    }
    Ok(ends)
}
