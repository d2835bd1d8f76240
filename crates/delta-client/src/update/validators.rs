//! What a server says of the state of repomd.xml, as far as the next request may
//! build upon it: a date that does not change with the file is no validator, nor
//! is an entity tag that was made of such a date.
//!
//! Dates are clamped by reproducible builds, image builders and archives, which
//! write the epoch, 1980, or the date of a commit. The cost of doubt is one
//! repomd.xml.

use crate::date;
use crate::transport::Validators;

/// Nothing was published by a web server before 1990.
const FIRST: u64 = 631_152_000;

/// Validators that are believed, and the latest date that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Believed {
    pub(super) validators: Validators,
    /// When they were given, in seconds since 1970, where the source can be asked by them.
    pub(super) since: Option<u64>,
    /// The latest `Last-Modified` of this source, believed or not, in seconds.
    pub(super) dated: Option<u64>,
}

impl Believed {
    /// What is believed of what a server gave. `seen` is the latest date that it
    /// gave for other bytes, or in vain for these; `described` is the latest date
    /// in the file itself, which is written last; `now` is when they were given.
    pub(super) fn new(
        given: Validators,
        seen: Option<u64>,
        described: Option<u64>,
        now: Option<u64>,
    ) -> Self {
        let given_date = given.last_modified.as_deref().and_then(date::seconds);
        let is_clamped = |date: u64| {
            date < FIRST
                || seen.is_some_and(|seen| date <= seen)
                || described.is_some_and(|described| date < described)
        };
        let clamped = given_date.filter(|&date| is_clamped(date));
        let etag = given.etag.filter(|etag| match clamped {
            Some(date) => !is_made_of(etag, date),
            // It may be all that there is of the date.
            None => given_date.is_some() || !begins_before_1990(etag),
        });
        let last_modified = given.last_modified.filter(|_| given_date.is_some() && clamped.is_none());
        let validators = Validators::new(etag, last_modified);
        let since = now.filter(|_| validators.is_complete());
        Self { validators, since, dated: seen.max(given_date) }
    }
}

/// The numbers in an entity tag, as text.
fn parts(etag: &str) -> impl Iterator<Item = &str> {
    etag.trim_start_matches("W/").trim_matches('"').split(['-', ':'])
}

/// Whether common servers make this entity tag of this date.
fn is_made_of(etag: &str, date: u64) -> bool {
    let numbers: [u128; 4] = [
        // nginx: seconds and length.
        date.into(),
        // Express: length and milliseconds.
        u128::from(date) * 1_000,
        // Apache: length and microseconds.
        u128::from(date) * 1_000_000,
        // IIS: tenths of microseconds since 1601.
        (u128::from(date) + 11_644_473_600) * 10_000_000,
    ];
    let is_one = |part: &str| {
        let is_among =
            |radix| u128::from_str_radix(part, radix).is_ok_and(|number| numbers.contains(&number));
        // Tomcat: length and milliseconds, in decimal.
        is_among(16) || is_among(10)
    };
    // Caddy: seconds or nanoseconds, and right behind them the length.
    let joined = parts(etag).next().unwrap_or_default();
    let begins = |number: u128| joined.starts_with(&in_base_36(number));
    parts(etag).any(is_one) || begins(date.into()) || begins(u128::from(date) * 1_000_000_000)
}

/// Whether it is of the kind that nginx makes, of a date that cannot be.
fn begins_before_1990(etag: &str) -> bool {
    let mut parts = parts(etag);
    let (first, second, none) = (parts.next(), parts.next(), parts.next());
    let number = |part: Option<&str>| part.and_then(|part| u64::from_str_radix(part, 16).ok());
    none.is_none() && number(second).is_some() && number(first).is_some_and(|date| date < FIRST)
}

fn in_base_36(mut number: u128) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(number % 36).unwrap_or_default();
        digits.push(char::from_digit(digit, 36).unwrap_or_default());
        number /= 36;
        if number == 0 {
            return digits.into_iter().rev().collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mon, 02 Nov 2026 10:00:00 GMT
    const DATE: u64 = 1_793_613_600;
    const TEXT: &str = "Mon, 02 Nov 2026 10:00:00 GMT";

    fn believed(etag: Option<&str>, modified: Option<&str>, seen: Option<u64>) -> (bool, bool) {
        let given = Validators::new(etag.map(str::to_owned), modified.map(str::to_owned));
        let Believed { validators, .. } = Believed::new(given, seen, None, None);
        (validators.etag.is_some(), validators.last_modified.is_some())
    }

    #[test]
    fn dates_that_do_not_change_with_the_file_are_no_validators() {
        let hash = Some("\"d41d8cd98f00b204\"");
        assert_eq!(believed(hash, Some(TEXT), None), (true, true));
        assert_eq!(believed(hash, Some(TEXT), Some(DATE - 1)), (true, true));
        for seen in [DATE, DATE + 1] {
            assert_eq!(believed(hash, Some(TEXT), Some(seen)), (true, false));
        }
        for early in ["Thu, 01 Jan 1970 00:00:01 GMT", "Tue, 01 Jan 1980 00:00:00 GMT", "yesterday"] {
            assert_eq!(believed(hash, Some(early), None), (true, false));
        }
        let given = Validators::new(None, Some(TEXT.to_owned()));
        assert!(Believed::new(given.clone(), None, Some(DATE + 1), None).validators.is_empty());
        assert!(!Believed::new(given.clone(), None, Some(DATE), None).validators.is_empty());
        assert_eq!(Believed::new(given, Some(5), Some(DATE), None).dated, Some(DATE));
    }

    #[test]
    fn entity_tags_that_are_made_of_such_a_date_are_none_either() {
        let (micros, nanos) = (u128::from(DATE) * 1_000_000, u128::from(DATE) * 1_000_000_000);
        for etag in [
            format!("\"{DATE:x}-1f4\""),
            format!("W/\"{DATE:x}-1f4\""),
            format!("\"1f4-{micros:x}\""),
            format!("W/\"1f4-{:x}\"", DATE * 1_000),
            format!("W/\"500-{}\"", DATE * 1_000),
            format!("\"2a-1f4-{micros:x}\""),
            format!("\"{:x}:0\"", (u128::from(DATE) + 11_644_473_600) * 10_000_000),
            format!("\"{}dw\"", in_base_36(DATE.into())),
            format!("\"{}dw\"", in_base_36(nanos)),
        ] {
            assert_eq!(believed(Some(&etag), Some(TEXT), Some(DATE)), (false, false), "{etag}");
            assert_eq!(believed(Some(&etag), Some(TEXT), None), (true, true), "{etag}");
        }
        for etag in ["\"0-1f4\"", "\"12ce97f0-1f4\""] {
            assert_eq!(believed(Some(etag), None, None), (false, false), "{etag}");
        }
        assert_eq!(believed(Some("\"6ae7b420-1f4\""), None, None), (true, false));
    }
}
