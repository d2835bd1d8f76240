//! Whatever a zchunk file says behind a checksum that holds, it is read or refused. One
//! that is read is rebuilt of itself and its open content: to the same bytes where its
//! header is written as usual, else to a file of the same content. What is rebuilt does
//! not depend on what the old file had, and its recipe is found again.
//!
//! Chunks that follow those of a primary, whatever that has, are found to do so.
//!
//! Input: an even byte for a header without its lead and the chunks, whose number of
//! bytes the second byte says in fours; an odd one for lengths of chunks, as many as the
//! second byte says, the old content, and, after `|`, the new one.

#![no_main]

use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use codec::recipe::zchunk::{
    ChunkRule, PrimaryReader, ZchunkCuts, ZchunkFile, chunk_rule, chunk_rule_by_primary,
};
use codec::recipe::{RebuildError, Recipe, find};
use codec::{Expect, OpenReader};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

const NAME: &str = "repodata/primary.xml.zck";
const MAX_OPEN: u64 = 1 << 20;

type Old = ZchunkFile<Cursor<Vec<u8>>>;

fuzz_target!(|data: &[u8]| {
    let Some((&[form, number], rest)) = data.split_first_chunk::<2>() else { return };
    let recipe = Recipe::all().filter(|recipe| recipe.needs_old_file()).nth(usize::from(form / 2 % 4));
    let recipe = recipe.expect("one of four");
    if form % 2 == 0 {
        let (header, chunks) = rest.split_at((usize::from(number) * 4).min(rest.len()));
        let mut file = lead(header);
        file.extend_from_slice(chunks);
        read_anything(recipe, file);
    } else if let Some((lengths, contents)) = rest.split_at_checked(usize::from(number)) {
        rebuild_pieces(recipe, lengths, contents);
    }
});

/// The start of a file with this header, whose checksum is right.
fn lead(header: &[u8]) -> Vec<u8> {
    let mut file = b"\0ZCK1\x81".to_vec();
    let length = header.len();
    file.extend([(length & 0x7f) as u8, (length >> 7 & 0x7f) as u8 | 0x80]);
    let sum = Sha256::new().chain_update(&file).chain_update(header).finalize();
    file.extend_from_slice(&sum);
    file.extend_from_slice(header);
    file
}

fn expect() -> Expect {
    Expect { max_open_size: MAX_OPEN, ..Expect::default() }
}

fn old(file: &[u8]) -> Result<Old, codec::Error> {
    ZchunkFile::read(Cursor::new(file.to_vec()), Path::new(NAME), expect())
}

fn open(file: &[u8]) -> Result<Vec<u8>, codec::Error> {
    let mut reader = OpenReader::inline(Cursor::new(file.to_vec()), NAME, expect())?;
    let mut open = Vec::new();
    let read = reader.read_to_end(&mut open);
    read.map_err(|error| codec::Error::from_io(error, NAME.as_ref()))?;
    reader.finish().map(|_| open)
}

fn rebuild(recipe: Recipe, old: Old, lengths: &[u32], open: &[u8]) -> Result<Vec<u8>, RebuildError> {
    rebuild_by(recipe, old, ZchunkCuts::Lengths(lengths.to_vec()), open)
}

fn rebuild_by(recipe: Recipe, old: Old, cuts: ZchunkCuts, open: &[u8]) -> Result<Vec<u8>, RebuildError> {
    let scratch = Cursor::new(Vec::new());
    let mut rebuilder = recipe.zchunk_rebuilder(Vec::new(), old, cuts, None, scratch)?;
    for piece in open.chunks(70) {
        rebuilder.write_all(piece).map_err(|error| error.downcast().expect("an error of the rebuilder"))?;
    }
    Ok(rebuilder.finish()?.out)
}

