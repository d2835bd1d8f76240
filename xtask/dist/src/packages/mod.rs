//! `cargo xtask packages`: an RPM and a Debian package are built from the source archive
//! without a network, in two releases each; they are installed in a fresh system, run,
//! upgraded and removed.
//!
//! What is tried is what the packages' files make of the program and do to a system. So
//! cargo is asked for everything but the program itself, which is the one that the
//! other tasks use; with `--build` it is built from the archive, with little optimisation.

mod base;
mod debian;
mod life;
mod rpm;
mod vendored;

use crate::commit::Commit;
use crate::source;
use anyhow::{Context as _, Result};
use std::env;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::task::misuse;
use xtask_common::{paths, process};

/// What both kinds are made from.
struct Build {
    version: String,
    /// The source archive.
    archive: PathBuf,
    /// Where the kind has its files.
    work: PathBuf,
    /// Where a cargo is that has built the program; none to build it.
    cargo: Option<PathBuf>,
}

/// Stands in for cargo.
const BUILT: &str = "#!/bin/sh
for word; do
    if [ \"$word\" = build ]; then
        mkdir -p \"$CARGO_TARGET_DIR/release\"
        exec cp PROGRAM \"$CARGO_TARGET_DIR/release/createrepo-delta\"
    fi
done
exec CARGO \"$@\"
";

/// Makes and tries the kinds that the arguments name, or both.
pub(crate) fn run(words: &[&str]) -> Result<()> {
    let mut kinds: Vec<&str> = Vec::new();
    let (mut archive, mut is_built_here) = (None, false);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "rpm" | "deb" => kinds.push(word),
            "--build" => is_built_here = true,
            "--archive" => archive = Some(PathBuf::from(words.next().context("--archive needs a path")?)),
            _ => return Err(misuse(format_args!("unknown option `{word}`"))),
        }
    }
    if kinds.is_empty() {
        kinds = vec!["rpm", "deb"];
    }
    let commit = Commit::of_checkout()?;
    let scratch = paths::scratch().join("packages");
    fs::create_dir_all(&scratch)?;
    let archive = match archive {
        Some(path) => path.canonicalize().with_context(|| format!("cannot find `{}`", path.display()))?,
        None => source::make(&commit, &scratch, &scratch)?,
    };
    let cargo = if is_built_here { None } else { Some(stand_in(&scratch)?) };
    for kind in kinds {
        let work = scratch.join(kind);
        fs::create_dir_all(&work)?;
        let (version, archive, cargo) = (commit.version.clone(), archive.clone(), cargo.clone());
        let build = Build { version, archive, work, cargo };
        if kind == "rpm" { rpm::run(&build)? } else { debian::run(&build)? }
    }
    Ok(())
}

/// The directory of a cargo that has built the program.
fn stand_in(scratch: &Path) -> Result<PathBuf> {
    let directory = scratch.join("bin");
    paths::make_empty(&directory)?;
    let cargo = env::var("CARGO").context("this is not run by cargo")?;
    let script = BUILT
        .replace("PROGRAM", &paths::program()?.display().to_string())
        .replace("CARGO ", &format!("{cargo} "));
    let file = directory.join("cargo");
    fs::write(&file, script)?;
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755))?;
    Ok(directory)
}

impl Build {
    /// A program that builds and reaches no network.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("unshare");
        if let Some(directory) = &self.cargo {
            command.env("PATH", format!("{}:{}", directory.display(), env::var("PATH").unwrap_or_default()));
        }
        command.args(["--net", "--", program]);
        self.surround(&mut command);
        command
    }

    /// What cargo is told; what it built for the first of two releases is there for the second.
    fn surround(&self, command: &mut Command) {
        // What was put there is not what cargo built.
        let target = self.work.join(if self.cargo.is_some() { "target" } else { "built" });
        command
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "line-tables-only")
            .env("CARGO_PROFILE_RELEASE_LTO", "false")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
    }
}

/// Copies the files named `*.extension` below `from` into the new directory `to`; the copies.
fn collect(from: &Path, extension: &str, to: &Path) -> Result<Vec<PathBuf>> {
    paths::make_empty(to)?;
    let mut copies = Vec::new();
    for file in paths::files(from)? {
        let name = file.file_name().unwrap_or_default();
        if file.extension().is_some_and(|found| found == extension) && !file.starts_with(to) {
            fs::copy(&file, to.join(name))?;
            copies.push(to.join(name));
        }
    }
    Ok(copies)
}

/// Fails, with what it says, if a checker of packages has an error or a warning.
fn lint(command: &mut Command, complaints: &[&str]) -> Result<()> {
    let output = process::attempt(command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let is_clean = output.status.success()
        && !text.lines().any(|line| complaints.iter().any(|word| line.contains(word)));
    anyhow::ensure!(is_clean, "{}", process::failure(command, &output));
    println!("ok packages: {} finds nothing but what has a reason", command.get_program().to_string_lossy());
    Ok(())
}
