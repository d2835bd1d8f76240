//! What the safe faces of the C encoders promise.
#![allow(clippy::unwrap_used, reason = "helpers of tests may")]

use std::io::Write as _;
use std::thread;

use encoders::{Error, Gzip, Splitting, Step, Zstd, ZstdFrames};

/// Half a megabyte of text whose statistics change now and then, so that it is
/// worth while to split blocks.
fn text() -> Vec<u8> {
    let mut text = Vec::new();
    let mut state = 1_u32;
    while text.len() < 500_000 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if text.len() / 40_000 % 2 == 0 {
            writeln!(text, "<entry name=\"{:x}\" flags=\"EQ\" epoch=\"0\"/>", state >> 12).unwrap();
        } else {
            writeln!(text, "/usr/share/doc/{}/{}", state >> 28, u64::from(state) * 977).unwrap();
        }
    }
    text
}

/// Compresses `text` given in pieces of `cut` bytes, with so much room.
fn whole(
    text: &[u8],
    cut: usize,
    room: usize,
    mut step: impl FnMut(&[u8], &mut [u8], bool) -> Result<Step, Error>,
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut output = vec![0; room];
    for piece in text.chunks(cut) {
        let mut input = piece;
        while !input.is_empty() {
            let done = step(input, &mut output, false).unwrap();
            assert!(!done.ended);
            input = &input[done.read..];
            out.extend_from_slice(&output[..done.written]);
        }
    }
    loop {
        let done = step(&[], &mut output, true).unwrap();
        out.extend_from_slice(&output[..done.written]);
        if done.ended {
            return out;
        }
    }
}

fn gzip(text: &[u8], level: u8, cut: usize, room: usize) -> Vec<u8> {
    let mut gzip = Gzip::new(level).unwrap();
    whole(text, cut, room, |input, output, end| gzip.step(input, output, end))
}

fn zstd(text: &[u8], splitting: Splitting, cut: usize, room: usize) -> Vec<u8> {
    let mut zstd = Zstd::new(10, splitting).unwrap();
    whole(text, cut, room, |input, output, end| zstd.step(input, output, end))
}

#[test]
fn the_bytes_do_not_depend_on_how_the_input_is_cut() {
    let text = text();
    let once = gzip(&text, 6, text.len(), 1 << 20);
    for (cut, room) in [(1, 4096), (1000, 1), (65_536, 7), (131_072, 100_000)] {
        assert!(gzip(&text, 6, cut, room) == once, "gzip, pieces of {cut}, room for {room}");
    }
    for splitting in [Splitting::Default, Splitting::Off] {
        let once = zstd(&text, splitting, text.len(), 1 << 20);
        for (cut, room) in [(1, 4096), (1000, 1), (65_536, 7), (131_072, 100_000)] {
            assert!(zstd(&text, splitting, cut, room) == once, "zstd, pieces of {cut}, room for {room}");
        }
    }
}

#[test]
fn the_two_ways_of_splitting_differ() {
    let text = text();
    let [split, unsplit] = [Splitting::Default, Splitting::Off].map(|way| zstd(&text, way, 1 << 16, 1 << 16));
    assert!(split != unsplit);
}

#[test]
fn the_end_may_come_with_the_last_of_the_input() {
    let text = text();
    let mut output = vec![0; 1 << 20];
    let mut gz = Gzip::new(9).unwrap();
    let step = gz.step(&text, &mut output, true).unwrap();
    assert!(step.ended && step.read == text.len());
    assert!(output[..step.written] == gzip(&text, 9, 1000, 1000));

    let mut zst = Zstd::new(10, Splitting::Off).unwrap();
    let step = zst.step(&text, &mut output, true).unwrap();
    assert!(!step.ended && step.read == text.len());
    let rest = zst.step(&[], &mut output[step.written..], true).unwrap();
    assert!(rest.ended);
    assert!(output[..step.written + rest.written] == zstd(&text, Splitting::Off, 1000, 1000));
}

