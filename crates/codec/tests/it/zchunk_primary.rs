//! filelists and other have the chunks of primary.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use codec::Expect;
use codec::recipe::zchunk::{
    ChunkRule, MAX_PACKAGES, PrimaryChunks, PrimaryReader, ZchunkCuts, chunk_rule, chunk_rule_by_primary,
};
use proptest::prelude::*;

use crate::recipes::named;
use crate::samples::{self, NAME};
use crate::zchunk_recipes::{lengths, old, packages, usual};

const LIMIT: usize = 10 << 20;

fn chunks_of(primary: &[u8], pieces: usize) -> Arc<PrimaryChunks> {
    let mut reader = PrimaryReader::new();
    primary.chunks(pieces).for_each(|piece| reader.write_all(piece).unwrap());
    Arc::new(reader.finish().unwrap())
}

/// filelists of packages with so many bytes of names of files.
fn filelists(sizes: &[usize]) -> Vec<u8> {
    let mut open = format!("<?xml?>\n<filelists packages=\"{}\">\n", sizes.len()).into_bytes();
    for (number, size) in sizes.iter().enumerate() {
        write!(open, "<package pkgid=\"{number:x}\">\n  <file>").unwrap();
        open.resize(open.len() + size, b'/');
        open.extend_from_slice(b"</file>\n</package>\n\n");
    }
    open.extend_from_slice(b"</filelists>\n");
    open
}

fn by_primary(number: u8, open: &[u8], primary: &Arc<PrimaryChunks>, pieces: usize) -> Vec<u8> {
    let cuts = ZchunkCuts::ByPrimary(ChunkRule::from_number(number).unwrap(), primary.clone());
    let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
    let mut rebuilder =
        named("zck-10").zchunk_rebuilder(out, old(&usual()).unwrap(), cuts, None, scratch).unwrap();
    open.chunks(pieces).for_each(|piece| rebuilder.write_all(piece).unwrap());
    rebuilder.finish().unwrap().out
}

/// The lengths of chunks of which one begins before each of these packages.
fn expected(open: &[u8], begin: &[usize]) -> Vec<u32> {
    let text = std::str::from_utf8(open).unwrap();
    let starts: Vec<usize> = text.match_indices("<package ").map(|(at, _)| at).collect();
    let mut ends: Vec<usize> = begin.iter().map(|package| starts[*package]).collect();
    ends.push(open.len());
    let mut lengths = Vec::new();
    for (start, end) in std::iter::once(&0).chain(&ends).zip(&ends) {
        let length = end - start;
        lengths.extend(std::iter::repeat_n(LIMIT, length / LIMIT));
        lengths.extend(Some(length % LIMIT).filter(|left| *left > 0));
    }
    lengths.into_iter().map(|length| u32::try_from(length).unwrap()).collect()
}

fn rule_of(file: &[u8], primary: &Arc<PrimaryChunks>) -> Option<u8> {
    let rule = chunk_rule_by_primary(Cursor::new(file.to_vec()), Path::new(NAME), Expect::default(), primary);
    rule.unwrap().map(ChunkRule::number)
}

fn own_rule_of(file: &[u8]) -> Option<u8> {
    let rule = chunk_rule(Cursor::new(file.to_vec()), Path::new(NAME), Expect::default());
    rule.unwrap().map(ChunkRule::number)
}

const A: Option<&str> = Some("a-1.src.rpm");
const B: Option<&str> = Some("b-1.src.rpm");

#[test]
fn chunks_begin_where_those_of_primary_do() {
    for (sources, rule, begin) in [
        // A pair, and one that is another place than its pair.
        (&[A, A, B, A][..], 3, &[0, 2, 3][..]),
        (&[A, None, None, B], 3, &[0, 1, 3]),
        (&[A, None, None, B, B], 4, &[0, 1, 2, 3]),
        (&[A, A], 3, &[0]),
    ] {
        let primary = chunks_of(&packages(sources), 1000);
        assert_eq!(primary.packages(), sources.len());
        let open = filelists(&vec![70; sources.len()]);
        for pieces in [1, 7, 8, 9, 10, 100, open.len()] {
            let file = by_primary(rule, &open, &primary, pieces);
            assert_eq!(lengths(&file), expected(&open, begin), "{sources:?}, {pieces}");
            assert_eq!(samples::open(&file, Expect::default()).unwrap().0, open);
            let own = (begin.len() == 1).then_some(0);
            assert_eq!((own_rule_of(&file), rule_of(&file, &primary)), (own, Some(rule)));
        }
    }
    // Where each package has its own source package filelists need not be told.
    let primary = chunks_of(&packages(&[A, B, A]), 1000);
    let file = by_primary(3, &filelists(&[1, 2, 3]), &primary, 1000);
    assert_eq!((own_rule_of(&file), rule_of(&file, &primary)), (Some(1), Some(3)));
}

