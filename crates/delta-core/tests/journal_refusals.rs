//! What broken journals are refused with: the texts that people will see. And
//! what refusing them costs: no case takes more memory than an honest journal may.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::sync::Arc;

use delta_core::Limits;
use delta_core::journal::{
    Fetched, GenerationId, Head, JournalPart, JournalStep, Newest, Reading, write_journal,
};
use sha2::{Digest, Sha256};
use support::{BASE, apply, frame, frame_that_says, hunk, number, payload, refusal, sized};

mod support;

/// A head of what follows its magic and flags.
fn head(rest: &[&[u8]]) -> Vec<u8> {
    [b"CRDJ\x02\x00".as_slice(), &rest.concat()].concat()
}

/// The head of one type, `p`, and a publish of number 200, with runs.
fn head_of_runs(runs: &[&[u8]]) -> Vec<u8> {
    head(&[&[1, 1, b'p', 0xc8, 1, u8::try_from(runs.len()).unwrap()], &runs.concat()])
}

/// A run of one group that shares so many steps, and has these.
fn run(shared: u64, steps: &[Vec<u8>]) -> Vec<u8> {
    [number(shared), number(steps.len() as u64), vec![0; 16], vec![1], steps.concat()].concat()
}

/// A step from the publish before, with a table of 18 bytes.
fn step(entry: u64, id: &[u8]) -> Vec<u8> {
    [vec![1, 18], number(entry), id.to_vec()].concat()
}

/// What is wrong, the head, and the text.
type BadHead = (&'static str, Vec<u8>, &'static str);

fn beginnings() -> Vec<BadHead> {
    vec![
        ("empty", vec![], "byte 0: expected 5 more bytes, found 0"),
        ("truncated magic", b"CRDJ".to_vec(), "byte 0: expected 5 more bytes, found 4"),
        (
            "an error page",
            b"<html>Not found</html>".to_vec(),
            "byte 5: expected a journal, `CRDJ\\x02`, found `<html`",
        ),
        (
            "a later version",
            b"CRDJ\x03\0\0".to_vec(),
            "byte 5: expected a journal, `CRDJ\\x02`, found `CRDJ\\x03`",
        ),
        ("unknown flags", b"CRDJ\x02\x80\0".to_vec(), "byte 6: expected no flags, found 0x80"),
        ("no count of types", head(&[]), "byte 6: expected 1 more bytes, found 0"),
        ("too many types", head(&[&[65]]), "byte 7: expected a number up to 64, found 65"),
        ("a type without a name", head(&[&[1, 0]]), "byte 8: expected the name of a type, found ``"),
        (
            "a name that is a path",
            head(&[&[1, 3], b"a/b"]),
            "byte 11: expected the name of a type, found `a/b`",
        ),
        ("a long name", head(&[&[1, 65], &[b'a'; 65]]), "byte 8: expected a number up to 64, found 65"),
        ("a type twice", head(&[b"\x02\x01a\x01a"]), "byte 11: expected each type once, found `a` again"),
        ("no sequence number", head(&[b"\x01\x01a"]), "byte 9: expected 1 more bytes, found 0"),
        (
            "a sequence number of more than 64 bits",
            head(&[&[0], &[0xff; 10]]),
            "byte 17: expected a number below 2^64, found a larger one",
        ),
        ("too many runs", head(&[&[0, 9, 65]]), "byte 9: expected a number up to 64, found 65"),
        (
            "fewer runs than said",
            head(&[&[0, 9, 2], &run(0, &[vec![1, 18]])]),
            "byte 30: expected 1 more bytes, found 0",
        ),
    ]
}

