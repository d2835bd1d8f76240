//! What the rpm database says, by the program `rpm`: `$releasever`, and the
//! keys that zypper trusts.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use thiserror::Error;

const PROGRAM: &str = "rpm";

/// What provides the version of the distribution, in dnf's order.
const DNF_PROVIDES: [&str; 6] = [
    "system-release(releasever)",
    "system-release",
    "distribution-release(releasever)",
    "distribution-release",
    "redhat-release",
    "suse-release",
];

/// libzypp's default.
const ZYPP_PROVIDES: &str = "redhat-release";

/// `RPMSENSE_EQUAL`.
const EQUAL: &str = "8";

/// What dnf asks of a package: its name, its version, and what it provides.
const PROVIDES: &str = "%{NAME}\\n%{VERSION}\\n[%{PROVIDENAME} %{PROVIDEFLAGS} %{PROVIDEVERSION}\\n]\\n";

/// Why the rpm database could not be asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RpmError {
    /// The program could not be run.
    #[error("cannot run `{PROGRAM}`: {reason}")]
    #[non_exhaustive]
    Program {
        /// The system's answer.
        reason: io::Error,
    },
}

/// `$releasever` as dnf 4 or dnf5 finds it, and its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InstalledRelease {
    /// `$releasever`.
    pub version: String,
    /// `$releasever_major`; empty where nothing provides it, whatever the version is, and
    /// with dnf 4, which divides the version.
    pub major: String,
    /// `$releasever_minor`, likewise.
    pub minor: String,
}

impl InstalledRelease {
    /// A version with its parts.
    #[must_use]
    pub fn new(version: &str, major: &str, minor: &str) -> Self {
        let [version, major, minor] = [version, major, minor].map(str::to_owned);
        Self { version, major, minor }
    }
}

/// `$releasever` as dnf 4 finds it in the system at `root`; `None` if nothing
/// that is installed says it.
pub fn dnf_release(root: &Path) -> Result<Option<InstalledRelease>, RpmError> {
    first_release(root, |text, name| Some(InstalledRelease::new(&version_of(text, name)?, "", "")))
}

/// As [`dnf_release`] for dnf5, with the parts.
pub fn dnf5_release(root: &Path) -> Result<Option<InstalledRelease>, RpmError> {
    first_release(root, release_of)
}

/// What `read` finds in the answer for the first name that it finds something for.
fn first_release(
    root: &Path,
    read: impl Fn(&str, &str) -> Option<InstalledRelease>,
) -> Result<Option<InstalledRelease>, RpmError> {
    for name in DNF_PROVIDES {
        let answer = query(root, &["-q", "--whatprovides", name, "--qf", PROVIDES])?;
        if let Some(release) = answer.and_then(|text| read(&text, name)) {
            return Ok(Some(release));
        }
    }
    Ok(None)
}

/// What the answer for the first package that provides `name` says.
fn release_of(text: &str, name: &str) -> Option<InstalledRelease> {
    let mut lines = text.lines();
    let (_, version) = (lines.next()?, lines.next()?);
    let provided: Vec<Vec<&str>> =
        lines.take_while(|line| !line.is_empty()).map(|line| line.split(' ').collect()).collect();
    let of = |name: &str| {
        let mut found = provided.iter().filter_map(|words| match **words {
            [provided, EQUAL, version] if provided == name && !version.is_empty() => Some(version),
            _ => None,
        });
        found.next_back()
    };
    let part = |name| of(name).unwrap_or_default();
    let (major, minor) = (part("system-release(releasever_major)"), part("system-release(releasever_minor)"));
    Some(InstalledRelease::new(of(name).unwrap_or(version), major, minor))
}

/// The version in the answer for the first package that provides `name`: that
/// of the provided name where it has one of its own.
fn version_of(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    let (package, version) = (lines.next()?, lines.next()?);
    let provided = lines.take_while(|line| !line.is_empty()).find_map(|line| {
        let mut words = line.split(' ');
        (words.next() == Some(name)).then(|| (words.next(), words.next()))
    });
    match provided {
        Some((Some(EQUAL), Some(own))) if !own.is_empty() && package != name => Some(own.to_owned()),
        _ => Some(version.to_owned()),
    }
}

/// `$releasever` as zypper finds it in the rpm database of the system at `root`,
/// where there is no base product; `None` if nothing that is installed says it.
pub fn zypp_release(root: &Path) -> Result<Option<InstalledRelease>, RpmError> {
    let answer = query(root, &["-q", "--whatprovides", ZYPP_PROVIDES, "--qf", "%{VERSION}\\n"])?;
    Ok(answer.and_then(|text| text.lines().next().map(|version| InstalledRelease::new(version, "", ""))))
}

/// The public keys in the rpm database of the system at `root`, armored, one
/// after the other; empty if there are none. zypper trusts these.
pub fn trusted_keys(root: &Path) -> Result<String, RpmError> {
    Ok(query(root, &["-q", "gpg-pubkey", "--qf", "%{DESCRIPTION}\\n"])?.unwrap_or_default())
}

/// What rpm prints; `None` when it finds nothing.
fn query(root: &Path, arguments: &[&str]) -> Result<Option<String>, RpmError> {
    let output = Command::new(PROGRAM)
        .arg("--root")
        .arg(root)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .map_err(|reason| RpmError::Program { reason })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(output.status.success().then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// dnf5 5.4.6 leaves the parts empty that nothing provides.
    #[test]
    fn parts_of_a_release_are_those_that_are_provided() {
        let text = "demo-release\n42.1\nsystem-release 0 \nsystem-release(releasever) 8 42.7\n\nother\n3\n";
        let found = release_of(text, "system-release(releasever)").unwrap();
        assert_eq!(found, InstalledRelease::new("42.7", "", ""));
        assert_eq!(release_of(text, "system-release").unwrap().version, "42.1");
        let text = "el-release\n10\nsystem-release(releasever) 8 10.1\nsystem-release(releasever_major) 8 10\n\
                    system-release(releasever_minor) 8 1\n";
        let found = release_of(text, "system-release(releasever)").unwrap();
        assert_eq!(found, InstalledRelease::new("10.1", "10", "1"));
        assert_eq!(release_of("", "x"), None);
    }

    #[test]
    fn a_version_of_its_own_counts_more_than_that_of_the_package() {
        let text = "demo-release\n40.1\nconfig(demo-release) 268435464 40.1-1\nsystem-release(releasever) 8 41\n\nother\n3\n";
        assert_eq!(version_of(text, "system-release(releasever)").as_deref(), Some("41"));
        let text = "demo-release\n40.1\nsystem-release 0 \n";
        assert_eq!(version_of(text, "system-release").as_deref(), Some("40.1"));
        let text = "redhat-release\n9.4\nredhat-release 8 9.4-1\n";
        assert_eq!(version_of(text, "redhat-release").as_deref(), Some("9.4"));
        assert_eq!(version_of("", "x"), None);
    }
}
