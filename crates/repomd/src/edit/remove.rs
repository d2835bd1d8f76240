//! Removal of spans from a document.
//!
//! Each goes with the white space right before it, which is how it came in.

use crate::read::Document;
use crate::xml::is_space;

/// The document without the elements and instructions of ours.
pub(super) fn all(document: &[u8], parsed: &Document) -> Vec<u8> {
    let elements = parsed.places.iter().flat_map(|place| &place.ours);
    let mut spans: Vec<_> = elements.chain(&parsed.instructions).collect();
    spans.sort_by_key(|span| span.start);
    let mut out = Vec::with_capacity(document.len());
    let mut done = 0;
    for span in spans {
        let before = document.get(done..span.start).unwrap_or_default();
        let kept = before.iter().rposition(|&byte| !is_space(char::from(byte))).map_or(0, |last| last + 1);
        out.extend_from_slice(before.get(..kept).unwrap_or_default());
        done = span.end;
    }
    out.extend_from_slice(document.get(done..).unwrap_or_default());
    out
}
