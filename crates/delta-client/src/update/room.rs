//! A scratch file that leaves room for what is wanted: it takes a share of the free
//! space, and no more.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use durable::Dir;

/// The share of the free space, as a divisor.
const SHARE: u64 = 4;

/// A file without a name.
pub(super) struct Room {
    file: File,
    /// Bytes that it still takes.
    left: u64,
}

impl Room {
    /// In `dir`; for `hint` see [`Dir::unnamed`]. Where the file system does not tell
    /// what is free, only the disk itself is a limit.
    pub(super) fn new(dir: &Dir, hint: &str) -> Result<Self, durable::Error> {
        let left = dir.free_bytes().map_or(u64::MAX, |free| free / SHARE);
        Ok(Self { file: dir.unnamed(hint)?, left })
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
        let mut room = Room::new(&dir, "a").unwrap();
        assert!(room.left <= dir.free_bytes().unwrap() / 2, "{}", room.left);
        room.left = 10;
        room.write_all(b"12345678").unwrap();
        assert_eq!(room.write_all(b"90a").unwrap_err().kind(), io::ErrorKind::StorageFull);
        room.write_all(b"90").unwrap();
        room.rewind().unwrap();
        let mut found = String::new();
        room.read_to_string(&mut found).unwrap();
        assert_eq!(found, "1234567890");
    }
}
