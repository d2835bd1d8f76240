//! Editing a repomd.xml changes nothing but what is ours: of every
//! document that `strip` accepts, `strip(with_deltas(document, x))` is
//! `strip(document)`, both can be repeated, the deltas and the journal read back are
//! those given, and all else is left as it was, byte for byte.
//!
//! Input: which records get deltas (one bit each), a variant of the deltas, of the
//! journal and of the place for one more element, and the document.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use repomd::edit::{Additions, EditError};
use repomd::journal::{Journal, JournalType, NewestSteps, Recipe};
use repomd::{Checksum, Delta, Location, Record, Repomd, Timestamp, strip, with_deltas};

fuzz_target!(|data: &[u8]| {
    let Some((&[which, variant], document)) = data.split_first_chunk() else { return };
    let Ok(bare) = strip(document) else { return };
    assert!(is_subsequence(&bare, document), "strip added something");
    assert_eq!(strip(&bare).as_ref(), Ok(&bare), "strip, repeated");
    let model = Repomd::parse(&bare).expect("what strip gives can be read");
    assert_eq!(model, model.without_ours());
    assert_eq!(without_ours(document), without_ours(&bare), "strip changed what the document says");
    assert_eq!(with_deltas(document, &Additions::default()).as_ref(), Ok(&bare), "nothing");

    let journal = (variant & 4 != 0).then(|| journal(usize::from(which), variant));
    let mut alone = Additions { journal, ..Additions::default() };
    if with_deltas(&bare, &alone) == Err(EditError::NoContent) {
        alone.journal = None;
    }
    let deltas = deltas(&model, which, variant);
    let lists: Vec<Additions> =
        deltas.iter().map(|(kind, list)| BTreeMap::from([(kind.clone(), list.clone())]).into()).collect();
    check_insertion(document, &bare, &Additions { journal: alone.journal.clone(), deltas });
    for one in lists.iter().chain([&alone]) {
        let edited = check_insertion(document, &bare, one);
        assert!(is_one_insertion(&bare, &edited), "other bytes changed");
    }
    check_foreign_layout(&bare, &model, variant);
});

/// The laws of one edit; returns the edited document.
fn check_insertion(document: &[u8], bare: &Vec<u8>, additions: &Additions) -> Vec<u8> {
    let edited = with_deltas(document, additions).expect("these records can take deltas");
    assert_eq!(strip(&edited).as_ref(), Ok(bare), "strip after with_deltas");
    assert_eq!(with_deltas(&edited, additions).as_ref(), Ok(&edited), "with_deltas, repeated");
    assert_eq!(with_deltas(bare, additions).as_ref(), Ok(&edited), "with_deltas after strip");
    assert!(is_subsequence(bare, &edited), "with_deltas removed something");
    let model = Repomd::parse(&edited).expect("what with_deltas gives can be read");
    assert_eq!(model.journal, additions.journal);
    for record in &model.records {
        let found: Vec<&Delta> = record.usable_deltas().collect();
        assert_eq!(found.len(), record.deltas.len());
        let given = additions.deltas.get(&record.kind).map(Vec::as_slice).unwrap_or_default();
        assert_eq!(record.check_delta_base(), Ok(()), "delta-base of {}", record.kind);
        assert_eq!(found, Vec::from_iter(given), "deltas of {}", record.kind);
    }
    assert_eq!(without_ours(&edited), without_ours(bare), "what the document says");
    edited
}

/// An element of ours that another program put somewhere else goes, too.
fn check_foreign_layout(bare: &[u8], model: &Repomd, variant: u8) {
    let ends: Vec<usize> = (0..bare.len()).filter(|at| bare[*at] == b'>').map(|at| at + 1).collect();
    let Some(&at) = ends.get(usize::from(variant) % ends.len().max(1)) else { return };
    for element in ["<delta/>", "<md:delta>\n<x/> </md:delta>", "<delta-base/>"] {
        let more = [&bare[..at], element.as_bytes(), &bare[at..]].concat();
        // It is ours only where it became a child of a record.
        let Ok(read) = Repomd::parse(&more) else { continue };
        let has_ours = |record: &&Record| **record != record.without_ours();
        if read.records.iter().filter(has_ours).count() == 1 && read.records.len() == model.records.len() {
            assert_eq!(strip(&more).as_deref(), Ok(bare), "{element} at {at}");
        }
    }
    // It is malformed, which is told only of one directly below the root.
    let more = [&bare[..at], b"<?delta-journal?>", &bare[at..]].concat();
    if let Ok(read) = Repomd::parse(&more) {
        let is_ours = read.faults.iter().any(|fault| fault.element == "delta-journal");
        assert_eq!(strip(&more).as_deref(), Ok(if is_ours { bare } else { &more }), "instruction at {at}");
    }
}

/// Lists for those of the records that can take deltas and have their bit set.
fn deltas(model: &Repomd, which: u8, variant: u8) -> BTreeMap<String, Vec<Delta>> {
    let fitting = model.records.iter().filter(|record| record.servable().is_ok());
    let named = fitting.enumerate().filter(|(nth, _)| which >> (nth % 8) & 1 == 1);
    let list = |nth: usize| (0..usize::from(variant % 4)).map(|n| delta(n + nth)).collect();
    named.map(|(nth, record)| (record.kind.clone(), list(nth))).collect()
}

fn journal(n: usize, variant: u8) -> Journal {
    let hex = format!("{variant:02x}").repeat(32);
    let kind = |n: usize| JournalType { name: format!("type-{n}"), id: [variant; 4] };
    let recipe = Recipe { number: variant, chunks: (variant & 16 != 0).then_some(variant) };
    let parts: Vec<u64> = (0..=n as u64 % 64).collect();
    Journal {
        location: Location::new(&format!("repodata/{hex}-&'<é>.journal")).expect("a location"),
        checksum: Checksum::new("sha256", &hex).expect("a digest"),
        size: u64::MAX >> (1 + n % 32),
        head_size: n as u64,
        head_digest: [variant; 16],
        id: [variant; 4],
        sequence: n as u64,
        types: (0..parts.len()).map(kind).collect(),
        recipes: (0..usize::from(variant >> 5)).map(|n| (format!("record.{n}"), recipe)).collect(),
        newest: (variant & 8 != 0).then(|| NewestSteps {
            table: n as u64,
            parts,
            digest: [variant; 16],
            further: (0..u64::from(variant >> 4)).collect(),
        }),
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

/// What a document says without what is ours, and which of its elements are malformed:
/// their places move.
fn without_ours(document: &[u8]) -> (Repomd, Vec<&'static str>) {
    let mut model = Repomd::parse(document).expect("it was read before").without_ours();
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
