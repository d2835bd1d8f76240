//! What the development tasks share: where things are, how other programs are run, which of
//! them are needed, the systems that have them, and the packages of the demonstration
//! repository.
//!
//! None of the workspace's own libraries is linked here, so that `cargo xtask` itself is built
//! in seconds.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "what these tasks find out is for the terminal"
)]
#![allow(clippy::must_use_candidate, reason = "only these tasks call it")]
#![allow(clippy::disallowed_methods, reason = "scratch files need none of the care that published files do")]

pub mod counting;
pub mod libraries;
pub mod packages;
pub mod paths;
pub mod process;
pub mod python;
pub mod random;
pub mod systems;
pub mod table;
pub mod task;
pub mod tools;
pub mod web;
