//! bzip2, its blocks compressed side by side.
//!
//! Nothing of a block depends on the blocks before it but where its first bit lies, and
//! a block ends where its content, runs shortened, has reached the size of the level.
//! So the content is cut as bzip2 cuts it, each block is compressed as a file of its own
//! by the library, and the blocks are taken out of those files and joined bit by bit. The
//! bytes are those that the library makes of the whole content on one thread.
//!
//! What is in a block is the library's business: here is only where blocks begin and end.

mod file;
mod runs;

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bzip2::{Action, Compress, Compression, Status};
use encoders::Step;

use self::file::{Block, File};
use self::runs::{Runs, lengthen};

/// The most threads that compress blocks.
const THREADS: usize = 4;
/// Blocks that are held at a time at most, whatever the number of threads: one more than
/// threads, that none of them waits.
pub(super) const BLOCKS: usize = THREADS + 1;
/// The work factor that bzip2 takes if it is given none. It changes the time, not the
/// bytes.
const WORK_FACTOR: u32 = 0;

/// Compresses as a bzip2 file.
pub(super) struct Blocks {
    level: u8,
    threads: usize,
    content: Runs,
    /// The blocks that are being compressed, in order.
    working: VecDeque<JoinHandle<Result<Block, String>>>,
    file: File,
    /// Bytes of the file that have been fetched.
    fetched: usize,
    ended: bool,
}

impl Blocks {
    /// With one of `threads` everything is done where it is called.
    pub(super) fn new(level: u8, threads: usize) -> Self {
        Self {
            level,
            threads: threads.clamp(1, THREADS),
            content: Runs::new(level),
            working: VecDeque::new(),
            file: File::new(level),
            fetched: 0,
            ended: false,
        }
    }

    /// See [`Engine::step`](super::engine::Engine::step).
    pub(super) fn step(&mut self, input: &[u8], output: &mut [u8], end: bool) -> Result<Step, String> {
        let mut read = 0;
        if self.fetched == self.file.made.len() {
            self.file.made.clear();
            self.fetched = 0;
            let full;
            (read, full) = self.content.take(input);
            if full {
                self.hand_over()?;
            } else if end && read == input.len() && !self.ended {
                self.finish()?;
            }
        }
        let waiting = self.file.made.get(self.fetched..).unwrap_or_default();
        let written = waiting.len().min(output.len());
        if let (Some(from), Some(into)) = (waiting.get(..written), output.get_mut(..written)) {
            into.copy_from_slice(from);
        }
        self.fetched += written;
        Ok(Step { read, written, ended: self.ended && self.fetched == self.file.made.len() })
    }

    /// Has the block that is full compressed.
    fn hand_over(&mut self) -> Result<(), String> {
        let content = Arc::new(self.content.next_block());
        let level = self.level;
        if self.threads > 1 {
            self.collect_beyond(self.threads)?;
            let theirs = Arc::clone(&content);
            let work = move || compress(level, &theirs);
            if let Ok(thread) = thread::Builder::new().name("bzip2".to_owned()).spawn(work) {
                self.working.push_back(thread);
                return Ok(());
            }
            // There can be no more threads now, so it is done here.
        }
        let block = compress(level, &content)?;
        self.collect_beyond(0)?;
        self.file.append(&block);
        Ok(())
    }