fn read_anything(recipe: Recipe, file: Vec<u8>) {
    let (read, opened) = (old(&file), open(&file));
    let (read, content) = match (read, opened) {
        (Ok(read), Ok(content)) => (read, content),
        (Err(_), Err(_)) => return,
        (read, opened) => panic!("read by one reader alone: {read:?}, {opened:?}"),
    };
    let lengths: Vec<u32> = read.chunk_lengths().collect();
    assert_eq!(lengths.iter().map(|length| u64::from(*length)).sum::<u64>(), content.len() as u64);
    match rebuild(recipe, read, &lengths, &content) {
        Ok(again) => {
            assert_eq!(open(&again).expect("it was made here"), content);
            let found = find(Cursor::new(file.clone()), Path::new(NAME), expect());
            if found.expect("it was read").is_some() {
                assert_eq!(again, file, "another file");
            }
            let rule = chunk_rule(Cursor::new(file.clone()), Path::new(NAME), expect());
            if let Some(rule) = rule.expect("it was read") {
                let old = old(&file).expect("it was read");
                let by_rule = rebuild_by(recipe, old, ZchunkCuts::Rule(rule), &content);
                assert_eq!(by_rule.expect("the rule was proven"), again, "another file by a rule");
            }
        }
        // A chunk of no bytes.
        Err(RebuildError::Chunks { .. }) => assert!(lengths.contains(&0)),
        Err(error) => panic!("{error}"),
    }
}

fn rebuild_pieces(recipe: Recipe, lengths: &[u8], contents: &[u8]) {
    let separator = contents.iter().position(|byte| *byte == b'|').unwrap_or(contents.len());
    let (before, now) = (&contents[..separator], contents.get(separator + 1..).unwrap_or_default());
    let lengths_of = |content: &[u8]| {
        let (mut left, mut found) = (content.len(), Vec::new());
        for length in lengths.iter().copied().chain(std::iter::repeat(u8::MAX)) {
            let length = usize::from(length).clamp(1, left.max(1));
            if left == 0 {
                return found;
            }
            found.push(length as u32);
            left -= length;
        }
        found
    };
    let empty = || {
        // SHA-256 of no data, no flags, zstd; an index of short sums and no dictionary.
        let mut header = Sha256::digest([]).to_vec();
        header.extend([0x80, 0x82, 0x94, 0x83, 0x81]);
        header.extend([0; 16]);
        header.extend([0x80, 0x80, 0x80]);
        old(&lead_of_short(&header)).expect("an empty file")
    };
    let whole =
        |content: &[u8]| rebuild(recipe, empty(), &lengths_of(content), content).expect("lengths that fit");
    let old = old(&whole(before)).expect("it was made here");
    let again = rebuild(recipe, old, &lengths_of(now), now).expect("lengths that fit");
    assert_eq!(again, whole(now), "depends on what can be copied");
    let found = find(Cursor::new(again.clone()), Path::new(NAME), expect()).expect("it can be read");
    assert!(found.is_some_and(|found| found <= recipe));
    rebuild_by_primary(recipe, (before, now), &again);
}

/// The second content with the chunks of the first, in pieces of other sizes.
fn rebuild_by_primary(recipe: Recipe, (primary, open): (&[u8], &[u8]), file: &[u8]) {
    let chunks = |pieces| {
        let mut reader = PrimaryReader::new();
        for piece in primary.chunks(pieces) {
            reader.write_all(piece).expect("it never fails");
        }
        Arc::new(reader.finish().expect("it is small"))
    };
    let primary = chunks(7);
    assert_eq!(primary, chunks(70));
    for rule in ChunkRule::all().filter(|rule| rule.needs_primary()) {
        let cuts = ZchunkCuts::ByPrimary(rule, primary.clone());
        let old = old(file).expect("it was made here");
        let by_primary = rebuild_by(recipe, old, cuts, open).expect("a rule");
        assert_eq!(self::open(&by_primary).expect("it was made here"), open);
        let found = chunk_rule_by_primary(Cursor::new(by_primary), Path::new(NAME), expect(), &primary);
        assert!(found.expect("it can be read").is_some_and(|found| found <= rule));
    }
}

/// As [`lead`], for a header of fewer than 128 bytes.
fn lead_of_short(header: &[u8]) -> Vec<u8> {
    let mut file = b"\0ZCK1\x81".to_vec();
    file.push(header.len() as u8 | 0x80);
    let sum = Sha256::new().chain_update(&file).chain_update(header).finalize();
    file.extend_from_slice(&sum);
    file.extend_from_slice(header);
    file
}
