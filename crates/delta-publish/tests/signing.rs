//! Signing commands, good and bad: what is published is what was made, and any failure
//! leaves repomd.xml and its signature as they were.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use common::Repo;
use delta_publish::error::{SignError, SignFailure};
use delta_publish::options::{SignCommand, Signing, StripOptions};
use delta_publish::report::SignatureFate;
use delta_publish::{Error, Options, strip};

/// A script that leaves an armored packet of the kind of signatures, with the digest of
/// the file in it.
const SIGN: &str = r#"
{ echo '-----BEGIN PGP SIGNATURE-----'; echo
  { printf '\211'; sha256sum < "$1"; } | base64
  echo '-----END PGP SIGNATURE-----'; } > "$1.asc"
"#;

/// Runs a script of sh.
fn command(script: &str) -> SignCommand {
    SignCommand::new(["sh", "-c", script, "sign"].map(String::from).to_vec())
}

fn signed_by(command: SignCommand) -> Options {
    let mut options = Options::default();
    options.signing = Signing::Command(command);
    options
}

/// Two generations, the second one not published yet; repomd.xml has an old signature.
fn prepared() -> Repo {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    fs::write(repo.repodata().join("repomd.xml.asc"), "old").unwrap();
    repo
}

/// What `SIGN` makes of a document.
fn signature_of(document: &[u8]) -> String {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("repomd.xml");
    fs::write(&path, document).unwrap();
    assert!(Command::new("sh").args(["-c", SIGN, "sign"]).arg(&path).status().unwrap().success());
    fs::read_to_string(temp.path().join("repomd.xml.asc")).unwrap()
}

fn failure(result: Result<impl std::fmt::Debug, Error>) -> SignFailure {
    match result.unwrap_err() {
        Error::Sign(SignError::Command { failure, .. }) => failure,
        other => panic!("{other}"),
    }
}

/// Repomd.xml, its signature, and their modes.
fn published(repo: &Repo) -> Vec<(Vec<u8>, u32)> {
    ["repomd.xml", "repomd.xml.asc"]
        .map(|name| repo.repodata().join(name))
        .map(|path| (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().mode()))
        .to_vec()
}

#[test]
fn the_command_signs_what_is_published() {
    let mut repo = Repo::new();
    let options = signed_by(command(SIGN));
    for n in 0..3 {
        repo.compose(n);
        assert_eq!(repo.generate(&options).unwrap().signature, SignatureFate::Signed);
        assert_eq!(repo.tree()["repomd.xml.asc"], signature_of(&repo.repomd()).as_bytes());
        assert_eq!(repo.generate(&options).unwrap().signature, SignatureFate::Kept);
    }
}

#[test]
fn the_copy_is_private_and_goes_away() {
    let repo = prepared();
    let seen = repo.temp.path().join("seen");
    let script =
        format!("{{ echo \"$1\"; stat -c %a \"$(dirname \"$1\")\"; }} > '{}'\n{SIGN}", seen.display());
    repo.generate(&signed_by(command(&script))).unwrap();
    let seen = fs::read_to_string(seen).unwrap();
    let (path, mode) = seen.trim().split_once('\n').unwrap();
    let path = PathBuf::from(path);
    assert_eq!((path.file_name().unwrap().to_str(), mode), (Some("repomd.xml"), "700"));
    assert!(path.starts_with(std::env::temp_dir()) && !path.starts_with(repo.root()), "{}", path.display());
    assert!(!path.parent().unwrap().exists());
}

/// What a script does after signing, how it failed, and what is said.
type Case = (&'static str, fn(&SignFailure) -> bool, &'static str);

#[test]
fn a_command_cannot_change_what_is_published() {
    let cases: [Case; 9] = [
        ("echo '<!-- -->' >> \"$1\"", |f| matches!(f, SignFailure::Changed), "changed the file"),
        ("rm \"$1\"", |f| matches!(f, SignFailure::Changed), "changed the file"),
        ("ln -sf /dev/zero \"$1\"", |f| matches!(f, SignFailure::Changed), "changed the file"),
        ("exit 3", |f| matches!(f, SignFailure::Status { .. }), "failed with exit status: 3"),
        ("echo no key >&2; exit 2", |f| matches!(f, SignFailure::Status { .. }), "exit status: 2: no key"),
        ("rm \"$1.asc\"", |f| matches!(f, SignFailure::NoSignature), "left no signature"),
        (": > \"$1.asc\"", |f| matches!(f, SignFailure::NoSignature), "left no signature"),
        ("echo sig > \"$1.asc\"", |f| matches!(f, SignFailure::NotArmored { .. }), "found `sig`"),
        ("cp \"$1\" \"$1.asc\"", |f| matches!(f, SignFailure::NotArmored { .. }), "found `<?xml"),
    ];
    let repo = prepared();
    let before = published(&repo);
    for (script, is_right, says) in cases {
        let options = signed_by(command(&format!("{SIGN}\n{script}")));
        let error = failure(repo.generate(&options));
        assert!(is_right(&error) && error.to_string().contains(says), "{script}: {error}");
        assert_eq!(published(&repo), before, "{script}");
        assert!(!repo.tree().keys().any(|name| name.contains(".new.")), "{script}");
    }
}

