//! What zypper noted of the signature when it filled a cache.
//!
//! It is a symbolic link beside `repodata/` that leads nowhere: its target is
//! the note. zypper goes by it later, when it installs packages, so whoever
//! replaces repomd.xml has to see to it that the note stays true.

use std::io::ErrorKind;
use std::path::Path;

use crate::SetupError;

const NOTE: &str = ".repo_gpgcheck";

/// What zypper found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// repomd.xml was signed by a key that is trusted.
    Good,
    /// It was signed, and the signature was not verified.
    Unverified,
    /// It was not signed.
    Unsigned,
    /// There is no note, or it is not understood.
    Unknown,
}

/// The note beside `repodata/` in the directory `cache`.
pub fn verdict(cache: &Path) -> Result<Verdict, SetupError> {
    let path = cache.join(NOTE);
    let target = match std::fs::read_link(&path) {
        Ok(target) => target,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput) => {
            return Ok(Verdict::Unknown);
        }
        Err(reason) => return Err(SetupError::Read { path, reason }),
    };
    let word = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    Ok(match word {
        "true" => Verdict::Good,
        "false" => Verdict::Unverified,
        "indeterminate" => Verdict::Unsigned,
        _ => Verdict::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_targets_of_links() {
        assert_eq!(verdict(tempfile::tempdir().unwrap().path()).unwrap(), Verdict::Unknown);
        for (target, expected) in [
            ("./true", Verdict::Good),
            ("false", Verdict::Unverified),
            ("./indeterminate", Verdict::Unsigned),
            ("maybe", Verdict::Unknown),
        ] {
            let temp = tempfile::tempdir().unwrap();
            std::os::unix::fs::symlink(target, temp.path().join(NOTE)).unwrap();
            assert_eq!(verdict(temp.path()).unwrap(), expected, "{target}");
        }
        let temp = tempfile::tempdir().unwrap();
        std::fs::File::create(temp.path().join(NOTE)).unwrap();
        assert_eq!(verdict(temp.path()).unwrap(), Verdict::Unknown);
    }
}
