//! A repository under test: made by `createrepo_c`, completed by the program.

use crate::bench::Bench;
use crate::records::{self, Record};
use anyhow::{Context as _, Result, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use xtask_common::libraries::Library;
use xtask_common::packages::{self, Generation};
use xtask_common::systems::System;
use xtask_common::{paths, process};

/// Which `createrepo_c` makes the metadata, and how.
pub(crate) struct Generator {
    /// The current version from the Python package index, not Debian's. In trees, that of
    /// the tree in any case.
    pub(crate) current: bool,
    /// The compression, as its option wants it.
    pub(crate) compression: &'static str,
    /// Use `--update` from the second run on.
    pub(crate) update: bool,
    /// Take timestamps from the clock, not from the demonstration.
    pub(crate) clock: bool,
    /// What it compresses with in place of its own libraries.
    pub(crate) library: Option<Library>,
    /// Further options.
    pub(crate) options: &'static [&'static str],
}

impl Generator {
    /// In a tree, that of the tree.
    fn program(&self, bench: &Bench<'_>) -> Command {
        if self.current && bench.system == System::Host {
            return Command::new(paths::venv().join("bin/createrepo_c"));
        }
        bench.command("/usr/bin/createrepo_c")
    }
}

/// Debian's `createrepo_c` with its defaults and fixed timestamps.
pub(crate) const PLAIN: Generator =
    Generator { current: false, compression: "gz", update: false, clock: false, library: None, options: &[] };

/// The metadata types that every repository has.
pub(crate) const ALWAYS: [&str; 3] = ["primary", "filelists", "other"];

/// A repository and the history that belongs to it.
pub(crate) struct Repository<'a> {
    bench: &'a Bench<'a>,
    generator: &'a Generator,
    /// Where it is.
    pub(crate) root: PathBuf,
    history: PathBuf,
}

impl<'a> Repository<'a> {
    /// An empty repository called `name` in the case's directory.
    pub(crate) fn new(bench: &'a Bench<'a>, generator: &'a Generator, name: &str) -> Result<Self> {
        let root = bench.work.join(name);
        paths::make_empty(&root)?;
        let history = bench.work.join(format!("{name}.history"));
        Ok(Self { bench, generator, root, history })
    }

    /// A repository and a history in given places, which need not exist yet.
    pub(crate) fn at(bench: &'a Bench<'a>, root: PathBuf, history: PathBuf) -> Self {
        Self { bench, generator: &PLAIN, root, history }
    }

    /// Lays out the packages of `generation` and runs `createrepo_c`.
    pub(crate) fn create(&self, generation: &Generation) -> Result<()> {
        packages::lay_out(generation, self.bench.pool, &self.root)?;
        self.describe(generation, self.generator.update && self.repomd().exists())
    }

    /// Runs `createrepo_c`, with or without `--update`.
    pub(crate) fn describe(&self, generation: &Generation, update: bool) -> Result<()> {
        let time = (!self.generator.clock).then_some(generation.time);
        let mut command = packages::generator(self.generator.program(self.bench), time);
        command.args(["--general-compress-type", self.generator.compression]).args(self.generator.options);
        if update {
            command.arg("--update");
        }
        // Trees are of releases that have the current libraries themselves.
        if let Some(library) = self.generator.library.filter(|_| self.bench.system == System::Host) {
            library.before(&mut command);
        }
        process::run(command.arg(&self.root))?;
        Ok(())
    }

    /// The command `generate` with `options`.
    pub(crate) fn generate_command(&self, options: &[&str]) -> Command {
        let mut command = self.bench.program();
        command.arg("generate").arg("--history").arg(&self.history).args(options).arg(&self.root);
        command
    }

    /// Runs `generate`, which must succeed.
    pub(crate) fn generate(&self) -> Result<Output> {
        self.generate_with(&[])
    }

    /// Runs `generate` with options, which must succeed.
    pub(crate) fn generate_with(&self, options: &[&str]) -> Result<Output> {
        process::run(&mut self.generate_command(options))
    }

    /// The command `verify`.
    pub(crate) fn verify_command(&self) -> Command {
        let mut command = self.bench.program();
        command.arg("verify").arg("--history").arg(&self.history).arg(&self.root);
        command
    }

    /// Where its history is.
    pub(crate) fn history(&self) -> &Path {
        &self.history
    }

    /// Where repomd.xml is.
    pub(crate) fn repomd(&self) -> PathBuf {
        self.root.join("repodata/repomd.xml")
    }

    /// The bytes of repomd.xml.
    pub(crate) fn repomd_bytes(&self) -> Result<Vec<u8>> {
        fs::read(self.repomd()).context("cannot read repomd.xml")
    }

    /// What repomd.xml says.
    pub(crate) fn records(&self) -> Result<Vec<Record>> {
        records::read(&self.root)
    }

    /// Copies repodata/ to `kept/NUMBER/repodata`, as a client would have it.
    pub(crate) fn keep(&self, number: usize) -> Result<PathBuf> {
        let copy = self.root.with_extension("kept").join(number.to_string());
        paths::copy_flat(&self.root.join("repodata"), &copy.join("repodata"))?;
        Ok(copy)
    }

    /// Fails unless primary, filelists and other each have a delta; returns how
    /// many there are.
    pub(crate) fn ensure_deltas(&self) -> Result<usize> {
        let records = self.records()?;
        for kind in ALWAYS {
            let record = records.iter().find(|record| record.kind == kind);
            let record = record.with_context(|| format!("there is no {kind}"))?;
            ensure!(!record.deltas.is_empty(), "{kind} has no delta in `{}`", self.repomd().display());
        }
        Ok(records.iter().map(|record| record.deltas.len()).sum())
    }
}

/// Decompresses `file` into `target` with the usual programs.
pub(crate) fn open(file: &Path, target: &Path) -> Result<()> {
    let program = match file.extension().and_then(|extension| extension.to_str()) {
        Some("bz2") => "bzip2",
        Some("gz") => "gzip",
        Some("xz") => "xz",
        Some("zck") => "unzck",
        Some("zst") => "zstd",
        Some("xml" | "yaml") => {
            fs::copy(file, target)?;
            return Ok(());
        }
        _ => anyhow::bail!("`{}` has an unknown compression", file.display()),
    };
    let options = if program == "unzck" { "-c" } else { "-dc" };
    let output = process::run(Command::new(program).arg(options).arg(file))?;
    fs::write(target, output.stdout)?;
    Ok(())
}
