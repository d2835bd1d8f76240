//! Giving up what a refresh does not need, before the first byte from a server is read:
//! writing anywhere but below the caches, the notes, the locks and the temporary directory,
//! and every privilege that is not for owners and modes. What the system has no means for
//! stays as it is.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError,
};
use rustix::thread::{CapabilitySet, CapabilitySets};

use super::Chosen;
use super::notes::Notes;

/// The first version by which files can be moved between directories.
const LEAST: ABI = ABI::V2;
/// Where what programs say goes that nobody reads.
const NOWHERE: &str = "/dev/null";

/// For this thread, and all threads and programs that it starts from now on.
pub(super) fn enter(chosen: &[Chosen<'_>], notes: &Notes) {
    // What has no effect is no failure: this is a second line of defence.
    let _ = restrict_writing(&places(chosen, notes));
    let _ = drop_privileges();
}

/// Below which it writes, and files that it writes to.
fn places(chosen: &[Chosen<'_>], notes: &Notes) -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = notes.place().map(Path::to_owned).into_iter().collect();
    for Chosen { configured, repository, .. } in chosen {
        // dnf removes the file with the lock; zypper's stays.
        let lock = managers::locks::lock_file(configured.manager, &configured.setup);
        let stays = |lock: &PathBuf| configured.manager == managers::Manager::Zypper && lock.exists();
        places.extend(lock.filter(stays).or_else(|| configured.setup.locks.clone()));
        // Package managers replace the directory of a repository as a whole.
        places.push(repository.cache.parent().unwrap_or(&repository.cache).to_owned());
    }
    places.push(std::env::temp_dir());
    places.push(NOWHERE.into());
    places.sort();
    places.dedup();
    places
}

fn restrict_writing(places: &[PathBuf]) -> Result<(), RulesetError> {
    let writing = AccessFs::from_write(LEAST);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(writing)?
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::Truncate)?
        .create()?;
    for place in places {
        // What is not there is not written to.
        let Ok(opened) = PathFd::new(place) else { continue };
        let all = writing | AccessFs::Truncate;
        let allowed: BitFlags<AccessFs> =
            if place.is_dir() { all } else { AccessFs::WriteFile | AccessFs::Truncate };
        ruleset = ruleset.add_rule(PathBeneath::new(opened, allowed))?;
    }
    ruleset.restrict_self().map(drop)
}

fn drop_privileges() -> rustix::io::Result<()> {
    let kept =
        CapabilitySet::CHOWN | CapabilitySet::DAC_OVERRIDE | CapabilitySet::FOWNER | CapabilitySet::FSETID;
    let CapabilitySets { effective, permitted, .. } = rustix::thread::capabilities(None)?;
    rustix::thread::set_capabilities(
        None,
        CapabilitySets {
            effective: effective & kept,
            permitted: permitted & kept,
            inheritable: CapabilitySet::empty(),
        },
    )
}