fn bad_runs() -> Vec<BadHead> {
    let one = step(3, b"abcd");
    let good = head_of_runs(&[&run(0, std::slice::from_ref(&one))]);
    let grouped = |groups: &[u8]| {
        head_of_runs(&[&[vec![0, 2], vec![0; 16], groups.to_vec(), one.clone(), one.clone()].concat()])
    };
    vec![
        ("the first run shares", head_of_runs(&[&[1, 0]]), "byte 13: expected a number up to 0, found 1"),
        (
            "more is shared than there is",
            head_of_runs(&[&run(0, std::slice::from_ref(&one)), &[2]]),
            "byte 39: expected a number up to 1, found 2",
        ),
        (
            "a run without steps",
            head_of_runs(&[&[vec![0, 0], vec![0; 16]].concat()]),
            "byte 30: expected a run with steps, found an empty one",
        ),
        (
            "more steps than bytes",
            head_of_runs(&[&[vec![0], number(1 << 40), vec![0; 30]].concat()]),
            "byte 19: expected a number up to 12, found 1099511627776",
        ),
        ("a truncated digest", good[..20].to_vec(), "byte 14: expected 16 more bytes, found 6"),
        ("no group", grouped(&[0]), "byte 31: expected steps in groups, found no group"),
        ("more groups than steps", grouped(&[3]), "byte 31: expected a number up to 2, found 3"),
        (
            "a group without steps",
            grouped(&[2, 0]),
            "byte 32: expected a group of at least one step, found none",
        ),
        (
            "a group with all steps, and one more",
            grouped(&[2, 2]),
            "byte 32: expected a number up to 1, found 2",
        ),
    ]
}

fn bad_steps() -> Vec<BadHead> {
    let good = head_of_runs(&[&run(0, &[step(3, b"abcd")])]);
    vec![
        (
            "a step from the publish itself",
            head_of_runs(&[&run(0, &[[vec![0, 18], vec![0]].concat()])]),
            "byte 32: expected a step from an earlier publish, found one from the same",
        ),
        (
            "a step from before the first publish",
            head_of_runs(&[&run(0, &[[number(201), vec![18, 0]].concat()])]),
            "byte 33: expected a number up to 200, found 201",
        ),
        (
            "a table of over 16 MiB",
            head_of_runs(&[&run(0, &[[vec![1], number((16 << 20) + 1), vec![0]].concat()])]),
            "byte 36: expected a number up to 16777216, found 16777217",
        ),
        (
            "a part of over a gigabyte",
            head_of_runs(&[&run(0, &[step((1 << 30) + 1, b"abcd")])]),
            "byte 38: expected a number up to 1073741824, found 1073741825",
        ),
        ("a truncated name of a generation", good[..36].to_vec(), "byte 34: expected 4 more bytes, found 2"),
        (
            "bytes after the head",
            [good, vec![9, 9]].concat(),
            "byte 38: expected the end of the head, found 2 more bytes",
        ),
    ]
}

/// Heads of a megabyte that tell of much more than that.
fn large_heads() -> Vec<BadHead> {
    let types: Vec<u8> = (0..64).flat_map(|nth| [2, b'a' + nth / 8, b'a' + nth % 8]).collect();
    // Many publishes, many types; steps of nothing.
    let start = [vec![64], types, number(1 << 40)].concat();
    let steps = vec![[&[1, 18][..], &[0; 64]].concat(); 10_000];
    let without_types = vec![vec![1, 18]; 40_000];
    vec![
        (
            "steps multiplied by sharing",
            head(&[&[0], &number(1 << 40), &[2], &run(0, &without_types), &run(40_000, &[])]),
            "byte 80055: expected at most 25536 further steps, found 40000",
        ),
        (
            "entries multiplied by sharing",
            head(&[&start, &[2], &run(0, &steps), &run(10_000, &[])]),
            "byte 660245: expected at most 6384 further steps, found 10000",
        ),
        (
            "a head of over a megabyte",
            head(&[&[0], &number(1 << 40), &[1], &run(0, &vec![vec![1, 18]; 600_000])]),
            "byte 18: expected a number up to 524280, found 600000",
        ),
    ]
}

