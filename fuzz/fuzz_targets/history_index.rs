//! Whatever an index with a right digest says, reading a track never panics and
//! never asks for much memory, a generation is given back as what its SHA-256
//! names or not at all, and the history goes on working: after `verify` the next
//! generation and all that are left come back.
//!
//! Input: an even byte for the content of an index as it is, an odd one for
//! changes to a good one; with the next bit set `verify` is left out. Files are
//! made below the directory for temporary files, which should be in memory.

#![no_main]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that histories do")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use delta_core::Limits;
use delta_core::chunk::Chunker;
use history::{Error, History, Publication, Retention, Track};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};
use shared::{edits, pieces};

const TYPE: &str = "primary";
const INDEX: &str = "index";
/// Bytes of the digest at the end of an index.
const DIGEST: usize = 32;
/// The generations of the good history, oldest first.
const GENERATIONS: &[&str] = &["(aBcDeF)", "(aBcGeF)", "(aBcGGheF)", "(BaBcGheF"];
/// What is recorded into the history in the end.
const NEXT: &str = "(aBxGGhYF)";

static GOOD: LazyLock<Good> = LazyLock::new(|| Good::make().expect("a history in the temporary directory"));

fuzz_target!(|data: &[u8]| {
    let Some((form, input)) = data.split_first() else { return };
    let mut index = GOOD.index.clone();
    if form % 2 == 0 {
        index.truncate(GOOD.magic);
        index.extend_from_slice(input);
    } else {
        let mut body = index.split_off(GOOD.magic);
        edits::apply(&mut body, input);
        index.extend_from_slice(&body);
    }
    let digest = Sha256::digest(&index);
    index.extend_from_slice(&digest);
    GOOD.lay_out(&index).expect("files in the temporary directory");

    let track = read(&GOOD.work);
    for at in 0..track.generations().len() {
        give_back(&track, at);
    }
    drop(track);
    // It may be refused; the index may claim what makes that necessary.
    let _ = go_on(&GOOD.work, form & 2 == 0);
});

fn read(root: &Path) -> Track {
    let history = History::read(root).expect("a history");
    history.track(TYPE).expect("damage is no error")
}

/// Whether the generation came back; if it did, it is the right one.
fn give_back(track: &Track, at: usize) -> bool {
    let generation = &track.generations()[at];
    let mut out = Vec::new();
    if track.write_generation(at, &mut out).is_err() {
        return false;
    }
    assert_eq!(Sha256::digest(&out)[..], generation.open_sha256, "another content");
    assert_eq!(out.len() as u64, generation.open_size, "another size");
    true
}

/// Publishes one more generation into a history that may be damaged.
fn go_on(root: &Path, verify: bool) -> Result<(), Error> {
    let next = file(NEXT);
    let history = History::open(root)?;
    let mut track = history.track(TYPE)?;
    if verify {
        track.verify()?;
        for at in 0..track.generations().len() {
            assert!(give_back(&track, at), "verify kept what does not come back");
        }
    }
    record(&mut track, &next, 99)?;
    track.commit(&Retention { generations: 3, max_age: Some(1 << 40) })?;
    drop(track);
    drop(history);

    // Without `verify` the new generation may rest on chunks that are damaged.
    let track = read(root);
    assert!(!verify || track.find(&publication(&next, 99).open_sha256) == Some(0), "{:?}", track.damage());
    for at in 0..track.generations().len() {
        let came_back = give_back(&track, at);
        assert!(came_back || !verify, "generation {at} is lost");
    }
    Ok(())
}

fn record(track: &mut Track, file: &[u8], timestamp: u64) -> Result<(), Error> {
    let mut recorder = track.record()?;
    let mut chunks = Chunker::new(file, pieces::rule(), &Limits::default());
    while let Some(chunk) = chunks.next_chunk().expect("the file is small") {
        recorder.chunk(chunk)?;
    }
    recorder.finish(&publication(file, timestamp))
}

fn publication(file: &[u8], timestamp: u64) -> Publication {
    Publication {
        open_sha256: Sha256::digest(file).into(),
        open_size: file.len() as u64,
        size: 7,
        timestamp: Some(timestamp),
        declared: Some("sha1:00".to_owned()),
    }
}

fn file(spelling: &str) -> Vec<u8> {
    pieces::files(spelling.as_bytes()).swap_remove(0)
}

/// A history that is as it should be, and a place for copies of it.
struct Good {
    work: PathBuf,
    /// The index up to its digest.
    index: Vec<u8>,
    /// Where its first line ends.
    magic: usize,
    /// All its other files: path below its root, and content.
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Good {
    fn make() -> Result<Self, Box<dyn std::error::Error>> {
        let root = std::env::temp_dir().join(format!("createrepo-delta-fuzz-{}", std::process::id()));
        let good = root.join("good");
        for (timestamp, spelling) in (1..).zip(GENERATIONS) {
            let history = History::open(&good)?;
            let mut track = history.track(TYPE)?;
            record(&mut track, &file(spelling), timestamp)?;
            track.commit(&Retention::default())?;
        }
        let mut files = Vec::new();
        for dir in ["", TYPE] {
            for entry in fs::read_dir(good.join(dir))? {
                let entry = entry?;
                if entry.file_type()?.is_file() && entry.file_name() != INDEX {
                    files.push((Path::new(dir).join(entry.file_name()), fs::read(entry.path())?));
                }
            }
        }
        let mut index = fs::read(good.join(TYPE).join(INDEX))?;
        index.truncate(index.len() - DIGEST);
        let magic = index.iter().position(|byte| *byte == b'\n').ok_or("an index without a line")? + 1;
        Ok(Self { work: root.join("work"), index, magic, files })
    }

    /// Makes the copy anew, with this index.
    fn lay_out(&self, index: &[u8]) -> std::io::Result<()> {
        if self.work.exists() {
            fs::remove_dir_all(&self.work)?;
        }
        fs::create_dir_all(self.work.join(TYPE))?;
        for (path, content) in &self.files {
            fs::write(self.work.join(path), content)?;
        }
        fs::write(self.work.join(TYPE).join(INDEX), index)
    }
}
