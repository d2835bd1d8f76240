//! A repository as a package manager of this machine is told to use it.

use std::fmt;
use std::path::PathBuf;

use crate::Variables;

/// The package managers that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Manager {
    /// dnf 4, with libdnf and librepo.
    Dnf,
    /// zypper, with libzypp.
    Zypper,
}

impl fmt::Display for Manager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dnf => "dnf",
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
    /// Settings that createrepo-delta cannot follow, in words; the repository is
    /// then left to its package manager.
    pub obstacles: Vec<String>,
}

/// Where a repository is. Any of them may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sources {
    /// URL of a metalink document, which also says what repomd.xml is.
    pub metalink: Option<String>,
    /// URL of a list of URLs.
    pub mirrorlist: Option<String>,
    /// URLs of directories that hold `repodata/`, in order. With the user name
    /// and the password of the configuration in them: not for messages.
    pub urls: Vec<String>,
}

/// How a repository is reached.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// URL of the proxy, with user name and password where there are some;
    /// otherwise the environment decides.
    pub proxy: Option<String>,
}

impl fmt::Debug for Network {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("proxy", &self.proxy.is_some()).finish()
    }
}

/// The repositories of a package manager, and where it locks them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Setup {
    /// In the order in which they are configured, each id once.
    pub repositories: Vec<Repository>,
    /// The directory with the lock files.
    pub locks: PathBuf,
    /// What the package manager, too, goes on without, one sentence each.
    pub problems: Vec<String>,
    /// What `$releasever` and the like stand for, also in lists of mirrors.
    pub variables: Variables,
}
