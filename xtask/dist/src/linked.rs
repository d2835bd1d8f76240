//! What is linked into the program: crates, as cargo resolves them for it, and libraries
//! in C whose sources are in some of them.
//!
//! What only runs while it is built, macros among it, is not in the program.

use anyhow::{Context as _, Result};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;
use xtask_common::tools::cargo;

/// What the program is built for.
pub(crate) const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A crate in the program.
pub(crate) struct Crate {
    pub(crate) name: String,
    pub(crate) version: String,
    /// An expression of SPDX.
    pub(crate) licence: String,
    pub(crate) directory: PathBuf,
    /// The SHA-256 that `Cargo.lock` has; none for those of this workspace.
    pub(crate) sha256: Option<String>,
    /// Places in the list of those that it uses.
    pub(crate) uses: Vec<usize>,
}

/// A library in C. Recipes promise the bytes of each, so none is the system's: see docs/formats/recipes.md.
pub(crate) struct Library {
    pub(crate) name: &'static str,
    pub(crate) version: String,
    pub(crate) licence: &'static str,
    /// The text of its licence.
    pub(crate) text: PathBuf,
    /// The place of its crate in the list.
    pub(crate) place: usize,
}

/// The crates, by name and version. `source` is an unpacked source archive.
pub(crate) fn crates(source: &Path) -> Result<Vec<Crate>> {
    let mut tree = offline(source, "tree");
    tree.args(["--package", "createrepo-delta", "--edges", "normal,no-proc-macro", "--target", TARGET]);
    let tree = process::run(tree.args(["--prefix", "none", "--format", "{p}"]))?;
    let tree = String::from_utf8(tree.stdout)?;
    let mut names: Vec<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    names.sort_unstable();
    names.dedup();
    let mut metadata = offline(source, "metadata");
    metadata.args(["--format-version", "1", "--filter-platform", TARGET]);
    let metadata: Value = serde_json::from_slice(&process::run(&mut metadata)?.stdout)?;
    let packages = list(&metadata["packages"])?;
    let ids = |name: &str, version: &str| {
        let mut found = packages.iter().filter(|one| one["name"] == name && one["version"] == version);
        found.next().with_context(|| format!("cargo says nothing of {name} {version}"))
    };
    let chosen = names.iter().map(|(name, version)| ids(name, version)).collect::<Result<Vec<_>>>()?;
    let places: BTreeMap<&str, usize> =
        chosen.iter().enumerate().filter_map(|(place, one)| Some((one["id"].as_str()?, place))).collect();
    chosen.iter().map(|package| one(package, &places, &metadata)).collect()
}

fn offline(source: &Path, command: &str) -> Command {
    let mut cargo = cargo();
    cargo.current_dir(source).args([command, "--locked", "--offline"]);
    cargo
}

fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    Some((words.next()?, words.next()?.strip_prefix('v')?))
}

fn one(package: &Value, places: &BTreeMap<&str, usize>, metadata: &Value) -> Result<Crate> {
    let name = text(&package["name"])?.to_owned();
    let manifest = Path::new(text(&package["manifest_path"])?);
    let directory = manifest.parent().context("a manifest has no directory")?.to_owned();
    let licence = text(&package["license"]).with_context(|| format!("{name} names no licence"))?;
    let nodes = list(&metadata["resolve"]["nodes"])?;
    let node = nodes.iter().find(|node| node["id"] == package["id"]).context("a crate is not resolved")?;
    let uses = list(&node["dependencies"])?.iter().filter_map(|id| places.get(id.as_str()?).copied());
    Ok(Crate {
        version: text(&package["version"])?.to_owned(),
        licence: licence.replace('/', " OR "),
        sha256: sha256(&directory)?,
        uses: uses.collect(),
        directory,
        name,
    })
}

/// What cargo compares with `Cargo.lock`.
fn sha256(directory: &Path) -> Result<Option<String>> {
    let path = directory.join(".cargo-checksum.json");
    if !path.is_file() {
        return Ok(None);
    }
    let sums: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
    Ok(sums["package"].as_str().map(str::to_owned))
}

/// The libraries in C that are in `crates`.
pub(crate) fn libraries(crates: &[Crate]) -> Result<Vec<Library>> {
    let find = |name: &str| {
        let place = crates.iter().position(|one| one.name == name);
        place.with_context(|| format!("the program is linked without {name}"))
    };
    let library = |name, krate: &str, header: &str, words: &[&str], licence, text: &str| {
        let place = find(krate)?;
        let directory = &crates[place].directory;
        let header = fs::read_to_string(directory.join(header))?;
        let numbers = words.iter().map(|word| defined(&header, word)).collect::<Option<Vec<_>>>();
        let version = numbers.with_context(|| format!("{krate} does not say its version"))?.join(".");
        Ok::<_, anyhow::Error>(Library { name, version, licence, text: directory.join(text), place })
    };
    Ok(vec![
        library(
            "xz",
            "liblzma-sys",
            "xz/src/liblzma/api/lzma/version.h",
            &["LZMA_VERSION_MAJOR", "LZMA_VERSION_MINOR", "LZMA_VERSION_PATCH"],
            "0BSD",
            "xz/COPYING.0BSD",
        )?,
        library("zlib", "libz-sys", "src/zlib/zlib.h", &["ZLIB_VERSION"], "Zlib", "src/zlib/LICENSE")?,
        library(
            "zstd",
            "zstd-sys",
            "zstd/lib/zstd.h",
            &["ZSTD_VERSION_MAJOR", "ZSTD_VERSION_MINOR", "ZSTD_VERSION_RELEASE"],
            "BSD-3-Clause",
            "zstd/LICENSE",
        )?,
    ])
}

/// The value of a macro, without quotes.
fn defined<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.lines().find_map(|line| {
        let mut words = line.strip_prefix("#define")?.split_whitespace();
        (words.next()? == name).then(|| words.next()).flatten().map(|value| value.trim_matches('"'))
    })
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().context("expected a list from cargo")
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().context("expected a text from cargo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_tree_have_a_name_and_a_version() {
        assert_eq!(name_and_version("ring v0.17.14 (*)"), Some(("ring", "0.17.14")));
        assert_eq!(name_and_version("codec v0.1.0 (/a b/crates/codec)"), Some(("codec", "0.1.0")));
        assert_eq!(name_and_version(""), None);
    }

    #[test]
    fn a_version_is_the_value_of_macros() {
        let header = "#define A_VERSION \"1.3.2\"\n#  define B 9\n#define B    5 /* five */\n";
        assert_eq!(defined(header, "A_VERSION"), Some("1.3.2"));
        assert_eq!(defined(header, "B"), Some("5"));
        assert_eq!(defined(header, "C"), None);
    }
}
