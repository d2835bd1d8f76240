//! Tables for people: columns aligned with spaces, a header, nothing else.
//!
//! On a terminal they fit its width: first the digits of checksums are shortened, then names are cut and the last
//! column is wrapped, and at last columns go on lines of their own. In a pipe everything is whole, each row on a
//! line.

use crate::{shown, terminal};

/// Between columns.
const GAP: usize = 2;
/// A last column gets lines of its own where less is left for it, or less than its longest word.
const LEAST_LAST: usize = 16;
/// Names are not cut to less, and times not at all.
const LEAST_NAME: usize = 20;
/// How far such lines are indented.
const INDENT: usize = 4;

/// Rows under a header.
#[derive(Debug)]
pub(crate) struct Table {
    /// The names of the columns, each with `>` in front where it is aligned to the right.
    columns: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns: text, or after `>` numbers.
    pub(crate) fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing at its end stay empty. Control characters are
    /// shown as escapes: names come from elsewhere, and terminals obey.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let shown = |cell: String| shown::line(&cell).into_owned();
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    /// Whether it has no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, each ended by a newline, without trailing spaces; nothing where there is no row.
    pub(crate) fn render(&self) -> String {
        self.render_within(terminal::width())
    }

    fn render_within(&self, width: Option<usize>) -> String {
        if self.is_empty() {
            return String::new();
        }
        let name = |column: &&str| column.trim_start_matches('>').to_owned();
        let header: Vec<String> = self.columns.iter().map(name).collect();
        let mut rows: Vec<Vec<String>> = std::iter::once(header).chain(self.rows.iter().cloned()).collect();
        let fits = |rows: &[Vec<String>]| width.is_none_or(|width| total(&self.widths(rows)) <= width);
        if !fits(&rows) {
            rows.iter_mut().flatten().for_each(|cell| *cell = shown::shortened(cell));
        }
        if let Some(width) = width
            && !fits(&rows)
        {
            self.cut_names(&mut rows, width);
        }
        let layout = self.layout(&rows, width.unwrap_or(usize::MAX));
        rows.iter().map(|row| self.lines(&layout, row)).collect()
    }

    /// The width of the widest cell of each column.
    fn widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
        let widest = |at: usize| cells(at).map(|cell| shown::columns(cell)).max().unwrap_or(0);
        (0..self.columns.len()).map(widest).collect()
    }

    /// Cuts the cells of text before the last column to a third of the width.
    fn cut_names(&self, rows: &mut [Vec<String>], width: usize) {
        let last = self.columns.len().saturating_sub(1);
        for row in rows {
            for (cell, column) in row.iter_mut().zip(&self.columns[..last]) {
                if !column.starts_with('>') {
                    *cell = shown::cut(cell, LEAST_NAME.max(width / 3)).into_owned();
                }
            }
        }
    }

    /// Where the columns go: side by side, with the last one wrapped if need be; otherwise the ones for which
    /// there is no room go on lines of their own.
    fn layout(&self, rows: &[Vec<String>], width: usize) -> Layout {
        let widths = self.widths(rows);
        let last = self.columns.len().saturating_sub(1);
        let beside = width.saturating_sub(total(&widths) - widths[last]);
        let is_text = !self.columns[last].starts_with('>');
        let cells = rows.iter().filter_map(|row| row.get(last));
        let word = cells.flat_map(|cell| cell.split(' ')).map(shown::columns).max().unwrap_or(0);
        if total(&widths) <= width || (is_text && beside >= word.max(LEAST_LAST)) {
            return Layout { widths, starts: vec![0], room: beside };
        }
        let (mut starts, mut used) = (vec![0], 0);
        for (at, column) in widths.iter().enumerate() {
            if at > 0 && ((at == last && is_text) || used + GAP + column > width) {
                starts.push(at);
                used = INDENT + column;
            } else {
                used += column + if at == 0 { 0 } else { GAP };
            }
        }
        Layout { widths, starts, room: width.saturating_sub(INDENT) }
    }

    /// A row: one line, and further ones for what is wrapped or has no room in the first.
    fn lines(&self, layout: &Layout, row: &[String]) -> String {
        let mut text = String::new();
        for (nth, &start) in layout.starts.iter().enumerate() {
            let end = layout.starts.get(nth + 1).copied().unwrap_or(self.columns.len());
            let cells = row.get(start..end.min(row.len())).unwrap_or_default();
            if nth > 0 && cells.iter().all(String::is_empty) {
                continue;
            }
            let indent = if nth == 0 { 0 } else { INDENT };
            let mut line = " ".repeat(indent);
            for at in start..end {
                let gap = if at == start { "" } else { "  " };
                line.extend([gap, &self.cell(layout, row, at, shown::columns(&line) + gap.len())]);
            }
            text.extend([line.trim_end(), "\n"]);
        }
        text
    }

    /// A cell as wide as its column, or wrapped in the last one, which begins after `indent` others.
    fn cell(&self, layout: &Layout, row: &[String], at: usize, indent: usize) -> String {
        let cell = row.get(at).map_or("", String::as_str);
        let blanks = " ".repeat(layout.widths[at].saturating_sub(shown::columns(cell)));
        if self.columns[at].starts_with('>') {
            blanks + cell
        } else if at + 1 == self.columns.len() {
            wrapped(cell, layout.room).join(&format!("\n{}", " ".repeat(indent)))
        } else {
            cell.to_owned() + &blanks
        }
    }
}

