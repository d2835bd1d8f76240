//! `cargo xtask decoder`: the second decoder, in Python and from the documents alone, plays every client of
//! the committed history, and reads the worked examples and the golden files.

use anyhow::{Context as _, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask_common::{paths, process};
use xtask_replay::{Replay, generations};

/// Publishes the history generation by generation, keeps what was published, and lets the decoder play it.
pub(crate) fn run() -> Result<()> {
    let program = paths::program()?;
    let work = paths::scratch().join("decoder");
    let generations = generations(&paths::root().join("testdata/demo-history"), &work)?;
    let replay = Replay::begin(&program, &work)?;
    let mut published: Vec<PathBuf> = Vec::new();
    for generation in &generations {
        replay.compose(generation)?;
        replay.publish(&[]).with_context(|| format!("publishing {}", generation.name))?;
        let kept = work.join("published").join(&generation.name);
        fs::create_dir_all(&kept)?;
        process::run(Command::new("cp").arg("-r").arg(replay.root.join("repodata")).arg(&kept))?;
        published.push(kept);
    }
    let script = |name: &str| {
        let mut python = Command::new(paths::SYSTEM_PYTHON);
        python.arg("-B").arg(paths::root().join("testdata/decoder").join(name));
        python
    };
    process::stream(&mut script("examples.py"))?;
    process::stream(script("play.py").args(["--every", "--mixtures"]).args(&published))
}
