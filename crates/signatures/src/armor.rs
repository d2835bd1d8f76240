//! ASCII armor: `BEGIN` and `END` lines, headers, base64, and a checksum. It is read as bytes: comments may be of any
//! encoding, and lines may be indented.
//!
//! The checksum is compared where a signature has one; of a keyring it is passed
//! over, because gpgv reads the packets themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// What signatures begin and end with.
const SIGNATURE: Label = Label { begin: "-----BEGIN PGP SIGNATURE-----", end: "-----END PGP SIGNATURE-----" };
/// What exported keys begin and end with.
pub(crate) const KEYS: Label =
    Label { begin: "-----BEGIN PGP PUBLIC KEY BLOCK-----", end: "-----END PGP PUBLIC KEY BLOCK-----" };

/// The number of signature packets.
pub(crate) const SIGNATURE_PACKET: u8 = 2;
/// What every kind of block begins with.
const ANY_BLOCK: &[u8] = b"-----BEGIN PGP ";
/// Characters of a line that an error quotes.
const QUOTED: usize = 60;

/// The two lines around a kind of block.
pub(crate) struct Label {
    pub(crate) begin: &'static str,
    end: &'static str,
}

/// Why bytes are not armored as they should be. The message is the end of a
/// sentence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArmorError {
    /// Something else than a block.
    #[error("expected `{expected}`, found {found}")]
    #[non_exhaustive]
    Begin {
        /// The line that was expected.
        expected: &'static str,
        /// What is there.
        found: String,
    },
    /// The block does not end.
    #[error("expected `{expected}`, found the end of the file")]
    #[non_exhaustive]
    Cut {
        /// The line that was expected.
        expected: &'static str,
    },
    /// What is in the block is not base64.
    #[error("its armor is damaged: {why}")]
    #[non_exhaustive]
    Base64 {
        /// Where and why.
        why: String,
    },
    /// The checksum is that of other data.
    #[error("its armor is damaged: expected checksum {expected:06x}, found {found:06x}")]
    #[non_exhaustive]
    Checksum {
        /// What the block says.
        expected: u32,
        /// What the data have.
        found: u32,
    },
    /// The block has no signature in it.
    #[error("expected a signature in its armor, found other data")]
    Packet,
}

/// Checks that these bytes are one or more armored signatures, and nothing else.
///
/// # Errors
/// What is wrong with them. Whether a signature is true is another question: see
/// [`Keyring::verify`](crate::Keyring::verify).
pub fn check_armored(bytes: &[u8]) -> Result<(), ArmorError> {
    read(bytes, <[u8]>::is_empty).map(|_| ())
}

/// Checks that there are one or more armored signatures in these bytes; `OpenPGP` programs pass over a text before and
/// after them.
///
/// # Errors
/// As of [`check_armored`].
pub fn find_armored(bytes: &[u8]) -> Result<(), ArmorError> {
    armored_data(bytes).map(|_| ())
}

/// What is in one or more armored signatures, text around them left out.
pub(crate) fn armored_data(bytes: &[u8]) -> Result<Vec<u8>, ArmorError> {
    match read(bytes, |line| !line.starts_with(ANY_BLOCK)) {
        // The first line tells what it is instead.
        Err(ArmorError::Begin { .. }) => read(bytes, <[u8]>::is_empty),
        other => other,
    }
}

/// What is in one or more armored signatures. Lines between them may be such as `may_be_around` says.
fn read(bytes: &[u8], may_be_around: impl Fn(&[u8]) -> bool) -> Result<Vec<u8>, ArmorError> {
    let mut lines = lines(bytes).filter(|line| !line.is_empty());
    let mut data = Vec::new();
    while let Some(line) = lines.next() {
        if may_be_around(line) {
            continue;
        }
        if line != SIGNATURE.begin.as_bytes() {
            return Err(begin(quoted(line)));
        }
        let block = read_block(&mut lines, &SIGNATURE)?;
        block.check()?;
        if block.data.first().copied().and_then(packet) != Some(SIGNATURE_PACKET) {
            return Err(ArmorError::Packet);
        }
        data.extend_from_slice(&block.data);
    }
    if data.is_empty() { Err(begin("nothing".to_owned())) } else { Ok(data) }
}

fn begin(found: String) -> ArmorError {
    ArmorError::Begin { expected: SIGNATURE.begin, found }
}

/// The beginning of a line, for an error.
fn quoted(line: &[u8]) -> String {
    let Ok(line) = std::str::from_utf8(line) else { return "binary data".to_owned() };
    let line: String = line.chars().take(QUOTED).collect();
    format!("`{}`", line.escape_debug())
}

/// The lines without the white space around them.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii)
}

/// The number of the kind of packet that begins with this byte.
fn packet(first: u8) -> Option<u8> {
    match first {
        0xc0.. => Some(first & 0x3f),
        0x80.. => Some((first >> 2) & 0xf),
        _ => None,
    }
}

/// The content of a block.
pub(crate) struct Block {
    pub(crate) data: Vec<u8>,
    checksum: Option<u32>,
}

impl Block {
    fn check(&self) -> Result<(), ArmorError> {
        let found = crc24(&self.data);
        match self.checksum {
            Some(expected) if expected != found => Err(ArmorError::Checksum { expected, found }),
            _ => Ok(()),
        }
    }
}

