//! Tables for people, as Markdown, and numbers in them.

use std::fmt::Write as _;

/// How a column is aligned.
#[derive(Clone, Copy)]
pub enum Align {
    /// Text.
    Left,
    /// Numbers.
    Right,
}

/// A table that is filled row by row.
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Without rows; with so many columns.
    pub fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row, a cell for each column.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As Markdown, with columns that line up.
    pub fn render(&self) -> String {
        let width = |at: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            cells.chain([&self.columns[at].0]).map(|cell| cell.chars().count()).max().unwrap_or(0).max(3)
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let mut text = String::new();
        let mut line = |cells: &[String]| {
            for ((cell, width), (_, align)) in cells.iter().zip(&widths).zip(&self.columns) {
                let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
                let _ = match align {
                    Align::Left => write!(text, "| {cell}{pad} "),
                    Align::Right => write!(text, "| {pad}{cell} "),
                };
            }
            text.push_str("|\n");
        };
        line(&self.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>());
        let rule = |((_, align), width): (&(String, Align), &usize)| match align {
            Align::Left => "-".repeat(*width),
            Align::Right => format!("{}:", "-".repeat(width - 1)),
        };
        line(&self.columns.iter().zip(&widths).map(rule).collect::<Vec<_>>());
        self.rows.iter().for_each(|row| line(row));
        text
    }
}

/// A number with its thousands set apart.
pub fn human(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share with so many decimals.
#[allow(clippy::cast_precision_loss, reason = "bytes of files and on the wire")]
pub fn percent(part: u64, whole: u64, decimals: usize) -> String {
    format!("{:.decimals$} %", 100.0 * part as f64 / whole.max(1) as f64)
}
