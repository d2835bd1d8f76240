//! What broken journals are refused with, case by case: heads, steps and what
//! they are applied to.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use delta_core::journal::{Head, apply_steps, read_steps};
use delta_core::{Limits, Rule};

fn example() -> Vec<u8> {
    fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-2/example.journal"))
        .unwrap()
}

/// Bytes of the head of the example.
const HEAD: usize = 58;

/// The head of the example, with this byte another one.
fn changed(at: usize, to: u8) -> Vec<u8> {
    let mut head = example()[..HEAD].to_vec();
    head[at] = to;
    head
}

#[test]
fn heads() {
    let head = example()[..HEAD].to_vec();
    let begun = |rest: &[u8]| [b"CRDJ\x02", rest].concat();
    let large = b"\x80\x80\x80\x80\x80\x80\x80\x80\x80\x02";
    let one_run = |entry: &[u8]| [&begun(b"\0\x01\0\x01"), &[7; 16][..], entry].concat();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "at byte 0: expected 5 more bytes, found 0"),
        (
            "of another format",
            b"<html>not found</html>".to_vec(),
            "at byte 5: expected a journal, `CRDJ\\x02`, found `<html`",
        ),
        (
            "of another version",
            changed(4, 3),
            "at byte 5: expected a journal, `CRDJ\\x02`, found `CRDJ\\x03`",
        ),
        ("with a flag", changed(5, 1), "at byte 6: expected no flags, found 0x01"),
        ("cut short", head[..HEAD - 1].to_vec(), "at byte 54: expected 4 more bytes, found 3"),
        (
            "that goes on",
            [&head[..], b"x"].concat(),
            "at byte 58: expected the end of the head, found 1 more bytes",
        ),
        ("with too many runs", begun(b"\0\x41"), "at byte 7: expected a number up to 64, found 65"),
        ("with a number that has no end", begun(b"\0\x80"), "expected"),
        ("with a number over 64 bits", [&begun(b"\0")[..], large].concat(), "expected"),
        (
            "with a run without steps",
            [&begun(b"\0\x01\0\0"), &[7; 16][..]].concat(),
            "expected a run with steps, found an empty one",
        ),
        ("with more shared steps than there are", changed(7, 1), "expected a number up to 0, found 1"),
        ("with more steps than bytes", changed(8, 127), "expected"),
        (
            "with a payload over the limit",
            one_run(b"\x81\x80\x80\x80\x04abcd"),
            "expected a number up to 1073741824, found 1073741825",
        ),
    ];
    for (name, bytes, expected) in cases {
        let error = Head::read(&bytes).unwrap_err().to_string();
        assert!(error.starts_with("the head of the journal is malformed at byte "), "{name}: {error}");
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn runs() {
    let journal = example();
    let head = Head::of_file(&journal).unwrap();
    let way = head.all().map(|(_, way)| way).find(|way| way.steps() == 2).unwrap();
    let range = usize::try_from(way.range().start).unwrap()..usize::try_from(way.range().end).unwrap();
    let good = &journal[range];
    let changed = |at: usize| {
        let mut bytes = good.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let cases: Vec<(&str, Vec<u8>, u64, &str)> = vec![
        (
            "first step",
            changed(0),
            1000,
            "step 0 of the journal, at byte 58, has another digest than expected",
        ),
        ("link", changed(25), 1000, "step 0 of the journal, at byte 58, has another digest than expected"),
        (
            "second step",
            changed(40),
            1000,
            "step 1 of the journal, at byte 97, has another digest than expected",
        ),
        ("cut short", good[..good.len() - 1].to_vec(), 1000, "cannot read the journal at byte 117"),
        ("over the cap", good.to_vec(), 59, "steps: expected at most 59 bytes, found 60"),
    ];
    for (name, bytes, max, expected) in cases {
        let error = read_steps(&head, &way, &bytes[..], max).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

fn refusal(base: &str, payload: &[u8], limits: &Limits) -> String {
    let rule = Rule::for_type("primary").unwrap();
    let base = || Ok(base.as_bytes());
    let (scratch, out) = (Cursor::new(Vec::new()), Vec::new());
    apply_steps(rule, base, &[payload.to_vec()], scratch, out, limits).unwrap_err().to_string()
}

/// `<package b/>` LF as a frame without dictionary.
const FRAME: &[u8] = b"\x20\x0d\x69\x00\x00<package b/>\n";

#[test]
fn payloads() {
    let base = "<m>\n<package a/>\n</m>";
    let step = |head: &[u8], frame: &[u8]| [head, frame].concat();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", vec![], "expected 1 more bytes, found 0"),
        ("of an unknown flag", vec![0x10, 0, 0], "expected flags among 0x0f, found 0x10"),
        ("cut in two ways", vec![6, 1, 4, 0, 1], "expected one way to cut the text, found two"),
        ("with a script beyond its end", vec![0, 9, 4], "expected"),
        ("with a packed script that is none", vec![1, 1, 4, 1], "expected the head of a zstd frame"),
        ("with a hunk that does nothing", vec![0, 3, 7, 0, 0, 1], "expected a hunk that changes something"),
        ("with a count over the limit", step(b"\0\x08\x07\x00\x81\x80\x80\x80\x10\x01", b"\x01"), "expected"),
        ("without a frame", vec![0, 1, 4, 0], "expected a frame for the hunks, found none"),
        ("with more frames than hunks", vec![0, 1, 4, 2], "expected a number up to 1, found 2"),
        ("with bytes after its end", vec![0, 0, 0, 1], "expected the end of the step, found 1 more bytes"),
        (
            "with text that nobody inserts",
            step(b"\0\x01\x06\x01", FRAME),
            "expected text in a frame just where chunks are inserted",
        ),
        (
            "without the text that it inserts",
            vec![0, 1, 5, 1],
            "expected text in a frame just where chunks are inserted",
        ),
        ("with a frame that is none", step(b"\0\x01\x05\x01", b"\xff\xff\xff"), "expected"),
        (
            "with a frame that is cut short",
            step(b"\0\x01\x05\x01", &FRAME[..9]),
            "expected one whole zstd frame",
        ),
        (
            "with a frame of no size",
            step(b"\0\x01\x05\x01", b"\x00\x58\x01\x00\x00"),
            "expected a frame that says its open size",
        ),
        (
            "with a frame that opens to a terabyte",
            step(b"\0\x01\x05\x01", b"\xe0\0\0\0\0\0\x01\0\0\x01\0\0"),
            "expected at most 16777216 open bytes, found more",
        ),
        (
            "with fewer chunks than it says",
            step(b"\0\x03\x07\x00\x02\x01", FRAME),
            "expected 2 inserted chunks in a frame, found 1",
        ),
        (
            "with lengths that are too few",
            step(b"\x04\x01\x05\0\x01", FRAME),
            "expected lengths of 1 chunks, found 0",
        ),
        (
            "with lengths that are too large",
            step(b"\x04\x01\x05\x01\x0e\x01", FRAME),
            "expected chunks within the text of a frame",
        ),
    ];
    for (name, payload, expected) in cases {
        let error = refusal(base, &payload, &Limits::default());
        assert!(error.starts_with("step 0 of those to be applied is malformed: "), "{name}: {error}");
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn bases_and_results() {
    let base = "<m>\n<package a/>\n</m>";
    // Five chunks stay, and one comes.
    let far = [b"\0\x01\x15\x01", FRAME].concat();
    assert_eq!(
        refusal(base, &far, &Limits::default()),
        "the old version has only 3 chunks; the journal is for another one"
    );
    let good = [b"\0\x01\x05\x01", FRAME].concat();
    assert_eq!(
        refusal(base, &good, &Limits::default().with_max_output(12)),
        "the output: expected at most 12 bytes, found 17"
    );
}
