//! XML, as far as repomd.xml and small documents beside it need it, and strictly: what is
//! not a well-formed UTF-8 document is refused, with the offset of the place.
//!
//! Tokens come from `quick-xml`, which is lenient on purpose; the checks it
//! leaves to its users are here. What is XML all the same and not read here, such
//! as a document type, is refused at the end of a document that is right
//! otherwise. There are no entities beyond the five predefined ones. What elements
//! mean is not known here, except for the name and the namespace of the root of repomd.xml.

mod attributes;
mod characters;
mod cursor;
mod declaration;
mod doctype;
mod encoding;
mod escape;
mod faults;
mod unsupported;

pub(crate) use characters::{is_space, trim};
pub(crate) use cursor::Instruction;
pub use cursor::{Cursor, Tag};
pub(crate) use encoding::read_converted;
pub(crate) use escape::escape;
pub(crate) use unsupported::Unsupported;
