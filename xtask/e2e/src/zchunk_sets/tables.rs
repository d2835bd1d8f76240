//! What was found: a line for each pair of generations and type, and sums of each set.

use crate::zchunk::step::{Step, TWIN, Way};
use std::collections::{BTreeMap, BTreeSet};
use xtask_common::table::{Align, Table, human};
use xtask_common::web::Wire;

/// The line of what came besides zchunk files.
const DOCUMENTS: &str = "repomd.xml";
/// The line of everything.
const ALL: &str = "all";

/// Columns of bytes: requests, all bytes, and those of heads, by either way.
const WIRES: [(&str, Align); 3] = [
    ("zckdl: requests, bytes (heads)", Align::Right),
    ("update: requests, bytes (heads)", Align::Right),
    ("part", Align::Right),
];

pub(crate) struct Tables {
    pairs: Table,
    /// By set and place in the table.
    sums: BTreeMap<(String, usize), Sum>,
    /// Files that came whole, and why.
    whole: Vec<String>,
}

/// Files of one type, or all, of one set.
#[derive(Default)]
struct Sum {
    kind: String,
    pairs: usize,
    exact: usize,
    ways: BTreeSet<String>,
    full: u64,
    theirs: Wire,
    ours: Wire,
}

impl Tables {
    pub(super) fn new() -> Self {
        let (left, right) = (Align::Left, Align::Right);
        let columns = [("set", left), ("to", left), ("type", left), ("by", left), ("full file", right)];
        Self { pairs: Table::new(&[&columns[..], &WIRES].concat()), sums: BTreeMap::new(), whole: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// Adds the step to the generation `to` of a set.
    pub(super) fn add(&mut self, set: &str, to: &str, step: &Step) {
        for (place, way) in step.ways.iter().enumerate() {
            let by = by(way);
            if way.path == "full" {
                self.whole.push(format!("{set}, {to}, {}: {}", way.kind, way.reason));
            }
            let label = way.kind.trim_end_matches(TWIN);
            let sum = self.line(set, to, place, label, &by, way.full, (way.theirs, way.ours));
            // What did not change is no news.
            if way.path != "current" {
                sum.pairs += 1;
                sum.exact += usize::from(way.path != "full");
                sum.ways.insert(by);
            }
        }
        let full = step.ways.iter().map(|way| way.full).sum();
        let place = step.ways.len();
        self.line(set, to, place, DOCUMENTS, "", 0, (step.theirs, step.ours));
        let (ours, theirs) = step.sums();
        self.line(set, to, place + 1, ALL, "", full, (theirs, ours));
    }

    #[allow(clippy::too_many_arguments, reason = "a line of a table")]
    fn line(
        &mut self,
        set: &str,
        to: &str,
        place: usize,
        label: &str,
        by: &str,
        full: u64,
        (theirs, ours): (Wire, Wire),
    ) -> &mut Sum {
        let cells = [set.to_owned(), to.to_owned(), label.to_owned(), by.to_owned(), human(full)];
        self.pairs.row(cells.into_iter().chain(wires(theirs, ours)));
        let sum = self.sums.entry((set.to_owned(), place)).or_default();
        label.clone_into(&mut sum.kind);
        sum.full += full;
        sum.theirs += theirs;
        sum.ours += ours;
        sum
    }

    /// Both tables, and the files that came whole.
    pub(super) fn render(&self) -> String {
        let (left, right) = (Align::Left, Align::Right);
        let columns = [
            ("set", left),
            ("type", left),
            ("changed", right),
            ("exact", right),
            ("by", left),
            ("full files", right),
        ];
        let mut sums = Table::new(&[&columns[..], &WIRES].concat());
        for ((set, _), sum) in &self.sums {
            let ways: Vec<&str> = sum.ways.iter().map(String::as_str).collect();
            let of_type =
                |number: usize| if sum.ways.is_empty() { String::new() } else { number.to_string() };
            let (pairs, exact) = (of_type(sum.pairs), of_type(sum.exact));
            let cells = [set.clone(), sum.kind.clone(), pairs, exact, ways.join(", "), human(sum.full)];
            sums.row(cells.into_iter().chain(wires(sum.theirs, sum.ours)));
        }
        let whole =
            if self.whole.is_empty() { "no file came whole".to_owned() } else { self.whole.join("\n") };
        format!("{}\n{}\n{whole}", self.pairs.render(), sums.render())
    }
}

/// The recipe, or how else a file came.
fn by(way: &Way) -> String {
    if way.recipe.is_empty() { way.path.clone() } else { way.recipe.clone() }
}

fn wires(theirs: Wire, ours: Wire) -> [String; 3] {
    let shown = |wire: Wire| format!("{}, {} ({})", wire.requests, human(wire.bytes), human(wire.heads));
    [shown(theirs), shown(ours), part(ours.bytes, theirs.bytes)]
}

/// One part in how many, or how many times as much, to a tenth.
fn part(ours: u64, theirs: u64) -> String {
    if ours == 0 || theirs == 0 {
        return "-".to_owned();
    }
    let tenths = |more: u64, less: u64| format!("{}.{}", more * 10 / less / 10, more * 10 / less % 10);
    if ours > theirs { format!("{}/1", tenths(ours, theirs)) } else { format!("1/{}", tenths(theirs, ours)) }
}