/// Where the columns of a table go.
struct Layout {
    /// How wide each column is.
    widths: Vec<usize>,
    /// The columns that begin the first line of a row and each further one.
    starts: Vec<usize>,
    /// How much room there is for text in the last column.
    room: usize,
}

/// The width of columns side by side.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// A text in lines of at most so many columns; words that are longer are cut.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ').map(|word| shown::cut(word, room)) {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() {
            line.push_str(&word);
        } else if shown::columns(line) + 1 + shown::columns(&word) <= room {
            line.extend([" ", &word]);
        } else {
            lines.push(word.into_owned());
        }
    }
    lines
}

/// What a cell has, or a dash where there is nothing to say.
pub(crate) fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "-".to_owned())
}

/// Facts, one per line: names to the left, values to the right, as in [`Table::row`].
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    facts_within(facts, terminal::width())
}

fn facts_within(facts: &[(&str, String)], width: Option<usize>) -> String {
    let names = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + GAP;
    let line = |(name, value): &(&str, String)| {
        let value = shown::line(value);
        let room = width.map_or(usize::MAX, |width| width.saturating_sub(names));
        let value =
            if shown::columns(&value) <= room { value.into_owned() } else { shown::shortened(&value) };
        let value = wrapped(&value, room).join(&format!("\n{}", " ".repeat(names)));
        format!("{name:<names$}{value}\n")
    };
    facts.iter().map(line).collect()
}

/// Sentences below a table, one for all neighbours that have the same reason: `primary, other: no delta fits`.
pub(crate) fn reasons_by_name<'t>(reasons: impl IntoIterator<Item = (&'t str, String)>) -> String {
    let reasons: Vec<(&str, String)> = reasons.into_iter().collect();
    let same = reasons.chunk_by(|one, other| one.1 == other.1);
    let line = |same: &[(&str, String)]| {
        let names: Vec<&str> = same.iter().map(|(name, _)| *name).collect();
        sentence(&format!("{}: {}", names.join(", "), same[0].1))
    };
    same.map(line).collect()
}

