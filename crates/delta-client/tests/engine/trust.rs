//! Signatures and rollbacks: what is not trusted is not read, and changes
//! nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use codec::{Algorithm, Digest};
use delta_client::check;
use delta_client::error::{SignatureError, UpdateError};
use delta_client::options::Options;
use delta_client::progress::Silent;
use delta_client::report::RepomdFound;

use crate::repo::{EPOCH, Repo, options};
use crate::scripted::{Act, Scripted};

/// A key of its own, in a home of its own.
pub(crate) struct Key {
    home: tempfile::TempDir,
}

impl Key {
    pub(crate) fn new() -> Self {
        let key = Self { home: tempfile::Builder::new().prefix("gpg").tempdir().unwrap() };
        fs::set_permissions(key.home.path(), std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        key.gpg(&["--quick-gen-key", "Repository <repository@example.org>", "ed25519", "sign", "never"]);
        key
    }

    fn gpg(&self, arguments: &[&str]) -> Vec<u8> {
        let output = Command::new("gpg")
            .args(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""])
            .arg("--homedir")
            .arg(self.home.path())
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    pub(crate) fn export(&self, to: &Path, armor: bool) -> PathBuf {
        let options: &[&str] = if armor { &["--armor", "--export"] } else { &["--export"] };
        fs::write(to, self.gpg(options)).unwrap();
        to.to_owned()
    }

    pub(crate) fn sign(&self, repo: &Repo) {
        let repomd = repo.root().join("repodata/repomd.xml");
        self.gpg(&["--yes", "--armor", "--detach-sign", repomd.to_str().unwrap()]);
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        let _ =
            Command::new("gpgconf").arg("--homedir").arg(self.home.path()).args(["--kill", "all"]).output();
    }
}

fn with_keyring(path: PathBuf) -> Options {
    options().with_keyring(path)
}

#[test]
fn a_good_signature_is_kept_and_named() {
    let repo = Repo::at(0);
    let key = Key::new();
    key.sign(&repo);
    for armor in [true, false] {
        let _ = fs::remove_dir_all(repo.cache());
        let keyring = key.export(&repo.path("keyring"), armor);
        let updated = repo.update_with(&with_keyring(keyring.clone())).unwrap();
        assert_eq!(updated.signed_by.unwrap().len(), 40);
        let kept = fs::read(repo.cache().join("repodata/upstream/repomd.xml.asc")).unwrap();
        assert_eq!(kept, fs::read(repo.root().join("repodata/repomd.xml.asc")).unwrap());
        let checking = Options::default().with_keyring(keyring);
        let checked = check(&repo.cache(), &checking, &Silent).unwrap();
        assert!(checked.problems.is_empty() && checked.signed_by.is_some(), "{checked:?}");
    }
}

#[test]
fn an_unsigned_or_badly_signed_repomd_is_not_even_read() {
    let repo = Repo::at(0);
    let (key, other) = (Key::new(), Key::new());
    let options = with_keyring(key.export(&repo.path("keyring"), true));
    repo.update().unwrap();
    let before = repo.snapshot();
    repo.publish(1);
    let refused = |why: &str| {
        let source = Scripted::new(repo.root()).on("repomd.xml", 0, Act::Endless);
        let error = repo.update_from(&[&source], &options).unwrap_err();
        assert!(matches!(error, UpdateError::Signature(_)), "{error}");
        assert!(error.to_string().contains(why), "{error}");
        // Once more, because a publish may be in flight, and nothing else.
        let asc = source.count("repomd.xml.asc");
        assert_eq!((asc, source.count("")), (2, 4));
        assert_eq!(repo.snapshot(), before);
    };
    refused("is not signed: ");
    other.sign(&repo);
    refused("is not in the keyring");
    key.sign(&repo);
    let repomd = repo.root().join("repodata/repomd.xml");
    let mut bytes = fs::read(&repomd).unwrap();
    // It is not parsed: that would be another error.
    bytes.truncate(50);
    fs::write(&repomd, bytes).unwrap();
    refused("was made for another file");
    fs::write(repo.root().join("repodata/repomd.xml.asc"), "no signature").unwrap();
    refused("not good");
}

#[test]
fn a_signature_that_is_replaced_in_flight_is_fetched_again() {
    let repo = Repo::at(0);
    let key = Key::new();
    key.sign(&repo);
    let old = fs::read(repo.root().join("repodata/repomd.xml.asc")).unwrap();
    repo.publish(1);
    key.sign(&repo);
    let options = with_keyring(key.export(&repo.path("keyring"), false));
    let source = Scripted::new(repo.root()).on("repomd.xml.asc", 1, Act::Bytes(old.clone()));
    repo.update_from(&[&source], &options).unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 1);
    // The signature of an older repomd.xml, for good.
    repo.publish(2);
    let before = repo.snapshot();
    let source = Scripted::new(repo.root()).on("repomd.xml.asc", 9, Act::Bytes(old));
    let error = repo.update_from(&[&source], &options).unwrap_err();
    assert!(error.to_string().contains("another file"), "{error}");
    assert_eq!(repo.snapshot(), before);
}

