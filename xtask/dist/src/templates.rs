//! What the packages' files in the source archive say of this release: its version, which
//! must be right already, and what it is built from.

use crate::commit::Commit;
use crate::linked::{Crate, Library};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;

const SPEC: &str = "contrib/rpm/createrepo-delta.spec";
const DEBIAN: &str = "contrib/debian/changelog";
const CHANGES: &str = "CHANGELOG.md";
const MANUAL: &str = "crates/createrepo-delta/src/man/mod.rs";

/// The line of the spec that the crates and libraries come after.
const PLACE: &str = "# What is linked in, as `cargo xtask dist` writes it here:\n";

/// Fills in the files of `tree`.
pub(crate) fn fill(tree: &Path, commit: &Commit, crates: &[Crate], libraries: &[Library]) -> Result<()> {
    let version = &commit.version;
    let (debian, path) = (tree.join(DEBIAN), tree.join(SPEC));
    let text = read(&debian)?;
    expect(&debian, text.lines().next().unwrap_or_default(), &format!("createrepo-delta ({version}-"))?;
    let spec = read(&path)?;
    expect(&path, &spec, &format!("Version:        {version}\n"))?;
    let newest = spec.split_once("%changelog\n").and_then(|(_, entries)| entries.lines().next());
    expect(&path, newest.unwrap_or_default(), &format!(" - {version}-"))?;
    dates(tree, version)?;
    let filled =
        filled(&spec, crates, libraries).with_context(|| format!("expected `{PLACE}` in `{SPEC}`"))?;
    Ok(fs::write(&path, filled)?)
}

/// What the changes of a release have as its date is that of the man pages; what has none yet is no release.
fn dates(tree: &Path, version: &str) -> Result<()> {
    let changes = read(&tree.join(CHANGES))?;
    let head = format!("## [{version}] - ");
    let Some(date) = changes.lines().find_map(|line| line.strip_prefix(&head)) else {
        println!("note: `{CHANGES}` has no release {version} with a date: this is a snapshot");
        return Ok(());
    };
    let manual = tree.join(MANUAL);
    expect(&manual, &read(&manual)?, &format!("const DATE: &str = \"{date}\";\n"))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// Fails where `text`, of a file, lacks something.
fn expect(path: &Path, text: &str, what: &str) -> Result<()> {
    ensure!(text.contains(what), "expected `{}` in `{}`", what.trim_end(), path.display());
    Ok(())
}

fn filled(spec: &str, crates: &[Crate], libraries: &[Library]) -> Option<String> {
    let (before, after) = spec.split_once(PLACE)?;
    let libraries = libraries.iter().map(|one| (one.name.to_owned(), one.version.as_str()));
    let others = crates.iter().filter(|one| one.sha256.is_some());
    let crates = others.map(|one| (format!("crate({})", one.name), one.version.as_str()));
    let provides = libraries.chain(crates).map(|(name, version)| {
        // What follows `+` is for people.
        let version = version.split('+').next().unwrap_or_default();
        format!("Provides:       bundled({name}) = {version}\n")
    });
    Some([before, PLACE, &provides.collect::<String>(), after].concat())
}
