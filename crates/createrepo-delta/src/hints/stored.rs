//! What to do about the files that this program keeps for itself, in a history, beside a copy or for `refresh`, and
//! that it cannot use: those of a newer version, all formats here, those that are something else than a file or a
//! directory, and those that this user may not read. What is damaged in a history is `history verify`'s business.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use history::History;
use repomd::files::REPODATA;

use super::{nearest_directory, parent, word};

/// The file that says what a history is, and the one that all have besides.
const FORMAT: &str = "format";
const LEDGER: &str = "ledger.json";

/// For a history of which something is of a newer version.
pub(super) fn newer_history(dir: &Path) -> Option<String> {
    let (dir, aside) = moved(dir, ".newer")?;
    Some(format!(
        "use the version of createrepo-delta that wrote it, or begin a new history: `mv {dir} {aside}`, then \
         `createrepo-delta history import {dir} REPODATA` takes in old repodata directories"
    ))
}

/// For a copy whose notes another version wrote: they go with what they are about.
pub(super) fn other_copy(notes: &Path) -> String {
    let copy = parent(notes);
    let there = [copy.join(REPODATA), notes.to_owned()].into_iter().filter(|path| is_there(path));
    let there: Vec<String> = there.map(|path| word(&path)).collect();
    format!(
        "use the version of createrepo-delta that wrote it, or begin anew: `rm -r {}`, then the next \
         `createrepo-delta update` downloads all of it",
        there.join(" ")
    )
}

/// For the notes of `refresh`, which are left as they are.
pub(crate) fn other_notes(notes: &Path) -> String {
    format!(
        "use the version of createrepo-delta that wrote it, or let this one begin anew: `rm -r {}`",
        word(notes)
    )
}

/// For the history that has this file, which cannot be used for what the system says of it.
pub(super) fn unusable_in_history(error: &durable::Error) -> Option<String> {
    let durable::Error::WrongKind { path, .. } = error else { return None };
    let Some(dir) = history_of(path) else {
        return Some("name another directory for the history".to_owned());
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (_, aside) = moved(dir, &format!(".{name}"))?;
    let path_word = word(path);
    Some(if name == FORMAT {
        format!("`mv {path_word} {aside}` moves it away, and {}", mended_format(dir))
    } else {
        format!(
            "`mv {path_word} {aside}` moves it away, and `createrepo-delta history verify --repair {}` forgets \
             what is then missing",
            word(dir)
        )
    })
}

/// For a directory that should be a history, and does not say so.
pub(super) fn foreign(dir: &Path) -> String {
    let another = "name another directory for the history: it has one of its own, one per repository";
    if has_ledger(dir) {
        return format!("if this is a history, {}; else {another}", mended_format(dir));
    }
    another.to_owned()
}

/// For a copy with a file in it that cannot be used for what the system says of it.
pub(super) fn unusable_in_copy(error: &durable::Error, copy: &Path) -> Option<String> {
    let durable::Error::WrongKind { .. } = error else { return None };
    let (copy, aside) = moved(copy, ".old")?;
    Some(format!(
        "`mv {copy} {aside}` moves the copy away, and the next `createrepo-delta update` downloads all of it"
    ))
}

/// What this user may not do.
pub(super) fn denied(error: &durable::Error) -> Option<String> {
    let (durable::Error::Io { path, reason, .. } | durable::Error::Rename { to: path, reason, .. }) = error
    else {
        return None;
    };
    if reason.kind() != ErrorKind::PermissionDenied {
        return None;
    }
    if !is_there(path) {
        let dir = word(nearest_directory(path));
        return Some(format!("run this as a user who may: `ls -ld {dir}` shows who that is"));
    }
    let path = word(path);
    Some(format!(
        "`ls -ld {path}` shows whose it is: run this as that user, who may need to run `chmod -R u+rwX {path}` first"
    ))
}

fn mended_format(dir: &Path) -> String {
    let file = word(&dir.join(FORMAT));
    format!("`echo '{}' > {file}` says so again", History::FORMAT)
}

/// The directory of the history that has this file.
pub(super) fn history_of(file: &Path) -> Option<&Path> {
    let mut above = file.ancestors().skip(1).filter(|dir| !dir.as_os_str().is_empty());
    above.find(|dir| is_there(&dir.join(FORMAT)) || has_ledger(dir))
}

/// Whether a directory has the file that only histories have.
pub(super) fn has_ledger(dir: &Path) -> bool {
    is_there(&dir.join(LEDGER))
}

/// A directory, and a name beside it that is not taken, as words of a shell; nothing for a root. A slash or a dot
/// at the end is left out: `mv` refuses them.
fn moved(dir: &Path, ending: &str) -> Option<(String, String)> {
    let dir: PathBuf = dir.components().collect();
    let dir = if dir.file_name().is_some() { dir } else { fs::canonicalize(dir).ok()? };
    let name = dir.file_name()?;
    let beside = |nth: u32| {
        let mut name = name.to_owned();
        name.push(ending);
        if nth > 1 {
            name.push(format!("-{nth}"));
        }
        dir.with_file_name(name)
    };
    let free = (1..=u32::MAX).map(beside).find(|path| !is_there(path))?;
    Some((word(&dir), word(&free)))
}

/// Also of a symbolic link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_moved_onto_what_is_there() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("a b");
        for aside in ["a b.newer", "a b.newer-2", "a b.newer-3"] {
            let (from, to) = moved(&dir, ".newer").unwrap();
            assert_eq!(from, word(&dir));
            assert_eq!(to, word(&temp.path().join(aside)));
            fs::create_dir(temp.path().join(aside)).unwrap();
        }
    }

    #[test]
    fn what_is_moved_is_the_directory_itself() {
        let cases =
            [("dd/h/.", "dd/h", "dd/h.old"), ("lnk/", "lnk", "lnk.old"), ("./a//b", "./a/b", "./a/b.old")];
        for (dir, from, to) in cases {
            assert_eq!(moved(Path::new(dir), ".old"), Some((from.to_owned(), to.to_owned())), "{dir}");
        }
        assert_eq!(moved(Path::new("/"), ".old"), None);
        assert_eq!(moved(Path::new(""), ".old"), None);
        let here = moved(Path::new("."), ".old").unwrap().0;
        assert!(Path::new(&here).is_absolute(), "{here}");
    }

    #[test]
    fn histories_are_found_by_what_is_in_them() {
        let temp = tempfile::tempdir().unwrap();
        let index = temp.path().join("primary/index");
        assert_eq!(history_of(&index), None);
        fs::create_dir(temp.path().join(LEDGER)).unwrap();
        assert_eq!(history_of(&index), Some(temp.path()));
    }
}
