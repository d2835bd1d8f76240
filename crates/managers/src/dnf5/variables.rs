//! Variables. What the command line says counts most, then the environment, then files,
//! and last what dnf5 finds out.

use std::path::Path;

use crate::dnf::{Said, base_arch, list, read_variables, variables_of};
use crate::expand::Variables;
use crate::files::below;
use crate::rpm::InstalledRelease;
use crate::{SetupError, SetupOptions};

const RELEASEVER: &str = "releasever";
const MAJOR: &str = "releasever_major";
const MINOR: &str = "releasever_minor";
/// The later ones count more.
const DIRECTORIES: [&str; 2] = ["/usr/share/dnf5/vars.d", "/etc/dnf/vars"];

/// Those that stand for something in `[main]`, which is read first.
pub(super) fn at_start(options: &SetupOptions) -> Variables {
    divided(options.releasever.iter().map(|value| (RELEASEVER.to_owned(), value.clone())).collect())
}

/// All of them.
pub(super) fn read(
    options: &SetupOptions,
    main: Said<'_>,
    problems: &mut Vec<String>,
) -> Result<Variables, SetupError> {
    let mut variables = at_start(options);
    add(&mut variables, variables_of(&options.environment));
    let mut of_files = Variables::new();
    for dir in list(main, "varsdir", &DIRECTORIES) {
        let mut of_dir = Variables::new();
        read_variables(&below(&options.root, Path::new(&dir)), &mut of_dir, problems)?;
        of_files.extend(if variables.contains_key(RELEASEVER) { of_dir } else { divided(of_dir) });
    }
    add(&mut variables, of_files);
    if let Some(InstalledRelease { version, major, minor }) = &options.installed_release
        && !variables.contains_key(RELEASEVER)
    {
        for (name, value) in [(RELEASEVER, version), (MAJOR, major), (MINOR, minor)] {
            variables.entry(name.to_owned()).or_insert_with(|| value.clone());
        }
    }
    let machine = variables.entry("arch".to_owned()).or_insert_with(|| options.machine.clone()).clone();
    if let Some(base) = base_arch(&machine) {
        variables.entry("basearch".to_owned()).or_insert_with(|| base.to_owned());
    }
    Ok(variables)
}

/// Adds those that count less. A `releasever` that does not count is not divided either.
fn add(variables: &mut Variables, less: Variables) {
    let less = if variables.contains_key(RELEASEVER) { less } else { divided(less) };
    for (name, value) in less {
        variables.entry(name).or_insert(value);
    }
}

/// With what is before and behind the first point of `releasever`, if there is something,
/// under names of their own.
fn divided(mut variables: Variables) -> Variables {
    if let Some(version) = variables.get(RELEASEVER).cloned() {
        let (major, minor) = version.split_once('.').unwrap_or((&version, ""));
        for (name, value) in [(MAJOR, major), (MINOR, minor)] {
            if !value.is_empty() {
                variables.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    variables
}
