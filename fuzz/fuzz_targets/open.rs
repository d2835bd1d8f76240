//! Opening any bytes never panics and never yields more than the cap; what is
//! read to its end is as the summary says, an error stays the same error, and
//! neither depends on how the source gives its bytes.
//!
//! Input: the cap in bytes (two bytes); a byte whose first bit asks for the open
//! size to be just the cap; two sizes of reads; and the file.

#![no_main]

use std::io::Read as _;

use codec::{Algorithm, Compression, Error, Expect, OpenReader, Summary};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use shared::sips::Sips;

const NAME: &str = "repodata/primary.xml";

fuzz_target!(|data: &[u8]| {
    let Some((&[high, low, form, ref sizes @ ..], file)) = data.split_first_chunk::<5>() else { return };
    let cap = u64::from(u16::from_be_bytes([high, low]));
    let expect = Expect {
        max_open_size: cap,
        open_size: (form % 2 == 1).then_some(cap),
        open_digests: vec![Algorithm::Sha256],
        ..Expect::default()
    };
    let sipped = open(file, sizes, &expect);
    let whole = open(file, &[], &expect);
    match (sipped, whole) {
        (Ok(sipped), Ok(whole)) => {
            assert_eq!(sipped, whole, "depends on the sizes of reads");
            let (bytes, summary) = whole;
            assert_eq!(summary.size, file.len() as u64);
            assert_eq!(summary.open_size, bytes.len() as u64);
            let digest = summary.open_digest(Algorithm::Sha256).expect("it was asked for");
            assert_eq!(digest.as_bytes(), &Sha256::digest(&bytes)[..]);
            if summary.compression == Compression::None {
                assert_eq!(bytes, file);
            }
        }
        (Err(sipped), Err(whole)) => {
            let (sipped, whole) = (std::mem::discriminant(&sipped), std::mem::discriminant(&whole));
            assert_eq!(sipped, whole, "depends on the sizes of reads");
        }
        (sipped, whole) => panic!("depends on the sizes of reads: {sipped:?}, {whole:?}"),
    }
});

/// The open bytes and what the file was, or the error.
fn open(file: &[u8], sizes: &[u8], expect: &Expect) -> Result<(Vec<u8>, Summary), Error> {
    let mut reader = OpenReader::inline(Sips::new(Vec::from(file), sizes), NAME, expect.clone())?;
    let mut bytes = Vec::new();
    let mut room = [0; 1000];
    loop {
        let end = usize::from(sizes.first().copied().unwrap_or(u8::MAX)) * 3 + 1;
        match reader.read(&mut room[..end]) {
            Ok(0) => return Ok((bytes, reader.finish()?)),
            Ok(read) => bytes.extend_from_slice(&room[..read]),
            Err(error) => {
                let again = reader.read(&mut room).expect_err("an error stays an error");
                assert_eq!(error.to_string(), again.to_string());
                let error = Error::from_io(error, NAME.as_ref());
                let finished = reader.finish().expect_err("an error stays an error");
                assert_eq!(error.to_string(), finished.to_string());
                return Err(error);
            }
        }
        assert!(bytes.len() as u64 <= expect.max_open_size, "{} bytes", bytes.len());
    }
}
