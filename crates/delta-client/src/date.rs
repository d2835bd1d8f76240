//! Dates in headers, in the one form that servers are to send.
//!
//! Weekdays are not checked, older forms are not read.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 of a date like `Mon, 02 Nov 2026 10:00:00 GMT`.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let (_weekday, rest) = text.trim().split_once(", ")?;
    let rest = rest.strip_suffix(" GMT")?;
    let mut parts = rest.split(' ');
    let day = number(parts.next()?, 2)?;
    let month = parts.next()?;
    let month = 1 + MONTHS.iter().position(|&name| name == month)? as u64;
    let year = number(parts.next()?, 4)?;
    let mut clock = parts.next()?.split(':').map(|part| number(part, 2));
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let whole = parts.next().is_none() && clock.next().is_none();
    let valid = (1..=31).contains(&day) && year >= 1970 && hour < 24 && minute < 60 && second <= 60;
    (whole && valid).then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

fn number(text: &str, digits: usize) -> Option<u64> {
    let plain = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// Days since 1970-01-01, for years from then on.
fn days(year: u64, month: u64, day: u64) -> u64 {
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    // 719,468 days from March of the year 0 to January 1970.
    (year * 365 + leap_days + (month * 153 + 2) / 5 + day - 1) - 719_468
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn dates_are_counted_from_1970() {
        assert_eq!(seconds("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(seconds("Tue, 29 Feb 2000 23:59:59 GMT"), Some(951_868_799));
        assert_eq!(seconds("Mon, 02 Nov 2026 10:00:00 GMT"), Some(1_793_613_600));
        assert_eq!(seconds("Fri, 31 Dec 9999 23:59:59 GMT"), Some(253_402_300_799));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for bad in [
            "",
            "now",
            "Mon, 02 Nov 2026 10:00:00",
            "Mon, 2 Nov 2026 10:00:00 GMT",
            "Mon, 02 Nov 1969 10:00:00 GMT",
            "Mon, 02 Nov 2026 25:00:00 GMT",
            "Mon, 02 Nov 2026 10:00:00:00 GMT",
            "Mon, 02 Abc 2026 10:00:00 GMT",
            "Monday, 02-Nov-26 10:00:00 GMT",
            "Mon, +2 Nov 2026 10:00:00 GMT",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }
}
