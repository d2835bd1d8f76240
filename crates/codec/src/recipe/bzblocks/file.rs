//! The file around the blocks, which begin and end at any bit of it. What is in a block
//! is not looked at.

/// What a file begins with; the level follows as a digit.
const HEADER: [u8; 3] = *b"BZh";
/// What a block begins with; its CRC follows.
const BLOCK: [u8; 6] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59];
/// What comes after the last block; the CRC of all blocks follows.
const END: [u8; 6] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90];
/// Bits of that and of the CRC.
pub(super) const TRAILER: usize = 48 + 32;

/// A block as it is in a file.
pub(super) struct Block {
    crc: u32,
    /// Its bits, from the highest of the first byte on; others may follow.
    bits: Vec<u8>,
    /// How many are its own.
    pub(super) length: usize,
}

impl Block {
    /// Takes the block out of a file that has no other.
    pub(super) fn only_one_of(file: &[u8]) -> Option<Self> {
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
pub(super) struct File {
    /// Its whole bytes that have not been fetched.
    pub(super) made: Vec<u8>,
    /// The last byte, of which the highest `used` bits are filled; fewer than 8.
    last: u8,
    used: usize,
    /// Of all blocks.
    crc: u32,
}

impl File {
    pub(super) fn new(level: u8) -> Self {
        let [b, z, h] = HEADER;
        Self { made: vec![b, z, h, b'0' + level], last: 0, used: 0, crc: 0 }
    }

    pub(super) fn append(&mut self, block: &Block) {
        self.crc = self.crc.rotate_left(1) ^ block.crc;
        self.put(&block.bits, block.length);
    }

    pub(super) fn finish(&mut self) {
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
