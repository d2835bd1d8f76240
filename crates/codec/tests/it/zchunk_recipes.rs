//! A zchunk file is rebuilt of the one before it, to the bit.

use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use codec::recipe::zchunk::{ChunkRule, ZchunkCuts, ZchunkFile, ZchunkHeader, ZchunkRebuilder};
use codec::recipe::{self, Facts, RebuildError, Recipe};
use codec::{Algorithm, Error, Expect};
use proptest::prelude::*;

use crate::recipes::{named, text};
use crate::samples::{self, NAME};
use crate::zchunk::{File, OF_ZCK, OF_ZCK_WITH_DICTIONARY, OF_ZCK_WITH_OPEN_CHECKSUMS, OPEN, seal};

/// By recipe, the SHA-256 of what it makes of the text of all recipes in chunks of
/// [`CHUNKS`], without a dictionary and with one.
///
/// These are the bytes of published files. If an update of an encoder changes them it
/// must not be taken; nothing here is ever to be written anew.
const GOLDEN: &[(&str, &str, &str)] = &[
    (
        "zck-10-unsplit",
        "827b079c099f07640028a004c39e122ababa26274b470459ee411f8a7b4fcf7b",
        "ffce3a67604a696f2b332ec94d7620d2edb7d5dd8deed1ecfeac52351fbc8fa9",
    ),
    (
        "zck-10",
        "2af6da0c51b4ae78a47aafc811670d821b9aba9be18898de98204070fa62de77",
        "8cc1743cbcb47fb5ab8e1858489c1a7a41601cfc6b44ae0bc0b696557c7e4be8",
    ),
    (
        "zck-9-unsplit",
        "afe1795b1b379d433ca14ae1b3d8e6414502b8f56dbe77991b7419a6766278c4",
        "0b82845f52635f3514d5ed889ef7d553528a2282bc0565c6122f9d6761c03c37",
    ),
    (
        "zck-9",
        "162ff69168a4ca87df23abe3f7a26c96b17c113e5ecde50add7fe122cd9fb3cd",
        "779336dfba0a2a3bbba76661142ec508db98d4a5b2cb952108a78c7601f9ab02",
    ),
];

/// Of 1 byte, of less than a block of zstd, and of several.
const CHUNKS: [u32; 6] = [1, 3_000, 100_000, 131_073, 300_000, 174_110];

type InMemory = ZchunkRebuilder<Vec<u8>, Cursor<Vec<u8>>, Cursor<Vec<u8>>>;

fn zchunk_recipes() -> impl Iterator<Item = Recipe> {
    Recipe::all().filter(|recipe| recipe.needs_old_file())
}

pub(crate) fn old(file: &[u8]) -> Result<ZchunkFile<Cursor<Vec<u8>>>, Error> {
    ZchunkFile::read(Cursor::new(file.to_vec()), Path::new(NAME), Expect::default())
}

fn start(recipe: Recipe, file: &[u8], lengths: &[u32], dictionary: Option<&[u8]>) -> InMemory {
    let dictionary = dictionary.map(<[u8]>::to_vec);
    let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
    recipe
        .zchunk_rebuilder(out, old(file).unwrap(), ZchunkCuts::Lengths(lengths.to_vec()), dictionary, scratch)
        .unwrap()
}

fn rebuild(recipe: Recipe, file: &[u8], lengths: &[u32], dictionary: Option<&[u8]>, open: &[u8]) -> Vec<u8> {
    let mut rebuilder = start(recipe, file, lengths, dictionary);
    for piece in open.chunks(70_000) {
        rebuilder.write_all(piece).unwrap();
    }
    rebuilder.finish().unwrap().out
}

/// A file without chunks.
fn empty(kinds: (u64, u64), flags: u64, compression: u64) -> Vec<u8> {
    let mut file = File::of(b"");
    (file.kinds, file.flags, file.compression) = (kinds, flags, compression);
    file.to_bytes()
}

