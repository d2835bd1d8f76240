//! Which metadata types a package manager wants in its cache.
//!
//! One that is missing makes dnf fetch everything anew. So the rule is theirs,
//! and whatever is there already, because somebody (a plugin, an option) asked
//! for it, stays.

use std::collections::BTreeSet;

use repomd::Repomd;

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

    /// Whether it takes this type of `repomd`, as a plain file or as a zchunk file.
    pub(super) fn lists(&self, kind: &str, repomd: &Repomd) -> bool {
        match self {
            Self::Listed { types, .. } => types.contains(kind) || self.is_stand_in(kind, repomd),
            Self::All => true,
            Self::Zypper => {
                !(kind.ends_with("_db")
                    || kind.starts_with("susedata.")
                    || matches!(kind, "filelists" | "other"))
            }
        }
    }

    /// Whether it takes this type for want of another one. No zchunk file is looked for then.
    pub(super) fn is_stand_in(&self, kind: &str, repomd: &Repomd) -> bool {
        kind == "group"
            && matches!(self, Self::Listed { types, .. } if types.contains("group_gz"))
            && repomd.record("group_gz").is_none()
    }

    pub(super) fn is_by_build(&self, kind: &str) -> bool {
        matches!(self, Self::Listed { by_build, .. } if by_build.contains(kind))
    }
}

fn appstream() -> impl Iterator<Item = String> {
    APPSTREAM.iter().flat_map(|kind| ENDS.iter().map(move |end| format!("{kind}{end}")))
}
