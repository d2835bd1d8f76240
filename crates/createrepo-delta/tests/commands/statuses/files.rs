//! `apply`, `diff`, `recipes`, `man` and `completions`; `update` and `refresh` as far as they do
//! not need a server.

use std::fs;

use super::case::{Case, Whose, as_it_is, full_file, mode, publish, row};
use super::generate::{cut, remove};
use crate::support::{Bench, flip, gunzip, open};

pub(super) const CASES: &[Case] = &[
    row(0, "not verified, which is said", served, "apply --type other @old @delta @new"),
    row(
        1,
        "a delta cut short",
        |b| {
            served(b);
            cut(&b.path("delta"));
        },
        "apply --type other @old @delta @new",
    ),
    row(
        1,
        "a delta with other bytes",
        |b| {
            served(b);
            flip(&b.path("delta"));
        },
        "apply --type other @old @delta @new",
    ),
    row(1, "no delta", served, "apply --type other @old @old @new"),
    row(
        1,
        "another old file",
        |b| {
            served(b);
            fs::write(b.path("old"), "<a>").unwrap();
        },
        "apply --type other @old @delta @new",
    ),
    row(1, "not what was wanted", served, "apply --type other --open-size 1 @old @delta @new"),
    row(2, "no arguments", as_it_is, "apply"),
    row(2, "a file is missing", as_it_is, "apply --type other @old @delta @new"),
    row(2, "a database", served, "apply --type other_db @old @delta @new"),
    row(2, "nowhere to write", served, "apply --type other @old @delta @nothing/new"),
    row(2, "no room", served, "apply --type other @old @delta @new").by(Whose::Small(1)),
    row(0, "plain", served, "diff --type other @old @repo/new.xml.gz @file"),
    row(
        1,
        "a file cut short",
        |b| {
            served(b);
            cut(&b.path("repo/new.xml.gz"));
        },
        "diff --type other @old @repo/new.xml.gz @file",
    ),
    row(2, "no arguments", as_it_is, "diff"),
    row(2, "a file is missing", as_it_is, "diff --type other @old @nothing @file"),
    row(2, "written over an input", served, "diff --type other @old @repo/new.xml.gz @old"),
    row(2, "nowhere to write", served, "diff --type other @old @repo/new.xml.gz @nothing/file"),
    row(0, "plain", served, "recipes @repo/new.xml.gz @old"),
    row(
        1,
        "a file cut short",
        |b| {
            served(b);
            cut(&b.path("repo/new.xml.gz"));
        },
        "recipes @old @repo/new.xml.gz",
    ),
    row(2, "no arguments", as_it_is, "recipes"),
    row(2, "a file is missing", served, "recipes @nothing @old"),
    row(0, "plain", as_it_is, "man"),
    row(0, "a directory", as_it_is, "man @pages"),
    row(2, "no directory", |b| fs::write(b.path("pages"), "").unwrap(), "man @pages"),
    row(2, "no permission to write", closed_pages, "man @pages").by(Whose::Obedient),
    row(0, "plain", as_it_is, "completions bash"),
    row(2, "an unknown shell", as_it_is, "completions tcsh"),
    row(0, "a directory as source", as_it_is, "update @repo @cache"),
    row(1, "a file is missing", |b| remove(&full_file(b, "other")), "update @repo @cache"),
    row(2, "no arguments", as_it_is, "update"),
    row(2, "neither URL nor directory", as_it_is, "update ftp://example.org/repo @cache"),
    row(1, "a directory that is not there", as_it_is, "update @nothing @cache"),
    row(1, "a host that is not there", as_it_is, "update --retries 0 http://no-such-host.invalid/ @cache"),
    row(2, "a type that is not there", as_it_is, "update --types primry @repo @cache"),
    row(2, "somebody else's directory", as_it_is, "update @repo @repo"),
    row(
        2,
        "notes of another version",
        |b| {
            fs::create_dir(b.path("cache")).unwrap();
            fs::write(b.path("cache/.createrepo-delta.json"), r#"{"format": "another"}"#).unwrap();
        },
        "update @repo @cache",
    ),
    row(0, "nothing is configured", no_package_manager, "refresh --root @root --notes @notes"),
    row(2, "an unknown repository", no_package_manager, "refresh --root @root --notes @notes another"),
];

/// An old file, the delta from it, and the new file.
fn served(bench: &Bench) {
    publish(bench);
    fs::write(bench.path("old"), open("other", 2)).unwrap();
    fs::copy(bench.files("-other.xml.delta0").remove(0), bench.path("delta")).unwrap();
    fs::copy(full_file(bench, "other"), bench.path("repo/new.xml.gz")).unwrap();
    assert_eq!(gunzip(&bench.path("repo/new.xml.gz")), open("other", 3).as_bytes());
}

fn closed_pages(bench: &Bench) {
    fs::create_dir(bench.path("pages")).unwrap();
    mode(bench, "pages", 0o555);
}

fn no_package_manager(bench: &Bench) {
    fs::create_dir(bench.path("root")).unwrap();
}

#[test]
fn as_the_table_says() {
    for case in CASES {
        let (bench, ran) = case.check();
        if ran.status != 0 && case.line.starts_with("apply") {
            assert!(!bench.path("new").exists(), "{}: {}", case.line, case.how);
        }
    }
}
