//! Selecting and applying deltas as files: the golden delta, and every way in
//! which a file can be wrong. The target stays as it was until the result is
//! verified.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::{Path, PathBuf};

use codec::recipe::{Facts, Recipe};
use codec::{Algorithm, Compression, Expect, OpenReader};
use delta_client::patch::{Error, StoredForm, Target, apply_files};
use delta_client::select::{CopyVersion, Selection, select};
use repomd::Repomd;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/format-1").join(name)
}

fn target() -> Target {
    let new = fs::read(golden("new.xml")).unwrap();
    Target::default().with_open_checksum(Algorithm::Sha256.digest(&new)).with_open_size(new.len() as u64)
}

fn attempt(old: &Path, delta: &Path, target: &Target) -> Result<Vec<u8>, Error> {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("new.xml");
    fs::write(&new, "before").unwrap();
    let applied = apply_files("other", old, delta, &new, target);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["new.xml"], "nothing is left beside");
    let bytes = fs::read(&new).unwrap();
    if applied.is_err() {
        assert_eq!(bytes, b"before");
    }
    applied.map(|_| bytes)
}

#[test]
fn the_golden_delta_serves_both_versions() {
    for old in ["old-1.xml", "old-2.xml"] {
        let made = attempt(&golden(old), &golden("delta.bz2"), &target()).unwrap();
        assert_eq!(made, fs::read(golden("new.xml")).unwrap());
    }
}

#[test]
fn a_result_that_is_not_wanted_replaces_nothing() {
    let other = target().with_open_checksum(Algorithm::Sha256.digest(b"something else"));
    let error = attempt(&golden("old-1.xml"), &golden("delta.bz2"), &other).unwrap_err();
    assert!(matches!(error, Error::WrongResult { .. }), "{error}");

    let longer = target().with_open_size(104);
    let error = attempt(&golden("old-1.xml"), &golden("delta.bz2"), &longer).unwrap_err();
    assert!(error.to_string().contains("expected 104 bytes, found 103 bytes"), "{error}");

    for (max_size, is_taken) in [(102, false), (103, true)] {
        let limited = Target::default().with_max_size(max_size);
        let made = attempt(&golden("old-1.xml"), &golden("delta.bz2"), &limited);
        assert_eq!(made.is_ok(), is_taken, "{made:?}");
        assert!(made.is_ok_and(|bytes| bytes.len() == 103) || !is_taken);
    }

    let shorter = target().with_open_size(102);
    let error = attempt(&golden("old-1.xml"), &golden("delta.bz2"), &shorter).unwrap_err();
    assert!(matches!(error, Error::Apply { .. }), "{error}");
}

#[test]
fn wrong_and_damaged_files_replace_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let delta = fs::read(golden("delta.bz2")).unwrap();
    for end in 0..delta.len() {
        fs::write(at("cut"), &delta[..end]).unwrap();
        attempt(&golden("old-1.xml"), &at("cut"), &target()).unwrap_err();
    }
    for byte in 0..delta.len() {
        let mut damaged = delta.clone();
        damaged[byte] ^= 4;
        fs::write(at("damaged"), damaged).unwrap();
        if let Ok(made) = attempt(&golden("old-1.xml"), &at("damaged"), &target()) {
            assert_eq!(made, fs::read(golden("new.xml")).unwrap());
        }
    }
    let error = attempt(&golden("old-1.xml"), &golden("delta.tokens"), &target()).unwrap_err();
    assert!(matches!(error, Error::NotBzip2 { .. }), "{error}");
    attempt(&golden("new.xml"), &golden("delta.bz2"), &target()).unwrap_err();
    attempt(&at("absent"), &golden("delta.bz2"), &target()).unwrap_err();
    let made = apply_files("other_db", &golden("old-1.xml"), &golden("delta.bz2"), &at("x"), &target());
    assert!(made.unwrap_err().to_string().contains("it is a database"));
}

