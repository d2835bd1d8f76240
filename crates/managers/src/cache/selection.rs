//! Which files of a new state belong in a cache: by the types that its package manager takes,
//! and by what the cache held.
//!
//! Package managers that are built with zchunk take the file of type `primary_zck` in the
//! place of that of type `primary`, and so for each type of which there is one. They
//! look for it in their caches, too, and overlook a plain one beside it. Whether one does is not known from its configuration, but from its cache.

use std::collections::BTreeSet;

use repomd::Repomd;
use repomd::files::ZCHUNK;
use thiserror::Error;

use super::MetadataTypes;
use super::state::file_name;

/// Why a new state is better left to the package manager.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reluctance {
    /// It has zchunk files, and nothing tells whether the package manager takes them.
    #[error("it has zchunk files now, and nothing in the cache tells whether they are wanted")]
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
///
/// Somebody who uses zchunk takes `primary_zck` in the place of `primary`, and so for
/// each type; who does is told by what the cache held.
pub fn select_types(
    types: &MetadataTypes,
    old: &Repomd,
    present: &BTreeSet<String>,
    new: &Repomd,
) -> Result<Vec<String>, Reluctance> {
    let choice = Choice { types, old, present, new };
    let mut selected: Vec<String> = Vec::new();
    for record in &new.records {
        let kind = &*record.kind;
        if selected.iter().any(|other| other == kind) || !choice.takes(kind)? {
            continue;
        }
        if file_name(record).is_none() {
            return Err(Reluctance::Elsewhere { data_type: kind.to_owned() });
        }
        selected.push(kind.to_owned());
    }
    Ok(selected)
}

/// The types that a newer state than `old` is to be asked for, as far as `old` tells. One that
/// ends in [`ZCHUNK`] stands for the plain one where the newer state has none.
pub fn types_to_request(
    types: &MetadataTypes,
    old: &Repomd,
    present: &BTreeSet<String>,
) -> Result<Vec<String>, Reluctance> {
    let choice = Choice { types, old, present, new: old };
    let mut requested = select_types(types, old, present, old)?;
    for kind in &mut requested {
        let zchunk = zchunk_of(kind);
        let is_new = is_plain(kind) && old.record(&zchunk).is_none();
        let is_switched = *types != MetadataTypes::All && !types.is_stand_in(kind, old);
        if is_new && is_switched && choice.uses_zchunk() == Some(true) {
            *kind = zchunk;
        }
    }
    Ok(requested)
}

/// By which the files of a state are chosen.
struct Choice<'a> {
    types: &'a MetadataTypes,
    old: &'a Repomd,
    present: &'a BTreeSet<String>,
    new: &'a Repomd,
}

impl Choice<'_> {
    /// Whether this file of the new state is taken.
    fn takes(&self, kind: &str) -> Result<bool, Reluctance> {
        let plain = kind.strip_suffix(ZCHUNK).unwrap_or(kind);
        let zchunk = zchunk_of(plain);
        let [has_plain, has_zchunk] = [plain, &*zchunk].map(|kind| self.present.contains(kind));
        if has_plain && has_zchunk || matches!(self.types, MetadataTypes::All) {
            return Ok(true);
        }
        let is_held = has_plain || has_zchunk;
        let is_known = self.old.record(plain).is_some() || self.old.record(&zchunk).is_some();
        let is_left_out = self.types.is_by_build(plain) && is_known;
        if !is_held && (is_left_out || !self.types.lists(plain, self.new)) {
            return Ok(false);
        }
        let as_zchunk = if self.new.record(&zchunk).is_none() {
            false
        } else if is_held && self.old.record(&zchunk).is_some() {
            // What is there is what was taken of both.
            has_zchunk
        } else if self.types.is_stand_in(plain, self.new) {
            false
        } else {
            let has_told = self.old.record(&zchunk).is_some();
            self.uses_zchunk().or(has_told.then_some(false)).ok_or(Reluctance::Zchunk)?
        };
        Ok(as_zchunk == (kind != plain))
    }

    /// Whether zchunk files are taken, as far as the old state tells.
    fn uses_zchunk(&self) -> Option<bool> {
        let is_taken = |kind: &str| self.present.contains(kind);
        if self.present.iter().any(|kind| !is_plain(kind)) {
            return Some(true);
        }
        let is_refused = |kind: &String| is_taken(kind) && self.old.record(&zchunk_of(kind)).is_some();
        self.present.iter().any(is_refused).then_some(false)
    }
}

fn zchunk_of(plain: &str) -> String {
    format!("{plain}{ZCHUNK}")
}

