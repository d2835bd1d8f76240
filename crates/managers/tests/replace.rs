//! A new state takes the place of an old one, in directories as dnf and zypper
//! keep them, with metadata of the demo repository.
#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use managers::cache::{Cache, CacheError, CachedState, MetadataTypes, select_types};

fn generation(number: u32) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../../testdata/demo-history/gen-{number:04}/repodata"))
}

/// Copies repomd.xml and the files of these types.
fn copy(from: &Path, to: &Path, types: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name == "repomd.xml" || types.iter().any(|kind| name.contains(&format!("-{kind}."))) {
            fs::copy(&path, to.join(name)).unwrap();
        }
    }
}

const DNF: [&str; 2] = ["primary", "filelists"];

fn cache() -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    copy(&generation(5), &temp.path().join("repodata"), &DNF);
    temp
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn types() -> Vec<String> {
    DNF.map(str::to_owned).to_vec()
}

#[test]
fn the_new_state_is_there_with_the_files_of_the_old_one() {
    let temp = cache();
    fs::create_dir(temp.path().join("pubring")).unwrap();
    let repodata = temp.path().join("repodata");
    fs::set_permissions(&repodata, PermissionsExt::from_mode(0o750)).unwrap();
    fs::set_permissions(repodata.join("repomd.xml"), PermissionsExt::from_mode(0o640)).unwrap();
    let before = names(&repodata);

    let cache = Cache::open(temp.path()).unwrap();
    let cached = cache.state().unwrap().unwrap();
    assert_eq!(cached.present.iter().collect::<Vec<_>>(), ["filelists", "primary"]);
    assert!(!cached.signed);
    let stage = cache.stage(cached).unwrap();
    copy(&generation(9), &stage.path(), &DNF);
    let new = fs::read(stage.path().join("repomd.xml")).unwrap();
    let model = repomd::Repomd::parse(&new).unwrap();
    let old = stage.old();
    assert_eq!(select_types(&MetadataTypes::dnf(), &old.model, &old.present, &model).unwrap(), types());
    stage.commit(&types()).unwrap();

    assert_eq!(names(temp.path()), ["pubring", "repodata"]);
    assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), new);
    let after = names(&repodata);
    assert_eq!(after.len(), 5);
    assert!(before.iter().all(|name| after.contains(name)));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&repodata), 0o750);
    for name in after.iter().filter(|name| !before.contains(name)) {
        assert_eq!(mode(&repodata.join(name)), 0o640, "{name}");
    }

    // One generation later they are gone.
    let cached = cache.state().unwrap().unwrap();
    let stage = cache.stage(cached).unwrap();
    copy(&generation(10), &stage.path(), &DNF);
    stage.commit(&types()).unwrap();
    let now = names(&repodata);
    assert_eq!(now.len(), 5);
    assert!(before.iter().filter(|name| *name != "repomd.xml").all(|name| !now.contains(name)));
}

#[test]
fn what_is_not_whole_does_not_get_in() {
    let temp = cache();
    let cache = Cache::open(temp.path()).unwrap();
    let before = names(&temp.path().join("repodata"));
    let attempt = |spoil: &dyn Fn(&Path)| {
        let stage = cache.stage(cache.state().unwrap().unwrap()).unwrap();
        copy(&generation(9), &stage.path(), &DNF);
        spoil(&stage.path());
        stage.commit(&types()).unwrap_err()
    };
    let primary = |dir: &Path| {
        let name = names(dir).into_iter().find(|name| name.contains("-primary.")).unwrap();
        dir.join(name)
    };
    for error in [
        attempt(&|dir| fs::remove_file(primary(dir)).unwrap()),
        attempt(&|dir| fs::write(primary(dir), "short").unwrap()),
        attempt(&|dir| fs::write(dir.join("more"), "more").unwrap()),
        attempt(&|dir| fs::remove_file(dir.join("repomd.xml")).unwrap()),
    ] {
        assert!(matches!(error, CacheError::Incomplete { .. }), "{error}");
    }
    assert!(matches!(
        attempt(&|dir| fs::write(dir.join("repomd.xml"), "x").unwrap()),
        CacheError::Repomd { .. }
    ));
    assert_eq!(names(&temp.path().join("repodata")), before);
    assert_eq!(names(temp.path()), ["repodata"]);
}

