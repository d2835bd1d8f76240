//! Which metadata types a package manager wants in its cache.
//!
//! One that is missing makes dnf fetch everything anew. So the rule is theirs,
//! and whatever is there already, because somebody (a plugin, an option) asked
//! for it, stays.

use std::collections::BTreeSet;

use repomd::Repomd;
use thiserror::Error;

use super::held::file_name;
use crate::Manager;

const DNF: [&str; 6] = ["primary", "filelists", "prestodelta", "group_gz", "updateinfo", "modules"];
/// What dnf5 takes for `appstream` in `optional_metadata_types`: these, each with these ends.
const APPSTREAM: [&str; 2] = ["appstream", "appdata"];
const ENDS: [&str; 8] = [
    "",
    "-icons",
    "-icons-48x48",
    "-icons-48x48@2",
    "-icons-64x64",
    "-icons-64x64@2",
    "-icons-128x128",
    "-icons-128x128@2",
];

/// The metadata types that a package manager takes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetadataTypes {
    /// Those listed; with `group_gz` also `group`, where that is all there is.
    #[non_exhaustive]
    Listed {
        /// By their names in repomd.xml.
        types: BTreeSet<String>,
        /// Those of them that it takes or not, as it was built, or by its version: a cache
        /// that lacks one which its repomd.xml names shows that it does not.
        by_build: BTreeSet<String>,
    },
    /// Every one.
    All,
    /// All that zypper does not leave out.
    Zypper,
}

impl MetadataTypes {
    /// Those of dnf 4. A newer one (4.23 is) takes filelists only where it is told to.
    #[must_use]
    pub fn dnf() -> Self {
        Self::Listed { types: DNF.map(str::to_owned).into(), by_build: ["filelists".to_owned()].into() }
    }

    /// Those of dnf5, with these in `optional_metadata_types`.
    #[must_use]
    pub fn dnf5(optional: &BTreeSet<String>) -> Self {
        if optional.contains("all") {
            return Self::All;
        }
        let mut types = BTreeSet::from(["primary", "modules"].map(str::to_owned));
        for kind in optional {
            match &**kind {
                "comps" => types.extend(["group_gz".to_owned()]),
                "presto" => types.extend(["prestodelta".to_owned()]),
                "appstream" => types.extend(appstream()),
                other => types.extend([other.to_owned()]),
            }
        }
        Self::Listed { types, by_build: ["modules".to_owned()].into() }
    }

    /// Those that `PackageKit` takes by libdnf5, which is told what dnf5 is, where these are
    /// those of dnf5.
    pub(crate) fn of_packagekit(&self, manager: Manager) -> Self {
        let own = Self::dnf5(&["comps", "updateinfo", "appstream"].map(str::to_owned).into());
        match (self, own, manager) {
            (Self::Listed { types, .. }, Self::Listed { types: mut own, by_build }, Manager::Dnf5) => {
                own.extend(types.iter().cloned());
                Self::Listed { types: own, by_build }
            }
            (Self::All, _, _) => Self::All,
            (_, own, _) => own,
        }
    }

    /// Whether a cache that held the types `present` of `old` is to have this one of `new`.
    fn take(&self, kind: &str, old: &Repomd, present: &BTreeSet<String>, new: &Repomd) -> bool {
        match self {
            Self::Listed { types, by_build } => {
                let is_left_out =
                    by_build.contains(kind) && old.record(kind).is_some() && !present.contains(kind);
                let stands_in =
                    kind == "group" && types.contains("group_gz") && new.record("group_gz").is_none();
                (types.contains(kind) || stands_in) && !is_left_out
            }
            Self::All => !kind.ends_with("_zck"),
            Self::Zypper => {
                !(kind.ends_with("_db")
                    || kind.ends_with("_zck")
                    || kind.starts_with("susedata.")
                    || matches!(kind, "filelists" | "other"))
            }
        }
    }
}

fn appstream() -> impl Iterator<Item = String> {
    APPSTREAM.iter().flat_map(|kind| ENDS.iter().map(move |end| format!("{kind}{end}")))
}

/// Why a new state is better left to the package manager.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reluctance {
    /// It would take zchunk files, of which it has its own way to fetch parts.
    #[error("it has zchunk files, which package managers fetch in parts")]
    Zchunk,
    /// A file of a type that it wants is not in `repodata/`.
    #[error("the file of type `{data_type}` is not in repodata/")]
    #[non_exhaustive]
    Elsewhere {
        /// The type.
        data_type: String,
    },
}

