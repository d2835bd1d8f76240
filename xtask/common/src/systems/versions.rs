//! Versions of the programs that cases run. Those that were seen to work are in
//! `xtask/versions`, so that a release that moves on is noticed by name.

use super::system::System;
use crate::{paths, process};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where a tree's versions are recorded.
pub(super) const FILE: &str = "versions.txt";

/// Source packages of what reads and writes metadata in every system.
const COMMON: [&str; 5] = ["createrepo-c", "librepo", "libsolv", "libzypp", "zypper"];

fn sources(system: System) -> Vec<&'static str> {
    let own: &[&str] = match system {
        System::Host | System::Trixie => &["dnf", "libdnf"],
        System::Testing => &["dnf5"],
    };
    COMMON.iter().chain(own).copied().collect()
}

/// A line for each of them in the system below `root`: name and version, without what
/// Debian appends.
pub(super) fn recorded(system: System, root: &Path) -> Result<String> {
    let mut query = Command::new("dpkg-query");
    query.arg(format!("--admindir={}", root.join("var/lib/dpkg").display()));
    query.args(["--show", "--showformat=${db:Status-Status} ${source:Package} ${source:Upstream-Version}\n"]);
    let text = String::from_utf8(process::run(&mut query)?.stdout)?;
    let sources = sources(system);
    let installed = text.lines().filter_map(|line| line.strip_prefix("installed ")?.split_once(' '));
    let found: BTreeMap<&str, &str> = installed.filter(|(name, _)| sources.contains(name)).collect();
    let mut recorded = String::new();
    for (name, version) in found {
        writeln!(recorded, "{name} {version}")?;
    }
    Ok(recorded)
}

/// The versions of a tree, as `setup` recorded them.
pub fn recorded_file(system: System) -> PathBuf {
    system.directory().join(FILE)
}

/// The versions with which the cases are known to pass.
pub fn expected_file(system: System) -> PathBuf {
    paths::root().join(format!("xtask/versions/{system}.txt"))
}

/// What `system` has in another version than is known to work, a line each.
pub fn differences(system: System) -> Result<String> {
    let file = expected_file(system);
    let wanted = fs::read_to_string(&file).with_context(|| format!("cannot read `{}`", file.display()))?;
    compare(system.name(), &recorded(system, &system.root())?, &wanted)
}

fn compare(system: &str, found: &str, wanted: &str) -> Result<String> {
    let lines =
        |text| -> BTreeMap<&str, &str> { str::lines(text).filter_map(|l| l.split_once(' ')).collect() };
    let (found, wanted) = (lines(found), lines(wanted));
    let mut text = String::new();
    for (name, version) in &found {
        match wanted.get(name) {
            Some(expected) if expected == version => {}
            Some(expected) => writeln!(text, "{system} has {name} {version}, expected {expected}")?,
            None => writeln!(text, "{system} has {name} {version}, expected none")?,
        }
    }
    for (name, expected) in wanted.iter().filter(|(name, _)| !found.contains_key(*name)) {
        writeln!(text, "{system} has no {name}, expected {expected}")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn other_versions_are_named() {
        let wanted = "dnf5 5.4.6\nlibrepo 1.21\n";
        assert_eq!(compare("testing", wanted, wanted).unwrap(), "");
        assert_eq!(
            compare("testing", "dnf5 5.4.7\nzypper 1.14\n", wanted).unwrap(),
            "testing has dnf5 5.4.7, expected 5.4.6\n\
             testing has zypper 1.14, expected none\n\
             testing has no librepo, expected 1.21\n"
        );
    }
}
