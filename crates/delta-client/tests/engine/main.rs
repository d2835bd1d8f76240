//! The whole `update`, on directories and on a transport that follows a script.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod beside;
mod budgets;
mod cache;
mod copies;
mod exact;
mod faults;
mod flight;
mod journal;
mod laws;
mod misfits;
mod one_file;
mod one_repomd;
mod reading;
mod rebuilding;
mod repo;
mod scripted;
mod sources;
mod trust;
mod zchunk;
#[path = "../support/zchunk.rs"]
mod zchunk_file;
mod zchunk_primary;
