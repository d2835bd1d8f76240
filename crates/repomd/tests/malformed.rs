//! What is wrong with each named document, in the words that people will see.
//!
//! Some are refused whole, as package managers do, or as only this crate does; of
//! others a location or a delta is unusable, or a field is malformed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use repomd::model::{DeltaEntry, RecordLocation, RecordProblem};
use repomd::{Repomd, strip};

/// All the files of the directory, by name without ending.
fn documents() -> std::io::Result<BTreeMap<String, Vec<u8>>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/malformed");
    let mut paths = std::fs::read_dir(directory)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "xml"));
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap_or_default();
            Ok((name.to_string_lossy().into_owned(), std::fs::read(&path)?))
        })
        .collect()
}

/// What the document's reader says is wrong.
fn complaint(document: &[u8]) -> String {
    let model = match Repomd::parse(document) {
        Ok(model) => model,
        Err(error) => {
            assert!(error.offset() <= document.len(), "{error}");
            let unsupported = if error.is_unsupported() { "unsupported: " } else { "" };
            return format!("{unsupported}{error}");
        }
    };
    if let Some(fault) = model.faults.first() {
        assert_eq!(model.journal, None);
        return format!("fault of `{}`: {}", fault.element, fault.why);
    }
    for record in &model.records {
        if let Some(fault) = record.faults.first() {
            let alone = if matches!(record.servable(), Err(RecordProblem::Malformed { .. })) {
                ", left alone"
            } else {
                ""
            };
            return format!("fault of `{}`{alone}: {}", fault.element, fault.why);
        }
        if let Some(RecordLocation::Unsafe { why, .. }) = &record.location {
            return format!("unsafe: {why}");
        }
        if let Some(DeltaEntry::Unusable(why)) = record.deltas.first() {
            return format!("unusable: {why}");
        }
    }
    "nothing".to_owned()
}

#[test]
fn every_document_is_complained_about() {
    let documents = documents().unwrap();
    let found: Vec<String> =
        documents.iter().map(|(name, document)| format!("{name}: {}", complaint(document))).collect();
    let expected: Vec<&str> = EXPECTED.lines().collect();
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn unusable_deltas_and_journals_are_stripped_all_the_same() {
    for (name, document) in documents().unwrap() {
        if name.starts_with("delta_") || name.starts_with("journal_") {
            let bare = String::from_utf8(strip(&document).unwrap()).unwrap();
            assert!(bare.ends_with(">\n  <data type=\"primary\">\n  </data>\n</repomd>\n"), "{bare}");
            assert!(!bare.contains("<?"), "{bare}");
        }
    }
}

/// One line for each file, in order: its name and what is wrong with it.
const EXPECTED: &str = include_str!("malformed/expected.txt");
