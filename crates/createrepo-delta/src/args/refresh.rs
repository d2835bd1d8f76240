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
/// For the repositories that dnf 4, dnf5 or zypper is configured to use, the package
/// manager's own cache is brought to the current state in place, from the files
/// that it holds and the deltas that the repository publishes. The files are
/// rebuilt bit for bit, so the package manager takes them for its own: its next
/// refresh downloads repomd.xml and nothing else.
///
/// Whatever does not fit is left to the package manager: repositories that it
/// has no cache of yet, that have no deltas, whose files cannot be rebuilt, or
/// that are reached in ways that this command does not know. It then downloads
/// what it always did.
///
/// repomd.xml is believed as the package manager would: by the metalink, and
/// where signatures are to be checked, by keys that the package manager has
/// accepted. No key is ever accepted here. A cache is replaced at one instant,
/// under the package manager's lock (dnf5 has none), with owner, mode and SELinux
/// label as they were; after a failure it is as it was.
///
/// Without --dnf, --dnf5 and --zypper it is for all of these that are there: whose
/// cache directory has something in it and may be changed by this user. dnf 4 and
/// dnf5 read the same repositories and have caches of their own: /var/cache/dnf and
/// /var/cache/libdnf5. Users other than root have a cache of dnf5 in their home
/// directory. dnf5 copies root's into it where there is one, so only the other
/// repositories are refreshed there.
///
/// Caches that PackageKit has of the same repositories, by its backend for dnf5, are
/// refreshed with those of dnf or dnf5. Several caches of one repository cost one
/// download.
#[derive(Clone, Debug, Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Refresh {
    /// Repository ids (for zypper: aliases) [default: all that are enabled]
    #[arg(value_name = "REPOSITORY")]
    pub(crate) ids: Vec<String>,

    #[command(flatten)]
    pub(crate) managers: Named,

    /// Say what would be done: fetch repomd.xml and heads of journals, and change nothing
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
    /// The repositories of dnf 4 [default: all package managers that are there]
    #[arg(long)]
    dnf: bool,

    /// The repositories of dnf5
    #[arg(long)]
    dnf5: bool,

    /// The repositories of zypper
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
    /// The system whose package manager it is, as its `--installroot` or `--root`
    #[arg(long, value_name = "DIR", default_value = "/", help_heading = "System")]
    pub(crate) root: PathBuf,

    /// The package manager's cache directory, instead of the configured one
    ///
    /// Needs one of `--dnf`, `--dnf5` and `--zypper`: `/var/cache/dnf` is one of dnf 4,
    /// `/var/cache/libdnf5` one of dnf5, and `/var/cache/zypp`, which holds `raw/`, one of
    /// zypper.
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) cachedir: Option<PathBuf>,

    /// A directory with `.repo` files, instead of the configured ones; for dnf there may be several
    ///
    /// Needs one of `--dnf`, `--dnf5` and `--zypper`.
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) reposdir: Vec<PathBuf>,

    /// The configuration file of dnf 4 and dnf5, instead of /etc/dnf/dnf.conf
    #[arg(long, value_name = "FILE", help_heading = "System")]
    pub(crate) dnf_config: Option<PathBuf>,

    /// The value of `$releasever` [default: as the package manager finds it]
    #[arg(long, value_name = "VERSION", help_heading = "System")]
    pub(crate) releasever: Option<String>,

    /// Where to note how files are rebuilt [default: /var/cache/createrepo-delta in the system;
    /// for users other than root createrepo-delta in their cache directory]
    #[arg(long, value_name = "DIR", help_heading = "System")]
    pub(crate) notes: Option<PathBuf>,
}

/// How long to wait for servers, and for package managers.
#[derive(Clone, Debug, Args)]
pub(crate) struct Patience {
    /// How long to wait for a package manager that is at work, in seconds, or with `m` in minutes
    /// [default: 60]
    ///
    /// Its lock is taken to look at the cache and to replace it, not while files are fetched.
    #[arg(long, value_name = "SECONDS", help_heading = "Network")]
    pub(crate) lock_timeout: Option<Wait>,

    /// How many repositories are refreshed at a time [default: 4]
    #[arg(long, value_name = "N", value_parser = at_least_one, help_heading = "Network")]
    pub(crate) jobs: Option<NonZeroUsize>,

    #[command(flatten)]
    pub(crate) servers: Servers,
}

const AFTER: &str = "\
Examples:
  createrepo-delta refresh
  createrepo-delta refresh --dnf --dry-run fedora updates
  createrepo-delta refresh --zypper --root /srv/chroot --json

JSON:
  dry_run           whether --dry-run was given
  repositories      one entry for each: manager (dnf, dnf5, packagekit or zypper), repository, cache
                    (its directory), outcome, reason, reason_code (for programs; null
                    unless it is left), signed_by (fingerprint, or null), revision
                    (of the current repomd.xml, or null), types, bytes_downloaded,
                    bytes_full, milliseconds
  types             as `update` reports them: type, path, reason,
                    bytes_downloaded, bytes_full, milliseconds, file, exact,
                    inexact, recipe, rebuilding (recipe, milliseconds,
                    bytes_per_second, measured, bytes)
  bytes_downloaded  in all, lists of mirrors included
  milliseconds      time that all took
  warnings          what did not go as it should

Outcomes:
  refreshed  the cache is current; in a dry run: would be
  current    it was
  left       nothing to save here, or a server, mirror, key or network does not play
             along: the package manager does what it always did
  failed     something is wrong here; the cache is as it was
  busy       another process is at work on the cache, which is as it was

Exit status: see `createrepo-delta --help`.";
