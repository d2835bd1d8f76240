//! What can go wrong while a file is rebuilt.

use std::io;

use super::Recipe;
use crate::Error;

/// Why a file could not be rebuilt.
///
/// It has no path: the caller knows what it writes, and says so.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RebuildError {
    /// The encoder could not be started or failed; there is too little memory.
    #[error("cannot compress as {recipe}: {reason}")]
    #[non_exhaustive]
    Encoder {
        /// The recipe.
        recipe: Recipe,
        /// What the encoder says.
        reason: String,
    },
    /// What the recipe writes depends on the open size, which was not given.
    #[error("compressing as {recipe} needs the open size, which is not known")]
    #[non_exhaustive]
    OpenSizeUnknown {
        /// The recipe.
        recipe: Recipe,
    },
    /// What the recipe writes depends on one of the
    /// [facts](super::Facts), which was not given, or cannot be written.
    #[error("compressing as {recipe} needs its {fact}, which is not known")]
    #[non_exhaustive]
    FactUnknown {
        /// The recipe.
        recipe: Recipe,
        /// `revision` or `name`.
        fact: &'static str,
    },
    /// The file that there was before cannot be read any more.
    #[error("cannot copy chunks for {recipe}: {reason}")]
    #[non_exhaustive]
    OldFile {
        /// The recipe.
        recipe: Recipe,
        /// The old file's error.
        reason: Error,
    },
    /// The lengths of chunks are not those of the content, or beyond a limit.
    #[error("cannot split the content into chunks for {recipe}: {what}")]
    #[non_exhaustive]
    Chunks {
        /// The recipe.
        recipe: Recipe,
        /// What is wrong.
        what: String,
    },
    /// Compressed chunks could not be written to the scratch file, or read again.
    #[error("cannot keep what {recipe} makes in a scratch file: {reason}")]
    #[non_exhaustive]
    Scratch {
        /// The recipe.
        recipe: Recipe,
        /// The scratch file's error.
        reason: io::Error,
    },
    /// More or fewer open bytes were written than were announced.
    #[error("{found} open bytes were written for {recipe}, expected {expected}")]
    #[non_exhaustive]
    OpenSize {
        /// The recipe.
        recipe: Recipe,
        /// The open size that was announced, in bytes.
        expected: u64,
        /// Open bytes that were written.
        found: u64,
    },
    /// The compressed bytes could not be written.
    #[error("cannot write the end of what {recipe} makes: {reason}")]
    #[non_exhaustive]
    Output {
        /// The recipe.
        recipe: Recipe,
        /// The output's error.
        reason: io::Error,
    },
}
