//! What decompressing a file takes, told from its first bytes.
//!
//! zstd and xz say in front of their data how far back it refers. That is taken
//! as the limit for the whole file, so that a later frame or block cannot raise
//! it; only what every decoder is expected to take is allowed in any case.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use crate::zchunk::{self, MAX_HEADER};
use crate::{Compression, Expect};

/// Memory that an xz file may need to be decompressed, in bytes. The highest
/// preset of xz needs 65 MiB.
pub const XZ_MEMORY: u64 = 256 * 1024 * 1024;

/// Base-two logarithm of the largest zstd window accepted, in bytes: 128 MiB,
/// which is what the zstd program accepts without `--long`.
pub const ZSTD_WINDOW_LOG: u32 = 27;

/// Bytes of a file that are looked at.
const HEAD: u64 = 4096;

/// Base-two logarithm of the zstd window that is always allowed: 8 MiB, which the
/// format asks of every decoder.
const USUAL_WINDOW_LOG: u32 = 23;

/// Memory that an xz file is always allowed: that of preset 6, and some more.
const USUAL_XZ: u64 = 16 << 20;

/// What an xz decoder takes beside the dictionary, rounded up.
const XZ_BESIDE: u64 = 1 << 20;

/// What an [`OpenReader`](crate::OpenReader) takes beside windows and dictionaries:
/// buffers and open blocks, rounded up.
const BUFFERS: u64 = 2 << 20;

/// Bytes of a zchunk file in which its header is looked for: of those in use it has a
/// million at most.
const ZCHUNK_HEAD: u64 = 2 << 20;

/// What a zchunk file may have in memory: a header, a chunk, an open one, a dictionary.
const ZCHUNK: [u64; 2] = [MAX_HEADER + (64 << 20), (64 << 20) + (16 << 20)];

/// The most memory in bytes that an [`OpenReader`](crate::OpenReader) of `file` takes.
///
/// Reads the first bytes of the file, of a zchunk file all of its header, which is at its beginning afterwards. Where
/// `expect` says how large the file opens, that limits what is told, as an
/// [`OpenReader`](crate::OpenReader) goes no further.
///
/// # Errors
/// When the file cannot be read.
pub fn decoding_memory(mut file: impl Read + Seek, expect: &Expect) -> io::Result<u64> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let open = expect.open_size.unwrap_or(u64::MAX).min(expect.max_open_size);
    let window = match Compression::detect(&head) {
        Some(Compression::Zstd) => (1 << zstd_window_log(&head)).min(open),
        Some(Compression::Xz) => xz_memory(&head).min(open.saturating_add(XZ_BESIDE)),
        Some(Compression::Zchunk) => {
            let most = ZCHUNK[0].min(size).saturating_add(ZCHUNK[1].min(open));
            let by_header = zchunk::memory(&mut BufReader::new(file.by_ref().take(ZCHUNK_HEAD)));
            file.seek(SeekFrom::Start(0))?;
            // One that is longer may take all that is allowed; one that cannot be read is told
            // of when the file is opened.
            by_header.map_or(most, |bytes| bytes.min(most))
        }
        _ => 0,
    };
    Ok(window.saturating_add(BUFFERS))
}

/// Base-two logarithm of the largest window that frames of a zstd file which begins
/// like this may need.
pub(crate) fn zstd_window_log(head: &[u8]) -> u32 {
    let Some(window) = first_window(head) else { return ZSTD_WINDOW_LOG };
    let log = u64::BITS - window.saturating_sub(1).leading_zeros();
    log.clamp(USUAL_WINDOW_LOG, ZSTD_WINDOW_LOG)
}

/// The window of the first frame of a zstd file that has content; nothing where its
/// header is further away.
fn first_window(mut head: &[u8]) -> Option<u64> {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, a, b, c, d, ..] = *head {
        let length = usize::try_from(u32::from_le_bytes([a, b, c, d])).ok()?;
        head = head.get(8..)?.get(length..)?;
    }
    let [0x28, 0xb5, 0x2f, 0xfd, descriptor, ..] = *head else { return None };
    if descriptor & 0x20 == 0 {
        let window = *head.get(5)?;
        let base = 1_u64 << (10 + u32::from(window >> 3));
        return Some(base + base / 8 * u64::from(window & 7));
    }
    // A single segment: the window is the content.
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let (length, offset) = [(1, 0), (2, 256), (4, 0), (8, 0)][usize::from(descriptor >> 6)];
    let size = head.get(5 + dictionary..)?.get(..length)?;
    let little_endian = size.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    little_endian.checked_add(offset)
}

/// The memory that streams of an xz file which begins like this may need.
pub(crate) fn xz_memory(head: &[u8]) -> u64 {
    let dictionary = first_dictionary(head).unwrap_or(XZ_MEMORY);
    dictionary.saturating_add(XZ_BESIDE).clamp(USUAL_XZ, XZ_MEMORY)
}

