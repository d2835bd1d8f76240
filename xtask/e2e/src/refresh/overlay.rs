//! Caches, and a copy, that come from a lower layer of overlayfs, as from the image of a
//! container: their directories can be neither exchanged nor renamed.

use super::{PLAIN, Stage};
use crate::bench::Bench;
use crate::cache::Cache;
use anyhow::{Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::process;

/// A file system of its own; unmounted when dropped.
struct Tmpfs(PathBuf);

impl Tmpfs {
    fn mount(at: &Path, kilobytes: u32) -> Result<Self> {
        fs::create_dir_all(at)?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"]).arg(at);
        process::run(&mut mount)?;
        Ok(Self(at.to_owned()))
    }
}

impl Drop for Tmpfs {
    fn drop(&mut self) {
        // A work directory that cannot be removed says so later.
        let _ = process::attempt(Command::new("umount").arg(&self.0));
    }
}

/// An overlay; unmounted when dropped, before the file system of its upper layer.
struct Overlay {
    at: PathBuf,
    _upper: Tmpfs,
}

impl Overlay {
    /// Mounts one over the directory `at`, with that as its lower layer: paths stay.
    fn mount(at: &Path) -> Result<Self> {
        // An overlay cannot be the upper layer of another one.
        let layers = at.with_extension("layers");
        let upper = Tmpfs::mount(&layers, 64 << 10)?;
        let (changes, scratch) = (layers.join("upper"), layers.join("work"));
        fs::create_dir(&changes)?;
        fs::create_dir(&scratch)?;
        let options = format!(
            "redirect_dir=off,lowerdir={},upperdir={},workdir={}",
            at.display(),
            changes.display(),
            scratch.display()
        );
        process::run(Command::new("mount").args(["-t", "overlay", "-o", &options, "overlay"]).arg(at))?;
        Ok(Self { at: at.to_owned(), _upper: upper })
    }
}

impl Drop for Overlay {
    fn drop(&mut self) {
        // A work directory that cannot be removed says so later.
        let _ = process::attempt(Command::new("umount").arg(&self.at));
    }
}

/// All of them are brought up to date, twice.
pub(crate) fn overlay(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let roots = stage.install_roots("image")?;
    let copy = Cache::new(bench, "copy", Some(&stage.key.public));
    copy.update(&stage.server.url(), &[])?;

    let places = roots.iter().map(|root| &root.path).chain([&copy.directory]);
    let _overlays = places.map(|place| Overlay::mount(place)).collect::<Result<Vec<_>>>()?;
    ensure_unmovable(&copy.directory)?;
    for number in [2, 3] {
        stage.publish(number)?;
        let label = format!("generation-{number}");
        for root in &roots {
            root.refresh_to("refreshed", &[])?;
            stage.check(root, &format!("overlay-{label}"))?;
            ensure_clean(&root.repodata()?)?;
        }
        let report = copy.update(&stage.server.url(), &[])?;
        ensure!(report["changed"] == true, "the copy has not changed: {report:#}");
        copy.check(&stage.repository.root, &label)?;
        ensure_clean(&copy.directory.join("repodata"))?;
        bench.ok(format!("caches and a copy of a lower layer are at {label}"));
    }
    Ok(())
}

/// Fails where the system would rename a directory of the lower layer.
fn ensure_unmovable(copy: &Path) -> Result<()> {
    let moved = fs::rename(copy.join("repodata"), copy.join("moved"));
    ensure!(
        moved.is_err_and(|error| error.kind() == std::io::ErrorKind::CrossesDevices),
        "a directory of a lower layer can be renamed here"
    );
    Ok(())
}

/// Fails if something was left beside `repodata/`.
fn ensure_clean(repodata: &Path) -> Result<()> {
    for name in [".createrepo-delta.new.repodata", ".createrepo-delta.old.repodata"] {
        let left = repodata.with_file_name(name);
        ensure!(!left.exists(), "`{}` was left behind", left.display());
    }
    Ok(())
}