#[test]
fn other_packages_than_those_of_primary_have_other_chunks() {
    let before = chunks_of(&packages(&[A, A, B, B, A]), 1000);
    let file = by_primary(3, &filelists(&[5; 5]), &before, 1000);
    for other in [&[A, A, A, B, B][..], &[A, A, B, A], &[A, A, B, B, A, B], &[]] {
        let primary = chunks_of(&packages(other), 1000);
        // One that is too long by packages that nobody asks for is as good.
        let same = other.len() > 5;
        assert_eq!(rule_of(&file, &primary), same.then_some(3), "{other:?}");
        let again = by_primary(3, &filelists(&[5; 5]), &primary, 1000);
        assert_eq!(again == file, same);
    }
}

#[test]
fn a_marker_in_text_is_escaped_and_begins_nothing() {
    let primary = packages(&[A, A]);
    let text = String::from_utf8(primary.clone()).unwrap();
    let escaped = text.replace("<name>", "<name>&lt;package ");
    assert_eq!(chunks_of(escaped.as_bytes(), 3), chunks_of(&primary, 1000));
    let partial = text.replace("<name>", "<packages><package/><packag e=\"\"/><name>");
    assert_eq!(chunks_of(partial.as_bytes(), 3), chunks_of(&primary, 1000));
}

#[test]
fn each_file_is_cut_at_ten_mebibytes_by_itself() {
    let primary = chunks_of(&packages(&[A, A, A, B]), 1000);
    // In the middle of a package, before one, and where nothing is left.
    let one = filelists(&[1]).len() - filelists(&[]).len() - 1;
    for sizes in [
        [11 << 20, 3, 5, 7],
        [LIMIT - one, 3, 5, 7],
        [25 << 20, 1, LIMIT - one, 1],
        [3, 4, 6 << 20, 18 << 20],
    ] {
        let open = filelists(&sizes);
        let file = by_primary(3, &open, &primary, 70_000);
        assert_eq!(lengths(&file), expected(&open, &[0, 3]), "{sizes:?}");
        assert!(samples::open(&file, Expect::default()).unwrap().0 == open);
        assert_eq!(rule_of(&file, &primary), Some(3));
    }
}

#[test]
fn without_primary_nothing_is_begun() {
    for rule in ChunkRule::all() {
        let cuts = ZchunkCuts::Rule(rule);
        let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
        let begun = named("zck-10").zchunk_rebuilder(out, old(&usual()).unwrap(), cuts, None, scratch);
        assert_eq!(begun.is_err(), rule.needs_primary());
        if let Err(error) = begun {
            let expected = "cannot split the content into chunks for zck-10: the chunks follow those of primary, which is not given";
            assert_eq!(error.to_string(), expected);
        }
    }
    // A rule that does without it does not look at it.
    let primary = chunks_of(&packages(&[A, A]), 1000);
    assert_eq!(own_rule_of(&by_primary(0, &packages(&[A, B]), &primary, 1000)), Some(0));
}

#[test]
fn primaries_beyond_a_limit_are_refused() {
    let mut reader = PrimaryReader::new();
    let many = b"<package >".repeat(1 << 16);
    for _ in 0..MAX_PACKAGES >> 16 {
        reader.write_all(&many).unwrap();
    }
    reader.write_all(b"<package ").unwrap();
    // Nothing after it matters.
    reader.write_all(&many).unwrap();
    assert_eq!(reader.finish().unwrap_err(), "there are more packages than the limit of 4194304");
    let mut reader = PrimaryReader::new();
    reader.write_all(&many[..10 << 16]).unwrap();
    assert_eq!(reader.finish().unwrap().packages(), 1 << 16);
    let mut reader = PrimaryReader::new();
    reader.write_all(b"<package ").unwrap();
    reader.write_all(&vec![b'x'; 17 << 20]).unwrap();
    assert_eq!(reader.finish().unwrap_err(), "a package is too long");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_rebuilt_by_primary_has_its_chunks(
        sources in prop::collection::vec(prop::option::of(0usize..3), 1..20),
        sizes in prop::collection::vec(0usize..200, 1..20),
        rule in 3u8..5,
        pieces in 1usize..300,
    ) {
        let names = ["a", "b", "c"];
        let sources: Vec<_> = sources.into_iter().map(|source| source.map(|source| names[source])).collect();
        let primary = chunks_of(&packages(&sources), pieces);
        let begins = |package: &usize| {
            let source = sources.get(*package).copied().map(Option::unwrap_or_default);
            let before = package.checked_sub(1).map(|before| sources[before].unwrap_or_default());
            source.is_some_and(|source| before != Some(source) || rule == 4 && source.is_empty())
        };
        let begin: Vec<usize> = (0..sizes.len()).filter(|package| *package <= sources.len() && begins(package)).collect();
        let open = filelists(&sizes);
        let file = by_primary(rule, &open, &primary, pieces);
        prop_assert_eq!(lengths(&file), expected(&open, &begin));
        let found = rule_of(&file, &primary).unwrap();
        prop_assert!(found <= rule);
        prop_assert!(by_primary(found, &open, &primary, 1000) == file);
    }
}
