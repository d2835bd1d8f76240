//! Text from elsewhere as it may be shown: terminals obey control characters, and people are deceived by those
//! that change the direction of writing or cannot be seen. And how much room a text has and takes.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What cannot be seen, marks and overrides of the direction of writing among it (`Default_Ignorable_Code_Point`
/// of Unicode), and separators of lines.
const DECEIVING: [RangeInclusive<char>; 17] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fff8}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

fn is_shown(c: char) -> bool {
    !c.is_control() && !DECEIVING.iter().any(|range| range.contains(&c))
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
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' || is_shown(c) {
            shown.push(c);
        } else {
            shown.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    shown
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

/// How many columns of a terminal a text takes: Chinese characters and the like take two.
pub(crate) fn columns(text: &str) -> usize {
    text.width()
}

/// A text in at most so many columns: where it has more, its beginning and its end.
pub(crate) fn cut(text: &str, room: usize) -> Cow<'_, str> {
    if columns(text) <= room {
        return Cow::Borrowed(text);
    }
    let room = room.saturating_sub(1);
    let end: Vec<char> = fitting(text.chars().rev(), room / 2).collect();
    let beginning = fitting(text.chars(), room - room / 2);
    Cow::Owned(beginning.chain(['…']).chain(end.into_iter().rev()).collect())
}

/// The first characters that have room.
fn fitting(characters: impl Iterator<Item = char>, mut room: usize) -> impl Iterator<Item = char> {
    characters.map_while(move |c| {
        room = room.checked_sub(c.width().unwrap_or(0))?;
        Some(c)
    })
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
    fn what_cannot_be_seen_is_an_escape() {
        assert_eq!(line("pri\u{200b}mary\u{feff}\u{ad}"), "pri\\u{200b}mary\\u{feff}\\u{ad}");
        assert_eq!(in_json("\u{e0061}"), "\\udb40\\udc61");
        assert!(matches!(line("e\u{301}, 软件"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_texts_are_cut_in_the_middle() {
        assert_eq!((columns("软件"), columns("e\u{301}")), (4, 1));
        assert_eq!(cut("primary", 7), "primary");
        assert_eq!(cut("primary", 6), "pri…ry");
        assert_eq!(cut("软件仓库", 6), "软…库");
        assert_eq!(cut("primary", 0), "…");
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