#[test]
fn no_input_makes_a_file() {
    assert_eq!(gzip(&[], 6, 1, 100).len(), 20);
    assert!(zstd(&[], Splitting::Off, 1, 100).starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
}

#[test]
fn no_room_is_no_failure() {
    let mut gzip = Gzip::new(6).unwrap();
    let step = gzip.step(b"abc", &mut [], true).unwrap();
    assert_eq!((step.written, step.ended), (0, false));
    let mut zstd = Zstd::new(10, Splitting::Default).unwrap();
    let step = zstd.step(b"abc", &mut [], true).unwrap();
    assert_eq!((step.written, step.ended), (0, false));
}

#[test]
fn nothing_follows_the_end() {
    let mut output = [0; 100];
    let mut gzip = Gzip::new(6).unwrap();
    assert!(gzip.step(b"abc", &mut output, true).unwrap().ended);
    assert!(matches!(gzip.step(b"d", &mut output, false), Err(Error::Refused { .. })));
    let mut zstd = Zstd::new(10, Splitting::Off).unwrap();
    zstd.step(b"abc", &mut output, true).unwrap();
    assert!(zstd.step(&[], &mut output, true).unwrap().ended);
    assert!(matches!(zstd.step(b"d", &mut output, false), Err(Error::Refused { .. })));
}

#[test]
fn other_levels_are_refused() {
    for level in [0, 10, 255] {
        let error = Gzip::new(level).unwrap_err();
        assert_eq!(error.to_string(), format!("zlib: level {level} is not from 1 to 9"));
    }
    for level in [0, 20, 255] {
        let error = Zstd::new(level, Splitting::Off).unwrap_err();
        assert_eq!(error.to_string(), format!("zstd: level {level} is not from 1 to 19"));
    }
}

#[test]
fn half_a_file_can_be_dropped_on_another_thread() {
    let text = text();
    let mut gzip = Gzip::new(6).unwrap();
    let mut zstd = Zstd::new(10, Splitting::Default).unwrap();
    let mut output = vec![0; 10];
    gzip.step(&text, &mut output, false).unwrap();
    zstd.step(&text, &mut output, false).unwrap();
    let moved = thread::spawn(move || {
        gzip.step(&text, &mut output, true).unwrap();
        zstd.step(&text, &mut output, true).unwrap();
    });
    moved.join().unwrap();
}

#[test]
fn zstd_takes_the_memory_that_its_level_says() {
    let text = text();
    for (level, most) in [(9, 45), (10, 45), (19, 90)] {
        let mut zstd = Zstd::new(level, Splitting::Default).unwrap();
        zstd.step(&text, &mut vec![0; 1 << 20], false).unwrap();
        let memory = zstd.memory();
        assert!(memory > 1 << 20 && memory <= most << 20, "level {level} takes {memory} bytes");
    }
}

#[test]
fn a_frame_does_not_depend_on_those_before_it() {
    let text = text();
    for dictionary in [&[][..], &text[..50_000]] {
        for splitting in [Splitting::Default, Splitting::Off] {
            let frame = |frames: &mut ZstdFrames, content: &[u8]| {
                let mut frame = vec![7; 10];
                frames.compress(content, &mut frame).unwrap();
                frame
            };
            let mut frames = ZstdFrames::new(10, splitting, dictionary).unwrap();
            for content in [&text[..], &text[..1000], &[], &text[1000..300_000], &text[..]] {
                let mut fresh = ZstdFrames::new(10, splitting, dictionary).unwrap();
                assert!(frame(&mut frames, content) == frame(&mut fresh, content), "{}", content.len());
            }
        }
    }
}

#[test]
fn frames_say_their_size_and_have_no_checksum() {
    let mut frame = Vec::new();
    ZstdFrames::new(10, Splitting::Off, &[]).unwrap().compress(&text()[..200], &mut frame).unwrap();
    // One segment, a size of one byte.
    assert_eq!(frame[..6], [0x28, 0xb5, 0x2f, 0xfd, 0x20, 200]);
    let error = ZstdFrames::new(20, Splitting::Off, &[]).unwrap_err();
    assert_eq!(error.to_string(), "zstd: level 20 is not from 1 to 19");
}

#[test]
fn frames_take_the_memory_that_recipes_say() {
    let text = text().repeat(34);
    for level in [9, 10] {
        let mut frames = ZstdFrames::new(level, Splitting::Default, &text[..1 << 20]).unwrap();
        frames.compress(&text[..16 << 20], &mut Vec::new()).unwrap();
        let memory = frames.memory();
        assert!(memory > 1 << 20 && memory <= 80 << 20, "level {level} takes {memory} bytes");
    }
}
