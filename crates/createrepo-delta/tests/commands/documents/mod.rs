//! The documents: their commands run, their options exist, their links lead somewhere,
//! and guides have pages of a size that can be read.
//!
//! Scripts in other languages than `console` are recipes, which the end-to-end tests
//! (`xtask/e2e/src/recipes.rs`) run with the real tools. What is here sees that each of
//! them is marked as one.

mod blocks;
mod commands;
mod links;
mod options;
mod quick_start;
mod shape;

use std::fs;
use std::path::{Path, PathBuf};

/// The root of the checkout.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The text of a document, by its path from the root.
fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// All Markdown files of the checkout, by their paths from the root, in order.
fn all() -> Vec<String> {
    let mut found = Vec::new();
    collect(&root(), "", &mut found);
    found.sort();
    assert!(found.len() > 20, "{found:?}");
    found
}

fn collect(directory: &Path, below: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{below}{name}");
        if entry.file_type().unwrap().is_dir() {
            let is_ours = !name.starts_with('.') && name != "target";
            if is_ours {
                collect(&entry.path(), &format!("{path}/"), found);
            }
        } else if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// README.md and what is below `docs/`.
fn for_users() -> Vec<String> {
    all().into_iter().filter(|name| name == "README.md" || name.starts_with("docs/")).collect()
}

/// Pages that are read from top to bottom, and not looked things up in.
fn guides() -> Vec<String> {
    const OTHERS: [&str; 2] = ["docs/architecture.md", "docs/benchmarks.md"];
    let is_guide = |name: &String| {
        let is_reference = name.starts_with("docs/reference-") || name.starts_with("docs/formats/");
        !is_reference && !OTHERS.contains(&name.as_str())
    };
    for_users().into_iter().filter(is_guide).collect()
}
