//! dnf 4: `/etc/dnf/dnf.conf`, `.repo` files, variables, and where its caches
//! and locks are. What is said here was compared with dnf 4.14, libdnf 0.69.
//!
//! Plugins, modules, `--setopt` and the caches of users other than root are not
//! looked at.

mod arch;
mod checks;
mod dialect;
mod keys;
mod layers;
mod repos;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::expand::{Variables, derive_releasever, expand};
use crate::files::{below, names, text};
use crate::ini::{self, dnf};
use crate::{Setup, SetupError, SetupOptions};

pub(crate) use arch::base as base_arch;
pub(crate) use dialect::Dialect;
pub use keys::{key_files, keyring};
pub(crate) use layers::{Layers, Said};
pub(crate) use repos::RepoReader;

const CONFIG: &str = "/etc/dnf/dnf.conf";
const CACHE: &str = "/var/cache/dnf";
const REPOSITORIES: [&str; 3] = ["/etc/yum.repos.d", "/etc/yum/repos.d", "/etc/distro.repos.d"];
/// The later ones count more.
const VARIABLES: [&str; 2] = ["/etc/yum/vars", "/etc/dnf/vars"];

/// Those that stand for something in `[main]`, which is read first.
fn variables_at_start(options: &SetupOptions) -> Variables {
    let mut variables = variables_of(&options.environment);
    variables.insert("arch".to_owned(), options.machine.clone());
    if let Some(base) = arch::base(&options.machine) {
        variables.insert("basearch".to_owned(), base.to_owned());
    }
    variables
}

/// The variables that the environment has.
pub(crate) fn variables_of(environment: &BTreeMap<String, String>) -> Variables {
    let mut variables = Variables::new();
    for (name, value) in environment {
        let numbered =
            name.strip_prefix("DNF").is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit());
        let named = name
            .strip_prefix("DNF_VAR_")
            .filter(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        match named {
            Some(name) => variables.insert(name.to_owned(), value.clone()),
            None if numbered => variables.insert(name.clone(), value.clone()),
            None => None,
        };
    }
    variables
}

/// Reads the configuration.
pub fn setup(options: &SetupOptions) -> Result<Setup, SetupError> {
    let root = &*options.root;
    let is_other = root != Path::new("/");
    let config = options.config.clone().unwrap_or_else(|| {
        let inside = below(root, Path::new(CONFIG));
        if inside.exists() { inside } else { PathBuf::from(CONFIG) }
    });
    let sections = ini::read(&config, dnf::parse)?.unwrap_or_default();
    let mut layers = Layers::default();
    sections.iter().filter(|section| section.name == "main").for_each(|main| layers.push(main.clone()));
    let at_start = variables_at_start(options);
    let main = Said { layers: &layers, variables: &at_start, dialect: Dialect::Dnf };

    let mut directories = list(main, "reposdir", &REPOSITORIES);
    let mut found_in = Path::new("/");
    if !options.reposdir.is_empty() {
        directories.clone_from(&options.reposdir);
        found_in = root;
    } else if is_other && directories.iter().any(|dir| below(root, dir).exists()) {
        directories = directories.iter().map(|dir| below(root, dir)).collect();
        found_in = root;
    }

    let mut problems = Vec::new();
    let mut variables = at_start.clone();
    for dir in list(main, "varsdir", &VARIABLES) {
        read_variables(&below(found_in, &dir), &mut variables, &mut problems)?;
    }
    match (&options.releasever, &options.installed_release) {
        (Some(given), _) => {
            variables.insert("releasever".to_owned(), given.clone());
        }
        (None, Some(installed)) => {
            variables.entry("releasever".to_owned()).or_insert_with(|| installed.version.clone());
        }
        (None, None) => {}
    }
    derive_releasever(&mut variables);

    let cachedir = options.cachedir.clone().unwrap_or_else(|| {
        let configured = main.text("cachedir").filter(|dir| !dir.is_empty());
        let configured = configured.unwrap_or_else(|| CACHE.to_owned());
        below(root, Path::new(&expand(&configured, &variables)))
    });

    let mut reader = RepoReader::new(main, &variables);
    reader.take(&config, sections);
    for file in repo_files(&directories)? {
        match ini::read(&file, dnf::parse) {
            Ok(sections) => reader.take(&file, sections.unwrap_or_default()),
            Err(error) => reader.leave_out(&error),
        }
    }
    let (repositories, more) = reader.finish(&cachedir);
    problems.extend(more);
    Ok(Setup { repositories, locks: Some(cachedir.clone()), caches: cachedir, problems, variables })
}

/// The directories that a setting of `[main]` names.
pub(crate) fn list(main: Said<'_>, key: &str, default: &[&str]) -> Vec<PathBuf> {
    let given = main.text(key).map(|value| main.dialect.list(&value));
    let words = given.unwrap_or_else(|| default.iter().map(|word| (*word).to_owned()).collect());
    words.into_iter().map(PathBuf::from).collect()
}

/// One variable to a file, its first line. What cannot be read is left out.
pub(crate) fn read_variables(
    dir: &Path,
    variables: &mut Variables,
    problems: &mut Vec<String>,
) -> Result<(), SetupError> {
    for name in names(dir)? {
        match text(&dir.join(&name)) {
            Ok(Some(text)) => {
                // Python takes each of the three forms for the end of a line.
                let first = text.split(['\n', '\r']).next().unwrap_or_default();
                variables.insert(name, first.to_owned());
            }
            Ok(None) => {}
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok(())
}

/// All `.repo` files, in the order of their paths without `.repo`.
fn repo_files(directories: &[PathBuf]) -> Result<Vec<PathBuf>, SetupError> {
    let mut files = Vec::new();
    for dir in directories {
        let names = names(dir)?;
        files.extend(
            names.iter().filter(|name| name.strip_suffix(".repo").is_some()).map(|name| dir.join(name)),
        );
    }
    files.sort_by_key(|file| file.with_extension(""));
    Ok(files)
}
