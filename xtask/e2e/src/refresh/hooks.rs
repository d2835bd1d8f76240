//! The hooks of dnf and dnf5, which run `refresh --if-expired`: what the package manager's
//! own commands fetch then, and that a hook which does not work changes nothing.

use super::age::{PACKAGE, manager_of, primary, query, set_age};
use super::install_root::{InstallRoot, Manager};
use super::{PLAIN, Stage, ensure_deltas_alone, is_delta, is_document};
use crate::bench::Bench;
use anyhow::{Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use xtask_common::{paths, process};

/// What the files of `contrib/` call.
const INSTALLED: &str = "/usr/bin/createrepo-delta";
/// Longer than `metadata_expire`.
const OLD: i64 = 3 * 24 * 60 * 60;
/// What hooks may call instead of the program.
const BROKEN: [(&str, Option<&str>); 5] = [
    ("missing", None),
    ("garbage", Some("no program")),
    ("failing", Some("#!/bin/sh\necho oops; exit 3\n")),
    ("killed", Some("#!/bin/sh\nkill -9 $$\n")),
    ("hanging", Some("#!/bin/sh\nexec sleep 60\n")),
];

/// From a hook that works to those that do not.
pub(crate) fn hooks(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    let manager = manager_of(bench)?;
    let root = stage.install_root(manager, "hooked")?;
    let hook = Hook::new(&root)?;
    hook.call(bench.binary(), None)?;
    for number in 2..5 {
        stage.publish(number)?;
    }
    refreshes(&stage, &root)?;
    leaves_alone(&stage, &root)?;
    without_release(&stage, &root)?;
    for (number, (label, content)) in (7..).zip(BROKEN) {
        if manager == Manager::Dnf5 && label == "hanging" {
            // The program ends by itself; dnf5 waits for whatever it is told to run.
            continue;
        }
        stage.publish(number)?;
        let program = bench.work.join(label);
        if let Some(content) = content {
            fs::write(&program, content)?;
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
        }
        hook.call(&program, Some(1))?;
        expire(&root)?;
        query(&root)?;
        stage.compare(&root, &root.list(false)?, label)?;
        bench.ok(format!("{manager}: {label}: it fetches everything by itself"));
    }
    without_network(stage, &root, &hook)
}

/// An expired cache costs deltas, and then nothing.
fn refreshes(stage: &Stage<'_>, root: &InstallRoot<'_>) -> Result<()> {
    let (bench, manager) = (stage.bench, root.manager);
    expire(root)?;
    stage.server.requests()?;
    process::run(&mut root.command(&["install", "--downloadonly", PACKAGE]))?;
    let requests = stage.server.requests()?;
    let packages = requests.iter().filter(|(path, _)| is_package(path)).count();
    let deltas = requests.iter().filter(|(path, _)| is_delta(path)).count();
    let documents = requests.iter().filter(|(path, _)| is_document(path)).count();
    ensure!(packages > 0 && deltas > 0, "{manager}: no packages or no deltas: {requests:?}");
    ensure!(packages + deltas + documents == requests.len(), "{manager}: full files: {requests:?}");
    ensure!(documents == 2, "{manager}: not repomd.xml and its signature, once: {requests:?}");
    bench.ok(format!("{manager} install: repomd.xml, its signature, {deltas} deltas, {packages} packages"));
    stage.compare(root, &root.list(false)?, "hooked")?;

    stage.server.requests()?;
    query(root)?;
    let requests = stage.server.requests()?;
    ensure!(requests.is_empty(), "{manager} asks again: {requests:?}");
    bench.ok(format!("{manager}: its next command asks for nothing"));

    expire(root)?;
    query(root)?;
    let requests = stage.server.requests()?;
    ensure!(requests.iter().all(|(path, _)| is_document(path)), "{manager}: more: {requests:?}");
    ensure!(requests.len() <= 2, "{manager}: asked twice: {requests:?}");
    bench.ok(format!("{manager}: an expired cache that is current costs repomd.xml"));

    // With `--installroot`, `--refresh` of dnf5 5.4 marks the caches of the system around.
    if manager == Manager::Dnf5 {
        return Ok(());
    }
    stage.publish(5)?;
    process::run(&mut root.command(&["--refresh", "repoquery", PACKAGE]))?;
    let requests = stage.server.requests()?;
    ensure_deltas_alone(manager, &requests)?;
    bench.ok(format!("{manager} --refresh: {} requests, none of them for full files", requests.len()));
    Ok(())
}

/// Commands that need no metadata, or are told not to ask.
fn leaves_alone(stage: &Stage<'_>, root: &InstallRoot<'_>) -> Result<()> {
    let manager = root.manager;
    for words in [
        &["--cacheonly", "repoquery", PACKAGE][..],
        &["history", "list"],
        &["repolist"],
        &["remove", PACKAGE],
        &["list", "--installed"],
        &["info", "--installed"],
        &["repoquery", "--installed"],
        &["repoquery", "--userinstalled"],
        &["--setopt", "retries=2", "--comment", "install", "history", "list"],
        &["clean", "packages"],
    ] {
        expire(root)?;
        stage.server.requests()?;
        process::attempt(&mut root.command(words))?;
        let requests = stage.server.requests()?;
        ensure!(requests.is_empty(), "{manager} {}: {requests:?}", words.join(" "));
    }
    stage.bench.ok(format!("{manager}: commands that need no metadata cost nothing"));
    Ok(())
}

/// Where nothing says what `$releasever` is.
fn without_release(stage: &Stage<'_>, root: &InstallRoot<'_>) -> Result<()> {
    let manager = root.manager;
    stage.publish(6)?;
    expire(root)?;
    stage.server.requests()?;
    process::run(root.command_without_release().args(["repoquery", PACKAGE]))?;
    let requests = stage.server.requests()?;
    ensure_deltas_alone(manager, &requests)?;
    stage.bench.ok(format!("{manager}: no $releasever: {} requests, none for full files", requests.len()));
    Ok(())
}

/// Where no server answers, the outcome is that without the hook.
fn without_network(stage: Stage<'_>, root: &InstallRoot<'_>, hook: &Hook) -> Result<()> {
    let bench = stage.bench;
    drop(stage);
    let mut outcomes = Vec::new();
    for program in [bench.binary(), Path::new("/bin/true")] {
        hook.call(program, None)?;
        expire(root)?;
        let output = process::attempt(&mut root.command(&["repoquery", PACKAGE]))?;
        outcomes.push((output.status.code(), output.stdout));
    }
    ensure!(outcomes.first() == outcomes.get(1), "{}: the hook makes a difference", root.manager);
    bench.ok(format!("{}: without network the hook makes no difference", root.manager));
    Ok(())
}

fn is_package(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "rpm")
}

