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

/// What dnf takes. It takes `group` where there is no `group_gz`.
const DNF: [&str; 6] = ["primary", "filelists", "prestodelta", "group_gz", "updateinfo", "modules"];

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

/// The types of `new` that belong in a cache which held the types `present` of
/// the state `old`, in the order of `new`.
pub fn wanted(
    manager: Manager,
    old: &Repomd,
    present: &BTreeSet<String>,
    new: &Repomd,
) -> Result<Vec<String>, Reluctance> {
    if present.iter().any(|kind| kind.ends_with("_zck")) {
        return Err(Reluctance::Zchunk);
    }
    let mut types = Vec::new();
    for record in &new.records {
        let kind = &*record.kind;
        if !present.contains(kind) && !takes(manager, kind, new) {
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
        if !types.iter().any(|other| other == kind) {
            types.push(kind.to_owned());
        }
    }
    Ok(types)
}

fn takes(manager: Manager, kind: &str, new: &Repomd) -> bool {
    match manager {
        Manager::Dnf => DNF.contains(&kind) || (kind == "group" && new.record("group_gz").is_none()),
        Manager::Zypper => {
            !(kind.ends_with("_db")
                || kind.ends_with("_zck")
                || kind.starts_with("susedata.")
                || matches!(kind, "filelists" | "other"))
        }
    }
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
        let ask = |manager, here: &[&str]| wanted(manager, &old, &present(here), &new).unwrap();
        let dnf = ["primary", "filelists", "group", "updateinfo"];
        assert_eq!(ask(Manager::Dnf, &[]), dnf);
        assert_eq!(ask(Manager::Dnf, &["other"]).len(), 5);
        assert_eq!(ask(Manager::Zypper, &["primary"]), ["primary", "group", "updateinfo", "appdata"]);
        assert_eq!(ask(Manager::Zypper, &["susedata.de"]).len(), 5);
        let both = repomd(&["primary", "group", "group_gz"]);
        assert_eq!(wanted(Manager::Dnf, &old, &present(&[]), &both).unwrap(), ["primary", "group_gz"]);
    }

    #[test]
    fn zchunk_is_left_to_those_who_know_it() {
        let with = repomd(&["primary", "primary_zck"]);
        let without = repomd(&["primary"]);
        let ask = |old, here: &[&str], new| wanted(Manager::Dnf, old, &present(here), new);
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
        let found = wanted(Manager::Dnf, &new, &present(&[]), &new);
        assert_eq!(found, Err(Reluctance::Elsewhere { data_type: "primary".to_owned() }));
    }
}
