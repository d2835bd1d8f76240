//! Reading any bytes as a repomd.xml ends in a model or an error, without a
//! panic and twice alike; an error points into the document, and what the model
//! holds is as safe as its documentation says.
//!
//! Input: the document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use repomd::journal::{Journal, MAX_TYPES, is_name};
use repomd::{Location, Repomd};

fuzz_target!(|document: &[u8]| {
    let read = Repomd::parse(document);
    assert_eq!(read, Repomd::parse(document), "read twice");
    match read {
        Ok(model) => check(&model),
        Err(error) => {
            assert!(error.offset() <= document.len(), "{error}");
            assert!(!error.to_string().contains(char::is_control), "{error}");
        }
    }
});

fn check(model: &Repomd) {
    if let Some(journal) = &model.journal {
        assert!(model.faults.iter().all(|fault| fault.element != "delta-journal"));
        check_journal(journal);
    }
    for record in &model.records {
        assert!(!record.kind.is_empty());
        let is_repeated = model.records.iter().filter(|other| other.kind == record.kind).count() > 1;
        let is_told = record.faults.iter().any(|fault| fault.element == "data");
        assert_eq!(is_repeated, is_told, "two {}", record.kind);
        assert!(!is_repeated || record.servable().is_err());
        if let Ok(location) = record.local_location() {
            check_location(location);
        }
        for delta in record.usable_deltas() {
            check_location(&delta.location);
            assert!(delta.checksum.hex().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
            assert!(delta.timestamp.seconds() < 1 << 63);
        }
    }
}

/// A journal that was taken is as its documentation says, and can be written.
fn check_journal(journal: &Journal) {
    check_location(&journal.location);
    assert_eq!(
        journal.location.file_name().split_once('-').map(|(hex, _)| hex),
        Some(journal.checksum.hex())
    );
    assert!((1..=MAX_TYPES).contains(&journal.types.len()));
    let names = journal.types.iter().map(|kind| &kind.name);
    assert!(names.chain(journal.recipes.keys()).all(|name| is_name(name)));
    if let Some(newest) = &journal.newest {
        assert_eq!(newest.parts.len(), journal.types.len());
        let parts = newest.parts.iter().filter(|number| **number > 1);
        let steps: u64 = parts.chain(&newest.further).sum();
        assert!(journal.head_size + newest.table + steps <= journal.size);
    }
    let mut model = Repomd::default();
    model.journal = Some(journal.clone());
    let written = model.to_xml().expect("it was read");
    assert_eq!(Repomd::parse(&written), Ok(model));
}

/// A location that was taken leads into the repository, escaped or not.
fn check_location(location: &Location) {
    let text = location.as_str();
    assert_eq!(Location::new(text).as_ref(), Ok(location));
    let decoded = text.replace("%2e", ".").replace("%2E", ".").replace("%2f", "/").replace("%2F", "/");
    for part in decoded.split('/') {
        assert!(!matches!(part, "" | "." | ".."), "{text}");
    }
    assert!(!text.contains(['\\', '?', '#']) && !text.contains(char::is_control), "{text:?}");
}
