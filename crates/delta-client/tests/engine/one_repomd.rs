//! repomd.xml alone: what a program does that has storage of its own.

use std::fs;
use std::time::{Duration, SystemTime};

use delta_client::error::{SignatureError, UpdateError};
use delta_client::obtain_repomd;
use delta_client::options::{OldRepomd, Options};
use delta_client::progress::Silent;
use delta_client::report::{ObtainedRepomd, RepomdFound};
use delta_client::transport::{DirectoryTransport, Transport};

use crate::repo::Repo;
use crate::scripted::Scripted;
use crate::trust::Key;

fn options() -> Options {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000);
    Options::default().with_retries(0).with_pause(Duration::ZERO).with_now(now)
}

fn obtain(repo: &Repo, old: Option<&OldRepomd>, options: &Options) -> Result<ObtainedRepomd, UpdateError> {
    let source = DirectoryTransport::open(&repo.root()).unwrap();
    obtain_repomd(&[&source], old, options, &Silent)
}

#[test]
fn it_is_the_document_and_what_is_beside_it() {
    let repo = Repo::at(1);
    let unsigned = obtain(&repo, None, &options()).unwrap();
    assert_eq!((&unsigned.bytes, &unsigned.model), (&repo.repomd(), &repo.model()));
    assert_eq!((unsigned.found, unsigned.number, unsigned.signature), (RepomdFound::New, 0, None));
    assert_eq!(unsigned.bytes_downloaded, unsigned.bytes.len() as u64);

    let key = Key::new();
    key.sign(&repo);
    fs::write(repo.root().join("repodata/repomd.xml.key"), "a key").unwrap();
    let keyring = key.export(&repo.path("keyring"), true);
    let signed = obtain(&repo, None, &options().with_keyring(keyring)).unwrap();
    let signature = fs::read(repo.root().join("repodata/repomd.xml.asc")).unwrap();
    assert_eq!((signed.signature, signed.key), (Some(signature), Some(b"a key".to_vec())));
    assert!(signed.signed_by.is_some() && signed.warnings.is_empty());
}

#[test]
fn what_is_not_signed_by_the_keyring_is_refused() {
    let repo = Repo::at(0);
    let (key, other) = (Key::new(), Key::new());
    let options = options().with_keyring(other.export(&repo.path("keyring"), true));
    let error = obtain(&repo, None, &options).unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::Missing { .. })), "{error}");
    key.sign(&repo);
    let error = obtain(&repo, None, &options).unwrap_err();
    assert!(matches!(error, UpdateError::Signature(SignatureError::Bad { .. })), "{error}");
}

#[test]
fn an_older_one_is_refused_unless_that_is_allowed() {
    let repo = Repo::at(1);
    let newer = obtain(&repo, None, &options()).unwrap();
    fs::copy(repo.path("repomd-0.xml"), repo.root().join("repodata/repomd.xml")).unwrap();
    // What was kept as bytes is as good as what was kept in memory.
    for old in [OldRepomd::from(&newer), OldRepomd::new(newer.bytes.clone()).unwrap()] {
        let error = obtain(&repo, Some(&old), &options()).unwrap_err();
        assert!(matches!(error, UpdateError::Rollback { .. }), "{error}");
        let allowed = obtain(&repo, Some(&old), &options().with_allow_rollback(true)).unwrap();
        assert_eq!(allowed.found, RepomdFound::New);
    }
}

#[test]
fn one_that_is_current_costs_a_question_or_itself() {
    let repo = Repo::at(0);
    let source = Scripted::new(repo.root());
    let obtain =
        |old: Option<&OldRepomd>, options| obtain_repomd(&[&source], old, &options, &Silent).unwrap();
    let first = obtain(None, options());
    let same = obtain(Some(&OldRepomd::new(first.bytes.clone()).unwrap()), options());
    assert_eq!((same.found, same.bytes_downloaded), (RepomdFound::Same, first.bytes.len() as u64));

    let kept = OldRepomd::new(first.bytes.clone())
        .unwrap()
        .with_companions(first.signature.clone(), first.key.clone())
        .with_validators(&first.identity, &first.validators, first.since);
    assert_eq!(kept.model(), &first.model);
    for old in [kept, OldRepomd::from(&first)] {
        let unmodified = obtain(Some(&old), options());
        assert_eq!((unmodified.found, unmodified.bytes_downloaded), (RepomdFound::NotModified, 0));
        assert_eq!(
            (unmodified.bytes, unmodified.validators),
            (first.bytes.clone(), first.validators.clone())
        );
        let anew = obtain(Some(&old), options().with_fresh(true));
        assert_eq!(anew.found, RepomdFound::Same);
    }
}

#[test]
fn the_next_source_is_asked_and_told() {
    let (empty, repo) = (Repo::new(), Repo::at(0));
    fs::create_dir_all(empty.root()).unwrap();
    let sources = [&empty, &repo].map(|repo| DirectoryTransport::open(&repo.root()).unwrap());
    let obtained = obtain_repomd(&[&sources[0], &sources[1]], None, &options(), &Silent).unwrap();
    assert_eq!((obtained.number, &obtained.source), (1, &sources[1].name()));
    assert!(obtained.warnings[0].contains("using another source"), "{:?}", obtained.warnings);
    let error = obtain_repomd(&[], None, &options(), &Silent).unwrap_err();
    assert!(matches!(error, UpdateError::NoSource), "{error}");
}
