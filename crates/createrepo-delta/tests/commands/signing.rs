//! Signed repositories: no signature may outlive the repomd.xml that it is of.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use crate::support::{Bench, Key, Ran, obedient_program, program, run};

/// Two generations, the second of them signed and without deltas yet.
fn signed() -> Bench {
    let bench = Bench::published(1);
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
    ran.says(&["warning: removed the signature", "repomd.xml.asc`, because repomd.xml changed\n", &hint]);
    assert!(!asc.exists());
}

#[test]
fn a_signed_repository_can_be_refused() {
    let bench = signed();
    let before = fs::read(bench.repomd()).unwrap();
    bench.generate(&["--refuse-signed"]).expect(3).says(&[
        "the repository is signed (`",
        "repomd.xml.asc`), and repomd.xml would have to change",
        "hint: leave out",
    ]);
    assert_eq!(fs::read(bench.repomd()).unwrap(), before);
    assert!(bench.files(".delta").is_empty());
}

#[test]
fn a_command_signs() {
    let bench = signed();
    let script = bench.path("my signer");
    let armored = "{ echo '-----BEGIN PGP SIGNATURE-----'; echo; printf '\\211%s' \"$1\" | base64; \
                   echo '-----END PGP SIGNATURE-----'; }";
    fs::write(&script, format!("#!/bin/sh\n{armored} > \"$2.asc\"\n")).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let command = format!("'{}' \"Release Key\"", script.display());
    let ran = bench.generate(&["--sign-command", &command]).expect(0);
    ran.says(&[&format!("signed `{}`", bench.repomd().display())]);
    let signature = fs::read_to_string(bench.repodata().join("repomd.xml.asc")).unwrap();
    assert!(signature.contains("\niVJlbGVhc2UgS2V5\n"), "{signature}");
}

#[test]
fn each_failure_of_a_command_has_a_hint_about_it() {
    let bench = signed();
    let before = bench.snapshot();
    let cases = [
        ("no-such-program x", "program not found", "hint: name a program that is installed"),
        ("false", "failed with exit status: 1", "hint: run the command by hand"),
        ("true", "left no signature", "hint: the command gets the path of a copy"),
        ("sh -c 'echo x > \"$0.asc\"'", "left no armored signature", "hint: the command gets the path"),
        ("sh -c 'echo >> \"$0\"'", "changed the file", "hint: the command must leave the file as it is"),
    ];
    for (command, says, hint) in cases {
        let ran = bench.generate(&["--sign-command", command]).expect(2);
        ran.says(&[says, hint]);
        let after = bench.snapshot();
        let repodata = |files: &[(PathBuf, String)]| -> Vec<_> {
            files.iter().filter(|(path, _)| path.starts_with(bench.repo())).cloned().collect()
        };
        assert_eq!(repodata(&after), repodata(&before), "{command}");
    }
}

#[test]
fn the_copy_to_be_signed_is_in_tmpdir() {
    let bench = signed();
    let temporary = bench.path("temporary");
    fs::create_dir(&temporary).unwrap();
    let mut generate = program("generate");
    generate.arg("--history").arg(bench.history()).env("TMPDIR", &temporary);
    let ran = run(generate.args(["--sign-command", "sh -c 'echo \"$0\" >&2; false'"]).arg(bench.repo()));
    let place = format!("{}/createrepo-delta-sign.", temporary.display());
    ran.expect(2).says(&[&place, "/repomd.xml"]);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);

    let missing = bench.path("missing");
    let mut generate = program("generate");
    generate.arg("--history").arg(bench.history()).env("TMPDIR", &missing);
    let ran = run(generate.args(["--sign-command", "true"]).arg(bench.repo())).expect(2);
    ran.says(&[&missing.display().to_string(), "hint: name a directory that you may write to: `TMPDIR=DIR`"]);
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
fn damage_of_the_history_is_told_though_the_command_fails() {
    let bench = signed();
    fs::remove_file(bench.history().join("primary/index")).unwrap();
    let ran = bench.generate(&["--quiet", "--sign-command", "false"]).expect(2);
    ran.says(&["the signing command `false` failed", "besides, ", "primary/index"]);
}

