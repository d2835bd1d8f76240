//! `cargo xtask demo`: the main job on a small repository's history, and what
//! each client of a past generation downloads.

use anyhow::{Context as _, Result};
use xtask_common::paths;
use xtask_replay::{Download, Generation, Replay, generations};

const TYPES: [&str; 3] = ["primary", "filelists", "other"];

/// Publishes the committed history generation by generation, then plays a client
/// of every one of them.
pub(crate) fn run() -> Result<()> {
    let program = paths::program()?;
    let work = paths::scratch().join("demo");
    let generations = generations(&paths::root().join("testdata/demo-history"), &work)?;
    let replay = Replay::begin(&program, &work)?;
    println!("Publishing {} generations of a small repository …\n", generations.len());
    for generation in &generations {
        replay.compose(generation)?;
        replay.publish(&[]).with_context(|| format!("publishing {}", generation.name))?;
    }
    let (newest, past) = generations.split_last().context("the history is empty")?;
    println!("What a client of each of them downloads to get {}, in bytes", newest.name);
    println!("(primary, filelists and other together):\n");
    println!("  generation        age   full download   deltas only   with journals    ratio   verified");
    let published = replay.published()?;
    let mut sum = Download::default();
    let mut sum_cheapest = 0;
    for generation in past.iter().rev() {
        let mut total = Download { delta: true, ..Download::default() };
        let mut cheapest = 0;
        for data_type in TYPES {
            let one = replay
                .client(&published, generation, data_type)
                .with_context(|| format!("{data_type} from {}", generation.name))?
                .with_context(|| format!("{} has no {data_type}", generation.name))?;
            let journal = replay
                .journal(&published, generation, data_type)
                .with_context(|| format!("journal of {data_type} from {}", generation.name))?;
            cheapest += journal.map_or(one.taken, |journal| journal.min(one.taken));
            total.full += one.full;
            total.taken += one.taken;
            total.delta &= one.delta || one.taken == 0;
        }
        println!(
            "  {:<10} {:>10} {:>15} {:>13} {:>15} {:>8}   {}",
            generation.name,
            age(newest, generation),
            total.full,
            total.taken,
            cheapest,
            Download { taken: cheapest, ..total }.ratio(),
            if total.delta { "byte for byte" } else { "full file" }
        );
        sum.full += total.full;
        sum.taken += total.taken;
        sum_cheapest += cheapest;
    }
    let ratio = Download { taken: sum_cheapest, ..sum }.ratio();
    println!(
        "  {:<10} {:>10} {:>15} {:>13} {sum_cheapest:>15} {ratio:>8}\n",
        "together", "", sum.full, sum.taken
    );
    println!("The published repository: {}", replay.root.display());
    println!("Its history:              {}", replay.history.display());
    println!("Look at it with:          {} inspect {}", program.display(), replay.root.display());
    Ok(())
}

fn age(newest: &Generation, generation: &Generation) -> String {
    let time = |g: &Generation| {
        let times = g.model.records.iter().filter_map(|r| r.timestamp.as_ref());
        times.map(repomd::Timestamp::seconds).max().unwrap_or(0)
    };
    let seconds = time(newest).saturating_sub(time(generation));
    format!("{}d {:02}h", seconds / 86_400, seconds % 86_400 / 3600)
}
