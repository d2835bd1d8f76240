//! Directories that a package manager keeps: brought up to date beside
//! themselves, and never changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use delta_client::error::UpdateError;
use delta_client::options::{KnownRecipes, Options};
use delta_client::progress::Silent;
use delta_client::report::{BesideOutcome, PathTaken, UpdatedBeside};
use delta_client::transport::Transport;
use delta_client::update_beside;
use durable::faults::{FailFrom, FailOnce};
use repomd::Repomd;
use repomd::journal::Recipe as ListedRecipe;

use crate::exact::{at, auto, number};
use crate::repo::{CLIENT_TYPES, Repo, damage, reason, tree};
use crate::scripted::{Act, Scripted};

/// A repository, and a directory that a package manager filled from it.
struct Machine {
    repo: Repo,
    recipes: KnownRecipes,
}

impl Machine {
    /// The directory has generation 1, the repository is at 2.
    fn behind() -> Self {
        let repo = at(number("gzip-6"), 1);
        let machine = Self { repo, recipes: KnownRecipes::default() };
        machine.fill();
        machine.repo.publish(2);
        machine
    }

    fn old(&self) -> PathBuf {
        self.repo.path("old")
    }

    fn staging(&self) -> PathBuf {
        self.repo.path("staging")
    }

    /// As dnf fills it: repomd.xml and the files that it reads.
    fn fill(&self) {
        fs::create_dir_all(self.old()).unwrap();
        let repodata = self.repo.root().join("repodata");
        let model = self.repo.model();
        let held = model.records.iter().filter(|record| CLIENT_TYPES.contains(&&*record.kind));
        let names = held.map(|record| record.local_location().unwrap().in_repodata().unwrap().to_owned());
        for name in names.chain(["repomd.xml".to_owned()]) {
            fs::copy(repodata.join(&name), self.old().join(&name)).unwrap();
        }
    }

    fn old_file(&self, data_type: &str) -> PathBuf {
        let model = Repomd::parse(&fs::read(self.old().join("repomd.xml")).unwrap()).unwrap();
        self.old().join(model.record(data_type).unwrap().local_location().unwrap().in_repodata().unwrap())
    }

    fn update_from(
        &mut self,
        source: &dyn Transport,
        options: &Options,
    ) -> Result<UpdatedBeside, UpdateError> {
        let _ = fs::remove_dir_all(self.staging());
        fs::create_dir(self.staging()).unwrap();
        update_beside(&[source], &self.old(), &self.staging(), options, &mut self.recipes, &Silent)
    }

    fn update_beside(&mut self) -> Result<UpdatedBeside, UpdateError> {
        let source = Scripted::new(self.repo.root());
        self.update_from(&source, &auto())
    }

    fn staged(&self) -> BTreeMap<String, Vec<u8>> {
        tree(&self.staging())
    }
}

#[track_caller]
fn taken(updated: &UpdatedBeside) -> Vec<(&str, PathTaken)> {
    crate::repo::paths(updated.report.as_ref().unwrap())
}

#[test]
fn the_new_state_is_exact_and_has_what_the_old_one_had() {
    let mut machine = Machine::behind();
    let before = tree(&machine.old());
    let source = Scripted::new(machine.repo.root());
    let updated = machine.update_from(&source, &auto()).unwrap();
    assert_eq!(updated.outcome, BesideOutcome::Staged);
    let report = updated.report.as_ref().unwrap();
    assert!(report.exact && report.warnings.is_empty(), "{report:?}");
    assert_eq!(taken(&updated), CLIENT_TYPES.map(|kind| (kind, PathTaken::Journal)));
    assert_eq!(machine.repo.assert_is_exact(&machine.staging()), 2);
    // Nothing else is there, and the old directory is as it was.
    assert_eq!(machine.staged().len(), CLIENT_TYPES.len() + 1, "{:?}", machine.staged().keys());
    assert_eq!(tree(&machine.old()), before);
    let asked = source.asked();
    assert!(asked.iter().all(|location| !location.ends_with(".xml.gz")), "{asked:?}");

    // In its place it is the current state.
    fs::rename(machine.old(), machine.repo.path("older")).unwrap();
    fs::rename(machine.staging(), machine.old()).unwrap();
    let updated = machine.update_from(&source, &auto()).unwrap();
    assert_eq!(updated.outcome, BesideOutcome::Current);
    assert_eq!(source.asked(), ["repodata/repomd.xml"]);
    assert!(machine.staged().is_empty());
}

