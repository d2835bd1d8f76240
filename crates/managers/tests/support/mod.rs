//! A system with a configuration, as a tree of files.

use std::fs;
use std::path::PathBuf;

use managers::{Repository, Setup};

pub(crate) struct System {
    pub(crate) root: tempfile::TempDir,
}

impl System {
    /// With these texts at these paths.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self { root }
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }
}

pub(crate) fn by_id<'a>(setup: &'a Setup, id: &str) -> &'a Repository {
    setup.repositories.iter().find(|repository| repository.id == id).unwrap()
}
