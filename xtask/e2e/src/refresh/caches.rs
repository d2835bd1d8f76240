//! Whose caches there are with dnf5: root's, those of users, which are copies of root's
//! where there is one, and `PackageKit`'s. Where they are read, one young enough asks nobody.

use super::{PLAIN, Stage, is_delta, is_document};
use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::Path;
use std::process::Command;
use xtask_common::process;

/// Users without a name.
const JOE: u32 = 1000;
const JANE: u32 = 1001;

/// dnf5 then asks whether its cache is current.
const EXPIRED: &str = "--setopt=metadata_expire=0";
/// As `PackageKit` uses libdnf5.
const PACKAGEKIT: [&str; 2] =
    ["--setopt=cachedir=/var/cache/PackageKit/1/metadata", "--setopt=optional_metadata_types=appstream"];

/// A system in which dnf5 has the repository of a stage, by the name of `demo`.
struct Users<'a> {
    bench: &'a Bench<'a>,
    stage: Stage<'a>,
}

impl<'a> Users<'a> {
    fn new(bench: &'a Bench<'a>) -> Result<Self> {
        let stage = Stage::new(bench, &PLAIN, "")?;
        stage.publish(1)?;
        let guest = bench.guest()?;
        let repositories = guest.place("/etc/yum.repos.d");
        fs::create_dir_all(&repositories)?;
        let text = format!("[demo]\nname=Demo\ngpgcheck=0\nbaseurl={}\n", stage.server.url());
        fs::write(repositories.join("demo.repo"), text)?;
        for user in [JOE, JANE] {
            let home = guest.place(&home(user));
            fs::create_dir_all(&home)?;
            chown(&home, Some(user), Some(user))?;
        }
        Ok(Self { bench, stage })
    }

    /// A program, run by root or this user.
    fn command(&self, user: Option<u32>, program: impl AsRef<Path>) -> Command {
        let mut command = self.bench.command(if user.is_some() { "setpriv" } else { "env" });
        if let Some(user) = user {
            let ids = [format!("--reuid={user}"), format!("--regid={user}")];
            command.args(ids).args(["--clear-groups", "env", &format!("HOME={}", home(user))]);
        }
        command.arg("LC_ALL=C.UTF-8").arg(program.as_ref());
        command
    }

    fn dnf5(&self, user: Option<u32>, arguments: &[&str]) -> Result<()> {
        let mut command = self.command(user, "dnf5");
        command.args(["--quiet", "--releasever=1"]).args(arguments);
        process::run(&mut command)?;
        Ok(())
    }

    /// What `refresh` reports of each cache.
    fn refresh(&self, user: Option<u32>) -> Result<Vec<Value>> {
        let mut command = self.command(user, self.bench.binary());
        command.args(["refresh", "--dnf5", "--json", "--releasever", "1"]);
        let output = process::run(&mut command)?;
        let report: Value = serde_json::from_slice(&output.stdout)?;
        Ok(report["repositories"].as_array().context("the report has no repositories")?.clone())
    }

    /// Fails unless repomd.xml is all that was asked for.
    fn ensure_documents_only(&self, who: &str) -> Result<()> {
        let requests = self.stage.server.requests()?;
        let is_one = matches!(&*requests, [(path, _)] if is_document(path));
        ensure!(is_one, "{who} asked for more than repomd.xml: {requests:?}");
        self.bench.ok(format!("{who} then fetches repomd.xml"));
        Ok(())
    }
}

fn home(user: u32) -> String {
    format!("/home/{user}")
}

/// Fails unless all below `path` belongs to `user`.
fn ensure_owner(path: &Path, user: u32) -> Result<()> {
    let found = fs::symlink_metadata(path)?;
    ensure!(found.uid() == user, "`{}` belongs to {}", path.display(), found.uid());
    if found.is_dir() {
        for entry in fs::read_dir(path)? {
            ensure_owner(&entry?.path(), user)?;
        }
    }
    Ok(())
}

/// A user's own cache, and then root's.
pub(crate) fn users(bench: &Bench<'_>) -> Result<()> {
    let users = Users::new(bench)?;
    users.dnf5(Some(JOE), &["makecache"])?;
    users.stage.publish(2)?;
    let reports = users.refresh(Some(JOE))?;
    ensure!(reports.len() == 1 && reports[0]["outcome"] == "refreshed", "not refreshed: {reports:#?}");
    ensure_owner(&bench.guest()?.place(&home(JOE)), JOE)?;
    bench.ok("a user's cache is refreshed and belongs to that user");
    users.stage.server.requests()?;
    users.dnf5(Some(JOE), &[EXPIRED, "makecache"])?;
    users.ensure_documents_only("the user's dnf5")?;

    users.dnf5(None, &["makecache"])?;
    users.stage.publish(3)?;
    let reports = users.refresh(Some(JOE))?;
    ensure!(reports[0]["reason_code"] == "system_cache", "not left: {reports:#?}");
    bench.ok("a user's cache is left where root has one");
    let reports = users.refresh(None)?;
    ensure!(reports.len() == 1 && reports[0]["outcome"] == "refreshed", "not refreshed: {reports:#?}");
    users.stage.server.requests()?;
    users.dnf5(Some(JANE), &["repoquery"])?;
    let requests = users.stage.server.requests()?;
    ensure!(requests.is_empty(), "a user without a cache asked: {requests:?}");
    ensure_owner(&bench.guest()?.place(&home(JANE)), JANE)?;
    bench.ok("a user without a cache gets root's refreshed one, and asks for nothing");
    Ok(())
}

/// Root's cache and `PackageKit`'s, by one download.
pub(crate) fn shared(bench: &Bench<'_>) -> Result<()> {
    let users = Users::new(bench)?;
    let packagekit = |more: &[&'static str]| [&PACKAGEKIT[..], more].concat();
    users.dnf5(None, &["makecache"])?;
    users.dnf5(None, &packagekit(&["makecache"]))?;
    users.stage.publish(2)?;
    users.stage.server.requests()?;
    let reports = users.refresh(None)?;
    let outcomes: Vec<_> = reports.iter().map(|one| (&one["manager"], &one["outcome"])).collect();
    let expected = ["dnf5", "packagekit"].map(|manager| (Value::from(manager), Value::from("refreshed")));
    ensure!(outcomes.iter().copied().eq(expected.iter().map(|(a, b)| (a, b))), "{reports:#?}");
    let requests = users.stage.server.requests()?;
    let documents = requests.iter().filter(|(path, _)| is_document(path)).count();
    let is_one_download =
        documents == 1 && requests.iter().all(|(path, _)| is_document(path) || is_delta(path));
    ensure!(is_one_download, "more than one download: {requests:?}");
    bench.ok("two caches of one repository are refreshed by one download");
    users.dnf5(None, &[EXPIRED, "makecache"])?;
    users.ensure_documents_only("dnf5")?;
    users.dnf5(None, &packagekit(&[EXPIRED, "makecache"]))?;
    users.ensure_documents_only("PackageKit's libdnf5")?;
    Ok(())
}
