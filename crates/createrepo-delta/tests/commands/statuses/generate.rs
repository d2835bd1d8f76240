//! `generate`, of one repository and of those of a configuration file.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use super::case::{
    Case, Whose, as_it_is, bytes_of, edit_repomd, full_file, make_newer, mode, publish, reduced, row,
};
use crate::support::{Bench, flip, program, run, sha256};

/// The usual line.
const GENERATE: &str = "generate --history @history @repo";

pub(super) const SUCCESSFUL: &[Case] = &[
    row(0, "plain", as_it_is, GENERATE),
    row(0, "the first publish", forget_all, GENERATE),
    row(0, "nothing new", publish, GENERATE),
    row(0, "a type that never was", as_it_is, "generate --types primary,group --history @history @repo"),
    row(0, "configured", configure, "generate --config @config.toml"),
    row(0, "configured, printed", configure, "generate --config @config.toml --print-config"),
];

pub(super) const BROKEN: &[Case] = &[
    row(1, "no repository", as_it_is, "generate --history @history @nothing"),
    row(1, "no repomd.xml", |b| remove(&b.repomd()), GENERATE),
    row(1, "repomd.xml cut short", |b| cut(&b.repomd()), GENERATE),
    row(1, "a directory as repomd.xml", |b| directory(&b.repomd()), GENERATE),
    row(1, "a file is missing", |b| remove(&full_file(b, "other")), GENERATE),
    row(1, "a file is cut short", |b| cut(&full_file(b, "other")), GENERATE),
    row(1, "a file has other bytes", |b| flip(&full_file(b, "other")), GENERATE),
    row(1, "a directory as a file", |b| directory(&full_file(b, "other")), GENERATE),
    row(1, "broken, and no history", broken_twice, GENERATE),
    row(1, "configured", configured_broken, "generate --config @config.toml"),
];

pub(super) const FAILED: &[Case] = &[
    row(2, "no arguments", as_it_is, "generate"),
    row(2, "no history", as_it_is, "generate @repo"),
    row(2, "an unknown option", as_it_is, "generate --histroy @history @repo"),
    row(2, "a value of another kind", as_it_is, "generate --keep some --history @history @repo"),
    row(2, "an unknown type", as_it_is, "generate --types primry --history @history @repo"),
    row(2, "a database", as_it_is, "generate --types primary_db --history @history @repo"),
    row(2, "a history in the repository", as_it_is, "generate --history @repo/history @repo"),
    row(2, "a URL as history", as_it_is, "generate --history https://example.org/h @repo"),
    row(2, "the signing command fails", as_it_is, "generate --sign-command false --history @history @repo"),
    row(2, "no signing command", as_it_is, "generate --sign-command @none --history @history @repo"),
    row(2, "repodata/ may not be changed", |b| mode(b, "repo/repodata", 0o555), GENERATE).by(Whose::Obedient),
    row(2, "a file may not be read", unreadable_file, GENERATE).by(Whose::Obedient),
    row(2, "no configuration file", as_it_is, "generate --config @config.toml"),
    row(2, "a mistake in the configuration file", misconfigure, "generate --config @config.toml"),
    row(2, "a name that is not configured", configure, "generate --config @config.toml another"),
];

