//! dnf and zypper, each with a root, caches and configuration of its own.

use super::answer::{Answer, Site, sequence};
use crate::bench::Bench;
use anyhow::Result;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

pub(super) fn dnf(bench: &Bench<'_>, site: &Site, work: &Path) -> Result<Answer> {
    for directory in ["root", "log", "persist", "empty", "repos"] {
        fs::create_dir_all(work.join(directory))?;
    }
    let config = work.join("dnf.conf");
    let mut text = "[main]\nplugins=0\ngpgcheck=0\nassumeyes=1\n".to_owned();
    for (option, directory) in [
        ("reposdir", "repos"),
        ("varsdir", "empty"),
        ("cachedir", "cache"),
        ("logdir", "log"),
        ("persistdir", "persist"),
    ] {
        writeln!(text, "{option}={}", work.join(directory).display())?;
    }
    fs::write(&config, text)?;
    fs::write(work.join("repos/demo.repo"), repository_file(site))?;
    let format =
        "%{name}-%{evr}.%{arch} %{location} %{buildtime} %{summary} %{requires} %{provides} %{files}";
    let mut command = bench.command("dnf");
    command
        .arg("--config")
        .arg(&config)
        .arg("--installroot")
        .arg(work.join("root"))
        .args(["--releasever", "1", "--quiet", "repoquery", "--queryformat", format])
        .env("HOME", work)
        .env("LC_ALL", "C.UTF-8");
    sequence([&mut command])
}

/// It would read the configuration below its root, were it not told another.
pub(super) fn dnf5(bench: &Bench<'_>, site: &Site, work: &Path) -> Result<Answer> {
    let repositories = work.join("repos");
    fs::create_dir_all(&repositories)?;
    fs::write(repositories.join("demo.repo"), repository_file(site))?;
    let config = work.join("dnf.conf");
    let text = format!(
        "[main]\nplugins=0\ngpgcheck=0\nassumeyes=1\nreposdir={}\nsystem_cachedir={}\n",
        repositories.display(),
        work.join("cache").display()
    );
    fs::write(&config, text)?;
    let format =
        "%{name}-%{evr}.%{arch} %{location} %{buildtime} %{summary} %{requires} %{provides} %{files}\n";
    let mut command = bench.command("dnf5");
    command
        .arg("--config")
        .arg(&config)
        .arg("--installroot")
        .arg(work.join("root"))
        .args(["--use-host-config", "--releasever", "1", "--quiet", "repoquery", "--queryformat", format])
        .env("HOME", work)
        .env("LC_ALL", "C.UTF-8");
    // It prints whole URLs, where dnf prints paths in the repository.
    Ok(sequence([&mut command])?.replaced(&format!(" {}/", site.url.trim_end_matches('/')), " "))
}

pub(super) fn zypper(bench: &Bench<'_>, site: &Site, work: &Path) -> Result<Answer> {
    let root = work.join("root");
    let repositories = root.join("etc/zypp/repos.d");
    fs::create_dir_all(&repositories)?;
    fs::write(repositories.join("demo.repo"), repository_file(site))?;
    let command = |arguments: &[&str]| {
        let mut command = bench.command("zypper");
        command.arg("--root").arg(&root).args(["--quiet", "--non-interactive"]);
        if site.key.is_some() {
            command.arg("--gpg-auto-import-keys");
        }
        command.args(arguments).env("ZYPP_LOCKFILE_ROOT", &root).env("HOME", work).env("LC_ALL", "C.UTF-8");
        command
    };
    sequence([
        &mut command(&["refresh", "--force"]),
        &mut command(&["--no-refresh", "search", "--details"]),
        &mut command(&["--no-refresh", "packages"]),
        &mut command(&["--no-refresh", "search", "--requires", "lib"]),
    ])
}

/// A `.repo` file, as dnf and zypper both read it.
fn repository_file(site: &Site) -> String {
    let mut text = format!("[demo]\nname=Demo\nenabled=1\nautorefresh=0\nbaseurl={}\n", site.url);
    text += match &site.key {
        Some(key) => format!("gpgcheck=0\nrepo_gpgcheck=1\ngpgkey=file://{}\n", key.display()),
        None => "gpgcheck=0\nrepo_gpgcheck=0\n".to_owned(),
    }
    .as_str();
    text
}
