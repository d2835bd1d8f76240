//! The first line of a file, which says what it is and in which version of its
//! format. What a newer version wrote is told from damage by that line alone,
//! before anything else of the file is looked at.

use std::io;
use std::os::unix::fs::FileExt as _;

use durable::Dir;

use crate::Error;

/// Bytes that are read to find the line; longer than any of ours.
const LINE: usize = 80;

/// Refuses the file `name` if its first line is `expected`, but for a higher number
/// at its end. A file that is absent or anything else is not judged here.
///
/// # Errors
/// [`Error::Newer`], or when the file cannot be read.
pub(crate) fn check_file(dir: &Dir, name: &str, expected: &[u8]) -> Result<(), Error> {
    let Some(file) = dir.open_file(name).map_err(Error::File)? else { return Ok(()) };
    let mut start = [0; LINE];
    let mut len = 0;
    while len < LINE {
        match file.read_at(&mut start[len..], len as u64) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(reason) => {
                return Err(Error::File(durable::Error::from_read(reason, &dir.path().join(name))));
            }
        }
    }
    check(dir, name, expected, &start[..len])
}

/// As [`check_file`], of the bytes at its start.
///
/// # Errors
/// [`Error::Newer`].
pub(crate) fn check(dir: &Dir, name: &str, expected: &[u8], start: &[u8]) -> Result<(), Error> {
    match newer(expected, start) {
        None => Ok(()),
        Some(found) => Err(Error::Newer {
            path: dir.path().join(name),
            expected: expected.trim_ascii_end().escape_ascii().to_string(),
            found,
        }),
    }
}

/// The first line of `start`, escaped, if it says that a newer version wrote it.
fn newer(expected: &[u8], start: &[u8]) -> Option<String> {
    let expected = expected.trim_ascii_end();
    let number = expected.iter().rposition(|b| *b == b' ')? + 1;
    let (prefix, ours) = expected.split_at(number);
    let line = start.split(|b| *b == b'\n').next()?;
    let theirs = line.strip_prefix(prefix)?;
    let digits = theirs.iter().take_while(|b| b.is_ascii_digit()).count();
    let theirs = &theirs[..digits];
    // Without leading zeros the longer number is the larger one.
    let is_newer = theirs.first().is_some_and(|b| *b != b'0') && (theirs.len(), theirs) > (ours.len(), ours);
    is_newer.then(|| line[..line.len().min(60)].escape_ascii().to_string())
}

#[cfg(test)]
mod tests {
    use super::newer;

    #[test]
    fn only_a_higher_number_is_newer() {
        let found = |start: &str| newer(b"createrepo-delta history index 9\n", start.as_bytes());
        for start in
            ["createrepo-delta history index 10", "createrepo-delta history index 99999999999999999999"]
        {
            assert_eq!(found(start), Some(start.to_owned()));
            assert_eq!(found(&format!("{start}\nrest")), Some(start.to_owned()));
        }
        assert!(found("createrepo-delta history index 12 of some kind\n").is_some());
        for start in [
            "",
            "createrepo-delta history index ",
            "createrepo-delta history index 9\n",
            "createrepo-delta history index 8\n",
            "createrepo-delta history index 010\n",
            "createrepo-delta history index -10\n",
            "createrepo-delta history index x\n",
            "createrepo-delta history step 10\n",
            "10\n",
        ] {
            assert_eq!(found(start), None, "{start}");
        }
    }
}
