//! Killed at any step, or with the disk full at any step: the cache is fully
//! old or fully new, and the next run brings it up to date.

use std::path::Path;

use durable::faults::{FailFrom, FailOnce, Guard, NoExchange, TornFrom};

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
    exchange: bool,
    /// Whether a moment without any repodata/ is allowed.
    gap: bool,
}

fn interrupted_at_every_step(arm: fn(&Path, u64) -> Guard, case: &Case) {
    let repo = Repo::at(1);
    repo.update().unwrap();
    repo.publish(2);
    // Something to fail over: one delta is missing.
    std::fs::remove_file(repo.root().join(repo.locations("other").1.unwrap())).unwrap();
    let held = repo.path("held");
    copy(&repo.cache(), &held);
    let mut one_at_a_time = options();
    one_at_a_time.parallel = 1;
    for step in 0.. {
        std::fs::remove_dir_all(repo.cache()).unwrap();
        copy(&held, &repo.cache());
        let _missing = (!case.exchange).then(|| NoExchange::new(&repo.cache()));
        let guard = arm(&repo.cache(), step);
        let result = repo.update_with(&one_at_a_time);
        let hit = guard.hit();
        drop(guard);
        if case.gap && !repo.cache().join("repodata").exists() {
            assert!(result.is_err(), "{step}");
        } else {
            let generation = repo.assert_cache_is_whole();
            assert!(generation == 2 || generation == 1 && result.is_err(), "{step}");
        }
        let again = repo.update_with(&one_at_a_time).unwrap();
        assert_eq!(repo.assert_cache_is_whole(), 2, "{step}");
        assert!(result.is_err() || !again.changed);
        assert_eq!(litter(&repo), [".createrepo-delta.json", ".createrepo-delta.lock", "repodata"], "{step}");
        if !hit {
            result.unwrap();
            assert!(step > 40, "{step}");
            return;
        }
    }
}

#[test]
fn killed_at_any_step() {
    interrupted_at_every_step(FailFrom::new, &Case { exchange: true, gap: false });
}

#[test]
fn torn_at_any_write() {
    interrupted_at_every_step(TornFrom::new, &Case { exchange: true, gap: false });
}

#[test]
fn disk_full_at_any_step() {
    interrupted_at_every_step(FailOnce::new, &Case { exchange: true, gap: false });
}

#[test]
fn without_exchange_the_next_run_mends_a_gap() {
    interrupted_at_every_step(FailFrom::new, &Case { exchange: false, gap: true });
    interrupted_at_every_step(FailOnce::new, &Case { exchange: false, gap: false });
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
