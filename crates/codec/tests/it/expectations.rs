//! What is expected is compared, and a difference is told with both values.

use codec::{Algorithm, Compression, Error, Expect};

use crate::samples::{COMPRESSED, NAME, compress, noise, open, small};

fn expect_of(file: &[u8], content: &[u8]) -> Expect {
    Expect {
        checksum: Some(Algorithm::Sha256.digest(file)),
        size: Some(file.len() as u64),
        open_checksum: Some(Algorithm::Sha1.digest(content)),
        open_size: Some(content.len() as u64),
        open_digests: vec![Algorithm::Sha512, Algorithm::Sha256, Algorithm::Sha1, Algorithm::Sha256],
        ..Expect::default()
    }
}

#[test]
fn everything_as_expected_is_summed_up() {
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        for content in [small(), noise(1_000_000)] {
            let file = compress(compression, &content);
            let (_, summary) = open(&file, expect_of(&file, &content)).unwrap();
            assert_eq!(summary.checksum, Some(Algorithm::Sha256.digest(&file)));
            let algorithms = [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512];
            assert_eq!(summary.open, algorithms.map(|algorithm| algorithm.digest(&content)));
            let sha256 = Algorithm::Sha256.digest(&content);
            assert_eq!(summary.open_digest(Algorithm::Sha256), Some(sha256));
            assert_eq!(summary.open_digest(Algorithm::Sha384), None);
        }
    }
}

/// Checks one changed expectation against the message.
fn refused(change: impl Fn(&mut Expect), message: impl Fn(&[u8], &[u8]) -> String) {
    for compression in COMPRESSED {
        for content in [small(), noise(1_000_000)] {
            let file = compress(compression, &content);
            let mut expect = expect_of(&file, &content);
            change(&mut expect);
            let error = open(&file, expect).unwrap_err();
            assert_eq!(error.to_string(), format!("`{NAME}`: {}", message(&file, &content)));
        }
    }
}

#[test]
fn a_wrong_checksum_is_told_with_both() {
    let other = Algorithm::Sha256.digest(b"other");
    refused(
        |expect| expect.checksum = Some(other),
        |file, _| format!("expected checksum {other}, found {}", Algorithm::Sha256.digest(file)),
    );
}

#[test]
fn a_wrong_open_checksum_is_told_with_both() {
    let other = Algorithm::Sha224.digest(b"other");
    refused(
        |expect| expect.open_checksum = Some(other),
        |_, content| format!("expected open-checksum {other}, found {}", Algorithm::Sha224.digest(content)),
    );
}

#[test]
fn a_short_file_is_told_with_both_sizes() {
    refused(
        |expect| expect.size = Some(5_000_000),
        |file, _| format!("expected 5000000 bytes, found {}", file.len()),
    );
}

#[test]
fn short_open_content_is_told_with_both_sizes() {
    refused(
        |expect| expect.open_size = Some(5_000_000),
        |_, content| format!("expected 5000000 bytes when decompressed, found {}", content.len()),
    );
}

#[test]
fn a_file_is_not_read_beyond_its_expected_size() {
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        let file = compress(compression, &noise(3_000_000));
        for expected in [0, 10, 500_000, file.len() as u64 - 1] {
            let expect = Expect { size: Some(expected), ..Expect::default() };
            match open(&file, expect).unwrap_err() {
                Error::TooLong { expected: told, found, .. } => {
                    assert_eq!(told, expected);
                    assert!(found > expected && found <= expected + 256 * 1024, "{found}");
                }
                other => panic!("{other}"),
            }
        }
    }
}

#[test]
fn finish_alone_verifies_too() {
    let file = compress(Compression::Gzip, &small());
    let mut expect = expect_of(&file, &small());
    let start = |expect| codec::OpenReader::inline(std::io::Cursor::new(file.clone()), NAME, expect);
    assert_eq!(start(expect.clone()).unwrap().finish().unwrap().open_size, small().len() as u64);
    expect.open_checksum = Some(Algorithm::Sha1.digest(b""));
    assert!(matches!(start(expect).unwrap().finish(), Err(Error::OpenChecksum { .. })));
}
