//! What a recipe makes is known to the bit, and is found again.

use std::io::{Cursor, Read, Write as _};
use std::path::Path;

use codec::recipe::{self, Facts, RebuildError, Recipe};
use codec::{Algorithm, Compression, Error, Expect, OpenReader};
use proptest::prelude::*;

use crate::samples;

/// Text that is the same for ever: 700 kB of XML, whose statistics change now
/// and then as those of metadata do.
pub(crate) fn text() -> Vec<u8> {
    let mut text = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<metadata packages=\"900\">\n".to_vec();
    let mut state = 1_u64;
    let mut random = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for package in 0..900 {
        writeln!(
            text,
            "<package type=\"rpm\"><name>lib{package}</name><version epoch=\"0\" ver=\"{}.{}\"/>",
            random(9),
            random(30)
        )
        .unwrap();
        writeln!(
            text,
            "<checksum type=\"sha256\">{:016x}{:016x}</checksum>",
            random(1 << 31),
            random(1 << 31)
        )
        .unwrap();
        if package / 60 % 3 == 0 {
            (0..random(60)).for_each(|_| {
                writeln!(text, "  <file>/usr/share/doc/lib{package}/{}</file>", random(100)).unwrap();
            });
        }
        if package / 100 % 2 == 0 {
            let noise: Vec<u8> = (0..random(900)).map(|_| b' ' + u8::try_from(random(64)).unwrap()).collect();
            text.extend_from_slice(&noise);
        }
        text.extend_from_slice(b"</package>\n");
    }
    text.extend_from_slice(b"</metadata>\n");
    text
}

/// By recipe, the length and SHA-256 of what it makes of [`text`].
///
/// These are the bytes of published files. If an update of an encoder changes
/// them it must not be taken; nothing here is ever to be written anew.
const GOLDEN: &[(&str, usize, &str)] = &[
    ("none", 708_184, "32e452f5404dd6a15a5e8b4b586b633e5a685d08ba3d488a278f5d588a8b1ffc"),
    ("gzip-6", 224_968, "eb2e69060148e70b773344412e04a405a1bc2c85b6d90e165fe29519ced1eff7"),
    ("gzip-9", 221_030, "1be121aa6d8c3a726d76429ff2a9adf2a80885849dfa6b3620c6d197d0140190"),
    ("bzip2-5", 207_888, "07aaed63ce3d791d0c0968b761c2a8a348ab5cef3dc935d970b4f27b1b383ef5"),
    ("bzip2-9", 206_739, "806c5e947b0fed917bc945e850b0d79df301f96067c6377f7678cc4ddbc29ede"),
    ("xz-5", 216_000, "b579309fd6a1dd5cbd80e43f181205a089b8c8f46e9ef9e45ef8206bd83b2ac1"),
    ("xz-6", 203_012, "bc9eed5e394964ce48482c6e493f98023c3baed9e27574f3ccf76e24e050061e"),
    ("xz-5-crc64", 216_004, "26f7bd344b2afebb13122a3860f1b357d973949538e3eeae1bc27f394b645aef"),
    ("xz-6-crc64", 203_016, "6ee17277ed0927d93fe4ef64d4ca280009b8a2ce05e2b21faf6468ba9907ca4e"),
    ("zstd-10-unsplit", 213_328, "d872aebf42ca0dba410d064d7d42b6f02018237520293390cc014791afd125d5"),
    ("zstd-10", 212_596, "49866f5c7afaa526aa669564ccf48ba0a3f1fef1e37e4e44b9fe2221c5fde62a"),
    ("zstd-9-unsplit", 213_380, "9b3aa385df731ea103f2868e2d2795316b59aedd4604e75639e89f99f1ef8f89"),
    ("zstd-9", 212_656, "daf93bf243066981e2ada76242db84cec8beb08f46e2aba8e0cee7872b6c50bd"),
    ("zstd-19-unsplit", 206_482, "1d3e972650915e1cbb268354ce7612230cfdf3ef453838e12c9eb608fc25c473"),
    ("zstd-19", 205_048, "9e263a56ab312f2753e793982d21f261486d06b737694a7f189040a1afd84f28"),
    ("gzip-9-named", 221_042, "6080dbfcc5cdb4dcc50b63381a399c942fe40e0f58a2b82485e6a31de5fdeeba"),
    ("gzip-6-ng", 223_748, "c4c839c7a96651ec6fc2df1fa2e577ebcf619af176d94701616f5d8a5ac94042"),
    ("gzip-9-ng", 223_916, "d0dc0989853904f974bc2dd987faf7f6829b4450eba1d728789891e7015b3db1"),
];