#[test]
fn strip_removes_and_tells_too() {
    let bench = signed();
    bench.generate(&[]).expect(0);
    fs::write(bench.repodata().join("repomd.xml.asc"), "another signature").unwrap();
    let strip = |option| run(program("strip").arg(option).arg(bench.repo()));
    strip("--refuse-signed")
        .expect(3)
        .says(&["the repository is signed (`", "repomd.xml.asc`), and repomd.xml would have to change"]);
    strip("--quiet").expect(0).says(&["warning: removed the signature"]);
}

/// `verify`, with more options.
fn verify(bench: &Bench, options: &[&str]) -> Ran {
    run(program("verify").args(options).arg(bench.repo()))
}

#[test]
fn verify_and_inspect_tell_a_signature_of_another_repomd_xml() {
    let (key, bench) = (Key::new(), Bench::published(2));
    let asc = bench.repodata().join("repomd.xml.asc");
    let inspect = || run(program("inspect").arg(bench.repo())).expect(0).stdout;
    verify(&bench, &[]).expect(0).says(&["` is whole\n"]);
    key.sign(&bench.repomd());
    verify(&bench, &[])
        .expect(0)
        .says(&["` is whole; it has a signature, which was not verified: `--keyring` does that\n"]);
    assert!(inspect().contains("signed    repomd.xml.asc, which was not verified;"), "{}", inspect());

    let text = fs::read_to_string(bench.repomd()).unwrap();
    fs::write(bench.repomd(), text + "\n").unwrap();
    let again = format!("hint: sign again: `gpg --detach-sign --armor {}`", bench.repomd().display());
    let stale = [
        "repomd.xml.asc` does not seem to be of this repomd.xml",
        "note: `--keyring` has the signature verified",
        "has 1 problem",
        &again,
    ];
    only_hint(&verify(&bench, &[]).expect(1).says(&stale));
    assert!(
        inspect().contains("signed    repomd.xml.asc does not seem to be of this repomd.xml;"),
        "{}",
        inspect()
    );
    let ran = bench.generate(&["--no-journal", "--windows", "2"]).expect(0);
    ran.says(&[
        "warning: the signature `",
        "` does not seem to be of this repomd.xml\n",
        "hint: sign again: `gpg",
        "Nothing changed",
    ]);

    fs::write(&asc, "a signature").unwrap();
    let none = ["repomd.xml.asc` is no signature: expected `-----BEGIN PGP", &again];
    only_hint(&verify(&bench, &[]).expect(1).says(&none));

    // What is made again is signed again.
    key.sign(&bench.repomd());
    fs::remove_file(&bench.files("-other.xml.gz")[0]).unwrap();
    let ran = verify(&bench, &[]).expect(1).says(&["hint: `createrepo_c ", &again]);
    assert!(!ran.stderr.contains("createrepo-delta generate"), "{}", ran.stderr);
}

/// Fails unless there is one hint.
#[track_caller]
fn only_hint(ran: &Ran) {
    assert_eq!(ran.stderr.matches("hint: ").count(), 1, "{}", ran.stderr);
}

#[test]
fn verify_has_signatures_verified_by_keys() {
    let (key, other, bench) = (Key::new(), Key::new(), Bench::published(2));
    let (keyring, others) = (key.keyring(), other.keyring());
    let by = |keyring: &PathBuf| ["--keyring".to_owned(), keyring.display().to_string()];
    let verify = |keyring| {
        let options = by(keyring);
        verify(&bench, &options.each_ref().map(String::as_str))
    };
    let unsigned = ["the repository is not signed: expected `", "hint: sign again: `gpg"];
    only_hint(&verify(&keyring).expect(1).says(&unsigned));
    key.sign(&bench.repomd());
    verify(&keyring).expect(0).says(&["` is whole, signed by "]);
    let other_key =
        ["repomd.xml.asc` is not good by `", "hint: sign with a key that is in the keyring, or name"];
    only_hint(&verify(&others).expect(1).says(&other_key));
    verify(&bench.path("none")).expect(2).says(&["cannot use keyring `", "hint: `gpg --export"]);
}