#[test]
fn a_cache_that_was_filled_meanwhile_stays() {
    let temp = cache();
    let cache = Cache::open(temp.path()).unwrap();
    let stage = cache.stage(cache.state().unwrap().unwrap()).unwrap();
    copy(&generation(9), &stage.path(), &DNF);
    let repodata = temp.path().join("repodata");
    fs::remove_dir_all(&repodata).unwrap();
    copy(&generation(10), &repodata, &DNF);
    let theirs = fs::read(repodata.join("repomd.xml")).unwrap();
    let error = stage.commit(&types()).unwrap_err();
    assert!(matches!(error, CacheError::Replaced { .. }) && error.is_temporary(), "{error}");
    assert_eq!(fs::read(repodata.join("repomd.xml")).unwrap(), theirs);
    assert_eq!(names(temp.path()), ["repodata"]);
}

#[test]
fn leftovers_are_removed_and_an_empty_cache_is_none() {
    let temp = tempfile::tempdir().unwrap();
    assert!(CachedState::read(&temp.path().join("absent")).unwrap().is_none());
    fs::create_dir_all(temp.path().join(".createrepo-delta.new.repodata/x")).unwrap();
    fs::write(temp.path().join(".createrepo-delta.new.metalink.xml"), "half").unwrap();
    let cache = Cache::open(temp.path()).unwrap();
    assert!(cache.state().unwrap().is_none());
    assert!(names(temp.path()).is_empty());

    // A crash between two renames.
    copy(&generation(5), &temp.path().join(".createrepo-delta.old.repodata"), &DNF);
    assert!(Cache::open(temp.path()).unwrap().state().unwrap().is_some());
}

#[test]
fn reserved_names_that_are_no_directories_are_removed() {
    for name in [".createrepo-delta.new.repodata", ".createrepo-delta.old.repodata"] {
        let temp = cache();
        let (reserved, other) = (temp.path().join(name), tempfile::tempdir().unwrap());
        fs::write(other.path().join("kept"), "kept").unwrap();
        std::os::unix::fs::symlink(other.path(), &reserved).unwrap();
        Cache::open(temp.path()).unwrap();
        assert_eq!(names(temp.path()), ["repodata"]);
        assert!(other.path().join("kept").exists(), "a link was followed");
        fs::write(&reserved, "a file").unwrap();
        Cache::open(temp.path()).unwrap();
        assert_eq!(names(temp.path()), ["repodata"]);
        std::os::unix::net::UnixListener::bind(&reserved).unwrap();
        let cache = Cache::open(temp.path()).unwrap();
        cache.stage(cache.state().unwrap().unwrap()).unwrap();
        assert_eq!(names(temp.path()), ["repodata"]);
    }
}

#[test]
fn documents_beside_keep_their_mode() {
    let temp = cache();
    let cache = Cache::open(temp.path()).unwrap();
    let path = temp.path().join("metalink.xml");
    fs::write(&path, "old").unwrap();
    fs::set_permissions(&path, PermissionsExt::from_mode(0o604)).unwrap();
    cache.put_document("metalink.xml", b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o604);
    cache.put_document("mirrorlist", b"list").unwrap();
    assert_eq!(fs::read(temp.path().join("mirrorlist")).unwrap(), b"list");
}

#[test]
fn what_was_verified_is_as_old_as_that() {
    let temp = cache();
    let time = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let attrs = temp.path().join("attrs");
    fs::create_dir(&attrs).unwrap();
    for name in ["expired", "other"] {
        fs::write(attrs.join(name), "").unwrap();
    }
    let repodata = temp.path().join("repodata");
    let modified = |kind: &str| {
        let name = names(&repodata).into_iter().find(|name| name.contains(kind)).unwrap();
        fs::metadata(repodata.join(name)).unwrap().modified().unwrap()
    };
    let cache = Cache::open(temp.path()).unwrap();
    let cached = cache.state().unwrap().unwrap();
    assert!(cache.mark_verified(&cached, time).unwrap());
    assert_eq!(modified("-primary."), time);
    assert_ne!(modified("-filelists."), time);
    assert_eq!(names(&attrs), ["other"]);

    // What somebody else put there was verified by somebody else.
    fs::rename(&repodata, temp.path().join("old")).unwrap();
    copy(&generation(9), &repodata, &DNF);
    fs::write(attrs.join("expired"), "").unwrap();
    assert!(!cache.mark_verified(&cached, time).unwrap());
    assert_ne!(modified("-primary."), time);
    assert_eq!(names(&attrs), ["expired", "other"]);
}