/// In lines that fit the terminal.
fn sentence(text: &str) -> String {
    let text = shown::line(text);
    let room = terminal::width().map_or(usize::MAX, |width| width - GAP);
    wrapped(&text, room).join(&format!("\n{}", " ".repeat(GAP))) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["TYPE", ">SIZE", "FILE"]);
        table.row(["primary".to_owned(), "7".to_owned(), "x".to_owned()]);
        table.row(["other".to_owned(), "12345".to_owned()]);
        let expected = "TYPE      SIZE  FILE\nprimary      7  x\nother    12345\n";
        assert_eq!(table.render_within(None), expected);
        assert_eq!(Table::new(&["TYPE"]).render_within(None), "");
    }

    #[test]
    fn terminals_are_told_nothing() {
        let mut table = Table::new(&["TYPE"]);
        table.row(["a\u{9b}31mé\n".to_owned()]);
        assert_eq!(table.render_within(None), "TYPE\na\\u{9b}31mé\\n\n");
        assert_eq!(facts_within(&[("a", "\u{202e}1".to_owned())], None), "a  \\u{202e}1\n");
    }

    #[test]
    fn facts_are_aligned_and_wrapped() {
        let facts = [("a", "1 2".to_owned()), ("long", "two words".to_owned())];
        assert_eq!(facts_within(&facts, None), "a     1 2\nlong  two words\n");
        assert_eq!(facts_within(&facts, Some(12)), "a     1 2\nlong  two\n      words\n");
    }

    #[test]
    fn tables_fit_the_terminal() {
        let mut table = Table::new(&["TYPE", ">SIZE", "REASON"]);
        let name = format!("{}-primary.xml.gz is new", "0123456789abcdef".repeat(4));
        table.row(["primary".to_owned(), "7 B".to_owned(), name.clone()]);
        assert!(table.render_within(None).contains(&name));
        let short = "TYPE     SIZE  REASON\nprimary   7 B  01234567…-primary.xml.gz is new\n";
        assert_eq!(table.render_within(Some(80)), short);
        let wrapped =
            "TYPE     SIZE  REASON\nprimary   7 B  01234567…-primary.xml.gz\n               is new\n";
        assert_eq!(table.render_within(Some(40)), wrapped);
        let below = "TYPE     SIZE\n    REASON\nprimary   7 B\n    01234567…-primary.xml.gz\n    is new\n";
        assert_eq!(table.render_within(Some(28)), below);
    }

    #[test]
    fn columns_without_room_go_on_lines_of_their_own() {
        let mut table = Table::new(&["TYPE", "TIMESTAMP (UTC)", ">DOWNLOAD", ">JOURNAL"]);
        table.row(["primary", "2026-01-01 00:00:00", "1.0 KiB", "7 B"].map(str::to_owned));
        table.row(["other", "2026-01-02 00:00:00", "12.0 KiB"].map(str::to_owned));
        let narrow = [
            "TYPE     TIMESTAMP (UTC)      DOWNLOAD",
            "    JOURNAL",
            "primary  2026-01-01 00:00:00   1.0 KiB",
            "        7 B",
            "other    2026-01-02 00:00:00  12.0 KiB\n",
        ]
        .join("\n");
        assert_eq!(table.render_within(Some(40)), narrow);
        assert!(
            table.render_within(Some(47)).starts_with("TYPE     TIMESTAMP (UTC)      DOWNLOAD  JOURNAL\n")
        );
    }

    #[test]
    fn long_and_wide_names_are_cut_on_a_terminal() {
        let mut table = Table::new(&["TYPE", ">SIZE", "FILE"]);
        let (long, wide) = ("x".repeat(250), "软".repeat(50));
        table.row([long.clone(), "7 B".to_owned(), format!("repodata/{long}.xml.gz")]);
        table.row([wide.clone(), "8 B".to_owned(), wide.clone()]);
        for width in [40, 60, 80] {
            let text = table.render_within(Some(width));
            assert!(text.lines().all(|line| shown::columns(line) <= width), "{text}");
            assert!(text.contains("x…x") && text.contains("软…软") && text.contains("x.xml.gz\n"), "{text}");
            assert_eq!(text.lines().filter(|line| line.ends_with(" B")).count(), 2, "{text}");
        }
        assert!(table.render_within(None).contains(&format!("{wide}{}   8 B  {wide}\n", " ".repeat(150))));
        let facts = facts_within(&[("name", long)], Some(40));
        assert_eq!(shown::columns(facts.trim_end()), 40, "{facts}");
    }
}
