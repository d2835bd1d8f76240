//! `history …`.

use std::fs;

use super::case::{Case, Whose, as_it_is, make_newer, mode, row};
use super::generate::{cut, newer_ledger, remove};
use crate::support::{Bench, flip};

pub(super) const CASES: &[Case] = &[
    row(0, "plain", as_it_is, "history list @history"),
    row(0, "somebody else has it", as_it_is, "history list @history").by(Whose::Second),
    row(0, "a damaged index, which is said", damaged, "history list @history"),
    row(2, "no arguments", as_it_is, "history list"),
    row(2, "no history", as_it_is, "history list @nothing"),
    row(2, "another directory", as_it_is, "history list @repo"),
    row(2, "no permission to read", closed, "history list @history").by(Whose::Obedient),
    row(3, "a newer version wrote it", newer, "history list @history"),
    row(0, "plain", as_it_is, "history show @history primary"),
    row(0, "one is written", as_it_is, "history show @history primary --generation 1 --output @file"),
    row(1, "a damaged pack", bad_pack, "history show @history primary --generation 1 --output @file"),
    row(2, "no type", as_it_is, "history show @history"),
    row(2, "a type that it does not have", as_it_is, "history show @history group"),
    row(2, "no such generation", as_it_is, "history show @history primary --generation 7"),
    row(
        2,
        "no directory to write into",
        as_it_is,
        "history show @history primary --generation 1 --output @nothing/file",
    ),
    row(2, "no history", as_it_is, "history show @nothing primary"),
    row(3, "a newer version wrote it", newer, "history show @history primary"),
    row(0, "plain", as_it_is, "history import @history @repo"),
    row(0, "a new one", as_it_is, "history import @new @repo"),
    row(
        0,
        "a file is missing, which is said",
        |b| remove(&super::case::full_file(b, "other")),
        "history import @new @repo",
    ),
    row(1, "no repository", as_it_is, "history import @new @nothing"),
    row(1, "repomd.xml cut short", |b| cut(&b.repomd()), "history import @new @repo"),
    row(2, "no arguments", as_it_is, "history import"),
    row(2, "an unknown type", as_it_is, "history import --types primry @new @repo"),
    row(2, "another directory", as_it_is, "history import @repo @repo"),
    row(2, "no permission to write", closed, "history import @history @repo").by(Whose::Obedient),
    row(3, "a newer version wrote it", newer, "history import @history @repo"),
    row(75, "somebody else has it", as_it_is, "history import @history @repo").by(Whose::Second),
    row(0, "the newest", as_it_is, "history drop @history --newest"),
    row(0, "one", as_it_is, "history drop @history primary 1"),
    row(2, "no arguments", as_it_is, "history drop @history"),
    row(2, "no such generation", as_it_is, "history drop @history primary 7"),
    row(2, "no history", as_it_is, "history drop @nothing --newest"),
    row(2, "no permission to write", closed, "history drop @history --newest").by(Whose::Obedient),
    row(3, "a newer version wrote it", newer, "history drop @history --newest"),
    row(75, "somebody else has it", as_it_is, "history drop @history --newest").by(Whose::Second),
    row(0, "plain", as_it_is, "history prune @history --keep 1"),
    row(2, "no arguments", as_it_is, "history prune @history"),
    row(2, "no history", as_it_is, "history prune @nothing --keep 1"),
    row(2, "no permission to write", closed, "history prune @history --keep 1").by(Whose::Obedient),
    row(3, "a newer version wrote it", newer, "history prune @history --keep 1"),
    row(75, "somebody else has it", as_it_is, "history prune @history --keep 1").by(Whose::Second),
    row(0, "plain", as_it_is, "history verify @history"),
    row(0, "nothing to repair", as_it_is, "history verify @history --repair"),
    row(0, "repaired, which is said", damaged, "history verify @history --repair"),
    row(1, "a damaged index", damaged, "history verify @history"),
    row(1, "a lost index", |b| remove(&b.history().join("primary/index")), "history verify @history"),
    row(1, "a damaged pack", bad_pack, "history verify @history"),
    row(1, "a lost pack", |b| remove(&b.history().join("primary/pack-00000000")), "history verify @history"),
    row(1, "a damaged ledger", |b| cut(&b.history().join("ledger.json")), "history verify @history"),
    row(1, "a lost ledger", |b| remove(&b.history().join("ledger.json")), "history verify @history"),
    row(1, "a lost type", lost_type, "history verify @history"),
    row(0, "a lost type, repaired, which is said", lost_type, "history verify @history --repair"),
    row(0, "a damaged ledger, repaired, which is said", bad_ledger, "history verify @history --repair"),
    row(2, "no arguments", as_it_is, "history verify"),
    row(2, "no history", as_it_is, "history verify @nothing"),
    row(2, "no permission to read", closed, "history verify @history").by(Whose::Obedient),
    row(3, "a newer version wrote it", newer, "history verify @history"),
    row(3, "a newer version wrote the ledger", newer_ledger, "history verify @history"),
    row(75, "somebody else has it", as_it_is, "history verify @history --repair").by(Whose::Second),
];

fn newer(bench: &Bench) {
    make_newer(bench, "format");
}

fn closed(bench: &Bench) {
    mode(bench, "history", 0);
}

fn damaged(bench: &Bench) {
    flip(&bench.history().join("primary/index"));
}

fn bad_ledger(bench: &Bench) {
    cut(&bench.history().join("ledger.json"));
}

fn lost_type(bench: &Bench) {
    fs::remove_dir_all(bench.history().join("primary")).unwrap();
}

fn bad_pack(bench: &Bench) {
    flip(&bench.history().join("primary/pack-00000000"));
}

#[test]
fn as_the_table_says() {
    for case in CASES {
        drop(case.check());
    }
}

#[test]
fn what_a_newer_version_wrote_stays() {
    for case in CASES.iter().filter(|case| case.status == 3) {
        let bench = case.prepared();
        let before = bench.snapshot();
        case.run(&bench, &[]);
        assert_eq!(bench.snapshot(), before, "{}", case.line);
        assert!(fs::exists(bench.history().join("format")).unwrap());
    }
}
