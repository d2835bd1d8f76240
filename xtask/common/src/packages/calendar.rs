//! Dates as a spec file's changelog writes them.

/// The first generation's time: 2026-10-01 06:00 UTC.
pub(crate) const START: u64 = 1_790_834_400;

/// Seconds of a day.
pub(crate) const DAY: u64 = 86_400;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `time` (seconds since 1970, UTC) as in `Thu Oct 01 2026`.
pub fn changelog_date(time: u64) -> String {
    let days = time / DAY;
    let weekday = WEEKDAYS[usize::try_from(days % 7).unwrap_or(0)];
    let (mut year, mut left) = (1970, days);
    while left >= year_length(year) {
        left -= year_length(year);
        year += 1;
    }
    let mut month = 0;
    while left >= month_length(year, month) {
        left -= month_length(year, month);
        month += 1;
    }
    format!("{weekday} {} {:02} {year}", MONTHS[month], left + 1)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn year_length(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn month_length(year: u64, month: usize) -> u64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        assert_eq!(changelog_date(0), "Thu Jan 01 1970");
        assert_eq!(changelog_date(951_782_400), "Tue Feb 29 2000");
        assert_eq!(changelog_date(START), "Thu Oct 01 2026");
        assert_eq!(changelog_date(START + 92 * DAY), "Fri Jan 01 2027");
    }
}
