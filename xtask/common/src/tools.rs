//! The programs that these tasks run: which are needed, and which of them are missing.
//!
//! Nothing is installed here: that is what `cargo xtask setup` does.

use crate::{libraries, paths, process, systems};
use anyhow::{Result, bail, ensure};
use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::Command;

/// The current `createrepo_c`, from the Python package index.
pub const CREATEREPO_C: &str = "1.2.5";

/// How to tell that something is there.
pub enum Probe {
    /// A program on the search path.
    Program(&'static str),
    /// A file.
    File(&'static str),
    /// A module of Debian's own Python.
    Module(&'static str),
}

/// What is needed, and the Debian package that brings it.
pub const NEEDED: &[(Probe, &str)] = &[
    (Probe::File("/usr/share/bash-completion/bash_completion"), "bash-completion"),
    (Probe::Program("bsdiff"), "bsdiff"),
    (Probe::Program("createrepo_c"), "createrepo-c"),
    (Probe::Program("dnf"), "dnf"),
    (Probe::Program("dpkg-buildpackage"), "dpkg-dev"),
    (Probe::Program("fish"), "fish"),
    (Probe::Program("g++"), "g++"),
    (Probe::Program("gpg"), "gnupg"),
    (Probe::Program("gpgconf"), "gnupg"),
    (Probe::Program("gpgv"), "gpgv"),
    (Probe::Program("lintian"), "lintian"),
    (Probe::Program("make"), "make"),
    (Probe::Program("man"), "man-db"),
    (Probe::Program("mandoc"), "mandoc"),
    (Probe::Program("mmdebstrap"), "mmdebstrap"),
    (Probe::Program("repo2solv"), "libsolv-tools"),
    (Probe::Program("dumpsolv"), "libsolv-tools"),
    (Probe::Program("nginx"), "nginx-light"),
    (Probe::Program("openssl"), "openssl"),
    (Probe::Module("createrepo_c"), "python3-createrepo-c"),
    (Probe::Module("librepo"), "python3-librepo"),
    (Probe::Module("xmltodict"), "python3-xmltodict"),
    (Probe::Module("zstandard"), "python3-zstandard"),
    (Probe::Module("ensurepip"), "python3-venv"),
    (Probe::Program("rpm"), "rpm"),
    (Probe::Program("rpmbuild"), "rpm"),
    (Probe::Program("rpmlint"), "rpmlint"),
    (Probe::Program("rsync"), "rsync"),
    (Probe::Program("strace"), "strace"),
    (Probe::Program("systemd-analyze"), "systemd"),
    (Probe::Program("time"), "time"),
    (Probe::Program("xdelta3"), "xdelta3"),
    (Probe::Program("xz"), "xz-utils"),
    (Probe::Program("zck"), "zchunk"),
    (Probe::Program("zsh"), "zsh"),
    (Probe::Program("zstd"), "zstd"),
    (Probe::Program("zypper"), "zypper"),
];

/// Fails unless the programs and modules of the end-to-end run are there.
pub fn check() -> Result<()> {
    let missing = missing_packages();
    if !missing.is_empty() {
        let names = missing.into_iter().collect::<Vec<_>>().join(" ");
        bail!("these Debian packages are missing: {names}\n\nhint: run `cargo xtask setup` as root");
    }
    ensure!(
        venv_is_current(),
        "`{}` has no createrepo_c {CREATEREPO_C}\n\nhint: run `cargo xtask setup`",
        paths::venv().display()
    );
    if let Some(library) = libraries::missing().next() {
        bail!("there is no {}\n\nhint: run `cargo xtask setup`", library.name);
    }
    if let Some(system) = systems::missing().next() {
        bail!("there is no tree of Debian {system}\n\nhint: run `cargo xtask setup` as root");
    }
    Ok(())
}

/// The cargo that runs this task.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    command
}

/// Whether the Python environment has the current `createrepo_c`.
pub fn venv_is_current() -> bool {
    version_of(&paths::venv().join("bin/createrepo_c")).is_some_and(|text| text.contains(CREATEREPO_C))
}

/// What `program --version` prints; nothing where it cannot be run.
pub fn version_of(program: &Path) -> Option<String> {
    let output = process::run(Command::new(program).arg("--version")).ok()?;
    String::from_utf8(output.stdout).ok()
}

/// The Debian packages that bring what is not there.
pub fn missing_packages() -> BTreeSet<&'static str> {
    NEEDED.iter().filter(|(probe, _)| !is_there(probe)).map(|(_, package)| *package).collect()
}

fn is_there(probe: &Probe) -> bool {
    match probe {
        Probe::Program(name) => {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).any(|directory| directory.join(name).is_file())
        }
        Probe::File(path) => Path::new(path).is_file(),
        Probe::Module(name) => {
            let mut python = Command::new(paths::SYSTEM_PYTHON);
            process::run(python.args(["-c", &format!("import {name}")])).is_ok()
        }
    }
}
