//! Built packages, kept below `target/` and built again only when what they
//! are made from has changed.

use super::spec;
use super::timeline::{Build, Generation};
use crate::random::fingerprint;
use crate::{paths, process};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

/// Raised when the way of building changes, so that nothing old is reused.
const RECIPE: u32 = 1;

/// The packages of some generations, as files.
pub struct Pool {
    directory: PathBuf,
}

impl Pool {
    /// Builds what `generations` need and is not there yet.
    pub fn fill(generations: &[Generation]) -> Result<Self> {
        let pool = Self { directory: paths::scratch().join("rpms") };
        let mut missing = BTreeMap::new();
        for placed in generations.iter().flat_map(|one| &one.files) {
            let path = pool.path(&placed.build)?;
            if !path.exists() {
                missing.insert(path, &placed.build);
            }
        }
        if missing.is_empty() {
            return Ok(pool);
        }
        eprintln!("building {} packages", missing.len());
        let queue = Mutex::new(missing.into_iter());
        let workers = thread::available_parallelism().map_or(2, usize::from);
        thread::scope(|scope| {
            let handles: Vec<_> = (0..workers)
                .map(|worker| {
                    let queue = &queue;
                    let work = pool.directory.join(format!("build-{worker}"));
                    scope.spawn(move || -> Result<()> {
                        while let Some((path, build)) = next(queue) {
                            rpmbuild(build, &work, &path)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            handles.into_iter().try_for_each(|handle| {
                handle.join().unwrap_or_else(|_| anyhow::bail!("a building thread stopped"))
            })
        })?;
        Ok(pool)
    }

    /// Where the file of `build` is.
    pub fn path(&self, build: &Build) -> Result<PathBuf> {
        let seed = format!("{RECIPE} {} {}", build.built, spec::text(build)?);
        Ok(self.directory.join(format!("{:016x}", fingerprint(seed.as_bytes()))).join(build.file_name()))
    }
}

fn next<I: Iterator>(queue: &Mutex<I>) -> Option<I::Item> {
    queue.lock().ok()?.next()
}

fn rpmbuild(build: &Build, work: &Path, target: &Path) -> Result<()> {
    paths::make_empty(work)?;
    let (stage, list) = (work.join("stage"), work.join("files.list"));
    let spec_path = work.join(format!("{}.spec", build.entry.name));
    spec::stage(build, &stage, &list)?;
    fs::write(&spec_path, spec::text(build)?)?;
    let mut command = builder(work, build.built);
    command.arg("-bb");
    for (name, value) in [("stage", stage), ("list", list)] {
        command.args(["--define", &format!("{name} {}", value.display())]);
    }
    process::run(command.arg(&spec_path))?;
    let made = work.join("top/RPMS/noarch").join(build.file_name());
    let directory = target.parent().context("a package in no directory")?;
    fs::create_dir_all(directory)?;
    fs::rename(&made, target).with_context(|| format!("rpmbuild did not make `{}`", made.display()))
}

/// `rpmbuild` below `work` for packages of no architecture, repeatable: it is called at the
/// time `built`.
pub fn builder(work: &Path, built: u64) -> Command {
    let mut command = Command::new("rpmbuild");
    command
        .args(["--quiet", "--target", "noarch"])
        .env("HOME", work)
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .env("SOURCE_DATE_EPOCH", built.to_string());
    for (name, value) in [
        ("_topdir", &*work.join("top").display().to_string()),
        ("_dbpath", &*work.join("db").display().to_string()),
        ("_buildhost", "build.example.org"),
        ("_binary_payload", "w9.gzdio"),
        ("_changelog_trimtime", "0"),
        ("_changelog_trimage", "0"),
        ("source_date_epoch_from_changelog", "0"),
        ("use_source_date_epoch_as_buildtime", "1"),
        ("clamp_mtime_to_source_date_epoch", "1"),
        ("debug_package", "%{nil}"),
        ("__os_install_post", "%{nil}"),
    ] {
        command.args(["--define", &format!("{name} {value}")]);
    }
    command
}
