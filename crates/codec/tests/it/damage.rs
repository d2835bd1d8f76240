//! Damaged files are errors, never other content.

use std::io::{self, Cursor, Read};

use codec::{Algorithm, Compression, Error, Expect, OpenReader};

use crate::samples::{COMPRESSED, NAME, compress, noise, open, read_all, small};

#[test]
fn a_file_cut_anywhere_is_an_error() {
    for compression in COMPRESSED {
        let file = compress(compression, &small());
        for cut in 0..file.len() {
            match open(&file[..cut], Expect::default()) {
                // What is left of the magic number is plain text like any other.
                Ok((bytes, summary)) => {
                    assert_eq!(summary.compression, Compression::None, "{compression} at {cut}");
                    assert!(bytes.len() < 6);
                }
                Err(Error::Truncated { size, compression: of, .. }) => {
                    assert_eq!((size, of), (cut as u64, compression));
                }
                Err(other) => panic!("{compression} cut at {cut}: {other}"),
            }
        }
    }
}

#[test]
fn a_large_file_cut_anywhere_is_an_error() {
    for compression in COMPRESSED {
        let file = compress(compression, &noise(1_500_000));
        for cut in [300_000, 700_000, 1_000_000, file.len() - 20, file.len() - 1] {
            let error = open(&file[..cut], Expect::default()).unwrap_err();
            let message = format!("`{NAME}` is cut short: its {compression} data stops after {cut} bytes");
            assert_eq!(error.to_string(), message);
        }
    }
}

#[test]
fn a_flipped_bit_never_gives_other_content() {
    for compression in COMPRESSED {
        let file = compress(compression, &small());
        let checksum = Some(Algorithm::Sha256.digest(&file));
        for position in 0..file.len() {
            for bit in [0x01, 0x80] {
                let mut damaged = file.clone();
                damaged[position] ^= bit;
                match open(&damaged, Expect::default()) {
                    Ok((bytes, summary)) if summary.compression != Compression::None => {
                        assert_eq!(bytes, small(), "{compression} at {position}");
                    }
                    _ => {}
                }
                let expect = Expect { checksum, ..Expect::default() };
                assert!(open(&damaged, expect).is_err(), "{compression} at {position}");
            }
        }
    }
}

#[test]
fn what_follows_the_data_is_an_error() {
    for compression in COMPRESSED {
        for content in [small(), noise(600_000)] {
            for rubbish in [&b"\0\n"[..], b"\n", b"\0\0\0\0\0\0\0x", b"<html>not found</html>", &[0xff; 600]]
            {
                let mut file = compress(compression, &content);
                file.extend_from_slice(rubbish);
                let error = open(&file, Expect::default()).unwrap_err();
                assert!(matches!(error, Error::Decode { .. }), "{compression} {rubbish:?}: {error}");
                let name = match compression {
                    Compression::Gzip => "gzip",
                    Compression::Bzip2 => "bzip2",
                    Compression::Xz => "xz",
                    Compression::Zstd => "zstd",
                    // It has no end but that of the file.
                    _ => continue,
                };
                let (bytes, noun) = (rubbish.len(), if rubbish.len() == 1 { "byte" } else { "bytes" });
                let says = format!(": {bytes} {noun} after the end of the {name} stream");
                assert!(error.to_string().ends_with(&says), "{compression}: {error}");
            }
        }
    }
}

#[test]
fn padding_is_accepted_where_the_format_or_its_tools_know_it() {
    for (compression, accepted) in [
        (Compression::Gzip, true),
        (Compression::Bzip2, false),
        (Compression::Xz, true),
        (Compression::Zstd, false),
        (Compression::Zchunk, false),
    ] {
        let mut file = compress(compression, &small());
        file.extend_from_slice(&[0; 512]);
        assert_eq!(open(&file, Expect::default()).is_ok(), accepted, "{compression}");
        file.push(0);
        assert_eq!(open(&file, Expect::default()).is_ok(), compression == Compression::Gzip, "{compression}");
    }
}

/// Gives some bytes, then an error.
struct Breaking(Cursor<Vec<u8>>);

impl Read for Breaking {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::new(io::ErrorKind::ConnectionReset, "the line is dead")),
            read => Ok(read),
        }
    }
}

#[test]
fn an_error_of_the_source_arrives_as_it_is() {
    let message = format!("cannot read `{NAME}`: the line is dead");
    for compression in [Compression::None].into_iter().chain(COMPRESSED) {
        let file = compress(compression, &noise(2_000_000));
        for cut in [0, 5, 100_000, 1_500_000, file.len()] {
            let source = || Breaking(Cursor::new(file[..cut].to_vec()));
            for start in [
                OpenReader::new(source(), NAME, Expect::default()),
                OpenReader::inline(source(), NAME, Expect::default()),
            ] {
                let error = start.and_then(read_all).unwrap_err();
                assert!(matches!(error, Error::Read { .. }), "{compression} at {cut}: {error:?}");
                assert_eq!(error.to_string(), message);
            }
        }
    }
}

/// Gives one byte at a time, with interruptions.
struct Slow(Cursor<Vec<u8>>, bool);

impl Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = into.len().min(1);
        self.0.read(&mut into[..len])
    }
}

#[test]
fn short_reads_and_interruptions_do_no_harm() {
    for compression in COMPRESSED {
        let source = Slow(Cursor::new(compress(compression, &noise(400_000))), false);
        let reader = OpenReader::new(source, NAME, Expect::default()).unwrap();
        assert!(read_all(reader).unwrap().0 == noise(400_000));
    }
}

#[test]
fn other_errors_are_taken_as_read_errors() {
    let error = Error::from_io(io::Error::other("reason"), "file".as_ref());
    assert_eq!(error.to_string(), "cannot read `file`: reason");
}
