//! Short quotations of a document for error messages.
//!
//! A quotation has one line and no control characters, whatever was quoted;
//! it is for people and is never parsed again.

/// The number of characters after which a quotation is cut.
const LIMIT: usize = 60;

/// The start of `text`, control characters escaped, with `…` where it was cut.
pub(crate) fn excerpt(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(LIMIT) {
        match c {
            '"' | '\'' | '\\' => out.push(c),
            c => out.extend(c.escape_debug()),
        }
    }
    if text.chars().nth(LIMIT).is_some() {
        out.push('…');
    }
    out
}

/// As [`excerpt`], of bytes that may not be text.
pub(crate) fn excerpt_bytes(bytes: &[u8]) -> String {
    let start = bytes.get(..LIMIT * 4).unwrap_or(bytes);
    excerpt(&String::from_utf8_lossy(start))
}

#[cfg(test)]
mod tests {
    use super::{excerpt, excerpt_bytes};

    #[test]
    fn quotations_are_short_and_escaped() {
        assert_eq!(excerpt("a\nb\u{1}"), "a\\nb\\u{1}");
        assert_eq!(excerpt(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
        assert_eq!(excerpt_bytes(&[b'a', 0xff]), "a\u{fffd}");
    }
}
