//! Owner, group, permission bits and SELinux label: taken from what is to be
//! replaced, and given to what replaces it.
//!
//! Nothing else of a file is copied: not its times, and none of the extended
//! attributes that describe its content (librepo keeps checksums there).

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Gid, Mode, Stat, Uid, XattrFlags};
use rustix::io::Errno;

use crate::step::step;
use crate::{Dir, Error, Operation};

/// The attribute in which SELinux keeps labels.
const LABEL: &str = "security.selinux";

/// A label is some fifty bytes; the kernel allows 64 KiB.
const MAX_LABEL: usize = 64 << 10;

/// The bits that `chmod` sets.
const MODE_BITS: u32 = 0o7777;

/// The bits among them that are about reading, writing and executing.
const PERMISSIONS: u32 = 0o777;

/// Who owns a file or directory, and who may do what with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attributes {
    user: u32,
    group: u32,
    mode: u32,
    label: Option<Vec<u8>>,
}

impl Attributes {
    /// The permission bits, set-id and sticky bits included.
    #[must_use]
    pub fn mode(&self) -> u32 {
        self.mode
    }

    fn of(file: &File, path: &Path) -> Result<Self, Error> {
        let stat = inspect(file, path)?;
        Ok(Self {
            user: stat.st_uid,
            group: stat.st_gid,
            mode: stat.st_mode & MODE_BITS,
            label: label(file, LABEL).map_err(|reason| Error::new(Operation::Inspect, path, reason))?,
        })
    }

    /// Gives owner, group and label as far as this process may, and the permission
    /// bits without set-id and sticky bits, in any case.
    pub(crate) fn give_as_allowed(&self, file: &File, path: &Path) -> Result<(), Error> {
        self.change(file, path, self.mode & PERMISSIONS, false)
    }

    /// Changes only what differs, so that whoever may not change owners can
    /// still replace files of their own. The owner comes first: changing it
    /// clears set-id bits. With `strict`, what this process may not do is an error.
    fn change(&self, file: &File, path: &Path, mode: u32, strict: bool) -> Result<(), Error> {
        let now = Self::of(file, path)?;
        if (now.user, now.group) != (self.user, self.group) {
            let group = Some(Gid::from_raw(self.group));
            // Whoever may not give a file away may still choose among their groups.
            let given = set_owner(file, path, Some(Uid::from_raw(self.user)), group, strict)?;
            if !given && now.group != self.group {
                set_owner(file, path, None, group, strict)?;
            }
        }
        if inspect(file, path)?.st_mode & MODE_BITS != mode {
            step(Operation::SetMode, path)?;
            rustix::fs::fchmod(file, Mode::from_raw_mode(mode))
                .map_err(|reason| Error::new(Operation::SetMode, path, reason))?;
        }
        match &self.label {
            Some(label) if now.label.as_ref() != Some(label) => {
                step(Operation::SetLabel, path)?;
                let set = rustix::fs::fsetxattr(file, LABEL, label, XattrFlags::empty());
                if_allowed(set, Operation::SetLabel, path, strict).map(|_| ())
            }
            _ => Ok(()),
        }
    }
}

impl Dir {
    /// The attributes of this directory.
    pub fn attributes(&self) -> Result<Attributes, Error> {
        Attributes::of(self.handle(), self.path())
    }

    /// The attributes of a regular file in it; `None` when absent.
    pub fn attributes_of(&self, name: &str) -> Result<Option<Attributes>, Error> {
        let Some(file) = self.open_file(name)? else {
            return Ok(None);
        };
        Attributes::of(&file, &self.path().join(name)).map(Some)
    }

    /// Gives this directory the attributes of another one.
    ///
    /// Only what differs is changed. A label is given where there is one to
    /// give; the label of a directory is never taken away.
    pub fn set_attributes(&self, attributes: &Attributes) -> Result<(), Error> {
        attributes.change(self.handle(), self.path(), attributes.mode, true)
    }

    /// Gives a regular file in it the attributes of another one, as
    /// [`Dir::set_attributes`] does; `false` when there is no such file.
    ///
    /// A file with several names has them under each of them.
    pub fn set_attributes_of(&self, name: &str, attributes: &Attributes) -> Result<bool, Error> {
        let Some(file) = self.open_file(name)? else { return Ok(false) };
        attributes.change(&file, &self.path().join(name), attributes.mode, true)?;
        Ok(true)
    }
}

