//! The programs and libraries that read repositories, each asked for a listing
//! of everything that it found, with caches of its own.

mod answer;
mod compare;
pub(crate) mod habits;
mod managers;
pub(crate) mod warnings;

use crate::bench::Bench;
use crate::bench::script;
use answer::sequence;
pub(crate) use answer::{Answer, Site};
use anyhow::Result;
pub(crate) use compare::{ensure_agreement, ensure_same};
use managers::{dnf, dnf5, zypper};
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::Command;
use xtask_common::paths;
use xtask_common::systems::System;

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

fn python(mut interpreter: Command, script: &Path, arguments: &[&OsStr]) -> Result<Answer> {
    sequence([interpreter.arg(script).args(arguments)])
}
