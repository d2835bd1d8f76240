//! Documents that are not UTF-8: whether they would be right ones.
//!
//! Nothing is read out of them. Their markup is looked at in a text that stands
//! for them: converted from UTF-16, or with a letter for each byte beyond ASCII.

use super::Unsupported;
use super::attributes::scan;
use crate::read::ReadError;

/// An XML declaration ends before this byte.
const MAX_DECLARATION: usize = 256;
/// What a document should be.
const EXPECTED: &str = "UTF-8";

/// The names of encodings whose bytes below 128 are ASCII, in lower case; those
/// that end in a hyphen or in `125` go on with a number.
const EIGHT_BIT: &[&str] = &[
    "iso-8859-",
    "iso8859-",
    "iso_8859-",
    "latin1",
    "windows-125",
    "cp125",
    "koi8-r",
    "koi8-u",
    "euc-jp",
    "euc-kr",
    "euc-cn",
    "euc-tw",
    "shift_jis",
    "sjis",
    "gb2312",
    "gbk",
    "gb18030",
    "big5",
    "tis-620",
];

/// Whether package managers know this encoding, other than UTF-8 and UTF-16, by
/// this name.
pub(super) fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    EIGHT_BIT.iter().any(|known| match name.strip_prefix(known) {
        Some("") => !is_beginning(known),
        Some(number) => {
            is_beginning(known) && number.len() <= 2 && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    })
}

fn is_beginning(known: &str) -> bool {
    known.ends_with('-') || known.ends_with("125")
}

/// Reads a document that is in a known encoding other than UTF-8 by `read`, to see
/// whether it is right otherwise; the error says. `None` for all others.
pub(crate) fn read_converted<T>(
    bytes: &[u8],
    read: impl FnOnce(&[u8]) -> Result<T, ReadError>,
) -> Option<ReadError> {
    if let Some(text) = from_utf_16(bytes) {
        let found = "UTF-16".to_owned();
        // Its declaration was read as that of UTF-16, and tells nothing more.
        let body = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
        let body = body.map_or(&*text, |(_, body)| body);
        return Some(match read(body.as_bytes()) {
            // The rest of it has places of its own.
            Err(why) if !why.is_unsupported() => {
                ReadError::Encoding { offset: 0, found: format!("{found}, and in it {}", unplaced(&why)) }
            }
            _ => ReadError::Unsupported { offset: 0, expected: EXPECTED.to_owned(), found },
        });
    }
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let declared = declared(bytes).filter(|(_, name)| is_known(name));
    let (offset, name) = declared?;
    let stand_in: Vec<u8> = bytes.iter().map(|byte| if byte.is_ascii() { *byte } else { b'x' }).collect();
    let found = format!("encoding `{name}`");
    Some(match read(&stand_in) {
        Err(why) if !why.is_unsupported() => why,
        _ => ReadError::Unsupported { offset, expected: EXPECTED.to_owned(), found },
    })
}

/// What is wrong with a document in another encoding, without its place.
fn unplaced(why: &ReadError) -> &'static str {
    match why {
        ReadError::Empty { .. } => "no document",
        ReadError::Truncated { .. } => "a document that was cut short",
        ReadError::Root { .. } => "another root element than `repomd`",
        _ => "no well-formed document",
    }
}

/// The text of a document in UTF-16, with a byte-order mark or not.
fn from_utf_16(bytes: &[u8]) -> Option<String> {
    let (body, is_little) = match bytes {
        // That of UTF-32.
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, body @ ..] => (body, true),
        [0xfe, 0xff, body @ ..] => (body, false),
        [b'<', 0, b'?', 0, ..] => (bytes, true),
        [0, b'<', 0, b'?', ..] => (bytes, false),
        _ => return None,
    };
    // librepo passes over half a unit at the end.
    let (units, _) = body.as_chunks::<2>();
    let unit = |unit: &[u8; 2]| if is_little { u16::from_le_bytes(*unit) } else { u16::from_be_bytes(*unit) };
    char::decode_utf16(units.iter().map(unit)).collect::<Result<_, _>>().ok()
}

/// The place and the name of the encoding that a document declares.
fn declared(bytes: &[u8]) -> Option<(usize, String)> {
    let start = bytes.get(..MAX_DECLARATION.min(bytes.len()))?;
    let ascii = start.iter().position(|byte| !byte.is_ascii()).unwrap_or(start.len());
    let text = std::str::from_utf8(start.get(..ascii)?).ok()?;
    let inner = text.strip_prefix("<?xml")?.split_once("?>")?.0;
    let fields = scan(inner, "<?xml".len(), &mut Unsupported::default()).ok()?;
    let encoding = fields.into_iter().find(|field| field.name == "encoding")?;
    Some((encoding.offset, encoding.value.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::{declared, is_known};

    #[test]
    fn encodings_are_known_by_their_names() {
        for good in ["ISO-8859-1", "iso-8859-15", "Windows-1252", "cp1250", "KOI8-R", "Shift_JIS", "GB18030"]
        {
            assert!(is_known(good), "{good}");
        }
        for bad in [
            "",
            "iso-8859-",
            "iso-8859-x",
            "iso-8859-123",
            "utf-16",
            "utf-32",
            "nonsense",
            "cp125",
            "koi8-r2",
        ] {
            assert!(!is_known(bad), "{bad}");
        }
    }

    #[test]
    fn the_declared_encoding_is_found() {
        let found = declared(b"<?xml version='1.0' encoding=\"KOI8-R\"?>\xff");
        assert_eq!(found, Some((20, "KOI8-R".to_owned())));
        assert_eq!(declared(b"<?xml version='1.0' \xff encoding='KOI8-R'?>"), None);
        assert_eq!(declared(b"<repomd encoding='KOI8-R'>\xff"), None);
    }
}
