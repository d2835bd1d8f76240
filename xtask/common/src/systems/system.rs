//! Which systems there are, where they are, and what is installed in them.

use crate::paths;
use std::fmt;
use std::path::PathBuf;

/// A system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum System {
    /// This machine: Debian 12 with dnf 4.14 and zypper 1.14.42.
    Host,
    /// Debian 13 with the last dnf 4.
    Trixie,
    /// What becomes Debian 14, with dnf5.
    Testing,
}

/// All of them.
pub const ALL: [System; 3] = [System::Host, System::Trixie, System::Testing];

/// Those that live in a tree.
pub const TREES: [System; 2] = [System::Trixie, System::Testing];

/// Programs of every tree, by package.
const EVERYWHERE: [&str; 10] = [
    "ca-certificates",
    "createrepo-c",
    "gnupg",
    "gpgv",
    "libsolv-tools",
    "python3-createrepo-c",
    "python3-librepo",
    "rpm",
    "zchunk",
    "zypper",
];

impl System {
    /// Its name on the command line; of a tree also Debian's name of the release.
    pub fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Trixie => "trixie",
            Self::Testing => "testing",
        }
    }

    /// The system of this name.
    pub fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|system| system.name() == name)
    }

    /// Where its tree and what is known of it are.
    pub(super) fn directory(self) -> PathBuf {
        trees().join(self.name())
    }

    /// Where its root directory is.
    pub fn root(self) -> PathBuf {
        match self {
            Self::Host => PathBuf::from("/"),
            Self::Trixie | Self::Testing => self.directory().join("root"),
        }
    }

    /// The packages that its tree needs, beside those that Debian always has.
    pub(super) fn packages(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Host => return Vec::new(),
            Self::Trixie => &["dnf"],
            // Debian packages are built and installed there.
            Self::Testing => {
                &["dbus", "debhelper", "dnf5", "dnf5-server", "gcc", "libc6-dev", "polkitd", "systemd"]
            }
        };
        EVERYWHERE.iter().chain(own).copied().collect()
    }
}

impl fmt::Display for System {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Where everything of the trees is.
pub(super) fn trees() -> PathBuf {
    paths::scratch().join("trees")
}
