//! `refresh`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use managers::Manager;

use super::values::at_least_one;
use super::{Hook, Rebuilding, Report, Servers};
use crate::settings::Wait;

/// Bring the caches of dnf, dnf5 and zypper up to date by deltas
///
/// The cache of each repository that a package manager is configured to use is brought to the
/// current state in place, from the files in it and the deltas that the repository lists. The files
/// are rebuilt byte for byte, so the package manager takes them for its own: its next refresh
/// downloads repomd.xml and nothing else.
///
/// What this command cannot do is left to the package manager: repositories that have no cache yet or
/// no deltas, whose files cannot be rebuilt, or that are reached in ways that this command does not
/// know. The package manager then downloads what it always did.
///
/// repomd.xml is trusted as the package manager would: by the metalink, and where signatures are to
/// be checked, by keys that the package manager has accepted. No key is ever accepted here. A cache
/// is replaced at one instant, under the package manager's lock (dnf5 has none), and keeps its
/// owner, mode and SELinux label; after a failure it is as it was.
///
/// Without `--dnf`, `--dnf5` and `--zypper` it refreshes the caches of all of them that have something
/// in their cache directory and that this user may change. dnf 4 and dnf5 read the same repositories
/// and have caches of their own: /var/cache/dnf and /var/cache/libdnf5. Users other than root have a
/// cache of dnf5 in their home directory. dnf5 copies root's cache into it where there is one, so only
/// the other repositories are refreshed there.
///
/// Caches of PackageKit for the same repositories, by its backend for dnf5, are refreshed with those
/// of dnf or dnf5. Several caches of one repository cost one download.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Refresh {
    /// Repository ids (for zypper: aliases) [default: all]
    #[arg(value_name = "REPOSITORY")]
    pub(crate) ids: Vec<String>,

    #[command(flatten)]
    pub(crate) managers: Named,

    /// Say what would be done, and change nothing
    ///
    /// repomd.xml and the beginnings of journals are fetched for that.
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pub(crate) system: System,

    #[command(flatten)]
    pub(crate) patience: Patience,

    #[command(flatten)]
    pub(crate) hook: Hook,

    #[command(flatten)]
    pub(crate) rebuilding: Rebuilding,

    #[command(flatten)]
    pub(crate) report: Report,
}

/// Which package managers are named.
#[derive(Clone, Debug, Args)]
pub(crate) struct Named {
    /// Refresh the repositories of dnf 4
    ///
    /// Without `--dnf`, `--dnf5` and `--zypper` those of all package managers that are there.
    #[arg(long)]
    dnf: bool,

    /// Refresh the repositories of dnf5
    #[arg(long)]
    dnf5: bool,

    /// Refresh the repositories of zypper
    #[arg(long)]
    zypper: bool,
}

impl Named {
    pub(crate) fn contains(&self, manager: Manager) -> bool {
        match manager {
            Manager::Dnf => self.dnf,
            Manager::Dnf5 => self.dnf5,
            Manager::Zypper => self.zypper,
            Manager::PackageKit => false,
        }
    }
}

/// Where things are.
#[derive(Clone, Debug, Args)]
pub(crate) struct System {
    /// Refresh the system in this directory, as `--installroot` or `--root`
    #[arg(long, value_name = "DIR", default_value = "/", help_heading = "System")]
    pub(crate) root: PathBuf,

    /// Use this cache directory, instead of the configured one
    ///
    /// Needs one of `--dnf`, `--dnf5` and `--zypper`: `/var/cache/dnf` is one of dnf 4,
    /// `/var/cache/libdnf5` one of dnf5, and `/var/cache/zypp`, which holds `raw/`, one of zypper.
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) cachedir: Option<PathBuf>,

    /// Read `.repo` files in this directory, instead of the configured ones
    ///
    /// May be repeated for dnf. Needs one of `--dnf`, `--dnf5` and `--zypper`.
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) reposdir: Vec<PathBuf>,

    /// Read this configuration of dnf 4 and dnf5, instead of /etc/dnf/dnf.conf
    #[arg(long, value_name = "FILE", help_heading = "System")]
    pub(crate) dnf_config: Option<PathBuf>,

    /// Set `$releasever` [default: as the package manager finds it]
    #[arg(long, value_name = "VERSION", help_heading = "System")]
    pub(crate) releasever: Option<String>,

    /// Keep notes on how files are rebuilt in this directory
    ///
    /// [default: /var/cache/createrepo-delta in the system; for users other than root createrepo-delta in
    /// their cache directory]
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) notes: Option<PathBuf>,
}

/// How long to wait for servers, and for package managers.
#[derive(Clone, Debug, Args)]
pub(crate) struct Patience {
    /// Wait so long for a package manager that is at work [default: 60]
    ///
    /// In seconds, or with `m` in minutes. Its lock is held to look at the cache and to replace it, not
    /// while files are fetched.
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) lock_timeout: Option<Wait>,

    /// Refresh so many repositories at a time [default: 4]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub(crate) jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(crate) servers: Servers,
}

const AFTER: &str = "\
Examples:
  createrepo-delta refresh
  createrepo-delta refresh --dnf --dry-run fedora updates
  createrepo-delta refresh --zypper --root /srv/chroot

Outcomes:
  refreshed  the cache is current now; in a dry run: would be
  current    the cache was current before
  left       there is nothing to save, or a server, mirror, key or network is
             not as it should be: the package manager does what it always did
  failed     something is wrong here; the cache is as it was
  busy       another process is at work on the cache, which is as it was

Exit status: see `createrepo-delta --help`.";
