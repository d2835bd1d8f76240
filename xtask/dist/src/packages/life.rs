//! What every package has to do in a system: from the first installation to the removal.

use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask_common::systems::Guest;
use xtask_common::{paths, process};

/// Configuration of both packages, which an administrator changes.
const CONFIGURATION: [&str; 3] = [
    "/etc/createrepo-delta.toml",
    "/etc/dnf/plugins/createrepo_delta.conf",
    "/etc/dnf/libdnf5-plugins/actions.d/createrepo-delta.actions",
];

/// What is there once the packages are.
const FILES: [&str; 10] = [
    "/usr/bin/createrepo-delta",
    "/usr/share/bash-completion/completions/createrepo-delta",
    "/usr/share/fish/vendor_completions.d/createrepo-delta.fish",
    // Compressed where rpmbuild or debhelper does that.
    "/usr/share/man/man1/createrepo-delta.1*",
    "/usr/share/man/man5/createrepo-delta.toml.5*",
    "/usr/lib/systemd/system/createrepo-delta-generate@.service",
    "/usr/lib/systemd/system/createrepo-delta-generate@.timer",
    "/usr/lib/systemd/system/createrepo-delta-refresh.service",
    "/usr/lib/systemd/system/createrepo-delta-refresh.timer",
    "/usr/lib/systemd/system/createrepo-delta-verify.timer",
];

/// Timers that an administrator has on: those that the packages bring, and two of a template.
const TIMERS: [&str; 4] = [
    "createrepo-delta-refresh.timer",
    "createrepo-delta-verify.timer",
    "createrepo-delta-generate@demo.timer",
    ELSEWHERE,
];
/// Wanted by another target than the unit says.
const ELSEWHERE: &str = "createrepo-delta-generate@elsewhere.timer";

/// Appended to configuration.
const CHANGE: &str = "# changed here\n";

/// Notes every call. In a system that was not booted systemctl enables and disables, but starts and
/// stops nothing: what it was asked to stop is in the notes.
const SYSTEMCTL: &str = "#!/bin/sh
echo \"$*\" >> /systemctl.log
SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl.real \"$@\"
";
const LOG: &str = "/systemctl.log";
/// Prints the links to units of the packages.
const LINKS: &str = "find /etc -type l -name 'createrepo-delta*'";
/// What `refresh` leaves.
const NOTES: &str = "/var/cache/createrepo-delta/refresh.json";

/// A fresh system, in which scripts of packages believe that systemd runs.
pub(super) struct Fresh {
    guest: Guest,
    work: PathBuf,
    before: BTreeSet<String>,
}

impl Fresh {
    /// A view of the tree below `root`; `work` has the packages, and is there under the same name.
    pub(super) fn start(root: &Path, work: &Path) -> Result<Self> {
        let guest = Guest::start(root, &[work])?;
        let fresh = Self { guest, work: work.to_owned(), before: BTreeSet::new() };
        // Trees are made without man pages and documents.
        fresh.shell("rm -f /etc/dpkg/dpkg.cfg.d/* /etc/dpkg/dpkg.cfg; mkdir -p /run/systemd/system")?;
        let noting = work.join("systemctl");
        fs::write(&noting, SYSTEMCTL)?;
        fresh.shell(&format!(
            "mv /usr/bin/systemctl /usr/bin/systemctl.real
             install -m 755 {} /usr/bin/systemctl",
            noting.display()
        ))?;
        let before = fresh.files()?;
        Ok(Self { before, ..fresh })
    }