pub(super) const REDUCED: &[Case] = &[
    reduced(
        &["history-damaged", "withdrawn"],
        "an index is lost",
        |b| remove(&b.history().join("primary/index")),
        GENERATE,
    ),
    reduced(
        &["history-damaged", "withdrawn"],
        "an index is cut short",
        |b| cut(&b.history().join("primary/index")),
        GENERATE,
    ),
    reduced(
        &["history-damaged"],
        "the ledger is cut short",
        |b| cut(&b.history().join("ledger.json")),
        GENERATE,
    ),
    reduced(
        &["signed"],
        "signed, and to stay so",
        signed,
        "generate --refuse-signed --history @history @repo",
    ),
    reduced(&["not-edited"], "a link as repomd.xml", |b| link(&b.repomd()), GENERATE),
    reduced(
        &["not-edited"],
        "a long repomd.xml",
        |b| edit_repomd(b, |text| text + &" ".repeat(16 << 20)),
        GENERATE,
    ),
    reduced(&["not-edited"], "a document type", |b| edit_repomd(b, |text| doctype(&text)), GENERATE),
    reduced(&["history-foreign"], "the history of others", foreign, GENERATE),
    reduced(&["history-shared"], "two take turns", shared, GENERATE),
    reduced(&["history-newer", "withdrawn"], "a newer format", |b| make_newer(b, "format"), GENERATE),
    reduced(&["history-newer", "withdrawn"], "a newer index", |b| make_newer(b, "other/index"), GENERATE),
    reduced(&["history-newer"], "a newer ledger", newer_ledger, GENERATE),
    reduced(
        &["history-not-writable", "withdrawn"],
        "no permission to write",
        |b| mode(b, "history", 0o555),
        GENERATE,
    )
    .by(Whose::Obedient),
    reduced(
        &["history-not-writable", "withdrawn"],
        "no permission to write a track",
        |b| mode(b, "history/other", 0o555),
        GENERATE,
    )
    .by(Whose::Obedient),
    reduced(
        &["history-not-writable"],
        "no permission to make it",
        closed_parent,
        "generate --history @closed/history @repo",
    )
    .by(Whose::Obedient),
    reduced(&["history-not-writable", "withdrawn"], "no room", as_it_is, GENERATE).by(Whose::Small(1)),
    reduced(&["history-unreadable"], "no permission to read", |b| mode(b, "history", 0), GENERATE)
        .by(Whose::Obedient),
    reduced(
        &["history-unreadable", "withdrawn"],
        "no permission to read an index",
        |b| mode(b, "history/other/index", 0),
        GENERATE,
    )
    .by(Whose::Obedient),
    reduced(
        &["history-unreadable"],
        "a file as history",
        |b| {
            fs::remove_dir_all(b.history()).unwrap();
            fs::write(b.history(), "").unwrap();
        },
        GENERATE,
    ),
    reduced(
        &["history-unreadable"],
        "another directory as history",
        |b| {
            fs::create_dir(b.path("others")).unwrap();
            fs::write(b.path("others/file"), "").unwrap();
        },
        "generate --history @others @repo",
    ),
    reduced(
        &["history-unreadable"],
        "a directory as ledger",
        |b| directory(&b.history().join("ledger.json")),
        GENERATE,
    ),
    reduced(
        &["history-unreadable", "withdrawn"],
        "a file as track",
        |b| {
            fs::remove_dir_all(b.history().join("other")).unwrap();
            fs::write(b.history().join("other"), "").unwrap();
        },
        GENERATE,
    ),
    reduced(
        &["type-missing"],
        "a type is gone",
        gone,
        "generate --types primary,other --history @history @repo",
    ),
    reduced(&["withdrawn"], "the history is lost", lost, GENERATE),
    reduced(
        &["type-left-alone", "withdrawn"],
        "a type is a link now",
        |b| link(&full_file(b, "other")),
        GENERATE,
    ),
];

/// Where there is nothing but an error to tell.
pub(super) const REDUCED_ERRORS: &[Case] =
    &[row(3, "configured", configured_link, "generate --config @config.toml")];

pub(super) const TEMPORARY: &[Case] = &[
    row(75, "somebody else has the history", as_it_is, GENERATE).by(Whose::Second),
    row(75, "createrepo_c is at work", busy, GENERATE),
    row(
        75,
        "at work, and a file is missing",
        |b| {
            busy(b);
            remove(&full_file(b, "other"));
        },
        GENERATE,
    ),
    row(
        75,
        "repomd.xml is replaced meanwhile",
        replacing,
        "generate --sign-command @signs --history @history @repo",
    ),
    row(
        75,
        "repodata/ is replaced meanwhile",
        swapping,
        "generate --sign-command @signs --history @history @repo",
    ),
    row(
        75,
        "configured",
        |b| {
            configure(b);
            busy(b);
        },
        "generate --config @config.toml",
    ),
];

pub(super) fn remove(path: &Path) {
    fs::remove_file(path).unwrap();
}

pub(super) fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn directory(path: &Path) {
    remove(path);
    fs::create_dir(path).unwrap();
}

/// Puts a file elsewhere and a link in its place.
pub(super) fn link(path: &Path) {
    let name = path.file_name().unwrap().to_str().unwrap();
    let elsewhere = path.ancestors().nth(3).unwrap().join(format!("elsewhere-{name}"));
    fs::rename(path, &elsewhere).unwrap();
    symlink(elsewhere, path).unwrap();
}

fn forget_all(bench: &Bench) {
    fs::remove_dir_all(bench.history()).unwrap();
}

/// Everything published is listed, and the history is not there.
pub(super) fn lost(bench: &Bench) {
    publish(bench);
    forget_all(bench);
}

fn broken_twice(bench: &Bench) {
    forget_all(bench);
    fs::write(bench.history(), "").unwrap();
    remove(&full_file(bench, "other"));
}

fn unreadable_file(bench: &Bench) {
    let path = full_file(bench, "other");
    fs::set_permissions(path, fs::Permissions::from_mode(0o0)).unwrap();
}

