//! Programs that know nothing of deltas: each reads the repository as it did
//! before, or is named in the documents; and what they print is shown there.

use crate::bench::Bench;
use crate::readers::habits::{self, Lists};
use crate::readers::warnings;
use crate::repository::{Generator, PLAIN, Repository};
use anyhow::{Context as _, Result, ensure};

/// Names of metadata files without checksums, which some programs rely on.
const SIMPLE: Generator = Generator { options: &["--simple-md-filenames"], ..PLAIN };
/// The current `createrepo_c`.
const CURRENT: Generator = Generator { current: true, ..PLAIN };

/// Every habit, of repositories with deltas, with the journal alone, and after
/// `strip`.
pub(crate) fn run(bench: &Bench<'_>) -> Result<()> {
    for (name, generator) in [("plain", &PLAIN), ("simple", &SIMPLE), ("current", &CURRENT)] {
        let repository = Repository::new(bench, generator, name)?;
        let (last, earlier) = bench.generations.split_last().context("there are no generations")?;
        for generation in earlier.iter().rev().take(2).rev() {
            repository.create(generation)?;
            repository.generate()?;
        }
        repository.create(last)?;
        let before = habits::ask_all(&repository.root)?;
        repository.generate()?;
        repository.ensure_deltas()?;
        habits::ensure_agreement(bench, &before, &habits::ask_all(&repository.root)?, Lists::All)?;
        if name == "plain" {
            warnings::check(bench, &repository)?;
        }

        repository.generate_with(&["--no-deltas"])?;
        let text = String::from_utf8(repository.repomd_bytes()?)?;
        ensure!(
            text.contains("<?delta-journal ") && !text.contains("<delta>"),
            "not the journal alone:\n{text}"
        );
        habits::ensure_agreement(bench, &before, &habits::ask_all(&repository.root)?, Lists::Journal)?;
    }
    Ok(())
}