#[test]
fn verify_takes_signatures_as_gpgv_does() {
    let (key, bench) = (Key::new(), Bench::published(2));
    let keyring = key.keyring().display().to_string();
    let asc = bench.repodata().join("repomd.xml.asc");
    key.sign(&bench.repomd());
    let armored = fs::read(&asc).unwrap();
    let begin = armored.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let with = |header: &[u8]| [&armored[..begin], header, b"\n", &armored[begin..]].concat();
    let forms = [
        with(b"Comment:"),
        with(b"Comment: gr\xfcn"),
        [b"signed by us\n", &armored[..]].concat(),
        [&armored[..], b"more\n"].concat(),
        String::from_utf8(armored.clone()).unwrap().replace('\n', "\n  ").into_bytes(),
    ];
    for form in forms {
        fs::write(&asc, &form).unwrap();
        verify(&bench, &["--keyring", &keyring]).expect(0).says(&["` is whole, signed by "]);
        verify(&bench, &[]).expect(0).says(&["it has a signature, which was not verified"]);
    }
    fs::write(&asc, [0xff; 1000]).unwrap();
    verify(&bench, &[]).expect(0).says(&["it has a signature, which was not verified"]);
    verify(&bench, &["--keyring", &keyring]).expect(1).says(&["repomd.xml.asc` is not good by `"]);
}

#[test]
fn a_signature_is_good_where_gpgv_says_so_whatever_digest_it_tells() {
    let (key, bench) = (Key::new(), Bench::published(2));
    let asc = bench.repodata().join("repomd.xml.asc");
    let keyring = key.keyring().display().to_string();
    let mut binary = key.gpg(&["--detach-sign", "--output", "-", bench.repomd().to_str().unwrap()]);
    // Two bytes of header, six of the body and the data that is signed; then other data, each with its length before.
    let length = |at: usize| usize::from(u16::from_be_bytes([binary[at], binary[at + 1]]));
    let hashed_end = 8 + length(6);
    let digest = hashed_end + 2 + length(hashed_end);
    binary[digest] ^= 1;
    fs::write(&asc, &binary).unwrap();
    verify(&bench, &[]).expect(1).says(&["does not seem to be of this repomd.xml"]);
    verify(&bench, &["--keyring", &keyring]).expect(0).says(&["` is whole, signed by "]);
}

#[test]
fn a_signature_that_cannot_be_read_is_told() {
    let bench = Bench::published(2);
    let asc = bench.repodata().join("repomd.xml.asc");
    fs::write(&asc, vec![b'x'; (1 << 20) + 1]).unwrap();
    verify(&bench, &[])
        .expect(1)
        .says(&["repomd.xml.asc` has 1048577 bytes, more than the limit of 1048576"]);
    fs::set_permissions(&asc, fs::Permissions::from_mode(0o000)).unwrap();
    let denied = run(obedient_program().arg("verify").arg(bench.repo()));
    denied.expect(2).says(&["repomd.xml.asc`: Permission denied"]);
}

#[test]
fn a_signature_that_was_removed_is_missed_until_there_is_one() {
    let (key, bench) = (Key::new(), Bench::published(1));
    bench.create(2);
    key.sign(&bench.repomd());
    let sign = format!(". Sign `{}` now.\n", bench.repomd().display());
    bench.generate(&[]).expect(0).says(&["; the signature comes last, after createrepo_c", &sign]);
    let missed =
        ["repomd.xml` is not signed: an earlier run removed its signature\n", "hint: sign again: `gpg"];
    bench.generate(&["--quiet"]).expect(0).says(&missed);
    bench.generate(&[]).expect(0).says(&missed).says(&["\nNothing changed: 3 types have deltas\n"]);
    assert_eq!(bench.generate(&["--sign-later", "--quiet"]).expect(0).stderr, "");
    bench.create(3);
    bench.generate(&[]).expect(0).says(&missed).says(&[&sign]);
    key.sign(&bench.repomd());
    assert_eq!(bench.generate(&["--quiet"]).expect(0).stderr, "");
    fs::remove_file(bench.repodata().join("repomd.xml.asc")).unwrap();
    // That was somebody else, who may have done with signatures.
    assert_eq!(bench.generate(&["--quiet"]).expect(0).stderr, "");
}
