//! Laws of journals, for any publishes of several types: whoever is served comes to the newest, byte for
//! byte, whatever types it has and whenever it got each of them.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fmt::Write as _;

use delta_core::Limits;
use delta_core::journal::{Head, Journal};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use support::history::{History, SEQUENCE};
use support::{apply, payload};

mod support;

const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// The files of one publish. A package is known by the digest of its name and version in all of them;
/// `header` is in primary alone, `odd` ends the file of other in another way.
fn publish(packages: &[(u8, u8)], header: u8, odd: bool) -> Vec<Vec<u8>> {
    let [mut primary, mut filelists, mut other] =
        [format!("<?xml?>\n<m v=\"{header}\">\n"), "<f>\n".into(), "<o>".into()];
    for (name, version) in packages {
        let id = pkgid(*name, *version);
        let body = "x".repeat(usize::from(*name) * 3);
        writeln!(primary, "<package n{name}>{body}<checksum>{id}</checksum></package>").unwrap();
        writeln!(filelists, "<package pkgid=\"{id}\"><file>/usr/{name}</file></package>").unwrap();
        if name % 3 > 0 {
            writeln!(other, "<package pkgid=\"{id}\" version=\"{version}\"/>").unwrap();
        }
    }
    other += if odd { "" } else { "</o>\n" };
    [primary + "</m>", filelists + "</f>\n", other].map(String::into_bytes).to_vec()
}

