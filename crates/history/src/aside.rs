//! Setting files aside: what an index that is lost or cannot be read may have
//! named gets another name instead of being removed (`history.md`, "Files
//! that were set aside"). Nothing here decides which files these are.

use durable::{Dir, Entry};

use crate::{Error, pack};

/// How the names begin; the number of the occasion and the name before follow.
const PREFIX: &str = "aside-";

/// A file that was set aside earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its name in the directory of its track.
    pub name: String,
    /// Its size in bytes.
    pub len: u64,
}

/// Whether this is the name of a file that was set aside.
pub(crate) fn is_aside(name: &str) -> bool {
    original(name).is_some()
}

/// The name that the file had before.
pub(crate) fn original(name: &str) -> Option<&str> {
    let (number, original) = name.strip_prefix(PREFIX)?.split_once('-')?;
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    (is_number && !original.is_empty()).then_some(original)
}

/// The number of the pack that this file is or was.
pub(crate) fn pack_number(name: &str) -> Option<u64> {
    pack::number(original(name).unwrap_or(name))
}

/// Where the files of one occasion go.
#[derive(Clone, Debug)]
pub(crate) struct Aside {
    number: u64,
    files: usize,
}

impl Aside {
    /// The place for these files and for others of the track: the first number under
    /// which nothing has one of their names. An interrupted occasion is continued, as
    /// far as what it left tells.
    pub(crate) fn choose(entries: &[Entry], names: &[&str]) -> Self {
        let taken = |number: u64| {
            let aside = Self { number, files: 0 };
            names.iter().any(|name| entries.iter().any(|e| e.name == aside.name(name)))
        };
        let mut number = 1;
        while taken(number) {
            number += 1;
        }
        Self { number, files: 0 }
    }

    fn name(&self, name: &str) -> String {
        format!("{PREFIX}{}-{name}", self.number)
    }

    /// All names, for messages.
    pub(crate) fn pattern(&self) -> String {
        self.name("*")
    }

    /// Whether nothing was set aside.
    pub(crate) fn is_empty(&self) -> bool {
        self.files == 0
    }

    /// Gives a file its new name.
    pub(crate) fn move_file(&mut self, dir: &Dir, name: &str) -> Result<(), Error> {
        self.files += usize::from(dir.move_from(dir, name, &self.name(name)).map_err(Error::File)?);
        Ok(())
    }

    /// Gives a file that is about to be replaced a second name.
    pub(crate) fn keep_file(&mut self, dir: &Dir, name: &str) -> Result<(), Error> {
        self.files += usize::from(dir.link_from(dir, name, &self.name(name)).map_err(Error::File)?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_the_file_was() {
        assert_eq!(original("aside-1-index"), Some("index"));
        assert_eq!(original("aside-20-pack-00000003"), Some("pack-00000003"));
        for other in ["aside", "aside-", "aside-1", "aside-1-", "aside--index", "aside-x-index", "index"] {
            assert_eq!(original(other), None, "{other}");
        }
        assert_eq!(pack_number("aside-1-pack-00000003"), Some(3));
        assert_eq!(pack_number("pack-00000004"), Some(4));
        assert_eq!(pack_number("aside-1-index"), None);
        assert_eq!(pack::number("aside-1-pack-00000003"), None);
    }
}
