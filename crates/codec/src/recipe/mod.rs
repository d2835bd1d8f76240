//! Recipes: how a published file was compressed, so that its open content can
//! be compressed again to the same bytes.
//!
//! A [`Recipe`] is a number in a closed list. It names an encoder that is part
//! of this program, with every setting fixed; nothing that is read from the
//! network can ask for another encoder, or for more memory or time than those
//! of the list take. The list, what each recipe costs and which real files it
//! rebuilds are in the document `recipes.md` of createrepo-delta.
//!
//! [`find`] looks for the recipe of a file at hand; [`Recipe::rebuilder`]
//! applies one, [`agrees`] tells cheaply whether one still fits. None of them
//! proves anything about a later file: who rebuilds one
//! compares it with its checksum.
//!
//! zchunk files are not made of their content alone: [`Recipe::zchunk_rebuilder`] takes
//! the file that there was before, too.

mod agrees;
mod compare;
mod engine;
mod error;
mod facts;
mod find;
mod gzfile;
mod list;
mod rebuild;
mod speed;
pub mod zchunk;

pub use agrees::agrees;
pub use error::RebuildError;
pub use facts::Facts;
pub use find::{HEAD, candidates, find, find_on, find_with};
pub use list::Recipe;
pub use rebuild::Rebuilder;