fn pkgid(name: u8, version: u8) -> String {
    Sha256::digest([name, version]).iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

/// Two to six publishes, newest first. Packages keep an order, and stay for a while.
fn histories() -> impl Strategy<Value = History> {
    let package = (0_u8..14, 0_u8..3);
    let publish = (prop::collection::vec(package, 0..12), 0_u8..2, any::<bool>())
        .prop_map(|(packages, header, odd)| publish(&packages, header, odd));
    let missing = prop::collection::vec((1_usize..6, 0_usize..3), 0..3);
    let missing = prop_oneof![3 => Just(Vec::new()), 1 => missing];
    (prop::collection::vec(publish, 2..6), missing, 1_usize..600).prop_map(
        |(publishes, missing, frame_bytes)| {
            let mut history = History::new(&TYPES, publishes);
            history.missing = missing;
            history.options = history.options.with_level(3);
            history.options.frame_bytes = frame_bytes;
            history.options.all_old_from = frame_bytes / 2;
            history
        },
    )
}

/// For each type how old a client's is: a publish, or nothing.
fn mixtures() -> impl Strategy<Value = Vec<Vec<Option<prop::sample::Index>>>> {
    prop::collection::vec(prop::collection::vec(any::<Option<prop::sample::Index>>(), 3), 4)
}

/// Every publish whole, and the mixtures: types, each with the publish that it is of.
fn clients(history: &History, mixtures: &[Vec<Option<prop::sample::Index>>]) -> Vec<Vec<(usize, usize)>> {
    let publishes = history.publishes.len();
    let mixed = mixtures.iter().map(|mixture| {
        let types = mixture.iter().enumerate();
        types.filter_map(|(nth, publish)| publish.map(|publish| (nth, publish.index(publishes)))).collect()
    });
    (1..publishes).map(|publish| (0..TYPES.len()).map(|nth| (nth, publish)).collect()).chain(mixed).collect()
}

/// The head of a journal, which says how long that is.
fn head(journal: &Journal) -> Head {
    let head = Head::read(&journal.bytes[..journal.head_len]).unwrap();
    assert_eq!(head.file_len(), journal.bytes.len() as u64);
    assert_eq!(head.sequence(), SEQUENCE);
    head
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whoever_has_the_head_comes_to_the_newest(
        history in histories(), mixtures in mixtures(), gap in 0_u64..300,
    ) {
        let all: Vec<usize> = (1..history.publishes.len()).collect();
        let last = history.publishes.len() - 1;
        let journal = history.journal(&[all, vec![last]]);
        let head = head(&journal);
        for held in clients(&history, &mixtures) {
            let held = history.outdated(&held);
            match head.reading(&history.bases(&held), gap) {
                Some(reading) => {
                    let bytes = history.assert_leads_on(&journal.bytes, &reading, &held, gap);
                    prop_assert!(bytes <= head.file_len() - head.len());
                }
                None => prop_assert!(held.is_empty() || !history.missing.is_empty()),
            }
        }
    }

    #[test]
    fn whoever_has_only_repomd_comes_to_the_newest(history in histories(), wanted in prop::sample::subsequence(vec![0, 1, 2], 0..4)) {
        let journal = history.journal(&[(1..history.publishes.len()).collect()]);
        let newest = journal.newest.unwrap();
        prop_assert_eq!(newest.reading(&wanted, 0), None);
        prop_assert_eq!(newest.reading(&wanted, newest.steps() + 1), None);
        if history.missing.is_empty() {
            prop_assert_eq!(newest.steps(), history.publishes.len() - 1);
        }
        for steps in 1..=newest.steps() {
            let held: Vec<(usize, usize)> = wanted.iter().map(|nth| (*nth, steps)).collect();
            match newest.reading(&wanted, steps) {
                Some(reading) => {
                    let bytes = history.assert_leads_on(&journal.bytes, &reading, &held, 0);
                    let told = newest.table + newest.parts.iter().filter(|part| **part > 1).sum::<u64>();
                    let told = told + newest.further[..steps - 1].iter().sum::<u64>();
                    prop_assert!(bytes == told || (steps == 1 && bytes < told));
                }
                None => prop_assert!(wanted.iter().any(|nth| history.missing.contains(&(1, *nth)))),
            }
        }
    }

    #[test]
    fn any_bytes_at_all(files in prop::collection::vec(
        prop::collection::vec(prop::sample::select(vec!["<package ", "</", "<", "a>\n", "package "]), 0..30),
        2..4,
    )) {
        let history = History::primary(files.into_iter().map(|parts| parts.concat().into_bytes()).collect());
        let journal = history.journal(&[(1..history.publishes.len()).collect()]);
        let head = head(&journal);
        for publish in 1..history.publishes.len() {
            let held = history.outdated(&[(0, publish)]);
            if let Some(reading) = head.reading(&history.bases(&held), 0) {
                history.assert_leads_on(&journal.bytes, &reading, &held, 0);
            }
        }
    }

    #[test]
    fn any_payload_is_applied_or_refused(payload in prop::collection::vec(any::<u8>(), 0..60)) {
        let limits = Limits::default().with_max_output(1000);
        let _ = apply(support::BASE, &[payload], std::io::sink(), &limits);
    }
}

/// New packages are in every type; their identifiers are sent once, and not in the parts.
#[test]
fn identifiers_are_sent_once() {
    let old: Vec<(u8, u8)> = (0..40).map(|name| (name, 0)).collect();
    let new: Vec<(u8, u8)> = (0..60).map(|name| (name, u8::from(name % 10 == 3))).collect();
    let mut history = History::new(&TYPES, vec![publish(&new, 0, false), publish(&old, 0, false)]);
    let (with, journal) = (history.step(1, 0), history.journal(&[vec![1]]));
    // Those that are new and those of another version.
    assert_eq!(with.ids().len(), 20 + 4);
    let id: [u8; 32] = Sha256::digest([50, 0]).into();
    let table = head(&journal).len()..head(&journal).len() + journal.newest.clone().unwrap().table;
    let table = &journal.bytes[support::history::as_usize(&table)];
    assert_eq!(table.windows(32).filter(|window| *window == id).count(), 1);
    history.assert_leads_on(
        &journal.bytes,
        &journal.newest.unwrap().reading(&[0, 1, 2], 1).unwrap(),
        &[(0, 1), (1, 1), (2, 1)],
        0,
    );

    history.shares = false;
    let without = history.step(1, 0);
    assert!(without.ids().is_empty());
    let (with, without) = (with.payloads(), without.payloads());
    // A third of the packages are not in the last type.
    for ((with, without), ids) in with.iter().zip(&without).zip([24, 24, 16]) {
        assert!(with.len() + ids * 30 < without.len(), "{} and {} bytes", with.len(), without.len());
    }
}

/// What is unchanged costs nothing, and who has that type only is led nowhere.
#[test]
fn a_type_that_did_not_change_has_no_part() {
    let packages = [(1, 0), (2, 0)];
    let history = History::new(&TYPES, vec![publish(&packages, 1, false), publish(&packages, 0, false)]);
    let journal = history.journal(&[vec![1]]);
    let newest = journal.newest.clone().unwrap();
    assert_eq!(newest.parts[1..], [0, 0]);
    assert_eq!(head(&journal).reading(&history.bases(&[(1, 1)]), 0), None);
    let reading = newest.reading(&[0, 2], 1).unwrap();
    let read = history.assert_leads_on(&journal.bytes, &reading, &[(0, 1), (2, 1)], 0);
    assert_eq!(read, newest.table + newest.parts[0]);
}

/// Beyond 64 KiB the steps of a run are sorted by type: who wants one type reads over the others.
#[test]
fn older_steps_are_sorted_by_type() {
    let noise = |seed: u32| -> String {
        (0..9000_u32).fold(String::new(), |mut text, n| {
            write!(text, "{:x}", (seed * 7919 + n).wrapping_mul(2_654_435_761)).unwrap();
            text
        })
    };
    let file = |seed: u32| format!("<m>\n<package {}/>\n</m>", noise(seed)).into_bytes();
    let publishes = (0..5).map(|n| vec![file(n), file(n + 50)]).collect();
    let history = History::new(&["primary", "other"], publishes);
    let journal = history.journal(&[vec![1, 2, 3, 4]]);
    assert_eq!(journal.newest.as_ref().unwrap().steps(), 1);
    let reading = head(&journal).reading(&history.bases(&[(0, 4)]), 0).unwrap();
    assert_eq!(reading.ranges(0).len(), 2, "the first step, and of the group tables and parts of one type");
    let bytes = history.assert_leads_on(&journal.bytes, &reading, &[(0, 4)], 0);
    assert!(bytes < journal.bytes.len() as u64 * 6 / 10, "{bytes} bytes");
}

#[test]
fn a_base_that_is_another_one_is_refused() {
    let file = |last: &str| format!("<m><package a/><package b/><package {last}/></m>").into_bytes();
    let history = History::primary(vec![file("c2"), file("c")]);
    let step = history.step(1, 0);
    let refusal = apply(b"<m></m>", &[step.payloads()[0].to_vec()], std::io::sink(), &Limits::default());
    let expected = "the old version has only 2 chunks; the journal is for another one";
    assert_eq!(refusal.unwrap_err().to_string(), expected);
    let nothing =
        apply(b"<m></m>", &[payload(0, b"", b"")[..3].to_vec()], std::io::sink(), &Limits::default());
    assert!(nothing.is_err(), "one frame where there is none");
}

/// What comes may stand anywhere in the old file, also after the place where it comes.
#[test]
fn text_that_stands_elsewhere_costs_nearly_nothing() {
    let package = |name: &str, n: u32| {
        let words: Vec<String> = (0..400_u32).map(|k| format!("{:x}", (n + k * 104_729) % 65_537)).collect();
        format!("<package {name}>{}</package>\n", words.concat())
    };
    let file = |first: &str| {
        let rest: Vec<String> = (0..40).map(|n| package(&format!("p{n}"), n * 7919)).collect();
        format!("<m>\n{first}{}</m>", rest.concat()).into_bytes()
    };
    let came: Vec<String> = (20..30).map(|n| package(&format!("q{n}"), n * 7919)).collect();
    let mut history = History::primary(vec![file(&came.concat()), file("")]);
    let len = |history: &History| history.step(1, 0).payloads()[0].len();
    assert!(len(&history) < 300, "{} bytes", len(&history));
    let journal = history.journal(&[vec![1]]);
    let reading = journal.newest.unwrap().reading(&[0], 1).unwrap();
    history.assert_leads_on(&journal.bytes, &reading, &[(0, 1)], 0);
    history.options.all_old_from = usize::MAX;
    assert!(len(&history) > 5_000, "{} bytes", len(&history));
}

/// Text beyond what is kept in memory goes through the scratch file.
#[test]
fn large_changes_spill() {
    let package = |n: u32, version: u32| {
        let body: Vec<String> =
            (0..2000_u32).map(|k| format!("{:x}", (n * 7919 + k * 104_729 + version) % 65_537)).collect();
        format!("<package {n} v={version}>{}</package>\n", body.concat())
    };
    let file = |version: u32| {
        let packages: String = (0..2600).map(|n| package(n, version)).collect();
        format!("<m>\n{packages}</m>").into_bytes()
    };
    let mut history = History::primary(vec![file(2), file(1), file(0)]);
    history.options = history.options.with_level(1);
    let journal = history.journal(&[vec![1, 2]]);
    let reading = head(&journal).reading(&history.bases(&[(0, 2)]), 0).unwrap();
    history.assert_leads_on(&journal.bytes, &reading, &[(0, 2)], 0);
}
