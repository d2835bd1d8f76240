//! A cache that is replaced while dnf5 reads it: each call finds one generation or the
//! other, whole. Its daemon has a cache of its own, of which the same must be true.
//!
//! What is tolerated: a dnf5 that read the old repomd.xml just before the exchange may
//! write the old packages into `solv/` under the digest of the new one, since it takes
//! that digest, without any lock, from the repomd.xml that is there when it opens
//! primary. Who reads beside it may then list the generation before, and so would
//! all who come later. What a generation has is therefore listed without `solv/`.

use super::install_root::outcome;
use super::running::{Running, until};
use super::{PLAIN, Stage};
use crate::bench::Bench;
use crate::cache::report;
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;
use xtask_common::process;

/// What dnf5's own root has of the repository.
const REPOSITORY: &str = "/etc/yum.repos.d/demo.repo";

/// What asks the daemon.
const CLIENT: &str = "dnf5daemon-client";

/// Where dnf5 has its caches.
const CACHE: &str = "/var/cache/libdnf5";

/// Where the daemon has its own caches.
const CACHE_OF_DAEMON: &str = "/var/cache/dnf5daemon-server";

/// Times the cache is replaced.
const TIMES: usize = 5;

/// Readers that run at the same time as a refresh.
const AT_ONCE: usize = 4;

/// In the view of the case, dnf5's root is `/`.
pub(crate) fn daemon(bench: &Bench<'_>) -> Result<()> {
    let guest = bench.guest()?;
    let stage = Stage::new(bench, &PLAIN, "")?;
    stage.publish(1)?;
    fs::create_dir_all(guest.place("/etc/yum.repos.d"))?;
    let text = format!(
        "[demo]\nname=Demo\nbaseurl={}\ngpgcheck=0\nrepo_gpgcheck=1\ngpgkey=file://{}\n",
        stage.server.url(),
        stage.key.public.display()
    );
    fs::write(guest.place(REPOSITORY), text)?;
    process::run(bench.command("dnf5").args(["--assumeyes", "--releasever=1", "makecache"]))?;
    let _bus = start_bus(bench)?;
    let _authority = Running::start(bench.command("/usr/lib/polkit-1/polkitd"))?;
    let _daemon = Running::start(bench.command("dnf5daemon-server"))?;
    wait_for_daemon(bench)?;

    let mut listings = BTreeMap::from([(list(bench)?, 1)]);
    for number in 2..2 + TIMES {
        stage.publish(number)?;
        let found = meanwhile(bench, || {
            let mut refresh = bench.command(bench.binary());
            refresh.args(["refresh", "--dnf5", "--releasever", "1", "--json", "demo"]);
            let report = report(&mut refresh)?;
            ensure!(outcome(&report)? == "refreshed", "generation {number}: not refreshed: {report:#}");
            Ok(())
        })?;
        // Some generations have the same packages.
        listings.insert(list(bench)?, number);
        for (who, listing) in found {
            let generation = listings.get(&listing);
            let generation = generation.with_context(|| format!("{who} lists no generation:\n{listing}"))?;
            let is_late = generation + 1 < number && !who.contains(CLIENT);
            ensure!(!is_late, "{who} lists generation {generation}, now it is {number}");
        }
        bench.ok(format!(
            "generation {number}: each of {AT_ONCE} calls of dnf5 and its daemon finds a whole one"
        ));
    }
    let caches = fs::read_dir(guest.place(CACHE_OF_DAEMON))?.count();
    ensure!(caches > 0, "the daemon has no cache in `{CACHE_OF_DAEMON}`");
    bench.ok("the daemon's cache is another one");
    Ok(())
}

/// What readers list that run while `refresh` does.
fn meanwhile(bench: &Bench<'_>, refresh: impl FnOnce() -> Result<()>) -> Result<Vec<(String, String)>> {
    let commands: Vec<Command> =
        (0..AT_ONCE).map(|at| if at % 2 == 0 { dnf5(bench) } else { by_daemon(bench) }).collect();
    thread::scope(|scope| {
        let readers: Vec<_> = commands
            .into_iter()
            .enumerate()
            .map(|(at, mut command)| {
                scope.spawn(move || {
                    thread::sleep(Duration::from_millis(40 * at as u64));
                    let output = process::run(&mut command)?;
                    anyhow::Ok((process::describe(&command), sorted(&output.stdout)))
                })
            })
            .collect();
        refresh()?;
        readers
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| anyhow::bail!("a thread stopped")))
            .collect()
    })
}

/// What is in the cache now, by its metadata alone.
fn list(bench: &Bench<'_>) -> Result<String> {
    for cache in fs::read_dir(bench.guest()?.place(CACHE))? {
        let solv = cache?.path().join("solv");
        if solv.is_dir() {
            fs::remove_dir_all(&solv).with_context(|| format!("cannot remove `{}`", solv.display()))?;
        }
    }
    Ok(sorted(&process::run(&mut dnf5(bench))?.stdout))
}

fn dnf5(bench: &Bench<'_>) -> Command {
    let mut command = bench.command("dnf5");
    command.args(["--quiet", "--releasever=1", "--cacheonly", "repoquery"]);
    command
}

fn by_daemon(bench: &Bench<'_>) -> Command {
    let mut command = bench.command(CLIENT);
    command.args(["--releasever=1", "repoquery"]);
    command
}

/// The lines that name packages, in order.
fn sorted(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut lines: Vec<&str> = text.lines().filter(|line| line.contains(".noarch")).collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The message bus that the daemon is on.
fn start_bus(bench: &Bench<'_>) -> Result<Running> {
    let directory = bench.guest()?.place("/run/dbus");
    fs::create_dir_all(&directory)?;
    let mut command = bench.command("dbus-daemon");
    command.args(["--system", "--nofork", "--nopidfile"]);
    let bus = Running::start(command)?;
    until("the message bus is there", || Ok(directory.join("system_bus_socket").exists()))?;
    Ok(bus)
}

fn wait_for_daemon(bench: &Bench<'_>) -> Result<()> {
    until("the daemon answers", || {
        let output = process::attempt(&mut by_daemon(bench))?;
        Ok(output.status.success() && !sorted(&output.stdout).is_empty())
    })
}
