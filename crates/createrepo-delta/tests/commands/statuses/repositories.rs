//! `strip`, `verify` and `inspect`.

use std::fs;

use super::case::{Case, Whose, as_it_is, edit_repomd, full_file, make_newer, mode, publish, reduced, row};
use super::generate::{busy, cut, link, remove, signed};
use crate::support::{Bench, flip};

pub(super) const CASES: &[Case] = &[
    row(0, "plain", publish, "strip @repo"),
    row(0, "with its history", publish, "strip --history @history @repo"),
    row(0, "nothing to strip", as_it_is, "strip @repo"),
    row(0, "files are missing, which is not looked at", missing, "strip @repo"),
    row(1, "no repository", as_it_is, "strip @nothing"),
    row(1, "repomd.xml cut short", |b| cut(&b.repomd()), "strip @repo"),
    row(2, "no arguments", as_it_is, "strip"),
    row(2, "repodata/ may not be changed", closed, "strip @repo").by(Whose::Obedient),
    row(2, "no room", publish, "strip @repo").by(Whose::Small(1)),
    row(2, "the signing command fails", publish, "strip --sign-command false @repo"),
    row(3, "signed, and to stay so", published_and_signed, "strip --refuse-signed @repo"),
    row(3, "a link as repomd.xml", |b| link(&b.repomd()), "strip @repo"),
    row(3, "a document type", doctype, "strip @repo"),
    row(3, "no history", publish, "strip --history @nothing @repo"),
    row(3, "a newer history", newer, "strip --history @history @repo"),
    row(3, "no permission to write the history", closed_history, "strip --history @history @repo")
        .by(Whose::Obedient),
    row(75, "somebody else has the history", publish, "strip --history @history @repo").by(Whose::Second),
    row(75, "createrepo_c is at work", busy, "strip @repo"),
    row(0, "plain", publish, "verify @repo"),
    row(0, "with its history", publish, "verify --history @history @repo"),
    row(0, "without deltas", as_it_is, "verify @repo"),
    row(1, "no repository", as_it_is, "verify @nothing"),
    row(1, "repomd.xml cut short", |b| cut(&b.repomd()), "verify @repo"),
    row(1, "a file is missing", missing, "verify @repo"),
    row(1, "a file has other bytes", |b| flip(&full_file(b, "other")), "verify @repo"),
    row(1, "a delta has other bytes", |b| flip(&delta(b)), "verify @repo"),
    row(1, "a delta is missing", |b| remove(&delta(b)), "verify @repo"),
    row(
        1,
        "a delta is missing, and so is the history",
        |b| remove(&delta(b)),
        "verify --history @none @repo",
    ),
    row(2, "no arguments", as_it_is, "verify"),
    row(2, "a file may not be read", unreadable, "verify @repo").by(Whose::Obedient),
    row(3, "no history", publish, "verify --history @nothing @repo"),
    row(3, "a newer history", newer, "verify --history @history @repo"),
    row(3, "a damaged history", damaged, "verify --history @history @repo"),
    reduced(&["not-listed"], "its deltas were dropped", dropped, "verify --history @history @repo"),
    row(3, "a link as repomd.xml", |b| link(&b.repomd()), "verify @repo"),
    row(3, "a document type", doctype, "verify @repo"),
    row(0, "a link as a file, which is left alone", |b| link(&full_file(b, "other")), "verify @repo"),
    row(75, "createrepo_c is at work", busy, "verify @repo"),
    row(0, "a repository", publish, "inspect @repo"),
    row(0, "with its history", publish, "inspect --history @history @repo"),
    row(0, "createrepo_c is at work", busy, "inspect @repo"),
    row(0, "a delta", |b| fs::copy(delta(b), b.path("delta")).map(drop).unwrap(), "inspect @delta"),
    row(1, "a directory without repodata/", as_it_is, "inspect @history"),
    row(
        1,
        "a delta cut short",
        |b| fs::copy(delta(b), b.path("delta")).map(|_| cut(&b.path("delta"))).unwrap(),
        "inspect @delta",
    ),
    row(1, "no delta", as_it_is, "inspect @repo/repodata/repomd.xml"),
    row(2, "no arguments", as_it_is, "inspect"),
    row(2, "no such file", as_it_is, "inspect @nothing"),
    row(2, "a URL", as_it_is, "inspect https://example.org/repo"),
    row(2, "no history", publish, "inspect --history @nothing @repo"),
    row(3, "a newer history", newer, "inspect --history @history @repo"),
];

fn delta(bench: &Bench) -> std::path::PathBuf {
    publish(bench);
    bench.files("-other.xml.delta0").remove(0)
}

/// Something that knows no deltas writes repomd.xml after `generate`.
fn dropped(bench: &Bench) {
    let without = fs::read(bench.repomd()).unwrap();
    publish(bench);
    fs::write(bench.repomd(), without).unwrap();
}

fn doctype(bench: &Bench) {
    edit_repomd(bench, |text| text.replacen("<repomd", "<!DOCTYPE repomd>\n<repomd", 1));
}

fn missing(bench: &Bench) {
    publish(bench);
    remove(&full_file(bench, "other"));
}

fn closed(bench: &Bench) {
    publish(bench);
    mode(bench, "repo/repodata", 0o555);
}

fn closed_history(bench: &Bench) {
    publish(bench);
    mode(bench, "history", 0o555);
}

fn unreadable(bench: &Bench) {
    let path = full_file(bench, "other");
    mode(bench, path.strip_prefix(bench.path("")).unwrap().to_str().unwrap(), 0);
}

fn published_and_signed(bench: &Bench) {
    publish(bench);
    signed(bench);
}

fn newer(bench: &Bench) {
    publish(bench);
    make_newer(bench, "format");
}

fn damaged(bench: &Bench) {
    publish(bench);
    flip(&bench.history().join("other/index"));
}

#[test]
fn as_the_table_says() {
    for case in CASES {
        drop(case.check());
    }
}
