//! `createrepo-delta recipes`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use codec::recipe::zchunk::{
    ChunkRule, FOLLOWERS, PrimaryChunks, ZchunkShare, chunk_count, chunk_rule, chunk_rule_by_primary,
    zchunk_shares,
};
use codec::recipe::{Facts, Recipe, agrees, find_with};
use codec::{Compression, Expect, OpenReader};
use durable::streams::Input;
use repomd::files::REPOMD;
use repomd::{Location, Record, Repomd};
use serde::Serialize;

use crate::args::Recipes;
use crate::exit::Status;
use crate::hints::Caller;
use crate::table::{Table, or_dash};
use crate::{failure, messages, number, output};

/// What `--json` prints.
#[derive(Serialize)]
struct Found {
    files: Vec<FoundFile>,
}

#[derive(Serialize)]
struct FoundFile {
    path: String,
    compression: String,
    size: u64,
    open_size: u64,
    recipe: Option<&'static str>,
    recipe_number: Option<u8>,
    memory: Option<u64>,
    seconds: Option<f64>,
    chunks: Option<u64>,
    chunk_rule: Option<u8>,
    /// Whether it may follow from a primary that is not there.
    #[serde(skip)]
    lacks_primary: bool,
    nearest: Option<Nearest>,
}

/// Of a zchunk file without a recipe.
#[derive(Serialize)]
struct Nearest {
    recipe: &'static str,
    given_chunks: u64,
    missing_open_size: u64,
}

pub(super) fn run(args: &Recipes) -> anyhow::Result<Status> {
    let (mut files, mut status) = (Vec::new(), Status::Success);
    for path in &args.files {
        match examine(path) {
            Ok(file) => files.push(file),
            Err(error) => {
                status = status.worse(failure::status(&error));
                messages::failure(&error, Caller::Other);
            }
        }
    }
    let found = Found { files };
    if args.output.json {
        output::json(&found)?;
    } else if !found.files.is_empty() {
        output::text(&table(&found))?;
    }
    Ok(status)
}

fn examine(path: &Path) -> anyhow::Result<FoundFile> {
    let file = Input::open(path)?;
    let summary = OpenReader::new(file.reader(), path, Expect::default())?.finish()?;
    let facts = facts(path);
    let recipe = find_with(file.reader(), path, Expect::default(), &facts)?;
    let seconds = recipe.map(|recipe| seconds(recipe, &file, &facts)).transpose()?;
    let zchunk = match summary.compression {
        Compression::Zchunk => zchunk(&file, recipe)?,
        _ => Zchunk::default(),
    };
    Ok(FoundFile {
        path: path.display().to_string(),
        compression: summary.compression.to_string(),
        size: summary.size,
        open_size: summary.open_size,
        recipe: recipe.map(Recipe::name),
        recipe_number: recipe.map(Recipe::number),
        memory: recipe.map(Recipe::memory),
        seconds,
        chunks: zchunk.chunks,
        chunk_rule: zchunk.rule,
        lacks_primary: zchunk.lacks_primary,
        nearest: zchunk.nearest,
    })
}

/// What is told of zchunk files alone.
#[derive(Default)]
struct Zchunk {
    chunks: Option<u64>,
    rule: Option<u8>,
    lacks_primary: bool,
    nearest: Option<Nearest>,
}

/// How long it takes to open the file and to compress all of it.
fn seconds(recipe: Recipe, file: &Input, facts: &Facts) -> anyhow::Result<f64> {
    let start = Instant::now();
    agrees(recipe, file.reader(), file.path(), Expect::default(), facts, u64::MAX)?;
    // Milliseconds are precise enough.
    Ok((start.elapsed().as_secs_f64() * 1000.0).round() / 1000.0)
}

