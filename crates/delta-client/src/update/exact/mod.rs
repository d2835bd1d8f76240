//! Exact copies: files that are the publisher's to the byte, though they were
//! not downloaded.
//!
//! Here it is decided which files can be had so, and by which recipe. That a
//! recipe gave the right file is proven where the file is stored.

mod names;
mod primary;
mod search;
mod storage;

pub(super) use names::exact_name;
pub(super) use primary::{is_follower, read_primary};
pub(super) use storage::{choose_storage, choose_storage_alone, mark_exact};
