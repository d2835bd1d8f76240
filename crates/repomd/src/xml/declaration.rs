//! The encoding of a document: its mark, its bytes and its declaration.
//!
//! Only UTF-8 is read, and ASCII as a part of it; nothing is converted here.

use super::attributes::scan;
use super::characters::is_allowed;
use super::{Unsupported, encoding};
use crate::excerpt::{excerpt, excerpt_bytes};
use crate::read::ReadError;

/// The byte-order mark that some editors put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a document and the number of bytes before it.
pub(super) fn decode(bytes: &[u8]) -> Result<(&str, usize), ReadError> {
    for (mark, name) in [
        (b"\xff\xfe", "a byte-order mark of no whole UTF-16 document"),
        (b"\xfe\xff", "a byte-order mark of no whole UTF-16 document"),
        (b"\x1f\x8b", "gzip data"),
    ] {
        if bytes.starts_with(mark) {
            return Err(ReadError::Encoding { offset: 0, found: name.to_owned() });
        }
    }
    let (body, skipped) = match bytes.strip_prefix(MARK) {
        Some(body) => (body, MARK.len()),
        None => (bytes, 0),
    };
    let text = std::str::from_utf8(body).map_err(|error| {
        let offset = error.valid_up_to();
        let rest = body.get(offset..).unwrap_or_default();
        ReadError::Encoding { offset: offset + skipped, found: format!("bytes `{}`", excerpt_bytes(rest)) }
    })?;
    // A second mark would be skipped by the tokenizer, and every offset after it wrong.
    let first_mark = text.starts_with('\u{feff}').then_some((0, '\u{feff}'));
    let forbidden = first_mark.or_else(|| text.char_indices().find(|&(_, c)| !is_allowed(c)));
    if let Some((offset, character)) = forbidden {
        return Err(ReadError::Character { offset: offset + skipped, found: character });
    }
    Ok((text, skipped))
}

/// Checks `<?xml …?>`, whose whole text is `raw`, at `offset`, of a document that
/// is `ascii` or not. Other versions of XML and other encodings go into
/// `unsupported`, where package managers know them.
pub(super) fn check(
    raw: &str,
    offset: usize,
    ascii: bool,
    unsupported: &mut Unsupported,
) -> Result<(), ReadError> {
    let inner = raw.strip_prefix("<?xml").and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
    let fields = scan(inner, offset + "<?xml".len(), unsupported)?;
    let mut names = ["version", "encoding", "standalone"].iter();
    let in_order = fields.iter().all(|field| names.any(|name| field.name == *name));
    if !in_order || fields.first().is_none_or(|field| field.name != "version") {
        let expected = "an XML declaration of `version`, `encoding` and `standalone`, in this order";
        return Err(ReadError::markup(offset, expected, raw));
    }
    for field in fields {
        let found = format!("{} `{}`", excerpt(field.name), excerpt(&field.value));
        let offset = field.offset;
        match (field.name, &*field.value) {
            ("version", "1.0") | ("standalone", "yes" | "no") => {}
            ("version", version) if is_other_version(version) => {
                unsupported.note(offset, "an XML 1.0 declaration", found);
            }
            ("encoding", name) => check_encoding(name, offset, ascii, unsupported)?,
            _ => {
                let expected = "an XML 1.0 declaration".to_owned();
                return Err(ReadError::Syntax { offset, expected, found });
            }
        }
    }
    Ok(())
}

/// Whether a version is one that readers of XML 1.0 go on with.
fn is_other_version(version: &str) -> bool {
    let number = version.strip_prefix("1.");
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn check_encoding(
    name: &str,
    offset: usize,
    ascii: bool,
    unsupported: &mut Unsupported,
) -> Result<(), ReadError> {
    let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
    let found = format!("encoding `{}`", excerpt(name));
    if encoding::is_known(name) {
        unsupported.note(offset, "UTF-8", found);
    } else if is(&["us-ascii", "ascii"]) && !ascii {
        let found = format!("{found} and other characters");
        return Err(ReadError::Encoding { offset, found });
    } else if !is(&["utf-8", "utf8", "us-ascii", "ascii"]) {
        return Err(ReadError::Encoding { offset, found });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::Unsupported;
    use super::{ReadError, decode};

    /// What a declaration is refused for at once, and what at the end.
    fn check(raw: &str, ascii: bool) -> Result<Result<(), ReadError>, ReadError> {
        let mut unsupported = Unsupported::default();
        super::check(raw, 0, ascii, &mut unsupported)?;
        Ok(unsupported.take())
    }

    #[test]
    fn the_mark_is_skipped_once() {
        assert_eq!(decode(b"\xef\xbb\xbfa").unwrap(), ("a", 3));
        assert_eq!(decode(b"\xef\xbb\xbf\xef\xbb\xbfa").unwrap_err().offset(), 3);
    }

    #[test]
    fn other_encodings_are_refused() {
        assert_eq!(decode(b"ab\xe9").unwrap_err().offset(), 2);
        assert_eq!(decode(b"ab\x01").unwrap_err().offset(), 2);
        assert!(decode(b"\xff\xfe<\0").is_err());
    }

    #[test]
    fn declarations() {
        for good in [
            "<?xml version=\"1.0\"?>",
            "<?xml version='1.0' encoding='utf-8' ?>",
            "<?xml version=\"1.0\" encoding=\"US-ASCII\" standalone=\"yes\"?>",
        ] {
            assert_eq!(check(good, true), Ok(Ok(())), "{good}");
        }
        for unsupported in [
            "<?xml version=\"1.1\"?>",
            "<?xml version=\"1.23\"?>",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
            "<?xml version=\"1.0\" encoding=\"koi8-r\" standalone='no'?>",
        ] {
            assert!(check(unsupported, true).unwrap().is_err(), "{unsupported}");
        }
        for bad in [
            "<?xml?>",
            "<?xml version=\"2.0\"?>",
            "<?xml version=\"1.\"?>",
            "<?xml encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" encoding=\"nonsense\"?>",
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
            "<?xml version=\"1.0\" colour=\"red\"?>",
            "<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" standalone=\"maybe\"?>",
        ] {
            assert!(check(bad, true).is_err(), "{bad}");
        }
        assert!(check("<?xml version='1.0' encoding='ascii'?>", false).is_err());
    }
}
