//! Caches of other programs that read the repositories of dnf: PackageKit, microdnf and
//! rpm-ostree.
//!
//! Where they are is known, and what is there is recognized by the names of directories:
//! the C interface of libdnf (tried with 0.74) has `<id>-<releasever>-<basearch>`, libdnf5
//! the names that dnf5 has. Anything else is left alone, and so are caches of repositories
//! that are not configured.

use std::path::{Path, PathBuf};

use crate::files::{below, names};
use crate::{Manager, MetadataTypes, Repository, Setup};

/// Of microdnf and rpm-ostree.
const PLACES: [&str; 2] = ["/var/cache/yum/metadata", "/var/cache/rpm-ostree/repomd"];
/// Of `PackageKit`: below it `<releasever>/metadata`.
const PACKAGEKIT: &str = "/var/cache/PackageKit";
/// What a cache has.
const REPOMD: &str = "repodata/repomd.xml";

/// The repositories of dnf 4 or dnf5 once more, for each cache that another program has of
/// them in the system at `root`.
#[must_use]
pub fn libdnf_caches(setup: &Setup, root: &Path) -> Vec<Repository> {
    let mut places: Vec<PathBuf> = PLACES.iter().map(|place| below(root, Path::new(place))).collect();
    let packagekit = below(root, Path::new(PACKAGEKIT));
    let releases = names(&packagekit).unwrap_or_default();
    places.extend(releases.iter().map(|release| packagekit.join(release).join("metadata")));
    let mut found = Vec::new();
    for repository in &setup.repositories {
        for (name, types) in layouts(repository, setup) {
            let caches = places.iter().map(|place| place.join(&name));
            for cache in caches.filter(|cache| cache.join(REPOMD).is_file()) {
                let types = types.clone();
                let manager = Manager::Libdnf;
                found.push(Repository { manager, cache, types, system_cache: None, ..repository.clone() });
            }
        }
    }
    found
}

/// The names that a cache of a repository may have, and what belongs in it then.
fn layouts(repository: &Repository, setup: &Setup) -> Vec<(String, MetadataTypes)> {
    let mut layouts = Vec::new();
    if let (Some(release), Some(arch)) = (setup.variables.get("releasever"), setup.variables.get("basearch"))
    {
        layouts.push((format!("{}-{release}-{arch}", repository.id), MetadataTypes::libdnf()));
    }
    if let Some(name) = repository.cache.file_name().and_then(|name| name.to_str()) {
        let optional = ["comps", "updateinfo", "appstream"].map(str::to_owned).into();
        layouts.push((name.to_owned(), MetadataTypes::dnf5(&optional)));
    }
    // A path is no name.
    layouts.retain(|(name, _)| !name.contains('/'));
    layouts
}
