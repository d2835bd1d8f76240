//! Repositories with groups, updates and modules, and caches that take filelists and
//! those that do not.

use super::install_root::Manager;
use super::{PLAIN, Stage, ensure_deltas_alone, managers};
use crate::bench::Bench;
use crate::composes::content;
use anyhow::{Context as _, Result};
use std::fs;
use std::thread;
use std::time::Duration;
use xtask_common::packages::Generation;
use xtask_common::process;
use xtask_common::systems::System;

/// What is told to newer package managers of dnf's family, in turn: each is another cache.
const SETTINGS: [&str; 3] =
    ["", "optional_metadata_types=filelists\n", "optional_metadata_types=comps,updateinfo,filelists,other\n"];

/// After a refresh each package manager asks for nothing more, whatever it takes.
pub(crate) fn types(bench: &Bench<'_>) -> Result<()> {
    let stage = Stage::new(bench, &PLAIN, "")?;
    publish(&stage, 1)?;
    let mut roots = Vec::new();
    for &manager in managers(bench.system) {
        let can_choose = manager != Manager::Zypper && bench.system != System::Host;
        let settings = if can_choose { &SETTINGS } else { &SETTINGS[..1] };
        for (number, settings) in settings.iter().enumerate() {
            stage.main.set(settings);
            roots.push((*settings, number, stage.install_root(manager, &format!("types-{number}"))?));
        }
    }
    for number in 2..5 {
        publish(&stage, number)?;
    }
    for (settings, number, root) in &roots {
        let manager = root.manager;
        stage.main.set(settings);
        stage.server.requests()?;
        let report = root.refresh_to("refreshed", &[]).with_context(|| format!("with {settings:?}"))?;
        ensure_deltas_alone(format_args!("{manager}, {settings:?}"), &stage.server.requests()?)?;
        let types = report["repositories"][0]["types"].as_array().map_or(0, Vec::len);
        bench.ok(format!("{manager}, {settings:?}: {types} types by deltas"));
        stage.check(root, &format!("types-{number}"))?;
    }
    Ok(())
}

/// Publishes a generation that has them.
fn publish(stage: &Stage<'_>, number: usize) -> Result<()> {
    // What is added has the clock's time, and the next must have another one.
    thread::sleep(Duration::from_millis(1100));
    stage.publish_with(number, |generation| add(stage, generation, number))
}

fn add(stage: &Stage<'_>, generation: &Generation, number: usize) -> Result<()> {
    let repodata = stage.repository.root.join("repodata");
    for (name, text) in content::all(generation, number) {
        let file = stage.bench.work.join(name);
        fs::write(&file, text)?;
        let kind = match name.split('.').next() {
            Some("comps") => "group",
            other => other.unwrap_or_default(),
        };
        let mut modify = stage.bench.command("modifyrepo_c");
        modify.args(["--compress-type", "gz", "--mdtype", kind]).arg(&file).arg(&repodata);
        process::run(&mut modify)?;
    }
    Ok(())
}
