//! Whatever a head says, reading it never panics; one that is read has ways within
//! the file that it tells of, and is read again from its own bytes alone.
//!
//! Input: the beginning of a journal.

#![no_main]

use delta_core::journal::{Head, read_steps};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(head) = Head::of_file(data) else { return };
    let len = usize::try_from(head.len()).expect("it was read from memory");
    assert_eq!(Head::read(&data[..len]).expect("the same bytes"), head);
    for (id, way) in head.all() {
        let range = way.range();
        assert!(head.len() <= range.start && range.start <= range.end && range.end <= head.file_len());
        assert!(head.ways(id).contains(&way));
        let start = usize::try_from(range.start).unwrap_or(usize::MAX);
        let rest = data.get(start..).unwrap_or_default();
        if let Ok(steps) = read_steps(&head, &way, rest, data.len() as u64) {
            assert_eq!(steps.len(), way.steps());
        }
    }
});