/// The dictionary of the first block of an xz file.
fn first_dictionary(head: &[u8]) -> Option<u64> {
    // The header of the stream has twelve bytes; that of the block says its own length.
    let block = head.get(12..)?;
    let (&length, &flags) = (block.first()?, block.get(1)?);
    let mut rest = block.get(2..(usize::from(length) + 1) * 4)?;
    // Compressed and open size, where they are given.
    for _ in 0..(flags >> 6).count_ones() {
        number(&mut rest)?;
    }
    for _ in 0..=(flags & 3) {
        let (filter, properties) = (number(&mut rest)?, number(&mut rest)?);
        let (properties, after) = rest.split_at_checked(usize::try_from(properties).ok()?)?;
        rest = after;
        if let (0x21, [bits @ 0..=40]) = (filter, properties) {
            let bits = u32::from(*bits);
            return Some(if bits == 40 {
                u64::from(u32::MAX)
            } else {
                u64::from(2 | bits & 1) << (bits / 2 + 11)
            });
        }
    }
    None
}

/// A number of variable length, seven bits to a byte.
fn number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use liblzma::stream::{Check, Filters, LzmaOptions, Stream};

    use super::*;

    fn zstd_of(log: u32, text: &[u8], pledged: bool) -> Vec<u8> {
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(log).unwrap();
        if pledged {
            encoder.set_pledged_src_size(Some(text.len() as u64)).unwrap();
        }
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn xz_of(dictionary: u32, text: &[u8]) -> Vec<u8> {
        let mut options = LzmaOptions::new_preset(0).unwrap();
        options.dict_size(dictionary);
        let mut filters = Filters::new();
        filters.lzma2(&options);
        let stream = Stream::new_stream_encoder(&filters, Check::Crc32).unwrap();
        let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream);
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn windows_are_read_as_the_encoder_wrote_them() {
        for log in [10, 20, 23, 24, 27] {
            assert_eq!(first_window(&zstd_of(log, b"text", false)), Some(1 << log), "{log}");
            assert_eq!(zstd_window_log(&zstd_of(log, b"text", false)), log.max(23));
        }
        for length in [1, 300, 70_000] {
            let file = zstd_of(23, &vec![b'x'; length], true);
            assert_eq!(first_window(&file), Some(length as u64), "{length}");
        }
        let mut behind_another = vec![0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        behind_another.extend(zstd_of(25, b"text", false));
        assert_eq!(first_window(&behind_another), Some(1 << 25));
        assert_eq!(zstd_window_log(&[0x50, 0x2a, 0x4d, 0x18, 255, 255, 255, 255]), ZSTD_WINDOW_LOG);
    }

    #[test]
    fn dictionaries_are_read_as_the_encoder_wrote_them() {
        for size in [1 << 12, 3 << 19, 1 << 23, 1 << 26, 3 << 25] {
            assert_eq!(first_dictionary(&xz_of(size, b"text")), Some(u64::from(size)), "{size}");
        }
        assert_eq!(xz_memory(&xz_of(1 << 12, b"text")), USUAL_XZ);
        assert_eq!(xz_memory(&xz_of(1 << 26, b"text")), (64 << 20) + XZ_BESIDE);
        assert_eq!(xz_memory(b"\xfd7zXZ\0"), XZ_MEMORY);
    }

    #[test]
    fn what_is_told_is_no_more_than_the_file_opens_to() {
        let told = |file: Vec<u8>, open_size: Option<u64>| {
            decoding_memory(Cursor::new(file), &Expect { open_size, ..Expect::default() }).unwrap()
        };
        assert_eq!(told(zstd_of(27, b"text", false), None), (128 << 20) + BUFFERS);
        assert_eq!(told(zstd_of(27, b"text", false), Some(4)), 4 + BUFFERS);
        assert_eq!(told(xz_of(1 << 26, b"text"), Some(4)), 4 + XZ_BESIDE + BUFFERS);
        assert_eq!(told(b"text".to_vec(), None), BUFFERS);
    }

    #[test]
    fn any_beginning_has_a_limit() {
        let whole = [zstd_of(24, b"text", true), xz_of(1 << 20, b"text")];
        for file in &whole {
            for length in 0..file.len().min(64) {
                for byte in [0, 0x7f, 0xff] {
                    let mut head = file[..length].to_vec();
                    head.push(byte);
                    assert!((USUAL_WINDOW_LOG..=ZSTD_WINDOW_LOG).contains(&zstd_window_log(&head)));
                    assert!((USUAL_XZ..=XZ_MEMORY).contains(&xz_memory(&head)));
                }
            }
        }
    }
}
