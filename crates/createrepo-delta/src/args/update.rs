//! `update`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use delta_client::options::{CopyAs, StoreAs};
use delta_client::transport::TransportError;
use delta_client::transport::http::{Authorities, ClientCertificate, HttpOptions, Netrc};

use super::{Rebuilding, Report, Servers};

/// Bring a copy of a repository's metadata up to date
///
/// SOURCE is the URL or the directory that contains repodata/. CACHE is a directory that the first
/// run makes, and that only this command changes. CACHE/repodata is the current metadata as any
/// reader expects it: package managers read it by `file://CACHE`.
///
/// Where SOURCE lists a journal or a delta that serves the copy in CACHE, what the copy lacks is
/// downloaded and applied. In all other cases, and whenever something does not fit, the full file is
/// downloaded.
///
/// CACHE is an exact copy where it can be: the publisher's repomd.xml and the files that it names,
/// byte for byte. Files that are made here are compressed as the publisher does, by a recipe that
/// SOURCE has or that was found here. Where no recipe is known they are compressed fast, and CACHE
/// has a repomd.xml of its own that describes them; the publisher's is then in
/// CACHE/repodata/upstream. The signature and the key of repomd.xml are fetched with it, where SOURCE
/// has them.
///
/// Everything is verified before CACHE changes: repomd.xml by its signature, if `--keyring` is given,
/// and each file by its checksums. CACHE/repodata is then replaced as a whole, at one instant. If the
/// update fails, it stays as it was.
///
/// Without `--keyring` repomd.xml is trusted as it comes: trust is then in TLS, or in the network. The
/// variables `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` are used.
#[derive(Debug, Args)]
#[command(after_long_help = AFTER)]
pub(crate) struct Update {
    /// The URL or the directory that contains repodata/
    #[arg(value_name = "SOURCE")]
    pub(crate) source: String,

    /// The directory that is brought up to date
    #[arg(value_name = "CACHE")]
    pub(crate) cache: PathBuf,

    /// Keep these types only [default: all but databases]
    ///
    /// Names of metadata types, separated by commas. By default all types are kept but *_db and *_zck. Types that CACHE has and that are not named are
    /// dropped.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) types: Option<Vec<String>>,

    #[command(flatten)]
    pub(crate) form: Form,

    /// Say what would be done, and change nothing
    ///
    /// repomd.xml and the beginnings of journals are fetched for that.
    #[arg(long, short = 'n')]
    pub(crate) dry_run: bool,

    /// Fetch nothing: check that all of CACHE is whole
    #[arg(long, conflicts_with_all = ["dry_run", "types", "mirrors", "allow_rollback"])]
    pub(crate) offline: bool,

    #[command(flatten)]
    pub(crate) trust: TrustArgs,

    #[command(flatten)]
    pub(crate) network: Network,

    #[command(flatten)]
    pub(crate) rebuilding: Rebuilding,

    #[command(flatten)]
    pub(crate) report: Report,
}

/// In which form files are held.
#[derive(Debug, Args)]
pub(crate) struct Form {
    /// Make no exact copy: compress what is made here fast, and describe it anew
    #[arg(long, conflicts_with_all = ["exact", "complete"], help_heading = "Form")]
    pub(crate) open: bool,

    /// Make an exact copy: download in full what no recipe gives
    #[arg(long, help_heading = "Form")]
    pub(crate) exact: bool,

    /// Copy databases, deltas and journals, too: for mirrors
    ///
    /// CACHE/repodata is then what SOURCE has, for clients of every kind. Implies `--exact`.
    #[arg(long)]
    pub(crate) complete: bool,

    /// Compress files that are made here in this way, where the copy is not exact
    ///
    /// Files that are downloaded in full are stored as they come.
    #[arg(long, value_name = "HOW", value_enum, default_value_t, help_heading = "Form")]
    pub(crate) compress: Compress,
}

