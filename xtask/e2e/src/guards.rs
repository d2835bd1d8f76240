//! What the program must not do, and what it must be able to undo.

use crate::bench::{Bench, ensure_unchanged, snapshot};
use crate::records;
use crate::repository::{PLAIN, Repository, open};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::Path;
use xtask_common::process;

/// Lock, dry run, repetition, damage, and `strip`.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let twin = Repository::new(bench, &PLAIN, "twin")?;
    let [first, second, third, ..] = bench.generations else {
        anyhow::bail!("there are too few generations");
    };
    for generation in [first, second] {
        for one in [&repository, &twin] {
            one.create(generation)?;
            one.generate()?;
        }
    }
    let kept = repository.keep(second.number)?;
    repository.create(third)?;
    twin.create(third)?;
    let original = repository.repomd_bytes()?;

    let before = snapshot(&repository.root)?;
    let lock = repository.root.join(".repodata");
    fs::create_dir(&lock)?;
    process::expect(&mut repository.generate_command(&[]), 75)?;
    ensure_unchanged(&repository.root, &before)?;
    fs::remove_dir(&lock)?;
    bench.ok("a running createrepo_c: exit status 75, nothing changed");

    process::expect(&mut repository.generate_command(&["--dry-run"]), 0)?;
    ensure_unchanged(&repository.root, &before)?;
    bench.ok("--dry-run changes nothing");

    repository.generate()?;
    let count = repository.ensure_deltas()?;
    let with_deltas = snapshot(&repository.root)?;
    bench.ok(format!("the lock left no trace: {count} deltas"));

    repository.generate()?;
    ensure_unchanged(&repository.root, &with_deltas)?;
    bench.ok("a second generate changes nothing");

    twin.generate()?;
    ensure!(repository.repomd_bytes()? == twin.repomd_bytes()?, "two runs wrote different repomd.xml");
    bench.ok("two runs on the same input write the same bytes");

    damage(bench, &repository)?;
    wrong_input(bench, &repository, &kept)?;

    let mut strip = bench.program();
    process::expect(strip.arg("strip").arg(&repository.root), 0)?;
    ensure!(repository.repomd_bytes()? == original, "strip did not restore repomd.xml byte for byte");
    bench.ok("strip restores repomd.xml byte for byte");
    process::expect(&mut repository.verify_command(), 0)?;
    bench.ok("verify accepts the stripped repository");
    repository.generate()?;
    bench.ok(format!("generate after strip: {} deltas", repository.ensure_deltas()?));
    Ok(())
}

/// `apply` has to refuse what does not give the expected file.
fn wrong_input(bench: &Bench<'_>, repository: &Repository<'_>, kept: &Path) -> Result<()> {
    let records = repository.records()?;
    let record = records.iter().find(|record| record.kind == "primary").context("there is no primary")?;
    let olds = records::read(kept)?;
    let old_record =
        olds.iter().find(|record| record.kind == "primary").context("there is no old primary")?;
    let delta = record.deltas.first().context("there is no delta")?;
    let (old, new) = (bench.work.join("old.xml"), bench.work.join("new.xml"));
    let (wrong, cut) = (bench.work.join("wrong.xml"), bench.work.join("cut.bz2"));
    open(&kept.join(&old_record.href), &old)?;
    fs::write(&wrong, "<html>404 Not Found</html>\n")?;
    let mut bytes = fs::read(repository.root.join(&delta.href))?;
    bytes.truncate(bytes.len() / 2);
    fs::write(&cut, bytes)?;
    let whole = repository.root.join(&delta.href);
    let other = format!("sha256:{}", "0".repeat(64));
    let apply = |old: &Path, delta: &Path, checksum: &str| {
        let mut command = bench.program();
        command.args(["apply", "--type", "primary", "--open-checksum", checksum]);
        command.arg(old).arg(delta).arg(&new);
        command
    };
    for (what, old, delta, checksum) in [
        ("an old file that is something else", &wrong, &whole, &record.open_checksum),
        ("half a delta", &old, &cut, &record.open_checksum),
        ("another checksum than expected", &old, &whole, &other),
    ] {
        process::expect(&mut apply(old, delta, checksum), 1)?;
        ensure!(!new.exists(), "`{}` was written from {what}", new.display());
        bench.ok(format!("apply: exit status 1 and no file for {what}"));
    }
    process::expect(&mut apply(&old, &whole, &record.open_checksum), 0)?;
    bench.ok("apply: exit status 0 for the right ones");
    Ok(())
}

/// `verify` has to see a damaged and a missing delta file.
fn damage(bench: &Bench<'_>, repository: &Repository<'_>) -> Result<()> {
    process::expect(&mut repository.verify_command(), 0)?;
    let records = repository.records()?;
    let delta = records.iter().flat_map(|record| &record.deltas).next().context("there is no delta")?;
    let path = repository.root.join(&delta.href);
    let good = fs::read(&path)?;
    let mut bad = good.clone();
    let middle = bad.len() / 2;
    bad[middle] ^= 0x10;
    fs::write(&path, bad)?;
    process::expect(&mut repository.verify_command(), 1)?;
    bench.ok("verify: exit status 1 for a delta with one wrong bit");
    fs::remove_file(&path)?;
    process::expect(&mut repository.verify_command(), 1)?;
    bench.ok("verify: exit status 1 for a missing delta");
    fs::write(&path, good)?;
    process::expect(&mut repository.verify_command(), 0)?;
    bench.ok("verify: exit status 0 when it is back");
    Ok(())
}
