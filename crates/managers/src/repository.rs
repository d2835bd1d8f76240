//! A repository as a package manager of this machine is told to use it.

use std::fmt;
use std::path::PathBuf;

use crate::Variables;
use crate::cache::MetadataTypes;
use crate::expiry::Expiry;
use crate::network::Network;

/// The package managers that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manager {
    /// dnf 4, with libdnf and librepo.
    Dnf,
    /// dnf5, with libdnf5 and librepo.
    Dnf5,
    /// `PackageKit`, which reads the repositories of dnf: [`crate::packagekit::caches`].
    PackageKit,
    /// zypper, with libzypp.
    Zypper,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dnf => "dnf",
            Self::Dnf5 => "dnf5",
            Self::PackageKit => "packagekit",
            Self::Zypper => "zypper",
        })
    }
}

/// What is configured of one repository, variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Repository {
    /// Whose it is.
    pub manager: Manager,
    /// The name of its section, called alias by zypper.
    pub id: String,
    /// Whether the package manager uses it.
    pub enabled: bool,
    /// The file that says so.
    pub file: PathBuf,
    /// Where it is.
    pub sources: Sources,
    /// How it is reached.
    pub network: Network,
    /// Whether its repomd.xml must be signed.
    pub repo_gpgcheck: bool,
    /// Whether signatures are looked at in any way; dnf looks at that of
    /// repomd.xml only where it must be signed.
    pub gpgcheck: bool,
    /// The package manager's directory that holds, or would hold, `repodata/`
    /// of this repository.
    pub cache: PathBuf,
    /// When the package manager takes that for too old. Of zypper nothing is known.
    pub expiry: Expiry,
    /// Where the package manager takes a cache from before it fetches one: for users of
    /// dnf5 other than root the directory of root's.
    pub system_cache: Option<PathBuf>,
    /// The metadata types that it takes.
    pub types: MetadataTypes,
    /// Settings that createrepo-delta cannot, or is not to, follow; the repository is
    /// then left to its package manager.
    pub obstacles: Vec<Obstacle>,
}

/// Why a repository is left to its package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Obstacle {
    /// For programs: `no_url`, `unsupported_url`, `no_tls_verification`,
    /// `unsupported_tls_setting`, `unsupported_authentication`, `mixed_settings`,
    /// `unsupported_repository`, or [`Obstacle::PINNED`].
    pub code: &'static str,
    /// For people, as part of a sentence.
    pub text: String,
}

impl Obstacle {
    /// The code of a repository whose cache is never too old for its package manager.
    /// Somebody wants it to stay as it is, unless it is asked for by its name.
    pub const PINNED: &'static str = "pinned";

    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Where a repository is. Any of them may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sources {
    /// URL of a metalink document, which also says what repomd.xml is.
    pub metalink: Option<String>,
    /// URL of a list of URLs.
    pub mirrorlist: Option<String>,
    /// URLs of directories that hold `repodata/`, in order; a query belongs behind
    /// the name of each file below them. As the other two with the user name and the
    /// password of the configuration in them: not for messages.
    pub urls: Vec<String>,
}

/// The repositories of a package manager, and where it keeps and locks them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setup {
    /// In the order in which they are configured, each id once.
    pub repositories: Vec<Repository>,
    /// The directory with the caches, but for repositories that have one of their own.
    pub caches: PathBuf,
    /// The directory with the lock files; `None` for dnf5, which locks no metadata.
    pub locks: Option<PathBuf>,
    /// What the package manager, too, goes on without, one sentence each.
    pub problems: Vec<String>,
    /// What `$releasever` and the like stand for, also in lists of mirrors.
    pub variables: Variables,
}