#[test]
fn what_is_held_is_trusted_only_with_its_signature() {
    let repo = Repo::at(0);
    let key = Key::new();
    let options = with_keyring(key.export(&repo.path("keyring"), true));
    let source = Scripted::new(repo.root());
    repo.update_from(&[&source], &crate::repo::options()).unwrap();
    // Not modified, but never verified: it is fetched, and found unsigned.
    let error = repo.update_from(&[&source], &options).unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::Missing { .. })), "{error}");
    key.sign(&repo);
    let updated = repo.update_from(&[&source], &options).unwrap();
    assert_eq!((updated.changed, updated.repomd), (true, RepomdFound::Same));
    let updated = repo.update_from(&[&source], &options).unwrap();
    assert_eq!((updated.changed, updated.repomd), (false, RepomdFound::NotModified));
    assert!(updated.signed_by.is_some());
    // Without a keyring the signature is kept as long as it is true.
    repo.update_from(&[&source], &crate::repo::options()).unwrap();
    assert!(repo.cache().join("repodata/upstream/repomd.xml.asc").exists());
    repo.publish(1);
    repo.update_from(&[&source], &crate::repo::options()).unwrap();
    assert!(!repo.cache().join("repodata/upstream/repomd.xml.asc").exists());
}

#[test]
fn an_unusable_keyring_is_told_before_anything_is_fetched() {
    let repo = Repo::at(0);
    fs::write(repo.path("keyring"), "no keys").unwrap();
    let source = Scripted::new(repo.root());
    for name in ["keyring", "absent"] {
        let error = repo.update_from(&[&source], &with_keyring(repo.path(name))).unwrap_err();
        assert!(matches!(error, UpdateError::Signature(SignatureError::Keyring { .. })), "{error}");
    }
    assert_eq!(source.asked().len(), 0);
    assert!(!repo.cache().exists());
}

#[test]
fn a_repomd_of_the_past_is_refused_unless_allowed() {
    let repo = Repo::at(2);
    repo.update().unwrap();
    let before = repo.snapshot();
    repo.compose(1, EPOCH + 3600, 1);
    let error = repo.update().unwrap_err();
    assert!(matches!(error, UpdateError::Rollback { .. }), "{error}");
    assert!(error.to_string().contains("expected at least revision 2 and timestamp"), "{error}");
    assert_eq!(repo.snapshot(), before);
    let allowed = options().with_allow_rollback(true);
    repo.update_with(&allowed).unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 1);
}

#[test]
fn with_trusted_signatures_the_timestamp_decides_where_revisions_do_not_tell() {
    let repo = Repo::at(2);
    let key = Key::new();
    key.sign(&repo);
    let options = with_keyring(key.export(&repo.path("keyring"), true));
    repo.update_with(&options).unwrap();
    // The same revision, and older.
    repo.compose(2, EPOCH + 3600, 1);
    key.sign(&repo);
    let error = repo.update_with(&options).unwrap_err();
    assert!(matches!(error, UpdateError::Rollback { .. }), "{error}");
    let allowed = options.clone().with_allow_rollback(true);
    repo.update_with(&allowed).unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 1);

    // What is held was never verified, so its timestamps may be invented.
    let repo = Repo::at(2);
    repo.update().unwrap();
    repo.compose(2, EPOCH + 3600, 1);
    key.sign(&repo);
    repo.update_with(&options).unwrap();
    assert_eq!(repo.assert_cache_is_whole(), 1);
}

#[test]
fn of_a_metalink_s_digests_the_strongest_decide_and_sha_1_is_not_believed() {
    use Algorithm::{Sha1, Sha256, Sha512};

    let repo = Repo::at(0);
    let repomd = repo.repomd();
    let right = |algorithm: Algorithm| algorithm.digest(&repomd);
    let wrong = |algorithm: Algorithm| algorithm.digest(b"another");
    let attempt = |digests: Vec<Digest>| {
        let options = options().with_repomd_digests(digests).with_dry_run(true);
        repo.update_with(&options).map(drop).map_err(|error| error.to_string())
    };
    attempt(vec![wrong(Sha256), right(Sha256)]).unwrap();
    attempt(vec![wrong(Sha1), right(Sha256)]).unwrap();
    for digests in [
        vec![wrong(Sha512), right(Sha256)],
        vec![right(Sha1), wrong(Sha256), right(Sha1)],
        vec![wrong(Sha256)],
    ] {
        assert!(attempt(digests).unwrap_err().contains("is not the one that was asked for: expected sha"));
    }
    let why = attempt(vec![right(Sha1)]).unwrap_err();
    assert!(why.ends_with("expected a digest by SHA-256 or more, found SHA-1 only"), "{why}");
}

#[test]
fn what_is_older_than_asked_for_is_not_taken_and_a_mirror_is_asked() {
    let repo = Repo::at(1);
    let past = Repo::at(0);
    let options = options().with_not_before(EPOCH + 3600);
    let (stale, source) = (Scripted::new(past.root()).named("stale"), Scripted::new(repo.root()));
    let error = repo.update_from(&[&stale], &options).unwrap_err();
    assert!(matches!(error, UpdateError::Outdated { .. }), "{error}");
    let updated = repo.update_from(&[&stale, &source], &options).unwrap();
    assert!(updated.warnings[0].contains("`stale` gave a repomd.xml that is out of date"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_whole(), 1);
}

#[test]
fn a_mirror_of_the_past_does_not_stand_in() {
    let repo = Repo::at(1);
    let past = Repo::at(0);
    repo.update().unwrap();
    let source = Scripted::new(repo.root());
    let stale = Scripted::new(past.root()).named("stale");
    let updated = repo.update_from(&[&stale, &source], &options()).unwrap();
    assert!(updated.warnings[0].contains("`stale` gave an older repomd.xml"), "{updated:?}");
    assert_eq!(repo.assert_cache_is_whole(), 1);
}