/// Sets owner and group; `false` where this process may not.
fn set_owner(
    file: &File,
    path: &Path,
    user: Option<Uid>,
    group: Option<Gid>,
    strict: bool,
) -> Result<bool, Error> {
    step(Operation::SetOwner, path)?;
    if_allowed(rustix::fs::fchown(file, user, group), Operation::SetOwner, path, strict)
}

/// `false` where it was refused for want of privileges (those of root do not reach
/// into every file system or out of every container), or cannot be done there; an error
/// all the same where it is `strict`.
fn if_allowed(
    result: Result<(), Errno>,
    operation: Operation,
    path: &Path,
    strict: bool,
) -> Result<bool, Error> {
    match result {
        Ok(()) => Ok(true),
        Err(Errno::PERM | Errno::ACCESS | Errno::INVAL | Errno::NOTSUP | Errno::NOSYS) if !strict => {
            Ok(false)
        }
        Err(reason) => Err(Error::new(operation, path, reason)),
    }
}

fn inspect(file: &File, path: &Path) -> Result<Stat, Error> {
    rustix::fs::fstat(file).map_err(|reason| Error::new(Operation::Inspect, path, reason))
}

/// The extended attribute `name`; `None` where there is none, or the file
/// system knows none.
fn label(file: &File, name: &str) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = vec![0; 256];
    loop {
        match rustix::fs::fgetxattr(file, name, bytes.as_mut_slice()) {
            Ok(length) => {
                bytes.truncate(length);
                return Ok(Some(bytes));
            }
            Err(Errno::NODATA | Errno::NOTSUP | Errno::NOSYS) => return Ok(None),
            Err(Errno::RANGE) if bytes.len() < MAX_LABEL => bytes.resize(MAX_LABEL, 0),
            Err(reason) => return Err(reason.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt};

    fn two() -> (tempfile::TempDir, Dir) {
        let temp = tempfile::tempdir().unwrap();
        let dir = Dir::open(temp.path()).unwrap();
        dir.write("old", b"old").unwrap();
        dir.write("new", b"new").unwrap();
        (temp, dir)
    }

    #[test]
    fn modes_go_from_the_old_file_to_the_new() {
        let (temp, dir) = two();
        let old = temp.path().join("old");
        std::fs::set_permissions(&old, PermissionsExt::from_mode(0o640)).unwrap();
        let attributes = dir.attributes_of("old").unwrap().unwrap();
        assert_eq!((attributes.mode(), attributes.user), (0o640, old.metadata().unwrap().uid()));
        assert!(dir.set_attributes_of("new", &attributes).unwrap());
        assert_eq!(dir.attributes_of("new").unwrap().unwrap(), attributes);
        assert!(!dir.set_attributes_of("absent", &attributes).unwrap());
        assert_eq!(dir.attributes_of("absent").unwrap(), None);
    }

    #[test]
    fn directories_have_attributes_too() {
        let (_temp, dir) = two();
        let (a, b) = (dir.create_child("a").unwrap(), dir.create_child("b").unwrap());
        std::fs::set_permissions(a.path(), PermissionsExt::from_mode(0o2750)).unwrap();
        b.set_attributes(&a.attributes().unwrap()).unwrap();
        assert_eq!(b.attributes().unwrap(), a.attributes().unwrap());
        assert_eq!(b.attributes().unwrap().mode(), 0o2750);
    }

    #[test]
    fn what_is_no_regular_file_is_refused() {
        let (temp, dir) = two();
        std::os::unix::fs::symlink("old", temp.path().join("link")).unwrap();
        let attributes = dir.attributes_of("old").unwrap().unwrap();
        assert!(matches!(dir.attributes_of("link"), Err(Error::WrongKind { .. })));
        assert!(matches!(dir.set_attributes_of("link", &attributes), Err(Error::WrongKind { .. })));
    }

    #[test]
    fn long_labels_are_read_whole() {
        let (temp, _dir) = two();
        let file = File::open(temp.path().join("old")).unwrap();
        let value = vec![b'x'; 1000];
        rustix::fs::fsetxattr(&file, "user.label", &value, XattrFlags::empty()).unwrap();
        assert_eq!(label(&file, "user.label").unwrap(), Some(value));
        assert_eq!(label(&file, "user.other").unwrap(), None);
    }
}
