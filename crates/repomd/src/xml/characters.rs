//! Characters, names, references and line ends.
//!
//! Offsets that come in are absolute and go into errors unchanged.

use std::borrow::Cow;

use crate::excerpt::excerpt;
use crate::read::ReadError;

/// The four white-space characters of XML.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// `text` without white space at either end.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether XML 1.0 allows the character at all.
pub(super) fn is_allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => c >= ' ',
    }
}

/// Whether `text` is a name with at most one prefix.
pub(super) fn is_name(text: &str) -> bool {
    match text.split_once(':') {
        Some((prefix, local)) => is_plain_name(prefix) && is_plain_name(local),
        None => is_plain_name(text),
    }
}

/// Whether `text` is a name without a colon.
pub(super) fn is_plain_name(text: &str) -> bool {
    text.starts_with(starts_name) && text.chars().all(|c| starts_name(c) || continues_name(c))
}

/// `NameStartChar` of XML 1.0, without the colon.
fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | '_' | 'a'..='z' | '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{2ff}' | '\u{370}'..='\u{37d}' | '\u{37f}'..='\u{1fff}'
        | '\u{200c}'..='\u{200d}' | '\u{2070}'..='\u{218f}' | '\u{2c00}'..='\u{2fef}'
        | '\u{3001}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{fffd}'
        | '\u{10000}'..='\u{effff}')
}

/// What else `NameChar` has.
fn continues_name(c: char) -> bool {
    matches!(c, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}')
}

/// The character that the reference `&name;` at `offset` stands for.
pub(super) fn resolve(name: &str, offset: usize) -> Result<char, ReadError> {
    let numbered = |digits: &str, radix| {
        let all = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        let code = all.then(|| u32::from_str_radix(digits, radix).ok());
        code.flatten().and_then(char::from_u32)
    };
    let character = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#') {
            Some(number) => match number.strip_prefix('x') {
                Some(digits) => numbered(digits, 16),
                None => numbered(number, 10),
            },
            None => None,
        },
    };
    character.filter(|&c| is_allowed(c)).ok_or_else(|| ReadError::Reference { offset, found: excerpt(name) })
}

/// Text with its line ends as XML reports them: one `\n` each.
pub(super) fn line_ends(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The value of an attribute whose quoted text, at `offset`, is `raw`.
pub(super) fn attribute_value(raw: &str, offset: usize) -> Result<Cow<'_, str>, ReadError> {
    if !raw.contains(['&', '\t', '\r', '\n']) {
        return Ok(Cow::Borrowed(raw));
    }
    let spaced = |text: &str| line_ends(text).replace(['\t', '\n'], " ");
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(&spaced(before));
        let at = offset + raw.len() - after.len() - 1;
        let Some((name, after)) = after.split_once(';') else {
            return Err(ReadError::Reference { offset: at, found: excerpt(after) });
        };
        out.push(resolve(name, at)?);
        rest = after;
    }
    out.push_str(&spaced(rest));
    Ok(Cow::Owned(out))
}

#[cfg(test)]
mod tests {
    use super::{attribute_value, is_name, line_ends, resolve};
    use crate::read::ReadError;

    #[test]
    fn names() {
        for good in ["a", "_", "md:data", "open-checksum", "x.1", "é"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "1", "-a", ":a", "a:", "a:b:c", "a/b", "a=b", "a:1", "a\"", "!a"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn references() {
        for (name, c) in [("amp", '&'), ("#65", 'A'), ("#x41", 'A'), ("#10", '\n')] {
            assert_eq!(resolve(name, 0), Ok(c));
        }
        for bad in ["", "nbsp", "#", "#x", "#0", "#1", "#+65", "#xd800", "#x110000", "#X41", "#99999999999"] {
            assert!(resolve(bad, 0).is_err(), "{bad}");
        }
    }

    #[test]
    fn line_ends_become_one_character() {
        assert_eq!(line_ends("a\r\nb\rc\n"), "a\nb\nc\n");
    }

    #[test]
    fn attribute_values_keep_referenced_white_space() {
        assert_eq!(attribute_value("a\r\nb\tc&#10;&lt;", 0).unwrap(), "a b c\n<");
    }

    #[test]
    fn errors_point_at_the_ampersand() {
        let offset_of = |raw| attribute_value(raw, 100).map_err(|error| error.offset());
        assert_eq!(offset_of("a&amp;&nbsp;"), Err(106));
        assert_eq!(offset_of("a&amp"), Err(101));
        assert!(matches!(resolve("nbsp", 7), Err(ReadError::Reference { offset: 7, .. })));
    }
}
