//! zstd: one frame as a stream, or many whole frames with one dictionary.

mod context;
mod frames;
mod stream;

pub use frames::ZstdFrames;
pub use stream::Zstd;

const LIBRARY: &str = "zstd";

/// How a frame is cut into blocks before they are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Splitting {
    /// As zstd 1.5.7 does: where the statistics of the content change.
    Default,
    /// Not at all, as its predecessors did (`ZSTD_c_blockSplitterLevel` is 1).
    Off,
}
