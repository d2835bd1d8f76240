//! What may go wrong: damaged caches, others at work, and a repository
//! that is not to be believed. The cache is good afterwards, each time.

use super::age::primary;
use super::install_root::{InstallRoot, Manager, outcome};
use super::running::{Running, until};
use super::{PLAIN, Stage, managers};
use crate::bench::{Bench, ensure_unchanged, snapshot};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;
use xtask_common::process;

type Damage = (&'static str, fn(&Path) -> Result<()>);

/// What happens to the files of a cache.
const DAMAGES: [Damage; 5] = [
    ("a-flipped-byte", |repodata| {
        let path = primary(repodata)?;
        let mut bytes = fs::read(&path)?;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x20;
        Ok(fs::write(path, bytes)?)
    }),
    ("a-short-file", |repodata| {
        let path = primary(repodata)?;
        let bytes = fs::read(&path)?;
        Ok(fs::write(path, &bytes[..bytes.len() / 2])?)
    }),
    ("a-missing-file", |repodata| Ok(fs::remove_file(primary(repodata)?)?)),
    ("half-a-repomd", |repodata| {
        let path = repodata.join("repomd.xml");
        let bytes = fs::read(&path)?;
        Ok(fs::write(path, &bytes[..bytes.len() / 2])?)
    }),
    ("leftovers", |repodata| {
        let cache = repodata.parent().context("no parent")?;
        fs::create_dir_all(cache.join(".createrepo-delta.new.repodata/x"))?;
        Ok(fs::write(cache.join(".createrepo-delta.new.repodata/repomd.xml"), "half")?)
    }),
];

/// Caches whose files are not what their repomd.xml says.
pub(crate) fn damage(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let mut roots = Vec::new();
    for (name, damage) in DAMAGES {
        for &manager in managers(bench.system) {
            let root = stage.install_root(manager, name)?;
            damage(&root.repodata()?)?;
            roots.push((name, root));
        }
    }
    for number in 2..5 {
        stage.publish(number)?;
    }
    for (name, root) in &roots {
        let manager = root.manager;
        let report = root.refresh(&[])?;
        let found = outcome(&report)?;
        ensure!(matches!(found, "refreshed" | "left"), "{manager}, {name}: {report:#}");
        bench.ok(format!("{manager}, {name}: {found}"));
        let listing = root.list(true)?;
        stage.compare(root, &listing, name)?;
    }
    Ok(())
}

/// Deltas come slowly, and so do full files.
const SLOW: &str =
    "location ~ (delta|journal) { limit_rate 500; }\nlocation ~ filelists\\.xml { limit_rate 12k; }";

/// Others at work on the same cache at the same time.
pub(crate) fn races(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, SLOW)?;
    stage.publish(1)?;
    let filled = stage.install_roots("filled")?;
    let busy = stage.install_roots("busy")?;
    for number in 2..5 {
        stage.publish(number)?;
    }
    for root in filled {
        filled_meanwhile(&stage, &root)?;
    }
    // dnf5 locks no metadata.
    for root in busy.into_iter().filter(|root| root.manager != Manager::Dnf5) {
        at_work(&stage, &root)?;
    }
    Ok(())
}

/// The package manager fetches everything while deltas are on their way.
fn filled_meanwhile(stage: &Stage<'_>, root: &InstallRoot<'_>) -> Result<()> {
    let manager = root.manager;
    let repodata = root.repodata()?;
    let before = fs::read(repodata.join("repomd.xml"))?;
    let refresh = Running::start(root.refresh_command(&[]))?;
    let cache = repodata.parent().context("no parent")?;
    let staging = cache.join(".createrepo-delta.new.repodata");
    until("refresh begins", || Ok(staging.exists()))?;
    root.fill()?;
    let theirs = snapshot(&repodata)?;
    ensure!(theirs[&repodata.join("repomd.xml")] != before, "{manager} fetched nothing");
    let status = refresh.end()?;
    ensure!(status == Some(75), "{manager}: refresh ended with {status:?}");
    ensure_unchanged(&repodata, &theirs)?;
    ensure!(!staging.exists(), "{manager}: something was left behind");
    stage.bench.ok(format!("{manager}: what it fetches while refresh runs stays, and refresh says so (75)"));
    stage.check(root, "filled-meanwhile")
}

/// The package manager holds its lock; another `refresh` does not come through.
fn at_work(stage: &Stage<'_>, root: &InstallRoot<'_>) -> Result<()> {
    let manager = root.manager;
    let repodata = root.repodata()?;
    let before = snapshot(&repodata)?;
    let lock = match manager {
        Manager::Dnf | Manager::Dnf5 => root.path.join("var/cache/dnf/metadata_lock.pid"),
        Manager::Zypper => root.path.join("run/zypp.pid"),
    };
    // A real process of the package manager, stopped while it holds its lock.
    let theirs = Running::start(root.fetch_command())?;
    let number = theirs.id().to_string();
    until("it holds its lock", || Ok(fs::read_to_string(&lock).is_ok_and(|text| text.trim() == number)))?;
    process::run(Command::new("kill").args(["-STOP", &number]))?;
    let output = process::expect(&mut root.refresh_command(&["--lock-timeout", "0.5"]), 75)?;
    let report: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(outcome(&report)? == "busy", "{manager}: not busy: {report:#}");
    let reason = report["repositories"][0]["reason"].as_str().unwrap_or_default();
    ensure!(reason.contains(&number), "{manager}: the holder is not named: {reason}");
    for (path, content) in &before {
        ensure!(fs::read(path)? == *content, "{manager}: `{}` changed", path.display());
    }
    stage.bench.ok(format!("{manager} at work: {reason} (75)"));

    // It waits as long as it is told to, and goes on when the lock is free.
    let refresh = Running::start(root.refresh_command(&["--lock-timeout", "60"]))?;
    thread::sleep(Duration::from_millis(500));
    process::run(Command::new("kill").args(["-CONT", &number]))?;
    let status = theirs.end()?;
    ensure!(status == Some(0), "{manager} ended with {status:?}");
    let status = refresh.end()?;
    ensure!(status == Some(0), "{manager}: refresh ended with {status:?}");
    stage.check(root, "at-work")
}

/// Signatures that are not good, and a repository that goes back.
pub(crate) fn trust(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let roots = stage.install_roots("old")?;
    stage.publish(2)?;
    let repomd = stage.repository.repomd();
    let good = fs::read(&repomd)?;
    let mut bad = good.clone();
    bad.push(b'\n');
    fs::write(&repomd, bad)?;
    for root in roots {
        let manager = root.manager;
        let repodata = root.repodata()?;
        let before = snapshot(&repodata)?;
        let report = root.refresh_to("left", &["--retries", "0"])?;
        ensure!(report["repositories"][0]["reason_code"] == "bad_signature", "{manager}: {report:#}");
        ensure_unchanged(&repodata, &before)?;
        bench.ok(format!("{manager}: a repomd.xml that was changed after signing is refused"));
        fs::write(&repomd, &good)?;
        let report = root.refresh_to("refreshed", &[])?;
        ensure!(report["repositories"][0]["signed_by"].is_string(), "nobody signed it: {report:#}");
        stage.check(&root, "good-again")?;
        let mut bad = good.clone();
        bad.push(b'\n');
        fs::write(&repomd, bad)?;
    }
    Ok(())
}