#[test]
fn heads() {
    for (name, bytes, expected) in
        [beginnings(), bad_runs(), bad_steps(), large_heads()].into_iter().flatten()
    {
        let refusal = Head::read(&bytes).unwrap_err().to_string();
        assert_eq!(refusal, format!("the start of the journal is malformed at {expected}"), "{name}");
    }
    assert_memory_was_moderate();
}

/// What is said of one step of one type whose part has three bytes: a journal of this table, and the reading
/// of who has the head, and of who has not.
fn readings(table: &[u8], part: &[u8]) -> (Vec<u8>, [Reading; 2]) {
    let digest: [u8; 16] = Sha256::digest(table)[..16].try_into().unwrap();
    let entry = [vec![1], number(table.len() as u64), vec![3], b"abcd".to_vec()].concat();
    let mut journal = head_of_runs(&[&[vec![0, 1], digest.to_vec(), vec![1], entry].concat()]);
    let head = Head::read(&journal).unwrap();
    let told = head.reading(&[(0, GenerationId::from_bytes(*b"abcd"))], 0).unwrap();
    let newest = Newest::new(head.len(), digest, table.len() as u64, vec![3]).reading(&[0], 1).unwrap();
    journal.extend([table, part].concat());
    (journal, [told, newest])
}

/// What both are refused with, where the journal was fetched up to so many bytes.
fn refused((journal, readings): &(Vec<u8>, [Reading; 2]), len: usize) -> Vec<String> {
    let refused = readings.iter().map(|reading| {
        let mut fetched = Fetched::new();
        let start = usize::try_from(reading.ranges(0)[0].start).unwrap();
        fetched.add(start as u64, journal[start..len.min(journal.len())].to_vec());
        reading.parts(&fetched).unwrap_err().to_string()
    });
    refused.collect()
}

#[test]
fn tables() {
    let part = b"\0\0\0";
    let digest = &Sha256::digest(part)[..16];
    let malformed = |what: &str| format!("the journal is malformed, table 0: {what}");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("nothing", vec![0], "expected 1 more bytes, found 0"),
        ("unknown flags", sized(&[4, 0]), "expected flags among 0x03, found 0x04"),
        ("a truncated link", sized(&[1, 0, 0]), "expected 16 more bytes, found 2"),
        ("no entry", sized(&[0]), "expected 1 more bytes, found 0"),
        ("a truncated digest", sized(&[0, 3, 0, 0]), "expected 16 more bytes, found 2"),
        (
            "a part of over a gigabyte",
            sized(&[vec![0], number((1 << 30) + 1)].concat()),
            "expected a number up to 1073741824, found 1073741825",
        ),
        ("something at its end", sized(&[0, 0, 7]), "expected the end of the table, found 1 more bytes"),
        (
            "identifiers of no length",
            sized(&[2, 0]),
            "expected identifiers of 20, 32, 48 or 64 bytes, found 0",
        ),
        (
            "identifiers of 33 bytes",
            sized(&[2, 0, 33]),
            "expected identifiers of 20, 32, 48 or 64 bytes, found 33",
        ),
        ("no identifiers", sized(&[2, 0, 20]), "expected identifiers of 20 bytes each, found 0 bytes"),
        (
            "half an identifier",
            sized(&[&[2, 0, 20][..], &[7; 30]].concat()),
            "expected identifiers of 20 bytes each, found 30 bytes",
        ),
        ("a part that is missing", sized(&[0, 1]), "expected a part of type 0, found none"),
    ];
    for (name, table, expected) in cases {
        let expected = malformed(expected);
        let told = malformed("expected parts of the lengths that its start tells, found others");
        let [with_head, without] = &refused(&readings(&table, part), usize::MAX)[..] else { panic!("two") };
        assert_eq!(*without, expected, "{name}");
        assert!(*with_head == expected || *with_head == told, "{name}: {with_head}");
    }
    let longer = sized(&[&[0, 4][..], digest].concat());
    let found = refused(&readings(&longer, part), usize::MAX);
    assert_eq!(found[0], malformed("expected parts of the lengths that its start tells, found others"));
    assert_eq!(found[1], "cannot read the journal at byte 60: unexpected end of file");
    // Nothing in memory is of the length that a table says it has.
    let endless = [number(1 << 24), vec![0; 5]].concat();
    let found = refused(&readings(&endless, part), usize::MAX);
    assert!(found[0].ends_with("table 0: expected a number up to 9, found 16777216"), "{}", found[0]);
    assert!(found[1].ends_with("expected a table of at most 16777216 bytes, found 16777220"), "{}", found[1]);
}

