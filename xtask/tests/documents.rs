//! Documents that describe bytes must be looked at whenever the code that reads
//! or writes those bytes changes.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The code of a file: no comments, no blank lines, no unit tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]").next().unwrap();
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// FNV-1a: enough to notice a change.
fn fingerprint(text: &str) -> String {
    let hash =
        text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    format!("{hash:016x}")
}

/// Fails unless `document` ends with the fingerprint of `sources` in `krate`.
fn assert_reviewed(document: &str, krate: &str, sources: &[&str]) {
    let code: String = sources.iter().map(|s| code(&root().join(krate).join("src").join(s))).collect();
    let expected = format!("<!-- wire format of {krate}: {} -->", fingerprint(&code));
    let text = fs::read_to_string(root().join(document)).unwrap();
    let found = text.trim_end().lines().last().unwrap();
    assert!(
        found == expected,
        "the code of {krate} that {document} describes has changed ({}).\n\
         Bring the document up to date; if the bytes changed, that is a new format version.\n\
         Then let its last line be:\n{expected}",
        sources.join(", ")
    );
}

#[test]
fn format_1_describes_the_code() {
    let sources = ["rule.rs", "id.rs", "chunker.rs", "token.rs", "plan.rs", "apply.rs", "limits.rs"];
    assert_reviewed("docs/format-1.md", "crates/delta-core", &sources);
}

#[test]
fn format_2_describes_the_code() {
    let sources =
        ["apply.rs", "compose.rs", "cut.rs", "file.rs", "frame.rs", "head.rs", "payload.rs", "script.rs"];
    let sources = sources.map(|source| format!("journal/{source}"));
    let sources: Vec<&str> = sources.iter().map(String::as_str).chain(["varint.rs"]).collect();
    assert_reviewed("docs/format-2.md", "crates/delta-core", &sources);
}

/// The bytes of the worked example stand in the document as they are in the file.
#[test]
fn the_example_of_format_2_is_the_golden_file() {
    let document = fs::read_to_string(root().join("docs/format-2.md")).unwrap();
    let example = document.split("## 13.").nth(1).unwrap().split("```").nth(1).unwrap();
    let mut bytes = Vec::new();
    for line in example.lines() {
        let hex = line.trim_start().split("  ").next().unwrap();
        bytes.extend(hex.split(' ').map_while(|byte| u8::from_str_radix(byte, 16).ok()));
    }
    assert_eq!(bytes, fs::read(root().join("testdata/format-2/example.journal")).unwrap());
}

#[test]
fn history_describes_the_code() {
    let sources = ["aside.rs", "index.rs", "pack.rs", "script.rs", "steps.rs", "store.rs", "version.rs"];
    assert_reviewed("docs/history.md", "crates/history", &sources);
}
