//! Text from elsewhere as it may be shown: terminals obey control characters, and
//! people are deceived by those that change the direction of writing.

use std::borrow::Cow;

/// Marks and overrides of the direction of writing, and separators of lines.
const DECEIVING: [char; 14] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}',
    '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

fn is_shown(c: char) -> bool {
    !c.is_control() && !DECEIVING.contains(&c)
}

/// One line of text, everything that is not to be obeyed shown as an escape.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escaped(text, is_shown)
}

/// As [`line()`], but line ends stay.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c == '\n' || is_shown(c))
}

/// A JSON text that means the same, in which nothing is to be obeyed either.
pub(crate) fn in_json(text: &str) -> String {
    let escape = |c: char| match c {
        c if c == '\n' || is_shown(c) => c.to_string(),
        // All of them are in the first plane.
        c => format!("\\u{:04x}", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

/// A checksum has at least so many digits.
const CHECKSUM: usize = 32;
/// So many of them tell one from another.
const DIGITS: usize = 8;

/// A text in which only the first digits of checksums are left.
pub(crate) fn shortened(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let is_digit = rest.starts_with(|c: char| c.is_ascii_hexdigit());
        let end = rest.find(|c: char| c.is_ascii_hexdigit() != is_digit).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        if is_digit && run.len() >= CHECKSUM {
            short += &run[..DIGITS];
            short.push('…');
        } else {
            short += run;
        }
        rest = after;
    }
    short
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> Cow<'_, str> {
    if text.chars().all(&stays) {
        return Cow::Borrowed(text);
    }
    let escape = |c: char| if stays(c) { c.to_string() } else { c.escape_default().to_string() };
    Cow::Owned(text.chars().map(escape).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_of_every_kind_are_escapes() {
        assert_eq!(
            line("a\x1b[31m\u{9b}b\u{202e}c\u{2066}d\n"),
            "a\\u{1b}[31m\\u{9b}b\\u{202e}c\\u{2066}d\\n"
        );
        assert_eq!(lines("one\ntwo\u{7f}"), "one\ntwo\\u{7f}");
        assert_eq!(in_json("{\n  \"a\u{9b}\u{202e}\": 1\n}"), "{\n  \"a\\u009b\\u202e\": 1\n}");
        assert!(matches!(lines("gr\u{fc}n, \u{5e9}"), Cow::Borrowed(_)));
    }

    #[test]
    fn checksums_are_shortened_and_words_are_not() {
        let sha256 = "0123456789abcdef".repeat(4);
        assert_eq!(
            shortened(&format!("repodata/{sha256}-primary.xml.gz")),
            "repodata/01234567…-primary.xml.gz"
        );
        assert_eq!(shortened("a decade of é"), "a decade of é");
    }
}
