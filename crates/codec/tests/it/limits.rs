//! Bombs stop early, and decoders do not get all the memory they ask for.

use codec::{Compression, Error, Expect};

use crate::samples::{COMPRESSED, NAME, compress, open, small};

const MIB: u64 = 1024 * 1024;

#[test]
fn a_bomb_stops_at_the_cap() {
    for compression in COMPRESSED {
        let bomb = compress(compression, &vec![0; 64 << 20]);
        for (open_size, max_open_size, limit) in
            [(None, MIB, MIB), (Some(5), MIB, 5), (Some(u64::MAX), 0, 0), (Some(2 * MIB), u64::MAX, 2 * MIB)]
        {
            let expect = Expect { open_size, max_open_size, ..Expect::default() };
            let error = open(&bomb, expect).unwrap_err();
            let Error::TooLarge { limit: told, found, .. } = error else { panic!("{error}") };
            assert_eq!(told, limit);
            assert!(found > limit && found <= limit + MIB / 4, "{found}");
            let message =
                format!("`{NAME}`: expected at most {limit} bytes when decompressed, found at least {found}");
            assert_eq!(error.to_string(), message);
        }
    }
}

#[test]
fn the_cap_itself_is_allowed() {
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        let file = compress(compression, &small());
        let max_open_size = small().len() as u64;
        assert!(open(&file, Expect { max_open_size, ..Expect::default() }).is_ok());
        let max_open_size = max_open_size - 1;
        let result = open(&file, Expect { max_open_size, ..Expect::default() });
        assert!(matches!(result, Err(Error::TooLarge { .. })));
    }
}

#[test]
fn an_xz_dictionary_beyond_the_memory_limit_is_refused() {
    let mut file = compress(Compression::Xz, &small());
    // The block header: length, flags, LZMA2, one property, padding, CRC32.
    assert_eq!(file[12..16], [2, 0, 0x21, 1]);
    for (property, fits) in [(31, true), (32, false), (40, false)] {
        file[16] = property;
        let mut crc = flate2::Crc::new();
        crc.update(&file[12..20]);
        file[20..24].copy_from_slice(&crc.sum().to_le_bytes());
        let result = open(&file, Expect::default());
        if fits {
            assert_eq!(result.unwrap().0, small());
        } else {
            let message = format!("cannot decompress `{NAME}` as xz: memory limit reached");
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    }
}

#[test]
fn a_zstd_window_beyond_the_limit_is_refused() {
    let mut file = compress(Compression::Zstd, &small());
    assert_eq!(file[4] & 0x20, 0, "it has a window of its own");
    for (log, fits) in [(27, true), (28, false), (31, false)] {
        file[5] = (log - 10) << 3;
        match open(&file, Expect::default()) {
            Ok((bytes, _)) => assert!(fits && bytes == small(), "{log}"),
            Err(Error::Decode { .. }) => assert!(!fits, "{log}"),
            Err(other) => panic!("{other}"),
        }
    }
}

/// A frame with a window of 2^`log` bytes.
fn frame(log: u32, text: &[u8]) -> Vec<u8> {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(log).unwrap();
    std::io::Write::write_all(&mut encoder, text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_first_zstd_frame_says_what_the_file_may_take() {
    let text = small();
    for (first, second, fits) in [(10, 23, true), (27, 26, true), (10, 24, false), (25, 26, false)] {
        let file = [frame(first, &text), frame(second, &text)].concat();
        match open(&file, Expect::default()) {
            Ok((opened, _)) if fits => assert_eq!(opened, [&text[..], &text].concat()),
            Err(Error::Unsupported { format, .. }) if !fits => {
                assert!(format.contains("later frame"), "{format}");
            }
            other => panic!("{first}, {second}: {other:?}"),
        }
    }
}

#[test]
fn the_first_xz_block_says_what_the_file_may_take() {
    let stream = |dictionary: u32| {
        let mut options = liblzma::stream::LzmaOptions::new_preset(0).unwrap();
        options.dict_size(dictionary);
        let mut filters = liblzma::stream::Filters::new();
        filters.lzma2(&options);
        let stream = liblzma::stream::Stream::new_stream_encoder(&filters, liblzma::stream::Check::Crc32);
        let mut encoder = liblzma::write::XzEncoder::new_stream(Vec::new(), stream.unwrap());
        std::io::Write::write_all(&mut encoder, &small()).unwrap();
        encoder.finish().unwrap()
    };
    for (first, second, fits) in
        [(1 << 12, 1 << 23, true), (1 << 26, 1 << 25, true), (1 << 12, 1 << 25, false)]
    {
        match open(&[stream(first), stream(second)].concat(), Expect::default()) {
            Ok((opened, _)) if fits => assert_eq!(opened, [small(), small()].concat()),
            Err(Error::Unsupported { format, .. }) if !fits => {
                assert!(format.contains("later block"), "{format}");
            }
            other => panic!("{first}, {second}: {other:?}"),
        }
    }
}
