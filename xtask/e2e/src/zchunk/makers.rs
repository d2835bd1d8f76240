//! How repositories with zchunk files are made, each by the programs of the system.

use super::families;
use crate::bench::Bench;
use crate::composes::content;
use crate::repository::{ALWAYS, PLAIN, Repository, open};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::packages::{self, Generation};
use xtask_common::{paths, process};

/// A way to make one.
pub(super) struct Maker {
    pub(super) name: &'static str,
    /// Chunks are compressed with dictionaries.
    has_dictionaries: bool,
    /// Two repositories are put together.
    is_merged: bool,
}

/// All ways.
pub(super) const MAKERS: [Maker; 3] = [
    Maker { name: "createrepo_c", has_dictionaries: false, is_merged: false },
    Maker { name: "createrepo_c-dictionaries", has_dictionaries: true, is_merged: false },
    Maker { name: "mergerepo_c", has_dictionaries: false, is_merged: true },
];

/// How many updates the first generation has, of which each has one more than the one before.
const UPDATES: usize = 240;
/// Bytes of a dictionary.
const DICTIONARY: &str = "--maxdict=4096";

impl Maker {
    /// Makes a generation of `repository`.
    pub(super) fn make(
        &self,
        bench: &Bench<'_>,
        generation: &Generation,
        repository: &Repository<'_>,
    ) -> Result<()> {
        let parts = bench.work.join(format!("{}.parts", self.name));
        let root = &repository.root;
        let (packages, families) = if self.is_merged {
            (parts.join("packages"), parts.join("families"))
        } else {
            (root.clone(), root.join("families"))
        };
        packages::lay_out(generation, bench.pool, &packages)?;
        families::lay_out(bench.generations, generation.number, &bench.work.join("built"), &families)?;
        let updates = bench.work.join("updateinfo.xml");
        fs::write(&updates, content::updateinfo(generation, UPDATES + generation.number))?;

        if self.is_merged {
            for part in [&packages, &families] {
                createrepo(bench, generation, part, &[])?;
            }
            let mut merge = bench.command("/usr/bin/mergerepo_c");
            merge.args(["--zck", "--all", "--no-database", "--compress-type", "gz", "--omit-baseurl"]);
            for part in [&packages, &families] {
                merge.arg("--repo").arg(part);
            }
            process::run(merge.arg("--outputdir").arg(root))?;
        } else {
            createrepo(bench, generation, root, &self.zchunk(bench, root)?)?;
        }
        let mut modify = bench.command("/usr/bin/modifyrepo_c");
        modify.args(["--zck", "--compress-type", "gz"]).arg(&updates).arg(root.join("repodata"));
        process::run(&mut modify).map(drop)
    }

    /// The options for zchunk files; dictionaries are those of the first generation.
    fn zchunk(&self, bench: &Bench<'_>, root: &Path) -> Result<Vec<String>> {
        let mut options = vec!["--zck".to_owned()];
        if self.has_dictionaries {
            let dictionaries = bench.work.join("dictionaries");
            if !dictionaries.exists() {
                train(bench, root, &dictionaries)?;
            }
            options.push(format!("--zck-dict-dir={}", dictionaries.display()));
        }
        Ok(options)
    }
}

fn createrepo(bench: &Bench<'_>, generation: &Generation, root: &Path, options: &[String]) -> Result<()> {
    let mut create = packages::generator(bench.command("/usr/bin/createrepo_c"), Some(generation.time));
    create.args(["--general-compress-type", PLAIN.compression]).args(options);
    process::run(create.arg(root)).map(drop)
}

/// Trains a dictionary for each type on what `createrepo_c` makes of `packages`.
fn train(bench: &Bench<'_>, packages: &Path, into: &Path) -> Result<()> {
    paths::make_empty(into)?;
    let sample = Repository::at(bench, bench.work.join("sample"), PathBuf::new());
    let mut create = packages::generator(bench.command("/usr/bin/createrepo_c"), None);
    create.args(["--general-compress-type", PLAIN.compression, "--outputdir"]).arg(&sample.root);
    fs::create_dir(&sample.root)?;
    process::run(create.arg(packages))?;
    for record in sample.records()? {
        let text = into.join(format!("{}.xml", record.kind));
        open(&sample.root.join(&record.href), &text)?;
        let mut zstd = Command::new("zstd");
        zstd.args(["-q", "--train", "-B1024", DICTIONARY])
            .arg(&text)
            .arg("-o")
            .arg(text.with_extension("xml.zdict"));
        process::run(&mut zstd)?;
    }
    ALWAYS.iter().try_for_each(|kind| {
        fs::metadata(into.join(format!("{kind}.xml.zdict")))
            .map(drop)
            .with_context(|| format!("no dictionary of {kind}"))
    })
}