/// The same for text with packages that are longer than zlib-ng's buffer, of about its
/// length, and that follow short ones. This, and the two above, are what the functions for
/// gzip files of zlib-ng 2.2.5 and 2.3.3 make, called as createrepo_c calls them.
const GOLDEN_NG: &[(&str, usize, &str)] = &[
    ("gzip-6-ng", 911_976, "ac0942887108b2e45420221e9eda7cb6006a2e33ea8aedf82df4b35ff69180d7"),
    ("gzip-9-ng", 915_086, "96cd1a3578fb6281b960920d75d4574e91a908c821d4de425a8b91545a083ddb"),
];

/// Text with long packages, of 3 MB.
fn long_text() -> Vec<u8> {
    let text = text();
    let mut long = Vec::new();
    for (number, length) in
        [300_000, 131_049, 131_050, 1000, 70_000, 70_000, 131_072, 2_000_000].iter().enumerate()
    {
        long.extend_from_slice(format!("<package number=\"{number}\">").as_bytes());
        let inside = text.iter().filter(|byte| **byte != b'<').cycle().skip(number * 10_000);
        long.extend(inside.take(*length));
        long.extend_from_slice(b"</package>\n");
    }
    long
}

/// The same for text of several blocks of bzip2, with runs of every length up to 600.
/// This is what Python 3.11's module makes with bzip2 1.0.8.
const GOLDEN_BZIP2: &[(&str, usize, &str)] = &[
    ("bzip2-5", 748_542, "b63635256efe4068533abda06e8a51af68653e0fe14191083b0133125573bf16"),
    ("bzip2-9", 643_382, "a8737dc2196efe1d9e6864e968b46e9c16c737b684c0f4abc63359c6738a7d31"),
];

/// Text with runs, of 3 MB.
fn text_with_runs() -> Vec<u8> {
    let text = long_text();
    let mut with_runs = Vec::new();
    for (length, piece) in text.chunks(text.len() / 600).enumerate() {
        with_runs.extend_from_slice(piece);
        with_runs.resize(with_runs.len() + length, b' ');
    }
    with_runs
}

/// What the recipes that need facts are given.
fn facts() -> Facts {
    Facts { revision: Some(1_704_674_332), name: Some("primary.xml".to_owned()) }
}

fn rebuild(recipe: Recipe, open: &[u8]) -> Vec<u8> {
    rebuild_in_pieces(recipe, open, 64 * 1024)
}

fn rebuild_in_pieces(recipe: Recipe, open: &[u8], cut: usize) -> Vec<u8> {
    let mut rebuilder = recipe.rebuilder_with(Vec::new(), Some(open.len() as u64), &facts()).unwrap();
    for piece in open.chunks(cut) {
        rebuilder.write_all(piece).unwrap();
        rebuilder.flush().unwrap();
    }
    rebuilder.finish().unwrap()
}

fn find(file: &[u8]) -> Result<Option<Recipe>, Error> {
    recipe::find_with(Cursor::new(file.to_vec()), Path::new(samples::NAME), Expect::default(), &facts())
}

/// Those that make a file of its content alone.
fn streamed() -> impl Iterator<Item = Recipe> {
    Recipe::all().filter(|recipe| !recipe.needs_old_file())
}

pub(crate) fn named(name: &str) -> Recipe {
    Recipe::all().find(|recipe| recipe.name() == name).unwrap()
}

#[test]
fn every_recipe_makes_the_bytes_that_it_always_made() {
    let text = text();
    let made: Vec<(&str, usize, String)> = streamed()
        .map(|recipe| {
            let file = rebuild(recipe, &text);
            (recipe.name(), file.len(), Algorithm::Sha256.digest(&file).to_hex())
        })
        .collect();
    let golden: Vec<(&str, usize, String)> =
        GOLDEN.iter().map(|(name, size, sha256)| (*name, *size, (*sha256).to_owned())).collect();
    assert_eq!(made, golden);
}

#[test]
fn long_packages_are_what_zlib_ng_makes_of_them() {
    let text = long_text();
    for (name, size, sha256) in GOLDEN_NG {
        for pieces in [5000, 64 * 1024, 300_000, text.len()] {
            let file = rebuild_in_pieces(named(name), &text, pieces);
            assert_eq!((file.len(), &*Algorithm::Sha256.digest(&file).to_hex()), (*size, *sha256), "{name}");
        }
    }
}

