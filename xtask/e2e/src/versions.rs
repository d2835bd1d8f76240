//! The versions of package managers and libraries that the cases were seen to pass with:
//! one that has moved on is looked at before it is believed.

use crate::bench::Bench;
use anyhow::{Result, ensure};
use xtask_common::systems::{System, differences, expected_file, recorded_file};

/// Fails, naming them, where the system has others.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let system = bench.system;
    let differences = differences(system)?;
    let (wanted, accept) = (
        expected_file(system),
        match system {
            System::Host => "bring that file up to date".to_owned(),
            tree => format!("`cp {} {}`", recorded_file(tree).display(), expected_file(tree).display()),
        },
    );
    ensure!(
        differences.is_empty(),
        "{}\n\nhint: look at what changed in them, see that `cargo xtask e2e --system {system}` finds nothing \
         else, look for the old versions in docs/, then {accept}",
        differences.trim_end()
    );
    bench.ok(format!("the versions are those of `{}`", wanted.display()));
    Ok(())
}
