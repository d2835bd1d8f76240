//! The golden files of the format: what was published once must be read, and
//! written, the same way for ever.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use delta_core::chunk::{ChunkId, Chunker};
use delta_core::{Limits, Rule, apply, diff};

fn golden(name: &str) -> Vec<u8> {
    let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-1");
    fs::read(dir.join(name)).unwrap()
}

fn rule() -> Rule {
    Rule::for_type("other").unwrap()
}

#[test]
fn chunks_are_cut_and_named_as_ever() {
    let mut found = String::new();
    for name in ["old-1.xml", "old-2.xml", "new.xml"] {
        let file = golden(name);
        let mut chunks = Chunker::new(&file[..], rule(), &Limits::default());
        loop {
            let offset = chunks.offset();
            let Some(chunk) = chunks.next_chunk().unwrap() else { break };
            writeln!(found, "{name} {offset} {} {}", chunk.len(), ChunkId::hash(chunk)).unwrap();
        }
    }
    assert_eq!(found, String::from_utf8(golden("chunks.txt")).unwrap());
}

#[test]
fn the_delta_is_written_as_ever() {
    let (old_1, old_2, new) = (golden("old-1.xml"), golden("old-2.xml"), golden("new.xml"));
    let mut delta = Vec::new();
    diff(rule(), &mut [&old_2[..], &old_1[..]], || Ok(&new[..]), &mut delta).unwrap();
    assert_eq!(delta, golden("delta.tokens"));
}

#[test]
fn the_delta_is_read_as_ever() {
    for name in ["old-1.xml", "old-2.xml"] {
        let (old, delta) = (golden(name), golden("delta.tokens"));
        let mut made = Vec::new();
        apply(rule(), &old[..], &delta[..], &mut made, &Limits::default()).unwrap();
        assert_eq!(made, golden("new.xml"));
    }
}
