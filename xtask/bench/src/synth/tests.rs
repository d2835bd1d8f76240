//! That a history is deterministic, well-formed and sorted, and changes as asked.

use super::history::{Binary, name};
use super::package::Package;
use super::{Churn, History, Options, filelists, other, primary};
use codec::{Expect, OpenReader};
use repomd::Repomd;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

type Put = fn(&mut Vec<u8>, &Package);
const PUTS: [Put; 3] = [primary::package, filelists::package, other::package];

fn history(packages: u32) -> History {
    History::new(Options { packages, seed: 7 }).unwrap()
}

/// An empty directory of the test's own.
fn scratch(test: &str) -> PathBuf {
    let directory =
        xtask_common::paths::scratch().join("synth").join(format!("{test}-{}", std::process::id()));
    xtask_common::paths::make_empty(&directory).unwrap();
    directory
}

/// All files below `directory`/repodata with their content.
fn files(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory.join("repodata")).unwrap().map(Result::unwrap);
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

/// Every package's text of one type, by name.
fn chunks(history: &History, put: Put) -> BTreeMap<Vec<u8>, Vec<u8>> {
    let mut chunks = BTreeMap::new();
    for binary in &history.listed {
        let mut text = Vec::new();
        put(&mut text, &Package::new(history, *binary));
        assert!(chunks.insert(name(history.options.seed, *binary), text).is_none(), "names are unique");
    }
    chunks
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let directory = scratch("same");
    let (forward, direct, again) =
        (directory.join("forward"), directory.join("direct"), directory.join("again"));
    let mut first = history(300);
    for generation in 1..=4 {
        first.write(generation, &forward).unwrap();
    }
    history(300).write(4, &direct).unwrap();
    first.write(6, &again).unwrap();
    first.write(4, &again).unwrap();
    assert_eq!(files(&forward), files(&direct));
    assert_eq!(files(&forward), files(&again), "going back starts again");
    History::new(Options { packages: 300, seed: 8 }).unwrap().write(4, &again).unwrap();
    assert_ne!(
        files(&forward).into_keys().collect::<Vec<_>>(),
        files(&again).into_keys().collect::<Vec<_>>()
    );
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn generations_are_what_repomd_xml_says_and_have_a_chunk_per_package() {
    let directory = scratch("chunks");
    let mut history = history(300);
    for generation in [1, 2, 9] {
        history.write(generation, &directory).unwrap();
        let files = files(&directory);
        let model = Repomd::parse(&files["repomd.xml"]).unwrap();
        assert_eq!(files.len(), 4);
        for record in &model.records {
            let location = record.local_location().unwrap().in_repodata().unwrap().to_owned();
            let file = &files[&location];
            assert_eq!(record.size, Some(file.len() as u64));
            let expect = Expect {
                open_size: record.open_size,
                open_digests: vec![codec::Algorithm::Sha256],
                ..Expect::default()
            };
            let mut reader = OpenReader::new(std::io::Cursor::new(file.clone()), "synth", expect).unwrap();
            let mut open = Vec::new();
            reader.read_to_end(&mut open).unwrap();
            let digest = reader.finish().unwrap().open_digest(codec::Algorithm::Sha256).unwrap();
            let digits = format!(">{}</open-checksum>", digest.to_hex());
            assert!(String::from_utf8_lossy(&files["repomd.xml"]).contains(&digits));
            let open = String::from_utf8(open).unwrap();
            let mut pieces = open.split("<package ");
            let header = pieces.next().unwrap();
            assert!(header.ends_with(&format!("packages=\"{}\">\n", history.packages())));
            let pieces: Vec<&str> = pieces.collect();
            assert_eq!(pieces.len(), history.packages());
            let (last, rest) = pieces.split_last().unwrap();
            assert!(rest.iter().all(|piece| piece.ends_with("</package>\n")));
            let (_, footer) = last.rsplit_once("</package>\n").unwrap();
            assert!(footer.starts_with("</") && footer.ends_with('>'));
        }
    }
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn packages_stay_sorted() {
    let mut history = history(2000);
    for generation in 1..=200 {
        history.go_to(generation).unwrap();
        let names: Vec<_> = history.listed.iter().map(|b| name(7, *b)).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "generation {generation}");
    }
}

#[test]
fn churn_is_what_the_model_distribution_has() {
    let mut history = history(76_439);
    let mut sum = Churn::default();
    for generation in 2..=201 {
        history.go_to(generation).unwrap();
        let churn = history.churn();
        assert!((1..=180).contains(&churn.total()), "generation {generation}: {churn:?}");
        sum.updated += churn.updated;
        sum.stamped += churn.stamped;
        sum.added += churn.added;
        sum.removed += churn.removed;
    }
    let total = sum.total();
    assert!((70 * 200..=80 * 200).contains(&total), "{total} packages in 200 publishes");
    assert!((70..=90).contains(&(sum.updated * 100 / total)), "{sum:?}");
    for few in [sum.stamped, sum.added, sum.removed] {
        assert!((2..=16).contains(&(few * 100 / total)), "{sum:?}");
    }
    assert!((75_000..=78_000).contains(&history.packages()));
}

#[test]
fn only_what_was_touched_changes_and_most_of_it_stays() {
    let mut history = history(3000);
    for generation in 2..=12 {
        let before = PUTS.map(|put| chunks(&history, put));
        history.go_to(generation).unwrap();
        let churn = history.churn();
        for (put, before) in PUTS.into_iter().zip(&before) {
            let after = chunks(&history, put);
            let changed: Vec<_> = after
                .iter()
                .filter(|(name, text)| before.get(*name).is_some_and(|old| old != *text))
                .collect();
            let stamped = if put as usize == PUTS[0] as usize { churn.stamped } else { 0 };
            assert_eq!(changed.len(), (churn.updated + stamped) as usize, "generation {generation}");
            assert_eq!(after.keys().filter(|name| !before.contains_key(*name)).count(), churn.added as usize);
            assert_eq!(
                before.keys().filter(|name| !after.contains_key(*name)).count(),
                churn.removed as usize
            );
        }
    }
}

/// Favourites are updated again and again, so that a chain of steps carries more
/// than the direct way.
#[test]
fn favourites_are_updated_repeatedly() {
    let first = history(76_439);
    let mut last = first.clone();
    let mut chain = 0;
    for generation in 2..=56 {
        last.go_to(generation).unwrap();
        chain += last.churn().updated + last.churn().stamped;
    }
    let changed = |binary: &&Binary| {
        let old = first.sources.get(binary.source as usize);
        old.is_some_and(|old| old.stamped != last.sources[binary.source as usize].stamped)
    };
    let direct = u32::try_from(last.listed.iter().filter(changed).count()).unwrap();
    let percent = chain * 100 / direct;
    println!("{chain} changes of {direct} packages: {percent} %");
    assert!((110..=150).contains(&percent), "{chain} changes of {direct} packages");
}
