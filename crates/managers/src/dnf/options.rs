//! What dnf 4 or dnf5 would be told, and finds out by itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::InstalledRelease;

/// What `dnf` or `dnf5` would be told on its command line, and what it finds out itself.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DnfOptions {
    /// The system (`--installroot`). Default `/`.
    pub root: PathBuf,
    /// The configuration file. Default: that of the system; with dnf 4 that of `/` where
    /// the system has none.
    pub config: Option<PathBuf>,
    /// Directories with `.repo` files, instead of the configured ones.
    pub reposdir: Vec<PathBuf>,
    /// The cache directory, instead of the configured one. It is not taken to be
    /// below `root`.
    pub cachedir: Option<PathBuf>,
    /// For dnf5 the cache directory of a user other than root ([`user_cache`]), where the
    /// configuration does not say another one. `None`: root's caches.
    pub user_cache: Option<PathBuf>,
    /// `$releasever`, whatever else says.
    pub releasever: Option<String>,
    /// `$releasever` where nothing else says, with dnf5 also its parts:
    /// [`crate::dnf_release`], [`crate::dnf5_release`].
    pub installed_release: Option<InstalledRelease>,
    /// The machine, as `uname -m` says.
    pub machine: String,
    /// The environment: `DNF0` to `DNF9` and `DNF_VAR_…` are variables.
    pub environment: BTreeMap<String, String>,
}

impl DnfOptions {
    /// Of root, for the system at `root`, on this kind of machine.
    #[must_use]
    pub fn new(root: &Path, machine: &str) -> Self {
        Self {
            root: root.to_owned(),
            config: None,
            reposdir: Vec::new(),
            cachedir: None,
            user_cache: None,
            releasever: None,
            installed_release: None,
            machine: machine.to_owned(),
            environment: BTreeMap::new(),
        }
    }
}

/// The cache directory `name` of a user, by `XDG_CACHE_HOME` or `HOME` of the environment.
/// `None` where neither is an absolute path. dnf5's is `libdnf5`.
#[must_use]
pub fn user_cache(environment: &BTreeMap<String, String>, name: &str) -> Option<PathBuf> {
    let absolute = |key: &str| environment.get(key).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    caches.map(|caches| caches.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_of_users() {
        let cache = |pairs: &[(&str, &str)]| {
            let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            user_cache(&pairs.collect(), "libdnf5")
        };
        assert_eq!(cache(&[("XDG_CACHE_HOME", "/x"), ("HOME", "/h")]), Some("/x/libdnf5".into()));
        assert_eq!(cache(&[("XDG_CACHE_HOME", "x"), ("HOME", "/h")]), Some("/h/.cache/libdnf5".into()));
        assert_eq!(cache(&[("XDG_CACHE_HOME", ""), ("HOME", "/h")]), Some("/h/.cache/libdnf5".into()));
        assert_eq!(cache(&[("HOME", "")]), None);
    }
}
