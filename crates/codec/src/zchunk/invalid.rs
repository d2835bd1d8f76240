//! What is wrong with a zchunk file, as its reader says it.

use std::io;

pub(super) fn invalid(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