pub(crate) fn usual() -> Vec<u8> {
    empty((1, 3), 0, 2)
}

fn find(file: &[u8]) -> Result<Option<Recipe>, Error> {
    recipe::find(Cursor::new(file.to_vec()), Path::new(NAME), Expect::default())
}

pub(crate) fn lengths(file: &[u8]) -> Vec<u32> {
    old(file).unwrap().chunk_lengths().collect()
}

#[test]
fn every_recipe_makes_the_bytes_that_it_always_made() {
    let text = text();
    let sum = |dictionary, recipe| {
        Algorithm::Sha256.digest(&rebuild(recipe, &usual(), &CHUNKS, dictionary, &text)).to_hex()
    };
    let made: Vec<_> = zchunk_recipes()
        .map(|recipe| (recipe.name(), sum(None, recipe), sum(Some(&text[200_000..250_000]), recipe)))
        .collect();
    let golden: Vec<_> =
        GOLDEN.iter().map(|(name, without, with)| (*name, without.to_string(), with.to_string())).collect();
    assert_eq!(made, golden);
}

#[test]
fn a_file_of_every_recipe_is_found() {
    let text = text();
    for dictionary in [None, Some(&text[..20_000])] {
        for recipe in zchunk_recipes() {
            let file = rebuild(recipe, &usual(), &CHUNKS, dictionary, &text);
            assert_eq!(samples::open(&file, Expect::default()).unwrap().0, text);
            assert_eq!(lengths(&file), CHUNKS);
            assert_eq!(find(&file).unwrap(), Some(recipe));
            let agrees = |recipe, bytes| {
                let file = Cursor::new(file.clone());
                let (path, facts) = (Path::new(NAME), Facts::default());
                recipe::agrees(recipe, file, path, Expect::default(), &facts, bytes).unwrap()
            };
            for other in zchunk_recipes() {
                assert_eq!(agrees(other, u64::MAX), other == recipe, "{recipe}, {other}");
            }
            assert!(agrees(recipe, 100_000) && !agrees(named("zstd-10"), u64::MAX));
            assert!(find(&usual()).unwrap().is_some());
        }
    }
    let gzip = samples::compress(codec::Compression::Gzip, &text);
    let (path, facts) = (Path::new(NAME), Facts::default());
    let agrees = recipe::agrees(named("zck-10"), Cursor::new(gzip), path, Expect::default(), &facts, 1000);
    assert!(!agrees.unwrap());
}

/// These are of `zck` 1.2.3 with libzstd 1.5.4, at level 9, which makes the same of such
/// small chunks as level 10.
#[test]
fn files_of_zck_are_rebuilt_of_nothing() {
    for (file, flags, dictionary) in [
        (OF_ZCK, 0, None),
        (OF_ZCK_WITH_DICTIONARY, 0, Some(&OPEN[..3000])),
        (OF_ZCK_WITH_OPEN_CHECKSUMS, 4, Some(&OPEN[..3000])),
    ] {
        let recipe = find(file).unwrap().unwrap();
        let kinds = (1, if flags == 0 { 3 } else { 1 });
        let again = rebuild(recipe, &empty(kinds, flags, 2), &lengths(file), dictionary, OPEN);
        assert!(again == file);
    }
}

#[test]
fn chunks_that_the_old_file_has_are_copied_whoever_made_them() {
    let (text, dictionary) = (text(), samples::noise(5_000));
    for kinds in [(0, 0), (1, 1), (2, 2), (1, 3), (3, 0)] {
        for (flags, compression) in [(0, 0), (0, 2), (4, 2), (4, 0)] {
            let mut file = File::with_dictionary(&text, &dictionary);
            if compression == 0 {
                file = File::plain(&text);
            }
            (file.kinds, file.flags) = (kinds, flags);
            let file = file.to_bytes();
            for recipe in zchunk_recipes().take(2) {
                assert!(rebuild(recipe, &file, &lengths(&file), None, &text) == file, "{kinds:?} {flags}");
                let dictionary = if compression == 0 { &[][..] } else { &dictionary };
                assert!(rebuild(recipe, &file, &lengths(&file), Some(dictionary), &text) == file);
            }
        }
    }
}