/// Makes the cache too old.
fn expire(root: &InstallRoot<'_>) -> Result<()> {
    set_age(&primary(&root.repodata()?)?, OLD)
}

/// The files of `contrib/`, installed.
struct Hook {
    manager: Manager,
    directory: PathBuf,
}

impl Hook {
    /// For the package manager of this root directory, whose configuration then says so.
    fn new(root: &InstallRoot<'_>) -> Result<Self> {
        let directory = root.path.join("plugins");
        fs::create_dir_all(directory.join("actions.d"))?;
        let path = directory.display();
        let mut config = vec![format!("[main]\nassumeyes=1\npluginconfpath={path}\n")];
        match root.manager {
            Manager::Dnf => {
                config.push(format!("pluginpath={path}\n"));
                let name = "createrepo_delta.conf";
                fs::copy(contrib("dnf").join(name), directory.join(name))?;
            }
            _ => fs::write(directory.join("actions.conf"), "[main]\nname=actions\nenabled=1\n")?,
        }
        fs::write(root.path.join("etc/dnf/dnf.conf"), config.concat())?;
        Ok(Self { manager: root.manager, directory })
    }

    /// Lets it call `program`, and wait for it so many seconds.
    fn call(&self, program: &Path, seconds: Option<u32>) -> Result<()> {
        let (from, name) = match self.manager {
            Manager::Dnf => ("dnf", "createrepo_delta.py"),
            _ => ("dnf5", "createrepo-delta.actions"),
        };
        let text = fs::read_to_string(contrib(from).join(name))?;
        ensure!(text.contains(INSTALLED), "`{name}` does not call `{INSTALLED}`");
        let mut text = text.replace(INSTALLED, &program.to_string_lossy());
        if let Some(seconds) = seconds {
            text = text.replace("SECONDS = 15", &format!("SECONDS = {seconds}"));
        }
        let into = if self.manager == Manager::Dnf { "" } else { "actions.d" };
        Ok(fs::write(self.directory.join(into).join(name), text)?)
    }
}

fn contrib(manager: &str) -> PathBuf {
    paths::root().join("contrib").join(manager)
}
