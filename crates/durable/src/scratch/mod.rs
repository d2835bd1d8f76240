//! Files that are never published: one that is written, read again and removed, and
//! files without a name.
//!
//! None is waited for until it is on disk: after a crash it is a leftover.

mod room;
mod spool;
mod unnamed;

use std::fs::File;
use std::path::PathBuf;

use crate::pending::Temp;
use crate::{Error, Pending};

pub use room::Room;
pub use spool::{Spool, Spooled};

/// A temporary file that is complete; removed on drop.
#[derive(Debug)]
pub struct Scratch {
    temp: Temp,
}

impl Pending {
    /// Completes the file for reading only, instead of publishing it.
    pub fn into_scratch(self) -> Result<Scratch, Error> {
        Ok(Scratch { temp: self.into_temp()? })
    }
}

impl Scratch {
    /// Where it is, for messages.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.temp.path.clone()
    }

    /// Opens it for reading, from the start.
    ///
    /// A file that somebody put in its place is refused with
    /// [`Error::Replaced`].
    pub fn open(&self) -> Result<File, Error> {
        self.temp.open()
    }
}
