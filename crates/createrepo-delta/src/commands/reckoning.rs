//! What rebuilding takes beside downloading, type by type, for who asks with `--verbose`.

use delta_client::report::{PathTaken, TypeUpdated};

use crate::number;
use crate::table::{Table, or_dash};

/// The types of several repositories, each with the name of its repository; empty where nothing
/// is to be rebuilt or downloaded.
pub(super) fn table<'t>(
    repositories: impl IntoIterator<Item = (Option<&'t str>, &'t [TypeUpdated])>,
) -> String {
    let mut rows: Vec<(Option<&str>, [String; 6])> = Vec::new();
    for (name, types) in repositories {
        let new = types.iter().filter(|one| one.path != PathTaken::Current);
        rows.extend(new.map(|one| (name, row(one))));
    }
    let Some((name, _)) = rows.first() else { return String::new() };
    let columns = ["REPOSITORY", "TYPE", "RECIPE", ">REBUILDING", ">BYTES", ">FULL", "SPEED"];
    let mut table = Table::new(if name.is_some() { &columns } else { &columns[1..] });
    for (name, cells) in rows {
        table.row(name.map(str::to_owned).into_iter().chain(cells));
    }
    format!("\n{}", table.render())
}

fn row(one: &TypeUpdated) -> [String; 6] {
    let rebuilding = one.rebuilding.as_ref();
    // What is really downloaded is better known than what would have been.
    let bytes = match (one.path, rebuilding) {
        (PathTaken::Full, rebuilding) => rebuilding.map(|rebuilding| rebuilding.bytes),
        _ => Some(one.bytes_downloaded),
    };
    let speed = rebuilding.map(|rebuilding| {
        let from = if rebuilding.measured { "measured" } else { "built in" };
        format!("{} MB/s, {from}", tenths(rebuilding.bytes_per_second, 1_000_000))
    });
    [
        one.data_type.clone(),
        or_dash(rebuilding.map(|rebuilding| rebuilding.recipe.clone())),
        or_dash(rebuilding.map(|rebuilding| format!("{} s", tenths(rebuilding.milliseconds, 1000)))),
        or_dash(bytes.map(number::bytes)),
        or_dash(one.bytes_full.map(number::bytes)),
        or_dash(speed),
    ]
}

/// With one decimal.
fn tenths(number: u64, unit: u64) -> String {
    let tenths = number.saturating_add(unit / 20) / (unit / 10);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal() {
        assert_eq!(
            [tenths(2_115_000, 1_000_000), tenths(40, 1000), tenths(9_960, 1000)],
            ["2.1", "0.0", "10.0"]
        );
    }
}
