//! How scripts and compose tools call the program: the line that lets status 3 pass,
//! the retry, a configuration file, and the hooks and loops of tools.

use super::series::Series;
use crate::bench::Bench;
use crate::gpg::Key;
use crate::recipes;
use crate::repository::Repository;
use anyhow::{Result, ensure};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use xtask_common::packages;
use xtask_common::process;

/// Each in a directory of its own.
pub(super) fn run(bench: &Bench<'_>) -> Result<()> {
    statuses(bench)?;
    config(bench)?;
    obs(bench)?;
    pungi(bench)
}

/// Two composes of a repository, the second one without `generate`.
fn two_composes<'a>(bench: &'a Bench<'a>, name: &str) -> Result<Series<'a>> {
    let series = Series::new(bench, name, true)?;
    let [first, second] = bench.first::<2>()?;
    let root = series.shell.place("/srv/repo");
    packages::lay_out(first, bench.pool, &root)?;
    series.compose(&recipes::text("anew")?, first, first.time)?;
    packages::lay_out(second, bench.pool, &root)?;
    series.shell.run("createrepo_c /srv/repo", Some(second.time))?;
    Ok(series)
}

/// The recipes `status` and `retry`.
fn statuses(bench: &Bench<'_>) -> Result<()> {
    let series = two_composes(bench, "status")?;
    let variables = "history=/var/lib/createrepo-delta/repo\nrepo=/srv/repo\n";
    let history = series.shell.place("/var/lib/createrepo-delta/repo");
    let away = history.with_extension("away");
    fs::rename(&history, &away)?;
    fs::write(&history, "no directory")?;
    let line = format!("{variables}{}echo published", recipes::text("status")?);
    let output = series.shell.run(&line, None)?;
    ensure!(output.stdout == b"published\n", "status 3 ends the script");
    ensure!(!output.stderr.is_empty(), "nothing says why there are no deltas");
    fs::remove_file(&history)?;
    fs::rename(&away, &history)?;
    series.ok("status 3 is said, and the script goes on");

    let lock = series.shell.place("/srv/repo/.repodata");
    fs::create_dir(&lock)?;
    let sleep = series.shell.place("/bin/sleep");
    fs::write(&sleep, format!("#!/bin/sh\necho \"$1\"\nrmdir '{}'\n", lock.display()))?;
    fs::set_permissions(&sleep, fs::Permissions::from_mode(0o755))?;
    let line = format!("{variables}{}echo \"status $status\"", recipes::text("retry")?);
    let output = series.shell.run(&line, None)?;
    let waited = output.stdout.starts_with(b"10\n") && output.stdout.ends_with(b"status 0\n");
    ensure!(waited, "{}", String::from_utf8_lossy(&output.stdout));
    let count = series.repository().ensure_deltas()?;
    series.ok(&format!("the retry waits for createrepo_c: {count} deltas"));
    Ok(())
}

/// The recipe `config`: the configuration file, as it is shown.
fn config(bench: &Bench<'_>) -> Result<()> {
    let key = Key::new(bench.work)?;
    let mut series = Series::new(bench, "config", true)?;
    series.shell = series.shell.with_key(&key);
    let shell = &series.shell;
    fs::write(shell.place("/etc/createrepo-delta.toml"), shell.here(&recipes::text("config")?))?;
    let repositories = [
        ("os", "/var/lib/createrepo-delta/os"),
        ("updates", "/var/lib/createrepo-delta/updates"),
        ("testing", "/scratch/testing.history"),
    ];
    fs::create_dir(shell.place("/scratch"))?;
    let repositories = repositories.map(|(name, history)| {
        Repository::at(bench, shell.place(&format!("/srv/{name}")), shell.place(history))
    });
    for generation in bench.first::<3>()? {
        for repository in &repositories {
            packages::lay_out(generation, bench.pool, &repository.root)?;
        }
        let recipe = "for name in os updates testing; do createrepo_c \"/srv/$name\"; done\n\
                      createrepo-delta generate --config /etc/createrepo-delta.toml\n";
        shell.run(recipe, Some(generation.time))?;
    }
    for repository in &repositories {
        repository.ensure_deltas()?;
        key.verify(&repository.repomd())?;
        process::expect(&mut repository.verify_command(), 0)?;
    }
    series.ok("three repositories by the file that is shown, each signed");
    Ok(())
}

/// The recipe `obs`: a hook in Perl.
fn obs(bench: &Bench<'_>) -> Result<()> {
    let series = two_composes(bench, "obs")?;
    let hook = series.shell.here(&recipes::text("obs")?);
    let script = series.shell.place("hook.pl");
    let call = "$createrepo_rpmmd_hook->('project', 'repository', $ARGV[0]);\n";
    fs::write(&script, format!("use strict;\nuse warnings;\n{hook}{call}"))?;
    let root = series.repository().root;
    let run = || series.shell.run("perl hook.pl /srv/repo", None);
    run()?;
    let [_, _, third] = bench.first::<3>()?;
    packages::lay_out(third, bench.pool, &root)?;
    series.shell.run("createrepo_c /srv/repo", Some(third.time))?;
    let printed = run()?;
    ensure!(printed.stderr.is_empty(), "{}", String::from_utf8_lossy(&printed.stderr));
    let count = series.repository().ensure_deltas()?;
    series.ok(&format!("the hook lists {count} deltas and says nothing"));

    let primary = fs::read_dir(root.join("repodata"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| path.to_string_lossy().ends_with("primary.xml.gz"));
    fs::remove_file(primary.unwrap_or_default())?;
    ensure!(run().is_err(), "the hook lets a broken repository pass");
    series.ok("the hook stops the publisher at a broken repository");
    Ok(())
}

/// The recipe `pungi`: all trees of a compose.
fn pungi(bench: &Bench<'_>) -> Result<()> {
    let series = Series::new(bench, "pungi", true)?;
    let recipe = recipes::text("pungi")?;
    let trees = [
        "compose/Everything/x86_64/os",
        "compose/Everything/x86_64/debug/tree",
        "compose/Server/source/tree",
    ];
    for (number, generation) in bench.first::<3>()?.into_iter().enumerate() {
        let compose = format!("/srv/composes/{number}");
        for tree in trees {
            packages::lay_out(generation, bench.pool, &series.shell.place(&compose).join(tree))?;
            series.shell.run(&format!("createrepo_c {compose}/{tree}"), Some(generation.time))?;
        }
        let variables = format!("compose={compose}\nhistories=/var/lib/createrepo-delta\n");
        series.shell.run(&format!("{variables}{recipe}"), None)?;
    }
    for tree in trees {
        let history = series.shell.place("/var/lib").join(tree.replacen("compose", "createrepo-delta", 1));
        let root = series.shell.place("/srv/composes/2").join(tree);
        let repository = Repository::at(bench, root, history);
        repository.ensure_deltas()?;
        process::expect(&mut repository.verify_command(), 0)?;
    }
    series.ok("every tree of a compose has deltas, each from a history of its own");
    Ok(())
}
