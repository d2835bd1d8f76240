//! What is compressed opens to the same bytes.

use std::io::{self, Read as _, Write as _};

use codec::{Compression, Compressor, Expect, OpenReader};

fn compress(bytes: &[u8], compression: Compression) -> Vec<u8> {
    let mut compressor = Compressor::new(Vec::new(), compression).unwrap();
    for piece in bytes.chunks(1000) {
        compressor.write_all(piece).unwrap();
        compressor.flush().unwrap();
    }
    compressor.finish().unwrap()
}

#[test]
fn what_is_compressed_opens_to_the_same_bytes() {
    let text: Vec<u8> =
        (0..100_000_u32).flat_map(|n| format!("<package {}>\n", n % 977).into_bytes()).collect();
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        for bytes in [&b""[..], b"x", &text] {
            let file = compress(bytes, compression);
            assert_eq!(Compression::detect(&file), Some(compression));
            assert!(bytes.len() < 1000 || compression == Compression::None || file.len() < bytes.len() / 4);
            let mut reader = OpenReader::new(io::Cursor::new(file), "x", Expect::default()).unwrap();
            let mut open = Vec::new();
            reader.read_to_end(&mut open).unwrap();
            assert_eq!(open, bytes);
        }
    }
}

#[test]
fn slow_compressions_are_refused() {
    for compression in [Compression::Bzip2, Compression::Xz, Compression::Zchunk] {
        let error = Compressor::new(Vec::new(), compression).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    }
}
