//! The cases, and in which systems each runs.
//!
//! On this machine all of them run. In the trees run those whose outcome depends on the
//! package managers and readers there; not those about the program under test alone, nor
//! those about codecs and `createrepo_c` as such: that program's bytes and this machine's
//! readers are the same everywhere.

use crate::bench::Bench;
use crate::{
    completions, composes, copies, habits, manual, matrix, memory, odd, refresh, served, signed, swaps,
    units, versions, views, zchunk,
};
use anyhow::Result;
use xtask_common::systems::System;

/// A case, once for each system.
pub(super) struct Case {
    name: &'static str,
    systems: &'static [System],
    pub(super) run: fn(&Bench<'_>) -> Result<()>,
    /// It counts on the time or the memory that it has for itself.
    pub(super) is_alone: bool,
}

impl Case {
    /// The name in one of its systems; on this machine the plain one.
    pub(super) fn name_in(&self, system: System) -> String {
        match system {
            System::Host => self.name.to_owned(),
            tree => format!("{}@{tree}", self.name),
        }
    }
}

const HOST: &[System] = &[System::Host];
const DNF5: &[System] = &[System::Testing];
const TREES: &[System] = &xtask_common::systems::TREES;
const ALL: &[System] = &xtask_common::systems::ALL;

type Run = fn(&Bench<'_>) -> Result<()>;

const fn case(name: &'static str, systems: &'static [System], run: Run) -> Case {
    Case { name, systems, run, is_alone: false }
}

/// One that runs when no other does.
const fn alone(name: &'static str, systems: &'static [System], run: Run) -> Case {
    Case { name, systems, run, is_alone: true }
}

/// All of them; the long ones first, so that none is left to the end.
pub(super) const CASES: &[Case] = &[
    case("versions", ALL, versions::run),
    case("views", ALL, views::run),
    // Zchunk files are those of each createrepo_c and libzstd.
    case("zchunk", ALL, zchunk::run),
    // Composes: nobody reads what they leave but the program's own client.
    case("composes-plain", HOST, composes::plain),
    case("composes-options", HOST, composes::options),
    case("composes-types", HOST, composes::types),
    case("composes-trees", HOST, composes::trees),
    case("composes-around", HOST, composes::around),
    case("composes-times", HOST, composes::times),
    case("composes-cron", HOST, composes::cron),
    case("composes-calls", HOST, composes::calls),
    // What is odd is compared with what the oldest librepo takes.
    case("odd-records", HOST, odd::records),
    case("odd-documents", HOST, odd::documents),
    // Locks, ages and what is fetched differ between package managers.
    case("refresh-races", ALL, refresh::races),
    case("refresh-damage", ALL, refresh::damage),
    case("refresh-gz", ALL, refresh::gz),
    case("refresh-xz", ALL, refresh::xz),
    case("refresh-zst", ALL, refresh::zst),
    case("refresh-types", ALL, refresh::types),
    case("refresh-daemon", &[System::Testing], refresh::daemon),
    case("refresh-settings", ALL, refresh::settings),
    case("refresh-tls", ALL, refresh::tls),
    case("refresh-trust", ALL, refresh::trust),
    case("refresh-metalink", ALL, refresh::metalink),
    case("refresh-mirrorlist", ALL, refresh::mirrorlist),
    case("refresh-hooks", ALL, refresh::hooks),
    case("refresh-expiry", ALL, refresh::expiry),
    // dnf5 alone copies caches, and shares names with PackageKit.
    case("refresh-users", DNF5, refresh::users),
    case("refresh-shared", DNF5, refresh::shared),
    // File systems: the program's own work.
    case("refresh-overlay", HOST, refresh::overlay),
    // Readers by habit run anywhere; what `createrepo_c` prints is that of both versions here.
    case("habits", HOST, habits::run),
    // Two versions of `createrepo_c` under the readers here, and that of a tree under its own.
    case("gz-0.17", HOST, |bench| matrix::run(bench, &matrix::GZ_0_17)),
    case("xz-0.17", HOST, |bench| matrix::run(bench, &matrix::XZ_0_17)),
    case("gz-1.2", HOST, |bench| matrix::run(bench, &matrix::GZ_1_2)),
    case("zst-1.2", HOST, |bench| matrix::run(bench, &matrix::ZST_1_2)),
    case("gz", TREES, |bench| matrix::run(bench, &matrix::GZ_0_17)),
    case("zst", TREES, |bench| matrix::run(bench, &matrix::ZST_1_2)),
    case("served", ALL, served::run),
    case("signed", ALL, signed::run),
    case("copies-tls", HOST, copies::tls),
    // Codecs: readers get the publisher's bytes, whatever those are.
    case("copies-zst", ALL, copies::zst),
    case("copies-gz", HOST, copies::gz),
    case("copies-gz-ng", HOST, copies::gz_ng),
    case("copies-xz", HOST, copies::xz),
    case("copies-bz2", HOST, copies::bz2),
    case("copies-zst-unsplit", HOST, copies::zst_unsplit),
    case("copies-unknown", HOST, copies::unknown),
    // The program alone.
    case("units", HOST, units::run),
    case("manual", HOST, manual::run),
    alone("completions", HOST, completions::run),
    alone("swaps", HOST, swaps::run),
    alone("memory", HOST, memory::run),
];

/// Those whose name contains `only`, in the systems, or that one, in which they run.
pub(super) fn chosen(only: Option<&str>, system: Option<System>) -> Vec<(&'static Case, System)> {
    let all = CASES.iter().flat_map(|case| case.systems.iter().map(move |system| (case, *system)));
    all.filter(|(case, here)| {
        system.is_none_or(|wanted| wanted == *here)
            && only.is_none_or(|only| case.name_in(*here).contains(only))
    })
    .collect()
}