impl Form {
    /// Whether the copy is to be exact.
    pub(crate) fn copy(&self) -> CopyAs {
        match (self.exact, self.open) {
            (true, _) => CopyAs::Exact,
            (_, true) => CopyAs::Open,
            _ => CopyAs::Auto,
        }
    }
}

/// What is believed.
#[derive(Debug, Args)]
pub(crate) struct TrustArgs {
    /// Accept only a repomd.xml signed by a key in this file
    ///
    /// Public keys, binary or armored. The signature is repodata/repomd.xml.asc; `gpgv` verifies it before
    /// anything in repomd.xml is read. Expired and revoked keys do not count.
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: Option<PathBuf>,

    /// Accept a repomd.xml that is older than the one in CACHE
    ///
    /// Older is one whose revision and greatest timestamp are both lower, and with `--keyring` also one
    /// whose timestamp is lower where revisions are equal, absent or no numbers.
    #[arg(long, help_heading = "Trust")]
    pub(crate) allow_rollback: bool,
}

/// How files are fetched.
#[derive(Debug, Args)]
pub(crate) struct Network {
    /// Ask here where SOURCE fails; may be repeated
    ///
    /// A URL or a directory with the same files as SOURCE. Journals and deltas are asked for at one source only: that
    /// which gave repomd.xml.
    #[arg(long = "mirror", value_name = "SOURCE")]
    pub(crate) mirrors: Vec<String>,

    /// Fetch repomd.xml even if SOURCE says that it did not change
    #[arg(long, help_heading = "Network")]
    pub(crate) fresh: bool,

    #[command(flatten)]
    pub(crate) servers: Servers,

    #[command(flatten)]
    pub(crate) access: Access,
}

/// What web servers are shown, and by what they are believed.
#[derive(Debug, Args)]
pub(crate) struct Access {
    /// Trust web servers by these certificate authorities (PEM), not the system's
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) cacert: Option<PathBuf>,

    /// Show web servers this certificate (PEM)
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) client_cert: Option<PathBuf>,

    /// Use this private key for `--client-cert`, where that file does not have it
    ///
    /// In PEM form, without a passphrase.
    #[arg(long, value_name = "FILE", requires = "client_cert", help_heading = "Network")]
    pub(crate) client_key: Option<PathBuf>,

    /// Take user names and passwords for web servers from this file
    ///
    /// It has the form of ~/.netrc, and is used for SOURCE and mirrors whose URLs have no password. So no
    /// password is on a command line.
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(crate) netrc: Option<PathBuf>,
}

impl Access {
    /// Reads the files, and tells the transport of them.
    pub(crate) fn apply(&self, options: &mut HttpOptions) -> Result<(), TransportError> {
        options.cacert = self.cacert.as_deref().map(Authorities::read).transpose()?;
        let certificate = |path: &PathBuf| ClientCertificate::read(path, self.client_key.as_deref());
        options.certificate = self.client_cert.as_ref().map(certificate).transpose()?;
        options.netrc = self.netrc.as_deref().map(Netrc::read).transpose()?;
        Ok(())
    }
}

/// How results of deltas are stored.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Compress {
    /// zstd, at its fastest level
    #[default]
    Zst,
    /// gzip, at its fastest level
    Gz,
    /// Not compressed
    None,
}

impl Compress {
    /// The choice as the library takes it.
    pub(crate) fn store_as(self) -> StoreAs {
        match self {
            Self::Zst => StoreAs::Zstd,
            Self::Gz => StoreAs::Gzip,
            Self::None => StoreAs::None,
        }
    }
}

const AFTER: &str = "\
Examples:
  createrepo-delta update \\
      https://mirror.example.org/repo /var/cache/repo
  createrepo-delta update --keyring /etc/keys/repo.asc \\
      --mirror https://other.example.org/repo \\
      https://mirror.example.org/repo /var/cache/repo
  createrepo-delta update --offline \\
      /srv/repo /var/cache/repo

Exit status: see `createrepo-delta --help`.";
