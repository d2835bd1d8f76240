//! Whatever payloads say, applying them to a base never panics, and never writes
//! or opens more than it is allowed.
//!
//! Input: how many bytes the base has, in one byte; the base; how many bytes the
//! newest payload has, in one byte; that; and the older one.

#![no_main]

use std::io::Cursor;

use delta_core::journal::apply_steps;
use delta_core::{Limits, Rule};
use libfuzzer_sys::fuzz_target;

const MAX: u64 = 10_000;

fuzz_target!(|data: &[u8]| {
    let Some((base, rest)) = part(data) else { return };
    let Some((newest, older)) = part(rest) else { return };
    let payloads =
        if older.is_empty() { vec![newest.to_vec()] } else { vec![newest.to_vec(), older.to_vec()] };
    let rule = Rule::for_type("primary").expect("a known type");
    let limits = Limits::default().with_max_output(MAX);
    let mut made = Vec::new();
    let scratch = Cursor::new(Vec::new());
    if let Ok(applied) = apply_steps(rule, || Ok(base), &payloads, scratch, &mut made, &limits) {
        assert_eq!(applied.output_bytes, made.len() as u64);
    }
    assert!(made.len() as u64 <= MAX);
});

fn part(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = data.split_first()?;
    Some(rest.split_at(usize::from(*len).min(rest.len())))
}
