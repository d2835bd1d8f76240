//! Owners, modes and SELinux labels of a cache, such as nobody gives it by chance.

use anyhow::{Result, ensure};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// Of the directory and of its files.
const MODES: (u32, u32) = (0o750, 0o640);
const USER: u32 = 4711;
const GROUP: u32 = 4712;
const LABEL: &str = "system_u:object_r:rpm_var_cache_t:s0:c47,c11";

const SET: &str = "import os, sys
for path in sys.argv[2:]: os.setxattr(path, 'security.selinux', sys.argv[1].encode() + b'\\0')";
const GET: &str = "import os, sys
for path in sys.argv[1:]: print(os.getxattr(path, 'security.selinux').rstrip(b'\\0').decode())";

/// The directory, and everything in it, each with the mode that it has.
fn all(repodata: &Path) -> Result<Vec<(PathBuf, u32)>> {
    let mut paths = vec![(repodata.to_owned(), MODES.0)];
    for entry in fs::read_dir(repodata)? {
        paths.push((entry?.path(), MODES.1));
    }
    Ok(paths)
}

fn python(script: &str, label: Option<&str>, paths: &[(PathBuf, u32)]) -> Result<String> {
    let mut python = Command::new(paths::SYSTEM_PYTHON);
    python.args(["-c", script]).args(label).args(paths.iter().map(|(path, _)| path));
    Ok(String::from_utf8(process::run(&mut python)?.stdout)?)
}

/// Gives them to a cache.
pub(super) fn mark(repodata: &Path) -> Result<()> {
    let paths = all(repodata)?;
    for (path, mode) in &paths {
        fs::set_permissions(path, fs::Permissions::from_mode(*mode))?;
        chown(path, Some(USER), Some(GROUP))?;
    }
    python(SET, Some(LABEL), &paths)?;
    Ok(())
}

/// Fails unless it has them still.
pub(super) fn ensure_marked(repodata: &Path) -> Result<()> {
    let paths = all(repodata)?;
    let labels = python(GET, None, &paths)?;
    ensure!(labels.lines().count() == paths.len(), "not one label each:\n{labels}");
    let mut wrong = String::new();
    for ((path, mode), label) in paths.iter().zip(labels.lines()) {
        let found = fs::metadata(path)?;
        let found = (found.mode() & 0o7777, found.uid(), found.gid(), label);
        if found != (*mode, USER, GROUP, LABEL) {
            writeln!(wrong, "{}: {found:?}", path.display())?;
        }
    }
    ensure!(wrong.is_empty(), "other owners, modes or labels than before:\n{wrong}");
    Ok(())
}
