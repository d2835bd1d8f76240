//! Lists what a repository offers to whom, and applies one delta by hand.
//!
//! ```sh
//! cargo run -p delta-client --example offers -- REPOSITORY
//! cargo run -p delta-client --example offers -- REPOSITORY TYPE OLD-FILE NEW-FILE
//! ```
//!
//! Deltas serve copies by their `<timestamp>`, the journal serves them by what they hold. Everything is read with
//! the crates below this one: `repomd` reads repomd.xml, `codec` decompresses and verifies, `delta-core` reads the
//! journal and applies the delta. A client calls `update` or `obtain_file` instead.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use codec::{Algorithm, Digest, Expect, OpenReader};
use delta_core::journal::Head;
use delta_core::{Limits, Rule, apply};
use repomd::{Checksum, Delta, Journal, Record, Repomd};

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let paths: Vec<&Path> = arguments.iter().map(Path::new).collect();
    match paths[..] {
        [repository] => {
            for line in offers(repository)? {
                println!("{line}");
            }
        }
        [repository, _, old, new] => apply_one(repository, &arguments[1], old, new)?,
        _ => return Err("usage: offers REPOSITORY [TYPE OLD-FILE NEW-FILE]".into()),
    }
    Ok(())
}

fn read(repository: &Path) -> Outcome<Repomd> {
    let path = repository.join("repodata/repomd.xml");
    let bytes = fs::read(&path).map_err(|error| format!("cannot read `{}`: {error}", path.display()))?;
    Ok(Repomd::parse(&bytes)?)
}

/// A line for each type, each of its deltas, and each generation that the journal serves.
fn offers(repository: &Path) -> Outcome<Vec<String>> {
    let repomd = read(repository)?;
    let mut lines = Vec::new();
    for record in &repomd.records {
        let size = record.size.map_or("an unknown number of".to_owned(), |size| size.to_string());
        lines.push(format!("{}: the full file has {size} bytes", record.kind));
        for delta in record.usable_deltas() {
            let since = delta.timestamp.seconds();
            lines.push(format!("  {} bytes for copies with a timestamp from {since} on: delta", delta.size));
        }
        if let Some(journal) = &repomd.journal {
            lines.extend(reads(repository, journal, &record.kind)?);
        }
    }
    Ok(lines)
}

/// What the holders of past generations of a type read of the journal, newest first.
fn reads(repository: &Path, journal: &Journal, data_type: &str) -> Outcome<Vec<String>> {
    let file = fs::read(repository.join(journal.location.as_str()))?;
    let head = file.get(..usize::try_from(journal.head_size)?).ok_or("the journal is too short")?;
    // A head is believed by its digest in repomd.xml.
    if !Algorithm::Sha256.digest(head).as_bytes().starts_with(&journal.head_digest) {
        return Err(format!("`{}` is not the journal that repomd.xml names", journal.location).into());
    }
    let head = Head::read(head)?;
    let mut lines = Vec::new();
    for chain in head.chains().iter().filter(|chain| head.types()[chain.data_type] == data_type) {
        for (number, generation) in chain.from.iter().enumerate() {
            let Some(reading) = chain.reading_from(number) else { continue };
            let bytes = head.len() + reading.bytes(0);
            lines.push(format!("  {bytes} bytes for copies whose SHA-256 begins {generation}: journal"));
        }
    }
    Ok(lines)
}

/// Makes `new` of `old` by the first delta that leads to the current file of the type.
fn apply_one(repository: &Path, data_type: &str, old: &Path, new: &Path) -> Outcome<()> {
    let repomd = read(repository)?;
    let record = repomd.record(data_type).ok_or_else(|| format!("there is no type `{data_type}`"))?;
    let mut reasons = Vec::new();
    for delta in record.usable_deltas() {
        match apply_delta(repository, record, delta, old, new) {
            Ok(()) => return Ok(()),
            Err(error) => reasons.push(format!("`{}`: {error}", delta.location)),
        }
    }
    Err(format!("no delta of `{data_type}` serves `{}`: {}", old.display(), reasons.join("; ")).into())
}

fn apply_delta(repository: &Path, record: &Record, delta: &Delta, old: &Path, new: &Path) -> Outcome<()> {
    let rule = Rule::for_type(&record.kind).ok_or("types like this have no deltas")?;
    let target = record.open_checksum.as_ref().ok_or("repomd.xml has no open-checksum for it")?;
    let target = digest(target)?;
    let path = repository.join(delta.location.as_str());
    let expect = Expect::default().with_checksum(digest(&delta.checksum)?).with_size(delta.size);
    let delta = OpenReader::new(File::open(&path)?, path, expect)?;
    let old = OpenReader::new(File::open(old)?, old, Expect::default())?;
    let mut limits = Limits::default();
    if let Some(size) = record.open_size {
        limits = limits.with_max_output(size);
    }
    let mut out = BufWriter::new(File::create(new)?);
    apply(rule, old, delta, &mut out, &limits)?;
    out.flush()?;
    // Only now it is known whether the delta was for this old file.
    let found = target.algorithm().digest_of(File::open(new)?)?;
    if found == target { Ok(()) } else { Err(format!("expected {target}, found {found}").into()) }
}

fn digest(checksum: &Checksum) -> Outcome<Digest> {
    Ok(Digest::parse(checksum.kind(), checksum.hex())?)
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "it is a directory of the test")]
mod tests {
    use super::*;
    use std::io::Read as _;
    use std::path::PathBuf;

    /// A repository after three publishes, and the demo's files as they were at each.
    fn repository(work: &Path) -> PathBuf {
        let repository = work.join("repository");
        for number in 0..3 {
            let repodata = repository.join("repodata");
            if repodata.exists() {
                fs::remove_dir_all(&repodata).unwrap();
            }
            fs::create_dir_all(&repodata).unwrap();
            for entry in fs::read_dir(state(number).join("repodata")).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), repodata.join(entry.file_name())).unwrap();
            }
            delta_publish::generate(&repository, &work.join("history"), &delta_publish::Options::default())
                .unwrap();
        }
        repository
    }

    fn state(number: usize) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../testdata/demo-history/gen-{number:04}"))
    }

    fn primary(repository: &Path) -> PathBuf {
        let repomd = read(repository).unwrap();
        repository.join(repomd.record("primary").unwrap().servable().unwrap().as_str())
    }

    fn open(path: &Path) -> Vec<u8> {
        let mut open = Vec::new();
        let reader = OpenReader::new(File::open(path).unwrap(), path, Expect::default());
        reader.unwrap().read_to_end(&mut open).unwrap();
        open
    }

    #[test]
    fn every_type_has_its_deltas_and_what_holders_of_each_generation_read() {
        let work = tempfile::tempdir().unwrap();
        let lines = offers(&repository(work.path())).unwrap();
        let count = |what: &str| lines.iter().filter(|line| line.ends_with(what)).count();
        assert_eq!((count("bytes"), count(": delta"), count(": journal")), (3, 3, 6), "{lines:#?}");
    }

    #[test]
    fn a_delta_that_is_applied_by_hand_gives_the_current_file() {
        let work = tempfile::tempdir().unwrap();
        let repository = repository(work.path());
        let new = work.path().join("new.xml");
        apply_one(&repository, "primary", &primary(&state(0)), &new).unwrap();
        assert!(fs::read(&new).unwrap() == open(&primary(&repository)));
        let error = apply_one(&repository, "primary", &primary(&state(7)), &new).unwrap_err();
        assert!(error.to_string().contains("no delta of `primary` serves"), "{error}");
    }
}
