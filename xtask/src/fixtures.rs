//! `cargo xtask fixtures`: the committed history of a small repository.
//!
//! Needs Debian's `rpm` and `createrepo-c`; tests only read what it leaves.

use anyhow::{Context as _, Result, ensure};
use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use xtask_common::{packages, paths, process};

/// The committed fixtures may not grow beyond this.
const LIMIT: u64 = 3 << 20;

/// Makes `testdata/demo-history` again.
pub(crate) fn run() -> Result<()> {
    let target = paths::root().join("testdata/demo-history");
    let work = paths::scratch().join("fixtures");
    let generations = packages::generations()?;
    let pool = packages::Pool::fill(&generations)?;
    paths::make_empty(&work)?;
    paths::make_empty(&target)?;

    let mut table = String::new();
    let mut total = 0;
    for generation in &generations {
        packages::lay_out(generation, &pool, &work)?;
        let repodata = work.join("repodata");
        if repodata.exists() {
            fs::remove_dir_all(&repodata)?;
        }
        let mut command = packages::generator(Command::new("/usr/bin/createrepo_c"), Some(generation.time));
        process::run(command.arg(&work))?;
        let name = format!("gen-{:04}", generation.number);
        paths::copy_flat(&repodata, &target.join(&name).join("repodata"))?;
        for file in fs::read_dir(&repodata)? {
            total += file?.metadata()?.len();
        }
        let (time, count, what) = (generation.time, generation.files.len(), generation.what);
        writeln!(table, "| `{name}` | {time} | {count} | {what} |")?;
    }
    ensure!(total < LIMIT, "the fixtures have {total} bytes, more than {LIMIT}");
    fs::write(target.join("README.md"), README.replace("@TABLE@\n", &table))
        .with_context(|| format!("cannot write in `{}`", target.display()))?;
    println!("{} generations, {total} bytes in `{}`", generations.len(), target.display());
    Ok(())
}

const README: &str = "\
# A small repository's history

The metadata of one invented repository through several generations, as
`createrepo_c` 0.17.3 (Debian 12) wrote it: `gen-NNNN/repodata/` with repomd.xml
and gzip-compressed primary, filelists and other. The packages themselves were
built with `rpmbuild`; their names, texts, files and changelogs are invented, and
no real person is named in them.

Made by `cargo xtask fixtures`, which builds the packages described in
`xtask/common/src/packages/` and needs Debian's `rpm` and `createrepo-c`. Build host, build
times, file times and metadata timestamps are fixed, so a second run with the
same tools gives the same bytes. Do not edit the files by hand: other tests
depend on them, and new cases belong in a directory of their own.

| generation | timestamp | files | what happened |
|---|---|---|---|
@TABLE@
";
