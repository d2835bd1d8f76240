//! Sample content in every compression, and short cuts to read it.

use std::io::{Cursor, Read as _, Write as _};

use codec::{Compression, Error, Expect, OpenReader, Summary};

pub(crate) const COMPRESSED: [Compression; 5] =
    [Compression::Gzip, Compression::Bzip2, Compression::Xz, Compression::Zstd, Compression::Zchunk];

/// The name that all samples have in messages.
pub(crate) const NAME: &str = "repodata/primary.xml.gz";

/// A few hundred bytes of XML.
pub(crate) fn small() -> Vec<u8> {
    let mut text = b"<?xml version=\"1.0\"?>\n<metadata>\n".to_vec();
    for number in 0..20 {
        writeln!(text, "<package type=\"rpm\"><name>package-{number}</name></package>").unwrap();
    }
    text.extend_from_slice(b"</metadata>\n");
    text
}

/// Bytes that no compression makes smaller.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

pub(crate) fn compress(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::None => bytes.to_vec(),
        Compression::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Xz => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 6);
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 3).unwrap();
            encoder.include_checksum(true).unwrap();
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Compression::Zchunk => crate::zchunk::File::of(bytes).to_bytes(),
        other => panic!("{other} is new here"),
    }
}

/// The open bytes, if everything is as expected.
pub(crate) fn open(file: &[u8], expect: Expect) -> Result<(Vec<u8>, Summary), Error> {
    read_all(OpenReader::new(Cursor::new(file.to_vec()), NAME, expect)?)
}

pub(crate) fn read_all(mut reader: OpenReader) -> Result<(Vec<u8>, Summary), Error> {
    let mut bytes = Vec::new();
    let read = reader.read_to_end(&mut bytes);
    let finished = reader.finish();
    if let Err(error) = read {
        // Both ways give the same error.
        let error = Error::from_io(error, "not used".as_ref());
        assert_eq!(error.path(), std::path::Path::new(NAME));
        assert_eq!(finished.unwrap_err().to_string(), error.to_string());
        return Err(error);
    }
    Ok((bytes, finished?))
}
