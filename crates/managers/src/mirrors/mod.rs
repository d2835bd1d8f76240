//! Lists of mirrors: plain ones, one URL to a line, and metalink documents,
//! which also say what repomd.xml is.
//!
//! Text in, plain data out. Who fetches them, and from where, is not known here.

mod list;
mod metalink;

pub use list::parse_list;
pub use metalink::{Metalink, MetalinkError, RepomdVersion};
