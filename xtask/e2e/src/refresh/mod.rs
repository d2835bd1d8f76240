//! `refresh` on the caches of real package managers: what goes over the wire,
//! and that the result is what they would have fetched themselves.

mod age;
mod attributes;
mod caches;
mod daemon;
mod expiry;
mod hooks;
mod install_root;
mod mirrors;
mod overlay;
mod running;
mod settings;
mod tls;
mod trouble;
mod types;

use crate::bench::{Bench, snapshot};
use crate::copies::ZST;
use crate::gpg::{Key, SIGN};
use crate::repository::{Generator, PLAIN, Repository};
use anyhow::{Context as _, Result, ensure};
use install_root::{InstallRoot, Manager};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs;
use xtask_common::packages::Generation;
use xtask_common::process;
use xtask_common::systems::System;
use xtask_common::web::Server;

pub(crate) use caches::{shared, users};
pub(crate) use daemon::daemon;
pub(crate) use expiry::expiry;
pub(crate) use hooks::hooks;
pub(crate) use mirrors::{metalink, mirrorlist};
pub(crate) use overlay::overlay;
pub(crate) use settings::settings;
pub(crate) use tls::tls;
pub(crate) use trouble::{damage, races, trust};
pub(crate) use types::types;

/// Debian's `createrepo_c` with xz.
const XZ: Generator = Generator { compression: "xz", ..PLAIN };

/// The package managers of a system.
fn managers(system: System) -> &'static [Manager] {
    match system {
        System::Host | System::Trixie => &[Manager::Dnf, Manager::Zypper],
        System::Testing => &[Manager::Dnf5, Manager::Zypper],
    }
}

/// A signed repository that moves on, on a web server.
struct Stage<'a> {
    bench: &'a Bench<'a>,
    key: Key,
    repository: Repository<'a>,
    server: Server,
    /// Lines for the main section of dnf.conf in roots that are made from now on.
    main: Cell<&'static str>,
}

impl<'a> Stage<'a> {
    /// At the first generation; `directives` are for nginx.
    fn new(bench: &'a Bench<'a>, generator: &'a Generator, directives: &str) -> Result<Self> {
        let repository = Repository::new(bench, generator, "repo")?;
        let server = Server::nginx(bench.work, &repository.root, directives)?;
        let stage = Self { bench, key: Key::new(bench.work)?, repository, server, main: Cell::new("") };
        stage.publish(0)?;
        Ok(stage)
    }

    /// Publishes this generation, with deltas and a signature.
    fn publish(&self, number: usize) -> Result<()> {
        self.publish_with(number, |_| Ok(()))
    }

    /// As [`Self::publish`]; `change` has its way with what createrepo_c made.
    fn publish_with(&self, number: usize, change: impl FnOnce(&Generation) -> Result<()>) -> Result<()> {
        let generation: &Generation =
            self.bench.generations.get(number).context("there are too few generations")?;
        self.repository.create(generation)?;
        change(generation)?;
        let mut signing = self.repository.generate_command(&["--sign-command", SIGN]);
        self.key.set_home(&mut signing);
        process::run(&mut signing)?;
        self.key.sign(&self.repository.repomd())
    }

    /// A root directory whose package manager has filled its cache.
    fn install_root(&self, manager: Manager, name: &str) -> Result<InstallRoot<'a>> {
        let source = format!("baseurl={}", self.server.url());
        let root = InstallRoot::new(self.bench, manager, name, &source, &self.key.public)?;
        root.configure(self.main.get())?;
        root.fill()?;
        self.server.requests()?;
        Ok(root)
    }

    /// As [`Self::install_root`], one of each package manager.
    fn install_roots(&self, name: &str) -> Result<Vec<InstallRoot<'a>>> {
        managers(self.bench.system).iter().map(|manager| self.install_root(*manager, name)).collect()
    }

    /// Fails unless the package manager finds in its cache what a new one would
    /// fetch, and fetches nothing more than repomd.xml for it.
    fn check(&self, root: &InstallRoot<'a>, label: &str) -> Result<()> {
        self.server.requests()?;
        let listing = root.list(true)?;
        let requests = self.server.requests()?;
        ensure!(!requests.is_empty(), "{label}: {} asked nobody", root.manager);
        let more: Vec<_> = requests.iter().filter(|(path, _)| !is_document(path)).collect();
        ensure!(more.is_empty(), "{label}: {} fetched more: {more:?}", root.manager);
        self.compare(root, &listing, label)?;
        let shown: Vec<&str> = requests.iter().map(|(path, _)| path.as_str()).collect();
        self.bench.ok(format!("{label}: {} then fetched {}", root.manager, shown.join(", ")));
        Ok(())
    }

    /// Fails unless the cache, and what is listed from it, are those of a new one.
    fn compare(&self, root: &InstallRoot<'a>, listing: &str, label: &str) -> Result<()> {
        let fresh = self.install_root(root.manager, &format!("fresh-{label}"))?;
        let expected = fresh.list(false)?;
        ensure!(expected.contains("brambleshell"), "a new cache lists no packages:\n{expected}");
        ensure!(*listing == expected, "{label}: {} lists something else than from a new cache", root.manager);
        let (ours, theirs) = (root.repodata()?, fresh.repodata()?);
        let mut compared = 0;
        for (path, content) in snapshot(&theirs)? {
            let name = path.strip_prefix(&theirs)?;
            let found =
                fs::read(ours.join(name)).with_context(|| format!("{label}: no {}", name.display()))?;
            ensure!(found == content, "{label}: `{}` differs from that of a new cache", name.display());
            compared += 1;
        }
        let lines = listing.lines().count();
        self.bench.ok(format!("{label}: {compared} files and {lines} lines as from a new cache"));
        Ok(())
    }
}

