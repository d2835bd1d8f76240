//! Where a history must not be: inside a repository. That tree is mirrored,
//! and composes start from an empty one.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use repomd::files::{REPODATA, REPOMD};

use crate::failure::Refusal;
use crate::hints;

/// Refuses a history directory inside the repository, whatever symlinks lead
/// there, whether or not it exists yet.
pub(crate) fn refuse_history_inside(repo: &Path, history: &Path) -> Result<(), Refusal> {
    Trees::new([repo]).refuse_history_inside(history)
}

/// Refuses a history directory inside whatever is a repository, or a repodata directory.
pub(crate) fn refuse_history_inside_any(history: &Path) -> Result<(), Refusal> {
    let Some(place) = resolve(history) else { return Ok(()) };
    let is_repository = |dir: &&Path| dir.join(REPODATA).join(REPOMD).is_file() || dir.join(REPOMD).is_file();
    place.ancestors().find(is_repository).map_or(Ok(()), |repo| refuse_history_inside(repo, history))
}

/// The trees of some repositories.
pub(crate) struct Trees<'a>(BTreeMap<PathBuf, &'a Path>);

impl<'a> Trees<'a> {
    /// Those of the repositories at these paths.
    pub(crate) fn new(repos: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut trees = BTreeMap::new();
        for repo in repos {
            for tree in [repo.to_owned(), repo.join(REPODATA)] {
                if let Ok(tree) = tree.canonicalize() {
                    trees.insert(tree, repo);
                }
            }
        }
        Self(trees)
    }

    /// Refuses a history directory inside any of them.
    pub(crate) fn refuse_history_inside(&self, history: &Path) -> Result<(), Refusal> {
        if hints::is_url(history) {
            let message = format!("the history `{}` is a URL: expected a directory", history.display());
            return Err(Refusal::usage(message).hint(hints::not_a_url()));
        }
        let Some(place) = resolve(history) else { return Ok(()) };
        let Some(repo) = place.ancestors().find_map(|above| self.0.get(above)) else { return Ok(()) };
        let (history, repo) = (history.display(), repo.display());
        let message = format!("the history `{history}` is inside the repository `{repo}`, which is mirrored");
        let hint = "name a directory that stays and is not published, \
                    such as `/var/lib/createrepo-delta/NAME`";
        Err(Refusal::usage(message).hint(hint))
    }
}

/// The path without symlinks; what does not exist yet is taken as it is written.
pub(crate) fn resolve(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    let mut place = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                place.pop();
            }
            other => place.push(other),
        }
        if let Ok(real) = place.canonicalize() {
            place = real;
        }
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_in_the_repository_is_refused() {
        let work = tempfile::tempdir().unwrap();
        let repo = work.path().join("repo");
        let elsewhere = work.path().join("elsewhere");
        std::fs::create_dir_all(repo.join("repodata")).unwrap();
        std::fs::create_dir(&elsewhere).unwrap();
        std::os::unix::fs::symlink(&repo, elsewhere.join("link")).unwrap();
        let inside = [
            repo.clone(),
            repo.join("history"),
            repo.join("a/b/../c"),
            repo.join("repodata/history"),
            elsewhere.join("link/history"),
            elsewhere.join("new/../../repo/history"),
        ];
        for history in inside {
            assert!(refuse_history_inside(&repo, &history).is_err(), "{}", history.display());
        }
        let outside =
            [work.path().join("history"), repo.join("../repository"), elsewhere.join("link/../history")];
        for history in outside {
            assert!(refuse_history_inside(&repo, &history).is_ok(), "{}", history.display());
        }
    }

    #[test]
    fn a_history_is_inside_of_whatever_has_metadata() {
        let work = tempfile::tempdir().unwrap();
        let (repo, kept) = (work.path().join("repo"), work.path().join("kept"));
        std::fs::create_dir_all(repo.join("repodata")).unwrap();
        std::fs::create_dir(&kept).unwrap();
        for dir in [repo.join("repodata"), kept.clone()] {
            durable::Dir::open(&dir).unwrap().write("repomd.xml", b"").unwrap();
        }
        for history in [
            repo.join("h"),
            repo.join("repodata/h"),
            repo.join("a/b"),
            kept.join("h"),
            kept.join("../repo/h"),
        ] {
            assert!(refuse_history_inside_any(&history).is_err(), "{}", history.display());
        }
        refuse_history_inside_any(&work.path().join("history")).unwrap();
    }

    #[test]
    fn a_history_in_a_linked_repodata_is_refused() {
        let work = tempfile::tempdir().unwrap();
        let (repo, real) = (work.path().join("repo"), work.path().join("real"));
        std::fs::create_dir(&repo).unwrap();
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, repo.join("repodata")).unwrap();
        assert!(refuse_history_inside(&repo, &real.join("history")).is_err());
    }
}
