//! Editing a repomd.xml changes nothing but the elements of ours: of every
//! document that `strip` accepts, `strip(with_deltas(document, x))` is
//! `strip(document)`, both can be repeated, the deltas read back are those given,
//! and all else is left as it was, byte for byte.
//!
//! Input: which records get deltas (one bit each), a variant of the deltas and
//! of the place for one more element, and the document.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use repomd::edit::Additions;
use repomd::{Checksum, Delta, Journal, Location, Record, Repomd, Timestamp, strip, with_deltas};

type Lists = BTreeMap<String, Additions>;

fuzz_target!(|data: &[u8]| {
    let Some((&[which, variant], document)) = data.split_first_chunk() else { return };
    let Ok(bare) = strip(document) else { return };
    assert!(is_subsequence(&bare, document), "strip added something");
    assert_eq!(strip(&bare).as_ref(), Ok(&bare), "strip, repeated");
    let model = Repomd::parse(&bare).expect("what strip gives can be read");
    assert!(model.records.iter().all(|record| *record == record.without_ours()));
    assert_eq!(without_deltas(document), without_deltas(&bare), "strip changed what the document says");
    assert_eq!(with_deltas(document, &Lists::new()).as_ref(), Ok(&bare), "no deltas");

    let lists = lists(&model, which, variant);
    check_insertion(document, &bare, &lists);
    for (kind, list) in &lists {
        let one = Lists::from([(kind.clone(), list.clone())]);
        let edited = check_insertion(document, &bare, &one);
        assert!(is_one_insertion(&bare, &edited), "other bytes changed");
    }
    check_foreign_layout(&bare, &model, variant);
});

/// The laws of one edit; returns the edited document.
fn check_insertion(document: &[u8], bare: &Vec<u8>, lists: &Lists) -> Vec<u8> {
    let edited = with_deltas(document, lists).expect("these records can take deltas");
    assert_eq!(strip(&edited).as_ref(), Ok(bare), "strip after with_deltas");
    assert_eq!(with_deltas(&edited, lists).as_ref(), Ok(&edited), "with_deltas, repeated");
    assert_eq!(with_deltas(bare, lists).as_ref(), Ok(&edited), "with_deltas after strip");
    assert!(is_subsequence(bare, &edited), "with_deltas removed something");
    for record in &Repomd::parse(&edited).expect("what with_deltas gives can be read").records {
        let found: Vec<&Delta> = record.usable_deltas().collect();
        assert_eq!(found.len(), record.deltas.len());
        let given = lists.get(&record.kind).cloned().unwrap_or_default();
        assert_eq!(record.check_delta_base(), Ok(()), "delta-base of {}", record.kind);
        assert_eq!(record.journal(), given.journal.as_ref(), "journal of {}", record.kind);
        let given: Vec<&Delta> = given.deltas.iter().collect();
        assert_eq!(found, given, "deltas of {}", record.kind);
    }
    assert_eq!(without_deltas(&edited), without_deltas(bare), "what the document says");
    edited
}

/// An element of ours that another program put somewhere else goes, too.
fn check_foreign_layout(bare: &[u8], model: &Repomd, variant: u8) {
    let ends: Vec<usize> = (0..bare.len()).filter(|at| bare[*at] == b'>').map(|at| at + 1).collect();
    let Some(&at) = ends.get(usize::from(variant) % ends.len().max(1)) else { return };
    for element in
        ["<delta/>", "<md:delta>\n<x/> </md:delta>", "<delta-journal format='2'/>", "<delta-base/>"]
    {
        let more = [&bare[..at], element.as_bytes(), &bare[at..]].concat();
        // It is ours only where it became a child of a record.
        let Ok(read) = Repomd::parse(&more) else { continue };
        let has_ours = |record: &&Record| **record != record.without_ours();
        if read.records.iter().filter(has_ours).count() == 1 && read.records.len() == model.records.len() {
            assert_eq!(strip(&more).as_deref(), Ok(bare), "{element} at {at}");
        }
    }
}

/// Lists for those of the records that can take deltas and have their bit set.
fn lists(model: &Repomd, which: u8, variant: u8) -> Lists {
    let fitting = model.records.iter().filter(|record| record.servable().is_ok());
    let mut lists = Lists::new();
    for (nth, record) in fitting.enumerate() {
        if which >> (nth % 8) & 1 == 1 {
            let count = usize::from(variant % 4);
            lists.insert(
                record.kind.clone(),
                Additions {
                    journal: (variant & 4 != 0).then(|| journal(nth, variant)),
                    deltas: (0..count).map(|n| delta(n + nth)).collect(),
                },
            );
        }
    }
    lists
}

fn journal(n: usize, variant: u8) -> Journal {
    let Delta { location, size, .. } = delta(n);
    let digest = Checksum::new("sha256", &format!("{variant:02x}").repeat(32)).expect("a digest");
    Journal {
        location,
        size,
        checksum: digest.clone(),
        head_size: size >> 1,
        head_checksum: digest.clone(),
        open_checksum: digest,
        recipe: (variant & 8 != 0).then_some(variant),
        chunks: (variant & 16 != 0).then_some(variant),
    }
}

fn delta(n: usize) -> Delta {
    let names = ["repodata/00-primary.xml.delta0.bz2", "a&b/<c>'d\" e.delta%20", "é ]]> --", "&amp;lt;"];
    let times = ["0", "1700000000.25", "9223372036854775807"];
    Delta {
        checksum: Checksum::new("sha256", "00ff").expect("a checksum"),
        location: Location::new(names[n % names.len()]).expect("a location"),
        timestamp: Timestamp::parse(times[n % times.len()]).expect("a timestamp"),
        size: u64::MAX >> (n % 64),
    }
}

/// What a document says without deltas, and which of its elements are malformed:
/// their places move.
fn without_deltas(document: &[u8]) -> (Repomd, Vec<&'static str>) {
    let mut model = Repomd::parse(document).expect("it was read before");
    for record in &mut model.records {
        *record = record.without_ours();
    }
    let records = model.records.iter_mut().map(|record| &mut record.faults);
    let faults = records.chain([&mut model.faults]).flat_map(std::mem::take);
    let elements = faults.map(|fault| fault.element).collect();
    (model, elements)
}

/// Whether `more` is `bare` with one run of bytes inserted, or none.
fn is_one_insertion(bare: &[u8], more: &[u8]) -> bool {
    let head = bare.iter().zip(more).take_while(|(a, b)| a == b).count();
    let tail = bare.iter().rev().zip(more.iter().rev()).take_while(|(a, b)| a == b).count();
    more.len() >= bare.len() && head + tail >= bare.len()
}

fn is_subsequence(part: &[u8], whole: &[u8]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|byte| rest.any(|other| other == byte))
}