/// repomd.xml, what belongs to it, and what zypper asks of media.
fn is_document(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    ["repomd.xml", "repomd.xml.asc", "repomd.xml.key", "media"].contains(&name) || mirrors::is_list(name)
}

fn is_delta(path: &str) -> bool {
    path.contains(".delta") || path.ends_with(".journal")
}

/// Fails unless deltas were asked for, and besides them documents alone.
fn ensure_deltas_alone(who: impl Display, requests: &[(String, u16)]) -> Result<()> {
    let more: Vec<_> = requests.iter().filter(|(path, _)| !is_document(path) && !is_delta(path)).collect();
    ensure!(more.is_empty(), "{who}: more than deltas: {more:?}");
    ensure!(requests.iter().any(|(path, _)| is_delta(path)), "{who}: no deltas: {requests:?}");
    Ok(())
}

/// Deflated by zlib.
pub(crate) fn gz(bench: &Bench<'_>) -> Result<()> {
    codec(bench, &PLAIN)
}

/// By liblzma.
pub(crate) fn xz(bench: &Bench<'_>) -> Result<()> {
    codec(bench, &XZ)
}

/// By libzstd.
pub(crate) fn zst(bench: &Bench<'_>) -> Result<()> {
    codec(bench, &ZST)
}

/// Caches are filled, the repository moves on, and they follow by deltas.
fn codec(bench: &Bench<'_>, generator: &Generator) -> Result<()> {
    let stage = Stage::new(bench, generator, "")?;
    stage.publish(1)?;
    let roots = stage.install_roots("old")?;
    for root in &roots {
        attributes::mark(&root.repodata()?)?;
    }
    for number in 2..6 {
        stage.publish(number)?;
    }
    for root in &roots {
        let manager = root.manager;
        let before = root.files()?;
        root.refresh_to("refreshed", &["--dry-run"])?;
        ensure!(root.files()? == before, "{manager}: a dry run changed something");
        bench.ok(format!("{manager}: a dry run changes nothing"));

        stage.server.requests()?;
        let report = root.refresh_to("refreshed", &[])?;
        let requests = stage.server.requests()?;
        ensure_deltas_alone(manager, &requests)?;
        let (documents, deltas): (Vec<_>, Vec<_>) = requests.iter().partition(|(path, _)| is_document(path));
        ensure!(documents.len() == 2, "{manager}: not repomd.xml and its signature: {requests:?}");
        let files: BTreeSet<&str> = deltas.iter().map(|(path, _)| path.as_str()).collect();
        let (journals, deltas): (Vec<&str>, Vec<&str>) =
            files.into_iter().partition(|path| path.ends_with(".journal"));
        ensure!(
            journals.len() == 1 && deltas.len() < manager.types(bench.system),
            "{manager}: not one journal, and deltas of types that it does not serve: {requests:?}"
        );
        let deltas = deltas.len();
        bench.ok(format!(
            "{manager}: repomd.xml, its signature, the journal and {deltas} deltas, {} bytes instead of {}",
            report["bytes_downloaded"], report["repositories"][0]["bytes_full"]
        ));
        attributes::ensure_marked(&root.repodata()?)?;
        bench.ok(format!("{manager}: owners, modes and labels are as they were"));
        stage.check(root, "refreshed")?;

        root.refresh_to("current", &[])?;
        bench.ok(format!("{manager}: a second run finds it current"));
    }

    // What was noted of the recipes does not depend on the state of a cache.
    stage.publish(6)?;
    for root in &roots {
        root.list(true)?;
    }
    stage.publish(7)?;
    for root in &roots {
        root.refresh_to("refreshed", &[])?;
        stage.check(root, "after-a-download")?;
    }
    Ok(())
}
