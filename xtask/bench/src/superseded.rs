//! The chunks of past generations that the newest no longer has: the least that
//! a history has to keep besides one copy of the newest. They are collected from
//! the generations themselves, not from the history.

use crate::files;
use anyhow::{Context as _, Result};
use codec::{Expect, OpenReader};
use delta_core::chunk::{ChunkId, Chunker};
use delta_core::{Limits, Rule};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// One type's chunks, as far as generations were added.
#[derive(Default)]
struct Kind {
    /// The file of the generation added last, and its chunks.
    last: Option<(PathBuf, HashSet<ChunkId>)>,
    /// Chunks that a later generation had no more.
    gone: Vec<(ChunkId, Vec<u8>)>,
    known: HashSet<ChunkId>,
}

pub(crate) struct Superseded {
    kinds: BTreeMap<&'static str, Kind>,
    work: PathBuf,
}

impl Superseded {
    pub(crate) fn new(work: &Path) -> Self {
        Self { kinds: BTreeMap::new(), work: work.to_owned() }
    }

    /// Adds the next generation; the one before must still be there.
    pub(crate) fn add(&mut self, repo: &Path) -> Result<()> {
        for (data_type, file) in files::by_type(repo)? {
            let kind = self.kinds.entry(data_type).or_default();
            let mut chunks = HashSet::new();
            each_chunk(data_type, &file, |id, _| {
                chunks.insert(id);
            })?;
            if let Some((before, old)) = kind.last.take()
                && !old.is_subset(&chunks)
            {
                each_chunk(data_type, &before, |id, bytes| {
                    if !chunks.contains(&id) && kind.known.insert(id) {
                        kind.gone.push((id, bytes.to_vec()));
                    }
                })?;
            }
            kind.last = Some((file, chunks));
        }
        Ok(())
    }

    /// The size of the superseded chunks of each type as one gzip file, level 6.
    pub(crate) fn finish(self) -> Result<BTreeMap<&'static str, u64>> {
        let mut sizes = BTreeMap::new();
        for (data_type, kind) in self.kinds {
            let path = self.work.join(format!("superseded-{data_type}.gz"));
            let mut encoder = GzEncoder::new(File::create(&path)?, Compression::new(6));
            let newest = kind.last.map(|(_, chunks)| chunks).unwrap_or_default();
            for (id, bytes) in kind.gone {
                if !newest.contains(&id) {
                    encoder.write_all(&bytes)?;
                }
            }
            sizes.insert(data_type, encoder.finish()?.metadata()?.len());
        }
        Ok(sizes)
    }
}

fn each_chunk(data_type: &str, path: &Path, mut each: impl FnMut(ChunkId, &[u8])) -> Result<()> {
    let rule = Rule::for_type(data_type).context("a type without a rule")?;
    let file = File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?;
    let mut chunks = Chunker::new(OpenReader::new(file, path, Expect::default())?, rule, &Limits::default());
    while let Some(chunk) = chunks.next_chunk()? {
        each(ChunkId::hash(chunk), chunk);
    }
    Ok(())
}
