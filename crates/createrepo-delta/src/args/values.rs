//! Values of options that are no settings: ways to name a generation.

use std::num::NonZeroUsize;
use std::str::FromStr;

/// A number of at least 1.
pub(super) fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "expected a number of at least 1")
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
