//! Killed at any step, or with the disk full at any step: the cache is fully
//! old or fully new, and the next run brings it up to date.

use std::path::Path;

use durable::Operation;
use durable::faults::{FailFrom, FailOnce, Guard, NoExchange, Refuses, TornFrom};
use rustix::io::Errno;

use crate::exact::{at, auto, number};
use crate::repo::{Repo, options, tree};

/// Copies a cache to start from.
fn copy(from: &Path, to: &Path) {
    for (name, bytes) in tree(from) {
        let path = to.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

/// Names of files, but for their digests: results of deltas are stored in
/// whatever bytes, full files are not.
fn litter(repo: &Repo) -> Vec<String> {
    let entries = std::fs::read_dir(repo.cache()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

struct Case {
    directories: Directories,
    /// Whether a moment without any repomd.xml is allowed.
    gap: bool,
    /// Whether the copy is exact.
    exact: bool,
}

/// What the file system can do with `repodata/`.
#[derive(Clone, Copy)]
enum Directories {
    Exchanged,
    Renamed,
    /// Neither, as of a lower layer of overlayfs.
    Copied,
}

impl Directories {
    fn guard(self, cache: &Path) -> Option<Guard> {
        match self {
            Self::Exchanged => None,
            Self::Renamed => Some(NoExchange::new(cache)),
            Self::Copied => Some(Refuses::new(cache, |operation, path| {
                let refused = operation == Operation::Exchange
                    || operation == Operation::Rename && path.ends_with(".createrepo-delta.old.repodata");
                refused.then(|| Errno::XDEV.raw_os_error())
            })),
        }
    }
}

fn interrupted_at_every_step(arm: fn(&Path, u64) -> Guard, case: &Case) {
    let repo = if case.exact { at(number("gzip-9"), 1) } else { Repo::at(1) };
    let mut one_at_a_time = if case.exact { auto() } else { options() };
    one_at_a_time.parallel = 1;
    let whole = || if case.exact { repo.assert_cache_is_exact() } else { repo.assert_cache_is_whole() };
    repo.update_with(&one_at_a_time).unwrap();
    repo.publish(2);
    // Something to fail over: one type has no delta.
    let model = repo.model();
    let other = model.record("other").unwrap();
    let journal = model.journal.as_ref().filter(|_| case.exact).map(|journal| &journal.location);
    for location in other.usable_deltas().map(|delta| &delta.location).chain(journal) {
        std::fs::remove_file(repo.root().join(location.as_str())).unwrap();
    }
    let held = repo.path("held");
    copy(&repo.cache(), &held);
    for step in 0.. {
        std::fs::remove_dir_all(repo.cache()).unwrap();
        copy(&held, &repo.cache());
        let _missing = case.directories.guard(&repo.cache());
        let guard = arm(&repo.cache(), step);
        let result = repo.update_with(&one_at_a_time);
        let hit = guard.hit();
        drop(guard);
        if case.gap && !repo.cache().join("repodata/repomd.xml").exists() {
            assert!(result.is_err(), "{step}");
        } else {
            let generation = whole();
            assert!(generation == 2 || generation == 1 && result.is_err(), "{step}");
        }
        let again = repo.update_with(&one_at_a_time).unwrap();
        assert_eq!(whole(), 2, "{step}");
        assert!(result.is_err() || !again.changed);
        assert_eq!(litter(&repo), [".createrepo-delta.json", ".createrepo-delta.lock", "repodata"], "{step}");
        if !hit {
            result.unwrap();
            assert!(step > 40, "{step}");
            return;
        }
    }
}

const OPEN: Case = Case { directories: Directories::Exchanged, gap: false, exact: false };
const EXACT: Case = Case { exact: true, ..OPEN };

#[test]
fn killed_at_any_step() {
    interrupted_at_every_step(FailFrom::new, &OPEN);
}

#[test]
fn torn_at_any_write() {
    interrupted_at_every_step(TornFrom::new, &OPEN);
}

#[test]
fn disk_full_at_any_step() {
    interrupted_at_every_step(FailOnce::new, &OPEN);
}

#[test]
fn an_exact_copy_killed_at_any_step_or_torn_at_any_write() {
    interrupted_at_every_step(TornFrom::new, &EXACT);
}

#[test]
fn an_exact_copy_with_the_disk_full_at_any_step() {
    interrupted_at_every_step(FailOnce::new, &EXACT);
}

#[test]
fn without_exchange_the_next_run_mends_a_gap() {
    let renamed = Case { directories: Directories::Renamed, ..OPEN };
    interrupted_at_every_step(FailOnce::new, &renamed);
    interrupted_at_every_step(FailFrom::new, &Case { gap: true, ..renamed });
}

#[test]
fn what_cannot_be_renamed_is_copied_and_the_next_run_mends_a_gap() {
    let copied = Case { directories: Directories::Copied, ..OPEN };
    interrupted_at_every_step(FailOnce::new, &copied);
    interrupted_at_every_step(FailFrom::new, &Case { gap: true, ..copied });
    interrupted_at_every_step(FailFrom::new, &Case { gap: true, exact: true, ..copied });
}

#[test]
fn the_first_run_killed_at_any_step() {
    let repo = Repo::at(0);
    for step in 0.. {
        let _ = std::fs::remove_dir_all(repo.cache());
        let guard = FailFrom::new(&repo.cache(), step);
        let result = repo.update();
        let hit = guard.hit();
        drop(guard);
        if repo.cache().join("repodata").exists() {
            assert_eq!(repo.assert_cache_is_whole(), 0);
        } else {
            assert!(result.is_err());
        }
        repo.update().unwrap();
        assert_eq!(repo.assert_cache_is_whole(), 0);
        assert_eq!(litter(&repo), [".createrepo-delta.json", ".createrepo-delta.lock", "repodata"], "{step}");
        if !hit {
            result.unwrap();
            return;
        }
    }
}
