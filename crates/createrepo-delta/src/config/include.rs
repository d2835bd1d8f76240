//! `include`: which further files a configuration file names. They are not read here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

/// Files whose names begin with a dot are found only by patterns that do.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// Adds to `files` those that `pattern` names, sorted, without those that are there.
/// A pattern that does not begin with `/` is taken from `directory`. One without `*`, `?`
/// and `[` is the name of a file, which must exist; any other may name none.
///
/// # Errors
/// What was expected, and what was found.
pub(super) fn find(
    directory: &Path,
    pattern: &str,
    files: &mut BTreeSet<PathBuf>,
) -> Result<Vec<PathBuf>, String> {
    let path = std::path::absolute(directory.join(pattern)).unwrap_or_else(|_| directory.join(pattern));
    let mut found = Vec::new();
    if pattern.contains(['*', '?', '[']) {
        // What is above the pattern is a name, whatever characters it has.
        let above = Pattern::escape(&directory.to_string_lossy());
        let whole = if pattern.starts_with('/') { pattern.to_owned() } else { format!("{above}/{pattern}") };
        let matches = glob::glob_with(&whole, OPTIONS).map_err(|error| {
            format!("expected a pattern such as `conf.d/*.toml`, found `{pattern}`: {error}")
        })?;
        for path in matches {
            let path = path.map_err(|error| format!("cannot look for `{pattern}`: {error}"))?;
            if path.is_file() {
                found.push(path);
            }
        }
    } else if path.is_file() {
        found.push(path);
    } else {
        return Err(format!(
            "expected a file or a pattern such as `conf.d/*.toml`, found no file `{}`",
            path.display()
        ));
    }
    found.retain(|path| files.insert(path.canonicalize().unwrap_or_else(|_| path.clone())));
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_in_order_and_once() {
        let work = tempfile::tempdir().unwrap();
        let directory = work.path().join("a [dir]");
        std::fs::create_dir_all(directory.join("conf.d/c.toml")).unwrap();
        for name in ["b.toml", "a.toml", ".hidden.toml", "a.toml~"] {
            std::fs::File::create(directory.join("conf.d").join(name)).unwrap();
        }
        let mut files = BTreeSet::new();
        let mut names = |pattern: &str| {
            let found = find(&directory, pattern, &mut files)?;
            let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            Ok::<_, String>(found.iter().map(name).collect::<Vec<_>>())
        };
        assert_eq!(names("conf.d/b.toml").unwrap(), ["b.toml"]);
        assert_eq!(names("conf.d/*.toml").unwrap(), ["a.toml"]);
        assert_eq!(names("none.d/*.toml").unwrap(), [""; 0]);
        assert!(names("none.toml").unwrap_err().contains("found no file"));
        assert!(names("conf.d/[.toml").unwrap_err().contains("expected a pattern"));
    }
}
