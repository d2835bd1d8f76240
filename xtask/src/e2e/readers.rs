//! The programs and libraries that read repositories, each asked for a listing
//! of everything that it found, with caches of its own.

use super::bench::Bench;
use crate::{paths, process};
use anyhow::{Result, bail, ensure};
use std::ffi::OsStr;
use std::fmt::{self, Write as _};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    Dnf,
    Zypper,
    Librepo,
    Libsolv,
    CreaterepoDebian,
    CreaterepoCurrent,
}

/// All of them.
const ALL: [Reader; 6] = [
    Reader::Dnf,
    Reader::Zypper,
    Reader::Librepo,
    Reader::Libsolv,
    Reader::CreaterepoDebian,
    Reader::CreaterepoCurrent,
];

impl fmt::Display for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Dnf => "dnf",
            Self::Zypper => "zypper",
            Self::Librepo => "librepo",
            Self::Libsolv => "repo2solv",
            Self::CreaterepoDebian => "createrepo_c 0.17 module",
            Self::CreaterepoCurrent => "createrepo_c 1.2 module",
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

/// Fails unless each reader finds `after`, with deltas, what it found `before`,
/// without, and all packages called `names`. Only with `may_refuse` readers may
/// fail, and then the same way both times.
pub(crate) fn ensure_agreement(
    bench: &Bench<'_>,
    before: &[(Reader, Answer)],
    after: &[(Reader, Answer)],
    names: &[&str],
    may_refuse: bool,
) -> Result<()> {
    for ((reader, before), (_, after)) in before.iter().zip(after) {
        match (before, after) {
            (Answer::Listed(old), Answer::Listed(new)) => {
                ensure_same(*reader, old, new)?;
                ensure!(
                    !reader.lists_packages() || names.iter().all(|name| new.contains(name)),
                    "{reader} does not list all packages:\n{new}"
                );
                bench.ok(format!("{reader}: same answer with deltas ({} lines)", new.lines().count()));
            }
            (Answer::Refused { message: old, .. }, Answer::Refused { message: new, details }) => {
                ensure!(may_refuse, "{reader} cannot read it:\n{details}");
                ensure!(old == new, "{reader} fails otherwise than without deltas:\n{details}");
                bench.ok(format!("{reader}: cannot read zstd here, with deltas or without"));
            }
            (Answer::Listed(_), Answer::Refused { details, .. }) => {
                bail!("{reader} fails with deltas:\n{details}")
            }
            (Answer::Refused { details, .. }, Answer::Listed(_)) => {
                bail!("{reader} failed only without deltas:\n{details}")
            }
        }
    }
    Ok(())
}

/// Asks some readers.
pub(crate) fn ask_some(
    bench: &Bench<'_>,
    readers: &[Reader],
    site: &Site,
    label: &str,
) -> Result<Vec<(Reader, Answer)>> {
    let work = bench.work.join("readers").join(label);
    readers.iter().map(|reader| Ok((*reader, reader.ask(site, &work)?))).collect()
}

/// Asks every reader.
pub(crate) fn ask_all(bench: &Bench<'_>, site: &Site, label: &str) -> Result<Vec<(Reader, Answer)>> {
    ask_some(bench, &ALL, site, label)
}

/// Fails, showing the first line that differs, unless the listings are equal.
pub(crate) fn ensure_same(reader: Reader, old: &str, new: &str) -> Result<()> {
    if old == new {
        return Ok(());
    }
    let (mut old_lines, mut new_lines) = (old.lines(), new.lines());
    for number in 1.. {
        let (before, after) = (old_lines.next(), new_lines.next());
        if before != after {
            bail!(
                "{reader} answers differently, first in line {number}:\n\
                 without deltas: {}\nwith deltas:    {}",
                before.unwrap_or("(no more lines)"),
                after.unwrap_or("(no more lines)")
            );
        }
        if before.is_none() {
            break;
        }
    }
    bail!("{reader} ends its lines differently")
}

impl Reader {
    /// Whether its listing has package names, not only files.
    pub(crate) fn lists_packages(self) -> bool {
        self != Self::Librepo
    }

