//! `[main]`: of `dnf.conf`, and of the files that are read before it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::dnf::{Layers, Said};
use crate::files::{below, merged};
use crate::ini::{self, Section, dnf};
use crate::{SetupError, SetupOptions};

const CONFIG: &str = "/etc/dnf/dnf.conf";
/// What is read before it, in the order of file names. Of files of one name that of the
/// first directory counts.
const DROP_INS: [&str; 2] = ["/etc/dnf/libdnf5.conf.d", "/usr/share/dnf5/libdnf.conf.d"];
/// Where `optional_metadata_types` is not set.
const OPTIONAL: [&str; 2] = ["comps", "updateinfo"];

/// All `[main]` sections, and the configuration file with its sections.
type Read = (Layers, Option<(PathBuf, Vec<Section>)>);

pub(super) fn read(options: &SetupOptions) -> Result<Read, SetupError> {
    let mut layers = Layers::default();
    let mut take = |sections: &[Section]| {
        sections.iter().filter(|section| section.name == "main").for_each(|main| layers.push(main.clone()));
    };
    let drop_ins = DROP_INS.map(|dir| below(&options.root, Path::new(dir)));
    for path in merged(&drop_ins, "conf")? {
        take(&ini::read(&path, dnf::parse)?.unwrap_or_default());
    }
    let config = options.config.clone().unwrap_or_else(|| below(&options.root, Path::new(CONFIG)));
    let sections = ini::read(&config, dnf::parse)?;
    take(sections.as_deref().unwrap_or_default());
    Ok((layers, sections.map(|sections| (config, sections))))
}

/// The types of `optional_metadata_types`. Each file adds to those of the files before,
/// unless its list is empty or its first word is.
pub(super) fn optional_types(main: Said<'_>) -> BTreeSet<String> {
    let mut types = OPTIONAL.map(str::to_owned).into();
    for section in main.layers.sections() {
        let Some(value) = section.get("optional_metadata_types") else { continue };
        let words: BTreeSet<String> = main.dialect.list(&main.expand(value)).into_iter().collect();
        if words.first().is_none_or(String::is_empty) {
            types = BTreeSet::new();
        }
        types.extend(words.into_iter().filter(|word| !word.is_empty()));
    }
    types
}
