//! What a recipe makes of one chunk.

use encoders::ZstdFrames;

use super::MAX_DICTIONARY;
use crate::recipe::list::Method;
use crate::recipe::{RebuildError, Recipe};
use crate::zchunk::Shape;

/// Compresses chunks.
pub(super) struct Encoder {
    recipe: Recipe,
    /// Nothing where chunks are stored as they are.
    frames: Option<ZstdFrames>,
}

impl Encoder {
    /// An empty `dictionary` is none.
    pub(super) fn start(recipe: Recipe, shape: Shape, dictionary: &[u8]) -> Result<Self, RebuildError> {
        let failed = |reason| RebuildError::Encoder { recipe, reason };
        if dictionary.len() > MAX_DICTIONARY {
            let found = dictionary.len();
            return Err(failed(format!(
                "the dictionary has {found} bytes, more than the limit of {MAX_DICTIONARY}"
            )));
        }
        let Method::Zchunk { level, splitting } = recipe.entry().method else {
            return Err(failed("it makes no zchunk files".to_owned()));
        };
        let start = || ZstdFrames::new(level, splitting, dictionary);
        let frames = shape.compressed.then(start).transpose();
        Ok(Self { recipe, frames: frames.map_err(|error| failed(error.to_string()))? })
    }

    /// Makes `stored` what a file has for a chunk of this content, which is not empty.
    pub(super) fn compress(&mut self, open: &[u8], stored: &mut Vec<u8>) -> Result<(), RebuildError> {
        let Some(frames) = &mut self.frames else {
            stored.clear();
            stored.extend_from_slice(open);
            return Ok(());
        };
        let done = frames.compress(open, stored);
        done.map_err(|error| RebuildError::Encoder { recipe: self.recipe, reason: error.to_string() })
    }
}