#[test]
fn several_blocks_are_what_bzip2_makes_of_them() {
    let text = text_with_runs();
    for (name, size, sha256) in GOLDEN_BZIP2 {
        for pieces in [999, 64 * 1024, text.len()] {
            let file = rebuild_in_pieces(named(name), &text, pieces);
            assert_eq!((file.len(), &*Algorithm::Sha256.digest(&file).to_hex()), (*size, *sha256), "{name}");
        }
        assert_eq!(find(&rebuild(named(name), &text)).unwrap(), Some(named(name)));
    }
}

#[test]
fn numbers_and_names_go_both_ways() {
    for (number, recipe) in Recipe::all().enumerate() {
        assert_eq!(usize::from(recipe.number()), number);
        assert_eq!(Recipe::from_number(recipe.number()), Some(recipe));
        assert_eq!(named(recipe.name()), recipe);
    }
    let count = u8::try_from(Recipe::all().count()).unwrap();
    assert_eq!(Recipe::from_number(count), None);
    assert_eq!(Recipe::from_number(255), None);
}

#[test]
fn what_is_rebuilt_opens_to_the_same_bytes() {
    for open in [Vec::new(), b"x".to_vec(), samples::small(), samples::noise(300_000), text()] {
        for recipe in streamed() {
            let file = rebuild(recipe, &open);
            let (again, summary) = samples::open(&file, Expect::default()).unwrap();
            assert!(again == open, "{recipe}, {} bytes", open.len());
            if !open.is_empty() {
                assert!(
                    summary.compression == recipe.compression() || recipe.compression() == Compression::None
                );
            }
        }
    }
}

#[test]
fn a_file_of_every_recipe_is_found() {
    let text = text();
    for recipe in streamed() {
        let file = rebuild(recipe, &text);
        assert_eq!(find(&file).unwrap(), Some(recipe));
        assert!(recipe::candidates(&file[..recipe::HEAD]).contains(&recipe));
    }
}

#[test]
fn where_several_recipes_give_a_file_the_most_usual_is_found() {
    for open in [Vec::new(), samples::small()] {
        for recipe in streamed() {
            let file = rebuild(recipe, &open);
            let Some(found) = find(&file).unwrap() else {
                assert!(open.is_empty(), "{recipe}");
                continue;
            };
            assert!(found <= recipe);
            assert!(rebuild(found, &open) == file);
        }
    }
}

#[test]
fn files_of_other_encoders_have_no_recipe() {
    let text = text();
    for compression in [Compression::Gzip, Compression::Zstd] {
        assert_eq!(find(&samples::compress(compression, &text)).unwrap(), None, "{compression}");
    }
    // Level 6 under the header of level 9.
    let mut file = rebuild(named("gzip-6"), &text);
    file[8] = 2;
    assert_eq!(find(&file).unwrap(), None);
}

#[test]
fn more_after_the_file_is_no_copy() {
    let text = text();
    for name in ["gzip-6", "bzip2-9", "xz-6", "zstd-10-unsplit"] {
        let once = rebuild(named(name), &text);
        let twice = [once.clone(), once].concat();
        assert_eq!(find(&twice).unwrap(), None, "{name}");
    }
}

#[test]
fn a_file_that_is_cut_short_has_none() {
    for name in ["gzip-9", "bzip2-5", "xz-5", "zstd-10"] {
        let file = rebuild(named(name), &text());
        let cut = &file[..file.len() - 1];
        assert!(!matches!(find(cut), Ok(Some(_))), "{name}");
    }
}

#[test]
fn only_what_is_expected_has_a_recipe() {
    let text = text();
    let file = rebuild(named("gzip-6"), &text);
    let expecting = |expect| recipe::find(Cursor::new(file.clone()), Path::new(samples::NAME), expect);
    let sha256 = |bytes: &[u8]| Some(Algorithm::Sha256.digest(bytes));
    let right = Expect {
        checksum: sha256(&file),
        open_checksum: sha256(&text),
        size: Some(file.len() as u64),
        open_size: Some(text.len() as u64),
        ..Expect::default()
    };
    assert_eq!(expecting(right).unwrap(), Some(named("gzip-6")));
    let error = expecting(Expect { checksum: sha256(b""), ..Expect::default() }).unwrap_err();
    assert!(matches!(error, Error::Checksum { .. }), "{error}");
    let error =
        expecting(Expect { open_size: Some(text.len() as u64 - 1), ..Expect::default() }).unwrap_err();
    assert_eq!(error.path(), Path::new(samples::NAME));
    let error = expecting(Expect { max_open_size: 1000, ..Expect::default() }).unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error}");
}

