//! Spec files, and the trees of files that they package.

use super::calendar::changelog_date;
use super::content;
use super::timeline::Build;
use anyhow::{Context as _, Result};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

const BUILDERS: [&str; 2] = ["Example Builder <builder@example.org>", "Demo Packager <packager@example.org>"];

/// The spec file of `build`. It packages the tree below `%{stage}` as listed
/// in `%{list}`.
pub(crate) fn text(build: &Build) -> Result<String> {
    let entry = &build.entry;
    let version = build.version();
    let mut spec = String::new();
    writeln!(spec, "Name: {}", entry.name)?;
    writeln!(spec, "Version: {version}")?;
    writeln!(spec, "Release: {}.demo", build.release)?;
    writeln!(spec, "Summary: {}", entry.summary)?;
    writeln!(spec, "License: MIT OR Apache-2.0")?;
    writeln!(spec, "Group: Demo/{:?}", entry.kind)?;
    writeln!(spec, "URL: https://example.org/{}/", content::stem(entry))?;
    writeln!(spec, "Vendor: Example Project")?;
    writeln!(spec, "Packager: {}", BUILDERS[0])?;
    writeln!(spec, "BuildArch: noarch")?;
    writeln!(spec, "AutoReqProv: no")?;
    for name in content::provides(entry) {
        writeln!(spec, "Provides: {name} = {version}")?;
    }
    for name in content::requires(entry) {
        writeln!(spec, "Requires: {name}")?;
    }
    writeln!(spec, "\n%description\n{}", content::description(entry))?;
    writeln!(spec, "%install\nmkdir -p %{{buildroot}}")?;
    writeln!(spec, "cp -a %{{stage}}/. %{{buildroot}}/\n")?;
    writeln!(spec, "%files -f %{{list}}\n\n%changelog")?;
    for release in build.releases.iter().rev() {
        let builder = BUILDERS[usize::from(release.time % 3 == 0)];
        let date = changelog_date(release.time);
        writeln!(spec, "* {date} {builder} - {}-1", release.version)?;
        for line in content::changes(entry.name, &release.version) {
            writeln!(spec, "- {line}")?;
        }
        writeln!(spec)?;
    }
    Ok(spec)
}

/// Writes the files of `build` below `stage` and their list to `list`.
pub(crate) fn stage(build: &Build, stage: &Path, list: &Path) -> Result<()> {
    let version = build.version();
    let files = content::files(&build.entry, version, build.releases.len());
    let time = UNIX_EPOCH + Duration::from_secs(build.built);
    for path in &files {
        let target = stage.join(path.trim_start_matches('/'));
        let directory = target.parent().context("a file in no directory")?;
        fs::create_dir_all(directory)?;
        fs::write(&target, format!("{} {version} {path}\n", build.entry.name))?;
        File::options().write(true).open(&target)?.set_modified(time)?;
    }
    fs::write(list, files.join("\n") + "\n")?;
    Ok(())
}
