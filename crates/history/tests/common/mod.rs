//! A small repository's metadata file through time.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::format_collect,
    reason = "tests; each uses its part"
)]

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use delta_core::chunk::Chunker;
use delta_core::{Limits, Rule};
use history::{Error, History, Publication, Retention, Track};
use sha2::{Digest, Sha256};

/// The open file of generation `n`: 40 packages, three of which change each time.
pub fn file(n: u32) -> Vec<u8> {
    let mut file = b"<metadata>\n".to_vec();
    for package in 0..40 {
        let version = (0..=n).rev().find(|g| (g * 3 + package) % 13 == 0).unwrap_or(0);
        let text = format!(
            "<package n=\"{package}\" v=\"{version}\">{}</package>\n",
            noise(package * 100 + version)
        );
        file.extend(text.bytes());
    }
    file.extend(b"</metadata>");
    file
}

/// Text that does not compress much.
pub fn noise(seed: u32) -> String {
    let mut state = u64::from(seed) + 1;
    (0..20)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{:x}", state >> 20)
        })
        .collect()
}

pub fn publication(file: &[u8], timestamp: Option<u64>) -> Publication {
    Publication {
        open_sha256: Sha256::digest(file).into(),
        open_size: file.len() as u64,
        size: file.len() as u64 / 9,
        timestamp,
        declared: None,
    }
}

pub fn record(track: &mut Track, file: &[u8], timestamp: Option<u64>) -> Result<(), Error> {
    let mut recorder = track.record()?;
    let mut chunks = Chunker::new(file, Rule::for_type("primary").unwrap(), &Limits::default());
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        recorder.chunk(chunk)?;
    }
    recorder.finish(&publication(file, timestamp))
}

/// Opens, records one generation, commits, closes.
pub fn publish(root: &Path, file: &[u8], timestamp: Option<u64>, retention: &Retention) -> Result<(), Error> {
    let history = History::open(root)?;
    let mut track = history.track("primary")?;
    record(&mut track, file, timestamp)?;
    track.commit(retention)
}

pub fn given_back(track: &Track, index: usize) -> Vec<u8> {
    let mut out = Vec::new();
    track.write_generation(index, &mut out).unwrap();
    out
}

pub fn read(root: &Path) -> Track {
    History::read(root).unwrap().track("primary").unwrap()
}

pub fn keep(generations: usize) -> Retention {
    Retention { generations, ..Retention::default() }
}

/// One file or directory: mode, time of the last change of the content, content.
pub type Seen = (u32, i64, i64, Vec<u8>);

/// Everything below a directory, and the directory itself.
pub fn everything(root: &Path) -> BTreeMap<PathBuf, Seen> {
    let mut seen = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let metadata = std::fs::symlink_metadata(&path).unwrap();
        let mut content = Vec::new();
        if metadata.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            content = std::fs::read(&path).unwrap();
        }
        let key = path.strip_prefix(root).unwrap().to_owned();
        seen.insert(key, (metadata.mode(), metadata.mtime(), metadata.mtime_nsec(), content));
    }
    seen
}

/// The contents of the packs of `primary`, whatever their names now.
pub fn packs(root: &Path) -> Vec<Vec<u8>> {
    let is_pack = |(path, _): &(PathBuf, Seen)| path.to_string_lossy().contains("pack-");
    let mut packs: Vec<_> =
        everything(&root.join("primary")).into_iter().filter(is_pack).map(|f| f.1.3).collect();
    packs.sort();
    packs
}
