//! Sizes and versions: decimal digits and nothing else.
//!
//! No signs, no separators and no white space; the caller trims.

use super::ValueError;
use crate::excerpt::excerpt;

/// Reads a decimal number of 64 bits.
pub(crate) fn parse_number(text: &str) -> Result<u64, ValueError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().ok_or_else(|| ValueError::Number { found: excerpt(text) })
}

#[cfg(test)]
mod tests {
    use super::parse_number;

    #[test]
    fn only_digits_within_range() {
        assert_eq!(parse_number("0"), Ok(0));
        assert_eq!(parse_number("18446744073709551615"), Ok(u64::MAX));
        for bad in ["", "+1", "-1", " 1", "1.0", "18446744073709551616", "٣"] {
            assert!(parse_number(bad).is_err(), "{bad}");
        }
    }
}