#[test]
fn tables_and_parts_are_verified() {
    let part = b"\0\0\0";
    let table = sized(&[&[0, 3][..], &Sha256::digest(part)[..16]].concat());
    let good = readings(&table, part);
    // The head has 38 bytes, the table 19, the part 3.
    let (other, short) = ("has another digest than expected", "unexpected end of file");
    for at in 38..60 {
        let mut journal = good.0.clone();
        journal[at] ^= 1;
        let expected = format!(
            "the journal is damaged at byte {}: what is there {other}",
            if at < 57 { 38 } else { 57 }
        );
        let found = refused(&(journal, good.1.clone()), usize::MAX);
        assert_eq!(found[0], expected);
        let of_length = at == 38;
        assert!(found[1] == expected || of_length, "byte {at}: {}", found[1]);
    }
    for (len, at) in [(38, 38), (40, 40), (56, 56), (57, 57), (59, 59)] {
        assert_eq!(refused(&good, len), vec![format!("cannot read the journal at byte {at}: {short}"); 2]);
    }
}

/// A step that is told of, and to which no link leads.
#[test]
fn a_run_that_ends_early() {
    let step = JournalStep { sequence: 8, ids: Arc::default(), parts: vec![JournalPart::Unchanged] };
    let journal = write_journal(&["p"], 9, &[vec![step]]).unwrap();
    let mut newest = journal.newest.unwrap();
    newest.further = vec![7];
    let mut fetched = Fetched::new();
    fetched.add(0, [&journal.bytes[..], &[1, 2, 3, 4, 5, 6, 7]].concat());
    let refusal = newest.reading(&[0], 2).unwrap().parts(&fetched).unwrap_err().to_string();
    let what = "expected a link to a further step, found none";
    assert_eq!(refusal, format!("the journal is malformed, table 1: {what}"));
}

/// What repomd.xml says may be anything.
#[test]
fn numbers_in_repomd_that_are_too_large() {
    let newest = |start, table, part| Newest::new(start, [0; 16], table, vec![part, 5]);
    for (start, table, part) in [(u64::MAX, 1, 2), (9, u64::MAX, 2), (9, 9, u64::MAX - 9)] {
        assert_eq!(newest(start, table, part).reading(&[1], 1), None);
    }
    assert_eq!(newest(1, 1, 2).with_further(vec![u64::MAX - 9, 9]).reading(&[0], 3), None);
    assert_eq!(newest(1, 1, 2).reading(&[2], 1), None, "a type that there is not");
    assert_eq!(newest(1, 1, 1).reading(&[0], 1), None, "a part that is missing");
    assert_eq!(newest(1, 1, 2).reading(&[0], usize::MAX), None);
    let reading = newest(9, 9, u64::MAX - 25).reading(&[0, 1], 1).unwrap();
    assert_eq!(reading.bytes(u64::MAX), u64::MAX - 9 - 2);
    reading.parts(&Fetched::new()).unwrap_err();
    let end = newest(u64::MAX - 9, 2, 2).reading(&[0, 1], 1).unwrap();
    let mut fetched = Fetched::new();
    fetched.add(u64::MAX - 9, sized(&[&[0, 3, 5][..], &[0; 32]].concat()));
    end.parts(&fetched).unwrap_err();
}

