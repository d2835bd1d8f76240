//! Selection is that of yum's merged code, wherever deltas are to be used at all.

#![allow(clippy::unwrap_used, reason = "tests")]

mod yum_rule;

use std::fmt::Write as _;

use delta_client::select::{CopyVersion, Selection, select};
use proptest::prelude::*;
use repomd::Repomd;
use yum_rule::yum;

/// The record's own size and timestamp.
const FULL: u64 = 1_000;
const NOW: u64 = 50;

/// A repomd.xml with one record and these deltas: timestamp and size.
fn repomd(deltas: &[(u64, u64)]) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <repomd xmlns=\"http://linux.duke.edu/metadata/repo\">\n  <data type=\"primary\">\n"
        .to_owned();
    let digest = "0".repeat(64);
    for (number, (timestamp, size)) in deltas.iter().enumerate() {
        writeln!(
            text,
            "    <delta><checksum type=\"sha256\">{digest}</checksum>\
             <location href=\"repodata/{number}.bz2\"/><timestamp>{timestamp}</timestamp>\
             <size>{size}</size></delta>"
        )
        .unwrap();
    }
    write!(
        text,
        "    <checksum type=\"sha256\">{digest}</checksum>\n    <location href=\"repodata/full.xml.gz\"/>\n    \
         <timestamp>{NOW}</timestamp>\n    <size>{FULL}</size>\n  </data>\n</repomd>\n"
    )
    .unwrap();
    text
}

fn check(deltas: &[(u64, u64)], copy: u64) {
    let text = repomd(deltas);
    let model = Repomd::parse(text.as_bytes()).unwrap();
    let held = CopyVersion { timestamp: Some(copy), open_checksum: None };
    // Neither has a delta for what is not older, and none that is no smaller
    // than the full file is worth fetching.
    let expected = yum(&text, "primary", copy).filter(|delta| copy < NOW && delta.size < FULL);
    match select(&model.records[0], &held) {
        Selection::Delta(delta) => {
            assert_eq!(Some(delta.location.as_str()), expected.map(|listed| listed.href), "{text}{copy}");
        }
        Selection::Full { .. } => assert_eq!(expected, None, "{text}{copy}"),
        Selection::Current => unreachable!("no checksum was given"),
    }
}

#[test]
fn the_first_one_that_is_old_enough_wins() {
    let descending = [(40, 10), (30, 20), (20, 30)];
    for copy in 0..60 {
        check(&descending, copy);
    }
    let text = repomd(&descending);
    let href = |copy| yum(&text, "primary", copy).map(|listed| listed.href);
    assert_eq!(href(45), Some("repodata/0.bz2"));
    assert_eq!(href(40), Some("repodata/0.bz2"));
    assert_eq!(href(39), Some("repodata/1.bz2"));
    assert_eq!(href(20), Some("repodata/2.bz2"));
    assert_eq!(href(19), None);
}

proptest! {
    #[test]
    fn the_order_of_the_document_decides(
        deltas in prop::collection::vec((0_u64..60, 1_u64..1_500), 0..7),
        copy in 0_u64..60,
    ) {
        check(&deltas, copy);
    }
}