#[test]
fn what_changed_is_compressed_and_the_rest_copied() {
    let text = text();
    let recipe = named("zck-10");
    let dictionary = Some(&text[..20_000]);
    let before = rebuild(recipe, &usual(), &CHUNKS, dictionary, &text);
    // The third chunk becomes longer, one goes, and one comes twice.
    let changed = [&text[..50_000], b"<new/>", &text[50_000..234_074], &text[534_074..], &text[..1]].concat();
    let now = [1, 3_000, 100_006, 131_073, 174_110, 1];
    let mut rebuilder = start(recipe, &before, &now, None);
    rebuilder.write_all(&changed).unwrap();
    assert_eq!(rebuilder.chunk_counts(), (5, 1));
    let rebuilt = rebuilder.finish().unwrap();
    assert!(rebuilt.out == rebuild(recipe, &usual(), &now, dictionary, &changed));
    // The header's checksum is in it, after the identification and two numbers.
    let (size, checksum) = (rebuilt.header.size, rebuilt.header.checksum.unwrap());
    assert_eq!(checksum.as_bytes(), &rebuilt.out[8..40]);
    let header = &rebuilt.out[..usize::try_from(size).unwrap()];
    let summed = [&header[..8], &header[40..]].concat();
    assert_eq!(checksum, Algorithm::Sha256.digest(&summed));
    let read = ZchunkHeader::read(Cursor::new(rebuilt.out.clone()), Path::new(NAME)).unwrap();
    assert_eq!(read, rebuilt.header);
    assert_eq!(read.differs(None, None), None);
    assert_eq!(read.differs(Some(size), Some(&checksum)), None);
    assert!(read.differs(Some(size + 1), Some(&checksum)).is_some());
    let (expected, found) = read.differs(Some(size), Some(&Algorithm::Sha256.digest(b""))).unwrap();
    assert!(expected.starts_with("a header with sha256:e3b0c4") && found == format!("one with {checksum}"));
}

#[test]
fn a_new_dictionary_changes_every_chunk() {
    let text = text();
    let recipe = named("zck-9");
    let [first, second] = [&text[..20_000], &text[100_000..130_000]].map(Some);
    let before = rebuild(recipe, &usual(), &CHUNKS, first, &text);
    for next in [second, Some(&[][..])] {
        let mut rebuilder = start(recipe, &before, &CHUNKS, next);
        rebuilder.write_all(&text).unwrap();
        assert_eq!(rebuilder.chunk_counts(), (0, CHUNKS.len()));
        assert!(rebuilder.finish().unwrap().out == rebuild(recipe, &usual(), &CHUNKS, next, &text));
    }
}

#[test]
fn files_that_are_written_otherwise_have_no_recipe() {
    let text = text();
    let has_recipe = |file: &File| find(&file.to_bytes()).unwrap().is_some();
    assert!(has_recipe(&File::plain(&text)));
    // Chunks of another encoder, and a header that the usual tools do not write.
    assert!(!has_recipe(&File::of(&text)));
    let mut file = File::plain(&text);
    (file.flags, file.optional) = (2, vec![0x80]);
    assert!(!has_recipe(&file));
    // A checksum of all data where there is none.
    let mut file = File::plain(b"<a/>");
    file.flags = 4;
    assert!(has_recipe(&file));
    let file = file.to_bytes();
    let (header, data) = file[40..].split_at(file.len() - 44);
    assert!(find(&seal(1, header, data)).unwrap().is_some());
    let header = [&[1], &header[1..]].concat();
    assert_eq!(find(&seal(1, &header, data)).unwrap(), None);
    for (length, expected) in [(10 << 20, true), ((10 << 20) + 1, false)] {
        let mut file = File::plain(b"");
        file.opens.push(vec![b'x'; length]);
        file.chunks.push((vec![b'x'; length], length as u64));
        assert_eq!(has_recipe(&file), expected, "a chunk of {length} bytes");
    }
}

