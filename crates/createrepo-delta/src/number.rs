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

/// `0.6 of 2.7 MiB`: both in the unit of the whole.
pub(crate) fn of(part: u64, whole: u64) -> String {
    let unit =
        u32::try_from(UNITS.iter().position(|unit| bytes(whole).ends_with(&format!(" {unit}"))).unwrap_or(0));
    let size = 1024_u128.pow(unit.unwrap_or(0));
    let tenths = (u128::from(part) * 10 + size / 2) / size;
    let part = if size == 1 { part.to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) };
    format!("{part} of {}", bytes(whole))
}

/// Sizes from the least to the most: `4.0 KiB`, `4.0 to 7.0 KiB`, `655 B to 2.5 KiB`; nothing of none.
pub(crate) fn range(sizes: impl IntoIterator<Item = u64>) -> Option<String> {
    let mut sizes: Vec<u64> = sizes.into_iter().collect();
    sizes.sort_unstable();
    let (least, most) = (bytes(*sizes.first()?), bytes(*sizes.last()?));
    if least == most {
        return Some(most);
    }
    let unit = |text: &str| text.find(' ').map_or(String::new(), |at| text[at..].to_owned());
    let least = least.strip_suffix(&unit(&most)).unwrap_or(&least);
    Some(format!("{least} to {most}"))
}

/// `part` of `whole` in percent, rounded to the nearest; below 1 % to a tenth. `-` where there is no whole.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    match tenths {
        0 if part > 0 => "<0.1 %".to_owned(),
        1..10 => format!("0.{tenths} %"),
        _ => format!("{} %", (u128::from(part) * 100 + u128::from(whole) / 2) / u128::from(whole)),
    }
}

/// ` instead of 72.5 KiB (7 %)`, where `part` is less than the whole; nothing else.
pub(crate) fn instead_of(part: u64, whole: u64) -> String {
    if part < whole {
        format!(" instead of {} ({})", bytes(whole), percent(part, whole))
    } else {
        String::new()
    }
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

/// Of names of delta files and journals how many there are: `2 delta files and 1 journal`.
pub(crate) fn files(names: &[String]) -> String {
    let journals = names.iter().filter(|name| name.ends_with(".journal")).count();
    match (names.len() - journals, journals) {
        (deltas, 0) => count(deltas, "delta file"),
        (0, journals) => count(journals, "journal"),
        (deltas, journals) => format!("{} and {}", count(deltas, "delta file"), count(journals, "journal")),
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
    fn ranges_have_one_unit_where_both_ends_have_it() {
        assert_eq!(range([]), None);
        assert_eq!(range([4096, 4096]).unwrap(), "4.0 KiB");
        assert_eq!(range([7168, 4096, 5000]).unwrap(), "4.0 to 7.0 KiB");
        assert_eq!(range([100, 200]).unwrap(), "100 to 200 B");
        assert_eq!(range([655, 2560]).unwrap(), "655 B to 2.5 KiB");
    }

    #[test]
    fn parts_have_the_unit_of_the_whole() {
        assert_eq!(of(629_146, 2_831_155), "0.6 of 2.7 MiB");
        assert_eq!(of(3, 1000), "3 of 1000 B");
        assert_eq!(of(0, 0), "0 of 0 B");
    }

    #[test]
    fn journals_are_no_delta_files() {
        let files = |names: &[&str]| files(&names.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(files(&[]), "0 delta files");
        assert_eq!(files(&["a.delta0.bz2"]), "1 delta file");
        assert_eq!(files(&["a.journal", "b.journal"]), "2 journals");
        assert_eq!(files(&["a.journal", "a.delta0.bz2", "b.delta0.bz2"]), "2 delta files and 1 journal");
    }

    #[test]
    fn percentages_of_nothing_are_none() {
        assert_eq!(percent(1, 0), "-");
        assert_eq!(percent(0, 3), "0 %");
        assert_eq!(percent(2, 3), "67 %");
        assert_eq!(percent(4, 1000), "0.4 %");
        assert_eq!(percent(1, 100_000), "<0.1 %");
        assert_eq!(percent(10, 1000), "1 %");
        assert_eq!(percent(u64::MAX, u64::MAX), "100 %");
    }
}