#[test]
fn what_no_head_can_tell_is_not_written() {
    let id = GenerationId::from_bytes([7; 4]);
    let step = |sequence, part| JournalStep { sequence, ids: Arc::default(), parts: vec![part] };
    let part = |payload| JournalPart::Part { from: id, payload };
    let good = part(b"\0\0\0");
    let refusal = |types: &[&str], runs: &[Vec<JournalStep<'_>>]| {
        write_journal(types, 9, runs).unwrap_err().to_string().replace("the journal cannot hold this: ", "")
    };
    write_journal(&["p"], 9, &[vec![step(8, good), step(2, good)]]).unwrap();
    write_journal(&["p"], 9, &[]).unwrap();
    assert!(
        refusal(&["p", "o"], &[vec![step(8, good)]]).starts_with("expected steps with an entry for each")
    );
    assert!(refusal(&["p"], &[vec![]]).contains("expected a run with steps"));
    assert!(refusal(&["p"], &[vec![step(9, good)]]).contains("from an earlier publish"));
    assert!(refusal(&["p"], &[vec![step(10, good)]]).contains("from an earlier publish"));
    assert!(refusal(&["p"], &[vec![step(3, good), step(4, good)]]).contains("from an earlier publish"));
    assert!(refusal(&["p p"], &[vec![step(8, good)]]).contains("expected the name of a type"));
    for payload in [&b""[..], b"x"] {
        assert!(!refusal(&["p"], &[vec![step(8, part(payload))]]).is_empty());
    }
    assert!(refusal(&["p"], &vec![vec![step(8, good)]; 65]).contains("expected a number up to 64, found 65"));
}

/// What is wrong, the payloads oldest first, and the text.
type Case = (&'static str, Vec<Vec<u8>>, &'static str);

fn shapes() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    vec![
        ("an empty payload", vec![vec![]], "expected 1 more bytes, found 0"),
        ("unknown flags", vec![vec![0x20, 0, 0]], "expected flags among 0x1f, found 0x20"),
        ("two ways to cut", vec![vec![6, 0, 0, 0]], "expected one way to cut the text, found two"),
        (
            "a context of nothing",
            vec![vec![8, 0, 0, 0]],
            "expected a context of at least one chunk, found none",
        ),
        ("a script beyond the payload", vec![vec![0, 200, 1, 8]], "expected a number up to 3, found 200"),
        ("a hunk cut short", vec![payload(0, &[3, 1], b"")], "expected 1 more bytes, found 0"),
        (
            "an empty hunk",
            vec![payload(0, &hunk(0, 0, 0), b"")],
            "expected a hunk that changes something, found an empty one",
        ),
        (
            "a count that is too large",
            vec![payload(0, &hunk(0, 1 << 33, 0), b"")],
            "expected a number up to 4294967296, found 8589934592",
        ),
        ("no count of frames", vec![vec![0, 1, 8]], "expected 1 more bytes, found 0"),
        ("no frame for a hunk", vec![vec![0, 1, 8, 0]], "expected a frame for the hunks, found none"),
        ("more frames than hunks", vec![vec![0, 1, 8, 2, 1, 0]], "expected a number up to 1, found 2"),
        (
            "a frame without hunks",
            vec![vec![0, 2, 8, 0, 2, 0, 0]],
            "expected a frame of at least one hunk, found none",
        ),
        (
            "a frame with all hunks, and one more",
            vec![vec![0, 2, 8, 0, 2, 2, 0]],
            "expected a number up to 1, found 2",
        ),
        (
            "a frame beyond the payload",
            vec![vec![0, 2, 8, 0, 2, 1, 90, 1]],
            "expected a number up to 2, found 90",
        ),
        (
            "bytes after an empty step",
            vec![vec![0, 0, 0, 1]],
            "expected the end of the step, found 1 more bytes",
        ),
        (
            "text where nothing comes",
            vec![payload(0, &[10], &b2)],
            "expected text in a frame just where chunks are inserted",
        ),
        (
            "no text where something comes",
            vec![payload(0, &[8], b"")],
            "expected text in a frame just where chunks are inserted",
        ),
    ]
}

