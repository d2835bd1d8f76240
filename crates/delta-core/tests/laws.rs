//! The laws of the format: chunks concatenate to the file, and a delta turns
//! every old version that it serves into the new one.

#![allow(clippy::unwrap_used, reason = "tests")]

use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::plan::{Matcher, Plan, check};
use delta_core::{Limits, Rule, apply, diff};
use proptest::prelude::*;

fn rule() -> Rule {
    Rule::for_type("primary").unwrap()
}

/// Files that look like metadata, and files that hardly do.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let package = (0_u8..9, 0_u8..3).prop_map(|(n, body)| {
        format!("<package n=\"{n}\">{}</package>\n", "text ".repeat(usize::from(body))).into_bytes()
    });
    let odd = prop_oneof![
        Just(b"<package ".to_vec()),
        Just(b"</".to_vec()),
        Just(b"<package x/>".to_vec()),
        Just(b"\n".to_vec()),
        proptest::collection::vec(any::<u8>(), 0..6),
    ];
    let parts = prop_oneof![
        4 => proptest::collection::vec(package.clone(), 0..14),
        1 => proptest::collection::vec(prop_oneof![package, odd], 0..20),
    ];
    (any::<bool>(), parts, any::<bool>()).prop_map(|(header, parts, footer)| {
        let mut file = if header { b"<metadata>\n".to_vec() } else { Vec::new() };
        file.extend(parts.concat());
        if footer {
            file.extend(b"</metadata>");
        }
        file
    })
}

fn chunks(file: &[u8]) -> Vec<Vec<u8>> {
    let mut chunker = Chunker::new(file, rule(), &Limits::default());
    let mut chunks = Vec::new();
    while let Some(chunk) = chunker.next_chunk().unwrap() {
        chunks.push(chunk.to_vec());
    }
    chunks
}

fn make(olds: &[Vec<u8>], new: &[u8]) -> Vec<u8> {
    let mut olds: Vec<&[u8]> = olds.iter().map(Vec::as_slice).collect();
    let mut delta = Vec::new();
    diff(rule(), &mut olds, || Ok(new), &mut delta).unwrap();
    delta
}

fn rebuilt(old: &[u8], delta: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    apply(rule(), old, delta, &mut out, &Limits::default()).unwrap();
    out
}

fn sequence(table: &mut ChunkTable, file: &[u8]) -> Vec<Symbol> {
    chunks(file).iter().map(|c| table.intern(ChunkId::hash(c), c.len()).unwrap()).collect()
}

proptest! {
    #[test]
    fn chunks_concatenate_to_the_file(file in file()) {
        prop_assert_eq!(chunks(&file).concat(), file);
    }

    #[test]
    fn a_delta_serves_every_version(olds in proptest::collection::vec(file(), 1..5), new in file()) {
        let delta = make(&olds, &new);
        for old in &olds {
            prop_assert_eq!(&rebuilt(old, &delta), &new);
        }
    }

    #[test]
    fn a_delta_to_itself_is_references_only(file in file()) {
        let delta = make(std::slice::from_ref(&file), &file);
        prop_assert_eq!(delta, b"\n".repeat(chunks(&file).len()));
    }

    #[test]
    fn check_agrees_with_applying(
        olds in proptest::collection::vec(file(), 1..4),
        new in file(),
        flip in any::<(prop::sample::Index, u8)>(),
    ) {
        let mut table = ChunkTable::new();
        let sequences: Vec<_> = olds.iter().map(|o| sequence(&mut table, o)).collect();
        let sequences: Vec<&[Symbol]> = sequences.iter().map(Vec::as_slice).collect();
        let target = sequence(&mut table, &new);
        let mut delta = make(&olds, &new);
        check(&delta[..], &table, &sequences, &target).unwrap();

        // A damaged delta may pass only where it still makes the right file.
        if !delta.is_empty() {
            let at = flip.0.index(delta.len());
            delta[at] = flip.1;
            if check(&delta[..], &table, &sequences, &target).is_ok() {
                for old in &olds {
                    prop_assert_eq!(&rebuilt(old, &delta), &new);
                }
            }
        }
    }

    #[test]
    fn arbitrary_deltas_never_panic(old in file(), delta in proptest::collection::vec(any::<u8>(), 0..60)) {
        let limits = Limits::default().with_max_output(1000);
        let mut out = Vec::new();
        if apply(rule(), &old[..], &delta[..], &mut out, &limits).is_err() {
            prop_assert!(out.len() <= 1000);
        }
    }

    #[test]
    fn prefixes_are_no_longer_than_needed(olds in proptest::collection::vec(file(), 1..4), new in file()) {
        let mut table = ChunkTable::new();
        let sequences: Vec<_> = olds.iter().map(|o| sequence(&mut table, o)).collect();
        let sequences: Vec<&[Symbol]> = sequences.iter().map(Vec::as_slice).collect();
        let target = sequence(&mut table, &new);
        let kept = Matcher::new().fold_all(&table, &target, &sequences);
        let plan = Plan::new(&table, &target, &kept, &sequences).unwrap();
        let chunk_of = |symbol| {
            chunks(&new).into_iter().find(|c| ChunkId::hash(c) == *table.id(symbol)).unwrap()
        };
        let write = |plan: &Plan| {
            let mut out = Vec::new();
            plan.write(&table, &target, &mut out, |_, symbol, out| out.write_all(&chunk_of(symbol))).unwrap();
            out
        };
        let delta = write(&plan);
        // One digit less in any token, and some version is no longer served.
        let mut at = 0;
        while at < delta.len() {
            let end = at + delta[at..].iter().position(|b| *b == b'\n').unwrap();
            let token = &delta[at..end];
            if let Some(size) = token.strip_prefix(b"+") {
                at = end + 1 + std::str::from_utf8(size).unwrap().parse::<usize>().unwrap();
                continue;
            }
            if !token.is_empty() {
                let shorter = [&delta[..end - 1], &delta[end..]].concat();
                prop_assert!(check(&shorter[..], &table, &sequences, &target).is_err());
            }
            at = end + 1;
        }
    }
}

#[test]
fn empty_files() {
    for (old, new) in [("", ""), ("", "x"), ("x", ""), ("", "<package a/></m>")] {
        let delta = make(&[old.as_bytes().to_vec()], new.as_bytes());
        assert_eq!(rebuilt(old.as_bytes(), &delta), new.as_bytes());
    }
}

#[test]
fn a_megabyte_long_chunk() {
    let long = |tail: &str| format!("<m><package a>{}</package>{tail}</m>", "x".repeat(5 << 20)).into_bytes();
    let (old, new) = (long(""), long("<package b/>"));
    let delta = make(std::slice::from_ref(&old), &new);
    assert!(delta.len() < 40, "{}", delta.len());
    assert_eq!(rebuilt(&old, &delta), new);
}

#[test]
fn ten_thousand_duplicates() {
    let same = "<package n=\"same\"/>\n";
    let old = format!("<m>\n{}<package n=\"x\"/>\n{}</m>", same.repeat(4000), same.repeat(6000)).into_bytes();
    let new = format!("<m>\n{}<package n=\"x\"/>\n{}</m>", same.repeat(6000), same.repeat(4001)).into_bytes();
    let delta = make(std::slice::from_ref(&old), &new);
    assert_eq!(rebuilt(&old, &delta), new);
    let literal = delta.iter().filter(|b| **b != b'\n').count();
    assert!(literal < 60, "{literal}");
}
