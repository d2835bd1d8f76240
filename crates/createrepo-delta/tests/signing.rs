//! Signed repositories: no signature may outlive the repomd.xml that it is of.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "scratch files need no care")]

mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use support::{Bench, program, run};

/// Two generations, the second of them signed and without deltas yet.
fn signed() -> Bench {
    let bench = Bench::new();
    bench.publish_to(1);
    bench.create(2);
    fs::write(bench.repodata().join("repomd.xml.asc"), "a signature").unwrap();
    bench
}

#[test]
fn a_removed_signature_is_told() {
    let bench = signed();
    let asc = bench.repodata().join("repomd.xml.asc");
    bench.generate(&["--dry-run"]).expect(0).says(&["warning: would remove the signature"]);
    assert!(asc.exists());
    let hint = format!("hint: sign again: `gpg --detach-sign --armor {}`", bench.repomd().display());
    let ran = bench.generate(&["--quiet"]).expect(0);
    ran.says(&["warning: removed the signature", "repomd.xml.asc`, because repomd.xml changed\n\n", &hint]);
    assert!(!asc.exists());
}

#[test]
fn a_signed_repository_can_be_refused() {
    let bench = signed();
    let before = fs::read(bench.repomd()).unwrap();
    bench.generate(&["--refuse-signed"]).expect(1).says(&["repomd.xml.asc` is there", "hint: leave out"]);
    assert_eq!(fs::read(bench.repomd()).unwrap(), before);
    assert!(bench.files(".delta").is_empty());
}

#[test]
fn a_command_signs() {
    let bench = signed();
    let script = bench.path("my signer");
    fs::write(&script, "#!/bin/sh\nprintf '%s' \"$1\" > \"$2.asc\"\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let command = format!("'{}' \"Release Key\"", script.display());
    let ran = bench.generate(&["--sign-command", &command]).expect(0);
    ran.says(&[&format!("signed `{}`", bench.repomd().display())]);
    assert_eq!(fs::read_to_string(bench.repodata().join("repomd.xml.asc")).unwrap(), "Release Key");
}

#[test]
fn a_command_that_fails_changes_nothing() {
    let bench = signed();
    let before = fs::read(bench.repomd()).unwrap();
    bench.generate(&["--sign-command", "false"]).expect(2).says(&["the signing command `false`", "hint: "]);
    assert_eq!(fs::read(bench.repomd()).unwrap(), before);
    assert!(bench.repodata().join("repomd.xml.asc").exists());
}

#[test]
fn strip_removes_and_tells_too() {
    let bench = signed();
    bench.generate(&[]).expect(0);
    fs::write(bench.repodata().join("repomd.xml.asc"), "another signature").unwrap();
    let strip = |option| run(program("strip").arg(option).arg(bench.repo()));
    strip("--refuse-signed").expect(1).says(&["repomd.xml.asc` is there"]);
    strip("--quiet").expect(0).says(&["warning: removed the signature"]);
}
