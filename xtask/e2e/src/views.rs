//! The view of a system that a case has is its own: what it changes is seen by its programs,
//! and by nobody else.

use crate::bench::Bench;
use anyhow::{Result, ensure};
use std::fs;
use xtask_common::process;
use xtask_common::systems::{Guest, System};

const FILE: &str = "/etc/changed-by-a-case";

/// A file that is written in two views of the system.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let system = bench.system;
    let ours = bench.guest()?;
    let other = Guest::start(&system.root(), &[bench.work])?;
    for (guest, text) in [(ours, "ours"), (&other, "other")] {
        fs::write(guest.place(FILE), text)?;
    }
    for (guest, text) in [(ours, "ours"), (&other, "other")] {
        let read = process::run(guest.command("cat").arg(FILE))?;
        ensure!(read.stdout == text.as_bytes(), "a program finds what another case wrote");
    }
    ensure!(!system.root().join(FILE.trim_start_matches('/')).exists(), "`{system}` itself was changed");
    let mounts = fs::read_to_string("/proc/self/mounts")?;
    ensure!(!mounts.contains("/trees/mount"), "a view is mounted for everybody:\n{mounts}");
    bench.ok("what a case changes in the system is its own");

    let shared = bench.work.join("shared");
    process::run(other.command("touch").arg(&shared))?;
    ensure!(shared.is_file(), "the case's directory is another one in the view");
    bench.ok("the case's directory is the same there");
    if system != System::Host {
        let names = process::attempt(ours.command("getent").args(["hosts", "debian.org"]))?;
        ensure!(!names.status.success(), "names resolve: the cases could ask the network");
        bench.ok("names do not resolve");
    }
    Ok(())
}