fn numbers() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    vec![
        (
            "a packed script that is none",
            vec![payload(1, b"nonsense", b"")],
            "expected the head of a zstd frame, found something else",
        ),
        (
            "a frame that does not say its open size",
            vec![payload(1, &[0x00, 0x58, 0x01, 0x00, 0x00], b"")],
            "expected a frame that says its open size, found none",
        ),
        (
            "a packed script of over 16 MiB",
            vec![payload(1, &frame_that_says((16 << 20) + 1), b"")],
            "expected at most 16777216 open bytes, found more",
        ),
        (
            "a packed script that is no whole frame",
            vec![payload(1, &frame_that_says(9)[..11], b"")],
            "expected one whole zstd frame, found something else",
        ),
        (
            "a small script of many hunks",
            vec![payload(1, &frame(&vec![2; (1 << 18) + 1]), b"")],
            "expected at most 262144 hunks, found more",
        ),
        (
            "a small script of many chunks",
            vec![payload(0, &hunk(0, 0, 1 << 32), &b2)],
            "expected at most 2097152 inserted chunks, found 4294967296",
        ),
        (
            "a small script of many frames",
            vec![[vec![1], sized(&frame(&vec![2; 1 << 17])), number(1 << 17)].concat()],
            "expected a number up to 65536, found 131072",
        ),
    ]
}

fn lengths() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    vec![
        (
            "lengths of fewer chunks",
            vec![[vec![4], sized(&hunk(1, 0, 2)), sized(&[14]), vec![1], b2.clone()].concat()],
            "expected lengths of 2 chunks, found 1",
        ),
        (
            "lengths of more chunks",
            vec![[vec![4], sized(&hunk(1, 0, 1)), sized(&[7, 7]), vec![1], b2.clone()].concat()],
            "expected lengths of 1 chunks, found more",
        ),
        (
            "lengths of no chunks",
            vec![[vec![4], sized(&hunk(1, 0, 1)), sized(&[]), vec![1], b2.clone()].concat()],
            "expected lengths of 1 chunks, found 0",
        ),
        (
            "a chunk of no bytes",
            vec![[vec![4], sized(&hunk(1, 0, 2)), sized(&[14, 0]), vec![1], b2.clone()].concat()],
            "expected lengths of at least one byte, found 0",
        ),
        (
            "a chunk larger than a frame",
            vec![[vec![4], sized(&hunk(1, 0, 1)), sized(&number((16 << 20) + 1)), vec![1], b2].concat()],
            "expected a number up to 16777216, found 16777217",
        ),
    ]
}

fn contents() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    let insert = hunk(1, 0, 1);
    vec![
        (
            "a frame that is none",
            vec![payload(0, &insert, b"\xff\xff")],
            "expected the head of a zstd frame, found something else",
        ),
        (
            "a truncated frame",
            vec![payload(0, &insert, &b2[..b2.len() - 1])],
            "expected one whole zstd frame, found something else",
        ),
        (
            "two frames",
            vec![payload(0, &insert, &[&b2[..], b"\x28\xb5\x2f\xfd", &b2].concat())],
            "expected one whole zstd frame, found something else",
        ),
        (
            "a frame of over 16 MiB",
            vec![payload(0, &insert, &frame_that_says((16 << 20) + 1))],
            "expected at most 16777216 open bytes, found more",
        ),
        (
            "a frame that says a terabyte",
            vec![payload(0, &insert, &frame_that_says(1 << 40))],
            "expected at most 16777216 open bytes, found more",
        ),
        (
            "fewer chunks than said",
            vec![payload(0, &hunk(1, 0, 2), &b2)],
            "expected 2 inserted chunks in a frame, found 1",
        ),
        (
            "more chunks than said",
            vec![payload(0, &insert, &frame(b"<package x/><package y/>"))],
            "expected 1 inserted chunks in a frame, found 2",
        ),
        (
            "no footer where one is said",
            vec![payload(2, &hunk(1, 0, 2), &b2)],
            "expected 2 inserted chunks in a frame, found 1",
        ),
        (
            "lengths beyond the text",
            vec![[vec![4], sized(&insert), sized(&[15]), vec![1], b2.clone()].concat()],
            "expected chunks within the text of a frame, found more",
        ),
        (
            "lengths of less than the text",
            vec![[vec![4], sized(&insert), sized(&[13]), vec![1], b2.clone()].concat()],
            "expected 13 bytes in the chunks of a frame, found a text of 14",
        ),
    ]
}

