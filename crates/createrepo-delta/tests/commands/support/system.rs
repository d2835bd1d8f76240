//! A system whose package managers have one repository, `demo`, which is that of a bench.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Bench, Ran, program, run};

/// The system is in `root` of the bench.
pub(crate) struct System {
    pub(crate) bench: Bench,
    /// Where the repository is.
    pub(crate) url: String,
    /// The options that name the package managers.
    pub(crate) managers: &'static [&'static str],
}

impl System {
    /// With these settings of the repository, which has no metadata yet.
    pub(crate) fn new(managers: &'static [&'static str], settings: &str) -> Self {
        let bench = Bench::new();
        let url = format!("file://{}", bench.repo().display());
        Self::at(bench, url, managers, settings)
    }

    /// The same, with another URL of the repository.
    pub(crate) fn at(bench: Bench, url: String, managers: &'static [&'static str], settings: &str) -> Self {
        let system = Self { bench, url, managers };
        fs::create_dir_all(system.repo_file().parent().unwrap()).unwrap();
        fs::create_dir_all(system.root().join("etc/dnf")).unwrap();
        fs::write(system.root().join("etc/dnf/dnf.conf"), "[main]\n").unwrap();
        fs::write(system.repo_file(), format!("[demo]\nbaseurl={}\n{settings}\n", system.url)).unwrap();
        system
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.bench.path("root")
    }

    pub(crate) fn repo_file(&self) -> PathBuf {
        self.root().join("etc/yum.repos.d/demo.repo")
    }

    pub(crate) fn command(&self, options: &[&str]) -> Command {
        let mut command = program("refresh");
        command.args(self.managers).args(["--releasever", "1", "--root"]).arg(self.root()).args(options);
        command
    }

    pub(crate) fn refresh(&self, options: &[&str]) -> Ran {
        run(&mut self.command(options))
    }

    /// What is reported of all caches.
    pub(crate) fn reports(&self, options: &[&str]) -> Vec<Value> {
        let json = self.refresh(&[&["--json"], options].concat()).expect(0).json();
        json["repositories"].as_array().unwrap().clone()
    }

    /// What is reported of the one cache.
    pub(crate) fn report(&self, options: &[&str]) -> Value {
        self.reports(options).remove(0)
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.report(&["--dry-run"])["cache"].as_str().unwrap().into()
    }

    /// What a dnf that takes primary and filelists has in its cache.
    pub(crate) fn expected_of_dnf(&self) -> Vec<PathBuf> {
        let files = |kind| self.bench.files(&format!("-{kind}.xml.gz"));
        ["primary", "filelists"].into_iter().flat_map(files).chain([self.bench.repomd()]).collect()
    }
}

/// Puts copies of these files, and nothing else, into a directory.
pub(crate) fn fill(directory: &Path, files: &[PathBuf]) {
    let _ = fs::remove_dir_all(directory);
    fs::create_dir_all(directory).unwrap();
    for path in files {
        fs::copy(path, directory.join(path.file_name().unwrap())).unwrap();
    }
}
