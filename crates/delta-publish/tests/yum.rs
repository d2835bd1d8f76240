//! What `generate` lists is in such an order that yum's rule, applied to the
//! bytes of repomd.xml, picks a delta that makes the current file.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

#[path = "../../delta-client/tests/yum_rule/mod.rs"]
mod yum_rule;

use std::fs;
use std::path::{Path, PathBuf};

use delta_client::patch::{Target, apply_files};
use delta_client::select::{CopyVersion, Selection, select};
use delta_publish::options::{Threshold, Windows};
use delta_publish::{Options, generate};
use repomd::{Record, Repomd};
use yum_rule::{listed, yum};

const TYPES: [&str; 3] = ["primary", "filelists", "other"];

fn demo() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/demo-history");
    let mut generations: Vec<PathBuf> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    generations.sort();
    generations
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn model(root: &Path) -> Repomd {
    Repomd::parse(&fs::read(root.join("repodata/repomd.xml")).unwrap()).unwrap()
}

fn record<'a>(model: &'a Repomd, kind: &str) -> &'a Record {
    model.records.iter().find(|record| record.kind == kind).unwrap()
}

/// Plays the client of every past generation; returns how many got a delta.
fn play(repo: &Path, past: &[PathBuf], work: &Path) -> usize {
    let text = fs::read_to_string(repo.join("repodata/repomd.xml")).unwrap();
    let current = model(repo);
    let mut applied = 0;
    for kind in TYPES {
        let deltas = listed(&text, kind);
        assert!(deltas.is_sorted_by(|one, next| one.timestamp > next.timestamp), "{kind}: {deltas:?}");
        let new = record(&current, kind);
        let checksum = new.open_checksum.as_ref().unwrap();
        for root in past {
            let old_model = model(root);
            let old = record(&old_model, kind);
            let timestamp = old.timestamp.as_ref().unwrap().seconds();
            if old.open_checksum == new.open_checksum {
                continue;
            }
            let picked = yum(&text, kind, timestamp);
            let held = CopyVersion { timestamp: Some(timestamp), open_checksum: old.open_checksum.as_ref() };
            let Selection::Delta(ours) = select(new, &held) else {
                assert_eq!(picked, None, "{kind} {timestamp}");
                continue;
            };
            let picked = picked.unwrap();
            assert_eq!(picked.href, ours.location.as_str(), "{kind} {timestamp}");
            let mut wanted = Target::default();
            wanted.open_checksum = Some(codec::Digest::parse(checksum.kind(), checksum.hex()).unwrap());
            let old_file = root.join(old.local_location().unwrap().as_str());
            apply_files(kind, &old_file, &repo.join(picked.href), &work.join("new"), &wanted).unwrap();
            applied += 1;
        }
    }
    applied
}

#[test]
fn yum_picks_a_delta_that_serves_its_copy() {
    let mut sizes = Options::default();
    sizes.windows = Windows::Thresholds([1, 5, 20, 60].map(Threshold::percent).to_vec());
    for options in [Options::default(), sizes] {
        let work = tempfile::tempdir().unwrap();
        let (repo, history) = (work.path().join("repo"), work.path().join("history"));
        let generations = demo();
        let mut applied = 0;
        for (at, generation) in generations.iter().enumerate() {
            copy(&generation.join("repodata"), &repo.join("repodata"));
            generate(&repo, &history, &options).unwrap();
            applied += play(&repo, &generations[..at], work.path());
        }
        assert!(applied > 100, "{applied}");
    }
}