fn dictionaries() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    let insert = hunk(1, 0, 1);
    let many = payload(1, &frame(&vec![2; 150_000]), b"");
    vec![
        (
            "identifiers that the step does not have",
            vec![[vec![16], sized(&insert), vec![1, 0, 3], b2.clone()].concat()],
            "expected 3 identifiers in the step, found 0",
        ),
        (
            "more identifiers than any table has",
            vec![[vec![16], sized(&insert), vec![1, 0], number(1 << 32), b2.clone()].concat()],
            "expected a number up to 1048576, found 4294967296",
        ),
        (
            "identifiers cut short",
            vec![[vec![16], sized(&insert), vec![1, 0]].concat()],
            "expected 1 more bytes, found 0",
        ),
        (
            "too many hunks in all steps together",
            vec![many.clone(), many],
            "expected steps of at most 262144 hunks together, found 300000",
        ),
        (
            "a dictionary of all that stays, however much",
            vec![[vec![8], number(1 << 32), sized(&hunk(1 << 30, 0, 1)), vec![1], b2.clone()].concat()],
            "expected steps of at most 2097152 chunks in dictionaries together, found 1073741824",
        ),
        (
            "a dictionary of all that goes, however much",
            vec![payload(0, &hunk(0, 1 << 32, 1), &b2)],
            "expected steps of at most 2097152 chunks in dictionaries together, found 4294967296",
        ),
    ]
}

#[test]
fn payloads() {
    for (name, payloads, expected) in
        [shapes(), numbers(), lengths(), contents(), dictionaries()].into_iter().flatten()
    {
        let step = payloads.len() - 1;
        let found = refusal(&payloads, &Limits::default());
        assert_eq!(
            found,
            format!("part {step} of the journal is malformed, of those to be applied: {expected}"),
            "{name}"
        );
    }
    assert_memory_was_moderate();
}

#[test]
fn payloads_for_another_base() {
    let limits = Limits::default();
    let short = "the old version has only 4 chunks; the journal is for another one";
    let b2 = frame(b"<package b2/>\n");
    let cases: Vec<(&str, Vec<Vec<u8>>)> = vec![
        ("keeps beyond the end", vec![payload(0, &hunk(5, 0, 1), &b2)]),
        ("deletes beyond the end", vec![payload(0, &hunk(3, 2, 0), b"")]),
        ("deletes without end", vec![payload(0, &hunk(0, 1 << 32, 0), b"")]),
        ("replaces all that may be", vec![payload(0, &hunk(0, 1 << 21, 1), &b2)]),
        ("a dictionary beyond the end", vec![payload(0, &hunk(4, 1, 1), &b2)]),
        (
            "inserts beyond the end what a later step deletes",
            vec![payload(0, &hunk(9, 0, 1), &b2), payload(0, &hunk(9, 1, 0), b"")],
        ),
    ];
    for (name, payloads) in cases {
        assert_eq!(refusal(&payloads, &limits), short, "{name}");
    }
    // Just to the end is no further.
    let mut out = Vec::new();
    apply(BASE, &[payload(0, &hunk(4, 0, 1), &b2)], &mut out, &limits).unwrap();
    assert_eq!(out, [BASE, b"<package b2/>\n"].concat());
}

/// Neither the cases so far nor the making of them took what applying an honest
/// journal may take.
fn assert_memory_was_moderate() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 100_000, "{kib} KiB");
}
