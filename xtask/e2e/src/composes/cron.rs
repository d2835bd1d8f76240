//! The compose script, run by cron: it prints nothing as long as nobody is needed,
//! and signs what it publishes.

use crate::bench::Bench;
use crate::client;
use crate::gpg::Key;
use crate::recipes::{self, Shell};
use crate::repository::Repository;
use anyhow::{Result, ensure};
use std::fs;
use std::thread;
use std::time::Duration;
use xtask_common::packages;
use xtask_common::process;

/// The recipe `script`, for some composes, two of them without any change.
pub(super) fn run(bench: &Bench<'_>, current: bool) -> Result<()> {
    let version = if current { "1.2" } else { "0.17" };
    let key = Key::new(bench.work)?;
    let shell = Shell::new(bench, current, &bench.work.join(format!("cron-{version}")))?.with_key(&key);
    let script = recipes::text("script")?;
    let history = shell.place("/var/lib/createrepo-delta/repo");
    let repository = Repository::at(bench, shell.place("/srv/repo"), history.clone());
    let mirrored = shell.place("/srv/mirror/repodata/repomd.xml");
    let mut kept = Vec::new();
    let [first, second, third, fourth] = bench.first::<4>()?;
    for generation in [first, second, second, third, fourth, fourth] {
        packages::lay_out(generation, bench.pool, &repository.root)?;
        let output = shell.cron(&script, current)?;
        let printed = [output.stdout, output.stderr].concat();
        ensure!(printed.is_empty(), "the script prints:\n{}", String::from_utf8_lossy(&printed));
        key.verify(&repository.repomd())?;
        ensure!(fs::read(&mirrored)? == repository.repomd_bytes()?, "the mirror has another repomd.xml");
        key.verify(&mirrored)?;
        kept.push(repository.keep(kept.len())?);
        // The next timestamp has to be another one.
        thread::sleep(Duration::from_millis(1100));
    }
    let count = repository.ensure_deltas()?;
    process::expect(&mut repository.verify_command(), 0)?;
    kept.pop();
    client::check(bench, &repository, &kept)?;
    bench.ok(format!("createrepo_c {version}: cron mails nothing; {count} deltas, signed, mirrored"));

    fs::remove_dir_all(&history)?;
    let output = shell.cron(&script, current)?;
    let message = String::from_utf8(output.stderr)?;
    ensure!(message.contains("warning: "), "nothing is said of a history that is lost:\n{message}");
    key.verify(&repository.repomd())?;
    key.verify(&mirrored)?;
    bench.ok(format!("createrepo_c {version}: a lost history is mailed, and the compose is published"));
    Ok(())
}
