//! Reading small files and listing directories of the configuration. Symbolic
//! links are followed: they are the administrator's.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use crate::SetupError;

/// The largest configuration file.
const MAX_SIZE: u64 = 4 << 20;

/// The text of a file; `None` when there is none.
pub(crate) fn text(path: &Path) -> Result<Option<String>, SetupError> {
    let fail = |reason| SetupError::Read { path: path.to_owned(), reason };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(fail(error)),
    };
    if !file.metadata().map_err(fail)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.len() as u64 > MAX_SIZE {
        return Err(SetupError::TooLarge { path: path.to_owned(), limit: MAX_SIZE });
    }
    let text = String::from_utf8(bytes).map_err(|error| SetupError::Parse {
        path: path.to_owned(),
        why: format!("expected UTF-8, found something else at byte {}", error.utf8_error().valid_up_to()),
    })?;
    Ok(Some(text))
}

/// The files with this extension in directories, by their names: of files of one name
/// that of the first directory. Hidden ones are among them.
pub(crate) fn merged(directories: &[PathBuf], extension: &str) -> Result<Vec<PathBuf>, SetupError> {
    let mut found = BTreeMap::new();
    for dir in directories {
        for name in all_names(dir)? {
            let path = dir.join(&name);
            // It may be a link to one.
            if path.extension().is_some_and(|of| of == extension) && path.is_file() {
                found.entry(name).or_insert(path);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// The names in a directory that do not begin with a point, sorted; none when
/// there is no such directory. Names that are not UTF-8 are left out.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>, SetupError> {
    Ok(all_names(dir)?.into_iter().filter(|name| !name.starts_with('.')).collect())
}

/// The names in a directory, sorted, as [`names`] but with hidden ones.
fn all_names(dir: &Path) -> Result<Vec<String>, SetupError> {
    let fail = |reason| SetupError::Read { path: dir.to_owned(), reason };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(fail(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        if let Ok(name) = entry.map_err(fail)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// `path` in the system at `root`.
pub(crate) fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.strip_prefix("/").unwrap_or(path))
}
