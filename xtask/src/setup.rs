//! `cargo xtask setup`: installs what the other tasks run.
//!
//! On Debian as root it installs; elsewhere it says what is missing and fails.
//! It never passes silently: every tool is looked for again at the end. What waits for
//! the network is fetched side by side.

use crate::{libraries, licences, paths, process, systems};
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

/// The current `createrepo_c`, from the Python package index.
const CREATEREPO_C: &str = "1.2.5";

/// How to tell that something is there.
enum Probe {
    /// A program on the search path.
    Program(&'static str),
    /// A file.
    File(&'static str),
    /// A module of Debian's own Python.
    Module(&'static str),
}

/// What is needed, and the Debian package that brings it.
const NEEDED: &[(Probe, &str)] = &[
    (Probe::File("/usr/share/bash-completion/bash_completion"), "bash-completion"),
    (Probe::Program("bsdiff"), "bsdiff"),
    (Probe::Program("createrepo_c"), "createrepo-c"),
    (Probe::Program("dnf"), "dnf"),
    (Probe::Program("fish"), "fish"),
    (Probe::Program("g++"), "g++"),
    (Probe::Program("gpg"), "gnupg"),
    (Probe::Program("gpgconf"), "gnupg"),
    (Probe::Program("gpgv"), "gpgv"),
    (Probe::Program("make"), "make"),
    (Probe::Program("mmdebstrap"), "mmdebstrap"),
    (Probe::Program("repo2solv"), "libsolv-tools"),
    (Probe::Program("dumpsolv"), "libsolv-tools"),
    (Probe::Program("nginx"), "nginx-light"),
    (Probe::Program("openssl"), "openssl"),
    (Probe::Module("createrepo_c"), "python3-createrepo-c"),
    (Probe::Module("librepo"), "python3-librepo"),
    (Probe::Module("xmltodict"), "python3-xmltodict"),
    (Probe::Module("ensurepip"), "python3-venv"),
    (Probe::Program("rpm"), "rpm"),
    (Probe::Program("rpmbuild"), "rpm"),
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

/// Installs what is missing; with `print` only says what that is.
pub(crate) fn run(print: bool) -> Result<()> {
    let missing = missing_packages();
    let apt = format!(
        "apt-get install -y --no-install-recommends {}",
        missing.iter().copied().collect::<Vec<_>>().join(" ")
    );
    if print {
        if !missing.is_empty() {
            println!("{apt}");
        }
        if !venv_is_current() {
            let venv = paths::venv();
            println!("{} -m venv {}", paths::SYSTEM_PYTHON, venv.display());
            println!("{} install createrepo_c=={CREATEREPO_C}", venv.join("bin/pip").display());
        }
        for library in libraries::missing() {
            println!("{}", process::describe(&library.fetch(&paths::scratch())));
        }
        if licences::program().is_none() {
            println!("{}", process::describe(&licences::build()));
        }
        for system in systems::missing() {
            println!("{}", systems::describe(system)?);
        }
        return Ok(());
    }
    if !missing.is_empty() {
        ensure!(
            is_debian() && is_root(),
            "programs are missing, and they can only be installed as root on Debian\n\n\
             hint: as root, run `{apt}`"
        );
        let mut update = Command::new("apt-get");
        process::run_long(update.arg("update"))?;
        let mut install = Command::new("apt-get");
        install
            .args(["install", "-y", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive");
        process::run_long(&mut install)?;
    }
    thread::scope(|scope| {
        let trees = scope.spawn(systems::make_all);
        let tools = make_tools();
        let trees = trees.join().unwrap_or_else(|_| bail!("a thread stopped"));
        tools.and(trees)
    })?;
    check()
}

/// What is not Debian's.
fn make_tools() -> Result<()> {
    if !venv_is_current() {
        make_venv()?;
    }
    libraries::missing().try_for_each(|library| library.make())?;
    if licences::program().is_none() {
        licences::install()?;
    }
    Ok(())
}

/// Fails unless everything is there.
fn check() -> Result<()> {
    check_tools()?;
    licences::wanted()?;
    for component in ["fmt", "clippy"] {
        process::run(cargo().args([component, "--version"]))
            .context("a Rust component is missing\n\nhint: run `rustup component add rustfmt clippy`")?;
    }
    println!(
        "ok setup: {} programs and modules, createrepo_c {CREATEREPO_C}, {} libraries, {} trees, cargo-deny",
        NEEDED.len(),
        libraries::ALL.len(),
        systems::TREES.len()
    );
    Ok(())
}

/// Fails unless the programs and modules of the end-to-end run are there.
pub(crate) fn check_tools() -> Result<()> {
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
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(paths::root());
    command
}

fn make_venv() -> Result<()> {
    let venv = paths::venv();
    let mut python = Command::new(paths::SYSTEM_PYTHON);
    process::run(python.args(["-m", "venv", "--clear"]).arg(&venv))?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--only-binary", ":all:"])
        .arg(format!("createrepo_c=={CREATEREPO_C}"));
    process::stream(&mut pip)
        .context("cannot install createrepo_c from the Python package index\n\nhint: is it reachable?")
}

fn venv_is_current() -> bool {
    version_of(&paths::venv().join("bin/createrepo_c")).is_some_and(|text| text.contains(CREATEREPO_C))
}

pub(crate) fn version_of(program: &Path) -> Option<String> {
    let output = process::run(Command::new(program).arg("--version")).ok()?;
    String::from_utf8(output.stdout).ok()
}

fn missing_packages() -> BTreeSet<&'static str> {
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

fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

fn is_root() -> bool {
    let output = process::run(Command::new("id").arg("-u"));
    output.is_ok_and(|output| output.stdout == b"0\n")
}