#[test]
fn only_the_types_held_or_named_and_the_documents_held() {
    let mut machine = Machine::behind();
    fs::remove_file(machine.old_file("filelists")).unwrap();
    for name in ["repomd.xml.asc", "repomd.xml.key"] {
        fs::write(machine.repo.root().join("repodata").join(name), name).unwrap();
    }
    fs::write(machine.old().join("repomd.xml.key"), "an old key").unwrap();
    // What is not ours to judge does not matter.
    fs::write(machine.old().join("solv"), "x").unwrap();
    let kinds = |updated: &UpdatedBeside| {
        taken(updated).into_iter().map(|(kind, _)| kind.to_owned()).collect::<Vec<_>>()
    };
    let updated = machine.update_beside().unwrap();
    assert_eq!(kinds(&updated), ["primary", "other", "updateinfo"]);
    let staged = machine.staged();
    assert_eq!(staged.get("repomd.xml.key").unwrap(), b"repomd.xml.key");
    assert!(!staged.contains_key("repomd.xml.asc") && !staged.contains_key("solv"));
    assert_eq!(staged.len(), 5, "{:?}", staged.keys());

    let options = auto().with_types(vec!["primary".to_owned(), "filelists".to_owned()]);
    let source = Scripted::new(machine.repo.root());
    assert_eq!(kinds(&machine.update_from(&source, &options).unwrap()), ["primary"]);
}

#[test]
fn where_nothing_would_be_saved_nothing_is_done() {
    // No journal, no delta.
    let repo = Repo::new();
    repo.compose(1, crate::repo::EPOCH, 0);
    let mut machine = Machine { repo, recipes: KnownRecipes::default() };
    machine.fill();
    machine.repo.compose(2, crate::repo::EPOCH + 3600, 1);
    let source = Scripted::new(machine.repo.root());
    let updated = machine.update_from(&source, &auto()).unwrap();
    assert_eq!(updated.outcome, BesideOutcome::NothingToSave);
    assert_eq!(source.asked(), ["repodata/repomd.xml"]);
    assert!(machine.staged().is_empty());

    // No recipe, for a compressor that nobody knows.
    let repo = Repo::with_journals(None, 1);
    let mut machine = Machine { repo, recipes: KnownRecipes::default() };
    machine.fill();
    machine.repo.publish(2);
    let updated = machine.update_beside().unwrap();
    assert_eq!(updated.outcome, BesideOutcome::NothingToSave);
    assert!(reason(updated.report.as_ref().unwrap(), "primary").contains("no recipe"), "{updated:?}");

    // Nothing to begin with: nobody is asked.
    for name in tree(&machine.old()).keys().filter(|name| *name != "repomd.xml") {
        fs::remove_file(machine.old().join(name)).unwrap();
    }
    let source = Scripted::new(machine.repo.root());
    for _ in 0..2 {
        let updated = machine.update_from(&source, &auto()).unwrap();
        assert_eq!((updated.outcome, updated.report), (BesideOutcome::NothingToSave, None));
        fs::write(machine.old().join("repomd.xml"), "no document").unwrap();
    }
    assert_eq!(source.count(""), 0);
}

#[test]
fn what_did_not_change_is_saved_where_it_is_most() {
    // Without deltas: of one type a later file, of the others the same.
    let repo = Repo::new();
    let composed = |generation| {
        repo.compose(generation, crate::repo::EPOCH + generation, generation);
        String::from_utf8(repo.repomd()).unwrap()
    };
    let (before, later) = (composed(0), composed(2));
    let record = |text: &str, kind: &str| {
        let start = text.find(&format!("<data type=\"{kind}\">")).unwrap();
        let end = start + text[start..].find("</data>").unwrap();
        text[start..end].to_owned()
    };
    let changed = |kinds: &[&str]| {
        kinds
            .iter()
            .fold(before.clone(), |text, kind| text.replace(&record(&before, kind), &record(&later, kind)))
    };
    let mut machine = Machine { repo: Repo::new(), recipes: KnownRecipes::default() };
    machine.repo.temp = repo.temp;
    let repomd = machine.repo.root().join("repodata/repomd.xml");
    fs::write(&repomd, &before).unwrap();
    machine.fill();
    for (kinds, outcome) in [
        (&["updateinfo"][..], BesideOutcome::Staged),
        (&["primary", "filelists", "updateinfo"], BesideOutcome::NothingToSave),
    ] {
        fs::write(&repomd, changed(kinds)).unwrap();
        let updated = machine.update_beside().unwrap();
        let is_full = |kind| kinds.contains(&kind);
        let expected = |kind| if is_full(kind) { PathTaken::Full } else { PathTaken::Current };
        assert_eq!(updated.outcome, outcome, "{kinds:?}");
        for (kind, path) in taken(&updated) {
            assert_eq!(path, expected(kind), "{kind} of {kinds:?}");
        }
    }
    fs::write(&repomd, before.replace("<revision>0<", "<revision>1<")).unwrap();
    assert_eq!(machine.update_beside().unwrap().outcome, BesideOutcome::Staged);
}

