//! Removal of spans from a document.
//!
//! Each goes with the white space right before it, which is how it came in.

use crate::read::Place;
use crate::xml::is_space;

/// The document without the elements of ours.
pub(super) fn elements(document: &[u8], places: &[Place]) -> Vec<u8> {
    let mut out = Vec::with_capacity(document.len());
    let mut done = 0;
    for span in places.iter().flat_map(|place| &place.ours) {
        let before = document.get(done..span.start).unwrap_or_default();
        let kept = before.iter().rposition(|&byte| !is_space(char::from(byte))).map_or(0, |last| last + 1);
        out.extend_from_slice(before.get(..kept).unwrap_or_default());
        done = span.end;
    }
    out.extend_from_slice(document.get(done..).unwrap_or_default());
    out
}
