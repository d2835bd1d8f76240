//! What was measured: tables for people, as Markdown, and one JSON file with all
//! figures.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// How a column is aligned.
#[derive(Clone, Copy)]
pub(crate) enum Align {
    Left,
    Right,
}

/// A table that is filled row by row.
pub(crate) struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(columns: &[(&str, Align)]) -> Self {
        let columns = columns.iter().map(|(name, align)| ((*name).to_owned(), *align)).collect();
        Self { columns, rows: Vec::new() }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// As Markdown, with columns that line up.
    pub(crate) fn render(&self) -> String {
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
pub(crate) fn human(number: u64) -> String {
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
pub(super) fn percent(part: u64, whole: u64, decimals: usize) -> String {
    format!("{:.decimals$} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// All figures of a run.
pub(super) struct Report {
    figures: Map<String, Value>,
    /// By title; a table that grows replaces itself.
    tables: Vec<(String, String)>,
}

impl Report {
    pub(super) fn new(setting: Value) -> Self {
        let mut figures = Map::new();
        figures.insert("setting".to_owned(), setting);
        Self { figures, tables: Vec::new() }
    }

    /// Adds rows of one kind of figures.
    pub(super) fn add(&mut self, kind: &str, rows: Vec<Value>) {
        let all = self.figures.entry(kind).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(all) = all {
            all.extend(rows);
        }
    }

    /// All rows of one kind so far.
    pub(super) fn rows(&self, kind: &str) -> &[Value] {
        self.figures.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// Shows a table, and keeps it in place of an earlier one with the same title.
    pub(super) fn table(&mut self, title: &str, table: &Table) {
        let text = table.render();
        println!("\n### {title}\n\n{text}");
        match self.tables.iter_mut().find(|(known, _)| known == title) {
            Some((_, before)) => *before = text,
            None => self.tables.push((title.to_owned(), text)),
        }
    }

    /// Writes `results.json` and `results.md` in `directory`.
    pub(super) fn finish(mut self, directory: &Path, took: Duration) -> Result<()> {
        self.figures.insert("seconds".to_owned(), Value::from(took.as_secs()));
        let mut json = serde_json::to_vec_pretty(&self.figures)?;
        json.push(b'\n');
        let mut text = String::new();
        for (title, table) in &self.tables {
            let _ = write!(text, "### {title}\n\n{table}\n");
        }
        for (name, bytes) in [("results.json", json), ("results.md", text.into_bytes())] {
            let path = directory.join(name);
            fs::write(&path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
        println!("\n{} s; all figures: {}", took.as_secs(), directory.join("results.json").display());
        Ok(())
    }
}
