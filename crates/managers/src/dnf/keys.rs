//! The keys that dnf accepted for the repomd.xml of a repository.

use std::path::{Path, PathBuf};

/// As `gpg` calls its keyrings, the newer form first.
const NAMES: [&str; 2] = ["pubring.kbx", "pubring.gpg"];

/// The keyring beside `repodata/` in the directory `cache`: the keys of the
/// repository that somebody has accepted. `None` before dnf was asked.
#[must_use]
pub fn dnf_keyring(cache: &Path) -> Option<PathBuf> {
    let home = cache.join("pubring");
    NAMES.map(|name| home.join(name)).into_iter().find(|keyring| keyring.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newer_form_counts_more() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(dnf_keyring(temp.path()), None);
        let home = durable::Dir::create(&temp.path().join("pubring")).unwrap();
        home.write("pubring.gpg", b"old").unwrap();
        assert_eq!(dnf_keyring(temp.path()), Some(temp.path().join("pubring/pubring.gpg")));
        home.write("pubring.kbx", b"new").unwrap();
        assert_eq!(dnf_keyring(temp.path()), Some(temp.path().join("pubring/pubring.kbx")));
    }
}
