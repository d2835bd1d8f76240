//! A tree of another Debian release, made by mmdebstrap from the mirror that this
//! machine's own apt uses.
//!
//! Each is made beside its final place and renamed, so that an interrupted run leaves
//! none that counts, and is made anew when it is older than a week or other packages
//! are wanted.

use super::mirror::Mirror;
use super::system::{System, TREES, trees};
use super::versions;
use crate::{paths, process};
use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// The age from which a tree is made anew.
const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What is there once a tree is whole: the packages that were asked for. Its age is the
/// tree's.
const STAMP: &str = "packages.txt";

/// After the last package: names resolve by this file alone.
const HOSTS: &str = r#"rm -f "$1/etc/resolv.conf"; echo "127.0.0.1 localhost" > "$1/etc/hosts""#;

/// The systems whose tree is not there, or has other packages than are wanted.
pub fn missing() -> impl Iterator<Item = System> {
    TREES.into_iter().filter(|system| !is_there(*system))
}

fn is_there(system: System) -> bool {
    let stamp = fs::read_to_string(system.directory().join(STAMP));
    stamp.is_ok_and(|text| text == system.packages().join("\n"))
}

/// The one place where the clock is read.
fn is_old(system: System) -> bool {
    let made = fs::metadata(system.directory().join(STAMP)).and_then(|data| data.modified());
    // One of the future is as good as one of today.
    made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > WEEK))
}

/// Makes the trees that are missing or old, side by side.
pub fn make_all() -> Result<()> {
    fs::create_dir_all(trees())?;
    let lock = File::create(trees().join("lock"))?;
    lock.lock().context("cannot lock the trees")?;
    let due: Vec<System> = TREES.into_iter().filter(|one| !is_there(*one) || is_old(*one)).collect();
    if due.is_empty() {
        return Ok(());
    }
    let mirror = Mirror::of_this_machine()?;
    thread::scope(|scope| {
        let makers: Vec<_> = due.iter().map(|system| scope.spawn(|| make(*system, &mirror))).collect();
        let results: Vec<Result<()>> = makers
            .into_iter()
            .map(|maker| maker.join().unwrap_or_else(|_| anyhow::bail!("a thread stopped")))
            .collect();
        results.into_iter().collect()
    })
}

fn make(system: System, mirror: &Mirror) -> Result<()> {
    let (place, new) = (system.directory(), trees().join(format!("{system}.new")));
    remove(&new)?;
    fs::create_dir(&new)?;
    process::run_long(&mut command(system, mirror, &new.join("root")))
        .with_context(|| format!("cannot make the tree of {system} from the mirror that apt uses"))?;
    fs::write(new.join(versions::FILE), versions::recorded(system, &new.join("root"))?)?;
    fs::write(new.join(STAMP), system.packages().join("\n"))?;
    remove(&place)?;
    fs::rename(&new, &place)?;
    println!("ok setup: a tree of Debian {system} in `{}`", place.display());
    Ok(())
}

fn command(system: System, mirror: &Mirror, root: &Path) -> Command {
    let mut command = Command::new("mmdebstrap");
    command
        .args(["--mode=root", "--variant=apt", "--format=directory"])
        // The mirror may be a frozen one.
        .arg(r#"--aptopt=Acquire::Check-Valid-Until "false""#)
        .arg(r#"--aptopt=APT::Install-Recommends "false""#)
        .args(["--dpkgopt=force-unsafe-io", "--dpkgopt=path-exclude=/usr/share/man/*"])
        .args(["--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/doc/*"])
        .arg(format!("--include={}", system.packages().join(",")))
        .arg(format!("--customize-hook={HOSTS}"))
        .args([system.name(), &root.display().to_string(), &mirror.line(system.name())])
        .env("TMPDIR", trees());
    command
}

/// Removes a tree; what is mounted in it by others is not entered.
fn remove(directory: &Path) -> Result<()> {
    process::run(Command::new("rm").args(["-rf", "--one-file-system"]).arg(directory))?;
    Ok(())
}

/// How to make the tree of `system` by hand.
pub fn describe(system: System) -> Result<String> {
    let mirror = Mirror::of_this_machine()?;
    Ok(process::describe(&command(system, &mirror, &paths::scratch().join(system.name()))))
}
