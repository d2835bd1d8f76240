//! `cargo xtask zchunk DIR [NAME]`: zchunk files of successive generations of repositories. Each
//! is published in turn; a client of the one before fetches it by `update --exact` and by
//! `zckdl`, from the same nginx, which counts requests and bytes.
//!
//! Fails where a file is not the publisher's. That one comes whole is no failure, and said.
//! What is known of real and invented repositories is written down in `docs/formats/recipes.md`.

mod tables;

use crate::zchunk::step::{Client, TWIN};
use anyhow::{Context as _, Result, bail};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use tables::Tables;
use xtask_common::paths;
use xtask_common::web::Server;
use xtask_replay::{Generation, Replay, generations, sets};

/// Plays the sets below `directory` whose name contains `only`.
pub(crate) fn run(directory: &Path, only: Option<&str>) -> Result<()> {
    let program = paths::program()?;
    let mut tables = Tables::new();
    for (name, set) in sets(directory, only)? {
        let generations = generations(&set, &paths::scratch().join("zchunk-lone"))?;
        if generations.iter().any(has_zchunk) {
            play(&program, &name, &generations, &mut tables).with_context(|| name.clone())?;
        } else {
            println!("{name}: no zchunk files in {} generations", generations.len());
        }
    }
    if tables.is_empty() {
        bail!("no two generations with zchunk files below `{}`", directory.display());
    }
    println!("{}", tables.render());
    Ok(())
}

fn has_zchunk(generation: &Generation) -> bool {
    generation.model.records.iter().any(|record| record.kind.ends_with(TWIN))
}

fn play(program: &Path, name: &str, generations: &[Generation], tables: &mut Tables) -> Result<()> {
    let work = paths::scratch().join("zchunk");
    let replay = Replay::begin(program, &work)?;
    replay.compose(generations.first().context("there are no generations")?)?;
    let server = Server::nginx(&work, &replay.root, "")?;
    let mut client = Client {
        program,
        command: &|program| Command::new(program),
        directory: work.join("client"),
        scratch: work.join("zckdl"),
        files: BTreeMap::new(),
    };
    for pair in std::iter::once(None).chain(generations.iter().map(Some)).zip(generations) {
        let (before, generation) = pair;
        replay.compose(generation)?;
        replay.publish(&[])?;
        let step = client.step(&server, &replay.root).with_context(|| generation.name.clone())?;
        if before.is_some() {
            tables.add(name, &generation.name, &step);
        }
    }
    Ok(())
}
