//! The licences of everything in the program, each text once.

use crate::linked::{Crate, Library};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use xtask_common::paths;

/// Its name in the archives.
pub(crate) const FILE: &str = "THIRD-PARTY-LICENCES.txt";

/// How names of files with licences begin.
const BEGINNINGS: [&str; 7] =
    ["licence", "license", "copying", "copyright", "notice", "unlicense", "patents"];

const RULE: &str = "--------------------------------------------------------------------------------";

/// Who uses which text.
type Texts = BTreeMap<String, Vec<String>>;

/// A table of crates and libraries, and after it the texts.
pub(crate) fn document(crates: &[Crate], libraries: &[Library]) -> Result<String> {
    let mut document = "What the program createrepo-delta is linked from, with the licences.\n\n".to_owned();
    let mut texts = Texts::new();
    for one in crates.iter().filter(|one| one.sha256.is_some()) {
        writeln!(document, "{} {}: {}", one.name, one.version, one.licence)?;
        let files = files(&one.directory)?;
        ensure!(!files.is_empty(), "`{}` has no file with a licence", one.directory.display());
        for file in files {
            note(&mut texts, &file, format!("{} {}", one.name, one.version))?;
        }
    }
    for library in libraries {
        let Library { name, version, licence, text, place } = library;
        let by = &crates[*place].name;
        writeln!(document, "{name} {version}, in C, in the crate {by}: {licence}")?;
        note(&mut texts, text, format!("{name} {version}"))?;
    }
    for (text, users) in texts {
        write!(document, "\n{RULE}\n{}:\n\n{}\n", users.join(", "), text.trim_end())?;
    }
    Ok(document)
}

fn note(texts: &mut Texts, file: &Path, user: String) -> Result<()> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let users = texts.entry(text.replace('\r', "")).or_default();
    if users.last() != Some(&user) {
        users.push(user);
    }
    Ok(())
}

/// The files with licences in the directory of a crate, and in those of what it has from others.
fn files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for file in paths::files(directory)? {
        let depth = file.strip_prefix(directory)?.components().count();
        let is_third_party = file.strip_prefix(directory)?.starts_with("third_party");
        let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let is_licence = BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
        if is_licence && (depth == 1 || is_third_party) {
            found.push(file);
        }
    }
    Ok(found)
}