#[test]
fn the_mode_of_repomd_xml_stays_whatever_the_command_does() {
    let repo = prepared();
    fs::set_permissions(repo.repodata().join("repomd.xml"), PermissionsExt::from_mode(0o664)).unwrap();
    repo.generate(&signed_by(command(&format!("umask 077; {SIGN} chmod 600 \"$1\" \"$1.asc\"")))).unwrap();
    let modes: Vec<u32> = published(&repo).iter().map(|(_, mode)| mode & 0o7777).collect();
    assert_eq!(modes, [0o664, 0o664]);
}

fn stripping(command: SignCommand) -> StripOptions {
    let mut options = StripOptions::default();
    options.signing = Signing::Command(command);
    options
}

#[test]
fn strip_and_an_unchanged_repomd_xml_are_signed_with_the_same_care() {
    let repo = prepared();
    repo.generate(&signed_by(command(SIGN))).unwrap();
    let before = published(&repo);
    let changing = command(&format!("{SIGN} echo >> \"$1\""));
    let error = failure(strip(&repo.root(), Some(&repo.history()), &stripping(changing.clone())));
    assert!(matches!(error, SignFailure::Changed), "{error}");
    assert_eq!(published(&repo), before);

    fs::remove_file(repo.repodata().join("repomd.xml.asc")).unwrap();
    let error = failure(repo.generate(&signed_by(changing)));
    assert!(matches!(error, SignFailure::Changed), "{error}");
    assert_eq!((repo.repomd(), repo.tree().contains_key("repomd.xml.asc")), (before[0].0.clone(), false));
    repo.generate(&signed_by(command(SIGN))).unwrap();
    assert_eq!(published(&repo), before);

    let stripped = strip(&repo.root(), None, &stripping(command(SIGN))).unwrap();
    assert_eq!(stripped.signature, SignatureFate::Signed);
    assert_eq!(repo.tree()["repomd.xml.asc"], signature_of(&repo.repomd()).as_bytes());
}

#[test]
fn a_command_that_hangs_is_ended_and_what_it_leaves_behind_holds_nobody() {
    let repo = prepared();
    let before = published(&repo);
    let began = Instant::now();
    let hanging = command("sleep 60").with_time_limit(Duration::from_millis(200));
    let error = failure(repo.generate(&signed_by(hanging)));
    assert_eq!(error.to_string(), "took longer than 0.2 s and was ended");
    assert_eq!(published(&repo), before);

    repo.generate(&signed_by(command(&format!("sleep 30 & {SIGN}")))).unwrap();
    assert!(began.elapsed() < Duration::from_secs(25), "{:?}", began.elapsed());
}

#[test]
fn a_missing_program_is_told_as_that() {
    let repo = prepared();
    let missing = SignCommand::new(vec!["no-such-program".into(), "x".into()]);
    let error = repo.generate(&signed_by(missing)).unwrap_err();
    assert_eq!(error.to_string(), "the signing command `no-such-program x` was not run: program not found");
    let error = failure(repo.generate(&signed_by(SignCommand::new(Vec::new()))));
    assert!(matches!(error, SignFailure::Empty), "{error}");
}

/// Gpg with a new key in `home`, whose public part is `home`/keyring.
fn key(home: &Path) -> String {
    fs::create_dir(home).unwrap();
    fs::set_permissions(home, PermissionsExt::from_mode(0o700)).unwrap();
    let gpg = format!("gpg --homedir {} --batch --yes --quiet", home.display());
    let make = "--passphrase '' --quick-gen-key demo@example.org ed25519 sign never";
    let export = format!("--armor --output {}/keyring --export", home.display());
    for arguments in [make, &export] {
        let status = Command::new("sh").args(["-c", &format!("{gpg} {arguments}")]).status().unwrap();
        assert!(status.success(), "{arguments}");
    }
    format!("{gpg} --detach-sign --armor")
}