fn configure(bench: &Bench) {
    let [repo, history] = [bench.repo(), bench.history()].map(|path| path.display().to_string());
    let text = format!("[repository.one]\npath = {repo:?}\nhistory = {history:?}\n");
    fs::write(bench.path("config.toml"), text).unwrap();
}

fn misconfigure(bench: &Bench) {
    configure(bench);
    let text = fs::read_to_string(bench.path("config.toml")).unwrap();
    fs::write(bench.path("config.toml"), text + "sign-comand = \"gpg\"\n").unwrap();
}

fn configured_broken(bench: &Bench) {
    configure(bench);
    remove(&full_file(bench, "other"));
}

fn configured_link(bench: &Bench) {
    configure(bench);
    link(&bench.repomd());
}

/// A history that knows other packages only.
fn foreign(bench: &Bench) {
    forget_all(bench);
    other_content(bench, "q", 1);
    publish(bench);
    other_content(bench, "q", 2);
    publish(bench);
    bench.create(1);
}

/// Two repositories of the same packages in other versions, that take turns.
fn shared(bench: &Bench) {
    forget_all(bench);
    let other = Bench::new();
    for version in 1..=2 {
        bench.create(version);
        other_content(&other, "p", version);
        for repo in [bench.repo(), other.repo()] {
            run(program("generate").arg("--history").arg(bench.history()).arg(repo));
        }
    }
    bench.create(3);
}

/// Metadata of packages that are called otherwise, or have other versions.
fn other_content(bench: &Bench, prefix: &str, version: u64) {
    bench.create_from(version, |data_type, version| {
        let text = crate::support::open(data_type, version);
        text.replace("name=\"p", &format!("name=\"{prefix}")).replace("<version>", "<version>9.")
    });
}

pub(super) fn newer_ledger(bench: &Bench) {
    let path = bench.history().join("ledger.json");
    let text = fs::read_to_string(&path).unwrap();
    let (start, rest) = text.split_once("\"format\": ").unwrap();
    let (_, end) = rest.split_once(',').unwrap();
    fs::write(path, format!("{start}\"format\": 999,{end}")).unwrap();
}

fn closed_parent(bench: &Bench) {
    fs::create_dir(bench.path("closed")).unwrap();
    mode(bench, "closed", 0o555);
}

/// `other` was served and is not in the repository any more.
fn gone(bench: &Bench) {
    publish(bench);
    bench.create(4);
    edit_repomd(bench, |text| {
        let (start, rest) = text.split_once("  <data type=\"other\">").unwrap();
        let (_, end) = rest.split_once("</data>\n").unwrap();
        start.to_owned() + end
    });
}

pub(super) fn signed(bench: &Bench) {
    fs::write(bench.path("repo/repodata/repomd.xml.asc"), "signature").unwrap();
}

fn doctype(text: &str) -> String {
    text.replacen("<repomd", "<!DOCTYPE repomd>\n<repomd", 1)
}

pub(super) fn busy(bench: &Bench) {
    fs::create_dir(bench.path("repo/.repodata")).unwrap();
}

/// A signing command that does what somebody else does meanwhile.
fn meanwhile(bench: &Bench, script: &str) {
    let path = bench.path("signs");
    let signature = "-----BEGIN PGP SIGNATURE-----\\n\\niQ==\\n=aaaa\\n-----END PGP SIGNATURE-----\\n";
    fs::write(&path, format!("#!/bin/sh\nset -e\n{script}\nprintf '{signature}' > \"$1.asc\"\n")).unwrap();
    mode(bench, "signs", 0o755);
}

fn replacing(bench: &Bench) {
    meanwhile(bench, &format!("echo >> '{}'", bench.repomd().display()));
}

fn swapping(bench: &Bench) {
    let repo = bench.repo().display().to_string();
    meanwhile(bench, &format!("cd '{repo}'; cp -a repodata new; rm -r repodata; mv new repodata"));
}

