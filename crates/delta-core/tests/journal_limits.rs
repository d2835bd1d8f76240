//! What the steps of a journal may come to together: output, text, dictionaries.

use delta_core::Limits;
use support::{frame, hunk, number, payload, refusal, sized};

mod support;

#[test]
fn an_output_over_the_cap() {
    let one = payload(0, &hunk(1, 0, 1), &frame(b"<package b2/>\n"));
    let found = refusal(&[one], &Limits::default().with_max_output(40));
    assert_eq!(found, "the output: expected at most 40 bytes, found 48");
}

#[test]
fn text_and_dictionaries_of_all_steps_together() {
    // A megabyte, inserted by the first step and deleted by the second, and so on.
    let text = [b"<package ".as_slice(), &vec![b'x'; 1 << 20]].concat();
    let (add, drop) = (payload(0, &hunk(1, 0, 1), &frame(&text)), payload(0, &hunk(1, 1, 0), b""));
    let steps: Vec<Vec<u8>> = (0..300).flat_map(|_| [add.clone(), drop.clone()]).collect();
    let found = refusal(&steps, &Limits::default().with_max_output(40));
    let max = (256 << 20) + 320;
    assert_eq!(found, format!("text of the steps: expected at most {max} bytes, found {}", 256 * text.len()));

    // Dictionaries of a megabyte each, for a few bytes.
    let context = |copy: u64| {
        let script = hunk(copy, 0, 1);
        [vec![8, 1], sized(&script), vec![1], frame(b"<package b2/>\n")].concat()
    };
    let steps: Vec<Vec<u8>> = std::iter::once(add)
        .chain((0..300).flat_map(|_| [context(2), payload(0, &hunk(2, 1, 0), b"")]))
        .collect();
    let found = refusal(&steps, &Limits::default().with_max_output(40));
    assert_eq!(found, format!("dictionaries: expected at most {max} bytes, found {}", 256 * text.len()));
}

#[test]
fn a_dictionary_over_the_cap() {
    let large = [b"<package ".as_slice(), &vec![b'x'; 9 << 20]].concat();
    let large_frame = frame(&large);
    let hunks = [hunk(1, 0, 1), hunk(0, 0, 1)].concat();
    // Two frames: the first with one hunk and its bytes.
    let frames = [vec![2, 1], number(large_frame.len() as u64), large_frame.clone(), large_frame].concat();
    let first = [vec![0], sized(&hunks), frames].concat();
    let second = payload(0, &hunk(1, 2, 1), &frame(b"<package b2/>\n"));
    let found = refusal(&[first, second], &Limits::default());
    assert_eq!(found, format!("a dictionary: expected at most 16777216 bytes, found {}", 2 * large.len()));
}
