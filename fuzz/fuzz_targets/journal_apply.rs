//! Whatever payloads say, applying them to a base never panics, and never writes
//! or opens more than it is allowed.
//!
//! Input: how many bytes the base has, in one byte; the base; so the identifiers of
//! all steps, of 20 bytes each; so the newest payload; and the older one.

#![no_main]

use std::io::Cursor;
use std::sync::Arc;

use delta_core::journal::{Ids, Part, apply_parts};
use delta_core::{Limits, Rule};
use libfuzzer_sys::fuzz_target;

const MAX: u64 = 10_000;

fuzz_target!(|data: &[u8]| {
    let Some((base, rest)) = part(data) else { return };
    let Some((ids, rest)) = part(rest) else { return };
    let Some((newest, older)) = part(rest) else { return };
    let ids: Vec<Vec<u8>> = ids.chunks_exact(20).map(<[u8]>::to_vec).collect();
    // What two parts insert is shared.
    let ids = Arc::new(Ids::shared(&[ids.clone(), ids]));
    let payloads = [newest, older].into_iter().take(if older.is_empty() { 1 } else { 2 });
    let parts: Vec<Part<'_>> = payloads.map(|payload| Part { ids: ids.clone(), payload }).collect();
    let rule = Rule::for_type("primary").expect("a known type");
    let limits = Limits::default().with_max_output(MAX);
    let mut made = Vec::new();
    let scratch = Cursor::new(Vec::new());
    if let Ok(applied) = apply_parts(rule, || Ok(base), &parts, scratch, &mut made, &limits) {
        assert_eq!(applied.output_bytes, made.len() as u64);
    }
    assert!(made.len() as u64 <= MAX);
});

fn part(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = data.split_first()?;
    Some(rest.split_at(usize::from(*len).min(rest.len())))
}