#[test]
fn with_a_keyring_the_signature_must_be_a_true_one() {
    let repo = prepared();
    let before = published(&repo);
    // Gpg's agent has a socket there, whose path must be short.
    let homes = tempfile::tempdir_in("/tmp").unwrap();
    let (one, other) = (homes.path().join("1"), homes.path().join("2"));
    let (sign, sign_by_other) = (key(&one), key(&other));
    let keyring = one.join("keyring");
    let cases = [
        (format!("{sign_by_other} \"$1\""), "not in the keyring"),
        (format!("echo other > \"$1.x\"; {sign} -o \"$1.asc\" \"$1.x\""), "another file"),
        (SIGN.to_owned(), "not good"),
    ];
    for (script, says) in cases {
        let error = failure(repo.generate(&signed_by(command(&script).with_keyring(keyring.clone()))));
        assert!(matches!(error, SignFailure::NotGood { .. }) && error.to_string().contains(says), "{error}");
        assert_eq!(published(&repo), before, "{script}");
    }
    let words = sign.split(' ').map(String::from).collect();
    let command = SignCommand::new(words).with_keyring(homes.path().join("none"));
    let error = repo.generate(&signed_by(command.clone())).unwrap_err();
    assert!(matches!(error, Error::Sign(SignError::Keyring { .. })), "{error}");
    let outcome = repo.generate(&signed_by(command.with_keyring(keyring))).unwrap();
    assert_eq!(outcome.signature, SignatureFate::Signed);
    for home in [one, other] {
        Command::new("gpgconf").arg("--homedir").arg(home).args(["--kill", "all"]).status().unwrap();
    }
}

#[test]
fn a_repository_that_is_swapped_meanwhile_is_left_alone() {
    let mut repo = Repo::new();
    repo.compose(0);
    repo.generate(&Options::default()).unwrap();
    repo.compose(1);
    // The signing command is the moment in which another createrepo_c comes by.
    let root = repo.root();
    let root = root.to_str().unwrap();
    let script = format!(
        "{SIGN}\ncp -r {root}/repodata {root}/other\nmv {root}/repodata {root}/gone\nmv {root}/other {root}/repodata\n"
    );
    let before = repo.repomd();
    let error = repo.generate(&signed_by(command(&script))).unwrap_err();
    assert!(error.is_temporary(), "{error}");
    assert_eq!(repo.repomd(), before);
}

/// As root, also the owner.
#[test]
fn all_that_is_written_has_the_mode_and_owner_of_repomd_xml() {
    let repo = prepared();
    let repomd = repo.repodata().join("repomd.xml");
    let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
    if is_root {
        std::os::unix::fs::chown(&repomd, Some(65534), Some(65534)).unwrap();
    }
    fs::set_permissions(&repomd, PermissionsExt::from_mode(0o646)).unwrap();
    let old: Vec<String> = repo.tree().into_keys().collect();
    let mut options = signed_by(command(SIGN));
    if let Some(journal) = &mut options.journal {
        journal.min_full = 0;
    }
    repo.generate(&options).unwrap();
    let mut new: Vec<String> = repo.tree().into_keys().filter(|name| !old.contains(name)).collect();
    for ending in [".bz2", ".journal"] {
        assert!(new.iter().any(|name| name.ends_with(ending)), "{new:?}");
    }
    new.extend(["repomd.xml".to_owned(), "repomd.xml.asc".to_owned()]);
    for name in new {
        let found = fs::metadata(repo.repodata().join(&name)).unwrap();
        assert_eq!(found.mode() & 0o7777, 0o646, "{name}");
        assert_eq!((found.uid() == 65534, found.gid() == 65534), (is_root, is_root), "{name}");
    }
}

#[test]
fn a_disk_that_fails_at_any_step_costs_no_signature() {
    let repo = prepared();
    let before = published(&repo);
    let mut step = 0;
    loop {
        let copy = repo.copy();
        let guard = durable::faults::FailOnce::new(copy.temp.path(), step);
        let result = copy.generate(&Options::default());
        let hit = guard.hit();
        drop(guard);
        if !hit {
            result.unwrap();
            return;
        }
        let is_old = copy.repomd() == before[0].0;
        assert_eq!(copy.tree().contains_key("repomd.xml.asc"), is_old, "step {step}");
        step += 1;
    }
}
