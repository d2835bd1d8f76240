//! Making what is measured: an invented repository's generations, one at a time,
//! taken into a history as they come, and the few of them kept that clients hold.

use crate::journaling::Journaling;
use crate::options::{Options, Part};
use crate::superseded::Superseded;
use crate::synth::{self, History};
use anyhow::{Context as _, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::{paths, process};

/// A repository before the publish that is measured.
pub(crate) struct Prepared {
    pub(crate) program: PathBuf,
    pub(crate) packages: u32,
    pub(crate) work: PathBuf,
    /// The history, with all generations but the newest.
    pub(crate) history: PathBuf,
    /// The newest generation: a directory with a repodata/.
    pub(crate) newest: PathBuf,
    /// By how many generations they are behind, the generations kept.
    pub(crate) olds: BTreeMap<usize, PathBuf>,
    /// Compressed bytes of what the newest generation superseded, by type.
    pub(crate) superseded: BTreeMap<&'static str, u64>,
    /// All generations, published in turn, as clients fetch them that are later behind.
    pub(crate) journaling: Option<Journaling>,
}

impl Prepared {
    /// Makes it below `work`; finding out what was superseded takes twice as
    /// long and is done for the `largest` repository only.
    pub(crate) fn make(
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
                if options.ages.contains(&behind) {
                    journaling.keep(&as_published(work, behind))?;
                }
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

    /// The repository as it was published in turn when those fetched it who are so much behind.
    pub(crate) fn as_published(&self, behind: usize) -> PathBuf {
        as_published(&self.work, behind)
    }
}

fn as_published(work: &Path, behind: usize) -> PathBuf {
    work.join(format!("published-{behind}"))
}
