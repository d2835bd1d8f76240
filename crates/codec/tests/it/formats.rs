//! Every format is recognised by its content and read whole.

use std::fs::File;
use std::io::{BufRead as _, Write as _};

use codec::{Compression, Error, Expect, OpenReader};

use crate::samples::{COMPRESSED, NAME, compress, noise, open, read_all, small};

#[test]
fn content_decides_whatever_the_name_says() {
    let temp = tempfile::tempdir().unwrap();
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        for suffix in ["", ".gz", ".bz2", ".xz", ".zst"] {
            let path = temp.path().join(format!("primary.xml{suffix}"));
            File::create(&path).unwrap().write_all(&compress(compression, &small())).unwrap();
            let reader = OpenReader::new(File::open(&path).unwrap(), &path, Expect::default()).unwrap();
            assert_eq!(reader.compression(), compression);
            let (bytes, summary) = read_all(reader).unwrap();
            assert_eq!(bytes, small());
            assert_eq!(summary.compression, compression);
            assert_eq!(summary.open_size, small().len() as u64);
            assert_eq!(summary.size, std::fs::metadata(&path).unwrap().len());
        }
    }
}

#[test]
fn large_files_come_through_the_thread_unchanged() {
    let content = noise(3_000_001);
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        let file = compress(compression, &content);
        let (bytes, summary) = open(&file, Expect::default()).unwrap();
        assert!(bytes == content, "{compression}");
        assert_eq!(summary.size, file.len() as u64);
        let inline = OpenReader::inline(std::io::Cursor::new(file), NAME, Expect::default()).unwrap();
        assert!(read_all(inline).unwrap().0 == content, "{compression}");
    }
}

#[test]
fn members_streams_and_frames_are_joined() {
    for compression in COMPRESSED.into_iter().filter(|c| *c != Compression::Zchunk) {
        let mut file = compress(compression, b"one ");
        file.extend(compress(compression, b""));
        file.extend(compress(compression, b"two "));
        file.extend(compress(compression, &noise(600_000)));
        let (bytes, _) = open(&file, Expect::default()).unwrap();
        assert_eq!(bytes.len(), 600_008, "{compression}");
        assert!(bytes.starts_with(b"one two "));
    }
}

#[test]
fn a_skippable_zstd_frame_may_come_first() {
    let mut file = b"\x50\x2a\x4d\x18\x04\0\0\0skip".to_vec();
    file.extend(compress(Compression::Zstd, b"content"));
    let (bytes, summary) = open(&file, Expect::default()).unwrap();
    assert_eq!((bytes.as_slice(), summary.compression), (&b"content"[..], Compression::Zstd));
}

#[test]
fn an_empty_file_is_not_compressed_and_an_empty_stream_is() {
    let (bytes, summary) = open(b"", Expect::default()).unwrap();
    assert!(bytes.is_empty());
    assert_eq!((summary.compression, summary.size, summary.open_size), (Compression::None, 0, 0));
    for compression in COMPRESSED {
        let (bytes, summary) = open(&compress(compression, b""), Expect::default()).unwrap();
        assert!(bytes.is_empty());
        assert_eq!(summary.compression, compression);
    }
}

#[test]
fn a_zchunk_header_without_its_chunks_is_refused_by_name() {
    let start = b"\0ZHR1 and so on";
    let error = open(start, Expect::default()).unwrap_err();
    assert!(matches!(error, Error::Unsupported { .. }));
    let expected = format!("`{NAME}` is a detached zchunk header file, which is not supported");
    assert_eq!(error.to_string(), expected);
    assert_eq!(Compression::detect(start), None);
}

#[test]
fn nearly_magic_is_plain() {
    for start in [&b"BZh0"[..], b"BZh", b"\x1f", b"\xfd7zXZ", b"\x28\xb5\x2f", b"\0ZCK2", b"\0ZHK1"] {
        assert_eq!(Compression::detect(start), Some(Compression::None), "{start:?}");
        assert_eq!(open(start, Expect::default()).unwrap().0, start);
    }
}

#[test]
fn lines_can_be_read_from_the_buffer() {
    let file = compress(Compression::Zstd, &small());
    let reader = OpenReader::new(std::io::Cursor::new(file), NAME, Expect::default()).unwrap();
    assert_eq!(reader.lines().map(Result::unwrap).last().unwrap(), "</metadata>");
}

#[test]
fn names_and_suffixes() {
    let all = [Compression::None].into_iter().chain(COMPRESSED);
    let names: Vec<_> = all.map(|c| (c.to_string(), c.suffix())).collect();
    let expected = [("none", ""), ("gz", "gz"), ("bz2", "bz2"), ("xz", "xz"), ("zst", "zst"), ("zck", "zck")];
    assert_eq!(names, expected.map(|(name, suffix)| (name.to_owned(), suffix)));
}