    /// Waits for the first blocks that are being compressed, until no more than `most` are.
    fn collect_beyond(&mut self, most: usize) -> Result<(), String> {
        while self.working.len() > most
            && let Some(thread) = self.working.pop_front()
        {
            let block = thread.join().map_err(|_| "bzip2: a thread stopped unexpectedly".to_owned())??;
            self.file.append(&block);
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), String> {
        self.content.flush();
        let content = self.content.next_block();
        self.collect_beyond(self.threads)?;
        // Meanwhile the others are being compressed.
        let last = if content.is_empty() { None } else { Some(compress(self.level, &content)?) };
        self.collect_beyond(0)?;
        if let Some(block) = last {
            self.file.append(&block);
        }
        self.file.finish();
        self.ended = true;
        Ok(())
    }
}

/// Compresses a block's content, whose runs are shortened.
fn compress(level: u8, content: &[u8]) -> Result<Block, String> {
    let mut bzip2 = Compress::new(Compression::new(u32::from(level)), WORK_FACTOR);
    let failed = |error: bzip2::Error| format!("bzip2: {error}");
    // The manual: a file is at most 1 % and 600 bytes longer than its content.
    let mut file = Vec::with_capacity(content.len() + content.len() / 100 + 600);
    let mut taken = 0;
    lengthen(content, |piece| {
        bzip2.compress_vec(piece, &mut file, Action::Run).map_err(failed)?;
        taken += piece.len() as u64;
        if bzip2.total_in() == taken { Ok(()) } else { Err("bzip2: it does not go on".to_owned()) }
    })?;
    let status = bzip2.compress_vec(&[], &mut file, Action::Finish).map_err(failed)?;
    let block = if status == Status::StreamEnd { Block::only_one_of(&file) } else { None };
    block.ok_or_else(|| "bzip2: a block was not compressed as one".to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::file::TRAILER;
    use super::*;

    /// What the library makes on one thread.
    fn by_the_library(level: u8, content: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), Compression::new(u32::from(level)));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn by_blocks(level: u8, threads: usize, content: &[u8], cut: usize) -> Vec<u8> {
        let mut blocks = Blocks::new(level, threads);
        let mut made = Vec::new();
        let mut room = [0; 10_000];
        for piece in content.chunks(cut) {
            let mut piece = piece;
            while !piece.is_empty() {
                let step = blocks.step(piece, &mut room, false).unwrap();
                made.extend_from_slice(&room[..step.written]);
                piece = &piece[step.read..];
            }
        }
        loop {
            let step = blocks.step(&[], &mut room, true).unwrap();
            made.extend_from_slice(&room[..step.written]);
            if step.ended {
                return made;
            }
        }
    }

    fn assert_same(content: &[u8], what: &str) {
        for threads in [1, 3] {
            let made = by_blocks(1, threads, content, 70_000);
            assert!(made == by_the_library(1, content), "{what}, {threads} threads");
        }
    }

    /// Bytes of which none is like the one before.
    fn restless(length: usize) -> impl Iterator<Item = u8> {
        let mut state = 1_u32;
        (0..length).map(move |at| {
            state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            state.to_be_bytes()[1] & 0xfe | u8::from(at % 2 == 0)
        })
    }

    /// A block of level 1 is full with as many bytes.
    const FULL: usize = 99_981;

    #[test]
    fn short_content_is_one_block_or_none() {
        for content in [&b""[..], b"x", b"xx", &[7; 4], &[7; 5], &[0; 255], &[0; 256], &[255; 3000]] {
            assert_same(content, &format!("{} bytes", content.len()));
        }
    }

    #[test]
    fn content_may_end_with_a_block_or_just_beside() {
        for length in [FULL - 1, FULL, FULL + 1, FULL + 2, 2 * FULL - 1, 2 * FULL, 2 * FULL + 1, 2 * FULL + 2]
        {
            assert_same(&restless(length).collect::<Vec<_>>(), &format!("{length} bytes"));
        }
    }

    #[test]
    fn runs_may_lie_across_the_end_of_a_block() {
        for before in [1, 2, 4, 5, 6] {
            for length in [2, 3, 4, 5, 254, 255, 256, 259, 600] {
                let mut content: Vec<u8> = restless(FULL - before).collect();
                content.extend(std::iter::repeat_n(b'r', length));
                // Ends there, goes on with another byte, or has another run.
                assert_same(&content, &format!("run of {length}, {before} before the end"));
                content.push(b's');
                assert_same(&content, &format!("run of {length} and a byte, {before} before the end"));
                content.extend([b't'; 300]);
                content.extend(restless(500));
                assert_same(&content, &format!("two runs, {length}, {before} before the end"));
            }
        }
    }

    #[test]
    fn a_block_may_have_fifty_times_its_size_of_content() {
        assert_same(&vec![b'r'; 12_000_000], "one run");
    }

    #[test]
    fn more_blocks_than_threads_stay_in_order() {
        let content: Vec<u8> = restless(12 * FULL).collect();
        for threads in [1, 2, 4, 100] {
            assert!(by_blocks(1, threads, &content, 1_000_000) == by_the_library(1, &content), "{threads}");
        }
    }

    #[test]
    fn a_file_of_two_blocks_is_not_taken_for_one() {
        let file = by_the_library(1, &restless(FULL + 1000).collect::<Vec<_>>());
        assert!(Block::only_one_of(&file).is_none());
        let file = by_the_library(1, b"one");
        let block = Block::only_one_of(&file).unwrap();
        assert_eq!((8 * file.len() - block.length - 32 - TRAILER) / 8, 0);
        for cut in 0..file.len() {
            assert!(Block::only_one_of(&file[..cut]).is_none(), "{cut} bytes");
        }
        assert!(Block::only_one_of(&by_the_library(1, b"")).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn the_bytes_are_those_of_the_library(
            runs in proptest::collection::vec((any::<u8>(), prop_oneof![4 => 1..4_usize, 2 => 4..300_usize, 1 => 250..2000_usize]), 1..1500),
            repeat in 1..30_usize,
            noise in 0..250_000_usize,
            threads in 1..5_usize,
            cut in 1..200_000_usize,
        ) {
            let mut content: Vec<u8> = restless(noise).collect();
            for _ in 0..repeat {
                for (byte, length) in &runs {
                    content.extend(std::iter::repeat_n(*byte, *length));
                }
            }
            prop_assert!(by_blocks(1, threads, &content, cut) == by_the_library(1, &content));
        }
    }
}