#[test]
fn the_search_ends_where_no_candidate_is_left() {
    /// Counts how far is read.
    struct Counting(Cursor<Vec<u8>>, std::sync::Arc<std::sync::atomic::AtomicU64>);
    impl Read for Counting {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(into)?;
            self.1.fetch_max(self.0.position(), std::sync::atomic::Ordering::Relaxed);
            Ok(read)
        }
    }
    impl std::io::Seek for Counting {
        fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    let mut open = text();
    open.extend(samples::noise(30_000_000));
    let file = samples::compress(Compression::Gzip, &open);
    let furthest = std::sync::Arc::default();
    let counting = Counting(Cursor::new(file.clone()), std::sync::Arc::clone(&furthest));
    assert_eq!(recipe::find(counting, Path::new(samples::NAME), Expect::default()).unwrap(), None);
    let furthest = furthest.load(std::sync::atomic::Ordering::Relaxed);
    assert!(furthest < 10_000_000, "read {furthest} of {} bytes", file.len());
}

#[test]
fn an_open_size_that_is_not_kept_is_an_error() {
    for recipe in streamed() {
        let mut short = recipe.rebuilder_with(Vec::new(), Some(5), &facts()).unwrap();
        short.write_all(b"four").unwrap();
        let error = short.finish().unwrap_err();
        assert!(matches!(error, RebuildError::OpenSize { expected: 5, found: 4, .. }), "{error}");
        let mut long = recipe.rebuilder_with(Vec::new(), Some(3), &facts()).unwrap();
        let error = long.write_all(b"four").unwrap_err();
        assert_eq!(error.to_string(), format!("4 open bytes were written for {recipe}, expected 3"));
        assert!(long.finish().is_err());
    }
}

#[test]
fn an_output_that_fails_is_told_as_it_is() {
    /// Takes ten bytes.
    #[derive(Debug)]
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(taken) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let noise = samples::noise(20_000_000);
    for recipe in streamed() {
        let mut rebuilder = recipe.rebuilder_with(Full(10), None, &facts()).unwrap();
        let failed = rebuilder.write_all(&noise).unwrap_err();
        assert_eq!(failed.kind(), std::io::ErrorKind::StorageFull, "{recipe}");
        assert!(rebuilder.write_all(b"more").is_err());
        let mut late = recipe.rebuilder_with(Full(10), None, &facts()).unwrap();
        if late.write_all(b"hello, world").is_ok() {
            let error = late.finish().unwrap_err();
            assert!(
                matches!(&error, RebuildError::Output { reason, .. } if reason.kind() == std::io::ErrorKind::StorageFull)
            );
        }
    }
}

#[test]
fn no_recipe_takes_more_memory_than_a_hundred_megabytes() {
    for recipe in Recipe::all() {
        assert!(recipe.memory() <= 100 * 1024 * 1024, "{recipe}");
    }
}

#[test]
fn files_of_createrepo_c_have_a_recipe() {
    let directory =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history/gen-0012/repodata");
    let mut files = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let mut open = Vec::new();
            let file = std::fs::read(&path).unwrap();
            OpenReader::new(Cursor::new(file.clone()), &path, Expect::default())
                .unwrap()
                .read_to_end(&mut open)
                .unwrap();
            let recipe = find(&file).unwrap().unwrap();
            assert_eq!(recipe, named("gzip-6"), "{}", path.display());
            assert!(rebuild(recipe, &open) == file);
            files += 1;
        }
    }
    assert_eq!(files, 3);
}

#[test]
fn time_and_name_come_from_the_facts() {
    let recipe = named("gzip-9-named");
    assert!(recipe.needs_facts());
    assert_eq!(streamed().filter(|recipe| recipe.needs_facts()).count(), 1);
    let text = text();
    let file = rebuild(recipe, &text);
    assert_eq!(file[..10], [0x1f, 0x8b, 8, 8, 0x1c, 0x44, 0x9b, 0x65, 2, 255]);
    assert_eq!(&file[10..22], b"primary.xml\0");
    assert!(file[22..] == rebuild(named("gzip-9"), &text)[10..]);

    assert_eq!(find(&file).unwrap(), Some(recipe));
    let path = Path::new(samples::NAME);
    assert_eq!(recipe::find(Cursor::new(file.clone()), path, Expect::default()).unwrap(), None);
    let later = Facts { revision: Some(1_704_674_333), ..facts() };
    assert_eq!(recipe::find_with(Cursor::new(file), path, Expect::default(), &later).unwrap(), None);
}

fn agrees(recipe: &str, file: &[u8], facts: &Facts, open_bytes: u64) -> Result<bool, Error> {
    let expect = Expect { size: Some(file.len() as u64), ..Expect::default() };
    let file = Cursor::new(file.to_vec());
    recipe::agrees(named(recipe), file, Path::new(samples::NAME), expect, facts, open_bytes)
}