/// Reads a block whose first line has been read, up to its last one. There is a colon in every header, and none in
/// base64.
pub(crate) fn read_block<'a>(
    lines: &mut impl Iterator<Item = &'a [u8]>,
    label: &Label,
) -> Result<Block, ArmorError> {
    let mut data = Vec::new();
    let mut checksum = None;
    for line in lines.skip_while(|line| line.contains(&b':')) {
        if line == label.end.as_bytes() {
            return Ok(Block { data: decode(&data)?, checksum });
        }
        match line.strip_prefix(b"=") {
            Some(sum) => checksum = Some(decode_checksum(sum)?),
            None => data.extend_from_slice(line),
        }
    }
    Err(ArmorError::Cut { expected: label.end })
}

fn decode(text: &[u8]) -> Result<Vec<u8>, ArmorError> {
    STANDARD.decode(text).map_err(|error| ArmorError::Base64 { why: error.to_string() })
}

fn decode_checksum(text: &[u8]) -> Result<u32, ArmorError> {
    match decode(text)?.as_slice() {
        &[a, b, c] => Ok(u32::from_be_bytes([0, a, b, c])),
        _ => Err(ArmorError::Base64 { why: format!("`={}` is no checksum", text.escape_ascii()) }),
    }
}

/// The checksum of RFC 9580, section 6.1.
fn crc24(data: &[u8]) -> u32 {
    data.iter().fold(0x00b7_04ce, |mut crc, byte| {
        crc ^= u32::from(*byte) << 16;
        for _ in 0..8 {
            crc <<= 1;
            if crc & 0x0100_0000 != 0 {
                crc ^= 0x0186_4cfb;
            }
        }
        crc
    }) & 0x00ff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A signature packet of no known version, armored.
    fn signature(checksum: &str) -> String {
        let (begin, end) = (SIGNATURE.begin, SIGNATURE.end);
        format!("{begin}\nVersion: x\n\niQIz\nBA==\n{checksum}{end}\n")
    }

    /// `=` and the checksum of these data in base64.
    fn sum(data: &[u8]) -> String {
        let [_, sum @ ..] = crc24(data).to_be_bytes();
        format!("={}\n", STANDARD.encode(sum))
    }

    #[test]
    fn checksums_are_those_of_openpgp() {
        assert_eq!(crc24(b""), 0x00b7_04ce);
        assert_eq!(crc24(b"123456789"), 0x0021_cf02);
    }

    #[test]
    fn signatures_are_accepted_with_and_without_a_checksum() {
        check_armored(signature("").as_bytes()).unwrap();
        let good = signature(&sum(&[0x89, 2, 0x33, 4]));
        check_armored(good.as_bytes()).unwrap();
        check_armored(format!("\n{good}\r\n{good}").as_bytes()).unwrap();
    }

    #[test]
    fn headers_are_bytes_and_may_be_empty() {
        let with = |header: &[u8]| {
            let (begin, end) = (SIGNATURE.begin, SIGNATURE.end);
            [begin.as_bytes(), b"\n", header, b"\n\niQIz\nBA==\n", end.as_bytes(), b"\n"].concat()
        };
        for header in [&b"Comment:"[..], b"Comment: gr\xfcn", b"Version: x\nComment: =a:b"] {
            check_armored(&with(header)).unwrap();
            assert_eq!(armored_data(&with(header)).unwrap(), [0x89, 2, 0x33, 4]);
        }
    }

    #[test]
    fn text_around_signatures_is_passed_over_where_they_are_looked_for() {
        let good = signature("");
        let indented = good.replace('\n', "\n  \t");
        for text in [format!("signed by us\n{good}"), format!("{good}more\n"), format!(" {indented}")] {
            find_armored(text.as_bytes()).unwrap();
        }
        assert!(check_armored(format!("signed by us\n{good}").as_bytes()).is_err());
        let clear = format!("-----BEGIN PGP SIGNED MESSAGE-----\n\ntext\n{good}");
        assert!(find_armored(clear.as_bytes()).is_err());
    }

    #[test]
    fn anything_else_is_told() {
        let good = signature("");
        let cases = [
            (String::new(), "found nothing"),
            ("sig\n".to_owned(), "found `sig`"),
            ("-----BEGIN PGP SIGNED MESSAGE-----\n".to_owned(), "found `-----BEGIN PGP SIGNED"),
            (format!("{good}more"), "found `more`"),
            (good.replace("-----END", "----"), "found the end of the file"),
            (good.replace("iQIz", "i*Iz"), "its armor is damaged"),
            (good.replace("BA==", "BA="), "its armor is damaged"),
            (signature("=AAAA\n"), "expected checksum 000000, found"),
            (signature("=AA\n"), "its armor is damaged"),
            (good.replace("iQIz", "mQIz"), "found other data"),
            (good.replace("iQIz\nBA==\n", ""), "found other data"),
        ];
        for (text, why) in cases {
            let error = check_armored(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{text}\n{error}");
            if !why.contains("`more`") {
                let error = find_armored(text.as_bytes()).unwrap_err().to_string();
                assert!(error.contains(why), "{text}\n{error}");
            }
        }
        let error = check_armored(&[0x89, 2, 0x33, 0xff]).unwrap_err();
        assert!(error.to_string().contains("found binary data"), "{error}");
    }
}
