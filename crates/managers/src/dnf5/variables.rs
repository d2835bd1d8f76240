//! Variables. What the command line says counts most, then the environment, then files,
//! and last what dnf5 finds out.

use std::path::Path;

use super::Dnf5Options;
use crate::SetupError;
use crate::dnf::{Said, base_arch, list, read_variables, variables_of};
use crate::expand::Variables;
use crate::files::below;

/// The later ones count more.
const DIRECTORIES: [&str; 2] = ["/usr/share/dnf5/vars.d", "/etc/dnf/vars"];

/// Those that stand for something in `[main]`, which is read first.
pub(super) fn at_start(options: &Dnf5Options) -> Variables {
    divided(options.releasever.iter().map(|value| ("releasever".to_owned(), value.clone())).collect())
}

/// All of them.
pub(super) fn read(
    options: &Dnf5Options,
    main: Said<'_>,
    problems: &mut Vec<String>,
) -> Result<Variables, SetupError> {
    let mut variables = Variables::new();
    for dir in list(main, "varsdir", &DIRECTORIES) {
        let mut of_dir = Variables::new();
        read_variables(&below(&options.root, Path::new(&dir)), &mut of_dir, problems)?;
        variables.extend(divided(of_dir));
    }
    variables.extend(divided(variables_of(&options.environment)));
    variables.extend(at_start(options));
    if let Some(installed) = options.installed_releasever.clone()
        && !variables.contains_key("releasever")
    {
        for (name, value) in divided([("releasever".to_owned(), installed)].into()) {
            variables.entry(name).or_insert(value);
        }
    }
    let machine = variables.entry("arch".to_owned()).or_insert_with(|| options.machine.clone()).clone();
    if let Some(base) = base_arch(&machine) {
        variables.entry("basearch".to_owned()).or_insert_with(|| base.to_owned());
    }
    Ok(variables)
}

/// With what is before and behind the first point of `releasever`, if there is something,
/// under names of their own.
fn divided(mut variables: Variables) -> Variables {
    if let Some(version) = variables.get("releasever").cloned() {
        let (major, minor) = version.split_once('.').unwrap_or((&version, ""));
        for (name, value) in [("releasever_major", major), ("releasever_minor", minor)] {
            if !value.is_empty() {
                variables.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }
    variables
}
