//! Tables for people: columns aligned with spaces, a header, nothing else.
//!
//! On a terminal they fit its width: first the digits of checksums are shortened, then the last column is
//! wrapped. In a pipe everything is whole, each row on a line. Widths are counted in characters; everything
//! shown here is ASCII, but for file names.

use crate::{shown, terminal};

/// Between columns.
const GAP: usize = 2;
/// A last column gets lines of its own where less is left for it, or less than its longest word.
const LEAST_LAST: usize = 16;
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
        let mut widths = self.widths(&rows);
        let is_within = |widths: &[usize]| width.is_none_or(|width| total(widths) <= width);
        if !is_within(&widths) {
            rows.iter_mut().flatten().for_each(|cell| *cell = shown::shortened(cell));
            widths = self.widths(&rows);
        }
        let last = match width {
            Some(width) if !is_within(&widths) => self.room_for_last(&rows, &widths, width),
            _ => usize::MAX,
        };
        rows.iter().map(|row| self.line(&widths, row, last)).collect()
    }

    /// The width of the widest cell of each column.
    fn widths(&self, rows: &[Vec<String>]) -> Vec<usize> {
        let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
        let widest = |at: usize| cells(at).map(|cell| cell.chars().count()).max().unwrap_or(0);
        (0..self.columns.len()).map(widest).collect()
    }

    /// How many characters the last column may have; nothing beside the others where that is not enough.
    fn room_for_last(&self, rows: &[Vec<String>], widths: &[usize], width: usize) -> usize {
        let last = self.columns.len().saturating_sub(1);
        let room = width.saturating_sub(total(widths) - widths[last]);
        let cells = rows.iter().filter_map(|row| row.get(last));
        let word = cells.flat_map(|cell| cell.split(' ')).map(|word| word.chars().count()).max();
        if room < word.unwrap_or(0).max(LEAST_LAST) { 0 } else { room }
    }

    /// A row, the last cell of which has lines of at most so many characters, or below the others where there
    /// is no room.
    fn line(&self, widths: &[usize], row: &[String], room: usize) -> String {
        let mut text = String::new();
        let last = self.columns.len().saturating_sub(1);
        let mut indent = 0;
        for (at, &width) in widths[..last].iter().enumerate() {
            text += &self.padded(row, at, width);
            text += &" ".repeat(GAP);
            indent += width + GAP;
        }
        let cell = row.get(last).map_or("", String::as_str);
        if self.columns[last].starts_with('>') {
            text += &self.padded(row, last, widths[last]);
        } else if room == 0 && !cell.is_empty() {
            let room = indent.saturating_sub(INDENT).max(LEAST_LAST);
            text.truncate(text.trim_end().len());
            for line in wrapped(cell, room) {
                text.extend(["\n", &" ".repeat(INDENT), &line]);
            }
        } else {
            text += &wrapped(cell, room).join(&format!("\n{}", " ".repeat(indent)));
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    /// A cell, as wide as its column.
    fn padded(&self, row: &[String], at: usize, width: usize) -> String {
        let cell = row.get(at).map_or("", String::as_str);
        if self.columns[at].starts_with('>') { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    }
}

/// The width of columns side by side.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// A text in lines of at most so many characters, but for words that are longer.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { continue };
        let length = line.chars().count() + 1 + word.chars().count();
        if line.is_empty() {
            line.push_str(word);
        } else if length <= room {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
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
        let value = if value.chars().count() <= room { value.into_owned() } else { shown::shortened(&value) };
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
}
