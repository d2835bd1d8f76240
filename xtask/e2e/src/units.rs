//! The units for systemd: that systemd takes them, that they may do little, and that the program
//! takes their commands.
//!
//! No unit is started here, which needs a systemd that runs: what a signing command may do in the
//! sandbox of `createrepo-delta-generate@.service` is tried by hand.

use crate::bench::Bench;
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use xtask_common::{paths, process};

/// Where packages put the program, and the configuration of publishers.
const INSTALLED: &str = "/usr/bin/createrepo-delta";
const CONFIGURATION: &str = "/etc/createrepo-delta.toml";

/// The services and how exposed each may be, in tenths, as systemd-analyze counts it.
const SERVICES: [(&str, u32); 3] = [
    ("createrepo-delta-refresh.service", 30),
    ("createrepo-delta-generate@.service", 20),
    ("createrepo-delta-verify.service", 15),
];

const TIMERS: [&str; 3] =
    ["createrepo-delta-refresh.timer", "createrepo-delta-generate@.timer", "createrepo-delta-verify.timer"];

/// What is added to a service of dnf.
const ADDED: &str = "dnf-makecache.service.d/createrepo-delta.conf";

/// The least that the service of this name can be.
const MAKECACHE: &str = "[Service]\nType=oneshot\nExecStart=/usr/bin/dnf makecache --timer\n";

/// The services and the timers, and what is added to dnf's own service.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let units = bench.work.join("units");
    paths::make_empty(&units)?;
    // Debian's dnf has no units; what is added needs one to be added to.
    fs::write(units.join("dnf-makecache.service"), MAKECACHE)?;
    let mut commands = Vec::new();
    for name in SERVICES.iter().map(|(name, _)| *name).chain(TIMERS).chain([ADDED]) {
        commands.extend(commands_of(&install(bench, name, &units)?));
    }
    verify(&units)?;
    bench.ok("systemd-analyze finds nothing wrong with the units, nor with what is added to dnf's");
    for (service, most) in SERVICES {
        exposed(&units, service, most).with_context(|| format!("`{service}` may do more than it needs"))?;
        ensure!(exposed(&units, service, 1).is_err(), "systemd-analyze finds `{service}` not exposed");
        bench.ok(format!(
            "{service} may do little: systemd-analyze gives it at most {}.{}",
            most / 10,
            most % 10
        ));
    }
    nothing_to_verify(bench)?;
    read_only(bench)?;
    ensure!(commands.len() == 4, "expected four commands, found {commands:?}");
    for arguments in &commands {
        run_command(bench, arguments)?;
        bench.ok(format!("a command of theirs is one: {}", arguments.join(" ")));
    }
    let service = units.join(SERVICES[0].0);
    let text = fs::read_to_string(&service)?;
    fs::write(&service, text.replace("ProtectHome=", "ProtectHomes="))?;
    ensure!(verify(&units).is_err(), "systemd-analyze finds nothing wrong with a key that there is not");
    Ok(())
}

/// Copies a unit, with the program under test in place of the installed one; its text as it was.
fn install(bench: &Bench<'_>, name: &str, units: &Path) -> Result<String> {
    let file = paths::root().join("contrib/systemd").join(name);
    let text = fs::read_to_string(file).with_context(|| format!("cannot read `{name}`"))?;
    let path = units.join(name);
    fs::create_dir_all(path.parent().unwrap_or(units))?;
    fs::write(path, text.replace(INSTALLED, &bench.binary().display().to_string()))?;
    Ok(text)
}

/// Runs a command as its unit does, on nothing, or on one repository that is configured.
fn run_command(bench: &Bench<'_>, arguments: &[String]) -> Result<()> {
    let mut command = bench.program();
    if arguments.iter().any(|argument| argument == "refresh") {
        let root = bench.work.join("root");
        paths::make_empty(&root)?;
        command.args(arguments).arg("--root").arg(&root);
    } else {
        let file = configure(bench)?.display().to_string();
        let here = |argument: &String| match argument.as_str() {
            CONFIGURATION => file.clone(),
            "%i" => "example".to_owned(),
            _ => argument.clone(),
        };
        command.args(arguments.iter().map(here));
    }
    process::expect(&mut command, 0).map(drop)
}

