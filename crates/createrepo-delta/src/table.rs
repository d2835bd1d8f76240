//! Tables for people: columns aligned with spaces, a header, nothing else.
//!
//! Widths are counted in characters; everything shown here is ASCII, but for
//! file names.

use crate::shown;

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

    /// The lines, each ended by a newline, without trailing spaces.
    pub(crate) fn render(&self) -> String {
        let name = |column: &&str| column.trim_start_matches('>').to_owned();
        let header: Vec<String> = self.columns.iter().map(name).collect();
        let rows: Vec<&Vec<String>> = std::iter::once(&header).chain(&self.rows).collect();
        let cell = |row: &Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let width = |at: usize| rows.iter().map(|row| cell(row, at).chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        for row in rows {
            let mut cells = Vec::new();
            for (at, (column, &width)) in self.columns.iter().zip(&widths).enumerate() {
                let cell = cell(row, at);
                let is_right = column.starts_with('>');
                cells.push(if is_right { format!("{cell:>width$}") } else { format!("{cell:<width$}") });
            }
            text += cells.join("  ").trim_end();
            text.push('\n');
        }
        text
    }
}

/// What a cell has, or a dash where there is nothing to say.
pub(crate) fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "-".to_owned())
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
        let mut table = Table::new(&["TYPE", ">SIZE", "FILE"]);
        table.row(["primary".to_owned(), "7".to_owned(), "x".to_owned()]);
        table.row(["other".to_owned(), "12345".to_owned()]);
        let expected = "TYPE      SIZE  FILE\nprimary      7  x\nother    12345\n";
        assert_eq!(table.render(), expected);
    }

    #[test]
    fn terminals_are_told_nothing() {
        let mut table = Table::new(&["TYPE"]);
        table.row(["a\u{9b}31mé\n".to_owned()]);
        assert_eq!(table.render(), "TYPE\na\\u{9b}31mé\\n\n");
        assert_eq!(facts(&[("a", "\u{202e}1".to_owned())]), "a  \\u{202e}1\n");
    }

    #[test]
    fn facts_are_aligned() {
        assert_eq!(facts(&[("a", "1".to_owned()), ("long", "2".to_owned())]), "a     1\nlong  2\n");
    }
}
