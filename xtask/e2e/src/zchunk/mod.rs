//! Zchunk files, each made by the programs of its system: a client has them byte for byte as
//! they are published, generation by generation, and zchunk's own programs agree.
//!
//! What nginx counts for it and for `zckdl` is said, and not judged: of repositories as small
//! as these repomd.xml is the most of both. `cargo xtask zchunk` tells more of what `--keep`
//! leaves in `sets`.

mod families;
mod makers;
pub(crate) mod step;

use crate::bench::Bench;
use crate::records::Record;
use crate::repository::{ALWAYS, PLAIN, Repository, open};
use anyhow::{Context as _, Result, ensure};
use makers::{MAKERS, Maker};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use step::{Client, Step, TWIN};
use xtask_common::systems::System;
use xtask_common::web::{Server, Wire};
use xtask_common::{paths, process};

/// How many generations each maker makes.
const GENERATIONS: usize = 10;

/// Ways of a file that do without the whole file.
const EXACT: [&str; 4] = ["journal", "delta", "rebuilt", "current"];

/// Every way to make them.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    if bench.system == System::Host {
        let mut create = Command::new(paths::venv().join("bin/createrepo_c"));
        let output = process::expect(create.arg("--zck").arg(bench.work), 1)?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(said.contains("Unknown option --zck"), "it does not say that it has no zchunk:\n{said}");
        bench.ok("createrepo_c of the Python package index writes no zchunk files");
    }
    MAKERS.iter().try_for_each(|maker| series(bench, maker).context(maker.name))
}

fn series(bench: &Bench<'_>, maker: &Maker) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, maker.name)?;
    let server = Server::nginx(bench.work, &repository.root, "")?;
    let mut client = Client {
        program: bench.binary(),
        command: &|program| bench.command(program),
        directory: bench.work.join(format!("{}.client", maker.name)),
        scratch: bench.work.join(format!("{}.zckdl", maker.name)),
        files: [].into(),
    };
    let mut whole = Vec::new();
    let (mut ours, mut theirs, mut recipes) = (Wire::default(), Wire::default(), BTreeSet::new());
    for generation in bench.generations.iter().take(GENERATIONS) {
        maker.make(bench, generation, &repository)?;
        let set = bench.work.join("sets").join(maker.name).join(format!("gen-{:04}", generation.number + 1));
        paths::copy_flat(&repository.root.join("repodata"), &set.join("repodata"))?;
        repository.generate()?;
        let is_first = client.files.is_empty();
        let step = client.step(&server, &repository.root)?;
        check(bench, &repository.root, &client.directory, &step.records)
            .with_context(|| set.display().to_string())?;
        if !is_first {
            whole
                .extend(whole_files(&step).map(|way| format!("generation {}: {way}", generation.number + 1)));
            ensure!(step.warnings.is_empty(), "there are warnings: {:?}", step.warnings);
            let sums = step.sums();
            ours += sums.0;
            theirs += sums.1;
            recipes.extend(step.ways.into_iter().map(|way| way.recipe).filter(|name| !name.is_empty()));
        }
    }
    ensure!(whole.is_empty(), "files came whole:\n{}", whole.join("\n"));
    bench.ok(format!(
        "{}: {GENERATIONS} generations are the publisher's to the bit, by {}; update {}; zckdl {}",
        maker.name,
        recipes.into_iter().collect::<Vec<_>>().join(", "),
        said(ours),
        said(theirs)
    ));
    Ok(())
}

fn said(wire: Wire) -> String {
    format!(
        "{} requests, {} bytes of heads, {} of bodies",
        wire.requests,
        wire.heads,
        wire.bytes - wire.heads
    )
}

/// Those that came whole, and why.
fn whole_files(step: &Step) -> impl Iterator<Item = String> {
    let whole = step.ways.iter().filter(|way| !EXACT.contains(&&*way.path));
    whole.map(|way| format!("{} is by `{}`: {}", way.kind, way.path, way.reason))
}

/// Fails unless zchunk's programs say of the client's files what the repository says.
fn check(bench: &Bench<'_>, root: &Path, client: &Path, records: &[Record]) -> Result<()> {
    let find = |kind: &str| records.iter().find(|one| one.kind == kind).with_context(|| format!("no {kind}"));
    for kind in ALWAYS.into_iter().chain(["updateinfo"]) {
        let (plain, twin) = (find(kind)?, find(&format!("{kind}{TWIN}"))?);
        let file = client.join(&twin.href);
        ensure_header(bench, twin, &file)?;
        let content = process::run(bench.command("unzck").arg("-c").arg(&file))?.stdout;
        let opened = bench.work.join("opened");
        open(&root.join(&plain.href), &opened)?;
        ensure!(content == fs::read(opened)?, "unzck gives another content of {kind} than the plain file's");
    }
    Ok(())
}

/// Fails unless `zck_read_header` says what repomd.xml says, and finds every chunk whole.
fn ensure_header(bench: &Bench<'_>, twin: &Record, file: &Path) -> Result<()> {
    let output = process::run(bench.command("zck_read_header").args(["-v", "-f"]).arg(file))?;
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let (checksum, size) = &twin.header;
    ensure!(
        !checksum.is_empty() && !size.is_empty(),
        "repomd.xml says nothing of the header of {}",
        twin.kind
    );
    for line in [format!("Header checksum: {checksum}"), format!("Header size: {size}")] {
        ensure!(text.lines().any(|found| found == line), "{}: no `{line}` in\n{text}", twin.kind);
    }
    Ok(())
}
