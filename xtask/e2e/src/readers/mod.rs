//! The programs and libraries that read repositories, each asked for a listing
//! of everything that it found, with caches of its own.

mod compare;
pub(crate) mod habits;
mod managers;
mod structs;
pub(crate) mod warnings;

use super::bench::Bench;
use crate::bench::script;
use anyhow::Result;
pub(crate) use compare::{ensure_agreement, ensure_same};
use managers::{dnf, dnf5, zypper};
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::systems::System;
use xtask_common::{paths, process};

/// A reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Dnf,
    Dnf5,
    Zypper,
    Librepo,
    Libsolv,
    CreaterepoDebian,
    CreaterepoCurrent,
}

/// All of a system.
fn all(system: System) -> &'static [Reader] {
    use Reader::{CreaterepoCurrent, CreaterepoDebian, Dnf, Dnf5, Librepo, Libsolv, Zypper};
    match system {
        System::Host => &[Dnf, Zypper, Librepo, Libsolv, CreaterepoDebian, CreaterepoCurrent],
        System::Trixie => &[Dnf, Zypper, Librepo, Libsolv, CreaterepoDebian],
        System::Testing => &[Dnf5, Zypper, Librepo, Libsolv, CreaterepoDebian],
    }
}

/// The package managers of a system, which check signatures.
pub(crate) fn managers(system: System) -> [Reader; 2] {
    match system {
        System::Host | System::Trixie => [Reader::Dnf, Reader::Zypper],
        System::Testing => [Reader::Dnf5, Reader::Zypper],
    }
}

impl fmt::Display for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dnf => "dnf",
            Self::Dnf5 => "dnf5",
            Self::Zypper => "zypper",
            Self::Librepo => "librepo",
            Self::Libsolv => "repo2solv",
            Self::CreaterepoDebian => "Debian's createrepo_c module",
            Self::CreaterepoCurrent => "current createrepo_c module",
        })
    }
}

/// A repository as readers see it.
pub(crate) struct Site {
    /// Its URL.
    pub(crate) url: String,
    /// Its directory, for readers that want one.
    pub(crate) directory: PathBuf,
    /// The public key that signs it; with one, the signature is checked.
    pub(crate) key: Option<PathBuf>,
}

impl Site {
    /// An unsigned repository in a directory.
    pub(crate) fn local(directory: &Path) -> Self {
        let url = format!("file://{}", directory.display());
        Self { url, directory: directory.to_path_buf(), key: None }
    }
}

/// What a reader said.
pub(crate) enum Answer {
    /// Everything that it found.
    Listed(String),
    /// It failed.
    Refused {
        /// Its last message.
        message: String,
        /// The command and everything that it printed.
        details: String,
    },
}

impl Answer {
    /// What it found, or why it failed.
    fn text(&self) -> &str {
        match self {
            Self::Listed(text) | Self::Refused { details: text, .. } => text,
        }
    }

    /// With something else in place of a text.
    fn replaced(self, text: &str, by: &str) -> Self {
        match self {
            Self::Listed(listing) => Self::Listed(listing.replace(text, by)),
            refused @ Self::Refused { .. } => refused,
        }
    }

    /// Without the lines that begin with `prefix`: they are never the same twice.
    fn without(self, prefix: &str) -> Self {
        match self {
            Self::Listed(text) => {
                let lines = text.lines().filter(|line| !line.starts_with(prefix));
                Self::Listed(lines.flat_map(|line| [line, "\n"]).collect())
            }
            refused @ Self::Refused { .. } => refused,
        }
    }
}

/// Asks some readers.
pub(crate) fn ask_some(
    bench: &Bench<'_>,
    readers: &[Reader],
    site: &Site,
    label: &str,
) -> Result<Vec<(Reader, Answer)>> {
    let work = bench.work.join("readers").join(label);
    readers.iter().map(|reader| Ok((*reader, reader.ask(bench, site, &work)?))).collect()
}

/// Asks every reader of the system.
pub(crate) fn ask_all(bench: &Bench<'_>, site: &Site, label: &str) -> Result<Vec<(Reader, Answer)>> {
    ask_some(bench, all(bench.system), site, label)
}

impl Reader {
    /// Whether its listing has package names, not only files.
    pub(crate) fn lists_packages(self) -> bool {
        self != Self::Librepo
    }

    /// What this reader finds at `site`; `work` is made for its caches.
    pub(crate) fn ask(self, bench: &Bench<'_>, site: &Site, work: &Path) -> Result<Answer> {
        let work = work.join(format!("{self:?}"));
        paths::make_empty(&work)?;
        match self {
            Self::Dnf => dnf(bench, site, &work),
            Self::Dnf5 => dnf5(bench, site, &work),
            Self::Zypper => zypper(bench, site, &work),
            Self::Librepo => {
                let script = script("list_librepo.py");
                let target = work.join("downloaded");
                python(bench.command(paths::SYSTEM_PYTHON), &script, &[site.url.as_ref(), target.as_ref()])
            }
            Self::Libsolv => {
                let solv = work.join("out.solv");
                let mut convert = bench.command("repo2solv");
                convert.args(["-F", "-o"]).arg(&solv).arg(&site.directory);
                let answer = sequence([&mut convert, bench.command("dumpsolv").arg("-a").arg(&solv)])?;
                Ok(answer.without("repo_add_solv took "))
            }
            Self::CreaterepoDebian => {
                let script = script("list_createrepo.py");
                python(bench.command(paths::SYSTEM_PYTHON), &script, &[site.directory.as_ref()])
            }
            Self::CreaterepoCurrent => {
                let script = script("list_createrepo.py");
                let current = Command::new(paths::venv().join("bin/python"));
                python(current, &script, &[site.directory.as_ref()])
            }
        }
    }
}

/// Runs the commands in order; the answer is what all printed, or the message
/// of the first that failed.
fn sequence<'a>(commands: impl IntoIterator<Item = &'a mut Command>) -> Result<Answer> {
    let mut listing = String::new();
    for command in commands {
        let output = process::attempt(command)?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let last = stderr.lines().rev().find(|line| !line.trim().is_empty());
            return Ok(Answer::Refused {
                message: last.unwrap_or("no message").to_owned(),
                details: process::failure(command, &output),
            });
        }
        listing += &String::from_utf8_lossy(&output.stdout);
    }
    Ok(Answer::Listed(listing))
}

fn python(mut interpreter: Command, script: &Path, arguments: &[&OsStr]) -> Result<Answer> {
    sequence([interpreter.arg(script).args(arguments)])
}
