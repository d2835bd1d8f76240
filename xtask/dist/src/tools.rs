//! What links the program for an old glibc, and what puts the list of its crates into it.
//!
//! Zig has the symbols of every glibc, so that no old system is needed. Its package on the
//! Python package index is for Linux on x86-64; the checksums are known.

use anyhow::{Context as _, Result};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::tools::{cargo, version_of};
use xtask_common::{paths, process, python};

const ZIG: &str = "0.17.1";
const ZIGBUILD: &str = "0.24.1";
const AUDITABLE: &str = "0.7.7";

/// Versions and checksums for pip.
const REQUIREMENTS: &str = "\
    ziglang==0.17.1 --hash=sha256:ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54\n\
    cargo-zigbuild==0.24.1 --hash=sha256:238a1ab54a95053a4eadc34775c81f795a8ad75f80bfed63f3f445f518102375\n";

/// Where they are.
pub(crate) struct Tools {
    directories: [PathBuf; 2],
}

impl Tools {
    /// Installs those that are not there.
    pub(crate) fn get() -> Result<Self> {
        let (venv, root) = (paths::scratch().join("dist-tools"), paths::scratch().join("tools"));
        let tools = Self { directories: [venv.join("bin"), root.join("bin")] };
        if !has_version(&venv.join("bin/cargo-zigbuild"), ZIGBUILD) || tools.zig().is_err() {
            install_zig(&venv)?;
        }
        // It tells cargo's version, not its own; this is cargo's list of what it installed there.
        let installed = fs::read_to_string(root.join(".crates.toml")).unwrap_or_default();
        if !installed.contains(&format!("\"cargo-auditable {AUDITABLE} ")) {
            let mut install = cargo();
            install.args([
                "install",
                "--locked",
                "--debug",
                "--force",
                "cargo-auditable",
                "--version",
                AUDITABLE,
            ]);
            process::stream(install.arg("--root").arg(root))?;
        }
        Ok(tools)
    }

    /// The directory of zig, with its licence.
    pub(crate) fn zig(&self) -> Result<PathBuf> {
        let mut python = Command::new(self.directories[0].join("python"));
        python.args(["-c", "import os, ziglang; print(os.path.dirname(ziglang.__file__))"]);
        let output = process::run(&mut python)?;
        let zig = PathBuf::from(String::from_utf8(output.stdout)?.trim());
        let version = process::run(Command::new(zig.join("zig")).arg("version"))?;
        anyhow::ensure!(version.stdout.starts_with(ZIG.as_bytes()), "zig is not of version {ZIG}");
        Ok(zig)
    }

    /// Where programs are looked for, these first.
    pub(crate) fn path(&self) -> Result<std::ffi::OsString> {
        let others = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths(self.directories.iter().cloned().chain(env::split_paths(&others)))?)
    }
}

fn has_version(program: &Path, version: &str) -> bool {
    version_of(program).is_some_and(|text| text.contains(version))
}

fn install_zig(venv: &Path) -> Result<()> {
    python::make_environment(venv)?;
    python::install(venv, REQUIREMENTS)
        .context("cannot install zig from the Python package index\n\nhint: is it reachable?")
}
