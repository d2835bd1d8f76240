//! The systems in which the end-to-end run tries package managers: this machine,
//! and trees of other Debian releases below `target/`.
//!
//! `cargo xtask setup` makes the trees. They are never changed afterwards: who runs
//! something in one does so through a [`Guest`].

mod guest;
mod mirror;
mod tree;
mod versions;

pub(crate) use guest::Guest;
pub(crate) use tree::{describe, make_all, missing};
pub(crate) use versions::{differences, recorded_file, wanted_file};

use crate::paths;
use std::fmt;
use std::path::PathBuf;

/// A system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    /// This machine: Debian 12 with dnf 4.14 and zypper 1.14.42.
    Host,
    /// Debian 13 with the last dnf 4.
    Trixie,
    /// What becomes Debian 14, with dnf5.
    Testing,
}

/// All of them.
pub(crate) const ALL: [System; 3] = [System::Host, System::Trixie, System::Testing];

/// Those that live in a tree.
pub(crate) const TREES: [System; 2] = [System::Trixie, System::Testing];

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
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Trixie => "trixie",
            Self::Testing => "testing",
        }
    }

    /// The system of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|system| system.name() == name)
    }

    /// Where its root directory is.
    pub(crate) fn root(self) -> PathBuf {
        match self {
            Self::Host => PathBuf::from("/"),
            Self::Trixie | Self::Testing => tree::directory(self).join("root"),
        }
    }

    /// The packages that its tree needs, beside those that Debian always has.
    fn packages(self) -> Vec<&'static str> {
        let own: &[&str] = match self {
            Self::Host => return Vec::new(),
            Self::Trixie => &["dnf"],
            Self::Testing => &["dbus", "dnf5", "dnf5-server", "polkitd"],
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
fn trees() -> PathBuf {
    paths::scratch().join("trees")
}
