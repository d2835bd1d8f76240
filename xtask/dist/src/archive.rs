//! Archives whose bytes depend on the files' names, content and executable bit alone.

use anyhow::Result;
use std::path::Path;
use std::process::Command;
use xtask_common::process;

/// Packs `parent/name` into `archive`, in the order of the names, with root as the owner of
/// everything and `time` as the time of everything.
pub(crate) fn pack(parent: &Path, name: &str, time: u64, archive: &Path) -> Result<()> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--format=gnu", "--sort=name", "--owner=root:0", "--group=root:0"])
        .args(["--mode=u+rw,go=rX", "--use-compress-program=gzip --no-name"])
        .arg(format!("--mtime=@{time}"))
        .arg("--file")
        .arg(archive)
        .arg("-C")
        .arg(parent)
        .arg(name)
        // The order of names is that of their bytes.
        .env("LC_ALL", "C");
    process::run_long(&mut tar).map(drop)
}

/// Unpacks `archive` below `directory`.
pub(crate) fn unpack(archive: &Path, directory: &Path) -> Result<()> {
    std::fs::create_dir_all(directory)?;
    process::run(Command::new("tar").arg("-xf").arg(archive).arg("-C").arg(directory)).map(drop)
}
