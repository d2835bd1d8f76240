//! The units for systemd: that systemd takes them, and the program their commands.

use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask_common::{paths, process};

/// Where packages put the program.
const INSTALLED: &str = "/usr/bin/createrepo-delta";

/// In tenths, as systemd-analyze counts it.
const MOST_EXPOSED: u32 = 30;

/// The least that the service of this name can be.
const MAKECACHE: &str = "[Service]\nType=oneshot\nExecStart=/usr/bin/dnf makecache --timer\n";

/// The service and the timer, and what is added to dnf's own service.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let units = bench.work.join("units");
    paths::make_empty(&units)?;
    let contrib = paths::root().join("contrib/systemd");
    // Debian's dnf has no units; what is added needs one to be added to.
    fs::write(units.join("dnf-makecache.service"), MAKECACHE)?;
    let mut commands = Vec::new();
    for name in [
        "createrepo-delta-refresh.service",
        "createrepo-delta-refresh.timer",
        "dnf-makecache.service.d/createrepo-delta.conf",
    ] {
        let text = fs::read_to_string(contrib.join(name)).with_context(|| format!("cannot read `{name}`"))?;
        commands.extend(commands_of(&text));
        // The program need not be installed here.
        let here = text.replace(INSTALLED, &bench.binary().display().to_string());
        let path = units.join(name);
        fs::create_dir_all(path.parent().unwrap_or(&units))?;
        fs::write(path, here)?;
    }
    verify(&units)?;
    exposed(&units, MOST_EXPOSED).context("the service may do more than it needs")?;
    ensure!(exposed(&units, 1).is_err(), "systemd-analyze finds no service exposed");
    bench.ok("the service may do little: systemd-analyze gives it at most 3.0");
    bench.ok("systemd-analyze finds nothing wrong with the units, nor with what is added to dnf's");

    ensure!(commands.len() == 2, "not two commands: {commands:?}");
    let root = bench.work.join("root");
    paths::make_empty(&root)?;
    for arguments in &commands {
        let mut command = bench.program();
        process::expect(command.args(arguments).arg("--root").arg(&root), 0)?;
        bench.ok(format!("a command of theirs is one: {}", arguments.join(" ")));
    }

    let service = units.join("createrepo-delta-refresh.service");
    let text = fs::read_to_string(&service)?;
    fs::write(&service, text.replace("ProtectHome=", "ProtectHomes="))?;
    ensure!(verify(&units).is_err(), "systemd-analyze finds nothing wrong with a key that there is not");
    Ok(())
}

/// The arguments of each call of the program.
fn commands_of(unit: &str) -> Vec<Vec<String>> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines
        .filter(|(key, _)| key.starts_with("ExecStart"))
        .filter_map(|(_, command)| command.split_once(INSTALLED))
        .map(|(_, arguments)| arguments.split_whitespace().map(str::to_owned).collect())
        .collect()
}

/// Fails if the service is more exposed than `most` tenths.
fn exposed(units: &Path, most: u32) -> Result<()> {
    let mut analyze = Command::new("systemd-analyze");
    analyze.current_dir(units).args(["security", "--offline=true", "--no-pager"]);
    analyze.arg(format!("--threshold={most}")).arg("createrepo-delta-refresh.service");
    process::run(&mut analyze).map(drop)
}

fn verify(units: &Path) -> Result<()> {
    let mut analyze = Command::new("systemd-analyze");
    analyze.current_dir(units).args(["verify", "--man=no", "--recursive-errors=one"]);
    analyze.args(["./createrepo-delta-refresh.service", "./createrepo-delta-refresh.timer"]);
    let output = process::run(analyze.arg("./dnf-makecache.service"))?;
    ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
