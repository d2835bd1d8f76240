//! dnf5: `/etc/dnf/dnf.conf` and the directories beside it, `.repo` files and what
//! overrides them, variables, and where its caches are. What is said here was compared
//! with dnf5 5.4.6.
//!
//! The `.repo` files and their values are those of dnf 4, but for what
//! `Dialect` says. Plugins, `--setopt` and profiles are not looked at.

mod main_section;
mod variables;

use std::path::{Path, PathBuf};

use crate::cache::MetadataTypes;
use crate::dnf::{Dialect, RepoReader, Said, list};
use crate::files::{below, merged};
use crate::ini::{self, Section, dnf};
use crate::{Setup, SetupError, SetupOptions};

const REPOSITORIES: [&str; 3] = ["/etc/yum.repos.d", "/etc/distro.repos.d", "/usr/share/dnf5/repos.d"];
/// Of files of one name that of the first directory counts.
const OVERRIDES: [&str; 2] = ["/etc/dnf/repos.override.d", "/usr/share/dnf5/repos.override.d"];
/// Root's caches. A cache of others is a copy of root's, where there is one.
const CACHE: &str = "/var/cache/libdnf5";

/// Reads the configuration.
pub fn setup(options: &SetupOptions) -> Result<Setup, SetupError> {
    let root = &*options.root;
    let (layers, of_config) = main_section::read(options)?;
    let at_start = variables::at_start(options);
    let main = Said { layers: &layers, variables: &at_start, dialect: Dialect::Dnf5 };

    let mut problems = Vec::new();
    let variables = variables::read(options, main, &mut problems)?;
    let mut reader = RepoReader::new(main, &variables);
    if let Some((path, sections)) = of_config {
        reader.take(&path, sections);
    }
    let directories = match &*options.reposdir {
        [] => list(main, "reposdir", &REPOSITORIES).iter().map(|dir| below(root, dir)).collect(),
        given => given.to_vec(),
    };
    for dir in directories {
        for (path, sections) in read_all(&[dir], "repo", &mut reader)? {
            reader.take(&path, sections);
        }
    }
    let overrides = OVERRIDES.map(|dir| below(root, Path::new(dir)));
    for (path, sections) in read_all(&overrides, "repo", &mut reader)? {
        reader.override_by(&path, &sections);
    }

    let caches = Caches::new(options, main);
    let (mut repositories, more) = reader.finish(&caches.directory);
    problems.extend(more);
    let types = MetadataTypes::dnf5(&main_section::optional_types(main));
    for repository in &mut repositories {
        repository.types = types.clone();
        repository.system_cache = caches.system_cache(&repository.cache);
    }
    Ok(Setup { repositories, caches: caches.directory, locks: None, problems, variables })
}

/// Files with their sections; what cannot be read is left out.
fn read_all(
    directories: &[PathBuf],
    extension: &str,
    reader: &mut RepoReader<'_>,
) -> Result<Vec<(PathBuf, Vec<Section>)>, SetupError> {
    let mut all = Vec::new();
    for path in merged(directories, extension)? {
        match ini::read(&path, dnf::parse) {
            Ok(sections) => all.push((path, sections.unwrap_or_default())),
            Err(error) => reader.leave_out(&error),
        }
    }
    Ok(all)
}

/// Where caches are.
struct Caches {
    directory: PathBuf,
    /// Root's, unless a directory was given.
    system: Option<PathBuf>,
}

impl Caches {
    fn new(options: &SetupOptions, main: Said<'_>) -> Self {
        if let Some(given) = &options.cachedir {
            return Self { directory: given.clone(), system: None };
        }
        let configured = |key| main.text(key).filter(|dir| !dir.is_empty()).map(PathBuf::from);
        let below = |dir: PathBuf| below(&options.root, &dir);
        let system = below(configured("system_cachedir").unwrap_or_else(|| CACHE.into()));
        // Root uses no other, whatever `cachedir` says.
        let own = options.user_cache.clone().map(|user| configured("cachedir").unwrap_or(user));
        Self { directory: own.map_or_else(|| system.clone(), below), system: Some(system) }
    }

    /// The cache that dnf5 copies before it fetches what belongs into `cache`.
    fn system_cache(&self, cache: &Path) -> Option<PathBuf> {
        let system = self.system.as_ref()?.join(cache.file_name()?);
        Some(system).filter(|system| system != cache)
    }
}