const REPOMD: &str = r#"<repomd xmlns="http://linux.duke.edu/metadata/repo"><data type="primary">
<delta><checksum type="sha256">aa</checksum><location href="repodata/0"/><timestamp>300</timestamp><size>10</size></delta>
<delta><checksum type="sha256">bb</checksum><location href="repodata/1"/><timestamp>100</timestamp><size>20</size></delta>
<delta><checksum type="sha256">cc</checksum><location href="repodata/2"/><timestamp>50</timestamp><size>999</size></delta>
<checksum type="sha256">00</checksum><open-checksum type="sha256">11</open-checksum><location href="repodata/p"/>
<timestamp>400</timestamp><size>999</size></data></repomd>"#;

/// The rule of yum's parser: the first `<delta>` in document order whose
/// timestamp is at most the client's, for a client that is behind.
#[test]
fn the_first_delta_that_is_old_enough_is_selected() {
    let model = Repomd::parse(REPOMD.as_bytes()).unwrap();
    let record = model.record("primary").unwrap();
    let pick = |timestamp| match select(record, &CopyVersion { timestamp, open_checksum: None }) {
        Selection::Delta(delta) => delta.location.as_str().to_owned(),
        Selection::Full { why } => why.to_owned(),
        Selection::Current => "current".to_owned(),
    };
    assert_eq!(pick(Some(399)), "repodata/0");
    assert_eq!(pick(Some(300)), "repodata/0");
    assert_eq!(pick(Some(299)), "repodata/1");
    assert_eq!(pick(Some(100)), "repodata/1");
    assert_eq!(pick(Some(99)), "the delta is as large as the full file");
    assert_eq!(pick(Some(49)), "no delta serves a copy that old");
    assert_eq!(pick(Some(400)), "the copy is not older than the record");
    assert_eq!(pick(Some(500)), "the copy is not older than the record");
    assert_eq!(pick(None), "the timestamp of the copy is not known");
    let held = CopyVersion { timestamp: Some(100), open_checksum: record.open_checksum.as_ref() };
    assert_eq!(select(record, &held), Selection::Current);
}

/// The same content in other forms, each verified as what it is.
#[test]
fn a_result_is_stored_in_any_form() {
    let dir = tempfile::tempdir().unwrap();
    let new = dir.path().join("new");
    let apply = |target: &Target| {
        apply_files("other", &golden("old-1.xml"), &golden("delta.bz2"), &new, target)?;
        Ok::<_, Error>(fs::read(&new).unwrap())
    };
    let content = fs::read(golden("new.xml")).unwrap();
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let file = apply(&target().with_form(StoredForm::Quick(compression))).unwrap();
        let mut reader = OpenReader::new(Cursor::new(file), "new", Expect::default()).unwrap();
        assert_eq!(reader.compression(), compression);
        let mut open = Vec::new();
        reader.read_to_end(&mut open).unwrap();
        assert_eq!(open, content);
    }
    let facts = Facts::from_repomd(Some("1790000000"), "new.xml.gz");
    let recipes = Recipe::all().filter(|recipe| !recipe.needs_old_file());
    for recipe in recipes.filter(|recipe| recipe.compression() == Compression::Gzip) {
        let mut rebuilder = recipe.rebuilder_with(Vec::new(), None, &facts).unwrap();
        rebuilder.write_all(&content).unwrap();
        let published = rebuilder.finish().unwrap();
        let mut target = target().with_form(StoredForm::Exact(recipe));
        target.facts = facts.clone();
        target.checksum = Some(Algorithm::Sha1.digest(&published));
        target.size = Some(published.len() as u64);
        assert_eq!(apply(&target).unwrap(), published, "{recipe}");
        target.checksum = Some(Algorithm::Sha1.digest(b"another"));
        assert!(matches!(apply(&target), Err(Error::WrongResult { .. })));
        assert_eq!(fs::read(&new).unwrap(), published);
    }
    let zchunk = Recipe::all().find(|recipe| recipe.needs_old_file()).unwrap();
    let error = apply(&target().with_form(StoredForm::Exact(zchunk))).unwrap_err();
    assert!(matches!(error, Error::NoChunkRule), "{error}");
}

#[test]
fn a_target_is_what_its_record_says() {
    let model = Repomd::parse(REPOMD.as_bytes()).unwrap();
    let target = Target::from_record(model.record("primary").unwrap(), model.journal.as_ref());
    assert_eq!((target.size, target.open_size), (Some(999), None));
    // They are of no length that the algorithm has.
    assert_eq!((target.checksum, target.open_checksum), (None, None));
}
