//! What the fuzz targets share: metadata files spelled by a few bytes, changes
//! to bytes, and sources that give their bytes in awkward pieces.
//!
//! The targets are in `fuzz_targets`, each with the property that it holds.
//! Inputs are read by rules of their own, not by derived ones, so that seeds and
//! findings can be read and written by people.

pub mod edits;
pub mod pieces;
pub mod sips;
