//! A root directory with one package manager, its configuration and its cache, and the
//! command `refresh` for it. Both run in the system of the case.

use crate::bench::Bench;
use crate::cache::{report, without_proxies};
use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::systems::System;
use xtask_common::{paths, process};

/// dnf5 takes `--refresh` lightly where the cache is of this very minute.
const DNF5_REFRESH: &str = "--setopt=metadata_expire=0";

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manager {
    Dnf,
    Dnf5,
    Zypper,
}

impl Manager {
    /// How many of the types with deltas it takes: primary, and dnf as it once was
    /// filelists, too.
    pub(super) fn types(self, system: System) -> usize {
        if (self, system) == (Self::Dnf, System::Host) { 2 } else { 1 }
    }
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dnf => "dnf",
            Self::Dnf5 => "dnf5",
            Self::Zypper => "zypper",
        })
    }
}

/// The directory.
pub(super) struct InstallRoot<'a> {
    bench: &'a Bench<'a>,
    pub(super) manager: Manager,
    pub(super) path: PathBuf,
}

impl<'a> InstallRoot<'a> {
    /// With one repository, at `source`, whose repomd.xml must be signed by `key`.
    pub(super) fn new(
        bench: &'a Bench<'a>,
        manager: Manager,
        name: &str,
        source: &str,
        key: &Path,
    ) -> Result<Self> {
        let path = bench.work.join(format!("{manager}-{name}"));
        paths::make_empty(&path)?;
        let repositories = match manager {
            Manager::Dnf | Manager::Dnf5 => {
                fs::create_dir_all(path.join("etc/dnf"))?;
                let text = "[main]\nplugins=0\nassumeyes=1\n";
                fs::write(path.join("etc/dnf/dnf.conf"), text)?;
                path.join("etc/yum.repos.d")
            }
            Manager::Zypper => path.join("etc/zypp/repos.d"),
        };
        fs::create_dir_all(&repositories)?;
        let text = format!(
            "[demo]\nname=Demo\nenabled=1\nautorefresh=0\n{source}\ngpgcheck=0\nrepo_gpgcheck=1\n\
             gpgkey=file://{}\n",
            key.display()
        );
        fs::write(repositories.join("demo.repo"), text)?;
        Ok(Self { bench, manager, path })
    }

    /// Adds lines to the main section of dnf.conf.
    pub(super) fn configure(&self, lines: &str) -> Result<()> {
        let path = self.path.join("etc/dnf/dnf.conf");
        if !lines.is_empty() {
            fs::write(&path, fs::read_to_string(&path)? + lines)?;
        }
        Ok(())
    }

    fn environment(&self, command: &mut Command) {
        command.env("HOME", &self.path).env("LC_ALL", "C.UTF-8").env("ZYPP_LOCKFILE_ROOT", &self.path);
        without_proxies(command);
    }

