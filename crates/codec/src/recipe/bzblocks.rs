//! bzip2, its blocks compressed side by side.
//!
//! Nothing of a block depends on the blocks before it but where its first bit lies, and
//! a block ends where its content, runs shortened, has reached the size of the level.
//! So the content is cut as bzip2 cuts it, each block is compressed as a file of its own
//! by the library, and the blocks are taken out of those files and joined bit by bit. The
//! bytes are those that the library makes of the whole content on one thread.
//!
//! What is in a block is the library's business: here is only where blocks begin and end.

use std::collections::VecDeque;
use std::mem;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use bzip2::{Action, Compress, Compression, Status};
use encoders::Step;

/// The most threads that compress blocks.
const THREADS: usize = 4;
/// Blocks that are held at a time at most, whatever the number of threads: one more than
/// threads, that none of them waits.
pub(super) const BLOCKS: usize = THREADS + 1;
/// The work factor that bzip2 takes if it is given none. It changes the time, not the
/// bytes.
const WORK_FACTOR: u32 = 0;

/// What a file begins with; the level follows as a digit.
const HEADER: [u8; 3] = *b"BZh";
/// What a block begins with; its CRC follows.
const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
/// What comes after the last block; the CRC of all blocks follows.
const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
/// Bits of that and of the CRC.
const TRAILER: usize = 48 + 32;

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

/// A block's content, its runs shortened: after four times the same byte comes how many
/// times more. bzip2 measures its blocks by this.
struct Runs {
    block: Vec<u8>,
    /// With as many bytes the block is full.
    full: usize,
    byte: u8,
    /// How many times it came last; 0 at the beginning.
    length: u8,
}

impl Runs {
    fn new(level: u8) -> Self {
        let full = 100_000 * usize::from(level) - 19;
        Self { block: Vec::new(), full, byte: 0, length: 0 }
    }

    /// Takes `bytes`, or some of them until the block is full; says how many, and whether
    /// it is. The run that filled the block is the last one in it; what has been taken after
    /// it belongs to the next block.
    fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        for (at, &byte) in bytes.iter().enumerate() {
            if byte == self.byte && (1..u8::MAX).contains(&self.length) {
                self.length += 1;
                continue;
            }
            self.flush();
            self.byte = byte;
            self.length = 1;
            if self.block.len() >= self.full {
                return (at + 1, true);
            }
        }
        (bytes.len(), false)
    }

    /// Ends the run.
    fn flush(&mut self) {
        let byte = self.byte;
        match self.length {
            0 => {}
            1 => self.block.push(byte),
            2 => self.block.extend_from_slice(&[byte; 2]),
            3 => self.block.extend_from_slice(&[byte; 3]),
            more => self.block.extend_from_slice(&[byte, byte, byte, byte, more - 4]),
        }
        self.length = 0;
    }

    fn next_block(&mut self) -> Vec<u8> {
        mem::take(&mut self.block)
    }
}

/// Gives the content of a block, whose runs are shortened, to `each` in pieces.
fn lengthen(block: &[u8], mut each: impl FnMut(&[u8]) -> Result<(), String>) -> Result<(), String> {
    let (mut start, mut byte, mut length) = (0, 0, 0);
    for (at, &next) in block.iter().enumerate() {
        if length == 4 {
            each(block.get(start..at).unwrap_or_default())?;
            each([byte; 255].get(..usize::from(next)).unwrap_or_default())?;
            (start, length) = (at + 1, 0);
        } else {
            length = if length > 0 && next == byte { length + 1 } else { 1 };
            byte = next;
        }
    }
    each(block.get(start..).unwrap_or_default())
}

/// A block as it is in a file.
struct Block {
    crc: u32,
    /// Its bits, from the highest of the first byte on; others may follow.
    bits: Vec<u8>,
    /// How many are its own.
    length: usize,
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

impl Block {
    /// Takes the block out of a file that has no other.
    fn only_one_of(file: &[u8]) -> Option<Self> {
        let (_level, bits) = file.strip_prefix(&HEADER)?.split_first()?;
        let crc = u32::from_be_bytes(*bits.strip_prefix(&BLOCK)?.first_chunk()?);
        // The trailer's CRC of all blocks is that of the only one, and zeros fill its
        // last byte.
        let append = |bits, byte: &u8| bits << 8 | u128::from(*byte);
        let trailer = END.iter().chain(&crc.to_be_bytes()).fold(0, append);
        let mut tail = [0; 16];
        tail.last_chunk_mut::<11>()?.copy_from_slice(bits.last_chunk::<11>()?);
        let tail = u128::from_be_bytes(tail);
        let ends_before = |zeros: &usize| {
            let end = tail >> zeros;
            end << zeros == tail && end & ((1 << TRAILER) - 1) == trailer
        };
        let zeros = (0..8).find(ends_before)?;
        let length = (8 * bits.len()).checked_sub(TRAILER + zeros)?;
        Some(Self { crc, bits: bits.to_vec(), length })
    }
}

/// The file: blocks begin and end at any bit.
struct File {
    made: Vec<u8>,
    /// The last byte, of which the highest `used` bits are filled; fewer than 8.
    last: u8,
    used: usize,
    /// Of all blocks.
    crc: u32,
}

impl File {
    fn new(level: u8) -> Self {
        let [b, z, h] = HEADER;
        Self { made: vec![b, z, h, b'0' + level], last: 0, used: 0, crc: 0 }
    }

    fn append(&mut self, block: &Block) {
        self.crc = self.crc.rotate_left(1) ^ block.crc;
        self.put(&block.bits, block.length);
    }

    fn finish(&mut self) {
        self.put(&END, 48);
        self.put(&self.crc.to_be_bytes(), 32);
        if self.used > 0 {
            self.made.push(self.last);
            self.used = 0;
        }
    }

    /// Puts the first `length` of `bits`.
    fn put(&mut self, bits: &[u8], length: usize) {
        let (whole, rest) = (length / 8, length % 8);
        for byte in bits.iter().take(whole) {
            let [filled, begun] = self.beside(*byte);
            self.made.push(filled);
            self.last = begun;
        }
        if rest > 0 {
            let byte = bits.get(whole).copied().unwrap_or_default();
            let [first, second] = self.beside(byte & !(u8::MAX >> rest));
            self.used += rest;
            self.last = first;
            if self.used >= 8 {
                self.made.push(first);
                self.last = second;
                self.used -= 8;
            }
        }
    }

    /// The last byte filled from `byte`, and what is left of that.
    fn beside(&self, byte: u8) -> [u8; 2] {
        (u16::from_be_bytes([self.last, 0]) | u16::from_be_bytes([byte, 0]) >> self.used).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

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
