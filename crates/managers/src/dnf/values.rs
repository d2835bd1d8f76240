//! Values of settings as libdnf understands them.

/// A yes or no; nothing for any other word.
pub(super) fn boolean(value: &str) -> Option<bool> {
    match &*value.to_ascii_lowercase() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// The words of a list. They are divided by spaces, newlines and commas, which
/// may come together: a comma among spaces, and a newline after a space or a
/// comma. Where others come together there is an empty word between them.
pub(super) fn list(value: &str) -> Vec<String> {
    let skip =
        |at: usize| at + value.get(at..).unwrap_or_default().bytes().take_while(|b| *b == b' ').count();
    let byte = |at: usize| value.as_bytes().get(at).copied();
    let mut words = Vec::new();
    let mut start = skip(0);
    while start < value.len() {
        let rest = value.get(start..).unwrap_or_default();
        let Some(length) = rest.find([' ', ',', '\n']) else {
            words.push(rest.to_owned());
            break;
        };
        words.push(rest.get(..length).unwrap_or_default().to_owned());
        let mut end = start + length;
        start = skip(end + 1);
        if byte(start) == Some(b',') && byte(end) == Some(b' ') {
            end = start;
            start = skip(start + 1);
        }
        if byte(start) == Some(b'\n') && matches!(byte(end), Some(b' ' | b',')) {
            start = skip(start + 1);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_yes_and_no() {
        for (word, value) in [
            ("YES", Some(true)),
            ("1", Some(true)),
            ("Off", Some(false)),
            ("", None),
            ("2", None),
            (" 1", None),
        ] {
            assert_eq!(boolean(word), value, "{word}");
        }
    }

    #[test]
    fn words_of_lists() {
        for (text, words) in [
            ("", &[][..]),
            ("  ", &[]),
            ("a", &["a"]),
            ("a b,c\nd", &["a", "b", "c", "d"]),
            ("a , b ,c, d", &["a", "b", "c", "d"]),
            ("a,\nb \nc", &["a", "b", "c"]),
            ("a,,b", &["a", "", "b"]),
            ("\na", &["", "a"]),
            ("a\n\nb", &["a", "", "b"]),
            ("a\n b,", &["a", "b"]),
        ] {
            assert_eq!(list(text), words, "{text:?}");
        }
    }
}