#[test]
fn a_known_recipe_is_confirmed_by_the_beginning_of_a_file() {
    let text = text();
    let all = u64::MAX;
    let none = Facts::default();
    for recipe in streamed() {
        let file = rebuild(recipe, &text);
        for open_bytes in [0, 1, 100_000, text.len() as u64, all] {
            assert!(agrees(recipe.name(), &file, &facts(), open_bytes).unwrap(), "{recipe}, {open_bytes}");
        }
        assert_eq!(agrees(recipe.name(), &file, &none, all).unwrap(), !recipe.needs_facts(), "{recipe}");
    }
    let files = ["gzip-6", "xz-6", "zstd-10", "none"].map(|recipe| rebuild(named(recipe), &text));
    for (recipe, file) in [("gzip-9", 0), ("xz-5", 1), ("zstd-9", 2), ("zstd-10-unsplit", 2), ("gzip-6", 3)] {
        assert!(!agrees(recipe, &files[file], &facts(), all).unwrap(), "{recipe}");
    }
    let later = Facts { revision: Some(1), ..facts() };
    assert!(!agrees("gzip-9-named", &rebuild(named("gzip-9-named"), &text), &later, 100_000).unwrap());
}

#[test]
fn a_file_that_is_not_whole_is_no_file_that_agrees() {
    let text = text();
    let file = rebuild(named("gzip-6"), &text);
    agrees("gzip-6", &file[..file.len() / 2], &facts(), u64::MAX).unwrap_err();
    // What comes after the bytes that are looked at is not known.
    assert!(agrees("gzip-6", &file[..file.len() / 2], &facts(), 1_000).unwrap());
    let mut changed = file.clone();
    changed[file.len() / 2] ^= 1;
    // It differs, or can no longer be read.
    let fits = |file: &[u8]| matches!(agrees("gzip-6", file, &facts(), u64::MAX), Ok(true));
    assert!(fits(&file) && !fits(&changed));
    assert!(!fits(&[file, vec![0; 20]].concat()));
}

#[test]
fn facts_are_those_of_a_record() {
    let of = |name: &str| Facts::from_repomd(Some("1704674332"), name);
    assert_eq!(of("primary.xml.gz"), facts());
    assert_eq!(of(&format!("{}-primary.xml.gz", "0f".repeat(32))), facts());
    assert_eq!(of("my-primary.xml.gz").name.as_deref(), Some("my-primary.xml"));
    for text in ["4294967296", "2024-01-08", ""] {
        assert_eq!(Facts::from_repomd(Some(text), "x"), Facts { revision: None, name: Some("x".to_owned()) });
    }
}

#[test]
fn facts_that_are_missing_or_cannot_be_written_are_told() {
    let recipe = named("gzip-9-named");
    let error = recipe.rebuilder(Vec::new(), None).unwrap_err();
    assert_eq!(error.to_string(), "compressing as gzip-9-named needs its revision, which is not known");
    for name in
        [None, Some(String::new()), Some("a\0b".to_owned()), Some("é".to_owned()), Some("x".repeat(256))]
    {
        let error = recipe.rebuilder_with(Vec::new(), None, &Facts { name, ..facts() }).unwrap_err();
        assert!(matches!(error, RebuildError::FactUnknown { fact: "name", .. }), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_bytes_do_not_depend_on_how_the_content_is_cut(
        number in 0..u8::try_from(streamed().count()).unwrap(),
        cut in 1..300_000_usize,
        end in 0..700_000_usize,
    ) {
        let recipe = Recipe::from_number(number).unwrap();
        let text = text();
        let text = &text[..end.min(text.len())];
        prop_assert!(rebuild_in_pieces(recipe, text, cut) == rebuild(recipe, text));
    }

    #[test]
    fn damage_is_never_taken_for_a_file_of_a_recipe(
        number in 0..u8::try_from(streamed().count()).unwrap(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let recipe = Recipe::from_number(number).unwrap();
        let mut file = rebuild(recipe, &text()[..60_000]);
        let at = at.index(file.len());
        file[at] ^= flip;
        if let Ok(Some(found)) = find(&file) {
            let (open, _) = samples::open(&file, Expect::default()).unwrap();
            prop_assert!(rebuild(found, &open) == file);
        }
    }

    #[test]
    fn no_first_bytes_give_another_compressions_recipe(head in proptest::collection::vec(any::<u8>(), 0..20)) {
        for recipe in recipe::candidates(&head) {
            prop_assert_eq!(Some(recipe.compression()), Compression::detect(&head));
        }
    }
}