/// Every file that repomd.xml names is there, with the bytes that it says.
fn assert_complete(bench: &Bench, case: &Case) {
    let text = fs::read_to_string(bench.repomd()).unwrap();
    let checksums = text.split("<checksum type=\"sha256\">").skip(1).map(|rest| &rest[..64]);
    let locations = text
        .split("<data ")
        .skip(1)
        .flat_map(|data| data.split("<location href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()));
    let named: Vec<&str> = locations.collect();
    assert!(!named.is_empty(), "{}", case.how);
    let digests: Vec<String> =
        named.iter().map(|name| sha256(&fs::read(bench.repo().join(name)).unwrap())).collect();
    for checksum in checksums {
        assert!(digests.iter().any(|digest| digest == checksum), "{}: {checksum}", case.how);
    }
}

#[test]
fn successful() {
    for case in SUCCESSFUL {
        let (bench, _) = case.check();
        assert_complete(&bench, case);
    }
}

#[test]
fn a_broken_repository() {
    for case in BROKEN {
        let bench = case.prepared();
        let before = bytes_of(&bench, "repo");
        let ran = case.run(&bench, &[]);
        assert_eq!(ran.status, 1, "{}:\n{}", case.how, ran.stderr);
        assert_eq!(bytes_of(&bench, "repo"), before, "{}", case.how);
    }
}

#[test]
fn failures_change_nothing() {
    for case in FAILED {
        let bench = case.prepared();
        let before = bytes_of(&bench, "repo");
        let ran = case.run(&bench, &[]);
        assert_eq!(ran.status, 2, "{}:\n{}", case.how, ran.stderr);
        assert_eq!(bytes_of(&bench, "repo"), before, "{}", case.how);
    }
}

#[test]
fn fewer_deltas_than_asked_for() {
    for case in REDUCED {
        let (bench, ran) = case.check();
        assert_complete(&bench, case);
        assert!(ran.stderr.starts_with("warning: ") || ran.stderr.contains("\nwarning: "), "{}", case.how);
    }
    for case in REDUCED_ERRORS {
        drop(case.check());
    }
}

#[test]
fn the_reasons_and_dry_runs_that_tell_them() {
    for case in REDUCED {
        let told = |bench: &Bench, options: &[&str]| {
            let ran = case.run(bench, &[&["--json", "--quiet"], options].concat());
            assert_eq!(ran.status, 3, "{}:\n{}", case.how, ran.stderr);
            let mut json = ran.json();
            json.as_object_mut().unwrap().remove("phases");
            json
        };
        let bench = case.prepared();
        let before = (bytes_of(&bench, "repo"), readable(&bench));
        // What a full disk has room for shows in writing only.
        let dry = (!matches!(case.whose, Whose::Small(_))).then(|| told(&bench, &["--dry-run"]));
        assert_eq!((bytes_of(&bench, "repo"), readable(&bench)), before, "{}", case.how);
        let done = told(&bench, &[]);
        let reasons: Vec<&str> =
            done["reduced"].as_array().unwrap().iter().map(|r| r["reason_code"].as_str().unwrap()).collect();
        assert_eq!(reasons, case.reasons, "{}: {}", case.how, done["reduced"]);
        if let Some(dry) = &dry {
            assert_eq!(*dry, done, "{}", case.how);
        }
        let is_unused = |reason: &&str| {
            ["history-foreign", "history-newer", "history-not-writable", "history-unreadable"]
                .contains(reason)
        };
        // A disk that is full lets through what comes before it is: see below.
        if case.reasons.iter().any(is_unused) && dry.is_some() {
            assert_eq!((bytes_of(&bench, "repo"), readable(&bench)), before, "{}: changed", case.how);
            assert!(bench.files("delta").is_empty() && bench.files("createrepo-delta").is_empty());
        }
    }
}

/// The history, as far as whoever runs the tests may read it.
fn readable(bench: &Bench) -> Vec<(std::path::PathBuf, String)> {
    if fs::read_dir(bench.history()).is_err() { Vec::new() } else { bytes_of(bench, "history") }
}

#[test]
fn somebody_else_is_at_work() {
    for case in TEMPORARY {
        let (bench, _) = case.check();
        assert!(bench.files("delta").is_empty(), "{}", case.how);
    }
}

#[test]
fn a_disk_that_fills_up_at_any_point_leaves_a_repository_and_a_history_that_are_whole() {
    let mut statuses = Vec::new();
    for blocks in 0..24 {
        let small = row(0, "", as_it_is, GENERATE).by(Whose::Small(blocks));
        let bench = small.prepared();
        let before = fs::read(bench.repomd()).unwrap();
        let ran = small.run(&bench, &["--quiet"]);
        statuses.push(ran.status);
        assert!([0, 2, 3].contains(&ran.status), "{blocks}: {}", ran.stderr);
        let is_as_before = fs::read(bench.repomd()).unwrap() == before;
        assert!(is_as_before || ran.status != 2, "{blocks}: {}", ran.stderr);
        assert_complete(&bench, &small);
        assert!(bench.files("createrepo-delta").is_empty(), "{blocks}");
        bench.history_command("verify", &["--quiet"]).expect(0);
        assert_eq!(bench.generate(&["--quiet"]).expect(0).stderr, "");
        run(program("verify").arg("--history").arg(bench.history()).arg(bench.repo())).expect(0);
    }
    assert!(statuses.contains(&3) && statuses.contains(&0), "{statuses:?}");
}
