//! Payloads put together by hand, as no encoder writes them; and histories, with journals of them.

#![allow(dead_code, clippy::unwrap_used, reason = "tests, each with some of it")]

use std::io::{Cursor, Write};
use std::sync::Arc;

use delta_core::journal::{Ids, JournalError, Part, StepsApplied, apply_parts};
use delta_core::{Limits, Rule, varint};

pub(crate) mod history;

/// Four chunks.
pub(crate) const BASE: &[u8] = b"<m>\n<package a/>\n<package b/>\n</m>";

pub(crate) fn number(n: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    varint::put(&mut bytes, n);
    bytes
}

/// A length, and so many bytes.
pub(crate) fn sized(content: &[u8]) -> Vec<u8> {
    [number(content.len() as u64), content.to_vec()].concat()
}

/// A frame without dictionary.
pub(crate) fn frame(text: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(text, 19).unwrap()[4..].to_vec()
}

/// A frame that says it has so much text, and has none.
pub(crate) fn frame_that_says(open: u64) -> Vec<u8> {
    [&[0xe0][..], &open.to_le_bytes(), &[0x01, 0x00, 0x00]].concat()
}

/// A payload with this script as it is, and one frame.
pub(crate) fn payload(flags: u8, script: &[u8], frame: &[u8]) -> Vec<u8> {
    [vec![flags], sized(script), vec![1], frame.to_vec()].concat()
}

/// A hunk in its long form.
pub(crate) fn hunk(copy: u64, delete: u64, insert: u64) -> Vec<u8> {
    [number(copy << 2 | 3), number(delete), number(insert)].concat()
}

/// Applies payloads, oldest first, none of which has identifiers.
pub(crate) fn apply(
    base: &[u8],
    payloads: &[Vec<u8>],
    out: impl Write,
    limits: &Limits,
) -> Result<StepsApplied, JournalError> {
    let rule = Rule::for_type("primary").unwrap();
    let ids = Arc::new(Ids::default());
    let newest_first: Vec<Part<'_>> =
        payloads.iter().rev().map(|payload| Part { ids: ids.clone(), payload }).collect();
    apply_parts(rule, || Ok(base), &newest_first, Cursor::new(Vec::new()), out, limits)
}

/// What applying these payloads to the base, oldest first, is refused with.
pub(crate) fn refusal(payloads: &[Vec<u8>], limits: &Limits) -> String {
    apply(BASE, payloads, std::io::sink(), limits).unwrap_err().to_string()
}
