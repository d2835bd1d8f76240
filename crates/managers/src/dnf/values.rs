//! Values of settings as libdnf understands them.

use std::time::Duration;

/// A yes or no; nothing for any other word.
pub(super) fn boolean(value: &str) -> Option<bool> {
    match &*value.to_ascii_lowercase() {
        "1" | "yes" | "true" | "on" => Some(true),
        "0" | "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

/// A time, or the word for none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Time {
    After(Duration),
    Never,
}

/// A number of seconds, or of minutes, hours or days with a letter; `never` or -1;
/// nothing for anything else.
pub(super) fn time(value: &str) -> Option<Time> {
    if matches!(value, "-1" | "never") {
        return Some(Time::Never);
    }
    let units = [('s', 1.0), ('m', 60.0), ('h', 3600.0), ('d', 86400.0)];
    let seconds = with_unit(value, &units)?;
    Duration::try_from_secs_f64(seconds.trunc()).ok().map(Time::After)
}

/// A number of bytes, or of kilobytes and so on with a letter.
pub(super) fn bytes(value: &str) -> Option<u64> {
    let units = [('k', 1024.0), ('m', 1_048_576.0), ('g', 1_073_741_824.0)];
    let bytes = with_unit(value, &units)?;
    // libdnf holds no more.
    (bytes <= f64::from(u32::MAX)).then(|| Duration::from_secs_f64(bytes.trunc()).as_secs())
}

/// A number that is not negative, and after it perhaps one letter that stands for a factor.
fn with_unit(value: &str, units: &[(char, f64)]) -> Option<f64> {
    let last = value.chars().next_back()?.to_ascii_lowercase();
    let unit = units.iter().find(|(letter, _)| *letter == last);
    let (number, factor) = match unit {
        Some((_, factor)) => (value.get(..value.len() - 1)?, *factor),
        None => (value, 1.0),
    };
    let number: f64 = number.trim_start().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number * factor)
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
    fn times_and_bytes() {
        for (word, value) in [
            ("30", Some(30)),
            ("1.5m", Some(90)),
            ("2H", Some(7200)),
            ("1d", Some(86400)),
            ("0", Some(0)),
            ("-2", None),
            ("Never", None),
            ("1w", None),
            ("1mm", None),
            ("", None),
            ("s", None),
            ("inf", None),
        ] {
            assert_eq!(time(word), value.map(|value| Time::After(Duration::from_secs(value))), "{word}");
        }
        for word in ["-1", "never"] {
            assert_eq!(time(word), Some(Time::Never));
        }
        for (word, value) in [
            ("1000", Some(1000)),
            ("1.5k", Some(1536)),
            ("2M", Some(2 << 20)),
            ("0", Some(0)),
            ("9G", None),
            ("-1", None),
            ("1kB", None),
            ("nan", None),
        ] {
            assert_eq!(bytes(word), value, "{word}");
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
