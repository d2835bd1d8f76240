//! repomd.xml as createrepo_c does not write it: whoever refuses one, and what
//! becomes of a repository that has it, compared with librepo and dnf.
//!
//! The documents are made of one that createrepo_c wrote, by the tables in
//! `documents` and `fields`.

mod documents;
mod fields;

use crate::bench::Bench;
use crate::bench::script;
use crate::readers::{self, Answer, Reader, Site};
use crate::repository::{PLAIN, Repository};
use anyhow::{Context as _, Result, ensure};
use repomd::Repomd;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use xtask_common::{paths, process};

/// A repository with a past, whose repomd.xml lists no deltas yet.
fn composed<'a>(bench: &'a Bench<'a>) -> Result<Repository<'a>> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, second] = bench.first()?;
    repository.create(first)?;
    repository.generate()?;
    repository.create(second)?;
    Ok(repository)
}

/// The reader takes documents that librepo takes, or says that only it does not; and
/// `generate` ends accordingly, and changes nothing in those that it does not read.
pub(crate) fn documents(bench: &Bench<'_>) -> Result<()> {
    let repository = composed(bench)?;
    let base = String::from_utf8(repository.repomd_bytes()?)?;
    let documents = documents::all(&base);
    let verdicts = by_librepo(bench, &documents)?;
    let mut count = [0; 3];
    for ((name, bytes), verdict) in documents.iter().zip(&verdicts) {
        let (status, nth) = match Repomd::parse(bytes) {
            Ok(_) => (0, 0),
            Err(why) if why.is_unsupported() => (3, 1),
            Err(_) => (1, 2),
        };
        let is_read = verdict == "read";
        ensure!(is_read == (status != 1), "{name}: librepo: {verdict}; status expected of us: {status}");
        fs::write(repository.repomd(), bytes)?;
        process::expect(&mut repository.generate_command(&["--quiet"]), status).context(*name)?;
        let after = repository.repomd_bytes()?;
        ensure!(
            (after == *bytes) == (status != 0),
            "{name}: status {status}, and repomd.xml was not as that"
        );
        count[nth] += 1;
    }
    let [edited, unsupported, broken] = count;
    ensure!(count.iter().all(|one| *one > 8), "not enough of each: {count:?}");
    bench.ok(format!(
        "of {} documents librepo reads the {edited} that get deltas, and the {unsupported} that end with status 3",
        documents.len()
    ));
    bench.ok(format!("librepo refuses the {broken} others, as generate does with status 1"));
    Ok(())
}

/// What librepo says of each document.
fn by_librepo(bench: &Bench<'_>, documents: &[(&str, Vec<u8>)]) -> Result<Vec<String>> {
    let mut directories: Vec<PathBuf> = Vec::new();
    for (nth, (_, bytes)) in documents.iter().enumerate() {
        let directory = bench.work.join(format!("documents/{nth}"));
        fs::create_dir_all(directory.join("repodata"))?;
        fs::write(directory.join("repodata/repomd.xml"), bytes)?;
        directories.push(directory);
    }
    let mut python = Command::new(paths::SYSTEM_PYTHON);
    python.arg(script("read_repomd.py")).args(&directories);
    let verdicts = String::from_utf8(process::run(&mut python)?.stdout)?;
    let verdicts: Vec<String> = verdicts.lines().map(str::to_owned).collect();
    ensure!(verdicts.len() == documents.len(), "librepo has no verdict of each: {verdicts:?}");
    Ok(verdicts)
}

/// Whatever dnf reads ends well, and dnf reads the same afterwards; `strip` gives
/// back every byte.
pub(crate) fn records(bench: &Bench<'_>) -> Result<()> {
    let repository = composed(bench)?;
    let base = String::from_utf8(repository.repomd_bytes()?)?;
    let site = Site::local(&repository.root);
    let (mut read, mut refused) = (0, 0);
    for (name, text) in fields::all(&base)? {
        fs::write(repository.repomd(), &text)?;
        let before = readers::ask_some(bench, &[Reader::Dnf], &site, "before")?;
        // 3 says that what a record had is withdrawn, because it is left alone.
        let status = repository.generate_command(&["--quiet"]).output()?.status;
        ensure!(matches!(status.code(), Some(0 | 3)), "{name}: {status}");
        let deltas = repository.repomd_bytes()? != text.as_bytes();
        ensure!(deltas, "{name}: no record got anything");
        match &before[..] {
            [(_, Answer::Listed(before))] => {
                let after = readers::ask_some(bench, &[Reader::Dnf], &site, "after")?;
                let [(_, Answer::Listed(after))] = &after[..] else {
                    anyhow::bail!("{name}: dnf fails with deltas");
                };
                readers::ensure_same(Reader::Dnf, before, after).context(name.clone())?;
                read += 1;
            }
            _ => refused += 1,
        }
        let mut strip = bench.program();
        process::expect(strip.arg("strip").arg("--quiet").arg(&repository.root), 0)?;
        ensure!(repository.repomd_bytes()? == text.as_bytes(), "{name}: strip did not restore repomd.xml");
    }
    ensure!(read > 20 && refused > 5, "not enough of each: {read} and {refused}");
    bench
        .ok(format!("{read} odd records: dnf reads the same with deltas in the others, strip restores each"));
    bench
        .ok(format!("{refused} records that dnf refuses are left alone, and keep nothing from being served"));
    Ok(())
}
