//! The two dialects of `.repo` and `.conf` files. They differ in comments,
//! continued lines, quotes and in what is an error.
//!
//! Sections come in the order of the file. A section that comes twice is one;
//! of a key that comes twice the later value counts, except where the dialect
//! collects them. Keys and section names are told apart by case.

pub(crate) mod dnf;
pub(crate) mod zypp;

use std::path::Path;

use thiserror::Error;

use crate::SetupError;
use crate::files::text;

/// The sections of a file, as one of the dialects understands it; `None` where there is none.
pub(crate) fn read(
    path: &Path,
    parse: impl Fn(&str) -> Result<Vec<Section>, IniError>,
) -> Result<Option<Vec<Section>>, SetupError> {
    let parsed = text(path)?.map(|text| parse(&text)).transpose();
    parsed.map_err(|error| SetupError::Parse { path: path.to_owned(), why: error.to_string() })
}

/// What a line should have been.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("line {line}: expected {expected}, found `{found}`")]
pub(crate) struct IniError {
    pub(crate) line: usize,
    pub(crate) expected: &'static str,
    pub(crate) found: String,
}

impl IniError {
    pub(crate) fn new(line: usize, expected: &'static str, found: &str) -> Self {
        let found: String = found.trim().chars().take(60).flat_map(char::escape_debug).collect();
        Self { line, expected, found }
    }
}

/// A section and what is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: String,
    /// Each key once.
    pub(crate) entries: Vec<(String, String)>,
}

impl Section {
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    fn set(&mut self, key: &str, value: String) {
        match self.entries.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.entries.push((key.to_owned(), value)),
        }
    }
}

/// The section of this name, made at the end if there is none.
fn section<'a>(sections: &'a mut Vec<Section>, name: &str) -> &'a mut Section {
    let at = sections.iter().position(|section| section.name == name).unwrap_or_else(|| {
        sections.push(Section { name: name.to_owned(), entries: Vec::new() });
        sections.len() - 1
    });
    &mut sections[at]
}
