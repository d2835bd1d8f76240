//! What broken journals are refused with: the texts that people will see. And
//! what refusing them costs: no case takes more memory than an honest journal may.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::Cursor;

use delta_core::journal::{GenerationId, Head, StepPayload, apply_steps, read_steps, write_journal};
use delta_core::{Limits, Rule};
use support::{BASE, frame, frame_that_says, hunk, number, payload, refusal, sized};

mod support;

fn digest_and(steps: &[(u64, u8)]) -> Vec<u8> {
    let steps = steps.iter().flat_map(|(len, id)| [number(*len), vec![*id; 4]].concat());
    [0; 16].into_iter().chain(steps).collect()
}

/// A head of what follows its magic and flags.
fn head(rest: &[&[u8]]) -> Vec<u8> {
    [b"CRDJ\x02\x00".as_slice(), &rest.concat()].concat()
}

#[test]
fn heads() {
    let good = head(&[&[1, 0, 1], &digest_and(&[(3, 7)])]);
    Head::read(&good).unwrap();
    let many: Vec<(u64, u8)> = (0..40_000).map(|_| (1, 1)).collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
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
        ("no count of runs", head(&[]), "byte 6: expected 1 more bytes, found 0"),
        ("too many runs", head(&[&[65]]), "byte 7: expected a number up to 64, found 65"),
        (
            "fewer runs than said",
            head(&[&[2, 0, 1], &digest_and(&[(3, 7)])]),
            "byte 30: expected 1 more bytes, found 0",
        ),
        ("the first run shares", head(&[&[1, 1, 0]]), "byte 8: expected a number up to 0, found 1"),
        (
            "more is shared than there is",
            head(&[&[2, 0, 1], &digest_and(&[(3, 7)]), &[2, 0], &digest_and(&[])]),
            "byte 31: expected a number up to 1, found 2",
        ),
        (
            "a run without steps",
            head(&[&[1, 0, 0], &digest_and(&[])]),
            "byte 25: expected a run with steps, found an empty one",
        ),
        (
            "more steps than bytes",
            head(&[&[1, 0], &number(1 << 40), &digest_and(&[(3, 7)])]),
            "byte 14: expected a number up to 5, found 1099511627776",
        ),
        ("truncated digest", good[..20].to_vec(), "byte 9: expected 16 more bytes, found 11"),
        ("truncated name of a generation", good[..28].to_vec(), "byte 26: expected 4 more bytes, found 2"),
        (
            "a payload of over a gigabyte",
            head(&[&[1, 0, 1], &digest_and(&[((1 << 30) + 1, 7)])]),
            "byte 30: expected a number up to 1073741824, found 1073741825",
        ),
        (
            "a number of more than 64 bits",
            head(&[&[0xff; 10]]),
            "byte 16: expected a number below 2^64, found a larger one",
        ),
        (
            "steps multiplied by sharing",
            head(&[&[2, 0], &number(40_000), &digest_and(&many), &number(40_000), &[0], &digest_and(&[])]),
            "byte 200047: expected at most 65536 steps, found more",
        ),
        (
            "a head of over a megabyte",
            head(&[&[1, 0], &number(250_000), &digest_and(&[(1, 1); 250_000])]),
            "byte 11: expected a number up to 209713, found 250000",
        ),
        (
            "bytes after the head",
            [good.clone(), vec![9, 9]].concat(),
            "byte 30: expected the end of the head, found 2 more bytes",
        ),
    ];
    for (name, bytes, expected) in cases {
        let refusal = Head::read(&bytes).unwrap_err().to_string();
        assert_eq!(refusal, format!("the head of the journal is malformed at {expected}"), "{name}");
    }
    assert_memory_was_moderate();
}

#[test]
fn steps_in_the_file() {
    let id = |n: u8| GenerationId::from_sha256(&[n; 32]);
    let runs = [vec![
        StepPayload { from: id(1), payload: b"\0\0\0" },
        StepPayload { from: id(2), payload: b"\0\0\0" },
    ]];
    let journal = write_journal(&runs).unwrap();
    let head = Head::read(&journal.bytes[..journal.head_len]).unwrap();
    let way = head.ways(id(2)).remove(0);
    let steps = journal.bytes[journal.head_len..].to_vec();
    let read = |bytes: &[u8]| read_steps(&head, &way, bytes, 1000).map_err(|error| error.to_string());
    assert_eq!(read(&steps).unwrap().len(), 2);
    let flipped = |at: usize| {
        let mut steps = steps.clone();
        steps[at] ^= 1;
        steps
    };
    let other = "has another digest than expected";
    let short = "unexpected end of file";
    // The head has 35 bytes; the first step 19 with its link, the second 3.
    let cases = [
        ("another payload", flipped(0), format!("step 0 of the journal, at byte 35, {other}")),
        ("another link", flipped(18), format!("step 0 of the journal, at byte 35, {other}")),
        ("another second step", flipped(19), format!("step 1 of the journal, at byte 54, {other}")),
        ("nothing", vec![], format!("cannot read the journal at byte 35: {short}")),
        ("a truncated link", steps[..10].to_vec(), format!("cannot read the journal at byte 45: {short}")),
        ("a truncated step", steps[..21].to_vec(), format!("cannot read the journal at byte 56: {short}")),
    ];
    for (name, bytes, expected) in cases {
        assert_eq!(read(&bytes).unwrap_err(), expected, "{name}");
    }
    let refusal = read_steps(&head, &way, &steps[..], 21).unwrap_err().to_string();
    assert_eq!(refusal, "steps: expected at most 21 bytes, found 22");
}

/// What is wrong, the payloads oldest first, and the text.
type Case = (&'static str, Vec<Vec<u8>>, &'static str);

fn shapes() -> Vec<Case> {
    let b2 = frame(b"<package b2/>\n");
    vec![
        ("an empty payload", vec![vec![]], "expected 1 more bytes, found 0"),
        ("unknown flags", vec![vec![0x10, 0, 0]], "expected flags among 0x0f, found 0x10"),
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
            vec![payload(1, &frame_that_says(9)[..7], b"")],
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
    let many = payload(1, &frame(&vec![2; 150_000]), b"");
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
            "a frame that says 4 GiB",
            vec![payload(0, &insert, &frame_that_says(u32::MAX))],
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
    for (name, payloads, expected) in [shapes(), numbers(), contents()].into_iter().flatten() {
        let step = payloads.len() - 1;
        let found = refusal(&payloads, &Limits::default());
        assert_eq!(found, format!("step {step} of those to be applied is malformed: {expected}"), "{name}");
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
    let rule = Rule::for_type("primary").unwrap();
    let at_the_end = [payload(0, &hunk(4, 0, 1), &b2)];
    let mut out = Vec::new();
    apply_steps(rule, || Ok(BASE), &at_the_end, Cursor::new(vec![]), &mut out, &limits).unwrap();
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
