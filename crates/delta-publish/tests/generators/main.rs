//! Whatever a repository consists of and whoever wrote it: it is published, and a
//! client follows from each generation to the next.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::format_push_string,
    clippy::type_complexity,
    reason = "tests and their helpers"
)]

mod chunks;
mod compose;
mod publishes;
mod styles;
mod twins;
mod types;
