//! The laws of the editor and the reader, on documents of random style, on
//! damaged ones and on arbitrary bytes.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use repomd::edit::Additions;
use repomd::{Checksum, Delta, Journal, Location, Repomd, Timestamp, strip, with_deltas};
use support::{KINDS, document, unplaced};

fn delta() -> impl Strategy<Value = Delta> {
    let name = "repodata/[a-z&'<> é]{1,12}(%20)?[.]delta[0-9][.]bz2";
    ("([0-9a-f]{2}){1,8}", name, 0..1_u64 << 63, any::<u64>(), any::<bool>()).prop_filter_map(
        "a value was refused",
        |(hex, name, seconds, size, fraction)| {
            let fraction = if fraction { ".5" } else { "" };
            Some(Delta {
                checksum: Checksum::new("sha256", &hex).ok()?,
                location: Location::new(&name).ok()?,
                timestamp: Timestamp::parse(&format!("{seconds}{fraction}")).ok()?,
                size,
            })
        },
    )
}

fn journal() -> impl Strategy<Value = Journal> {
    let number = || prop::option::of(any::<u8>());
    (delta(), "[0-9a-f]{64}", any::<u64>(), number(), number()).prop_filter_map(
        "a value was refused",
        |(delta, hex, head_size, recipe, chunks)| {
            let digest = Checksum::new("sha256", &hex).ok()?;
            Some(Journal {
                location: delta.location,
                size: delta.size,
                checksum: digest.clone(),
                head_size,
                head_checksum: digest.clone(),
                open_checksum: digest,
                recipe,
                chunks,
            })
        },
    )
}

/// Deltas for some of the record types that documents may have.
fn deltas() -> impl Strategy<Value = BTreeMap<String, Additions>> {
    let kind = prop::sample::select(KINDS).prop_map(str::to_owned);
    let additions = (prop::option::of(journal()), prop::collection::vec(delta(), 0..4))
        .prop_map(|(journal, deltas)| Additions { journal, deltas });
    prop::collection::btree_map(kind, additions, 0..3)
}

/// The lists for records that this document has and that can take deltas.
fn fitting(document: &[u8], lists: BTreeMap<String, Additions>) -> BTreeMap<String, Additions> {
    let model = Repomd::parse(document).unwrap_or_default();
    let fits = |kind: &str| model.record(kind).is_some_and(|record| record.servable().is_ok());
    lists.into_iter().filter(|(kind, _)| fits(kind)).collect()
}

proptest! {
    #[test]
    fn stripping_restores_every_byte(document in document()) {
        prop_assert_eq!(strip(document.edited.as_bytes())?, document.bare.as_bytes());
        prop_assert_eq!(strip(document.bare.as_bytes())?, document.bare.as_bytes());
    }

    #[test]
    fn inserting_changes_nothing_else(document in document(), lists in deltas()) {
        let given = document.edited.as_bytes();
        let lists = fitting(given, lists);
        let edited = with_deltas(given, &lists)?;
        prop_assert_eq!(strip(&edited)?, document.bare.as_bytes());
        prop_assert_eq!(with_deltas(&edited, &lists)?, edited.clone());
        prop_assert_eq!(with_deltas(document.bare.as_bytes(), &lists)?, edited);
    }

    #[test]
    fn what_was_inserted_is_read(document in document(), lists in deltas()) {
        let lists = fitting(document.edited.as_bytes(), lists);
        let before = Repomd::parse(document.bare.as_bytes())?;
        let edited = with_deltas(document.edited.as_bytes(), &lists)?;
        let mut after = Repomd::parse(&edited)?;
        for record in &mut after.records {
            let deltas: Vec<Delta> = record.usable_deltas().cloned().collect();
            prop_assert_eq!(deltas.len(), record.deltas.len());
            prop_assert_eq!(record.check_delta_base(), Ok(()));
            let found = Additions { journal: record.journal().cloned(), deltas };
            prop_assert_eq!(found, lists.get(&record.kind).cloned().unwrap_or_default());
            *record = record.without_ours();
        }
        prop_assert_eq!(unplaced(after), unplaced(before));
    }

    #[test]
    fn what_is_inserted_comes_before_all_else(document in document(), lists in deltas()) {
        let lists = fitting(document.edited.as_bytes(), lists);
        let edited = String::from_utf8(with_deltas(document.edited.as_bytes(), &lists)?)?;
        let starts_with_ours = |record: &&str| {
            let content = record.split_once('>').map(|(_, content)| content.trim_start());
            content.is_some_and(|text| text.starts_with("<delta") || text.starts_with("<md:delta"))
        };
        let found = edited.split("data type=").skip(1).filter(starts_with_ours).count();
        let wanted = lists.values().filter(|list| **list != Additions::default()).count();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn the_first_location_of_a_record_with_deltas_is_its_own(document in document(), lists in deltas()) {
        let lists = fitting(document.edited.as_bytes(), lists);
        let edited = with_deltas(document.edited.as_bytes(), &lists)?;
        let model = Repomd::parse(&edited)?;
        let text = String::from_utf8(edited)?;
        for (record, text) in model.records.iter().zip(text.split("data type=").skip(1)) {
            let href = text.split_once("location href=\"").and_then(|(_, rest)| rest.split_once('"'));
            if !record.deltas.is_empty() {
                prop_assert_eq!(href.map(|(href, _)| href), Some(record.local_location()?.as_str()));
            }
        }
    }

    #[test]
    fn damage_never_panics_and_never_breaks_the_law(
        document in document(),
        lists in deltas(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        let mut bytes = document.edited.into_bytes();
        for (index, byte, kind) in damage {
            let at = index.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            let byte = b"<>&;'\"/=-]! \r\n\t:a0\xff"[usize::from(byte) % 19];
            match kind {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 => { bytes.remove(at); }
                _ => bytes.truncate(at),
            }
        }
        let lists = fitting(&bytes, lists);
        if let Ok(edited) = with_deltas(&bytes, &lists) {
            let bare = strip(&bytes)?;
            prop_assert_eq!(strip(&edited)?, bare.clone());
            prop_assert_eq!(strip(&bare)?, bare);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Repomd::parse(&bytes);
        let _ = strip(&bytes);
    }

    #[test]
    fn arbitrary_markup_never_panics(text in "<repomd>([<>/&;'\"= !?\\[\\]a-]|<data|<delta|CDATA|type='|-->|\\]\\]>){0,40}(</repomd>)?") {
        if let Err(error) = Repomd::parse(text.as_bytes()) {
            prop_assert!(error.offset() <= text.len());
        }
    }

    #[test]
    fn locations_that_are_taken_stay_inside(text in "[a./%2eEfF5cC\\\\:?#é~-]{0,12}") {
        if let Ok(location) = Location::new(&text) {
            prop_assert_eq!(location.as_str(), &text);
            for part in text.split('/') {
                prop_assert!(!part.is_empty() && part != "." && part != "..");
            }
        }
    }
}
