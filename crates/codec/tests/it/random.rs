//! Arbitrary bytes end in content or an error, never in a panic.

use std::io::Cursor;

use codec::{Expect, OpenReader};
use proptest::prelude::*;

use crate::samples::{COMPRESSED, NAME, compress, read_all};

fn try_open(file: Vec<u8>) {
    let expect = Expect { max_open_size: 1 << 20, ..Expect::default() };
    let result = OpenReader::inline(Cursor::new(file), NAME, expect).and_then(read_all);
    if let Ok((bytes, summary)) = result {
        assert_eq!(summary.open_size, bytes.len() as u64);
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(magic in 0..6_usize, rest in prop::collection::vec(any::<u8>(), 0..2000)) {
        const MAGIC: [&[u8]; 6] =
            [b"", b"\x1f\x8b\x08\0", b"BZh91AY&SY", b"\xfd7zXZ\0\0\x04", b"\x28\xb5\x2f\xfd", b"\0ZCK1"];
        let mut file = MAGIC[magic].to_vec();
        file.extend(rest);
        try_open(file);
    }

    #[test]
    fn damaged_files(
        format in 0..4_usize,
        content in prop::collection::vec(0..4_u8, 0..3000),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut file = compress(COMPRESSED[format], &content);
        for (index, byte) in damage {
            let position = index.index(file.len());
            file[position] = byte;
        }
        try_open(file);
    }

    #[test]
    fn whatever_goes_in_comes_out(format in 0..4_usize, content in prop::collection::vec(any::<u8>(), 0..3000)) {
        let file = compress(COMPRESSED[format], &content);
        let reader = OpenReader::inline(Cursor::new(file), NAME, Expect::default()).unwrap();
        prop_assert_eq!(read_all(reader).unwrap().0, content);
    }
}