    /// Runs commands as root there; what they print.
    pub(super) fn shell(&self, commands: &str) -> Result<String> {
        let output = process::run(self.guest.command("sh").args(["-euc", commands]))?;
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A program there.
    pub(super) fn command(&self, program: &str) -> Command {
        self.guest.command(program)
    }

    /// A program of this machine that sees that system in a directory, and the directory.
    pub(super) fn outside(&self, program: &str) -> (Command, &Path) {
        self.guest.outside(program)
    }

    /// All files that packages may leave, and directories of their own; not what the system notes of packages: Debian
    /// does of units until a purge.
    fn files(&self) -> Result<BTreeSet<String>> {
        let list = self.shell(
            "find /etc /usr /opt /srv /var/lib /var/cache ! -path '/var/lib/dpkg/*' ! -path '/var/lib/rpm/*' \
                 ! -path '/var/lib/systemd/deb-systemd-helper-*' ! -path '/var/cache/man/*' \
                 \\( ! -type d -o -name '*createrepo?delta*' \\)",
        )?;
        Ok(list.lines().map(str::to_owned).collect())
    }

    /// After the first installation: everything is there and works, no timer was started.
    pub(super) fn installed(&self, version: &str) -> Result<()> {
        for file in FILES.iter().chain(&CONFIGURATION) {
            self.shell(&format!("test -f {file}")).with_context(|| format!("there is no `{file}`"))?;
        }
        let shown = self.shell("createrepo-delta --version")?;
        ensure!(shown.trim() == format!("createrepo-delta {version}"), "another version: {shown}");
        let log = self.log()?;
        let started = log.lines().find(|line| line.starts_with("start") || line.starts_with("enable"));
        ensure!(started.is_none(), "a unit was started: {log}");
        let links = self.shell(LINKS)?;
        ensure!(links.is_empty(), "a unit is on:\n{links}");
        println!("ok packages: all files are there, and no timer is on");
        self.publish()
    }

    /// Publishes the demonstration repository, and brings a copy up to date.
    fn publish(&self) -> Result<()> {
        let demo = paths::root().join("testdata/demo-history");
        for generation in ["gen-0000", "gen-0001"] {
            let here = self.work.join(generation).join("repodata");
            fs::create_dir_all(here.parent().unwrap_or(&here))?;
            paths::copy_flat(&demo.join(generation).join("repodata"), &here)?;
        }
        let work = self.work.display();
        self.shell(&format!(
            "for generation in gen-0000 gen-0001; do
                 rm -rf /srv/demo; mkdir -p /srv/demo; cp -r {work}/$generation/repodata /srv/demo/
                 createrepo-delta generate --quiet --history /var/lib/createrepo-delta/demo /srv/demo
                 createrepo-delta update --quiet /srv/demo /srv/copy
             done
             createrepo-delta verify --quiet --history /var/lib/createrepo-delta/demo /srv/demo
             cmp /srv/demo/repodata/repomd.xml /srv/copy/repodata/repomd.xml
             rm -rf /srv/demo /srv/copy /var/lib/createrepo-delta/demo"
        ))?;
        println!("ok packages: generate, update and verify work there");
        Ok(())
    }

    /// Does what an administrator may: changes configuration, and has timers on.
    pub(super) fn change(&self) -> Result<()> {
        for file in CONFIGURATION {
            self.shell(&format!("printf '{CHANGE}' >> {file}"))?;
        }
        for timer in TIMERS {
            let enable = if timer == ELSEWHERE { "add-wants multi-user.target" } else { "enable" };
            self.shell(&format!("systemctl {enable} {timer}"))?;
        }
        self.all_are_on()?;
        self.shell(&format!("mkdir -p /var/cache/createrepo-delta; echo '{{}}' > {NOTES}; rm -f {LOG}"))
            .map(drop)
    }

    /// Every timer is wanted by a target.
    fn all_are_on(&self) -> Result<()> {
        let links = self.shell(LINKS)?;
        ensure!(links.lines().count() == TIMERS.len(), "expected links to {TIMERS:?}, found\n{links}");
        Ok(())
    }

    /// After an upgrade: changes are kept, and no timer was stopped.
    pub(super) fn upgraded(&self) -> Result<()> {
        for file in CONFIGURATION {
            let text = self.shell(&format!("cat {file}"))?;
            ensure!(text.ends_with(CHANGE), "`{file}` was replaced");
        }
        let log = self.log()?;
        let stopped = log.lines().find(|line| line.contains("stop") || line.contains("disable"));
        ensure!(stopped.is_none(), "a unit was stopped: {log}");
        self.all_are_on()?;
        self.shell("createrepo-delta --version")?;
        println!("ok packages: an upgrade keeps changed configuration and stops no timer");
        Ok(())
    }

    /// After the removal: timers were stopped, and nothing is left but the configuration, which was
    /// changed, with `suffix` at the end of its names.
    pub(super) fn removed(&self, suffix: &str) -> Result<()> {
        let kept = CONFIGURATION.map(|file| format!("{file}{suffix}"));
        let log = self.log()?;
        for timer in TIMERS {
            let is_stopped = log.lines().any(|line| line.contains("disable --now") && line.contains(timer));
            ensure!(is_stopped, "`{timer}` was not stopped:\n{log}");
        }
        let after = self.files()?;
        let left: Vec<&String> =
            after.difference(&self.before).filter(|path| !is_kept(path, &kept)).collect();
        ensure!(left.is_empty(), "these files are left: {left:?}");
        for file in &kept {
            ensure!(after.contains(file), "`{file}` is gone, which was changed");
        }
        println!("ok packages: a removal stops the timers and leaves {} files that were changed", kept.len());
        Ok(())
    }

    fn log(&self) -> Result<String> {
        self.shell(&format!("cat {LOG} 2> /dev/null || :"))
    }
}

/// Whether it is one of the files, or a directory on the way to one.
fn is_kept(path: &str, kept: &[String]) -> bool {
    kept.iter().any(|file| Path::new(file).starts_with(path))
}
