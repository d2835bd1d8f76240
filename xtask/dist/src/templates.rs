//! What the packages' files in the source archive say of this release: its version, which
//! must be right already, and what it is built from.

use crate::commit::Commit;
use crate::linked::{Crate, Library};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;

const SPEC: &str = "contrib/rpm/createrepo-delta.spec";
const DEBIAN: &str = "contrib/debian/changelog";

/// The line of the spec that the crates and libraries come after.
const PLACE: &str = "# What is linked in, as `cargo xtask dist` writes it here:\n";

/// Fills in the files of `tree`.
pub(crate) fn fill(tree: &Path, commit: &Commit, crates: &[Crate], libraries: &[Library]) -> Result<()> {
    let version = &commit.version;
    expect(&tree.join(DEBIAN), &format!("createrepo-delta ({version}-"))?;
    let path = tree.join(SPEC);
    let spec = expect(&path, &format!("Version:        {version}\n"))?;
    let filled =
        filled(&spec, crates, libraries).with_context(|| format!("expected `{PLACE}` in `{SPEC}`"))?;
    Ok(fs::write(&path, filled)?)
}

/// The text of a file that must have `what` in it.
fn expect(path: &Path, what: &str) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    ensure!(text.contains(what), "expected `{}` in `{}`", what.trim_end(), path.display());
    Ok(text)
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
