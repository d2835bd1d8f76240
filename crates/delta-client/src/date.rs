//! Dates in headers.

use std::time::UNIX_EPOCH;

/// Seconds since 1970 of a date like `Mon, 02 Nov 2026 10:00:00 GMT`, or in one of the two
/// older forms.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds(" Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Sunday, 06-Nov-94 08:49:37 GMT"), Some(784_111_777));
        for bad in ["", "now", "Mon, 02 Nov 1969 10:00:00 GMT", "Mon, 02 Nov 2026 25:00:00 GMT"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
