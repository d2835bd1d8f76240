//! A root directory that rpm fills: what RPM packages of this project need is one package there.
//!
//! Its files are those of packages of this machine, the one that built: what rpmbuild found that
//! they need, a C library and a version of Python, rpm finds there, or the installation fails.

use anyhow::{Context as _, Result};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// Debian's packages whose files it has, with those that they need.
const PACKAGES: [&str; 8] =
    ["dash", "coreutils", "diffutils", "findutils", "grep", "python3-minimal", "sed", "systemd"];

/// Directories that are links into /usr.
const LINKS: [&str; 4] = ["bin", "lib", "lib64", "sbin"];

const SPEC: &str = "
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
Name:     base
Version:  1
Release:  1
Summary:  What packages find in a system
License:  GPL-3.0-or-later
AutoReq:  no
Provides: /bin/sh rtld(GNU_HASH)

%description
Files of Debian's packages, as one package.

%install
cp -a FILES/. %{buildroot}

%files
/*
";

/// Makes such a root directory below `work`.
pub(super) fn root(work: &Path) -> Result<PathBuf> {
    let (files, top, root) = (work.join("base-files"), work.join("base-top"), work.join("root"));
    for directory in [&files, &top, &root] {
        paths::make_empty(directory)?;
    }
    gather(&files)?;
    let spec = top.join("base.spec");
    fs::write(&spec, SPEC.replace("FILES", &files.display().to_string()))?;
    let mut rpmbuild = Command::new("rpmbuild");
    rpmbuild.args(["-bb", "--define", "_binary_payload w1.gzdio", "--define"]);
    process::run(rpmbuild.arg(format!("_topdir {}", top.display())).arg(&spec))
        .context("cannot build a package of the base system")?;
    let packages = top.join("RPMS");
    let package = paths::files(&packages)?.pop().context("rpmbuild made no package of the base system")?;
    process::run(within(&mut Command::new("rpm"), &root).arg("--install").arg(package))
        .context("cannot install the base system")?;
    Ok(root)
}

/// Lets rpm work in a root directory, with its database where an RPM distribution has it.
pub(super) fn within<'a>(rpm: &'a mut Command, root: &Path) -> &'a mut Command {
    rpm.arg("--root").arg(root).args(["--dbpath", "/var/lib/rpm"])
}

/// Copies what the packages have below /usr, and makes the directories beside it.
fn gather(to: &Path) -> Result<()> {
    for directory in ["etc", "dev", "opt", "proc", "run", "srv", "tmp", "usr", "var/lib", "var/cache"] {
        fs::create_dir_all(to.join(directory))?;
    }
    for link in LINKS {
        fs::create_dir_all(to.join("usr").join(link))?;
        symlink(Path::new("usr").join(link), to.join(link))?;
    }
    let listed = process::run(Command::new("dpkg-query").arg("--listfiles").args(closure()?))?.stdout;
    for path in String::from_utf8(listed)?.lines().map(Path::new) {
        let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else { continue };
        // Packages of this machine may be installed without their documents.
        let Ok(directory) = directory.canonicalize() else { continue };
        let file = directory.join(name);
        let Ok(inside) = file.strip_prefix("/") else { continue };
        let is_wanted = inside.starts_with("usr") && !inside.starts_with("usr/share");
        if is_wanted && fs::symlink_metadata(&file).is_ok_and(|data| !data.is_dir()) {
            let copy = to.join(inside);
            fs::create_dir_all(copy.parent().unwrap_or(to))?;
            if fs::symlink_metadata(&file)?.is_symlink() {
                symlink(fs::read_link(&file)?, &copy)?;
            } else {
                fs::copy(&file, &copy)?;
            }
        }
    }
    Ok(())
}

/// The packages and all that they need, of those that are installed here.
fn closure() -> Result<BTreeSet<String>> {
    let mut command = Command::new("apt-cache");
    command.args(["depends", "--recurse", "--installed", "--important"]).args(PACKAGES);
    let text = String::from_utf8(process::run(&mut command)?.stdout)?;
    let is_name = |line: &&str| !line.starts_with([' ', '<', '|']);
    Ok(text.lines().filter(is_name).map(str::to_owned).collect())
}
