//! The Debian packages: `contrib/debian`, by the dpkg-buildpackage and debhelper of the Debian that they are
//! installed in: what debhelper writes into the packages' scripts changes from release to release.

use super::life::Fresh;
use super::vendored;
use super::{Build, collect, lint};
use crate::archive;
use anyhow::{Context as _, Result, ensure};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::systems::{Guest, PATH, System};
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
    let left = fresh
        .shell("find /etc /usr /var/cache /var/lib -name '*createrepo*delta*' ! -path '/var/lib/dpkg/*'")?;
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
    let (guest, cargo) = builder(build)?;
    let mut package = guest.command("unshare");
    build.surround(&mut package);
    // Cargo is newer than this Debian's, or stands in for it, and is no package.
    package
        .args(["--net", "--", "env"])
        .arg(format!("--chdir={}", source.display()))
        .args(["dpkg-buildpackage", "-b", "-us", "-uc", "-d"])
        .env("PATH", format!("{}:{PATH}", cargo.display()))
        .env("DEB_BUILD_OPTIONS", "nocheck noautodbgsym");
    process::run_long(&mut package).context("cannot build the Debian packages")?;
    vendored::check(&source)?;
    let packages = collect(&top, "deb", &build.work.join(format!("release-{release}")))?;
    println!("ok packages: {} Debian packages of release {release}, built without a network", packages.len());
    Ok(packages)
}

/// A system to build in, and where cargo is there.
fn builder(build: &Build) -> Result<(Guest, PathBuf)> {
    let root = System::Testing.root();
    if let Some(cargo) = &build.cargo {
        let program = paths::program()?;
        let beside = program.parent().context("the program has no directory")?;
        return Ok((Guest::start(&root, &[&build.work, cargo, beside])?, cargo.clone()));
    }
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = process::run(Command::new(rustc).args(["--print", "sysroot"]))?.stdout;
    let sysroot = PathBuf::from(String::from_utf8(sysroot)?.trim());
    ensure!(
        sysroot != Path::new("/usr"),
        "cannot build in a tree with this machine's cargo, which is spread over `/usr`\n\nhint: use one that rustup has \
         installed"
    );
    Ok((Guest::start(&root, &[&build.work, &sysroot])?, sysroot.join("bin")))
}
