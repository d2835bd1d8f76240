//! What `cargo package` puts into the package of each crate: its sources, README and licences, and neither tests
//! nor their data. Nothing is packaged here, only listed.

use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use xtask_common::tools::cargo;
use xtask_common::{paths, process};

/// What every package has.
const REQUIRED: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];
/// What cargo adds to it.
const ADDED: [&str; 3] = [".cargo_vcs_info.json", "Cargo.lock", "Cargo.toml.orig"];
/// Where everything else is.
const DIRECTORIES: [&str; 2] = ["src/", "examples/"];
/// What the manifest of every crate says, besides what the workspace does.
const FIELDS: [&str; 5] = ["description", "readme", "keywords", "categories", "include"];
/// Most bytes of one file, and of all of them: no source is as long, and data would be longer.
const LARGEST_FILE: u64 = 64 << 10;
const LARGEST_PACKAGE: u64 = 1 << 20;

/// Checks the packages of all crates below `crates/`.
pub(crate) fn check() -> Result<()> {
    let mut directories = Vec::new();
    for entry in fs::read_dir(paths::root().join("crates"))? {
        directories.push(entry?.path());
    }
    directories.sort();
    for directory in &directories {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        let (files, bytes) =
            check_one(directory, &name).with_context(|| format!("the package of `{name}`"))?;
        println!("{name}: {files} files, {} KiB", bytes.div_ceil(1 << 10));
    }
    Ok(())
}

/// Checks one; how many files and bytes its package has.
fn check_one(directory: &Path, name: &str) -> Result<(usize, u64)> {
    let manifest = fs::read_to_string(directory.join("Cargo.toml"))?;
    for field in FIELDS {
        let is_said = manifest.lines().any(|line| line.starts_with(&format!("{field} = ")));
        ensure!(is_said, "expected `{field}` in Cargo.toml, found none");
    }
    let mut command = cargo();
    command.args([
        "package",
        "--list",
        "--quiet",
        "--allow-dirty",
        "--offline",
        "--locked",
        "--package",
        name,
    ]);
    let listed = process::run(&mut command)?.stdout;
    let listed = String::from_utf8(listed)?;
    let files: Vec<&str> = listed.lines().collect();
    check_names(&files)?;
    let mut total = 0;
    for file in files.iter().filter(|file| !ADDED.contains(file)) {
        // The README of the program is that of the workspace.
        let places = [directory.join(file), paths::root().join(file)];
        let place =
            places.iter().find(|place| place.exists()).with_context(|| format!("no file `{file}`"))?;
        let bytes = fs::metadata(place)?.len();
        ensure!(bytes <= LARGEST_FILE, "`{file}`: expected at most {LARGEST_FILE} bytes, found {bytes}");
        total += bytes;
    }
    ensure!(total <= LARGEST_PACKAGE, "expected at most {LARGEST_PACKAGE} bytes, found {total}");
    Ok((files.len(), total))
}

fn check_names(files: &[&str]) -> Result<()> {
    for required in REQUIRED {
        ensure!(files.contains(&required), "expected a file `{required}`, found none");
    }
    for file in files {
        let is_known = REQUIRED.contains(file) || ADDED.contains(file);
        let is_source = DIRECTORIES.iter().any(|directory| file.starts_with(directory))
            && Path::new(file).extension().is_some_and(|suffix| suffix == "rs");
        ensure!(is_known || is_source, "expected sources, README and licences, found `{file}`");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_their_data_are_refused_and_so_is_a_package_without_a_licence() {
        let with = |more: &'static str| [&REQUIRED[..], &["src/lib.rs", more]].concat();
        check_names(&with("examples/mirror/http.rs")).unwrap();
        for more in ["tests/it/main.rs", "examples/data.xml.gz", "src/table.bin"] {
            let error = check_names(&with(more)).unwrap_err().to_string();
            assert!(error.contains(more), "{error}");
        }
        let error = check_names(&["Cargo.toml", "README.md", "LICENSE-MIT", "src/lib.rs"]).unwrap_err();
        assert!(error.to_string().contains("LICENSE-APACHE"), "{error}");
    }
}
