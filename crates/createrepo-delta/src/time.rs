//! Timestamps as people read them: UTC, proleptic Gregorian calendar. Nothing
//! here asks what time it is.

const DAY: u64 = 86_400;
/// Days from 1 March of year 0 to 1 January 1970.
const EPOCH: u64 = 719_468;
/// Days in the 400 years after which the calendar repeats.
const ERA: u64 = 146_097;

/// `2026-11-03 04:00:00` for seconds since 1970; years have at least four digits.
pub(crate) fn utc(seconds: u64) -> String {
    let (year, month, day) = civil(seconds / DAY);
    let time = seconds % DAY;
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Year, month and day, for days since 1 January 1970. Years are counted from
/// March, so that the leap day comes last and months follow a fixed pattern.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + EPOCH;
    let day_of_era = days % ERA;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = days / ERA * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        let cases = [
            (0, "1970-01-01 00:00:00"),
            (951_782_400, "2000-02-29 00:00:00"),
            (951_868_799, "2000-02-29 23:59:59"),
            (1_700_000_000, "2023-11-14 22:13:20"),
            (4_107_542_400, "2100-03-01 00:00:00"),
            (253_402_300_800, "10000-01-01 00:00:00"),
        ];
        for (seconds, text) in cases {
            assert_eq!(utc(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = civil(0);
        for day in 1..200_000 {
            let now = civil(day);
            let next_day = now == (before.0, before.1, before.2 + 1);
            let next_month = now == (before.0, before.1 + 1, 1) && before.2 >= 28;
            let next_year = now == (before.0 + 1, 1, 1) && before.1 == 12 && before.2 == 31;
            assert!(next_day || next_month || next_year, "{before:?} {now:?}");
            before = now;
        }
    }

    #[test]
    fn the_largest_timestamp_has_a_date() {
        assert!(utc(u64::MAX).starts_with("584554"));
    }
}
