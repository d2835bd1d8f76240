//! Cutting files into chunks, naming them by their bytes, and numbering them. Where a
//! file is cut is [`Rule`](crate::Rule)'s business.

mod chunker;
mod id;
mod table;

pub use crate::error::{ChunkError, TableError};
pub use chunker::Chunker;
pub use id::ChunkId;
pub use table::{ChunkTable, Symbol};
