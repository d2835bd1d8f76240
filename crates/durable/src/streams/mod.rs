//! Files that a person names: symlinks are followed, pipes and devices read from and
//! written to, and `-` is standard input or output.

mod input;
mod output;

pub use input::{Input, InputReader};
pub use output::Output;
