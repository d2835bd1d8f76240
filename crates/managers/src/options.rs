//! What a package manager would be told, and finds out by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::rpm::InstalledRelease;

/// What `dnf`, `dnf5` or `zypper` would be told on its command line, and what it finds out
/// itself.
#[derive(Clone, Debug)]
pub struct SetupOptions {
    pub(crate) root: PathBuf,
    pub(crate) machine: String,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) config: Option<PathBuf>,
    pub(crate) reposdir: Vec<PathBuf>,
    pub(crate) cachedir: Option<PathBuf>,
    pub(crate) user_cache: Option<PathBuf>,
    pub(crate) releasever: Option<String>,
    pub(crate) installed_release: Option<InstalledRelease>,
    pub(crate) system_proxy: PathBuf,
}

impl SetupOptions {
    /// Of root, for the system at `root` (`--installroot`, `--root`), on this kind of
    /// machine, as `uname -m` says it.
    #[must_use]
    pub fn new(root: &Path, machine: &str) -> Self {
        Self {
            root: root.to_owned(),
            machine: machine.to_owned(),
            environment: BTreeMap::new(),
            config: None,
            reposdir: Vec::new(),
            cachedir: None,
            user_cache: None,
            releasever: None,
            installed_release: None,
            system_proxy: "/etc/sysconfig/proxy".into(),
        }
    }

    /// More of the environment: for dnf `DNF0` to `DNF9` and `DNF_VAR_…` are variables, zypper looks
    /// at `ZYPP_CONF`, `ZYPP_REPO_RELEASEVER`, `ZYPP_LOCKFILE_ROOT` and `HOME`.
    #[must_use]
    pub fn with_environment(mut self, environment: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(environment);
        self
    }

    /// The configuration file of dnf. Default: that of the system; with dnf 4 that of `/`
    /// where the system has none.
    #[must_use]
    pub fn with_config(mut self, config: impl Into<Option<PathBuf>>) -> Self {
        self.config = config.into();
        self
    }

    /// Directories with `.repo` files, instead of the configured ones.
    #[must_use]
    pub fn with_reposdir(mut self, directories: Vec<PathBuf>) -> Self {
        self.reposdir = directories;
        self
    }

    /// The cache directory, instead of the configured one; for zypper (`--cache-dir`) the one
    /// that holds `raw/`. It is not taken to be below the root.
    #[must_use]
    pub fn with_cachedir(mut self, directory: impl Into<Option<PathBuf>>) -> Self {
        self.cachedir = directory.into();
        self
    }

    /// For dnf5 the cache directory of a user other than root ([`user_cache`]), where the
    /// configuration does not say another one. `None`: root's caches.
    #[must_use]
    pub fn with_user_cache(mut self, directory: impl Into<Option<PathBuf>>) -> Self {
        self.user_cache = directory.into();
        self
    }

    /// `$releasever`, whatever else says.
    #[must_use]
    pub fn with_releasever(mut self, version: impl Into<Option<String>>) -> Self {
        self.releasever = version.into();
        self
    }

    /// `$releasever` where nothing else says, with dnf5 also its parts:
    /// [`dnf_release`](crate::rpm::dnf_release), [`dnf5_release`](crate::rpm::dnf5_release),
    /// [`product_release`](crate::zypp::product_release) or else
    /// [`zypp_release`](crate::rpm::zypp_release).
    #[must_use]
    pub fn with_installed_release(mut self, release: impl Into<Option<InstalledRelease>>) -> Self {
        self.installed_release = release.into();
        self
    }

    /// The file with the proxies of the system, for zypper. Default: that of `/`, also for
    /// another system.
    #[must_use]
    pub fn with_system_proxy(mut self, file: PathBuf) -> Self {
        self.system_proxy = file;
        self
    }
}

/// The cache directory `name` of a user, by `XDG_CACHE_HOME` or `HOME` of the environment.
/// `None` where neither is an absolute path. dnf5's is `libdnf5`.
#[must_use]
pub fn user_cache(environment: impl Fn(&str) -> Option<String>, name: &str) -> Option<PathBuf> {
    let absolute = |key: &str| environment(key).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    caches.map(|caches| caches.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_of_users() {
        let cache = |pairs: &[(&str, &str)]| {
            let value = |name: &str| pairs.iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned());
            user_cache(value, "libdnf5")
        };
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some("/x/libdnf5".into()));
        assert_eq!(cache(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")]), Some("/h/.cache/libdnf5".into()));
        assert_eq!(cache(&[("XDG_CACHE_HOME", ""), ("HOME", "/h")]), Some("/h/.cache/libdnf5".into()));
        assert_eq!(cache(&[("HOME", "")]), None);
    }
}
