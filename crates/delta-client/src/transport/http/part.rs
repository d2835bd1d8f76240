//! What an answer with status 206 says it has: just the range that was asked
//! for, or an error.
//!
//! Nothing is mended: who wants one range and gets another, or several, has to
//! do without. The body is not looked at.

use ureq::http::header::{self, HeaderMap, HeaderName};

use crate::transport::{ByteRange, Extent};

/// The most characters of a header that a message shows.
const SHOWN: usize = 80;

/// The part that was asked for, up to the end of the file if that comes first.
///
/// `length` is the announced number of bytes of the body.
pub(super) fn expect(headers: &HeaderMap, asked: ByteRange, length: Option<u64>) -> Result<Extent, String> {
    if let Some(kind) = texts(headers, &header::CONTENT_TYPE).next()
        && kind.trim_start().to_ascii_lowercase().starts_with("multipart/")
    {
        return Err(format!("expected bytes {asked} as one part, found `{}`", shown(&kind)));
    }
    let mut found = texts(headers, &header::CONTENT_RANGE);
    let text = match (found.next(), found.next()) {
        (Some(text), None) => text,
        (Some(_), Some(_)) => return Err(format!("expected bytes {asked}, found several content ranges")),
        (None, _) => return Err(format!("expected bytes {asked}, found status 206 without a content range")),
    };
    let part = parse(&text).filter(|&(range, total)| is_answer(asked, range, total));
    let Some((range, total)) = part else {
        return Err(format!("expected bytes {asked}, found content range `{}`", shown(&text)));
    };
    match length {
        Some(length) if length != range.bytes() => Err(format!(
            "expected {} bytes by content range `{}`, found {length} bytes announced",
            range.bytes(),
            shown(&text)
        )),
        _ => Ok(Extent::Part { range, total }),
    }
}

/// How many bytes the file has, by an answer with status 416.
pub(super) fn total_of_refusal(headers: &HeaderMap) -> Option<u64> {
    let text = texts(headers, &header::CONTENT_RANGE).next()?;
    number(of_bytes(&text)?.strip_prefix("*/")?)
}

/// Whether a part is the one asked for, given what is said of the whole file.
fn is_answer(asked: ByteRange, range: ByteRange, total: Option<u64>) -> bool {
    match total {
        Some(total) => asked.within(total) == Some(range),
        // The file may end within the part, though nobody says so.
        None => range.first() == asked.first() && range.last() <= asked.last(),
    }
}

/// `bytes 0-99/5000`, where `*` stands for a number that is not known.
fn parse(text: &str) -> Option<(ByteRange, Option<u64>)> {
    let (positions, total) = of_bytes(text)?.split_once('/')?;
    let (first, last) = positions.split_once('-')?;
    let range = ByteRange::between(number(first)?, number(last)?.checked_add(1)?)?;
    match total {
        "*" => Some((range, None)),
        total => Some((range, Some(number(total)?))),
    }
}

/// What follows the only unit that there is.
fn of_bytes(text: &str) -> Option<&str> {
    let (unit, rest) = text.trim().split_once(' ')?;
    unit.eq_ignore_ascii_case("bytes").then(|| rest.trim_start())
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The values of a header.
fn texts(headers: &HeaderMap, name: &HeaderName) -> impl Iterator<Item = String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect::<String>().escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::{expect, total_of_refusal};
    use crate::transport::{ByteRange, Extent};
    use ureq::http::{HeaderMap, header};

    fn headers(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_RANGE, text.parse().unwrap());
        headers
    }

    fn parsed(text: &str) -> Result<Extent, String> {
        expect(&headers(text), ByteRange::new(100, 50).unwrap(), None)
    }

    #[test]
    fn the_range_asked_for_is_taken() {
        for (text, bytes, total) in [
            ("bytes 100-149/5000", 50, Some(5000)),
            ("bytes 100-149/150", 50, Some(150)),
            ("bytes 100-119/120", 20, Some(120)),
            ("bytes 100-149/*", 50, None),
            ("bytes 100-119/*", 20, None),
            ("BYTES 100-149/5000", 50, Some(5000)),
        ] {
            let range = ByteRange::new(100, bytes).unwrap();
            assert_eq!(parsed(text), Ok(Extent::Part { range, total }), "{text}");
        }
    }

    #[test]
    fn every_other_range_is_refused_and_shown() {
        for text in [
            "bytes 99-149/5000",
            "bytes 101-149/5000",
            "bytes 0-149/5000",
            "bytes 100-150/5000",
            "bytes 100-150/*",
            // Less than was asked for, and not for the end of the file.
            "bytes 100-119/5000",
            "bytes 100-148/150",
            // Beyond its own end, or without one.
            "bytes 100-149/149",
            "bytes 100-149/0",
            "bytes 100-149",
            "bytes 100-149/",
            "bytes 100-/5000",
            "bytes -149/5000",
            "bytes 149-100/5000",
            "bytes */5000",
            "bytes 100-18446744073709551615/*",
            "bytes 100-149/99999999999999999999",
            "bytes +100-149/5000",
            "bytes 100-149/+5000",
            "bytes 100 - 149/5000",
            "bytes=100-149/5000",
            "items 100-149/5000",
            "100-149/5000",
            "bytes",
            "",
        ] {
            assert_eq!(parsed(text), Err(format!("expected bytes 100-149, found content range `{text}`")));
        }
    }

    #[test]
    fn one_content_range_and_the_length_that_it_says() {
        let asked = ByteRange::new(100, 50).unwrap();
        let mut headers = headers("bytes 100-149/5000");
        assert!(expect(&headers, asked, Some(50)).is_ok());
        let why = expect(&headers, asked, Some(51)).unwrap_err();
        assert_eq!(why, "expected 50 bytes by content range `bytes 100-149/5000`, found 51 bytes announced");
        headers.append(header::CONTENT_RANGE, "bytes 100-149/5000".parse().unwrap());
        let why = expect(&headers, asked, None).unwrap_err();
        assert_eq!(why, "expected bytes 100-149, found several content ranges");
        headers.remove(header::CONTENT_RANGE);
        let why = expect(&headers, asked, None).unwrap_err();
        assert_eq!(why, "expected bytes 100-149, found status 206 without a content range");
    }

    #[test]
    fn several_parts_are_refused() {
        let mut headers = headers("bytes 100-149/5000");
        headers.insert(header::CONTENT_TYPE, "Multipart/ByteRanges; boundary=x".parse().unwrap());
        let why = expect(&headers, ByteRange::new(100, 50).unwrap(), None).unwrap_err();
        assert_eq!(why, "expected bytes 100-149 as one part, found `Multipart/ByteRanges; boundary=x`");
    }

    #[test]
    fn a_refusal_may_say_how_long_the_file_is() {
        assert_eq!(total_of_refusal(&headers("bytes */47")), Some(47));
        for text in ["bytes */*", "bytes 0-1/47", "bytes */-1", "items */47", "bytes */"] {
            assert_eq!(total_of_refusal(&headers(text)), None, "{text}");
        }
    }
}