#[test]
fn lengths_that_no_file_has_are_refused() {
    let refusal = |lengths: &[u32]| {
        let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
        let recipe = named("zck-10");
        let rebuilder = recipe.zchunk_rebuilder(
            out,
            old(&usual()).unwrap(),
            ZchunkCuts::Lengths(lengths.to_vec()),
            None,
            scratch,
        );
        match rebuilder {
            Err(error @ RebuildError::Chunks { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    let start = "cannot split the content into chunks for zck-10: expected chunks of 1 to 10485760 bytes, found one of ";
    assert_eq!(refusal(&[5, 0]), format!("{start}0"));
    assert_eq!(refusal(&[(10 << 20) + 1]), format!("{start}10485761"));
    assert!(refusal(&vec![1; (1 << 18) + 1]).contains("262145 chunks are more than the limit of 262144"));
}

#[test]
fn content_that_is_not_as_long_as_the_chunks_is_an_error() {
    for lengths in [&[4, 4][..], &[3]] {
        let mut short = start(named("zck-10"), &usual(), lengths, None);
        if short.write_all(b"four").is_ok() {
            let error = short.finish().unwrap_err();
            assert!(error.to_string().ends_with("the content ends before the last chunk"), "{error}");
        } else {
            assert!(short.write_all(b"").is_ok() && short.write_all(b"x").is_err());
            assert!(short.finish().is_err());
        }
    }
    let mut long = start(named("zck-10"), &usual(), &[4], None);
    let error = long.write_all(b"fours").unwrap_err();
    assert!(error.to_string().ends_with("the content goes on after the last chunk"), "{error}");
    assert!(long.finish().is_err());
}

#[test]
fn a_large_dictionary_is_not_compressed_with() {
    let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
    let dictionary = samples::noise((1 << 20) + 1);
    let recipe = named("zck-10");
    let mut rebuilder = recipe
        .zchunk_rebuilder(
            out,
            old(&usual()).unwrap(),
            ZchunkCuts::Lengths(vec![4]),
            Some(dictionary),
            scratch,
        )
        .unwrap();
    let error = rebuilder.write_all(b"four").unwrap_err().to_string();
    assert!(error.ends_with("the dictionary has 1048577 bytes, more than the limit of 1048576"), "{error}");
}

/// Packages by what each says of its source package.
pub(crate) fn packages(sources: &[Option<&str>]) -> Vec<u8> {
    let mut primary = b"<?xml?>\n<metadata packages=\"7\">\n".to_vec();
    for (number, source) in sources.iter().enumerate() {
        write!(primary, "<package type=\"rpm\">\n  <name>{number}</name>\n").unwrap();
        match source {
            Some(source) => writeln!(primary, "  <rpm:sourcerpm>{source}</rpm:sourcerpm>").unwrap(),
            None => primary.extend_from_slice(b"  <rpm:sourcerpm/>\n"),
        }
        primary.extend_from_slice(b"</package>\n");
    }
    primary.extend_from_slice(b"</metadata>\n");
    primary
}

fn by_rule(number: u8, open: &[u8], pieces: usize) -> Vec<u8> {
    let cuts = ZchunkCuts::Rule(ChunkRule::from_number(number).unwrap());
    let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
    let recipe = named("zck-10");
    let mut rebuilder = recipe.zchunk_rebuilder(out, old(&usual()).unwrap(), cuts, None, scratch).unwrap();
    open.chunks(pieces).for_each(|piece| rebuilder.write_all(piece).unwrap());
    rebuilder.finish().unwrap().out
}

fn rule_of(file: &[u8]) -> Option<u8> {
    let rule = recipe::zchunk::chunk_rule(Cursor::new(file.to_vec()), Path::new(NAME), Expect::default());
    rule.unwrap().map(ChunkRule::number)
}

#[test]
fn chunks_follow_source_packages() {
    let (a, b) = (Some("a-1.src.rpm"), Some("b-1.src.rpm"));
    for (sources, rule, chunks) in [
        (&[a, a, b, a][..], 0, &[0, 2, 3][..]),
        (&[a, a, b, a], 1, &[0, 2, 3]),
        (&[a, None, None, b], 0, &[0, 1, 3]),
        (&[a, None, None, b], 1, &[0, 1, 2, 3]),
        (&[None, None, a], 0, &[0, 2]),
        (&[None, Some(""), a], 1, &[0, 1, 2]),
        (&[a], 0, &[0]),
    ] {
        let open = packages(sources);
        let text = String::from_utf8(open.clone()).unwrap();
        let starts: Vec<usize> = text.match_indices("<package ").map(|(at, _)| at).collect();
        let mut ends: Vec<usize> = chunks.iter().map(|package| starts[*package]).collect();
        ends.push(open.len());
        let expected: Vec<u32> = std::iter::once(&0)
            .chain(&ends)
            .zip(&ends)
            .map(|(start, end)| u32::try_from(end - start).unwrap())
            .collect();
        for pieces in [1, 7, 100, open.len()] {
            let file = by_rule(rule, &open, pieces);
            assert_eq!(lengths(&file), expected, "{sources:?}");
            assert_eq!(samples::open(&file, Expect::default()).unwrap().0, open);
        }
        let found = rule_of(&by_rule(rule, &open, 1000)).unwrap();
        assert_eq!(by_rule(found, &open, 1000), by_rule(rule, &open, 1000));
        assert!(found <= rule);
    }
    assert_eq!(rule_of(&by_rule(1, &packages(&[None, None]), 1000)), Some(1));
    assert_eq!(ChunkRule::all().map(ChunkRule::number).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(ChunkRule::from_number(5), None);
}

#[test]
fn other_chunks_follow_no_rule() {
    assert_eq!(rule_of(&File::plain(&text()).to_bytes()), None);
    // A chunk for each package, none of which names a source package.
    assert_eq!(rule_of(OF_ZCK), Some(1));
    // One chunk too few, and one too many.
    let open = packages(&[Some("a"), Some("b")]);
    let whole = lengths(&by_rule(0, &open, 1000));
    let joined = [whole[0], whole[1] + whole[2]];
    let split = [whole[0], whole[1], whole[2] - 1, 1];
    for lengths in [&joined[..], &split] {
        assert_eq!(rule_of(&rebuild(named("zck-10"), &usual(), lengths, None, &open)), None);
    }
}

/// Where `zck` 1.2.3 cuts the text of all recipes.
const AUTOMATIC: [u32; 17] = [
    61_420, 12_730, 50_638, 19_013, 67_689, 18_113, 14_007, 28_574, 131_072, 48_392, 29_956, 75_594, 8_596,
    33_994, 45_988, 10_172, 52_236,
];

#[test]
fn chunks_may_begin_where_the_library_chooses() {
    let text = text();
    for pieces in [1, 1000, 70_000, text.len()] {
        assert_eq!(lengths(&by_rule(2, &text, pieces)), AUTOMATIC);
    }
    let file = by_rule(2, &text, 70_000);
    assert_eq!(samples::open(&file, Expect::default()).unwrap().0, text);
    assert_eq!(rule_of(&file), Some(2));
    // The last chunk is what is left, and content without variety is cut at the most.
    assert_eq!(lengths(&by_rule(2, &text[..61_421], 1000)), [61_420, 1]);
    for byte in [0, b' ', b'x', 255] {
        assert_eq!(lengths(&by_rule(2, &vec![byte; 300_000], 70_000)), [131_072, 131_072, 37_856]);
    }
    assert_eq!(lengths(&by_rule(2, b"", 1)), [0; 0]);
}

#[test]
fn long_chunks_are_cut_at_ten_mebibytes() {
    let mut sources = vec![Some("a"); 3];
    let long = "x".repeat(6 << 20);
    sources[1] = Some(&long);
    sources.push(Some(&long));
    let [one, two] = [packages(&sources), packages(&[Some(&long), Some(&long), Some(&long), Some("b")])];
    for open in [one, two] {
        let file = by_rule(0, &open, 1 << 20);
        assert_eq!(lengths(&file).contains(&(10 << 20)), open.len() > 15 << 20);
        assert_eq!(rule_of(&file), Some(0));
        assert!(samples::open(&file, Expect::default()).unwrap().0 == open);
    }
    let endless = packages(&[Some(&"x".repeat(40 << 20))]);
    let cuts = ZchunkCuts::Rule(ChunkRule::from_number(0).unwrap());
    let (out, scratch) = (Vec::new(), Cursor::new(Vec::new()));
    let recipe = named("zck-10");
    let mut rebuilder = recipe.zchunk_rebuilder(out, old(&usual()).unwrap(), cuts, None, scratch).unwrap();
    let error = endless.chunks(70_000).find_map(|piece| rebuilder.write_all(piece).err()).unwrap();
    assert!(error.to_string().ends_with("a package is too long"), "{error}");
}

/// Fails after so many bytes.
#[derive(Debug)]
struct Failing(Cursor<Vec<u8>>, usize);

impl Write for Failing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.1);
        self.1 -= taken;
        if taken == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write(&bytes[..taken])
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for Failing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn outputs_and_scratch_files_that_fail_are_told_as_they_are() {
    let text = text();
    let recipe = named("zck-10");
    for (out, scratch) in [(10, 1 << 20), (1000, 1 << 20), (1 << 20, 10), (1 << 20, 100_000)] {
        let [out_file, scratch_file] = [out, scratch].map(|size| Failing(Cursor::default(), size));
        let old = old(&usual()).unwrap();
        let mut rebuilder = recipe
            .zchunk_rebuilder(out_file, old, ZchunkCuts::Lengths(CHUNKS.to_vec()), None, scratch_file)
            .unwrap();
        let full = |reason: &io::Error| reason.kind() == io::ErrorKind::StorageFull;
        match rebuilder.write_all(&text) {
            Ok(()) => {
                let error = rebuilder.finish().unwrap_err();
                assert!(matches!(&error, RebuildError::Output { reason, .. } if full(reason)), "{error}");
                assert!(out < scratch);
            }
            Err(error) => {
                let error = error.downcast::<RebuildError>().unwrap();
                assert!(matches!(&error, RebuildError::Scratch { reason, .. } if full(reason)), "{error}");
                assert!(rebuilder.write_all(b"x").is_err() && rebuilder.finish().is_err());
            }
        }
    }
}

#[test]
fn a_file_takes_the_memory_of_its_largest_chunk() {
    let memory = |file: &[u8]| codec::memory::decoding_memory(Cursor::new(file), &Expect::default()).unwrap();
    let open = vec![b' '; 30 << 20];
    let small = by_rule(2, &open, 70_000);
    assert!(memory(&small) < 4 << 20, "{}", memory(&small));
    let large = by_rule(0, &open[..15 << 20], 70_000);
    assert!((12 << 20..14 << 20).contains(&memory(&large)), "{}", memory(&large));
    // A header that cannot be read may take all that one can.
    for cut in [39, 60] {
        assert!(memory(&small[..cut]) >= 80 << 20);
    }
    let many = vec![1; 1 << 17];
    let many = rebuild(named("zck-10"), &usual(), &many, None, &open[..1 << 17]);
    assert!(memory(&many) > 82 << 20);
}

#[test]
fn damaged_old_files_are_refused() {
    for good in [OF_ZCK, OF_ZCK_WITH_DICTIONARY, OF_ZCK_WITH_OPEN_CHECKSUMS] {
        for cut in (0..good.len()).step_by(7) {
            assert!(old(&good[..cut]).unwrap_err().is_of_the_file(), "{cut}");
        }
        for at in (0..good.len()).step_by(5) {
            let mut bad = good.to_vec();
            bad[at] ^= 4;
            assert!(old(&bad).unwrap_err().is_of_the_file(), "{at}");
        }
        let error = old(&[good, b"x"].concat()).unwrap_err();
        assert!(error.to_string().ends_with("something follows the compressed data"), "{error}");
    }
    let expect = Expect { size: Some(5), ..Expect::default() };
    let other = ZchunkFile::read(Cursor::new(OF_ZCK.to_vec()), Path::new(NAME), expect);
    assert!(matches!(other, Err(Error::TooLong { .. })));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_rebuilt_does_not_depend_on_what_can_be_copied(
        number in 0..zchunk_recipes().count(),
        cuts in proptest::collection::vec(1..60_000_u32, 1..20),
        first in any::<prop::sample::Index>(),
        second in any::<prop::sample::Index>(),
        dictionary in any::<bool>(),
    ) {
        let (text, recipe) = (text(), zchunk_recipes().nth(number).unwrap());
        let content = |cuts: &[u32]| text[..usize::try_from(cuts.iter().sum::<u32>()).unwrap() % 700_000].to_vec();
        let cuts: Vec<u32> = cuts;
        let dictionary = dictionary.then_some(&text[..10_000]);
        let whole = content(&cuts);
        prop_assume!(whole.len() == usize::try_from(cuts.iter().sum::<u32>()).unwrap());
        let before = rebuild(recipe, &usual(), &cuts, dictionary, &whole);
        // Two chunks are exchanged.
        let starts: Vec<usize> = cuts.iter().scan(0, |at, length| {
            let start = *at;
            *at += usize::try_from(*length).unwrap();
            Some(start)
        }).collect();
        let mut order: Vec<usize> = (0..cuts.len()).collect();
        order.swap(first.index(cuts.len()), second.index(cuts.len()));
        let now: Vec<u32> = order.iter().map(|chunk| cuts[*chunk]).collect();
        let open: Vec<u8> = order
            .iter()
            .flat_map(|chunk| whole[starts[*chunk]..][..usize::try_from(cuts[*chunk]).unwrap()].to_vec())
            .collect();
        let copied = rebuild(recipe, &before, &now, None, &open);
        prop_assert!(copied == rebuild(recipe, &usual(), &now, dictionary, &open));
    }
}

#[test]
fn a_recipe_is_confirmed_on_the_large_chunks_too() {
    // Blocks are split where the content changes.
    let mut open = b"<start/>\n".repeat(100);
    let small = u32::try_from(open.len()).unwrap();
    let mut number = 1_u64;
    for part in 0..24 {
        for _ in 0..4000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let value = (number >> 33) % 3000;
            match part % 3 {
                0 => write!(open, "{value:x} ").unwrap(),
                1 => writeln!(open, "<file>/usr/share/{value}</file>").unwrap(),
                _ => open.extend_from_slice(&number.to_le_bytes()),
            }
        }
    }
    let large = u32::try_from(open.len()).unwrap() - small;
    let [split, unsplit] = ["zck-10", "zck-10-unsplit"]
        .map(|recipe| rebuild(named(recipe), &usual(), &[small, large], None, &open));
    assert_ne!(split, unsplit);
    for (file, recipe, agrees) in
        [(&split, "zck-10", true), (&split, "zck-10-unsplit", false), (&unsplit, "zck-10", false)]
    {
        for open_bytes in [1, u64::from(small), u64::MAX] {
            let found = recipe::agrees(
                named(recipe),
                Cursor::new(file.clone()),
                Path::new(NAME),
                Expect::default(),
                &recipe::Facts::default(),
                open_bytes,
            );
            assert_eq!(found.unwrap(), agrees, "{recipe} {open_bytes}");
        }
    }
}
