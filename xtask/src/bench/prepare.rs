//! Making what is measured: an invented repository's generations, one at a time,
//! taken into a history as they come, and the few of them kept that clients hold.

use super::journaling::Journaling;
use super::superseded::Superseded;
use super::{Options, Part, TYPES, measure};
use crate::synth::{self, History};
use crate::{paths, process};
use anyhow::{Context as _, Result, anyhow};
use repomd::Repomd;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A repository before the publish that is measured.
pub(super) struct Prepared {
    pub(super) program: PathBuf,
    pub(super) packages: u32,
    pub(super) work: PathBuf,
    /// The history, with all generations but the newest.
    pub(super) history: PathBuf,
    /// The newest generation: a directory with a repodata/.
    pub(super) newest: PathBuf,
    /// By how many generations they are behind, the generations kept.
    pub(super) olds: BTreeMap<usize, PathBuf>,
    /// Compressed bytes of what the newest generation superseded, by type.
    pub(super) superseded: BTreeMap<&'static str, u64>,
    /// All generations, published in turn.
    pub(super) journaling: Option<Journaling>,
}

impl Prepared {
    /// Makes it below `work`; finding out what was superseded takes twice as
    /// long and is done for the `largest` repository only.
    pub(super) fn make(
        program: &Path,
        work: &Path,
        packages: u32,
        options: &Options,
        largest: bool,
    ) -> Result<Self> {
        println!("making {} generations of {packages} packages …", options.generations() + 1);
        paths::make_empty(work)?;
        let history = work.join("history");
        let mut synth = History::new(synth::Options { packages, ..synth::Options::default() })?;
        let mut olds = BTreeMap::new();
        let mut superseded = Superseded::new(work);
        let generations = options.generations();
        let mut journaling =
            (largest && options.needs_journals()).then(|| Journaling::begin(program, work, options));
        let directory = |behind: usize| work.join(format!("behind-{behind}"));
        for behind in (0..=generations).rev() {
            let here = directory(behind);
            let number = u32::try_from(generations - behind + 1).context("too many generations")?;
            synth.write(number, &here)?;
            if largest && options.has(Part::History) {
                superseded.add(&here)?;
            }
            if let Some(journaling) = &mut journaling {
                journaling.add(&here)?;
            }
            if behind > 0 {
                let mut import = Command::new(program);
                process::run(import.args(["history", "import", "--quiet"]).arg(&history).arg(&here))?;
            }
            if largest && options.ages.contains(&behind) {
                olds.insert(behind, here);
            }
            // The one before was needed to tell what this one superseded.
            let before = directory(behind + 1);
            if behind < generations && !olds.contains_key(&(behind + 1)) {
                fs::remove_dir_all(&before)
                    .with_context(|| format!("cannot remove `{}`", before.display()))?;
            }
        }
        let superseded = if largest { superseded.finish()? } else { BTreeMap::new() };
        Ok(Self {
            program: program.to_owned(),
            packages,
            work: work.to_owned(),
            history,
            newest: directory(0),
            olds,
            superseded,
            journaling,
        })
    }
}

/// The files of a repository, by type.
pub(super) fn files(repo: &Path) -> Result<BTreeMap<&'static str, PathBuf>> {
    let model = Repomd::parse(&fs::read(repo.join("repodata/repomd.xml"))?)?;
    let mut files = BTreeMap::new();
    for data_type in TYPES {
        let record = model.record(data_type).with_context(|| format!("no {data_type}"))?;
        let location = record.local_location().map_err(|e| anyhow!("{e}"))?;
        files.insert(data_type, repo.join(location.as_str()));
    }
    Ok(files)
}

/// Decompresses a metadata file of a repository.
pub(super) fn open(file: &Path, to: &Path) -> Result<()> {
    let line = format!("gzip -dc '{}' > '{}'", file.display(), to.display());
    process::run(&mut measure::shell(&line)).map(drop)
}

/// Copies a directory with all that is below.
pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove `{}`", to.display()))?;
    }
    process::run(Command::new("cp").arg("-r").arg(from).arg(to))?;
    Ok(())
}

/// Bytes of all files below a directory.
pub(super) fn bytes_below(directory: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(directory).with_context(|| format!("cannot list `{}`", directory.display()))? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum += if metadata.is_dir() { bytes_below(&entry.path())? } else { metadata.len() };
    }
    Ok(sum)
}
