//! Killed at any step, or with the disk full at any step: the repository is
//! complete at every instant, and the next run mends everything.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;

use common::{Repo, tree};
use delta_publish::options::VerifyOptions;
use delta_publish::{Options, verify};
use durable::faults::{FailFrom, FailOnce, Guard};

fn prepared() -> Repo {
    let mut repo = Repo::new();
    for n in 0..5 {
        repo.compose(n);
        repo.generate(&Options::default()).unwrap();
    }
    repo.compose(5);
    repo
}

fn interrupted_at_every_step(fail: fn(&std::path::Path, u64) -> Guard) {
    let prepared = prepared();
    let undisturbed = {
        let repo = prepared.copy();
        repo.generate(&Options::default()).unwrap();
        (repo.tree(), history_without_lock(&repo))
    };
    let mut step = 0;
    loop {
        let repo = prepared.copy();
        let guard = fail(repo.temp.path(), step);
        let result = repo.generate(&Options::default());
        let hit = guard.hit();
        drop(guard);
        // Whatever happened: what repomd.xml names is there and right.
        repo.assert_clients_are_served();
        let verified = verify(&repo.root(), None, &VerifyOptions::default()).unwrap();
        assert_eq!(verified.problems, [""; 0], "step {step}");
        if !hit {
            result.unwrap();
            assert!(step > 40, "{step}");
            return;
        }
        repo.generate(&Options::default()).unwrap();
        assert_eq!(
            repo.tree().keys().collect::<Vec<_>>(),
            undisturbed.0.keys().collect::<Vec<_>>(),
            "step {step}"
        );
        assert_eq!(repo.tree(), undisturbed.0, "step {step}");
        assert_eq!(history_without_lock(&repo).len(), undisturbed.1.len(), "step {step}");
        step += 1;
    }
}

fn history_without_lock(repo: &Repo) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut tree = tree(&repo.history());
    tree.remove("lock");
    tree
}

#[test]
fn killed_at_any_step() {
    interrupted_at_every_step(FailFrom::new);
}

#[test]
fn disk_full_at_any_step() {
    interrupted_at_every_step(FailOnce::new);
}

#[test]
fn a_damaged_history_costs_deltas_and_never_makes_wrong_ones() {
    for damaged in
        ["primary/index", "primary/pack-00000000", "primary/pack-00000003", "ledger.json", "other/index"]
    {
        for cut in [true, false] {
            let mut repo = prepared();
            let path = repo.history().join(damaged);
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            if cut {
                bytes.truncate(middle);
            } else {
                bytes[middle] ^= 0x20;
            }
            std::fs::write(&path, bytes).unwrap();
            repo.generate(&Options::default()).unwrap();
            repo.assert_clients_are_served();
            for n in 6..9 {
                repo.compose(n);
                repo.generate(&Options::default()).unwrap();
                assert!(repo.assert_clients_are_served() > 3, "{damaged} {n}");
            }
            let verified = verify(&repo.root(), Some(&repo.history()), &VerifyOptions::default()).unwrap();
            assert_eq!(verified.problems, [""; 0], "{damaged}");
        }
    }
}
