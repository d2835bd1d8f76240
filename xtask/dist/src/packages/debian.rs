//! The Debian packages: `contrib/debian`, by dpkg-buildpackage.

use super::life::Fresh;
use super::{Build, collect, lint};
use crate::archive;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask_common::systems::System;
use xtask_common::{paths, process};

pub(super) fn run(build: &Build) -> Result<()> {
    let old = make(build, "0.1")?;
    let new = make(build, "1")?;
    let mut lintian = Command::new("lintian");
    lintian.args(["--fail-on", "error,warning", "--allow-root", "--tag-display-limit", "0"]);
    lint(lintian.args(&new), &["E: ", "W: "])?;

    let fresh = Fresh::start(&System::Testing.root(), &build.work)?;
    let dpkg = |action: &str, words: &[PathBuf]| {
        process::run(fresh.command("dpkg").args([action, "--force-confold"]).args(words)).map(drop)
    };
    let names: [PathBuf; 2] = ["createrepo-delta-client".into(), "createrepo-delta".into()];
    dpkg("--install", &old)?;
    fresh.installed(&build.version)?;
    fresh.change()?;
    dpkg("--install", &new)?;
    let found = fresh.shell("dpkg-query --show --showformat '${Version}' createrepo-delta")?;
    ensure!(found == format!("{}-1", build.version), "expected release 1, found {found}");
    fresh.upgraded()?;
    dpkg("--remove", &names)?;
    // Changed configuration stays until the package is purged.
    fresh.removed("")?;
    dpkg("--purge", &names)?;
    let left = fresh.shell("find /etc /usr /var/lib -name '*createrepo*delta*' ! -path '/var/lib/dpkg/*'")?;
    ensure!(left.is_empty(), "a purge leaves\n{left}");
    println!("ok packages: a purge leaves nothing");
    Ok(())
}

/// The packages of a release.
fn make(build: &Build, release: &str) -> Result<Vec<PathBuf>> {
    let top = build.work.join("top");
    paths::make_empty(&top)?;
    archive::unpack(&build.archive, &top)?;
    let source = top.join(format!("createrepo-delta-{}", build.version));
    fs::rename(source.join("contrib/debian"), source.join("debian"))?;
    let changes = source.join("debian/changelog");
    let text = fs::read_to_string(&changes)?;
    let first = format!("createrepo-delta ({}-1)", build.version);
    ensure!(text.starts_with(&first), "expected `{first}` in `debian/changelog`");
    fs::write(&changes, text.replacen("-1)", &format!("-{release})"), 1))?;
    let mut package = build.command("dpkg-buildpackage");
    // A newer cargo than this machine's Debian has is here.
    package
        .current_dir(&source)
        .args(["-b", "-us", "-uc", "-d"])
        .env("DEB_BUILD_OPTIONS", "nocheck noautodbgsym");
    process::run_long(&mut package).context("cannot build the Debian packages")?;
    let packages = collect(&top, "deb", &build.work.join(format!("release-{release}")))?;
    println!("ok packages: {} Debian packages of release {release}, built without a network", packages.len());
    Ok(packages)
}
