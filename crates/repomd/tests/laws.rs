//! The laws of the editor and the reader, on documents of random style, on
//! damaged ones and on arbitrary bytes.

mod support;

use std::collections::BTreeMap;

use proptest::prelude::*;
use repomd::edit::Additions;
use repomd::journal::{Journal, JournalType, NewestSteps, Recipe};
use repomd::{Checksum, Delta, Location, Repomd, Timestamp, strip, with_deltas};
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

fn recipe() -> impl Strategy<Value = Recipe> {
    (any::<u8>(), prop::option::of(any::<u8>())).prop_map(|(number, chunks)| Recipe { number, chunks })
}

fn newest(types: usize) -> impl Strategy<Value = NewestSteps> {
    let number = || 0..1_u64 << 40;
    let parts = prop::collection::vec(number(), types);
    (number(), parts, any::<[u8; 16]>(), prop::collection::vec(number(), 0..5))
        .prop_map(|(table, parts, digest, further)| NewestSteps { table, parts, digest, further })
}

fn journal() -> impl Strategy<Value = Journal> {
    let name = || "[A-Za-z0-9_.+-]{1,64}";
    let types = prop::collection::btree_map(name(), any::<[u8; 4]>(), 1..9);
    let steps = types.prop_flat_map(|types| {
        let newest = prop::option::of(newest(types.len()));
        (Just(types), newest)
    });
    let recipes = prop::collection::btree_map(name(), recipe(), 0..9);
    let numbers = (1_u64 << 60..1 << 63, 0..1_u64 << 50, any::<[u8; 16]>(), any::<[u8; 4]>(), 0..1_u64 << 63);
    ("[0-9a-f]{64}", "[a-z&'<> é]{1,12}(%20)?", numbers, steps, recipes).prop_filter_map(
        "a value was refused",
        |(hex, name, (size, head_size, head_digest, id, sequence), (types, newest), recipes)| {
            Some(Journal {
                location: Location::new(&format!("repodata/{hex}-{name}")).ok()?,
                checksum: Checksum::new("sha256", &hex).ok()?,
                size,
                head_size,
                head_digest,
                id,
                sequence,
                types: types.into_iter().map(|(name, id)| JournalType { name, id }).collect(),
                recipes,
                newest,
            })
        },
    )
}

/// A journal, and deltas for some of the record types that documents may have.
fn additions() -> impl Strategy<Value = Additions> {
    let kind = prop::sample::select(KINDS).prop_map(str::to_owned);
    let deltas = prop::collection::btree_map(kind, prop::collection::vec(delta(), 0..4), 0..3);
    (prop::option::of(journal()), deltas).prop_map(|(journal, deltas)| Additions { journal, deltas })
}

/// What this document can take of the additions.
fn fitting(document: &[u8], mut additions: Additions) -> Additions {
    let model = Repomd::parse(document).unwrap_or_default();
    let fits = |kind: &str| model.record(kind).is_some_and(|record| record.servable().is_ok());
    additions.deltas.retain(|kind, _| fits(kind));
    additions
}

proptest! {
    #[test]
    fn stripping_restores_every_byte(document in document()) {
        prop_assert_eq!(strip(document.edited.as_bytes())?, document.bare.as_bytes());
        prop_assert_eq!(strip(document.bare.as_bytes())?, document.bare.as_bytes());
    }

    #[test]
    fn inserting_changes_nothing_else(document in document(), lists in additions()) {
        let given = document.edited.as_bytes();
        let lists = fitting(given, lists);
        let edited = with_deltas(given, &lists)?;
        prop_assert_eq!(strip(&edited)?, document.bare.as_bytes());
        prop_assert_eq!(with_deltas(&edited, &lists)?, edited.clone());
        prop_assert_eq!(with_deltas(document.bare.as_bytes(), &lists)?, edited);
    }

    #[test]
    fn what_was_inserted_is_read(document in document(), lists in additions()) {
        let lists = fitting(document.edited.as_bytes(), lists);
        let before = Repomd::parse(document.bare.as_bytes())?;
        let edited = with_deltas(document.edited.as_bytes(), &lists)?;
        let after = Repomd::parse(&edited)?;
        for record in &after.records {
            let deltas: Vec<Delta> = record.usable_deltas().cloned().collect();
            prop_assert_eq!(deltas.len(), record.deltas.len());
            prop_assert_eq!(record.check_delta_base(), Ok(()));
            prop_assert_eq!(deltas, lists.deltas.get(&record.kind).cloned().unwrap_or_default());
        }
        prop_assert_eq!(&after.journal, &lists.journal);
        prop_assert_eq!(unplaced(after.without_ours()), unplaced(before));
    }

    #[test]
    fn the_journal_follows_the_revision(document in document(), journal in journal()) {
        let lists = Additions { journal: Some(journal), deltas: BTreeMap::new() };
        let edited = String::from_utf8(with_deltas(document.edited.as_bytes(), &lists)?)?;
        let before = edited.split_once("<?delta-journal format=\"2\" href").map(|(before, _)| before.trim_end());
        let bare = String::from_utf8(strip(edited.as_bytes())?)?;
        let revision = bare.match_indices("revision>").nth(1);
        let front = revision.or_else(|| bare.match_indices(" >").next()).map(|(at, tag)| &bare[..at + tag.len()]);
        prop_assert_eq!(before, front);
    }

    #[test]
    fn what_is_inserted_comes_before_all_else(document in document(), lists in additions()) {
        let lists = fitting(document.edited.as_bytes(), lists);
        let edited = String::from_utf8(with_deltas(document.edited.as_bytes(), &lists)?)?;
        let starts_with_ours = |record: &&str| {
            let content = record.split_once('>').map(|(_, content)| content.trim_start());
            content.is_some_and(|text| text.starts_with("<delta-base>") || text.starts_with("<md:delta-base>"))
        };
        let found = edited.split("data type=").skip(1).filter(starts_with_ours).count();
        let wanted = lists.deltas.values().filter(|list| !list.is_empty()).count();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn the_first_location_of_a_record_with_deltas_is_its_own(document in document(), lists in additions()) {
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
        lists in additions(),
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
            prop_assert_eq!(Repomd::parse(&edited)?.journal, lists.journal.clone());
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
    fn arbitrary_markup_never_panics(text in "<repomd>([<>/&;'\"= !?\\[\\]a-]|<data|<delta|<\\?delta-journal |format=\"2\" |CDATA|type='|-->|\\]\\]>){0,40}(</repomd>)?") {
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
