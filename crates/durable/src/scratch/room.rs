//! A scratch file that leaves room for what is wanted: it takes so many bytes and no
//! more.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use crate::{Dir, Error};

/// The share of the free space that scratch files may take, as a divisor.
const SHARE: u64 = 4;

/// A file without a name, to write to and read from; see [`Dir::room`].
#[derive(Debug)]
pub struct Room {
    pub(crate) file: File,
    /// Bytes that it still takes.
    left: u64,
}

impl Dir {
    /// An empty file in this directory that takes `most` bytes; for `hint` see
    /// [`Dir::unnamed`].
    ///
    /// # Errors
    /// When no file can be made.
    pub fn room(&self, hint: &str, most: u64) -> Result<Room, Error> {
        Ok(Room { file: self.unnamed(hint)?, left: most })
    }

    /// Bytes that a scratch file here may take: a quarter of what is free.
    ///
    /// # Errors
    /// When the file system does not tell what is free.
    pub fn spare_bytes(&self) -> Result<u64, Error> {
        Ok(self.free_bytes()? / SHARE)
    }
}

impl Write for Room {
    /// Fails with [`io::ErrorKind::StorageFull`] beyond the room that there is.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() as u64 > self.left {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = self.file.write(bytes)?;
        self.left = self.left.saturating_sub(taken as u64);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Room {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Seek for Room {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_no_more_than_its_share() {
        let place = tempfile::tempdir().unwrap();
        let dir = Dir::open(place.path()).unwrap();
        assert!(dir.spare_bytes().unwrap() <= dir.free_bytes().unwrap() / 2);
        let mut room = dir.room("a", 10).unwrap();
        room.write_all(b"12345678").unwrap();
        assert_eq!(room.write_all(b"90a").unwrap_err().kind(), io::ErrorKind::StorageFull);
        room.write_all(b"90").unwrap();
        room.rewind().unwrap();
        let mut found = String::new();
        room.read_to_string(&mut found).unwrap();
        assert_eq!(found, "1234567890");
    }
}
