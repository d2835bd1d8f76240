//! One frame of inserted text (format 2, "Frames"): zstd with a
//! dictionary of old text, without the four magic bytes that every zstd frame
//! begins with.

use zstd::zstd_safe::{self, CCtx, CParameter, DCtx, ResetDirective};

use crate::varint::Malformed;

/// What a zstd frame begins with, and ours leave out.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Most bytes of a frame's text, and most of its dictionary: together they are
/// the window.
pub(super) const MAX_TEXT: usize = 16 << 20;
/// See [`MAX_TEXT`].
pub(super) const MAX_DICTIONARY: usize = 16 << 20;
/// Least window that zstd knows: 2 to this power.
const MIN_WINDOW_LOG: u32 = 10;

/// Compresses `text`, which is not empty.
pub(super) fn compress(text: &[u8], dictionary: &[u8], level: i32) -> Result<Vec<u8>, Malformed> {
    let failed = |code| Malformed::new(zstd_safe::get_error_name(code));
    let mut context = CCtx::create();
    context.reset(ResetDirective::SessionAndParameters).map_err(failed)?;
    for parameter in [
        CParameter::CompressionLevel(level),
        CParameter::ContentSizeFlag(true),
        CParameter::ChecksumFlag(false),
        CParameter::DictIdFlag(false),
        // Without this, the dictionary's far end may be out of reach.
        CParameter::WindowLog(window_log(text.len() + dictionary.len())),
    ] {
        context.set_parameter(parameter).map_err(failed)?;
    }
    if !dictionary.is_empty() {
        context.ref_prefix(dictionary).map_err(failed)?;
    }
    let mut out = Vec::with_capacity(zstd_safe::compress_bound(text.len()));
    context.compress2(&mut out, text).map_err(failed)?;
    match out.strip_prefix(&MAGIC) {
        Some(rest) => Ok(rest.to_vec()),
        None => Err(Malformed::new("expected a zstd frame from the encoder, found something else")),
    }
}

fn window_log(bytes: usize) -> u32 {
    bytes.next_power_of_two().trailing_zeros().max(MIN_WINDOW_LOG)
}

/// Opens a frame. Its head says how long the text is; more than `max` bytes are
/// refused before anything is allocated.
pub(super) fn decompress(frame: &[u8], dictionary: &[u8], max: usize) -> Result<Vec<u8>, Malformed> {
    let mut whole = Vec::with_capacity(MAGIC.len() + frame.len());
    whole.extend_from_slice(&MAGIC);
    whole.extend_from_slice(frame);
    let size = match zstd_safe::get_frame_content_size(&whole) {
        Ok(Some(size)) => size,
        Ok(None) => return Err(Malformed::new("expected a frame that says its open size, found none")),
        Err(_) => return Err(Malformed::new("expected the head of a zstd frame, found something else")),
    };
    let size = usize::try_from(size).ok().filter(|size| *size <= max);
    let size =
        size.ok_or_else(|| Malformed::new(format!("expected at most {max} open bytes, found more")))?;
    match zstd_safe::find_frame_compressed_size(&whole) {
        Ok(len) if len == whole.len() => {}
        _ => return Err(Malformed::new("expected one whole zstd frame, found something else")),
    }
    let failed = |code| Malformed::new(zstd_safe::get_error_name(code));
    let mut context = DCtx::create();
    if !dictionary.is_empty() {
        context.ref_prefix(dictionary).map_err(failed)?;
    }
    let mut text = Vec::with_capacity(size);
    let found = context.decompress(&mut text, &whole).map_err(failed)?;
    if found == size {
        Ok(text)
    } else {
        Err(Malformed::new(format!("expected {size} open bytes, found {found}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dictionary_makes_what_is_alike_small() {
        let old: Vec<u8> =
            (0..60_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let mut new = old.clone();
        new[100_000] ^= 1;
        let frame = compress(&new, &old, 19).unwrap();
        assert!(frame.len() < 60, "{}", frame.len());
        assert!(decompress(&frame, &old, new.len()).unwrap() == new);
        assert!(decompress(&frame, &old, new.len() - 1).is_err());
        assert!(
            decompress(&frame, &old[..old.len() - 1], new.len()).ok() != Some(new),
            "of another dictionary"
        );
    }

    #[test]
    fn damaged_frames_are_refused() {
        let frame = compress(b"some text, some text, some text", b"", 19).unwrap();
        assert!(decompress(b"", b"", 100).is_err());
        for len in 0..frame.len() {
            assert!(decompress(&frame[..len], b"", 100).is_err(), "{len}");
        }
        let twice = [frame.clone(), MAGIC.to_vec(), frame].concat();
        assert!(decompress(&twice, b"", 100).is_err());
    }
}
