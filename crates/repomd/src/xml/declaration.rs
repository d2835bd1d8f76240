//! The encoding of a document: its mark, its bytes and its declaration.
//!
//! Only UTF-8 is read, and ASCII as a part of it; nothing is converted.

use super::attributes::scan;
use super::characters::is_allowed;
use crate::excerpt::{excerpt, excerpt_bytes};
use crate::read::ReadError;

/// The byte-order mark that some editors put before UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The text of a document and the number of bytes before it.
pub(super) fn decode(bytes: &[u8]) -> Result<(&str, usize), ReadError> {
    for (mark, name) in [
        (b"\xff\xfe", "a UTF-16 byte-order mark"),
        (b"\xfe\xff", "a UTF-16 byte-order mark"),
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

/// Checks `<?xml …?>`, whose whole text is `raw`, at `offset`.
pub(super) fn check(raw: &str, offset: usize) -> Result<(), ReadError> {
    let inner = raw.strip_prefix("<?xml").and_then(|rest| rest.strip_suffix("?>")).unwrap_or_default();
    let fields = scan(inner, offset + "<?xml".len())?;
    if fields.first().is_none_or(|field| field.name != "version") {
        return Err(ReadError::Syntax {
            offset,
            expected: "an XML declaration that starts with `version`".to_owned(),
            found: format!("`{}`", excerpt(raw)),
        });
    }
    for field in fields {
        let known = match field.name {
            "version" => field.value == "1.0",
            "encoding" => ["utf-8", "utf8", "us-ascii", "ascii"]
                .iter()
                .any(|name| field.value.eq_ignore_ascii_case(name)),
            "standalone" => field.value == "yes" || field.value == "no",
            _ => false,
        };
        if known {
            continue;
        }
        let found = format!("{} `{}`", excerpt(field.name), excerpt(&field.value));
        return Err(if field.name == "encoding" {
            ReadError::Encoding { offset: field.offset, found }
        } else {
            ReadError::Syntax { offset: field.offset, expected: "an XML 1.0 declaration".to_owned(), found }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check, decode};

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
            assert_eq!(check(good, 0), Ok(()), "{good}");
        }
        for bad in [
            "<?xml?>",
            "<?xml version=\"1.1\"?>",
            "<?xml encoding=\"UTF-8\"?>",
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>",
            "<?xml version=\"1.0\" colour=\"red\"?>",
        ] {
            assert!(check(bad, 0).is_err(), "{bad}");
        }
    }
}
