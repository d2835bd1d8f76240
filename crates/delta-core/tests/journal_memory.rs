//! What applying takes at most: memory is that of what changed, and what can change
//! is limited. One test, because it looks at the whole process.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;

use delta_core::Limits;
use support::{apply, hunk, number, payload, sized};

mod support;

/// As many hunks as there may be.
const HUNKS: usize = 1 << 18;

/// A frame without dictionary, made with little memory.
fn frame(text: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(text, 1).unwrap()[4..].to_vec()
}

#[test]
fn the_longest_script_takes_moderate_memory() {
    let (kept, gone, new) = ("<package kept/>\n", "<package gone/>\n", "<package new/>\n");
    let base = format!("<m>\n{}</m>", [kept, gone].concat().repeat(HUNKS));
    let target = format!("<m>\n{}</m>", [kept, new].concat().repeat(HUNKS));
    // Two chunks stay before the first of them, one before each of the others.
    let script: Vec<u8> = std::iter::once(8).chain(std::iter::repeat_n(4, HUNKS - 1)).collect();
    let step = payload(1, &frame(&script), &frame(new.repeat(HUNKS).as_bytes()));
    assert!(step.len() < 2_000, "{} bytes", step.len());
    let before = peak();

    let mut out = Vec::with_capacity(target.len());
    let (base, limits) = (base.as_bytes(), Limits::default());
    apply(base, &[step], &mut out, &limits).unwrap();
    assert!(out == target.as_bytes());
    assert!(peak() - before < 100_000, "{} KiB after {before} KiB", peak());

    // The same file cut into as many pieces, as the dictionary of one byte, again and
    // again: as often as there may be.
    let all = u64::try_from(2 * HUNKS).unwrap() - 8;
    let script: Vec<u8> = std::iter::once(8).chain(std::iter::repeat_n(4, HUNKS - 9)).collect();
    let first = payload(1, &frame(&script), &frame(new.repeat(HUNKS - 8).as_bytes()));
    let next = [vec![8], number(1 << 32), sized(&hunk(all, 0, 1)), vec![1], frame(new.as_bytes())].concat();
    let apply_often = |times: usize| {
        let steps = [vec![first.clone()], vec![next.clone(); times]].concat();
        apply(base, &steps, std::io::sink(), &limits)
    };
    apply_often(3).unwrap();
    let refused = apply_often(7).unwrap_err().to_string();
    assert!(refused.contains("chunks in dictionaries together"), "{refused}");
    assert!(peak() - before < 150_000, "{} KiB after {before} KiB", peak());

    let one_more = [sized(&frame(&vec![4; HUNKS + 1])), vec![1]].concat();
    let one_more = [vec![1], one_more].concat();
    apply(base, &[one_more], std::io::sink(), &limits).unwrap_err();
}

/// The most memory that this process ever had, in KiB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().trim_end_matches(" kB").parse().unwrap()
}
