//! The keys that dnf 4 or dnf5 accepted for the repomd.xml of a repository.

use std::path::{Path, PathBuf};

use durable::Dir;

use crate::cache::CacheError;

/// Beside `repodata/`.
const HOME: &str = "pubring";
/// A key with thousands of signatures has a megabyte.
const MAX_KEY: u64 = 4 << 20;

/// As `gpg` calls its keyrings, the newer form first.
const NAMES: [&str; 2] = ["pubring.kbx", "pubring.gpg"];

/// The keyring beside `repodata/` in the directory `cache`: the keys of the
/// repository that somebody has accepted. `None` before dnf was asked.
#[must_use]
pub fn keyring(cache: &Path) -> Option<PathBuf> {
    let home = cache.join(HOME);
    NAMES.map(|name| home.join(name)).into_iter().find(|keyring| keyring.is_file())
}

/// The keys in the files that librepo keeps in the place of a keyring, where it verifies by rpm:
/// binary, one key to a file, one after the other. Empty if there are none.
pub fn key_files(cache: &Path) -> Result<Vec<u8>, CacheError> {
    let dir = match Dir::open(&cache.join(HOME)) {
        Ok(dir) => dir,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let is_key = |name: &str| {
        let id = name.strip_suffix(".pub");
        id.is_some_and(|id| id.len() == 16 && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let mut keys = Vec::new();
    for entry in dir.entries()?.iter().filter(|entry| is_key(&entry.name)) {
        keys.extend(dir.read(&entry.name, MAX_KEY)?.unwrap_or_default());
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_files_of_their_own() {
        let temp = tempfile::tempdir().unwrap();
        assert!(key_files(temp.path()).unwrap().is_empty());
        let home = Dir::create(&temp.path().join("pubring")).unwrap();
        let names = ["0123456789abcdeF.pub", "0123456789abcdex.pub", "1.pub", "0000000000000000.pub"];
        for (at, name) in names.iter().enumerate() {
            home.write(name, at.to_string().as_bytes()).unwrap();
        }
        assert_eq!(key_files(temp.path()).unwrap(), b"30");
    }

    #[test]
    fn the_newer_form_counts_more() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(keyring(temp.path()), None);
        let home = Dir::create(&temp.path().join("pubring")).unwrap();
        home.write("pubring.gpg", b"old").unwrap();
        assert_eq!(keyring(temp.path()), Some(temp.path().join("pubring/pubring.gpg")));
        home.write("pubring.kbx", b"new").unwrap();
        assert_eq!(keyring(temp.path()), Some(temp.path().join("pubring/pubring.kbx")));
    }
}