/// The condition of the unit that verifies holds once the file that packages install has
/// repositories, itself or elsewhere.
fn nothing_to_verify(bench: &Bench<'_>) -> Result<()> {
    let unit = fs::read_to_string(paths::root().join("contrib/systemd/createrepo-delta-verify.service"))?;
    let condition = unit.lines().find_map(|line| line.strip_prefix("ExecCondition="));
    let condition = condition.context("the unit that verifies has no condition")?;
    ensure!(
        condition.contains(CONFIGURATION),
        "expected a condition on `{CONFIGURATION}`, found `{condition}`"
    );
    let shipped = paths::root().join("contrib/createrepo-delta.toml");
    let elsewhere = bench.work.join("elsewhere.toml");
    fs::write(&elsewhere, "include = [\"conf.d/*.toml\"]\n")?;
    for (file, status) in [(shipped, 1), (configure(bench)?, 0), (elsewhere, 0)] {
        let condition = condition.replace(CONFIGURATION, &file.display().to_string());
        process::expect(Command::new("sh").args(["-c", &condition]), status)?;
    }
    bench.ok("the unit that verifies has nothing to do while all repositories are comments");
    Ok(())
}

/// A repository that the sandbox does not let the program write: the first run fails, and not
/// only the one that has deltas to write.
fn read_only(bench: &Bench<'_>) -> Result<()> {
    let repo = bench.work.join("read-only");
    fs::create_dir(&repo)?;
    paths::copy_flat(&paths::root().join("testdata/demo-history/gen-0000/repodata"), &repo.join("repodata"))?;
    let mut run = Command::new("unshare");
    run.args(["--mount", "sh", "-ec"]);
    run.arg("mount --bind \"$1\" \"$1\"; mount -o remount,bind,ro \"$1\"; exec \"$2\" generate --history \"$3\" \"$1\"");
    run.arg("sh").args([&repo, bench.binary(), &bench.work.join("read-only.history")]);
    let text = process::expect(&mut run, 2)?;
    let text = String::from_utf8_lossy(&text.stderr).into_owned();
    let told = ["/read-only/repodata`: Read-only file system", "hint: `findmnt --target "];
    ensure!(told.iter().all(|told| text.contains(told)), "{text}");
    bench.ok("the first run says that the repository cannot be written, and what to look at");
    Ok(())
}

/// The configuration that packages install, with what it shows as comments in force, for a
/// repository of this case.
fn configure(bench: &Bench<'_>) -> Result<std::path::PathBuf> {
    let example = fs::read_to_string(paths::root().join("contrib/createrepo-delta.toml"))?;
    let [history, repo] = ["histories", "example"].map(|name| bench.work.join(name));
    let demo = paths::root().join("testdata/demo-history/gen-0000/repodata");
    if !repo.exists() {
        fs::create_dir(&repo)?;
        paths::copy_flat(&demo, &repo.join("repodata"))?;
    }
    let example = example
        .replace("\n#[", "\n[")
        .replace("\n#path", "\npath")
        .replace("/var/lib/createrepo-delta", &history.display().to_string())
        .replace("/srv/example", &repo.display().to_string());
    let tables = example.find("[defaults]").context("the example has no table `[defaults]`")?;
    let file = bench.work.join("createrepo-delta.toml");
    fs::write(&file, &example[tables..])?;
    Ok(file)
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
fn exposed(units: &Path, service: &str, most: u32) -> Result<()> {
    let mut analyze = Command::new("systemd-analyze");
    analyze.current_dir(units).args(["security", "--offline=true", "--no-pager"]);
    process::run(analyze.arg(format!("--threshold={most}")).arg(service)).map(drop)
}

fn verify(units: &Path) -> Result<()> {
    let mut analyze = Command::new("systemd-analyze");
    analyze.current_dir(units).args(["verify", "--man=no", "--recursive-errors=one"]);
    let ours = SERVICES.iter().map(|(name, _)| *name).chain(TIMERS);
    analyze.args(ours.chain(["dnf-makecache.service"]).map(|name| format!("./{name}")));
    let output = process::run(&mut analyze)?;
    ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
