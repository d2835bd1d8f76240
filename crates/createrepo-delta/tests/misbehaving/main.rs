//! `update` as a whole, against a web server over loopback that misbehaves on
//! purpose. Each case says what is printed, what was fetched, and that the
//! cache is as it was or new, as a whole.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests")]

mod case;
mod deltas;
mod flight;
mod full;
mod interrupted;
mod mirrors;
mod repomd_xml;
#[path = "../../../delta-client/tests/support/server.rs"]
mod server;
mod signed;
#[path = "../support/mod.rs"]
mod support;
