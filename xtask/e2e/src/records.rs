//! What repomd.xml says, as `py/records.py` reads it.

use crate::bench::script;
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::Command;
use xtask_common::{paths, process};

/// A delta file that repomd.xml lists.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    /// Its path in the repository.
    pub(crate) href: String,
    /// The timestamp of the oldest version that it serves.
    pub(crate) timestamp: u64,
}

/// One `<data>` of repomd.xml.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    /// Its type, such as `primary`.
    pub(crate) kind: String,
    /// The path of the full file in the repository.
    pub(crate) href: String,
    /// Type and value of the checksum of the open file, with a colon between.
    pub(crate) open_checksum: String,
    /// The full file's timestamp.
    pub(crate) timestamp: u64,
    /// Checksum and size of a zchunk file's header, as they are written; of others both are empty.
    pub(crate) header: (String, String),
    /// Its deltas in document order.
    pub(crate) deltas: Vec<Delta>,
}

impl Record {
    /// The delta for a client whose copy is of `timestamp`, by yum's rule.
    pub(crate) fn delta_for(&self, timestamp: u64) -> Option<&Delta> {
        if timestamp >= self.timestamp {
            return None;
        }
        self.deltas.iter().find(|delta| delta.timestamp <= timestamp)
    }
}

/// The records of the repository in `directory`; every file that they list is
/// there, with the listed size and checksum.
pub(crate) fn read(directory: &Path) -> Result<Vec<Record>> {
    parsed(&[], directory)
}

/// As [`read`] of a copy, in which files of deltas and journals need not be.
pub(crate) fn read_copy(directory: &Path) -> Result<Vec<Record>> {
    parsed(&["--copy"], directory)
}

fn parsed(arguments: &[&str], directory: &Path) -> Result<Vec<Record>> {
    let mut python = Command::new(paths::SYSTEM_PYTHON);
    python.arg(script("records.py")).args(arguments);
    let output = process::run(python.arg(directory))?;
    let text = String::from_utf8(output.stdout)?;
    let mut records: Vec<Record> = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        match fields[..] {
            ["record", kind, href, checksum, value, timestamp, header, size] => records.push(Record {
                kind: kind.to_owned(),
                href: href.to_owned(),
                open_checksum: format!("{checksum}:{value}"),
                timestamp: timestamp.parse()?,
                header: (header.to_owned(), size.to_owned()),
                deltas: Vec::new(),
            }),
            ["delta", _, href, timestamp] => {
                let record = records.last_mut().context("a delta of no record")?;
                record.deltas.push(Delta { href: href.to_owned(), timestamp: timestamp.parse()? });
            }
            _ => bail!("records.py printed `{line}`"),
        }
    }
    Ok(records)
}
