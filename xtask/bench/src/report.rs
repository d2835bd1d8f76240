//! What was measured: tables for people, and one JSON file with all figures.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;
use xtask_common::table::Table;

/// All figures of a run.
pub(crate) struct Report {
    figures: Map<String, Value>,
    /// By title; a table that grows replaces itself.
    tables: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn new(setting: Value) -> Self {
        let mut figures = Map::new();
        figures.insert("setting".to_owned(), setting);
        Self { figures, tables: Vec::new() }
    }

    /// Adds rows of one kind of figures.
    pub(crate) fn add(&mut self, kind: &str, rows: Vec<Value>) {
        let all = self.figures.entry(kind).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(all) = all {
            all.extend(rows);
        }
    }

    /// All rows of one kind so far.
    pub(crate) fn rows(&self, kind: &str) -> &[Value] {
        self.figures.get(kind).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// Shows a table, and keeps it in place of an earlier one with the same title.
    pub(crate) fn table(&mut self, title: &str, table: &Table) {
        let text = table.render();
        println!("\n### {title}\n\n{text}");
        match self.tables.iter_mut().find(|(known, _)| known == title) {
            Some((_, before)) => *before = text,
            None => self.tables.push((title.to_owned(), text)),
        }
    }

    /// Writes `results.json` and `results.md` in `directory`.
    pub(crate) fn finish(mut self, directory: &Path, took: Duration) -> Result<()> {
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