/// How many chunks the file has and where they begin; and which recipe comes nearest, if none
/// gives it.
fn zchunk(file: &Input, recipe: Option<Recipe>) -> anyhow::Result<Zchunk> {
    let chunks = Some(chunk_count(file.reader(), file.path())? as u64);
    let mut rule = chunk_rule(file.reader(), file.path(), Expect::default())?;
    let mut lacks_primary = false;
    if rule.is_none() && may_follow_primary(file.path()) {
        match primary_beside(file.path()) {
            Some(primary) => {
                rule = chunk_rule_by_primary(file.reader(), file.path(), Expect::default(), &primary)?;
            }
            None => lacks_primary = true,
        }
    }
    let rule = rule.map(ChunkRule::number);
    if recipe.is_some() {
        return Ok(Zchunk { chunks, rule, lacks_primary, nearest: None });
    }
    let shares = zchunk_shares(file.reader(), file.path(), Expect::default())?;
    // Of several the first, which is the most usual.
    let best = shares.into_iter().rev().max_by_key(|share| share.given).filter(|share| share.given > 0);
    let nearest = |share: ZchunkShare| Nearest {
        recipe: share.recipe.name(),
        given_chunks: share.given,
        missing_open_size: share.missing_open_size,
    };
    Ok(Zchunk { chunks, rule, lacks_primary, nearest: best.map(nearest) })
}

/// Whether a file is of a type that may have the chunks of primary; what is not known is
/// believed to.
fn may_follow_primary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let model = repomd_beside(path);
    let of_file = |record: &&Record| in_repodata(record) == Some(&*name);
    let record = model.as_ref().and_then(|model| model.records.iter().find(of_file));
    record.is_none_or(|record| FOLLOWERS.contains(&record.kind.trim_end_matches("_zck")))
}

/// Where chunks begin in the primary of the repomd.xml beside a file, if that can be read.
fn primary_beside(path: &Path) -> Option<Arc<PrimaryChunks>> {
    let model = repomd_beside(path)?;
    let record = ["primary", "primary_zck"].iter().find_map(|kind| model.record(kind))?;
    let primary = Input::open(&path.with_file_name(in_repodata(record)?)).ok()?;
    let reader = OpenReader::new(primary.reader(), primary.path(), Expect::default()).ok()?;
    PrimaryChunks::read(reader).ok().map(Arc::new)
}

fn in_repodata(record: &Record) -> Option<&str> {
    record.local_location().ok().and_then(Location::in_repodata)
}

/// What repomd.xml beside the file says of it; only its name where there is none that can
/// be read.
fn facts(path: &Path) -> Facts {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let revision = repomd_beside(path).and_then(|model| model.revision);
    Facts::from_repomd(revision.as_deref(), &name)
}

fn repomd_beside(path: &Path) -> Option<Repomd> {
    read_repomd(&path.with_file_name(REPOMD)).ok().flatten()
}

fn read_repomd(path: &Path) -> io::Result<Option<Repomd>> {
    // Whatever is not a file of ordinary size says nothing.
    if !path.metadata()?.is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    File::open(path)?.take(repomd::MAX_SIZE as u64 + 1).read_to_end(&mut text)?;
    Ok(Repomd::parse(&text).ok())
}

fn table(found: &Found) -> String {
    let mut table = Table::new(&["CODEC", ">SIZE", ">OPEN", "RECIPE", ">MEMORY", ">SECONDS", "FILE"]);
    for file in &found.files {
        table.row([
            file.compression.clone(),
            number::bytes(file.size),
            number::bytes(file.open_size),
            file.recipe.map_or_else(|| without_recipe(file), |recipe| with_recipe(file, recipe)),
            or_dash(file.memory.map(number::bytes)),
            or_dash(file.seconds.map(|seconds| format!("{seconds:.1}"))),
            file.path.clone(),
        ]);
    }
    table.render()
}

fn with_recipe(file: &FoundFile, recipe: &str) -> String {
    match (file.chunks, file.chunk_rule) {
        (Some(_), None) if file.lacks_primary => format!("{recipe} (no chunk rule without primary)"),
        (Some(_), None) => format!("{recipe} (no chunk rule)"),
        _ => recipe.to_owned(),
    }
}

fn without_recipe(file: &FoundFile) -> String {
    match (&file.nearest, file.chunks) {
        (Some(nearest), Some(chunks)) => {
            format!("no recipe ({} gives {} of {chunks} chunks)", nearest.recipe, nearest.given_chunks)
        }
        _ => "no recipe".to_owned(),
    }
}
