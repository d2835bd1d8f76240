//! Metadata files spelled by a few bytes, the rule for them said as plainly as
//! possible, and their chunks as numbers.

use delta_core::chunk::{ChunkId, ChunkTable, Chunker, Symbol};
use delta_core::{Limits, Rule};
use memchr::memmem;

/// Files are not made longer than this.
const MAX_FILE: usize = 8 << 10;
/// More files are not made.
const MAX_FILES: usize = 6;

/// The rule of all the files.
///
/// # Panics
/// Never: format 1 has a rule for `primary`.
#[must_use]
pub fn rule() -> Rule {
    Rule::for_type("primary").expect("format 1 has a rule for primary")
}

/// The files that `spelling` spells, at least one:
///
/// | byte | piece |
/// |---|---|
/// | `a` to `z` | a package without an end tag |
/// | `A` to `Z` | a package with an end tag |
/// | `(` and `)` | start and end of the root element |
/// | `<` | the marker `<package ` alone |
/// | `/` | `</` alone |
/// | `0` to `9` | the last piece, so often that there are two to that power |
/// | `\|` | the next file |
/// | others | themselves |
#[must_use]
pub fn files(spelling: &[u8]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    for spelling in spelling.split(|byte| *byte == b'|').take(MAX_FILES) {
        let mut file = Vec::new();
        let mut last = Vec::new();
        for &byte in spelling {
            let mut times = 1;
            if byte.is_ascii_digit() {
                times = (1 << (byte - b'0')) - 1;
            } else {
                last = piece(byte);
            }
            for _ in 0..times {
                if file.len() + last.len() <= MAX_FILE {
                    file.extend_from_slice(&last);
                }
            }
        }
        files.push(file);
    }
    files
}

fn piece(byte: u8) -> Vec<u8> {
    let name = char::from(byte);
    match byte {
        b'a'..=b'z' => format!("<package {name}/>\n").into_bytes(),
        b'A'..=b'Z' => format!("<package {name}>text</package>\n").into_bytes(),
        b'(' => b"<metadata>\n".to_vec(),
        b')' => b"</metadata>\n".to_vec(),
        b'<' => b"<package ".to_vec(),
        b'/' => b"</".to_vec(),
        _ => vec![byte],
    }
}

/// Where markers begin in `file`.
#[must_use]
pub fn starts(file: &[u8]) -> Vec<usize> {
    let rule = rule();
    rule.markers().iter().flat_map(|marker| memmem::find_iter(file, marker)).collect()
}

/// Where the rule cuts `file`, both ends included: before every marker, and
/// before the last `</`.
#[must_use]
pub fn cuts(file: &[u8]) -> Vec<usize> {
    let mut cuts = starts(file);
    cuts.extend(memmem::rfind(file, b"</"));
    cuts.extend([0, file.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    cuts
}

/// The chunks of `file` as numbers of `table`.
///
/// # Panics
/// When a chunk cannot be numbered, which small files do not bring about.
pub fn sequence(table: &mut ChunkTable, file: &[u8]) -> Vec<Symbol> {
    let mut sequence = Vec::new();
    let mut chunks = Chunker::new(file, rule(), &Limits::default());
    while let Some(chunk) = chunks.next_chunk().expect("the file is small") {
        sequence.push(table.intern(ChunkId::hash(chunk), chunk.len()).expect("chunks are few"));
    }
    sequence
}