/// The types of `new` that belong in the cache of somebody who takes `types`, which held
/// those of `present` of the state `old`; in the order of `new`.
pub fn wanted(
    types: &MetadataTypes,
    old: &Repomd,
    present: &BTreeSet<String>,
    new: &Repomd,
) -> Result<Vec<String>, Reluctance> {
    if present.iter().any(|kind| kind.ends_with("_zck")) {
        return Err(Reluctance::Zchunk);
    }
    let mut wanted = Vec::new();
    for record in &new.records {
        let kind = &*record.kind;
        if !present.contains(kind) && !types.take(kind, old, present, new) {
            continue;
        }
        // Where zchunk is in use such a file takes the place of the plain one.
        let zchunk = format!("{kind}_zck");
        if new.record(&zchunk).is_some() && old.record(&zchunk).is_none() {
            return Err(Reluctance::Zchunk);
        }
        if file_name(record).is_none() {
            return Err(Reluctance::Elsewhere { data_type: kind.to_owned() });
        }
        if !wanted.iter().any(|other| other == kind) {
            wanted.push(kind.to_owned());
        }
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repomd(kinds: &[&str]) -> Repomd {
        let data =
            |kind: &&str| format!("<data type=\"{kind}\"><location href=\"repodata/{kind}.xml.gz\"/></data>");
        let data = kinds.iter().map(data).collect::<Vec<_>>().concat();
        let text = format!("<repomd xmlns=\"{}\">{data}</repomd>", repomd::NAMESPACE);
        Repomd::parse(text.as_bytes()).unwrap()
    }

    fn present(kinds: &[&str]) -> BTreeSet<String> {
        kinds.iter().map(|kind| (*kind).to_owned()).collect()
    }

    #[test]
    fn each_manager_has_its_types_and_keeps_what_it_has() {
        let new = repomd(&[
            "primary",
            "filelists",
            "other",
            "primary_db",
            "group",
            "updateinfo",
            "susedata.de",
            "appdata",
        ]);
        let old = repomd(&["primary"]);
        let ask = |types, here: &[&str]| wanted(&types, &old, &present(here), &new).unwrap();
        let dnf = ["primary", "filelists", "group", "updateinfo"];
        assert_eq!(ask(MetadataTypes::dnf(), &[]), dnf);
        assert_eq!(ask(MetadataTypes::dnf(), &["other"]).len(), 5);
        assert_eq!(ask(MetadataTypes::Zypper, &["primary"]), ["primary", "group", "updateinfo", "appdata"]);
        assert_eq!(ask(MetadataTypes::Zypper, &["susedata.de"]).len(), 5);
        // A cache with a state that has filelists, and without them, is that of a dnf 4
        // which does not take them.
        assert_eq!(wanted(&MetadataTypes::dnf(), &new, &present(&["primary"]), &new).unwrap().len(), 3);
        let both = repomd(&["primary", "group", "group_gz"]);
        assert_eq!(
            wanted(&MetadataTypes::dnf(), &old, &present(&[]), &both).unwrap(),
            ["primary", "group_gz"]
        );
    }

    #[test]
    fn dnf5_takes_what_it_is_told_to() {
        let new = repomd(&[
            "primary",
            "filelists",
            "other",
            "prestodelta",
            "group",
            "updateinfo",
            "modules",
            "appstream",
            "appdata-icons-64x64@2",
            "appdata-odd",
            "mine",
        ]);
        let none = repomd(&["primary"]);
        let types = |words: &[&str]| MetadataTypes::dnf5(&present(words));
        let ask = |words: &[&str]| wanted(&types(words), &none, &present(&[]), &new).unwrap();
        assert_eq!(ask(&["comps", "updateinfo"]), ["primary", "group", "updateinfo", "modules"]);
        assert_eq!(ask(&["presto", "mine"]), ["primary", "prestodelta", "modules", "mine"]);
        assert_eq!(ask(&["appstream"]), ["primary", "modules", "appstream", "appdata-icons-64x64@2"]);
        assert_eq!(ask(&["all"]).len(), 11);
        // One that is built without modules has a cache without them.
        let with = repomd(&["primary", "modules"]);
        let ask = |old, here: &[&str]| wanted(&types(&[]), old, &present(here), &with).unwrap();
        assert_eq!(ask(&with, &["primary"]), ["primary"]);
        assert_eq!(ask(&with, &["primary", "modules"]), ["primary", "modules"]);
        assert_eq!(ask(&none, &["primary"]), ["primary", "modules"]);
    }

    #[test]
    fn zchunk_is_left_to_those_who_know_it() {
        let with = repomd(&["primary", "primary_zck"]);
        let without = repomd(&["primary"]);
        let ask = |old, here: &[&str], new| wanted(&MetadataTypes::dnf(), old, &present(here), new);
        assert_eq!(ask(&with, &["primary_zck"], &with), Err(Reluctance::Zchunk));
        assert_eq!(ask(&without, &["primary"], &with), Err(Reluctance::Zchunk));
        // It was there, and not taken.
        assert_eq!(ask(&with, &["primary"], &with), Ok(vec!["primary".to_owned()]));
    }

    #[test]
    fn files_elsewhere_are_none_of_ours() {
        let text = format!(
            "<repomd xmlns=\"{}\"><data type=\"primary\"><location href=\"x/p.xml.gz\"/></data></repomd>",
            repomd::NAMESPACE
        );
        let new = Repomd::parse(text.as_bytes()).unwrap();
        let found = wanted(&MetadataTypes::dnf(), &new, &present(&[]), &new);
        assert_eq!(found, Err(Reluctance::Elsewhere { data_type: "primary".to_owned() }));
    }
}
