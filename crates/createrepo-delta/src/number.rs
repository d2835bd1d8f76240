//! Numbers as people read them: sizes, shares, counts. Programs get exact bytes from `--json`.

use std::fmt::Display;

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

/// `999 B`, `1.5 KiB`, `16.0 MiB`: one decimal, rounded to the nearest.
pub(crate) fn bytes(number: u64) -> String {
    let mut tenths = u128::from(number) * 10;
    let mut unit = 0;
    while tenths >= 10_235 && unit + 1 < UNITS.len() {
        tenths = (tenths + 512) / 1024;
        unit += 1;
    }
    let name = UNITS[unit];
    if unit == 0 { format!("{number} {name}") } else { format!("{}.{} {name}", tenths / 10, tenths % 10) }
}

/// `part` of `whole` in percent; `-` where there is no whole.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let hundredths = (u128::from(part) * 10_000 + u128::from(whole) / 2) / u128::from(whole);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// `1 generation`, `2 generations`; `1 repository`, `2 repositories`; `2 publishes`.
pub(crate) fn count<N: Copy + Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y') {
        Some(stem) => format!("{number} {stem}ies"),
        None if noun.ends_with("sh") => format!("{number} {noun}es"),
        None => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_to_a_tenth() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1536, "1.5 KiB"),
            (1_048_575, "1.0 MiB"),
            (16 << 20, "16.0 MiB"),
            (u64::MAX, "16777216.0 TiB"),
        ];
        for (number, text) in cases {
            assert_eq!(bytes(number), text, "{number}");
        }
    }

    #[test]
    fn percentages_of_nothing_are_none() {
        assert_eq!(percent(1, 0), "-");
        assert_eq!(percent(0, 3), "0.00%");
        assert_eq!(percent(2, 3), "66.67%");
        assert_eq!(percent(u64::MAX, u64::MAX), "100.00%");
    }
}