    /// What this reader finds at `site`; `work` is made for its caches.
    pub(crate) fn ask(self, site: &Site, work: &Path) -> Result<Answer> {
        let work = work.join(format!("{self:?}"));
        paths::make_empty(&work)?;
        match self {
            Self::Dnf => dnf(site, &work),
            Self::Zypper => zypper(site, &work),
            Self::Librepo => {
                let script = paths::script("list_librepo.py");
                let target = work.join("downloaded");
                python(paths::SYSTEM_PYTHON, &script, &[site.url.as_ref(), target.as_ref()])
            }
            Self::Libsolv => {
                let solv = work.join("out.solv");
                let mut convert = Command::new("repo2solv");
                convert.args(["-F", "-o"]).arg(&solv).arg(&site.directory);
                let answer = sequence([&mut convert, Command::new("dumpsolv").arg("-a").arg(&solv)])?;
                Ok(answer.without("repo_add_solv took "))
            }
            Self::CreaterepoDebian => {
                let script = paths::script("list_createrepo.py");
                python(paths::SYSTEM_PYTHON, &script, &[site.directory.as_ref()])
            }
            Self::CreaterepoCurrent => {
                let script = paths::script("list_createrepo.py");
                python(paths::venv().join("bin/python"), &script, &[site.directory.as_ref()])
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

fn python(interpreter: impl AsRef<OsStr>, script: &Path, arguments: &[&OsStr]) -> Result<Answer> {
    sequence([Command::new(interpreter).arg(script).args(arguments)])
}

fn dnf(site: &Site, work: &Path) -> Result<Answer> {
    for directory in ["root", "log", "persist", "empty", "repos"] {
        fs::create_dir_all(work.join(directory))?;
    }
    let config = work.join("dnf.conf");
    let mut text = "[main]\nplugins=0\ngpgcheck=0\nassumeyes=1\n".to_owned();
    for (option, directory) in [
        ("reposdir", "repos"),
        ("varsdir", "empty"),
        ("cachedir", "cache"),
        ("logdir", "log"),
        ("persistdir", "persist"),
    ] {
        writeln!(text, "{option}={}", work.join(directory).display())?;
    }
    fs::write(&config, text)?;
    fs::write(work.join("repos/demo.repo"), repository_file(site))?;
    let format =
        "%{name}-%{evr}.%{arch} %{location} %{buildtime} %{summary} %{requires} %{provides} %{files}";
    let mut command = Command::new("dnf");
    command
        .arg("--config")
        .arg(&config)
        .arg("--installroot")
        .arg(work.join("root"))
        .args(["--releasever", "1", "--quiet", "repoquery", "--queryformat", format])
        .env("HOME", work)
        .env("LC_ALL", "C.UTF-8");
    sequence([&mut command])
}

fn zypper(site: &Site, work: &Path) -> Result<Answer> {
    let root = work.join("root");
    let repositories = root.join("etc/zypp/repos.d");
    fs::create_dir_all(&repositories)?;
    fs::write(repositories.join("demo.repo"), repository_file(site))?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new("zypper");
        command.arg("--root").arg(&root).args(["--quiet", "--non-interactive"]);
        if site.key.is_some() {
            command.arg("--gpg-auto-import-keys");
        }
        command.args(arguments).env("HOME", work).env("LC_ALL", "C.UTF-8");
        command
    };
    sequence([
        &mut command(&["refresh", "--force"]),
        &mut command(&["--no-refresh", "search", "--details"]),
        &mut command(&["--no-refresh", "packages"]),
        &mut command(&["--no-refresh", "search", "--requires", "lib"]),
    ])
}

/// A `.repo` file, as dnf and zypper both read it.
fn repository_file(site: &Site) -> String {
    let mut text = format!("[demo]\nname=Demo\nenabled=1\nautorefresh=0\nbaseurl={}\n", site.url);
    text += match &site.key {
        Some(key) => format!("gpgcheck=0\nrepo_gpgcheck=1\ngpgkey=file://{}\n", key.display()),
        None => "gpgcheck=0\nrepo_gpgcheck=0\n".to_owned(),
    }
    .as_str();
    text
}
