//! Signed repositories: no signature may outlive the repomd.xml that it is of,
//! and checking readers accept what is signed afterwards.

use crate::bench::Bench;
use crate::gpg::{Key, SIGN, signature};
use crate::readers::{self, Answer, Site};
use crate::repository::{PLAIN, Repository};
use anyhow::{Result, bail, ensure};
use std::fs;
use xtask_common::packages::Generation;
use xtask_common::process;

/// Signs by hand, by `--sign-command`, and not at all.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    let key = Key::new(bench.work)?;
    let repository = Repository::new(bench, &PLAIN, "repo")?;
    let [first, second, third, fourth] = bench.first()?;
    by_hand(bench, &repository, &key, [first, second])?;
    by_command(bench, &repository, &key, [third, fourth])?;
    tamper(bench, &repository, &key)
}

fn by_hand(bench: &Bench<'_>, repository: &Repository<'_>, key: &Key, two: [&Generation; 2]) -> Result<()> {
    let [first, second] = two;
    let repomd = repository.repomd();
    repository.create(first)?;
    key.sign(&repomd)?;
    let before = repository.repomd_bytes()?;
    repository.generate()?;
    ensure!(repository.repomd_bytes()? == before, "repomd.xml changed though there is nothing to list");
    key.verify(&repomd)?;
    bench.ok("an unchanged repomd.xml keeps its signature");

    repository.create(second)?;
    key.sign(&repomd)?;
    let output = repository.generate()?;
    repository.ensure_deltas()?;
    ensure!(!signature(&repomd).exists(), "the old signature is still there");
    let messages = String::from_utf8_lossy(&output.stderr).to_lowercase();
    ensure!(messages.contains("sign"), "nothing says that the signature was removed:\n{messages}");
    bench.ok("a changed repomd.xml loses its signature, and the message says so");
    key.sign(&repomd)?;
    key.verify(&repomd)?;
    readers_accept(bench, repository, key, "by-hand")
}

fn by_command(
    bench: &Bench<'_>,
    repository: &Repository<'_>,
    key: &Key,
    two: [&Generation; 2],
) -> Result<()> {
    let [third, fourth] = two;
    let repomd = repository.repomd();
    repository.create(third)?;
    key.sign(&repomd)?;
    let mut signing = repository.generate_command(&["--sign-command", SIGN]);
    key.set_home(&mut signing);
    process::expect(signing.arg("--keyring").arg(&key.public), 0)?;
    repository.ensure_deltas()?;
    key.verify(&repomd)?;
    ensure_no_leftovers(repository)?;
    bench.ok("--sign-command signs the new repomd.xml, and gpgv finds that good");
    readers_accept(bench, repository, key, "by-command")?;

    // createrepo_c copies the old signature forward; a compose script that
    // lets the program sign never signs by hand.
    repository.create(fourth)?;
    let mut signing = repository.generate_command(&["--sign-command", SIGN]);
    key.set_home(&mut signing);
    process::expect(&mut signing, 0)?;
    key.verify(&repomd)?;
    ensure_no_leftovers(repository)?;
    bench.ok("--sign-command replaces a stale signature");
    Ok(())
}

fn ensure_no_leftovers(repository: &Repository<'_>) -> Result<()> {
    for entry in fs::read_dir(repository.root.join("repodata"))? {
        let name = entry?.file_name();
        ensure!(!name.to_string_lossy().contains(".new."), "`{}` was left behind", name.display());
    }
    Ok(())
}

fn site(repository: &Repository<'_>, key: &Key) -> Site {
    Site { key: Some(key.public.clone()), ..Site::local(&repository.root) }
}

fn readers_accept(bench: &Bench<'_>, repository: &Repository<'_>, key: &Key, label: &str) -> Result<()> {
    for reader in readers::managers(bench.system) {
        match reader.ask(bench, &site(repository, key), &bench.work.join("readers").join(label))? {
            Answer::Listed(text) => {
                ensure!(text.contains("brambleshell"), "{reader} lists no packages:\n{text}");
                bench.ok(format!("{reader} accepts the signature ({label})"));
            }
            Answer::Refused { details, .. } => {
                bail!("{reader} refuses the signature ({label}):\n{details}")
            }
        }
    }
    Ok(())
}

/// The checks above mean something only if a wrong signature is refused.
fn tamper(bench: &Bench<'_>, repository: &Repository<'_>, key: &Key) -> Result<()> {
    let good = repository.repomd_bytes()?;
    let mut bytes = good.clone();
    bytes.push(b'\n');
    fs::write(repository.repomd(), bytes)?;
    for reader in readers::managers(bench.system) {
        match reader.ask(bench, &site(repository, key), &bench.work.join("readers/tampered"))? {
            Answer::Listed(_) => bail!("{reader} accepts a repomd.xml that was changed after signing"),
            Answer::Refused { message, .. } => {
                bench.ok(format!("{reader} refuses a repomd.xml changed after signing: {message}"));
            }
        }
    }
    fs::write(repository.repomd(), good)?;
    readers_accept(bench, repository, key, "restored")
}
