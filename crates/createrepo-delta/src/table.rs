//! Tables for people: columns aligned with spaces, a header, nothing else.
//!
//! Widths are counted in characters; everything shown here is ASCII, but for
//! file names.

use crate::shown;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// Rows under a header.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new() }
    }

    /// Adds a row; cells that are missing at its end stay empty. Control characters are
    /// shown as escapes: names come from elsewhere, and terminals obey.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let shown = |cell: String| shown::line(&cell).into_owned();
        self.rows.push(cells.into_iter().map(shown).collect());
    }

    /// The lines, each ended by a newline, without trailing spaces.
    pub(crate) fn render(&self) -> String {
        let header: Vec<String> = self.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&header).chain(&self.rows).collect();
        let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let width = |at: usize| rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in rows {
            let mut line = String::new();
            for (at, ((_, align), width)) in self.columns.iter().zip(&widths).enumerate() {
                let cell = cell(row, at);
                let gap = if at == 0 { "" } else { "  " };
                let padding = " ".repeat(width - cell.chars().count());
                line += &match align {
                    Align::Left => [gap, &cell, &padding].concat(),
                    Align::Right => [gap, &padding, &cell].concat(),
                };
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// Facts, one per line: names to the left, values to the right, as in [`Table::row`].
pub(crate) fn facts(facts: &[(&str, String)]) -> String {
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:<width$}  {}\n", shown::line(value));
    facts.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&[("TYPE", Align::Left), ("SIZE", Align::Right), ("FILE", Align::Left)]);
        table.row(["primary".to_owned(), "7".to_owned(), "x".to_owned()]);
        table.row(["other".to_owned(), "12345".to_owned()]);
        let expected = "TYPE      SIZE  FILE\nprimary      7  x\nother    12345\n";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn terminals_are_told_nothing() {
        let mut table = Table::new(&[("TYPE", Align::Left)]);
        table.row(["a\u{9b}31mé\n".to_owned()]);
        assert_eq!(table.render(), "TYPE\na\\u{9b}31mé\\n\n");
        assert_eq!(facts(&[("a", "\u{202e}1".to_owned())]), "a  \\u{202e}1\n");
    }

    #[test]
    fn facts_are_aligned() {
        assert_eq!(facts(&[("a", "1".to_owned()), ("long", "2".to_owned())]), "a     1\nlong  2\n");
    }
}
