//! `createrepo-delta history show`.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Context as _;
use durable::streams::Output;
use history::{Generation, Hex, History, Track};
use repomd::files::TEMP_PREFIX;
use serde::Serialize;

use super::{select, warn_of_damage};
use crate::args::Show;
use crate::exit::Status;
use crate::output::Beside;
use crate::table::{Table, or_dash};
use crate::{messages, number, time};

/// Digits of a SHA-256 that are shown to people.
const SHORT: usize = 12;

/// What `--json` prints.
#[derive(Serialize)]
struct Shown {
    #[serde(rename = "type")]
    data_type: String,
    generations: Vec<One>,
    written: Option<String>,
}

#[derive(Serialize)]
struct One {
    index: usize,
    timestamps: Vec<u64>,
    open_size: u64,
    size: u64,
    open_sha256: String,
    declared: Vec<String>,
    chunks: usize,
}

pub(super) fn run(args: &Show) -> anyhow::Result<Status> {
    let history = History::read(&args.dir)?;
    let track = select::track(&history, &args.dir, &args.data_type)?;
    warn_of_damage(&track);
    let mut wanted: Vec<usize> = (0..track.generations().len()).collect();
    if let Some(selector) = &args.generation {
        wanted = vec![select::generation(&track, &args.dir, &args.data_type, selector)?];
    }
    let mut written = None;
    if let (Some(path), [index]) = (&args.output, wanted.as_slice()) {
        write(&track, *index, path)?;
        written = Some(path.display().to_string());
    }
    let one = |index: usize| describe(index, &track.generations()[index]);
    let generations = wanted.into_iter().map(one).collect();
    let shown = Shown { data_type: args.data_type.clone(), generations, written };
    let results = match &args.output {
        Some(file) => Beside::file(file),
        None => Beside::default(),
    };
    if args.format.json {
        results.json(&shown)?;
    } else {
        results.text(&table(&shown).render())?;
    }
    if let Some(path) = &shown.written {
        messages::say(format_args!("wrote `{path}`"));
    }
    Ok(Status::Success)
}

fn describe(index: usize, generation: &Generation) -> One {
    One {
        index,
        timestamps: generation.timestamps.clone(),
        open_size: generation.open_size,
        size: generation.size,
        open_sha256: Hex(&generation.open_sha256).to_string(),
        declared: generation.declared.clone(),
        chunks: generation.sequence.len(),
    }
}

fn table(shown: &Shown) -> Table {
    let mut table = Table::new(&[">#", "PUBLISHED (UTC)", ">OPEN", "SHA-256"]);
    for one in &shown.generations {
        let mut published = one.timestamps.iter().rev().map(|seconds| time::utc(*seconds));
        table.row([
            one.index.to_string(),
            or_dash(published.next()),
            number::bytes(one.open_size),
            one.open_sha256.chars().take(SHORT).collect(),
        ]);
        // Content that came back was published more than once.
        published.for_each(|earlier| table.row([String::new(), earlier]));
    }
    table
}

/// Writes a generation to a file, which appears only when all of it was checked.
fn write(track: &Track, index: usize, path: &Path) -> anyhow::Result<()> {
    let file = Output::open(path, TEMP_PREFIX)?;
    let failed = || format!("cannot write `{}`", path.display());
    let mut out = BufWriter::with_capacity(1 << 20, file);
    track.write_generation(index, &mut out)?;
    out.flush().with_context(failed)?;
    out.into_inner().map_err(std::io::IntoInnerError::into_error).with_context(failed)?.commit()?;
    Ok(())
}
