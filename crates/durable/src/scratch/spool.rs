//! A file without a name that is written once, then read once: where bytes wait that
//! are too many for the memory.
//!
//! It is never waited for until it is on disk, and gives its space back while it is
//! read.

use std::fs::File;
use std::io::{self, Read, Seek as _, Write};

use rustix::fs::{FallocateFlags, fallocate};

use crate::scratch::Room;
use crate::{Dir, Error};

/// Bytes that are given back at a time.
const ROUND: u64 = 16 << 20;

/// Takes bytes; see [`Dir::spool`].
#[derive(Debug)]
pub struct Spool(Room);

/// Gives the bytes of a [`Spool`] from its start.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    /// How far it has been read, and how much of that has been given back.
    read: u64,
    given_back: u64,
}

impl Dir {
    /// A place in this directory for at most `most` bytes, or for a quarter of the
    /// free space if that is less; for `hint` see [`Dir::unnamed`].
    ///
    /// # Errors
    /// When no file can be made, or the file system does not tell what is free.
    pub fn spool(&self, hint: &str, most: u64) -> Result<Spool, Error> {
        Ok(Spool(self.room(hint, most.min(self.spare_bytes()?))?))
    }
}

impl Spool {
    /// Ends writing.
    ///
    /// # Errors
    /// When the file cannot be read from its start.
    pub fn into_reader(mut self) -> io::Result<Spooled> {
        self.0.rewind()?;
        Ok(Spooled { file: self.0.file, read: 0, given_back: 0 })
    }
}

impl Write for Spool {
    /// Fails as a [`Room`] does.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Read for Spooled {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.read += read as u64;
        let done = self.read - self.given_back;
        if done >= ROUND {
            // Where a file system cannot, all is given back at the end.
            let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            let _ = fallocate(&self.file, flags, self.given_back, done);
            self.given_back = self.read;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    fn spool(most: u64) -> Spool {
        let place = tempfile::tempdir().unwrap();
        Dir::open(place.path()).unwrap().spool("a", most).unwrap()
    }

    #[test]
    fn what_goes_in_comes_out_and_leaves_no_blocks() {
        let bytes: Vec<u8> = (0..=250_u8).cycle().take(40 << 20).collect();
        let mut spool = spool(1 << 30);
        spool.write_all(&bytes).unwrap();
        let mut reader = spool.into_reader().unwrap();
        let mut found = Vec::new();
        reader.read_to_end(&mut found).unwrap();
        assert!(found == bytes);
        let kept = reader.file.metadata().unwrap().blocks() * 512;
        assert!(kept < 2 * ROUND, "{kept} bytes");
    }

    #[test]
    fn it_takes_no_more_than_its_room() {
        let mut spool = spool(10);
        spool.write_all(b"12345678").unwrap();
        assert_eq!(spool.write_all(b"90a").unwrap_err().kind(), io::ErrorKind::StorageFull);
        spool.write_all(b"90").unwrap();
        let mut found = String::new();
        spool.into_reader().unwrap().read_to_string(&mut found).unwrap();
        assert_eq!(found, "1234567890");
    }
}
