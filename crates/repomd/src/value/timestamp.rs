//! A timestamp as repomd.xml states it: seconds since 1970, possibly with a
//! fraction, which the python createrepo writes (`1355930170.95`).
//!
//! Only the whole seconds take part in decisions; the text is kept so that a
//! document can be written again as it was.

use std::fmt;

use super::ValueError;
use crate::excerpt::excerpt;

/// Whole seconds stay below this, the range of a signed number of 64 bits, which
/// nanoseconds are within: some publishers write them.
const LIMIT: u64 = 1 << 63;

/// Nineteen digits of seconds, a point, and more fraction than any clock has.
const MAX_LENGTH: usize = 40;

/// Seconds since 1970, from 0 to below 2^63, with the text they were read from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Timestamp {
    raw: String,
    seconds: u64,
}

impl Timestamp {
    /// Reads digits, optionally followed by a point and more digits.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let refuse = || ValueError::Timestamp { found: excerpt(text) };
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if text.len() > MAX_LENGTH || !is_number(whole) || !fraction.is_none_or(is_number) {
            return Err(refuse());
        }
        let seconds: u64 = whole.parse().map_err(|_| refuse())?;
        if seconds >= LIMIT {
            return Err(refuse());
        }
        Ok(Self { raw: text.to_owned(), seconds })
    }

    /// A timestamp of whole seconds below 2^63.
    pub fn from_seconds(seconds: u64) -> Result<Self, ValueError> {
        Self::parse(&seconds.to_string())
    }

    /// The whole seconds, rounded down.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        self.seconds
    }

    /// The text as it was read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.raw
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn fractions_are_kept_but_do_not_count() {
        let timestamp = Timestamp::parse("1355930170.95").unwrap();
        assert_eq!(timestamp.seconds(), 1_355_930_170);
        assert_eq!(timestamp.as_str(), "1355930170.95");
    }

    #[test]
    fn the_range_ends_below_two_to_the_63() {
        assert!(Timestamp::from_seconds((1 << 63) - 1).is_ok());
        assert!(Timestamp::from_seconds(1 << 63).is_err());
    }

    #[test]
    fn malformed_ones_are_refused() {
        for bad in ["", "-1", "+1", "1e9", ".5", "5.", "1.2.3", " 1", "nan"] {
            assert!(Timestamp::parse(bad).is_err(), "{bad}");
        }
        assert!(Timestamp::parse(&format!("1.{}", "0".repeat(64))).is_err());
    }
}