    /// The package manager with these arguments.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let release: &[&str] = if self.manager == Manager::Zypper { &[] } else { &["--releasever", "1"] };
        let mut command = self.command_without_release();
        command.args(release).args(arguments);
        command
    }

    /// The package manager, which is not told its `$releasever`; nothing in the directory says it.
    pub(super) fn command_without_release(&self) -> Command {
        let mut command = match self.manager {
            Manager::Dnf => {
                let mut command = self.bench.command("dnf");
                command.arg("--config").arg(self.path.join("etc/dnf/dnf.conf")).arg("--installroot");
                command.arg(&self.path).arg("--quiet");
                command
            }
            Manager::Dnf5 => {
                let mut command = self.bench.command("dnf5");
                command.arg("--installroot").arg(&self.path).arg("--quiet");
                command
            }
            Manager::Zypper => {
                let mut command = self.bench.command("zypper");
                command.arg("--root").arg(&self.path).args(["--quiet", "--non-interactive"]);
                command.arg("--gpg-auto-import-keys");
                command
            }
        };
        self.environment(&mut command);
        command
    }

    /// The command by which it fetches what is new.
    pub(super) fn fetch_command(&self) -> Command {
        match self.manager {
            Manager::Dnf => self.command(&["--refresh", "makecache"]),
            Manager::Dnf5 => self.command(&[DNF5_REFRESH, "makecache"]),
            Manager::Zypper => self.command(&["refresh"]),
        }
    }

    /// Lets it fetch what is new.
    pub(super) fn fill(&self) -> Result<()> {
        process::run(&mut self.fetch_command())?;
        Ok(())
    }

    /// What it finds in its cache; when `fresh`, it asks for repomd.xml first.
    pub(super) fn list(&self, fresh: bool) -> Result<String> {
        let mut commands = Vec::new();
        match self.manager {
            Manager::Dnf | Manager::Dnf5 => {
                // dnf5 names one of the mirrors in its locations.
                let location = if self.manager == Manager::Dnf5 { "" } else { "%{location}" };
                let format = format!(
                    "%{{name}}-%{{evr}}.%{{arch}} {location} %{{buildtime}} %{{summary}} %{{requires}} \
                     %{{provides}}\\n"
                );
                let refresh = if self.manager == Manager::Dnf5 { DNF5_REFRESH } else { "--refresh" };
                let how = if fresh { refresh } else { "--cacheonly" };
                commands.push(self.command(&[how, "repoquery", "--queryformat", &format]));
            }
            Manager::Zypper => {
                if fresh {
                    commands.push(self.command(&["refresh"]));
                }
                commands.push(self.command(&["--no-refresh", "search", "--details"]));
                commands.push(self.command(&["--no-refresh", "search", "--requires", "lib"]));
            }
        }
        let mut listing = String::new();
        for command in &mut commands {
            listing += &String::from_utf8_lossy(&process::run(command)?.stdout);
        }
        Ok(listing)
    }

    /// Everything in its caches, with times.
    pub(super) fn files(&self) -> Result<String> {
        let mut find = Command::new("find");
        find.arg(self.path.join("var/cache")).args(["-printf", "%p %l %s %m %U %G %T@\n"]);
        Ok(String::from_utf8_lossy(&process::run(&mut find)?.stdout).into_owned())
    }

    /// The directory with repomd.xml in its cache.
    pub(super) fn repodata(&self) -> Result<PathBuf> {
        let caches = match self.manager {
            Manager::Dnf => self.path.join("var/cache/dnf"),
            Manager::Dnf5 => self.path.join("var/cache/libdnf5"),
            Manager::Zypper => self.path.join("var/cache/zypp/raw"),
        };
        for entry in fs::read_dir(&caches)? {
            let path = entry?.path().join("repodata");
            if path.is_dir() {
                return Ok(path);
            }
        }
        anyhow::bail!("there is no cache in `{}`", caches.display())
    }

    /// `createrepo-delta refresh` for it.
    pub(super) fn refresh_command(&self, options: &[&str]) -> Command {
        let mut command = self.bench.command(self.bench.binary());
        command.args(["refresh", "--json", &format!("--{}", self.manager), "--root"]).arg(&self.path);
        command.args(["--releasever", "1"]).args(options);
        self.environment(&mut command);
        command
    }

    /// Runs it; what it reports.
    pub(super) fn refresh(&self, options: &[&str]) -> Result<Value> {
        report(&mut self.refresh_command(options))
    }

    /// Runs it, which must have this outcome; what it reports.
    pub(super) fn refresh_to(&self, expected: &str, options: &[&str]) -> Result<Value> {
        let report = self.refresh(options)?;
        ensure!(outcome(&report)? == expected, "{}: not {expected}: {report:#}", self.manager);
        Ok(report)
    }
}

/// How it ended for the one repository.
pub(super) fn outcome(report: &Value) -> Result<&str> {
    let repositories = report["repositories"].as_array().context("the report has no repositories")?;
    ensure!(repositories.len() == 1, "not one repository: {report:#}");
    repositories[0]["outcome"].as_str().context("it has no outcome")
}
