//! The RPM packages: `contrib/rpm`, by rpmbuild.

use super::life::Fresh;
use super::{Build, base, collect, lint};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask_common::{paths, process};

const SPEC: &str = "contrib/rpm/createrepo-delta.spec";
const RELEASE: &str = "Release:        1";

pub(super) fn run(build: &Build) -> Result<()> {
    let old = make(build, "0.1")?;
    let new = make(build, "1")?;
    let mut rpmlint = Command::new("rpmlint");
    rpmlint.arg("--rpmlintrc").arg(paths::root().join("contrib/rpm/createrepo-delta.rpmlintrc"));
    lint(rpmlint.args(&new), &[": E: ", ": W: "])?;

    let root = base::root(&build.work)?;
    let fresh = Fresh::start(&root, &build.work)?;
    let rpm = |action: &str, words: &[PathBuf]| {
        let (mut rpm, root) = fresh.outside("rpm");
        process::run(base::within(&mut rpm, root).arg(action).args(words))
    };
    rpm("--install", &old)?;
    fresh.installed(&build.version)?;
    fresh.change()?;
    rpm("--upgrade", &new)?;
    let found = rpm("--query", &["--queryformat=%{RELEASE}".into(), "createrepo-delta".into()])?.stdout;
    ensure!(found == b"1", "expected release 1, found {}", String::from_utf8_lossy(&found));
    fresh.upgraded()?;
    rpm("--erase", &["createrepo-delta".into(), "createrepo-delta-client".into()])?;
    fresh.removed(".rpmsave")
}

/// The packages of a release, and their source package.
fn make(build: &Build, release: &str) -> Result<Vec<PathBuf>> {
    let top = build.work.join("top");
    paths::make_empty(&top)?;
    let spec = process::run(
        Command::new("tar")
            .arg("-xOf")
            .arg(&build.archive)
            .arg(format!("createrepo-delta-{}/{SPEC}", build.version)),
    )?;
    let spec = String::from_utf8(spec.stdout)?;
    ensure!(spec.contains(RELEASE), "expected `{RELEASE}` in `{SPEC}`");
    let file = top.join("createrepo-delta.spec");
    fs::write(&file, spec.replace(RELEASE, &format!("Release:        {release}")))?;
    let sources = build.archive.parent().context("the archive has no directory")?;
    let mut rpmbuild = build.command("rpmbuild");
    rpmbuild
        // Cargo and a compiler are here, but not as packages of RPM.
        .args(["-bb", "--nodeps", "--without", "check"])
        .arg("--define")
        .arg(format!("_topdir {}", top.display()))
        // They are thrown away; the usual compression takes minutes.
        .args(["--define", "_binary_payload w1.gzdio"])
        .arg("--define")
        .arg(format!("_sourcedir {}", sources.display()))
        .arg(&file);
    process::run_long(&mut rpmbuild).context("cannot build the RPM packages")?;
    let packages = collect(&top, "rpm", &build.work.join(format!("release-{release}")))?;
    println!("ok packages: {} RPM packages of release {release}, built without a network", packages.len());
    let is_installed = |path: &PathBuf| !path.to_string_lossy().ends_with(".src.rpm");
    Ok(packages
        .into_iter()
        .filter(is_installed)
        .filter(|path| !path.to_string_lossy().contains("debug"))
        .collect())
}
