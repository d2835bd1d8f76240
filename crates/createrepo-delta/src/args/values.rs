//! Values that people write in their own way: ages, and ways to name a
//! generation.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use delta_publish::Threshold;

/// A number of at least 1.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "expected a number of at least 1")
}

/// An age in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Age(pub(crate) u64);

/// Units of ages, in seconds.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Why a text is no [`Age`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected days, hours, minutes or seconds, such as `14d`, `36h`, `90m` or `3600`")]
pub(crate) struct AgeError;

impl FromStr for Age {
    type Err = AgeError;

    fn from_str(text: &str) -> Result<Self, AgeError> {
        let found = UNITS.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
        let (number, seconds) = found.unwrap_or((text, 1));
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AgeError);
        }
        let number: u64 = number.parse().map_err(|_| AgeError)?;
        number.checked_mul(seconds).map(Self).ok_or(AgeError)
    }
}

impl fmt::Display for Age {
    /// In the largest unit in which it is a whole number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |seconds: &&(char, u64)| self.0 > 0 && self.0.is_multiple_of(seconds.1);
        let (unit, seconds) = UNITS.iter().find(fits).unwrap_or(&('s', 1));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

/// Why a text is no [`Bytes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected bytes, such as `20000`, `64K` or `2M`")]
pub(crate) struct BytesError;

impl FromStr for Bytes {
    type Err = BytesError;

    fn from_str(text: &str) -> Result<Self, BytesError> {
        match text.parse() {
            Ok(Threshold::Bytes(bytes)) => Ok(Self(bytes)),
            _ => Err(BytesError),
        }
    }
}

/// A time to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) Duration);

/// Why a text is no [`Wait`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected seconds or minutes, such as `30`, `0.5s` or `2m`, more than 0 and at most a day")]
pub(crate) struct WaitError;

impl FromStr for Wait {
    type Err = WaitError;

    fn from_str(text: &str) -> Result<Self, WaitError> {
        let units = [('s', 1.0), ('m', 60.0)];
        let found = units.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(*unit)?, *seconds)));
        let (number, seconds) = found.unwrap_or((text, 1.0));
        if !number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(WaitError);
        }
        let number: f64 = number.parse().map_err(|_| WaitError)?;
        match Duration::try_from_secs_f64(number * seconds) {
            Ok(wait) if !wait.is_zero() && wait <= Duration::from_secs(86_400) => Ok(Self(wait)),
            _ => Err(WaitError),
        }
    }
}

/// How a generation is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selector {
    /// By its place: 0 is the newest.
    Index(usize),
    /// By the first digits of the SHA-256 of its open content, in lower case.
    Sha256(String),
}

/// Digits of a SHA-256 that are asked for at least.
const MIN_DIGITS: usize = 8;
/// Digits of a whole SHA-256.
const MAX_DIGITS: usize = 64;

/// Why a text is no [`Selector`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a number from `history show`, or at least {MIN_DIGITS} digits of a SHA-256")]
pub(crate) struct SelectorError;

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        if text.len() < MIN_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(Self::Index).map_err(|_| SelectorError);
        }
        let is_prefix = (MIN_DIGITS..=MAX_DIGITS).contains(&text.len());
        if is_prefix && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self::Sha256(text.to_ascii_lowercase()));
        }
        Err(SelectorError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_as_people_write_them() {
        let cases = [("14d", 1_209_600), ("36h", 129_600), ("90m", 5_400), ("7s", 7), ("3600", 3_600)];
        for (text, seconds) in cases {
            assert_eq!(text.parse(), Ok(Age(seconds)), "{text}");
        }
        for (seconds, text) in [(1_209_600, "14d"), (129_600, "36h"), (5_400, "90m"), (7, "7s"), (0, "0s")] {
            assert_eq!(Age(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(Age(seconds)));
        }
        for text in ["", "d", "-1", "+1", "1w", "1.5d", "1 d", "99999999999999999999", "999999999999999999d"]
        {
            assert_eq!(text.parse::<Age>(), Err(AgeError), "{text}");
        }
    }

    #[test]
    fn seconds_to_wait() {
        assert_eq!("30".parse(), Ok(Wait(Duration::from_secs(30))));
        assert_eq!("0.25".parse(), Ok(Wait(Duration::from_millis(250))));
        assert_eq!("10s".parse(), Ok(Wait(Duration::from_secs(10))));
        assert_eq!("1.5m".parse(), Ok(Wait(Duration::from_secs(90))));
        for text in ["", "0", "0.0", "-1", "+1", "1e3", "inf", "nan", ".", "s", "1.2.3", "1h", "99999999"] {
            assert_eq!(text.parse::<Wait>(), Err(WaitError), "{text}");
        }
    }

    #[test]
    fn generations_by_number_or_digest() {
        assert_eq!("0".parse(), Ok(Selector::Index(0)));
        assert_eq!("1234567".parse(), Ok(Selector::Index(1_234_567)));
        assert_eq!("12345678".parse(), Ok(Selector::Sha256("12345678".to_owned())));
        assert_eq!("ABCDEF0123".parse(), Ok(Selector::Sha256("abcdef0123".to_owned())));
        for text in ["", "-1", "abc", "primary", &"a".repeat(65)] {
            assert_eq!(text.parse::<Selector>(), Err(SelectorError), "{text}");
        }
    }
}