fn is_plain(kind: &str) -> bool {
    !kind.ends_with(ZCHUNK)
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
        let ask = |types, here: &[&str]| select_types(&types, &old, &present(here), &new).unwrap();
        let dnf = ["primary", "filelists", "group", "updateinfo"];
        assert_eq!(ask(MetadataTypes::dnf(), &[]), dnf);
        assert_eq!(ask(MetadataTypes::dnf(), &["other"]).len(), 5);
        assert_eq!(ask(MetadataTypes::Zypper, &["primary"]), ["primary", "group", "updateinfo", "appdata"]);
        assert_eq!(ask(MetadataTypes::Zypper, &["susedata.de"]).len(), 5);
        // A cache with a state that has filelists, and without them, is that of a dnf 4
        // which does not take them.
        assert_eq!(select_types(&MetadataTypes::dnf(), &new, &present(&["primary"]), &new).unwrap().len(), 3);
        let both = repomd(&["primary", "group", "group_gz"]);
        assert_eq!(
            select_types(&MetadataTypes::dnf(), &old, &present(&[]), &both).unwrap(),
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
        let ask = |words: &[&str]| select_types(&types(words), &none, &present(&[]), &new).unwrap();
        assert_eq!(ask(&["comps", "updateinfo"]), ["primary", "group", "updateinfo", "modules"]);
        assert_eq!(ask(&["presto", "mine"]), ["primary", "prestodelta", "modules", "mine"]);
        assert_eq!(ask(&["appstream"]), ["primary", "modules", "appstream", "appdata-icons-64x64@2"]);
        assert_eq!(ask(&["all"]).len(), 11);
        // One that is built without modules has a cache without them.
        let with = repomd(&["primary", "modules"]);
        let ask = |old, here: &[&str]| select_types(&types(&[]), old, &present(here), &with).unwrap();
        assert_eq!(ask(&with, &["primary"]), ["primary"]);
        assert_eq!(ask(&with, &["primary", "modules"]), ["primary", "modules"]);
        assert_eq!(ask(&none, &["primary"]), ["primary", "modules"]);
    }

    #[test]
    fn zchunk_is_taken_by_whom_the_cache_shows_to_take_it() {
        let both = ["primary", "primary_zck", "updateinfo", "updateinfo_zck", "group", "group_zck"];
        let plain = ["primary", "updateinfo", "group"];
        let known = ["primary", "primary_zck", "updateinfo", "group"];
        let ask = |types: &MetadataTypes, old: &[&str], here: &[&str], new: &[&str]| {
            select_types(types, &repomd(old), &present(here), &repomd(new))
        };
        for types in [MetadataTypes::dnf(), MetadataTypes::dnf5(&present(&["comps", "updateinfo"]))] {
            let ask = |old: &[&str], here: &[&str], new: &[&str]| ask(&types, old, here, new);
            let with = ["primary_zck", "updateinfo_zck", "group"];
            // As it was.
            assert_eq!(ask(&both, &with, &both).unwrap(), with);
            assert_eq!(ask(&both, &plain, &both).unwrap(), plain);
            // Files of zchunk are dropped, and added.
            assert_eq!(ask(&both, &with, &plain).unwrap(), plain);
            assert_eq!(ask(&known, &["primary_zck", "updateinfo", "group"], &both).unwrap(), with);
            assert_eq!(ask(&known, &plain, &both).unwrap(), plain);
            // A type is new.
            assert_eq!(ask(&both[..2], &["primary_zck"], &both).unwrap(), with);
            assert_eq!(ask(&both[..2], &["primary"], &both).unwrap(), plain);
            // Each type for itself.
            let mixed = ["primary_zck", "updateinfo", "group"];
            assert_eq!(ask(&both, &mixed, &both).unwrap(), mixed);
            assert_eq!(ask(&both, &both, &both).unwrap(), both);
            // A cache that lacks something lacks what it would have.
            assert_eq!(ask(&both, &["primary_zck"], &both).unwrap(), with);
            assert_eq!(ask(&both, &[], &both).unwrap(), plain);
            // Nothing tells.
            assert_eq!(ask(&plain, &plain, &both), Err(Reluctance::Zchunk));
        }
        // There it is as good as any other zchunk file.
        let group = ["primary_zck", "group_gz_zck"];
        let all = ["primary", "primary_zck", "group", "group_gz", "group_zck", "group_gz_zck"];
        assert_eq!(ask(&MetadataTypes::dnf(), &all, &group, &all).unwrap(), group);
        let with = ["primary_zck", "updateinfo_zck", "group_zck"];
        assert_eq!(ask(&MetadataTypes::Zypper, &both, &["primary_zck"], &both).unwrap(), with);
        assert_eq!(ask(&MetadataTypes::All, &both, &["primary"], &both).unwrap(), both);
        // By how it was built, and by what it took.
        let modules = ["primary", "primary_zck", "modules", "modules_zck"];
        let dnf5 = MetadataTypes::dnf5(&present(&[]));
        assert_eq!(ask(&dnf5, &modules, &["primary_zck"], &modules).unwrap(), ["primary_zck"]);
    }

    #[test]
    fn what_is_sought_may_be_published_by_zchunk_from_now_on() {
        let ask = |types: MetadataTypes, old: &[&str], here: &[&str]| {
            types_to_request(&types, &repomd(old), &present(here)).unwrap()
        };
        let old = ["primary", "primary_zck", "updateinfo", "group"];
        let with = ["primary_zck", "updateinfo", "group"];
        assert_eq!(ask(MetadataTypes::dnf(), &old, &with), ["primary_zck", "updateinfo_zck", "group"]);
        assert_eq!(ask(MetadataTypes::dnf(), &old, &old[..1]), ["primary", "updateinfo", "group"]);
        let types = ask(MetadataTypes::Zypper, &old, &with);
        assert_eq!(types, ["primary_zck", "updateinfo_zck", "group_zck"]);
        assert_eq!(ask(MetadataTypes::All, &old, &old), old);
    }

    #[test]
    fn files_elsewhere_are_none_of_ours() {
        let text = format!(
            "<repomd xmlns=\"{}\"><data type=\"primary\"><location href=\"x/p.xml.gz\"/></data></repomd>",
            repomd::NAMESPACE
        );
        let new = Repomd::parse(text.as_bytes()).unwrap();
        let found = select_types(&MetadataTypes::dnf(), &new, &present(&[]), &new);
        assert_eq!(found, Err(Reluctance::Elsewhere { data_type: "primary".to_owned() }));
    }
}
