//! `cargo xtask setup`: installs what the other tasks run.
//!
//! On Debian as root it installs; elsewhere it says what is missing and fails.
//! It never passes silently: every tool is looked for again at the end. What waits for
//! the network is fetched side by side.

use crate::licences;
use anyhow::{Context as _, Result, bail, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::thread;
use xtask_common::tools::{self, CREATEREPO_C, cargo};
use xtask_common::{libraries, paths, process, python, systems};

/// Says what is missing.
pub(crate) fn print() -> Result<()> {
    let missing = tools::missing_packages();
    if !missing.is_empty() {
        println!("{}", apt(&missing));
    }
    if !tools::venv_is_current() {
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
    Ok(())
}

/// Installs what is missing.
pub(crate) fn run() -> Result<()> {
    install(&tools::missing_packages())?;
    thread::scope(|scope| {
        let trees = scope.spawn(systems::make_all);
        let tools = make_tools();
        let trees = trees.join().unwrap_or_else(|_| bail!("a thread stopped"));
        tools.and(trees)
    })?;
    check()
}

/// The command line that installs packages of Debian.
fn apt(packages: &BTreeSet<&str>) -> String {
    let packages: Vec<&str> = packages.iter().copied().collect();
    format!("apt-get install -y --no-install-recommends {}", packages.join(" "))
}

/// Installs packages of Debian.
fn install(packages: &BTreeSet<&str>) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let apt = apt(packages);
    ensure!(
        is_debian() && is_root(),
        "programs are missing, and they can only be installed as root on Debian\n\n\
         hint: as root, run `{apt}`"
    );
    process::run_long(Command::new("apt-get").arg("update"))?;
    let mut install = Command::new("apt-get");
    install.args(apt.split(' ').skip(1)).env("DEBIAN_FRONTEND", "noninteractive");
    process::run_long(&mut install)?;
    Ok(())
}

/// What is not Debian's.
fn make_tools() -> Result<()> {
    if !tools::venv_is_current() {
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
    tools::check()?;
    licences::required_program()?;
    for component in ["fmt", "clippy"] {
        process::run(cargo().args([component, "--version"]))
            .context("a Rust component is missing\n\nhint: run `rustup component add rustfmt clippy`")?;
    }
    println!(
        "ok setup: {} programs and modules, createrepo_c {CREATEREPO_C}, {} libraries, {} trees, cargo-deny",
        tools::NEEDED.len(),
        libraries::ALL.len(),
        systems::TREES.len()
    );
    Ok(())
}

fn make_venv() -> Result<()> {
    let venv = paths::venv();
    python::make_environment(&venv)?;
    let mut pip = Command::new(venv.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(["--only-binary", ":all:"])
        .arg(format!("createrepo_c=={CREATEREPO_C}"));
    process::stream(&mut pip)
        .context("cannot install createrepo_c from the Python package index\n\nhint: is it reachable?")
}

fn is_debian() -> bool {
    fs::read_to_string("/etc/os-release").is_ok_and(|text| text.lines().any(|line| line == "ID=debian"))
}

fn is_root() -> bool {
    let output = process::run(Command::new("id").arg("-u"));
    output.is_ok_and(|output| output.stdout == b"0\n")
}