#[test]
fn a_recipe_that_fails_is_told_to_the_caller_and_not_tried_again() {
    let mut machine = Machine::behind();
    machine.repo.edit_recipes(|listed| Some(ListedRecipe { number: number("gzip-9"), ..listed }));
    let warned = |updated: &UpdatedBeside| {
        let warnings = &updated.report.as_ref().unwrap().warnings;
        warnings.iter().filter(|warning| warning.contains("recipe `gzip-9` does not give")).count()
    };
    let updated = machine.update_beside().unwrap();
    assert_eq!((updated.outcome, warned(&updated)), (BesideOutcome::Staged, CLIENT_TYPES.len()));
    assert_eq!(taken(&updated)[0], ("primary", PathTaken::Full));
    let text = serde_json::to_string(&machine.recipes).unwrap();
    machine.recipes = serde_json::from_str(&text).unwrap();
    // The copy tells a better one.
    let updated = machine.update_beside().unwrap();
    assert_eq!((updated.outcome, warned(&updated)), (BesideOutcome::Staged, 0));
    assert_eq!(taken(&updated)[0], ("primary", PathTaken::Journal));
}

#[test]
fn damage_costs_the_full_file_of_that_type() {
    let mut machine = Machine::behind();
    damage(&machine.old_file("primary"), 200);
    let updated = machine.update_beside().unwrap();
    assert_eq!(updated.outcome, BesideOutcome::Staged);
    assert_eq!(taken(&updated)[0], ("primary", PathTaken::Full));
    assert_eq!(taken(&updated)[1], ("filelists", PathTaken::Journal));
    assert_eq!(machine.repo.assert_is_exact(&machine.staging()), 2);
}

#[test]
fn failures_leave_an_empty_staging_directory() {
    let mut machine = Machine::behind();
    let before = tree(&machine.old());
    for part in ["repomd.xml", "updateinfo"] {
        let act = || Act::Bytes(b"something".to_vec());
        let source = Scripted::new(machine.repo.root()).on(".journal", 9, act()).on(part, 9, act());
        machine.update_from(&source, &auto()).unwrap_err();
        assert!(machine.staged().is_empty(), "{part}");
        assert_eq!(tree(&machine.old()), before);
    }
    // One that is not empty is somebody's.
    let _ = fs::remove_dir_all(machine.staging());
    fs::create_dir(machine.staging()).unwrap();
    fs::write(machine.staging().join("mine"), "x").unwrap();
    let source = Scripted::new(machine.repo.root());
    let (old, staging) = (machine.old(), machine.staging());
    let error =
        update_beside(&[&source], &old, &staging, &auto(), &mut machine.recipes, &Silent).unwrap_err();
    assert!(error.to_string().contains("expected an empty directory"), "{error}");
    assert_eq!(machine.staged().len(), 1);
}

#[test]
fn a_full_disk_or_an_end_at_any_step_leaves_no_half_state() {
    for kill in [false, true] {
        let mut machine = Machine::behind();
        let before = tree(&machine.old());
        let options = auto().with_parallel(1);
        for step in 0.. {
            let source = Scripted::new(machine.repo.root());
            let guard = if kill { FailFrom::new } else { FailOnce::new }(&machine.staging(), step);
            let result = machine.update_from(&source, &options);
            let hit = guard.hit();
            drop(guard);
            assert_eq!(tree(&machine.old()), before);
            match result {
                Ok(updated) => {
                    assert_eq!(updated.outcome, BesideOutcome::Staged);
                    assert_eq!(machine.repo.assert_is_exact(&machine.staging()), 2);
                }
                // After an end nobody cleans up; the caller does, before the next run.
                Err(_) if kill => {}
                Err(_) => assert!(machine.staged().is_empty(), "{step}: {:?}", machine.staged().keys()),
            }
            if !hit {
                assert!(step > 20, "{step}");
                break;
            }
        }
    }
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let mut machine = Machine::behind();
    let mut options = auto().with_dry_run(true);
    let source = Scripted::new(machine.repo.root());
    let updated = machine.update_from(&source, &options).unwrap();
    assert_eq!(updated.outcome, BesideOutcome::Staged);
    assert!(updated.report.as_ref().unwrap().changed && machine.staged().is_empty());
    let asked = source.asked();
    assert_eq!(asked[0], "repodata/repomd.xml");
    assert!(asked[1..].iter().all(|location| location.ends_with(".journal")), "{asked:?}");
    options.dry_run = false;
    let done = machine.update_from(&source, &options).unwrap().report.unwrap();
    assert_eq!(updated.report.unwrap().bytes_downloaded, done.bytes_downloaded);
}
