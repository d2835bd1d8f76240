//! Runs of the program, command by command, in one test binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests"
)]

mod code_map;
mod config;
mod documents;
mod exact;
mod figures;
mod files;
mod generate;
mod hints;
mod history;
mod if_expired;
mod misbehaving;
mod names;
mod rebuilding;
mod recipes;
mod reference;
mod refresh;
mod refresh_zchunk;
#[path = "../../../delta-client/tests/support/server.rs"]
mod server;
mod shell;
mod signing;
mod special;
mod statuses;
mod stored;
mod support;
mod temporary;
mod terminal;
mod update;
mod versions;
mod withdraw;
#[path = "../../../delta-client/tests/support/zchunk.rs"]
mod zchunk;
