//! Caches of `PackageKit`, which reads the repositories of dnf, with its backend for dnf5.
//!
//! What is there is recognized by the names of directories: they are those of dnf5. Caches
//! of the C interface of libdnf (the older backend, microdnf, rpm-ostree) have other names,
//! `<id>-<releasever>-<basearch>`, and are left alone: libdnf 0.74 cannot load one that has
//! expired and is found current, unless its own binary cache is of the same state.

use std::path::{Path, PathBuf};

use repomd::files::{REPODATA, REPOMD};

use crate::files::{below, names};
use crate::{Manager, Repository, Setup};

/// Below it are caches in `<releasever>/metadata`.
const DIRECTORY: &str = "/var/cache/PackageKit";
const METADATA: &str = "metadata";

/// The repositories of dnf 4 or dnf5 once more, for each cache that `PackageKit` has of them
/// in the system at `root`.
#[must_use]
pub fn caches(setup: &Setup, root: &Path) -> Vec<Repository> {
    let directory = below(root, Path::new(DIRECTORY));
    let releases = names(&directory).unwrap_or_default();
    let places: Vec<PathBuf> =
        releases.iter().map(|release| directory.join(release).join(METADATA)).collect();
    let mut found = Vec::new();
    for repository in &setup.repositories {
        let name = repository.cache.file_name().unwrap_or_default();
        let caches = places.iter().map(|place| place.join(name));
        found.extend(caches.filter(|cache| cache.join(REPODATA).join(REPOMD).is_file()).map(|cache| {
            Repository {
                manager: Manager::PackageKit,
                cache,
                types: repository.types.of_packagekit(repository.manager),
                system_cache: None,
                ..repository.clone()
            }
        }));
    }
    found
}
